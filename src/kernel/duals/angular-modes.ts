// The dual of |z| g(arg z) as a Fourier series in arg rho: each mode is a function of |rho| alone, tabulated once. Knows no activation by name.
import type { AngularFunction, Parameters } from '../../catalog/activations/activation.ts';
import { breaksWithin, GAUSS_24, panelRule } from '../quadrature.ts';
import { radialKernels, traces, type Trace } from './angular.ts';

/** Beyond this |rho| an activation with infinitely many modes needs too many of them. */
const FAR = 1 - 2 ** -5;
const TOLERANCE = 1e-14;
const FEW = 16;
const MANY = Math.ceil(Math.log(TOLERANCE) / Math.log(FAR));
const POINTS = 20;

/** Powers of the Fourier modes of g, phi_z and phi_zbar: even[m] = |g_m|^2 + |g_-m|^2, odd[m] = |g_m|^2 - |g_-m|^2. */
interface Powers {
  even: Float64Array;
  odd: Float64Array;
  /** Share of the power in modes beyond the last. */
  tail: number;
}

/** g_m = (1/2 pi) int g e^{-i m theta} d theta for |m| < count, by panels between the kinks. */
function powersOf(f: Trace, kinks: number[], count: number): Powers {
  const panels = count > FEW ? 256 : 32;
  const uniform = Array.from({ length: panels }, (_, k) => (2 * Math.PI * k) / panels);
  const wrapped = kinks.map((t) => t - 2 * Math.PI * Math.floor(t / (2 * Math.PI)));
  const { nodes, weights } = panelRule(breaksWithin(0, 2 * Math.PI, [...uniform, ...wrapped]), GAUSS_24);
  const plus = new Float64Array(2 * count);
  const minus = new Float64Array(2 * count);
  let all = 0;
  for (let i = 0; i < nodes.length; i++) {
    const [x, y] = f(nodes[i]!);
    const w = weights[i]! / (2 * Math.PI);
    all += w * (x * x + y * y);
    const [c1, s1] = [Math.cos(nodes[i]!), Math.sin(nodes[i]!)];
    let [c, s] = [1, 0];
    for (let m = 0; m < count; m++) {
      plus[2 * m]! += w * (c * x + s * y);
      plus[2 * m + 1]! += w * (c * y - s * x);
      minus[2 * m]! += w * (c * x - s * y);
      minus[2 * m + 1]! += w * (c * y + s * x);
      [c, s] = [c * c1 - s * s1, s * c1 + c * s1];
    }
  }
  const even = new Float64Array(count);
  const odd = new Float64Array(count);
  let sum = 0;
  for (let m = 0; m < count; m++) {
    const p = plus[2 * m]! ** 2 + plus[2 * m + 1]! ** 2;
    const q = m === 0 ? 0 : minus[2 * m]! ** 2 + minus[2 * m + 1]! ** 2;
    even[m] = p + q;
    odd[m] = p - q;
    sum += p + q;
  }
  return { even, odd, tail: all > 0 ? Math.max(0, all - sum) / all : 0 };
}

/** Mode functions on one interval of |rho| at Chebyshev points: value[k * modes + m]. */
interface Piece {
  modes: number;
  points: Float64Array;
  s: Float64Array;
  a: Float64Array;
}

const chebyshev = Float64Array.from({ length: POINTS }, (_, k) => -Math.cos((Math.PI * k) / (POINTS - 1)));
const barycentric = Float64Array.from({ length: POINTS }, (_, k) => (k % 2 ? -1 : 1) * (k === 0 || k === POINTS - 1 ? 0.5 : 1));

/**
 * f_m(r) = E[|u||v| e^{i m (arg u - arg v - arg rho)}] and h_m(r) = E[e^{i m (...)}] for standard u, v of |correlation| r.
 * The nearest singularity, r = 1, is three half-lengths from the middle of every interval [1 - 2^-k, 1 - 2^-k-1]:
 * 20 points give 5.8^-20, about 1e-15.
 */
