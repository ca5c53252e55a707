# idioms: dtype-argument, own-activation, native-parts, unreadable
"""Activations that published code writes by hand: radial, split, general formulas, and one that is no function of one number."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class PhaseTanh(nn.Module):
    """tanh of the modulus, the phase kept."""

    def forward(self, z):
        return torch.tanh(torch.abs(z)) * torch.exp(1j * torch.angle(z))


class SplitLeaky(nn.Module):
    def __init__(self, slope=0.2):
        super().__init__()
        self.slope = slope

    def forward(self, z):
        re = F.leaky_relu(z.real, self.slope)
        im = F.leaky_relu(z.imag, self.slope)
        return torch.complex(re, im)


def squash(z, c=1.0):
    return z / (c + z.abs())


class RealGate(nn.Module):
    def forward(self, z):
        return z * torch.sigmoid(z.real)


class ModReLU(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.b = nn.Parameter(torch.zeros(features))

    def forward(self, z):
        mag = torch.abs(z)
        return F.relu(mag + self.b) * z / (mag + 1e-6)


class TopK(nn.Module):
    """Keeps the k largest of a vector."""

    def __init__(self, k):
        super().__init__()
        self.k = k

    def forward(self, z):
        mag = z.abs()
        limit = mag.topk(self.k, dim=-1).values[..., -1:]
        return torch.where(mag >= limit, z, torch.zeros_like(z))


class ActivationZoo(nn.Module):
    def __init__(self, n=20):
        super().__init__()
        self.fc1 = nn.Linear(10, n, dtype=torch.cfloat)
        self.fc2 = nn.Linear(n, n, dtype=torch.cfloat)
        self.fc3 = nn.Linear(n, n, dtype=torch.cfloat)
        self.fc4 = nn.Linear(n, n, dtype=torch.cfloat)
        self.fc5 = nn.Linear(n, n, dtype=torch.cfloat)
        self.fc6 = nn.Linear(n, n, dtype=torch.cfloat)
        self.fc7 = nn.Linear(n, 1, dtype=torch.cfloat)
        self.phase_tanh = PhaseTanh()
        self.leaky = SplitLeaky()
        self.gate = RealGate()
        self.mod_relu = ModReLU(n)
        self.top = TopK(5)

    def forward(self, z):
        z = self.phase_tanh(self.fc1(z))
        z = self.leaky(self.fc2(z))
        z = squash(self.fc3(z))
        z = self.gate(self.fc4(z))
        z = self.mod_relu(self.fc5(z))
        z = self.top(self.fc6(z))
        return self.fc7(z)
