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

/** Factors the Hermitian a + shift I; null where it is not positive definite in float64. `a` is left alone. */
export function cholesky(n: number, re: Float64Array, im: Float64Array | null, shift: number): Cholesky | null {
  const lr = new Float64Array(n * n);
  const li = im ? new Float64Array(n * n) : null;
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
      // Rows first .. first + 3 of L exist up to column `first`; beyond row i they are still 0.
      if (first + WIDE <= n) {
        if (li) subtractDots(lr, li, row, first * n, n, first, sr, si);
        else subtractRealDots(lr, row, first * n, n, first, sr);
      } else {
        for (let c = 0; c < count; c++) {
          const other = (first + c) * n;
          for (let k = 0; k < first; k++) {
            const [ar, ai, br, bi] = [lr[row + k]!, li ? li[row + k]! : 0, lr[other + k]!, li ? li[other + k]! : 0];
            sr[c]! -= ar * br + ai * bi;
            si[c]! -= ai * br - ar * bi;
          }
        }
      }
      for (let c = 0; c < count; c++) {
        const j = first + c;
        const other = j * n;
        let [x, y] = [sr[c]!, si[c]!];
        for (let k = first; k < j; k++) {
          const [ar, ai, br, bi] = [lr[row + k]!, li ? li[row + k]! : 0, lr[other + k]!, li ? li[other + k]! : 0];
          x -= ar * br + ai * bi;
          y -= ai * br - ar * bi;
        }
        if (i === j) {
          x += shift;
          if (!(x > 0)) return null;
          lr[row + i] = Math.sqrt(x);
        } else {
          const d = 1 / lr[other + j]!;
          lr[row + j] = x * d;
          if (li) li[row + j] = y * d;
        }
      }
    }
  }
  return { n, re: lr, im: li };
}

/** s_c -= sum_{k < count} L[row, k] conj L[other + c, k] for four rows. */
function subtractDots(lr: Float64Array, li: Float64Array, row: number, other: number, n: number, count: number, sr: Float64Array, si: Float64Array): void {
  let [r0, r1, r2, r3, i0, i1, i2, i3] = [0, 0, 0, 0, 0, 0, 0, 0];
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
  let [r0, r1, r2, r3] = [0, 0, 0, 0];
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
  const eliminate = (to: number, from: number, lr: number, li: number) => {
    for (let k = 0, a = to * columns, b = from * columns; k < columns; k++, a++, b++) {
      y.re[a]! -= lr * y.re[b]! - li * y.im[b]!;
      y.im[a]! -= lr * y.im[b]! + li * y.re[b]!;
    }
  };
  const scale = (i: number) => {
    const d = 1 / re[i * n + i]!;
    for (let k = 0, a = i * columns; k < columns; k++, a++) {
      y.re[a]! *= d;
      y.im[a]! *= d;
    }
  };
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) eliminate(i, j, re[i * n + j]!, im ? im[i * n + j]! : 0);
    scale(i);
  }
  for (let i = n - 1; i >= 0; i--) {
    scale(i);
    for (let j = 0; j < i; j++) eliminate(j, i, re[i * n + j]!, im ? -im[i * n + j]! : 0);
  }
}
