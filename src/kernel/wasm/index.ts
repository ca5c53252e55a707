// The door to the assembled loops: memory to work in and functions on views of it. Knows nothing of kernels or layers.
import { MODULE } from './assembled.ts';

const PAGE = 65536;
const ALIGNMENT = 16;

/** Exports of the module: every plane and list is the byte where it starts. */
interface Loops {
  heapBase(): number;
  gram(rows: number, columns: number, features: number, x: number, y: number, out: number): void;
  hermitianGram(
    rows: number, columns: number, features: number,
    xRe: number, xIm: number, yRe: number, yIm: number, outRe: number, outIm: number,
  ): void;
  arcCosine(
    count: number, left: number, right: number, std: number, slope: number, k: number, kd: number, derivatives: number,
  ): void;
  splitArcCosine(
    count: number, left: number, right: number, std: number, slope: number,
    re: number, im: number, aRe: number, bRe: number, derivatives: number, real: number,
  ): void;
}

/**
 * Memory of fixed size and the loops that work in it. All arrays given to its functions must be views of this
 * workspace: `plane`, `indices`, or `subarray`s of them. Where a function says "may be empty", so may the view.
 * Nothing is checked: a view that is too short makes the module trap or write over its neighbour.
 */
export interface Workspace {
  /** `count` numbers, 16-byte aligned, filled with zeros only if never used before. RangeError where the room is used up. */
  plane(count: number): Float64Array;
  /** `count` indices, likewise. */
  indices(count: number): Int32Array;
  /** The state of the allocator, to be given to `release`. */
  mark(): number;
  /** Gives back all that was taken since the mark; views of it must not be used any more. */
  release(mark: number): void;

  /** out[i * columns + j] = sum_k x[i * features + k] y[j * features + k], summation error about 1e-16 sqrt(features) |x_i| |y_j|. */
  gram(rows: number, columns: number, features: number, x: Float64Array, y: Float64Array, out: Float64Array): void;

  /**
   * out[i * columns + j] = sum_k x_ik conj(y_jk) of complex rows, parts apart, x of rows x features, y of
   * columns x features; the error as in `gram`. The imaginary part of a row with itself is exactly 0.
   */
  hermitianGram(
    rows: number, columns: number, features: number,
    xRe: Float64Array, xIm: Float64Array, yRe: Float64Array, yIm: Float64Array, outRe: Float64Array, outIm: Float64Array,
  ): void;

  /**
   * Dual of the leaky ReLU g of slope s (0: ReLU, -1: absolute value) for real normals, a = std[left[t]],
   * b = std[right[t]], of correlation c = k[t], |c| <= 1 (Cho and Saul 2009):
   * k[t] becomes E[g(X) g(Y)] = a b ((1+s^2) F(c) - 2 s F(-c)), F(c) = (sqrt(1-c^2) + c (pi - arccos c)) / 2 pi, and
   * kd[t] = E[g'(X) g'(Y)] = (1+s^2) P(c) + 2 s P(-c), P(c) = (pi - arccos c) / 2 pi. Without derivatives kd may be
   * empty. Errors at most 4e-16 relative to the values at c = 1; exact at c = 1 and -1.
   */
  arcCosine(
    count: number, left: Int32Array, right: Int32Array, std: Float64Array, slope: number,
    k: Float64Array, kd: Float64Array, derivatives: boolean,
  ): void;

  /**
   * Dual of the split activation g(Re z) + i g(Im z), g the leaky ReLU of slope s, for circular normals of standard
   * deviations std[left[t]], std[right[t]] and correlation re[t] + i im[t]: re, im become S; aRe and bRe receive A and
   * B, whose imaginary parts are 0 and are not written. `real`: im is 0 and is left alone (may be empty); without
   * derivatives aRe and bRe may be empty. Method closed; error bound as in `arcCosine`.
   */
  splitArcCosine(
    count: number, left: Int32Array, right: Int32Array, std: Float64Array, slope: number,
    re: Float64Array, im: Float64Array, aRe: Float64Array, bRe: Float64Array, derivatives: boolean, real: boolean,
  ): void;
}

let compiled: WebAssembly.Module | undefined;

/** The module, compiled at the first workspace of a thread. */
function moduleOfThread(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(MODULE), (c) => c.charCodeAt(0)));
  return compiled;
}

/**
 * Opens a workspace with room for `bytes` of planes and indices (each rounded up to 16 bytes). RangeError where the
 * machine has not got them, or above 4 GB less 64 kB. A workspace belongs to the thread that opened it.
 */
export function openWorkspace(bytes: number): Workspace {
  // One page for the module's own constants.
  const pages = Math.ceil(bytes / PAGE) + 1;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const loops = new WebAssembly.Instance(moduleOfThread(), { env: { memory } }).exports as Loops;
  const { buffer } = memory;
  const align = (byte: number) => Math.ceil(byte / ALIGNMENT) * ALIGNMENT;
  let next = align(loops.heapBase());

  const take = (size: number): number => {
    const at = next;
    if (at + size > buffer.byteLength) throw new RangeError(`a workspace of ${buffer.byteLength} bytes has no room for ${size} more`);
    next = align(at + size);
    return at;
  };

  return {
    plane: (count) => new Float64Array(buffer, take(8 * count), count),
    indices: (count) => new Int32Array(buffer, take(4 * count), count),
    mark: () => next,
    release: (mark) => { next = mark; },
    gram: (rows, columns, features, x, y, out) => loops.gram(rows, columns, features, x.byteOffset, y.byteOffset, out.byteOffset),
    hermitianGram: (rows, columns, features, xRe, xIm, yRe, yIm, outRe, outIm) => loops.hermitianGram(
      rows, columns, features, xRe.byteOffset, xIm.byteOffset, yRe.byteOffset, yIm.byteOffset, outRe.byteOffset, outIm.byteOffset,
    ),
    arcCosine: (count, left, right, std, slope, k, kd, derivatives) => loops.arcCosine(
      count, left.byteOffset, right.byteOffset, std.byteOffset, slope, k.byteOffset, kd.byteOffset, Number(derivatives),
    ),
    splitArcCosine: (count, left, right, std, slope, re, im, aRe, bRe, derivatives, real) => loops.splitArcCosine(
      count, left.byteOffset, right.byteOffset, std.byteOffset, slope,
      re.byteOffset, im.byteOffset, aRe.byteOffset, bRe.byteOffset, Number(derivatives), Number(real),
    ),
  };
}
