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
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "dense", "field": "quaternion"}]}', /field must be/, '"quaternion"'],
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "dense"}, {"kind": "dense", "field": "real"}]}', /Real weights cannot act on complex features/, '"real"'],
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "dense"}, {"kind": "activation", "name": "abs"}, {"kind": "dense"}, {"kind": "activation", "name": "cardioid"}]}', /not an activation of a real network/, '"cardioid"'],
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "dense"}, {"kind": "read-out", "name": "abs"}, {"kind": "dense"}]}', /A read-out ends the network/, '"dense"'],
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "batch-norm", "scale": "big"}]}', /scale must be a number/, '"big"'],
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "dense"}, {"kind": "batch-norm", "mode": "phase"}]}', /mode must be/, '"phase"'],
  ['{"complexNtk": 1, "input": [5], "field": "real", "layers": [{"kind": "dense"}, {"kind": "batch-norm", "mode": "magnitude"}]}', /modulus is of complex/, '"magnitude"'],
  ['{"complexNtk": 1, "input": [7, 5], "layers": [{"kind": "rnn", "activation": {"name": "split-tanh"}, "recurrentBiasVariance": 1}]}', /of a gated cell/, '1'],
  ['{"complexNtk": 1, "input": [7, 5], "field": "real", "layers": [{"kind": "attention", "normalised": true}]}', /whitens complex numbers/, 'true'],
  ['{"complexNtk": 1, "input": [5], "field": "real", "layers": [{"kind": "dense"}, {"kind": "batch-norm", "mode": "whitening"}]}', /Whitening is of complex/, '"whitening"'],
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "dense"}, {"kind": "batch-norm", "epsilon": -1}]}', /epsilon must be/, '-1'],
  ['{"complexNtk": 1, "input": [8, 1], "layers": [{"kind": "conv-transpose"}]}', /kernel is missing/, '{"kind": "conv-transpose"}'],
  ['{"complexNtk": 1, "input": [8, 1], "layers": [{"kind": "conv-transpose", "kernel": [3], "padding": [-1]}]}', /padding must hold one whole number from 0 up/, '[-1]'],
  ['{"complexNtk": 1, "input": [8, 1], "layers": [{"kind": "max-pool"}]}', /window is missing/, '{"kind": "max-pool"}'],
  ['{"complexNtk": 1, "input": [7, 5], "layers": [{"kind": "attention", "score": "imag"}]}', /score of an attention on complex features/, '"imag"'],
  ['{"complexNtk": 1, "input": [7, 5], "field": "real", "layers": [{"kind": "attention", "score": "split"}]}', /score of an attention on real features is "real"/, '"split"'],
  ['{"complexNtk": 1, "input": [7, 5], "layers": [{"kind": "attention", "bias": 1}]}', /bias must be/, '1'],
  ['{"complexNtk": 1, "input": [7], "layers": [{"kind": "embedding"}]}', /vocabulary is missing/, '{"kind": "embedding"}'],
  ['{"complexNtk": 1, "input": [7], "layers": [{"kind": "dense"}, {"kind": "embedding", "vocabulary": 3}]}', /can only be the first layer/, '"embedding"'],
  ['{"complexNtk": 1, "input": [7, 5], "layers": [{"kind": "rnn", "cell": "elman"}]}', /cell must be/, '"elman"'],
  ['{"complexNtk": 1, "input": [7, 5], "layers": [{"kind": "rnn"}]}', /needs an activation/, '{"kind": "rnn"}'],
  ['{"complexNtk": 1, "input": [7, 5], "layers": [{"kind": "rnn", "activation": {"name": "tanh"}}]}', /not an activation of a complex network/, '"tanh"'],
  ['{"complexNtk": 1, "input": [7, 5], "layers": [{"kind": "rnn", "activation": {"name": "abs"}}]}', /leads to real numbers/, '"abs"'],
  ['{"complexNtk": 1, "input": [7, 5], "layers": [{"kind": "rnn", "activation": {"name": "split-tanh", "bias": 1}}]}', /has no field "bias"/, '"bias"'],
  ['{"complexNtk": 1, "input": [7, 5], "layers": [{"kind": "rnn", "activation": {"name": "split-tanh"}, "returns": "all"}]}', /returns must be/, '"all"'],
  ['{"complexNtk": 1, "input": [7, 5], "layers": [{"kind": "rnn", "activation": {"name": "split-tanh"}, "recurrentVariance": -1}]}', /recurrentVariance must be/, '-1'],
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "dense", "law": "cauchy"}]}', /law must be/, '"cauchy"'],
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "dense", "realShare": 1.5}]}', /realShare must be/, '1.5'],
  ['{"complexNtk": 1, "input": [5], "field": "real", "layers": [{"kind": "dense", "realShare": 0.3}]}', /the weights of this layer are real/, '0.3'],
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "activation", "name": "expression"}]}', /An expression needs parameters/, '"expression"'],
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "activation", "name": "expression", "parameters": {"expression": "z"}}]}', /The form of an expression on complex features/, '{"expression"'],
  ['{"complexNtk": 1, "input": [5], "field": "real", "layers": [{"kind": "activation", "name": "expression", "parameters": {"form": "radial", "expression": "r"}}]}', /The form of an expression on real features/, '"radial"'],
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "activation", "name": "expression", "parameters": {"form": "general", "expression": "z * q"}}]}', /"q" is not known/, 'q'],
  ['{"complexNtk": 1, "input": [5], "layers": [{"kind": "activation", "name": "expression", "parameters": {"form": "general", "expression": "a * z", "a": "b"}}]}', /parameter a of an expression must be a number/, '"b"'],
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

