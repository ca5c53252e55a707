// Eigenvalues of a Hermitian kernel. Knows no network; the dense solver is ml-matrix.
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Method, Spectrum } from '../contract/result.ts';
import type { Hermitian } from './gram.ts';

/** Above this many samples the dense solver takes longer than a user waits. */
export const SPECTRUM_SAMPLES = 512;

/**
 * Ascending eigenvalues. A complex Hermitian H = X + iY has those of the real symmetric [[X, -Y], [Y, X]], each twice.
 * @param method how the matrix was got
 * @param relativeError of the matrix, relative to its largest modulus: by Weyl every eigenvalue moves by at most n times as much.
 */
export function spectrumOf(k: Hermitian, relativeError: number, method: Method = 'closed'): Spectrum {
  const n = k.n;
  const complex = k.im.some((v) => v !== 0);
  const m = complex ? 2 * n : n;
  const real = new Matrix(m, m);
  let largest = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const [x, y] = [k.re[i * n + j]!, k.im[i * n + j]!];
      largest = Math.max(largest, Math.hypot(x, y));
      real.set(i, j, x);
      if (!complex) continue;
      real.set(n + i, n + j, x);
      real.set(i, n + j, -y);
      real.set(n + i, j, y);
    }
  }
  const all = new EigenvalueDecomposition(real, { assumeSymmetric: true }).realEigenvalues.sort((a, b) => a - b);
  const eigenvalues = complex ? all.filter((_, i) => i % 2 === 0) : all;
  const error = n * largest * (relativeError + 1e-15);
  const low = eigenvalues[0]!;
  const high = eigenvalues[n - 1]!;
  const trace = eigenvalues.reduce((s, v) => s + v, 0);
  return {
    eigenvalues,
    method,
    error,
    condition: low > 3 * error
      ? { value: high / low, method, error: (high / low) * (error / low + error / high) }
      : { value: null, method: 'closed', error: null, reason: `the smallest eigenvalue ${low.toExponential(2)} is within its error ${error.toExponential(1)}` },
    effectiveRank: high > 0
      ? { value: trace / high, method, error: (trace / high) * (n + 1) * (error / high) }
      : { value: null, method: 'closed', error: null, reason: 'the kernel is zero' },
  };
}
