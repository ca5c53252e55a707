// complexPyTorch: complex layers made of two real modules each. Version 0.4; names that appear in 0.4.1 only are said so.
import type { Library } from './library.ts';
import { activation, averagePool, batchNorm, biasCombined, convolution, dropout, linear, maxPool, scaledTwice, transposed, unresolved } from './rows.ts';

const twoReal = { field: 'complex', initialiser: 'two-real-modules' } as const;

export const complexpytorch: Library = {
  id: 'complexpytorch',
  label: 'complexPyTorch',
  version: '0.4',
  modules: ['complexPyTorch', 'complexPyTorch.complexLayers', 'complexPyTorch.complexFunctions'],
  spellings: [
    linear(['ComplexLinear'], {
      ...twoReal, arguments: ['in_features', 'out_features'], traps: [biasCombined('ComplexLinear')],
      parameters: { inFeatures: { from: 'in_features', default: null }, outFeatures: { from: 'out_features', default: null }, bias: { default: true } },
    }),
    convolution(2, ['ComplexConv2d'], {
      ...twoReal, traps: [biasCombined('ComplexConv2d')],
      arguments: ['in_channels', 'out_channels', 'kernel_size', 'stride', 'padding', 'dilation', 'groups', 'bias'],
      parameters: {
        inFeatures: { from: 'in_channels', default: null }, outFeatures: { from: 'out_channels', default: null },
        kernel: { from: 'kernel_size', default: 3 }, stride: { from: 'stride', default: 1 }, padding: { from: 'padding', default: 0 },
        dilation: { from: 'dilation', default: 1 }, groups: { from: 'groups', default: 1 }, bias: { from: 'bias', default: true },
      },
    }),
    transposed(2, ['ComplexConvTranspose2d'], { ...twoReal, traps: [biasCombined('ComplexConvTranspose2d')] }),
    activation(['ComplexReLU', 'complex_relu'], 'split-relu'),
    unresolved(['ComplexRelu'], 'complexPyTorch has no such name', {
      traps: [{
        code: 'no-such-name', message: '{library} has no ComplexRelu, though its README writes it; the class is ComplexReLU.',
        fix: { title: 'Write ComplexReLU', rename: 'ComplexReLU' },
      }],
    }),
    activation(['ComplexTanh', 'complex_tanh'], 'split-tanh', { note: 'From version 0.4.1.' }),
    activation(['ComplexSigmoid', 'complex_sigmoid'], 'split-sigmoid', { note: 'From version 0.4.1.' }),
    unresolved(['ComplexPReLU'], 'it cannot be called', {
      traps: [{ code: 'prelu-broken', version: '0.4.1', message: "{library}'s ComplexPReLU cannot be called: its forward is a static method and PReLU is not imported." }],
    }),
    averagePool(2, ['ComplexAvgPool2d'], {
      arguments: ['kernel_size', 'stride', 'padding', 'dilation', 'return_indices', 'ceil_mode'],
      traps: [{ code: 'average-pool-refused', message: "{library}'s ComplexAvgPool2d raises an error when called: it passes dilation and return_indices on to PyTorch's avg_pool2d, which has neither. The function complex_avg_pool2d works." }],
    }),
    averagePool(2, ['complex_avg_pool2d']),
    maxPool(2, ['ComplexMaxPool2d']),
    maxPool(2, ['complex_max_pool2d'], { arguments: ['kernel_size', 'stride', 'padding', 'dilation', 'ceil_mode', 'return_indices'] }),
    // Both the running variance of a part and gamma start at sqrt 2.
    batchNorm(['ComplexBatchNorm1d', 'ComplexBatchNorm2d'], { mode: 'whitening', gamma: Math.SQRT2, variance: Math.SQRT2 }),
    batchNorm(['NaiveComplexBatchNorm1d', 'NaiveComplexBatchNorm2d'], { mode: 'naive', gamma: 1, variance: 1 }),
    dropout(['ComplexDropout', 'ComplexDropout2d', 'complex_dropout', 'complex_dropout2d'], { traps: [scaledTwice], arguments: ['p', 'training'] }),
    unresolved(['ComplexGRUCell', 'ComplexBNGRUCell', 'ComplexGRU', 'ComplexLSTM'], 'recurrent layers are not read in this version'),
    unresolved(['complex_normalize', 'complex_upsample', 'complex_upsample2', 'complex_matmul', 'complex_opposite', 'apply_complex'], 'this function is not read in this version'),
  ],
};
