"""Modulation recognition on raw IQ samples with a dense complex network.

A sample is 128 consecutive complex baseband values; the classes are BPSK, QPSK, 8PSK, 16QAM, 64QAM, FM and AM.
Needs: torch, complextorch.
"""
import torch
import torch.nn as nn
import complextorch.nn as cvnn

WINDOW = 128
HIDDEN = 512
CLASSES = 7


class RadioClassifier(nn.Module):
    """Three hidden layers that keep the phase, and a modulus as read-out: class scores do not depend on the carrier's phase."""

    def __init__(self, window: int = WINDOW, hidden: int = HIDDEN, classes: int = CLASSES) -> None:
        super().__init__()
        self.fc1 = cvnn.Linear(window, hidden)
        self.act1 = cvnn.modReLU(bias=-0.2)
        self.fc2 = cvnn.Linear(hidden, hidden)
        self.act2 = cvnn.modReLU(bias=-0.2)
        self.fc3 = cvnn.Linear(hidden, hidden)
        self.act3 = cvnn.CReLU()
        self.head = cvnn.Linear(hidden, classes)
        for layer in (self.fc1, self.fc2, self.fc3, self.head):
            cvnn.init.kaiming_normal_(layer.linear.weight, nonlinearity="relu")
            nn.init.zeros_(layer.linear.bias)

    def forward(self, iq: torch.Tensor) -> torch.Tensor:
        z = self.act1(self.fc1(iq))
        z = self.act2(self.fc2(z))
        z = self.act3(self.fc3(z))
        return self.head(z).abs()


if __name__ == "__main__":
    model = RadioClassifier()
    burst = torch.randn(4, WINDOW, dtype=torch.cfloat)
    print(model(burst).shape)
