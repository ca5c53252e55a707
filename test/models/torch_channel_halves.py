# idioms: paired-layers, parts-along-axis, functional-activations, blocks
import torch
import torch.nn as nn
import torch.nn.functional as F


class ComplexConv1d(nn.Module):
    """The first half of the channels is real, the second imaginary."""

    def __init__(self, in_channels, out_channels, kernel_size=3, stride=1, padding=0):
        super(ComplexConv1d, self).__init__()
        self.real_conv = nn.Conv1d(in_channels // 2, out_channels // 2, kernel_size, stride=stride, padding=padding)
        self.imag_conv = nn.Conv1d(in_channels // 2, out_channels // 2, kernel_size, stride=stride, padding=padding)

    def forward(self, inputs):
        real, imag = torch.chunk(inputs, 2, dim=1)
        real2real = self.real_conv(real)
        imag2imag = self.imag_conv(imag)
        real2imag = self.imag_conv(real)
        imag2real = self.real_conv(imag)
        return torch.cat([real2real - imag2imag, real2imag + imag2real], dim=1)


class HalvesNet(nn.Module):
    def __init__(self, num_class=8):
        super(HalvesNet, self).__init__()
        self.conv1 = ComplexConv1d(2, 32, 5, padding=2)
        self.bn1 = nn.BatchNorm1d(32)
        self.conv2 = ComplexConv1d(32, 64, 3, stride=2, padding=1)
        self.pool = nn.AvgPool1d(2)
        self.conv3 = ComplexConv1d(64, 2 * num_class, 1)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.conv2(x))
        x = self.pool(x)
        return self.conv3(x)
