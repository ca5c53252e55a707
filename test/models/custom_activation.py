# idioms: dtype-argument, own-activation
import torch
import torch.nn as nn


class Swish(nn.Module):
    def forward(self, z):
        return z * torch.sigmoid(z.abs()) + 0.1 * z


class SplitGelu(nn.Module):
    def __init__(self):
        super().__init__()
        self.gelu = nn.GELU()

    def forward(self, z):
        return self.gelu(z.real) + 1j * self.gelu(z.imag)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 7, dtype=torch.cdouble)
        self.swish = Swish()
        self.b = nn.Linear(7, 7, dtype=torch.cdouble)
        self.split = SplitGelu()
        self.c = nn.Linear(7, 1, dtype=torch.cdouble)

    def forward(self, z):
        return self.c(self.split(self.b(self.swish(self.a(z)))))
