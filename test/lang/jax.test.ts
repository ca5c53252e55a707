// Networks on JAX: what the text says of layers, sizes, edges, fields and variances, by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findInitialiser, jaxInitialiser } from '../../src/catalog/initialisers/index.ts';
import { findActivation } from '../../src/catalog/activations/index.ts';
import { findJaxSpelling, jaxLibraries, jaxLibraryOf } from '../../src/catalog/libraries/index.ts';
import { poolWindow } from '../../src/catalog/layers/taps.ts';
import { problemCodes } from '../../src/catalog/problems.ts';
import type { GraphNode, ModelGraph, ParsedFile } from '../../src/contract/graph.ts';
import { reader } from './reader.ts';

const FLAX = 'from functools import partial\nfrom typing import Any, Callable, Sequence\nimport flax.linen as nn\nimport jax\nimport jax.numpy as jnp\n';
const NNX = 'import jax\nimport jax.numpy as jnp\nfrom flax import nnx\n';
const HAIKU = 'import haiku as hk\nimport jax\nimport jax.numpy as jnp\n';
const TANGENTS = 'from neural_tangents import stax\n';
const STAX = 'from jax.example_libraries import stax\nfrom jax.example_libraries.stax import *\n';

const parse = (text: string): ParsedFile => reader.read('model.py', text, { timeBudgetMs: 20_000 });
const only = (text: string): ModelGraph => {
  const { models } = parse(text);
  assert.equal(models.length, 1, models.map((m) => m.name).join());
  return models[0]!;
};
const kinds = (m: ModelGraph): string => m.layers.map((l) => (l.kind === 'activation' || l.kind === 'read-out' ? l.name : l.kind)).join(' ');
const codes = (p: ParsedFile): string[] => p.problems.map((q) => q.code);
const close = (a: number | null | undefined, b: number): void => assert.ok(typeof a === 'number' && Math.abs(a - b) < 1e-9, `${a} is not ${b}`);
const variances = (l: GraphNode): [number | null, number | null] => [l.initialisation!.weightVariance, l.initialisation!.biasVariance];

// ---- stax

test('neural-tangents: W_std and b_std are the roots of the variances, whatever the sizes are', () => {
  const m = only(`${TANGENTS}init_fn, apply_fn, kernel_fn = stax.serial(stax.Dense(512, W_std=1.5, b_std=0.5), stax.Relu(), stax.Dense(1, 2.0), stax.Identity())\n`);
  assert.equal(m.name, 'apply_fn');
  assert.equal(kinds(m), 'dense relu dense');
  assert.deepEqual(m.layers.map((l) => l.initialisation && variances(l)), [[2.25, 0.25], undefined, [4, 0]]);
  assert.deepEqual([m.layers[0]!.parameters.bias, m.layers[2]!.parameters.bias], [true, false]);
  assert.deepEqual([m.layers[0]!.parameters.inFeatures, m.layers[2]!.parameters.inFeatures], [null, 512]);
  assert.deepEqual([m.layers[0]!.initialisation!.source, m.axes], ['code', 'channels-last']);
  const plain = only(`${TANGENTS}_, _, kernel_fn = stax.serial(stax.Dense(8), stax.Dense(1, b_std=None))\n`);
  assert.equal(plain.name, 'kernel_fn');
  assert.deepEqual(plain.layers.map((l) => [...variances(l), l.parameters.bias, l.initialisation!.source]), [[1, 0, false, 'library default'], [1, 0, false, 'library default']]);
});

