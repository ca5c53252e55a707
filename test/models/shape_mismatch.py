# idioms: dtype-argument, plain-sequential, broken-code
import torch
import torch.nn as nn

model = nn.Sequential(
    nn.Linear(16, 64, dtype=torch.cfloat),
    nn.Linear(32, 4, dtype=torch.cfloat),
)
