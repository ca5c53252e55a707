# idioms: dtype-argument, attention, concatenation
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn
import complextorch.nn as cvnn


class Encoder(nn.Module):
    def __init__(self, d=8):
        super().__init__()
        self.embed = nn.Linear(3, d, dtype=torch.cfloat)
        self.first = c_nn.MultiheadAttention(embed_dim=d, num_heads=2, norm_layer=nn.Identity, batch_first=True)
        self.second = c_nn.MultiheadAttention(d, 4)
        self.third = cvnn.MultiheadAttention(2, d, d // 2, d // 2)
        self.fourth = cvnn.MultiheadAttention(n_heads=2, d_model=d, d_k=4, d_v=4, SoftMaxClass=cvnn.PhaseSoftMax)
        self.head = nn.Linear(d, 1, dtype=torch.cfloat)

    def forward(self, z):
        x = self.embed(z)
        x = x + self.first(x, x, x, need_weights=False)
        y, _ = self.second(query=x, key=x, value=x)
        return self.head(self.fourth(q=self.third(y, y, y), k=y, v=y))


class Real(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(100, 12)
        self.attn = nn.MultiheadAttention(12, 3, batch_first=True, bias=False)
        self.masked = nn.MultiheadAttention(12, 3)
        self.wide = cvnn.MultiheadAttention(2, 12, 12, 12)
        self.head = nn.Linear(12, 2)

    def forward(self, tokens):
        x = self.table(tokens)
        x = self.attn(x, x, x)[0]
        x, weights = self.masked(x, x, x, attn_mask=tokens)
        return self.head(self.wide(x, x, x))