const layersOf = (layers: string, more = '"input": [5]') => {
  const parsed = spec(`{"complexNtk": 1, ${more}, "layers": [${layers}]}`);
  assert.deepEqual(parsed.problems, []);
  return parsed.models[0]!;
};

test('the field follows the layers: to the real numbers by an activation, into the complex ones by weights', () => {
  const mixed = layersOf('{"kind": "dense"}, {"kind": "activation", "name": "abs"}, {"kind": "dense"}, {"kind": "activation", "name": "relu"}, {"kind": "dense", "field": "complex"}, {"kind": "activation", "name": "modrelu"}, {"kind": "dense"}');
  assert.deepEqual(mixed.layers.map((l) => l.field), ['complex', 'real', 'real', 'real', 'complex', 'complex', 'complex']);
  assert.deepEqual(mixed.layers.flatMap((l) => l.initialisation?.circular ?? []), [true, false, true, true]);
  const fromReal = layersOf('{"kind": "dense", "field": "complex"}, {"kind": "activation", "name": "cardioid"}, {"kind": "dense"}', '"field": "real", "input": [5]');
  assert.equal(fromReal.inputField, 'real');
  assert.deepEqual(fromReal.layers.map((l) => l.field), ['complex', 'complex', 'complex']);
  const sum = layersOf('{"kind": "dense", "units": 5}, {"kind": "residual", "branch": [{"kind": "activation", "name": "abs"}, {"kind": "dense", "units": 5}]}');
  assert.equal(sum.layers.at(-1)!.field, 'complex');
});

test('weights are normal and circular unless the layer says otherwise', () => {
  const of = (fields: string) => {
    const { law, realShare, circular } = layersOf(`{"kind": "dense"${fields}}`).layers[0]!.initialisation!;
    return [law, realShare, circular];
  };
  assert.deepEqual(of(''), [undefined, undefined, true]);
  assert.deepEqual(of(', "law": "normal", "realShare": 0.5'), [undefined, undefined, true]);
  assert.deepEqual(of(', "law": "uniform"'), ['uniform', undefined, true]);
  assert.deepEqual(of(', "realShare": 1'), [undefined, 1, false]);
});

