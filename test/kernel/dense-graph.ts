// Dense networks and input sets for kernel tests, built without any front end.
import type { Field, GraphNode, ModelGraph } from '../../src/contract/graph.ts';
import type { InputSet } from '../../src/contract/inputs.ts';

export interface DenseDescription {
  activation: string;
  parameters?: Record<string, number>;
  /** Hidden layers. */
  depth: number;
  weightVariance: number;
  biasVariance: number;
  field?: Field;
}

export function denseGraph(d: DenseDescription): ModelGraph {
  const field = d.field ?? 'complex';
  const layers: GraphNode[] = [];
  const base = { field, input: null, output: null, span: null };
  for (let l = 0; l <= d.depth; l++) {
    layers.push({
      ...base, id: `dense${l + 1}`, kind: 'dense', name: null, parameters: {},
      initialisation: { initialiser: 'given', library: null, version: null, weightVariance: d.weightVariance, biasVariance: d.biasVariance, circular: true, source: 'code' },
    });
    if (l < d.depth) layers.push({ ...base, id: `activation${l + 1}`, kind: 'activation', name: d.activation, parameters: { ...d.parameters } });
  }
  return chained(layers, field);
}

export function chained(layers: GraphNode[], field: Field = 'complex'): ModelGraph {
  return {
    name: 'net', line: 1, layers, axes: 'channels-last', inputShape: null, inputField: field,
    graph: {
      inputs: [layers[0]!.id],
      outputs: [layers.at(-1)!.id],
      edges: layers.slice(1).map((l, i) => [layers[i]!.id, l.id]),
    },
  };
}

/** @param rows samples x features, each entry [re, im] or a real number. */
export function inputSet(rows: readonly (readonly (number | readonly number[])[])[]): InputSet {
  const d = rows[0]!.length;
  const re = new Float64Array(rows.length * d);
  const im = new Float64Array(rows.length * d);
  let complex = false;
  rows.forEach((row, i) => row.forEach((v, k) => {
    re[i * d + k] = typeof v === 'number' ? v : v[0]!;
    im[i * d + k] = typeof v === 'number' ? 0 : v[1]!;
    complex ||= typeof v !== 'number';
  }));
  return { samples: rows.length, shape: [d], re, im, field: complex ? 'complex' : 'real', description: 'given', provenance: {} };
}

/** Deterministic complex samples with unequal norms: a linear congruential sequence, enough for tests of identities. */
export function someInputs(samples: number, features: number, seed = 1): InputSet {
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return inputSet(Array.from({ length: samples }, (_, i) => Array.from({ length: features }, () => [(1 + i / 4) * next(), (1 + i / 4) * next()])));
}
