// A vanilla recurrent cell on a tile: weights shared in time make pairs of times what pairs of positions are to a convolution
// (Yang, Tensor Programs II). Each pair (t, t') follows from (t-1, t'-1). Knows no dual's formula.
import type { DualBlock } from '../duals/index.ts';
import type { Rule, Step } from '../network.ts';
import { positionsOf } from '../network.ts';
import type { Plane, State } from '../tile.ts';
import { activate, type ActivationContext } from './activation.ts';

type Cell = Rule & { kind: 'rnn' };

/** Pairs of times that level l computes: those whose earlier time is l; only (l, l) where equal times are kept. */
function levelPairs(times: number, level: number, all: boolean): [number, number][] {
  if (!all) return [[level, level]];
  const out: [number, number][] = [[level, level]];
  for (let t = level + 1; t < times; t++) out.push([level, t], [t, level]);
  return out;
}

export interface RecurrentContext {
  /** Step of the sequence that it reads. */
  input: Step;
  /** Pairs of samples of the tile. */
  pairs: number;
  /** Indices of the standard deviations at times t and t' of sample pair p: row[p] * times + t, column[p] * times + t'. */
  row: Int32Array;
  column: Int32Array;
  activation: Omit<ActivationContext, 'index'>;
}

/**
 * h_t = U x_t + W z_{t-1} + b, z_t = phi(h_t): Sigma_tt' = s_u K_tt' + s_r S(Sigma_{t-1,t'-1}) + s_b^2, and the tangents likewise.
 * @param state of the sequence; out: planes of the result, pairs x times (x times), or pairs for the last time
 */
export function recur(cell: Cell, state: State, out: State, context: RecurrentContext, scratch: DualBlock): State {
  const { input, pairs, row, column } = context;
  const times = positionsOf(input);
  const all = input.pairs === 'all';
  const entries = all ? times * times : times;
  const at = (t: number, u: number) => (all ? t * times + u : t);
  const sequence = cell.returns === 'sequence';
  const { inputVariance: su, recurrentVariance: sr, biasVariance: b2 } = cell;
  const imaginary = out.k.im !== null;
  // z of all levels so far, over the same entries as the input.
  const whole = (wanted: boolean): Plane | null => (wanted ? { re: new Float64Array(pairs * entries), im: imaginary ? new Float64Array(pairs * entries) : null } : null);
  const k = whole(true)!;
  const t = whole(out.t !== null);
  const h = whole(out.h !== null);
  let errors = { kError: state.kError, tError: Math.max(state.kError, state.tError), method: state.method };
  for (let level = 0; level < times; level++) {
    const places = levelPairs(times, level, all);
    const count = pairs * places.length;
    const level0 = (p: Plane | null): Plane | null => p && { re: new Float64Array(count), im: imaginary ? new Float64Array(count) : null };
    const own = { k: level0(k)!, t: level0(t), h: level0(h) };
    for (let pair = 0; pair < pairs; pair++) {
      for (let q = 0; q < places.length; q++) {
        const [a, b] = places[q]!;
        const to = pair * places.length + q;
        const from = pair * entries + at(a, b);
        const before = a > 0 && b > 0 ? pair * entries + at(a - 1, b - 1) : -1;
        const mix = (x: Plane | null, z: Plane | null, y: Plane, base: Plane | null, constant: number) => {
          y.re[to] = (base ? base.re[to]! : constant) + su * (x ? x.re[from]! : 0) + (before >= 0 && z ? sr * z.re[before]! : 0);
          if (y.im) y.im[to] = (base?.im ? base.im[to]! : 0) + su * (x?.im ? x.im[from]! : 0) + (before >= 0 && z?.im ? sr * z.im[before]! : 0);
        };
        mix(state.k, k, own.k, null, b2);
        if (own.t) mix(state.t, t, own.t, own.k, 0);
        if (own.h) mix(state.h, h, own.h, own.k, 0);
      }
    }
    const index = (from: number, m: number, left: Int32Array, right: Int32Array) => {
      for (let i = 0; i < m; i++) {
        const pair = Math.floor((from + i) / places.length);
        const [a, b] = places[(from + i) % places.length]!;
        left[i] = row[pair]! * times + a;
        right[i] = column[pair]! * times + b;
      }
    };
    const done = activate({ ...own, ...errors }, count, { ...context.activation, index }, scratch);
    errors = { kError: done.kError, tError: done.tError, method: done.method };
    const put = (from: Plane | null, to: Plane | null) => {
      if (!from || !to) return;
      for (let pair = 0; pair < pairs; pair++) {
        places.forEach(([a, b], q) => {
          to.re[pair * entries + at(a, b)] = from.re[pair * places.length + q]!;
          if (to.im && from.im) to.im[pair * entries + at(a, b)] = from.im[pair * places.length + q]!;
        });
      }
    };
    put(done.k, k);
    put(done.t, t);
    put(done.h, h);
  }
  const give = (from: Plane | null, to: Plane | null) => {
    if (!from || !to) return;
    for (const part of ['re', 'im'] as const) {
      const [x, y] = [from[part], to[part]];
      if (!x || !y) continue;
      if (sequence) y.set(x);
      else for (let pair = 0; pair < pairs; pair++) y[pair] = x[pair * entries + entries - 1]!;
    }
  };
  give(k, out.k);
  give(t, out.t);
  give(h, out.h);
  return { ...out, ...errors };
}
