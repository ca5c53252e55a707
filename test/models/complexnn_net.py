# idioms: blocks, concatenation, activation-by-class
import torch
import torch.nn as nn
from complexNN.nn import cAvgPool2d, cBatchNorm2d, cConv2d, cDropout, cElu, cLinear, cRelu, cSigmoid


class cBlock(nn.Module):
    def __init__(self, in_ch, out_ch, act=cRelu):
        super().__init__()
        self.conv = cConv2d(in_ch, out_ch, 3, padding=1)
        self.bn = cBatchNorm2d(out_ch)
        self.act = act()

    def forward(self, x):
        return self.act(self.bn(self.conv(x)))


class ComplexDoA(nn.Module):
    """Directions of arrival from covariance matrices of an array."""

    def __init__(self, sensors=8, grid=61):
        super().__init__()
        self.left = cBlock(1, 4)
        self.right = cBlock(1, 4, act=cElu)
        self.merge = cConv2d(8, 8, kernel_size=1, bias=True)
        self.pool = cAvgPool2d(2)
        self.flatten = nn.Flatten()
        self.drop = cDropout(0.1)
        self.fc = cLinear(8 * (sensors // 2) ** 2, grid)
        self.act = cSigmoid()

    def forward(self, x):
        a = self.left(x)
        b = self.right(x)
        x = self.merge(torch.cat([a, b], dim=1))
        x = self.flatten(self.pool(x))
        x = self.act(self.fc(self.drop(x)))
        return torch.abs(x)
