// E[f(a X) g(b Y)] and the same of the derivatives, X and Y standard normal of correlation cos theta, as integrals over the plane.
// In polar coordinates where the scalars bend at 0 alone, along the ridge Y = c X where they have other kinks. Knows no series and no table.
import type { Parameters, ScalarFunction } from '../../catalog/activations/activation.ts';
import { breaksWithin, GAUSS_16, GAUSS_24, gradedBreaks, legendreRule, panelRule, type Rule } from '../quadrature.ts';
import { bendsOf, reachOf } from './hermite.ts';

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

/** Orders of the Gauss rules in radius and angle, and whether panels shrink toward the lines X = 0 and Y = 0. */
interface Fineness {
  radial: number;
  angular: number;
  narrow: number;
  graded: boolean;
}

const FINENESS: readonly Fineness[] = [
  { radial: 10, angular: 12, narrow: 6, graded: false },
  { radial: 14, angular: 20, narrow: 10, graded: false },
  { radial: 10, angular: 8, narrow: 8, graded: true },
  { radial: 14, angular: 12, narrow: 12, graded: true },
  { radial: 20, angular: 20, narrow: 20, graded: true },
];
/** Levels of fineness, coarse to fine. */
export const LEVELS = FINENESS.length;
/** A level is fine enough where the next moves the sums by less, relative to sqrt(k_aa k_bb). */
export const PLANE_TOLERANCE = 2e-12;

const rules = new Map<number, Rule>();
function gauss(order: number): Rule {
  let rule = rules.get(order);
  if (!rule) rules.set(order, (rule = legendreRule(order)));
  return rule;
}

/** first * 2^k below `end`, from both ends of [0, end]. */
function towardEnds(first: number, end: number): number[] {
  const out = [0, end / 2, end];
  for (let x = first; x < end / 2; x *= 2) out.push(x, end - x);
  return breaksWithin(0, end, out);
}

/**
 * In polar coordinates the lines X = 0 and Y = 0 cut the plane into two wide and two narrow sectors, in which every product is as smooth as
 * the scalars are on each side of 0; opposite sectors share their nodes.
 * @param theta arccos of the correlation, 0 included
 * @param reach radius beyond which nothing weighs
 */
