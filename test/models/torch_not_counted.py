# idioms: dtype-argument, not-counted
"""Old versions that are no part of this file:

class FirstNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)
"""
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn

TEMPLATE = '''
import torch.nn as nn
model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 1))
'''

# class ReluNet(nn.Module):
#     def __init__(self):
#         super().__init__()
#         self.net = nn.Sequential(nn.Linear(8, 8), nn.ReLU())
#
#     def forward(self, x):
#         return self.net(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(8, 32, dtype=torch.cfloat),
            # c_nn.BatchNorm1d(32),
            c_nn.CReLU(),
            # nn.Linear(32, 32, dtype=torch.cfloat),
            # c_nn.CReLU(),
            nn.Linear(32, 2, dtype=torch.cfloat),
        )
        """
        self.head = nn.Linear(2, 2)
        """

    def forward(self, z):
        # z = z.view(-1, 8)
        z = self.net(z)
        "return self.head(z)"
        return z
