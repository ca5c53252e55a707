// The standard normal's upper tail and the probability of a quadrant for two of them, near correlation 1. Knows no activation.
import { GAUSS_20, GAUSS_24, legendreRule, panelRule } from '../quadrature.ts';

const GAUSS_6 = legendreRule(6);
const GAUSS_10 = legendreRule(10);

const CELL = 1 / 8;
const REACH = 38.5;
const DEGREE = 9;

/**
 * Mills' ratio M(x) = Q(x) / density(x) on [0, 38.5] as Taylor series about the middles of equal cells: M(x) = int_0^inf e^{-x t - t^2/2} dt
 * is a sum of positive terms, and M' = x M - 1 gives M^{(n+1)} = x M^{(n)} + n M^{(n-1)}.
 */
const MILLS = (() => {
  const cells = Math.ceil(REACH / CELL);
  const out = new Float64Array(cells * (DEGREE + 1));
  const breaks = Array.from({ length: 28 }, (_, k) => (k < 8 ? k / 16 : (k - 7) / 2));
  const rule = panelRule(breaks, GAUSS_24);
  for (let cell = 0; cell < cells; cell++) {
    const x = (cell + 0.5) * CELL;
    let value = 0;
    for (let i = 0; i < rule.nodes.length; i++) value += rule.weights[i]! * Math.exp(-rule.nodes[i]! * (x + rule.nodes[i]! / 2));
    let before = value;
    let now = x * value - 1;
    let factorial = 1;
    out[cell * (DEGREE + 1)] = before;
    for (let n = 1; n <= DEGREE; n++) {
      factorial *= n;
      out[cell * (DEGREE + 1) + n] = now / factorial;
      [before, now] = [now, x * now + n * before];
    }
  }
  return out;
})();

/** Q(x)/density(x), x >= 0. */
function mills(x: number): number {
  if (x >= REACH) return 1 / x;
  const cell = Math.floor(x / CELL);
  const d = x - (cell + 0.5) * CELL;
  const at = cell * (DEGREE + 1);
  let sum = MILLS[at + DEGREE]!;
  for (let n = DEGREE - 1; n >= 0; n--) sum = sum * d + MILLS[at + n]!;
  return sum;
}

const ROOT_TURN = Math.sqrt(2 * Math.PI);
const INVERSE_ROOT_TURN = 1 / ROOT_TURN;

/** The standard normal density. */
export const density = (x: number): number => Math.exp((-x * x) / 2) / ROOT_TURN;

/** Q(x) = P(X > x). */
export function upperTail(x: number): number {
  const r = Math.abs(x);
  const tail = r < REACH ? mills(r) * density(r) : 0;
  return x >= 0 ? tail : 1 - tail;
}

/** What truncated moments of two standard normals of correlation c are made of: h, k >= 0 or not, s^2 = 1 - c^2. */
export interface Quadrant {
  /** P(X > h, Y > k). */
  both: number;
  /** density(h) P(Y > k | X = h) and density(k) P(X > h | Y = k). */
  atH: number;
  atK: number;
  /** s^2 times the bivariate density at (h, k). */
  corner: number;
}

/**
 * P(X > h, Y > k) for 0.8 < c <= 1, given top = P(X > max(h, k)) (Drezner and Wesolowsky 1990 as extended by Genz 2004): Q(max(h, k)) minus the integral of the bivariate density
 * over correlations from c to 1, whose expansion about s = 0 is integrated in closed form and the rest by Gauss-Legendre.
 */
function bothAbove(h: number, k: number, c: number, top: number): number {
  const square = (1 - c) * (1 + c);
  if (square === 0) return top;
  const s = Math.sqrt(square);
  const hk = h * k;
  const gap = (h - k) * (h - k);
  const u = (4 - hk) / 8;
  const v = (12 - hk) / 16;
  const exponent = -(gap / square + hk) / 2;
  let sum = 0;
  if (exponent > -100) sum = s * Math.exp(exponent) * (1 - (u * (gap - square) * (1 - (v * gap) / 5)) / 3 + (u * v * square * square) / 5);
  if (hk > -100) {
    const d = Math.sqrt(gap);
    sum -= Math.exp(-hk / 2) * ROOT_TURN * upperTail(d / s) * d * (1 - (u * gap * (1 - (v * gap) / 5)) / 3);
  }
  // What is left is of the order s^7 (1 + hk/8)^3: the fewer points the closer to 1.
  const left = square * (1 + Math.abs(hk) / 8);
  if (left < 1e-5) return top - sum / (2 * Math.PI);
  const { nodes, weights } = left < 2.5e-3 ? GAUSS_6 : left < 0.06 ? GAUSS_10 : GAUSS_20;
  for (let i = 0; i < nodes.length; i++) {
    const x = (s / 2) * (1 + nodes[i]!);
    const xx = x * x;
    const e = -(gap / xx + hk) / 2;
    if (e < -100) continue;
    const root = Math.sqrt(1 - xx);
    // e^{-hk/(1+root)} as e^{-hk/2} e^{-hk (1-root) / 2(1+root)}.
    sum += (s / 2) * weights[i]! * Math.exp(e) * (Math.exp((-hk * xx) / (2 * (1 + root) * (1 + root))) / root - (1 + u * xx * (1 + v * xx)));
  }
  return top - sum / (2 * Math.PI);
}

/** The upper tail and the density at an edge, which callers keep. */
export interface Edge {
  density: number;
  tail: number;
}

const ROOT_HALF = Math.SQRT1_2;
/** P(Y > k | X = h) where they are apart by x: a sign alone at s = 0. */
const beyond = (x: number, s: number): number => (s > 0 ? upperTail(x / s) : x > 0 ? 0 : x < 0 ? 1 : 0.5);

/** The quadrant above (h, k) at correlation c, 0.8 < |c| <= 1, given tails and densities at h and at k. */
export function quadrantNearOne(h: number, k: number, c: number, atH: Edge, atK: Edge, out: Quadrant): void {
  const square = (1 - c) * (1 + c);
  const s = Math.sqrt(square);
  // k - c h and h - c k without cancellation.
  const sign = c > 0 ? 1 : -1;
  const rest = sign - c;
  const above = k - sign * h + rest * h;
  const right = h - sign * k + rest * k;
  out.atH = atH.density * beyond(above, s);
  out.atK = atK.density * beyond(right, s);
  const z = s > 0 ? (above / s) * ROOT_HALF : 0;
  out.corner = s > 0 ? s * atH.density * Math.exp(-z * z) * INVERSE_ROOT_TURN : 0;
  out.both = c > 0 ? bothAbove(h, k, c, h > k ? atH.tail : atK.tail) : atH.tail - bothAbove(h, -k, -c, h > -k ? atH.tail : 1 - atK.tail);
}