function tabulate(k: number, modes: number): Piece {
  const low = 1 - 2 ** -k;
  const high = 1 - 2 ** -(k + 1);
  const points = chebyshev.map((x) => (low + high) / 2 + ((high - low) / 2) * x);
  const s = new Float64Array(POINTS * modes);
  const a = new Float64Array(POINTS * modes);
  for (let p = 0; p < POINTS; p++) {
    const r = points[p]!;
    const gap = (1 - r) * (1 + r);
    const { nodes, weights } = modes > FEW ? evenAngles(r, modes) : gradedAngles(gap);
    for (let i = 0; i < nodes.length; i++) {
      const { j1, j2 } = radialKernels(r, gap, nodes[i]!);
      const u = (2 * weights[i]! * gap * gap * j2) / Math.PI;
      const v = (2 * weights[i]! * gap * j1) / Math.PI;
      const c1 = 2 * Math.cos(nodes[i]!);
      let before = c1 / 2;
      let now = 1;
      for (let m = 0; m < modes; m++) {
        s[p * modes + m]! += u * now;
        a[p * modes + m]! += v * now;
        [before, now] = [now, c1 * now - before];
      }
    }
  }
  return { modes, points, s, a };
}

/** The trapezoidal rule on a period: its error for mode m is mode N - m, of the order r^{N - m}. */
function evenAngles(r: number, modes: number) {
  const count = 2 * (modes + Math.ceil(Math.log(1e-16) / Math.log(Math.max(r, 0.1))));
  return { nodes: Float64Array.from({ length: count }, (_, i) => (2 * Math.PI * i) / count), weights: new Float64Array(count).fill((2 * Math.PI) / count) };
}

function gradedAngles(gap: number) {
  const inner: number[] = [0];
  for (let d = Math.sqrt(gap) / 2; d < Math.PI; d *= 2) inner.push(d, -d);
  return panelRule(breaksWithin(-Math.PI, Math.PI, [...inner, -Math.PI / 2, Math.PI / 2]), GAUSS_24);
}

const pieces = new Map<string, Piece>();

export interface AngularModes {
  /** Whether the series serves this |rho| < 1. */
  reaches(modulus: number): boolean;
  /** S/(ab), A, B as Re, Im each, into out[0..5]; returns the error bound relative to their values at rho = 1. */
  evaluate(modulus: number, argument: number, out: Float64Array): number;
}

/** The series of g. Modes of |rho| are shared by all activations. */
export function angularModes(g: AngularFunction, p: Parameters): AngularModes {
  const kinks = g.kinks(p);
  const t = traces(g, p);
  const all = (count: number) => [t.g, t.z, t.zbar].map((f) => powersOf(f, kinks, count));
  let powers = all(FEW);
  const finite = powers.every((q) => q.tail <= TOLERANCE);
  if (!finite) powers = all(MANY);
  const weights = new Float64Array(POINTS);

  return {
    reaches: (modulus) => finite ? modulus < 1 - 2 ** -48 : modulus <= FAR,
    evaluate(modulus, argument, out) {
      const k = modulus === 0 ? 0 : Math.max(0, Math.floor(-Math.log2(1 - modulus)));
      const top = 1 - 2 ** -(k + 1);
      const modes = finite ? FEW : Math.min(MANY, Math.max(FEW + 1, Math.ceil(Math.log(TOLERANCE) / Math.log(top))));
      const key = `${k} ${modes}`;
      const piece = pieces.get(key) ?? tabulate(k, modes);
      pieces.set(key, piece);
      weightsAt(piece.points, modulus, weights);
      out.fill(0);
      const [c1, s1] = [Math.cos(argument), Math.sin(argument)];
      let [c, s] = [1, 0];
      for (let m = 0; m < modes; m++) {
        let f = 0;
        let h = 0;
        for (let q = 0, at = m; q < POINTS; q++, at += modes) {
          f += weights[q]! * piece.s[at]!;
          h += weights[q]! * piece.a[at]!;
        }
        out[0]! += f * powers[0]!.even[m]! * c;
        out[1]! += f * powers[0]!.odd[m]! * s;
        out[2]! += h * powers[1]!.even[m]! * c;
        out[3]! += h * powers[1]!.odd[m]! * s;
        out[4]! += h * powers[2]!.even[m]! * c;
        out[5]! += h * powers[2]!.odd[m]! * s;
        [c, s] = [c * c1 - s * s1, s * c1 + c * s1];
      }
      // |f_m|, |h_m| <= r^m: what is left out is at most the tail's power times r^modes.
      return TOLERANCE + (finite ? TOLERANCE : modulus ** modes);
    },
  };
}

/** Barycentric weights of interpolation at x, of sum one. */
function weightsAt(points: Float64Array, x: number, out: Float64Array): void {
  let sum = 0;
  for (let k = 0; k < POINTS; k++) {
    const d = x - points[k]!;
    if (Math.abs(d) < 1e-300) { // a reciprocal that would overflow
      out.fill(0);
      out[k] = 1;
      return;
    }
    out[k] = barycentric[k]! / d;
    sum += out[k]!;
  }
  for (let k = 0; k < POINTS; k++) out[k]! /= sum;
}