test('neural-tangents: a residual block of FanOut, parallel and FanInSum is its edges', () => {
  const m = only(`${TANGENTS}
def Block(c, strides=(1, 1), mismatch=False):
  Main = stax.serial(stax.Relu(), stax.Conv(c, (3, 3), strides, padding='SAME'))
  Shortcut = stax.Identity() if not mismatch else stax.Conv(c, (1, 1), strides, padding='SAME')
  return stax.serial(stax.FanOut(2), stax.parallel(Main, Shortcut), stax.FanInSum())
def Net(k):
  return stax.serial(stax.Conv(k, (3, 3)), *[Block(k) for _ in range(1)], Block(2 * k, (2, 2), True), stax.GlobalAvgPool(), stax.Dense(10))
init, apply, kernel = Net(4)
_, params = init(key, (-1, 9, 9, 3))
`);
  assert.equal(m.name, 'Net');
  assert.deepEqual(m.inputShape, [9, 9, 3]);
  assert.equal(kinds(m), 'conv2d relu conv2d add relu conv2d conv2d add global-average-pool dense');
  assert.deepEqual(m.graph.edges, [
    ['conv2d1', 'activation1'], ['activation1', 'conv2d2'], ['conv2d2', 'add1'], ['conv2d1', 'add1'],
    ['add1', 'activation2'], ['activation2', 'conv2d3'], ['add1', 'conv2d4'], ['conv2d3', 'add2'], ['conv2d4', 'add2'],
    ['add2', 'global-average-pool1'], ['global-average-pool1', 'dense1'],
  ]);
  assert.deepEqual(m.layers.map((l) => l.output), [[7, 7, 4], [7, 7, 4], [7, 7, 4], [7, 7, 4], [7, 7, 4], [4, 4, 8], [4, 4, 8], [4, 4, 8], [8], [10]]);
  assert.deepEqual([m.layers[0]!.parameters.padding, m.layers[5]!.parameters.stride], ['valid', [2, 2]]);
});

test('stax: what stands twice in a list has weights for each place; repeat too', () => {
  const m = only(`${TANGENTS}layers = [stax.Dense(8), stax.Erf()] * 2\n_, f, _ = stax.serial(*layers, stax.repeat(stax.Dense(8), 2))\n`);
  assert.equal(kinds(m), 'dense erf dense erf dense dense');
  assert.ok(m.layers.every((l) => l.sharedWith === undefined));
});

test('neural-tangents: activations with numbers of their own are functions; a rate is what is kept; paddings by their enumeration', () => {
  const m = only(`${TANGENTS}net = stax.serial(stax.Conv(4, (3,), padding=stax.Padding.CIRCULAR.name), stax.LeakyRelu(0.2), stax.Dropout(0.8), stax.Dense(4), stax.ABRelu(0.5, 2.0), stax.Dense(4), stax.Sin(b=3.0), stax.Dense(4), stax.Gelu(), stax.Dense(4), stax.ElementwiseNumerical(jnp_tanh, 25))\n`.replace('from', 'from jax.numpy import tanh as jnp_tanh\nfrom'));
  assert.equal(kinds(m), 'conv1d leaky-relu dropout dense expression dense sin dense gelu dense tanh');
  assert.equal(m.layers[0]!.parameters.padding, 'circular');
  assert.deepEqual(m.layers[1]!.parameters, { slope: 0.2 });
  assert.deepEqual(m.layers[2]!.parameters, { rate: 0.2 });
  assert.deepEqual(m.layers[4]!.parameters, { form: 'real', expression: 'where((x > 0), (2 * x), (0.5 * x))' });
  assert.deepEqual(m.layers[6]!.parameters, { frequency: 3 });
});

test('networks in functions that nothing calls are found, once, without the noise of training', () => {
  const p = parse(`${TANGENTS}from absl import app\ndef body(w):\n  return stax.serial(stax.Dense(w), stax.Relu())\ndef main(argv):\n  init_fn, predict, kernel_fn = stax.serial(body(32), stax.Dense(1))\n  for i in range(FLAGS.steps):\n    params = step(params)\n  if FLAGS.show:\n    print(params)\napp.run(main)\n`);
  assert.deepEqual(p.models.map((m) => [m.name, kinds(m)]), [['predict', 'dense relu dense']]);
  assert.deepEqual(codes(p), []);
});

