// Keras 2 and 3 (tf.keras among them): its layers, and what its activation strings mean. Arguments and defaults are Keras 3's; where Keras 2
// differs the row says so.
import type { ParameterValue } from '../../contract/graph.ts';
import {
  batchNorm, convolution, dense, depthwise, globalAveragePool, layerNorm, pool, realActivation, recurrent, transposed, type More,
} from './keras-rows.ts';
import type { Library, Spelling } from './library.ts';
import { activation, dropout, readOut, unresolved } from './rows.ts';

const refusing = (name: string): string => `TensorFlow's ${name} takes real numbers only and raises an error on complex ones; use a complex library's activation, such as cvnn's cart_${name}`;

const realOnly = (names: string[], id: string, more: More = {}): Spelling => realActivation(names, id, { refusesComplex: refusing(names[0]!), ...more });

const continued = (names: string[], real: string, holomorphic: string): Spelling =>
  activation(names, holomorphic, {
    realActivation: real,
    traps: [{
      code: 'holomorphic-poles', on: 'complex',
      message: `On complex numbers {library}'s ${names[0]} is the holomorphic function, which has poles: it is unbounded and its kernel has no limit as widths grow. Use the split form if real and imaginary part were meant apart.`,
    }],
  });

const slope = (standard: number): NonNullable<Spelling['parameters']> => ({ slope: { from: 'negative_slope', also: 'alpha', default: standard } });

/** ReLU with a slope, a cap and a threshold: those that are a known function. */
function reluOf(p: Record<string, ParameterValue>): string | null {
  if (p.threshold !== 0) return null;
  if (p.most === null) return p.slope === 0 ? 'relu' : 'leaky-relu';
  return p.most === 6 && p.slope === 0 ? 'relu6' : null;
}

const noise = (names: string[]): Spelling => activation(names, 'identity', { realActivation: 'identity', note: 'It acts in training only; in evaluation it is the identity.' });
const glorot = { initialiser: 'keras-glorot-uniform' };

