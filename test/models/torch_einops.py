# idioms: dtype-argument, einops, shape-steps
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn
from einops import rearrange, reduce
from einops.layers.torch import Rearrange


class PatchEmbedding(nn.Module):
    def __init__(self, channels=2, patch=4, dim=32):
        super().__init__()
        self.proj = nn.Sequential(
            Rearrange("b c (h p1) (w p2) -> b (h w) (p1 p2 c)", p1=patch, p2=patch),
            nn.Linear(patch * patch * channels, dim, dtype=torch.cfloat),
        )

    def forward(self, x):
        return self.proj(x)


class TokenMixer(nn.Module):
    """Patches of a complex image, mixed along the tokens and along the features."""

    def __init__(self, size=32, channels=2, patch=4, dim=32, classes=5):
        super().__init__()
        tokens = (size // patch) ** 2
        self.embed = PatchEmbedding(channels, patch, dim)
        self.mix_tokens = nn.Linear(tokens, tokens, dtype=torch.cfloat)
        self.mix_features = nn.Linear(dim, dim, dtype=torch.cfloat)
        self.act = c_nn.Cardioid()
        self.head = nn.Linear(dim, classes, dtype=torch.cfloat)

    def forward(self, x):
        x = self.embed(x)
        y = rearrange(x, "b n d -> b d n")
        y = self.act(self.mix_tokens(y))
        y = rearrange(y, "b d n -> b n d")
        x = x + y
        x = self.act(self.mix_features(x))
        x = rearrange(x, "b n d -> b d n")
        x = reduce(x, "b d n -> b d", "mean")
        return self.head(x)


if __name__ == "__main__":
    model = TokenMixer()
    out = model(torch.rand(3, 2, 32, 32, dtype=torch.cfloat))
