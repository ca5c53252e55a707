# idioms: dtype-argument, broken-code, module-lists
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn


class UndefinedName(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(12, 24, dtype=torch.cfloat)
        self.fc2 = nn.Linear(hidden_size, 3, dtype=torch.cfloat)

    def forward(self, z):
        return self.fc2(self.fc1(z))


class ChannelMismatch(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, dtype=torch.cfloat)
        self.act = c_nn.CReLU()
        self.conv2 = nn.Conv2d(8, 4, 3, dtype=torch.cfloat)

    def forward(self, z):
        return self.conv2(self.act(self.conv1(z)))


class CalledList(nn.Module):
    def __init__(self, depth=3):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(6, 6, dtype=torch.cfloat) for _ in range(depth)])
        self.out = nn.Linear(6, 1, dtype=torch.cfloat)

    def forward(self, z):
        z = self.layers(z)
        return self.out(z)


class AssignedTwice(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(9, 18, dtype=torch.cfloat)
        self.act = c_nn.CTanh()
        self.fc = nn.Linear(9, 9, dtype=torch.cfloat)

    def forward(self, z):
        return self.act(self.fc(z))
