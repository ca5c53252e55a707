// Keras and TensorFlow.js models as JSON: kinds, sizes, shapes, fields and edges against lists written by hand, and hostile files.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { CUT_VARIANCE } from '../../src/catalog/initialisers/keras.ts';
import type { ModelGraph, ParsedFile } from '../../src/contract/graph.ts';
import { reader } from './reader.ts';

const file = (name: string): string => readFileSync(new URL(`../models/${name}`, import.meta.url), 'utf8');
const read = (text: string, name = 'model.json'): ParsedFile => reader.read(name, text, { timeBudgetMs: 20_000 });
const only = (parsed: ParsedFile): ModelGraph => {
  assert.equal(parsed.models.length, 1, JSON.stringify(parsed.problems));
  return parsed.models[0]!;
};
/** "kind name: shape" of each layer. */
const drawn = (m: ModelGraph): string[] => m.layers.map((l) => `${l.kind}${['activation', 'read-out', 'rnn'].includes(l.kind) ? ` ${l.name}` : ''} ${l.field === 'complex' ? 'C' : 'R'} ${l.output ? l.output.join('x') : '?'}`);
const edges = (m: ModelGraph): string => m.graph.edges.map((e) => e.join('>')).join(' ');
const layer = (m: ModelGraph, id: string) => m.layers.find((l) => l.id === id)!;
const near = (a: unknown, b: number, relative = 1e-12): void => assert.ok(typeof a === 'number' && Math.abs(a - b) <= relative * Math.abs(b), `${a} is not ${b}`);

/** A chain of these layers on this input, as Keras writes it. */
const chain = (input: (number | null)[], layers: [className: string, config: object, more?: object][], more: object = { keras_version: '2.15.0' }): ParsedFile => read(JSON.stringify({
  class_name: 'Sequential', ...more,
  config: { name: 'm', layers: [{ class_name: 'InputLayer', config: { batch_input_shape: [null, ...input], dtype: 'float32', name: 'x' } }, ...layers.map(([class_name, config, rest], k) => ({ class_name, config: { name: `l${k}`, ...config }, ...rest }))] },
}));

test('a Sequential model of Keras 3: layers, activations as layers of their own, shapes, variances', () => {
  const parsed = read(file('keras3_sequential.json'));
  assert.deepEqual(parsed.problems, []);
  const m = only(parsed);
  assert.deepEqual([m.name, m.axes, m.inputShape, m.inputField], ['small', 'channels-last', [28, 28, 1], 'real']);
  assert.deepEqual(drawn(m), [
    'conv2d R 28x28x8', 'activation relu R 28x28x8', 'max-pool R 14x14x8', 'batch-norm R 14x14x8', 'conv2d R 12x12x8', 'activation leaky-relu R 12x12x8',
    'average-pool R 6x6x8', 'dropout R 6x6x8', 'flatten R 288', 'dense R 10', 'read-out softmax R 10',
  ]);
  assert.equal(m.graph.edges.length, 10);
  assert.deepEqual(m.graph.outputs, ['read-out1']);
  const [first, depthwise] = [layer(m, 'conv2d1'), layer(m, 'conv2d2')];
  assert.deepEqual([first.parameters.padding, first.parameters.kernel, first.parameters.inFeatures, first.initialisation!.weightVariance, first.initialisation!.source], ['same', [3, 3], 1, 2, 'code']);
  assert.deepEqual([depthwise.parameters.groups, depthwise.parameters.inFeatures, depthwise.parameters.outFeatures, depthwise.initialisation!.source], [8, 8, 8, 'library default']);
  // Keras counts the fans of a depthwise kernel [3, 3, 8, 1] as 72 and 9.
  near(depthwise.initialisation!.weightVariance, 9 * (2 / (72 + 9)));
  near(layer(m, 'batch-norm1').parameters.evaluationScale, 1 / Math.sqrt(1.001));
  assert.equal(layer(m, 'activation2').parameters.slope, 0.3);
  // The activation stands where it is written, the layer at its class.
  const lines = file('keras3_sequential.json').split('\n');
  const at = (id: string) => { const { line, column, endColumn } = layer(m, id).span!; return lines[line - 1]!.slice(column - 1, endColumn - 1); };
  assert.deepEqual([at('conv2d1'), at('activation1'), at('dense1'), at('read-out1')], ['"Conv2D"', '"relu"', '"Dense"', '"softmax"']);
});

