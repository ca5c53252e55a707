// The real dual of two scalars f and g: k = E[f(X) g(Y)] and kd = E[f'(X) g'(Y)] for normals of standard deviations a, b and correlation c.
// Chooses the route: a closed form, else the Hermite series, else what serves near |c| = 1. Knows no complex number.
import type { Parameters, ScalarFunction } from '../../catalog/activations/activation.ts';
import { arcCosineDual, assembledDual } from './closed-scalars.ts';
import type { DualOutcome } from './dual.ts';
import { numericDuals } from './numeric-dual.ts';
import { piecesOf } from './pieces.ts';

/** Where the dual is wanted: indices into the standard deviations it was prepared for, and correlations in [-1, 1]. Not changed. */
export interface RealDualInput {
  count: number;
  left: Int32Array;
  right: Int32Array;
  c: Float64Array;
}

/** What is wanted of it: k(c), kd(c), k(-c), kd(-c). A plane of length 0 is not written. */
export interface RealDualOutput {
  k: Float64Array;
  kd: Float64Array;
  minusK: Float64Array;
  minusKd: Float64Array;
}

/** Writes the output and raises the outcome: the error is relative to sqrt(k_aa k_bb), and to sqrt(kd_aa kd_bb). */
export type RealDual = (input: RealDualInput, output: RealDualOutput, outcome: DualOutcome) => void;

const zeroDual: RealDual = ({ count }, { k, kd, minusK, minusKd }) => {
  for (const plane of [k, kd, minusK, minusKd]) plane.fill(0, 0, count);
};

/** Real duals among scalars of one parameter set, prepared for the standard deviations of one layer. */
export function realDuals(p: Parameters, std: Float64Array): (f: ScalarFunction, g: ScalarFunction) => RealDual {
  const numeric = numericDuals(p, std);
  return (f, g) => {
    const [u, v] = [piecesOf(f, p), piecesOf(g, p)];
    if (u?.zero || v?.zero) return zeroDual;
    if (u?.slopes && v?.slopes) return arcCosineDual(u.slopes, v.slopes, std);
    if (f === g && (f.closed === 'erf' || f.closed === 'gelu')) return assembledDual(f.closed, std);
    return numeric(f, g, u, v);
  };
}
