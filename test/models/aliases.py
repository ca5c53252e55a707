# idioms: dtype-argument, plain-sequential
from torch import nn as layers, cfloat as C
from torchcvnn.nn import Cardioid as Heart, Mod
from torch.nn import Linear as Dense

net = layers.Sequential(Dense(12, 8, dtype=C), Heart(), Dense(8, 3, dtype=C, bias=False), Mod())
