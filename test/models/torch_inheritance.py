# idioms: dtype-argument, inheritance, class-constants, own-activation
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn


class ComplexNetwork(nn.Module):
    """What the networks of this file share."""

    dtype = torch.cfloat
    width = 32
    activation = c_nn.CReLU

    def __init__(self, n_in, n_out, bias=True):
        super().__init__()
        self.first = nn.Linear(n_in, self.width, bias=bias, dtype=self.dtype)
        self.act = self.activation()
        self.body = self.build()
        self.last = nn.Linear(self.width, n_out, dtype=self.dtype)

    def build(self):
        return nn.Identity()

    def forward(self, z):
        return self.last(self.body(self.act(self.first(z))))


class Shallow(ComplexNetwork):
    def __init__(self, n_in=6):
        super().__init__(n_in, 2)


class Deep(ComplexNetwork):
    width = 16
    activation = c_nn.Cardioid

    def __init__(self, n_in=6, n_out=3, depth=2):
        self.depth = depth
        super(Deep, self).__init__(n_in, n_out, bias=False)

    def build(self):
        return nn.Sequential(*[nn.Linear(self.width, self.width, dtype=self.dtype) for _ in range(self.depth)])


class DeepModulus(Deep):
    def forward(self, z):
        z = super().forward(z)
        return z.abs()


class Stack(nn.Sequential):
    def __init__(self, n=5):
        super().__init__(nn.Linear(n, n, dtype=torch.cfloat), c_nn.CTanh(), nn.Linear(n, 1, dtype=torch.cfloat))
