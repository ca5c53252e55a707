# idioms: list-building, module-lists, native-parts, parts-along-axis, shape-steps, example-input
# Grouped convolutions, a real batch norm over the parts side by side, and layers that no kernel is known of: as complextorch's CDSInvariant.
import torch
from complextorch import nn as cvnn
from torch import nn


class Grouped(nn.Module):
    def __init__(self, channels=2, classes=10, features=128):
        super().__init__()
        widths = [channels, 16, 32, 64]
        self.convs = nn.ModuleList(
            [
                cvnn.Conv2d(n, m, 3, stride=2, padding=1, padding_mode="reflect", groups=2**i, bias=False)
                for i, (n, m) in enumerate(zip(widths, widths[1:]))
            ]
        )
        self.divide = cvnn.PhaseDivConv2d(16, kernel_size=3, padding=1)
        self.acts = nn.ModuleList([cvnn.GTReLU(m, phase_scale=True) for m in widths[1:]])
        self.pool = cvnn.Conv2d(64, 64, 4, groups=64, bias=False)
        self.mix = cvnn.Conv2d(64, features, 1, groups=4, bias=False)
        self.norm = nn.BatchNorm1d(2 * features)
        self.features = features
        self.head = cvnn.PrototypeDistance(features, classes)

    def forward(self, z):
        for i, (conv, act) in enumerate(zip(self.convs, self.acts)):
            z = conv(z)
            if i == 0:
                z = self.divide(z)
            z = act(z)
        z = self.mix(self.pool(z))
        n = z.shape[0]
        parts = self.norm(torch.cat([z.real, z.imag], dim=1).reshape(n, -1))
        parts = parts.reshape(n, 2 * self.features, 1, 1)
        z = torch.complex(parts[:, : self.features], parts[:, self.features :])
        return self.head(z.flatten(2).mean(dim=2))


net = Grouped()
net(torch.randn(2, 2, 32, 32, dtype=torch.cfloat))
