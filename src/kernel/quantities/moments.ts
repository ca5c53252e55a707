// Dual maps of one activation at one variance and many real correlations. Knows no network.
import type { Activation, Parameters } from '../../catalog/activations/activation.ts';
import type { Method } from '../../contract/result.ts';
import { prepareDual } from '../duals/index.ts';

export interface Moments {
  /** Re S at each point. */
  s: Float64Array;
  /** Re (A + B) at each point; null where E|phi_z|^2 diverges. */
  d: Float64Array | null;
  /** Bound on |error| relative to S (and A + B) at equal samples. */
  error: number;
  method: Method;
}

/** At one variance, for each of the real correlations: what is prepared serves all calls. */
export function momentsOfCorrelations(activation: Activation, p: Parameters, variance: number): (correlations: number[]) => Moments {
  const derivatives = activation.limit(p).exists === 'ntk';
  const dual = prepareDual(activation, p, Float64Array.of(Math.sqrt(variance)), { derivatives, real: true });
  return (correlations) => {
    const count = correlations.length;
    const some = () => new Float64Array(derivatives ? count : 0);
    const [left, right] = [new Int32Array(count), new Int32Array(count)];
    const block = { count, left, right, re: Float64Array.from(correlations), im: new Float64Array(count), aRe: some(), aIm: some(), bRe: some(), bIm: some() };
    const { error, method } = dual(block);
    return {
      s: block.re,
      d: derivatives ? block.aRe.map((v, i) => v + block.bRe[i]!) : null,
      error,
      method,
    };
  };
}
