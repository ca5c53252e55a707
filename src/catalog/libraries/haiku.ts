// Haiku: its layers, which make their weights of the type of their input, so that they are complex where that is.
import { promoting } from './jax.ts';
import { batchNorm, convolution, convolutionSizes, layerNorm, pool, transposed } from './jax-rows.ts';
import type { ParameterValue } from '../../contract/graph.ts';
import type { Library, Spelling } from './library.ts';
import { dropout, unresolved } from './rows.ts';

const weights = { initialiser: 'haiku-default', initialiserArguments: { weight: 'w_init', bias: 'b_init' } } as const;
const sizes = { out: 'output_channels', kernel: 'kernel_shape', stride: 'stride', padding: 'padding', standard: 'SAME', bias: 'with_bias' };
const convolutionWords = ['output_channels', 'kernel_shape', 'stride', 'rate', 'padding', 'with_bias', 'w_init', 'b_init', 'data_format', 'mask', 'feature_group_count', 'name'];
const transposedWords = ['output_channels', 'kernel_shape', 'stride', 'output_shape', 'padding', 'with_bias', 'w_init', 'b_init', 'data_format', 'mask', 'name'];
const poolWords = ['window_shape', 'strides', 'padding', 'channel_axis', 'name'];

/** Windows cover the last axes, the channels among them: (2, 2, 1), with the batch (1, 2, 2, 1). */
function spatialOnly(p: Record<string, ParameterValue>): string | void {
  for (const key of ['kernel', 'stride']) {
    const given = p[key];
    if (!Array.isArray(given)) continue;
    if (given.at(-1) !== 1) return `its ${key === 'kernel' ? 'window' : 'stride'} ${JSON.stringify(given)} covers the channels: Haiku reads it from the last axis on`;
    const spatial = given.slice(0, -1);
    p[key] = spatial.length > 2 && spatial[0] === 1 ? spatial.slice(1) : spatial;
  }
}

const pools = (['avg_pool', 'max_pool'] as const).map((name): Spelling =>
  pool(name === 'avg_pool' ? 'average-pool' : 'max-pool', [name, name === 'avg_pool' ? 'AvgPool' : 'MaxPool'], poolWords, {
    edges: true,
    adjust(p) {
      const unread = spatialOnly(p);
      if (unread) return unread;
      if (typeof p.padding === 'string') p.padding = p.padding.toLowerCase();
    },
  }));

const convolutions = ([1, 2, 3] as const).flatMap((rank): Spelling[] => {
  const conv = convolution([`Conv${rank}D`], { ...weights, arguments: convolutionWords, parameters: convolutionSizes({ ...sizes, dilation: 'rate', groups: 'feature_group_count' }) });
  const back = transposed([`Conv${rank}DTranspose`], { ...weights, arguments: transposedWords, parameters: convolutionSizes(sizes) });
  // Its weight has the output channels before the input channels, as the fans of a transposed convolution are counted.
  return [{ ...conv, kind: `conv${rank}d`, rank }, { ...back, rank, counts: (p) => ({ columns: p.inFeatures ?? null }) }];
});

export const haiku: Library = {
  id: 'haiku',
  label: 'Haiku',
  version: '0.0.17',
  modules: ['haiku', 'haiku.nets', 'haiku.initializers'],
  ...promoting,
  weightsOfInput: true,
  spellings: [
    {
      names: ['Linear'], kind: 'dense', ...weights, arguments: ['output_size', 'with_bias', 'w_init', 'b_init', 'name'],
      parameters: { outFeatures: { from: 'output_size', default: null }, bias: { from: 'with_bias', default: true } },
    },
    ...convolutions, ...pools,
    unresolved(['ConvND', 'ConvNDTranspose', 'DepthwiseConv1D', 'DepthwiseConv2D', 'DepthwiseConv3D', 'SeparableDepthwiseConv2D', 'Bias'], 'of the linear layers Linear and the convolutions of 1 to 3 axes are read'),
    batchNorm(['BatchNorm'], ['create_scale', 'create_offset', 'decay_rate', 'eps'], { epsilon: 'eps', scale: 'create_scale' }, false, {
      note: 'Its running statistics have no value before the first training step.',
    }),
    layerNorm(['LayerNorm'], ['axis', 'create_scale', 'create_offset', 'eps', 'scale_init', 'offset_init'], { epsilon: 'eps', epsilonDefault: 1e-5, scale: 'create_scale', axis: 'axis' }),
    unresolved(['RMSNorm', 'GroupNorm', 'InstanceNorm', 'SpectralNorm'], 'of the norms only batch and layer normalisation are read'),
    dropout(['dropout'], { arguments: ['rate'], parameters: { rate: { from: 'rate', default: null } } }),
    { names: ['Flatten'], kind: 'flatten', arguments: ['preserve_dims', 'name'], parameters: { startAxis: { from: 'preserve_dims', default: 1 }, endAxis: { default: -1 } } },
    { names: ['Reshape'], kind: 'reshape', arguments: ['output_shape', 'preserve_dims', 'name'], parameters: { shape: { from: 'output_shape', default: null } } },
    {
      names: ['Embed'], kind: 'embedding', initialiser: 'haiku-embedding', initialiserArguments: { weight: 'w_init' }, arguments: ['vocab_size', 'embed_dim', 'embedding_matrix', 'w_init'],
      parameters: { inFeatures: { from: 'vocab_size', default: null }, outFeatures: { from: 'embed_dim', default: null }, bias: { default: false } },
    },
    unresolved(['MultiHeadAttention'], 'its queries, keys and values have weights and sizes apart, which is not read in this version'),
    unresolved(['VanillaRNN', 'LSTM', 'GRU', 'Conv1DLSTM', 'Conv2DLSTM', 'Conv3DLSTM', 'DeepRNN', 'IdentityCore', 'ResetCore', 'dynamic_unroll', 'static_unroll'], 'recurrent cores of Haiku are not read in this version'),
    unresolved(['nets.ResNet', 'nets.ResNet18', 'nets.ResNet34', 'nets.ResNet50', 'nets.ResNet101', 'nets.ResNet152', 'nets.ResNet200', 'nets.MobileNetV1', 'nets.VectorQuantizer', 'nets.VectorQuantizerEMA'], 'of the networks that Haiku brings MLP is read'),
  ],
};
