// The dual of a phase-equivariant activation h(|z|) e^{i arg z}: Laguerre series in |rho|, and near |rho| = 1, where they are slow, panels over both radii.
import type { Activation, Parameters } from '../../catalog/activations/activation.ts';
import { breaksWithin, GAUSS_24, isResolved, panelRule, resolvedBreaks, thinnedBreaks, type Rule } from '../quadrature.ts';
import { unitModulus, worseMethod, type DualOptions, type DualOutcome, type PreparedDual } from './dual.ts';
import { patchwork, type Patchwork } from './patches.ts';
import { ridge, type RadialParts } from './ridge.ts';
import { distinctOf } from './distinct.ts';
import { acrossStds } from './spectra.ts';
import { fallOf, type Fall } from './tails.ts';

const ORDERS = [48, 160, 640];
const REACH = 9; // e^{-81/2} < 1e-17
/** What a series may leave out, of sqrt(S_aa S_bb). */
const TAIL = 1e-12;
/** What the fitted tail may miss. */
const MISSED = 1e-11;
const ROUNDING = 1e-14;

/** S, A, B are F_1[h], F_0[(h' + h/r)/2], F_2[(h' - h/r)/2], up to a phase. */
const ANGULAR_ORDERS = [1, 0, 2];

/** L_{q+1} = ((2q+1+m - t) L_q - sqrt(q(q+m)) L_{q-1}) / sqrt((q+1)(q+1+m)), orthonormal: the factors for m = 0, 1, 2. */
const RECURRENCE = [0, 1, 2].map((m) => {
  const inverse = Float64Array.from({ length: ORDERS.at(-1)! }, (_, q) => 1 / Math.sqrt((q + 1) * (q + 1 + m)));
  return {
    inverse,
    middle: inverse.map((v, q) => (2 * q + 1 + m) * v),
    back: inverse.map((v, q) => Math.sqrt(q * (q + m)) * v),
  };
});

/**
 * Of every part c_q = sqrt(q!/(q+m)!) int f(a sqrt t) t^{m/2} L_q^(m)(t) e^{-t} dt, q = 0..order-1, one part after another,
 * and then E f^2 of every part.
 */
function laguerreRow(parts: RadialParts, a: number, order: number): Float64Array {
  const count = parts.orders.length;
  const { nodes, weights } = radialRule(parts, a, order > 200 ? 0.5 : 1);
  const size = nodes.length;
  const row = new Float64Array(count * (order + 1));
  const values = new Float64Array(count * size);
  const f = new Float64Array(count);
  for (let i = 0; i < size; i++) {
    parts.evaluate(a * nodes[i]!, f);
    const root = Math.exp(-(nodes[i]! ** 2) / 2);
    const w = weights[i]! * 2 * nodes[i]! * root;
    for (let v = 0; v < count; v++) {
      values[v * size + i] = w * f[v]!;
      row[count * order + v]! += w * root * f[v]! * f[v]!;
    }
  }
  let before = new Float64Array(size);
  let now = new Float64Array(size);
  for (let v = 0; v < count; v++) {
    const m = parts.orders[v]!;
    const { inverse, middle, back } = RECURRENCE[m]!;
    before.fill(0);
    for (let i = 0; i < size; i++) now[i] = (nodes[i]! ** m / Math.sqrt(m === 2 ? 2 : 1)) * Math.exp(-(nodes[i]! ** 2) / 2);
    for (let q = 0; q < order; q++) {
      const [p0, p1, p2] = [middle[q]!, inverse[q]!, back[q]!];
      let sum = 0;
      for (let i = 0, at = v * size; i < size; i++, at++) {
        const l = now[i]!;
        sum += values[at]! * l;
        before[i] = (p0 - nodes[i]! * nodes[i]! * p1) * l - p2 * before[i]!;
      }
      row[v * order + q] = sum;
      [before, now] = [now, before];
    }
  }
  return row;
}

