# idioms: dtype-argument, wrapped, own-activation
import torch
import torch.nn as nn


class Modulus(nn.Module):
    def forward(self, z):
        return torch.abs(z)


class Beamformer(nn.Module):
    def __init__(self, antennas=8, beams=4):
        super().__init__()
        self.weights = nn.Linear(antennas, beams, bias=False, dtype=torch.cfloat)
        self.mod = Modulus()

    def forward(self, x):
        return self.mod(self.weights(x))


class Equaliser(nn.Module):
    def __init__(self, taps=11):
        super().__init__()
        self.fir = torch.jit.script(nn.Conv1d(1, 1, taps, padding=taps // 2, dtype=torch.cfloat))
        self.post = nn.DataParallel(nn.Conv1d(1, 2, 1, dtype=torch.cfloat))

    def forward(self, x):
        return self.post(self.fir(x))


device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
beamformer = nn.DataParallel(Beamformer()).to(device)
equaliser = torch.compile(Equaliser(taps=21))
