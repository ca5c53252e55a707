// Lanczos tridiagonalisation of a Hermitian matrix with full reorthogonalisation. Knows no kernel.
import type { ComplexMatrix } from '../../contract/matrix.ts';
import type { Pace } from '../pace.ts';
import { diagonalise, type Diagonal } from './diagonalise.ts';

export interface Krylov {
  /** Steps made; fewer than asked for where the space is exhausted (then the Ritz values are eigenvalues). */
  steps: number;
  /** Ritz values, ascending, and for each the norm of its residual: an eigenvalue lies within it. */
  ritz: Float64Array;
  residuals: Float64Array;
  /** |start|; the tridiagonal matrix in its own modes acts on |start| e_1. */
  length: number;
  tridiagonal: Diagonal;
  /** The last coupling: the residual of the whole space. */
  beta: number;
  /** Q c for coefficients c in the Lanczos basis (`steps` rows). */
  expand(re: Float64Array, im: Float64Array): { re: Float64Array; im: Float64Array };
}

/** y = A x; all of A is read, row by row. */
export async function multiply(a: ComplexMatrix, xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array, pace: Pace): Promise<void> {
  const n = a.rows;
  const { re, im } = a;
  const rowsAPause = Math.max(1, Math.ceil(2e6 / n));
  for (let i = 0; i < n; i++) {
    let sr = 0;
    let si = 0;
    const row = i * n;
    if (im) {
      for (let j = 0, at = row; j < n; j++, at++) {
        const ar = re[at]!;
        const ai = im[at]!;
        const br = xr[j]!;
        const bi = xi[j]!;
        sr += ar * br - ai * bi;
        si += ar * bi + ai * br;
      }
    } else {
      for (let j = 0, at = row; j < n; j++, at++) {
        sr += re[at]! * xr[j]!;
        si += re[at]! * xi[j]!;
      }
    }
    yr[i] = sr;
    yi[i] = si;
    if (i % rowsAPause === rowsAPause - 1) await pace(8 * n * rowsAPause);
  }
}

/** Units of work that `lanczos` tells its pace. */
export const workOfLanczos = (n: number, steps: number): number => 8 * n * n * steps + 16 * n * steps * steps;

/** The Krylov space of the start vector, of at most `most` steps. */
export async function lanczos(a: ComplexMatrix, startRe: Float64Array, startIm: Float64Array, most: number, pace: Pace): Promise<Krylov> {
  const n = a.rows;
  const basisRe: Float64Array[] = [];
  const basisIm: Float64Array[] = [];
  const diagonal: number[] = [];
  const coupling: number[] = [];
  const norm = (re: Float64Array, im: Float64Array) => {
    let s = 0;
    for (let i = 0; i < n; i++) s += re[i]! ** 2 + im[i]! ** 2;
    return Math.sqrt(s);
  };
  const length = norm(startRe, startIm);
  let [qr, qi] = [startRe.map((v) => v / length), startIm.map((v) => v / length)];
  let beta = 0;
  let size = 0; // of A as far as it has been seen
  for (let k = 0; k < Math.min(most, n) && length > 0; k++) {
    basisRe.push(qr);
    basisIm.push(qi);
    const [wr, wi] = [new Float64Array(n), new Float64Array(n)];
    await multiply(a, qr, qi, wr, wi, pace);
    size = Math.max(size, norm(wr, wi));
    let alpha = 0;
    for (let i = 0; i < n; i++) alpha += qr[i]! * wr[i]! + qi[i]! * wi[i]!;
    diagonal.push(alpha);
    // Twice is enough (Kahan and Parlett).
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j <= k; j++) {
        const [br, bi] = [basisRe[j]!, basisIm[j]!];
        let dr = 0;
        let di = 0;
        for (let i = 0; i < n; i++) {
          dr += br[i]! * wr[i]! + bi[i]! * wi[i]!;
          di += br[i]! * wi[i]! - bi[i]! * wr[i]!;
        }
        for (let i = 0; i < n; i++) {
          wr[i] = wr[i]! - dr * br[i]! + di * bi[i]!;
          wi[i] = wi[i]! - dr * bi[i]! - di * br[i]!;
        }
      }
    }
    await pace(16 * n * k);
    beta = norm(wr, wi);
    // What is left is rounding: the space is invariant.
    if (beta <= 1e-14 * size) {
      beta = 0;
      break;
    }
    coupling.push(beta);
    qr = wr.map((v) => v / beta);
    qi = wi.map((v) => v / beta);
  }
  const m = diagonal.length;
  const t: ComplexMatrix = { rows: m, cols: m, re: new Float64Array(m * m) };
  for (let i = 0; i < m; i++) {
    t.re[i * m + i] = diagonal[i]!;
    if (i > 0) t.re[i * m + i - 1] = t.re[(i - 1) * m + i] = coupling[i - 1]!;
  }
  const tridiagonal = await diagonalise(t, true, pace);
  // Last components of the eigenvectors of T: e_m in the modes.
  const last = { columns: 1, re: new Float64Array(m), im: new Float64Array(m) };
  if (m > 0) last.re[m - 1] = 1;
  await tridiagonal.toModes(last);
  return {
    steps: m,
    ritz: tridiagonal.eigenvalues,
    residuals: last.re.map((v, k) => beta * Math.hypot(v, last.im[k]!)),
    length,
    tridiagonal,
    beta,
    expand(re, im) {
      const out = { re: new Float64Array(n), im: new Float64Array(n) };
      for (let j = 0; j < m; j++) {
        const [br, bi, cr, ci] = [basisRe[j]!, basisIm[j]!, re[j]!, im[j]!];
        for (let i = 0; i < n; i++) {
          out.re[i] = out.re[i]! + cr * br[i]! - ci * bi[i]!;
          out.im[i] = out.im[i]! + cr * bi[i]! + ci * br[i]!;
        }
      }
      return out;
    },
  };
}
