# idioms: own-parameters, module-lists, range-loops, blocks
# Dense layers that are products with a parameter, of the sizes that the recorded cMLP of complexNN has.
import torch
from complexNN.nn import cGelu
from torch import nn


class Dense(nn.Module):
    def __init__(self, n, m):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(m, n, dtype=torch.cfloat))
        self.bias = nn.Parameter(torch.zeros(1, m, dtype=torch.cfloat))
        nn.init.xavier_normal_(self.weight)

    def forward(self, x):
        return torch.matmul(x, self.weight.T) + self.bias


class Products(nn.Module):
    def __init__(self, sizes=(4, 8, 8, 8, 3)):
        super().__init__()
        self.layers = nn.ModuleList([Dense(n, m) for n, m in zip(sizes, sizes[1:])])
        self.act = cGelu()

    def forward(self, x):
        for i in range(len(self.layers) - 1):
            x = self.act(self.layers[i](x))
        return self.layers[-1](x)
