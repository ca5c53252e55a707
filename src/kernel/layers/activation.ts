// An activation on a tile: correlations, dual maps, and the chain rule T = A o Theta + B o conj Theta. Knows no dual's formula.
import { worseMethod, type DualBlock, type DualOutcome, type PreparedDual } from '../duals/index.ts';
import { CHUNK, type Plane, type State } from '../tile.ts';

const ROUNDING = 2e-15;

/** Arrays that one breath of a dual needs, kept between calls. */
export function newScratch(): DualBlock {
  const row = () => new Float64Array(CHUNK);
  return { count: 0, left: new Int32Array(CHUNK), right: new Int32Array(CHUNK), re: row(), im: row(), aRe: row(), aIm: row(), bRe: row(), bIm: row() };
}

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
    const re = k.re.subarray(from, from + m);
    const im = k.im ? k.im.subarray(from, from + m) : scratch.im;
    if (!k.im) scratch.im.fill(0, 0, m);
    nearest = Math.min(nearest, correlate(m, re, k.im ? im : null, context.std, scratch, 4 * before));
    const block: DualBlock = { ...scratch, count: m, re, im };
    const { error, method } = dual(block);
    worst.error = Math.max(worst.error, error);
    worst.method = worseMethod(worst.method, method);
    if (t) chain(m, from, t, block, true);
    if (h) chain(m, from, h, block, false);
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
 * Covariances to correlations, in place. Within its own error of the unit circle a modulus is 1: two samples apart by a
 * factor only, whose dual bends or jumps there, would otherwise turn a rounding into its square root, layer by layer.
 * @returns the least 1 - |rho| of the others
 */
function correlate(count: number, re: Float64Array, im: Float64Array | null, std: Float64Array, { left, right }: DualBlock, snap: number): number {
  const edge = 1 - snap;
  let largest = 0;
  for (let i = 0; i < count; i++) {
    const scale = std[left[i]!]! * std[right[i]!]!;
    const inverse = scale > 0 ? 1 / scale : 0;
    const x = re[i]! * inverse;
    const y = im ? im[i]! * inverse : 0;
    const square = x * x + y * y;
    if (square < edge) {
      re[i] = x;
      if (im) im[i] = y;
      if (square > largest) largest = square;
      continue;
    }
    const modulus = Math.sqrt(square);
    if (modulus >= edge) {
      const c = Math.abs(y) <= snap * modulus ? Math.sign(x) : Math.abs(x) <= snap * modulus ? 0 : x / modulus;
      const s = Math.abs(y) <= snap * modulus ? 0 : Math.abs(x) <= snap * modulus ? Math.sign(y) : y / modulus;
      re[i] = c;
      if (im) im[i] = s;
    } else {
      re[i] = x;
      if (im) im[i] = y;
      if (square > largest) largest = square;
    }
  }
  return 1 - Math.sqrt(largest);
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
