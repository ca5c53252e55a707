// Flax: its layers in the forms of flax.linen, whose input sizes follow from the data, and of flax.nnx, which are given them.
import { promoting } from './jax.ts';
import { batchNorm, convolution, convolutionSizes, jaxActivations, layerNorm, pool, transposed, type More } from './jax-rows.ts';
import type { Library, Spelling } from './library.ts';
import { dropout, unresolved } from './rows.ts';

const kernels = { initialiser: 'jax-lecun-normal', initialiserArguments: { weight: 'kernel_init', bias: 'bias_init' } } as const;
const tail = ['precision', 'kernel_init', 'bias_init'];

const linear = (names: string[], args: string[], inputs: boolean, more: More = {}): Spelling => ({
  names, kind: 'dense', ...kernels, arguments: [...args, 'use_bias', 'dtype', 'param_dtype', ...tail],
  parameters: { ...(inputs ? { inFeatures: { from: args[0]!, default: null } } : {}), outFeatures: { from: args.at(-1)!, default: null }, bias: { from: 'use_bias', default: true } },
  ...more,
});

const sizes = { kernel: 'kernel_size', stride: 'strides', padding: 'padding', standard: 'SAME', dilation: 'kernel_dilation', bias: 'use_bias' };
const convolutionWords = ['kernel_size', 'strides', 'padding', 'input_dilation', 'kernel_dilation', 'feature_group_count', 'use_bias', 'mask', 'dtype', 'param_dtype', ...tail];
const transposedWords = ['kernel_size', 'strides', 'padding', 'kernel_dilation', 'use_bias', 'mask', 'dtype', 'param_dtype', ...tail, 'transpose_kernel'];

const pools = [
  pool('average-pool', ['avg_pool'], ['window_shape', 'strides', 'padding', 'count_include_pad'], {
    parameters: { counted: { from: 'count_include_pad', default: true } },
    adjust(p) {
      p.edges = p.counted === false;
      delete p.counted;
    },
  }),
  pool('max-pool', ['max_pool'], ['window_shape', 'strides', 'padding']),
  unresolved(['min_pool', 'pool'], 'of the pools the mean and the maximum are read'),
];

const norms = unresolved(['GroupNorm', 'RMSNorm', 'InstanceNorm', 'SpectralNorm', 'WeightNorm'], 'of the norms only batch and layer normalisation are read');
const attentions = unresolved(
  ['SelfAttention', 'MultiHeadDotProductAttention', 'MultiHeadAttention'],
  'its queries, keys and values have weights and sizes apart, which is not read in this version',
);
const cells = unresolved(
  ['LSTMCell', 'OptimizedLSTMCell', 'GRUCell', 'SimpleCell', 'MGUCell', 'ConvLSTMCell', 'RNN', 'Bidirectional', 'RNNCellBase'],
  'recurrent cells of Flax are not read in this version',
);
const prelu: Spelling = {
  names: ['PReLU'], kind: 'activation', activation: 'half-plane-leaky-relu', realActivation: 'leaky-relu', arguments: ['param_dtype', 'negative_slope_init'],
  parameters: { slope: { from: 'negative_slope_init', default: 0.01 } },
  traps: [{ code: 'learnable-slope', message: 'The slope of PReLU is trained; the analysis holds it at its initial value.' }],
};
const embedding = { kind: 'embedding', initialiser: 'jax-embedding', initialiserArguments: { weight: 'embedding_init' }, arguments: ['num_embeddings', 'features', 'dtype', 'param_dtype', 'embedding_init'] } as const;
const embeddingSizes = { inFeatures: { from: 'num_embeddings', default: null }, outFeatures: { from: 'features', default: null }, bias: { default: false } } as const;

const lone = (p: Record<string, unknown>): string | void => {
  const { axis, outFeatures } = p;
  delete p.axis;
  if (axis !== -1 || typeof outFeatures !== 'number') return 'a dense layer over several axes is not read in this version';
};