test('a functional model of Keras 2 with a skip and operations without layers', () => {
  const m = only(read(file('keras2_functional.json')));
  assert.deepEqual(m.layers.map((l) => l.kind), ['conv2d', 'activation', 'conv2d', 'add', 'add', 'activation', 'unresolved', 'global-average-pool', 'dense']);
  assert.equal(edges(m), 'conv2d1>activation1 activation1>conv2d2 conv2d1>add1 conv2d2>add1 add1>add2 conv2d2>add2 add2>activation2 activation2>unresolved1 unresolved1>global-average-pool1 global-average-pool1>dense1');
  assert.match(m.layers[6]!.reason!, /math\.multiply/);
  assert.equal(layer(m, 'conv2d2').parameters.bias, false);
});

for (const name of ['keras2_nested.json', 'keras3_nested.json']) {
  test(`models as layers, used twice and with two outputs: ${name}`, () => {
    const parsed = read(file(name));
    assert.deepEqual(parsed.problems, []);
    const m = only(parsed);
    assert.deepEqual(drawn(m), ['dense R 4', 'activation tanh R 4', 'dense R 4', 'activation tanh R 4', 'dense R 4', 'dense R 3', 'concat R 15', 'dense R 2', 'dense R 1']);
    assert.deepEqual(m.layers.map((l) => l.group ?? ''), ['enc', 'enc', 'enc', 'enc', 'two', 'two', '', '', '']);
    assert.equal(layer(m, 'dense2').sharedWith, 'dense1');
    assert.deepEqual(m.graph.inputs, ['dense1', 'dense2', 'dense3', 'dense4']);
    assert.deepEqual(m.graph.outputs, ['dense5', 'dense6']);
    assert.equal(edges(m), 'dense1>activation1 dense2>activation2 activation1>concat1 activation2>concat1 dense3>concat1 dense4>concat1 concat1>dense5 concat1>dense6');
  });
}

test('recurrent layers: states returned, weights of gates counted as one matrix, orthogonal weights on the state', () => {
  const parsed = read(file('keras3_recurrent.json'));
  assert.deepEqual(parsed.problems, []);
  const m = only(parsed);
  assert.deepEqual(drawn(m), ['embedding R 12x16', 'rnn gru R 12x8', 'rnn tanh R 6', 'dense R 3']);
  const [embedding, gru, plain] = m.layers;
  near(embedding!.initialisation!.weightVariance, 0.05 ** 2 / 3);
  near(gru!.initialisation!.weightVariance, 16 * (2 / (16 + 24)));
  near(gru!.parameters.recurrentVariance, 8 / 24);
  assert.deepEqual([gru!.parameters.returns, gru!.parameters.gates, gru!.parameters.recurrentBiasVariance], ['sequence', 'sigmoid', 0]);
  near(plain!.initialisation!.weightVariance, 8 * (2 / (8 + 6)));
  assert.deepEqual([plain!.parameters.returns, plain!.parameters.recurrentVariance, plain!.initialisation!.biasVariance], ['last', 1, 0]);
  const why = (className: string, config: object) => only(chain([7, 3], [[className, { units: 4, activation: 'tanh', recurrent_activation: 'sigmoid', ...config }]])).layers[0]!.reason;
  assert.match(why('LSTM', {})!, /biases of its forget gate start at 1/);
  assert.equal(why('LSTM', { unit_forget_bias: false }), undefined);
  assert.equal(why('LSTM', { use_bias: false }), undefined);
  assert.match(why('GRU', { reset_after: false })!, /reset gate multiplies the state/);
  assert.match(why('GRU', { recurrent_activation: 'hard_sigmoid' })!, /hard_sigmoid/);
  assert.match(why('SimpleRNN', { go_backwards: true })!, /backwards/);
});

