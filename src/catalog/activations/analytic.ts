// Analytic functions of a complex number, on their principal branches, with derivatives. Knows no activation.
// Each writes out[0..3] = Re, Im of the value and of the derivative; none allocates. Cuts as Kahan (1987) has them.
import { erf as realErf } from '../scalars/error-function.ts';

export type Analytic = (x: number, y: number, out: Float64Array) => void;

/** |x + iy|: several times faster than Math.hypot, which it falls back on where squares leave the range. */
export function modulusOf(x: number, y: number): number {
  const square = x * x + y * y;
  return square > 1e-290 && square < 1e290 ? Math.sqrt(square) : Math.hypot(x, y);
}

const a = new Float64Array(4);
const b = new Float64Array(4);

function write(out: Float64Array, re: number, im: number, slopeRe: number, slopeIm: number): void {
  out[0] = re;
  out[1] = im;
  out[2] = slopeRe;
  out[3] = slopeIm;
}

/** out[2..3] = scale / (x + iy). */
function inverse(x: number, y: number, scale: number, out: Float64Array): void {
  const size = modulusOf(x, y);
  const [u, v] = [x / size, y / size];
  out[2] = (scale * u) / size;
  out[3] = (-scale * v) / size;
}

export const exp: Analytic = (x, y, out) => {
  const e = Math.exp(x);
  const [re, im] = [e * Math.cos(y), y === 0 ? 0 : e * Math.sin(y)];
  write(out, re, im, re, im);
};

/** ln(1 + e^x) of the modulus without loss near 1. */
function logModulus(x: number, y: number): number {
  const size = modulusOf(x, y);
  return size > 0.7 && size < 1.4 ? Math.log1p((x - 1) * (x + 1) + y * y) / 2 : Math.log(size);
}

export const log: Analytic = (x, y, out) => {
  inverse(x, y, 1, out);
  out[0] = logModulus(x, y);
  out[1] = Math.atan2(y, x);
};

/** Principal root, cut along the negative real axis. */
export const sqrt: Analytic = (x, y, out) => {
  const root = Math.sqrt((Math.abs(x) + modulusOf(x, y)) / 2);
  const other = root === 0 ? 0 : Math.abs(y) / (2 * root);
  const re = x >= 0 ? root : other;
  const im = (x >= 0 ? other : root) * (y < 0 || Object.is(y, -0) ? -1 : 1);
  inverse(re, im, 0.5, out);
  out[0] = re;
  out[1] = im;
};

export const sin: Analytic = (x, y, out) => {
  const [s, c, sh, ch] = [Math.sin(x), Math.cos(x), Math.sinh(y), Math.cosh(y)];
  write(out, s * ch, c * sh, c * ch, -s * sh);
};
export const cos: Analytic = (x, y, out) => {
  const [s, c, sh, ch] = [Math.sin(x), Math.cos(x), Math.sinh(y), Math.cosh(y)];
  write(out, c * ch, -s * sh, -s * ch, -c * sh);
};
export const sinh: Analytic = (x, y, out) => {
  const [s, c, sh, ch] = [Math.sin(y), Math.cos(y), Math.sinh(x), Math.cosh(x)];
  write(out, sh * c, ch * s, ch * c, sh * s);
};
export const cosh: Analytic = (x, y, out) => {
  const [s, c, sh, ch] = [Math.sin(y), Math.cos(y), Math.sinh(x), Math.cosh(x)];
  write(out, ch * c, sh * s, sh * c, ch * s);
};

