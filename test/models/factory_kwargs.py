# idioms: dtype-argument, partial, factories, range-loops, list-building, star-lists
import torch
from functools import partial
from torch import nn
from torchcvnn.nn import modReLU

kw = {"dtype": torch.complex128}
Dense = partial(nn.Linear, **kw)


def mlp(sizes=(3, 4, 5)):
    layers = []
    for i in range(len(sizes) - 1):
        layers += [Dense(sizes[i], sizes[i + 1]), modReLU()]
    return nn.Sequential(*layers[:-1])
