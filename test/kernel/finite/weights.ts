// One drawn weight tensor with its bias, and the three things done with it: apply, pull a signal back, add its share of a
// kernel. Complex numbers are pairs of arrays. Knows no layer and no graph.
import type { FillNormal } from './random.ts';

/** Rows of complex numbers. `im` null: all imaginary parts are zero. */
export interface Rows {
  re: Float64Array;
  im: Float64Array | null;
}

/** Both signals df/dh and df/dhbar; where h is real only their sum counts and `e` is left zero. */
export interface Signals {
  dRe: Float64Array;
  dIm: Float64Array;
  eRe: Float64Array;
  eIm: Float64Array;
}

export const newSignals = (n: number): Signals => ({ dRe: new Float64Array(n), dIm: new Float64Array(n), eRe: new Float64Array(n), eIm: new Float64Array(n) });

/** out[r, o] += sign * sum_f x[r, f] y[o, f], in blocks of two rows and four columns; a block's missing rows repeat its last. */
export function addProduct(out: Float64Array, x: Float64Array, y: Float64Array, rows: number, fan: number, outs: number, sign = 1): void {
  for (let r = 0; r < rows; r += 2) {
    const two = r + 1 < rows;
    const x0 = r * fan;
    const x1 = two ? x0 + fan : x0;
    for (let o = 0; o < outs; o += 4) {
      const left = outs - o;
      const y0 = o * fan;
      const y1 = left > 1 ? y0 + fan : y0;
      const y2 = left > 2 ? y1 + fan : y0;
      const y3 = left > 3 ? y2 + fan : y0;
      let a0 = 0, a1 = 0, a2 = 0, a3 = 0;
      let b0 = 0, b1 = 0, b2 = 0, b3 = 0;
      for (let f = 0; f < fan; f++) {
        const p = x[x0 + f]!;
        const q = x[x1 + f]!;
        const s0 = y[y0 + f]!;
        const s1 = y[y1 + f]!;
        const s2 = y[y2 + f]!;
        const s3 = y[y3 + f]!;
        a0 += p * s0;
        a1 += p * s1;
        a2 += p * s2;
        a3 += p * s3;
        b0 += q * s0;
        b1 += q * s1;
        b2 += q * s2;
        b3 += q * s3;
      }
      for (let k = 0, at = r * outs + o; k < 4 && k < left; k++, at++) {
        out[at]! += sign * (k === 0 ? a0 : k === 1 ? a1 : k === 2 ? a2 : a3);
        if (two) out[at + outs]! += sign * (k === 0 ? b0 : k === 1 ? b1 : k === 2 ? b2 : b3);
      }
    }
  }
}

/** h = W a + b with W = scale (P + iQ)/sqrt2 (complex) or scale P (real), scale^2 = s / fan-in; bias likewise. */
export interface Weights {
  complex: boolean;
  /** Inputs of one output unit (channels of its group times kernel size), and output units. */
  fan: number;
  out: number;
  /** s_w^2 / fan-in and s_b^2. */
  square: number;
  biasVariance: number;
  /** scale (P + iQ)/sqrt2, [out, fan], and transposed for the way back. */
  wr: Float64Array;
  wi: Float64Array;
  tr: Float64Array;
  ti: Float64Array;
  br: Float64Array;
  bi: Float64Array;
}

export function newWeights(fan: number, out: number, complex: boolean, weightVariance: number, biasVariance: number): Weights {
  const zeros = (n: number): Float64Array => new Float64Array(n);
  const q = complex ? fan * out : 0;
  return {
    complex, fan, out, square: weightVariance / fan, biasVariance,
    wr: zeros(fan * out), wi: zeros(q), tr: zeros(fan * out), ti: zeros(q), br: zeros(out), bi: zeros(complex ? out : 0),
  };
}

/** Standard deviation of one real number of the tensor, and of the bias. */
export const deviations = (w: Weights): [number, number] => {
  const half = w.complex ? 0.5 : 1;
  return [Math.sqrt(w.square * half), Math.sqrt(w.biasVariance * half)];
};

export function draw(w: Weights, fill: FillNormal): void {
  const [scale, bias] = deviations(w);
  for (const x of [w.wr, w.wi]) fill(x, scale);
  for (const x of [w.br, w.bi]) fill(x, bias);
}

function transpose(from: Float64Array, to: Float64Array, rows: number, columns: number): void {
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) to[j * rows + i] = from[i * columns + j]!;
}

/** h[r] += W x[r], and the bias where `bias` is asked. */
export function apply(w: Weights, x: Rows, rows: number, hr: Float64Array, hi: Float64Array, bias = true): void {
  addProduct(hr, x.re, w.wr, rows, w.fan, w.out);
  if (w.complex) addProduct(hi, x.re, w.wi, rows, w.fan, w.out);
  if (x.im) {
    addProduct(hi, x.im, w.wr, rows, w.fan, w.out);
    if (w.complex) addProduct(hr, x.im, w.wi, rows, w.fan, w.out, -1);
  }
  if (!bias) return;
  for (let r = 0; r < rows; r++) {
    for (let o = 0; o < w.out; o++) {
      hr[r * w.out + o]! += w.br[o]!;
      if (w.complex) hi[r * w.out + o]! += w.bi[o]!;
    }
  }
}

