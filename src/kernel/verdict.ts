// The verdict: one word by the tolerances, one sentence with its numbers, and what has to be said beside it.
import type { Quantity, Verdict } from '../contract/result.ts';
import { activationOf } from '../catalog/activations/index.ts';
import type { KernelSet } from './kernels.ts';
import type { Network } from './network.ts';

const shown = (q: Quantity): string => q.value!.toPrecision(3).replace(/\.?0+(?=e|$)/, (m) => (m.startsWith('.') ? '' : m));

/** t = max(tolerance, 3 x the numbers' own error); phase content first, then gap and coupling, then gap alone. */
export function verdictOf(network: Network, set: KernelSet, floor: number): Verdict {
  const { realChannelGap: gap, phaseCoupling: coupling } = set;
  const content = set.inputs.phaseContent;
  const tolerance = Math.max(floor, 3 * Math.max(gap.error ?? 0, coupling.error ?? 0, content.error ?? 0));
  const verdict = (word: Verdict['word'], sentence: string): Verdict => ({ word, sentence, tolerance, caveats: caveatsOf(network, set) });
  if (network.field === 'real') return verdict('undecided', 'This network is real: there is no complex network to compare with.');
  if (content.value === null) return verdict('undecided', `The inputs cannot decide: ${content.reason}.`);
  if (gap.value === null || coupling.value === null) return verdict('undecided', `There is no neural tangent kernel to compare: ${gap.reason ?? coupling.reason}.`);
  const numbers = `real-channel gap ${shown(gap)}, phase coupling ${shown(coupling)}, tolerance ${Number(tolerance.toPrecision(3))}`;
  if (content.value <= tolerance) {
    return verdict('undecided', `These inputs carry no phase (||Im K0||/||K0|| = ${shown(content)}), and without it no network differs from its real twin: ${numbers}. Try complex inputs.`);
  }
  if (gap.value <= tolerance && coupling.value <= tolerance) {
    return verdict('reduces', `On these inputs the complex network trains, at infinite width, as its real twin does: ${numbers}.`);
  }
  if (gap.value <= tolerance) {
    return verdict('real-channel-reduces', `The real part of the kernel is the real twin's, and only the coupling between real and imaginary outputs tells the networks apart: ${numbers}.`);
  }
  return verdict('stays-complex', `On these inputs the complex network's kernel differs from its real twin's: ${numbers}.`);
}

function caveatsOf(network: Network, set: KernelSet): string[] {
  const out: string[] = [];
  for (const { rule, node } of network.steps) {
    if (rule.kind !== 'activation' && rule.kind !== 'rnn') continue;
    const activation = activationOf(rule.name, rule.parameters)!;
    if (activation.jumps) out.push(`${activation.label} (${node!.id}) jumps: the kernel is that of its almost-everywhere derivative, and training also moves by jumps that no gradient sees.`);
  }
  if (set.missing) out.push(`${set.missing.layer}: ${set.missing.ntk}.`);
  const readOut = network.readOuts[0];
  if (readOut) out.push(`${readOut.id} (${readOut.spelling ?? readOut.name ?? readOut.kind}) acts after ${network.output.id}, and its output is not Gaussian: the kernel is that of ${network.output.id}.`);
  const weighted = network.steps.flatMap(({ rule, node }) => (rule.kind === 'weighted' || rule.kind === 'rnn' ? [{ rule, node: node! }] : []));
  if (network.field === 'complex' && weighted.some((s) => s.node.initialisation?.circular === false)) {
    out.push('The initialisation is not circular (E w^2 is not 0); the kernel takes circular weights of the same variance.');
  }
  out.push(
    network.field === 'complex'
      ? 'The kernel is in NTK parameterisation with the real numbers P and Q of W = (P + iQ)/sqrt 2 trained; a library that trains W itself moves twice as fast.'
      : 'The kernel is in NTK parameterisation.',
    'In the standard parameterisation with one learning rate, layers count by their widths.',
  );
  if (weighted.some((s) => s.rule.biasVariance === 0 && s.node.parameters.bias !== false)) {
    out.push('A bias that starts at 0 enters this kernel with s_b^2 = 0 and adds nothing; where it is trained, it adds to the NTK all the same.');
  }
  return out;
}
