// Keras models of test/models and short texts, against expectations written by hand: kinds, sizes, shapes, fields, edges and problems.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ModelGraph, ParsedFile } from '../../src/contract/graph.ts';
import { reader } from './reader.ts';

const file = (name: string): ParsedFile => reader.readBytes(name, readFileSync(new URL(`../models/${name}`, import.meta.url)), { timeBudgetMs: 20_000 });
const IMPORTS = 'import numpy as np\nimport tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers, Input, Model, Sequential\nfrom tensorflow.keras import backend as K\nimport cvnn.layers as complex_layers\n';
const read = (body: string): ParsedFile => reader.read('m.py', IMPORTS + body, { timeBudgetMs: 20_000 });
const only = (p: ParsedFile): ModelGraph => {
  assert.equal(p.models.length, 1, p.models.map((m) => m.name).join());
  return p.models[0]!;
};
const model = (p: ParsedFile, name: string): ModelGraph => {
  const found = p.models.find((m) => m.name === name);
  assert.ok(found, `${name} among ${p.models.map((m) => m.name).join()}`);
  return found;
};
/** "dense 64": kind with its sizes; an activation by its id. */
const words = (m: ModelGraph): string[] => m.layers.map((l) => {
  const { outFeatures, inFeatures } = l.parameters;
  return l.kind === 'activation' || l.kind === 'read-out' ? l.name! : [l.kind, ...(outFeatures === undefined ? [] : [`${inFeatures}>${outFeatures}`])].join(' ');
});
const shapes = (m: ModelGraph): (string | null)[] => m.layers.map((l) => l.output && l.output.join('x'));
const codes = (p: ParsedFile): string[] => p.problems.map((x) => x.code);

test('a Sequential model of a function that nothing calls, with its defaults', () => {
  const parsed = file('keras_sequential_add.py');
  const m = only(parsed);
  assert.equal(m.name, 'build_classifier');
  assert.equal(m.line, 9);
  assert.deepEqual(m.inputShape, [32, 32, 3]);
  assert.equal(m.axes, 'channels-last');
  assert.deepEqual(words(m), [
    'conv2d 3>32', 'relu', 'batch-norm', 'max-pool', 'dropout', 'conv2d 32>64', 'relu', 'batch-norm', 'max-pool', 'dropout',
    'flatten', 'dense 4096>128', 'elu', 'dense 128>10', 'softmax',
  ]);
  assert.deepEqual(shapes(m).slice(-6), ['8x8x64', '4096', '128', '128', '10', '10']);
  // he_normal with bias ones; then Glorot: 2/(n + m) times n.
  const [dense, last] = [m.layers[11]!, m.layers[13]!];
  assert.equal(dense.initialisation!.weightVariance, 2);
  assert.equal(dense.initialisation!.biasVariance, 1);
  assert.equal(dense.initialisation!.source, 'code');
  assert.equal(last.initialisation!.weightVariance, 256 / 138);
  assert.equal(last.initialisation!.source, 'library default');
  // The loop over a data file has nothing to do with the model.
  assert.deepEqual(parsed.problems, []);
});

test('a Sequential model from a list: activations as layers, instances, functions, lambdas', () => {
  const parsed = file('keras_sequential_list.py');
  const m = only(parsed);
  assert.deepEqual(words(m), ['dense 20>64', 'dense 64>32', 'leaky-relu', 'dense 32>16', 'leaky-relu', 'dense 16>16', 'silu', 'dense 16>16', 'relu', 'layer-norm', 'dense 16>1']);
  assert.equal(m.layers[2]!.parameters.slope, 0.1);
  assert.equal(m.layers[4]!.parameters.slope, 0);
  assert.ok(Math.abs(m.layers[0]!.initialisation!.weightVariance! - 0.2) < 1e-12);
  assert.equal(m.layers.at(-1)!.parameters.bias, false);
  assert.deepEqual(codes(parsed), ['learnable-slope']);
});