test("JAX's stax: activations are not called, biases start small, channels stand where the convolution says", () => {
  const text = `${STAX}from jax.nn.initializers import he_normal\ninit_fun, predict = serial(GeneralConv(('HWCN', 'OIHW', 'NHWC'), 8, (3, 3), (2, 2), 'SAME'), Relu, MaxPool((2, 2)), BatchNorm(), Flatten, Dense(16, W_init=he_normal()), Tanh, Dense(10), LogSoftmax)\ninit_fun(key, (28, 28, 1, 64))\n`;
  const p = parse(text);
  const m = p.models[0]!;
  assert.equal(m.name, 'predict');
  assert.equal(kinds(m), 'conv2d relu max-pool batch-norm flatten dense tanh dense log-softmax');
  assert.deepEqual(m.inputShape, [28, 28, 1]);
  // The stride of a pool is 1 where none is given.
  assert.deepEqual(m.layers.map((l) => l.output), [[14, 14, 8], [14, 14, 8], [13, 13, 8], [13, 13, 8], [1352], [16], [16], [10], [10]]);
  close(m.layers[0]!.initialisation!.weightVariance, 9 * 2 / (9 + 72));
  close(m.layers[0]!.initialisation!.biasVariance, 1e-12);
  assert.deepEqual(variances(m.layers[5]!), [2, 1e-4]);
  assert.deepEqual(codes(p), ['batch-norm-of-batch']);
  const column = text.split('\n')[3]!.indexOf('Relu') + 1;
  assert.deepEqual([m.layers[1]!.span!.line, m.layers[1]!.span!.column, m.layers[1]!.spelling], [4, column, 'Relu']);
});

test("JAX's stax: channels first are refused with the reason", () => {
  const p = parse(`${STAX}_, f = serial(GeneralConv(('NCHW', 'OIHW', 'NCHW'), 8, (3, 3)), Relu)\n`);
  assert.equal(p.models[0]!.layers[0]!.kind, 'unresolved');
  assert.match(p.models[0]!.layers[0]!.reason!, /NCHW/);
});

// ---- flax.linen

test('Flax: fields in the order of a dataclass, those of bases first, defaults that are functions, layers of setup', () => {
  const m = only(`${FLAX}
def swish(x):
  return x * nn.sigmoid(x)
class Base(nn.Module):
  width: int
  act: Callable = swish
class Net(Base):
  out: int = 3
  def setup(self):
    self.body = [nn.Dense(self.width) for _ in range(2)]
    self.head = nn.Dense(self.out, use_bias=False, kernel_init=nn.initializers.glorot_uniform())
  def __call__(self, x):
    for layer in self.body:
      x = self.act(layer(x))
    return self.head(x)
net = Net(16, out=5)
net.init(jax.random.PRNGKey(0), jnp.ones((1, 4)))
`);
  assert.deepEqual(m.inputShape, [4]);
  assert.equal(kinds(m), 'dense silu dense silu dense');
  assert.deepEqual(m.layers.filter((l) => l.kind === 'dense').map((l) => [l.name, l.parameters.inFeatures, l.parameters.outFeatures]), [['body.0', 4, 16], ['body.1', 16, 16], ['head', 16, 5]]);
  assert.deepEqual(variances(m.layers[0]!), [1, 0]);
  close(m.layers[4]!.initialisation!.weightVariance, 16 * 2 / 21);
});

const RESIDUAL = `${FLAX}
class Block(nn.Module):
  filters: int
  strides: Any = (1, 1)
  @nn.compact
  def __call__(self, x, train: bool = True):
    y = nn.Conv(self.filters, (3, 3), self.strides)(x)
    y = nn.BatchNorm(use_running_average=not train, scale_init=nn.initializers.zeros)(y)
    if x.shape != y.shape:
      x = nn.Conv(self.filters, (1, 1), self.strides, name='proj')(x)
    return nn.relu(x + y)
class Net(nn.Module):
  sizes: Sequence[int]
  @nn.compact
  def __call__(self, x, train: bool = True):
    x = nn.Conv(8, (3, 3))(x)
    for i, n in enumerate(self.sizes):
      for j in range(n):
        x = Block(8 * 2 ** i, (2, 2) if i > 0 and j == 0 else (1, 1))(x, train=train)
    return nn.Dense(x.shape[-1] // 2)(jnp.mean(x, axis=(1, 2)))
`;

