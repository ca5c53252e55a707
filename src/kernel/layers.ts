// What the analysis tells about each layer, in forward order: variances, an activation's gains, what initialisation would keep the variance.
import { activationOf } from '../catalog/activations/index.ts';
import type { Activation } from '../catalog/activations/activation.ts';
import type { GraphNode, ModelGraph } from '../contract/graph.ts';
import type { LayerReport, Quantity } from '../contract/result.ts';
import { dualAt } from './dual-at.ts';
import type { KernelSet } from './kernels.ts';
import type { Network, Rule } from './network.ts';

const none = (reason: string): Quantity => ({ value: null, method: 'closed', error: null, reason });

/** One report a layer of the graph, with the mean variance over the samples at its output. */
export function layerReports(graph: ModelGraph, network: Network, set: KernelSet): LayerReport[] {
  const variances = new Map<string, Quantity>();
  const sourceOf = new Map(graph.graph.edges.map(([from, to]) => [to, from]));
  const start: Quantity = { value: set.inputVariance, method: 'closed', error: 1e-15 * set.inputVariance };
  return graph.layers.map((node) => {
    const step = network.stepOf[node.id];
    const trace = step === undefined ? undefined : set.trace[step];
    const variance: Quantity = trace ? { value: trace.variance, method: trace.method, error: trace.error * trace.variance }
      : step === undefined ? none(`after ${network.output.id}, whose kernel this is`) : none(set.missing?.nngp ?? 'no limit');
    variances.set(node.id, variance);
    const source = sourceOf.get(node.id);
    const before = source === undefined ? start : (variances.get(source) ?? none('its input was not computed'));
    const rule = step === undefined ? undefined : network.steps[step]!.rule;
    return {
      id: node.id,
      kind: node.kind,
      name: node.name,
      label: labelOf(node),
      field: node.field,
      line: node.span?.line ?? null,
      ...(rule?.kind === 'weighted' || rule?.kind === 'rnn' ? { initialisation: initialisationOf(node, rule) } : {}),
      variance,
      ...activationPart(node, rule, before),
    };
  });
}

/** Of a network without a kernel: what is known of each layer before anything is computed. */
export function layerReportsWithout(graph: ModelGraph, reason: string): LayerReport[] {
  return graph.layers.map((node) => ({
    id: node.id, kind: node.kind, name: node.name, label: labelOf(node), field: node.field, line: node.span?.line ?? null,
    ...(node.initialisation ? { initialisation: node.initialisation } : {}),
    variance: none(reason),
    ...activationPart(node, undefined, none(reason)),
  }));
}

function labelOf(node: GraphNode): string {
  const activation = node.kind === 'activation' ? activationOf(node.name ?? '', node.parameters) : undefined;
  if (activation) return activation.label;
  if (node.kind === 'read-out') return node.name ?? 'read-out';
  const { inFeatures, outFeatures } = node.parameters;
  return node.kind === 'dense' && outFeatures != null ? `dense ${inFeatures ?? '?'} -> ${outFeatures}` : node.kind;
}

/** The variances that the recursion used: what the user set stands above what the code says. */
function initialisationOf(node: GraphNode, rule: Rule & { kind: 'weighted' | 'rnn' }): NonNullable<LayerReport['initialisation']> {
  const weightVariance = rule.kind === 'rnn' ? rule.inputVariance : rule.weightVariance;
  const { biasVariance } = rule;
  const read = node.initialisation;
  const set = !read || read.weightVariance !== weightVariance || (read.biasVariance ?? 0) !== biasVariance;
  return {
    initialiser: read?.initialiser ?? 'given',
    library: read?.library ?? null,
    version: read?.version ?? null,
    weightVariance,
    biasVariance,
    circular: read?.circular ?? true,
    source: set ? 'setting' : read.source,
  };
}

function activationPart(node: GraphNode, rule: Rule | undefined, before: Quantity): Pick<LayerReport, 'activation'> {
  const activation = node.kind === 'activation' ? activationOf(node.name ?? '', node.parameters) : undefined;
  if (!activation) return {};
  const own = rule?.kind === 'activation' ? rule.parameters : activation.parameters;
  const parameters = Object.fromEntries(Object.entries(own).filter((e): e is [string, number] => typeof e[1] === 'number'));
  const limit = activation.limit(parameters);
  return {
    activation: {
      parameters,
      structure: [...activation.structure],
      limit: limit.exists,
      ...gainsAt(activation, parameters, before),
      notes: [...activation.notes, ...(limit.reason ? [limit.reason] : []), ...(node.traps ?? []).map((t) => t.message)],
    },
  };
}

/** E|phi|^2 / E|z|^2, E|phi_z|^2 + E|phi_zbar|^2 and 1 / gain at the mean variance before the layer. */
function gainsAt(activation: Activation, parameters: Record<string, number>, before: Quantity): Pick<NonNullable<LayerReport['activation']>, 'gain' | 'derivativeGain' | 'criticalWeightVariance'> {
  const limit = activation.limit(parameters);
  const reason = limit.exists === 'none' ? limit.reason! : before.value === null ? before.reason! : before.value === 0 ? 'the variance before it is 0' : null;
  if (reason !== null) return { gain: none(reason), derivativeGain: none(reason), criticalWeightVariance: none(reason) };
  const variance = before.value!;
  const std = Math.sqrt(variance);
  const { S, A, B, method, error } = dualAt(activation, parameters, [std, std], [1, 0]);
  const gain = S[0] / variance;
  return {
    gain: { value: gain, method, error: error * gain },
    derivativeGain: A && B ? { value: A[0] + B[0], method, error: error * (A[0] + B[0]) } : none(limit.reason!),
    criticalWeightVariance: gain > 0 ? { value: 1 / gain, method, error: error / gain } : none('the activation is 0 here'),
  };
}
