// Piecewise polynomials on equal cells, read at two arguments at a time. Knows no function.
import { put, take } from './lanes';

/** 2^52: added to a whole number it leaves the number in the low bits. */
// @ts-ignore: decorator
@inline const WHOLE: f64 = 4503599627370496;

// @ts-ignore: decorator
@inline function polynomial(row: usize, bytes: usize, square: v128): v128 {
  let n = row + bytes - 16;
  let sum = v128.load(n);
  while (n > row) {
    n -= 16;
    sum = f64x2.add(f64x2.mul(sum, square), v128.load(n));
  }
  return sum;
}

// @ts-ignore: decorator
@inline function read(
  full: bool, at: usize, x: usize, low: v128, perUnit: v128, last: v128, outputs: i32, bytes: usize, table: usize, out: usize, outBytes: usize,
): void {
  const place = f64x2.mul(f64x2.sub(take(full, x + at), low), perUnit);
  const cell = f64x2.pmax(f64x2.splat(0), f64x2.pmin(last, f64x2.floor(place)));
  const half = f64x2.sub(place, cell);
  const z = f64x2.sub(f64x2.add(half, half), f64x2.splat(1));
  const zz = f64x2.mul(z, z);
  const index = f64x2.add(cell, f64x2.splat(WHOLE));
  const cellBytes = <usize>outputs * bytes;
  let row0 = table + <usize>i32x4.extract_lane(index, 0) * cellBytes;
  let row1 = table + <usize>i32x4.extract_lane(index, 2) * cellBytes;
  const square0 = v128.shuffle<f64>(zz, zz, 0, 0), square1 = v128.shuffle<f64>(zz, zz, 1, 1);
  let to = out + at;
  for (let o: i32 = 0; o < outputs; o++) {
    const p = polynomial(row0, bytes, square0), q = polynomial(row1, bytes, square1);
    put(full, to, f64x2.add(v128.shuffle<f64>(p, q, 0, 2), f64x2.mul(z, v128.shuffle<f64>(p, q, 1, 3))));
    row0 += bytes;
    row1 += bytes;
    to += outBytes;
  }
}

/**
 * Outputs of every x[t], from cells of equal width on [low, low + cells/perUnit]; an x outside is read off the nearest cell.
 * Per cell and output `terms` coefficients, an even number, of powers of 2 (place in the cell) - 1, ascending: even terms in one
 * lane, odd ones in the other. Output o of x[t] goes to out[o * outRow + t].
 */
export function tabulated(count: i32, x: usize, low: f64, perUnit: f64, cells: i32, outputs: i32, terms: i32, table: usize, out: usize, outRow: i32): void {
  const bytes = <usize>terms << 3, outBytes = <usize>outRow << 3;
  const from = f64x2.splat(low), scale = f64x2.splat(perUnit), last = f64x2.splat(<f64>(cells - 1));
  const end = <usize>(count & ~1) << 3;
  for (let at: usize = 0; at < end; at += 16) read(true, at, x, from, scale, last, outputs, bytes, table, out, outBytes);
  if (count & 1) read(false, end, x, from, scale, last, outputs, bytes, table, out, outBytes);
}

// @ts-ignore: decorator
@inline function unfoldPair(full: bool, at: usize, cov: usize, inverse: v128, roots: usize, snap: v128, out: usize, nearest: v128): v128 {
  const zero = f64x2.splat(0), two = f64x2.splat(2);
  const rho = f64x2.div(f64x2.mul(take(full, cov + at), inverse), take(full, roots + at));
  const gap = f64x2.pmax(zero, f64x2.sub(f64x2.splat(1), f64x2.abs(rho)));
  const inside = f64x2.gt(gap, snap);
  const edge = v128.and(f64x2.sqrt(gap), inside);
  put(full, out + at, v128.bitselect(edge, f64x2.sub(two, edge), f64x2.ge(rho, zero)));
  return f64x2.pmin(nearest, v128.bitselect(edge, two, inside));
}

/** Correlations cov / (root roots) to [0, 2] by square roots at both ends; returns the least distance from an end that is not one. */
export function unfold(count: i32, cov: usize, root: f64, roots: usize, snap: f64, out: usize): f64 {
  const inverse = f64x2.splat(1 / root), edge = f64x2.splat(snap);
  let nearest = f64x2.splat(2);
  const end = <usize>(count & ~1) << 3;
  for (let at: usize = 0; at < end; at += 16) nearest = unfoldPair(true, at, cov, inverse, roots, edge, out, nearest);
  let least = min(f64x2.extract_lane(nearest, 0), f64x2.extract_lane(nearest, 1));
  if (count & 1) least = min(least, f64x2.extract_lane(unfoldPair(false, end, cov, inverse, roots, edge, out, f64x2.splat(2)), 0));
  return least;
}
