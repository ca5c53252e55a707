# idioms: paired-layers, two-streams, functional-activations, blocks
import torch
import torch.nn as nn
import torch.nn.functional as F


class ComplexLinear(nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        self.fc_r = nn.Linear(in_features, out_features)
        self.fc_i = nn.Linear(in_features, out_features)

    def forward(self, input_r, input_i):
        return self.fc_r(input_r) - self.fc_i(input_i), self.fc_r(input_i) + self.fc_i(input_r)


def complex_relu(input_r, input_i):
    return F.relu(input_r), F.relu(input_i)


class ChannelEstimator(nn.Module):
    """From received pilots to channel gains; both are given as two tensors."""

    def __init__(self, pilots=16, hidden=64, taps=8):
        super().__init__()
        self.fc1 = ComplexLinear(pilots, hidden)
        self.fc2 = ComplexLinear(hidden, hidden)
        self.fc3 = ComplexLinear(hidden, taps)

    def forward(self, x_real, x_imag):
        xr, xi = self.fc1(x_real, x_imag)
        xr, xi = complex_relu(xr, xi)
        xr, xi = self.fc2(xr, xi)
        xr, xi = torch.tanh(xr), torch.tanh(xi)
        xr, xi = self.fc3(xr, xi)
        return xr, xi
