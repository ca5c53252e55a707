// Memory and work of a finite network before any of it is taken, from the sizes alone. Knows no backend.
import type { FiniteNetwork } from './build.ts';
import { positionsOf, sizeOf } from './signal.ts';

export interface Estimate {
  bytes: number;
  /** Float32 multiplications and additions. */
  operations: number;
}

/** Blocks in flight on the backend, and what the runtime needs around the arrays. */
const WORKSPACE_BYTES = 192 * 2 ** 20;
/** Arrays that a layer keeps for the way back, at most: its input and four derivatives. */
const KEPT = 6;

/**
 * @param rows cotangents that go back: for a kernel one or two, or with coupled samples as many for each; 1 for a gradient
 * @param copies arrays of the weights' size beside the weights: gradients and what the optimiser remembers
 */
export function estimateRun(network: FiniteNetwork, samples: number, rows: number, copies: number): Estimate {
  const float = 4;
  let kept = 0;
  let widest = 0;
  let operations = 0;
  let before = network.input;
  for (const layer of network.layers) {
    const parts = layer.form.complex || before.complex ? 2 : 1;
    const size = Math.max(sizeOf(layer.form), sizeOf(before)) * parts;
    kept += float * samples * (KEPT * size + (layer.keeps ?? 0));
    widest = Math.max(widest, 3 * float * rows * samples * size);
    for (const t of layer.tensors) {
      const each = samples * Math.max(1, positionsOf(layer.form), layer.keeps ? positionsOf(before) : 1);
      const numbers = t.fan * t.out * (t.im ? 4 : 1);
      operations += 2 * each * numbers * (1 + 2 * rows);
      // The windows of all samples, as rows.
      widest = Math.max(widest, 2 * float * each * t.fan * parts);
      // Gram matrices of gradients: outputs^2 for each weight.
      if (copies === 0) operations += 2 * (rows * (network.coupled ? 1 : samples)) ** 2 * (each === samples && !network.coupled ? t.fan + t.out : t.fan * t.out * parts);
    }
    before = layer.form;
  }
  const outputs = network.coupled ? rows : rows * samples;
  const kernels = copies === 0 ? 8 * 12 * outputs ** 2 : 0;
  return { bytes: kept + widest + float * network.parameters * (3 + copies) + kernels + WORKSPACE_BYTES, operations };
}

/** Of the kernel of one output number. */
export function estimateKernel(network: FiniteNetwork, samples: number): Estimate {
  const kinds = network.form.complex ? 2 : 1;
  return estimateRun(network, samples, network.coupled ? kinds * samples : kinds, 0);
}

export const inMebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
