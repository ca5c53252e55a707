import torch
import torch.nn as nn


class ComplexConv2d(nn.Module):
    def __init__(self, n_in, n_out, kernel_size, padding=0):
        super().__init__()
        self.re = nn.Conv2d(n_in, n_out, kernel_size, padding=padding, bias=False)
        self.im = nn.Conv2d(n_in, n_out, kernel_size, padding=padding, bias=False)

    def forward(self, z):
        return torch.complex(self.re(z.real) - self.im(z.imag), self.re(z.imag) + self.im(z.real))
