// Entry by entry: covariances to correlations, the chain rule, a weighted layer. Knows no activation.
import { pick, put, take } from './lanes';

/** 0 where a part is within `snap` of vanishing beside the modulus, the other part then +-1; else the part over the modulus. */
// @ts-ignore: decorator
@inline function snapped(part: f64, other: f64, modulus: f64, snap: f64): f64 {
  if (abs(part) <= snap * modulus) return 0;
  return abs(other) <= snap * modulus ? copysign<f64>(1, part) : part / modulus;
}

/** One entry onto the unit circle. */
function snapEntry(re: usize, im: usize, real: bool, snap: f64): void {
  const x = load<f64>(re);
  const y = real ? 0 : load<f64>(im);
  const modulus = sqrt(x * x + y * y);
  store<f64>(re, snapped(x, y, modulus, snap));
  if (!real) store<f64>(im, snapped(y, x, modulus, snap));
}

// @ts-ignore: decorator
@inline function correlatePair(
  full: bool, at: usize, index: usize, left: usize, right: usize, std: usize, re: usize, im: usize, real: bool, snap: f64, largest: v128,
): v128 {
  const zero = f64x2.splat(0);
  const product = f64x2.mul(pick(full, std, left + index), pick(full, std, right + index));
  const inverse = v128.and(f64x2.div(f64x2.splat(1), product), f64x2.gt(product, zero));
  const x = f64x2.mul(take(full, re + at), inverse);
  put(full, re + at, x);
  let square = f64x2.mul(x, x);
  if (!real) {
    const y = f64x2.mul(take(full, im + at), inverse);
    put(full, im + at, y);
    square = f64x2.add(square, f64x2.mul(y, y));
  }
  const beyond = f64x2.ge(square, f64x2.splat(1 - snap));
  if (v128.any_true(beyond)) {
    const which = i64x2.bitmask(beyond);
    if (which & 1) snapEntry(re + at, im + at, real, snap);
    if (which & 2) snapEntry(re + at + 8, im + at + 8, real, snap);
  }
  return f64x2.pmax(largest, v128.andnot(square, beyond));
}

/**
 * Divides by std[left] std[right] in place, 0 where that is 0; what is then within `snap` of the unit circle is put on it.
 * Returns the largest square of a modulus inside.
 */
export function correlate(
  count: i32, left: usize, right: usize, std: usize, re: usize, im: usize, real: bool, snap: f64,
): f64 {
  let largest = f64x2.splat(0);
  const end = <usize>(count & ~1) << 3;
  for (let at: usize = 0; at < end; at += 16) largest = correlatePair(true, at, at >> 1, left, right, std, re, im, real, snap, largest);
  if (count & 1) largest = correlatePair(false, end, end >> 1, left, right, std, re, im, real, snap, largest);
  return max(f64x2.extract_lane(largest, 0), f64x2.extract_lane(largest, 1));
}

// @ts-ignore: decorator
@inline function chainPair(full: bool, at: usize, tRe: usize, tIm: usize, aRe: usize, aIm: usize, bRe: usize, bIm: usize): void {
  const x = take(full, tRe + at), y = take(full, tIm + at);
  const ar = take(full, aRe + at), ai = take(full, aIm + at), br = take(full, bRe + at), bi = take(full, bIm + at);
  put(full, tRe + at, f64x2.sub(f64x2.mul(f64x2.add(ar, br), x), f64x2.mul(f64x2.sub(ai, bi), y)));
  put(full, tIm + at, f64x2.add(f64x2.mul(f64x2.add(ai, bi), x), f64x2.mul(f64x2.sub(ar, br), y)));
}

/** Theta becomes A o Theta + B o conj Theta. */
export function chain(count: i32, tRe: usize, tIm: usize, aRe: usize, aIm: usize, bRe: usize, bIm: usize): void {
  const end = <usize>(count & ~1) << 3;
  for (let at: usize = 0; at < end; at += 16) chainPair(true, at, tRe, tIm, aRe, aIm, bRe, bIm);
  if (count & 1) chainPair(false, end, tRe, tIm, aRe, aIm, bRe, bIm);
}

/** The same for real A and B; without an imaginary part of Theta where `real`. */
export function chainReal(count: i32, tRe: usize, tIm: usize, aRe: usize, bRe: usize, real: bool): void {
  const end = <usize>(count & ~1) << 3;
  for (let at: usize = 0; at < end; at += 16) {
    const a = v128.load(aRe + at), b = v128.load(bRe + at);
    v128.store(tRe + at, f64x2.mul(f64x2.add(a, b), v128.load(tRe + at)));
    if (!real) v128.store(tIm + at, f64x2.mul(f64x2.sub(a, b), v128.load(tIm + at)));
  }
  if (count & 1) {
    const a = load<f64>(aRe + end), b = load<f64>(bRe + end);
    store<f64>(tRe + end, (a + b) * load<f64>(tRe + end));
    if (!real) store<f64>(tIm + end, (a - b) * load<f64>(tIm + end));
  }
}

// @ts-ignore: decorator
@inline function weighPair(full: bool, at: usize, s: v128, b2: v128, k: usize, t: usize, tangent: bool): void {
  const sigma = f64x2.add(f64x2.mul(s, take(full, k + at)), b2);
  put(full, k + at, sigma);
  if (tangent) put(full, t + at, f64x2.add(sigma, f64x2.mul(s, take(full, t + at))));
}

/** K becomes s K + b2, and T becomes that + s T where there is one. */
export function weigh(count: i32, s: f64, b2: f64, k: usize, t: usize, tangent: bool): void {
  const factor = f64x2.splat(s), offset = f64x2.splat(b2);
  const end = <usize>(count & ~1) << 3;
  for (let at: usize = 0; at < end; at += 16) weighPair(true, at, factor, offset, k, t, tangent);
  if (count & 1) weighPair(false, end, factor, offset, k, t, tangent);
}
