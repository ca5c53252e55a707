// Rules that act linearly on a kernel and its tangent kernel: weighted layers, pools, means, sums, scales. Knows no activation.
import { positionsOf, type Step, type Window } from '../network.ts';
import type { Plane } from '../tile.ts';

/** Sigma = s K + s_b^2 and Theta = Sigma + s T on entries that are there already, in place. */
export function weigh(count: number, s: number, b2: number, k: Plane, tangents: readonly (Plane | null)[]): void {
  const { re, im } = k;
  for (let i = 0; i < count; i++) re[i] = s * re[i]! + b2;
  if (im) for (let i = 0; i < count; i++) im[i] = s * im[i]!;
  for (const t of tangents) {
    if (!t) continue;
    const { re: tr, im: ti } = t;
    for (let i = 0; i < count; i++) tr[i] = re[i]! + s * tr[i]!;
    if (ti) for (let i = 0; i < count; i++) ti[i] = s * ti[i]! + (im ? im[i]! : 0);
  }
}

/** out[p] = scale * x[p], also across planes. */
export function scaleInto(count: number, factor: number, from: Float64Array, to: Float64Array): void {
  for (let i = 0; i < count; i++) to[i] = factor * from[i]!;
}

/** The taps of a window for each output position over all axes together, -1 outside, row after row. */
export interface FlatTaps {
  taps: Int32Array;
  size: number;
}

/** Position taps out of the axes' taps, in row-major order. */
export function flatTaps(window: Window): FlatTaps {
  let lists: number[][] = [[0]];
  let size = 1;
  for (const axis of window.axes) {
    lists = lists.flatMap((before) => axis.taps.map((own) => before.flatMap((u) => own.map((v) => (u < 0 || v < 0 ? -1 : u * axis.input + v)))));
    size *= axis.taps[0]!.length;
  }
  return { taps: Int32Array.from(lists.flat()), size };
}

/** C_u = sum over taps of K_{u+v} for equal positions; pairs x input positions to pairs x output positions. */
export function windowEqual(pairs: number, input: number, output: number, { taps, size }: FlatTaps, scale: ArrayLike<number>, from: Float64Array, to: Float64Array): void {
  for (let p = 0; p < pairs; p++) {
    const base = p * input;
    for (let u = 0; u < output; u++) {
      let sum = 0;
      for (let v = u * size, end = v + size; v < end; v++) {
        const tap = taps[v]!;
        if (tap >= 0) sum += from[base + tap]!;
      }
      to[p * output + u] = scale[u]! * sum;
    }
  }
}

/** One axis of a convolution on all pairs of positions: out[.., o, ..][.., o', ..] = sum_v in[.., tap(o, v), ..][.., tap(o', v), ..]. */
export interface AxisPass {
  outer: number;
  input: number;
  output: number;
  inner: number;
  size: number;
  /** output x size. */
  taps: Int32Array;
}

/** The passes of a window, axis after axis: earlier axes are already output places. */
export function axisPasses(window: Window): AxisPass[] {
  return window.axes.map((axis, a) => ({
    outer: window.axes.slice(0, a).reduce((n, x) => n * x.output, 1),
    input: axis.input,
    output: axis.output,
    inner: window.axes.slice(a + 1).reduce((n, x) => n * x.input, 1),
    size: axis.taps[0]!.length,
    taps: Int32Array.from(axis.taps.flat()),
  }));
}

export function windowAxis(pass: AxisPass, from: Float64Array, fromAt: number, to: Float64Array, toAt: number): void {
  const { outer, input, output, inner, size, taps } = pass;
  const rowIn = outer * input * inner;
  const rowOut = outer * output * inner;
  to.fill(0, toAt, toAt + rowOut * rowOut);
  for (let r = 0; r < outer; r++) {
    for (let o = 0; o < output; o++) {
      for (let v = 0; v < size; v++) {
        const a = taps[o * size + v]!;
        if (a < 0) continue;
        for (let i = 0; i < inner; i++) {
          const toRow = toAt + ((r * output + o) * inner + i) * rowOut;
          const fromRow = fromAt + ((r * input + a) * inner + i) * rowIn;
          for (let c = 0; c < outer; c++) {
            for (let p = 0; p < output; p++) {
              const b = taps[p * size + v]!;
              if (b < 0) continue;
              const x = toRow + (c * output + p) * inner;
              const y = fromRow + (c * input + b) * inner;
              for (let q = 0; q < inner; q++) to[x + q]! += from[y + q]!;
            }
          }
        }
      }
    }
  }
}

/** Pool on all pairs: the window's mean over rows, then over columns; to all or to equal pairs of output positions. */
export function poolPairs(input: number, output: number, { taps, size }: FlatTaps, scale: ArrayLike<number>, equal: boolean, from: Float64Array, fromAt: number, rows: Float64Array, to: Float64Array, toAt: number): void {
  for (let u = 0; u < output; u++) {
    rows.fill(0, 0, input);
    for (let v = 0; v < size; v++) {
      const tap = taps[u * size + v]!;
      if (tap < 0) continue;
      const at = fromAt + tap * input;
      for (let c = 0; c < input; c++) rows[c]! += from[at + c]!;
    }
    for (let w = equal ? u : 0, end = equal ? u + 1 : output; w < end; w++) {
      let sum = 0;
      for (let v = 0; v < size; v++) {
        const tap = taps[w * size + v]!;
        if (tap >= 0) sum += rows[tap]!;
      }
      to[toAt + (equal ? u : u * output + w)] = scale[u]! * scale[w]! * sum;
    }
  }
}

/** Mean over all entries of a pair, or over its equal positions. */
export function meanInto(pairs: number, input: Step, over: 'all' | 'equal', from: Float64Array, to: Float64Array): void {
  const p = positionsOf(input);
  const entries = input.pairs === 'all' ? p * p : p;
  const stride = over === 'equal' && input.pairs === 'all' ? p + 1 : 1;
  const count = over === 'equal' ? p : entries;
  for (let pair = 0; pair < pairs; pair++) {
    let sum = 0;
    for (let e = 0, at = pair * entries; e < count; e++, at += stride) sum += from[at]!;
    to[pair] = sum / count;
  }
}
