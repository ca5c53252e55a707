# idioms: dtype-argument, unknown-choice
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 4, dtype=torch.cfloat)
        self.noise = c_nn.Dropout(0.3)
        self.b = nn.Linear(4, 1, dtype=torch.cfloat)

    def forward(self, z):
        z = self.a(z)
        if self.training:
            z = self.noise(z)
        if z.shape[0] > 3:
            z = c_nn.CReLU()(z)
        return self.b(z)
