# idioms: dtype-argument, module-dicts, module-lists, concatenation, conditional-choice
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn


class TwoHeads(nn.Module):
    def __init__(self, head="phase", width=24):
        super().__init__()
        self.head = head
        self.branches = nn.ModuleDict({
            "near": nn.Linear(10, width, dtype=torch.cfloat),
            "far": nn.Linear(10, width // 2, dtype=torch.cfloat),
        })
        self.acts = nn.ModuleDict([["near", c_nn.CReLU()], ["far", c_nn.CTanh()]])
        self.heads = nn.ModuleDict()
        self.heads["phase"] = nn.Linear(width + width // 2, 1, dtype=torch.cfloat)
        self.heads["gain"] = nn.Linear(width + width // 2, 2, dtype=torch.cfloat)

    def forward(self, z):
        parts = [self.acts[name](branch(z)) for name, branch in self.branches.items()]
        z = torch.cat(parts, dim=-1)
        return self.heads[self.head](z)
