// The dual of |z| g(arg z) as a Fourier series in arg rho: each mode is a function of |rho| alone, tabulated once. Knows no activation by name.
import type { AngularFunction, Parameters } from '../../catalog/activations/activation.ts';
import { breaksWithin, GAUSS_24, panelRule } from '../quadrature.ts';
import { radialKernels, traces, type Trace } from './angular.ts';

const TOLERANCE = 1e-14;
/** Activations of more modes than this are not for here. */
const MODES = 16;
const POINTS = 20;
/** As near to |rho| = 1 as the pieces reach. */
const LAST = 47;

/** Powers of the Fourier modes of g, phi_z and phi_zbar: even[m] = |g_m|^2 + |g_-m|^2, odd[m] = |g_m|^2 - |g_-m|^2. */
interface Powers {
  even: Float64Array;
  odd: Float64Array;
  /** Share of the power in modes beyond the last. */
  tail: number;
}

/** g_m = (1/2 pi) int g e^{-i m theta} d theta for |m| < count, by panels between the kinks. */
function powersOf(f: Trace, kinks: number[]): Powers {
  const count = MODES;
  const uniform = Array.from({ length: 32 }, (_, k) => (2 * Math.PI * k) / 32);
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

/** Mode functions on one interval of |rho| at Chebyshev points: value[k * MODES + m]. */
interface Piece {
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
function tabulate(k: number): Piece {
  const low = 1 - 2 ** -k;
  const high = 1 - 2 ** -(k + 1);
  const points = chebyshev.map((x) => (low + high) / 2 + ((high - low) / 2) * x);
  const s = new Float64Array(POINTS * MODES);
  const a = new Float64Array(POINTS * MODES);
  for (let p = 0; p < POINTS; p++) {
    const r = points[p]!;
    const gap = (1 - r) * (1 + r);
    const { nodes, weights } = gradedAngles(gap);
    for (let i = 0; i < nodes.length; i++) {
      const { j1, j2 } = radialKernels(r, gap, nodes[i]!);
      const u = (2 * weights[i]! * gap * gap * j2) / Math.PI;
      const v = (2 * weights[i]! * gap * j1) / Math.PI;
      const c1 = 2 * Math.cos(nodes[i]!);
      let before = c1 / 2;
      let now = 1;
      for (let m = 0; m < MODES; m++) {
        s[p * MODES + m]! += u * now;
        a[p * MODES + m]! += v * now;
        [before, now] = [now, c1 * now - before];
      }
    }
  }
  return { points, s, a };
}

function gradedAngles(gap: number) {
  const inner: number[] = [0];
  for (let d = Math.sqrt(gap) / 2; d < Math.PI; d *= 2) inner.push(d, -d);
  return panelRule(breaksWithin(-Math.PI, Math.PI, [...inner, -Math.PI / 2, Math.PI / 2]), GAUSS_24);
}

/** At |rho| = 1 every f_m and h_m is 1. */
const UNIT: Piece = { points: chebyshev, s: new Float64Array(POINTS * MODES).fill(1), a: new Float64Array(POINTS * MODES).fill(1) };

/** Shared by all activations. */
const pieces: (Piece | undefined)[] = [];

export interface AngularModes {
  /** S/(ab), A, B as Re, Im each, into out[0..5]; returns the error bound relative to their values at rho = 1, or NaN where |rho| < 1 is too near 1. */
  evaluate(modulus: number, c1: number, s1: number, out: Float64Array): number;
}

/** The series of g where it has few modes, else null. */
export function angularModes(g: AngularFunction, p: Parameters): AngularModes | null {
  const kinks = g.kinks(p);
  const t = traces(g, p);
  const [own, z, zbar] = [t.g, t.z, t.zbar].map((f) => powersOf(f, kinks)) as [Powers, Powers, Powers];
  if ([own, z, zbar].some((q) => q.tail > TOLERANCE)) return null;
  let last = 0;
  const active = Array.from({ length: MODES }, (_, m) => [own, z, zbar].some((q) => q.even[m]! > 1e-30));
  active.forEach((on, m) => { if (on) last = m; });
  const weights = new Float64Array(POINTS);

  return {
    evaluate(modulus, c1, s1, out) {
      const k = modulus < 1 ? Math.max(0, Math.floor(-Math.log2(1 - modulus))) : 0;
      if (k > LAST && modulus < 1) return NaN;
      const piece = modulus < 1 ? (pieces[k] ??= tabulate(k)) : UNIT;
      weightsAt(piece.points, modulus, weights);
      out.fill(0);
      let c = 1;
      let s = 0;
      for (let m = 0; m <= last; m++) {
        if (active[m]) {
          let f = 0;
          let h = 0;
          for (let q = 0, at = m; q < POINTS; q++, at += MODES) {
            f += weights[q]! * piece.s[at]!;
            h += weights[q]! * piece.a[at]!;
          }
          out[0]! += f * own.even[m]! * c;
          out[1]! += f * own.odd[m]! * s;
          out[2]! += h * z.even[m]! * c;
          out[3]! += h * z.odd[m]! * s;
          out[4]! += h * zbar.even[m]! * c;
          out[5]! += h * zbar.odd[m]! * s;
        }
        const turned = c * c1 - s * s1;
        s = s * c1 + c * s1;
        c = turned;
      }
      return 2 * TOLERANCE;
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
