# idioms: dtype-argument, concatenation, range-loops, module-lists, own-activation, blocks, example-input
import torch
import torch.nn as nn
import torch.nn.functional as F


def crelu(z):
    return F.relu(z.real) + 1j * F.relu(z.imag)


class DoubleConv(nn.Module):
    def __init__(self, n_in, n_out):
        super(DoubleConv, self).__init__()
        self.conv1 = nn.Conv2d(n_in, n_out, 3, padding=1, dtype=torch.complex64)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, padding=1, dtype=torch.complex64)

    def forward(self, z):
        z = crelu(self.conv1(z))
        return crelu(self.conv2(z))


class ComplexUNet(nn.Module):
    """Denoiser of complex images, e.g. of a single coil in MRI."""

    def __init__(self, in_channels=1, out_channels=2, features=(8, 16, 32)):
        super(ComplexUNet, self).__init__()
        self.downs = nn.ModuleList()
        self.halve = nn.ModuleList()
        self.ups = nn.ModuleList()

        for feature in features:
            self.downs.append(DoubleConv(in_channels, feature))
            self.halve.append(nn.Conv2d(feature, feature, 2, stride=2, dtype=torch.complex64))
            in_channels = feature

        for feature in reversed(features):
            self.ups.append(nn.ConvTranspose2d(feature * 2, feature, kernel_size=2, stride=2, dtype=torch.complex64))
            self.ups.append(DoubleConv(feature * 2, feature))

        self.bottleneck = DoubleConv(features[-1], features[-1] * 2)
        self.final = nn.Conv2d(features[0], out_channels, kernel_size=1, dtype=torch.complex64)

    def forward(self, z):
        skips = []
        for down, halve in zip(self.downs, self.halve):
            z = down(z)
            skips.append(z)
            z = halve(z)

        z = self.bottleneck(z)
        skips = skips[::-1]

        for i in range(0, len(self.ups), 2):
            z = self.ups[i](z)
            skip = skips[i // 2]
            z = torch.cat((skip, z), dim=1)
            z = self.ups[i + 1](z)

        return self.final(z)


def test():
    x = torch.randn((3, 1, 64, 64), dtype=torch.complex64)
    model = ComplexUNet()
    preds = model(x)
    assert preds.shape[2:] == x.shape[2:]


if __name__ == "__main__":
    test()
