# idioms: blocks, module-lists, range-loops, attention, shape-steps, example-input
# A vision transformer with a class token and learned positions, over complextorch's layers, of the sizes that the recorded ViT has.
import torch
import complextorch.nn as cvnn
from torch import nn


class FeedForward(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.before = cvnn.LayerNorm(width, eps=1e-5)
        self.net = nn.Sequential(cvnn.Linear(width, hidden), cvnn.CGELU(), cvnn.Linear(hidden, width), cvnn.Dropout(0.0))

    def forward(self, x):
        return x + self.net(self.before(x))


class Layer(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.attend = cvnn.MultiheadAttention(heads, width, width // heads, width // heads, dropout=0.0)
        self.feed = FeedForward(width, hidden)

    def forward(self, x):
        return self.feed(self.attend(x, x, x))


class Patches(nn.Module):
    def __init__(self, side=32, patch=8, classes=10, width=24, depth=2, heads=3, hidden=48):
        super().__init__()
        assert width % heads == 0
        self.embed = cvnn.Conv2d(1, width, kernel_size=patch, stride=patch)
        self.token = nn.Parameter(torch.randn(1, 1, width, dtype=torch.complex64))
        self.positions = nn.Parameter(torch.randn(1, (side // patch) ** 2 + 1, width, dtype=torch.complex64))
        self.drop = cvnn.Dropout(0.0)
        self.layers = nn.ModuleList(Layer(width, heads, hidden) for _ in range(depth))
        self.after = cvnn.LayerNorm(width, eps=1e-5)
        self.head = cvnn.Linear(width, classes)

    def forward(self, x):
        x = self.embed(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.size(0), -1, -1), x], dim=1)
        x = self.drop(x + self.positions)
        for layer in self.layers:
            x = layer(x)
        return self.head(self.after(x)[:, 0])


net = Patches()
scores = net(torch.randn(2, 1, 32, 32, dtype=torch.complex64))
