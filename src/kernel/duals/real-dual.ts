// The real dual of a scalar g: k = E[g(X) g(Y)] and kd = E[g'(X) g'(Y)] for normals of standard deviations a, b and correlation c.
// Closed forms (arc-cosine, erf, gelu), else Hermite series with a measured tail, else panels in two dimensions.
import type { Parameters, ScalarFunction } from '../../catalog/activations/activation.ts';
import { negativeSlope } from '../../catalog/scalars/linear-pieces.ts';
import type { Method } from '../../contract/result.ts';
import { breaksWithin, GAUSS_16, GAUSS_24, gradedBreaks, panelRule, type Rule } from '../quadrature.ts';
import { distinctOf, ladder, rungFor, withTail, type Coefficients } from './series.ts';

export interface RealDual {
  k: number;
  kd: number;
  /** Bounds relative to sqrt(k_aa k_bb) and sqrt(kd_aa kd_bb): the worse. */
  error: number;
  method: Method;
}

export type PreparedRealDual = (i: number, j: number, c: number, out: RealDual) => void;

const CLOSED_ERROR = 4e-15;
const ORDERS = [48, 160, 640];

/** P(X > 0, Y > 0) for correlation c: (pi - arccos c) / 2 pi. */
const bothPositive = (c: number): number => (Math.PI - Math.acos(c)) / (2 * Math.PI);
/** E[relu X relu Y] / (a b): the arc-cosine kernel of degree 1 (Cho and Saul 2009). */
const arcCosine = (c: number): number => (Math.sqrt(Math.max(0, (1 - c) * (1 + c))) + c * (Math.PI - Math.acos(c))) / (2 * Math.PI);

function arcCosineDual(slope: number, std: Float64Array): PreparedRealDual {
  return (i, j, c, out) => {
    const ab = std[i]! * std[j]!;
    out.k = ab * ((1 + slope * slope) * arcCosine(c) - 2 * slope * arcCosine(-c));
    out.kd = (1 + slope * slope) * bothPositive(c) + 2 * slope * bothPositive(-c);
    out.error = CLOSED_ERROR;
    out.method = 'closed';
  };
}

/** E[erf X erf Y] = (2/pi) asin(2C / sqrt((1+2A)(1+2B))) (Williams 1997); its derivative kernel from the determinant of I + 2 Sigma. */
function erfDual(std: Float64Array): PreparedRealDual {
  return (i, j, c, out) => {
    const A = std[i]! ** 2;
    const B = std[j]! ** 2;
    const C = c * std[i]! * std[j]!;
    const det = 1 + 2 * A + 2 * B + 4 * A * B * (1 - c) * (1 + c);
    out.k = (2 / Math.PI) * Math.atan2(2 * C, Math.sqrt(det));
    out.kd = 4 / Math.PI / Math.sqrt(det);
    out.error = CLOSED_ERROR;
    out.method = 'closed';
  };
}

/** x Phi(x), by Stein's identity; D is the determinant of I + Sigma, written without cancellation. */
function geluDual(std: Float64Array): PreparedRealDual {
  return (i, j, c, out) => {
    const A = std[i]! ** 2;
    const B = std[j]! ** 2;
    const C = c * std[i]! * std[j]!;
    const D = 1 + A + B + A * B * (1 - c) * (1 + c);
    const density = 1 / (2 * Math.PI * Math.sqrt(D));
    const distribution = 0.25 + Math.atan2(C, Math.sqrt(D)) / (2 * Math.PI);
    const spread = (B + A * B * (1 - c) * (1 + c)) / (1 + A); // B - C^2/(1+A)
    out.k = A * density * spread + C * (distribution + (C * density) / (1 + B));
    out.kd = distribution + C * density * (1 / (1 + A) + 1 / (1 + B) + 1 / D);
    out.error = CLOSED_ERROR;
    out.method = 'closed';
  };
}

/** Where g has structure, in units of x: kinks, and powers of two around the origin for functions that bend there. */
function features(g: ScalarFunction, p: Parameters): number[] {
  const out = [0, ...g.kinks(p)];
  for (let k = -1; k <= 6; k++) out.push(2 ** k, -(2 ** k));
  return out;
}

const REACH = 13; // e^{-13^2/4} < 1e-18: the orthonormal he_n e^{-x^2/4} stay bounded

/** he_{n+1} = (x he_n - sqrt(n) he_{n-1}) / sqrt(n+1): the factors, so that no root is taken in the loop. */
const ROOTS = Float64Array.from({ length: ORDERS.at(-1)! + 1 }, (_, n) => Math.sqrt(n));
const INVERSES = ROOTS.map((_, n) => 1 / Math.sqrt(n + 1));

