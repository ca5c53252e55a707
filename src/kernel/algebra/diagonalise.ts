// Eigenvalues of a Hermitian matrix, and the way to and from its modes. Householder tridiagonalisation of the complex matrix itself,
// then implicit QL. Knows no kernel.
import type { ComplexMatrix } from '../../contract/matrix.ts';
import type { Pace } from '../pace.ts';

/** Columns that are carried through a change of basis together: n x columns, row-major. */
export interface Columns {
  columns: number;
  re: Float64Array;
  im: Float64Array;
}

export interface Diagonal {
  /** Ascending. */
  eigenvalues: Float64Array;
  /** Replaces each column y by its coefficients in the modes, V* y: row k belongs to eigenvalue k. */
  toModes(y: Columns): Promise<void>;
  /** The way back, V y. */
  fromModes(y: Columns): Promise<void>;
}

/** Bound on |error| of an eigenvalue, relative to n times the largest modulus in the matrix. */
export const DIAGONALISE_ERROR = 1e-15;

/** Units of work, real multiplications and additions, that `diagonalise` tells its pace. */
export const workOfDiagonalise = (n: number): number => (16 / 3) * n ** 3;

/** Sub-diagonal reduction: T = D* P* A P D is real; row i of the workspace holds the vector of reflection i below its diagonal. */
interface Reduction {
  diagonal: Float64Array;
  /** off[i] couples i - 1 and i; off[0] = 0. */
  off: Float64Array;
  re: Float64Array;
  im: Float64Array | null;
  /** 1 / h of each reflection I - v v* / h; 0 where there is none. */
  inverse: Float64Array;
  /** D, the phases that make T real. */
  phaseRe: Float64Array;
  phaseIm: Float64Array;
}

/** Largest |Re| or |Im|. */
function largestPart(a: ComplexMatrix): number {
  let top = 0;
  for (const v of a.re) if (Math.abs(v) > top) top = Math.abs(v);
  if (a.im) for (const v of a.im) if (Math.abs(v) > top) top = Math.abs(v);
  return top;
}

