# idioms: dtype-argument, conditional-choice, unknown-choice
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn

USE_CARDIOID = True


class KnownChoices(nn.Module):
    def __init__(self, n_in=24, n_out=4, bottleneck=True, depth=2, norm=None, dtype=None):
        super().__init__()
        dtype = dtype or torch.complex64
        width = 16 if bottleneck else 64
        self.inp = nn.Linear(n_in, width, dtype=dtype)
        self.norm = c_nn.BatchNorm1d(width) if norm is not None else nn.Identity()
        self.act = c_nn.Cardioid() if USE_CARDIOID and depth > 1 else c_nn.CReLU()
        if depth >= 3:
            self.mid = nn.Sequential(nn.Linear(width, width, dtype=dtype), self.act, nn.Linear(width, width, dtype=dtype))
        else:
            self.mid = nn.Linear(width, 2 * width, dtype=dtype)
            width *= 2
        self.skip = nn.Linear(n_in, width, bias=False, dtype=dtype) if n_in != width else None
        self.head = nn.Linear(width, n_out if n_out > 0 else 1, dtype=dtype)

    def forward(self, z):
        h = self.act(self.norm(self.inp(z)))
        h = self.mid(h)
        if self.skip is not None:
            h = h + self.skip(z)
        return self.head(h)


class UnknownChoices(nn.Module):
    def __init__(self, options):
        super().__init__()
        self.a = nn.Linear(8, 16 if options.wide else 8, dtype=torch.cfloat)
        self.act = c_nn.CReLU() if options.relu else c_nn.CTanh()
        self.b = nn.Linear(16, 2, dtype=torch.cfloat)

    def forward(self, z):
        z = self.act(self.a(z))
        if z.abs().max() > 10:
            z = z / 10
        return self.b(z)
