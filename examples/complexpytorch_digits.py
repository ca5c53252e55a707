"""Digits from their two-dimensional Fourier transform, with complexPyTorch.

Needs: torch, complexPyTorch.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F
from complexPyTorch.complexFunctions import complex_avg_pool2d, complex_relu
from complexPyTorch.complexLayers import ComplexBatchNorm2d, ComplexConv2d, ComplexLinear


class ComplexDigits(nn.Module):
    """Two convolutions with average pools, two dense layers, scores from the modulus."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = ComplexConv2d(1, 10, 5, 1)
        self.norm = ComplexBatchNorm2d(10)
        self.conv2 = ComplexConv2d(10, 20, 5, 1)
        self.fc1 = ComplexLinear(4 * 4 * 20, 500)
        self.fc2 = ComplexLinear(500, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = complex_relu(self.conv1(x))
        x = complex_avg_pool2d(x, 2, 2)
        x = self.norm(x)
        x = complex_relu(self.conv2(x))
        x = complex_avg_pool2d(x, 2, 2)
        x = x.view(-1, 4 * 4 * 20)
        x = complex_relu(self.fc1(x))
        x = self.fc2(x)
        return F.log_softmax(x.abs(), dim=1)


if __name__ == "__main__":
    print(ComplexDigits()(torch.randn(2, 1, 28, 28, dtype=torch.cfloat)).shape)
