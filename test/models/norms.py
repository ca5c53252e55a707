# idioms: dtype-argument, plain-sequential
import torch
import torch.nn as nn
import torchcvnn.nn as c_nn
import complextorch.nn as cvnn
from complexPyTorch.complexLayers import ComplexBatchNorm1d, NaiveComplexBatchNorm1d

complex_norms = nn.Sequential(
    nn.Linear(6, 6, dtype=torch.cfloat),
    c_nn.BatchNorm1d(6),
    nn.Linear(6, 6, dtype=torch.cfloat),
    cvnn.BatchNorm1d(6, eps=1e-3),
    nn.Linear(6, 6, dtype=torch.cfloat),
    cvnn.MagBatchNorm1d(6, affine=False),
    nn.Linear(6, 6, dtype=torch.cfloat),
    ComplexBatchNorm1d(6, affine=False),
    nn.Linear(6, 6, dtype=torch.cfloat),
    NaiveComplexBatchNorm1d(6, track_running_stats=False),
    nn.Linear(6, 6, dtype=torch.cfloat),
    cvnn.LayerNorm(6),
    nn.Linear(6, 2, dtype=torch.cfloat),
)
real_norms = nn.Sequential(nn.Linear(6, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 6), nn.LayerNorm(6), nn.Linear(6, 1))
