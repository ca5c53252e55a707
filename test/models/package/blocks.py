import torch
from torch import nn

from .activations import CELU
from .layers.conv import ComplexConv2d


class ConvBlock(nn.Module):
    def __init__(self, n_in, n_out, kernel_size=3):
        super().__init__()
        self.conv = ComplexConv2d(n_in, n_out, kernel_size, padding=kernel_size // 2)
        self.act = CELU()

    def forward(self, z):
        return self.act(self.conv(z))


def make_head(n_in, classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(n_in, classes, dtype=torch.cfloat))