test('the functional API: shortcuts that depend on the channels, layers off the graph, the activation after its layer', () => {
  const parsed = file('keras_functional_resnet.py');
  const m = only(parsed);
  assert.equal(m.name, 'resnet');
  assert.deepEqual(parsed.problems, []);
  const kinds = m.layers.map((l) => l.kind);
  assert.equal(kinds.filter((k) => k === 'conv2d').length, 10);
  assert.equal(kinds.filter((k) => k === 'add').length, 4);
  assert.ok(!m.layers.some((l) => l.parameters.outFeatures === 8), 'a layer that leads nowhere is not counted');
  const projections = m.layers.filter((l) => l.kind === 'conv2d' && JSON.stringify(l.parameters.kernel) === '[1,1]');
  assert.equal(projections.length, 1);
  assert.deepEqual(projections[0]!.output, [16, 16, 32]);
  const into = (id: string): string[] => m.graph.edges.filter(([, to]) => to === id).map(([from]) => from);
  assert.deepEqual(into('add1'), ['activation1', 'batch-norm3']);
  assert.deepEqual(into('add3'), ['batch-norm8', 'batch-norm7']);
  assert.equal(m.layers[0]!.name, 'stem');
  assert.deepEqual(m.graph.outputs, ['read-out1']);
});

test('a U-Net: skips join channels, transposed convolutions double, upsampling is named and keeps the sizes known', () => {
  const parsed = file('keras_unet.py');
  const m = only(parsed);
  assert.deepEqual(m.inputShape, [64, 64, 1]);
  const [deep, shallow] = m.layers.filter((l) => l.kind === 'concat');
  assert.deepEqual(deep!.output, [32, 32, 32]);
  assert.deepEqual(shallow!.output, [64, 64, 24]);
  assert.deepEqual(m.layers.find((l) => l.kind === 'conv-transpose')!.output, [32, 32, 16]);
  assert.deepEqual(m.layers.filter((l) => l.kind === 'unresolved').map((l) => l.output), [[64, 64, 16]]);
  assert.deepEqual(codes(parsed), ['unresolved-layer']);
  assert.equal(parsed.problems[0]!.span.line, 22);
  assert.deepEqual(m.layers.at(-1)!.output, [64, 64, 1]);
});

test('sizes that vary leave the channels', () => {
  const m = only(read('i = Input((None, None, 3))\nx = layers.Conv2D(8, 3, padding="same", activation="relu")(i)\nx = layers.MaxPooling2D()(x)\nx = layers.Conv2D(4, 3)(x)\nm = Model(i, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))\n'));
  assert.equal(m.inputShape, null);
  assert.deepEqual(words(m), ['conv2d 3>8', 'relu', 'max-pool', 'conv2d 8>4', 'global-average-pool', 'dense 4>2']);
});

test('a subclassed model: blocks build by the shape that comes in, evaluation is read, a trainer is no network', () => {
  const parsed = file('keras_subclass.py');
  const m = only(parsed);
  assert.equal(m.name, 'Classifier');
  assert.deepEqual(m.inputShape, [28, 28, 8]);
  assert.deepEqual(words(m), ['conv2d 8>8', 'batch-norm', 'add', 'relu', 'conv2d 8>16', 'batch-norm', 'conv2d 8>16', 'add', 'relu', 'global-average-pool', 'dense 16>10']);
  assert.deepEqual(m.layers.map((l) => l.group), ['blocks.0', 'blocks.0', 'blocks.0', 'blocks.0', 'blocks.1', 'blocks.1', 'blocks.1', 'blocks.1', 'blocks.1', undefined, undefined]);
  assert.deepEqual(m.graph.inputs, ['conv2d1', 'add1']);
  assert.deepEqual(parsed.problems, []);
});

