// E[f(a X) g(b Y)] and the same of the derivatives, X and Y standard normal of correlation cos theta, as integrals over the plane.
// In polar coordinates where the scalars bend at 0 alone, along the ridge Y = c X where they have other kinks. Knows no series and no table.
import type { Parameters, ScalarFunction } from '../../catalog/activations/activation.ts';
import { breaksWithin, gradedBreaks, legendreRule, panelRule, type Rule } from '../quadrature.ts';
import { reachOf, UNCONVERGED } from './hermite.ts';

/** Two scalars of one parameter set; `mirror` -1 takes g(-y) in g's place, so that correlations near -1 become ones near 1. */
export interface ScalarPair {
  f: ScalarFunction;
  g: ScalarFunction;
  p: Parameters;
  mirror: 1 | -1;
}

/** k and kd for every pair of a list of standard deviations with another: row-major, as.length x bs.length. */
export interface PlaneSums {
  k: Float64Array;
  kd: Float64Array;
}

/** Orders of the Gauss rules in radius and in the angle of wide and narrow sectors, coarse to fine. */
const POLAR_ORDERS = [{ radial: 10, wide: 12, narrow: 6 }, { radial: 14, wide: 20, narrow: 10 }] as const;
/** A level is fine enough where the next moves the sums by less, relative to sqrt(k_aa k_bb). */
export const PLANE_TOLERANCE = 2e-12;

const rules = new Map<number, Rule>();
function gauss(order: number): Rule {
  let rule = rules.get(order);
  if (!rule) rules.set(order, (rule = legendreRule(order)));
  return rule;
}

/**
 * In polar coordinates the lines X = 0 and Y = 0 cut the plane into two wide and two narrow sectors, in which every product is as smooth as
 * the scalars are on each side of 0; opposite sectors share their nodes.
 * @param theta arccos of the correlation, 0 included
 * @param reach radius beyond which nothing weighs
 */
function polarSums({ f, g, p, mirror }: ScalarPair, as: readonly number[], bs: readonly number[], theta: number, reach: number, level: number): PlaneSums {
  const orders = POLAR_ORDERS[level]!;
  const radii: number[] = [];
  for (let r = 2.4; r < reach; r += 2.4) radii.push(r);
  const r = panelRule(breaksWithin(0, reach, radii), gauss(orders.radial));
  const wide = panelRule([0, (Math.PI - theta) / 2, Math.PI - theta], gauss(orders.wide));
  const thin = theta > 0 ? panelRule([0, theta], gauss(orders.narrow)) : { nodes: new Float64Array(0), weights: new Float64Array(0) };
  const [m, n] = [as.length, bs.length];
  const out: PlaneSums = { k: new Float64Array(m * n), kd: new Float64Array(m * n) };
  const fu = new Float64Array(m);
  const fd = new Float64Array(m);
  const at = (x: number, y: number, w: number): void => {
    for (let i = 0; i < m; i++) {
      fu[i] = w * f.value(as[i]! * x, p);
      fd[i] = w * f.derivative(as[i]! * x, p);
    }
    for (let j = 0; j < n; j++) {
      const v = mirror * bs[j]! * y;
      const gu = g.value(v, p);
      const gd = g.derivative(v, p);
      for (let i = 0, q = j; i < m; i++, q += n) {
        out.k[q]! += fu[i]! * gu;
        out.kd[q]! += fd[i]! * gd;
      }
    }
  };
  for (let s = 0; s < r.nodes.length; s++) {
    const radius = r.nodes[s]!;
    const weight = (r.weights[s]! * radius * Math.exp((-radius * radius) / 2)) / (2 * Math.PI);
    for (const [rule, side] of [[wide, 1], [thin, -1]] as const) {
      for (let q = 0; q < rule.nodes.length; q++) {
        const d = rule.nodes[q]!;
        const x = side * radius * Math.sin(d);
        const y = radius * Math.sin(side === 1 ? d + theta : theta - d);
        const w = weight * rule.weights[q]!;
        at(x, y, w);
        at(-x, -y, w);
      }
    }
  }
  return out;
}

/** The radius beyond which the polar sums of these standard deviations hold nothing: that of the density, or more where a scalar grows or starts far out. */
function reachOfPair({ f, g, p }: ScalarPair, as: readonly number[], bs: readonly number[]): number {
  let reach = 9.75; // e^{-9.75^2/2} = 2e-21
  for (const [h, stds] of [[f, as], [g, bs]] as const) for (const s of [stds[0]!, stds.at(-1)!]) reach = Math.max(reach, ...reachOf(h, p, s, 50).map(Math.abs));
  return reach;
}

const INNER = 9; // e^{-81/2} < 1e-17
/** Beyond this the inner variable moves g's argument too far for one smooth rule. */
const SMOOTH_STEP = 0.4;
const RIDGE_ORDERS = [7, 9, 13, 18];
const TRAPEZOIDS = [0.75, 0.65, 0.5, 0.4];

/** Powers of two times `unit`, of both signs, from unit / 2 up to `end`. */
function octaves(unit: number, end: number): number[] {
  const out: number[] = [];
  for (let x = unit / 2; x < end; x *= 2) out.push(x, -x);
  return out;
}

/**
 * Along the ridge: X = x outside, Y = c x + s V inside, panels broken at the kinks of either scalar, each of which the ridge crosses over a
 * width s / c. Kinks away from 0 take lists of one standard deviation. Where the inner variable meets no kink and moves g's argument
 * little, the trapezoidal rule serves, which converges exponentially under the normal density.
 */