test('cvnn: complex layers, its activations by string, what its dense layers start with', () => {
  const parsed = read(file('keras_cvnn.json'));
  const m = only(parsed);
  assert.deepEqual(parsed.problems.map((p) => p.code), ['initialiser-doubled', 'initialiser-doubled']);
  assert.equal(m.inputField, 'complex');
  assert.deepEqual(drawn(m), [
    'conv2d C 32x32x16', 'activation split-relu C 32x32x16', 'average-pool C 16x16x16', 'batch-norm C 16x16x16', 'conv2d C 14x14x8', 'activation zrelu C 14x14x8', 'max-pool C 7x7x8', 'dropout C 7x7x8',
    'flatten C 392', 'dense C 64', 'activation split-relu C 64', 'dense C 10', 'read-out abs R 10', 'read-out softmax R 10',
  ]);
  // Measured on cvnn 2.0: each part 0.0044 on [392, 64], 0.0046 on [3, 3, 16, 8].
  near(layer(m, 'dense1').initialisation!.weightVariance, 392 * (4 / (392 + 64)));
  near(layer(m, 'conv2d2').initialisation!.weightVariance, 144 * (2 / (144 + 72)));
  assert.deepEqual([layer(m, 'batch-norm1').parameters.mode, layer(m, 'batch-norm1').parameters.gamma], ['whitening', 1]);
  near(layer(m, 'batch-norm1').parameters.evaluationScale, 1 / Math.sqrt(Math.SQRT1_2 + 0.001));
});

test('cvnn: real weights by dtype make its layers and activations real', () => {
  const m = only(read(JSON.stringify({
    class_name: 'Sequential', keras_version: '2.15.0', config: { name: 'm', layers: [
      { class_name: 'ComplexInput', config: { batch_input_shape: [null, 6], dtype: 'float32', name: 'x' } },
      { class_name: 'cvnn>ComplexDense', config: { name: 'a', units: 4, activation: 'cart_relu', dtype: 'float32' } },
      { class_name: 'cvnn>ComplexBatchNormalization', config: { name: 'b', dtype: 'float32' } },
      { class_name: 'cvnn>ComplexDense', config: { name: 'c', units: 2, activation: 'softmax_real_with_abs', dtype: 'float32' } }] },
  })));
  assert.deepEqual(drawn(m), ['dense R 4', 'activation relu R 4', 'batch-norm R 4', 'dense R 2', 'read-out softmax R 2']);
  near(m.layers[0]!.initialisation!.weightVariance, 6 * (2 / (6 + 4)));
  assert.deepEqual([m.layers[2]!.parameters.mode, m.layers[2]!.parameters.evaluationScale], ['naive', 1 / Math.sqrt(1.001)]);
});

test('plain Keras activations on complex numbers: refused, continued, or unknown', () => {
  const on = (activation: string) => {
    const parsed = read(JSON.stringify({ class_name: 'Sequential', keras_version: '2.15.0', config: { name: 'm', layers: [
      { class_name: 'ComplexInput', config: { batch_input_shape: [null, 6], dtype: 'complex64', name: 'x' } }, { class_name: 'ComplexDense', config: { name: 'a', units: 4, activation, dtype: 'complex64' } }] } }));
    return [only(parsed).layers[1]!.kind, only(parsed).layers[1]!.name, ...parsed.problems.map((p) => p.code).filter((c) => c !== 'initialiser-doubled')];
  };
  assert.deepEqual(on('relu'), ['unresolved', null, 'refuses-complex']);
  assert.deepEqual(on('tanh'), ['activation', 'tanh-holomorphic', 'holomorphic-poles']);
  assert.deepEqual(on('my_act'), ['unresolved', 'my_act', 'unresolved-layer']);
  assert.deepEqual(on('cvnn>complex_cardioid'), ['activation', 'cardioid']);
});

