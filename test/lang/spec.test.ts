// Network specifications: what is read, and that each wrong field is named at its place.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson, type Placed } from '../../src/lang/json.ts';
import { reader } from './reader.ts';

const spec = (text: string) => reader.read('net.ntk.json', text);

test('a dense specification gives variances, widths and shapes', () => {
  const parsed = spec('{"complexNtk": 1, "name": "a", "input": [5], "defaults": {"weightVariance": 2, "biasVariance": 0.09}, "layers": [{"kind": "dense", "units": 7}, {"kind": "activation", "name": "siglog", "parameters": {"c": 2}}, {"kind": "dense", "weightVariance": 1.5}]}');
  assert.deepEqual(parsed.problems, []);
  const [model] = parsed.models;
  assert.equal(model!.inputField, 'complex');
  assert.deepEqual(model!.layers.map((l) => l.output), [[7], [7], null]);
  assert.deepEqual(model!.layers[1]!.parameters, { c: 2, r: 1 });
  assert.deepEqual(model!.layers.map((l) => l.initialisation?.weightVariance), [2, undefined, 1.5]);
  assert.equal(model!.layers[2]!.initialisation!.biasVariance, 0.09);
  assert.deepEqual(model!.graph.edges, [['dense1', 'activation1'], ['activation1', 'dense2']]);
});

const faults: [string, RegExp, string][] = [
  ['{"complexNtk": 2, "input": [5], "layers": []}', /complexNtk is 2/, '2'],
  ['{"input": [5], "layers": []}', /complexNtk is missing/, '{'],
  ['{"complexNtk": 1, "input": [0], "layers": [{"kind": "dense"}]}', /input must be/, '[0]'],
  ['{"complexNtk": 1, "input": [5], "field": "quaternion", "layers": [{"kind": "dense"}]}', /field must be/, '"quaternion"'],
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "dense", "units": 1.5}]}', /units must be/, '1.5'],
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "dense", "unit": 3}]}', /no field "unit"/, '"unit"'],
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "dens"}]}', /"dens" is not a kind/, '"dens"'],
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "activation", "name": "relu"}]}', /not an activation of a complex network/, '"relu"'],
  ['{"complexNtk": 1, "input": [5], "field": "real", "layers": [{"kind": "activation", "name": "split-relu"}]}', /not an activation of a real network/, '"split-relu"'],
  ['{"complexNtk": 1, "input": [8, 1], "layers": [{"kind": "conv1d", "kernel": [3, 3]}]}', /kernel must hold one/, '[3, 3]'],
  ['{"complexNtk": 1, "input": [8, 1], "layers": [{"kind": "conv1d"}]}', /kernel is missing/, '{"kind": "conv1d"}'],
  ['{"complexNtk": 1, "input": [8, 1], "layers": [{"kind": "conv1d", "kernel": [3], "padding": [[1]]}]}', /padding must be/, '[[1]]'],
  ['{"complexNtk": 1, "input": [5], "layers": 3}', /layers must be a list/, '3'],
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "concat", "branches": [[{"kind": "dense"}]], "weights": [0.5]}]}', /weights must hold/, '[0.5]'],
];

for (const [text, message, at] of faults) {
  test(`spec fault: ${message.source}`, () => {
    const found = spec(text).problems.find((p) => message.test(p.message));
    assert.ok(found, JSON.stringify(spec(text).problems));
    assert.equal(found.code, 'spec-field');
    assert.ok(text.slice(found.span.column - 1, found.span.endColumn - 1).startsWith(at), text.slice(found.span.column - 1));
  });
}

test('a convolution that does not fit its input is a shape mismatch, with the graph all the same', () => {
  const parsed = spec('{"complexNtk": 1, "input": [4, 1], "layers": [{"kind": "conv1d", "kernel": [7]}, {"kind": "flatten"}, {"kind": "dense"}]}');
  assert.ok(parsed.problems.some((p) => p.code === 'shape-mismatch' && p.message.includes('7')));
  assert.equal(parsed.models[0]!.layers.length, 3);
});

test('JSON is read as JSON.parse reads it, or refused with it', () => {
  const plain = (p: Placed): unknown => (p.value instanceof Map ? Object.fromEntries([...p.value].map(([k, v]) => [k, plain(v.placed)])) : Array.isArray(p.value) ? p.value.map(plain) : p.value);
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 4 }), (v) => {
    // Object.fromEntries gives __proto__ a meaning of its own.
    fc.pre(!JSON.stringify(v).includes('__proto__'));
    const text = JSON.stringify(v, null, 1);
    assert.deepEqual(plain(parseJson(text)), JSON.parse(text));
  }), { numRuns: 200 });
  for (const bad of ['', '{', '[1,]', '{"a":1,}', "{'a': 1}", '01', '+1', '1.', 'NaN', '"a', '"\\x"', '[1] 2', '{"a" 1}', '1e999', 'tru']) assert.throws(() => parseJson(bad), bad);
});

test('the examples read without errors', () => {
  const folder = new URL('../../examples/', import.meta.url);
  for (const name of ['radio_classifier.py', 'mri_autoencoder_torchcvnn.py', 'audio_sequential.py', 'complexpytorch_digits.py', 'dense.ntk.json', 'real_twin.ntk.json']) {
    const parsed = reader.readBytes(name, readFileSync(new URL(name, folder)), { timeBudgetMs: 10_000 });
    assert.equal(parsed.models.length, 1, name);
    assert.ok(parsed.problems.every((p) => p.severity !== 'error'), JSON.stringify(parsed.problems));
    assert.ok(parsed.models[0]!.layers.every((l) => l.kind !== 'unresolved'), name);
  }
});
