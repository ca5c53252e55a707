// Quadrature of an activation under one Gaussian: nodes that respect its structure and its kinks. Knows no dual.
import type { Activation, HolomorphicFunction, Parameters, ScalarFunction } from '../../catalog/activations/activation.ts';
import { breaksWithin, GAUSS_16, GAUSS_24, panelRule, type Rule } from '../quadrature.ts';

/** On a line, where the square root of the density is under 1e-18: Hermite functions carry the other root. In the plane likewise, in |z|. */
const LINE_REACH = 13;
const REACH = 9;

/** Where functions bend, in units of their argument: kinks, and powers of two around 0. */
function features(kinks: readonly number[]): number[] {
  const out = [0, ...kinks];
  for (let k = -1; k <= 6; k++) out.push(2 ** k, -(2 ** k));
  return out;
}

/** Nodes in units of std and weights of the density of N(0, 1). */
export function lineRule(kinks: readonly number[], std: number, rule: Rule): Rule {
  const inner: number[] = [];
  for (let x = -LINE_REACH; x <= LINE_REACH; x++) inner.push(x);
  for (const b of features(kinks)) inner.push(b / std);
  const { nodes, weights } = panelRule(breaksWithin(-LINE_REACH, LINE_REACH, inner), rule);
  return { nodes, weights: weights.map((w, i) => (w * Math.exp(-(nodes[i]! ** 2) / 2)) / Math.sqrt(2 * Math.PI)) };
}

/** Radii in units of std and weights of the density 2 r exp(-r^2) of |z| under CN(0, 1). */
export function radialRule(kinks: readonly number[], std: number, rule: Rule): Rule {
  const inner: number[] = [];
  for (let r = 1; r < REACH; r++) inner.push(r);
  for (const b of features(kinks)) inner.push(b / std);
  const { nodes, weights } = panelRule(breaksWithin(0, REACH, inner), rule);
  return { nodes, weights: weights.map((w, i) => w * 2 * nodes[i]! * Math.exp(-(nodes[i]! ** 2))) };
}

/** Angles and weights of the uniform density on the circle, in `panels` equal panels and those that the kinks make of them. */
export function circleRule(kinks: readonly number[], rule: Rule, panels: number): Rule {
  const wrapped = kinks.map((t) => t - 2 * Math.PI * Math.floor((t + Math.PI) / (2 * Math.PI)));
  const inner = Array.from({ length: panels - 1 }, (_, k) => -Math.PI + ((k + 1) * 2 * Math.PI) / panels).concat(wrapped);
  const { nodes, weights } = panelRule(breaksWithin(-Math.PI, Math.PI, inner), rule);
  return { nodes, weights: weights.map((w) => w / (2 * Math.PI)) };
}

/** Calls `at(theta, weight of theta, radii)` over the plane, radii broken where the ray meets a kink. */
export function overPlane(activation: Activation, p: Parameters, std: number, rule: Rule, panels: number, at: (theta: number, weight: number, radii: Rule) => void): void {
  const kinks = activation.kinks?.(p) ?? {};
  const circle = circleRule(kinks.angles ?? [], rule, panels);
  circle.nodes.forEach((theta, i) => {
    // Lines through 0 are rays.
    const lines = [...(kinks.x ?? []).map((x) => x / Math.cos(theta)), ...(kinks.y ?? []).map((y) => y / Math.sin(theta))].filter((r) => r > 0 && r < REACH * std);
    at(theta, circle.weights[i]!, radialRule([...(kinks.radii ?? []), ...lines], std, rule));
  });
}

/** For phi itself; its modes up to a high order need more. */
const FEW_PANELS = 8;

/** f by two rules: the finer value, and four times how far the coarser is from it: near a singularity off the panels' ends both err alike. */
export function byTwoRules(f: (rule: Rule) => number): { value: number; error: number } {
  const value = f(GAUSS_24);
  return { value, error: 4 * Math.abs(value - f(GAUSS_16)) + 1e-14 * Math.abs(value) };
}

