// What torch has no rows of: layers of real twins, weights that several layers share, unbiased statistics. Kernels against the Jacobian by
// central differences.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ModelGraph } from '../../src/contract/graph.ts';
import type { InputSet } from '../../src/contract/inputs.ts';
import { buildNetwork, type BuildOptions, type FiniteNetwork } from '../../src/network/build.ts';
import { Device } from '../../src/network/device.ts';
import { drawNetwork, openBackend, type Backend } from '../../src/network/index.ts';
import { kernelsOn } from '../../src/network/kernels.ts';
import { forward, inputSignal } from '../../src/network/run.ts';
import { positionsOf } from '../../src/network/signal.ts';
import { drawnInputs, graphOf, inputsOf } from '../kernel/finite/specification.ts';
import { immediately, options, relative } from './networks.ts';

const dense = (units: number, field?: 'real') => ({ kind: 'dense', units, ...(field ? { field } : {}) });
const attention = (more: object = {}) => ({ kind: 'attention', heads: 2, units: 4, ...more });
const phi = (name: string) => ({ kind: 'activation', name });
const pool = { kind: 'global-average-pool' };
const graph = (input: number[], ...layers: object[]): ModelGraph => graphOf({ field: 'complex', input, defaults: { weightVariance: 1.5, biasVariance: 0.2 }, layers });

/** The graph with the second of two layers of a kind reading the weights of the first. */
function sharing(g: ModelGraph, kind: string): ModelGraph {
  const [first, second] = g.layers.filter((n) => n.kind === kind);
  second!.sharedWith = first!.id;
  return g;
}

