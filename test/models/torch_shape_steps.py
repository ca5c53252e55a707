# idioms: dtype-argument, shape-steps, own-activation, example-input
"""Classifier of short complex spectrograms: convolution over the plane, then over time."""
import torch
import torch.nn as nn


class CReLU(nn.Module):
    def forward(self, z):
        return torch.complex(torch.relu(z.real), torch.relu(z.imag))


class SpectrogramNet(nn.Module):
    def __init__(self, freq=128, frames=40, classes=12):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, kernel_size=(5, 3), stride=(2, 1), padding=(2, 1), dtype=torch.complex64)
        self.proj = nn.Linear(8 * (freq // 2), 64, dtype=torch.complex64)
        self.conv2 = nn.Conv1d(64, 16, kernel_size=frames, dtype=torch.complex64)
        self.act = CReLU()
        self.fc1 = nn.Linear(16, 16, dtype=torch.complex64)
        self.fc2 = nn.Linear(16, classes, dtype=torch.complex64)

    def forward(self, x):
        x = x.unsqueeze(1)                      # (B, 1, F, T)
        x = self.act(self.conv1(x))             # (B, 8, F/2, T)
        b, c, f, t = x.shape
        x = x.permute(0, 3, 1, 2).contiguous()  # (B, T, 8, F/2)
        x = x.reshape(b, t, c * f)
        x = self.act(self.proj(x))
        x = x.transpose(1, 2)                   # (B, 64, T)
        x = self.act(self.conv2(x))             # (B, 16, 1)
        x = x.squeeze(-1)
        x = self.act(self.fc1(x))
        x = x.view(x.size(0), -1)
        return self.fc2(x)


if __name__ == "__main__":
    net = SpectrogramNet()
    frames = torch.randn(4, 128, 40, dtype=torch.complex64)
    print(net(frames).shape)
