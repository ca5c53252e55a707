// The layers of a model graph in an order in which each follows its sources, and where the network ends. Knows no kernel and no tensor.
import { Fault } from './fault.ts';
import type { Field, GraphNode, LayerKind, ModelGraph } from './graph.ts';

/** "conv2d3 (nn.Conv2d) at line 12". */
export const whereIs = (n: GraphNode): string => `${n.id}${n.spelling ? ` (${n.spelling})` : ''}${n.span ? ` at line ${n.span.line}` : ''}`;

/** @throws Fault not-supported that names the layer, why, and what to do */
export function refuse(node: GraphNode, why: string, advice = ''): never {
  throw new Fault('not-supported', `${whereIs(node)}: ${why}.${advice ? ` ${advice}` : ''}`, node.id);
}

/** Complex where any layer with weights is. */
export const fieldOf = (graph: ModelGraph): Field => (graph.layers.some((n) => n.initialisation && n.field === 'complex') ? 'complex' : 'real');

/** Ids of the layers that each layer reads, in the order of the edges; the network's input is not among them. */
export function sourcesOf(graph: ModelGraph): Map<string, string[]> {
  const sources = new Map<string, string[]>(graph.layers.map((n) => [n.id, []]));
  for (const [from, to] of graph.graph.edges) sources.get(to)?.push(from);
  return sources;
}

/**
 * The layers so that each follows its sources.
 * @throws Fault for cycles, and for layers apart from the way from the input to the output
 */
export function inOrder(graph: ModelGraph, sources: Map<string, string[]>): GraphNode[] {
  if (graph.layers.length === 0) throw new Fault('bad-input', `The model ${graph.name} has no layers.`);
  const byId = new Map(graph.layers.map((n) => [n.id, n]));
  const missing = graph.graph.edges.flat().find((id) => !byId.has(id));
  if (missing !== undefined) throw new Fault('bad-input', `The graph of ${graph.name} names a layer ${missing} that it does not have.`, missing);
  // A layer that nothing reaches cannot be dropped silently: it may be the user's mistake.
  const apart = graph.layers.find((n) => sources.get(n.id)!.length === 0 && !graph.graph.inputs.includes(n.id));
  if (apart) throw new Fault('not-supported', `${whereIs(apart)} is not on the way from the input to the output.`, apart.id);
  const out: GraphNode[] = [];
  const done = new Set<string>();
  let waiting = graph.layers;
  while (waiting.length > 0) {
    const ready = waiting.filter((n) => sources.get(n.id)!.every((s) => done.has(s)));
    if (ready.length === 0) throw new Fault('not-supported', `${whereIs(waiting[0]!)} depends on its own output; loops have a kernel only inside a recurrent layer.`, waiting[0]!.id);
    for (const n of ready) {
      done.add(n.id);
      out.push(n);
    }
    waiting = waiting.filter((n) => !done.has(n.id));
  }
  // Towards the output: what leads nowhere has no part in the kernel, and silence about it would mislead.
  const needed = new Set<string>();
  const visit = (id: string): void => {
    if (needed.has(id)) return;
    needed.add(id);
    sources.get(id)!.forEach(visit);
  };
  (graph.graph.outputs.length > 0 ? graph.graph.outputs : [out.at(-1)!.id]).forEach(visit);
  const idle = out.find((n) => !needed.has(n.id));
  if (idle) throw new Fault('not-supported', `${whereIs(idle)} is not on the way from the input to the output.`, idle.id);
  return out;
}

/** Layers that leave the network after its last weighted layer. */
const AFTER: LayerKind[] = ['read-out', 'activation', 'dropout', 'reshape', 'flatten'];

/**
 * The layer whose output the kernels belong to, and all layers after it.
 * @param order as inOrder gives it
 * @throws Fault where the network has several outputs, or no weighted layer
 */
export function endingOf(graph: ModelGraph, order: GraphNode[], sources: Map<string, string[]>): { output: GraphNode; after: GraphNode[] } {
  const byId = new Map(graph.layers.map((n) => [n.id, n]));
  const ends = graph.graph.outputs.length > 0 ? graph.graph.outputs : [order.at(-1)!.id];
  if (ends.length > 1) throw new Fault('not-supported', `The model ${graph.name} has ${ends.length} outputs (${ends.join(', ')}); a kernel belongs to one.`);
  const after: GraphNode[] = [];
  let node = byId.get(ends[0]!);
  while (node && AFTER.includes(node.kind)) {
    const from: string[] = sources.get(node.id)!;
    after.unshift(node);
    if (from.length !== 1) break;
    node = byId.get(from[0]!);
  }
  if (!node || AFTER.includes(node.kind)) throw new Fault('not-supported', `The model ${graph.name} has no dense layer: nothing to take a kernel of.`);
  return { output: node, after };
}

/**
 * Whether a network refused for this layer may still be drawn: what could not be read can not, nor a layer apart from the way to the
 * output, or one in a loop.
 */
export function mayBeDrawn(graph: ModelGraph, layer: string | undefined): boolean {
  const node = graph.layers.find(({ id }) => id === layer);
  if (!node || node.kind === 'unresolved') return false;
  try {
    return inOrder(graph, sourcesOf(graph)).length > 0;
  } catch {
    return false;
  }
}
