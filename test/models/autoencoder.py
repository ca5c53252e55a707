# idioms: dtype-argument, initialisers
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn
import complextorch.nn as cvnn
from complexPyTorch.complexLayers import ComplexConvTranspose2d


class Autoencoder(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.down = nn.Conv2d(1, width, 3, padding=1, dtype=torch.cfloat)
        self.pool = cvnn.MagMaxPool2d(2, ceil_mode=True)
        self.up = nn.ConvTranspose2d(width, 2 * width, (3, 5), stride=2, padding=1, output_padding=(1, 0), groups=2, dtype=torch.cfloat)
        self.act = c_nn.Cardioid()
        self.smooth = c_nn.ConvTranspose2d(2 * width, width, 3, padding=1, dilation=2)
        self.out = ComplexConvTranspose2d(width, 1, 2, 2, bias=False)
        nn.init.xavier_normal_(self.up.weight)

    def forward(self, z):
        return self.out(self.smooth(self.act(self.up(self.pool(self.down(z))))))
