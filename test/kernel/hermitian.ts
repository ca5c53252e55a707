// Hermitian matrices for tests: Gram matrices of seeded normal numbers, and plain arithmetic on them. Knows no kernel.
import type { ComplexMatrix } from '../../src/contract/matrix.ts';

/** Park and Miller's generator, and normal numbers from it. */
export function draws(seed: number): () => number {
  let state = seed;
  const uniform = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** X X* / d of n x d circular normal numbers, positive semi-definite, of rank d; real normal numbers without `complex`. */
export function gramOf(n: number, d: number, seed: number, complex = true): Required<ComplexMatrix> {
  const draw = draws(seed);
  const x = Float64Array.from({ length: n * d }, draw);
  const y = Float64Array.from({ length: n * d }, () => (complex ? draw() : 0));
  const out = { rows: n, cols: n, re: new Float64Array(n * n), im: new Float64Array(n * n) };
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < d; k++) {
        out.re[i * n + j]! += (x[i * d + k]! * x[j * d + k]! + y[i * d + k]! * y[j * d + k]!) / d;
        out.im[i * n + j]! += (y[i * d + k]! * x[j * d + k]! - x[i * d + k]! * y[j * d + k]!) / d;
      }
    }
  }
  return out;
}

/** A y for columns y (row-major). */
export function times(a: ComplexMatrix, y: { columns: number; re: Float64Array; im: Float64Array }): { columns: number; re: Float64Array; im: Float64Array } {
  const { columns } = y;
  const out = { columns, re: new Float64Array(y.re.length), im: new Float64Array(y.re.length) };
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.cols; j++) {
      const [p, q] = [a.re[i * a.cols + j]!, a.im?.[i * a.cols + j] ?? 0];
      for (let c = 0; c < columns; c++) {
        out.re[i * columns + c]! += p * y.re[j * columns + c]! - q * y.im[j * columns + c]!;
        out.im[i * columns + c]! += p * y.im[j * columns + c]! + q * y.re[j * columns + c]!;
      }
    }
  }
  return out;
}

export const frobenius = (...parts: ArrayLike<number>[]): number => Math.sqrt(parts.reduce((s, p) => s + Array.from(p).reduce((t, v) => t + v * v, 0), 0));
