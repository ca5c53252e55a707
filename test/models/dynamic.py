# idioms: dtype-argument, module-dicts, unknown-loops, unreadable
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 4, dtype=torch.cfloat)
        self.heads = nn.ModuleDict({"x": nn.Linear(4, 1, dtype=torch.cfloat)})

    def forward(self, z, steps):
        z = self.a(z)
        for _ in range(steps):
            z = torch.fft.fft(z)
        return self.heads["x"](z)
