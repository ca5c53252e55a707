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

export const batchNorm = (names: string[], more: More = {}): Spelling => ({
  names, kind: 'batch-norm',
  arguments: ['num_features', 'eps', 'momentum', 'affine', 'track_running_stats'],
  parameters: { features: { from: 'num_features', default: null }, epsilon: { from: 'eps', default: 1e-5 } },
  ...more,
});

export const layerNorm = (names: string[], more: More = {}): Spelling => ({
  names, kind: 'layer-norm',
  arguments: ['normalized_shape', 'eps', 'elementwise_affine', 'bias'],
  parameters: { shape: { from: 'normalized_shape', default: null }, epsilon: { from: 'eps', default: 1e-5 } },
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
