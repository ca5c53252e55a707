# idioms: dtype-argument, class-as-argument, factories, blocks, star-lists, list-building, conditional-choice, class-constants
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, in_planes, planes, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_planes, planes, kernel_size=3, stride=stride, padding=1, bias=False, dtype=torch.cfloat)
        self.bn1 = c_nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, kernel_size=3, stride=1, padding=1, bias=False, dtype=torch.cfloat)
        self.bn2 = c_nn.BatchNorm2d(planes)
        self.act = c_nn.CReLU()

        self.shortcut = nn.Sequential()
        if stride != 1 or in_planes != self.expansion * planes:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_planes, self.expansion * planes, kernel_size=1, stride=stride, bias=False, dtype=torch.cfloat),
                c_nn.BatchNorm2d(self.expansion * planes),
            )

    def forward(self, x):
        out = self.act(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += self.shortcut(x)
        return self.act(out)


class ResNet(nn.Module):
    def __init__(self, block, num_blocks, in_channels=1, num_classes=10):
        super().__init__()
        self.in_planes = 16
        self.conv1 = nn.Conv2d(in_channels, 16, kernel_size=3, padding=1, bias=False, dtype=torch.cfloat)
        self.bn1 = c_nn.BatchNorm2d(16)
        self.act = c_nn.CReLU()
        self.layer1 = self._make_layer(block, 16, num_blocks[0], stride=1)
        self.layer2 = self._make_layer(block, 32, num_blocks[1], stride=2)
        self.pool = c_nn.AdaptiveAvgPool2d(1)
        self.linear = nn.Linear(32 * block.expansion, num_classes, dtype=torch.cfloat)

    def _make_layer(self, block, planes, num_blocks, stride):
        strides = [stride] + [1] * (num_blocks - 1)
        layers = []
        for stride in strides:
            layers.append(block(self.in_planes, planes, stride))
            self.in_planes = planes * block.expansion
        return nn.Sequential(*layers)

    def forward(self, x):
        out = self.act(self.bn1(self.conv1(x)))
        out = self.layer1(out)
        out = self.layer2(out)
        out = self.pool(out)
        out = torch.flatten(out, 1)
        return self.linear(out)


def resnet8(num_classes=10):
    return ResNet(BasicBlock, [1, 2], num_classes=num_classes)
