# idioms: blocks, list-building, module-lists, example-input
# An encoder of copies of one layer, over torchcvnn's layers, of the sizes that the recorded TransformerEncoder has.
import copy

import torch
import torch.nn as nn
import torchcvnn.nn as c_nn


class Layer(nn.Module):
    def __init__(self, width, heads, hidden, dropout=0.1, dtype=torch.complex64):
        super().__init__()
        kwargs = {"dtype": dtype}
        self.attend = c_nn.MultiheadAttention(width, heads, dropout=dropout, batch_first=True, **kwargs)
        self.grow = nn.Linear(width, hidden, **kwargs)
        self.shrink = nn.Linear(hidden, width, **kwargs)
        self.act = c_nn.CReLU()
        self.norms = nn.ModuleList([c_nn.LayerNorm(width), c_nn.LayerNorm(width)])
        self.drops = nn.ModuleList([c_nn.Dropout(dropout) for _ in range(3)])

    def attention(self, x):
        return self.drops[0](self.attend(x, x, x, need_weights=False))

    def forward(self, x):
        x = self.norms[0](x + self.attention(x))
        hidden = self.drops[1](self.act(self.grow(x)))
        return self.norms[1](x + self.drops[2](self.shrink(hidden)))


class Encoder(nn.Module):
    def __init__(self, layer, count):
        super().__init__()
        self.layers = nn.ModuleList([copy.deepcopy(layer) for _ in range(count)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


encoder = Encoder(Layer(24, 3, 48), 2)
out = encoder(torch.randn(2, 16, 24, dtype=torch.complex64))
