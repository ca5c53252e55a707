# idioms: dtype-argument, initialisers
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(10, 20, dtype=torch.cfloat)
        self.b = nn.Linear(20, 20, dtype=torch.cfloat)
        self.c = nn.Linear(20, 1, bias=False, dtype=torch.cfloat)
        self.apply(self._init)
        c_nn.init.complex_xavier_uniform_(self.b.weight, nonlinearity="linear")
        self.c.weight.data.normal_(0, 0.5)

    @staticmethod
    def _init(m):
        if isinstance(m, nn.Linear):
            nn.init.kaiming_uniform_(m.weight, nonlinearity="relu")
            if m.bias is not None:
                nn.init.zeros_(m.bias)

    def forward(self, z):
        return self.c(c_nn.functional.unknown_thing(self.b(self.a(z)))) if False else self.c(self.b(self.a(z)))
