// Where a network has its activations, and what stands around each: read from the graph and the layer reports. Computes nothing.
import { activationOf } from '../../catalog/activations/index.ts';
import { withDefaults, type Activation, type Parameters } from '../../catalog/activations/activation.ts';
import type { GraphNode, ModelGraph } from '../../contract/graph.ts';
import type { LayerReport, Quantity } from '../../contract/result.ts';

export interface Site {
  layer: string;
  activation: Activation;
  parameters: Parameters;
  /** E|h|^2 before it, mean over the samples. */
  variance: Quantity;
  /** The first weighted layers behind it. */
  next: { layer: string; weightVariance: number; biasVariance: number }[];
}

/** Activations that the kernel goes through, in forward order. */
export function sitesOf(graph: ModelGraph, layers: LayerReport[], kernelOf: string): Site[] {
  const reports = new Map(layers.map((l) => [l.id, l]));
  const nodes = new Map(graph.layers.map((n) => [n.id, n]));
  const [before, after] = [new Map<string, string[]>(), new Map<string, string[]>()];
  for (const [from, to] of graph.graph.edges) {
    before.set(to, [...(before.get(to) ?? []), from]);
    after.set(from, [...(after.get(from) ?? []), to]);
  }
  const out: Site[] = [];
  for (const node of graph.layers) {
    const activation = node.kind === 'activation' ? activationOf(node.name ?? '', node.parameters) : undefined;
    const source = reports.get(before.get(node.id)?.[0] ?? '');
    const next = weightedBehind(node, nodes, after).flatMap((n) => {
      const report = reports.get(n.id);
      const weightVariance = report?.initialisation?.weightVariance ?? null;
      return weightVariance === null ? [] : [{ layer: n.id, weightVariance, biasVariance: report!.initialisation!.biasVariance ?? 0 }];
    });
    // Behind the layer whose kernel it is nothing is Gaussian: there is no weighted layer either.
    if (!activation || !source || (next.length === 0 && !reaches(node.id, kernelOf, after))) continue;
    const numbers = Object.fromEntries(Object.entries(node.parameters).filter((e): e is [string, number] => typeof e[1] === 'number' && Object.hasOwn(activation.parameters, e[0])));
    out.push({ layer: node.id, activation, parameters: withDefaults(activation, numbers), variance: source.variance, next });
  }
  return out;
}

/** The first layers with weights on the ways from a node. */
function weightedBehind(node: GraphNode, nodes: Map<string, GraphNode>, after: Map<string, string[]>): GraphNode[] {
  const out: GraphNode[] = [];
  const seen = new Set<string>();
  const walk = (id: string): void => {
    for (const to of after.get(id) ?? []) {
      if (seen.has(to)) continue;
      seen.add(to);
      const next = nodes.get(to)!;
      if (WEIGHTED.has(next.kind)) out.push(next);
      else if (next.kind !== 'activation') walk(to);
    }
  };
  walk(node.id);
  return out;
}

const WEIGHTED = new Set(['dense', 'conv1d', 'conv2d', 'rnn']);

function reaches(from: string, to: string, after: Map<string, string[]>): boolean {
  const seen = new Set<string>();
  const walk = (id: string): boolean => id === to || (!seen.has(id) && (seen.add(id), (after.get(id) ?? []).some(walk)));
  return walk(from);
}

/** Sites for which `key` is the same, in forward order: long networks of equal layers are computed once. */
export function grouped(sites: Site[], key: (s: Site) => unknown[]): Site[][] {
  const groups = new Map<string, Site[]>();
  for (const s of sites) {
    const parameters = Object.entries(s.parameters).sort(([a], [b]) => (a < b ? -1 : 1));
    // Equal to 9 digits is equal: what differs further on no picture shows.
    const text = JSON.stringify([s.activation.id, s.activation.formula, parameters, ...key(s).map((v) => (typeof v === 'number' ? v.toPrecision(9) : v))]);
    groups.set(text, [...(groups.get(text) ?? []), s]);
  }
  return [...groups.values()];
}
