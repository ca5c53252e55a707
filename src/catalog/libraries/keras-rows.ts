// The rows that libraries modelled on keras.layers share: their arguments are Keras', only names, orders and defaults differ. Knows no library.
import type { ParameterValue } from '../../contract/graph.ts';
import type { Spelling } from './library.ts';

export type More = Partial<Spelling>;
type Values = Record<string, ParameterValue>;

const regularised = ['kernel_regularizer', 'bias_regularizer', 'activity_regularizer', 'kernel_constraint', 'bias_constraint'];
const weightedBy = { weight: 'kernel_initializer', bias: 'bias_initializer' };

/** Numbers of taps, or null. */
function taps(p: Readonly<Values>): number | null {
  const k = Array.isArray(p.kernel) ? p.kernel : [p.kernel];
  return k.every((n) => typeof n === 'number') ? (k as number[]).reduce((a, b) => a * b, 1) : null;
}

/** Sizes of the input are nowhere in the text: `inFeatures` is filled from the incoming shape. */
export const dense = (names: string[], more: More = {}): Spelling => ({
  names, kind: 'dense',
  arguments: ['units', 'activation', 'use_bias', 'kernel_initializer', 'bias_initializer', ...regularised],
  activationArgument: 'activation', initialiserArguments: weightedBy, fromInput: ['inFeatures'],
  parameters: { outFeatures: { from: 'units', default: null }, bias: { from: 'use_bias', default: true } },
  ...more,
});

/** Padding before a causal convolution only, as pairs: what comes later is not seen. */
function causal(p: Values): string | void {
  if (p.padding === 'causal') {
    const [kernel, dilation] = [p.kernel, p.dilation ?? 1].map((v) => (Array.isArray(v) ? v[0] : v));
    if (typeof kernel !== 'number' || typeof dilation !== 'number') return 'its causal padding follows from a kernel size that is not known from the text';
    p.padding = [[dilation * (kernel - 1), 0]];
  }
}

const sliding = (strides: number): NonNullable<Spelling['parameters']> => ({
  kernel: { from: 'kernel_size', default: null },
  stride: { from: 'strides', default: strides },
  padding: { from: 'padding', default: 'valid' },
  dilation: { from: 'dilation_rate', default: 1 },
});

export const convolution = (rank: 1 | 2 | 3, names: string[], more: More = {}): Spelling => ({
  names, kind: `conv${rank}d`, rank,
  arguments: ['filters', 'kernel_size', 'strides', 'padding', 'data_format', 'dilation_rate', 'groups', 'activation', 'use_bias', 'kernel_initializer', 'bias_initializer', ...regularised],
  activationArgument: 'activation', initialiserArguments: weightedBy, axesArgument: 'data_format', fromInput: ['inFeatures'],
  parameters: {
    outFeatures: { from: 'filters', default: null }, ...sliding(1),
    groups: { from: 'groups', default: 1 }, bias: { from: 'use_bias', default: true },
  },
  adjust: causal,
  // A matrix with the taps and input channels as rows.
  counts: (p) => ({ columns: p.outFeatures ?? null }),
  ...more,
});

/** Each channel through kernels of its own: a convolution of as many groups as channels come in. */
export const depthwise = (rank: 1 | 2, names: string[], more: More = {}): Spelling => ({
  names, kind: `conv${rank}d`, rank,
  arguments: ['kernel_size', 'strides', 'padding', 'depth_multiplier', 'data_format', 'dilation_rate', 'activation', 'use_bias', 'depthwise_initializer', 'bias_initializer'],
  activationArgument: 'activation', initialiserArguments: { weight: 'depthwise_initializer', bias: 'bias_initializer' }, axesArgument: 'data_format',
  fromInput: ['inFeatures', 'outFeatures', 'groups'],
  parameters: { ...sliding(1), multiplier: { from: 'depth_multiplier', default: 1 }, bias: { from: 'use_bias', default: true } },
  adjust: causal,
  // Its weight is [taps, channels, multiplier], and Keras takes all channels for fan_in.
  counts(p): Values {
    const [k, n, m] = [taps(p), p.inFeatures, p.outFeatures];
    return k !== null && typeof n === 'number' && typeof m === 'number' ? { fans: [k * n, (k * m) / n], columns: m / n } : {};
  },
  ...more,
});

/**
 * A transposed convolution in numbers: with "valid" every place that a tap reaches is kept, with "same" n strides places are, and what is cut
 * off (kernel - stride) is halved, the odd one at the end. `outputPadding` below 0 cuts at the end.
 */
