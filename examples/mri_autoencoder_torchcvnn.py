"""Denoising of complex magnetic resonance images: a small convolutional encoder and a dense bottleneck.

Needs: torch, torchcvnn.
"""
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn

cdtype = torch.complex64


def conv_block(channels_in: int, channels_out: int) -> list:
    """A convolution, a normalisation, a cardioid, and half the resolution."""
    return [
        nn.Conv2d(channels_in, channels_out, kernel_size=3, padding=1, dtype=cdtype),
        c_nn.BatchNorm2d(channels_out),
        c_nn.Cardioid(),
        c_nn.AvgPool2d(kernel_size=2, stride=2),
    ]


class Bottleneck(nn.Module):
    """Dense code in the middle of the network."""

    def __init__(self, features: int, code: int) -> None:
        super().__init__()
        self.down = nn.Linear(features, code, dtype=cdtype)
        self.act = c_nn.modReLU()
        self.up = nn.Linear(code, features, dtype=cdtype)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.up(self.act(self.down(z)))


class MriAutoencoder(nn.Module):
    """From a 32 x 32 complex image to an image of the same size."""

    def __init__(self, size: int = 32, width: int = 16, code: int = 64) -> None:
        super().__init__()
        blocks = conv_block(1, width) + conv_block(width, 2 * width)
        self.encoder = nn.Sequential(*blocks)
        features = 2 * width * (size // 4) ** 2
        self.bottleneck = Bottleneck(features, code)
        self.decoder = nn.Linear(features, size * size, dtype=cdtype)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        z = self.encoder(image)
        z = z.view(z.size(0), -1)
        z = self.bottleneck(z)
        return self.decoder(z)


if __name__ == "__main__":
    print(MriAutoencoder()(torch.randn(2, 1, 32, 32, dtype=cdtype)).shape)