test('models as layers; layers used twice share their weights; an encoder is part of the whole', () => {
  const parsed = file('keras_nested.py');
  assert.deepEqual(parsed.models.map((m) => [m.name, m.line]), [['autoencoder', 15], ['siamese', 23]]);
  const auto = model(parsed, 'autoencoder');
  assert.deepEqual(words(auto), ['flatten', 'dense 784>32', 'relu', 'dense 32>784', 'sigmoid', 'reshape']);
  assert.deepEqual(auto.layers.at(-1)!.output, [28, 28]);
  const siamese = model(parsed, 'siamese');
  assert.equal(siamese.layers.find((l) => l.id === 'dense2')!.sharedWith, 'dense1');
  assert.deepEqual(siamese.graph.inputs, ['dense1', 'dense2']);
  assert.deepEqual(siamese.inputShape, [12]);
  assert.deepEqual(codes(parsed), ['unresolved-layer']);
});

test('methods of a class that is no network; a model that is compiled stands alone, others within it are blocks', () => {
  const parsed = file('keras_gan.py');
  assert.deepEqual(parsed.models.map((m) => m.name), ['combined', 'discriminator']);
  assert.deepEqual(words(model(parsed, 'combined')), ['dense 100>256', 'leaky-relu', 'batch-norm', 'dense 256>784', 'tanh', 'reshape', 'flatten', 'dense 784>64', 'leaky-relu', 'dense 64>1', 'sigmoid']);
  assert.deepEqual(parsed.problems, []);
});

test('sequences', () => {
  const parsed = file('keras_text.py');
  assert.deepEqual(parsed.models.map((m) => m.name), ['plain', 'causal', 'both']);
  const plain = model(parsed, 'plain');
  assert.deepEqual(shapes(plain), ['100x32', '100x16', '100x8', '100x8', '16', '1', '1']);
  assert.deepEqual(plain.layers.filter((l) => l.kind === 'rnn').map((l) => l.parameters.returns), ['sequence', 'last']);
  const causal = model(parsed, 'causal');
  assert.deepEqual(causal.layers[0]!.parameters.padding, [[4, 0]]);
  assert.deepEqual(shapes(causal), ['50x8', '50x8', '24x8', '8', '2']);
  assert.deepEqual(parsed.problems.map((p) => [p.code, p.span.line]), [['unresolved-layer', 17], ['unresolved-layer', 21]]);
});

test('channels first, groups, depthwise convolutions, initialiser instances, a base whose layers stand elsewhere', () => {
  const parsed = file('keras_channels_first.py');
  const first = model(parsed, 'first');
  assert.equal(first.axes, 'channels-first');
  assert.deepEqual(shapes(first), ['8x16x16', '8x16x16', '16x16x16', '16x16x16', '16x8x8', '16', '3']);
  const [conv, , depthwise] = first.layers;
  assert.equal(conv!.parameters.groups, 2);
  // scale 2 over fan_out = 9 * 8, times fan_in = 9 * 4/2.
  assert.equal(conv!.initialisation!.weightVariance, (2 / 72) * 18);
  assert.deepEqual([depthwise!.parameters.inFeatures, depthwise!.parameters.outFeatures, depthwise!.parameters.groups], [8, 16, 8]);
  // Keras counts fan_in 9 * 8 and fan_out 9 * 2 from the weight's shape.
  assert.ok(Math.abs(depthwise!.initialisation!.weightVariance! - (2 / (72 + 18)) * 9) < 1e-12);
  assert.equal(first.layers.at(-1)!.initialisation!.law, 'constant');
  const tuned = model(parsed, 'tuned');
  assert.deepEqual(tuned.layers.map((l) => l.kind), ['unresolved', 'global-average-pool', 'dense', 'read-out']);
  assert.match(tuned.layers[0]!.reason!, /keras\.applications/);
});

test('partial layers, and activations of the user\'s own as function, name and class', () => {
  const parsed = file('keras_partial.py');
  const m = only(parsed);
  assert.deepEqual(words(m).slice(0, 8), ['dense 8>16', 'silu', 'dense 16>16', 'silu', 'dense 16>16', 'silu', 'dense 16>16', 'sigmoid']);
  assert.equal(m.layers[0]!.initialisation!.weightVariance, 1);
  assert.deepEqual(parsed.problems.map((p) => [p.code, p.span.line]), [['unresolved-layer', 25], ['unresolved-layer', 26]]);
  assert.deepEqual(m.layers.filter((l) => l.kind === 'unresolved').map((l) => m.graph.edges.filter(([, to]) => to === l.id).length), [2, 1]);
});

