// A ModelGraph as the chain of steps that the recursion runs over; what has no kernel here is refused by name. Knows no numbers.
import { findActivation } from '../catalog/activations/index.ts';
import { withDefaults, type Activation } from '../catalog/activations/activation.ts';
import { Fault } from '../contract/fault.ts';
import type { Field, GraphNode, ModelGraph } from '../contract/graph.ts';

export type Step =
  | { kind: 'dense'; node: GraphNode; weightVariance: number; biasVariance: number }
  | { kind: 'activation'; node: GraphNode; activation: Activation; parameters: Record<string, number> };

export interface Chain {
  field: Field;
  steps: Step[];
  /** The last dense layer: the kernels are those of its output. */
  output: GraphNode;
  /** Layers after it, not part of the kernel. */
  readOuts: GraphNode[];
}

export interface VarianceOverrides {
  weightVariance: number | null;
  biasVariance: number | null;
}

const where = (n: GraphNode): string => `${n.id}${n.spelling ? ` (${n.spelling})` : ''}${n.span ? ` at line ${n.span.line}` : ''}`;

/** The layers from input to output; a graph that branches or is not connected is refused. */
function inOrder(graph: ModelGraph): GraphNode[] {
  const byId = new Map(graph.layers.map((n) => [n.id, n]));
  const next = new Map<string, string[]>();
  for (const [from, to] of graph.graph.edges) next.set(from, [...(next.get(from) ?? []), to]);
  const starts = graph.graph.inputs;
  if (graph.layers.length === 0) throw new Fault('bad-input', `The model ${graph.name} has no layers.`);
  if (starts.length !== 1) throw new Fault('not-supported', `The model ${graph.name} reads its input in ${starts.length} places; kernels of branching networks are not in this version.`);
  const out: GraphNode[] = [];
  const seen = new Set<string>();
  for (let id: string | undefined = starts[0]; id !== undefined; ) {
    const node = byId.get(id);
    if (!node || seen.has(id)) throw new Fault('bad-input', `The graph of ${graph.name} is not a chain: layer ${id} is ${node ? 'met twice' : 'missing'}.`, id);
    seen.add(id);
    out.push(node);
    const to: string[] = next.get(id) ?? [];
    if (to.length > 1) throw new Fault('not-supported', `${where(node)} feeds ${to.length} layers; kernels of branching networks are not in this version.`, id);
    id = to[0];
  }
  // A layer that nothing reaches cannot be dropped silently: it may be the user's mistake.
  const left = graph.layers.find((n) => !seen.has(n.id));
  if (left) throw new Fault('not-supported', `${where(left)} is not on the way from the input to the output.`, left.id);
  return out;
}

function numbersOf(node: GraphNode, activation: Activation): Record<string, number> {
  const given: Record<string, number> = {};
  for (const [name, value] of Object.entries(node.parameters)) {
    if (!Object.hasOwn(activation.parameters, name)) continue;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new Fault('bad-input', `${where(node)}: the parameter ${name} of ${activation.label} is ${JSON.stringify(value)}, not a number known from the text.`, node.id);
    given[name] = value;
  }
  return withDefaults(activation, given);
}

/** The chain of a dense network, or a Fault that names the layer and says why. */
export function chainOf(graph: ModelGraph, overrides: VarianceOverrides): Chain {
  const order = inOrder(graph);
  const last = order.findLastIndex((n) => n.kind === 'dense');
  const steps: Step[] = [];
  for (const [at, node] of order.entries()) {
    switch (node.kind) {
      case 'dense': {
        if (node.sharedWith) throw new Fault('not-supported', `${where(node)} shares its weights with ${node.sharedWith}; weights used twice have no kernel in this version.`, node.id);
        const weightVariance = overrides.weightVariance ?? node.initialisation?.weightVariance ?? null;
        const biasVariance = overrides.biasVariance ?? node.initialisation?.biasVariance ?? null;
        if (weightVariance === null) throw new Fault('bad-input', `${where(node)}: its initial weight variance is not known from the text (sizes missing). Give a weight variance (--weight-variance, or the setting) to analyse it.`, node.id);
        // Without a bias there is nothing to override: an absent bias stays absent.
        const hasBias = node.parameters.bias !== false;
        steps.push({ kind: 'dense', node, weightVariance, biasVariance: hasBias ? (biasVariance ?? 0) : 0 });
        break;
      }
      case 'activation': {
        const activation = findActivation(node.name ?? '');
        if (!activation) throw new Fault('not-supported', `${where(node)}: no activation "${node.name}" in the catalog.`, node.id);
        if (at > last) break;
        const before = steps.at(-1);
        if (before?.kind !== 'dense') {
          throw new Fault('not-supported', `${where(node)} does not follow a dense layer, so its input is not Gaussian and it has no dual. Put a dense layer before it.`, node.id);
        }
        steps.push({ kind: 'activation', node, activation, parameters: numbersOf(node, activation) });
        break;
      }
      case 'dropout': break; // the identity in evaluation
      case 'flatten':
      case 'reshape':
        // Before the first dense layer only the order of the inputs changes, which K0 does not see.
        if (steps.length > 0 && at < last && node.kind === 'reshape') throw new Fault('not-supported', `${where(node)} reshapes features between layers; not in this version.`, node.id);
        break;
      case 'read-out':
        if (at < last) throw new Fault('not-supported', `${where(node)} is a read-out before the last dense layer: what follows is not Gaussian.`, node.id);
        break;
      case 'unresolved':
        throw new Fault('not-supported', `${where(node)} could not be read: ${node.reason ?? 'unknown layer'}`, node.id);
      default:
        throw new Fault('not-supported', `${where(node)}: layers of kind ${node.kind} have no infinite-width kernel in this version; dense layers, activations, dropout and flatten do.`, node.id);
    }
  }
  const output = order[last];
  if (!output) throw new Fault('not-supported', `The model ${graph.name} has no dense layer: nothing to take a kernel of.`);
  const dense = steps.filter((s) => s.kind === 'dense').map((s) => s.node);
  const mixed = dense.find((n) => n.field !== dense[0]!.field);
  if (mixed) throw new Fault('not-supported', `${where(mixed)} is ${mixed.field} while the layers before it are not; mixed networks are not in this version.`, mixed.id);
  const odd = steps.find((s) => s.kind === 'activation' && s.activation.field !== output.field);
  if (odd) throw new Fault('not-supported', `${where(odd.node)} is not an activation of ${output.field} networks.`, odd.node.id);
  const readOuts = order.slice(last + 1).filter((n) => n.kind === 'read-out' || n.kind === 'activation');
  return { field: output.field, steps, output, readOuts };
}