function radialRule(parts: RadialParts, a: number, width: number): Rule {
  const [low, high] = radialRange(parts, a, a);
  const hard = breaksWithin(low, high, a > 0 ? parts.kinks.map((k) => k / a) : []);
  const soft: number[] = [];
  for (let r = low + width; r < high; r += width) soft.push(r);
  if (a > 0) for (const k of parts.panels) if (k > low * a && k < high * a) soft.push(k / a);
  return panelRule(thinnedBreaks(hard, soft, 0.6 * width), GAUSS_24);
}

/** Where the integrand of a pair counts: from where both parts begin. */
function radialRange(parts: RadialParts, a: number, b: number): [number, number] {
  const low = parts.silent && a > 0 && b > 0 ? parts.kinks[0]! / Math.min(a, b) : 0;
  return [low, Math.sqrt(low * low + REACH * REACH)];
}

/** E[f(a r) f(b r)] of every part over a Rayleigh radius of E r^2 = 1: the dual at |rho| = 1. */
function together(parts: RadialParts, a: number, b: number, out: Float64Array): void {
  const count = parts.orders.length;
  const both = [a, b].flatMap((s) => (s > 0 ? parts.kinks.map((k) => k / s) : []));
  const soft: number[] = [];
  const [low, high] = radialRange(parts, a, b);
  for (let r = low + 0.5; r < high; r += 0.5) soft.push(r);
  for (const s of [a, b]) if (s > 0) for (const k of parts.panels) if (k > low * s && k < high * s) soft.push(k / s);
  const { nodes, weights } = panelRule(thinnedBreaks(breaksWithin(low, high, both), soft, 0.3), GAUSS_24);
  const [f, g] = [new Float64Array(count), new Float64Array(count)];
  out.fill(0);
  for (let i = 0; i < nodes.length; i++) {
    const r = nodes[i]!;
    parts.evaluate(a * r, f);
    parts.evaluate(b * r, g);
    const w = weights[i]! * 2 * r * Math.exp(-r * r);
    for (let v = 0; v < count; v++) out[v]! += w * f[v]! * g[v]!;
  }
}

/** What depends on the activation alone, kept: a network meets it at each layer, and its twin again. */
interface Known {
  parts: RadialParts;
  /** F near |rho| = 1 over log a, log b and |rho|, and for a = b. */
  near: Patchwork;
  equal: Patchwork;
}

const LARGEST = Math.log(1e6);
const WIDEST = 1e7; // radii beyond it do not occur
const FARTHEST = 4; // |log a - log b| beyond which nothing is kept
const known = new WeakMap<Activation, Map<string, Known>>();

function prepared(activation: Activation, p: Parameters, derivatives: boolean): Known {
  const own = known.get(activation) ?? new Map<string, Known>();
  known.set(activation, own);
  const key = `${JSON.stringify(p)} ${derivatives}`;
  const found = own.get(key);
  if (found) return found;
  const h = activation.radial!;
  const evaluate = derivatives
    ? (r: number, out: Float64Array) => {
        const slope = h.derivative(r, p);
        const ratio = h.ratio(r, p);
        out[0] = h.value(r, p);
        out[1] = (slope + ratio) / 2;
        out[2] = (slope - ratio) / 2;
      }
    : (r: number, out: Float64Array) => { out[0] = h.value(r, p); };
  const groups = derivatives ? [0, 1, 1] : [0];
  // A kink stands where no polynomial passes; what only bends sharply is found by the panels.
  const kinks = h.kinks(p).filter((k) => k > 0 && !isResolved(evaluate, groups, 0.98 * k, 1.02 * k)).sort((x, y) => x - y);
  const orders = derivatives ? ANGULAR_ORDERS : ANGULAR_ORDERS.slice(0, 1);
  const probe = new Float64Array(3);
  const silent = kinks.length > 0 && [0.03, 0.5, 0.97].every((x) => {
    evaluate(x * kinks[0]!, probe);
    return probe.every((v) => v === 0);
  });
  const panels = resolvedBreaks(evaluate, groups, WIDEST, kinks);
  const parts: RadialParts = { orders, evaluate, kinks, panels, silent };
  const axes = { points: 7, values: orders.length, tolerance: 1e-11 };
  // The variable is the fourth root of 1 - |rho|: near kinks the dual is a series in the square root, elsewhere in 1 - |rho|.
  const near = patchwork({
    ...axes, low: [-LARGEST, 0, 0], high: [LARGEST, FARTHEST, 1], cells: [56, 16, 10],
    slow: ([u, d, t], out) => ridge(parts, Math.exp(u! + d! / 2), Math.exp(u! - d! / 2), t! ** 4, out),
  });
  const equal = patchwork({
    ...axes, low: [-LARGEST, 0], high: [LARGEST, 1], cells: [56, 10],
    slow: ([u, t], out) => ridge(parts, Math.exp(u!), Math.exp(u!), t! ** 4, out),
  });
  const made = { parts, near, equal };
  own.set(key, made);
  return made;
}

