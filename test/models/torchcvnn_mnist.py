# idioms: dtype-argument, star-lists, list-building, factories, example-input
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn

cdtype = torch.complex64


def conv_block(in_c, out_c, cdtype):
    return [
        nn.Conv2d(in_c, out_c, kernel_size=3, stride=1, padding=1, dtype=cdtype),
        c_nn.BatchNorm2d(out_c),
        c_nn.Cardioid(),
        nn.Conv2d(out_c, out_c, kernel_size=3, stride=1, padding=1, dtype=cdtype),
        c_nn.BatchNorm2d(out_c),
        c_nn.Cardioid(),
        c_nn.AvgPool2d(kernel_size=2, stride=2, padding=0),
    ]


class FourierDigits(nn.Module):
    def __init__(self, num_classes=10):
        super().__init__()
        layers = conv_block(1, 16, cdtype)
        layers += conv_block(16, 16, cdtype)
        layers.extend(conv_block(16, 32, cdtype))
        self.conv = nn.Sequential(*layers, nn.Flatten())
        self.fc = nn.Sequential(
            nn.Linear(32 * 3 * 3, 124, dtype=cdtype),
            c_nn.Cardioid(),
            nn.Linear(124, num_classes, dtype=cdtype),
            c_nn.Mod(),
        )

    def forward(self, x):
        return self.fc(self.conv(x))


if __name__ == "__main__":
    images = torch.zeros((8, 1, 28, 28), dtype=cdtype)
    logits = FourierDigits()(images)
