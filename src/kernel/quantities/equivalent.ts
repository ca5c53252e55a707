// The equivalent real activation: the one whose real network has the kernels of the real twin, for inputs of one norm. Knows no kernel.
// From Ito's complex Hermite polynomials H_pq: S(a, a, rho) = sum_n rho^n sum_{p+q=n} |c_pq(a)|^2 on real rho, a real dual with
// Hermite coefficients sqrt of the inner sums.
import type { Activation, Parameters, ScalarFunction } from '../../catalog/activations/activation.ts';
import type { EquivalentActivation, Part, Quantity } from '../../contract/result.ts';
import { dualAt } from '../dual-at.ts';
import type { Pace } from '../pace.ts';
import { GAUSS_16, GAUSS_24, type Rule } from '../quadrature.ts';
import { circleRule, lineRule, meanSquare, overPlane, radialRule } from './gauss.ts';
import { grouped, type Site } from './sites.ts';

export const HERMITE_ORDER = 32;
/** Of the circle: e^{i 31 theta} turns twice in one. */
const PANELS = 16;
const CURVE_POINTS = 161;
const CURVE_REACH = 4;

const none = (reason: string): Quantity => ({ value: null, method: 'closed', error: null, reason });

export async function equivalentsOf(sites: Site[], pace: Pace): Promise<Part<EquivalentActivation[]>> {
  const complex = sites.filter((s) => s.activation.field === 'complex');
  if (complex.length === 0) return { value: null, reason: sites.length > 0 ? 'the activations are real already' : 'the network has no activation' };
  const out: EquivalentActivation[] = [];
  for (const group of grouped(complex, (s) => [s.variance.value])) {
    out.push(equivalent(group));
    await pace(1);
  }
  return { value: out };
}

function equivalent(group: Site[]): EquivalentActivation {
  const { activation, parameters: p, variance } = group[0]!;
  const limit = activation.limit(p);
  const reason = limit.exists === 'none' ? limit.reason! : variance.value === null ? variance.reason! : variance.value > 0 ? null : 'the variance before it is 0';
  const std = reason === null ? Math.sqrt(variance.value!) : 0;
  const about = { layers: group.map((g) => g.layer), label: activation.label, std };
  if (reason !== null) {
    return { ...about, kind: 'series', formula: null, coefficients: [], error: 0, method: 'quadrature', truncation: none(reason), curve: { x: [], y: [] }, notes: [`There is none: ${reason}.`] };
  }
  const square = meanSquare(activation, p, variance.value!);
  const x = Array.from({ length: CURVE_POINTS }, (_, i) => CURVE_REACH * ((2 * i) / (CURVE_POINTS - 1) - 1));
  const { scalar, imaginary } = activation;
  if (scalar && !imaginary) {
    // S on real rho is 2 k: the dual of sqrt(2) g(x / sqrt 2) under N(0, std^2).
    const sigma = (u: number) => Math.SQRT2 * scalar.value((std * u) / Math.SQRT2, p);
    const { c, error } = byTwo((rule) => hermite(sigma, lineRule(scalar.kinks(p), std / Math.SQRT2, rule)));
    const notes = [
      'Exact for inputs of any norms: the twin is twice the kernel of the ordinary real network with g on [Re x, Im x].',
    ];
    return { ...about, kind: 'exact', formula: `sqrt(2) g(x / sqrt(2)), g(x) = ${scalar.formula}`, coefficients: Array.from(c), error, method: 'quadrature', truncation: truncationOf(c, square), curve: { x, y: x.map(sigma) }, notes };
  }
  const { c: coefficients, error } = byTwo((rule) => weightsOf(activation, p, std, rule).map(Math.sqrt));
  const notes = ['The signs of the coefficients are free; all are taken positive.'];
  if (!activation.structure.includes('homogeneous')) notes.push('It depends on the variance: inputs of unequal norms have no single real activation, and the twin is then the recursion alone.');
  if (!scalar && !activation.radial && !activation.angular && !activation.holomorphic) {
    const { S, error: bound } = dualAt(activation, p, [std, std / 2], [0.6, 0]);
    if (Math.abs(S[1]) > 10 * bound * square.value) notes.push('S is not real on real correlations of unequal variances: the twin is then a recursion with no single real network.');
  }
  return {
    ...about, kind: 'series', formula: null, coefficients: Array.from(coefficients), error, method: 'quadrature',
    truncation: truncationOf(coefficients, square), curve: { x, y: x.map((v) => hermiteSum(coefficients, v)) }, notes,
  };
}

