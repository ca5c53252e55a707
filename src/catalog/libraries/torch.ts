// PyTorch itself: which of its layers and activations run on complex tensors, and what they are there.
import type { Library, Spelling, SpellingTrap } from './library.ts';
import {
  activation, adaptiveAveragePool, attention, averagePool, batchNorm, convolution, dropout, layerNorm, linear, maxPool, readOut, recurrent, transposed, unresolved,
} from './rows.ts';

/** An activation that PyTorch defines on real tensors only. */
const realOnly = (names: string[], id: string, more: Partial<Spelling> = {}): Spelling => ({
  names, kind: 'activation', realActivation: id,
  refusesComplex: `{library}'s ${names[0]} raises an error on complex tensors; write the split form (a complex library's C${names[0]}) or an activation made for complex numbers`,
  ...more,
});

/** A real function that PyTorch continues analytically on complex tensors. */
const continued = (names: string[], real: string, holomorphic: string): Spelling =>
  activation(names, holomorphic, {
    realActivation: real,
    traps: [{
      code: 'holomorphic-poles', on: 'complex',
      message: `On a complex tensor {library}'s ${names[0]} is the holomorphic function, which has poles: it is unbounded and its kernel has no limit as widths grow. Use the split form if real and imaginary part were meant apart.`,
    }],
  });

/** Measured in a version that could be run; in evaluation it is the identity on complex tensors too. */
const dropoutRefusesComplex: SpellingTrap = {
  code: 'dropout-refuses-complex', on: 'complex', version: '2.13.0',
  message: "{library}'s Dropout raises an error on complex tensors in training on a CPU. In evaluation it is the identity, as analysed.",
};

/** The row without its first argument, the size of the input. */
function lazy(row: Spelling, size: string): Spelling {
  const { [size]: _size, ...parameters } = row.parameters!;
  return { ...row, arguments: row.arguments!.slice(1), parameters };
}

const refusing = (what: string): string => `{library}'s ${what} raises an error on complex tensors; use a complex library's version`;

