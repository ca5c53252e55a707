// The door to the assembled loops: memory to work in and functions on views of it. Knows nothing of networks, steps or activations.
import { Fault } from '../../contract/fault.ts';
import { MODULE } from './assembled.ts';
import { openLoops } from './loops.ts';

const PAGE = 65536;
const ALIGNMENT = 16;
/** The largest workspace there is. */
export const WORKSPACE_BYTES = 2 ** 32 - PAGE;

/** Slopes of two functions f, g that are linear on each side of 0: same = f+'g+' + f-'g-', crossed = f+'g-' + f-'g+'. */
export interface TwoSided {
  same: number;
  crossed: number;
}

/** One axis of a window on pairs of positions; see `windowPairs`. */
export interface WindowAxis {
  /** Positions of the axes before it (already output places), of it, and of the axes after it. */
  outer: number;
  input: number;
  output: number;
  inner: number;
  /** Taps a place. */
  size: number;
  /** output x size: the input place under each tap, negative outside. */
  taps: ArrayLike<number>;
}

/** A window's axis, put into a workspace by its `window`. */
export interface PlacedWindow extends WindowAxis {
  taps: Int32Array;
  /** How many places from each on have its taps, moved by as much as the place. */
  alike: Int32Array;
}

/**
 * Memory of fixed size and the loops that work in it, for one thread. All arrays given to its functions must be views of this
 * workspace: `plane`, `indices`, or `subarray`s of them; an output is none of the inputs unless its function says so. Where a
 * function does not use a plane, it may be empty. Nothing is checked: a view that is too short makes the module trap or write
 * over its neighbour, and so does an index outside its list.
 */
export interface Workspace {
  /** `count` numbers, 16-byte aligned; zeros only where the room was never used. RangeError where it is used up. */
  plane(count: number): Float64Array;
  /** `count` indices, likewise. */
  indices(count: number): Int32Array;
  /** Whether an array is a view of this workspace. */
  holds(view: ArrayBufferView): boolean;
  /** The state of the allocator, to be given to `release`. */
  mark(): number;
  /** Gives back all that was taken since the mark; views of it must not be used any more. */
  release(mark: number): void;

  /**
   * out[i * columns + j] = factor sum_k x[i * features + k] y[j * features + k]. Error at most 1.2e-16 (8 + sqrt(features))
   * |x_i| |y_j| factor for signs as they come, features/2 in place of the root at worst.
   */
  gram(rows: number, columns: number, features: number, factor: number, x: Float64Array, y: Float64Array, out: Float64Array): void;

  /**
   * out[i * columns + j] = factor sum_k x_ik conj(y_jk) of complex rows, parts apart: x is rows x features, y columns x features,
   * by three real products. `sums` has room for (rows + columns) x features numbers, `part` for rows x columns.
   * Error three times that of `gram`; the imaginary part of a row with itself is 0 within it.
   */
  hermitianGram(
    rows: number, columns: number, features: number, factor: number,
    xRe: Float64Array, xIm: Float64Array, yRe: Float64Array, yIm: Float64Array, sums: Float64Array, part: Float64Array, outRe: Float64Array, outIm: Float64Array,
  ): void;

  /**
   * Correlations rho = cov[t] / (root roots[t]) in [-1, 1] to [0, 2]: out[t] = sqrt(1 - rho) for rho >= 0, else 2 - sqrt(1 + rho); an end
   * where 1 - |rho| <= snap. @returns the least distance of the others from an end, 2 where there are none
   */
  unfold(count: number, cov: Float64Array, root: number, roots: Float64Array, snap: number, out: Float64Array): number;

  /**
   * Covariances to correlations, in place: re + i im times 1 / (std[left] std[right]), 0 where that product is 0. Where then
   * |rho|^2 >= 1 - snap it is put on the unit circle, onto an axis where it is within `snap` of one.
   * `real`: im is not used. @returns the largest |rho|^2 of the others, 0 where there are none
   */
  correlate(count: number, left: Int32Array, right: Int32Array, std: Float64Array, re: Float64Array, im: Float64Array, real: boolean, snap: number): number;