function truncationOf(c: Float64Array, square: { value: number; error: number }): Quantity {
  if (square.value === 0) return none('the activation is 0 here');
  if (!Number.isFinite(square.value)) return none('E|phi|^2 was not got at this variance');
  const captured = c.reduce((s, v) => s + v * v, 0) / square.value;
  return { value: Math.max(0, 1 - captured), method: 'quadrature', error: square.error / square.value + 1e-14 };
}

/** By two rules: the finer, and the largest difference from the coarser. */
function byTwo(f: (rule: Rule) => Float64Array): { c: Float64Array; error: number } {
  const c = f(GAUSS_24);
  const coarse = f(GAUSS_16);
  return { c, error: c.reduce((m, v, i) => Math.max(m, Math.abs(v - coarse[i]!)), 1e-15) };
}

/** Coefficients of f(x) in he_n, n < HERMITE_ORDER, by a rule for N(0, 1). */
function hermite(f: (x: number) => number, { nodes, weights }: Rule): Float64Array {
  const c = new Float64Array(HERMITE_ORDER);
  nodes.forEach((x, i) => {
    const y = weights[i]! * f(x);
    let [before, h] = [0, 1];
    for (let n = 0; n < HERMITE_ORDER; n++) {
      c[n]! += y * h;
      [before, h] = [h, (x * h - Math.sqrt(n) * before) / Math.sqrt(n + 1)];
    }
  });
  return c;
}

export function hermiteSum(c: ArrayLike<number>, x: number): number {
  let [sum, before, h] = [0, 0, 1];
  for (let n = 0; n < c.length; n++) {
    sum += c[n]! * h;
    [before, h] = [h, (x * h - Math.sqrt(n) * before) / Math.sqrt(n + 1)];
  }
  return sum;
}

/** sum_{p+q=n} |c_pq(std)|^2 for n < HERMITE_ORDER, by the given rule on each panel. */
export function weightsOf(activation: Activation, p: Parameters, std: number, rule: Rule): Float64Array {
  if (activation.scalar) return addSquares([activation.scalar, activation.imaginary!].map((g) => splitPart(g, p, std, rule)));
  if (activation.radial) {
    // Only p = q + 1: the modes of m = 1.
    const radii = radialRule(activation.radial.kinks(p), std, rule);
    const f = radii.nodes.map((r, i) => radii.weights[i]! * activation.radial!.value(std * r, p));
    const out = new Float64Array(HERMITE_ORDER);
    laguerre(1, radii.nodes, f).forEach((v, q) => (out[1 + 2 * q] = v * v));
    return out;
  }
  if (activation.holomorphic) {
    // Only q = 0: c_n0 = f_n sqrt(n!) std^n.
    return Float64Array.from({ length: HERMITE_ORDER }, (_, n) => Math.hypot(...activation.holomorphic!.coefficient(n, p)) ** 2 * std ** (2 * n));
  }
  const modes = HERMITE_ORDER - 1;
  if (activation.angular) {
    const { angular } = activation;
    const circle = circleRule(angular.kinks(p), rule, PANELS);
    const radii = radialRule([], std, rule);
    const f = radii.nodes.map((r, i) => radii.weights[i]! * std * r);
    const values = Array.from(circle.nodes, (t) => angular.value(t, p));
    const out = new Float64Array(HERMITE_ORDER);
    const lists = Array.from({ length: modes + 1 }, (_, m) => laguerre(m, radii.nodes, f));
    for (let m = -modes; m <= modes; m++) {
      // phi = r g: the mode of g times one radial list.
      let [gr, gi] = [0, 0];
      circle.nodes.forEach((t, i) => {
        const [c, s] = [Math.cos(m * t), Math.sin(m * t)];
        const [a, b] = values[i]!;
        gr += circle.weights[i]! * (a * c + b * s);
        gi += circle.weights[i]! * (b * c - a * s);
      });
      const size = gr * gr + gi * gi;
      lists[Math.abs(m)]!.forEach((v, q) => (out[Math.abs(m) + 2 * q]! += size * v * v));
    }
    return out;
  }
  return generalWeights(activation, p, std, rule);
}