test('an activation of one\'s own, by the field it meets', () => {
  const own = (form: string, text: string, field: string) => layersOf(`{"kind": "dense"}, {"kind": "activation", "name": "expression", "parameters": {"form": "${form}", "expression": "${text}", "a": 0.5}}`, `"field": "${field}", "input": [5]`).layers[1]!;
  assert.deepEqual(own('scalar', 'x * sigmoid(a * x)', 'complex').parameters, { form: 'scalar', expression: 'x * sigmoid(a * x)', a: 0.5 });
  assert.deepEqual(own('scalar', 'x * sigmoid(a * x)', 'real').parameters, { form: 'real', expression: 'x * sigmoid(a * x)', a: 0.5 });
  assert.equal(own('general', 'abs(a * z)', 'complex').field, 'real');
  assert.equal(own('radial', 'tanh(a * r)', 'complex').field, 'complex');
  assert.equal(own('radial', 'tanh(a * r)', 'complex').name, 'expression');
});

test('recurrent layers read sequences, and batch norm its factor', () => {
  const net = layersOf('{"kind": "rnn", "units": 8, "activation": {"name": "modrelu", "parameters": {"bias": -0.3}}, "weightVariance": 1.5, "returns": "sequence"}, {"kind": "rnn", "units": 6, "activation": {"name": "split-tanh"}, "recurrentVariance": 0.7, "biasVariance": 0.2}, {"kind": "batch-norm", "scale": 1.2}, {"kind": "batch-norm"}, {"kind": "dense"}', '"input": [7, 5]');
  const [first, second, scaled, plain] = net.layers;
  assert.deepEqual([first!.kind, first!.name, first!.output, second!.output], ['rnn', 'modrelu', [7, 8], [6]]);
  assert.deepEqual(first!.parameters, { inFeatures: 5, outFeatures: 8, bias: true, recurrentVariance: 1.5, returns: 'sequence', activationParameters: { bias: -0.3 } });
  assert.deepEqual(second!.parameters, { inFeatures: 8, outFeatures: 6, bias: true, recurrentVariance: 0.7, returns: 'last', activationParameters: {} });
  assert.deepEqual([first!.initialisation!.weightVariance, second!.initialisation!.biasVariance], [1.5, 0.2]);
  assert.deepEqual([scaled!.parameters.scale, plain!.parameters.scale], [1.2, 1]);
  const wrong = spec('{"complexNtk": 1, "input": [5], "layers": [{"kind": "rnn", "activation": {"name": "split-tanh"}}]}');
  assert.ok(wrong.problems.some((p) => p.code === 'shape-mismatch' && /sequence of shape/.test(p.message)));
});

test('gated cells', () => {
  const net = layersOf('{"kind": "rnn", "cell": "gru", "units": 8, "returns": "sequence"}, {"kind": "rnn", "cell": "lstm", "units": 6, "activation": {"name": "modrelu"}}, {"kind": "dense"}', '"input": [7, 5]');
  const [gru, lstm] = net.layers;
  assert.deepEqual([gru!.name, gru!.output, lstm!.name, lstm!.output], ['gru', [7, 8], 'lstm', [6]]);
  assert.deepEqual(gru!.parameters, { cell: 'gru', state: 'split-tanh', gates: 'split-sigmoid', inFeatures: 5, outFeatures: 8, bias: true, recurrentVariance: 1, returns: 'sequence', activationParameters: {} });
  assert.equal(lstm!.parameters.state, 'modrelu');
  assert.equal(layersOf('{"kind": "rnn", "cell": "gru", "recurrentBiasVariance": 0.2}', '"input": [7, 5]').layers[0]!.parameters.recurrentBiasVariance, 0.2);
  assert.equal(layersOf('{"kind": "rnn", "cell": "lstm"}', '"input": [7, 5], "field": "real"').layers[0]!.parameters.gates, 'sigmoid');
});

test('norms say what they do to a batch', () => {
  const of = (layer: string, field = 'complex') => layersOf(`{"kind": "dense"}, ${layer}`, `"field": "${field}", "input": [5]`).layers[1]!.parameters;
  assert.deepEqual(of('{"kind": "batch-norm"}'), { mode: 'naive', gamma: 1, epsilon: 1e-5, scale: 1 });
  assert.deepEqual(of('{"kind": "batch-norm", "mode": "whitening", "gamma": 0.7, "epsilon": 0}'), { mode: 'whitening', gamma: 0.7, epsilon: 0, scale: 0.7 });
  assert.equal(of('{"kind": "batch-norm", "mode": "magnitude"}').mode, 'magnitude');
  assert.deepEqual(of('{"kind": "layer-norm"}'), { power: 1, mode: 'modulus', gamma: 1, epsilon: 0 });
  assert.deepEqual(of('{"kind": "layer-norm", "power": 2}'), { power: 2, mode: 'parts', gamma: 1, epsilon: 0 });
  assert.deepEqual(of('{"kind": "layer-norm"}', 'real'), { power: 1, mode: 'parts', gamma: 1, epsilon: 0 });
});