test('Deep Complex Networks: pairs of channels are complex numbers, and relu is split', () => {
  const parsed = read(file('keras_dcn.json'));
  const m = only(parsed);
  assert.deepEqual([m.axes, m.inputShape, m.inputField], ['channels-first', [3, 32, 32], 'complex']);
  assert.deepEqual(drawn(m), [
    'conv2d C 12x32x32', 'batch-norm C 12x32x32', 'activation split-relu C 12x32x32', 'conv2d C 12x32x32', 'add C 12x32x32', 'average-pool C 12x4x4', 'read-out abs R 12x4x4', 'flatten R 192', 'dense R 10', 'read-out softmax R 10',
  ]);
  assert.deepEqual(parsed.problems.map((p) => p.code), ['initialiser-without-root']);
  near(m.layers[0]!.initialisation!.weightVariance, 27 * (2 / 27 ** 2));
  near(layer(m, 'conv2d2').initialisation!.weightVariance, 2);
  near(layer(m, 'batch-norm1').parameters.evaluationScale, Math.SQRT1_2 / Math.sqrt(Math.SQRT1_2));
});

test('Deep Complex Networks: what a real layer does to both parts is not read, an odd number of channels does not fit', () => {
  const dense = { units: 4, init_criterion: 'glorot', kernel_initializer: 'complex' };
  const m = only(chain([8], [['ComplexDense', dense], ['Dense', { units: 2 }]]));
  assert.deepEqual(drawn(m), ['dense C 4', 'unresolved C ?']);
  assert.match(m.layers[1]!.reason!, /real and imaginary parts/);
  near(m.layers[0]!.initialisation!.weightVariance, 4 * (2 / (4 + 4)));
  assert.deepEqual(chain([7], [['ComplexDense', dense]]).problems.map((p) => p.code), ['shape-mismatch']);
  const joined = read(JSON.stringify({ class_name: 'Model', keras_version: '2.0.8', config: { name: 'm', input_layers: [['x', 0, 0]], output_layers: [['d', 0, 0]], layers: [
    { class_name: 'InputLayer', name: 'x', config: { batch_input_shape: [null, 4], dtype: 'float32' }, inbound_nodes: [] },
    { class_name: 'Dense', name: 'im', config: { units: 4 }, inbound_nodes: [[['x', 0, 0, {}]]] },
    { class_name: 'Concatenate', name: 'c', config: { axis: -1 }, inbound_nodes: [[['x', 0, 0, {}], ['im', 0, 0, {}]]] },
    { class_name: 'ComplexDense', name: 'd', config: dense, inbound_nodes: [[['c', 0, 0, {}]]] }] } }));
  assert.deepEqual(drawn(only(joined)), ['dense R 4', 'unresolved C 4', 'dense C 4']);
});

test('TensorFlow.js: its normal initialisers are cut and not widened', () => {
  const parsed = read(file('tfjs.model.json'));
  assert.deepEqual(parsed.problems, []);
  const m = only(parsed);
  assert.deepEqual(drawn(m), ['conv2d R 24x24x8', 'activation relu R 24x24x8', 'max-pool R 12x12x8', 'flatten R 1152', 'dense R 10', 'read-out softmax R 10']);
  near(m.layers[0]!.initialisation!.weightVariance, CUT_VARIANCE);
  // Measured on tfjs-layers 4.22: 0.00220 on [300, 400], where 2/700 is 0.00286.
  near(layer(m, 'dense1').initialisation!.weightVariance, (CUT_VARIANCE * 1152 * 2) / (1152 + 10));
  assert.deepEqual(read(file('tfjs_graph.model.json')).problems.map((p) => [p.code, p.span.line, p.span.column]), [['keras-field', 2, 12]]);
});

test('channels first: shapes, and norms of the axis of channels', () => {
  const parsed = read(file('keras3_channels_first.json'));
  assert.deepEqual(parsed.problems, []);
  assert.deepEqual([only(parsed).axes, ...drawn(only(parsed))], ['channels-first', 'conv2d R 8x30x30', 'batch-norm R 8x30x30', 'average-pool R 8x15x15', 'flatten R 1800', 'dense R 2']);
  const mixed = chain([8, 8, 3], [['Conv2D', { filters: 4, kernel_size: 3, data_format: 'channels_last' }], ['MaxPooling2D', { data_format: 'channels_first' }]]);
  assert.deepEqual(mixed.problems.map((p) => p.code), ['mixed-axes', 'unresolved-layer']);
  assert.match(only(chain([8, 8, 3], [['BatchNormalization', { axis: [1] }]])).layers[0]!.reason!, /not the axis of the channels/);
  assert.equal(only(chain([8, 8, 3], [['BatchNormalization', { axis: [3] }]])).layers[0]!.kind, 'batch-norm');
  assert.deepEqual(only(chain([8, 8, 3], [['LayerNormalization', { axis: [1, 2, 3] }]])).layers[0]!.parameters.shape, [8, 8, 3]);
});

