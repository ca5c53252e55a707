// complexNN: native complex weights with initialisers of their own, the rest split. Not Trabelsi's complexnn, which is for Keras.
import type { Library } from './library.ts';
import { activation, averagePool, batchNorm, convolution, dropout, layerNorm, linear, maxPool, network, scaledTwice, unresolved } from './rows.ts';

const own = { field: 'complex', takesReal: true } as const;

/** Their bias comes before dilation and groups, is off, and the kernel has a default. */
const convolutions = (rank: 1 | 2, name: string) => convolution(rank, [name], {
  ...own, initialiser: 'complexnn-convolution',
  arguments: ['in_channels', 'out_channels', 'kernel_size', 'stride', 'padding', 'bias', 'dilation', 'groups'],
  parameters: {
    inFeatures: { from: 'in_channels', default: null }, outFeatures: { from: 'out_channels', default: null },
    kernel: { from: 'kernel_size', default: 3 }, stride: { from: 'stride', default: 1 }, padding: { from: 'padding', default: 0 },
    bias: { from: 'bias', default: false }, dilation: { from: 'dilation', default: 1 }, groups: { from: 'groups', default: 1 },
  },
});

/** The function takes the arguments of PyTorch's, which the class leaves at their defaults. */
const split = (type: string, fn: string, id: string, argument?: { name: string; parameter: string; standard: number }) => [
  activation([type], id, argument ? { parameters: { [argument.parameter]: { default: argument.standard } } } : {}),
  activation([fn], id, argument ? { arguments: [argument.name], parameters: { [argument.parameter]: { from: argument.name, default: argument.standard } } } : {}),
];

const phases = "takes the phases of all channels from the first one: it looks up each channel's indices in the flattened channels. Its moduli are right.";

export const complexnn: Library = {
  id: 'complexnn',
  label: 'complexNN',
  version: '0.5.1',
  modules: ['complexNN', 'complexNN.nn', 'complexNN.functional'],
  spellings: [
    linear(['cLinear'], { ...own, dtypeIgnored: true, initialiser: 'complexnn-linear' }),
    convolutions(1, 'cConv1d'),
    convolutions(2, 'cConv2d'),
    network(['cMLP']),
    ...split('cRelu', 'complexRelu', 'split-relu'),
    ...split('cLeakyRelu', 'complexLeakyRelu', 'split-leaky-relu', { name: 'negative_slope', parameter: 'slope', standard: 0.01 }),
    ...split('cElu', 'complexElu', 'split-elu', { name: 'alpha', parameter: 'alpha', standard: 1 }),
    ...split('cGelu', 'complexGelu', 'split-gelu'),
    ...split('cTanh', 'complexTanh', 'split-tanh'),
    ...split('cSigmoid', 'complexSigmoid', 'split-sigmoid'),
    unresolved(['cRule'], '{library} has no such name', {
      traps: [{ code: 'no-such-name', message: '{library} has no cRule, though its README writes it; the class is cRelu.', fix: { title: 'Write cRelu', rename: 'cRelu' } }],
    }),
    unresolved(['cSoftmax', 'complexSoftmax'], 'a softmax mixes channels: it is no function of one complex number'),
    averagePool(2, ['cAvgPool2d', 'complexAvgPool2d']),
    averagePool(1, ['complexAvgPool1d'], { arguments: ['kernel_size', 'stride', 'padding', 'ceil_mode', 'count_include_pad'] }),
    averagePool(1, ['cAvgPool1d'], {
      traps: [{ code: 'average-pool-refused', message: "{library}'s cAvgPool1d raises an error when called: it passes divisor_override on to PyTorch's avg_pool1d, which has no such argument." }],
    }),
    maxPool(2, ['cMaxPool2d']),
    maxPool(2, ['complexMaxPool2d'], { arguments: ['kernel_size', 'stride', 'padding', 'dilation', 'ceil_mode', 'return_indices'] }),
    maxPool(1, ['cMaxPool1d'], { traps: [{ code: 'max-pool-phases', message: `{library}'s cMaxPool1d ${phases}` }] }),
    maxPool(1, ['complexMaxPool1d'], {
      arguments: ['kernel_size', 'stride', 'padding', 'dilation', 'ceil_mode', 'return_indices'],
      traps: [{ code: 'max-pool-phases', message: `{library}'s complexMaxPool1d ${phases}` }],
    }),
    // One real norm for each part.
    batchNorm(['cBatchNorm1d', 'cBatchNorm2d', 'cBatchNorm3d'], { mode: 'naive', gamma: 1, variance: 1 }),
    layerNorm(['cLayerNorm'], { mode: 'parts', gamma: 1, complex: true }, {
      arguments: ['num_features', 'eps', 'elementwise_affine'],
      parameters: { shape: { from: 'num_features', default: null }, epsilon: { from: 'eps', default: 1e-5 }, affine: { from: 'elementwise_affine', default: false } },
    }),
    dropout(['cDropout', 'cDropout2d'], { arguments: ['p'], traps: [scaledTwice] }),
    dropout(['complexDropout', 'complexDropout2d'], { arguments: ['p', 'training'], traps: [scaledTwice] }),
    unresolved(['cRNNCell', 'cGRUCell', 'cLSTMCell'], 'cells of recurrent layers are not read in this version'),
    unresolved(['cRNN', 'cGRU', 'cLSTM'], 'it is called with its initial states (without them it raises an error), and initial states are not read in this version'),
    unresolved(['cMultiHeadAttention', 'complex_scaled_dot_product_attention'], 'its scores are products of queries and keys without the conjugate, which are not read in this version', {
      traps: [{
        code: 'attention-without-conjugate',
        message: "{library}'s attention multiplies queries by keys without the complex conjugate. cMultiHeadAttention also ignores its attn_mask, gives NaN where is_causal=True, and its dropout is not switched off in evaluation and raises an error on a CPU.",
      }],
    }),
  ],
};