  /**
   * Real dual of two functions f, g linear on each side of 0 and continuous there, for normals of standard deviations
   * a = std[left[t]], b = std[right[t]] and correlation c[t] in [-1, 1] (Cho and Saul 2009):
   * k[t] = E[f(X) g(Y)] = a b (same F(c) - crossed F(-c)), F(c) = (sqrt(1-c^2) + c (pi - arccos c)) / 2 pi, and
   * kd[t] = E[f'(X) g'(Y)] = same P(c) + crossed P(-c), P(c) = (pi - arccos c) / 2 pi. k may be c itself. kd is used with
   * `derivatives` only. Errors at most 4e-16 (|same| + |crossed|), exact at c = 1 and -1. What belongs to -c:
   * k(-c) = k(c) - a b c (same + crossed)/2, kd(-c) = (same + crossed)/2 - kd(c).
   */
  arcCosine(
    count: number, left: Int32Array, right: Int32Array, std: Float64Array, slopes: TwoSided,
    c: Float64Array, k: Float64Array, kd: Float64Array, derivatives: boolean,
  ): void;

  /**
   * Dual of the split activation g(Re z) + i g(Im z), g linear on each side of 0 (same = g+'^2 + g-'^2, crossed = 2 g+' g-'),
   * for circular normals of standard deviations std[left[t]], std[right[t]] and correlation re[t] + i im[t]: re, im become S;
   * aRe, bRe become A and B, which are real, with `derivatives` only. `real`: im is not used. Method closed, error as above.
   */
  splitArcCosine(
    count: number, left: Int32Array, right: Int32Array, std: Float64Array, slopes: TwoSided,
    re: Float64Array, im: Float64Array, aRe: Float64Array, bRe: Float64Array, derivatives: boolean, real: boolean,
  ): void;

  /**
   * Real dual of erf (Williams 1997) for normals of standard deviations a = std[left[t]], b = std[right[t]] and correlation c[t]:
   * k[t] = E[erf X erf Y] = (2/pi) asin(2abc / sqrt((1+2a^2)(1+2b^2))), odd in c, and with `derivatives`
   * kd[t] = E[erf' X erf' Y], even in c. k may be c itself. Errors at most 1e-15 of
   * sqrt(k_aa k_bb), likewise of kd.
   */
  erfDual(count: number, left: Int32Array, right: Int32Array, std: Float64Array, c: Float64Array, k: Float64Array, kd: Float64Array, derivatives: boolean): void;

  /**
   * The same for gelu, x Phi(x): k(-c) = k(c) - abc/2, kd(-c) = 1/2 - kd(c). Errors as there.
   */
  geluDual(count: number, left: Int32Array, right: Int32Array, std: Float64Array, c: Float64Array, k: Float64Array, kd: Float64Array, derivatives: boolean): void;

  /** Theta becomes A o Theta + B o conj Theta, in place. */
  chain(count: number, tRe: Float64Array, tIm: Float64Array, aRe: Float64Array, aIm: Float64Array, bRe: Float64Array, bIm: Float64Array): void;

  /** The same for real A and B; `real`: Theta is too, and tIm is not used. */
  chainReal(count: number, tRe: Float64Array, tIm: Float64Array, aRe: Float64Array, bRe: Float64Array, real: boolean): void;

  /** One part of a weighted layer, in place: k becomes s k + b2, then t becomes k + s t. `tangent`: there is a t. */
  weigh(count: number, s: number, b2: number, k: Float64Array, t: Float64Array, tangent: boolean): void;

  /** Takes an axis's taps into the workspace. */
  window(axis: WindowAxis): PlacedWindow;

  /**
   * One axis of a convolution on all pairs of positions, for `pairs` planes one after another: planes of
   * (outer x input x inner)^2 become planes of (outer x output x inner)^2,
   * out[.., o, ..][.., p, ..] = factor sum_v in[.., tap(o, v), ..][.., tap(p, v), ..] over the taps v inside for both.
   * A window of several axes is one call an axis, first axis first.
   */
  windowPairs(pairs: number, window: PlacedWindow, factor: number, from: Float64Array, to: Float64Array): void;

  /**
   * Both axes of a window over two: planes of (in x in')^2 become (out x out')^2, as by two calls of `windowPairs`, faster.
   * `first` and `second` are the axes of one window; `strip` has room for in' x out x in' numbers.
   */
  windowPlane(pairs: number, first: PlacedWindow, second: PlacedWindow, factor: number, strip: Float64Array, from: Float64Array, to: Float64Array): void;

  /** The same at equal positions: `pairs` planes of outer x input x inner numbers become outer x output x inner. */
  windowEqual(pairs: number, window: PlacedWindow, factor: number, from: Float64Array, to: Float64Array): void;

