// What is refused before memory is taken: kernels that would not fit. Knows no kernel's formula.
import { Fault } from '../contract/fault.ts';
import { bytesOfJob, type Network } from '../kernel/index.ts';

/** @param kernels how many n x n matrices are kept */
export function checkMemory(network: Network, samples: number, kernels: number, threads: number, limit: number): void {
  const bytesOf = (n: number) => bytesOfJob(network, n, kernels, threads);
  const bytes = bytesOf(samples);
  if (bytes <= limit) return;
  let most = samples;
  while (most > 1 && bytesOf(most) > limit) most = Math.floor(most * 0.95);
  const mega = (x: number) => `${Math.ceil(x / 2 ** 20)} MB`;
  const fewer = bytesOf(most) <= limit ? `Take at most ${most} samples (--samples), or raise` : 'Take smaller samples, or raise';
  throw new Fault('too-large', `The kernels of ${samples} samples take about ${mega(bytes)}, and the limit is ${mega(limit)}. ${fewer} the limit (--memory-limit, setting complexNtk.memoryLimit).`);
}
