// The dual of |z| g(arg z): the radii integrate in closed form; the angle's integral is a Fourier series, or near |rho| = 1 done by panels.
import type { Activation, AngularFunction, Parameters } from '../../catalog/activations/activation.ts';
import { breaksWithin, checkedRule, GAUSS_16, panelRule } from '../quadrature.ts';
import { radialKernels, traces, type Trace } from './angular.ts';
import { angularModes, type AngularModes } from './angular-modes.ts';
import { unitModulus, type DualOptions, type DualOutcome, type PreparedDual } from './dual.ts';
import { patchwork, type Patchwork } from './patches.ts';

const TURN = 2 * Math.PI;
const ROUNDING = 1e-14;
const wrap = (x: number): number => x - TURN * Math.floor(x / TURN);

/** G(psi) = int f(theta + psi) conj f(theta) d theta, by panels between the kinks of both factors. */
function autocorrelation(f: Trace, kinks: number[], psi: number): [number, number] {
  const breaks = [...kinks.map(wrap), ...kinks.map((k) => wrap(k - psi)), Math.PI / 2, Math.PI, 3 * Math.PI / 2];
  const { nodes, weights } = panelRule(breaksWithin(0, TURN, breaks), GAUSS_16);
  let re = 0;
  let im = 0;
  for (let i = 0; i < nodes.length; i++) {
    const [ar, ai] = f(nodes[i]! + psi);
    const [br, bi] = f(nodes[i]!);
    re += weights[i]! * (ar * br + ai * bi);
    im += weights[i]! * (ai * br - ar * bi);
  }
  return [re, im];
}

/** G tabulated between its kinks, where it is entire: Chebyshev series on pieces of an eighth of a turn or less. */
interface Table {
  breaks: number[];
  /** Per piece: the coefficients of Re, Im of the three autocorrelations, value after value. */
  coefficients: Float64Array[];
}

const POINTS = 20;
const VALUES = 6;

function tabulate(g: AngularFunction, p: Parameters): Table {
  const kinks = g.kinks(p);
  const differences = kinks.flatMap((a) => kinks.map((b) => wrap(a - b)));
  const breaks = breaksWithin(0, TURN, [...differences, ...Array.from({ length: 8 }, (_, k) => (k * Math.PI) / 4)]);
  const t = traces(g, p);
  const coefficients = breaks.slice(1).map((high, piece) => {
    const low = breaks[piece]!;
    const out = new Float64Array(POINTS * VALUES);
    for (let k = 0; k < POINTS; k++) {
      const angle = (Math.PI * (k + 0.5)) / POINTS;
      const psi = (low + high) / 2 + ((high - low) / 2) * Math.cos(angle);
      const values = [...autocorrelation(t.g, kinks, psi), ...autocorrelation(t.z, kinks, psi), ...autocorrelation(t.zbar, kinks, psi)];
      for (let n = 0; n < POINTS; n++) for (let m = 0; m < VALUES; m++) out[n * VALUES + m]! += ((n ? 2 : 1) / POINTS) * Math.cos(n * angle) * values[m]!;
    }
    return out;
  });
  return { breaks, coefficients };
}

function interpolate({ breaks, coefficients }: Table, psi: number, out: Float64Array): void {
  const x = wrap(psi);
  let piece = 0;
  while (piece + 2 < breaks.length && x >= breaks[piece + 1]!) piece++;
  const low = breaks[piece]!;
  const high = breaks[piece + 1]!;
  const u = (2 * x - low - high) / (high - low);
  const c = coefficients[piece]!;
  let before = 1;
  let now = u;
  for (let m = 0; m < VALUES; m++) out[m] = c[m]! + u * c[VALUES + m]!;
  for (let n = 2, at = 2 * VALUES; n < POINTS; n++) {
    const next = 2 * u * now - before;
    before = now;
    now = next;
    for (let m = 0; m < VALUES; m++, at++) out[m]! += next * c[at]!;
  }
}

const RULE = checkedRule(16);
const highest = new Float64Array(3 * VALUES);