  /**
   * A pool on all pairs of positions: `pairs` planes input x input become output x output (or `output` numbers, o = p, where `equal`),
   * out[o][p] = weights[o] weights[p] sum_v sum_w in[tap(o, v)][tap(p, w)]; taps is output x size, negative outside. At most 8000
   * input positions: RangeError.
   */
  poolPairs(
    pairs: number, input: number, output: number, size: number, taps: Int32Array, weights: Float64Array, equal: boolean,
    from: Float64Array, to: Float64Array,
  ): void;

  /** to[p] = factor times the sum of the p-th `entries` numbers of from. */
  sums(planes: number, entries: number, factor: number, from: Float64Array, to: Float64Array): void;

  /**
   * Power series at many arguments: plus[t] = sum_{n < terms} u[left[t] * uRow + n] v[right[t] * vRow + n] x[t]^n, |x| <= 1, and with
   * `both` minus[t] = the same at -x[t]. terms is a multiple of 8 (pad with zeros). Terms after x^n < 1e-18 are left out. Error at
   * most 1e-16 (10 + terms/4) |u| |v|, the norms of the two rows.
   */
  seriesProducts(
    count: number, left: Int32Array, right: Int32Array, x: Float64Array,
    u: Float64Array, uRow: number, v: Float64Array, vRow: number, terms: number, plus: Float64Array, minus: Float64Array, both: boolean,
  ): void;

  /**
   * Piecewise polynomials on `cells` equal cells of width 1/perUnit from `low` on, read at x[t] (the nearest cell serves an x outside):
   * out[o * outRow + t] = sum_n table[(cell * outputs + o) * terms + n] z^n, z = 2 (place in the cell, 0 to 1) - 1; terms is even.
   */
  tabulated(
    count: number, x: Float64Array, low: number, perUnit: number, cells: number, outputs: number, terms: number,
    table: Float64Array, out: Float64Array, outRow: number,
  ): void;
}

let compiled: WebAssembly.Module | undefined;

/** The module, compiled at the first workspace of a thread. */
function moduleOfThread(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(MODULE), (c) => c.charCodeAt(0)));
  return compiled;
}

/** How many places from each on have its taps, each moved by as much as the place. */
function alikePlaces({ output, size, taps }: WindowAxis): number[] {
  const alike = (p: number, q: number): boolean => {
    for (let v = 0; v < size; v++) {
      const [a, b] = [taps[p * size + v]!, taps[q * size + v]!];
      if (a < 0 ? b >= 0 : b !== a + q - p) return false;
    }
    return true;
  };
  return Array.from({ length: output }, (_, p) => {
    let q = p + 1;
    while (q < output && alike(p, q)) q++;
    return q - p;
  });
}

function memoryOf(pages: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (e) {
    throw new Fault('too-large', `A thread of the computation needs ${Math.ceil((pages * PAGE) / 2 ** 20)} MB in one piece, and there are not so many (or it is more than 4 GB). Take smaller samples (fewer positions), fewer threads, or a machine with more memory.`, undefined, String(e));
  }
}

/**
 * Opens a workspace with room for `bytes` of planes and indices (each rounded up to 16 bytes). Fault too-large where the machine
 * has not got them, or above 4 GB less 64 kB. Its memory is freed with the last view of it.
 */
