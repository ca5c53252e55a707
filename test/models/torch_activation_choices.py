# idioms: dtype-argument, activation-by-string, activation-by-class, activation-instance, activation-lambda, partial, own-activation, factories
from functools import partial

import torch
import torch.nn as nn
import torch.nn.functional as F

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "gelu": nn.GELU}


def get_activation(name):
    if name == "relu":
        return nn.ReLU()
    elif name == "tanh":
        return nn.Tanh()
    raise ValueError(f"unknown activation {name}")


def mod_relu(z, bias=0.0):
    return torch.relu(z.abs() + bias) * torch.exp(1j * z.angle())


class Split(nn.Module):
    """A real activation on real and imaginary part."""

    def __init__(self, act):
        super().__init__()
        self.act = act

    def forward(self, z):
        return torch.complex(self.act(z.real), self.act(z.imag))


class ChoiceNet(nn.Module):
    def __init__(self, width=16, by_name="relu", by_class=nn.Tanh, instance=None, fn=torch.sigmoid):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(width, width, dtype=torch.cfloat) for _ in range(8)])
        self.act1 = Split(get_activation(by_name))
        self.act2 = Split(ACTIVATIONS["gelu"]())
        self.act3 = Split(by_class())
        self.act4 = Split(nn.LeakyReLU(0.1) if instance is None else instance)
        self.act5 = lambda z: torch.complex(F.elu(z.real), F.elu(z.imag))
        self.act6 = partial(mod_relu, bias=-0.2)
        self.act7 = Split(getattr(nn, "SiLU")())
        self.act8 = Split(fn)
        self.out = nn.Linear(width, 1, dtype=torch.cfloat)

    def forward(self, z):
        z = self.act1(self.layers[0](z))
        z = self.act2(self.layers[1](z))
        z = self.act3(self.layers[2](z))
        z = self.act4(self.layers[3](z))
        z = self.act5(self.layers[4](z))
        z = self.act6(self.layers[5](z))
        z = self.act7(self.layers[6](z))
        z = self.act8(self.layers[7](z))
        return self.out(z)
