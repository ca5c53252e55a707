# idioms: blocks, list-building, star-lists, example-input, functional-activations
"""RadioML-like classifier with complextorch."""
import complextorch as cT
import torch
import torch.nn as nn
from torchinfo import summary


class ConvUnit(nn.Module):
    def __init__(self, n_in, n_out, kernel_size=7, pool=2):
        super().__init__()
        self.conv = cT.nn.Conv1d(n_in, n_out, kernel_size, padding=kernel_size // 2)
        self.norm = cT.nn.BatchNorm1d(n_out)
        self.act = cT.nn.CVSplitReLU()
        self.pool = cT.nn.AvgPool1d(pool)

    def forward(self, x):
        return self.pool(self.act(self.norm(self.conv(x))))


class ModulationNet(nn.Module):
    def __init__(self, n_classes=24, widths=(1, 16, 32), length=128):
        super().__init__()
        blocks = [ConvUnit(a, b) for a, b in zip(widths[:-1], widths[1:])]
        self.features = nn.Sequential(*blocks)
        n = widths[-1] * (length // 2 ** len(blocks))
        self.fc = nn.Sequential(
            nn.Flatten(),
            cT.nn.Linear(n, 64),
            cT.nn.CVPolarTanh(),
            cT.nn.Dropout(0.2),
            cT.nn.Linear(64, n_classes),
        )
        self.mag = cT.nn.Mod()

    def forward(self, x):
        x = self.features(x)
        x = self.fc(x)
        return torch.softmax(self.mag(x), dim=-1)


if __name__ == "__main__":
    model = ModulationNet()
    summary(model, input_size=(32, 1, 128), dtypes=[torch.cfloat])
