# idioms: paired-layers, parts-along-axis, blocks, list-building, star-lists
"""Speech enhancement encoder in which the last axis holds real and imaginary part."""
import torch
import torch.nn as nn


class ComplexConv2d(nn.Module):
    def __init__(self, in_channel, out_channel, kernel_size, stride=1, padding=0, bias=True):
        super().__init__()
        self.conv_re = nn.Conv2d(in_channel, out_channel, kernel_size, stride=stride, padding=padding, bias=bias)
        self.conv_im = nn.Conv2d(in_channel, out_channel, kernel_size, stride=stride, padding=padding, bias=bias)

    def forward(self, x):
        real = self.conv_re(x[..., 0]) - self.conv_im(x[..., 1])
        imaginary = self.conv_re(x[..., 1]) + self.conv_im(x[..., 0])
        return torch.stack((real, imaginary), dim=-1)


class ComplexBatchNorm2d(nn.Module):
    def __init__(self, num_features):
        super().__init__()
        self.bn_re = nn.BatchNorm2d(num_features)
        self.bn_im = nn.BatchNorm2d(num_features)

    def forward(self, x):
        real = self.bn_re(x[..., 0])
        imag = self.bn_im(x[..., 1])
        return torch.stack((real, imag), dim=-1)


class Encoder(nn.Module):
    def __init__(self, in_channel, out_channel, kernel_size, stride, padding):
        super().__init__()
        self.conv = ComplexConv2d(in_channel, out_channel, kernel_size, stride, padding)
        self.bn = ComplexBatchNorm2d(out_channel)
        self.leaky_relu = nn.LeakyReLU(0.1)

    def forward(self, x):
        return self.leaky_relu(self.bn(self.conv(x)))


class SpeechEncoder(nn.Module):
    def __init__(self, channels=(1, 16, 32, 32)):
        super().__init__()
        encoders = []
        for i in range(len(channels) - 1):
            encoders.append(Encoder(channels[i], channels[i + 1], (5, 3), (2, 1), (2, 1)))
        self.encoders = nn.Sequential(*encoders)
        self.mask = ComplexConv2d(channels[-1], 1, 1)

    def forward(self, spec):
        return self.mask(self.encoders(spec))
