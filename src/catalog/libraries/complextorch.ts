// complextorch: complex layers over native complex weights, and the largest set of complex activations.
import type { Library } from './library.ts';
import {
  activation, adaptiveAveragePool, averagePool, batchNorm, celuIsElu, convolution, dropout, layerNorm, learnableSlopes, linear, maxPool, network, readOut, recurrent, transposed, unresolved,
} from './rows.ts';
import { gelu } from './torch.ts';

/** What the softmax of a complex matrix S is here: of both parts apart, or of the modulus with the phase kept. */
const scores: Record<string, string> = { CVSoftMax: 'split', PhaseSoftMax: 'modulus-phase' };
const own = { field: 'complex', initialiser: 'torch-default' } as const;
const modReluBias = {
  code: 'modrelu-bias-refused',
  when: (p: Record<string, unknown>) => typeof p.bias === 'number' && p.bias >= 0 && p.learnable !== true,
  message: "{library}'s modReLU asserts that a fixed bias is negative: this construction raises an error.",
};

export const complextorch: Library = {
  id: 'complextorch',
  label: 'complextorch',
  version: '2.1.1',
  modules: ['complextorch', 'complextorch.nn', 'complextorch.nn.modules', 'complextorch.nn.gauss', 'complextorch.nn.modules.activation', 'complextorch.nn.masked', 'complextorch.nn.relevance', 'complextorch.models'],
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
      traps: [learnableSlopes],
    }),
    activation(['CELU', 'CVSplitELU'], 'split-elu', {
      arguments: ['alpha', 'inplace'], parameters: { alpha: { from: 'alpha', default: 1 } },
      traps: [celuIsElu],
    }),
    activation(['CCELU', 'CVSplitCELU'], 'split-celu', { arguments: ['alpha', 'inplace'], parameters: { alpha: { from: 'alpha', default: 1 } } }),
    activation(['CGELU', 'CVSplitGELU'], 'split-gelu', { arguments: ['approximate'], parameters: { approximate: { from: 'approximate', default: 'none' } }, traps: [gelu()] }),
    activation(['CSigmoid', 'CVSplitSigmoid'], 'split-sigmoid'),
    activation(['CTanh', 'CVSplitTanh'], 'split-tanh'),
    { names: ['GeneralizedSplitActivation'], kind: 'activation', arguments: ['activation_r', 'activation_i'], splitOf: ['activation_r', 'activation_i'] },
    unresolved(['GeneralizedPolarActivation'], 'a polar activation given by two modules is not read in this version'),
    activation(['CVSplitAbs'], 'split-absolute'),
    activation(['zReLU'], 'zrelu', {
      traps: [{ code: 'zrelu-closed-quadrant', message: "{library}'s zReLU keeps the closed first quadrant: real inputs pass where they are positive, unlike torchcvnn's, which zeroes them." }],
    }),
    activation(['zLeakyReLU'], 'zleaky-relu', { arguments: ['negative_slope'], parameters: { slope: { from: 'negative_slope', default: 0.01 } } }),
    activation(['zAbsReLU'], 'zabsrelu', {
      arguments: ['a_init'], parameters: { threshold: { from: 'a_init', default: 0 } },
      traps: [{
        code: 'zabsrelu-identity', when: (p) => p.threshold === 0, message: "{library}'s zAbsReLU starts with threshold 0, where it is the identity; give a_init.",
        fix: { title: 'Start with threshold 1 (changes the function)', argument: { name: 'a_init', value: '1.0' } },
      }],
    }),
    activation(['CVCardiod'], 'cardioid'),
    activation(['CVSigLog'], 'siglog', { arguments: ['c', 'r'], parameters: { c: { from: 'c', default: 1 }, r: { from: 'r', default: 1 } } }),
    activation(['CVSigmoid'], 'sigmoid-reflected', {
      traps: [
        {
          code: 'sigmoid-reflected', message: "{library}'s CVSigmoid computes 1/(1 + exp(+z)), which is sigmoid(-z). For the split sigmoid write CVSplitSigmoid.",
          fix: { title: 'Use the split sigmoid, CVSplitSigmoid (changes the function)', rename: 'CVSplitSigmoid' },
        },
        { code: 'holomorphic-poles', message: "{library}'s CVSigmoid is a holomorphic function with poles: it is unbounded and its kernel has no limit as widths grow." },
      ],
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
    unresolved(['SpectralPool1d', 'SpectralPool2d', 'SpectralPool3d'], 'pooling of the spectrum is not read in this version'),
    // Whitening of a running covariance that starts at the identity, then gamma = 1/sqrt 2.
    batchNorm(['BatchNorm1d', 'BatchNorm2d', 'BatchNorm3d'], { mode: 'whitening', gamma: Math.SQRT1_2, variance: 1, epsilonKept: true }),
    batchNorm(['NaiveBatchNorm1d', 'NaiveBatchNorm2d', 'NaiveBatchNorm3d'], { mode: 'naive', gamma: 1, variance: 1 }),
    batchNorm(['MagBatchNorm1d', 'MagBatchNorm2d', 'MagBatchNorm3d'], { mode: 'magnitude', gamma: 1, variance: 1 }),
    layerNorm(['LayerNorm'], { mode: 'whitening', gamma: Math.SQRT1_2 }),
    unresolved(['RMSNorm', 'GroupNorm'], 'this normalisation is not read in this version'),
    dropout(['Dropout', 'Dropout1d', 'Dropout2d', 'Dropout3d'], { arguments: ['p', 'inplace'] }),
    activation(['RealToComplex'], 'identity', { realActivation: 'identity', casts: 'zero-imaginary', note: 'Adds a zero imaginary part.' }),
    activation(['InterleavedToComplex', 'ConcatenatedToComplex'], 'identity', { realActivation: 'identity', casts: 'pairs' }),
    unresolved(['ComplexToInterleaved', 'ComplexToConcatenated'], 'real and imaginary parts as twice as many real features are not read in this version'),
    recurrent(['GRU'], 'gru', { ...own, changed: 'batchnorm' }),
    recurrent(['LSTM'], 'lstm', { ...own, changed: 'batchnorm' }),
    unresolved(['GRUCell', 'LSTMCell', 'UnitaryRNN', 'UnitaryRNNCell', 'SSMBase', 'S4D', 'DSS', 'S4DBlock', 'MambaBlock'], 'recurrent layers are not read in this version'),
    {
      names: ['MultiheadAttention'], kind: 'attention', ...own, outputInitialiser: 'torch-default',
      arguments: ['n_heads', 'd_model', 'd_k', 'd_v', 'dropout', 'SoftMaxClass', 'softmax_on', 'rotary', 'attention'],
      parameters: {
        inFeatures: { from: 'd_model', default: null }, heads: { from: 'n_heads', default: null },
        keySize: { from: 'd_k', default: null }, valueSize: { from: 'd_v', default: null },
        softmax: { from: 'SoftMaxClass', default: 'complextorch.nn.CVSoftMax', named: true }, on: { from: 'softmax_on', default: 'complex' },
        rotary: { from: 'rotary', default: false, named: true }, core: { from: 'attention', default: 'scaled_dot_product' },
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
    unresolved([
      'EfficientChannelAttention1d', 'EfficientChannelAttention2d', 'EfficientChannelAttention3d',
      'MaskedChannelAttention1d', 'MaskedChannelAttention2d', 'MaskedChannelAttention3d',
    ], 'channel attention multiplies the signal by a function of all of it, which is not read in this version'),
    unresolved(['ComplexRatioMask', 'PhaseSigmoid', 'MagMinMaxNorm'], 'masks are not read in this version'),
    network(['Transformer', 'TransformerEncoder', 'ViT', 'vit_t', 'vit_s', 'vit_b', 'vit_l', 'vit_h']),
    unresolved(['TransformerEncoderLayer', 'TransformerDecoder', 'TransformerDecoderLayer', 'ViTLayer'], 'transformers of {library} are not read in this version'),
    unresolved(['RotaryEmbedding', 'SinusoidalPositionalEncoding', 'CoPE'], 'encodings of positions are not read in this version'),
    unresolved(['PhaseShift', 'ComplexScaling'], 'trained factors of single features are not read in this version'),
    unresolved(['PhaseDivConv1d', 'PhaseDivConv2d', 'PhaseDivConv3d', 'PhaseConjConv1d', 'PhaseConjConv2d', 'PhaseConjConv3d'], 'it divides or multiplies the signal by a convolution of it, which is not read in this version'),
    unresolved(['wFMConv1d', 'wFMConv2d', 'wFMConvStrict2d', 'wFMDistanceLinear', 'PrototypeDistance'], 'layers of manifolds and distances are not read in this version'),
    unresolved(['FFTBlock', 'IFFTBlock', 'STFT', 'InverseSTFT', 'ComplexGaborConv1d', 'MorletConv1d'], 'transforms to and from the spectrum are not read in this version'),
    unresolved(['Upsample', 'PolarUpsample'], 'upsampling is not read in this version'),
    unresolved(['CVKANLayer'], 'layers of trained functions are not read in this version'),
    unresolved(['LinearMasked', 'BilinearMasked', 'Conv1dMasked', 'Conv2dMasked', 'Conv3dMasked', 'BaseMasked', 'MaskedWeightMixin'], 'layers with masked weights are not read in this version'),
    unresolved([
      'LinearVD', 'LinearARD', 'BilinearVD', 'BilinearARD', 'Conv1dVD', 'Conv2dVD', 'Conv3dVD', 'Conv1dARD', 'Conv2dARD', 'Conv3dARD', 'BaseARD', 'SparsityStats', 'ExpiFunction',
    ], 'layers with variational dropout are not read in this version'),
    network(['CDSInvariant', 'CDSEquivariant', 'CDSMSTAR', 'SteinmetzNetwork', 'AnalyticNeuralNetwork', 'CVKAN']),
    unresolved([
      'GeneralizedSplitLoss', 'GeneralizedPolarLoss', 'SSIM', 'SplitSSIM', 'PerpLossSSIM', 'SplitL1', 'SplitMSE', 'MSELoss', 'AnalyticSignalLoss', 'HolographicReconstructionLoss',
      'CVQuadError', 'CVFourthPowError', 'CVCauchyError', 'CVLogCoshError', 'CVLogError',
    ], 'a loss is no layer of a network'),
  ],
};
