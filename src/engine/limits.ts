// What is refused before memory is taken: inputs that do not fit the first layer, kernels that would not fit the memory.
import { Fault } from '../contract/fault.ts';
import type { InputSet } from '../contract/inputs.ts';
import { bytesOfKernels, type Chain } from '../kernel/index.ts';

/** A model whose first layers hide its input shape still tells how many numbers its first dense layer takes. */
export function checkFit(chain: Chain, inputs: InputSet): void {
  const first = chain.steps[0]!.node;
  const takes = first.parameters.inFeatures;
  const features = inputs.re.length / inputs.samples;
  if (typeof takes === 'number' && takes !== features) {
    throw new Fault('bad-input', `${first.id}${first.span ? ` at line ${first.span.line}` : ''} takes ${takes} numbers, and each sample of the inputs has ${features} (shape ${inputs.shape.join(' x ')}). Give inputs of that size (--shape, or another file).`, first.id);
  }
}

export function checkMemory(samples: number, limit: number): void {
  const bytes = bytesOfKernels(samples);
  if (bytes <= limit) return;
  let most = samples;
  while (most > 1 && bytesOfKernels(most) > limit) most = Math.floor(most * 0.95);
  const mega = (x: number) => `${Math.ceil(x / 2 ** 20)} MB`;
  throw new Fault('too-large', `The kernels of ${samples} samples take about ${mega(bytes)}, and the limit is ${mega(limit)}. Take at most ${most} samples (--samples), or raise the limit (--memory-limit, setting complexNtk.memoryLimit).`);
}
