# idioms: dtype-argument, dummy-forward, example-input
"""The size of the first dense layer is measured by running the convolutions once."""
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn


class MeasuredNet(nn.Module):
    def __init__(self, input_size=(2, 20, 20), classes=7):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(input_size[0], 6, 5, dtype=torch.cfloat),
            c_nn.CReLU(),
            c_nn.AvgPool2d(2, 2),
            nn.Flatten(),
        )
        with torch.no_grad():
            dummy = torch.zeros((1,) + input_size, dtype=torch.cfloat)
            n = self.conv(dummy).shape[1]
        self.fc = nn.Linear(n, classes, dtype=torch.cfloat)

    def forward(self, x):
        return self.fc(self.conv(x))
