// Quadrature of an activation under one Gaussian: nodes that respect its structure and its kinks. Knows no dual.
import type { Activation, Parameters, ScalarFunction } from '../../catalog/activations/activation.ts';
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
  for (let r = 0.5; r <= REACH; r += 0.5) inner.push(r);
  for (const b of features(kinks)) inner.push(b / std);
  const { nodes, weights } = panelRule(breaksWithin(0, REACH, inner), rule);
  return { nodes, weights: weights.map((w, i) => w * 2 * nodes[i]! * Math.exp(-(nodes[i]! ** 2))) };
}

/** Angles and weights of the uniform density on the circle. */
export function circleRule(kinks: readonly number[], rule: Rule): Rule {
  const wrapped = kinks.map((t) => t - 2 * Math.PI * Math.floor((t + Math.PI) / (2 * Math.PI)));
  const inner = Array.from({ length: 15 }, (_, k) => -Math.PI + ((k + 1) * Math.PI) / 8).concat(wrapped);
  const { nodes, weights } = panelRule(breaksWithin(-Math.PI, Math.PI, inner), rule);
  return { nodes, weights: weights.map((w) => w / (2 * Math.PI)) };
}

/** Calls `at(theta, weight of theta, radii)` over the plane, radii broken where the ray meets a kink. */
export function overPlane(activation: Activation, p: Parameters, std: number, rule: Rule, at: (theta: number, weight: number, radii: Rule) => void): void {
  const kinks = activation.kinks?.(p) ?? {};
  const circle = circleRule(kinks.angles ?? [], rule);
  circle.nodes.forEach((theta, i) => {
    // Lines through 0 are rays.
    const lines = [...(kinks.x ?? []).map((x) => x / Math.cos(theta)), ...(kinks.y ?? []).map((y) => y / Math.sin(theta))].filter((r) => r > 0 && r < REACH * std);
    at(theta, circle.weights[i]!, radialRule([...(kinks.radii ?? []), ...lines], std, rule));
  });
}

/** f by two rules: the finer value, and how far the coarser is from it. */
export function byTwoRules(f: (rule: Rule) => number): { value: number; error: number } {
  const value = f(GAUSS_24);
  return { value, error: Math.abs(value - f(GAUSS_16)) + 1e-14 * Math.abs(value) };
}

const sumOver = ({ nodes, weights }: Rule, f: (x: number) => number): number => nodes.reduce((s, x, i) => s + weights[i]! * f(x), 0);

/** E|phi(z)|^2 for z ~ CN(0, variance), N(0, variance) for a real activation; the error is absolute. */
export function meanSquare(activation: Activation, p: Parameters, variance: number): { value: number; error: number } {
  const std = Math.sqrt(variance);
  const { scalar, imaginary, radial, angular } = activation;
  const ofScalar = (g: ScalarFunction, s: number) => byTwoRules((rule) => sumOver(lineRule(g.kinks(p), s, rule), (x) => g.value(s * x, p) ** 2));
  if (activation.field === 'real') return ofScalar(scalar!, std);
  if (scalar) {
    const [one, two] = [scalar, imaginary ?? scalar].map((g) => ofScalar(g, std / Math.SQRT2));
    return { value: one!.value + two!.value, error: one!.error + two!.error };
  }
  if (radial) return byTwoRules((rule) => sumOver(radialRule(radial.kinks(p), std, rule), (r) => radial.value(std * r, p) ** 2));
  if (angular) {
    const of = byTwoRules((rule) => sumOver(circleRule(angular.kinks(p), rule), (t) => angular.value(t, p).reduce((s, v) => s + v * v, 0)));
    return { value: variance * of.value, error: variance * of.error };
  }
  const out = new Float64Array(6);
  return byTwoRules((rule) => {
    let sum = 0;
    overPlane(activation, p, std, rule, (theta, weight, radii) => {
      const [c, s] = [std * Math.cos(theta), std * Math.sin(theta)];
      sum += weight * sumOver(radii, (r) => {
        activation.evaluate(r * c, r * s, p, out);
        return out[0]! ** 2 + out[1]! ** 2;
      });
    });
    return sum;
  });
}
