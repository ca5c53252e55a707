# idioms: dtype-argument, own-parameters, own-activation, paired-layers
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class ComplexConv2d(nn.Module):
    """Weights kept as two real parameters, joined at each call."""

    def __init__(self, in_channels, out_channels, kernel_size, padding=0):
        super().__init__()
        self.padding = padding
        self.weight_re = nn.Parameter(torch.empty(out_channels, in_channels, kernel_size, kernel_size))
        self.weight_im = nn.Parameter(torch.empty(out_channels, in_channels, kernel_size, kernel_size))
        self.reset_parameters()

    def reset_parameters(self):
        nn.init.kaiming_uniform_(self.weight_re, a=math.sqrt(5))
        nn.init.kaiming_uniform_(self.weight_im, a=math.sqrt(5))

    def forward(self, z):
        weight = torch.complex(self.weight_re, self.weight_im)
        return F.conv2d(z, weight, padding=self.padding)


class ComplexLinear(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(n_out, n_in, dtype=torch.cfloat))
        self.bias = nn.Parameter(torch.zeros(n_out, dtype=torch.cfloat))
        nn.init.xavier_normal_(self.weight)

    def forward(self, z):
        return F.linear(z, self.weight, self.bias)


class Readout(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.w = nn.Parameter(torch.randn(n_in, n_out, dtype=torch.cfloat) / math.sqrt(n_in))

    def forward(self, z):
        return z @ self.w


class ParameterNet(nn.Module):
    def __init__(self, size=16):
        super().__init__()
        self.conv = ComplexConv2d(1, 4, 3, padding=1)
        self.fc = ComplexLinear(4 * size * size, 32)
        self.out = Readout(32, 3)

    def forward(self, z):
        z = self.conv(z)
        z = torch.complex(torch.tanh(z.real), torch.tanh(z.imag))
        z = z.view(z.shape[0], -1)
        z = self.fc(z)
        z = torch.complex(F.relu(z.real), F.relu(z.imag))
        return self.out(z)


net = ParameterNet()
y = net(torch.randn(1, 1, 16, 16, dtype=torch.cfloat))
