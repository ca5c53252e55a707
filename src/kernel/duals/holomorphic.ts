// The dual of an entire activation, a power series in a b rho with non-negative coefficients. Knows no quadrature.
import type { Activation, Parameters } from '../../catalog/activations/activation.ts';
import { Fault } from '../../contract/fault.ts';
import type { DualOptions, DualOutcome, PreparedDual } from './dual.ts';
import { distinctOf } from './distinct.ts';

const MOST = 4000;
const TAIL = 1e-16;
/** Terms must stay small for so many in a row before the rest counts as a geometric series. */
const RUN = 24;

/** |f_n|^2 n! for n = 0.. to where it is called for. */
type Powers = (n: number) => number;

interface Reach {
  /** Terms to keep. */
  count: number;
  /** Bound on the rest, of S and of A at rho = 1. */
  rest: number;
  /** S and A at rho = 1. */
  s: number;
  a: number;
}

/**
 * How far the series at x = a^2 must go. The rest is bounded as a geometric series by the largest quotient of the terms in the
 * last run: the terms of an entire function of growth order below 2 fall ever faster.
 */
function reachOf(power: Powers, x: number, label: string): Reach {
  let [s, a] = [0, 0];
  const terms: number[] = [];
  let low = 0; // terms in a row that no longer count
  for (let n = 0; n < MOST; n++) {
    const term = power(n) === 0 ? 0 : power(n) * x ** n;
    const slope = n === 0 || term === 0 ? 0 : (n * term) / x;
    s += term;
    a += slope;
    if (!Number.isFinite(s + a)) break;
    terms.push(term);
    low = n * term <= TAIL * Math.max(s, a * x) ? low + 1 : 0;
    if (n >= RUN && low >= RUN && (s > 0 || n > 4 * RUN)) {
      const [late, early] = [terms.slice(-RUN / 2), terms.slice(-RUN, -RUN / 2)].map((t) => Math.max(...t)) as [number, number];
      const quotient = early > 0 ? (late / early) ** (2 / RUN) : 0;
      if (quotient < 0.95) {
        const rest = s > 0 ? ((n + 1) * late) / (1 - quotient) ** 2 / Math.max(s, a * x) : 0;
        return { count: Math.max(2, n + 1 - low), rest: rest + TAIL * RUN, s, a };
      }
    }
  }
  throw new Fault('not-supported', `The moments of ${label} on complex numbers of variance ${x.toPrecision(3)} do not converge in double precision: E|phi|^2 = sum of |f_n|^2 n! variance^n. Use smaller weight variances, or the split form.`);
}

/**
 * The dual maps of an entire phi = sum f_n z^n: S = sum |f_n|^2 n! (a b rho)^n, A the same of phi', B = 0.
 * @see prepareDual
 * @throws Fault not-supported where E|phi|^2 or E|phi'|^2 is not finite in float64
 */
export function prepareHolomorphic(activation: Activation, p: Parameters, std: Float64Array, { derivatives }: DualOptions): PreparedDual {
  const known: number[] = [];
  const power: Powers = (n) => {
    for (let k = known.length; k <= n; k++) {
      const [re, im] = activation.holomorphic!.coefficient(k, p);
      known.push(re * re + im * im);
    }
    return known[n]!;
  };
  const { stds, index } = distinctOf(std);
  const reaches = stds.map((s) => reachOf(power, s * s, activation.label));
  return ({ count, left, right, re, im, aRe, aIm, bRe, bIm }) => {
    const out: DualOutcome = { error: 0, method: 'series' };
    for (let at = 0; at < count; at++) {
      const u = index[left[at]!]!;
      const v = index[right[at]!]!;
      const ab = stds[u]! * stds[v]!;
      const [x, y] = [ab * re[at]!, ab * im[at]!];
      const terms = Math.max(reaches[u]!.count, reaches[v]!.count);
      // Horner's rule on value and slope. Its rounding is that of the series at |rho| = 1, whose terms are positive.
      let [sr, si, dr, di] = [0, 0, 0, 0];
      for (let n = terms - 1; n >= 0; n--) {
        const nextR = dr * x - di * y + sr;
        di = dr * y + di * x + si;
        dr = nextR;
        const next = sr * x - si * y + known[n]!;
        si = sr * y + si * x;
        sr = next;
      }
      re[at] = sr;
      im[at] = si;
      // Cauchy-Schwarz: the rest of a pair is at most the mean of the two of its members.
      out.error = Math.max(out.error, Math.max(reaches[u]!.rest, reaches[v]!.rest) + 2e-16 * (4 + terms));
      if (!derivatives) continue;
      aRe[at] = dr;
      aIm[at] = di;
      bRe[at] = bIm[at] = 0;
    }
    return out;
  };
}
