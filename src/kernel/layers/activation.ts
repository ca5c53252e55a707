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
  space: Workspace;
  dual: PreparedDual;
  /** In the workspace. */
  std: Float64Array;
  index: Indexing;
  /** Largest slope of the normalised map at rho = 1 over the samples; Infinity where phi jumps. */
  growth: number;
  /** Whether S may be complex on these entries; where not, the planes' imaginary parts are left out. */
  imaginary: boolean;
  /** A and B are real whatever rho. */
  realChain: boolean;
}

/**
 * Sigma of `count` entries becomes K = S(Sigma), and Theta becomes T, in place.
 * @returns the state's new errors and method; `h` loses its conjugate part (holomorphic backpropagation).
 */
export function activate(state: State, count: number, context: ActivationContext, scratch: DualBlock): State {
  const { space, dual, index, std, realChain } = context;
  const { left, right, aRe, aIm, bRe, bIm } = scratch;
  const { k, t, h } = state;
  const before = state.kError;
  // Within its own error of the unit circle a modulus is 1: two samples apart by a factor only, whose dual bends or jumps
  // there, would otherwise turn a rounding into its square root, layer by layer.
  const snap = 8 * before;
  // The assembled loops work on the planes themselves; a recurrent cell's lie outside the workspace and go through the scratch.
  const inSpace = space.holds(k.re);
  const block = { ...scratch };
  let largest = 0;
  const worst: DualOutcome = { error: 0, method: state.method };
  for (let from = 0; from < count; from += CHUNK) {
    const m = Math.min(CHUNK, count - from);
    index(from, m, left, right);
    block.count = m;
    if (inSpace) {
      block.re = k.re.subarray(from, from + m);
      if (k.im) block.im = k.im.subarray(from, from + m);
    } else {
      block.re.set(k.re.subarray(from, from + m));
      if (k.im) block.im.set(k.im.subarray(from, from + m));
    }
    if (!k.im) block.im.fill(0, 0, m);
    largest = Math.max(largest, space.correlate(m, left, right, std, block.re, block.im, k.im === null, snap));
    const { error, method } = dual(block);
    worst.error = Math.max(worst.error, error);
    worst.method = worseMethod(worst.method, method);
    if (!inSpace) {
      k.re.set(block.re.subarray(0, m), from);
      if (context.imaginary) k.im!.set(block.im.subarray(0, m), from);
    }
    if (t && !inSpace) plainChain(m, from, t, scratch);
    else if (t) {
      const tr = t.re.subarray(from, from + m);
      if (realChain || !t.im) space.chainReal(m, tr, t.im ? t.im.subarray(from, from + m) : tr, aRe, bRe, t.im === null);
      else space.chain(m, tr, t.im.subarray(from, from + m), aRe, aIm, bRe, bIm);
    }
    if (h) holomorphicChain(m, from, h, scratch);
  }
  // An error of rho moves S by at most its slope at rho = 1 (the normalised map has non-negative coefficients). A kink of phi
  // makes A and B, a jump makes S too, run like sqrt(1 - |rho|): there the slope at the nearest pair bounds it.
  const bend = 1 / Math.sqrt(2 * (1 - Math.sqrt(largest)));
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

/** Theta becomes A o Theta + B o conj Theta. */
function plainChain(count: number, from: number, { re, im }: Plane, { aRe, aIm, bRe, bIm }: DualBlock): void {
  for (let i = 0, at = from; i < count; i++, at++) {
    const x = re[at]!;
    const y = im ? im[at]! : 0;
    re[at] = (aRe[i]! + bRe[i]!) * x - (aIm[i]! - bIm[i]!) * y;
    if (im) im[at] = (aIm[i]! + bIm[i]!) * x + (aRe[i]! - bRe[i]!) * y;
  }
}

/** Theta becomes A o Theta: backpropagation without the conjugate part. */
function holomorphicChain(count: number, from: number, { re, im }: Plane, { aRe, aIm }: DualBlock): void {
  for (let i = 0, at = from; i < count; i++, at++) {
    const x = re[at]!;
    const y = im ? im[at]! : 0;
    re[at] = aRe[i]! * x - aIm[i]! * y;
    if (im) im[at] = aIm[i]! * x + aRe[i]! * y;
  }
}
