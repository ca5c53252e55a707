# idioms: dtype-argument, module-reuse
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(5, 5, dtype=torch.cfloat)
        self.act = c_nn.Cardioid()

    def forward(self, z):
        return self.lin(self.act(self.lin(z)))
