# idioms: new-method, class-constants, inheritance, wrapper, module-dicts
from collections import OrderedDict

import torch
from cplxmodule.nn import CplxConv2d, CplxLinear, CplxReal, CplxToCplx


class SimpleConvModel(object):
    """Not a module itself: making one gives a Sequential."""

    Linear = CplxLinear
    Conv2d = CplxConv2d
    width = 500

    def __new__(cls):
        return torch.nn.Sequential(OrderedDict([
            ("conv1", cls.Conv2d(1, 20, 5, 1)),
            ("relu1", CplxToCplx[torch.nn.ReLU]()),
            ("pool1", CplxToCplx[torch.nn.AvgPool2d](2, 2)),
            ("conv2", cls.Conv2d(20, 50, 5, 1)),
            ("relu2", CplxToCplx[torch.nn.ReLU]()),
            ("pool2", CplxToCplx[torch.nn.AvgPool2d](2, 2)),
            ("flat", CplxToCplx[torch.nn.Flatten](-3, -1)),
            ("lin1", cls.Linear(4 * 4 * 50, cls.width)),
            ("relu3", CplxToCplx[torch.nn.ReLU]()),
            ("lin2", cls.Linear(cls.width, 10)),
            ("real", CplxReal()),
        ]))


class NarrowConvModel(SimpleConvModel):
    width = 50