function cutOff(p: Values, rank: number): void {
  const each = (v: ParameterValue | undefined): ParameterValue[] => (Array.isArray(v) ? v : new Array<ParameterValue>(rank).fill(v ?? null));
  const { padding } = p;
  const more = p.outputPadding === undefined ? null : p.outputPadding;
  delete p.padding;
  delete p.outputPadding;
  if (padding !== 'valid' && padding !== 'same') {
    p.padding = null;
    return;
  }
  const cuts = each(p.kernel).map((k, a) => {
    const [stride, dilation, written] = [each(p.stride ?? 1)[a], each(p.dilation ?? 1)[a], each(more)[a]];
    if (typeof k !== 'number' || typeof stride !== 'number' || typeof dilation !== 'number') return null;
    const span = dilation * (k - 1) + 1;
    if (typeof written === 'number') return (padding === 'same' ? 2 * Math.floor(span / 2) : 0) - written;
    return padding === 'same' ? span - stride : Math.min(span - stride, 0);
  });
  const before = cuts.map((c) => (c === null ? null : Math.max(0, Math.floor(c / 2))));
  p.padding = before;
  p.outputPadding = cuts.map((c, a) => (c === null ? null : 2 * before[a]! - c));
}

export const transposed = (rank: 1 | 2 | 3, names: string[], more: More = {}): Spelling => ({
  names, kind: 'conv-transpose', rank,
  arguments: ['filters', 'kernel_size', 'strides', 'padding', 'output_padding', 'data_format', 'dilation_rate', 'activation', 'use_bias', 'kernel_initializer', 'bias_initializer', ...regularised],
  activationArgument: 'activation', initialiserArguments: weightedBy, axesArgument: 'data_format', fromInput: ['inFeatures'],
  parameters: {
    outFeatures: { from: 'filters', default: null }, ...sliding(1),
    outputPadding: { from: 'output_padding', default: null, optional: true },
    groups: { default: 1 }, bias: { from: 'use_bias', default: true },
  },
  adjust: (p) => cutOff(p, rank),
  counts: (p) => ({ columns: p.inFeatures ?? null }),
  ...more,
});

export const pool = (kind: 'average-pool' | 'max-pool', rank: 1 | 2 | 3, names: string[], more: More = {}): Spelling => ({
  names, kind, rank,
  arguments: ['pool_size', 'strides', 'padding', 'data_format'], axesArgument: 'data_format',
  parameters: {
    kernel: { from: 'pool_size', default: 2 },
    stride: { from: 'strides', default: null },
    padding: { from: 'padding', default: 'valid' },
  },
  ...more,
});

export const globalAveragePool = (names: string[], more: More = {}): Spelling => ({
  names, kind: 'global-average-pool',
  arguments: ['data_format', 'keepdims'], axesArgument: 'data_format',
  parameters: { keepAxes: { from: 'keepdims', default: false } },
  ...more,
});

/** Initial values of a norm's vectors that leave it alone; others are not numbers known from the text. */
const isOnes = (v: ParameterValue | undefined): boolean => typeof v === 'string' && /^ones(initializer|v2)?$/i.test(v);

/**
 * `axis` must be that of the channels: a reader checks it with `isChannelAxis` and takes it out.
 * In evaluation at initialisation it multiplies by gamma/sqrt(running variance + epsilon).
 */
export const batchNorm = (names: string[], norm: { mode: 'naive' | 'whitening'; gamma: number; variance: number; epsilon: number; epsilonAdded: boolean }, more: More = {}): Spelling => ({
  names, kind: 'batch-norm',
  arguments: ['axis', 'momentum', 'epsilon', 'center', 'scale', 'beta_initializer', 'gamma_initializer', 'moving_mean_initializer', 'moving_variance_initializer'],
  parameters: {
    axis: { from: 'axis', default: -1 },
    epsilon: { from: 'epsilon', default: norm.epsilon },
    scale: { from: 'scale', default: true },
    firstGain: { from: 'gamma_initializer', default: 'ones' },
    firstVariance: { from: 'moving_variance_initializer', default: 'ones' },
  },
  adjust(p) {
    const { epsilon, scale, firstGain, firstVariance } = p;
    for (const key of ['scale', 'firstGain', 'firstVariance']) delete p[key];
    const gamma = scale === false ? 1 : scale === true && isOnes(firstGain) ? norm.gamma : null;
    p.mode = norm.mode;
    p.gamma = gamma;
    p.evaluationScale = gamma !== null && isOnes(firstVariance) && typeof epsilon === 'number' ? gamma / Math.sqrt(norm.variance + (norm.epsilonAdded ? epsilon : 0)) : null;
  },
  ...more,
});