/** Coefficients of f(std x) in orthonormal Hermite polynomials, n = 0..order-1. */
function hermiteCoefficients(f: (x: number) => number, std: number, order: number, bends: number[]): Coefficients {
  const width = order > 200 ? 0.5 : 1;
  const inner: number[] = [];
  for (let x = -REACH; x <= REACH; x += width) inner.push(x);
  if (std > 0) for (const b of bends) inner.push(b / std);
  const { nodes, weights } = panelRule(breaksWithin(-REACH, REACH, inner), GAUSS_24);
  const c = new Float64Array(order);
  let square = 0;
  for (let i = 0; i < nodes.length; i++) {
    const x = nodes[i]!;
    const y = f(std * x);
    if (y === 0) continue;
    // he_n sqrt(density) in both factors keeps every number in range.
    const root = Math.exp((-x * x) / 4) / (2 * Math.PI) ** 0.25;
    const w = weights[i]! * y * root;
    square += weights[i]! * y * y * root * root;
    let p0 = 0;
    let p1 = root;
    for (let n = 0; n < order; n++) {
      c[n]! += w * p1;
      const next = (x * p1 - ROOTS[n]! * p0) * INVERSES[n]!;
      p0 = p1;
      p1 = next;
    }
  }
  return withTail(c, square);
}

/** E[f(a X) f(b Y)] at correlation c by panels: x outside, y given x inside, both broken at the bends of f. */
function panels(f: (x: number) => number, a: number, b: number, c: number, bends: number[], rule: Rule): number {
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const s = Math.sqrt((1 - c) * (1 + c));
  const outer: number[] = [];
  for (let x = -9; x <= 9; x += 1.5) outer.push(x);
  if (a > 0) for (const t of bends) outer.push(t / a);
  // Where the ridge y = c x meets a bend of the inner function the outer integrand turns within s/|c|.
  if (b > 0 && c !== 0 && s > 0) for (const t of bends) outer.push(...gradedBreaks(t / (b * c), s / Math.abs(c), -1, 2));
  const x = panelRule(breaksWithin(-9, 9, outer), rule);
  let sum = 0;
  for (let i = 0; i < x.nodes.length; i++) {
    const xi = x.nodes[i]!;
    const fx = f(a * xi) * density(xi) * x.weights[i]!;
    if (s === 0) {
      sum += fx * f(b * c * xi);
      continue;
    }
    if (fx === 0) continue;
    const inner: number[] = [];
    for (let v = -9; v <= 9; v += 2) inner.push(v);
    if (b > 0) for (const t of bends) inner.push((t / b - c * xi) / s);
    const v = panelRule(breaksWithin(-9, 9, inner), rule);
    let part = 0;
    for (let k = 0; k < v.nodes.length; k++) part += v.weights[k]! * density(v.nodes[k]!) * f(b * (c * xi + s * v.nodes[k]!));
    sum += fx * part;
  }
  return sum;
}

function numericDual(g: ScalarFunction, p: Parameters, std: Float64Array): PreparedRealDual {
  const value = (x: number) => g.value(x, p);
  const slope = (x: number) => g.derivative(x, p);
  const bends = features(g, p);
  const { stds, index } = distinctOf(std);
  const values = ladder(ORDERS, stds, (s, order) => hermiteCoefficients(value, s, order, bends));
  const slopes = ladder(ORDERS, stds, (s, order) => hermiteCoefficients(slope, s, order, bends));
  const both = [values, slopes];
  const found = { tail: 0 };
  const diagonal = new Map<number, RealDual>();

  return (i, j, c, out) => {
    const s = index[i]!;
    const t = index[j]!;
    if (c === 1 && s === t) {
      out.k = values(s, 0).square;
      out.kd = slopes(s, 0).square;
      out.error = 1e-14;
      out.method = 'quadrature';
      return;
    }
    const rung = rungFor(both, ORDERS, s, t, Math.abs(c), found);
    if (rung >= 0) {
      const [u, v, du, dv] = [values(s, rung).c, values(t, rung).c, slopes(s, rung).c, slopes(t, rung).c];
      let k = 0;
      let kd = 0;
      let power = 1;
      for (let n = 0; n < u.length; n++) {
        k += u[n]! * v[n]! * power;
        kd += du[n]! * dv[n]! * power;
        power *= c;
        if (Math.abs(power) < 1e-18) break;
      }
      out.k = k;
      out.kd = kd;
      out.error = found.tail + 1e-14;
      out.method = 'series';
      return;
    }
    const key = s * stds.length + t;
    const cached = c === -1 || c === 1 ? diagonal.get(c * (key + 1)) : undefined;
    if (cached) {
      Object.assign(out, cached);
      return;
    }
    const [a, b] = [stds[s]!, stds[t]!];
    const [coarseK, coarseD] = [panels(value, a, b, c, bends, GAUSS_16), panels(slope, a, b, c, bends, GAUSS_16)];
    out.k = panels(value, a, b, c, bends, GAUSS_24);
    out.kd = panels(slope, a, b, c, bends, GAUSS_24);
    const norm = Math.sqrt(values(s, 0).square * values(t, 0).square) || 1;
    const slopeNorm = Math.sqrt(slopes(s, 0).square * slopes(t, 0).square) || 1;
    out.error = Math.max(Math.abs(out.k - coarseK) / norm, Math.abs(out.kd - coarseD) / slopeNorm) + 1e-14;
    out.method = 'quadrature';
    if (c === -1 || c === 1) diagonal.set(c * (key + 1), { ...out });
  };
}

/** The dual of g for the standard deviations of one layer. */
export function prepareRealDual(g: ScalarFunction, p: Parameters, std: Float64Array): PreparedRealDual {
  switch (g.closed) {
    case 'arc-cosine': return arcCosineDual(negativeSlope(g, p), std);
    case 'erf': return erfDual(std);
    case 'gelu': return geluDual(std);
    case undefined: return numericDual(g, p, std);
  }
}
