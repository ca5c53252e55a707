# idioms: cast
import torch
from torch import nn
model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1)).to(torch.cfloat)