test('sizes that vary leave the channels known', () => {
  const m = only(chain([null, null, 3], [['Conv2D', { filters: 8, kernel_size: 3 }], ['BatchNormalization', { axis: -1 }], ['Conv2D', { filters: 5, kernel_size: 3 }], ['GlobalAveragePooling2D', {}], ['Dense', { units: 2 }]]));
  assert.equal(m.inputShape, null);
  assert.deepEqual(m.layers.map((l) => l.parameters.inFeatures), [3, undefined, 8, undefined, 5]);
});

test('a transposed convolution has as many places as Keras gives it', () => {
  // compute_output_shape of Keras 3.15.1 on 6 places: kernel, stride, padding, output_padding, places.
  const known: [number, number, string, number | null, number][] = [
    [2, 1, 'same', null, 6], [2, 1, 'valid', null, 7], [2, 2, 'same', 0, 10], [2, 3, 'same', null, 18], [2, 3, 'valid', null, 18], [2, 3, 'valid', 0, 17], [3, 1, 'same', 0, 6], [3, 2, 'same', null, 12],
    [3, 2, 'same', 0, 11], [3, 2, 'valid', null, 13], [3, 2, 'valid', 1, 14], [3, 3, 'same', 1, 17], [4, 2, 'same', null, 12], [4, 3, 'same', 1, 16], [5, 2, 'same', 1, 12], [5, 3, 'valid', 1, 21],
  ];
  for (const [kernel_size, strides, padding, output_padding, places] of known) {
    const m = only(chain([6, 2], [['Conv1DTranspose', { filters: 3, kernel_size, strides, padding, output_padding }]]));
    assert.deepEqual(m.layers[0]!.output, [places, 3], JSON.stringify([kernel_size, strides, padding, output_padding]));
  }
  // An impulse at place 1 of 3 comes out from place 2 (kernel 3, stride 2) and from place 1 (kernel 5, stride 2).
  const cut = (kernel_size: number) => only(chain([3, 1], [['Conv1DTranspose', { filters: 1, kernel_size, strides: 2, padding: 'same' }]])).layers[0]!.parameters;
  assert.deepEqual([cut(3).padding, cut(3).outputPadding, cut(5).padding, cut(5).outputPadding], [[0], [-1], [1], [-1]]);
});

test('variances of Keras initialisers, as drawn by Keras 3.15.1', () => {
  const of = (className: string, config: object, input = [500]) => only(chain(input, [[className, config]])).layers[0]!.initialisation!;
  const dense = (kernel_initializer: unknown) => of('Dense', { units: 300, kernel_initializer }).weightVariance! / 500;
  near(dense('glorot_normal'), 2 / 800);
  near(dense('he_uniform'), 2 / 500);
  near(dense({ class_name: 'LecunNormal', config: { seed: null } }), 1 / 500);
  near(dense({ module: 'keras.initializers', class_name: 'TruncatedNormal', config: { mean: 0, stddev: 0.05 } }), 0.77374130355 * 0.0025, 1e-9);
  near(dense('random_normal'), 0.0025);
  near(dense({ class_name: 'VarianceScaling', config: { scale: 3, mode: 'fan_out', distribution: 'uniform' } }), 3 / 300);
  near(dense({ class_name: 'Orthogonal', config: { gain: 2 } }), 4 / 500);
  near(of('Conv2D', { filters: 64, kernel_size: 3, kernel_initializer: 'orthogonal' }, [9, 9, 4]).weightVariance! / 36, 1 / 64);
  near(of('Conv2D', { filters: 64, kernel_size: 3, groups: 4, kernel_initializer: 'he_normal' }, [9, 9, 64]).weightVariance! / 144, 2 / 144);
  near(of('Conv2DTranspose', { filters: 32, kernel_size: 3, kernel_initializer: 'he_uniform' }, [9, 9, 64]).weightVariance! / 576, 2 / 288);
  near(of('DepthwiseConv2D', { kernel_size: 3, depthwise_initializer: 'he_normal' }, [9, 9, 64]).weightVariance! / 9, 2 / 576);
  near(of('Dense', { units: 3, bias_initializer: { class_name: 'Constant', config: { value: 0.5 } } }).biasVariance, 0.25);
  assert.deepEqual([of('Dense', { units: 3, kernel_initializer: 'mine' }).weightVariance, of('Dense', { units: 3, kernel_initializer: 'uniform' }).law], [null, 'uniform']);
  assert.deepEqual(of('Dense', { units: 3, kernel_initializer: { class_name: 'GlorotUniform', config: { seed: 7 } } }).source, 'library default');
});

