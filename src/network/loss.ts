// The squared loss of a network's outputs and its gradients. Knows no optimiser.
import type { FiniteNetwork } from './build.ts';
import type { Device } from './device.ts';
import { backward, forward } from './run.ts';
import { newSignal, type Signal } from './signal.ts';
import { gradientOf, rowsOf, type Gradient, type Tensor } from './tensors.ts';

export interface LossAndGradients {
  /** 1/2 sum |f - y|^2 over samples and outputs. */
  loss: number;
  outputs: Signal;
  gradients: Map<Tensor, Gradient>;
}

/** @param targets as the outputs are laid out: samples x positions x channels */
export async function gradientsOf(network: FiniteNetwork, x: Signal, targets: Signal, samples: number, device: Device): Promise<LossAndGradients> {
  const outputs = (await forward(network, x, samples, device)).at(-1)!;
  // df of 1/2 |f - y|^2 is Re(conj(f - y) df): the cotangent is f - y itself.
  const g = newSignal(outputs.re.length, outputs.im !== null);
  let loss = 0;
  for (const part of ['re', 'im'] as const) {
    const to = g[part];
    if (!to) continue;
    for (let k = 0; k < to.length; k++) {
      to[k] = outputs[part]![k]! - (targets[part]?.[k] ?? 0);
      loss += 0.5 * to[k]! ** 2;
    }
  }
  const gradients = new Map<Tensor, Gradient>();
  await backward(network, g, 1, samples, device, async (u) => {
    const own = await gradientOf(u.tensor, rowsOf(u, samples), u.g, samples, u.each, device);
    if (!u.bias) own.biasRe = own.biasIm = null;
    const before = gradients.get(u.tensor);
    if (!before) gradients.set(u.tensor, own);
    else for (const part of ['re', 'im', 'biasRe', 'biasIm'] as const) {
      const [a, b] = [before[part], own[part]];
      if (a && b) for (let k = 0; k < a.length; k++) a[k]! += b[k]!;
      else if (b && part !== 're') before[part] = b;
    }
  });
  return { loss, outputs, gradients };
}
