# idioms: inheritance, plain-sequential
import torch
import torch.nn as nn
import complextorch as ct


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(
            ct.nn.Conv1d(2, 8, 5, stride=2, padding=2),
            ct.nn.CVCardiod(),
            ct.nn.AdaptiveAvgPool1d(1),
            nn.Flatten(),
            ct.nn.Linear(8, 4),
        )
