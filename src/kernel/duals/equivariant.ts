// The dual of a phase-equivariant activation h(|z|) e^{i arg z}: Laguerre series in |rho|, or panels over both radii where it is slow.
import type { Activation, Parameters } from '../../catalog/activations/activation.ts';
import { scaledBesselI } from '../bessel.ts';
import { breaksWithin, GAUSS_16, GAUSS_24, gradedBreaks, panelRule, type Rule } from '../quadrature.ts';
import { unitModulus, type PreparedPair } from './dual.ts';
import { distinctOf, ladder, rungFor, withTail, type Coefficients } from './series.ts';

const ORDERS = [48, 192, 768];
const REACH = 9; // e^{-81/2} < 1e-17

/** S, A, B are F_1[h], F_0[(h' + h/r)/2], F_2[(h' - h/r)/2], up to a phase. */
interface Part {
  m: number;
  f(r: number): number;
}

/** L_{q+1} = ((2q+1+m - t) L_q - sqrt(q(q+m)) L_{q-1}) / sqrt((q+1)(q+1+m)), orthonormal: the factors for m = 0, 1, 2. */
const RECURRENCE = [0, 1, 2].map((m) => {
  const inverse = Float64Array.from({ length: ORDERS.at(-1)! }, (_, q) => 1 / Math.sqrt((q + 1) * (q + 1 + m)));
  return {
    inverse,
    middle: inverse.map((v, q) => (2 * q + 1 + m) * v),
    back: inverse.map((v, q) => Math.sqrt(q * (q + m)) * v),
  };
});

/** c_q = sqrt(q!/(q+m)!) int f(a sqrt t) t^{m/2} L_q^(m)(t) e^{-t} dt, q = 0..order-1, over t = r^2. */
function laguerreCoefficients(part: Part, a: number, order: number, bends: number[]): Coefficients {
  const { m, f } = part;
  const width = order > 200 ? 0.5 : 1;
  const inner: number[] = [];
  for (let r = 0; r <= REACH; r += width) inner.push(r);
  if (a > 0) for (const b of bends) inner.push(b / a);
  const { nodes, weights } = panelRule(breaksWithin(0, REACH, inner), GAUSS_24);
  const { inverse, middle, back } = RECURRENCE[m]!;
  const c = new Float64Array(order);
  let square = 0;
  for (let i = 0; i < nodes.length; i++) {
    const r = nodes[i]!;
    const y = f(a * r);
    if (y === 0) continue;
    const t = r * r;
    const root = Math.exp(-t / 2);
    const w = weights[i]! * 2 * r * y * root;
    square += weights[i]! * 2 * r * y * y * root * root;
    let l0 = 0;
    let l1 = (r ** m / Math.sqrt(m === 2 ? 2 : 1)) * root;
    for (let q = 0; q < order; q++) {
      c[q]! += w * l1;
      const next = (middle[q]! - t * inverse[q]!) * l1 - back[q]! * l0;
      l0 = l1;
      l1 = next;
    }
  }
  return withTail(c, square);
}

/**
 * F_m = 4/(1-rho^2) iint f(a r) f(b r') I_m(2 rho r r'/(1-rho^2)) exp(-(r^2+r'^2)/(1-rho^2)) r r' dr dr',
 * the inner panels laid around the ridge r' = rho r of width sqrt(1-rho^2).
 */
function panels(part: Part, a: number, b: number, rho: number, bends: number[], rule: Rule): number {
  const { m, f } = part;
  const s = (1 - rho) * (1 + rho);
  const width = Math.sqrt(s);
  const outer: number[] = [];
  for (let r = 0; r <= 6.5; r += 0.75) outer.push(r);
  if (a > 0) for (const t of bends) outer.push(t / a);
  if (b > 0 && rho > 0) for (const t of bends) outer.push(...gradedBreaks(t / (b * rho), width, -1, 2));
  for (let k = 0; k <= 4; k++) outer.push(width * 2 ** k);
  const x = panelRule(breaksWithin(0, 6.5, outer), rule);
  let sum = 0;
  for (let i = 0; i < x.nodes.length; i++) {
    const r = x.nodes[i]!;
    const fx = f(a * r) * 2 * r * Math.exp(-r * r) * x.weights[i]!;
    if (fx === 0) continue;
    const low = Math.max(0, rho * r - 6.3 * width);
    const high = rho * r + 6.3 * width;
    const inner: number[] = [];
    for (let w = -4.5; w <= 4.5; w += 1.5) inner.push(rho * r + w * width);
    if (b > 0) for (const t of bends) inner.push(t / b);
    const v = panelRule(breaksWithin(low, high, inner), rule);
    let part2 = 0;
    for (let k = 0; k < v.nodes.length; k++) {
      const q = v.nodes[k]!;
      const d = q - rho * r;
      part2 += v.weights[k]! * q * Math.exp((-d * d) / s) * scaledBesselI(m, (2 * rho * r * q) / s) * f(b * q);
    }
    sum += fx * part2 * (2 / s);
  }
  return sum;
}

