// The weights of one layer: their sizes, their law, one draw of them, and what is done with them. Knows no graph.
import type { Law, Parameterisation } from '../contract/finite.ts';
import type { Device, Rows } from './device.ts';
import type { Use } from './layers/layer.ts';
import { normals, uniforms } from './normals.ts';
import { product, type Signal } from './signal.ts';

/**
 * h = x W + b, row by row. complex: W = Wr + i Wi. real: the same real numbers for both parts of x. free: real numbers from [Re x | Im x]
 * to [Re h | Im h], those of a real twin.
 */
export type TensorField = 'complex' | 'real' | 'free';

export interface Tensor {
  /** Id of the layer, and its name among the layer's own: "weights", "recurrent". */
  layer: string;
  name: string;
  field: TensorField;
  /** Rows and columns of the arrays: connections into one unit (tap-major: tap * channels + channel), and units. */
  fan: number;
  out: number;
  re: Float32Array;
  /** Complex ones only. */
  im: Float32Array | null;
  biasRe: Float32Array | null;
  biasIm: Float32Array | null;
  /** Variance of each real number of the weights' real parts, of their imaginary parts, and of the biases. */
  variances: { re: number; im: number; bias: number };
  law: 'normal' | 'uniform' | 'constant';
  /** (dw/d omega)^2 of the trained numbers omega: the variances in NTK parameterisation, 1 in the standard one. */
  rate: number;
  biasRate: number;
}

export interface TensorSpec {
  layer: string;
  name: string;
  /** Channels and taps in, units out, as the complex or real layer counts them. */
  fan: number;
  out: number;
  field: 'complex' | 'real';
  /** Of the values that come in and go out. */
  complexIn: boolean;
  complexOut: boolean;
  /** fan E|w|^2, and E|b|^2 (null: no bias). */
  weightVariance: number;
  biasVariance: number | null;
  law: 'normal' | 'uniform' | 'constant';
  realShare: number;
}

export interface TensorOptions {
  law: Law;
  parameterisation: Parameterisation;
  /** Real weights without complex structure in place of complex ones. */
  free: boolean;
}

const NOT_YET = new Float32Array(0);

/** Its sizes and law; no memory is taken before it is drawn, so that what would not fit can be refused. */
export function newTensor(s: TensorSpec, options: TensorOptions): Tensor {
  const field: TensorField = s.field === 'complex' ? (options.free ? 'free' : 'complex') : 'real';
  const square = s.fan > 0 ? s.weightVariance / s.fan : 0;
  const library = options.law === 'library';
  const share = field === 'complex' && library ? s.realShare : 0.5;
  const part = field === 'real' ? square : square / 2;
  const biasPart = (s.biasVariance ?? 0) / (field === 'real' ? 1 : 2);
  const fan = field === 'free' && s.complexIn ? 2 * s.fan : s.fan;
  const out = field === 'free' && s.complexOut ? 2 * s.out : s.out;
  const ntk = options.parameterisation === 'ntk';
  return {
    layer: s.layer, name: s.name, field, fan, out,
    re: NOT_YET, im: field === 'complex' ? NOT_YET : null,
    biasRe: s.biasVariance === null ? null : NOT_YET, biasIm: s.biasVariance !== null && field === 'complex' ? NOT_YET : null,
    variances: { re: field === 'complex' ? 2 * share * part : part, im: 2 * (1 - share) * part, bias: biasPart },
    law: library ? s.law : 'normal',
    rate: ntk ? part : 1,
    biasRate: ntk ? biasPart : 1,
  };
}

/** Trained real numbers. */
export const numbersOf = (t: Tensor): number => t.fan * t.out * (t.im ? 2 : 1) + t.out * ((t.biasRe ? 1 : 0) + (t.biasIm ? 1 : 0));

/** Takes the memory of its numbers, where that has not been done. */
export function allocate(t: Tensor): void {
  if (t.re !== NOT_YET) return;
  t.re = new Float32Array(t.fan * t.out);
  t.im &&= new Float32Array(t.fan * t.out);
  t.biasRe &&= new Float32Array(t.out);
  t.biasIm &&= new Float32Array(t.out);
}

const DRAWS_AT_ONCE = 1 << 19;