test('Flax: modules made while they run are blocks, named as Flax names them; shapes are compared before the input is known', () => {
  const p = parse(`${RESIDUAL}Small = partial(Net, sizes=[1, 2])\n`);
  assert.deepEqual(p.models.map((m) => m.name), ['Small']);
  const m = p.models[0]!;
  assert.equal(kinds(m), 'conv2d conv2d batch-norm add relu conv2d batch-norm conv2d add relu conv2d batch-norm add relu global-average-pool dense');
  assert.deepEqual([...new Set(m.layers.map((l) => l.group))], [undefined, 'Block_0', 'Block_1', 'Block_2']);
  assert.equal(m.layers[7]!.name, 'proj');
  assert.deepEqual(m.layers.at(-1)!.parameters, { outFeatures: 8, bias: true, inFeatures: 16 });
  assert.deepEqual(m.graph.edges.filter(([, to]) => to === 'add2'), [['conv2d4', 'add2'], ['batch-norm2', 'add2']]);
  assert.deepEqual([m.layers[2]!.parameters.gamma, m.layers[2]!.parameters.evaluationScale], [0, 0]);
  assert.deepEqual(codes(p), []);
});

test('Flax: pools step by 1 unless told, their mean counts the padding; GELU is the tanh form unless told', () => {
  const m = only(`${FLAX}
class Net(nn.Module):
  @nn.compact
  def __call__(self, x):
    x = nn.Conv(4, kernel_size=5, padding='CAUSAL')(x)
    x = nn.avg_pool(x, (2,), padding='SAME')
    x = nn.max_pool(nn.gelu(x), (3,), strides=(3,))
    x = jax.nn.gelu(x, approximate=False)
    x = nn.ConvTranspose(2, (3,), strides=(2,))(x)
    x = x.reshape((x.shape[0], -1))
    return nn.log_softmax(nn.Dense(3, dtype=jnp.bfloat16)(x))
Net().init(jax.random.key(0), jnp.zeros([1, 12, 2]))
`);
  assert.equal(kinds(m), 'conv1d average-pool gelu-tanh max-pool gelu conv-transpose flatten dense log-softmax');
  assert.deepEqual(m.layers.map((l) => l.output), [[12, 4], [12, 4], [12, 4], [4, 4], [4, 4], [8, 2], [16], [3], [3]]);
  assert.deepEqual(m.layers[0]!.parameters.padding, [[4, 0]]);
  assert.equal(m.layers[1]!.parameters.wholeWindow, true);
  assert.deepEqual(poolWindow(m.layers[1]!, [12]).scale, new Array(12).fill(0.5));
  assert.equal(poolWindow({ ...m.layers[1]!, parameters: { ...m.layers[1]!.parameters, wholeWindow: false } }, [12]).scale[11], 1);
  // Its fan_in is that of its input: the weight is not stored as PyTorch's.
  assert.deepEqual(variances(m.layers[5]!), [1, 0]);
});

test('Flax: param_dtype makes complex weights, dtype complex computations; real weights meet complex signals as they are', () => {
  const m = only(`${FLAX}
class Net(nn.Module):
  param_dtype: Any = jnp.complex128
  @nn.compact
  def __call__(self, z):
    z = nn.Dense(8, param_dtype=self.param_dtype)(z)
    z = jax.lax.complex(nn.relu(z.real), nn.relu(z.imag))
    z = nn.Dense(8)(z)
    z = nn.relu(z)
    z = nn.LayerNorm()(z)
    z = nn.Dense(8, param_dtype=complex, kernel_init=nn.initializers.normal(0.5))(z)
    return jnp.abs(z)
`);
  assert.equal(m.inputField, 'complex');
  assert.equal(kinds(m), 'dense split-relu dense half-plane-relu layer-norm dense abs');
  assert.deepEqual(m.layers.map((l) => l.field), ['complex', 'complex', 'complex', 'complex', 'complex', 'complex', 'real']);
  const [first, real, last] = m.layers.filter((l) => l.kind === 'dense');
  // 1.9 % above 1/fan_in, as measured.
  assert.ok(Math.abs(first!.initialisation!.weightVariance! - 1.0187) < 1e-4);
  assert.deepEqual([first!.initialisation!.circular, first!.initialisation!.realShare], [true, undefined]);
  assert.deepEqual([real!.initialisation!.circular, real!.initialisation!.realShare, ...variances(real!)], [false, 1, 1, 0]);
  assert.deepEqual(variances(last!), [2, 0]);
  assert.deepEqual([m.layers[4]!.parameters.mode, m.layers[4]!.parameters.power], ['modulus', 1]);

  const computed = parse(`${FLAX}
class Net(nn.Module):
  @nn.compact
  def __call__(self, x):
    x = nn.Dense(4, dtype=jnp.complex64)(x)
    return nn.Dense(4, dtype=jnp.float32)(x)
`);
  const [a, b] = computed.models[0]!.layers;
  assert.deepEqual([computed.models[0]!.inputField, a!.field, a!.initialisation!.realShare], ['real', 'complex', 1]);
  assert.equal(b!.kind, 'unresolved');
  assert.match(b!.reason!, /imaginary parts are dropped/);
});