export function polarSums({ f, g, p, mirror }: ScalarPair, as: readonly number[], bs: readonly number[], theta: number, reach: number, level: number): PlaneSums {
  const { radial, angular, narrow, graded } = FINENESS[level]!;
  const largest = Math.max(...as, ...bs);
  const radii: number[] = [];
  for (let r = 2.4; r < reach; r += 2.4) radii.push(r);
  if (graded) for (let r = 0.5 / largest; r < reach; r *= 2) radii.push(r);
  const r = panelRule(breaksWithin(0, reach, radii), gauss(radial));
  const shrink = graded ? 0.5 / (largest * reach) : Infinity;
  const wide = panelRule(towardEnds(shrink, Math.PI - theta), gauss(angular));
  const thin = theta > 0 ? panelRule(theta > 2 * shrink ? towardEnds(shrink, theta) : [0, theta], gauss(narrow)) : { nodes: new Float64Array(0), weights: new Float64Array(0) };
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
export function reachOfPair({ f, g, p }: ScalarPair, as: readonly number[], bs: readonly number[]): number {
  let reach = 9.75; // e^{-9.75^2/2} = 2e-21
  for (const [h, stds] of [[f, as], [g, bs]] as const) for (const s of [stds[0]!, stds.at(-1)!]) reach = Math.max(reach, ...reachOf(h, p, s, 50).map(Math.abs));
  return reach;
}

const HALF_HERMITE = 9; // e^{-81/2} < 1e-17

/**
 * Along the ridge: X = x outside, Y = c x + s V inside, panels broken at kinks of either scalar; where no kink is within reach of the
 * inner variable one plain rule over it serves.
 */
function ridgeSums({ f, g, p, mirror }: ScalarPair, a: number, b: number, theta: number, rule: Rule, out: { k: number; kd: number }): void {
  const c = Math.cos(theta);
  const s = Math.sin(theta);
  const [low, high] = reachOf(f, p, a, 60);
  const inverse = a > 0 ? 1 / a : 0;
  const kinks = b > 0 ? g.kinks(p).map((t) => (mirror * t) / b) : [];
  const outer: number[] = [];
  for (let x = Math.ceil(low); x < high; x += 1.5) outer.push(x);
  for (const t of bendsOf(f, p)) outer.push(t * inverse);
  const width = s / Math.abs(c);
  for (const t of kinks) outer.push(...(s > 0 ? gradedBreaks(t / c, width, 0, 3) : [t / c]));
  const x = panelRule(breaksWithin(low, high, outer), rule);
  // Bends of g that are no kinks are resolved where the inner variable moves g's argument by more than they are apart.
  const bends = b * s > 0.2 ? bendsOf(g, p).map((t) => (mirror * t) / b) : kinks;
  const base = [-HALF_HERMITE, -6, -4, -2, 0, 2, 4, 6, HALF_HERMITE];
  const plain = panelRule(base, rule);
  let [k, kd] = [0, 0];
  for (let i = 0; i < x.nodes.length; i++) {
    const xi = x.nodes[i]!;
    const w = (x.weights[i]! * Math.exp((-xi * xi) / 2)) / Math.sqrt(2 * Math.PI);
    const fu = w * f.value(a * xi, p);
    const fd = w * f.derivative(a * xi, p);
    if (fu === 0 && fd === 0) continue;
    if (s === 0) {
      k += fu * g.value(mirror * b * c * xi, p);
      kd += fd * g.derivative(mirror * b * c * xi, p);
      continue;
    }
    const cuts = bends.map((t) => (t - c * xi) / s).filter((v) => Math.abs(v) < HALF_HERMITE);
    const v = cuts.length === 0 ? plain : panelRule(breaksWithin(-HALF_HERMITE, HALF_HERMITE, [...base, ...cuts]), rule);
    let [gu, gd] = [0, 0];
    for (let q = 0; q < v.nodes.length; q++) {
      const vq = v.nodes[q]!;
      const weight = v.weights[q]! * Math.exp((-vq * vq) / 2);
      const y = mirror * b * (c * xi + s * vq);
      gu += weight * g.value(y, p);
      gd += weight * g.derivative(y, p);
    }
    k += (fu * gu) / Math.sqrt(2 * Math.PI);
    kd += (fd * gd) / Math.sqrt(2 * Math.PI);
  }
  out.k = k;
  out.kd = kd;
}

/** One value of the plane's integrals with the error measured between two rules, relative to the norms. */
export interface PlaneValue {
  k: number;
  kd: number;
  error: number;
}

/** True where both scalars bend at 0 alone. */
export const isCentral = ({ f, g, p }: ScalarPair): boolean => [...f.kinks(p), ...g.kinks(p)].every((t) => t === 0);

/**
 * k and kd of one pair of standard deviations.
 * @param norm sqrt(k_aa k_bb) and sqrt(kd_aa kd_bb), the units of the error
 */
export function planeValue(pair: ScalarPair, a: number, b: number, theta: number, norm: { k: number; kd: number }, out: PlaneValue): void {
  const differ = (k: number, kd: number): number => Math.max(norm.k > 0 ? Math.abs(out.k - k) / norm.k : 0, norm.kd > 0 ? Math.abs(out.kd - kd) / norm.kd : 0);
  if (!isCentral(pair)) {
    ridgeSums(pair, a, b, theta, GAUSS_16, out);
    const { k, kd } = out;
    ridgeSums(pair, a, b, theta, GAUSS_24, out);
    out.error = differ(k, kd) + 1e-14;
    return;
  }
  const reach = reachOfPair(pair, [a], [b]);
  for (let level = 0; level < LEVELS; level++) {
    const { k, kd } = polarSums(pair, [a], [b], theta, reach, level);
    out.error = level === 0 ? Infinity : differ(k[0]!, kd[0]!) + 1e-14;
    out.k = k[0]!;
    out.kd = kd[0]!;
    if (out.error <= PLANE_TOLERANCE) return;
  }
}
