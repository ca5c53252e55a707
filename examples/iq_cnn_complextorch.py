"""Modulation recognition from raw IQ samples: a convolutional network with complextorch.

Needs: torch, complextorch.
"""
import complextorch.nn as cvnn
import torch
import torch.nn as nn


class IqCnn(nn.Module):
    """Two convolutions over time, one dense layer, scores from the modulus."""

    def __init__(self, classes: int = 7) -> None:
        super().__init__()
        self.conv1 = cvnn.Conv1d(1, 32, 9, stride=4, padding=4)
        self.act1 = cvnn.CVCardiod()
        self.conv2 = cvnn.Conv1d(32, 64, 5, stride=2, padding=2)
        self.act2 = cvnn.modReLU(bias=-0.05)
        self.fc = cvnn.Linear(64 * 16, classes)
        self.out = cvnn.Mod()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.act1(self.conv1(x))
        x = self.act2(self.conv2(x))
        return self.out(self.fc(x.flatten(1)))


if __name__ == "__main__":
    print(IqCnn()(torch.randn(2, 1, 128, dtype=torch.cfloat)).shape)
