// Networks that the kernels are checked on, one for each thing an architecture can do, with the size of finite network that tells.
import type { Specification } from './specification.ts';

export interface Architecture {
  name: string;
  spec: Specification;
  inputField: 'complex' | 'real';
  samples: number;
  /** Channels of a hidden layer in the narrower of the two networks, and networks of each width. */
  width: number;
  seeds: number;
  /** False where the network is real, or partly so, and has no holomorphic counterpart to compare. */
  holomorphic: boolean;
}

export const dense = { kind: 'dense' };
export const phi = (name: string, parameters: object = {}) => ({ kind: 'activation', name, parameters });
export const conv = (kernel: number[], more: object = {}) => ({ kind: `conv${kernel.length}d`, kernel, padding: 'same', ...more });
export const globalPool = { kind: 'global-average-pool' };
export const flatten = { kind: 'flatten' };
const relu = phi('split-relu');
const tanh = phi('split-tanh');
const modrelu = phi('modrelu', { bias: -0.3 });
const cardioid = phi('cardioid');
const defaults = { weightVariance: 1.6, biasVariance: 0.15 };

type Size = Partial<Pick<Architecture, 'inputField' | 'samples' | 'width' | 'seeds' | 'holomorphic'>>;

const complex = (name: string, input: number[], layers: object[], size: Size = {}): Architecture => {
  const isVector = input.length === 1;
  return { name, spec: { input, defaults, layers }, inputField: 'complex', samples: isVector ? 3 : 2, width: isVector ? 24 : 16, seeds: isVector ? 1500 : 250, holomorphic: true, ...size };
};
const real = (name: string, input: number[], layers: object[], size: Size = {}): Architecture => {
  const a = complex(name, input, layers, { inputField: 'real', holomorphic: false, ...size });
  return { ...a, spec: { ...a.spec, field: 'real' } };
};

