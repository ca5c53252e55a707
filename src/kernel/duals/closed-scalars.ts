// Closed real duals as loops over blocks: piecewise linear with its bend at 0 (arc-cosine), erf, gelu. Knows no other scalar.
import { openWorkspace } from '../wasm/index.ts';
import type { RealDual } from './real-dual.ts';

export const CLOSED_ERROR = 4e-15;
const TURN = 2 * Math.PI;

/** The slopes of a function that is linear on each side of 0 and vanishes there. */
export interface TwoSlopes {
  right: number;
  left: number;
}

/**
 * E[f(X) g(Y)] and E[f'(X) g'(Y)] for two such functions, by the arc-cosine kernels (Cho and Saul 2009): with
 * F(c) = (sqrt(1-c^2) + c (pi - arccos c)) / 2 pi = E[relu X relu Y], P(c) = (pi - arccos c) / 2 pi = P(X > 0, Y > 0) and F(c) - F(-c) = c/2, P(c) + P(-c) = 1/2:
 * k/ab = same F(c) - crossed F(-c), kd = same P(c) + crossed P(-c), same = rr' + ll', crossed = rl' + lr'.
 */
export function arcCosineDual(f: TwoSlopes, g: TwoSlopes, std: Float64Array): RealDual {
  const same = f.right * g.right + f.left * g.left;
  const crossed = f.right * g.left + f.left * g.right;
  return ({ count, left, right, c }, { k, kd, minusK, minusKd }, outcome) => {
    const [withK, withKd, withMinusK, withMinusKd] = [k.length > 0, kd.length > 0, minusK.length > 0, minusKd.length > 0];
    for (let t = 0; t < count; t++) {
      const x = c[t]!;
      const positive = 0.5 - Math.acos(x) / TURN;
      if (withK || withMinusK) {
        const plus = Math.sqrt((1 - x) * (1 + x)) / TURN + x * positive;
        const minus = plus - x / 2;
        const ab = std[left[t]!]! * std[right[t]!]!;
        if (withK) k[t] = ab * (same * plus - crossed * minus);
        if (withMinusK) minusK[t] = ab * (same * minus - crossed * plus);
      }
      if (withKd) kd[t] = same * positive + crossed * (0.5 - positive);
      if (withMinusKd) minusKd[t] = same * (0.5 - positive) + crossed * positive;
    }
    if (count > 0) outcome.error = Math.max(outcome.error, CLOSED_ERROR);
  };
}

/** Entries that one call of an assembled loop takes. */
const CHUNK = 2048;

/**
 * erf (Williams 1997): k = (2/pi) asin(2C / sqrt((1+2A)(1+2B))), odd in c, its derivative kernel from the determinant of I + 2 Sigma, even in c.
 * gelu, x Phi(x), by Stein's identity: k(-c) = k(c) - abc/2, kd(-c) = 1/2 - kd(c). Both in assembled loops, in memory of their own.
 */
export function assembledDual(scalar: 'erf' | 'gelu', std: Float64Array): RealDual {
  const space = openWorkspace(8 * (std.length + 3 * CHUNK) + 8 * CHUNK + 256);
  const own = space.plane(std.length);
  own.set(std);
  const [x, value, slope] = [space.plane(CHUNK), space.plane(CHUNK), space.plane(CHUNK)];
  const [l, r] = [space.indices(CHUNK), space.indices(CHUNK)];
  const loop = scalar === 'erf' ? space.erfDual : space.geluDual;
  return ({ count, left, right, c }, { k, kd, minusK, minusKd }, outcome) => {
    const slopes = kd.length > 0 || minusKd.length > 0;
    for (let from = 0; from < count; from += CHUNK) {
      const m = Math.min(CHUNK, count - from);
      x.set(c.subarray(from, from + m));
      l.set(left.subarray(from, from + m));
      r.set(right.subarray(from, from + m));
      loop(m, l, r, own, x, value, slope, slopes);
      if (k.length > 0) k.set(value.subarray(0, m), from);
      if (kd.length > 0) kd.set(slope.subarray(0, m), from);
      if (minusK.length > 0) {
        if (scalar === 'erf') for (let t = 0; t < m; t++) minusK[from + t] = -value[t]!;
        else for (let t = 0; t < m; t++) minusK[from + t] = value[t]! - (own[l[t]!]! * own[r[t]!]! * x[t]!) / 2;
      }
      if (minusKd.length > 0) {
        if (scalar === 'erf') minusKd.set(slope.subarray(0, m), from);
        else for (let t = 0; t < m; t++) minusKd[from + t] = 0.5 - slope[t]!;
      }
    }
    if (count > 0) outcome.error = Math.max(outcome.error, CLOSED_ERROR);
  };
}
