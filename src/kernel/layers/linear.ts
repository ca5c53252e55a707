// Rules that act linearly on a kernel and its tangent kernel: weighted layers, pools, means, sums, scales. Knows no activation.
import type { Window } from '../../catalog/layers/taps.ts';
import { positionsOf, type Step } from '../network.ts';
import type { Plane } from '../tile.ts';
import type { WindowAxis, Workspace } from '../wasm/index.ts';

/** Sigma = s K + s_b^2 and Theta = Sigma + s T on entries that are there already, in place. */
export function weigh(space: Workspace, count: number, s: number, b2: number, k: Plane, t: Plane | null, h: Plane | null): void {
  space.weigh(count, s, b2, k.re, (t ?? k).re, t !== null);
  if (k.im) space.weigh(count, s, 0, k.im, t?.im ?? k.im, Boolean(t?.im));
  if (!h) return;
  for (const part of ['re', 'im'] as const) {
    const [x, y] = [k[part], h[part]];
    if (y) for (let i = 0; i < count; i++) y[i] = s * y[i]! + (x ? x[i]! : 0);
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

/** The axes of a window as the assembled loops take them: earlier axes are already output places. */
export function axisPasses(window: Window): WindowAxis[] {
  return window.axes.map((axis, a) => ({
    outer: window.axes.slice(0, a).reduce((n, x) => n * x.output, 1),
    input: axis.input,
    output: axis.output,
    inner: window.axes.slice(a + 1).reduce((n, x) => n * x.input, 1),
    size: axis.taps[0]!.length,
    taps: Int32Array.from(axis.taps.flat()),
  }));
}

/** Mean over equal positions of planes that hold all pairs. */
export function meanInto(pairs: number, input: Step, from: Float64Array, to: Float64Array): void {
  const p = positionsOf(input);
  for (let pair = 0; pair < pairs; pair++) {
    let sum = 0;
    for (let u = 0, at = pair * p * p; u < p; u++, at += p + 1) sum += from[at]!;
    to[pair] = sum / p;
  }
}
