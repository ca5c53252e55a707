// The arc-cosine duals of functions linear on each side of 0, two entries at a time. Knows no layer.
//
// For normals of correlation c, with y = sqrt(1 - c^2), F(c) = (y + c (pi - arccos c)) / 2 pi and P(c) = (pi - arccos c) / 2 pi
// (Cho and Saul 2009), the duals are
//   k = same F(c) - crossed F(-c) = w (y + c t) + c d,   kd = same P(c) + crossed P(-c) = d + w t,   w = (same - crossed) / 2 pi,
// where t = asin c and d = (same + crossed)/4 in the middle, |c| <= 1/2, and t = -sign(c) arccos |c| outside it, with d = same/2
// for c > 0 and d = crossed/2 for c < 0: what is small at c = +-1 is then not a difference of large numbers, and the values there
// are exact. The odd part of k is (same + crossed) c/4, the even part of kd (same + crossed)/4.

import { arcSine, steep } from './arc-sine';
import { pick, put, take } from './lanes';

/** y = sqrt(1 - c^2). */
// @ts-ignore: decorator
@inline function sine(c: v128): v128 {
  const one = f64x2.splat(1);
  return f64x2.sqrt(f64x2.pmax(f64x2.splat(0), f64x2.mul(f64x2.sub(one, c), f64x2.add(one, c))));
}

/** t of the formulas above. */
// @ts-ignore: decorator
@inline function angle(c: v128, out: v128): v128 {
  const modulus = f64x2.abs(c);
  const z = v128.bitselect(f64x2.mul(f64x2.splat(0.5), f64x2.sub(f64x2.splat(1), modulus)), f64x2.mul(c, c), out);
  const asin = arcSine(v128.bitselect(f64x2.sqrt(z), modulus, out), z);
  // Twice that, and the sign of c turned, outside the middle.
  return v128.xor(f64x2.add(asin, v128.and(asin, out)), v128.and(v128.xor(c, out), f64x2.splat(-0.0)));
}

/** d of the formulas above. */
// @ts-ignore: decorator
@inline function base(c: v128, out: v128, middle: v128, above: v128, below: v128): v128 {
  return v128.bitselect(v128.bitselect(below, above, f64x2.lt(c, f64x2.splat(0))), middle, out);
}

// @ts-ignore: decorator
@inline function realPair(
  full: bool, at: usize, index: usize, left: usize, right: usize, std: usize, from: usize, k: usize, kd: usize, derivatives: bool,
  w: v128, middle: v128, above: v128, below: v128,
): void {
  const c = take(full, from + at);
  const y = sine(c);
  const out = steep(c);
  const t = angle(c, out);
  const d = base(c, out, middle, above, below);
  const scale = f64x2.mul(pick(full, std, left + index), pick(full, std, right + index));
  put(full, k + at, f64x2.mul(scale, f64x2.add(f64x2.mul(w, f64x2.add(y, f64x2.mul(c, t))), f64x2.mul(c, d))));
  if (derivatives) put(full, kd + at, f64x2.add(d, f64x2.mul(w, t)));
}

/** k receives a b k(c), where a = std[left], b = std[right], and kd receives kd(c); k may be c's own plane. */
export function arcCosine(
  count: i32, left: usize, right: usize, std: usize, same: f64, crossed: f64, c: usize, k: usize, kd: usize, derivatives: bool,
): void {
  const w = f64x2.splat((same - crossed) / (2 * Math.PI));
  const middle = f64x2.splat((same + crossed) / 4);
  const above = f64x2.splat(same / 2);
  const below = f64x2.splat(crossed / 2);
  const end = <usize>(count & ~1) << 3;
  for (let at: usize = 0; at < end; at += 16) {
    realPair(true, at, at >> 1, left, right, std, c, k, kd, derivatives, w, middle, above, below);
  }
  if (count & 1) realPair(false, end, end >> 1, left, right, std, c, k, kd, derivatives, w, middle, above, below);
}

// @ts-ignore: decorator
@inline function splitPair(
  full: bool, at: usize, index: usize, left: usize, right: usize, std: usize, re: usize, im: usize, aRe: usize, bRe: usize,
  derivatives: bool, real: bool, w: v128, middle: v128, above: v128, below: v128,
): void {
  const c = take(full, re + at);
  const y = sine(c);
  const out = steep(c);
  const t = angle(c, out);
  const d = base(c, out, middle, above, below);
  const scale = f64x2.mul(pick(full, std, left + index), pick(full, std, right + index));
  put(full, re + at, f64x2.mul(scale, f64x2.add(f64x2.mul(w, f64x2.add(y, f64x2.mul(c, t))), f64x2.mul(c, d))));
  if (!real) put(full, im + at, f64x2.mul(scale, f64x2.mul(middle, take(full, im + at))));
  if (derivatives) {
    const half = f64x2.splat(0.5);
    const bend = f64x2.mul(w, t);
    put(full, aRe + at, f64x2.mul(half, f64x2.add(f64x2.add(d, middle), bend)));
    put(full, bRe + at, f64x2.mul(half, f64x2.add(f64x2.sub(d, middle), bend)));
  }
}

/**
 * re, im hold rho and receive S; aRe, bRe receive A and B, which are real:
 * S = 2 k'(Re rho) + i (k'(Im rho) - k'(-Im rho)) with k' = ab k / 2, so that Im S is linear in Im rho, and
 * A, B = (2 kd(Re rho) +- (kd(Im rho) + kd(-Im rho))) / 4, where the sum of the last two is constant.
 */
export function splitArcCosine(
  count: i32, left: usize, right: usize, std: usize, same: f64, crossed: f64, re: usize, im: usize, aRe: usize, bRe: usize,
  derivatives: bool, real: bool,
): void {
  const w = f64x2.splat((same - crossed) / (2 * Math.PI));
  const middle = f64x2.splat((same + crossed) / 4);
  const above = f64x2.splat(same / 2);
  const below = f64x2.splat(crossed / 2);
  const end = <usize>(count & ~1) << 3;
  for (let at: usize = 0; at < end; at += 16) {
    splitPair(true, at, at >> 1, left, right, std, re, im, aRe, bRe, derivatives, real, w, middle, above, below);
  }
  if (count & 1) splitPair(false, end, end >> 1, left, right, std, re, im, aRe, bRe, derivatives, real, w, middle, above, below);
}
