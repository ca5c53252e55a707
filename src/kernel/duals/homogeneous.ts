// The dual of |z| g(arg z): the radii integrate in closed form; the angle's integral is a Fourier series, or near |rho| = 1 done by panels.
import type { Activation, AngularFunction, Parameters } from '../../catalog/activations/activation.ts';
import { breaksWithin, GAUSS_16, GAUSS_24, panelRule, type Rule } from '../quadrature.ts';
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

/** G tabulated between its kinks, where it is entire: barycentric interpolation at Chebyshev points. */
interface Table {
  breaks: number[];
  points: Float64Array;
  /** Per piece and point: Re, Im of the three autocorrelations. */
  values: Float64Array[];
}

const POINTS = 28;
const chebyshev = Float64Array.from({ length: POINTS }, (_, k) => -Math.cos((Math.PI * k) / (POINTS - 1)));
const barycentric = Float64Array.from({ length: POINTS }, (_, k) => (k % 2 ? -1 : 1) * (k === 0 || k === POINTS - 1 ? 0.5 : 1));

function tabulate(g: AngularFunction, p: Parameters): Table {
  const kinks = g.kinks(p);
  const differences = kinks.flatMap((a) => kinks.map((b) => wrap(a - b)));
  const breaks = breaksWithin(0, TURN, [...differences, Math.PI / 2, Math.PI, (3 * Math.PI) / 2]);
  const t = traces(g, p);
  const values: Float64Array[] = [];
  for (let piece = 0; piece + 1 < breaks.length; piece++) {
    const low = breaks[piece]!;
    const high = breaks[piece + 1]!;
    const rows = new Float64Array(POINTS * 6);
    for (let k = 0; k < POINTS; k++) {
      const psi = (low + high) / 2 + ((high - low) / 2) * chebyshev[k]!;
      rows.set([...autocorrelation(t.g, kinks, psi), ...autocorrelation(t.z, kinks, psi), ...autocorrelation(t.zbar, kinks, psi)], k * 6);
    }
    values.push(rows);
  }
  return { breaks, points: chebyshev, values };
}

function interpolate(table: Table, psi: number, out: Float64Array): void {
  const x = wrap(psi);
  let piece = 0;
  while (piece + 2 < table.breaks.length && x >= table.breaks[piece + 1]!) piece++;
  const low = table.breaks[piece]!;
  const high = table.breaks[piece + 1]!;
  const u = (2 * x - low - high) / (high - low);
  const rows = table.values[piece]!;
  out.fill(0);
  let weight = 0;
  for (let k = 0; k < POINTS; k++) {
    const d = u - table.points[k]!;
    if (d === 0) {
      for (let m = 0; m < 6; m++) out[m] = rows[k * 6 + m]!;
      return;
    }
    const w = barycentric[k]! / d;
    weight += w;
    for (let m = 0; m < 6; m++) out[m]! += w * rows[k * 6 + m]!;
  }
  for (let m = 0; m < 6; m++) out[m]! /= weight;
}

/** One integral over the angle, panels graded toward arg rho at the width sqrt(1 - |rho|^2) of the peak. */
function integrate(table: Table, modulus: number, argument: number, rule: Rule, G: Float64Array, out: Float64Array): void {
  const s = (1 - modulus) * (1 + modulus);
  const width = Math.sqrt(s);
  const inner = [0];
  for (let d = width / 2; d < Math.PI; d *= 2) inner.push(d, -d);
  for (const b of table.breaks) inner.push(wrap(b - argument + Math.PI) - Math.PI);
  const { nodes, weights } = panelRule(breaksWithin(-Math.PI, Math.PI, inner), rule);
  out.fill(0);
  for (let i = 0; i < nodes.length; i++) {
    const { j1, j2 } = radialKernels(modulus, s, nodes[i]!);
    interpolate(table, argument + nodes[i]!, G);
    const u = (weights[i]! * s * s * j2) / (Math.PI * Math.PI);
    const v = (weights[i]! * s * j1) / (Math.PI * Math.PI);
    out[0]! += u * G[0]!;
    out[1]! += u * G[1]!;
    for (let m = 2; m < 6; m++) out[m]! += v * G[m]!;
  }
}

/** What depends on the activation alone, kept: a network meets it at each layer, and its twin again. */
interface Known {
  table: Table;
  modes: AngularModes | null;
  /** S/(ab), A, B over arg rho and the fourth root of 1 - |rho|: no standard deviation enters. */
  patches: Patchwork;
}

const known = new WeakMap<Activation, Map<string, Known>>();

function prepared(activation: Activation, p: Parameters): Known {
  const own = known.get(activation) ?? new Map<string, Known>();
  known.set(activation, own);
  const key = JSON.stringify(p);
  const found = own.get(key);
  if (found) return found;
  const table = tabulate(activation.angular!, p);
  const G = new Float64Array(6);
  const coarse = new Float64Array(6);
  interpolate(table, 0, G);
  const top = [G[0]!, G[2]!, G[4]!].map((x) => x / TURN);
  const scale = [top[0]!, top[1]! + top[2]!, top[1]! + top[2]!];
  const patches = patchwork({
    low: [-Math.PI, 0], high: [Math.PI, 1], cells: [16, 10], points: 10, values: 6, tolerance: 1e-12,
    slow: ([argument, t], out) => {
      const modulus = 1 - t! ** 4;
      if (modulus === 1) return atUnit(table, argument!, out);
      integrate(table, modulus, argument!, GAUSS_24, G, out);
      integrate(table, modulus, argument!, GAUSS_16, G, coarse);
      let error = ROUNDING;
      for (let m = 0; m < 6; m++) if (scale[m >> 1]! > 0) error = Math.max(error, Math.abs(out[m]! - coarse[m]!) / scale[m >> 1]!);
      return error;
    },
  });
  const made = { table, modes: angularModes(activation.angular!, p), patches };
  own.set(key, made);
  return made;
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
      if (modulus === 1) error = atUnit(table, Math.atan2(y, x), v);
      else if (modes) error = modes.evaluate(modulus, modulus > 0 ? x / modulus : 1, modulus > 0 ? y / modulus : 0, v);
      if (!(error >= 0)) {
        spot[0] = Math.atan2(y, x);
        spot[1] = (1 - modulus) ** 0.25;
        error = patches.at(spot, v);
        out.method = 'quadrature';
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
