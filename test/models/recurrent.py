# idioms: recurrent
import torch
import torch.nn as nn
import complextorch.nn as cvnn


class Last(nn.Module):
    def __init__(self, nonlinearity="relu"):
        super().__init__()
        self.rnn = nn.RNN(5, 12, nonlinearity=nonlinearity, batch_first=True)
        self.fc = nn.Linear(12, 2)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.fc(out[:, -1, :])


class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = cvnn.GRU(3, 6)
        self.second = cvnn.LSTM(6, 4, bias=False)
        self.fc = nn.Linear(4, 1, dtype=torch.cfloat)

    def forward(self, z):
        states, _ = self.first(z)
        _, (h, c) = self.second(states)
        return self.fc(h[-1])


class Unread(nn.Module):
    def __init__(self):
        super().__init__()
        self.deep = nn.GRU(5, 12, 2)
        self.started = nn.LSTM(12, 12)
        self.both = nn.RNN(12, 12)
        self.mixed = nn.RNN(12, 12)
        self.fc = nn.Linear(12, 2)

    def forward(self, x, start=None):
        x, h = self.deep(x)
        x, h = self.started(x, (h, h))
        x, h = self.both(x, None)
        x = x + h
        return self.fc(self.mixed(x.to(torch.cfloat))[0])
