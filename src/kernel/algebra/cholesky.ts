// Positive definite Hermitian systems by Cholesky's factors. Knows no kernel.
import type { Columns } from './diagonalise.ts';

/** Lower triangle of L, A + shift I = L L*; n x n, row-major. */
export interface Cholesky {
  n: number;
  re: Float64Array;
  im: Float64Array | null;
}

/** Factors the Hermitian a + shift I; null where it is not positive definite in float64. `a` is left alone. */
export function cholesky(n: number, re: Float64Array, im: Float64Array | null, shift: number): Cholesky | null {
  const lr = new Float64Array(n * n);
  const li = im ? new Float64Array(n * n) : null;
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j <= i; j++) {
      const other = j * n;
      let sr = re[row + j]! + (i === j ? shift : 0);
      let si = im ? im[row + j]! : 0;
      if (li) {
        for (let k = 0; k < j; k++) {
          const [ar, ai] = [lr[row + k]!, li[row + k]!];
          const [br, bi] = [lr[other + k]!, li[other + k]!];
          sr -= ar * br + ai * bi;
          si -= ai * br - ar * bi;
        }
      } else {
        for (let k = 0; k < j; k++) sr -= lr[row + k]! * lr[other + k]!;
      }
      if (i === j) {
        if (!(sr > 0)) return null;
        lr[row + i] = Math.sqrt(sr);
      } else {
        const d = 1 / lr[other + j]!;
        lr[row + j] = sr * d;
        if (li) li[row + j] = si * d;
      }
    }
  }
  return { n, re: lr, im: li };
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
