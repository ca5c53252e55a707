# idioms: other-file, paired-layers, own-activation, dtype-argument, example-input
import torch
import torch.nn as nn

import package.blocks as blocks
from package import Activation, make_head
from package.layers.conv import ComplexConv2d as Conv


class ImportedNet(nn.Module):
    def __init__(self, channels=6, size=12, classes=4):
        super().__init__()
        self.stem = Conv(1, channels, 1)
        self.act = Activation(alpha=0.5)
        self.block1 = blocks.ConvBlock(channels, 2 * channels)
        self.block2 = blocks.ConvBlock(2 * channels, 2 * channels, kernel_size=5)
        self.head = make_head(2 * channels * size ** 2, classes)

    def forward(self, z):
        z = self.act(self.stem(z))
        z = self.block1(z)
        z = z + self.block2(z)
        return self.head(z)


if __name__ == "__main__":
    net = ImportedNet()
    net(torch.zeros(2, 1, 12, 12, dtype=torch.cfloat))
