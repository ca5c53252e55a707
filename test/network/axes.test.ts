// Networks of frameworks that keep channels first: the same numbers as with channels last, where inputs and weights are turned to match.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ModelGraph } from '../../src/contract/graph.ts';
import type { InputSet } from '../../src/contract/inputs.ts';
import { buildNetwork, drawNetwork, empiricalKernels, openBackend, type Backend, type FiniteNetwork } from '../../src/network/index.ts';
import { graphOf, inputsOf } from '../kernel/finite/specification.ts';
import { gaussianInputs, immediately, options, relative } from './networks.ts';

let backend: Backend;
before(async () => { backend = await openBackend('wasm', options); });
after(() => backend.dispose());

const [HEIGHT, WIDTH, CHANNELS, HIDDEN, SAMPLES] = [4, 3, 2, 5, 3];

/** [positions, channels] of each sample to [channels, positions]. */
function turned(x: ArrayLike<number>, samples: number, positions: number, channels: number): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 0; i < samples; i++) for (let u = 0; u < positions; u++) for (let c = 0; c < channels; c++) out[(i * channels + c) * positions + u] = x[(i * positions + u) * channels + c]!;
  return out;
}

const first = (graph: ModelGraph, shape: number[]): ModelGraph => ({
  ...graph, axes: 'channels-first', inputShape: shape,
  layers: graph.layers.map((n) => (n.kind === 'concat' ? { ...n, parameters: { ...n.parameters, axis: 1 } } : n)),
});

const kernel = (network: FiniteNetwork, inputs: InputSet) => empiricalKernels(network, inputs, backend, immediately);

test('convolution, flatten, dense: the dense layer reads its features in the framework\'s order', async () => {
  const graph = graphOf({ input: [HEIGHT, WIDTH, CHANNELS], layers: [
    { kind: 'conv2d', kernel: [3, 2], padding: 'same', channels: HIDDEN }, { kind: 'activation', name: 'cardioid' }, { kind: 'average-pool', window: [2, 1] },
    { kind: 'flatten' }, { kind: 'dense', units: 4 }, { kind: 'activation', name: 'split-tanh' }, { kind: 'dense', units: 1 }] });
  const inputs = { ...gaussianInputs(SAMPLES, HEIGHT * WIDTH * CHANNELS, 'complex'), shape: [HEIGHT, WIDTH, CHANNELS] };
  const other = inputsOf([CHANNELS, HEIGHT, WIDTH], turned(inputs.re, SAMPLES, HEIGHT * WIDTH, CHANNELS), turned(inputs.im, SAMPLES, HEIGHT * WIDTH, CHANNELS));
  const last = buildNetwork(graph, inputs);
  await drawNetwork(last, 0);
  const network = buildNetwork(first(graph, other.shape), other);
  await drawNetwork(network, 0);
  assert.equal(network.input.order, 'first');
  for (const [k, t] of network.tensors.entries()) {
    const from = last.tensors[k]!;
    const flat = t.layer === 'dense1';
    for (const part of ['re', 'im'] as const) {
      // Features of the flattened signal: [position][channel] there, [channel][position] here.
      if (flat) t[part]!.set(rows(from[part]!, from.fan / HIDDEN, HIDDEN, from.out));
      else t[part]!.set(from[part]!);
    }
  }
  const [a, b] = [await kernel(last, inputs), await kernel(network, other)];
  assert.ok(relative(b.ntk.re, a.ntk.re) < 1e-5 && relative(b.ntk.im!, a.ntk.im!, a.ntk.re) < 1e-5);
});

/** Rows [position][channel] of a weight matrix to [channel][position]. */
function rows(w: Float32Array, positions: number, channels: number, out: number): Float32Array {
  const to = new Float32Array(w.length);
  for (let u = 0; u < positions; u++) for (let c = 0; c < channels; c++) to.set(w.subarray((u * channels + c) * out, (u * channels + c + 1) * out), (c * positions + u) * out);
  return to;
}

test('a branch with joined channels and a global pool needs no turning of weights', async () => {
  const conv = { kind: 'conv1d', kernel: [3], padding: 'same', channels: 3 };
  const graph = graphOf({ input: [6, CHANNELS], layers: [
    conv, { kind: 'activation', name: 'modrelu', parameters: { bias: -0.1 } }, { kind: 'concat', branches: [[], [conv, { kind: 'activation', name: 'split-relu' }]] },
    { ...conv, stride: [2] }, { kind: 'activation', name: 'cardioid' }, { kind: 'global-average-pool' }, { kind: 'dense', units: 1 }] });
  const inputs = { ...gaussianInputs(SAMPLES, 6 * CHANNELS, 'complex'), shape: [6, CHANNELS] };
  const other = inputsOf([CHANNELS, 6], turned(inputs.re, SAMPLES, 6, CHANNELS), turned(inputs.im, SAMPLES, 6, CHANNELS));
  const [last, network] = [buildNetwork(graph, inputs), buildNetwork(first(graph, other.shape), other)];
  await drawNetwork(last, 0);
  await drawNetwork(network, 0);
  const [a, b] = [await kernel(last, inputs), await kernel(network, other)];
  assert.ok(relative(b.ntk.re, a.ntk.re) < 1e-5 && relative(b.ntk.im!, a.ntk.im!, a.ntk.re) < 1e-5);
});
