// The rows that libraries modelled on torch.nn share: their arguments are torch's, only names and defaults differ. Knows no library.
import type { Spelling } from './library.ts';

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

/** What a batch norm holds before it has seen data, for each part of a complex number: its gain gamma and its running variance. */
export interface Untrained {
  gamma: number;
  variance: number;
}

/**
 * In evaluation mode at initialisation it multiplies by gamma/sqrt(running variance + epsilon); null where the text does not tell,
 * or where it keeps no statistics and depends on the batch then too.
 */
export const batchNorm = (names: string[], { gamma, variance }: Untrained, more: More = {}): Spelling => ({
  names, kind: 'batch-norm',
  arguments: ['num_features', 'eps', 'momentum', 'affine', 'track_running_stats'],
  parameters: {
    features: { from: 'num_features', default: null },
    epsilon: { from: 'eps', default: 1e-5 },
    affine: { from: 'affine', default: true },
    tracked: { from: 'track_running_stats', default: true },
  },
  adjust(p) {
    const { affine, tracked, epsilon } = p;
    const gain = affine === true ? gamma : affine === false ? 1 : null;
    p.evaluationScale = gain !== null && tracked === true && typeof epsilon === 'number' ? gain / Math.sqrt(variance + epsilon) : null;
    delete p.affine;
    delete p.tracked;
  },
  ...more,
  traps: [
    ...(more.traps ?? []),
    {
      code: 'batch-norm-of-batch',
      when: (p) => p.tracked === false,
      message: `With track_running_stats=False ${names[0]} takes the statistics of the batch in evaluation too: no kernel of single samples describes it.`,
    },
  ],
});

/** `power` is E|z|^2 after the norm at initialisation: of whitening with gamma on the diagonal 2 gamma^2, and 2 without it. */
export const layerNorm = (names: string[], norm: { whitening: boolean; gamma: number }, more: More = {}): Spelling => ({
  names, kind: 'layer-norm',
  arguments: ['normalized_shape', 'eps', 'elementwise_affine', 'bias'],
  parameters: {
    shape: { from: 'normalized_shape', default: null },
    epsilon: { from: 'eps', default: 1e-5 },
    affine: { from: 'elementwise_affine', default: true },
  },
  adjust(p) {
    const whole = norm.whitening ? 2 : 1;
    p.power = p.affine === true ? Math.round(whole * norm.gamma ** 2 * 1e9) / 1e9 : p.affine === false ? whole : null;
    if (norm.whitening) p.whitening = true;
    delete p.affine;
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