/** The lower triangle of a Hermitian matrix, reduced from the last row upwards as in EISPACK's htridi. */
async function reduce(a: ComplexMatrix, scale: number, pace: Pace): Promise<Reduction> {
  const n = a.rows;
  const complex = a.im !== undefined && a.im.some((v) => v !== 0);
  const re = a.re.map((v) => v / scale);
  const im = complex ? a.im!.map((v) => v / scale) : null;
  const out: Reduction = {
    diagonal: new Float64Array(n), off: new Float64Array(n), re, im, inverse: new Float64Array(n),
    phaseRe: new Float64Array(n).fill(1), phaseIm: new Float64Array(n),
  };
  const stepRe = new Float64Array(n); // phase of off[i] before D
  const stepIm = new Float64Array(n);
  const [vr, vi, wr, wi] = [new Float64Array(n), new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  for (let i = n - 1; i >= 1; i--) {
    const row = i * n;
    let square = 0;
    for (let j = 0; j < i; j++) square += re[row + j]! ** 2 + (im ? im[row + j]! ** 2 : 0);
    const length = Math.sqrt(square);
    // v = c + e^{i arg c_last} |c| e_last, c the column above the diagonal, so that (I - v v*/h) c = -e^{i arg c_last} |c| e_last.
    const [lastRe, lastIm] = [re[row + i - 1]!, im ? -im[row + i - 1]! : 0];
    const last = Math.hypot(lastRe, lastIm);
    const [turnRe, turnIm] = last > 0 ? [lastRe / last, lastIm / last] : [1, 0];
    out.off[i] = length;
    [stepRe[i], stepIm[i]] = [-turnRe, -turnIm];
    if (length === 0) {
      stepRe[i] = 1;
      stepIm[i] = 0;
      continue;
    }
    for (let j = 0; j < i; j++) {
      vr[j] = re[row + j]!;
      vi[j] = im ? -im[row + j]! : 0;
    }
    vr[i - 1]! += turnRe * length;
    vi[i - 1]! += turnIm * length;
    const inverse = 1 / (length * (length + last));
    out.inverse[i] = inverse;
    if (im) rankTwoComplex(re, im, n, i, inverse, vr, vi, wr, wi);
    else rankTwoReal(re, n, i, inverse, vr, wr);
    for (let j = 0; j < i; j++) {
      re[row + j] = vr[j]!;
      if (im) im[row + j] = vi[j]!;
    }
    await pace((im ? 16 : 4) * i * i);
  }
  for (let i = 0; i < n; i++) {
    out.diagonal[i] = re[i * n + i]!;
    if (i === 0) continue;
    // d_i = d_{i-1} conj(step_i)
    const [pr, pi] = [out.phaseRe[i - 1]!, out.phaseIm[i - 1]!];
    out.phaseRe[i] = pr * stepRe[i]! + pi * stepIm[i]!;
    out.phaseIm[i] = pi * stepRe[i]! - pr * stepIm[i]!;
  }
  return out;
}

/** A -= v w* + w v* over the lower triangle of the leading m x m block, w = A v / h - (v* A v / 2 h^2) v. */
function rankTwoComplex(re: Float64Array, im: Float64Array, n: number, m: number, inverse: number, vr: Float64Array, vi: Float64Array, wr: Float64Array, wi: Float64Array): void {
  wr.fill(0, 0, m);
  wi.fill(0, 0, m);
  for (let i = 0; i < m; i++) {
    const row = i * n;
    const xr = vr[i]!;
    const xi = vi[i]!;
    let sr = re[row + i]! * xr;
    let si = re[row + i]! * xi;
    for (let j = 0, at = row; j < i; j++, at++) {
      const ar = re[at]!;
      const ai = im[at]!;
      const yr = vr[j]!;
      const yi = vi[j]!;
      sr += ar * yr - ai * yi;
      si += ar * yi + ai * yr;
      wr[j] = wr[j]! + ar * xr + ai * xi;
      wi[j] = wi[j]! + ar * xi - ai * xr;
    }
    wr[i]! += sr;
    wi[i]! += si;
  }
  let dot = 0;
  for (let j = 0; j < m; j++) dot += vr[j]! * wr[j]! + vi[j]! * wi[j]!;
  const half = (dot * inverse * inverse) / 2;
  for (let j = 0; j < m; j++) {
    wr[j] = wr[j]! * inverse - half * vr[j]!;
    wi[j] = wi[j]! * inverse - half * vi[j]!;
  }
  for (let i = 0; i < m; i++) {
    const row = i * n;
    const xr = vr[i]!;
    const xi = vi[i]!;
    const ur = wr[i]!;
    const ui = wi[i]!;
    for (let j = 0, at = row; j <= i; j++, at++) {
      const yr = vr[j]!;
      const yi = vi[j]!;
      const zr = wr[j]!;
      const zi = wi[j]!;
      re[at] = re[at]! - (xr * zr + xi * zi + ur * yr + ui * yi);
      im[at] = im[at]! - (xi * zr - xr * zi + ui * yr - ur * yi);
    }
  }
}

function rankTwoReal(re: Float64Array, n: number, m: number, inverse: number, v: Float64Array, w: Float64Array): void {
  w.fill(0, 0, m);
  for (let i = 0; i < m; i++) {
    const row = i * n;
    const x = v[i]!;
    let s = re[row + i]! * x;
    for (let j = 0, at = row; j < i; j++, at++) {
      const a = re[at]!;
      s += a * v[j]!;
      w[j] = w[j]! + a * x;
    }
    w[i]! += s;
  }
  let dot = 0;
  for (let j = 0; j < m; j++) dot += v[j]! * w[j]!;
  const half = (dot * inverse * inverse) / 2;
  for (let j = 0; j < m; j++) w[j] = w[j]! * inverse - half * v[j]!;
  for (let i = 0; i < m; i++) {
    const row = i * n;
    const x = v[i]!;
    const u = w[i]!;
    for (let j = 0, at = row; j <= i; j++, at++) re[at] = re[at]! - (x * w[j]! + u * v[j]!);
  }
}

/** Real columns under a real change of basis stay real. */
const partsOf = (y: Columns): Float64Array[] => (y.im.some((v) => v !== 0) ? [y.re, y.im] : [y.re]);

/** Of changes of basis, between pauses. */
const WORK_A_PAUSE = 4e6;

/** Plane rotations in the order in which QL made them: of the coordinates at and at + 1. */
class Rotations {
  private cosines = new Float64Array(1024);
  private sines = new Float64Array(1024);
  private places = new Int32Array(1024);
  private count = 0;

  push(at: number, c: number, s: number): void {
    if (this.count === this.places.length) {
      const grow = <T extends Float64Array | Int32Array>(x: T): T => {
        const y = new (x.constructor as new (n: number) => T)(2 * x.length);
        y.set(x);
        return y;
      };
      [this.cosines, this.sines, this.places] = [grow(this.cosines), grow(this.sines), grow(this.places)];
    }
    this.cosines[this.count] = c;
    this.sines[this.count] = s;
    this.places[this.count++] = at;
  }

  /** Z^T y, or Z y when reversed, Z the eigenvectors of T. */
  async apply(y: Columns, reversed: boolean, pace: Pace): Promise<void> {
    const { columns } = y;
    const parts = partsOf(y);
    const stretch = Math.ceil(WORK_A_PAUSE / (12 * columns));
    for (let k = 0; k < this.count; k++) {
      if (k % stretch === stretch - 1) await pace(WORK_A_PAUSE);
      const r = reversed ? this.count - 1 - k : k;
      const c = this.cosines[r]!;
      const s = reversed ? -this.sines[r]! : this.sines[r]!;
      for (const part of parts) rotate(part, this.places[r]! * columns, columns, c, s);
    }
  }
}

function rotate(y: Float64Array, start: number, columns: number, c: number, s: number): void {
  for (let low = start, high = start + columns, end = high; low < end; low++, high++) {
    const f = y[high]!;
    const g = y[low]!;
    y[high] = s * g + c * f;
    y[low] = c * g - s * f;
  }
}

const EPSILON = 2 ** -52;

/** Implicit QL with shifts on diagonal d and sub-diagonal off (off[i] couples i - 1 and i); d becomes the eigenvalues, unordered. */
async function implicitQl(d: Float64Array, off: Float64Array, rotations: Rotations | null, pace: Pace): Promise<void> {
  const n = d.length;
  const e = new Float64Array(n);
  e.set(off.subarray(1));
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; sweep < 60; sweep++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]!) > EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!)) && Math.abs(e[m]!) > 1e-300) m++;
      if (m === l) break;
      let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
      g = d[m]! - d[l]! + e[l]! / (g + (g >= 0 ? Math.hypot(g, 1) : -Math.hypot(g, 1)));
      let [s, c, p] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i]!;
        const b = c * e[i]!;
        const r = Math.sqrt(f * f + g * g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1]! -= p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1]! - p;
        const t = (d[i]! - g) * s + 2 * c * b;
        p = s * t;
        d[i + 1] = g + p;
        g = c * t - b;
        rotations?.push(i, c, s);
      }
      if (i >= l) continue;
      d[l]! -= p;
      e[l] = g;
      e[m] = 0;
    }
    await pace(0);
  }
}

