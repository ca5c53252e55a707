// Layers that could not be read, and formulas of classes of the user's own, where the user has said what their activation is. Knows no source language.
import { EXPRESSION } from '../catalog/activations/index.ts';
import type { Definitions } from '../catalog/expressions/definitions.ts';
import type { GraphNode, ModelGraph, ParsedFile, Span } from '../contract/graph.ts';

/** The class that the code calls: a user's own, or a library's that is not read. */
const nameOf = (node: GraphNode): string | null => (node.kind === 'activation' ? null : node.name) ?? (node.spelling === undefined ? null : (/(\w+)\W*$/.exec(node.spelling)?.[1] ?? null));
const same = (a: Span, b: Span): boolean => a.line === b.line && a.column === b.column;

/** What a definition may take the place of: what was not read, and what was read from the formula of a class. */
const isOpen = (node: GraphNode): boolean => node.kind === 'unresolved' || (node.kind === 'activation' && node.spelling !== undefined && node.library === undefined);

/** Turns such layers of a defined name into activations, and takes their problems away. */
export function withDefinitions(parsed: ParsedFile, definitions: Definitions): ParsedFile {
  const resolved: Span[] = [];
  const models = parsed.models.map((model): ModelGraph => {
    const renamed = new Map<string, string>();
    const layers = model.layers.map((node): GraphNode => {
      const name = nameOf(node);
      if (!isOpen(node) || name === null || !Object.hasOwn(definitions, name)) return node;
      const { form, ...rest } = definitions[name]!;
      const field = fieldBefore(model, node);
      if (field === 'real' && form !== 'scalar') return { ...node, reason: `${name} is defined as a function of complex numbers, and the features here are real` };
      if (node.span) resolved.push(node.span);
      if (node.callSpan) resolved.push(node.callSpan);
      const { reason: _reason, ...kept } = node;
      const id = node.id.replace('unresolved', 'own-activation');
      renamed.set(node.id, id);
      return { ...kept, id, kind: 'activation', name: EXPRESSION, parameters: { form: field === 'real' ? 'real' : form!, ...rest }, field, output: node.output ?? node.input };
    });
    const now = (id: string): string => renamed.get(id) ?? id;
    const { inputs, outputs, edges } = model.graph;
    return { ...model, layers, graph: { inputs: inputs.map(now), outputs: outputs.map(now), edges: edges.map(([from, to]) => [now(from), now(to)]) } };
  });
  if (resolved.length === 0) return parsed;
  return { ...parsed, models, problems: parsed.problems.filter((p) => p.code !== 'unresolved-layer' || !resolved.some((s) => same(s, p.span))) };
}

function fieldBefore(model: ModelGraph, node: GraphNode): GraphNode['field'] {
  const from = model.graph.edges.find(([, to]) => to === node.id)?.[0];
  return model.layers.find((n) => n.id === from)?.field ?? model.inputField;
}

/** Names that no such layer of the file has: a definition of them changes nothing. */
export function unmatched(parsed: ParsedFile, definitions: Definitions): string[] {
  const met = new Set(parsed.models.flatMap((m) => m.layers.filter(isOpen).map(nameOf)));
  return Object.keys(definitions).filter((name) => !met.has(name));
}