export function openWorkspace(bytes: number): Workspace {
  // The first page is the module's own: its constants, and one row of a pool.
  const pages = Math.ceil(bytes / PAGE) + 1;
  const memory = memoryOf(pages);
  const loops = openLoops(moduleOfThread(), memory);
  const { buffer } = memory;
  const align = (byte: number) => Math.ceil(byte / ALIGNMENT) * ALIGNMENT;
  const own = align(loops.heapBase());
  let next = PAGE;

  const take = (size: number): number => {
    const at = next;
    if (at + size > buffer.byteLength) throw new RangeError(`a workspace of ${buffer.byteLength} bytes has no room for ${size} more`);
    next = align(at + size);
    return at;
  };
  const plane = (count: number) => new Float64Array(buffer, take(8 * count), count);
  const indices = (count: number) => new Int32Array(buffer, take(4 * count), count);
  const placed = (values: ArrayLike<number>): Int32Array => {
    const view = indices(values.length);
    view.set(values);
    return view;
  };

  return {
    plane,
    indices,
    holds: (view) => view.buffer === buffer,
    mark: () => next,
    release: (mark) => { next = mark; },

    gram: (rows, columns, features, factor, x, y, out) =>
      loops.gram(rows, columns, features, factor, x.byteOffset, y.byteOffset, out.byteOffset),
    unfold: (count, cov, root, roots, snap, out) => loops.unfold(count, cov.byteOffset, root, roots.byteOffset, snap, out.byteOffset),
    hermitianGram: (rows, columns, features, factor, xRe, xIm, yRe, yIm, sums, part, outRe, outIm) => loops.hermitianGram(
      rows, columns, features, factor, xRe.byteOffset, xIm.byteOffset, yRe.byteOffset, yIm.byteOffset,
      sums.byteOffset, part.byteOffset, outRe.byteOffset, outIm.byteOffset,
    ),

    correlate: (count, left, right, std, re, im, real, snap) =>
      loops.correlate(count, left.byteOffset, right.byteOffset, std.byteOffset, re.byteOffset, im.byteOffset, Number(real), snap),
    arcCosine: (count, left, right, std, { same, crossed }, c, k, kd, derivatives) => loops.arcCosine(
      count, left.byteOffset, right.byteOffset, std.byteOffset, same, crossed, c.byteOffset, k.byteOffset, kd.byteOffset, Number(derivatives),
    ),
    splitArcCosine: (count, left, right, std, { same, crossed }, re, im, aRe, bRe, derivatives, real) => loops.splitArcCosine(
      count, left.byteOffset, right.byteOffset, std.byteOffset, same, crossed,
      re.byteOffset, im.byteOffset, aRe.byteOffset, bRe.byteOffset, Number(derivatives), Number(real),
    ),
    erfDual: (count, left, right, std, c, k, kd, derivatives) =>
      loops.erfDual(count, left.byteOffset, right.byteOffset, std.byteOffset, c.byteOffset, k.byteOffset, kd.byteOffset, Number(derivatives)),
    geluDual: (count, left, right, std, c, k, kd, derivatives) =>
      loops.geluDual(count, left.byteOffset, right.byteOffset, std.byteOffset, c.byteOffset, k.byteOffset, kd.byteOffset, Number(derivatives)),
    chain: (count, tRe, tIm, aRe, aIm, bRe, bIm) =>
      loops.chain(count, tRe.byteOffset, tIm.byteOffset, aRe.byteOffset, aIm.byteOffset, bRe.byteOffset, bIm.byteOffset),
    chainReal: (count, tRe, tIm, aRe, bRe, real) =>
      loops.chainReal(count, tRe.byteOffset, tIm.byteOffset, aRe.byteOffset, bRe.byteOffset, Number(real)),
    weigh: (count, s, b2, k, t, tangent) => loops.weigh(count, s, b2, k.byteOffset, t.byteOffset, Number(tangent)),

    window: (axis) => ({ ...axis, taps: placed(axis.taps), alike: placed(alikePlaces(axis)) }),
    windowPairs: (pairs, { outer, input, output, inner, size, taps, alike }, factor, from, to) =>
      loops.windowPairs(pairs, outer, input, output, inner, size, taps.byteOffset, alike.byteOffset, factor, from.byteOffset, to.byteOffset),
    windowPlane: (pairs, first, second, factor, strip, from, to) => loops.windowPlane(
      pairs, first.input, first.output, first.size, first.taps.byteOffset, first.alike.byteOffset,
      second.input, second.output, second.size, second.taps.byteOffset, second.alike.byteOffset, factor, strip.byteOffset, from.byteOffset, to.byteOffset,
    ),
    windowEqual: (pairs, { outer, input, output, inner, size, taps, alike }, factor, from, to) =>
      loops.windowEqual(pairs, outer, input, output, inner, size, taps.byteOffset, alike.byteOffset, factor, from.byteOffset, to.byteOffset),
    poolPairs(pairs, input, output, size, taps, weights, equal, from, to) {
      if (own + 8 * input > PAGE) throw new RangeError(`a pool over ${input} positions; one over 8000 has room`);
      loops.poolPairs(pairs, input, output, size, taps.byteOffset, weights.byteOffset, Number(equal), own, from.byteOffset, to.byteOffset);
    },
    sums: (planes, entries, factor, from, to) => loops.sums(planes, entries, factor, from.byteOffset, to.byteOffset),

    seriesProducts: (count, left, right, x, u, uRow, v, vRow, terms, plus, minus, both) => loops.seriesProducts(
      count, left.byteOffset, right.byteOffset, x.byteOffset, u.byteOffset, uRow, v.byteOffset, vRow, terms,
      plus.byteOffset, minus.byteOffset, Number(both),
    ),
    tabulated: (count, x, low, perUnit, cells, outputs, terms, table, out, outRow) =>
      loops.tabulated(count, x.byteOffset, low, perUnit, cells, outputs, terms, table.byteOffset, out.byteOffset, outRow),
  };
}
