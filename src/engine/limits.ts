// What is refused before memory is taken: kernels that would not fit. Knows no kernel's formula.
import { Fault } from '../contract/fault.ts';
import { bytesOfJob, largestWorkspace, WORKSPACE_BYTES, type Network } from '../kernel/index.ts';

/** What would take less, in the words of who asks. */
const REMEDIES = {
  analysis: { fewer: (most: number) => `Take at most ${most} samples (--samples), or raise` },
  archive: { fewer: (most: number) => `Write to a folder (--out name/), take only what you need (--only ntk) or at most ${most} samples, or raise` },
  folder: { fewer: (most: number) => `Take at most ${most} samples or fewer threads (--threads), or raise` },
} as const;

/** Writing an archive holds each matrix twice more: as its file, and in the archive. */
const ARCHIVE_COPIES = 3;

/**
 * @param kernels how many n x n matrices are kept
 * @throws Fault too-large, with the numbers and what would fit
 */
export function checkMemory(network: Network, samples: number, kernels: number, threads: number, limit: number, asked: keyof typeof REMEDIES = 'analysis'): void {
  const mega = (x: number) => `${Math.ceil(x / 2 ** 20)} MB`;
  const piece = largestWorkspace(network, samples);
  if (piece > WORKSPACE_BYTES) {
    throw new Fault('too-large', `One pair of samples takes ${mega(piece)} in this network, because every position meets every other, and a thread can have ${mega(WORKSPACE_BYTES)}. Take smaller samples, or a larger stride before the pooling.`);
  }
  const bytesOf = (n: number) => bytesOfJob(network, n, kernels * (asked === 'archive' ? ARCHIVE_COPIES : 1), threads);
  const bytes = bytesOf(samples);
  if (bytes <= limit) return;
  let most = samples;
  while (most > 1 && bytesOf(most) > limit) most = Math.floor(most * 0.95);
  const fewer = bytesOf(most) <= limit ? REMEDIES[asked].fewer(most) : 'Take smaller samples, or raise';
  throw new Fault('too-large', `The kernels of ${samples} samples take about ${mega(bytes)}, and the limit is ${mega(limit)}. ${fewer} the limit (--memory-limit, setting complexNtk.memoryLimit).`);
}
