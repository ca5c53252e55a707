# idioms: dtype-argument, module-reuse, range-loops, list-times, star-lists
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn


class Unrolled(nn.Module):
    """Iterations of a recovery algorithm with the same weights in each."""

    def __init__(self, n=14, steps=3):
        super().__init__()
        self.steps = steps
        self.inp = nn.Linear(n, n, dtype=torch.cfloat)
        self.update = nn.Linear(n, n, bias=False, dtype=torch.cfloat)
        self.shrink = c_nn.CTanh()

    def forward(self, y):
        x = self.inp(y)
        for _ in range(self.steps):
            x = x + self.update(self.shrink(x))
        return x


class Repeated(nn.Module):
    def __init__(self):
        super().__init__()
        # One and the same pair of modules, three times.
        self.net = nn.Sequential(*[nn.Linear(7, 7, dtype=torch.cfloat), c_nn.CReLU()] * 3)
        self.out = nn.Linear(7, 1, dtype=torch.cfloat)

    def forward(self, z):
        return self.out(self.net(z))
