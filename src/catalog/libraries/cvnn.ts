// cvnn (on tf.keras): its complex layers, and what its activation strings mean.
import { convolution, dense, pool, transposed, batchNorm } from './keras-rows.ts';
import type { Library } from './library.ts';
import { activation, dropout, readOut, unresolved } from './rows.ts';

const made = { field: 'complex' as const, initialiser: 'cvnn-glorot-uniform' };
/** Its Conv1D and Conv2DTranspose have the type after the padding, its Conv2D after the bias, its Conv3D after the kernel size. */
const order = {
  conv1d: ['filters', 'kernel_size', 'strides', 'padding', 'dtype', 'data_format', 'dilation_rate', 'groups', 'activation', 'use_bias', 'kernel_initializer', 'bias_initializer'],
  conv2d: ['filters', 'kernel_size', 'strides', 'padding', 'data_format', 'dilation_rate', 'groups', 'activation', 'use_bias', 'dtype', 'kernel_initializer', 'bias_initializer'],
  conv3d: ['filters', 'kernel_size', 'dtype', 'strides', 'padding', 'data_format', 'dilation_rate', 'groups', 'activation', 'use_bias', 'kernel_initializer', 'bias_initializer'],
  transposed: ['filters', 'kernel_size', 'strides', 'padding', 'dtype', 'output_padding', 'data_format', 'dilation_rate', 'activation', 'use_bias', 'kernel_initializer', 'bias_initializer'],
};
const norm = {
  arguments: ['axis', 'momentum', 'center', 'scale', 'epsilon', 'beta_initializer', 'gamma_initializer', 'dtype', 'moving_mean_initializer', 'moving_variance_initializer'],
};
const normNames = ['ComplexBatchNormalization'];
const kernel = (size: number[]) => ({ kernel: { from: 'pool_size', default: size }, stride: { from: 'strides', default: null }, padding: { from: 'padding', default: 'valid' } });