/**
 * Eigenvalues of the Hermitian matrix a (its lower triangle is read), ascending; with `modes`, the changes of basis too.
 * @param modes keep what the changes of basis need: about n^2 rotations and the reflections
 */
export async function diagonalise(a: ComplexMatrix, modes: boolean, pace: Pace): Promise<Diagonal> {
  const n = a.rows;
  const scale = largestPart(a);
  if (scale === 0) return { eigenvalues: new Float64Array(n), toModes: async () => {}, fromModes: async () => {} };
  const reduction = await reduce(a, scale, pace);
  const d = reduction.diagonal.slice();
  const rotations = modes ? new Rotations() : null;
  await implicitQl(d, reduction.off, rotations, pace);
  const order = Array.from(d.keys()).sort((i, j) => d[i]! - d[j]!);
  const without = (): never => {
    throw new Error('diagonalise was called without modes');
  };
  const reflectAll = async (y: Columns, order: (k: number) => number) => {
    const parts = partsOf(y);
    const dot = new Float64Array(2 * y.columns);
    for (let k = 1; k < n; k++) {
      reflect(reduction, order(k), y, parts, dot);
      await pace(16 * order(k) * y.columns);
    }
  };
  return {
    eigenvalues: Float64Array.from(order, (i) => d[i]! * scale),
    toModes: rotations ? async (y) => {
      await reflectAll(y, (k) => n - k);
      turn(reduction, y, -1);
      await rotations.apply(y, false, pace);
      permute(y, order);
    } : without,
    fromModes: rotations ? async (y) => {
      const back = new Array<number>(n);
      order.forEach((from, to) => (back[from] = to));
      permute(y, back);
      await rotations.apply(y, true, pace);
      turn(reduction, y, 1);
      await reflectAll(y, (k) => k);
    } : without,
  };
}