test('cvnn: complex layers and their activation strings, and the same file made real by its dtype', () => {
  const parsed = file('cvnn_sequential.py');
  const [complex, real] = [model(parsed, 'complex_model'), model(parsed, 'real_model')];
  assert.deepEqual(words(complex), ['conv2d 3>32', 'split-relu', 'average-pool', 'conv2d 32>64', 'split-relu', 'flatten', 'dense 10816>64', 'split-relu', 'dense 64>10', 'abs']);
  assert.deepEqual(complex.layers.map((l) => l.field), [...new Array<string>(9).fill('complex'), 'real']);
  assert.equal(complex.inputField, 'complex');
  assert.deepEqual(words(real).slice(0, 2), ['conv2d 3>32', 'relu']);
  assert.ok(real.layers.every((l) => l.field === 'real'));
  assert.equal(real.inputField, 'real');
  // Twice what its documentation says in ComplexDense, and right in its convolutions.
  assert.equal(complex.layers[3]!.initialisation!.weightVariance, 2);
  assert.equal(complex.layers[8]!.initialisation!.weightVariance, (4 / 74) * 64);
  assert.deepEqual(codes(parsed), ['initialiser-doubled', 'initialiser-doubled']);
});

test('cvnn with the functional API, and parts of a signal put together again', () => {
  const m = only(file('cvnn_functional.py'));
  assert.deepEqual(words(m).slice(0, 8), ['conv1d 2>8', 'split-tanh', 'conv1d 8>8', 'batch-norm', 'add', 'modrelu-regular', 'flatten', 'dense 1024>16']);
  assert.deepEqual(m.layers.at(-2)!.output, [4]);
  const split = only(read('i = complex_layers.complex_input((4,))\nz = complex_layers.ComplexDense(3)(i)\nz = tf.complex(tf.nn.tanh(tf.math.real(z)), tf.nn.tanh(tf.math.imag(z)))\nm = Model(i, complex_layers.ComplexDense(2)(z))\n'));
  assert.deepEqual(words(split), ['dense 4>3', 'split-tanh', 'dense 3>2']);
});

test('Deep Complex Networks: pairs of channels count once, real functions act on each part', () => {
  const parsed = file('dcn_resnet.py');
  const m = model(parsed, 'model');
  assert.deepEqual(m.inputShape, [64, 2]);
  assert.equal(m.inputField, 'complex');
  assert.deepEqual(words(m), [
    'conv1d 2>8', 'split-relu', 'batch-norm', 'split-relu', 'conv1d 8>8', 'add', 'batch-norm', 'split-relu', 'conv1d 8>8', 'conv1d 8>8',
    'concat', 'average-pool', 'abs', 'flatten', 'dense 256>3', 'softmax',
  ]);
  assert.deepEqual(m.layers.map((l) => l.field), [...new Array<string>(12).fill('complex'), 'real', 'real', 'real', 'real']);
  // Glorot without its root: 2/(10 + 40)^2, times fan_in 10.
  assert.ok(Math.abs(m.layers[0]!.initialisation!.weightVariance! - 0.008) < 1e-12);
  assert.deepEqual(words(model(parsed, 'mlp')), ['dense 10>6', 'split-tanh', 'dense 6>2', 'real']);
  assert.deepEqual(new Set(codes(parsed)), new Set(['initialiser-without-root']));
});

