// Products of two blocks of row vectors, by register tiles over slices of the features. Knows nothing of kernels.

/** Features a slice: the rows of a tile stay in the first-level cache. */
const SLICE: i32 = 256;
/** Rows whose slice stays in the second-level cache while all columns pass. */
const BAND: i32 = 48;

// @ts-ignore: decorator
@inline function total(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

// @ts-ignore: decorator
@inline function fma(sum: v128, a: v128, b: v128): v128 {
  return f64x2.add(sum, f64x2.mul(a, b));
}

/**
 * out (+)= factor sum_k x_ik y_jk over `count` features of rows that lie `stride` bytes apart, in tiles of four rows
 * and two columns. The last tiles run over the edge by repeating a row or a column: all loads of a tile come before
 * its stores, so nothing is added twice. Every entry is summed in the same order, so that x.y - y.x is exactly 0.
 */
function addProducts(
  rows: i32, columns: i32, count: i32, stride: usize, x: usize, y: usize, out: usize, fresh: bool, factor: f64,
): void {
  const pairs = <usize>(count >> 1) << 4;
  for (let band: i32 = 0; band < rows; band += BAND) {
    const end = min(band + BAND, rows);
    for (let j: i32 = 0; j < columns; j += 2) {
      const j1 = min(j + 1, columns - 1);
      const y0 = y + <usize>j * stride, y1 = y + <usize>j1 * stride;
      for (let i: i32 = band; i < end; i += 4) {
        const i1 = min(i + 1, end - 1), i2 = min(i + 2, end - 1), i3 = min(i + 3, end - 1);
        const x0 = x + <usize>i * stride, x1 = x + <usize>i1 * stride;
        const x2 = x + <usize>i2 * stride, x3 = x + <usize>i3 * stride;
        let v00 = f64x2.splat(0), v01 = v00, v10 = v00, v11 = v00, v20 = v00, v21 = v00, v30 = v00, v31 = v00;
        for (let k: usize = 0; k < pairs; k += 16) {
          const b0 = v128.load(y0 + k), b1 = v128.load(y1 + k);
          let a = v128.load(x0 + k);
          v00 = fma(v00, a, b0);
          v01 = fma(v01, a, b1);
          a = v128.load(x1 + k);
          v10 = fma(v10, a, b0);
          v11 = fma(v11, a, b1);
          a = v128.load(x2 + k);
          v20 = fma(v20, a, b0);
          v21 = fma(v21, a, b1);
          a = v128.load(x3 + k);
          v30 = fma(v30, a, b0);
          v31 = fma(v31, a, b1);
        }
        let s00 = total(v00), s01 = total(v01), s10 = total(v10), s11 = total(v11);
        let s20 = total(v20), s21 = total(v21), s30 = total(v30), s31 = total(v31);
        if (count & 1) {
          const b0 = load<f64>(y0 + pairs), b1 = load<f64>(y1 + pairs);
          const a0 = load<f64>(x0 + pairs), a1 = load<f64>(x1 + pairs), a2 = load<f64>(x2 + pairs), a3 = load<f64>(x3 + pairs);
          s00 += a0 * b0;
          s01 += a0 * b1;
          s10 += a1 * b0;
          s11 += a1 * b1;
          s20 += a2 * b0;
          s21 += a2 * b1;
          s30 += a3 * b0;
          s31 += a3 * b1;
        }
        const at0 = out + (<usize>(i * columns + j) << 3), at1 = out + (<usize>(i1 * columns + j) << 3);
        const at2 = out + (<usize>(i2 * columns + j) << 3), at3 = out + (<usize>(i3 * columns + j) << 3);
        const next = <usize>(j1 - j) << 3;
        s00 *= factor;
        s01 *= factor;
        s10 *= factor;
        s11 *= factor;
        s20 *= factor;
        s21 *= factor;
        s30 *= factor;
        s31 *= factor;
        if (!fresh) {
          s00 += load<f64>(at0);
          s01 += load<f64>(at0 + next);
          s10 += load<f64>(at1);
          s11 += load<f64>(at1 + next);
          s20 += load<f64>(at2);
          s21 += load<f64>(at2 + next);
          s30 += load<f64>(at3);
          s31 += load<f64>(at3 + next);
        }
        store<f64>(at0, s00);
        store<f64>(at0 + next, s01);
        store<f64>(at1, s10);
        store<f64>(at1 + next, s11);
        store<f64>(at2, s20);
        store<f64>(at2 + next, s21);
        store<f64>(at3, s30);
        store<f64>(at3 + next, s31);
      }
    }
  }
}

/** out_ij = factor sum_k x_ik y_jk. */
export function gram(rows: i32, columns: i32, features: i32, factor: f64, x: usize, y: usize, out: usize): void {
  const stride = <usize>features << 3;
  let from: i32 = 0;
  do {
    const at = <usize>from << 3;
    addProducts(rows, columns, min(features - from, SLICE), stride, x + at, y + at, out, from == 0, factor);
    from += SLICE;
  } while (from < features);
}

/** out = x + sign y. */
function combine(count: usize, x: usize, y: usize, sign: f64, out: usize): void {
  const s = f64x2.splat(sign);
  const end = count << 3;
  let at: usize = 0;
  for (; at + 8 < end; at += 16) v128.store(out + at, f64x2.add(v128.load(x + at), f64x2.mul(s, v128.load(y + at))));
  if (at < end) store<f64>(out + at, load<f64>(x + at) + sign * load<f64>(y + at));
}

/**
 * out_ij = factor sum_k x_ik conj(y_jk), by three real products: Re = Re Re + Im Im, Im = (Re + Im)(Re - Im) - Re Re + Im Im.
 * `sums` has room for (rows + columns) x features numbers, `part` for rows x columns.
 */
export function hermitianGram(
  rows: i32, columns: i32, features: i32, factor: f64,
  xRe: usize, xIm: usize, yRe: usize, yIm: usize, sums: usize, part: usize, outRe: usize, outIm: usize,
): void {
  const xs = <usize>rows * <usize>features;
  const ys = <usize>columns * <usize>features;
  const size = <usize>rows * <usize>columns;
  combine(xs, xRe, xIm, 1, sums);
  combine(ys, yRe, yIm, -1, sums + (xs << 3));
  gram(rows, columns, features, factor, xRe, yRe, outRe);
  gram(rows, columns, features, factor, xIm, yIm, part);
  gram(rows, columns, features, factor, sums, sums + (xs << 3), outIm);
  combine(size, outIm, outRe, -1, outIm);
  combine(size, outIm, part, 1, outIm);
  combine(size, outRe, part, 1, outRe);
}
