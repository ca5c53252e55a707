# idioms: dtype-argument, plain-sequential
import torch
from torch import nn
from torchcvnn.nn import CTanh

small = nn.Sequential(nn.Linear(4, 1, dtype=torch.cfloat))
large = nn.Sequential(nn.Linear(4, 9, dtype=torch.cfloat), CTanh(), nn.Linear(9, 1, dtype=torch.cfloat))