test('names of other TensorFlow modules are no layers, and every spelling of the package finds them', () => {
  for (const [imports, spelled] of [
    ['import tensorflow as tf', 'tf.keras.layers.Dense'], ['import keras', 'keras.layers.Dense'], ['from keras.layers.core import Dense', 'Dense'],
    ['from tensorflow.python.keras.layers import Dense', 'Dense'], ['import tensorflow.compat.v1 as tf', 'tf.keras.layers.Dense'], ['from keras.layers import *', 'Dense'],
    ['import tf_keras', 'tf_keras.layers.Dense'], ['import tensorflow as tf\nL = tf.keras.layers', 'L.Dense'],
  ] as const) {
    const m = only(reader.read('m.py', `${imports}\nfrom keras.models import Sequential\nm = Sequential([${spelled}(3, input_dim=2)])\n`));
    assert.deepEqual(words(m), ['dense 2>3'], imports);
  }
  const m = only(read('a = tf.data.Dataset.concatenate(1, 2)\nm = Sequential([layers.Dense(2, input_shape=(3,)), tf.data.Dense(2)])\n'));
  assert.deepEqual(m.layers.map((l) => l.kind), ['dense', 'unresolved']);
});

test('weights and inputs of different fields', () => {
  const parsed = read('i = complex_layers.complex_input((4,))\nm = Model(i, layers.Dense(2, activation="relu")(i))\n');
  assert.deepEqual(codes(parsed), ['dtype-mismatch']);
  assert.doesNotMatch(parsed.problems[0]!.message, /PyTorch/);
  const refused = read('i = complex_layers.complex_input((4,))\nm = Model(i, layers.ReLU()(complex_layers.ComplexDense(2)(i)))\n');
  assert.ok(codes(refused).includes('refuses-complex'));
});

test('a network that is applied to data keeps its own input', () => {
  const m = only(read('m = Sequential()\nm.add(layers.Dense(4, input_shape=(3,)))\ny = m(np.zeros((1, 3)))\nm.add(layers.Dense(2))\nm.fit(y, y)\n'));
  assert.deepEqual(words(m), ['dense 3>4', 'dense 4>2']);
  const shown = only(read('class N(keras.Model):\n    def __init__(self):\n        super().__init__()\n        self.d = layers.Dense(4)\n    def call(self, x):\n        return self.d(x)\nn = N()\nn(tf.zeros((1, 7)))\n'));
  assert.deepEqual(shown.inputShape, [7]);
});

test('which framework a file is read with', () => {
  const torch = 'import torch.nn as nn\nnet = nn.Sequential(nn.Linear(3, 2))\n';
  const kerasText = 'import keras\nnet2 = keras.Sequential([keras.layers.Dense(2, input_shape=(3,)), keras.layers.Flatten()])\n';
  assert.deepEqual(reader.read('m.py', torch + kerasText).models.map((m) => [m.name, m.layers.map((l) => l.kind).join()]), [['net', 'dense'], ['net2', 'dense,flatten']]);
  assert.deepEqual(codes(reader.read('m.py', torch + kerasText)), []);
  assert.deepEqual(codes(reader.read('m.py', 'import torch\nimport tensorflow as tf\nx = 1\n')), ['no-model']);
  // Users' own complexnn for PyTorch.
  const own = reader.read('m.py', `from complexnn import ComplexLinear\n${torch}`);
  assert.deepEqual(own.models.map((m) => m.name), ['net']);
  assert.deepEqual(codes(reader.read('m.py', 'x = 1\n')), []);
});

test('a class without a call method is named', () => {
  const parsed = read('class N(keras.Model):\n    def __init__(self):\n        super().__init__()\n        self.d = layers.Dense(4)\n');
  assert.deepEqual(codes(parsed), ['no-model', 'no-forward'].sort((a, b) => codes(parsed).indexOf(a) - codes(parsed).indexOf(b)));
});

