# idioms: half-typed
import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 4, dtype=torch.cfloat)
        self.b = nn.Linear(4,

    def forward(self, z):
        return self.a(z
