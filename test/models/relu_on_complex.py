# idioms: dtype-argument, plain-sequential, broken-code
import torch
import torch.nn as nn

model = nn.Sequential(nn.Linear(4, 4, dtype=torch.complex64), nn.ReLU(), nn.Linear(4, 1, dtype=torch.complex64))
