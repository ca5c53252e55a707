# idioms: blocks, functional-activations, unreadable
import torch
import torchcomplex.nn as nn
import torchcomplex.nn.functional as cF
from torch.nn import Module, Sequential


class KSpaceNet(Module):
    def __init__(self, channels=1, width=12):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, padding=1)
        self.act1 = nn.CReLU()
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.act2 = nn.zReLU()
        self.pool = nn.MaxPool2d(2)
        self.up = nn.ConvTranspose2d(width, width, 2, stride=2)
        self.out = nn.Conv2d(width, channels, 1, complex_weights=False)

    def forward(self, x):
        x = self.act1(self.conv1(x))
        x = self.act2(self.conv2(x))
        x = self.pool(x)
        x = cF.crelu(self.up(x))
        return self.out(x)


dense = Sequential(
    nn.Linear(30, 20, bias=False),
    nn.CGELU(),
    nn.Linear(20, 20),
    nn.Hirose(m_sqaure=2.0),
    nn.Linear(20, 20, bias=False),
    nn.CSiLU(),
    nn.Linear(20, 5),
)
