// An activation on a tile: correlations, dual maps, and the chain rule T = A o Theta + B o conj Theta. Knows no dual's formula.
import { worseMethod, type DualBlock, type DualOutcome, type PreparedDual } from '../duals/index.ts';
import { CHUNK, type Plane, type State } from '../tile.ts';
import type { Workspace } from '../wasm/index.ts';

const ROUNDING = 2e-15;

/** Arrays that one breath of a dual needs, kept between calls. */
export function newScratch(workspace: Workspace): DualBlock {
  const row = () => workspace.plane(CHUNK);
  return { count: 0, left: workspace.indices(CHUNK), right: workspace.indices(CHUNK), re: row(), im: row(), aRe: row(), aIm: row(), bRe: row(), bIm: row() };
}

/** Bytes of it. */
export const SCRATCH_BYTES = (6 * 8 + 2 * 4) * CHUNK;

/** Writes the indices of the standard deviations of entries [from, from + count). */
export type Indexing = (from: number, count: number, left: Int32Array, right: Int32Array) => void;

export interface ActivationContext {
  dual: PreparedDual;
  std: Float64Array;
  index: Indexing;
  /** Largest slope of the normalised map at rho = 1 over the samples; Infinity where phi jumps. */
  growth: number;
  /** Whether S may be complex on these entries; where not, the planes' imaginary parts are left out. */
  imaginary: boolean;
}

/**
 * Sigma of `count` entries becomes K = S(Sigma), and Theta becomes T, in place.
 * @returns the state's new errors and method; `h` loses its conjugate part (holomorphic backpropagation).
 */
export function activate(state: State, count: number, context: ActivationContext, scratch: DualBlock): State {
  const { dual, index } = context;
  const { k, t, h } = state;
  const before = state.kError;
  let nearest = 1;
  const worst: DualOutcome = { error: 0, method: state.method };
  for (let from = 0; from < count; from += CHUNK) {
    const m = Math.min(CHUNK, count - from);
    index(from, m, scratch.left, scratch.right);
    nearest = Math.min(nearest, correlate(m, from, k, context.std, scratch, 4 * before));
    scratch.count = m;
    const { error, method } = dual(scratch);
    worst.error = Math.max(worst.error, error);
    worst.method = worseMethod(worst.method, method);
    k.re.set(scratch.re.subarray(0, m), from);
    if (context.imaginary) k.im!.set(scratch.im.subarray(0, m), from);
    if (t) chain(m, from, t, scratch, true);
    if (h) chain(m, from, h, scratch, false);
  }
  // An error of rho moves S by at most its slope at rho = 1 (the normalised map has non-negative coefficients). A kink of phi
  // makes A and B, a jump makes S too, run like sqrt(1 - |rho|): there the slope at the nearest pair bounds it.
  const bend = 1 / Math.sqrt(2 * nearest);
  const slope = Number.isFinite(context.growth) ? context.growth : bend;
  const kError = Math.max(1, slope) * before + worst.error + ROUNDING;
  return {
    k: context.imaginary ? k : { re: k.re, im: null },
    t: t && { re: t.re, im: context.imaginary ? t.im : null },
    h: h && { re: h.re, im: context.imaginary ? h.im : null },
    kError,
    tError: state.tError + kError + Math.max(1, bend, slope) * before + worst.error + ROUNDING,
    method: worst.method,
  };
}

/**
 * Covariances to correlations, into the scratch. Within its own error of the unit circle a modulus is 1: two samples apart by a
 * factor only, whose dual bends or jumps there, would otherwise turn a rounding into its square root, layer by layer.
 * @returns the least 1 - |rho| of the others
 */
function correlate(count: number, from: number, k: Plane, std: Float64Array, scratch: DualBlock, snap: number): number {
  const { left, right, re, im } = scratch;
  const edge = (1 - snap) ** 2;
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const scale = std[left[i]!]! * std[right[i]!]!;
    const inverse = scale > 0 ? 1 / scale : 0;
    const x = k.re[from + i]! * inverse;
    const y = k.im ? k.im[from + i]! * inverse : 0;
    const square = x * x + y * y;
    re[i] = x;
    im[i] = y;
    if (square >= edge) onCircle(i, x, y, Math.sqrt(square), snap, re, im);
    else if (square > largest) largest = square;
  }
  return 1 - Math.sqrt(largest);
}

/** A unit complex number, taken as 1, i, -1 or -i where it is one but for its rounding. */
function onCircle(i: number, x: number, y: number, modulus: number, snap: number, re: Float64Array, im: Float64Array): void {
  const flat = Math.abs(y) <= snap * modulus;
  const upright = Math.abs(x) <= snap * modulus;
  re[i] = flat ? Math.sign(x) : upright ? 0 : x / modulus;
  im[i] = flat ? 0 : upright ? Math.sign(y) : y / modulus;
}

/** Theta becomes A o Theta + B o conj Theta; without `conjugate` A o Theta. */
function chain(count: number, from: number, theta: Plane, { aRe, aIm, bRe, bIm }: DualBlock, conjugate: boolean): void {
  const tr = theta.re;
  const ti = theta.im;
  if (!ti) {
    for (let i = 0, at = from; i < count; i++, at++) tr[at] = tr[at]! * (conjugate ? aRe[i]! + bRe[i]! : aRe[i]!);
    return;
  }
  for (let i = 0, at = from; i < count; i++, at++) {
    const x = tr[at]!;
    const y = ti[at]!;
    const ar = aRe[i]!;
    const ai = aIm[i]!;
    if (conjugate) {
      const br = bRe[i]!;
      const bi = bIm[i]!;
      tr[at] = (ar + br) * x - (ai - bi) * y;
      ti[at] = (ai + bi) * x + (ar - br) * y;
    } else {
      tr[at] = ar * x - ai * y;
      ti[at] = ai * x + ar * y;
    }
  }
}
