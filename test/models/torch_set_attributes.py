# idioms: dtype-argument, set-attributes, range-loops, partial
from functools import partial

import torch
import torch.nn as nn
import torchcvnn.nn as c_nn

CLinear = partial(nn.Linear, dtype=torch.cfloat)


class NamedLayers(nn.Module):
    def __init__(self, sizes=(20, 40, 30, 10)):
        super().__init__()
        self.depth = len(sizes) - 1
        for i, (n, m) in enumerate(zip(sizes[:-1], sizes[1:])):
            setattr(self, f"fc{i}", CLinear(n, m))
            self.add_module("act%d" % i, c_nn.CTanh())
        self.register_module("drop", c_nn.Dropout(0.5))
        setattr(self, "out", CLinear(sizes[-1], 2, bias=False))

    def forward(self, z):
        for i in range(self.depth):
            z = getattr(self, f"fc{i}")(z)
            z = self._modules["act%d" % i](z)
        z = self.drop(z)
        return getattr(self, "out")(z)
