# idioms: made-real, dtype-argument, factories, activation-by-class, star-lists, list-building
import complextorch.nn as cvnn
import torch
import torch.nn as nn


def build(dtype, activation, widths=(9, 18, 18)):
    """The same layers with complex or with real weights."""
    layers = []
    for a, b in zip(widths[:-1], widths[1:]):
        layers.append(cvnn.Linear(a, b, dtype=dtype))
        layers.append(activation())
    layers.append(cvnn.Linear(widths[-1], 2, bias=False, dtype=dtype))
    return nn.Sequential(*layers)


complex_net = build(torch.cfloat, cvnn.CReLU)
real_net = build(torch.float32, nn.ReLU)


class RealConvNet(nn.Module):
    def __init__(self, dtype=torch.float32):
        super().__init__()
        kwargs = {"padding": 1, "dtype": dtype}
        self.conv1 = cvnn.Conv2d(2, 8, 3, **kwargs)
        self.conv2 = cvnn.Conv2d(8, 16, 3, stride=2, **kwargs)
        self.act = nn.GELU()
        self.fc = cvnn.Linear(16, 4, dtype=dtype)

    def forward(self, x):
        x = self.act(self.conv1(x))
        x = self.act(self.conv2(x))
        x = x.mean(dim=(-2, -1))
        return self.fc(x)
