// What the diagonal of the kernel tells beforehand: standard deviations before each activation, variances after each step, slopes. Knows no rule.
import { positionsOf, type Network } from './network.ts';

/** Arrays over steps, samples and positions, so that threads fill disjoint parts of one buffer. */
export interface Measures {
  samples: number;
  /** Per step with standard deviations (activation, norm, rnn): where they start in `values`, and how many positions. */
  std: ({ from: number; positions: number } | null)[];
  /** Mean over positions of the diagonal after step s for sample i: values[variance + s * samples + i]. */
  variance: number;
  /** By how much an error grows at step s: the activation's slope, or a pool's loss of power; as above. */
  growth: number;
  values: Float64Array;
}

export function newMeasures(network: Network, samples: number, make: (length: number) => Float64Array): Measures {
  let at = 0;
  const std = network.steps.map((step) => {
    const { kind } = step.rule;
    if (kind !== 'activation' && kind !== 'norm' && kind !== 'rnn') return null;
    // A recurrent layer's times are its input's positions.
    const positions = kind === 'rnn' ? positionsOf(network.steps[step.inputs[0]!]!) : positionsOf(step);
    const from = at;
    at += samples * positions;
    return { from, positions };
  });
  const variance = at;
  const growth = variance + network.steps.length * samples;
  return { samples, std, variance, growth, values: make(growth + network.steps.length * samples) };
}

export function stdOf(measures: Measures, step: number): Float64Array {
  const { from, positions } = measures.std[step]!;
  return measures.values.subarray(from, from + measures.samples * positions);
}

const rowOf = (measures: Measures, from: number, step: number): Float64Array =>
  measures.values.subarray(from + step * measures.samples, from + (step + 1) * measures.samples);

/** Diagonal after a step, one number a sample. */
export const variancesOf = (measures: Measures, step: number): Float64Array => rowOf(measures, measures.variance, step);
export const growthsOf = (measures: Measures, step: number): Float64Array => rowOf(measures, measures.growth, step);

export const largestOf = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, b), 0);