/** Any phi: its values on rays, gathered into angular modes and those into the radial functions of each mode. */
function generalWeights(activation: Activation, p: Parameters, std: number, rule: Rule): Float64Array {
  const modes = HERMITE_ORDER - 1;
  const out = new Float64Array(6);
  const values = (theta: number, weight: number, radii: Rule): [Float64Array, Float64Array] => {
    const [re, im] = [new Float64Array(radii.nodes.length), new Float64Array(radii.nodes.length)];
    const [c, s] = [std * Math.cos(theta), std * Math.sin(theta)];
    radii.nodes.forEach((r, i) => {
      activation.evaluate(r * c, r * s, p, out);
      re[i] = weight * radii.weights[i]! * out[0]!;
      im[i] = weight * radii.weights[i]! * out[1]!;
    });
    return [re, im];
  };
  const sums = new Float64Array(HERMITE_ORDER);
  const kinks = activation.kinks?.(p) ?? {};
  const onLines = [...(kinks.x ?? []), ...(kinks.y ?? [])].some((v) => v !== 0);
  if (!onLines) {
    // The radii are the same on all rays: angles first, then one radial list a mode.
    const rays: { theta: number; re: Float64Array; im: Float64Array }[] = [];
    let radii: Rule | null = null;
    overPlane(activation, p, std, rule, PANELS, (theta, weight, r) => {
      const [re, im] = values(theta, weight, r);
      rays.push({ theta, re, im });
      radii = r;
    });
    const { nodes } = radii!;
    for (let m = -modes; m <= modes; m++) {
      const [re, im] = [new Float64Array(nodes.length), new Float64Array(nodes.length)];
      for (const ray of rays) {
        const [c, s] = [Math.cos(m * ray.theta), Math.sin(m * ray.theta)];
        for (let i = 0; i < nodes.length; i++) {
          re[i] = re[i]! + ray.re[i]! * c + ray.im[i]! * s;
          im[i] = im[i]! + ray.im[i]! * c - ray.re[i]! * s;
        }
      }
      const [a, b] = [laguerre(Math.abs(m), nodes, re), laguerre(Math.abs(m), nodes, im)];
      a.forEach((v, q) => (sums[Math.abs(m) + 2 * q]! += v * v + b[q]! ** 2));
    }
    return sums;
  }
  const lists = Array.from({ length: 2 * modes + 1 }, (_, k): [Float64Array, Float64Array] => {
    const count = terms(Math.abs(k - modes));
    return [new Float64Array(count), new Float64Array(count)];
  });
  overPlane(activation, p, std, rule, PANELS, (theta, weight, radii) => {
    const [re, im] = values(theta, weight, radii);
    for (let m = 0; m <= modes; m++) {
      const [a, b] = [laguerre(m, radii.nodes, re), laguerre(m, radii.nodes, im)];
      for (const sign of m === 0 ? [1] : [1, -1]) {
        const [c, s] = [Math.cos(m * theta), sign * Math.sin(m * theta)];
        const [lr, li] = lists[sign * m + modes]!;
        for (let q = 0; q < a.length; q++) {
          lr[q]! += a[q]! * c + b[q]! * s;
          li[q]! += b[q]! * c - a[q]! * s;
        }
      }
    }
  });
  lists.forEach(([lr, li], k) => lr.forEach((v, q) => (sums[Math.abs(k - modes) + 2 * q]! += v * v + li[q]! ** 2)));
  return sums;
}

/** g(Re z) alone is a real function of N(0, std^2 / 2): its Hermite weights. */
function splitPart(g: ScalarFunction, p: Parameters, std: number, rule: Rule): Float64Array {
  const s = std / Math.SQRT2;
  return hermite((x) => g.value(s * x, p), lineRule(g.kinks(p), s, rule)).map((c) => c * c);
}

const addSquares = (parts: Float64Array[]): Float64Array => parts.reduce((a, b) => a.map((v, i) => v + b[i]!));

/** How many q have m + 2q < HERMITE_ORDER. */
const terms = (m: number): number => Math.floor((HERMITE_ORDER - 1 - m) / 2) + 1;

/**
 * sum_i f_i L_q(r_i) for all q with m + 2q < HERMITE_ORDER, L_q = (-1)^q sqrt(q! / (q+m)!) r^m L_q^{(m)}(r^2): with e^{i m theta} these are
 * the H_pq of m = p - q, orthonormal under CN(0, 1).
 */
function laguerre(m: number, r: Float64Array, f: Float64Array): Float64Array {
  const count = terms(m);
  const out = new Float64Array(count);
  let logFactorial = 0;
  for (let k = 2; k <= m; k++) logFactorial += Math.log(k);
  const back = Float64Array.from(out, (_, q) => Math.sqrt(q * (q + m)));
  const over = Float64Array.from(out, (_, q) => 1 / Math.sqrt((q + 1) * (q + 1 + m)));
  for (let i = 0; i < r.length; i++) {
    const y = f[i]!;
    if (y === 0) continue;
    const t = r[i]! ** 2;
    let before = 0;
    let now = y * (m === 0 ? 1 : Math.exp(m * Math.log(r[i]!) - logFactorial / 2));
    for (let q = 0; q < count; q++) {
      out[q] = out[q]! + now;
      const next = ((2 * q + m + 1 - t) * now - back[q]! * before) * over[q]!;
      before = now;
      now = next;
    }
  }
  return out;
}
