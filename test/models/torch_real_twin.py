# idioms: functional-activations, shape-steps, example-input
"""The real network on two channels that a complex one is compared with."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torchsummary import summary


class RealTwin(nn.Module):
    def __init__(self):
        super(RealTwin, self).__init__()
        self.conv1 = nn.Conv2d(2, 20, 5, 1)
        self.bn = nn.BatchNorm2d(20)
        self.conv2 = nn.Conv2d(20, 40, 5, 1)
        self.drop = nn.Dropout(p=0.3)
        self.fc1 = nn.Linear(4 * 4 * 40, 500)
        self.fc2 = nn.Linear(500, 10)

    def forward(self, x):
        x = self.conv1(x)
        x = F.relu(x)
        x = F.max_pool2d(x, 2, 2)
        x = self.bn(x)
        x = self.conv2(x)
        x = F.relu(x)
        x = F.max_pool2d(x, 2, 2)
        x = x.view(-1, 4 * 4 * 40)
        x = F.relu(self.fc1(x))
        x = self.drop(x)
        x = self.fc2(x)
        return F.log_softmax(x, dim=1)


model = RealTwin().to("cuda")
summary(model, (2, 28, 28))