/** tanh z = (sinh x cosh x + i sin y cos y)/(sinh^2 x + cos^2 y); its derivative is 1/cosh^2 z. */
export const tanh: Analytic = (x, y, out) => {
  const [s, c] = [Math.sin(y), Math.cos(y)];
  if (Math.abs(x) > 20) {
    const e = 4 * Math.exp(-2 * Math.abs(x));
    const sign = Math.sign(x);
    write(out, sign, s * c * e, e * (c * c - s * s), -2 * sign * s * c * e);
    return;
  }
  const [sh, ch] = [Math.sinh(x), Math.cosh(x)];
  const d = sh * sh + c * c;
  const [u, v] = [ch * c, sh * s]; // cosh z, of squared modulus d
  write(out, (sh * ch) / d, (s * c) / d, (u * u - v * v) / (d * d), (-2 * u * v) / (d * d));
};

/** tan z = -i tanh(i z). */
export const tan: Analytic = (x, y, out) => {
  tanh(-y, x, out);
  const re = out[0]!;
  out[0] = out[1]!;
  out[1] = -re;
};

/** 1/(1 + e^-z), from whichever exponential is small. */
export const sigmoid: Analytic = (x, y, out) => {
  const e = Math.exp(-Math.abs(x));
  const s = x >= 0 ? -1 : 1;
  const [wr, wi] = [e * Math.cos(y), y === 0 ? 0 : s * e * Math.sin(y)]; // e^{-+z}
  const [dr, di] = [1 + wr, wi];
  const d = dr * dr + di * di;
  // 1/(1 + w) and w/(1 + w), one of which is the value, and both together the derivative.
  const [pr, pi] = [dr / d, -di / d];
  const [qr, qi] = [wr * pr - wi * pi, wr * pi + wi * pr];
  write(out, x >= 0 ? pr : qr, x >= 0 ? pi : qi, pr * qr - pi * qi, pr * qi + pi * qr);
};

/** ln(1 + e^z), principal. */
export const softplus: Analytic = (x, y, out) => {
  sigmoid(x, y, a);
  const e = Math.exp(-Math.abs(x));
  const [wr, wi] = [e * Math.cos(y), e * Math.sin(y) * (x > 0 ? -1 : 1)];
  const re = Math.max(x, 0) + Math.log1p(2 * wr + wr * wr + wi * wi) / 2;
  const angle = (x > 0 ? y : 0) + Math.atan2(wi, 1 + wr);
  write(out, re, angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI)), a[0]!, a[1]!);
};

/** z f(z), from f. */
const timesZ = (f: Analytic): Analytic => (x, y, out) => {
  f(x, y, out);
  const [fr, fi, dr, di] = [out[0]!, out[1]!, out[2]!, out[3]!];
  write(out, x * fr - y * fi, x * fi + y * fr, fr + x * dr - y * di, fi + x * di + y * dr);
};

export const silu: Analytic = timesZ(sigmoid);

/**
 * erf z (Abramowitz and Stegun 7.1.29): erf x, plus terms of a sum over n whose exponents -n^2/4 + n|y| - x^2 are taken together.
 * Relative error about 1e-15.
 */
export const erf: Analytic = (x, y, out) => {
  const r = Math.abs(x);
  const t = Math.abs(y);
  const [c, s] = [Math.cos(2 * r * t), Math.sin(2 * r * t)];
  const gauss = Math.exp(-r * r);
  // (1 - cos 2xy)/(2 pi x) and sin(2xy)/(2 pi x), with their limits at x = 0.
  let re = realErf(r) + (r > 0 ? (gauss * Math.sin(r * t) ** 2) / (Math.PI * r) : 0);
  let im = (gauss * (r * t > 1e-8 ? s / (2 * r) : t)) / Math.PI;
  const last = Math.ceil(2 * t + 13);
  for (let n = 1; n <= last; n++) {
    const scale = 2 / (Math.PI * (n * n + 4 * r * r));
    const base = -0.25 * n * n - r * r;
    const [up, down, flat] = [Math.exp(base + n * t) / 2, Math.exp(base - n * t) / 2, Math.exp(base)];
    const [ch, sh] = [up + down, up - down];
    re += scale * (2 * r * (flat - ch * c) + n * sh * s);
    im += scale * (2 * r * ch * s + n * sh * c);
  }
  exp(y * y - x * x, -2 * x * y, a);
  const k = 2 / Math.sqrt(Math.PI);
  write(out, x < 0 ? -re : re, y < 0 ? -im : im, k * a[0]!, k * a[1]!);
};