test('activations by string, function, class and layer; identities are not listed', () => {
  const last = (activation: unknown, more?: object) => { const l = only(chain([4], [['Dense', { units: 3, activation }]], more)).layers[1]; return l && [l.kind, l.name, l.parameters]; };
  assert.deepEqual(last('relu'), ['activation', 'relu', {}]);
  assert.deepEqual(last({ class_name: 'function', module: 'builtins', config: 'selu', registered_name: 'function' }), ['activation', 'selu', {}]);
  assert.deepEqual(last({ class_name: 'LeakyReLU', module: 'keras.layers', config: { negative_slope: 0.2 } }), ['activation', 'leaky-relu', { slope: 0.2 }]);
  assert.deepEqual(last('leaky_relu'), ['activation', 'leaky-relu', { slope: 0.2 }]);
  assert.deepEqual(last('hard_sigmoid'), ['activation', 'hard-sigmoid', { slope: 0.2 }]);
  assert.deepEqual(last('hard_sigmoid', {}), ['activation', 'hard-sigmoid', { slope: 1 / 6 }]);
  assert.equal(last('linear'), undefined);
  assert.equal(last(null), undefined);
  const one = (className: string, config: object) => { const l = only(chain([4], [[className, config]])).layers[0]!; return [l.kind, l.name, l.parameters]; };
  assert.deepEqual(one('ReLU', { max_value: 6, negative_slope: 0, threshold: 0 }), ['activation', 'relu6', {}]);
  assert.deepEqual(one('ReLU', { max_value: null, negative_slope: 0.1, threshold: 0 }), ['activation', 'leaky-relu', { slope: 0.1 }]);
  assert.equal(one('ReLU', { max_value: 5, negative_slope: 0, threshold: 0 })[0], 'unresolved');
  assert.deepEqual(one('LeakyReLU', { alpha: 0.30000001192092896 }), ['activation', 'leaky-relu', { slope: 0.3 }]);
  assert.deepEqual(one('PReLU', { alpha_initializer: { class_name: 'Zeros', config: {} } }), ['activation', 'leaky-relu', { slope: 0 }]);
  assert.deepEqual(one('Activation', { activation: 'gelu' }), ['activation', 'gelu', {}]);
  assert.deepEqual(chain([4], [['GaussianNoise', { stddev: 0.1 }], ['Dense', { units: 2 }]]).models[0]!.layers.map((l) => l.kind), ['dense']);
});

test('forms of the file: Keras 1, a configuration alone, a model without input layer, wrapped model_config', () => {
  const dense = (name: string) => ({ class_name: 'Dense', config: { name, units: 3, batch_input_shape: [null, 5], dtype: 'float32' } });
  for (const form of [
    { class_name: 'Sequential', config: [dense('a')] }, { name: 's', layers: [dense('a')] }, { class_name: 'Sequential', config: { name: 's', layers: [dense('a')] } },
    { model_config: { class_name: 'Sequential', config: { name: 's', layers: [dense('a')] } }, keras_version: '2.4.0' },
    { format: 'layers-model', modelTopology: { keras_version: '2.4.0', model_config: { class_name: 'Sequential', config: { layers: [dense('a')] } } }, weightsManifest: [] },
  ]) {
    const parsed = read(JSON.stringify(form));
    assert.deepEqual(parsed.problems, [], JSON.stringify(form));
    assert.deepEqual([only(parsed).inputShape, only(parsed).layers[0]!.parameters.inFeatures], [[5], 5]);
  }
  const causal = only(chain([9, 2], [['Conv1D', { filters: 3, kernel_size: [3], padding: 'causal', dilation_rate: [2] }]])).layers[0]!;
  assert.deepEqual([causal.parameters.padding, causal.output], [[[4, 0]], [9, 3]]);
  const timed = only(chain([9, 2], [['TimeDistributed', { layer: { class_name: 'Dense', config: { name: 'd', units: 4, activation: 'relu' } } }]]));
  assert.deepEqual(drawn(timed), ['dense R 9x4', 'activation relu R 9x4']);
});

