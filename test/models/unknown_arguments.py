# idioms: unknown-arguments
import torch
import torch.nn as nn
import complextorch.nn as cvnn


class Net(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.a = cvnn.Linear(cfg.n_in, cfg.width)
        self.act = cvnn.modReLU(bias=cfg.bias)
        self.b = cvnn.Linear(cfg.width, 1)

    def forward(self, z):
        return self.b(self.act(self.a(z)))
