# idioms: half-typed
import torch
import torch.nn as nn
model = nn.Sequential(
    nn.Linear(4, 8, dtype=torch.cfloat),
    nn.