test('an input that is scaled is no complex number', () => {
  const m = only(`${FLAX}class Net(nn.Module):\n  @nn.compact\n  def __call__(self, x):\n    return nn.relu(nn.Dense(3, dtype=jnp.float32)(x / 255.0))\n`);
  assert.equal(m.inputField, 'real');
  assert.deepEqual(m.layers.map((l) => l.name), [null, null, 'relu'].map((v, i) => (i === 0 ? 'expression' : v)));
});

test('Flax: orthogonal weights count a matrix of taps and inputs by outputs', () => {
  const m = only(`${FLAX}class Net(nn.Module):\n  @nn.compact\n  def __call__(self, x):\n    x = nn.Conv(64, (3, 3), kernel_init=nn.initializers.orthogonal(2.0))(x)\n    return nn.Conv(64, (3, 3), kernel_init=nn.initializers.orthogonal(2.0))(x)\n`);
  assert.deepEqual(m.layers.map((l) => l.initialisation!.weightVariance), [null, 4]);
});

test('Flax: what a star argument holds may be an initialiser, so that the variance is not known', () => {
  const p = parse(`${FLAX}from elsewhere import options\nclass Net(nn.Module):\n  @nn.compact\n  def __call__(self, x):\n    return nn.Dense(3, **options())(x)\n`);
  assert.equal(p.models[0]!.layers[0]!.initialisation!.weightVariance, null);
  assert.ok(codes(p).includes('unknown-initialiser'));
});

test('Flax: parameters of a module of its own are a layer, with the bias that is added', () => {
  const m = only(`${FLAX}
class Net(nn.Module):
  @nn.compact
  def __call__(self, x):
    w = self.param('w', nn.initializers.he_normal(), (4, 6))
    b = self.param('b', nn.initializers.zeros_init(), (6,))
    x = x @ w + b
    return jnp.sin(5.0 * x)
`);
  assert.equal(kinds(m), 'dense sin');
  assert.deepEqual([m.layers[0]!.name, m.layers[0]!.parameters, ...variances(m.layers[0]!)], ['w', { inFeatures: 4, outFeatures: 6, bias: true }, 2, 0]);
  assert.deepEqual(m.layers[1]!.parameters, { frequency: 5 });
});

test('Flax: evaluation is what is read, and said where the code asks', () => {
  const p = parse(`${FLAX}
class Net(nn.Module):
  @nn.compact
  def __call__(self, x, *, training: bool, rng=None):
    x = nn.Dense(4)(x)
    if training:
      x = nn.Dense(5)(x)
    return nn.Dropout(0.3, deterministic=not training)(x)
`);
  assert.equal(kinds(p.models[0]!), 'dense dropout');
  assert.deepEqual(codes(p), ['evaluation-mode']);
});

