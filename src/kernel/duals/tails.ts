// What a slow Laguerre series leaves beyond its last term when the coefficients fall by powers: fitted, then summed in closed form. Knows no activation.
import { patchwork } from './patches.ts';

/** Terms of the fit, and of the product of two. */
const TERMS = 7;
const KEPT = 9;

/** The fall of coefficients, c_q ~ sum_j a_j (K/kappa)^(power + j), kappa = q + (m+1)/2, K that of q = `order`. */
export interface Fall {
  /** a_0.. from the coefficients c[from..from+order). */
  fit(c: Float64Array, from: number): Float64Array;
  /** sum over q >= order of c_q d_q r^(2q+m) for two fits. */
  sum(c: Float64Array, d: Float64Array, r: number): number;
}

/**
 * A power r^alpha at the origin in the angular order m, unless it is r^m, r^(m+2), ..., gives c_q ~ kappa^(-alpha/2-1) (1 + O(kappa^-2)).
 * Of a phase-equivariant function these alpha differ by twos: powers that fall by one, from `power` = 1 (even alpha) or 1.5 (odd alpha).
 */
export function fallOf(m: number, order: number, power: number): Fall {
  const top = order + (m + 1) / 2;
  const first = Math.floor(order / 3);
  const count = order - first;
  // Least squares for c kappa^power as a polynomial in K/kappa, by a QR decomposition with two passes.
  const basis = Array.from({ length: TERMS }, (_, j) => Float64Array.from({ length: count }, (_, i) => (top / (first + i + (m + 1) / 2)) ** j));
  const R = Array.from({ length: TERMS }, () => new Float64Array(TERMS));
  for (let j = 0; j < TERMS; j++) {
    const v = basis[j]!;
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < j; k++) {
        const dot = v.reduce((sum, x, i) => sum + x * basis[k]![i]!, 0);
        R[k]![j]! += dot;
        for (let i = 0; i < count; i++) v[i]! -= dot * basis[k]![i]!;
      }
    }
    const norm = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
    R[j]![j] = norm;
    for (let i = 0; i < count; i++) v[i]! /= norm;
  }
  const weights = Float64Array.from({ length: count }, (_, i) => ((first + i + (m + 1) / 2) / top) ** power);

  const n0 = 2 * power;
  const gamma = Array.from({ length: KEPT }, (_, k) => factorial(n0 + k - 1));
  const sums = patchwork({
    low: [-38], high: [2], cells: [50], points: 10, values: KEPT, tolerance: 1e-12,
    // sum_k (K/(K+k))^n e^(-2 tau k) = 1/(n-1)! int (K t)^n e^(-K t) / (1 - e^(-2 tau - t)) d log t; the factor e^(-tau(2 order + m)) is left to the caller
    slow: ([x], out) => {
      const tau = Math.exp(x!);
      out.fill(0);
      const step = 0.35;
      for (let v = -42; v < 3.9; v += step) {
        const s = Math.exp(v); // K t
        const f = (step * Math.exp(-s)) / -Math.expm1(-2 * tau - s / top);
        let p = s ** n0;
        for (let k = 0; k < KEPT; k++, p *= s) out[k]! += f * p;
      }
      for (let k = 0; k < KEPT; k++) out[k]! /= gamma[k]!;
      return 1e-15;
    },
  });
  const at = new Float64Array(1);
  const value = new Float64Array(KEPT);

  return {
    fit(c, from) {
      const projections = Float64Array.from({ length: TERMS }, (_, j) => {
        let sum = 0;
        for (let i = 0; i < count; i++) sum += weights[i]! * c[from + first + i]! * basis[j]![i]!;
        return sum;
      });
      const a = new Float64Array(TERMS);
      for (let j = TERMS - 1; j >= 0; j--) {
        let rest = projections[j]!;
        for (let k = j + 1; k < TERMS; k++) rest -= R[j]![k]! * a[k]!;
        a[j] = rest / R[j]![j]!;
      }
      return a;
    },
    sum(c, d, r) {
      const tau = r >= 1 ? 0 : -Math.log(r);
      const outer = Math.exp(-tau * (2 * order + m));
      if (outer < 1e-18) return 0;
      at[0] = Math.max(-38, Math.log(tau));
      sums.at(at, value);
      let sum = 0;
      for (let k = 0; k < KEPT; k++) {
        let product = 0;
        for (let j = Math.max(0, k - TERMS + 1); j <= Math.min(k, TERMS - 1); j++) product += c[j]! * d[k - j]!;
        sum += product * value[k]!;
      }
      return sum * outer;
    },
  };
}

function factorial(n: number): number {
  let out = 1;
  for (let k = 2; k <= n; k++) out *= k;
  return out;
}
