// A network that is a plain chain of dense layers, as finite-width studies take it. Knows no kernel.
import { activationOf } from '../catalog/activations/index.ts';
import type { Activation } from '../catalog/activations/activation.ts';
import type { Network } from './network.ts';

export interface DenseLayer {
  weightVariance: number;
  biasVariance: number;
  activation: Activation | null;
  parameters: Record<string, number>;
}

/** The layers, or why the network is no such chain. */
export function denseLayersOf(network: Network): DenseLayer[] | { reason: string } {
  const out: DenseLayer[] = [];
  for (const { rule, node, field } of network.steps) {
    if (rule.kind === 'input') continue;
    if (rule.kind === 'weighted' && rule.window === null && field === network.field) {
      out.push({ weightVariance: rule.weightVariance, biasVariance: rule.biasVariance, activation: null, parameters: {} });
      continue;
    }
    const last = out.at(-1);
    const activation = rule.kind === 'activation' ? activationOf(rule.name, rule.parameters) : undefined;
    if (!activation || !last || activation.output) return { reason: `finite widths are studied for chains of dense layers, and ${node?.id ?? 'a join'} is none` };
    last.activation = activation;
    last.parameters = (rule as { parameters: Record<string, number> }).parameters;
  }
  return network.steps.some((s, i) => s.inputs.length > 1 || (i > 0 && s.inputs[0] !== i - 1)) ? { reason: 'finite widths are studied for chains of dense layers, and this network branches' } : out;
}
