// The inputs' kernel K0, whole or by tiles, and what can be read off it: phase content, the phase-invariant triple form, circularity. Knows no layer.
import type { Quantity } from '../contract/result.ts';
import type { PackedInputs } from './inputs.ts';
import type { Rule, Step } from './network.ts';
import { pairsOf, type Plane, type Tile } from './tile.ts';

/** A Hermitian n x n matrix under work: both parts always there, row-major. */
export interface Hermitian {
  n: number;
  re: Float64Array;
  im: Float64Array;
}

export const newHermitian = (n: number): Hermitian => ({ n, re: new Float64Array(n * n), im: new Float64Array(n * n) });

/** Rows of numbers, one a sample: rows x length, im null for real ones. */
export interface Rows {
  length: number;
  re: Float64Array;
  im: Float64Array | null;
}

/** <x_i, x_j>/length of the given rows against the given columns, the second argument conjugated; row-major. */
export function gramOfRows(x: Rows, rows: ArrayLike<number>, columns: ArrayLike<number>, re: Float64Array, im: Float64Array | null): void {
  const { length, re: xr, im: xi } = x;
  for (let i = 0, to = 0; i < rows.length; i++) {
    for (let j = 0; j < columns.length; j++, to++) {
      let sr = 0;
      let si = 0;
      const a = rows[i]! * length;
      const b = columns[j]! * length;
      if (xi) {
        for (let k = 0; k < length; k++) {
          sr += xr[a + k]! * xr[b + k]! + xi[a + k]! * xi[b + k]!;
          si += xi[a + k]! * xr[b + k]! - xr[a + k]! * xi[b + k]!;
        }
      } else {
        for (let k = 0; k < length; k++) sr += xr[a + k]! * xr[b + k]!;
      }
      re[to] = sr / length;
      if (im) im[to] = si / length;
    }
  }
}

/** K0 of the first `samples` samples, over all their numbers. */
export function inputKernel(x: Rows, samples: number): Hermitian {
  const out = newHermitian(samples);
  const all = Int32Array.from({ length: samples }, (_, i) => i);
  gramOfRows(x, all, all, out.re, out.im);
  return out;
}

/** K0 of one input step on a tile: pairs x positions (x positions), over the step's channels. */
export function gramBlock(inputs: PackedInputs, step: Step, tile: Tile): Plane {
  const { from, to } = step.rule as Rule & { kind: 'input' };
  const { positions, channels, re, im } = inputs;
  const size = to - from;
  const pairs = pairsOf(tile);
  const all = step.pairs === 'all';
  const entries = all ? positions * positions : positions;
  const out: Plane = { re: new Float64Array(pairs * entries), im: im ? new Float64Array(pairs * entries) : null };
  if (positions === 1 && size === channels && tile.outer) {
    gramOfRows({ length: channels, re, im }, tile.rows, tile.columns, out.re, out.im);
    return out;
  }
  const inner = (a: number, b: number, at: number) => {
    let sr = 0;
    let si = 0;
    for (let c = from, x = a * channels + from, y = b * channels + from; c < to; c++, x++, y++) {
      sr += re[x]! * re[y]! + (im ? im[x]! * im[y]! : 0);
      if (im) si += im[x]! * re[y]! - re[x]! * im[y]!;
    }
    out.re[at] = sr / size;
    if (out.im) out.im[at] = si / size;
  };
  for (let p = 0; p < pairs; p++) {
    const a = (tile.outer ? tile.rows[Math.floor(p / tile.columns.length)]! : tile.rows[p]!) * positions;
    const b = (tile.outer ? tile.columns[p % tile.columns.length]! : tile.columns[p]!) * positions;
    for (let u = 0; u < positions; u++) {
      if (all) for (let v = 0; v < positions; v++) inner(a + u, b + v, p * entries + u * positions + v);
      else inner(a + u, b + u, p * entries + u);
    }
  }
  return out;
}

export function norm(x: Float64Array): number {
  let sum = 0;
  for (const v of x) sum += v * v;
  return Math.sqrt(sum);
}

const ROUNDING = 1e-14;
const exact = (value: number): Quantity => ({ value, method: 'closed', error: ROUNDING });

/** Sums over all entries of K0. */
export interface GramSums {
  reSquare: number;
  imSquare: number;
  trace: number;
}

/** ||Im K0|| / ||K0||. */
export function phaseContent({ reSquare, imSquare }: GramSums): Quantity {
  const total = reSquare + imSquare;
  return total > 0 ? exact(Math.sqrt(imSquare / total)) : { value: null, method: 'closed', error: null, reason: 'all inputs are zero' };
}

/** Samples whose triples are taken. */
export const TRIPLE_SAMPLES = 300;

/** sum |Im(K12 K23 K31)| / sum |K12 K23 K31| over triples of distinct samples of K0 of the first samples: unchanged when a sample's phase is turned. @param samples how many there are in all */
export function triplePhase(k: Hermitian, samples: number): Quantity {
  const n = k.n;
  const at = k.n;
  let top = 0;
  let bottom = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const ar = k.re[i * at + j]!;
      const ai = k.im[i * at + j]!;
      for (let l = j + 1; l < n; l++) {
        const br = k.re[j * at + l]!;
        const bi = k.im[j * at + l]!;
        const cr = k.re[l * at + i]!;
        const ci = k.im[l * at + i]!;
        const pr = ar * br - ai * bi;
        const pi = ar * bi + ai * br;
        const re = pr * cr - pi * ci;
        const im = pr * ci + pi * cr;
        top += Math.abs(im);
        bottom += Math.hypot(re, im);
      }
    }
  }
  if (n < 3 || bottom === 0) return { value: null, method: 'closed', error: null, reason: n < 3 ? 'needs three samples' : 'all triples vanish' };
  return { ...exact(top / bottom), ...(samples > n ? { reason: `over the first ${n} of ${samples} samples` } : {}) };
}

/** ||E x x^T|| / E||x||^2 of this set, from sum_ab K_ab^2 = n^2 ||E x x^T||^2 / d^2. */
export function circularity({ reSquare, imSquare, trace }: GramSums): Quantity {
  if (trace === 0) return { value: null, method: 'closed', error: null, reason: 'all inputs are zero' };
  return exact(Math.sqrt(Math.max(reSquare - imSquare, 0)) / trace);
}