const sumOver = ({ nodes, weights }: Rule, f: (x: number) => number): number => nodes.reduce((s, x, i) => s + weights[i]! * f(x), 0);

const MOST_TERMS = 2000;

/** sum_n n! |f_n|^2 variance^n; Infinity where it does not end in float64. */
function powerSeries(phi: HolomorphicFunction, p: Parameters, variance: number): { value: number; error: number } {
  let [sum, power, small] = [0, 1, 0];
  for (let n = 0; n < MOST_TERMS && Number.isFinite(power); n++, power *= variance) {
    const [a, b] = phi.coefficient(n, p);
    const term = (a * a + b * b) * power;
    sum += term;
    // Even and odd functions skip every other term.
    small = term <= 1e-17 * sum ? small + 1 : 0;
    if (small > 8 && sum > 0) return { value: sum, error: 1e-15 * n * sum };
  }
  return { value: Infinity, error: Infinity };
}

/**
 * E|phi(z)|^2 for z ~ CN(0, variance), N(0, variance) for a real activation; the error is absolute. Infinity where phi grows so fast
 * that the integral is not got at this variance.
 */
export function meanSquare(activation: Activation, p: Parameters, variance: number): { value: number; error: number } {
  const std = Math.sqrt(variance);
  const { scalar, imaginary, radial, angular, holomorphic } = activation;
  const ofScalar = (g: ScalarFunction, s: number) => {
    const rim = (x: number) => g.value(s * x, p) ** 2 * Math.exp(-(LINE_REACH ** 2) / 2);
    return within(byTwoRules((rule) => sumOver(lineRule(g.kinks(p), s, rule), (x) => g.value(s * x, p) ** 2)), Math.max(rim(LINE_REACH), rim(-LINE_REACH)));
  };
  const planeRim = 2 * REACH * Math.exp(-(REACH ** 2));
  if (activation.field === 'real') return ofScalar(scalar!, std);
  if (scalar) {
    const [one, two] = [scalar, imaginary ?? scalar].map((g) => ofScalar(g, std / Math.SQRT2));
    return { value: one!.value + two!.value, error: one!.error + two!.error };
  }
  if (radial) {
    const of = byTwoRules((rule) => sumOver(radialRule(radial.kinks(p), std, rule), (r) => radial.value(std * r, p) ** 2));
    return within(of, radial.value(std * REACH, p) ** 2 * planeRim);
  }
  if (angular) {
    const of = byTwoRules((rule) => sumOver(circleRule(angular.kinks(p), rule, FEW_PANELS), (t) => angular.value(t, p).reduce((s, v) => s + v * v, 0)));
    return { value: variance * of.value, error: variance * of.error };
  }
  if (holomorphic) return powerSeries(holomorphic, p, variance);
  const out = new Float64Array(6);
  const whole = byTwoRules((rule) => {
    let sum = 0;
    overPlane(activation, p, std, rule, FEW_PANELS, (theta, weight, radii) => {
      const [c, s] = [std * Math.cos(theta), std * Math.sin(theta)];
      sum += weight * sumOver(radii, (r) => {
        activation.evaluate(r * c, r * s, p, out);
        return out[0]! ** 2 + out[1]! ** 2;
      });
    });
    return sum;
  });
  let rim = 0;
  for (let k = 0; k < 16; k++) {
    activation.evaluate(std * REACH * Math.cos((k * Math.PI) / 8), std * REACH * Math.sin((k * Math.PI) / 8), p, out);
    rim = Math.max(rim, (out[0]! ** 2 + out[1]! ** 2) * planeRim);
  }
  return within(whole, rim);
}

/** What lies beyond the reach is not seen by either rule: where the integrand has not died out at the rim there is no value. */
function within(of: { value: number; error: number }, rim: number): { value: number; error: number } {
  return Number.isFinite(of.value) && rim <= 1e-12 * of.value ? of : { value: Infinity, error: Infinity };
}
