# idioms: dtype-argument, concatenation, blocks, class-as-argument
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn


class Down(nn.Module):
    def __init__(self, n_in, n_out, norm_layer=c_nn.BatchNorm2d, act_layer=c_nn.zReLU):
        super().__init__()
        self.conv = nn.Conv2d(n_in, n_out, 3, padding=1, bias=False, dtype=torch.complex64)
        self.norm = norm_layer(n_out)
        self.act = act_layer()
        self.pool = c_nn.MaxPool2d(2)

    def forward(self, x):
        kept = self.act(self.norm(self.conv(x)))
        return self.pool(kept), kept


class Up(nn.Module):
    def __init__(self, n_in, n_skip, n_out):
        super().__init__()
        self.up = c_nn.ConvTranspose2d(n_in, n_out, kernel_size=2, stride=2)
        self.conv = nn.Conv2d(n_out + n_skip, n_out, 3, padding=1, dtype=torch.complex64)
        self.act = c_nn.modReLU()

    def forward(self, x, skip):
        x = self.up(x)
        return self.act(self.conv(torch.cat([x, skip], dim=1)))


class SarAutoencoder(nn.Module):
    def __init__(self, channels=3):
        super().__init__()
        self.down1 = Down(channels, 8)
        self.down2 = Down(8, 16, act_layer=c_nn.CReLU)
        self.mid = nn.Conv2d(16, 16, 1, dtype=torch.complex64)
        self.up2 = Up(16, 16, 8)
        self.up1 = Up(8, 8, 8)
        self.out = nn.Conv2d(8, channels, 1, dtype=torch.complex64)

    def forward(self, x):
        x, skip1 = self.down1(x)
        x, skip2 = self.down2(x)
        x = self.mid(x)
        x = self.up2(x, skip2)
        x = self.up1(x, skip1)
        return self.out(x)