test('static methods and functions that make models through others; names declared global', () => {
  const parsed = read([
    'def base(i, n, depths):', '    x = i', '    for d in depths:', '        x = layers.Dense(d)(x)', '    return Model(i, layers.Dense(n)(x))',
    'def small(n=2):', '    return base(Input((3,)), n, [4])', 'def large(n=2):', '    return base(Input((3,)), n, [4, 5])',
    'def axes():', '    global AXIS', '    AXIS = -1',
    'class Builder(object):', '    @staticmethod', '    def build(depths):', '        axes()', '        i = Input((3, 3, 2))', '        x = i', '        for d in depths:', '            x = layers.BatchNormalization(axis=AXIS)(layers.Conv2D(d, 1)(x))', '        return Model(i, x)',
    '    @staticmethod', '    def build_two():', '        return Builder.build([6, 7])', '',
  ].join('\n'));
  assert.deepEqual(parsed.models.map((m) => [m.name, words(m).join()]), [
    ['small', 'dense 3>4,dense 4>2'], ['large', 'dense 3>4,dense 4>5,dense 5>2'], ['build_two', 'conv2d 2>6,batch-norm,conv2d 6>7,batch-norm'],
  ]);
  assert.deepEqual(parsed.problems, []);
});

test('a separable convolution is the two that it is; channels on several axes are named', () => {
  const m = only(read('m = Sequential([layers.SeparableConv2D(8, 3, padding="same", depth_multiplier=2, activation="relu", input_shape=(9, 9, 3))])\n'));
  assert.deepEqual(words(m), ['conv2d 3>6', 'conv2d 6>8', 'relu']);
  assert.deepEqual(shapes(m), ['9x9x6', '9x9x8', '9x9x8']);
  assert.deepEqual(m.layers.map((l) => l.parameters.bias), [false, true, undefined]);
  const mixed = read('i = Input((9, 9, 3))\nx = layers.Conv2D(3, 3)(i)\nx = layers.Conv2D(3, 3, data_format="channels_first")(x)\nm = Model(i, x)\n');
  assert.deepEqual(mixed.problems.map((p) => [p.code, p.span.line]), [['mixed-axes', 8], ['unresolved-layer', 8]]);
});

test('what an unknown object holds is not unequal to a text', () => {
  const parsed = read('def build(d):\n    i = Input((3,))\n    if d.kind == "a":\n        x = layers.Dense(4)(i)\n    elif d.kind == "b":\n        x = layers.Dense(5)(i)\n    else:\n        raise ValueError(d)\n    return Model(i, x)\n');
  assert.deepEqual(words(only(parsed)), ['dense 3>4']);
  assert.ok(codes(parsed).includes('data-dependent-branch'));
});

test('signals that are None or not, taken apart, and put through clipping', () => {
  const m = only(read('def f(x=None):\n    if x is None:\n        x = Input((4,))\n    return x\ni = Input((3,))\nx = f(i)\nx = layers.Dense(3)(x)\nx = layers.Activation(lambda t: K.log(K.clip(t, 0.1, 2.0)))(x)\nm = Model(i, layers.Dense(1)(x))\n'));
  assert.deepEqual(m.layers.map((l) => l.kind), ['dense', 'activation', 'dense']);
  assert.equal(m.layers[1]!.name, 'expression');
  const apart = read('i = Input((4,))\na, b = tf.split(i, 2, axis=-1)\nm = Model(i, layers.Dense(1)(layers.Concatenate()([a, layers.Dense(2)(b)])))\n');
  assert.deepEqual(only(apart).layers.map((l) => l.kind), ['unresolved', 'dense', 'concat', 'dense']);
});

test('no text makes the reading hang or fail', () => {
  for (const body of [
    'def f(x):\n    return f(x)\nm = f(Input((3,)))\n', 'm = Sequential()\nm.add(m)\n', 'm = Model(m, m)\n', 'i = Input(shape=i)\n',
    'x = Input((3,))\nfor k in range(100000):\n    x = layers.Dense(2)(x)\nm = Model(x, x)\n', 'a = Sequential()\nb = Sequential([a])\na.add(b)\n',
  ]) {
    const parsed = reader.read('m.py', IMPORTS + body, { timeBudgetMs: 2000 });
    assert.ok(!codes(parsed).includes('internal-error'), JSON.stringify(parsed.problems));
  }
});
