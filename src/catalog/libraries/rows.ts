// The rows that libraries modelled on torch.nn share: their arguments are torch's, only names and defaults differ. Knows no library.
import type { ParameterValue } from '../../contract/graph.ts';
import type { Spelling, SpellingTrap } from './library.ts';

type More = Partial<Spelling>;

export const linear = (names: string[], more: More = {}): Spelling => ({
  names, kind: 'dense',
  arguments: ['in_features', 'out_features', 'bias', 'device', 'dtype'],
  parameters: {
    inFeatures: { from: 'in_features', default: null },
    outFeatures: { from: 'out_features', default: null },
    bias: { from: 'bias', default: true },
  },
  ...more,
});

const convolutionSizes = {
  inFeatures: { from: 'in_channels', default: null },
  outFeatures: { from: 'out_channels', default: null },
  kernel: { from: 'kernel_size', default: null },
  stride: { from: 'stride', default: 1 },
  padding: { from: 'padding', default: 0 },
  dilation: { from: 'dilation', default: 1 },
  groups: { from: 'groups', default: 1 },
  bias: { from: 'bias', default: true },
} as const;

export const convolution = (rank: 1 | 2 | 3, names: string[], more: More = {}): Spelling => ({
  names, kind: `conv${rank}d`, rank,
  arguments: ['in_channels', 'out_channels', 'kernel_size', 'stride', 'padding', 'dilation', 'groups', 'bias', 'padding_mode', 'device', 'dtype'],
  parameters: { ...convolutionSizes, paddingMode: { from: 'padding_mode', default: 'zeros' } },
  ...more,
});

export const transposed = (rank: 1 | 2 | 3, names: string[], more: More = {}): Spelling => ({
  names, kind: 'conv-transpose', rank,
  arguments: ['in_channels', 'out_channels', 'kernel_size', 'stride', 'padding', 'output_padding', 'groups', 'bias', 'dilation', 'padding_mode', 'device', 'dtype'],
  parameters: { ...convolutionSizes, outputPadding: { from: 'output_padding', default: 0 } },
  ...more,
});

export const averagePool = (rank: 1 | 2 | 3, names: string[], more: More = {}): Spelling => ({
  names, kind: 'average-pool', rank,
  arguments: ['kernel_size', 'stride', 'padding', 'ceil_mode', 'count_include_pad', 'divisor_override'],
  parameters: {
    kernel: { from: 'kernel_size', default: null },
    stride: { from: 'stride', default: null },
    padding: { from: 'padding', default: 0 },
    ceilMode: { from: 'ceil_mode', default: false },
  },
  ...more,
});

export const adaptiveAveragePool = (rank: 1 | 2 | 3, names: string[], more: More = {}): Spelling => ({
  names, kind: 'average-pool', rank,
  arguments: ['output_size'],
  parameters: { outputSize: { from: 'output_size', default: null } },
  ...more,
});

export const maxPool = (rank: 1 | 2 | 3, names: string[], more: More = {}): Spelling => ({
  names, kind: 'max-pool', rank,
  arguments: ['kernel_size', 'stride', 'padding', 'dilation', 'return_indices', 'ceil_mode'],
  parameters: {
    kernel: { from: 'kernel_size', default: null },
    stride: { from: 'stride', default: null },
    padding: { from: 'padding', default: 0 },
    dilation: { from: 'dilation', default: 1 },
    ceilMode: { from: 'ceil_mode', default: false },
  },
  ...more,
});

/** What a batch norm does, and what it holds before it has seen data. */
export interface BatchNorm {
  /**
   * What brings the numbers of a channel to variance 1: each part by its own variance, both by their 2x2 covariance, or the modulus r,
   * which becomes r' = (r - mean r)/sqrt(var r + epsilon) while the phase stays: z r'/(r + epsilon).
   */
  mode: 'naive' | 'whitening' | 'magnitude';
  /** Gain of each part, and running variance of each part. */
  gamma: number;
  variance: number;
  /** The running variance holds epsilon already; in evaluation none is added. */
  epsilonKept?: boolean;
  /** A batch's variance divides by one less than its numbers. */
  unbiased?: boolean;
}