function ridgeSums({ f, g, p, mirror }: ScalarPair, as: readonly number[], bs: readonly number[], theta: number, level: number): PlaneSums {
  const c = Math.cos(theta);
  const s = Math.sin(theta);
  const rule = gauss(RIDGE_ORDERS[level]!);
  const [m, n] = [as.length, bs.length];
  const [a, b] = [Math.max(...as), Math.max(...bs)];
  let [low, high] = [-INNER, INNER];
  for (const t of as) {
    const [l, h] = reachOf(f, p, t, 60);
    low = Math.min(low, l);
    high = Math.max(high, h);
  }
  const kinksOfG = b > 0 ? [...new Set(g.kinks(p))].map((t) => (mirror * t) / b) : [];
  const end = Math.max(high, -low);
  const outer = [0];
  for (let x = 1.5; x < end; x += 1.5) outer.push(x, -x);
  if (a > 0) outer.push(...f.kinks(p).map((t) => t / a), ...octaves(1 / a, end));
  if (b > 0) outer.push(...octaves(1 / b, end));
  for (const t of kinksOfG) outer.push(...(s > 0 ? gradedBreaks(t / c, s / c, 0, 3) : [t / c]));
  const x = panelRule(breaksWithin(low, high, outer), rule);
  const far = b * s > SMOOTH_STEP;
  const bends = far ? [...kinksOfG, 0, ...octaves(1 / b, end)] : kinksOfG;
  const base = [-INNER, -6, -4, -2, 0, 2, 4, 6, INNER];
  const step = TRAPEZOIDS[level]!;
  const plain: Rule = { nodes: Float64Array.from({ length: 2 * Math.floor(INNER / step) + 1 }, (_, i) => (i - Math.floor(INNER / step)) * step), weights: new Float64Array(2 * Math.floor(INNER / step) + 1).fill(step) };
  const out: PlaneSums = { k: new Float64Array(m * n), kd: new Float64Array(m * n) };
  const gu = new Float64Array(n);
  const gd = new Float64Array(n);
  for (let q = 0; q < x.nodes.length; q++) {
    const at = x.nodes[q]!;
    const weight = (x.weights[q]! * Math.exp((-at * at) / 2)) / (s > 0 ? 2 * Math.PI : Math.sqrt(2 * Math.PI));
    let inner = plain;
    if (s > 0) {
      const cuts = bends.map((t) => (t - c * at) / s).filter((v) => Math.abs(v) < INNER);
      if (far || cuts.length > 0) inner = panelRule(breaksWithin(-INNER, INNER, [...base, ...cuts]), rule);
    }
    gu.fill(0);
    gd.fill(0);
    const count = s > 0 ? inner.nodes.length : 1;
    for (let i = 0; i < count; i++) {
      const v = s > 0 ? inner.nodes[i]! : 0;
      const w = s > 0 ? inner.weights[i]! * Math.exp((-v * v) / 2) : 1;
      const y = mirror * (c * at + s * v);
      for (let j = 0; j < n; j++) {
        gu[j]! += w * g.value(bs[j]! * y, p);
        gd[j]! += w * g.derivative(bs[j]! * y, p);
      }
    }
    for (let i = 0, o = 0; i < m; i++) {
      const fu = weight * f.value(as[i]! * at, p);
      const fd = weight * f.derivative(as[i]! * at, p);
      for (let j = 0; j < n; j++, o++) {
        out.k[o]! += fu * gu[j]!;
        out.kd[o]! += fd * gd[j]!;
      }
    }
  }
  return out;
}

/** True where both scalars bend at 0 alone. */
export const isCentral = ({ f, g, p }: ScalarPair): boolean => [...f.kinks(p), ...g.kinks(p)].every((t) => t === 0);

/** Up to this standard deviation polar sums, where they converge at all, need the fewer points. */
const POLAR = 1.2;

/** One value of the plane's integrals with the error measured between two rules, relative to the norms. */
export interface PlaneValue {
  k: number;
  kd: number;
  error: number;
}

/** A way to the sums by levels, coarse to fine. */
export interface PlaneRoute {
  levels: number;
  sums(theta: number, level: number, as: readonly number[], bs: readonly number[]): PlaneSums;
}

/** Polar sums first where they may do, then the ridge; for scalars with kinks away from 0 the lists have one standard deviation each. */
export function planeRoute(pair: ScalarPair, as: readonly number[], bs: readonly number[]): PlaneRoute {
  const first = isCentral(pair) && Math.max(...as, ...bs) <= POLAR ? POLAR_ORDERS.length : 0;
  const reach = first > 0 ? reachOfPair(pair, as, bs) : 0;
  return {
    levels: first + RIDGE_ORDERS.length,
    sums: (theta, level, us, vs) => (level < first ? polarSums(pair, us, vs, theta, reach, level) : ridgeSums(pair, us, vs, theta, level - first)),
  };
}

/**
 * k and kd of one pair of standard deviations.
 * @param norm sqrt(k_aa k_bb) and sqrt(kd_aa kd_bb), the units of the error
 */
export function planeValue(pair: ScalarPair, a: number, b: number, theta: number, norm: { k: number; kd: number }, out: PlaneValue): void {
  const differ = (k: number, kd: number): number => Math.max(norm.k > 0 ? Math.abs(out.k - k) / norm.k : 0, norm.kd > 0 ? Math.abs(out.kd - kd) / norm.kd : 0);
  const { levels, sums } = planeRoute(pair, [a], [b]);
  for (let level = 0; level < levels; level++) {
    const { k, kd } = sums(theta, level, [a], [b]);
    out.error = level === 0 ? Infinity : differ(k[0]!, kd[0]!) + 1e-14;
    out.k = k[0]!;
    out.kd = kd[0]!;
    if (out.error <= PLANE_TOLERANCE) return;
  }
  out.error *= UNCONVERGED;
}