/** E[f(a r) f(b r)] over a Rayleigh radius of E r^2 = 1: the dual at |rho| = 1. */
function together(part: Part, a: number, b: number, bends: number[]): number {
  const inner: number[] = [];
  for (let r = 0; r <= REACH; r += 0.5) inner.push(r);
  for (const t of bends) {
    if (a > 0) inner.push(t / a);
    if (b > 0) inner.push(t / b);
  }
  const { nodes, weights } = panelRule(breaksWithin(0, REACH, inner), GAUSS_24);
  let sum = 0;
  for (let i = 0; i < nodes.length; i++) {
    const r = nodes[i]!;
    sum += weights[i]! * 2 * r * Math.exp(-r * r) * part.f(a * r) * part.f(b * r);
  }
  return sum;
}

/** @see prepareDual; without `derivatives` only S is computed, A and B are NaN. */
export function prepareEquivariant(activation: Activation, p: Parameters, std: Float64Array, derivatives: boolean): PreparedPair {
  const h = activation.radial!;
  const all: Part[] = [
    { m: 1, f: (r) => h.value(r, p) },
    { m: 0, f: (r) => (h.derivative(r, p) + h.ratio(r, p)) / 2 },
    { m: 2, f: (r) => (h.derivative(r, p) - h.ratio(r, p)) / 2 },
  ];
  const parts = derivatives ? all : all.slice(0, 1);
  const bends = [...h.kinks(p), ...Array.from({ length: 8 }, (_, k) => 2 ** (k - 1))];
  const { stds, index } = distinctOf(std);
  const ladders = parts.map((part) => ladder(ORDERS, stds, (s, order) => laguerreCoefficients(part, s, order, bends)));
  const alone = ladders.map((l) => [l]);
  const value = new Float64Array(3).fill(NaN);
  const found = { tail: 0 };

  return (i, j, rhoRe, rhoIm, out) => {
    const s = index[i]!;
    const t = index[j]!;
    const modulus = unitModulus(rhoRe, rhoIm);
    out.error = 1e-14;
    out.method = 'series';
    for (let n = 0; n < parts.length; n++) {
      const own = ladders[n]!;
      if (modulus === 1) {
        value[n] = s === t ? own(s, 0).square : together(parts[n]!, stds[s]!, stds[t]!, bends);
        out.method = 'quadrature';
        continue;
      }
      const rung = rungFor(alone[n]!, ORDERS, s, t, modulus * modulus, found);
      if (rung >= 0) {
        const [u, v] = [own(s, rung).c, own(t, rung).c];
        let sum = 0;
        let power = modulus ** parts[n]!.m;
        for (let q = 0; q < u.length && power > 1e-18; q++, power *= modulus * modulus) sum += u[q]! * v[q]! * power;
        value[n] = sum;
        out.error = Math.max(out.error, found.tail);
      } else {
        const [a, b] = [stds[s]!, stds[t]!];
        value[n] = panels(parts[n]!, a, b, modulus, bends, GAUSS_24);
        const coarse = panels(parts[n]!, a, b, modulus, bends, GAUSS_16);
        const norm = Math.sqrt(own(s, 0).square * own(t, 0).square);
        if (norm > 0) out.error = Math.max(out.error, Math.abs(value[n]! - coarse) / norm);
        out.method = 'quadrature';
      }
    }
    const c = modulus > 0 ? rhoRe / modulus : 1;
    const d = modulus > 0 ? rhoIm / modulus : 0;
    out.sRe = c * value[0]!;
    out.sIm = d * value[0]!;
    out.aRe = value[1]!;
    out.aIm = 0;
    out.bRe = (c * c - d * d) * value[2]!;
    out.bIm = 2 * c * d * value[2]!;
  };
}
