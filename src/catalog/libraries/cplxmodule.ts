// cplxmodule: layers on pairs of real tensors (class Cplx), with half of PyTorch's variance at the start.
import type { Library } from './library.ts';
import { activation, batchNorm, convolution, dropout, linear, maxPool, readOut, transposed, unresolved } from './rows.ts';

const ranks = [1, 2, 3] as const;
const convolutionArguments = ['in_channels', 'out_channels', 'kernel_size', 'stride', 'padding', 'dilation', 'groups', 'bias', 'padding_mode'];
const masked = (kind: string): string[] => ['Linear', 'Bilinear', 'Conv1d', 'Conv2d', 'Conv3d'].flatMap((n) => [`${n}${kind}`, `Cplx${n}${kind}`]);

export const cplxmodule: Library = {
  id: 'cplxmodule',
  label: 'cplxmodule',
  version: '2022.6',
  modules: ['cplxmodule', 'cplxmodule.nn', 'cplxmodule.nn.modules', 'cplxmodule.nn.modules.activation', 'cplxmodule.nn.modules.casting', 'cplxmodule.cplx', 'cplxmodule.nn.masked', 'cplxmodule.nn.relevance'],
  spellings: [
    linear(['CplxLinear'], { field: 'complex', initialiser: 'cplxmodule-linear', arguments: ['in_features', 'out_features', 'bias'] }),
    ...ranks.map((rank) => convolution(rank, [`CplxConv${rank}d`], {
      field: 'complex', initialiser: 'cplxmodule-convolution', arguments: convolutionArguments,
      adjust(p) {
        if (p.paddingMode === 'circular' && p.padding !== 0) return 'its circular padding adds half as many places as it is asked for, which is not read in this version';
      },
      traps: [
        {
          code: 'circular-padding-halved', when: (p) => p.paddingMode === 'circular' && p.padding !== 0,
          message: `With padding_mode="circular" {library}'s CplxConv${rank}d adds padding places to each axis in all, where PyTorch adds as many on each side: a kernel of 3 with padding 1 makes the axis shorter by 1.`,
        },
      ],
    })),
    ...ranks.map((rank) => transposed(rank, [`CplxConvTranspose${rank}d`], {
      field: 'complex', initialiser: 'cplxmodule-convolution',
      arguments: ['in_channels', 'out_channels', 'kernel_size', 'stride', 'padding', 'dilation', 'output_padding', 'groups', 'bias', 'padding_mode'],
      parameters: {
        inFeatures: { from: 'in_channels', default: null }, outFeatures: { from: 'out_channels', default: null }, kernel: { from: 'kernel_size', default: null },
        stride: { from: 'stride', default: 1 }, padding: { from: 'padding', default: 0 }, dilation: { from: 'dilation', default: 1 },
        outputPadding: { from: 'output_padding', default: 0 }, groups: { from: 'groups', default: 1 },
        // None at the start, which is no bias.
        bias: { from: 'bias', default: false },
      },
      traps: [
        { code: 'transposed-refused', message: `{library}'s CplxConvTranspose${rank}d raises an error when called under PyTorch 2.13.0: it calls a private method of PyTorch's whose arguments have changed.` },
      ],
    })),
    unresolved(['CplxBilinear'], 'a bilinear layer has two inputs; its kernel is not one of a chain'),
    unresolved(['CplxPhaseShift'], 'trained phases of single features are not read in this version'),
    // The containers are read by their names; the row lets a star import find it.
    unresolved(['CplxSequential'], 'it is a container'),
    activation(['CplxModReLU'], 'modrelu-threshold', {
      arguments: ['threshold'], parameters: { threshold: { from: 'threshold', default: 0.5, unlessFloat: 'replaced' } },
      adjust(p) {
        if (p.threshold === 'replaced') p.threshold = 0.125;
      },
      traps: [
        {
          code: 'threshold-replaced', when: (p) => p.threshold === 'replaced',
          message: "{library}'s CplxModReLU takes a threshold that is no Python float (an int, None) for none at all: it trains one that starts uniform on [0, 0.25]. The analysis holds it at the mean, 0.125; write 1.0 for 1.",
        },
        {
          code: 'modrelu-sign-flipped', when: (p) => p.threshold !== 'replaced',
          message: "{library}'s CplxModReLU subtracts its threshold from |z|, where modReLU adds its bias: threshold 0.5 is bias -0.5.",
        },
      ],
    }),
    activation(['modrelu'], 'modrelu-threshold', {
      arguments: ['threshold'], parameters: { threshold: { from: 'threshold', default: 0.5 } },
      traps: [{ code: 'modrelu-sign-flipped', message: "{library}'s modrelu subtracts its threshold from |z|, where modReLU adds its bias: threshold 0.5 is bias -0.5." }],
    }),
    activation(['CplxAdaptiveModReLU'], 'modrelu-threshold', {
      parameters: { threshold: { default: 0 } },
      traps: [{ code: 'modrelu-near-identity', message: "{library}'s CplxAdaptiveModReLU trains thresholds that start normal with standard deviation 0.02: at the start it is nearly the identity. The analysis holds them at 0." }],
    }),
    { names: ['CplxToCplx[]'], kind: 'activation', arguments: ['module'], lifts: true },
    unresolved(['CplxToCplx[weights]'], 'it applies one real layer to real and imaginary part, which is no complex layer and not read in this version', {
      traps: [{ code: 'shared-split-map', message: "{library}'s CplxToCplx applies the same real weights to real and imaginary part: that is no complex product, and its bias is b(1 + i). For one write CplxLinear or CplxConv." }],
    }),
    unresolved(['CplxToCplx[other]'], 'a real layer on real and imaginary part apart is read for activations, average pools, dropout and flatten of PyTorch'),
    unresolved(['CplxToCplx'], 'its layer is written in brackets, CplxToCplx[layer]()', {
      traps: [{ code: 'wrapper-needs-brackets', message: "{library}'s CplxToCplx takes its layer in brackets, CplxToCplx[torch.nn.ReLU](); called with it, it raises an error." }],
    }),
    activation(['CplxIdentity'], 'identity'),
    readOut(['CplxModulus'], 'abs'),
    readOut(['CplxAngle'], 'angle'),
    readOut(['CplxReal'], 'real'),
    readOut(['CplxImag'], 'imag'),
    ...ranks.map((rank) => maxPool(rank, [`CplxMaxPool${rank}d`])),
    ...ranks.map((rank) => maxPool(rank, [`max_pool${rank}d`], { arguments: ['kernel_size', 'stride', 'padding', 'dilation', 'ceil_mode'] })),
    // Whitening of a running covariance that starts at the identity and holds epsilon already.
    batchNorm(['CplxBatchNorm1d', 'CplxBatchNorm2d', 'CplxBatchNorm3d'], { mode: 'whitening', gamma: 1, variance: 1, epsilonKept: true }),
    dropout(['CplxDropout'], { arguments: ['p', 'inplace'] }),
    activation(['AsTypeCplx'], 'identity', { realActivation: 'identity', casts: 'zero-imaginary', note: 'Adds a zero imaginary part.' }),
    activation(['RealToCplx', 'InterleavedRealToCplx', 'ConcatenatedRealToCplx', 'TensorToCplx'], 'identity', { realActivation: 'identity', casts: 'pairs' }),
    unresolved(['CplxToReal', 'CplxToInterleavedReal', 'CplxToConcatenatedReal'], 'real and imaginary parts as twice as many real features are not read in this version'),
    readOut(['CplxToTensor'], 'view-as-real'),
    unresolved(masked('Masked'), 'layers with masked weights are not read in this version'),
    unresolved([...masked('VD'), ...masked('ARD'), ...masked('Gaussian'), ...masked('VDScaleFree'), ...masked('VDApprox'), ...masked('VDBogus'), 'LinearL0', 'LinearLASSO'], 'layers with variational dropout are not read in this version'),
  ],
};