/**
 * In evaluation mode at initialisation it multiplies by gamma/sqrt(running variance + epsilon); null where the text does not tell,
 * or where it keeps no statistics and depends on the batch then too.
 */
export const batchNorm = (names: string[], norm: BatchNorm, more: More = {}): Spelling => ({
  names, kind: 'batch-norm',
  arguments: ['num_features', 'eps', 'momentum', 'affine', 'track_running_stats'],
  parameters: {
    features: { from: 'num_features', default: null },
    epsilon: { from: 'eps', default: 1e-5 },
    affine: { from: 'affine', default: true },
    tracked: { from: 'track_running_stats', default: true },
  },
  adjust(p) {
    const { tracked, epsilon } = p;
    const gamma = gainOf(p, norm.gamma);
    p.mode = norm.mode;
    p.gamma = gamma;
    if (norm.unbiased) p.unbiased = true;
    p.evaluationScale = gamma !== null && tracked === true && typeof epsilon === 'number' ? gamma / Math.sqrt(norm.variance + (norm.epsilonKept ? 0 : epsilon)) : null;
    delete p.tracked;
  },
  ...more,
  traps: [
    ...(more.traps ?? []),
    {
      code: 'batch-norm-of-batch',
      when: (p) => p.tracked === false,
      message: `With track_running_stats=False {library}'s ${names[0]} takes the statistics of the batch in evaluation too: no kernel of single samples describes it.`,
      fix: { title: 'Keep running statistics', argument: { name: 'track_running_stats', value: 'True' } },
    },
  ],
});

/**
 * `whitening` takes the 2x2 covariance of the parts, `parts` is of real numbers, or of each part apart where `complex`. `power` is E|z|^2
 * after the norm at initialisation: 2 gamma^2 of complex numbers, gamma^2 of real ones.
 */
export const layerNorm = (names: string[], norm: { mode: 'whitening' | 'parts'; gamma: number; complex?: true; unbiased?: boolean }, more: More = {}): Spelling => ({
  names, kind: 'layer-norm',
  arguments: ['normalized_shape', 'eps', 'elementwise_affine', 'bias'],
  parameters: {
    shape: { from: 'normalized_shape', default: null },
    epsilon: { from: 'eps', default: 1e-5 },
    affine: { from: 'elementwise_affine', default: true },
  },
  adjust(p) {
    const gamma = gainOf(p, norm.gamma);
    if (typeof p.shape === 'number') p.shape = [p.shape];
    p.mode = norm.mode;
    p.gamma = gamma;
    if (norm.unbiased) p.unbiased = true;
    p.power = gamma === null ? null : Math.round((norm.mode === 'whitening' || norm.complex ? 2 : 1) * gamma ** 2 * 1e9) / 1e9;
    if (norm.mode === 'whitening') p.whitening = true;
  },
  ...more,
});

/** The initial gain of a norm: 1 without trained ones, null where the text does not tell. Takes `affine` out of the parameters. */
function gainOf(p: Record<string, ParameterValue>, gamma: number): number | null {
  const { affine } = p;
  delete p.affine;
  return affine === true ? gamma : affine === false ? 1 : null;
}

/** Attention with PyTorch's arguments; its heads divide the features among themselves. */
export const attention = (names: string[], more: More = {}): Spelling => ({
  names, kind: 'attention',
  arguments: ['embed_dim', 'num_heads', 'dropout', 'bias', 'add_bias_kv', 'add_zero_attn', 'kdim', 'vdim', 'batch_first', 'device', 'dtype'],
  parameters: {
    inFeatures: { from: 'embed_dim', default: null },
    heads: { from: 'num_heads', default: null },
    bias: { from: 'bias', default: true },
    batchFirst: { from: 'batch_first', default: false },
  },
  ...more,
});

