# idioms: module-lists, list-times, range-loops
import torch
import torch.nn as nn
import complextorch.nn as cvnn

DEPTH = 3
WIDTH = 2 ** 5


class Net(nn.Module):
    def __init__(self, n_in=10, width=WIDTH, depth=DEPTH):
        super().__init__()
        sizes = [n_in] + [width] * depth
        self.hidden = nn.ModuleList([cvnn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:])])
        self.acts = nn.ModuleList()
        for i in range(depth):
            self.acts.append(cvnn.modReLU(bias=-0.1 * (i + 1)))
        self.out = cvnn.Linear(width, 1)

    def forward(self, x):
        for layer, act in zip(self.hidden, self.acts):
            x = act(layer(x))
        return self.out(x)