/** z (1 + erf(z/sqrt 2))/2. */
export const gelu: Analytic = timesZ((x, y, out) => {
  erf(x * Math.SQRT1_2, y * Math.SQRT1_2, out);
  write(out, (1 + out[0]!) / 2, out[1]! / 2, out[2]! * (Math.SQRT1_2 / 2), out[3]! * (Math.SQRT1_2 / 2));
});

/** z s(2 w), w = sqrt(2/pi) (z + 0.044715 z^3). */
export const geluTanh: Analytic = timesZ((x, y, out) => {
  const k = 2 * Math.sqrt(2 / Math.PI);
  const [zr, zi] = [x * x - y * y, 2 * x * y];
  const [ur, ui] = [1 + 0.044715 * zr, 0.044715 * zi];
  sigmoid(k * (x * ur - y * ui), k * (x * ui + y * ur), out);
  const [vr, vi] = [k * (1 + 3 * 0.044715 * zr), k * 3 * 0.044715 * zi];
  const [dr, di] = [out[2]!, out[3]!];
  out[2] = dr * vr - di * vi;
  out[3] = dr * vi + di * vr;
});

export const tanhshrink: Analytic = (x, y, out) => {
  tanh(x, y, out);
  const [re, im] = [out[0]!, out[1]!];
  // (tanh z)' = 1 - tanh^2 z, so (z - tanh z)' = tanh^2 z.
  write(out, x - re, y - im, re * re - im * im, 2 * re * im);
};

/** asin z; acos z = pi/2 - asin z, computed on its own. */
export const asin: Analytic = (x, y, out) => {
  sqrt(1 - x, -y, a);
  sqrt(1 + x, y, b);
  const [re, im] = [a[0]! * b[0]! - a[1]! * b[1]!, a[0]! * b[1]! + a[1]! * b[0]!];
  inverse(re, im, 1, out);
  out[0] = Math.atan2(x, re);
  out[1] = Math.asinh(a[0]! * b[1]! - a[1]! * b[0]!);
};
export const acos: Analytic = (x, y, out) => {
  sqrt(1 - x, -y, a);
  sqrt(1 + x, y, b);
  inverse(a[0]! * b[0]! - a[1]! * b[1]!, a[0]! * b[1]! + a[1]! * b[0]!, -1, out);
  out[0] = 2 * Math.atan2(a[0]!, b[0]!);
  out[1] = Math.asinh(b[0]! * a[1]! - b[1]! * a[0]!);
};
export const acosh: Analytic = (x, y, out) => {
  sqrt(x - 1, y, a);
  sqrt(x + 1, y, b);
  inverse(a[0]! * b[0]! - a[1]! * b[1]!, a[0]! * b[1]! + a[1]! * b[0]!, 1, out);
  out[0] = Math.asinh(a[0]! * b[0]! + a[1]! * b[1]!);
  out[1] = 2 * Math.atan2(a[1]!, b[0]!);
};
export const atanh: Analytic = (x, y, out) => {
  inverse((1 - x) * (1 + x) + y * y, -2 * x * y, 1, out); // 1 - z^2
  out[0] = Math.log1p((4 * x) / ((1 - x) * (1 - x) + y * y)) / 4;
  out[1] = Math.atan2(2 * y, (1 - x) * (1 + x) - y * y) / 2;
};

/** f(z) = -i g(i z), from g: asinh from asin, atan from atanh. The derivative is g'(i z). */
const turned = (g: Analytic): Analytic => (x, y, out) => {
  g(-y, x, out);
  const re = out[0]!;
  out[0] = out[1]!;
  out[1] = -re;
};
export const asinh: Analytic = turned(asin);
export const atan: Analytic = turned(atanh);