export const cvnn: Library = {
  id: 'cvnn',
  label: 'cvnn',
  version: '2.0',
  modules: ['cvnn', 'cvnn.activations', 'cvnn.layers'],
  others: { 'cvnn.layers': ['ComplexInput', 'complex_input'], cvnn: ['layers', 'activations', 'initializers'] },
  mixes: {
    realWeights: 'cvnn prints a warning and casts the input to real numbers, which drops the imaginary part. Leave out the dtype, or take the modulus or the real part first.',
    // It casts real input to complex numbers.
    complexWeights: null,
  },
  spellings: [
    dense(['ComplexDense'], {
      field: 'complex', initialiser: 'cvnn-dense-glorot-uniform',
      arguments: ['units', 'activation', 'use_bias', 'kernel_initializer', 'bias_initializer', 'kernel_regularizer', 'kernel_constraint', 'dtype', 'init_technique'],
    }),
    convolution(1, ['ComplexConv1D'], { ...made, arguments: order.conv1d }),
    convolution(2, ['ComplexConv2D'], { ...made, arguments: order.conv2d }),
    convolution(3, ['ComplexConv3D'], { ...made, arguments: order.conv3d }),
    transposed(2, ['ComplexConv2DTranspose'], { ...made, arguments: order.transposed }),
    pool('average-pool', 1, ['ComplexAvgPooling1D'], { parameters: kernel([2]) }),
    pool('average-pool', 2, ['ComplexAvgPooling2D'], { parameters: kernel([2, 2]) }),
    pool('average-pool', 3, ['ComplexAvgPooling3D'], { parameters: kernel([2, 2, 1]) }),
    pool('max-pool', 2, ['ComplexMaxPooling2D'], { parameters: kernel([2, 2]), note: 'The number of largest modulus.' }),
    unresolved(['ComplexMaxPooling2DWithArgmax', 'ComplexUnPooling2D'], 'pooling that hands on the places of its maxima is not read'),
    unresolved(['ComplexPolarAvgPooling2D', 'ComplexCircularAvgPooling2D'], 'it averages moduli and phases apart, which is no linear pool'),
    unresolved(['ComplexUpSampling2D'], 'upsampling repeats positions, which is not read in this version', { arguments: ['size', 'data_format'], axesArgument: 'data_format', parameters: { size: { from: 'size', default: 2 } } }),
    batchNorm(normNames, { mode: 'whitening', gamma: 1, variance: Math.SQRT1_2, epsilon: 1e-3, epsilonAdded: true }, {
      ...norm, onReal: batchNorm(normNames, { mode: 'naive', gamma: 1, variance: 1, epsilon: 1e-3, epsilonAdded: true }, norm),
      note: 'Its running covariance starts at 1/sqrt 2 times the identity; on real numbers its running variance starts at 1.',
    }),
    dropout(['ComplexDropout'], { arguments: ['rate', 'noise_shape', 'seed'], parameters: { rate: { from: 'rate', default: null } } }),
    { names: ['ComplexFlatten'], kind: 'flatten', arguments: [], parameters: { startAxis: { default: 1 }, endAxis: { default: -1 } } },
    activation(['linear'], 'identity', { realActivation: 'identity' }),
    // On real numbers these are the real functions: the imaginary part is 0 and dropped again.
    activation(['cart_relu', 'crelu'], 'split-relu', { realActivation: 'relu' }),
    activation(['cart_leaky_relu'], 'split-leaky-relu', { realActivation: 'leaky-relu', arguments: ['alpha'], parameters: { slope: { from: 'alpha', default: 0.2 } } }),
    activation(['cart_elu'], 'split-elu', { realActivation: 'elu', arguments: ['alpha'], parameters: { alpha: { from: 'alpha', default: 1 } } }),
    activation(['cart_selu'], 'split-selu', { realActivation: 'selu' }),
    activation(['cart_softplus'], 'split-softplus', { realActivation: 'softplus' }),
    activation(['cart_softsign'], 'split-softsign', { realActivation: 'softsign' }),
    activation(['cart_exponential'], 'split-exponential', { realActivation: 'exponential' }),
    activation(['cart_hard_sigmoid'], 'split-hard-sigmoid', { realActivation: 'hard-sigmoid', parameters: { slope: { default: 0.2 } } }),
    activation(['cart_sigmoid'], 'split-sigmoid', { realActivation: 'sigmoid' }),
    activation(['cart_tanh'], 'split-tanh', { realActivation: 'tanh' }),
    activation(['pol_tanh'], 'polar-tanh'),
    activation(['pol_sigmoid'], 'polar-sigmoid'),
    activation(['pol_selu'], 'polar-selu', { note: 'A modulus is never negative, so this is multiplication by 1.0507; NaN at 0.' }),
    activation(['zrelu'], 'zrelu'),
    activation(['complex_cardioid'], 'cardioid'),
    activation(['modrelu'], 'modrelu-regular', { arguments: ['b', 'c'], parameters: { bias: { from: 'b', default: 1 }, c: { from: 'c', default: 1e-3 } }, note: 'With b = 1 it never clips.' }),
    activation(['georgiou_cdbp'], 'georgiou', { arguments: ['r', 'c'], parameters: { r: { from: 'r', default: 1 }, c: { from: 'c', default: 1e-3 } } }),
    activation(['complex_signum', 'mvn_activation'], 'phase-only', { note: 'Without k; with k it is a step function of the phase, whose gradient is 0.' }),
    activation(['etf_circular_tan'], 'tan-holomorphic'),
    activation(['etf_circular_sin'], 'sin-holomorphic'),
    activation(['etf_circular_sinh'], 'sinh-holomorphic'),
    activation(['etf_circular_tanh'], 'tanh-holomorphic'),
    activation(['etf_inv_circular_atan'], 'atan-holomorphic'),
    activation(['etf_inv_circular_asin'], 'asin-holomorphic'),
    activation(['etf_inv_circular_acos'], 'acos-holomorphic'),
    activation(['etf_inv_circular_asinh'], 'asinh-holomorphic'),
    activation(['etf_inv_circular_atanh'], 'atanh-holomorphic'),
    readOut(['convert_to_real_with_abs'], 'abs', { realActivation: 'identity' }),
    readOut(['cast_to_real'], 'real', { realActivation: 'identity' }),
    activation(['sigmoid_real'], 'sigmoid-of-parts', { parameters: { real: { default: 1 }, imaginary: { default: 1 } } }),
    unresolved(['cart_softmax'], 'a softmax mixes channels: it is no function of one complex number'),
    readOut(['softmax_real_with_abs'], 'abs', { realActivation: 'identity', then: 'softmax' }),
    unresolved([
      'softmax_real_with_avg', 'softmax_real_with_mult', 'softmax_of_softmax_real_with_mult', 'softmax_of_softmax_real_with_avg', 'softmax_real_with_polar', 'softmax_real_by_parameter',
    ], 'a softmax of moduli or parts is a read-out that is not in the catalog; end in convert_to_real_with_abs, or in no activation'),
  ],
};