test('max pools and transposed convolutions, with the numbers of each axis', () => {
  const net = layersOf('{"kind": "conv-transpose", "kernel": [3], "channels": 4}, {"kind": "conv-transpose", "kernel": 4, "stride": 2, "padding": 1, "dilation": 1, "channels": 6}, {"kind": "max-pool", "window": [2]}, {"kind": "flatten"}, {"kind": "dense"}', '"input": [5, 3]');
  const [plain, wide, pool] = net.layers;
  assert.deepEqual(plain!.parameters, { inFeatures: 3, outFeatures: 4, kernel: [3], stride: [1], padding: [0], dilation: [1], outputPadding: [0], groups: 1, bias: true });
  assert.deepEqual([plain!.output, wide!.output, pool!.output], [[7, 4], [14, 6], [7, 6]]);
  assert.deepEqual(pool!.parameters, { window: [2], stride: [2], padding: 'valid' });
  assert.equal(wide!.initialisation!.weightVariance, 1);
  const wrong = (layer: string) => spec(`{"complexNtk": 1, "input": [5, 3], "layers": [${layer}]}`).problems.map((p) => p.message).join();
  assert.match(wrong('{"kind": "conv-transpose", "kernel": [3, 3]}'), /2 spatial axes/);
  assert.match(wrong('{"kind": "conv-transpose", "kernel": [1], "padding": 3, "channels": 2}'), /cuts off all/);
});

test('attention and embeddings', () => {
  const net = layersOf('{"kind": "embedding", "vocabulary": 50, "units": 6, "weightVariance": 2}, {"kind": "attention", "heads": 2, "units": 4, "bias": true, "weightVariance": 1.5}, {"kind": "attention", "score": "modulus-phase", "outputVariance": 0.5}, {"kind": "flatten"}, {"kind": "dense"}', '"input": [7], "defaults": {"weightVariance": 1, "biasVariance": 0.1}');
  const [rows, first, second] = net.layers;
  assert.deepEqual([net.inputField, rows!.field, rows!.output, first!.output, second!.output], ['real', 'complex', [7, 6], [7, 4], null]);
  assert.deepEqual(rows!.parameters, { inFeatures: 50, outFeatures: 6, bias: false });
  assert.deepEqual([rows!.initialisation!.weightVariance, rows!.initialisation!.biasVariance], [2, 0]);
  assert.deepEqual(first!.parameters, { inFeatures: 6, outFeatures: 4, heads: 2, bias: true, score: 'real', normalised: false, batchFirst: true, outputVariance: 1.5 });
  assert.deepEqual([second!.parameters.score, second!.parameters.outputVariance, second!.parameters.heads], ['modulus-phase', 0.5, 1]);
  const wrong = spec('{"complexNtk": 1, "input": [7, 5], "layers": [{"kind": "attention", "heads": 3, "units": 4}]}');
  assert.ok(wrong.problems.some((p) => p.code === 'shape-mismatch' && /3 heads do not divide 4/.test(p.message)));
});

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
  for (const name of ['radio_classifier.py', 'mri_autoencoder_torchcvnn.py', 'audio_sequential.py', 'complexpytorch_digits.py', 'dense.ntk.json', 'real_twin.ntk.json', 'mixed_field.ntk.json', 'own_activation.ntk.json', 'recurrent.ntk.json']) {
    const parsed = reader.readBytes(name, readFileSync(new URL(name, folder)), { timeBudgetMs: 10_000 });
    assert.equal(parsed.models.length, 1, name);
    assert.ok(parsed.problems.every((p) => p.severity !== 'error'), JSON.stringify(parsed.problems));
    assert.ok(parsed.models[0]!.layers.every((l) => l.kind !== 'unresolved'), name);
  }
});
