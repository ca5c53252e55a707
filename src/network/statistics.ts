// Numbers over seeds and over widths: means with their errors, distances of matrices, fitted lines. Knows no network.
import type { ComplexMatrix } from '../contract/matrix.ts';
import type { Quantity } from '../contract/result.ts';

export const missing = (reason: string): Quantity => ({ value: null, method: 'monte-carlo', error: null, reason });
export const overflowed = 'The kernel of a drawn network is not finite: its activations overflow.';

/** Values over the seeds. */
export class Statistic {
  readonly values: number[] = [];

  add(value: number): void {
    this.values.push(value);
  }

  get mean(): number {
    return this.values.reduce((a, b) => a + b, 0) / this.values.length;
  }

  /** One standard error of the mean, which one value alone does not have. */
  get error(): number | null {
    const k = this.values.length;
    if (k < 2) return null;
    const { mean } = this;
    return Math.sqrt(this.values.reduce((a, b) => a + (b - mean) ** 2, 0) / (k * (k - 1)));
  }

  quantity(reason: string): Quantity {
    if (this.values.length === 0) return missing(reason);
    return Number.isFinite(this.mean) ? { value: this.mean, method: 'monte-carlo', error: this.error } : missing(overflowed);
  }
}

/** Mean matrix over the seeds, and the standard error of it as a whole. */
export class MeanMatrix {
  private sum: ComplexMatrix | null = null;
  private squares = 0;
  count = 0;

  add(a: ComplexMatrix): void {
    this.count++;
    this.squares += norm(a) ** 2;
    if (!this.sum) {
      this.sum = { ...a, re: a.re.slice(), ...(a.im ? { im: a.im.slice() } : {}) };
      return;
    }
    for (let i = 0; i < a.re.length; i++) {
      this.sum.re[i]! += a.re[i]!;
      if (a.im) this.sum.im![i]! += a.im[i]!;
    }
  }

  get mean(): ComplexMatrix {
    const s = this.sum!;
    const over = (x: Float64Array): Float64Array => x.map((v) => v / this.count);
    return { ...s, re: over(s.re), ...(s.im ? { im: over(s.im) } : {}) };
  }

  /** Frobenius norm of the standard error, by sum ||A_k - mean||^2 = sum ||A_k||^2 - k ||mean||^2; null for one matrix. */
  get error(): number | null {
    const k = this.count;
    return k < 2 ? null : Math.sqrt(Math.max(0, this.squares - k * norm(this.mean) ** 2) / (k * (k - 1)));
  }
}

/** Frobenius norms over all entries. */
export function distance(a: ComplexMatrix, b: ComplexMatrix): number {
  let sum = 0;
  for (let i = 0; i < a.re.length; i++) sum += (a.re[i]! - b.re[i]!) ** 2 + ((a.im?.[i] ?? 0) - (b.im?.[i] ?? 0)) ** 2;
  return Math.sqrt(sum);
}

export function norm(a: ComplexMatrix): number {
  let sum = 0;
  for (let i = 0; i < a.re.length; i++) sum += a.re[i]! ** 2 + (a.im?.[i] ?? 0) ** 2;
  return Math.sqrt(sum);
}

export const realPart = (a: ComplexMatrix): ComplexMatrix => ({ rows: a.rows, cols: a.cols, re: a.re });
export const isFinite = (a: ComplexMatrix): boolean => a.re.every(Number.isFinite) && (a.im?.every(Number.isFinite) ?? true);

/** A straight line through logarithms. */
export interface PowerLaw {
  exponent: Quantity;
  /** Where the line reaches `level`. */
  widthAt(level: number): Quantity;
}

/**
 * log value against log width by least squares. The slope's error is the larger of what the rows' standard errors carry into it
 * and what the scatter about the line tells.
 */
export function powerLaw(rows: { width: number; value: Quantity }[]): PowerLaw {
  const points = rows.flatMap(({ width, value: d }) => (d.value !== null && d.value > 0
    ? [{ x: Math.log(width), y: Math.log(d.value), error: d.error === null ? null : d.error / d.value }] : []));
  const k = points.length;
  const mean = points.reduce((a, p) => a + p.x, 0) / k;
  const level = points.reduce((a, p) => a + p.y, 0) / k;
  const spread = points.reduce((a, p) => a + (p.x - mean) ** 2, 0);
  if (!(spread > 0)) {
    const reason = 'A slope needs distances at two different widths.';
    return { exponent: missing(reason), widthAt: () => missing(reason) };
  }
  const slope = points.reduce((a, p) => a + (p.x - mean) * p.y, 0) / spread;
  const known = points.every((p) => p.error !== null);
  const errors: number[] = known ? [Math.sqrt(points.reduce((a, p) => a + ((p.x - mean) * p.error!) ** 2, 0)) / spread] : [];
  const residual = points.reduce((a, p) => a + (p.y - level - slope * (p.x - mean)) ** 2, 0);
  if (k > 2) errors.push(Math.sqrt(residual / (k - 2) / spread));
  const error = errors.length > 0 ? Math.max(...errors) : null;
  const levelError = known ? Math.sqrt(points.reduce((a, p) => a + p.error! ** 2, 0)) / k : null;
  return {
    exponent: { value: slope, method: 'monte-carlo', error },
    widthAt(at) {
      if (!(slope < 0)) return missing('The distances do not fall with the width.');
      const away = Math.log(at) - level;
      const width = Math.exp(mean + away / slope);
      if (!Number.isFinite(width)) return missing('The distances hardly fall with the width.');
      return { value: width, method: 'monte-carlo', error: error === null || levelError === null ? null : width * Math.hypot(levelError / slope, (away * error) / slope ** 2) };
    },
  };
}
