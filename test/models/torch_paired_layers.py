# idioms: paired-layers, native-parts, own-activation, functional-activations, blocks
import torch
import torch.nn as nn
import torch.nn.functional as F


class ComplexConv1d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        super().__init__()
        self.conv_re = nn.Conv1d(in_channels, out_channels, kernel_size, stride, padding, bias=bias)
        self.conv_im = nn.Conv1d(in_channels, out_channels, kernel_size, stride, padding, bias=bias)

    def forward(self, x):
        real = self.conv_re(x.real) - self.conv_im(x.imag)
        imag = self.conv_re(x.imag) + self.conv_im(x.real)
        return torch.complex(real, imag)


class ComplexLinear(nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        self.fc_r = nn.Linear(in_features, out_features)
        self.fc_i = nn.Linear(in_features, out_features)

    def forward(self, z):
        re, im = z.real, z.imag
        return (self.fc_r(re) - self.fc_i(im)) + 1j * (self.fc_r(im) + self.fc_i(re))


class ComplexReLU(nn.Module):
    def forward(self, z):
        return F.relu(z.real).type(torch.complex64) + 1j * F.relu(z.imag).type(torch.complex64)


class IQClassifier(nn.Module):
    """Modulation classifier on complex baseband samples of shape (1, 1024)."""

    def __init__(self, n_classes=11):
        super().__init__()
        self.features = nn.Sequential(
            ComplexConv1d(1, 16, 7, stride=2, padding=3),
            ComplexReLU(),
            ComplexConv1d(16, 32, 5, stride=2, padding=2, bias=False),
            ComplexReLU(),
        )
        self.fc = ComplexLinear(32, n_classes)

    def forward(self, x):
        x = self.features(x)
        x = x.mean(dim=-1)
        x = self.fc(x)
        return F.log_softmax(x.abs(), dim=-1)
