# idioms: dtype-argument, config, dataclass, range-loops, list-building, star-lists
from dataclasses import dataclass, field
from typing import List

import torch
import torch.nn as nn
import torchcvnn.nn as c_nn

CONFIG = {
    "in_features": 40,
    "hidden": [64, 32],
    "classes": 6,
    "activation": "cardioid",
    "dropout": {"rate": 0.1},
}

ACTS = dict(cardioid=c_nn.Cardioid, crelu=c_nn.CReLU)


class ConfigNet(nn.Module):
    def __init__(self, cfg=CONFIG):
        super().__init__()
        sizes = [cfg["in_features"], *cfg["hidden"]]
        layers = []
        for n, m in zip(sizes, sizes[1:]):
            layers.append(nn.Linear(n, m, dtype=torch.cfloat))
            layers.append(ACTS[cfg["activation"]]())
            if cfg["dropout"]["rate"] > 0:
                layers.append(c_nn.Dropout(cfg["dropout"]["rate"]))
        self.body = nn.Sequential(*layers)
        self.head = nn.Linear(sizes[-1], cfg.get("classes", 2), dtype=torch.cfloat)

    def forward(self, z):
        return self.head(self.body(z))


@dataclass
class EchoConfig:
    n_range: int = 16
    n_doppler: int = 8
    widths: List[int] = field(default_factory=lambda: [12, 6])
    bias: bool = False

    @property
    def n_in(self):
        return self.n_range * self.n_doppler


class EchoNet(nn.Module):
    def __init__(self, config: EchoConfig):
        super().__init__()
        self.config = config
        self.fc = nn.ModuleList()
        n = config.n_in
        for width in config.widths:
            self.fc.append(nn.Linear(n, width, bias=config.bias, dtype=torch.cfloat))
            n = width
        self.act = c_nn.CTanh()
        self.flatten = nn.Flatten()

    def forward(self, z):
        z = self.flatten(z)
        for layer in self.fc:
            z = self.act(layer(z))
        return z


echo = EchoNet(EchoConfig(n_doppler=4))