describe('layers of finite networks', () => {
  let backend: Backend;
  before(async () => { backend = await openBackend('wasm', options); });
  after(() => backend.dispose());

  async function kernels(g: ModelGraph, inputs: InputSet, more: Partial<BuildOptions>) {
    const network = buildNetwork(g, inputs, more);
    await drawNetwork(network, 3);
    const device = new Device(backend, immediately);
    const x = inputSignal(network.input, inputs);
    try {
      return { network, ...(await kernelsOn(network, x, inputs.samples, device)) };
    } finally {
      device.release();
    }
  }

  /** sum over the numbers of all tensors of rate times df df', by steps of each number. */
  async function byDifferences(network: FiniteNetwork, inputs: InputSet): Promise<Float64Array> {
    const x = inputSignal(network.input, inputs);
    const n = inputs.samples;
    const place = Math.floor(positionsOf(network.form) / 2) * network.form.channels;
    /** A device keeps weights that it has seen, so each run has its own. */
    const run = async (): Promise<number[]> => {
      const device = new Device(backend, immediately);
      try {
        const f = (await forward(network, x, n, device)).at(-1)!;
        return [f.re, ...(f.im ? [f.im] : [])].flatMap((part) => Array.from({ length: n }, (_, i) => part[(i * part.length) / n + place]!));
      } finally {
        device.release();
      }
    };
    const side = (await run()).length;
    const total = new Float64Array(side ** 2);
    for (const t of network.tensors) {
      for (const part of ['re', 'im', 'biasRe', 'biasIm'] as const) {
        const values = t[part] ?? new Float32Array(0);
        for (const [k, at] of values.entries()) {
          values[k] = at + 0.002;
          const [up, more] = [values[k]!, await run()];
          values[k] = at - 0.002;
          const [down, less] = [values[k]!, await run()];
          values[k] = at;
          const slopes = more.map((v, o) => (v - less[o]!) / (up - down));
          const rate = part.startsWith('bias') ? t.biasRate : t.rate;
          for (let a = 0; a < side; a++) for (let b = 0; b < side; b++) total[a * side + b]! += rate * slopes[a]! * slopes[b]!;
        }
      }
    }
    return total;
  }

  /** All blocks as one matrix of the real outputs. */
  function whole({ rr, ri, ir, ii }: Awaited<ReturnType<typeof kernels>>['blocks'], n: number): Float64Array {
    if (!ri) return rr;
    const out = new Float64Array(4 * n * n);
    [[rr, ri], [ir!, ii!]].forEach((row, p) => row.forEach((block, q) => block.forEach((v, k) => { out[(p * n + Math.floor(k / n)) * 2 * n + q * n + (k % n)] = v; })));
    return out;
  }

  const twins: [string, ModelGraph][] = [
    ...['real', 'split', 'modulus', 'modulus-phase'].map((score): [string, ModelGraph] => [`attention, ${score}`, graph([4, 3], dense(4), phi('split-tanh'), attention({ score }), pool, dense(1))]),
    ['attention of whitened queries and keys', graph([4, 3], attention({ normalised: true }), phi('cardioid'), pool, dense(1))],
    ['batch norm of the modulus', graph([3], dense(4), { kind: 'batch-norm', mode: 'magnitude' }, phi('cardioid'), dense(1))],
    ['a recurrent cell', graph([4, 3], { kind: 'rnn', units: 4, activation: { name: 'split-tanh' }, returns: 'sequence' }, pool, dense(1))],
    ...['gru', 'lstm'].map((cell): [string, ModelGraph] => [`${cell} of moduli`, graph([4, 3], dense(3), phi('abs'), { kind: 'rnn', cell, units: 3, recurrentBiasVariance: 0.1 }, dense(1))]),
    ['convolutions in groups, average pool, flatten', graph([4, 4, 2], { kind: 'conv2d', channels: 4, kernel: [3, 3], padding: 'same', groups: 2 }, phi('split-tanh'), { kind: 'average-pool', window: [2, 2] }, { kind: 'flatten' }, dense(1))],
    ['max pool', graph([6, 2], { kind: 'conv1d', channels: 3, kernel: [2] }, { kind: 'max-pool', window: [2] }, phi('split-tanh'), pool, dense(1))],
    ['transposed convolution', graph([3, 2], { kind: 'conv-transpose', channels: 2, kernel: [3], stride: [2], padding: [1] }, phi('cardioid'), pool, dense(1))],
    ...['modulus', 'parts'].map((by, k): [string, ModelGraph] => [`layer norm, ${by}`, graph([3], dense(5), { kind: 'layer-norm', power: k + 1 }, phi('split-tanh'), dense(1))]),
    ...['naive', 'whitening'].map((mode): [string, ModelGraph] => [`batch norm, ${mode}`, graph([3], dense(4), { kind: 'batch-norm', mode }, phi('cardioid'), dense(1))]),
    ['a sum and joined branches', graph([3], dense(4), { kind: 'residual', branch: [phi('split-tanh'), dense(4)] }, { kind: 'concat', branches: [[], [phi('cardioid'), dense(2)]] }, dense(1))],
    ['an embedding', graph([4], { kind: 'embedding', vocabulary: 5, units: 3, field: 'complex' }, phi('split-tanh'), pool, dense(1))],
  ];
  for (const [name, g] of twins) {
    test(`real twin: ${name}`, async () => {
      const inputs = g.layers[0]!.kind === 'embedding' ? inputsOf(g.inputShape!, Array.from({ length: 20 }, (_, k) => (3 * k + (k >> 2)) % 5), null) : drawnInputs(g.inputShape!, 5, 'complex');
      const { network, blocks } = await kernels(g, inputs, { twin: 'double-widths', batchNorm: 'training' });
      assert.ok(network.tensors.some((t) => t.field === 'free') && network.tensors.every((t) => t.field !== 'complex'));
      assert.equal(network.form.complex, false);
      const want = await byDifferences(network, inputs);
      assert.ok(relative(blocks.rr, want) < 1e-3, `${relative(blocks.rr, want)}`);
    });
  }

  test('a complex gated cell has no real twin, and the reason is told', () => {
    for (const cell of ['gru', 'lstm']) {
      const g = graph([4, 3], { kind: 'rnn', cell, units: 3 }, dense(1));
      const inputs = drawnInputs([4, 3], 3, 'complex');
      assert.doesNotThrow(() => buildNetwork(g, inputs));
      assert.throws(() => buildNetwork(g, inputs, { twin: 'double-widths' }), /rnn1.*gates multiply complex numbers/);
    }
  });

  test('a layer with units inside keeps them where it ends the network', async () => {
    for (const [last, tensor] of [[{ kind: 'rnn', units: 6, activation: { name: 'split-tanh' } }, 'recurrent'], [{ kind: 'rnn', cell: 'gru', units: 6 }, 'recurrent'], [attention({ units: 6 }), 'output']] as const) {
      const g = graph([4, 3], last);
      const inputs = drawnInputs([4, 3], 3, 'complex');
      const fans = (more: Partial<BuildOptions>) => {
        const { form, tensors, width } = buildNetwork(g, inputs, more);
        return [form.channels, tensors.find((t) => t.name === tensor)!.fan, width];
      };
      assert.deepEqual(fans({}), [6, 6, 6]);
      assert.deepEqual(fans({ outputs: 1 }), [1, 6, 6]);
      assert.deepEqual(fans({ outputs: 2, width: 10 }), [2, 10, 10]);
      const { network, blocks } = await kernels(g, inputs, { outputs: 1 });
      const want = await byDifferences(network, inputs);
      assert.ok(relative(whole(blocks, 3), want) < 1e-3, `${relative(whole(blocks, 3), want)}`);
    }
  });

  const tanh = phi('split-tanh');
  const cell = (name: string) => ({ kind: 'rnn', cell: name, units: 3, returns: 'sequence', recurrentBiasVariance: 0.1 });
  const conv = { kind: 'conv1d', channels: 2, kernel: [3], padding: 'same' };
  const unbiased = (g: ModelGraph): ModelGraph => {
    g.layers.find((n) => n.kind === 'batch-norm')!.parameters.unbiased = true;
    return g;
  };
  const shared: [string, number[], () => ModelGraph, number][] = [
    ['a convolution used twice', [5, 2], () => sharing(graph([5, 2], conv, tanh, conv, phi('split-sigmoid'), { kind: 'flatten' }, dense(1)), 'conv1d'), 2],
    ['a dense layer used twice on vectors', [3], () => sharing(graph([3], dense(3), tanh, dense(3), tanh, dense(1)), 'dense'), 2],
    ['attention used twice', [3, 4], () => sharing(graph([3, 4], attention(), tanh, attention(), pool, dense(1)), 'attention'), 5],
    ['a GRU used twice', [3, 3], () => sharing(graph([3, 3], cell('gru'), cell('gru'), pool, dense(1)), 'rnn'), 3],
    ['an LSTM used twice', [3, 3], () => sharing(graph([3, 3], cell('lstm'), cell('lstm'), pool, dense(1)), 'rnn'), 3],
    ['batch norm by the unbiased covariance', [3], () => unbiased(graph([3], dense(3), { kind: 'batch-norm', mode: 'whitening', gamma: 0.7 }, tanh, dense(1))), 2],
  ];
  for (const [name, shape, make, tensors] of shared) {
    test(`against differences: ${name}`, async () => {
      const inputs = drawnInputs(shape, 4, 'complex');
      const { network, blocks } = await kernels(make(), inputs, { batchNorm: 'training' });
      assert.equal(network.tensors.length, tensors);
      const got = whole(blocks, inputs.samples);
      const want = await byDifferences(network, inputs);
      assert.ok(relative(got, want) < 1e-3, `${relative(got, want)}`);
    });
  }
});
