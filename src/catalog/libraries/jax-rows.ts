// The rows that libraries on JAX share: channels last, sizes of the input nowhere in the text. Knows no library.
import type { ParameterValue } from '../../contract/graph.ts';
import type { Spelling } from './library.ts';
import { activation, readOut } from './rows.ts';

export type More = Partial<Spelling>;
type Values = Record<string, ParameterValue>;
type Parameters = NonNullable<Spelling['parameters']>;

/** JAX writes paddings in capitals; neural-tangents also as Padding.SAME. Answers why one is not read. */
export function padded(p: Values): string | void {
  const { padding } = p;
  if (typeof padding === 'string') {
    const word = (/Padding\.(\w+)/.exec(padding)?.[1] ?? padding).toLowerCase();
    if (word === 'causal') {
      const [kernel, dilation] = [p.kernel, p.dilation ?? 1].map((v) => (Array.isArray(v) ? v[0] : v));
      if (typeof kernel !== 'number' || typeof dilation !== 'number') return 'its causal padding follows from a kernel size that is not known from the text';
      p.padding = [[dilation * (kernel - 1), 0]];
      return;
    }
    if (!['same', 'valid', 'circular'].includes(word)) return `padding ${JSON.stringify(padding)} is not read in this version`;
    p.padding = word;
  }
  // Flax takes numbers among the pairs too.
  if (Array.isArray(padding) && padding.some(Array.isArray)) p.padding = padding.map((v) => (Array.isArray(v) ? v : [v, v]));
}

/** None for a stride or a dilation is 1. */
function ones(p: Values): void {
  for (const key of ['stride', 'dilation']) if (key in p && p[key] === null) p[key] = 1;
}

const window = (stride: string, padding: string, standard: string): Parameters => ({
  stride: { from: stride, default: 1, optional: true },
  padding: { from: padding, default: standard, named: true },
});

/** A convolution whose rank is that of its kernel. */
export const convolution = (names: string[], more: More = {}): Spelling => ({
  names, kind: 'conv2d',
  // Its weight is a matrix of taps and input channels by output channels.
  counts: (p) => ({ columns: p.outFeatures ?? null }),
  ...more,
  adjust(p) {
    ones(p);
    if (p.inputDilation !== undefined) {
      const { inputDilation } = p;
      delete p.inputDilation;
      if ([inputDilation].flat().some((n) => n !== 1 && n !== null)) return 'an input dilation is not read in this version';
    }
    return padded(p);
  },
});

/**
 * JAX's transposed convolution as numbers: with "same" n strides places come out, with "valid" every place that a tap reaches. What is cut off
 * before is `padding`; `outputPadding` is what more or less there is at the end.
 */
export const transposed = (names: string[], more: More = {}): Spelling => ({
  names, kind: 'conv-transpose',
  counts(p): Record<string, ParameterValue> {
    const taps = (Array.isArray(p.kernel) ? p.kernel : [p.kernel]).reduce<number>((a, k) => (typeof k === 'number' ? a * k : NaN), 1);
    const [n, m] = [p.inFeatures, p.outFeatures].map((v) => (typeof v === 'number' ? v * taps : NaN)) as [number, number];
    return Number.isNaN(n) || Number.isNaN(m) ? {} : { fans: [n, m], rows: n, columns: p.outFeatures! };
  },
  ...more,
  adjust(p) {
    ones(p);
    const unread = padded(p);
    if (unread) return unread;
    const rank = Array.isArray(p.kernel) ? p.kernel.length : 1;
    const each = (v: ParameterValue | undefined, absent: number): ParameterValue[] => (Array.isArray(v) ? v : new Array<ParameterValue>(rank).fill(v ?? absent));
    const { padding } = p;
    if (padding !== 'same' && padding !== 'valid') return 'a transposed convolution is read with padding SAME or VALID only';
    const sizes = each(p.kernel, 0).map((k, a) => {
      const [s, d] = [each(p.stride, 1)[a], each(p.dilation, 1)[a]];
      if (typeof k !== 'number' || typeof s !== 'number' || typeof d !== 'number') return null;
      const span = d * (k - 1) + 1;
      const whole = span + s - 2 + (padding === 'valid' ? Math.max(span - s, 0) : 0);
      const before = padding === 'valid' || s > span - 1 ? span - 1 : Math.ceil(whole / 2);
      const cut = span - 1 - before;
      return [cut, cut - (span - 1 - (whole - before))] as const;
    });
    p.padding = sizes.map((v) => v?.[0] ?? null);
    p.outputPadding = sizes.map((v) => v?.[1] ?? null);
  },
});

