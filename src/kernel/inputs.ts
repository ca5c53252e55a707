// The inputs as the recursion reads them: for each sample its positions, for each position its channels. Knows no layer.
import { Fault } from '../contract/fault.ts';
import type { InputSet } from '../contract/inputs.ts';
import type { Network } from './network.ts';

/** re, im: samples x positions x channels, row-major; im is null for real inputs. */
export interface PackedInputs {
  samples: number;
  positions: number;
  channels: number;
  re: Float64Array;
  im: Float64Array | null;
}

/** @param make where the arrays live (shared between threads, or not) */
export function packInputs(network: Network, inputs: InputSet, make: (length: number) => Float64Array): PackedInputs {
  const size = network.inputShape.reduce((a, b) => a * b, 1);
  const features = inputs.re.length / inputs.samples;
  const first = network.steps.find((s) => s.node !== null)!.node!;
  if (size !== features) throw new Fault('bad-input', `${first.id} reads ${size} numbers a sample (${network.inputShape.join(' x ')}), and each sample of the inputs has ${features} (shape ${inputs.shape.join(' x ')}). Give inputs of that size (--shape, or another file).`, first.id);
  const shape = network.inputShape;
  const channels = network.channelAxis === 'first' ? shape[0]! : shape.at(-1)!;
  const positions = size / channels;
  const pack = (from: Float64Array): Float64Array => {
    const to = make(from.length);
    if (network.channelAxis === 'last' || positions === 1 || channels === 1) {
      to.set(from);
      return to;
    }
    for (let i = 0, at = 0; i < inputs.samples; i++) {
      for (let u = 0; u < positions; u++) for (let c = 0; c < channels; c++, at++) to[at] = from[i * size + c * positions + u]!;
    }
    return to;
  };
  return { samples: inputs.samples, positions, channels, re: pack(inputs.re), im: inputs.field === 'complex' ? pack(inputs.im) : null };
}
