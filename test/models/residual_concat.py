# idioms: dtype-argument, blocks, concatenation
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn


class Block(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.lin = nn.Linear(n, n, dtype=torch.cfloat)
        self.act = c_nn.CReLU()

    def forward(self, z):
        return z + self.lin(self.act(z))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(8, 16, dtype=torch.cfloat)
        self.block1 = Block(16)
        self.block2 = Block(16)
        self.last = nn.Linear(32, 2, dtype=torch.cfloat)

    def forward(self, z):
        z = self.first(z)
        a = self.block1(z)
        b = self.block2(a)
        return self.last(torch.cat([a, b], dim=1))
