"""A network to be edited: one width, one activation."""
import torch
import torch.nn as nn
import complextorch.nn as cnn

WIDTH = 32  # changed by the test


class TwoLayers(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = cnn.Linear(16, WIDTH)
        self.act = cnn.modReLU(-0.5)
        self.last = cnn.Linear(WIDTH, 1)

    def forward(self, x):
        # a comment, changed by the test
        return self.last(self.act(self.first(x)))
