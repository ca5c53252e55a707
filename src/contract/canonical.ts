// A model as the text that decides its results: the same for two models that differ only in names of variables, places and spellings. Knows no hash function.
import type { ModelGraph } from './graph.ts';

/** JSON of all that a kernel depends on, with sorted keys; spans, spellings, groups, traps and notes left out. */
export function canonicalModel(model: ModelGraph): string {
  const layers = model.layers.map(({ id, kind, name, parameters, field, input, output, sharedWith, initialisation, reason }) => ({
    id, kind, field, input, output, parameters,
    // An attribute's name is no part of the network; an activation's catalog id is.
    name: kind === 'activation' || kind === 'read-out' || kind === 'rnn' ? name : null,
    sharedWith: sharedWith ?? null,
    initialisation: initialisation ?? null,
    reason: reason ?? null,
  }));
  const { axes, inputShape, inputField, graph } = model;
  return JSON.stringify({ layers, graph, axes, inputShape, inputField }, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
