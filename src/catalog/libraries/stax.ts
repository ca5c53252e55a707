// stax, in the forms of neural-tangents (layers are called, with W_std and b_std) and of JAX's example libraries (activations are not called).
import { promoting } from './jax.ts';
import { batchNorm, convolution, convolutionSizes, layerNorm, pool, transposed, type More } from './jax-rows.ts';
import type { ParameterValue } from '../../contract/graph.ts';
import type { Library, Spelling } from './library.ts';
import { dropout, readOut, unresolved } from './rows.ts';

type Values = Record<string, ParameterValue>;
const onReal = (names: string[], id: string, more: More = {}): Spelling => ({ names, kind: 'activation', realActivation: id, ...more });

const sizes = { out: 'out_chan', kernel: 'filter_shape', stride: 'strides', padding: 'padding', standard: 'VALID' };
const poolWords = ['window_shape', 'strides', 'padding'];
const flattens: Spelling = { names: ['Flatten'], kind: 'flatten', parameters: { startAxis: { default: 1 }, endAxis: { default: -1 } } };
const identity = onReal(['Identity'], 'identity', { activation: 'identity' });
const sum: Spelling = { names: ['FanInSum'], kind: 'add' };
const joined: Spelling = { names: ['FanInConcat'], kind: 'concat', arguments: ['axis'], parameters: { axis: { from: 'axis', default: -1 } } };

/** The rate is that of what is kept. */
const keeping = dropout(['Dropout'], {
  arguments: ['rate', 'mode'], parameters: { rate: { from: 'rate', default: null } },
  adjust(p) {
    p.rate = typeof p.rate === 'number' ? Math.round((1 - p.rate) * 1e12) / 1e12 : null;
  },
  note: 'Its rate is the share that is kept.',
});

/** Reads an affine form around an activation where it changes nothing. */
const plain = (standard: Values, what: string) => (p: Values): string | void => {
  const odd = Object.keys(standard).find((key) => p[key] !== standard[key]);
  for (const key of Object.keys(standard)) delete p[key];
  if (odd) return `${what} is read only where it is plain: its argument ${odd} is another one than ${JSON.stringify(standard[odd])}`;
};

const affine = (name: string, id: string, standard: Values): Spelling => onReal([name], id, {
  arguments: Object.keys(standard), parameters: Object.fromEntries(Object.entries(standard).map(([key, value]) => [key, { from: key, default: value }])), adjust: plain(standard, name),
});

const periodic = (name: string, id: string): Spelling => onReal([name], id, {
  arguments: ['a', 'b', 'c'], parameters: { a: { from: 'a', default: 1 }, frequency: { from: 'b', default: 1 }, c: { from: 'c', default: 0 } },
  adjust: plain({ a: 1, c: 0 }, name),
});

const tangentWeights = { initialiser: 'nt-weight', initialiserArguments: { weight: 'W_std', bias: 'b_std' } } as const;
const tangentWords = ['out_chan', 'filter_shape', 'strides', 'padding', 'W_std', 'b_std', 'dimension_numbers', 'parameterization', 's'];
const tangentSizes = { ...convolutionSizes(sizes), bias: { default: false } };