/** `edges` says that a mean at the border divides by the places inside and not by the whole window. */
export const pool = (kind: 'average-pool' | 'max-pool', names: string[], args: string[], { padding = 'VALID', edges = false, ...more }: More & { padding?: string; edges?: boolean } = {}): Spelling => ({
  names, kind, arguments: args,
  parameters: { kernel: { from: args[0]!, default: null }, ...window(args[1]!, args[2]!, padding), ...more.parameters },
  adjust(p) {
    ones(p);
    const unread = more.adjust?.(p) ?? padded(p);
    if (unread) return unread;
    const inside = p.edges ?? edges;
    delete p.edges;
    if (kind === 'average-pool' && p.padding === 'same' && inside !== true) p.wholeWindow = true;
  },
});

export const convolutionSizes = (names: { out: string; kernel: string; stride: string; padding: string; standard: string; dilation?: string; groups?: string; bias?: string; inputs?: string }): Parameters => ({
  ...(names.inputs ? { inFeatures: { from: names.inputs, default: null } } : {}),
  outFeatures: { from: names.out, default: null },
  kernel: { from: names.kernel, default: null },
  ...window(names.stride, names.padding, names.standard),
  dilation: names.dilation ? { from: names.dilation, default: 1, optional: true } : { default: 1 },
  groups: names.groups ? { from: names.groups, default: 1 } : { default: 1 },
  bias: names.bias ? { from: names.bias, default: true } : { default: true },
});

/**
 * In evaluation it multiplies by gain/sqrt(1 + epsilon) before it has seen data; of complex numbers it takes E|z - mean|^2 for the variance.
 * `kept` says whether it holds running statistics then: Haiku's have no value before the first training step, stax's layer has none at all.
 */
export const batchNorm = (names: string[], args: string[], parameters: { epsilon: string; scale: string; running?: string; scaleDefault?: boolean; features?: string; epsilonDefault?: number }, kept: boolean, more: More = {}): Spelling => ({
  names, kind: 'batch-norm', arguments: args,
  parameters: {
    ...(parameters.features ? { features: { from: parameters.features, default: null } } : {}),
    epsilon: { from: parameters.epsilon, default: parameters.epsilonDefault ?? 1e-5 },
    affine: { from: parameters.scale, default: parameters.scaleDefault ?? true },
    ...(parameters.running ? { running: { from: parameters.running, default: true, optional: true } } : {}),
    gain: { default: 1 },
  },
  adjust(p) {
    const { affine, gain, running, epsilon } = p;
    for (const key of ['affine', 'gain', 'running']) delete p[key];
    const gamma = affine === false ? 1 : affine === true && typeof gain === 'number' ? gain : null;
    Object.assign(p, { mode: 'modulus', gamma, evaluationScale: kept && running !== false && gamma !== null && typeof epsilon === 'number' ? gamma / Math.sqrt(1 + epsilon) : null });
  },
  ...more,
});

/** Over the features of each position; of complex numbers it takes E|z - mean|^2 for the variance. */
export const layerNorm = (names: string[], args: string[], parameters: { epsilon: string; epsilonDefault: number; scale?: string; axis: string; features?: string }, more: More = {}): Spelling => ({
  names, kind: 'layer-norm', arguments: args,
  parameters: {
    ...(parameters.features ? { features: { from: parameters.features, default: null } } : {}),
    epsilon: { from: parameters.epsilon, default: parameters.epsilonDefault },
    axis: { from: parameters.axis, default: -1 },
    affine: parameters.scale ? { from: parameters.scale, default: true } : { default: false },
    gain: { default: 1 },
  },
  adjust(p) {
    const { affine, gain, axis } = p;
    for (const key of ['affine', 'gain', 'axis']) delete p[key];
    const over = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
    if (over !== -1) return `its statistics are taken over the axes ${JSON.stringify(axis)}; a layer norm over the last axis is read`;
    const gamma = affine === false ? 1 : affine === true && typeof gain === 'number' ? gain : null;
    Object.assign(p, { mode: 'modulus', gamma, power: gamma === null ? null : gamma ** 2 });
  },
  ...more,
});

