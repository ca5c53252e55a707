// Kernels of many drawn networks: means with standard errors, the value they tend to, and its comparison with a limit. Knows no layer.
import assert from 'node:assert/strict';
import type { ModelGraph } from '../../../src/contract/graph.ts';
import type { InputSet } from '../../../src/contract/inputs.ts';
import type { ComplexMatrix } from '../../../src/contract/matrix.ts';
import { buildFinite, drawNetwork, empiricalKernels, type KernelChoice } from './network.ts';

/** Mean over networks, entry by entry, and the standard error of that mean (of both parts together). */
export interface Estimate {
  n: number;
  re: Float64Array;
  im: Float64Array;
  error: Float64Array;
}

export type Sampled = Record<KernelChoice, Estimate>;

const CHOICES: readonly KernelChoice[] = ['nngp', 'ntk', 'pseudo', 'holomorphicNtk'];

/** Means over `seeds` networks of one width. */
export function sampleKernels(graph: ModelGraph, inputs: InputSet, width: number, seeds: number, asked: readonly KernelChoice[] = []): Sampled {
  const network = buildFinite(graph, inputs, width);
  const n = inputs.samples;
  const sums = CHOICES.map(() => ({ re: new Float64Array(n * n), im: new Float64Array(n * n), square: new Float64Array(n * n) }));
  for (let seed = 0; seed < seeds; seed++) {
    drawNetwork(network, width * 100_003 + seed);
    const kernels = empiricalKernels(network, asked);
    CHOICES.forEach((name, q) => {
      const { re, im } = kernels[name];
      for (let k = 0; k < n * n; k++) {
        sums[q]!.re[k]! += re[k]!;
        sums[q]!.im[k]! += im[k]!;
        sums[q]!.square[k]! += re[k]! ** 2 + im[k]! ** 2;
      }
    });
  }
  const estimates = sums.map(({ re, im, square }): Estimate => {
    const [mr, mi] = [re.map((v) => v / seeds), im.map((v) => v / seeds)];
    const error = square.map((v, k) => Math.sqrt(Math.max(0, v / seeds - mr[k]! ** 2 - mi[k]! ** 2) / (seeds - 1)));
    return { n, re: mr, im: mi, error };
  });
  return Object.fromEntries(CHOICES.map((name, q) => [name, estimates[q]!])) as Sampled;
}

/**
 * What the means tend to as the width grows, from the widths w and 2w: a mean over networks is K + a/w + O(1/w^2), so
 * 2 m(2w) - m(w) is K + O(1/w^2). Many narrow networks tell more than few wide ones: at the same cost the error is smaller.
 */
export function extrapolatedKernels(graph: ModelGraph, inputs: InputSet, width: number, seeds: number, asked: readonly KernelChoice[] = []): Sampled {
  const narrow = sampleKernels(graph, inputs, width, seeds, asked);
  const wide = sampleKernels(graph, inputs, 2 * width, seeds, asked);
  const joined = (a: Estimate, b: Estimate): Estimate => ({
    n: a.n,
    re: b.re.map((v, k) => 2 * v - a.re[k]!),
    im: b.im.map((v, k) => 2 * v - a.im[k]!),
    error: b.error.map((v, k) => Math.hypot(2 * v, a.error[k]!)),
  });
  return Object.fromEntries(CHOICES.map((name) => [name, joined(narrow[name], wide[name])])) as Sampled;
}

/** Standard errors allowed, and what is left of a finite width w after the extrapolation, in units of sqrt(K_ii K_jj) / w^2. */
export const STANDARD_ERRORS = 4.5;
export const BIAS = 8;

const scaleAt = (m: ComplexMatrix, i: number, j: number): number => Math.sqrt(Math.abs(m.re[i * m.cols + i]! * m.re[j * m.cols + j]!));

/** ||mean - limit|| / ||limit|| over all entries, and the same of the standard errors: what chance alone gives. */
export function distanceTo(estimate: Estimate, limit: ComplexMatrix): { distance: number; expected: number } {
  let [off, chance, whole] = [0, 0, 0];
  for (let k = 0; k < estimate.n ** 2; k++) {
    off += (estimate.re[k]! - limit.re[k]!) ** 2 + (estimate.im[k]! - (limit.im?.[k] ?? 0)) ** 2;
    chance += estimate.error[k]! ** 2;
    whole += limit.re[k]! ** 2 + (limit.im?.[k] ?? 0) ** 2;
  }
  return { distance: Math.sqrt(off / whole), expected: Math.sqrt(chance / whole) };
}

/** Every entry within STANDARD_ERRORS standard errors and BIAS / width^2 of sqrt(K_ii K_jj); the worst entry is named. */
export function assertNear(estimate: Estimate, limit: ComplexMatrix, width: number, what: string): void {
  const { n } = estimate;
  let worst = { ratio: 0, text: '' };
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const k = i * n + j;
      const off = Math.hypot(estimate.re[k]! - limit.re[k]!, estimate.im[k]! - (limit.im?.[k] ?? 0));
      const allowed = STANDARD_ERRORS * estimate.error[k]! + (BIAS / width ** 2) * scaleAt(limit, i, j);
      if (!(off / allowed <= worst.ratio)) {
        const show = (re: number, im: number): string => `${re.toPrecision(6)}${im < 0 ? '-' : '+'}${Math.abs(im).toPrecision(4)}i`;
        worst = { ratio: off / allowed, text: `${what}, entry ${i},${j}: finite ${show(estimate.re[k]!, estimate.im[k]!)} +- ${estimate.error[k]!.toPrecision(2)}, limit ${show(limit.re[k]!, limit.im?.[k] ?? 0)}, off ${off.toPrecision(3)}, allowed ${allowed.toPrecision(3)}` };
      }
    }
  }
  assert.ok(worst.ratio <= 1, worst.text);
}