export const keras: Library = {
  id: 'keras',
  label: 'Keras',
  version: '3.15.1',
  // As plainPath words them.
  modules: ['keras', 'keras.layers', 'keras.activations', 'keras.backend', 'keras.ops', 'keras.ops.nn', 'tensorflow', 'tensorflow.nn', 'tensorflow.math'],
  others: {
    keras: ['layers', 'models', 'activations', 'initializers', 'regularizers', 'constraints', 'optimizers', 'losses', 'metrics', 'callbacks', 'utils', 'applications', 'backend', 'ops', 'Input', 'Model', 'Sequential'],
    'keras.layers': ['Input', 'InputLayer', 'Layer', 'Wrapper', 'TimeDistributed'],
    'keras.models': ['Model', 'Sequential', 'Input', 'load_model'],
    tensorflow: ['keras', 'nn', 'math'],
  },
  mixes: {
    realWeights: 'TensorFlow drops the imaginary part with a warning, or raises an error. Use a complex layer, or take the modulus or the real part first.',
    complexWeights: 'TensorFlow raises an error, or casts with a warning. Cast the input to complex numbers first.',
  },
  spellings: [
    dense(['Dense'], glorot),
    convolution(1, ['Conv1D', 'Convolution1D'], glorot),
    convolution(2, ['Conv2D', 'Convolution2D'], glorot),
    convolution(3, ['Conv3D', 'Convolution3D'], glorot),
    transposed(1, ['Conv1DTranspose', 'Convolution1DTranspose'], glorot),
    transposed(2, ['Conv2DTranspose', 'Convolution2DTranspose', 'Deconvolution2D', 'Deconv2D'], glorot),
    transposed(3, ['Conv3DTranspose', 'Convolution3DTranspose', 'Deconvolution3D', 'Deconv3D'], glorot),
    depthwise(1, ['DepthwiseConv1D'], glorot),
    depthwise(2, ['DepthwiseConv2D', 'DepthwiseConvolution2D'], glorot),
    unresolved(['SeparableConv1D', 'SeparableConvolution1D', 'SeparableConv2D', 'SeparableConvolution2D'], 'it is a depthwise and a pointwise convolution in one; write DepthwiseConv2D and Conv2D with kernels of size 1 one after the other'),
    pool('average-pool', 1, ['AveragePooling1D', 'AvgPool1D']),
    pool('average-pool', 2, ['AveragePooling2D', 'AvgPool2D']),
    pool('average-pool', 3, ['AveragePooling3D', 'AvgPool3D']),
    pool('max-pool', 1, ['MaxPooling1D', 'MaxPool1D']),
    pool('max-pool', 2, ['MaxPooling2D', 'MaxPool2D']),
    pool('max-pool', 3, ['MaxPooling3D', 'MaxPool3D']),
    globalAveragePool(['GlobalAveragePooling1D', 'GlobalAvgPool1D', 'GlobalAveragePooling2D', 'GlobalAvgPool2D', 'GlobalAveragePooling3D', 'GlobalAvgPool3D']),
    unresolved(['GlobalMaxPooling1D', 'GlobalMaxPool1D', 'GlobalMaxPooling2D', 'GlobalMaxPool2D', 'GlobalMaxPooling3D', 'GlobalMaxPool3D'], 'a maximum over all positions is not read in this version', { arguments: ['data_format', 'keepdims'], axesArgument: 'data_format', parameters: { keepAxes: { from: 'keepdims', default: false } } }),
    unresolved([1, 2, 3].flatMap((n) => [`AdaptiveAveragePooling${n}D`, `AdaptiveMaxPooling${n}D`]), 'adaptive pools of Keras are not read in this version'),
    batchNorm(['BatchNormalization', 'SyncBatchNormalization', 'BatchNormalizationV1', 'BatchNormalizationV2'], { mode: 'naive', gamma: 1, variance: 1, epsilon: 1e-3, epsilonAdded: true }),
    layerNorm(['LayerNormalization']),
    unresolved(['GroupNormalization', 'RMSNormalization', 'UnitNormalization', 'SpectralNormalization'], 'of the norms only batch and layer normalisation are read'),
    dropout(['Dropout', 'SpatialDropout1D', 'SpatialDropout2D', 'SpatialDropout3D', 'AlphaDropout', 'GaussianDropout'], {
      arguments: ['rate', 'noise_shape', 'seed'], parameters: { rate: { from: 'rate', default: null } },
    }),
    noise(['GaussianNoise', 'ActivityRegularization', 'RandomFlip', 'RandomRotation', 'RandomZoom', 'RandomTranslation', 'RandomContrast', 'RandomBrightness']),
    activation(['Identity', 'linear'], 'identity', { realActivation: 'identity' }),
    { names: ['Flatten'], kind: 'flatten', arguments: ['data_format'], axesArgument: 'data_format', parameters: { startAxis: { default: 1 }, endAxis: { default: -1 } } },
    { names: ['Reshape'], kind: 'reshape', arguments: ['target_shape'], parameters: { shape: { from: 'target_shape', default: null } } },
    { names: ['Permute'], kind: 'reshape', arguments: ['dims'], parameters: { shape: { default: null, optional: true } }, note: 'A permutation of axes.' },
    { names: ['Add', 'add'], kind: 'add' },
    { names: ['Concatenate', 'concatenate'], kind: 'concat', arguments: ['axis'], parameters: { axis: { from: 'axis', default: -1 } } },
    unresolved(['Average', 'average'], 'a mean of signals is not read in this version; write Add, which is the mean times their number'),
    unresolved(['Multiply', 'multiply'], 'a product of signals is not Gaussian in this theory'),
    unresolved(['Subtract', 'subtract'], 'a difference of signals is not read in this version'),
    unresolved(['Maximum', 'maximum', 'Minimum', 'minimum', 'Dot', 'dot'], 'of the layers that join signals only Add and Concatenate are read'),
    unresolved(['ZeroPadding1D', 'ZeroPadding2D', 'ZeroPadding3D'], "padding apart from a convolution is not read in this version; write the convolution's own padding", { arguments: ['padding', 'data_format'], axesArgument: 'data_format', parameters: { padding: { from: 'padding', default: 1 } } }),
    ...[1, 2, 3].map((rank) => unresolved([`Cropping${rank}D`], 'layers that cut positions are not read in this version', { arguments: ['cropping', 'data_format'], axesArgument: 'data_format', parameters: { cropping: { from: 'cropping', default: rank === 2 ? 0 : 1 } } })),
    unresolved(['RepeatVector', 'Masking', 'CenterCrop', 'RandomCrop', 'Resizing'], 'layers that cut, repeat or mask positions are not read in this version'),
    unresolved(['UpSampling1D', 'UpSampling2D', 'UpSampling3D'], 'upsampling repeats positions, which is not read in this version', { arguments: ['size', 'data_format'], axesArgument: 'data_format', parameters: { size: { from: 'size', default: 2 } } }),
    unresolved(['Rescaling', 'Normalization'], 'it scales the data by numbers of its own; scale the inputs before the network instead'),
    unresolved(['Lambda'], 'a Lambda layer holds Python code that is not read'),
    unresolved(['EinsumDense'], 'a dense layer over several axes is not read in this version'),
    unresolved(['LocallyConnected1D', 'LocallyConnected2D'], 'weights of each position apart are not read in this version'),
    {
      names: ['Embedding'], kind: 'embedding', initialiser: 'keras-random-uniform', initialiserArguments: { weight: 'embeddings_initializer' },
      arguments: ['input_dim', 'output_dim', 'embeddings_initializer', 'embeddings_regularizer', 'embeddings_constraint', 'mask_zero'],
      parameters: { inFeatures: { from: 'input_dim', default: null }, outFeatures: { from: 'output_dim', default: null }, bias: { default: false } },
    },
    recurrent(['SimpleRNN'], 'vanilla', { ...glorot, recurrentInitialiser: 'keras-orthogonal' }),
    recurrent(['GRU'], 'gru', { ...glorot, recurrentInitialiser: 'keras-orthogonal' }),
    recurrent(['LSTM'], 'lstm', { ...glorot, recurrentInitialiser: 'keras-orthogonal' }),
    unresolved(['CuDNNGRU', 'CuDNNLSTM', 'RNN', 'Bidirectional', 'ConvLSTM1D', 'ConvLSTM2D', 'ConvLSTM3D', 'StackedRNNCells'], 'of the recurrent layers SimpleRNN, GRU and LSTM of one direction are read'),
    unresolved(['MultiHeadAttention', 'Attention', 'AdditiveAttention', 'GroupQueryAttention', 'GroupedQueryAttention'], "Keras' attention sets the sizes of its heads apart from those of its input and starts its projections by other fans, which is not read in this version"),
    // Layers that are activations.
    { names: ['Activation'], kind: 'activation', arguments: ['activation'], activationArgument: 'activation' },
    realOnly(['ReLU'], 'relu', {
      arguments: ['max_value', 'negative_slope', 'threshold'], choose: reluOf,
      parameters: { most: { from: 'max_value', default: null, optional: true }, ...slope(0), threshold: { from: 'threshold', also: 'theta', default: 0 } },
    }),
    realOnly(['LeakyReLU'], 'leaky-relu', { arguments: ['negative_slope'], parameters: slope(0.3), note: 'In Keras 2 the argument is called alpha; both have 0.3 by default.' }),
    realOnly(['PReLU'], 'leaky-relu', {
      arguments: ['alpha_initializer'], parameters: { first: { from: 'alpha_initializer', default: 'zeros' } },
      adjust(p) {
        p.slope = typeof p.first === 'string' && /^zeros/i.test(p.first) ? 0 : null;
        delete p.first;
      },
      traps: [{ code: 'learnable-slope', on: 'real', message: "The slope of {library}'s PReLU is trained; the analysis holds it at its initial value, 0 by default." }],
    }),
    realOnly(['ELU', 'elu'], 'elu', { arguments: ['alpha'], parameters: { alpha: { from: 'alpha', default: 1 } } }),
    unresolved(['ThresholdedReLU'], 'x above a threshold and 0 below is not a known activation here; write Activation("relu")'),
    readOut(['Softmax', 'softmax'], 'softmax', { refusesComplex: refusing('softmax') }),
    // Strings and functions.
    realOnly(['relu'], 'relu', {
      arguments: ['negative_slope', 'max_value', 'threshold'], choose: reluOf,
      parameters: { ...slope(0), most: { from: 'max_value', default: null, optional: true }, threshold: { from: 'threshold', default: 0 } },
    }),
    realOnly(['relu6'], 'relu6'),
    realOnly(['leaky_relu'], 'leaky-relu', { arguments: ['negative_slope'], parameters: slope(0.2) }),
    realOnly(['selu'], 'selu'),
    realOnly(['celu'], 'celu', { arguments: ['alpha'], parameters: { alpha: { from: 'alpha', default: 1 } } }),
    realOnly(['gelu'], 'gelu', { arguments: ['approximate'], parameters: { approximate: { from: 'approximate', default: false } }, choose: (p) => (p.approximate === true ? 'gelu-tanh' : 'gelu') }),
    realOnly(['softplus'], 'softplus'),
    realOnly(['softsign'], 'softsign'),
    realOnly(['silu', 'swish'], 'silu'),
    realOnly(['mish'], 'mish'),
    realOnly(['hard_sigmoid'], 'hard-sigmoid', { parameters: { slope: { default: 1 / 6 } }, note: 'Keras 3: relu6(x + 3)/6. In Keras 2 its slope is 0.2.' }),
    realOnly(['hard_silu', 'hard_swish'], 'hard-swish'),
    realOnly(['hard_tanh'], 'hard-tanh'),
    realOnly(['hard_shrink'], 'hardshrink', { arguments: ['threshold'], parameters: { lambda: { from: 'threshold', default: 0.5 } } }),
    realOnly(['soft_shrink'], 'softshrink', { arguments: ['threshold'], parameters: { lambda: { from: 'threshold', default: 0.5 } } }),
    realOnly(['tanh_shrink'], 'tanhshrink'),
    realOnly(['log_sigmoid'], 'log-sigmoid'),
    realOnly(['squareplus'], 'squareplus', { arguments: ['b'], parameters: { b: { from: 'b', default: 4 } } }),
    realOnly(['sparse_plus'], 'sparse-plus'),
    realOnly(['threshold'], 'threshold', { arguments: ['threshold', 'default_value'], parameters: { threshold: { from: 'threshold', default: null }, value: { from: 'default_value', default: null } } }),
    continued(['tanh'], 'tanh', 'tanh-holomorphic'),
    continued(['sigmoid'], 'sigmoid', 'sigmoid-holomorphic'),
    activation(['exponential'], 'exp-holomorphic', { realActivation: 'exponential' }),
    readOut(['log_softmax'], 'log-softmax', { refusesComplex: refusing('log_softmax') }),
    unresolved(['glu', 'sparsemax', 'sparse_sigmoid'], 'it is not in the catalog of activations'),
  ],
};