export const architectures: Architecture[] = [
  complex('dense, variances of each layer', [4], [
    { ...dense, weightVariance: 2.2, biasVariance: 0 }, tanh, { ...dense, weightVariance: 1.1, biasVariance: 0.4 }, cardioid, dense, modrelu, { ...dense, weightVariance: 0.8, biasVariance: 0.3 }]),
  complex('dense, zReLU by its a.e. derivative', [4], [dense, phi('zrelu'), dense, phi('siglog', { c: 0.5 }), dense]),
  complex('dense, polar tanh and split GELU', [4], [dense, phi('polar-tanh'), dense, phi('split-gelu'), dense]),
  complex('dense, real inputs', [4], [dense, cardioid, dense, modrelu, dense], { inputField: 'real' }),
  real('dense, real', [4], [dense, phi('relu'), dense, phi('gelu'), dense, phi('tanh'), dense]),

  complex('conv2d same, flatten', [4, 4, 2], [conv([3, 3]), relu, conv([3, 3]), cardioid, flatten, dense], { seeds: 150 }),
  complex('conv2d valid, stride 2, global pool', [6, 5, 2], [conv([3, 2], { padding: 'valid', stride: [2, 1] }), modrelu, conv([2, 2], { padding: 'valid' }), relu, globalPool, dense]),
  complex('conv2d same with stride 2', [5, 4, 2], [conv([3, 3], { stride: [2, 2] }), relu, conv([2, 2]), tanh, flatten, dense]),
  complex('conv2d circular, dilation 2', [4, 5, 2], [conv([2, 3], { padding: 'circular', dilation: [1, 2] }), cardioid, conv([3, 1], { padding: 'circular' }), relu, globalPool, dense]),
  complex('conv1d, unequal padding, groups', [7, 2], [conv([3], { padding: [[2, 0]] }), tanh, conv([3], { groups: 2, dilation: [2] }), relu, conv([2], { stride: [2] }), modrelu, flatten, dense], { seeds: 400 }),
  complex('conv1d, groups of the input', [5, 4], [conv([2], { groups: 2 }), cardioid, conv([3]), relu, globalPool, dense], { seeds: 400 }),
  complex('average pool between convolutions', [4, 4, 2], [conv([3, 3]), relu, { kind: 'average-pool', window: [2, 2], stride: [1, 2] }, conv([2, 2]), cardioid, flatten, dense]),
  complex('average pool before the activation', [6, 2], [conv([3]), { kind: 'average-pool', window: [2] }, modrelu, conv([2]), relu, { kind: 'average-pool', window: [3] }, flatten, dense], { seeds: 400 }),
  real('conv2d, real', [4, 4, 2], [conv([3, 3]), phi('relu'), conv([3, 3], { stride: [2, 1] }), phi('tanh'), globalPool, dense], { seeds: 400 }),
  complex('dense layers at every position', [5, 3], [dense, relu, conv([2]), cardioid, dense, tanh, globalPool, dense], { seeds: 400 }),

  complex('residual blocks, one in another', [4], [dense, { kind: 'residual', branch: [relu, dense, { kind: 'residual', branch: [modrelu, dense] }, cardioid, dense] }, tanh, dense], { seeds: 900 }),
  complex('residual with a projection', [5, 4, 2], [conv([2, 2]), relu, { kind: 'residual', branch: [conv([3, 3], { stride: [2, 2] }), cardioid, conv([2, 2])], shortcut: [conv([1, 1], { stride: [2, 2] })] }, modrelu, globalPool, dense]),
  complex('a skip over a centred activation', [4], [dense, { kind: 'residual', branch: [dense, modrelu] }, dense, relu, dense]),
  real('residual, real', [4], [dense, { kind: 'residual', branch: [phi('relu'), dense] }, phi('relu'), dense]),
  complex('concatenation: a dense block', [4], [dense, { kind: 'concat', branches: [[], [relu, dense]], weights: [0.5, 0.5] }, cardioid, dense, modrelu, dense]),
  complex('concatenation: unequal shares', [5, 2], [conv([2]), relu, { kind: 'concat', branches: [[conv([1]), tanh], [conv([3]), cardioid]], weights: [0.25, 0.75] }, conv([2]), modrelu, globalPool, dense], { seeds: 400 }),
  complex('concatenation: groups over joined branches', [4, 2], [conv([2]), { kind: 'concat', branches: [[cardioid], [conv([1], { weightVariance: 3 }), tanh]], weights: [0.25, 0.75] }, conv([2], { groups: 2 }), relu, globalPool, dense], { seeds: 400 }),

  complex('layer norm to power 1', [4], [dense, { kind: 'layer-norm', power: 1 }, tanh, dense, relu, dense]),
  complex('layer norm to power 2', [4], [dense, { kind: 'layer-norm', power: 2 }, modrelu, dense, { kind: 'layer-norm', power: 2 }, cardioid, dense]),
  complex('layer norm after activations', [4], [dense, relu, { kind: 'layer-norm' }, dense, modrelu, { kind: 'layer-norm', power: 2 }, dense]),
  complex('layer norm at every position', [4, 2], [conv([2]), { kind: 'layer-norm' }, tanh, conv([3]), { kind: 'layer-norm', power: 2 }, relu, globalPool, dense], { seeds: 400 }),
  real('layer norm, real', [4], [dense, { kind: 'layer-norm' }, phi('gelu'), { kind: 'layer-norm' }, dense, phi('relu'), dense]),

  complex('batch norm by its factor', [4], [dense, relu, { kind: 'batch-norm', scale: 0.7 }, dense, { kind: 'batch-norm', scale: 1.3 }, cardioid, { kind: 'dropout' }, dense]),
  complex('abs, then real layers', [4], [dense, relu, dense, phi('abs'), { ...dense, field: 'real' }, phi('relu'), dense], { holomorphic: false }),
  complex('real part at every position, then real layers', [5, 2], [conv([2]), cardioid, conv([2]), phi('real'), conv([2], { field: 'real' }), phi('tanh'), globalPool, dense], { holomorphic: false, seeds: 400 }),
  real('real layers, then complex ones', [4], [dense, phi('relu'), { ...dense, field: 'complex' }, cardioid, dense, tanh, dense]),
  complex('recurrent, its last state', [4, 2], [{ kind: 'rnn', activation: { name: 'split-tanh' }, recurrentVariance: 1.1 }, dense], { samples: 3, seeds: 600 }),
  complex('recurrent, a sequence, then another', [3, 2], [{ kind: 'rnn', activation: { name: 'split-relu' }, recurrentVariance: 0.9, returns: 'sequence' }, { kind: 'rnn', activation: { name: 'cardioid' } }, dense], { seeds: 600 }),
  complex('recurrent, all states flattened', [4, 2], [{ kind: 'rnn', activation: { name: 'modrelu', parameters: { bias: -0.2 } }, returns: 'sequence' }, flatten, dense], { seeds: 600 }),
  complex('recurrent, the mean of the states', [4, 2], [{ kind: 'rnn', activation: { name: 'split-relu' }, returns: 'sequence' }, globalPool, dense], { seeds: 600 }),
  real('recurrent, real', [4, 2], [{ kind: 'rnn', activation: { name: 'relu' }, recurrentVariance: 0.8 }, dense], { samples: 3, seeds: 600 }),
  complex('activations of the half plane and of the sector', [4], [dense, phi('half-plane-relu'), dense, phi('zleaky-relu'), dense]),
  complex('a radial and a split expression', [4], [dense, phi('expression', { form: 'radial', expression: 'r * exp(-r^2 / 4)' }), dense, phi('expression', { form: 'scalar', expression: 'x * sigmoid(x)' }), dense]),
  complex('a general expression', [4], [dense, phi('expression', { form: 'general', expression: 'z * exp(-abs(z)^2 / 4) + conj(z) / 3' }), dense, cardioid, dense]),
  complex('a holomorphic activation', [4], [{ ...dense, weightVariance: 0.4 }, phi('sin-holomorphic'), { ...dense, weightVariance: 0.4 }, relu, dense]),
];
