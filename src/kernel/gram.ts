// The inputs' kernel K0, whole or by tiles, and what can be read off it: phase content, the phase-invariant triple form, circularity. Knows no layer.
import type { Quantity } from '../contract/result.ts';
import type { PackedInputs } from './inputs.ts';
import type { Network, Rule } from './network.ts';
import { pairsOf, planeCapacity, tileSide, type Plane, type Tile } from './tile.ts';
import { openWorkspace } from './wasm/index.ts';

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

/** K0 of the first `samples` samples, over all their numbers. */
export function inputKernel({ length, re, im }: Rows, samples: number): Hermitian {
  const out = newHermitian(samples);
  for (let i = 0; i < samples; i++) {
    for (let j = i; j < samples; j++) {
      let sr = 0;
      let si = 0;
      for (let k = 0, a = i * length, b = j * length; k < length; k++, a++, b++) {
        sr += re[a]! * re[b]!;
        if (im) {
          sr += im[a]! * im[b]!;
          si += im[a]! * re[b]! - re[a]! * im[b]!;
        }
      }
      out.re[i * samples + j] = out.re[j * samples + i] = sr / length;
      out.im[i * samples + j] = i === j ? 0 : si / length;
      out.im[j * samples + i] = i === j ? 0 : -si / length;
    }
  }
  return out;
}

/** Numbers of each row that one product takes at once: the panels of a tile stay in the outer caches. */
const PANEL = 2048;

/** Products of blocks of rows in memory of their own. Valid until the next call of the same kind. */
export interface GramBlocks {
  /** <x_i, x_j>/length over all numbers of the samples, rows x columns. */
  samples(rows: readonly [number, number], columns: readonly [number, number]): Plane;
  /** K0 of one input step on a tile: pairs x positions (x positions), over the step's channels. */
  step(at: number, tile: Tile): Plane;
}

/** Bytes of its memory. */
export function bytesOfGrams(network: Network, inputs: { samples: number; positions: number; channels: number }): number {
  const side = Math.min(tileSide(network), inputs.samples);
  const width = Math.min(PANEL, inputs.positions * inputs.channels);
  const planes = network.steps.filter((s) => s.rule.kind === 'input').length;
  return 8 * (6 * Math.max(side * width, inputs.positions * Math.min(PANEL, inputs.channels)) + 5 * side * side + 2 * planes * planeCapacity(network, inputs.samples) + 3 * inputs.positions ** 2) + 1024;
}

export function openGrams(network: Network, inputs: PackedInputs): GramBlocks {
  const { positions, channels, re, im } = inputs;
  const space = openWorkspace(bytesOfGrams(network, inputs));
  const side = Math.min(tileSide(network), inputs.samples);
  const panelSize = Math.max(side * Math.min(PANEL, positions * channels), positions * Math.min(PANEL, channels));
  const panel = () => ({ re: space.plane(panelSize), im: im ? space.plane(panelSize) : null });
  const [x, y] = [panel(), panel()];
  const part = { re: space.plane(Math.max(side * side, positions ** 2)), im: im ? space.plane(Math.max(side * side, positions ** 2)) : null };
  const sums = im && space.plane(2 * panelSize);
  const third = im && space.plane(part.re.length);
  const out = { re: space.plane(side * side), im: im ? space.plane(side * side) : null };
  const capacity = planeCapacity(network, inputs.samples);
  const planes = new Map<number, Plane>();

  /** Numbers [from, to) of each of `count` rows, the first starting at `start` and the next `stride` further. */
  const fill = (p: Plane, start: number, count: number, stride: number, from: number, to: number): void => {
    const width = to - from;
    for (let i = 0, a = start + from, b = 0; i < count; i++, a += stride, b += width) {
      p.re.set(re.subarray(a, a + width), b);
      if (im) p.im!.set(im.subarray(a, a + width), b);
    }
  };

  /** Of rows x columns, each a stretch of `length` numbers, into target from `at` on; by panels, whose sums are added. */
  const product = (xs: { start: number; count: number }, ys: { start: number; count: number }, stride: number, from: number, to: number, target: Plane, at: number): void => {
    const size = xs.count * ys.count;
    for (let low = from; low < to; low += PANEL) {
      const high = Math.min(to, low + PANEL);
      fill(x, xs.start, xs.count, stride, low, high);
      fill(y, ys.start, ys.count, stride, low, high);
      const factor = 1 / (to - from);
      if (im) space.hermitianGram(xs.count, ys.count, high - low, factor, x.re, x.im!, y.re, y.im!, sums!, third!, part.re, part.im!);
      else space.gram(xs.count, ys.count, high - low, factor, x.re, y.re, part.re);
      for (const [source, goal] of [[part.re, target.re], [part.im, target.im]] as const) {
        if (!source || !goal) continue;
        if (low === from) goal.set(source.subarray(0, size), at);
        else for (let i = 0; i < size; i++) goal[at + i]! += source[i]!;
      }
    }
  };

  const row = positions * channels;
  const samples = (rows: readonly [number, number], columns: readonly [number, number]): Plane => {
    product({ start: rows[0] * row, count: rows[1] - rows[0] }, { start: columns[0] * row, count: columns[1] - columns[0] }, row, 0, row, out, 0);
    return out;
  };

  return {
    samples,
    step(at, tile) {
      const step = network.steps[at]!;
      const { from, to } = step.rule as Rule & { kind: 'input' };
      if (positions === 1 && to - from === channels && tile.outer) {
        return samples([tile.rows[0]!, tile.rows.at(-1)! + 1], [tile.columns[0]!, tile.columns.at(-1)! + 1]);
      }
      const plane = planes.get(at) ?? { re: space.plane(capacity), im: im ? space.plane(capacity) : null };
      planes.set(at, plane);
      const pairs = pairsOf(tile);
      const all = step.pairs === 'all';
      for (let p = 0; p < pairs; p++) {
        const a = (tile.outer ? tile.rows[Math.floor(p / tile.columns.length)]! : tile.rows[p]!) * row;
        const b = (tile.outer ? tile.columns[p % tile.columns.length]! : tile.columns[p]!) * row;
        if (all) product({ start: a, count: positions }, { start: b, count: positions }, channels, from, to, plane, p * positions ** 2);
        else equalPositions(inputs, a, b, from, to, plane, p * positions);
      }
      return plane;
    },
  };
}

/** <x_u, x'_u>/c at equal positions of one pair of samples. */
function equalPositions({ positions, channels, re, im }: PackedInputs, a: number, b: number, from: number, to: number, out: Plane, at: number): void {
  for (let u = 0; u < positions; u++) {
    let sr = 0;
    let si = 0;
    for (let c = from, x = a + u * channels + from, y = b + u * channels + from; c < to; c++, x++, y++) {
      sr += re[x]! * re[y]! + (im ? im[x]! * im[y]! : 0);
      if (im) si += im[x]! * re[y]! - re[x]! * im[y]!;
    }
    out.re[at + u] = sr / (to - from);
    if (out.im) out.im[at + u] = si / (to - from);
  }
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
export const TRIPLE_SAMPLES = 200;

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
        bottom += Math.sqrt(re * re + im * im);
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
