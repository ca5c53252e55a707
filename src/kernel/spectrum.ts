// Eigenvalues of a Hermitian kernel and what they say about training. Knows no network.
import { Fault } from '../contract/fault.ts';
import type { Field } from '../contract/graph.ts';
import type { ComplexMatrix } from '../contract/matrix.ts';
import type { KernelValue, Method, Quantity, Spectrum } from '../contract/result.ts';
import { diagonalise, DIAGONALISE_ERROR, workOfDiagonalise, type Diagonal } from './algebra/diagonalise.ts';
import { lanczos, workOfLanczos } from './algebra/lanczos.ts';
import { normals } from './algebra/random.ts';
import type { Pace } from './pace.ts';

/** Above this many samples the extreme eigenvalues only, by Lanczos. */
export const SPECTRUM_SAMPLES = 1024;

const LANCZOS_STEPS = 120;
const LANCZOS_LARGEST = 10;
/** A Ritz value is shown where its residual is under this share of it. */
const LANCZOS_CONVERGED = 1e-6;

/** A kernel with its modes where there are few enough samples for all of them. */
export interface ModalKernel {
  matrix: ComplexMatrix;
  method: Method;
  /** Bound on the spectral norm of the matrix's error, and so by Weyl on each eigenvalue's. */
  error: number;
  /** Largest modulus of an entry. */
  largest: number;
  /** Null beyond SPECTRUM_SAMPLES. */
  diagonal: Diagonal | null;
}

/** Units of work that `modalKernel` and `spectrumOf` tell their pace together. */
export const workOfSpectrum = (n: number): number => (n <= SPECTRUM_SAMPLES ? workOfDiagonalise(n) : workOfLanczos(n, LANCZOS_STEPS));

/** @param kernel with a matrix, whose `error` is relative to its largest modulus */
export async function modalKernel(kernel: KernelValue, pace: Pace): Promise<ModalKernel> {
  const matrix = kernel.matrix!;
  let square = 0;
  for (let i = 0; i < matrix.re.length; i++) square = Math.max(square, matrix.re[i]! ** 2 + (matrix.im?.[i] ?? 0) ** 2);
  const largest = Math.sqrt(square);
  if (matrix.re.some((v) => !Number.isFinite(v)) || matrix.im?.some((v) => !Number.isFinite(v))) throw new Fault('bug', 'The kernel holds numbers that are not finite.');
  const n = matrix.rows;
  const diagonal = n <= SPECTRUM_SAMPLES ? await diagonalise(matrix, true, pace) : null;
  return { matrix, method: kernel.method, error: n * largest * ((kernel.error ?? 0) + DIAGONALISE_ERROR), largest, diagonal };
}

const none = (reason: string): Quantity => ({ value: null, method: 'closed', error: null, reason });

/** Of gradient flow d(f-y)/dt = -rate Theta (f-y): the real numbers of a complex network move it at half the rate of its kernel. */
export const rateOf = (field: Field): number => (field === 'complex' ? 1 / 2 : 1);

/** Eigenvalues, condition, effective rank and the time constants 1 / (rate lambda) of the extreme modes, of the kernel of a network of `field`. */
export async function spectrumOf(k: ModalKernel, field: Field, pace: Pace): Promise<Spectrum> {
  const rate = rateOf(field);
  const n = k.matrix.rows;
  const { method } = k;
  let trace = 0;
  for (let i = 0; i < n; i++) trace += k.matrix.re[i * n + i]!;
  const all = k.diagonal !== null;
  const found = k.diagonal ? { eigenvalues: Array.from(k.diagonal.eigenvalues), error: k.error, lowest: k.diagonal.eigenvalues[0]! } : await extremes(k, pace);
  const { eigenvalues, error } = found;
  const high = eigenvalues.at(-1) ?? 0;
  const unreached = `Lanczos of ${LANCZOS_STEPS} steps does not reach it: it is at most ${(found.lowest + error).toExponential(2)}`;
  const smallest: Quantity = all ? { value: found.lowest, method, error } : none(unreached);
  const zero = none('the kernel is zero');
  const under = `the smallest eigenvalue ${found.lowest.toExponential(2)} is within its error ${error.toExponential(1)}`;
  const reached = all && found.lowest > 3 * error;
  const atLeast = (x: number) => Number.isFinite(x) && x > 0 ? `; at least ${x.toPrecision(3)}` : '';
  const bound = found.lowest + error; // above the smallest eigenvalue
  return {
    eigenvalues,
    algorithm: all ? 'tridiagonal' : 'lanczos',
    size: n,
    smallest,
    condition: high <= 0 ? zero : reached
      ? { value: high / found.lowest, method, error: (high / found.lowest) * (error / (found.lowest - error) + error / high) }
      : none(`${all ? under : unreached}${atLeast((high - error) / bound)}`),
    effectiveRank: high > 0
      ? { value: trace / high, method, error: (trace / high) * (error / high) + k.error / high }
      : zero,
    slowest: high <= 0 ? none('the kernel is zero: nothing moves') : reached
      ? { value: 1 / (rate * found.lowest), method, error: error / (rate * found.lowest * (found.lowest - error)) }
      : none(`${all ? under : unreached}${atLeast(1 / (rate * bound))}`),
    fastest: high > 3 * error ? { value: 1 / (rate * high), method, error: error / (rate * high * (high - error)) } : zero,
    method,
    error,
  };
}

/** The largest eigenvalues by Lanczos from a seeded start, ascending, and the smallest Ritz value, which lies above the smallest eigenvalue. */
async function extremes(k: ModalKernel, pace: Pace): Promise<{ eigenvalues: number[]; error: number; lowest: number }> {
  const n = k.matrix.rows;
  const draw = normals(1);
  const start = () => Float64Array.from({ length: n }, draw);
  const { ritz, residuals } = await lanczos(k.matrix, start(), start(), LANCZOS_STEPS, pace);
  const shown: number[] = [];
  let residual = 0;
  for (let i = ritz.length - 1; i >= 0 && shown.length < LANCZOS_LARGEST; i--) {
    if (residuals[i]! > LANCZOS_CONVERGED * ritz[i]!) break;
    shown.unshift(ritz[i]!);
    residual = Math.max(residual, residuals[i]!);
  }
  return { eigenvalues: shown, error: k.error + residual, lowest: ritz[0] ?? 0 };
}
