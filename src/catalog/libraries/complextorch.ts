// complextorch: complex layers over native complex weights, and the largest set of complex activations.
import type { Library } from './library.ts';
import {
  activation, adaptiveAveragePool, averagePool, batchNorm, convolution, dropout, layerNorm, linear, maxPool, readOut, recurrent, transposed, unresolved,
} from './rows.ts';
import { gelu } from './torch.ts';

/** What the softmax of a complex matrix S is here: of both parts apart, or of the modulus with the phase kept. */
const scores: Record<string, string> = { CVSoftMax: 'split', PhaseSoftMax: 'modulus-phase' };
const own = { field: 'complex', initialiser: 'torch-default' } as const;
const modReluBias = {
  code: 'modrelu-bias-refused',
  when: (p: Record<string, unknown>) => typeof p.bias === 'number' && p.bias >= 0 && p.learnable !== true,
  message: "complextorch's modReLU asserts that a fixed bias is negative: this construction raises an error.",
};

export const complextorch: Library = {
  id: 'complextorch',
  label: 'complextorch',
  version: '2.1.1',
  modules: ['complextorch', 'complextorch.nn', 'complextorch.nn.modules', 'complextorch.nn.gauss', 'complextorch.nn.modules.activation'],
  spellings: [
    linear(['Linear', 'gauss.Linear'], own),
    convolution(1, ['Conv1d', 'gauss.Conv1d'], own),
    convolution(2, ['Conv2d', 'gauss.Conv2d'], own),
    convolution(3, ['Conv3d', 'gauss.Conv3d'], own),
    transposed(1, ['ConvTranspose1d', 'gauss.ConvTranspose1d'], own),
    transposed(2, ['ConvTranspose2d', 'gauss.ConvTranspose2d'], own),
    transposed(3, ['ConvTranspose3d', 'gauss.ConvTranspose3d'], own),
    unresolved(['Bilinear'], 'a bilinear layer has two inputs; its kernel is not one of a chain'),
    activation(['CReLU', 'CVSplitReLU'], 'split-relu', { arguments: ['inplace'] }),
    activation(['CPReLU'], 'split-prelu', {
      parameters: { slope: { default: 0.25 }, imaginarySlope: { default: 0.25 } },
      traps: [{ code: 'learnable-slope', message: 'CPReLU trains one slope for the real and one for the imaginary part, both 0.25 at the start; the analysis holds them there.' }],
    }),
    activation(['CELU', 'CVSplitELU'], 'split-elu', {
      arguments: ['alpha', 'inplace'], parameters: { alpha: { from: 'alpha', default: 1 } },
      traps: [{ code: 'celu-is-elu', message: "complextorch's CELU is the split ELU, not the function that PyTorch calls CELU (that one is CCELU here)." }],
    }),
    activation(['CCELU', 'CVSplitCELU'], 'split-celu', { arguments: ['alpha', 'inplace'], parameters: { alpha: { from: 'alpha', default: 1 } } }),
    activation(['CGELU', 'CVSplitGELU'], 'split-gelu', { arguments: ['approximate'], parameters: { approximate: { from: 'approximate', default: 'none' } }, traps: [gelu()] }),
    activation(['CSigmoid', 'CVSplitSigmoid'], 'split-sigmoid'),
    activation(['CTanh', 'CVSplitTanh'], 'split-tanh'),
    { names: ['GeneralizedSplitActivation'], kind: 'activation', arguments: ['activation_r', 'activation_i'], splitOf: ['activation_r', 'activation_i'] },
    unresolved(['GeneralizedPolarActivation'], 'a polar activation given by two modules is not read in this version'),
    activation(['CVSplitAbs'], 'split-absolute'),
    activation(['zReLU'], 'zrelu', {
      traps: [{ code: 'zrelu-closed-quadrant', message: "complextorch's zReLU keeps the closed first quadrant: real inputs pass where they are positive, unlike torchcvnn's, which zeroes them." }],
    }),
    activation(['zLeakyReLU'], 'zleaky-relu', { arguments: ['negative_slope'], parameters: { slope: { from: 'negative_slope', default: 0.01 } } }),
    activation(['zAbsReLU'], 'zabsrelu', {
      arguments: ['a_init'], parameters: { threshold: { from: 'a_init', default: 0 } },
      traps: [{ code: 'zabsrelu-identity', when: (p) => p.threshold === 0, message: "complextorch's zAbsReLU starts with threshold 0, where it is the identity; give a_init." }],
    }),
    activation(['CVCardiod'], 'cardioid'),
    activation(['CVSigLog'], 'siglog', { arguments: ['c', 'r'], parameters: { c: { from: 'c', default: 1 }, r: { from: 'r', default: 1 } } }),
    activation(['CVSigmoid'], 'sigmoid-reflected', {
      traps: [{ code: 'sigmoid-reflected', message: "complextorch's CVSigmoid computes 1/(1 + exp(+z)), which is sigmoid(-z). For the split sigmoid write CVSplitSigmoid." }],
    }),
    activation(['CVPolarTanh'], 'polar-tanh'),
    activation(['CVPolarSquash'], 'polar-squash'),
    activation(['CVPolarLog'], 'polar-log'),
    activation(['modReLU'], 'modrelu', { arguments: ['bias', 'learnable'], parameters: { bias: { from: 'bias', default: -0.1 }, learnable: { from: 'learnable', default: false } }, traps: [modReluBias] }),
    activation(['AdaptiveModReLU'], 'modrelu', { arguments: ['num_features', 'init'], parameters: { bias: { from: 'init', default: -0.1 } }, note: 'One trained bias a channel, all equal at the start.' }),
    unresolved(['tReLU', 'wFMReLU', 'GTReLU', 'EquivariantPhaseReLU'], 'this activation is learned or mixes channels: it is no function of one complex number'),
    unresolved(['CVSoftMax', 'PhaseSoftMax', 'MagSoftMax'], 'a complex softmax mixes channels: it is no function of one complex number'),
    readOut(['Mod'], 'abs'),
    averagePool(1, ['AvgPool1d']),
    averagePool(2, ['AvgPool2d']),
    averagePool(3, ['AvgPool3d']),
    adaptiveAveragePool(1, ['AdaptiveAvgPool1d']),
    adaptiveAveragePool(2, ['AdaptiveAvgPool2d']),
    adaptiveAveragePool(3, ['AdaptiveAvgPool3d']),
    maxPool(1, ['MagMaxPool1d']),
    maxPool(2, ['MagMaxPool2d']),
    maxPool(3, ['MagMaxPool3d']),
    // Whitening of a running covariance that starts at the identity, then gamma = 1/sqrt 2.
    batchNorm(['BatchNorm1d', 'BatchNorm2d', 'BatchNorm3d'], { mode: 'whitening', gamma: Math.SQRT1_2, variance: 1, epsilonKept: true }),
    batchNorm(['NaiveBatchNorm1d', 'NaiveBatchNorm2d', 'NaiveBatchNorm3d'], { mode: 'naive', gamma: 1, variance: 1 }),
    batchNorm(['MagBatchNorm1d', 'MagBatchNorm2d', 'MagBatchNorm3d'], { mode: 'magnitude', gamma: 1, variance: 1 }),
    layerNorm(['LayerNorm'], { mode: 'whitening', gamma: Math.SQRT1_2 }),
    unresolved(['RMSNorm', 'GroupNorm'], 'this normalisation is not read in this version'),
    dropout(['Dropout', 'Dropout1d', 'Dropout2d', 'Dropout3d'], { arguments: ['p', 'inplace'] }),
    activation(['RealToComplex'], 'identity', { realActivation: 'identity', note: 'Adds a zero imaginary part.' }),
    recurrent(['GRU'], 'gru', { ...own, changed: 'batchnorm' }),
    recurrent(['LSTM'], 'lstm', { ...own, changed: 'batchnorm' }),
    unresolved(['GRUCell', 'LSTMCell', 'UnitaryRNN', 'UnitaryRNNCell', 'S4D', 'DSS', 'MambaBlock'], 'recurrent layers are not read in this version'),
    {
      names: ['MultiheadAttention'], kind: 'attention', ...own, outputInitialiser: 'torch-default',
      arguments: ['n_heads', 'd_model', 'd_k', 'd_v', 'dropout', 'SoftMaxClass', 'softmax_on', 'rotary', 'attention'],
      parameters: {
        inFeatures: { from: 'd_model', default: null }, heads: { from: 'n_heads', default: null },
        keySize: { from: 'd_k', default: null }, valueSize: { from: 'd_v', default: null },
        softmax: { from: 'SoftMaxClass', default: 'complextorch.nn.CVSoftMax', named: true }, on: { from: 'softmax_on', default: 'complex' },
        rotary: { from: 'rotary', default: false }, core: { from: 'attention', default: 'scaled_dot_product' },
      },
      attention: { call: ['q', 'k', 'v'], pair: () => false },
      residualNorm: { path: 'complextorch.nn.LayerNorm', epsilon: 1e-6 },
      adjust(p) {
        const { inFeatures, heads, keySize, valueSize, softmax, on, rotary, core } = p;
        for (const key of ['keySize', 'valueSize', 'softmax', 'on', 'rotary', 'core']) delete p[key];
        const named = String(softmax).split('.').at(-1)!;
        const score = on === 'real' ? 'real' : scores[named];
        Object.assign(p, { outFeatures: inFeatures!, bias: false, score: score ?? null, normalised: false, batchFirst: true });
        if (core !== 'scaled_dot_product') return 'attention other than by scaled products is not read in this version';
        if (rotary) return 'rotary embeddings are not read in this version';
        if (on !== 'real' && named === 'MagSoftMax') return 'its weights are real under MagSoftMax, and the dropout after it raises an error on real numbers';
        if (!score) return 'its softmax is not known';
        const all = typeof heads === 'number' && typeof inFeatures === 'number' ? inFeatures / heads : null;
        if (all === null || keySize !== all || valueSize !== all) return 'heads that together are not as wide as its input are not read in this version';
      },
      note: 'Its input is added to its output, and a layer norm follows.',
    },
    unresolved(['ScaledDotProductAttention', 'HolographicAttention'], 'attention without projections of its own is not read in this version'),
  ],
};
