// The closed duals of erf and gelu, two entries at a time. Knows no layer.
import { arcSine, steep } from './arc-sine';
import { pick, put, take } from './lanes';

/** The angle whose sine is y/h and whose squared cosine is square/h^2, h > 0: good near +-pi/2, where the sine alone is not. */
// @ts-ignore: decorator
@inline function angle(y: v128, h: v128, square: v128): v128 {
  const sine = f64x2.div(y, h);
  const modulus = f64x2.abs(sine);
  const out = steep(sine);
  // (1 - s)/2 = cos^2 / 2(1 + s)
  const half = f64x2.div(square, f64x2.mul(f64x2.add(h, h), f64x2.add(h, f64x2.abs(y))));
  const z = v128.bitselect(half, f64x2.mul(sine, sine), out);
  const asin = arcSine(v128.bitselect(f64x2.sqrt(z), modulus, out), z);
  const size = v128.bitselect(f64x2.sub(f64x2.splat(Math.PI / 2), f64x2.add(asin, asin)), asin, out);
  return v128.or(size, v128.and(y, f64x2.splat(-0.0)));
}

/** k = (2/pi) asin(2C / sqrt((1+2A)(1+2B))), kd = 4 / (pi sqrt(det)), det = (1+2A)(1+2B) - 4C^2 (Williams 1997). */
// @ts-ignore: decorator
@inline function erfPair(full: bool, at: usize, index: usize, left: usize, right: usize, std: usize, from: usize, k: usize, kd: usize, derivatives: bool): void {
  const one = f64x2.splat(1), two = f64x2.splat(2);
  const c = take(full, from + at);
  const a = pick(full, std, left + index), b = pick(full, std, right + index);
  const A = f64x2.mul(two, f64x2.mul(a, a)), B = f64x2.mul(two, f64x2.mul(b, b));
  const h = f64x2.sqrt(f64x2.mul(f64x2.add(one, A), f64x2.add(one, B)));
  const gap = f64x2.mul(f64x2.mul(A, B), f64x2.mul(f64x2.sub(one, c), f64x2.add(one, c)));
  const det = f64x2.add(f64x2.add(one, A), f64x2.add(B, gap));
  put(full, k + at, f64x2.mul(f64x2.splat(2 / Math.PI), angle(f64x2.mul(two, f64x2.mul(c, f64x2.mul(a, b))), h, det)));
  if (derivatives) put(full, kd + at, f64x2.div(f64x2.splat(4 / Math.PI), f64x2.sqrt(det)));
}

/** The dual of erf at correlations c: k, which may be c's own plane, and kd. */
export function erfDual(count: i32, left: usize, right: usize, std: usize, c: usize, k: usize, kd: usize, derivatives: bool): void {
  const end = <usize>(count & ~1) << 3;
  for (let at: usize = 0; at < end; at += 16) erfPair(true, at, at >> 1, left, right, std, c, k, kd, derivatives);
  if (count & 1) erfPair(false, end, end >> 1, left, right, std, c, k, kd, derivatives);
}

/**
 * By Stein's identity, with D = (1+A)(1+B) - C^2, p = 1 / (2 pi sqrt D) and t = asin(C / sqrt((1+A)(1+B))) / 2 pi:
 * k = p (A (B - C^2/(1+A)) + C^2/(1+B)) + C (1/4 + t), kd = 1/4 + t + C p (1/(1+A) + 1/(1+B) + 1/D).
 */
// @ts-ignore: decorator
@inline function geluPair(full: bool, at: usize, index: usize, left: usize, right: usize, std: usize, from: usize, k: usize, kd: usize, derivatives: bool): void {
  const one = f64x2.splat(1), quarter = f64x2.splat(0.25), turn = f64x2.splat(1 / (2 * Math.PI));
  const c = take(full, from + at);
  const a = pick(full, std, left + index), b = pick(full, std, right + index);
  const A = f64x2.mul(a, a), B = f64x2.mul(b, b);
  const C = f64x2.mul(c, f64x2.mul(a, b));
  const A1 = f64x2.add(one, A), B1 = f64x2.add(one, B);
  const gap = f64x2.mul(f64x2.mul(A, B), f64x2.mul(f64x2.sub(one, c), f64x2.add(one, c)));
  const D = f64x2.add(A1, f64x2.add(B, gap));
  const byA = f64x2.div(one, A1), byB = f64x2.div(one, B1), byRoot = f64x2.div(one, f64x2.sqrt(D));
  const t = f64x2.add(quarter, f64x2.mul(turn, angle(C, f64x2.sqrt(f64x2.mul(A1, B1)), D)));
  const p = f64x2.mul(turn, byRoot);
  const spread = f64x2.add(f64x2.mul(f64x2.mul(A, f64x2.add(B, gap)), byA), f64x2.mul(f64x2.mul(C, C), byB));
  put(full, k + at, f64x2.add(f64x2.mul(p, spread), f64x2.mul(C, t)));
  if (derivatives) {
    const sum = f64x2.add(f64x2.add(byA, byB), f64x2.mul(byRoot, byRoot));
    put(full, kd + at, f64x2.add(t, f64x2.mul(f64x2.mul(C, p), sum)));
  }
}

/** The dual of x Phi(x) at correlations c: k, which may be c's own plane, and kd. */
export function geluDual(count: i32, left: usize, right: usize, std: usize, c: usize, k: usize, kd: usize, derivatives: bool): void {
  const end = <usize>(count & ~1) << 3;
  for (let at: usize = 0; at < end; at += 16) geluPair(true, at, at >> 1, left, right, std, c, k, kd, derivatives);
  if (count & 1) geluPair(false, end, end >> 1, left, right, std, c, k, kd, derivatives);
}