/** The same (seed, place) gives the same numbers on every machine and backend. */
export async function draw(t: Tensor, seed: readonly number[], pace: () => Promise<void>): Promise<void> {
  allocate(t);
  const fill = t.law === 'uniform' ? uniforms(seed) : normals(seed);
  const into = async (values: Float32Array | null, variance: number): Promise<void> => {
    if (!values) return;
    const scale = Math.sqrt(variance);
    if (t.law === 'constant' || scale === 0) {
      values.fill(scale);
      return;
    }
    for (let at = 0; at < values.length; at += DRAWS_AT_ONCE) {
      const piece = values.subarray(at, at + DRAWS_AT_ONCE);
      fill(piece);
      for (let k = 0; k < piece.length; k++) piece[k]! *= scale;
      await pace();
    }
  };
  await into(t.re, t.variances.re);
  await into(t.im, t.variances.im);
  await into(t.biasRe, t.variances.bias);
  await into(t.biasIm, t.variances.bias);
}

/** [re | im] as columns of one matrix. */
export function joined(s: Signal, rows: number): Float32Array {
  if (!s.im) return s.re;
  const columns = s.re.length / rows;
  const out = new Float32Array(2 * s.re.length);
  for (let r = 0; r < rows; r++) {
    out.set(s.re.subarray(r * columns, (r + 1) * columns), 2 * r * columns);
    out.set(s.im.subarray(r * columns, (r + 1) * columns), (2 * r + 1) * columns);
  }
  return out;
}

export function split(values: Float32Array, rows: number): Signal {
  const columns = values.length / rows / 2;
  const out: Required<Signal> = { re: new Float32Array(rows * columns), im: new Float32Array(rows * columns) };
  for (let r = 0; r < rows; r++) {
    out.re.set(values.subarray(2 * r * columns, (2 * r + 1) * columns), r * columns);
    out.im!.set(values.subarray((2 * r + 1) * columns, (2 * r + 2) * columns), r * columns);
  }
  return out;
}

/** [re ; im] as rows of one matrix. */
function stacked(s: Required<Signal>): Float32Array {
  const out = new Float32Array(2 * s.re.length);
  out.set(s.re);
  out.set(s.im!, s.re.length);
  return out;
}

/** The linear map that weights stand for: a product for every row, or a convolution of every sample. */
export interface Linear {
  /** Rows of one sample on both sides, each of the channels' numbers. */
  rowsIn: number;
  rowsOut: number;
  forward(a: Float32Array, w: Float32Array, samples: number, t: Tensor): Promise<Float32Array>;
  back(g: Float32Array, w: Float32Array, samples: number, t: Tensor): Promise<Float32Array>;
}

/** The product for each of `each` rows a sample. */
export const rowwise = (each: number, device: Device): Linear => ({
  rowsIn: each, rowsOut: each,
  forward: (a, w, samples, t) => device.product(a, w, samples * each, t.fan, t.out),
  back: (g, w, samples, t) => device.productTurned(g, w, samples * each, t.out, t.fan),
});

/** x W + b for `samples` samples. */
export async function apply(t: Tensor, x: Signal, samples: number, complexOut: boolean, by: Linear): Promise<Signal> {
  const rows = samples * by.rowsOut;
  let h: Signal;
  if (t.field === 'free') {
    const values = await by.forward(joined(x, samples * by.rowsIn), t.re, samples, t);
    addBias(values, t.biasRe, rows);
    return complexOut ? split(values, rows) : { re: values, im: null };
  }
  if (!x.im) {
    h = { re: await by.forward(x.re, t.re, samples, t), im: t.im ? await by.forward(x.re, t.im, samples, t) : null };
  } else {
    const both = stacked(x as Required<Signal>);
    const byRe = await by.forward(both, t.re, 2 * samples, t);
    const half = rows * t.out;
    h = { re: byRe.subarray(0, half), im: byRe.subarray(half) };
    if (t.im) {
      const byIm = await by.forward(both, t.im, 2 * samples, t);
      for (let k = 0; k < half; k++) {
        byRe[k]! -= byIm[half + k]!;
        byRe[half + k]! += byIm[k]!;
      }
    }
  }
  addBias(h.re, t.biasRe, rows);
  if (h.im) addBias(h.im, t.biasIm, rows);
  return h;
}

