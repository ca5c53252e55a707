// A network as the steps that the recursion runs: plain data, so that it crosses process lines. Knows no numbers of samples and no formula.
import type { Window } from '../catalog/layers/taps.ts';
import type { Field, GraphNode } from '../contract/graph.ts';

export type Rule =
  /** K0 = <x_u, x'_u'>/c over channels [from, to) of the input. */
  | { kind: 'input'; from: number; to: number }
  /** Sigma = s C[K] + s_b^2; a dense layer has no window. */
  | { kind: 'weighted'; weightVariance: number; biasVariance: number; window: Window | null }
  | { kind: 'activation'; name: string; parameters: Record<string, number | string> }
  | { kind: 'pool'; window: Window }
  /** Mean over all pairs of positions (global average pool), or over equal positions (flatten). */
  | { kind: 'mean'; over: 'all' | 'equal' }
  /** Weighted sum of kernels: a residual sum (weights 1), or channels joined (fractions). */
  | { kind: 'combine'; weights: number[] }
  /** Layer norm over channels: E|z|^2 = power at each position; `centre`: the activation whose mean is taken off first. */
  | { kind: 'norm'; power: number; centre: number | null }
  | { kind: 'scale'; variance: number }
  /** A vanilla cell h_t = U x_t + W z_{t-1} + b, z_t = phi(h_t), z_0 = 0, over the positions as times. */
  | { kind: 'rnn'; inputVariance: number; recurrentVariance: number; biasVariance: number; name: string; parameters: Record<string, number | string>; returns: 'last' | 'sequence' };

export interface Step {
  rule: Rule;
  /** Indices of earlier steps. */
  inputs: number[];
  /** The layer it comes from; null for the input and for joins that the graph does not name. */
  node: GraphNode | null;
  /** Field of its output. */
  field: Field;
  /** Sizes of the spatial axes of its output; [] for a plain vector. */
  spatial: number[];
  /** Which pairs of positions are kept: all, or equal ones. */
  pairs: 'all' | 'equal';
}

export interface Network {
  steps: Step[];
  /** Index of the step whose kernels these are. */
  last: number;
  /** Field of its output, and that of the network: complex where any weighted layer is. */
  output: GraphNode;
  outputField: Field;
  field: Field;
  /** Step at whose output each layer ends, by the layer's id; layers after the output have none. */
  stepOf: Record<string, number>;
  /** Layers after it, not part of the kernel. */
  readOuts: GraphNode[];
  /** Shape of one sample and which of its axes is the channels'. */
  inputShape: number[];
  channelAxis: 'first' | 'last';
}

export const positionsOf = (step: Pick<Step, 'spatial'>): number => step.spatial.reduce((a, b) => a * b, 1);

/** Entries that one pair of samples has at this step. */
export function entriesOf(step: Step): number {
  const p = positionsOf(step);
  return step.pairs === 'all' ? p * p : p;
}

/** Whether pairs of samples are all that this step's kernel is indexed by, and those before it. */
export const isFlat = (network: Network): boolean => network.steps.every((s) => s.spatial.length === 0);
