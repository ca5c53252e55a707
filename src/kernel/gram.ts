// The inputs' kernel K0 and what can be read off it: phase content, the phase-invariant triple form, circularity. Knows no network.
import type { InputSet } from '../contract/inputs.ts';
import type { Quantity } from '../contract/result.ts';
import type { Pace } from './pace.ts';

/** A Hermitian n x n matrix under work: both parts always there, row-major. */
export interface Hermitian {
  n: number;
  re: Float64Array;
  im: Float64Array;
}

export const newHermitian = (n: number): Hermitian => ({ n, re: new Float64Array(n * n), im: new Float64Array(n * n) });

/** K0 = <x, x'>/d, the second argument conjugated. */
export async function inputKernel(inputs: InputSet, pace: Pace): Promise<Hermitian> {
  const n = inputs.samples;
  const d = inputs.re.length / n;
  const out = newHermitian(n);
  const { re, im } = inputs;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      let sr = 0;
      let si = 0;
      for (let k = 0, a = i * d, b = j * d; k < d; k++, a++, b++) {
        sr += re[a]! * re[b]! + im[a]! * im[b]!;
        si += im[a]! * re[b]! - re[a]! * im[b]!;
      }
      out.re[i * n + j] = out.re[j * n + i] = sr / d;
      out.im[i * n + j] = i === j ? 0 : si / d;
      out.im[j * n + i] = i === j ? 0 : -si / d;
    }
    await pace(n * d);
  }
  return out;
}

export function norm(x: Float64Array): number {
  let sum = 0;
  for (const v of x) sum += v * v;
  return Math.sqrt(sum);
}

const ROUNDING = 1e-14;
const exact = (value: number): Quantity => ({ value, method: 'closed', error: ROUNDING });

/** ||Im K0|| / ||K0||. */
export function phaseContent(k: Hermitian): Quantity {
  const total = Math.hypot(norm(k.re), norm(k.im));
  return total > 0 ? exact(norm(k.im) / total) : { value: null, method: 'closed', error: null, reason: 'all inputs are zero' };
}

const TRIPLE_SAMPLES = 300;

/** sum |Im(K12 K23 K31)| / sum |K12 K23 K31| over triples of distinct samples (the first 300): unchanged when a sample's phase is turned. */
export function triplePhase(k: Hermitian): Quantity {
  const n = Math.min(k.n, TRIPLE_SAMPLES);
  const at = k.n;
  let top = 0;
  let bottom = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const ar = k.re[i * at + j]!;
      const ai = k.im[i * at + j]!;
      for (let l = j + 1; l < n; l++) {
        const br = k.re[j * at + l]!;
        const bi = k.im[j * at + l]!;
        const cr = k.re[l * at + i]!;
        const ci = k.im[l * at + i]!;
        const pr = ar * br - ai * bi;
        const pi = ar * bi + ai * br;
        const re = pr * cr - pi * ci;
        const im = pr * ci + pi * cr;
        top += Math.abs(im);
        bottom += Math.hypot(re, im);
      }
    }
  }
  if (n < 3 || bottom === 0) return { value: null, method: 'closed', error: null, reason: n < 3 ? 'needs three samples' : 'all triples vanish' };
  return { ...exact(top / bottom), ...(k.n > n ? { reason: `over the first ${n} of ${k.n} samples` } : {}) };
}

/** ||E x x^T|| / E||x||^2 of this set, from sum_ab K_ab^2 = n^2 ||E x x^T||^2 / d^2. */
export function circularity(k: Hermitian): Quantity {
  let square = 0;
  let trace = 0;
  for (let i = 0; i < k.n * k.n; i++) square += k.re[i]! ** 2 - k.im[i]! ** 2;
  for (let i = 0; i < k.n; i++) trace += k.re[i * k.n + i]!;
  if (trace === 0) return { value: null, method: 'closed', error: null, reason: 'all inputs are zero' };
  return exact(Math.sqrt(Math.max(square, 0)) / trace);
}