/** Problems as "code: the text at their place". */
const placed = (text: string): string[] => {
  const lines = text.split('\n');
  return read(text).problems.map((p) => `${p.code} ${lines[p.span.line - 1]!.slice(p.span.column - 1, p.span.line === p.span.endLine ? p.span.endColumn - 1 : undefined)}`);
};

test('a broken model: every fault is told at its place, and what can be read is', () => {
  assert.deepEqual(placed(file('keras_broken.json')), [
    'keras-field {', 'mixed-axes "channels_first"', 'keras-field -4', 'keras-field [3, 3, 3]', 'keras-field "full"', 'keras-field "gone"', 'keras-field "Dense"', 'keras-field "a1"', 'keras-field "s"',
    'unresolved-layer "reluu"', 'unresolved-layer "Dense"', 'unresolved-layer "my_layers>Sparkle"', 'unresolved-layer "AveragePooling2D"',
  ]);
  assert.deepEqual(only(read(file('keras_broken.json'))).layers.map((l) => l.kind), ['conv2d', 'unresolved', 'dense', 'activation', 'unresolved', 'add', 'unresolved', 'unresolved']);
});

const faults: [string, string][] = [
  ['{"class_name": "Sequential", "config": {"layers": 3}}', 'keras-field 3'],
  ['{"class_name": "Mine", "config": {"name": "x"}}', 'keras-field {"name": "x"}'],
  ['{"class_name": "Sequential", "config": {"layers": []}}', 'no-model "Sequential"'],
  ['{"class_name": "Sequential", "config": {"layers": [7]}}', 'keras-field 7'],
  ['{"class_name": "Sequential", "config": {"layers": [{"class_name": 7, "config": {}}]}}', 'keras-field 7'],
  ['{"class_name": "Functional", "config": {"layers": [], "input_layers": [], "output_layers": []}}', 'keras-field []'],
  ['{"modelTopology": 5}', 'keras-field 5'],
  ['{"weightsManifest": []}', 'keras-field {'],
];
for (const [text, told] of faults) test(`told at its place: ${text}`, () => assert.ok(placed(text).includes(told), JSON.stringify(placed(text))));

/** What holds of any answer. */
function sound(parsed: ParsedFile, text: string): void {
  assert.ok(!parsed.problems.some((p) => p.code === 'internal-error'), JSON.stringify(parsed.problems.find((p) => p.code === 'internal-error')));
  const lines = text.split(/\r\n|\n|\r/);
  for (const p of parsed.problems) assert.ok(p.span.line >= 1 && p.span.line <= lines.length && p.span.column >= 1 && p.span.column <= lines[p.span.line - 1]!.length + 1, JSON.stringify(p));
  for (const m of parsed.models) {
    const order = new Map(m.layers.map((l, k) => [l.id, k]));
    assert.equal(order.size, m.layers.length);
    for (const [from, to] of m.graph.edges) assert.ok(order.get(from)! < order.get(to)!, `${from}>${to}`);
    for (const id of [...m.graph.inputs, ...m.graph.outputs]) assert.ok(order.has(id));
    for (const l of m.layers) assert.equal(l.kind === 'unresolved', l.reason !== undefined);
  }
}

