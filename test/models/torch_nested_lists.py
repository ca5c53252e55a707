# idioms: dtype-argument, module-lists, list-building, list-times, range-loops, concatenation
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn


class DenseStages(nn.Module):
    """Stages of (convolution, norm, activation) whose outputs all reach the end."""

    def __init__(self, widths=[4] + [8] * 2, kernels=(3,) * 3):
        super().__init__()
        stages = []
        n = 1
        for width, k in zip(widths, kernels):
            stages.append(nn.ModuleList([
                nn.Conv1d(n, width, k, padding=k // 2, dtype=torch.cfloat),
                c_nn.BatchNorm1d(width),
                c_nn.CReLU(),
            ]))
            n = width
        self.stages = nn.ModuleList(stages)
        self.out = nn.Conv1d(sum(widths), 1, 1, dtype=torch.cfloat)

    def forward(self, z):
        kept = []
        for i, (conv, norm, act) in enumerate(self.stages):
            z = act(norm(conv(z)))
            kept.append(z)
        for stage in self.stages[:-1]:
            assert len(stage) == 3
        return self.out(torch.cat(kept, 1))


model = DenseStages()