/**
 * A recurrent layer of one direction. The activation of a vanilla cell is an argument; gated ones take sigmoids and tanh, split where the
 * library is complex. `more.changed` names an argument whose change of the state is not read.
 */
export const recurrent = (names: string[], cell: 'vanilla' | 'gru' | 'lstm', { changed, ...more }: More & { changed?: string } = {}): Spelling => ({
  names, kind: 'rnn', cell,
  arguments: ['input_size', 'hidden_size', 'num_layers', ...(cell === 'vanilla' ? ['nonlinearity'] : []), 'bias', 'batch_first', 'dropout', 'bidirectional', ...(changed ? [changed] : [])],
  parameters: {
    inFeatures: { from: 'input_size', default: null },
    outFeatures: { from: 'hidden_size', default: null },
    layers: { from: 'num_layers', default: 1 },
    ...(cell === 'vanilla' ? { state: { from: 'nonlinearity', default: 'tanh' } } : {}),
    bias: { from: 'bias', default: true },
    batchFirst: { from: 'batch_first', default: false },
    bothWays: { from: 'bidirectional', default: false },
    ...(changed ? { changed: { from: changed, default: false } } : {}),
  },
  adjust(p) {
    const { layers, bothWays } = p;
    const other = p.changed;
    for (const key of ['layers', 'bothWays', 'changed']) delete p[key];
    const split = more.field === 'complex' ? 'split-' : '';
    if (cell !== 'vanilla') Object.assign(p, { cell, state: `${split}tanh`, gates: `${split}sigmoid` });
    p.activationParameters = {};
    if (layers !== 1) return 'several recurrent layers in one are not read; write one after the other';
    if (bothWays !== false) return 'a recurrent layer of both directions is not read in this version';
    if (other) return `its argument ${changed} is not read in this version`;
  },
  ...more,
});

export const dropout = (names: string[], more: More = {}): Spelling => ({
  names, kind: 'dropout',
  arguments: ['p', 'training', 'inplace'],
  parameters: { rate: { from: 'p', default: 0.5 } },
  ...more,
});

/** An activation on complex tensors. */
export const activation = (names: string[], id: string, more: More = {}): Spelling => ({ names, kind: 'activation', activation: id, ...more });

export const readOut = (names: string[], id: string, more: More = {}): Spelling => ({ names, kind: 'read-out', activation: id, ...more });

export const unresolved = (names: string[], reason: string, more: More = {}): Spelling => ({ names, kind: 'unresolved', reason, ...more });

/** A whole network, whose layers stand in the library's own files. */
export const network = (names: string[]): Spelling =>
  unresolved(names, 'it is a whole network of {library}, whose layers stand in the files of that library and not in yours; a copy of its class in your project is read layer by layer', { network: true });

/** Two real modules with a bias each, whose outputs are combined. */
export const biasCombined = (name: string): SpellingTrap => ({
  code: 'bias-combined', when: (p) => p.bias !== false,
  message: `{library}'s ${name} has real and imaginary modules that both add their bias, so the complex bias is (b_r - b_i) + i(b_r + b_i): its variance is twice that of one PyTorch complex bias.`,
});

/** A split PReLU whose class has no arguments. */
export const learnableSlopes: SpellingTrap = {
  code: 'learnable-slope',
  message: "{library}'s CPReLU trains one slope for the real and one for the imaginary part, both 0.25 at the start; the analysis holds them there.",
};

export const celuIsElu: SpellingTrap = {
  code: 'celu-is-elu',
  message: "{library}'s CELU is the split ELU, not the function that PyTorch calls CELU (that one is CCELU here).",
  fix: { title: "Use PyTorch's function, CCELU (changes the function)", rename: 'CCELU' },
};

/** Dropout copied among libraries: its mask is scaled by PyTorch's dropout, and then once more. */
export const scaledTwice: SpellingTrap = {
  code: 'dropout-scaled-twice',
  message: "{library}'s dropout divides by 1 - p twice: in training the signal grows by 1/(1 - p). At evaluation it is the identity, as analysed.",
};