test('hostile models: deep, wide, cyclic and repeated ones end in a problem', () => {
  const nest = (depth: number): object => (depth === 0 ? { class_name: 'Dense', config: { units: 2 } } : { class_name: 'Sequential', config: { layers: [nest(depth - 1)] } });
  const deep = JSON.stringify(nest(60));
  sound(read(deep), deep);
  assert.deepEqual(read(JSON.stringify(nest(100))).problems.map((p) => p.code), ['spec-json']);
  // A chain written from its end, 3000 layers.
  const names = Array.from({ length: 3000 }, (_, k) => `d${k}`);
  const long = JSON.stringify({ class_name: 'Functional', config: { name: 'm', input_layers: [['x', 0, 0]], output_layers: [['d0', 0, 0]], layers: [
    ...names.map((name, k) => ({ class_name: 'Dense', name, config: { units: 2 }, inbound_nodes: [[[names[k + 1] ?? 'x', 0, 0, {}]]] })), { class_name: 'InputLayer', name: 'x', config: { batch_shape: [null, 2] }, inbound_nodes: [] }] } });
  assert.equal(only(read(long)).layers.length, 3000);
  // Models within models, each applied twice: 2^40 layers.
  let inner: object = { class_name: 'Dense', name: 'l', config: { units: 2 } };
  for (let k = 0; k < 20; k++) inner = { class_name: 'Functional', name: 'l', config: { name: 'm', input_layers: [['x', 0, 0]], output_layers: [['l', 1, 0]], layers: [{ class_name: 'InputLayer', name: 'x', config: {}, inbound_nodes: [] }, { ...inner, inbound_nodes: [[['x', 0, 0, {}]], [['l', 0, 0, {}]]] }] } };
  assert.deepEqual(read(JSON.stringify(inner)).problems.map((p) => p.code), ['time-budget']);
  const self = JSON.stringify({ class_name: 'Functional', config: { name: 'm', input_layers: [], output_layers: [['a', 0, 0]], layers: [{ class_name: 'Dense', name: 'a', config: { units: 1 }, inbound_nodes: [[['a', 0, 0, {}]]] }] } });
  assert.match(read(self).problems[0]!.message, /lead back to itself/);
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const text = JSON.stringify({ class_name: name, config: { layers: [{ class_name: name, config: { name, activation: name }, inbound_nodes: [] }], input_layers: [[name, 0, 0]], output_layers: [[name, 0, 0]] } });
    sound(read(text), text);
    const activation = chain([3], [['Dense', { units: 1, activation: name, kernel_initializer: name }]]);
    assert.equal(only(activation).layers[1]!.kind, 'unresolved');
  }
  const huge = chain([1e15, 3], [['Dense', { units: 2 }]]);
  assert.ok(huge.problems.some((p) => p.code === 'keras-field'));
});

const models = ['keras3_sequential.json', 'keras2_functional.json', 'keras3_nested.json', 'keras2_nested.json', 'keras_cvnn.json', 'keras_dcn.json', 'keras3_recurrent.json', 'tfjs.model.json'].map((name) => JSON.parse(file(name)) as unknown);

/** One value of a tree replaced by another. */
function changed(value: unknown, at: number, by: unknown): unknown {
  let k = 0;
  const walk = (v: unknown): unknown => {
    if (k++ === at) return by;
    if (Array.isArray(v)) return v.map(walk);
    if (v && typeof v === 'object') return Object.fromEntries(Object.entries(v).map(([key, x]) => [key, walk(x)]));
    return v;
  };
  return walk(value);
}

test('models with values replaced anywhere are read without a throw, problems stand in the text, edges go forward', () => {
  const anything = fc.oneof(fc.constantFrom<unknown>(null, true, -1, 0, 1.5, 1e300, 'relu', 'channels_first', 'x', [], {}, [[]], [null], { class_name: 'Dense' }, { class_name: 'Functional', config: { layers: [] } }, ['dense', 0, 0]), fc.jsonValue({ maxDepth: 3 }));
  fc.assert(fc.property(fc.constantFrom(...models), fc.array(fc.tuple(fc.nat(600), anything), { minLength: 1, maxLength: 4 }), (model, changes) => {
    const text = JSON.stringify(changes.reduce((m, [at, by]) => changed(m, at, by), model), null, 1);
    sound(read(text), text);
  }), { numRuns: 300, seed: 7 });
});