/** Of the longer rungs, where no kink makes the coefficients oscillate; kept, for they are the same for all activations. */
const knownFalls = new Map<number, Fall>();
function fallsOf(parts: RadialParts, rung: number): Fall[] | null {
  if (rung === 0 || parts.kinks.length) return null;
  return parts.orders.map((m) => {
    const key = 3 * rung + m;
    const fall = knownFalls.get(key) ?? fallOf(m, ORDERS[rung]!, m === 1 ? 1 : 1.5);
    knownFalls.set(key, fall);
    return fall;
  });
}

/** One rung of the series: a row for each distinct standard deviation, and the share of the square beyond its end. */
interface Rung {
  order: number;
  rows: Float64Array[];
  tail: Float64Array;
  /** Where the fall was fitted: the fits of each part, and what they miss of the tail. */
  fits: (Float64Array | null)[][] | null;
  missed: Float64Array | null;
  falls: Fall[] | null;
}

function rungOf(parts: RadialParts, stds: readonly number[], order: number, falls: Fall[] | null): Rung {
  const count = parts.orders.length;
  const ends = parts.orders.map((_, v) => (v + 1) * order);
  const rows = acrossStds(stds, ends, (s) => laguerreRow(parts, s, order));
  const tail = new Float64Array(stds.length);
  const missed = falls && new Float64Array(stds.length);
  const fits = rows.map((row, s) => {
    const square = (v: number) => row[count * order + v]!;
    return parts.orders.map((_, v) => {
      // A and B are measured together: one of them may vanish.
      const scale = v === 0 ? square(0) : square(1) + square(2);
      if (!(square(v) > 1e-28 * scale)) return null;
      let sum = 0;
      for (let q = v * order; q < (v + 1) * order; q++) sum += row[q]! * row[q]!;
      const left = square(v) - sum;
      tail[s] = Math.max(tail[s]!, left / scale, 2e-15);
      if (!falls) return null;
      const fit = falls[v]!.fit(row, v * order);
      missed![s] = Math.max(missed![s]!, Math.abs(left - falls[v]!.sum(fit, fit, 1)) / scale, 2e-15);
      return fit;
    });
  });
  return { order, rows, tail, fits: falls && fits, missed, falls };
}

/**
 * The dual maps of h(|z|) e^{i arg z}; without `derivatives` only S.
 * @see prepareDual
 */