export const torch: Library = {
  id: 'torch',
  label: 'PyTorch',
  version: '2.15.0',
  modules: ['torch', 'torch.nn', 'torch.nn.functional', 'torch.nn.modules', 'torch.special'],
  spellings: [
    linear(['Linear'], { initialiser: 'torch-default' }),
    convolution(1, ['Conv1d'], { initialiser: 'torch-default' }),
    convolution(2, ['Conv2d'], { initialiser: 'torch-default' }),
    convolution(3, ['Conv3d'], { initialiser: 'torch-default' }),
    transposed(1, ['ConvTranspose1d'], { initialiser: 'torch-default' }),
    transposed(2, ['ConvTranspose2d'], { initialiser: 'torch-default' }),
    transposed(3, ['ConvTranspose3d'], { initialiser: 'torch-default' }),
    averagePool(1, ['AvgPool1d', 'avg_pool1d'], { refusesComplex: refusing('AvgPool1d') }),
    averagePool(2, ['AvgPool2d', 'avg_pool2d'], { refusesComplex: refusing('AvgPool2d') }),
    averagePool(3, ['AvgPool3d', 'avg_pool3d'], { refusesComplex: refusing('AvgPool3d') }),
    adaptiveAveragePool(1, ['AdaptiveAvgPool1d', 'adaptive_avg_pool1d']),
    adaptiveAveragePool(2, ['AdaptiveAvgPool2d', 'adaptive_avg_pool2d']),
    adaptiveAveragePool(3, ['AdaptiveAvgPool3d', 'adaptive_avg_pool3d']),
    maxPool(1, ['MaxPool1d', 'max_pool1d'], { refusesComplex: refusing('MaxPool1d') }),
    maxPool(2, ['MaxPool2d', 'max_pool2d'], { refusesComplex: refusing('MaxPool2d') }),
    maxPool(3, ['MaxPool3d', 'max_pool3d'], { refusesComplex: refusing('MaxPool3d') }),
    batchNorm(['BatchNorm1d', 'BatchNorm2d', 'BatchNorm3d'], { mode: 'naive', gamma: 1, variance: 1 }, { refusesComplex: refusing('BatchNorm') }),
    layerNorm(['LayerNorm'], { mode: 'parts', gamma: 1 }, { refusesComplex: refusing('LayerNorm') }),
    dropout(['Dropout', 'Dropout1d', 'Dropout2d', 'Dropout3d'], { arguments: ['p', 'inplace'], traps: [dropoutRefusesComplex] }),
    dropout(['dropout', 'dropout1d', 'dropout2d', 'dropout3d'], { traps: [dropoutRefusesComplex] }),
    dropout(['AlphaDropout', 'FeatureAlphaDropout'], { arguments: ['p', 'inplace'], refusesComplex: refusing('AlphaDropout') }),
    { names: ['Flatten', 'flatten'], kind: 'flatten', arguments: ['start_dim', 'end_dim'], parameters: { startAxis: { from: 'start_dim', default: 1 }, endAxis: { from: 'end_dim', default: -1 } } },
    realOnly(['ReLU', 'relu', 'relu_'], 'relu'),
    realOnly(['LeakyReLU', 'leaky_relu'], 'leaky-relu', { arguments: ['negative_slope', 'inplace'], parameters: { slope: { from: 'negative_slope', default: 0.01 } } }),
    realOnly(['PReLU'], 'leaky-relu', {
      arguments: ['num_parameters', 'init'], parameters: { slope: { from: 'init', default: 0.25 } },
      traps: [{ code: 'learnable-slope', on: 'real', message: "{library}'s PReLU trains its slope; the analysis holds it at its initial value." }],
    }),
    realOnly(['ELU', 'elu'], 'elu', { arguments: ['alpha', 'inplace'], parameters: { alpha: { from: 'alpha', default: 1 } } }),
    realOnly(['GELU', 'gelu'], 'gelu', { arguments: ['approximate'], parameters: { approximate: { from: 'approximate', default: 'none' } }, traps: [gelu('real')] }),
    realOnly(['erf'], 'erf'),
    realOnly(['CELU', 'celu'], 'celu', { arguments: ['alpha', 'inplace'], parameters: { alpha: { from: 'alpha', default: 1 } } }),
    realOnly(['SELU', 'selu'], 'selu', { arguments: ['inplace'] }),
    realOnly(['ReLU6', 'relu6'], 'relu6', { arguments: ['inplace'] }),
    realOnly(['Softplus', 'softplus'], 'softplus', { arguments: ['beta', 'threshold'], parameters: { beta: { from: 'beta', default: 1 } } }),
    realOnly(['Mish', 'mish'], 'mish', { arguments: ['inplace'] }),
    realOnly(['LogSigmoid', 'logsigmoid'], 'log-sigmoid'),
    realOnly(['Hardsigmoid', 'hardsigmoid'], 'hard-sigmoid', { arguments: ['inplace'] }),
    realOnly(['Hardswish', 'hardswish'], 'hard-swish', { arguments: ['inplace'] }),
    realOnly(['Hardtanh', 'hardtanh'], 'hard-tanh', { arguments: ['min_val', 'max_val'], parameters: { low: { from: 'min_val', default: -1 }, high: { from: 'max_val', default: 1 } } }),
    realOnly(['Softshrink', 'softshrink'], 'softshrink', { arguments: ['lambd'], parameters: { lambda: { from: 'lambd', default: 0.5 } } }),
    realOnly(['Hardshrink', 'hardshrink'], 'hardshrink', { arguments: ['lambd'], parameters: { lambda: { from: 'lambd', default: 0.5 } } }),
    realOnly(['Threshold', 'threshold'], 'threshold', { arguments: ['threshold', 'value'], parameters: { threshold: { from: 'threshold', default: null }, value: { from: 'value', default: null } } }),
    realOnly(['RReLU', 'rrelu'], 'leaky-relu', {
      arguments: ['lower', 'upper'], parameters: { lower: { from: 'lower', default: 1 / 8 }, upper: { from: 'upper', default: 1 / 3 } },
      adjust(p) {
        p.slope = typeof p.lower === 'number' && typeof p.upper === 'number' ? (p.lower + p.upper) / 2 : null;
      },
      note: 'In evaluation a leaky ReLU of the mean slope.',
    }),
    activation(['Softsign', 'softsign'], 'siglog', { realActivation: 'softsign', note: 'On complex tensors z/(1 + |z|), which is not holomorphic.' }),
    continued(['Tanhshrink', 'tanhshrink'], 'tanhshrink', 'tanhshrink-holomorphic'),
    continued(['Tanh', 'tanh'], 'tanh', 'tanh-holomorphic'),
    continued(['Sigmoid', 'sigmoid'], 'sigmoid', 'sigmoid-holomorphic'),
    continued(['SiLU', 'silu'], 'silu', 'silu-holomorphic'),
    readOut(['Softmax', 'softmax'], 'softmax', { refusesComplex: refusing('Softmax') }),
    readOut(['LogSoftmax', 'log_softmax'], 'log-softmax', { refusesComplex: refusing('LogSoftmax') }),
    readOut(['abs', 'absolute'], 'abs'),
    readOut(['real'], 'real'),
    readOut(['imag'], 'imag'),
    readOut(['angle'], 'angle'),
    readOut(['view_as_real'], 'view-as-real'),
    activation(['Identity'], 'identity', { realActivation: 'identity' }),
    {
      names: ['Embedding'], kind: 'embedding', initialiser: 'torch-normal', arguments: ['num_embeddings', 'embedding_dim', 'padding_idx', 'max_norm', 'norm_type', 'scale_grad_by_freq', 'sparse'],
      parameters: { inFeatures: { from: 'num_embeddings', default: null }, outFeatures: { from: 'embedding_dim', default: null }, bias: { default: false }, most: { from: 'max_norm', default: 0 } },
      adjust(p) {
        const { most } = p;
        delete p.most;
        if (most !== 0 && most !== null) return 'rows cut to a norm are not read in this version';
      },
    },
    recurrent(['RNN'], 'vanilla', { initialiser: 'torch-recurrent', realOnly: true }),
    recurrent(['GRU'], 'gru', { initialiser: 'torch-recurrent', realOnly: true }),
    recurrent(['LSTM'], 'lstm', { initialiser: 'torch-recurrent', realOnly: true, changed: 'proj_size' }),
    attention(['MultiheadAttention'], {
      refusesComplex: refusing('MultiheadAttention'), initialiser: 'torch-xavier-uniform', outputInitialiser: 'torch-default',
      attention: { call: ['query', 'key', 'value', 'key_padding_mask', 'need_weights', 'attn_mask', 'average_attn_weights', 'is_causal'], pair: () => true },
      parameters: {
        ...attention([]).parameters,
        biasKv: { from: 'add_bias_kv', default: false }, zeroAttention: { from: 'add_zero_attn', default: false },
        keyFeatures: { from: 'kdim', default: 0 }, valueFeatures: { from: 'vdim', default: 0 },
      },
      adjust(p) {
        const { inFeatures, biasKv, zeroAttention, keyFeatures, valueFeatures } = p;
        for (const key of ['biasKv', 'zeroAttention', 'keyFeatures', 'valueFeatures']) delete p[key];
        Object.assign(p, { outFeatures: inFeatures!, score: 'real', normalised: false });
        if (biasKv !== false || zeroAttention !== false) return 'its added keys and values are not read in this version';
        if ([keyFeatures, valueFeatures].some((n) => n && n !== inFeatures)) return 'keys and values of other sizes do not belong to one signal';
      },
    }),
    unresolved(['Bilinear'], 'a bilinear layer has two inputs; its kernel is not one of a chain'),
    unresolved([
      'ZeroPad1d', 'ZeroPad2d', 'ZeroPad3d', 'ConstantPad1d', 'ConstantPad2d', 'ConstantPad3d', 'CircularPad1d', 'CircularPad2d', 'CircularPad3d',
      'ReflectionPad1d', 'ReflectionPad2d', 'ReflectionPad3d', 'ReplicationPad1d', 'ReplicationPad2d', 'ReplicationPad3d',
    ], 'padding as a layer of its own is not read in this version; give it to the layer after it'),
    unresolved([
      'AdaptiveMaxPool1d', 'AdaptiveMaxPool2d', 'AdaptiveMaxPool3d', 'FractionalMaxPool2d', 'FractionalMaxPool3d', 'LPPool1d', 'LPPool2d', 'LPPool3d', 'MaxUnpool1d', 'MaxUnpool2d', 'MaxUnpool3d',
    ], 'this pooling is not read in this version'),
    unresolved([
      'InstanceNorm1d', 'InstanceNorm2d', 'InstanceNorm3d', 'LazyInstanceNorm1d', 'LazyInstanceNorm2d', 'LazyInstanceNorm3d',
      'GroupNorm', 'RMSNorm', 'LocalResponseNorm', 'CrossMapLRN2d', 'SyncBatchNorm',
    ], 'this normalisation is not read in this version'),
    // The sizes of these follow from what comes in.
    lazy(linear(['LazyLinear'], { initialiser: 'torch-default' }), 'inFeatures'),
    ...([1, 2, 3] as const).flatMap((rank) => [
      lazy(convolution(rank, [`LazyConv${rank}d`], { initialiser: 'torch-default' }), 'inFeatures'),
      lazy(transposed(rank, [`LazyConvTranspose${rank}d`], { initialiser: 'torch-default' }), 'inFeatures'),
    ]),
    lazy(batchNorm(['LazyBatchNorm1d', 'LazyBatchNorm2d', 'LazyBatchNorm3d'], { mode: 'naive', gamma: 1, variance: 1 }, { refusesComplex: refusing('BatchNorm') }), 'features'),
    unresolved(['RNNCell', 'GRUCell', 'LSTMCell'], 'cells of recurrent layers are not read in this version'),
    unresolved(['Transformer', 'TransformerEncoder', 'TransformerEncoderLayer', 'TransformerDecoder', 'TransformerDecoderLayer'], 'transformers are not read in this version'),
    unresolved(['GLU', 'Softmin', 'Softmax2d'], 'it mixes channels: it is no function of one number'),
    { names: ['Unflatten'], kind: 'reshape', arguments: ['dim', 'unflattened_size'], adjust(p) { p.shape = null; } },
    unresolved(['Fold', 'Unfold', 'PixelShuffle', 'PixelUnshuffle', 'ChannelShuffle'], 'how it reorders the signal is not read in this version'),
    unresolved(['Upsample', 'UpsamplingBilinear2d', 'UpsamplingNearest2d'], 'upsampling is not read in this version'),
    unresolved(['EmbeddingBag'], 'sums of embeddings are not read in this version'),
    unresolved(['CosineSimilarity', 'PairwiseDistance', 'AdaptiveLogSoftmaxWithLoss'], 'a similarity or a loss is no layer of a network'),
  ],
};

/** The trap of the tanh approximation, shared by every GELU. */
export function gelu(on?: 'real' | 'complex'): NonNullable<Spelling['traps']>[number] {
  return {
    code: 'gelu-approximate', ...(on ? { on } : {}),
    when: (p) => p.approximate === 'tanh',
    message: 'GELU with approximate="tanh" differs from the exact one by up to 5e-4 ({library}); the analysis uses the exact one.',
    fix: { title: 'Use the exact GELU', argument: { name: 'approximate', value: "'none'" } },
  };
}