const halfPlane = 'On complex numbers the order is lexicographic: what counts is the half plane Re z > 0.';
const poles = (name: string): Pick<Spelling, 'traps'> => ({
  traps: [{
    code: 'holomorphic-poles', on: 'complex',
    message: `On complex numbers {library}'s ${name} is the holomorphic function, which has poles: it is unbounded and its kernel has no limit as widths grow. Use the split form if real and imaginary part were meant apart.`,
  }],
});
const onReal = (names: string[], id: string, more: More = {}): Spelling => ({ names, kind: 'activation', realActivation: id, ...more });

/** What jax.nn, jax.numpy and jax.lax call activations; Flax and Haiku give them on. */
export const jaxActivations: Spelling[] = [
  activation(['relu'], 'half-plane-relu', { realActivation: 'relu', note: halfPlane }),
  activation(['leaky_relu'], 'half-plane-leaky-relu', { realActivation: 'leaky-relu', arguments: ['negative_slope'], parameters: { slope: { from: 'negative_slope', default: 0.01 } }, note: halfPlane }),
  activation(['elu'], 'half-plane-elu', { realActivation: 'elu', arguments: ['alpha'], parameters: { alpha: { from: 'alpha', default: 1 } }, note: halfPlane }),
  activation(['selu'], 'half-plane-selu', { realActivation: 'selu', note: halfPlane }),
  activation(['tanh'], 'tanh-holomorphic', { realActivation: 'tanh', ...poles('tanh') }),
  activation(['sigmoid', 'logistic'], 'sigmoid-holomorphic', { realActivation: 'sigmoid', ...poles('sigmoid') }),
  activation(['silu', 'swish'], 'silu-holomorphic', { realActivation: 'silu', ...poles('silu') }),
  activation(['softplus'], 'softplus-holomorphic', { realActivation: 'softplus' }),
  activation(['gelu'], 'gelu-tanh-holomorphic', { realActivation: 'gelu-tanh', note: 'approximate=True is the default.' }),
  activation(['gelu(approximate=False)'], 'gelu-holomorphic', { realActivation: 'gelu' }),
  activation(['sin'], 'sin-holomorphic', { realActivation: 'sin' }),
  activation(['cos'], 'cos-holomorphic', { realActivation: 'cos' }),
  activation(['sinh'], 'sinh-holomorphic'),
  activation(['cosh'], 'cosh-holomorphic'),
  activation(['arctan', 'atan'], 'atan-holomorphic'),
  activation(['exp'], 'exp-holomorphic', { realActivation: 'exponential' }),
  activation(['square'], 'square-holomorphic', { realActivation: 'square' }),
  activation(['soft_sign'], 'siglog', { realActivation: 'softsign', note: 'On complex numbers z/(1 + |z|), which is not holomorphic.' }),
  activation(['identity'], 'identity', { realActivation: 'identity' }),
  onReal(['erf'], 'erf'),
  onReal(['celu'], 'celu', { arguments: ['alpha'], parameters: { alpha: { from: 'alpha', default: 1 } } }),
  onReal(['relu6'], 'relu6'),
  onReal(['mish'], 'mish'),
  onReal(['log_sigmoid'], 'log-sigmoid'),
  onReal(['hard_tanh'], 'hard-tanh'),
  onReal(['hard_sigmoid'], 'hard-sigmoid', { parameters: { slope: { default: 1 / 6 } }, adjust: () => undefined }),
  onReal(['hard_swish', 'hard_silu'], 'hard-swish'),
  onReal(['squareplus'], 'squareplus', { arguments: ['b'], parameters: { b: { from: 'b', default: 4 } } }),
  onReal(['sparse_plus'], 'sparse-plus'),
  readOut(['softmax'], 'softmax', { arguments: ['axis'] }),
  readOut(['log_softmax', 'logsoftmax'], 'log-softmax', { arguments: ['axis'] }),
  readOut(['abs', 'absolute'], 'abs'),
  readOut(['real'], 'real'),
  readOut(['imag'], 'imag'),
  readOut(['angle'], 'angle'),
];