function addBias(values: Float32Array, bias: Float32Array | null, rows: number): void {
  if (!bias) return;
  const columns = bias.length;
  for (let r = 0, at = 0; r < rows; r++) for (let c = 0; c < columns; c++, at++) values[at]! += bias[c]!;
}

/** The cotangents on x from those on h: g W^H, with g = df/d(Re h) + i df/d(Im h) of a real number f. */
export async function pull(t: Tensor, g: Signal, samples: number, complexIn: boolean, by: Linear): Promise<Signal> {
  if (t.field === 'free') {
    const values = await by.back(joined(g, samples * by.rowsOut), t.re, samples, t);
    return complexIn ? split(values, samples * by.rowsIn) : { re: values, im: null };
  }
  if (!g.im) return { re: await by.back(g.re, t.re, samples, t), im: null };
  if (!complexIn) {
    const re = await by.back(g.re, t.re, samples, t);
    const more = t.im && (await by.back(g.im, t.im, samples, t));
    if (more) for (let k = 0; k < re.length; k++) re[k]! += more[k]!;
    return { re, im: null };
  }
  const both = stacked(g as Required<Signal>);
  const byRe = await by.back(both, t.re, 2 * samples, t);
  const half = byRe.length / 2;
  if (t.im) {
    const byIm = await by.back(both, t.im, 2 * samples, t);
    for (let k = 0; k < half; k++) {
      byRe[k]! += byIm[half + k]!;
      byRe[half + k]! -= byIm[k]!;
    }
  }
  return { re: byRe.subarray(0, half), im: byRe.subarray(half) };
}

/** The rows that a use reads, as the tensor takes them: for free ones both parts beside each other, as the channels of one. */
export function rowsOf({ tensor, x, each, fan }: Pick<Use, 'tensor' | 'x' | 'each' | 'fan'>, samples: number): Rows {
  const columns = tensor.field === 'free' ? tensor.fan : fan;
  const one = (s: Signal, rows: number): Signal => (tensor.field === 'free' ? { re: joined(s, rows), im: null } : s);
  if ('geometry' in x) return { ...one(x.image, samples * product(x.geometry.size)), columns, geometry: x.geometry };
  return { ...one(x, samples * each), columns };
}

/** Gradients with respect to the numbers of a tensor, in its own layout. */
export interface Gradient {
  re: Float32Array;
  im: Float32Array | null;
  biasRe: Float32Array | null;
  biasIm: Float32Array | null;
}

/** x^H g, summed over the `each` rows of all samples, and the sum of g for the bias. */
export async function gradientOf(t: Tensor, x: Rows, g: Signal, samples: number, each: number, device: Device): Promise<Gradient> {
  const rows = samples * each;
  const bias = (part: Float32Array | null, own: Float32Array | null): Float32Array | null => {
    if (!own) return null;
    const out = new Float32Array(own.length);
    if (part) for (let r = 0, at = 0; r < rows; r++) for (let c = 0; c < out.length; c++, at++) out[c]! += part[at]!;
    return out;
  };
  const both = joined(g, rows);
  if (t.field === 'free') return { re: await device.across(x, 're', both, samples, each, t.out), im: null, biasRe: bias(both, t.biasRe), biasIm: null };
  // [gr | gi] at once: of x^T [gr | gi] both halves are needed.
  const parts = g.im ? 2 : 1;
  const byRe = await device.across(x, 're', both, samples, each, parts * t.out);
  const byIm = x.im && (await device.across(x, 'im', both, samples, each, parts * t.out));
  const re = new Float32Array(t.fan * t.out);
  const im = t.im && new Float32Array(t.fan * t.out);
  for (let f = 0, k = 0; f < t.fan; f++) {
    for (let o = 0, r = f * parts * t.out, i = r + t.out; o < t.out; o++, k++, r++, i++) {
      re[k] = byRe[r]! + (byIm && g.im ? byIm[i]! : 0);
      if (im) im[k] = byRe[i]! - (byIm ? byIm[r]! : 0);
    }
  }
  return { re, im, biasRe: bias(g.re, t.biasRe), biasIm: bias(g.im, t.biasIm) };
}