/** The signals on x from those on h = W x: df/dx = df/dh W, df/dxbar = df/dhbar conj W. Call `turn` once a draw before it. */
export function pull(w: Weights, h: Signals, rows: number, x: Signals): void {
  const back = (out: Float64Array, signal: Float64Array, t: Float64Array, sign = 1): void => addProduct(out, signal, t, rows, w.out, w.fan, sign);
  back(x.dRe, h.dRe, w.tr);
  back(x.dIm, h.dIm, w.tr);
  if (!w.complex) return;
  back(x.dRe, h.dIm, w.ti, -1);
  back(x.dIm, h.dRe, w.ti);
  back(x.eRe, h.eRe, w.tr);
  back(x.eRe, h.eIm, w.ti);
  back(x.eIm, h.eIm, w.tr);
  back(x.eIm, h.eRe, w.ti, -1);
}

export function turn(w: Weights): void {
  transpose(w.wr, w.tr, w.out, w.fan);
  if (w.complex) transpose(w.wi, w.ti, w.out, w.fan);
}

export interface Gram {
  re: Float64Array;
  im: Float64Array;
}

const newGram = (n: number): Gram => ({ re: new Float64Array(n * n), im: new Float64Array(n * n) });

/** <x_r, y_s>, the second conjugated unless `bilinear`. */
function gramOf(xr: Float64Array, xi: Float64Array | null, yr: Float64Array, yi: Float64Array | null, rows: number, width: number, bilinear = false): Gram {
  const g = newGram(rows);
  const sign = bilinear ? -1 : 1;
  addProduct(g.re, xr, yr, rows, width, rows);
  if (xi && yi) addProduct(g.re, xi, yi, rows, width, rows, sign);
  if (xi) addProduct(g.im, xi, yr, rows, width, rows);
  if (yi) addProduct(g.im, xr, yi, rows, width, rows, -sign);
  return g;
}

export const gram = (x: Rows, rows: number, width: number): Gram => gramOf(x.re, x.im, x.re, x.im, rows, width);

/**
 * Adds this tensor's share of sum df conj df' over its real numbers, and of the pseudo-kernel sum df df', to n x n sums.
 * The tensor is shared by the rows of a sample (positions or steps in time): rows = n * each, and pairs of rows are summed.
 *     ntk    += sum <d, d'>  (c <a, a'> + b) + <e, e'>  (c conj<a, a'> + b)
 *     pseudo += sum (d . e') (c <a, a'> + b) + (e . d') (c conj<a, a'> + b)         c = s/fan-in, b = s_b^2
 * and for a real tensor with g = d + e:  ntk += sum <g, g'> (c <a, a'> + b),  pseudo += sum (g . g') (c <a, a'> + b).
 */
export function addShare(w: Weights, x: Rows, h: Signals, n: number, each: number, ntk: Gram, pseudo: Gram | null, bias = true): void {
  const rows = n * each;
  const a = gramOf(x.re, x.im, x.re, x.im, rows, w.fan);
  const b = bias ? w.biasVariance : 0;
  const add = (to: Gram, s: Gram, conjugate: number): void => addPairs(to, s, a, n, each, w.square, conjugate, b);
  if (!w.complex) {
    const real = isZero(h.dIm) ? null : h.dIm;
    add(ntk, gramOf(h.dRe, real, h.dRe, real, rows, w.out), 1);
    if (pseudo) add(pseudo, gramOf(h.dRe, real, h.dRe, real, rows, w.out, true), 1);
    return;
  }
  add(ntk, gramOf(h.dRe, h.dIm, h.dRe, h.dIm, rows, w.out), 1);
  if (!isZero(h.eRe) || !isZero(h.eIm)) add(ntk, gramOf(h.eRe, h.eIm, h.eRe, h.eIm, rows, w.out), -1);
  if (!pseudo) return;
  add(pseudo, gramOf(h.dRe, h.dIm, h.eRe, h.eIm, rows, w.out, true), 1);
  add(pseudo, gramOf(h.eRe, h.eIm, h.dRe, h.dIm, rows, w.out, true), -1);
}

/** to[x, x'] += sum over the rows of x and x' of s (c <a, a'> + b), <a, a'> conjugated where `conjugate` is -1. */
function addPairs(to: Gram, s: Gram, a: Gram, n: number, each: number, c: number, conjugate: number, b: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let [sumRe, sumIm] = [0, 0];
      for (let u = i * each; u < (i + 1) * each; u++) {
        for (let k = u * n * each + j * each, end = k + each; k < end; k++) {
          const x = c * a.re[k]! + b;
          const y = conjugate * c * a.im[k]!;
          sumRe += s.re[k]! * x - s.im[k]! * y;
          sumIm += s.re[k]! * y + s.im[k]! * x;
        }
      }
      to.re[i * n + j]! += sumRe;
      to.im[i * n + j]! += sumIm;
    }
  }
}

const isZero = (x: Float64Array): boolean => x.every((v) => v === 0);
