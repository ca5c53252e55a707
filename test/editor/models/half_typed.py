"""A network whose sizes do not fit, and below it one that is still being typed."""
import torch
import torch.nn as nn
import complextorch.nn as cnn


class Mismatch(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = cnn.Linear(16, 32)
        self.second = cnn.Linear(33, 1)

    def forward(self, x):
        return self.second(self.first(x))


class Half(nn.Module):
    def __init__(self):
        super().__init__()
        self.third = cnn.Linear(
