# idioms: factories, star-lists, native-parts, concatenation, example-input
# Two real branches over [Re z, Im z] whose outputs are the parts of a complex number, as complextorch's SteinmetzNetwork has them.
import torch
from torch import nn


def branch(inputs, hidden, outputs, depth=2):
    sizes = [inputs] + [hidden] * (depth - 1) + [outputs]
    steps = []
    for i, (n, m) in enumerate(zip(sizes[:-1], sizes[1:])):
        steps.append(nn.Linear(n, m))
        if i < depth - 1:
            steps.append(nn.ReLU())
    return nn.Sequential(*steps)


class TwoBranches(nn.Module):
    def __init__(self, features=4, hidden=8, outputs=3):
        super().__init__()
        self.re = branch(2 * features, hidden, outputs)
        self.im = branch(2 * features, hidden, outputs)

    def forward(self, z):
        parts = torch.cat((torch.real(z), torch.imag(z)), dim=-1)
        return torch.complex(self.re(parts), self.im(parts))


if __name__ == "__main__":
    net = TwoBranches()
    print(net(torch.randn(2, 4, dtype=torch.complex64)).shape)