export const flax: Library = {
  id: 'flax',
  label: 'Flax',
  version: '0.12.8',
  modules: ['flax', 'flax.linen'],
  ...promoting,
  spellings: [
    linear(['Dense'], ['features'], false),
    linear(['DenseGeneral'], ['features'], false, {
      arguments: ['features', 'axis', 'batch_dims', 'use_bias', 'dtype', 'param_dtype', 'kernel_init', 'bias_init'],
      parameters: { outFeatures: { from: 'features', default: null }, axis: { from: 'axis', default: -1 }, bias: { from: 'use_bias', default: true } },
      adjust: lone,
    }),
    convolution(['Conv'], { ...kernels, arguments: ['features', ...convolutionWords], parameters: { ...convolutionSizes({ out: 'features', ...sizes, groups: 'feature_group_count' }), inputDilation: { from: 'input_dilation', default: 1, optional: true } } }),
    transposed(['ConvTranspose'], { ...kernels, arguments: ['features', ...transposedWords], parameters: convolutionSizes({ out: 'features', ...sizes }) }),
    unresolved(['ConvLocal', 'Einsum'], 'of the linear layers Dense, Conv and ConvTranspose are read'),
    batchNorm(['BatchNorm'], ['use_running_average', 'axis', 'momentum', 'epsilon', 'dtype', 'param_dtype', 'use_bias', 'use_scale', 'bias_init', 'scale_init'], { epsilon: 'epsilon', scale: 'use_scale', running: 'use_running_average' }, true),
    layerNorm(['LayerNorm'], ['epsilon', 'dtype', 'param_dtype', 'use_bias', 'use_scale', 'bias_init', 'scale_init', 'reduction_axes'], { epsilon: 'epsilon', epsilonDefault: 1e-6, scale: 'use_scale', axis: 'reduction_axes' }),
    dropout(['Dropout'], { arguments: ['rate', 'broadcast_dims', 'deterministic'], parameters: { rate: { from: 'rate', default: null } } }),
    { names: ['Embed'], ...embedding, arguments: [...embedding.arguments], parameters: embeddingSizes },
    norms, attentions, cells, prelu, ...pools, ...jaxActivations,
  ],
};

export const nnx: Library = {
  id: 'nnx',
  label: 'Flax NNX',
  version: '0.12.8',
  modules: ['flax.nnx', 'flax.experimental.nnx'],
  ...promoting,
  spellings: [
    linear(['Linear'], ['in_features', 'out_features'], true),
    linear(['LinearGeneral'], ['in_features', 'out_features'], true, {
      arguments: ['in_features', 'out_features', 'axis', 'use_bias', 'dtype', 'param_dtype', 'kernel_init', 'bias_init'],
      parameters: { inFeatures: { from: 'in_features', default: null }, outFeatures: { from: 'out_features', default: null }, axis: { from: 'axis', default: -1 }, bias: { from: 'use_bias', default: true } },
      adjust: lone,
    }),
    convolution(['Conv'], { ...kernels, arguments: ['in_features', 'out_features', ...convolutionWords], parameters: { ...convolutionSizes({ inputs: 'in_features', out: 'out_features', ...sizes, groups: 'feature_group_count' }), inputDilation: { from: 'input_dilation', default: 1, optional: true } } }),
    transposed(['ConvTranspose'], { ...kernels, arguments: ['in_features', 'out_features', ...transposedWords], parameters: convolutionSizes({ inputs: 'in_features', out: 'out_features', ...sizes }) }),
    unresolved(['Einsum', 'LoRA', 'LoRALinear'], 'of the linear layers Linear, Conv and ConvTranspose are read'),
    batchNorm(['BatchNorm'], ['num_features', 'use_running_average', 'axis', 'momentum', 'epsilon', 'dtype', 'param_dtype', 'use_bias', 'use_scale', 'bias_init', 'scale_init'], { features: 'num_features', epsilon: 'epsilon', scale: 'use_scale' }, true),
    layerNorm(['LayerNorm'], ['num_features', 'epsilon', 'dtype', 'param_dtype', 'use_bias', 'use_scale', 'bias_init', 'scale_init', 'reduction_axes'], { features: 'num_features', epsilon: 'epsilon', epsilonDefault: 1e-6, scale: 'use_scale', axis: 'reduction_axes' }),
    dropout(['Dropout'], { arguments: ['rate', 'broadcast_dims', 'deterministic'], parameters: { rate: { from: 'rate', default: null } } }),
    { names: ['Embed'], ...embedding, arguments: [...embedding.arguments], parameters: embeddingSizes },
    norms, attentions, cells, prelu, ...pools, ...jaxActivations,
  ],
};
