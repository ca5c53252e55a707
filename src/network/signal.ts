// What flows through a finite network: numbers by sample, position and channel. Knows no layer.

/** How the values of one layer are laid out; channels come last. */
export interface Form {
  /** Sizes of the spatial axes; none for a plain vector. */
  sizes: number[];
  channels: number;
  complex: boolean;
  /** Where the framework itself keeps the channels: it decides what flatten and reshape mean. */
  order: 'first' | 'last';
}

/** Rows of numbers, row-major. `im` is null for real ones. */
export interface Signal {
  re: Float32Array;
  im: Float32Array | null;
}

export const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
export const positionsOf = (form: Form): number => product(form.sizes);
/** Numbers of one sample. */
export const sizeOf = (form: Form): number => positionsOf(form) * form.channels;

export const newSignal = (length: number, complex: boolean): Signal => ({ re: new Float32Array(length), im: complex ? new Float32Array(length) : null });

/** a += b. A part that a lacks is dropped: what is real does not see the imaginary part of what comes back to it. */
export function addTo(a: Signal, b: Signal): void {
  for (let k = 0; k < a.re.length; k++) a.re[k]! += b.re[k]!;
  if (a.im && b.im) for (let k = 0; k < a.im.length; k++) a.im[k]! += b.im[k]!;
}

/** Applies a real linear map to each part. */
export const eachPart = (s: Signal, map: (x: Float32Array) => Float32Array): Signal => ({ re: map(s.re), im: s.im && map(s.im) });

export const copied = (s: Signal): Signal => eachPart(s, (x) => x.slice());

/**
 * Blocks of rows x cols numbers, one behind the other, each transposed: of the whole array where it is one.
 */
export function transposed(a: Float32Array, rows: number, cols: number): Float32Array {
  const out = new Float32Array(a.length);
  const tile = 32; // rows and columns at a time, so that both arrays stay in the caches
  const block = rows * cols;
  for (let from = 0; from < a.length; from += block) {
    for (let r0 = 0; r0 < rows; r0 += tile) {
      for (let c0 = 0; c0 < cols; c0 += tile) {
        const [r1, c1] = [Math.min(rows, r0 + tile), Math.min(cols, c0 + tile)];
        for (let r = r0; r < r1; r++) for (let c = c0; c < c1; c++) out[from + c * rows + r] = a[from + r * cols + c]!;
      }
    }
  }
  return out;
}
