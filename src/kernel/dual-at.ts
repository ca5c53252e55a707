// One dual at one point, as people ask for it (the `dual` command, hovers, layer reports). Knows no network.
import { withDefaults, type Activation } from '../catalog/activations/activation.ts';
import { Fault } from '../contract/fault.ts';
import type { Complex } from '../contract/matrix.ts';
import type { Method } from '../contract/result.ts';
import { prepareDual } from './duals/index.ts';

export interface DualValue {
  S: Complex;
  /** Null where E|phi_z|^2 diverges: the NNGP exists, the NTK does not. */
  A: Complex | null;
  B: Complex | null;
  method: Method;
  /** Bound on |error| / sqrt(S_aa S_bb), likewise for A and B. */
  error: number;
  /** Why A and B are missing. */
  reason?: string;
}

/**
 * S, A and B of `activation` for u ~ CN(0, a^2), v ~ CN(0, b^2), E[u conj v] = rho a b.
 * @throws Fault bad-input for std < 0 or |rho| > 1, not-supported where no dual exists.
 */
export function dualAt(activation: Activation, parameters: Readonly<Record<string, number>>, std: readonly [number, number], rho: Complex): DualValue {
  const p = withDefaults(activation, parameters);
  const modulus = Math.hypot(rho[0], rho[1]);
  if (!(std[0] >= 0 && std[1] >= 0 && Number.isFinite(std[0] + std[1]))) throw new Fault('bad-input', `The standard deviations are ${std.join(' and ')}; give two finite numbers of 0 or more.`);
  // Decimal input of a number on the unit circle may lie outside by its last digit.
  if (!(modulus <= 1 + 1e-9)) throw new Fault('bad-input', `The correlation has modulus ${modulus}; a correlation lies within the unit circle.`);
  if (activation.field === 'real' && rho[1] !== 0) throw new Fault('bad-input', `${activation.label} is a real activation: its correlation is a real number, and ${rho[1]}i was found.`);
  const [x, y] = modulus > 1 ? [rho[0] / modulus, rho[1] / modulus] : rho;
  const limit = activation.limit(p);
  const derivatives = limit.exists === 'ntk';
  const one = () => new Float64Array(1);
  const at = { count: 1, left: Int32Array.of(0), right: Int32Array.of(1), re: Float64Array.of(x), im: Float64Array.of(y), aRe: one(), aIm: one(), bRe: one(), bIm: one() };
  const { error, method } = prepareDual(activation, p, Float64Array.of(std[0], std[1]), { derivatives, real: y === 0 })(at);
  return {
    S: [at.re[0]!, at.im[0]!],
    A: derivatives ? [at.aRe[0]!, at.aIm[0]!] : null,
    B: derivatives ? [at.bRe[0]!, at.bIm[0]!] : null,
    method,
    error,
    ...(derivatives ? {} : { reason: limit.reason ?? 'the NTK has no limit' }),
  };
}