export function prepareEquivariant(activation: Activation, p: Parameters, std: Float64Array, { derivatives }: DualOptions): PreparedDual {
  const { parts, near, equal } = prepared(activation, p, derivatives);
  const count = parts.orders.length;
  const { stds, index } = distinctOf(std);
  const logs = stds.map(Math.log);
  const rungs: (Rung | undefined)[] = [];
  const rung = (k: number): Rung => (rungs[k] ??= rungOf(parts, stds, ORDERS[k]!, fallsOf(parts, k)));
  const value = new Float64Array(count);
  const spot = new Float64Array(3);
  let error = 0;

  function bySeries({ order, rows }: Rung, s: number, t: number, r: number): void {
    const [u, v] = [rows[s]!, rows[t]!];
    const square = r * r;
    const terms = r < 0.999 ? Math.min(order, Math.ceil(-20 / Math.log(r)) + 1) : order;
    let power = 1;
    let x = 0;
    let y = 0;
    let z = 0;
    if (count === 1) {
      for (let q = 0; q < terms; q++, power *= square) x += u[q]! * v[q]! * power;
      value[0] = x * r;
      return;
    }
    for (let q = 0, a = order, b = 2 * order; q < terms; q++, a++, b++, power *= square) {
      x += u[q]! * v[q]! * power;
      y += u[a]! * v[a]! * power;
      z += u[b]! * v[b]! * power;
    }
    value[0] = x * r;
    value[1] = y;
    value[2] = z * square;
  }

  /** The values found against sqrt(S_aa S_bb) and its like, where they are far below. */
  function share(s: number, t: number): number {
    const { rows, order } = rung(0);
    const norm = (v: number) => Math.sqrt(rows[s]![count * order + v]! * rows[t]![count * order + v]!);
    const own = norm(0) > 0 ? Math.abs(value[0]!) / norm(0) : 0;
    if (count === 1) return own;
    const both = norm(1) + norm(2);
    return Math.max(own, both > 0 ? (Math.abs(value[1]!) + Math.abs(value[2]!)) / both : 0);
  }

  /** Values of all parts at |rho| = r into `value`, their error into `error`. */
  function evaluate(s: number, t: number, r: number): DualOutcome['method'] {
    error = ROUNDING;
    if (r === 1) {
      const first = rung(0);
      if (s === t) for (let v = 0; v < count; v++) value[v] = first.rows[s]![count * first.order + v]!;
      else together(parts, stds[s]!, stds[t]!, value);
      return 'quadrature';
    }
    for (let k = 0, reach = 1; k < ORDERS.length; k++) {
      reach = r ** (2 * ORDERS[k]!);
      if (k === 2 && parts.kinks.length && reach > 1e-9) break;
      const own = rung(k);
      const left = reach * Math.sqrt(own.tail[s]! * own.tail[t]!);
      if (left <= TAIL) {
        bySeries(own, s, t, r);
        error += left;
        return 'series';
      }
      if (!own.fits || !own.missed) continue;
      // Sum of c_s d_t + d_s c_t over the tail, where that of 2 c_s d_s is known.
      const ratio = Math.sqrt(own.tail[s]! / own.tail[t]!);
      const missed = reach * (own.missed[s]! / ratio + own.missed[t]! * ratio);
      if (missed <= MISSED) {
        bySeries(own, s, t, r);
        for (let v = 0; v < count; v++) {
          const [one, other] = [own.fits[s]![v]!, own.fits[t]![v]!];
          if (one && other) value[v]! += own.falls![v]!.sum(one, other, r);
        }
        error += 2 * missed;
        return 'series';
      }
    }
    const d = Math.abs(logs[s]! - logs[t]!);
    spot[0] = (logs[s]! + logs[t]!) / 2;
    if (!(stds[s]! > 0 && stds[t]! > 0)) value.fill(0);
    else if (s === t) {
      spot[1] = (1 - r) ** 0.25;
      error += equal.at(spot, value);
    } else if (d < FARTHEST && Math.abs(spot[0]) < LARGEST) {
      spot[1] = d;
      spot[2] = (1 - r) ** 0.25;
      error += near.at(spot, value);
    } else {
      error += ridge(parts, stds[s]!, stds[t]!, 1 - r, value) * share(s, t);
    }
    return 'quadrature';
  }

  return ({ count: entries, left, right, re, im, aRe, aIm, bRe, bIm }) => {
    const out: DualOutcome = { error: 0, method: 'series' };
    for (let at = 0; at < entries; at++) {
      const [x, y] = [re[at]!, im[at]!];
      const r = unitModulus(x, y);
      const method = evaluate(index[left[at]!]!, index[right[at]!]!, r);
      if (error > out.error) out.error = error;
      out.method = worseMethod(out.method, method);
      const c = r > 0 ? x / r : 1;
      const d = r > 0 ? y / r : 0;
      re[at] = c * value[0]!;
      im[at] = d * value[0]!;
      if (!derivatives) continue;
      aRe[at] = value[1]!;
      aIm[at] = 0;
      bRe[at] = (c * c - d * d) * value[2]!;
      bIm[at] = 2 * c * d * value[2]!;
    }
    return out;
  };
}
