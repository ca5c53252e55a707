// Scaling of samples before they enter the kernel, in place. Knows neither files nor signals.
import { Fault } from '../contract/fault.ts';
import type { InputSet, Normalisation } from '../contract/inputs.ts';

/**
 * none: as they are. unit: each sample's mean of |x|^2 over its entries becomes 1, so that K0 has a diagonal of ones.
 * standard: each entry's mean over the samples becomes 0 and its mean |x|^2 becomes 1; an entry that never varies becomes 0.
 * Faults: bad-input where a sample is zero (unit), there is one sample only (standard), or squares leave the range of float64.
 */
export function normalise(set: Pick<InputSet, 'samples' | 're' | 'im'>, how: Normalisation, name: string): void {
  const { samples, re, im } = set;
  const size = re.length / samples;
  if (how === 'unit') {
    for (let a = 0; a < samples; a++) {
      const from = a * size;
      const scale = largest(re, im, from, from + size, 1);
      if (scale === 0) throw new Fault('bad-input', `${name}: sample ${a} (counted from 0) is all zeros and cannot be scaled to unit power. Remove it or use --normalise none.`);
      scaleBy(re, im, from, from + size, 1, scale);
      scaleBy(re, im, from, from + size, 1, Math.sqrt(meanSquare(re, im, from, from + size, 1)));
    }
  } else if (how === 'standard') {
    if (samples < 2) throw new Fault('bad-input', `${name}: "standard" scales each entry over the samples and there is only one. Give more samples or use --normalise unit.`);
    for (let j = 0; j < size; j++) {
      const scale = largest(re, im, j, re.length, size);
      if (scale === 0) continue;
      // First to modulus 1, so that neither sums nor squares overflow.
      scaleBy(re, im, j, re.length, size, scale);
      centre(re, j, size, samples);
      centre(im, j, size, samples);
      const deviation = Math.sqrt(meanSquare(re, im, j, re.length, size));
      // What rounding leaves of a constant entry is no variance.
      const constant = deviation < 1e-14;
      scaleBy(re, im, j, re.length, size, constant ? Infinity : deviation);
    }
  }
  if (!Number.isFinite(meanSquare(re, im, 0, re.length, 1))) {
    throw new Fault('bad-input', `${name}: values up to ${largest(re, im, 0, re.length, 1).toExponential(1)} have squares beyond float64. Scale the samples or use --normalise unit.`);
  }
}

function largest(re: Float64Array, im: Float64Array, from: number, end: number, step: number): number {
  let top = 0;
  for (let i = from; i < end; i += step) top = Math.max(top, Math.abs(re[i]!), Math.abs(im[i]!));
  return top;
}

function meanSquare(re: Float64Array, im: Float64Array, from: number, end: number, step: number): number {
  let sum = 0;
  let n = 0;
  for (let i = from; i < end; i += step, n++) sum += re[i]! ** 2 + im[i]! ** 2;
  return sum / n;
}

function scaleBy(re: Float64Array, im: Float64Array, from: number, end: number, step: number, divisor: number): void {
  for (let i = from; i < end; i += step) {
    re[i]! /= divisor;
    im[i]! /= divisor;
  }
}

function centre(values: Float64Array, from: number, step: number, samples: number): void {
  let sum = 0;
  for (let i = from; i < values.length; i += step) sum += values[i]!;
  const mean = sum / samples;
  for (let i = from; i < values.length; i += step) values[i]! -= mean;
}
