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
