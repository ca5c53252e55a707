# idioms: dtype-argument, lightning, blocks
import torch
import torch.nn as nn
import lightning as L
import torchcvnn.nn as c_nn


class Backbone(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(n, 6, dtype=torch.cfloat), c_nn.zReLU())

    def forward(self, z):
        return self.net(z)


class Task(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.backbone = Backbone(n=9)
        self.head = nn.Linear(6, 2, dtype=torch.cfloat)

    def forward(self, z):
        return self.head(self.backbone(z)).abs()

    def training_step(self, batch, _):
        return self(batch[0]).mean()