export const neuralTangents: Library = {
  id: 'neural-tangents',
  label: 'neural-tangents',
  version: '0.6.5',
  modules: ['neural_tangents', 'neural_tangents.stax'],
  others: { 'neural_tangents.stax': ['serial', 'parallel', 'repeat', 'FanOut', 'Elementwise', 'ElementwiseNumerical', 'Padding', 'layer'] },
  ...promoting,
  spellings: [
    {
      names: ['Dense'], kind: 'dense', ...tangentWeights, arguments: ['out_dim', 'W_std', 'b_std', 'batch_axis', 'channel_axis', 'parameterization', 's'],
      parameters: { outFeatures: { from: 'out_dim', default: null }, bias: { default: false } },
      note: 'Weights of variance W_std^2/fan_in, biases of variance b_std^2, in both parameterisations.',
    },
    convolution(['Conv'], { ...tangentWeights, arguments: tangentWords, parameters: tangentSizes }),
    transposed(['ConvTranspose'], { ...tangentWeights, arguments: tangentWords, parameters: tangentSizes }),
    unresolved(['ConvLocal'], 'weights of each position apart are not read in this version'),
    pool('average-pool', ['AvgPool'], [...poolWords, 'normalize_edges', 'batch_axis', 'channel_axis'], { parameters: { edges: { from: 'normalize_edges', default: false } } }),
    unresolved(['SumPool', 'GlobalSumPool'], 'a sum over positions is not read in this version; the mean is'),
    { names: ['GlobalAvgPool'], kind: 'global-average-pool', parameters: { keepAxes: { default: false } } },
    flattens, identity, sum, joined, keeping,
    layerNorm(['LayerNorm'], ['axis', 'eps', 'batch_axis', 'channel_axis'], { epsilon: 'eps', epsilonDefault: 1e-12, axis: 'axis' }),
    unresolved(['FanInProd'], 'a product of signals is not Gaussian in this theory'),
    unresolved(['GlobalSelfAttention'], 'its queries, keys and values have weights and sizes apart, which is not read in this version'),
    unresolved(['Aggregate', 'DotGeneral', 'ImageResize', 'Index'], 'it acts on positions in a way that is not read in this version'),
    onReal(['Relu'], 'relu', { arguments: ['do_stabilize'] }),
    onReal(['LeakyRelu'], 'leaky-relu', { arguments: ['alpha', 'do_stabilize'], parameters: { slope: { from: 'alpha', default: null } } }),
    onReal(['ABRelu'], 'leaky-relu', {
      arguments: ['a', 'b', 'do_stabilize'], parameters: { slope: { from: 'a', default: null }, positive: { from: 'b', default: null } },
      adjust: plain({ positive: 1 }, 'ABRelu'),
    }),
    onReal(['Abs'], 'absolute', { arguments: ['do_stabilize'] }),
    affine('Erf', 'erf', { a: 1, b: 1, c: 0 }),
    onReal(['Gelu'], 'gelu', { arguments: ['approximate'], note: 'approximate=False is the default.' }),
    onReal(['Gelu(approximate=True)'], 'gelu-tanh'),
    periodic('Sin', 'sin'), periodic('Cos', 'cos'),
    affine('Exp', 'exponential', { a: 1, b: 1 }),
    affine('Gaussian', 'gaussian', { a: 1, b: -1 }),
    onReal(['Monomial'], 'square', { arguments: ['degree'], parameters: { degree: { from: 'degree', default: null } }, adjust: plain({ degree: 2 }, 'Monomial') }),
    onReal(['RectifiedMonomial'], 'squared-relu', { arguments: ['degree'], parameters: { degree: { from: 'degree', default: null } }, adjust: plain({ degree: 2 }, 'RectifiedMonomial') }),
    unresolved(['Rbf', 'Sigmoid_like', 'Gabor', 'Sign', 'ExpNormalized', 'Hermite', 'Polynomial'], 'it is not in the catalog of activations'),
  ],
};

const glorot = (kind: 'dense' | 'conv') => ({ initialiser: `stax-${kind}`, initialiserArguments: { weight: 'W_init', bias: 'b_init' } });
const convolutionWords = ['out_chan', 'filter_shape', 'strides', 'padding', 'W_init', 'b_init'];

export const stax: Library = {
  id: 'stax',
  label: 'stax of JAX',
  version: '0.10.2',
  modules: ['jax.example_libraries.stax', 'jax.experimental.stax'],
  others: Object.fromEntries(['jax.example_libraries.stax', 'jax.experimental.stax'].map((m) => [m, ['serial', 'parallel', 'FanOut', 'elementwise', 'relu', 'glorot', 'glorot_normal', 'randn', 'normal', 'zeros', 'ones', 'jnp']])),
  ...promoting,
  spellings: [
    {
      names: ['Dense'], kind: 'dense', ...glorot('dense'), arguments: ['out_dim', 'W_init', 'b_init'],
      parameters: { outFeatures: { from: 'out_dim', default: null }, bias: { default: true } },
    },
    convolution(['Conv'], { ...glorot('conv'), arguments: convolutionWords, parameters: convolutionSizes(sizes) }),
    convolution(['GeneralConv'], { ...glorot('conv'), arguments: ['dimension_numbers', ...convolutionWords], parameters: convolutionSizes(sizes) }),
    transposed(['ConvTranspose', 'Conv1DTranspose'], { ...glorot('conv'), arguments: convolutionWords, parameters: convolutionSizes(sizes) }),
    transposed(['GeneralConvTranspose'], { ...glorot('conv'), arguments: ['dimension_numbers', ...convolutionWords], parameters: convolutionSizes(sizes) }),
    batchNorm(['BatchNorm'], ['axis', 'epsilon', 'center', 'scale'], { epsilon: 'epsilon', scale: 'scale' }, false, {
      traps: [{ code: 'batch-norm-of-batch', message: "BatchNorm of {library} takes the statistics of the batch in evaluation too: no kernel of single samples describes it." }],
    }),
    pool('average-pool', ['AvgPool'], [...poolWords, 'spec'], { edges: true }),
    pool('max-pool', ['MaxPool'], [...poolWords, 'spec']),
    unresolved(['SumPool'], 'a sum over positions is not read in this version; the mean is'),
    flattens, identity, sum, joined, keeping,
    onReal(['Tanh'], 'tanh'), onReal(['Relu'], 'relu'), onReal(['Exp'], 'exponential'), onReal(['Softplus'], 'softplus'), onReal(['Sigmoid'], 'sigmoid'),
    onReal(['Elu'], 'elu'), onReal(['LeakyRelu'], 'leaky-relu'), onReal(['Selu'], 'selu'), onReal(['Gelu'], 'gelu-tanh'),
    readOut(['Softmax'], 'softmax'), readOut(['LogSoftmax'], 'log-softmax'),
    unresolved(['shape_dependent'], 'a layer that is made once its input is known is not read'),
  ],
};