/** y -= v (v* y) / h over the first i rows; `dot` is room for two numbers a column. */
function reflect({ re, im, inverse }: Reduction, i: number, y: Columns, parts: Float64Array[], dot: Float64Array): void {
  const row = i * inverse.length;
  if (im) reflectComplex(re, im, row, i, inverse[i]!, y.re, y.im, y.columns, dot);
  else for (const part of parts) reflectReal(re, row, i, inverse[i]!, part, y.columns, dot);
}

function reflectComplex(vr: Float64Array, vi: Float64Array, row: number, i: number, inverse: number, yr: Float64Array, yi: Float64Array, columns: number, dot: Float64Array): void {
  dot.fill(0);
  for (let j = 0, at = 0; j < i; j++) {
    const a = vr[row + j]!;
    const b = vi[row + j]!;
    for (let k = 0; k < columns; k++, at++) {
      const p = yr[at]!;
      const q = yi[at]!;
      dot[2 * k] = dot[2 * k]! + a * p + b * q;
      dot[2 * k + 1] = dot[2 * k + 1]! + a * q - b * p;
    }
  }
  for (let j = 0, at = 0; j < i; j++) {
    const a = vr[row + j]! * inverse;
    const b = vi[row + j]! * inverse;
    for (let k = 0; k < columns; k++, at++) {
      const p = dot[2 * k]!;
      const q = dot[2 * k + 1]!;
      yr[at] = yr[at]! - a * p + b * q;
      yi[at] = yi[at]! - a * q - b * p;
    }
  }
}

function reflectReal(v: Float64Array, row: number, i: number, inverse: number, y: Float64Array, columns: number, dot: Float64Array): void {
  dot.fill(0);
  for (let j = 0, at = 0; j < i; j++) for (let k = 0, a = v[row + j]!; k < columns; k++, at++) dot[k] = dot[k]! + a * y[at]!;
  for (let j = 0, at = 0; j < i; j++) for (let k = 0, a = v[row + j]! * inverse; k < columns; k++, at++) y[at] = y[at]! - a * dot[k]!;
}

/** D y or, with sign -1, D* y. */
function turn({ phaseRe, phaseIm }: Reduction, y: Columns, sign: 1 | -1): void {
  const { columns } = y;
  for (let i = 0, at = 0; i < phaseRe.length; i++) {
    const c = phaseRe[i]!;
    const s = sign * phaseIm[i]!;
    for (let k = 0; k < columns; k++, at++) {
      const a = y.re[at]!;
      const b = y.im[at]!;
      y.re[at] = c * a - s * b;
      y.im[at] = c * b + s * a;
    }
  }
}

/** Row i becomes what was row order[i]. */
function permute(y: Columns, order: readonly number[]): void {
  const { columns } = y;
  const [re, im] = [y.re.slice(), y.im.slice()];
  order.forEach((from, to) => {
    y.re.set(re.subarray(from * columns, (from + 1) * columns), to * columns);
    y.im.set(im.subarray(from * columns, (from + 1) * columns), to * columns);
  });
}