test('Flax: a loss on the way is no part of the network; a shared layer is one', () => {
  const m = only(`${FLAX}
class Net(nn.Module):
  @nn.compact
  def __call__(self, x):
    layer = nn.Dense(4)
    y = layer(x)
    self.sow('losses', 'kl', jnp.mean(y ** 2 + jnp.exp(y)))
    return layer(nn.tanh(y))
`);
  assert.equal(kinds(m), 'dense tanh dense');
  assert.deepEqual([m.layers[2]!.sharedWith, m.layers[0]!.sharedWith], ['dense1', undefined]);
});

test('Flax: what is not read keeps its place and says why; norms keep the shape', () => {
  const p = parse(`${FLAX}
class Net(nn.Module):
  @nn.compact
  def __call__(self, tokens):
    x = nn.Embed(100, 16)(tokens)
    x = nn.RMSNorm()(x)
    x = x + nn.MultiHeadDotProductAttention(num_heads=2)(x, x)
    return nn.Dense(2)(jnp.sum(x, axis=1))
`);
  const m = p.models[0]!;
  assert.equal(kinds(m), 'embedding unresolved unresolved add unresolved dense');
  close(m.layers[0]!.initialisation!.weightVariance, 1 / 16);
  assert.equal(codes(p).filter((c) => c === 'unresolved-layer').length, 3);
  assert.equal(m.layers[5]!.parameters.inFeatures, null);
});

// ---- flax.nnx

test('NNX: sizes of both sides, blocks as groups, a partial pool, a complex end', () => {
  const p = parse(`${NNX}
class Block(nnx.Module):
  def __init__(self, din, dout, *, rngs: nnx.Rngs):
    self.linear = nnx.Linear(din, dout, rngs=rngs)
  def __call__(self, x):
    return nnx.relu(self.linear(x))
class Net(nnx.Module):
  def __init__(self, widths, rngs):
    self.blocks = [Block(a, b, rngs=rngs) for a, b in zip(widths, widths[1:])]
    self.out = nnx.Sequential(nnx.Linear(widths[-1], 4, param_dtype=jnp.complex64, rngs=rngs), jnp.abs)
  def __call__(self, x):
    for b in self.blocks:
      x = b(x)
    return self.out(x)
net = Net([3, 8, 8], nnx.Rngs(0))
`);
  assert.deepEqual(p.models.map((m) => m.name), ['Net']);
  const m = p.models[0]!;
  assert.equal(kinds(m), 'dense relu dense relu dense abs');
  assert.deepEqual(m.layers.map((l) => l.group), ['blocks.0', 'blocks.0', 'blocks.1', 'blocks.1', 'out', undefined]);
  assert.deepEqual(m.layers.map((l) => l.field), ['real', 'real', 'real', 'real', 'complex', 'real']);
  assert.deepEqual([m.inputField, m.inputShape, codes(p)], ['real', [3], []]);
});

test('NNX: sizes that do not fit are told', () => {
  const p = parse(`${NNX}class Net(nnx.Module):\n  def __init__(self, rngs: nnx.Rngs):\n    self.a = nnx.Linear(4, 8, rngs=rngs)\n    self.b = nnx.Linear(9, 2, rngs=rngs)\n  def __call__(self, x):\n    return self.b(nnx.tanh(self.a(x)))\n`);
  assert.deepEqual(codes(p), ['shape-mismatch']);
});

// ---- haiku

