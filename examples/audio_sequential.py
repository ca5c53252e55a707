"""Keyword spotting on one frame of a short-time Fourier transform, in plain PyTorch without a library for complex layers.

Needs: torch.
"""
from collections import OrderedDict

import torch
from torch import nn

BINS = 257
KEYWORDS = 10


class SplitTanh(nn.Module):
    """tanh on real and imaginary part apart."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return torch.complex(torch.tanh(z.real), torch.tanh(z.imag))


class Modulus(nn.Module):
    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return torch.abs(z)


model = nn.Sequential(OrderedDict([
    ("spectrum", nn.Linear(BINS, 256, dtype=torch.cfloat)),
    ("squash1", SplitTanh()),
    ("hidden", nn.Linear(256, 256, dtype=torch.cfloat)),
    ("squash2", SplitTanh()),
    ("drop", nn.Dropout(0.1)),
    ("scores", nn.Linear(256, KEYWORDS, dtype=torch.cfloat)),
    ("modulus", Modulus()),
]))


if __name__ == "__main__":
    print(model(torch.randn(3, BINS, dtype=torch.cfloat)).shape)