/** One integral over the angle, panels graded toward arg rho at the width sqrt(1 - |rho|^2) of the peak. Absolute errors come in `errors`; gap = 1 - |rho|. */
function integrate(table: Table, gap: number, argument: number, G: Float64Array, out: Float64Array, errors: Float64Array): void {
  const modulus = 1 - gap;
  const s = gap * (1 + modulus);
  const inner = [0];
  for (let d = Math.sqrt(s) / 2; d < Math.PI; d *= 4) inner.push(d, -d);
  for (const b of table.breaks) inner.push(wrap(b - argument + Math.PI) - Math.PI);
  const breaks = breaksWithin(-Math.PI, Math.PI, inner);
  out.fill(0);
  errors.fill(0);
  for (let panel = 0; panel + 1 < breaks.length; panel++) {
    const half = (breaks[panel + 1]! - breaks[panel]!) / 2;
    const middle = (breaks[panel + 1]! + breaks[panel]!) / 2;
    highest.fill(0);
    for (let i = 0; i < RULE.nodes.length; i++) {
      const psi = middle + half * RULE.nodes[i]!;
      const { j1, j2 } = radialKernels(modulus, s, psi);
      interpolate(table, argument + psi, G);
      const a = (half * s * j1) / (Math.PI * Math.PI);
      const b = (half * s * s * j2) / (Math.PI * Math.PI);
      for (let m = 0, at = 0; m < VALUES; m++, at += 3) {
        const value = (m < 2 ? b : a) * G[m]!;
        out[m]! += RULE.weights[i]! * value;
        highest[at]! += RULE.last[i]! * value;
        highest[at + 1]! += RULE.lastButOne[i]! * value;
        if (Math.abs(value) > highest[at + 2]!) highest[at + 2] = Math.abs(value);
      }
    }
    for (let m = 0, at = 0; m < VALUES; m++, at += 3) if (highest[at + 2]! > 0) errors[m]! += (highest[at]! ** 2 + highest[at + 1]! ** 2) / highest[at + 2]!;
  }
}

/** What depends on the activation alone, kept: a network meets it at each layer, and its twin again. */
interface Known {
  modes: AngularModes | null;
  /** Of activations with many modes: G, and S/(ab), A, B over arg rho and the fourth root of 1 - |rho|; no standard deviation enters. */
  table(): Table;
  patches: Patchwork;
}

const known = new WeakMap<Activation, Map<string, Known>>();

function prepared(activation: Activation, p: Parameters): Known {
  const own = known.get(activation) ?? new Map<string, Known>();
  known.set(activation, own);
  const key = JSON.stringify(p);
  const found = own.get(key);
  if (found) return found;
  let made: Table | null = null;
  const table = () => (made ??= tabulate(activation.angular!, p));
  const G = new Float64Array(VALUES);
  const errors = new Float64Array(VALUES);
  let scale: number[] | null = null;
  const patches = patchwork({
    low: [-Math.PI, 0], high: [Math.PI, 1], cells: [16, 8], points: 12, values: VALUES, tolerance: 1e-11,
    slow: ([argument, t], out) => {
      if (!scale) {
        interpolate(table(), 0, G);
        const [s, both] = [G[0]! / TURN, (G[2]! + G[4]!) / TURN];
        scale = [s, s, both, both, both, both];
      }
      if (t === 0) return atUnit(table(), argument!, out);
      integrate(table(), t! ** 4, argument!, G, out, errors);
      let error = ROUNDING;
      for (let m = 0; m < VALUES; m++) if (scale[m]! > 0) error = Math.max(error, errors[m]! / scale[m]!);
      return error;
    },
  });
  const it = { table, modes: angularModes(activation.angular!, p), patches };
  own.set(key, it);
  return it;
}

/** At |rho| = 1 the peak is a delta: S = a b G(arg rho)/2 pi, and A, B likewise. */
function atUnit(table: Table, argument: number, out: Float64Array): number {
  interpolate(table, argument, out);
  for (let m = 0; m < 6; m++) out[m]! /= TURN;
  return ROUNDING;
}

/**
 * The dual maps of |z| g(arg z): S = a b f(rho), A and B functions of rho alone.
 * @see prepareDual
 */
export function prepareHomogeneous(activation: Activation, p: Parameters, std: Float64Array, { derivatives }: DualOptions): PreparedDual {
  const { table, modes, patches } = prepared(activation, p);
  const v = new Float64Array(6);
  const spot = new Float64Array(2);
  return ({ count, left, right, re, im, aRe, aIm, bRe, bIm }) => {
    const out: DualOutcome = { error: 0, method: modes ? 'series' : 'quadrature' };
    for (let at = 0; at < count; at++) {
      const x = re[at]!;
      const y = im[at]!;
      const modulus = unitModulus(x, y);
      let error = NaN;
      if (modes) error = modes.evaluate(modulus, modulus > 0 ? x / modulus : 1, modulus > 0 ? y / modulus : 0, v);
      if (!(error >= 0)) {
        out.method = 'quadrature';
        spot[0] = Math.atan2(y, x);
        spot[1] = (1 - modulus) ** 0.25;
        error = modulus === 1 ? atUnit(table(), spot[0], v) : patches.at(spot, v);
      }
      if (error > out.error) out.error = error;
      const ab = std[left[at]!]! * std[right[at]!]!;
      re[at] = ab * v[0]!;
      im[at] = ab * v[1]!;
      if (!derivatives) continue;
      aRe[at] = v[2]!;
      aIm[at] = v[3]!;
      bRe[at] = v[4]!;
      bIm[at] = v[5]!;
    }
    return out;
  };
}