test('Haiku: a transformed function is the network; one that applies a single module is that module', () => {
  const p = parse(`${HAIKU}
class Torso(hk.Module):
  def __init__(self, width, name=None):
    super().__init__(name=name)
    self.width = width
  def __call__(self, x, is_training):
    x = hk.Conv2D(self.width, 3, stride=2, padding='VALID')(x)
    x = hk.BatchNorm(True, True, 0.9)(x, is_training)
    return hk.max_pool(x, (2, 2, 1), (2, 2, 1), 'SAME')
def logits(batch):
  net = hk.Sequential([hk.Flatten(), hk.Linear(30), jax.nn.relu, hk.nets.MLP([20, 10], activation=jnp.tanh)])
  return net(batch['image'])
net = hk.without_apply_rng(hk.transform(logits))
torso = hk.transform_with_state(lambda x, is_training: Torso(6)(x, is_training))
torso.init(key, jnp.zeros((1, 9, 9, 1)), True)
`);
  assert.deepEqual(p.models.map((m) => [m.name, kinds(m)]), [['Torso', 'conv2d batch-norm max-pool'], ['logits', 'flatten dense relu dense tanh dense']]);
  const [torso, net] = p.models;
  assert.deepEqual(torso!.layers.map((l) => [l.output, l.group]), [[[4, 4, 6], undefined], [[4, 4, 6], undefined], [[2, 2, 6], undefined]]);
  assert.equal(torso!.layers[1]!.parameters.evaluationScale, null);
  // A normal cut at two standard deviations keeps 0.774 of its variance.
  assert.ok(Math.abs(net!.layers[1]!.initialisation!.weightVariance! - 0.7737) < 1e-4);
  assert.equal(net!.layers[1]!.initialisation!.biasVariance, 0);
});

test('Haiku: weights are of the type of the input; on complex ones each part has the variance', () => {
  const m = only(`${HAIKU}
def f(x):
  z = x.astype(jnp.complex64)
  z = hk.Linear(8)(z)
  z = jax.nn.relu(z)
  z = hk.Linear(8, w_init=hk.initializers.VarianceScaling(1.0))(z)
  return hk.Linear(1)(z.real)
f = hk.transform(f)
`);
  assert.equal(kinds(m), 'dense half-plane-relu dense real dense');
  assert.deepEqual([m.inputField, ...m.layers.map((l) => l.field)], ['real', 'complex', 'complex', 'complex', 'real', 'real']);
  const [a, b, c] = m.layers.filter((l) => l.kind === 'dense').map((l) => l.initialisation!);
  assert.ok(Math.abs(a!.weightVariance! - 2 * 0.7737) < 1e-3 && a!.circular);
  assert.equal(b!.weightVariance, 2);
  assert.ok(Math.abs(c!.weightVariance! - 0.7737) < 1e-4);
});

test('Haiku: modules made while they run are named as Haiku names them', () => {
  const m = only(`${HAIKU}
class ConvBlock(hk.Module):
  def __call__(self, x):
    return jax.nn.relu(hk.Conv2D(4, 3)(x))
class Net(hk.Module):
  def __call__(self, x):
    return hk.Linear(2)(jnp.mean(ConvBlock()(ConvBlock()(ConvBlock(name='last')(x))), axis=(1, 2)))
`);
  assert.deepEqual([...new Set(m.layers.map((l) => l.group))], ['last', 'conv_block_1', 'conv_block', undefined]); // The outermost is made first.
});

// ---- files

test('a file for several frameworks is read for each; each network stands once', () => {
  const p = parse(`import torch\n${FLAX}
policy = nn.Sequential([nn.Dense(8), nn.relu, nn.Dense(2)])
class Real(torch.nn.Module):
  def __init__(self):
    super().__init__()
    self.a = torch.nn.Linear(4, 4)
  def forward(self, x):
    return self.a(x)
`);
  assert.deepEqual(p.models.map((m) => [m.name, m.axes, kinds(m)]), [['policy', 'channels-last', 'dense relu dense'], ['Real', 'channels-first', 'dense']]);
  assert.deepEqual(codes(p), []);
  const loader = parse(`import torch.utils.data as data\n${FLAX}class Net(nn.Module):\n  @nn.compact\n  def __call__(self, x):\n    return nn.Dense(3)(x)\n`);
  assert.deepEqual([loader.models.map((m) => m.name), codes(loader)], [['Net'], []]);
});

test('a file without a network says so where it imports a network library, and not where it imports jax alone', () => {
  assert.deepEqual(codes(parse('import flax.linen as nn\nx = 1\n')), ['no-model']);
  assert.deepEqual(codes(parse('import jax\nimport jax.numpy as jnp\nx = jnp.ones(3)\n')), []);
});

