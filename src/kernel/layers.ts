// What the analysis tells about each layer, in forward order: variances, an activation's gains, what initialisation would keep the variance.
import { findActivation } from '../catalog/activations/index.ts';
import type { GraphNode, ModelGraph } from '../contract/graph.ts';
import type { LayerReport, Quantity } from '../contract/result.ts';
import type { Chain } from './chain.ts';
import { dualAt } from './dual-at.ts';
import type { KernelSet } from './kernels.ts';
import type { StepTrace } from './propagate.ts';

const none = (reason: string): Quantity => ({ value: null, method: 'closed', error: null, reason });

/** One report a layer of the graph, with the mean variance over the samples at its output. */
export function layerReports(graph: ModelGraph, chain: Chain, set: KernelSet): LayerReport[] {
  const traces = new Map(set.network.trace.map((t) => [t.step.node.id, t]));
  let variance: Quantity = { value: set.inputVariance, method: 'closed', error: 1e-15 * set.inputVariance };
  let past = false; // behind the layer whose kernel it is, or behind one without a limit
  return graph.layers.map((node) => {
    const trace = traces.get(node.id);
    const before = variance;
    if (trace) variance = { value: trace.variance, method: trace.method, error: trace.error * trace.variance };
    else if (past) variance = none(`after ${chain.output.id}, whose kernel this is`);
    else if (set.network.missing?.layer === node.id) variance = none(set.network.missing.nngp ?? 'no limit');
    if (node.id === chain.output.id) past = true;
    return {
      id: node.id,
      kind: node.kind,
      name: node.name,
      label: labelOf(node),
      field: node.field,
      line: node.span?.line ?? null,
      ...(trace?.step.kind === 'dense' ? { initialisation: initialisationOf(node, trace) } : {}),
      variance,
      ...activationOf(node, trace, before),
    };
  });
}

function labelOf(node: GraphNode): string {
  const activation = node.kind === 'activation' ? findActivation(node.name ?? '') : undefined;
  if (activation) return activation.label;
  if (node.kind === 'read-out') return node.name ?? 'read-out';
  const { inFeatures, outFeatures } = node.parameters;
  return node.kind === 'dense' && outFeatures != null ? `dense ${inFeatures ?? '?'} -> ${outFeatures}` : node.kind;
}

/** The variances that the recursion used: what the user set stands above what the code says. */
function initialisationOf(node: GraphNode, trace: StepTrace): NonNullable<LayerReport['initialisation']> {
  const { weightVariance, biasVariance } = trace.step as StepTrace['step'] & { kind: 'dense' };
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

function activationOf(node: GraphNode, trace: StepTrace | undefined, before: Quantity): Pick<LayerReport, 'activation'> {
  const activation = node.kind === 'activation' ? findActivation(node.name ?? '') : undefined;
  if (!activation) return {};
  const parameters = trace?.step.kind === 'activation' ? trace.step.parameters : activation.parameters;
  const limit = activation.limit(parameters);
  const gains = gainsAt(node, parameters, before);
  return {
    activation: {
      parameters,
      structure: [...activation.structure],
      limit: limit.exists,
      ...gains,
      notes: [...activation.notes, ...(limit.reason ? [limit.reason] : []), ...(node.traps ?? []).map((t) => t.message)],
    },
  };
}

/** E|phi|^2 / E|z|^2, E|phi_z|^2 + E|phi_zbar|^2 and 1 / gain at the mean variance before the layer. */
function gainsAt(node: GraphNode, parameters: Record<string, number>, before: Quantity): Pick<NonNullable<LayerReport['activation']>, 'gain' | 'derivativeGain' | 'criticalWeightVariance'> {
  const activation = findActivation(node.name!)!;
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
