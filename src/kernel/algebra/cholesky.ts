// Positive definite Hermitian systems by Cholesky's factors. Knows no kernel.
import type { Columns } from './diagonalise.ts';

/** Lower triangle of L, A + shift I = L L*; n x n, row-major. */
export interface Cholesky {
  n: number;
  re: Float64Array;
  im: Float64Array | null;
}

/** Columns that share one pass over a row: what is loaded of it serves all. */
const WIDE = 4;

export const newCholesky = (n: number, complex: boolean): Cholesky => ({ n, re: new Float64Array(n * n), im: complex ? new Float64Array(n * n) : null });

/** Factors the Hermitian a + shift I into `out`; false where it is not positive definite in float64. */
export function cholesky(re: Float64Array, im: Float64Array | null, shift: number, out: Cholesky): boolean {
  const { n, re: lr, im: li } = out;
  const sr = new Float64Array(WIDE);
  const si = new Float64Array(WIDE);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let first = 0; first <= i; first += WIDE) {
      const count = Math.min(WIDE, i + 1 - first);
      for (let c = 0; c < WIDE; c++) {
        sr[c] = c < count ? re[row + first + c]! : 0;
        si[c] = c < count && im ? im[row + first + c]! : 0;
      }
      // Rows beyond i are not made yet: what is taken of them is not used.
      if (first + WIDE <= n) {
        if (li) subtractDots(lr, li, row, first * n, n, first, sr, si);
        else subtractRealDots(lr, row, first * n, n, first, sr);
      } else {
        for (let c = 0; c < count; c++) {
          const other = (first + c) * n;
          for (let k = 0; k < first; k++) {
            const ar = lr[row + k]!;
            const br = lr[other + k]!;
            sr[c] = sr[c]! - ar * br;
            if (!li) continue;
            const ai = li[row + k]!;
            const bi = li[other + k]!;
            sr[c] = sr[c]! - ai * bi;
            si[c] = si[c]! - ai * br + ar * bi;
          }
        }
      }
      for (let c = 0; c < count; c++) {
        const j = first + c;
        const other = j * n;
        let x = sr[c]!;
        let y = si[c]!;
        for (let k = first; k < j; k++) {
          const ar = lr[row + k]!;
          const br = lr[other + k]!;
          x -= ar * br;
          if (!li) continue;
          const ai = li[row + k]!;
          const bi = li[other + k]!;
          x -= ai * bi;
          y -= ai * br - ar * bi;
        }
        if (i === j) {
          x += shift;
          if (!(x > 0)) return false;
          lr[row + i] = Math.sqrt(x);
        } else {
          const d = 1 / lr[other + j]!;
          lr[row + j] = x * d;
          if (li) li[row + j] = y * d;
        }
      }
    }
  }
  return true;
}

/** s_c -= sum_{k < count} L[row, k] conj L[other + c, k] for four rows. */
function subtractDots(lr: Float64Array, li: Float64Array, row: number, other: number, n: number, count: number, sr: Float64Array, si: Float64Array): void {
  let r0 = 0;
  let r1 = 0;
  let r2 = 0;
  let r3 = 0;
  let i0 = 0;
  let i1 = 0;
  let i2 = 0;
  let i3 = 0;
  for (let k = 0, a = row, b = other, c = other + n, d = other + 2 * n, e = other + 3 * n; k < count; k++, a++, b++, c++, d++, e++) {
    const x = lr[a]!;
    const y = li[a]!;
    const br = lr[b]!;
    const bi = li[b]!;
    const cr = lr[c]!;
    const ci = li[c]!;
    const dr = lr[d]!;
    const di = li[d]!;
    const er = lr[e]!;
    const ei = li[e]!;
    r0 += x * br + y * bi;
    i0 += y * br - x * bi;
    r1 += x * cr + y * ci;
    i1 += y * cr - x * ci;
    r2 += x * dr + y * di;
    i2 += y * dr - x * di;
    r3 += x * er + y * ei;
    i3 += y * er - x * ei;
  }
  sr[0]! -= r0;
  sr[1]! -= r1;
  sr[2]! -= r2;
  sr[3]! -= r3;
  si[0]! -= i0;
  si[1]! -= i1;
  si[2]! -= i2;
  si[3]! -= i3;
}

function subtractRealDots(l: Float64Array, row: number, other: number, n: number, count: number, s: Float64Array): void {
  let r0 = 0;
  let r1 = 0;
  let r2 = 0;
  let r3 = 0;
  for (let k = 0, a = row, b = other, c = other + n, d = other + 2 * n, e = other + 3 * n; k < count; k++, a++, b++, c++, d++, e++) {
    const x = l[a]!;
    r0 += x * l[b]!;
    r1 += x * l[c]!;
    r2 += x * l[d]!;
    r3 += x * l[e]!;
  }
  s[0]! -= r0;
  s[1]! -= r1;
  s[2]! -= r2;
  s[3]! -= r3;
}

/** Replaces each column y by (L L*)^{-1} y. */
export function solve({ n, re, im }: Cholesky, y: Columns): void {
  const { columns } = y;
  const [x, z] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < columns; k++) {
    for (let i = 0; i < n; i++) {
      x[i] = y.re[i * columns + k]!;
      z[i] = y.im[i * columns + k]!;
    }
    if (im) solveComplex(n, re, im, x, z);
    else for (const part of [x, z]) solveReal(n, re, part);
    for (let i = 0; i < n; i++) {
      y.re[i * columns + k] = x[i]!;
      y.im[i * columns + k] = z[i]!;
    }
  }
}

/** Forward by rows of L, then back by the same rows as columns of L*. */
function solveComplex(n: number, lr: Float64Array, li: Float64Array, x: Float64Array, z: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sr = x[i]!;
    let si = z[i]!;
    for (let j = 0, at = i * n; j < i; j++, at++) {
      const ar = lr[at]!;
      const ai = li[at]!;
      const br = x[j]!;
      const bi = z[j]!;
      sr -= ar * br - ai * bi;
      si -= ar * bi + ai * br;
    }
    const d = lr[i * n + i]!;
    x[i] = sr / d;
    z[i] = si / d;
  }
  for (let i = n - 1; i >= 0; i--) {
    const d = lr[i * n + i]!;
    const sr = x[i]! / d;
    const si = z[i]! / d;
    x[i] = sr;
    z[i] = si;
    for (let j = 0, at = i * n; j < i; j++, at++) {
      const ar = lr[at]!;
      const ai = li[at]!;
      x[j] = x[j]! - ar * sr - ai * si;
      z[j] = z[j]! - ar * si + ai * sr;
    }
  }
}

function solveReal(n: number, l: Float64Array, x: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let s = x[i]!;
    for (let j = 0, at = i * n; j < i; j++, at++) s -= l[at]! * x[j]!;
    x[i] = s / l[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    const s = x[i]! / l[i * n + i]!;
    x[i] = s;
    for (let j = 0, at = i * n; j < i; j++, at++) x[j] = x[j]! - l[at]! * s;
  }
}
