// complexPyTorch: complex layers made of two real modules each. Version 0.4; names that appear in 0.4.1 only are said so.
import type { Library } from './library.ts';
import { activation, averagePool, batchNorm, convolution, dropout, linear, maxPool, transposed, unresolved } from './rows.ts';

const twoReal = { field: 'complex', initialiser: 'two-real-modules' } as const;
const biasTrap = {
  code: 'bias-combined',
  when: (p: Record<string, unknown>) => p.bias !== false,
  message: 'Both real modules add their bias, so the complex bias is (b_r - b_i) + i(b_r + b_i): its variance is twice that of one PyTorch complex bias.',
};
const twice = {
  code: 'dropout-scaled-twice',
  message: "complexPyTorch's dropout divides by 1 - p twice: in training the signal grows by 1/(1 - p). At evaluation it is the identity, as analysed.",
};

export const complexpytorch: Library = {
  id: 'complexpytorch',
  label: 'complexPyTorch',
  version: '0.4',
  modules: ['complexPyTorch', 'complexPyTorch.complexLayers', 'complexPyTorch.complexFunctions'],
  spellings: [
    linear(['ComplexLinear'], {
      ...twoReal, arguments: ['in_features', 'out_features'], traps: [biasTrap],
      parameters: { inFeatures: { from: 'in_features', default: null }, outFeatures: { from: 'out_features', default: null }, bias: { default: true } },
    }),
    convolution(2, ['ComplexConv2d'], {
      ...twoReal, traps: [biasTrap],
      arguments: ['in_channels', 'out_channels', 'kernel_size', 'stride', 'padding', 'dilation', 'groups', 'bias'],
      parameters: {
        inFeatures: { from: 'in_channels', default: null }, outFeatures: { from: 'out_channels', default: null },
        kernel: { from: 'kernel_size', default: 3 }, stride: { from: 'stride', default: 1 }, padding: { from: 'padding', default: 0 },
        dilation: { from: 'dilation', default: 1 }, groups: { from: 'groups', default: 1 }, bias: { from: 'bias', default: true },
      },
    }),
    transposed(2, ['ComplexConvTranspose2d'], { ...twoReal, traps: [biasTrap] }),
    activation(['ComplexReLU', 'complex_relu'], 'split-relu'),
    unresolved(['ComplexRelu'], 'complexPyTorch has no such name', {
      traps: [{ code: 'no-such-name', message: "complexPyTorch has no ComplexRelu, though its README writes it; the class is ComplexReLU." }],
    }),
    activation(['ComplexTanh', 'complex_tanh'], 'split-tanh', { note: 'From version 0.4.1.' }),
    activation(['ComplexSigmoid', 'complex_sigmoid'], 'split-sigmoid', { note: 'From version 0.4.1.' }),
    unresolved(['ComplexPReLU'], 'it cannot be called', {
      traps: [{ code: 'prelu-broken', message: "complexPyTorch 0.4.1's ComplexPReLU cannot be called: its forward is a static method and PReLU is not imported." }],
    }),
    averagePool(2, ['ComplexAvgPool2d', 'complex_avg_pool2d']),
    maxPool(2, ['ComplexMaxPool2d', 'complex_max_pool2d']),
    // Both the running variance of a part and gamma start at sqrt 2.
    batchNorm(['ComplexBatchNorm1d', 'ComplexBatchNorm2d'], { mode: 'whitening', gamma: Math.SQRT2, variance: Math.SQRT2 }),
    batchNorm(['NaiveComplexBatchNorm1d', 'NaiveComplexBatchNorm2d'], { mode: 'naive', gamma: 1, variance: 1 }),
    dropout(['ComplexDropout', 'ComplexDropout2d', 'complex_dropout', 'complex_dropout2d'], { traps: [twice], arguments: ['p', 'training'] }),
    unresolved(['ComplexGRUCell', 'ComplexBNGRUCell', 'ComplexGRU', 'ComplexLSTM'], 'recurrent layers are not read in this version'),
    unresolved(['complex_normalize', 'complex_upsample', 'complex_upsample2', 'complex_matmul', 'complex_opposite'], 'this function is not read in this version'),
  ],
};
