// Every file of test/models with an answer in test/models/answers reads as that answer, written by hand before the file was read:
// models, layers in order with kind, name, sizes and field, shared weights, joins, groups, the input's shape, and problems with their lines.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { GraphNode, ModelGraph, ParameterValue } from '../../src/contract/graph.ts';
import { answers, corpusFiles, folder, readCorpus } from './corpus.ts';

/** Kind, name (null: not compared, but an activation has none then), sizes of weighted layers and batch norms, field of the output. */
type LayerAnswer = [string, string | null, number | null, number | null, 'complex' | 'real'];

interface ModelAnswer {
  name: string;
  layers: LayerAnswer[];
  /** [layer, the layer whose weights it has], by place in the list. */
  shared?: [number, number][];
  /** What a sum or a concatenation joins, by place in the list; -1 is the network's input. */
  joins?: Record<string, number[]>;
  groups?: Record<string, string>;
  input?: number[];
  /** Shape of what the last layer gives. */
  output?: number[];
}

interface Answer {
  models: ModelAnswer[];
  /** "code line", sorted, each once. */
  problems: string[];
  /** What the reader does not do yet, and why the comparison is put off. */
  gap?: string;
}

const size = (v: ParameterValue | undefined): number | null => (typeof v === 'number' ? v : null);

function layerOf(layer: GraphNode, asked: LayerAnswer | undefined): LayerAnswer {
  const p = layer.parameters;
  const [n, m] = layer.kind === 'batch-norm' ? [p.features, p.features] : [p.inFeatures, p.outFeatures];
  const open = asked?.[1] === null && layer.kind !== 'activation';
  return [layer.kind, open ? null : layer.name, size(n), size(m), layer.field];
}

/** As the answer words it, with what the answer leaves open left out. */
function digest(model: ModelGraph, asked: ModelAnswer): ModelAnswer {
  const at = new Map(model.layers.map((l, i) => [l.id, i]));
  const sources = (i: number): number[] => {
    const { id } = model.layers[i]!;
    return [...(model.graph.inputs.includes(id) ? [-1] : []), ...model.graph.edges.filter(([, to]) => to === id).map(([from]) => at.get(from)!)].sort((a, b) => a - b);
  };
  const of = <T,>(keys: Record<string, T>, value: (i: number) => T): Record<string, T> => Object.fromEntries(Object.keys(keys).map((k) => [k, model.layers[Number(k)] ? value(Number(k)) : keys[k]!]));
  return {
    name: model.name,
    layers: model.layers.map((l, i) => layerOf(l, asked.layers[i])),
    // Where the answer names none, none is shared.
    shared: model.layers.flatMap((l, i): [number, number][] => (l.sharedWith ? [[i, at.get(l.sharedWith)!]] : [])),
    ...(asked.joins ? { joins: of(asked.joins, sources) } : {}),
    ...(asked.groups ? { groups: of(asked.groups, (i) => model.layers[i]!.group ?? '') } : {}),
    ...(asked.input ? { input: model.inputShape ?? [] } : {}),
    ...(asked.output ? { output: model.layers.at(-1)!.output ?? [] } : {}),
  };
}

const files = readdirSync(answers).map((f) => f.replace(/\.json$/, '')).sort();

test('each answer is of a file of the corpus', () => {
  assert.ok(files.length >= 30);
  assert.deepEqual(files.filter((f) => !corpusFiles.includes(f)), []);
  assert.ok(existsSync(new URL('package/__init__.py', folder)));
});

for (const file of files) {
  const answer = JSON.parse(readFileSync(new URL(`${file}.json`, answers), 'utf8')) as Answer;
  test(`answer: ${file}`, { todo: answer.gap ?? false }, async () => {
    const parsed = await readCorpus(file);
    // In the order of the answer: which of two networks is listed first is the reader's.
    const models = answer.models.flatMap((asked) => parsed.models.filter((m) => m.name === asked.name).map((m) => digest(m, asked)));
    assert.deepEqual(parsed.models.map((m) => m.name).sort(), answer.models.map((m) => m.name).sort());
    assert.deepEqual(models, answer.models.map((m) => ({ shared: [], ...m })));
    assert.deepEqual([...new Set(parsed.problems.map((p) => `${p.code} ${p.span.line}`))].sort(), [...answer.problems].sort());
  });
}