test('hostile texts end', () => {
  for (const text of [
    `${FLAX}class A(nn.Module):\n  @nn.compact\n  def __call__(self, x):\n    return A()(x)\n`,
    `${TANGENTS}a = stax.serial(*[stax.Dense(1)] * 100000)\n`,
    `${TANGENTS}def f(n):\n  return stax.serial(f(n - 1), f(n - 1))\nnet = f(30)\n`,
    `${HAIKU}f = hk.transform(lambda x: f(x))\n`,
    `${TANGENTS}x = stax.serial()\ny = stax.parallel(x, x)\nz = stax.FanOut(10 ** 9)\nw = stax.serial(z, y)\n`,
    `${NNX}class A(nnx.Module):\n  def __init__(self, rngs):\n    self.a = self\n  def __call__(self, x):\n    return self.a(x)\n`,
  ]) {
    const p = reader.read('model.py', text);
    assert.ok(!codes(p).includes('internal-error'), p.problems.map((q) => q.message).join());
  }
});

// ---- rows

test('the longest module decides which library a path belongs to', () => {
  assert.equal(jaxLibraryOf('jax.example_libraries.stax.Dense')!.id, 'stax');
  assert.equal(jaxLibraryOf('jax.nn.relu')!.id, 'jax');
  assert.equal(jaxLibraryOf('flax.nnx.Linear')!.id, 'nnx');
  assert.equal(jaxLibraryOf('flax.linen.Dense')!.id, 'flax');
  assert.equal(jaxLibraryOf('jaxopt.GradientDescent'), undefined);
  assert.equal(findJaxSpelling('flax.linen.Conv')!.spelling.parameters!.inFeatures, undefined);
  assert.notEqual(findJaxSpelling('flax.nnx.Conv')!.spelling.parameters!.inFeatures, undefined);
});

test('rows name activations, problems, initialisers and arguments that exist', () => {
  for (const library of jaxLibraries) {
    for (const row of library.spellings) {
      for (const id of [row.activation, row.realActivation]) if (id && row.kind === 'activation') assert.ok(findActivation(id), `${library.id} ${row.names[0]}: ${id}`);
      for (const t of row.traps ?? []) assert.ok(problemCodes[t.code], t.code);
      if (row.initialiser) assert.ok(findInitialiser(row.initialiser), row.initialiser);
      for (const [key, p] of Object.entries(row.parameters ?? {})) if (p.from) assert.ok(row.arguments?.includes(p.from), `${library.id} ${row.names[0]}: ${key} reads ${p.from}`);
      for (const name of Object.values(row.initialiserArguments ?? {})) assert.ok(row.arguments?.includes(name) || row.kind === 'unresolved', `${library.id} ${row.names[0]}: ${name}`);
    }
  }
});

test('initialisers as measured: E|w|^2 times fan_in of 400 by 600 weights, real and complex', () => {
  const of = (path: string, options: Record<string, number | string> = {}) => {
    const row = jaxInitialiser(path)!;
    return (['real', 'complex'] as const).map((f) => { const e = row.weight(f, 400, 600, { ...row.defaults, ...options }); return e === null ? null : Math.round(e * 400 * 1000) / 1000; });
  };
  assert.deepEqual(of('jax.nn.initializers.lecun_normal'), [1, 1.019]);
  assert.deepEqual(of('flax.linen.initializers.he_normal'), [2, 2.037]);
  assert.deepEqual(of('jax.nn.initializers.glorot_uniform'), [0.8, 0.8]);
  assert.deepEqual(of('jax.nn.initializers.normal', { stddev: 0.5 }), [100, 100]);
  assert.deepEqual(of('jax.nn.initializers.truncated_normal', { stddev: 0.5 }), [77.374, null]);
  assert.deepEqual(of('jax.nn.initializers.orthogonal'), [0.667, 0.667]);
  assert.deepEqual(of('haiku.initializers.VarianceScaling', { scale: 2 }), [2, 4]);
  assert.deepEqual(of('haiku.initializers.TruncatedNormal', { stddev: 0.05 }), [0.774, 1.547]);
  assert.deepEqual(of('haiku.initializers.RandomNormal', { stddev: 0.1 }), [4, 4]);
  assert.equal(jaxInitialiser('somewhere.lecun_normal'), undefined);
});
