# idioms: wrapper, list-times, star-lists, native-parts
import torch
from cplxmodule.nn import CplxConv1d, CplxLinear, CplxModReLU, CplxModulus, CplxSequential, CplxToCplx, RealToCplx
from cplxmodule.nn import CplxBatchNorm1d, CplxDropout

n_features, n_channels = 16, 4

features = CplxSequential(
    CplxConv1d(1, n_channels, kernel_size=3, padding=1),
    CplxBatchNorm1d(n_channels),
    CplxModReLU(threshold=0.15),
    CplxConv1d(n_channels, 2 * n_channels, kernel_size=4, stride=4),
    CplxToCplx[torch.nn.ReLU](),
    CplxToCplx[torch.nn.Flatten](start_dim=-2),
)

head = CplxSequential(
    CplxDropout(0.25),
    CplxLinear(2 * n_channels * (n_features // 4), n_features, bias=False),
    CplxToCplx[torch.tanh](),
    CplxLinear(n_features, 10),
)

model = torch.nn.Sequential(RealToCplx(), features, head, CplxModulus(), torch.nn.LogSoftmax(dim=-1))
