// Closed real duals as loops over blocks: piecewise linear with its bend at 0 (arc-cosine), erf, gelu. Knows no other scalar.
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

/** E[erf X erf Y] = (2/pi) asin(2C / sqrt((1+2A)(1+2B))) (Williams 1997); its derivative kernel from the determinant of I + 2 Sigma. */
export function erfDual(std: Float64Array): RealDual {
  return ({ count, left, right, c }, { k, kd, minusK, minusKd }, outcome) => {
    for (let t = 0; t < count; t++) {
      const [a, b] = [std[left[t]!]!, std[right[t]!]!];
      const [A, B] = [a * a, b * b];
      const x = c[t]!;
      const root = Math.sqrt(1 + 2 * A + 2 * B + 4 * A * B * (1 - x) * (1 + x));
      const value = (2 / Math.PI) * Math.atan2(2 * x * a * b, root);
      const slope = 4 / Math.PI / root;
      if (k.length > 0) k[t] = value;
      if (minusK.length > 0) minusK[t] = -value;
      if (kd.length > 0) kd[t] = slope;
      if (minusKd.length > 0) minusKd[t] = slope;
    }
    if (count > 0) outcome.error = Math.max(outcome.error, CLOSED_ERROR);
  };
}

/** x Phi(x), by Stein's identity; D is the determinant of I + Sigma, written without cancellation. */
export function geluDual(std: Float64Array): RealDual {
  return ({ count, left, right, c }, { k, kd, minusK, minusKd }, outcome) => {
    for (let t = 0; t < count; t++) {
      const [a, b] = [std[left[t]!]!, std[right[t]!]!];
      const [A, B] = [a * a, b * b];
      const x = c[t]!;
      const C = x * a * b;
      const gap = A * B * (1 - x) * (1 + x);
      const D = 1 + A + B + gap;
      const root = Math.sqrt(D);
      const density = 1 / (TURN * root);
      const angle = Math.atan2(C, root) / TURN;
      // A density (B - C^2/(1+A)) + C^2 density/(1+B), even in c, and C/4 + C angle.
      const even = density * ((A * (B + gap)) / (1 + A) + (C * C) / (1 + B)) + C * angle;
      const evenSlope = 0.25;
      const oddSlope = angle + C * density * (1 / (1 + A) + 1 / (1 + B) + 1 / D);
      if (k.length > 0) k[t] = even + C / 4;
      if (minusK.length > 0) minusK[t] = even - C / 4;
      if (kd.length > 0) kd[t] = evenSlope + oddSlope;
      if (minusKd.length > 0) minusKd[t] = evenSlope - oddSlope;
    }
    if (count > 0) outcome.error = Math.max(outcome.error, CLOSED_ERROR);
  };
}