/** Of real numbers, over the axes named; `power` is E|z|^2 after it. */
export const layerNorm = (names: string[], more: More = {}): Spelling => ({
  names, kind: 'layer-norm',
  arguments: ['axis', 'epsilon', 'center', 'scale', 'beta_initializer', 'gamma_initializer'],
  parameters: {
    axis: { from: 'axis', default: -1 },
    epsilon: { from: 'epsilon', default: 1e-3 },
    scale: { from: 'scale', default: true },
    firstGain: { from: 'gamma_initializer', default: 'ones' },
  },
  fromInput: ['shape'],
  adjust(p) {
    const { scale, firstGain } = p;
    delete p.scale;
    delete p.firstGain;
    const gamma = scale === false || (scale === true && isOnes(firstGain)) ? 1 : null;
    p.mode = 'parts';
    p.gamma = gamma;
    p.power = gamma;
  },
  ...more,
});

/** Whether `axis`, counted with the batch axis as Keras does, is that of the channels; null where the text does not tell. */
export function isChannelAxis(axis: ParameterValue | undefined, rank: number | null, axes: 'channels-first' | 'channels-last'): boolean | null {
  const one = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
  if (typeof one !== 'number') return Array.isArray(one) ? false : null;
  // Vectors have no other axis.
  if (rank === 1) return one === -1 || one === 1;
  if (axes === 'channels-last') return one === -1 || (rank === null ? null : one === rank);
  return one === 1 || (rank === null ? null : one === -rank);
}

const afterRecurrent = ['kernel_initializer', 'recurrent_initializer', 'bias_initializer'];
/** Weights of the state and of the input start apart; the biases start at 0, those of an LSTM's forget gate at 1. */
export const recurrent = (names: string[], cell: 'vanilla' | 'gru' | 'lstm', more: More = {}): Spelling => ({
  names, kind: 'rnn', cell, realOnly: true,
  arguments: ['units', 'activation', ...(cell === 'vanilla' ? [] : ['recurrent_activation']), 'use_bias', ...afterRecurrent, ...(cell === 'lstm' ? ['unit_forget_bias'] : [])],
  initialiserArguments: { ...weightedBy, recurrent: 'recurrent_initializer' }, fromInput: ['inFeatures'],
  parameters: {
    outFeatures: { from: 'units', default: null },
    state: { from: 'activation', default: 'tanh' },
    ...(cell === 'vanilla' ? {} : { gates: { from: 'recurrent_activation', default: 'sigmoid' } }),
    bias: { from: 'use_bias', default: true },
    sequences: { from: 'return_sequences', default: false },
    states: { from: 'return_state', default: false },
    backwards: { from: 'go_backwards', default: false },
    kept: { from: 'stateful', default: false },
    ...(cell === 'gru' ? { after: { from: 'reset_after', default: true } } : {}),
    ...(cell === 'lstm' ? { forgetful: { from: 'unit_forget_bias', default: true } } : {}),
  },
  // The gates' weights are one matrix.
  counts(p): Values {
    const [n, m] = [p.inFeatures, p.outFeatures];
    const all = typeof m === 'number' ? m * { vanilla: 1, gru: 3, lstm: 4 }[cell] : null;
    return typeof n === 'number' && all !== null ? { fans: [n, all], columns: all } : {};
  },
  adjust(p) {
    const { sequences, states, backwards, kept, after, forgetful, state, gates } = p;
    for (const key of ['sequences', 'states', 'backwards', 'kept', 'after', 'forgetful']) delete p[key];
    p.returns = sequences === true ? 'sequence' : 'last';
    p.batchFirst = true;
    p.activationParameters = {};
    if (cell !== 'vanilla') p.cell = cell;
    if (sequences === null) return 'whether it gives all its states or the last one (return_sequences) is not known from the text';
    if (states !== false) return 'its states beside the output (return_state) are not read';
    if (backwards !== false) return 'a sequence read backwards (go_backwards) is not read in this version';
    if (kept !== false) return 'a state kept from batch to batch (stateful) is no function of one sample';
    if (state !== 'tanh' && !(cell === 'vanilla' && state === 'relu')) return `its activation ${JSON.stringify(state)} is not read in a recurrent cell`;
    if (cell !== 'vanilla' && gates !== 'sigmoid') return `the function of its gates, ${JSON.stringify(gates)}, is not the sigmoid, and no other is read`;
    if (cell === 'gru' && after !== true) return 'with reset_after=False the reset gate multiplies the state before its weights, a cell that is not computed here';
    if (cell === 'lstm' && p.bias === true && forgetful !== false) return 'with unit_forget_bias=True (the default) the biases of its forget gate start at 1, which is not computed here';
  },
  ...more,
});

/** A real activation, by string or function. */
export const realActivation = (names: string[], id: string, more: More = {}): Spelling => ({ names, kind: 'activation', realActivation: id, ...more });
