// The empirical NTK against brute-force differences of the network itself, and its properties.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { activations } from '../../src/catalog/activations/index.ts';
import type { ComplexMatrix } from '../../src/contract/matrix.ts';
import { drawWeights, empiricalNtk, openBackend, type Backend, type DenseNetwork, type LayerWeights } from '../../src/network/index.ts';
import { gaussianInputs, immediately, networkOf, options, relative } from './networks.ts';

let backend: Backend;
before(async () => { backend = await openBackend('wasm', options); });
after(() => backend.dispose());

/** f(x) in float64, straight from the definition, one sample at a time. `weights` hold any arrays of numbers. */
function forward(network: DenseNetwork, weights: Record<'p' | 'q' | 'biasP' | 'biasQ', Float64Array>[], sizes: LayerWeights[], re: ArrayLike<number>, im: ArrayLike<number>): [number, number] {
  let z = Array.from(re, (x, i): [number, number] => [x, im[i]!]);
  const complex = network.field === 'complex';
  for (const [l, layer] of network.layers.entries()) {
    const { units, fanIn } = sizes[l]!;
    const { p, q, biasP, biasQ } = weights[l]!;
    const half = complex ? 2 : 1;
    const c = Math.sqrt(layer.weightVariance / fanIn / half);
    const b = Math.sqrt(layer.biasVariance / half);
    const h: [number, number][] = [];
    for (let k = 0; k < units; k++) {
      let x = b * (biasP[k] ?? 0);
      let y = b * (biasQ[k] ?? 0);
      for (let j = 0; j < fanIn; j++) {
        const [wr, wi] = [c * p[k * fanIn + j]!, complex ? c * q[k * fanIn + j]! : 0];
        x += wr * z[j]![0] - wi * z[j]![1];
        y += wr * z[j]![1] + wi * z[j]![0];
      }
      if (layer.activation) {
        const out = new Float64Array(6);
        layer.activation.evaluate(x, y, layer.parameters, out);
        [x, y] = [out[0]!, out[1]!];
      }
      h.push([x, y]);
    }
    z = h;
  }
  return z[0]!;
}

/** Central differences of f with respect to every real parameter: [parameter][sample]. */
function jacobian(network: DenseNetwork, drawn: LayerWeights[], inputs: { samples: number; re: Float64Array; im: Float64Array }): [number, number][][] {
  const none = new Float64Array(0);
  const weights = drawn.map((w) => ({
    p: Float64Array.from(w.p), q: w.q ? Float64Array.from(w.q) : none,
    biasP: w.biasP ? Float64Array.from(w.biasP) : none, biasQ: w.biasQ ? Float64Array.from(w.biasQ) : none,
  }));
  const d = inputs.re.length / inputs.samples;
  const all = (): [number, number][] => Array.from({ length: inputs.samples }, (_, i) =>
    forward(network, weights, drawn, inputs.re.subarray(i * d, (i + 1) * d), inputs.im.subarray(i * d, (i + 1) * d)));
  const step = 1e-5;
  const rows: [number, number][][] = [];
  for (const w of weights) {
    for (const values of [w.p, w.q, w.biasP, w.biasQ]) {
      for (let k = 0; k < values.length; k++) {
        const was = values[k]!;
        values[k] = was + step;
        const up = all();
        values[k] = was - step;
        const down = all();
        values[k] = was;
        rows.push(up.map(([x, y], i) => [(x - down[i]![0]) / (2 * step), (y - down[i]![1]) / (2 * step)]));
      }
    }
  }
  return rows;
}

function byDefinition(rows: [number, number][][], n: number) {
  const ntk = { re: new Float64Array(n * n), im: new Float64Array(n * n) };
  const pseudo = { re: new Float64Array(n * n), im: new Float64Array(n * n) };
  for (const row of rows) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const [[a, b], [c, d]] = [row[i]!, row[j]!];
        ntk.re[i * n + j]! += a * c + b * d;
        ntk.im[i * n + j]! += b * c - a * d;
        pseudo.re[i * n + j]! += a * c - b * d;
        pseudo.im[i * n + j]! += a * d + b * c;
      }
    }
  }
  return { ntk, pseudo };
}

// zReLU is its own almost-everywhere derivative between the jumps, which differences of this step do not meet either.
describe('structured products equal sums over all real parameters', () => {
  // Exponentials of exponentials leave the range of differences and of float32; one preactivation stands on a bend.
  const beyond = (id: string, depth: number): boolean =>
    (depth > 1 && /exponential|^(exp|sinh|cosh|gelu|gelu-tanh)-holomorphic/.test(id)) || (depth === 3 && id === 'split-softshrink');
  for (const { id, field } of activations) {
    for (const [depth, biasVariance] of [[1, 0], [2, 0.3], [3, 0.09]] as const) {
      if (beyond(id, depth)) continue;
      test(`${id}, ${depth} hidden, bias variance ${biasVariance}`, async () => {
        const network = networkOf(id, depth, 1.7, biasVariance);
        const inputs = gaussianInputs(4, 3, field, depth);
        const weights = await drawWeights(network, 3, 5, 7, immediately);
        const { ntk, pseudo } = await empiricalNtk(network, weights, inputs, backend, immediately);
        const want = byDefinition(jacobian(network, weights, inputs), 4);
        assert.ok(relative(ntk.re, want.ntk.re) < 2e-5, `Re Theta off by ${relative(ntk.re, want.ntk.re)}`);
        if (field === 'real') {
          assert.equal(ntk.im, undefined);
          assert.equal(pseudo, null);
          return;
        }
        const scale = want.ntk.re;
        assert.ok(relative(ntk.im!, want.ntk.im, scale) < 2e-5, `Im Theta off by ${relative(ntk.im!, want.ntk.im, scale)}`);
        assert.ok(relative(pseudo!.re, want.pseudo.re, scale) < 2e-5, `Re of the pseudo-kernel off by ${relative(pseudo!.re, want.pseudo.re, scale)}`);
        assert.ok(relative(pseudo!.im!, want.pseudo.im, scale) < 2e-5, `Im of the pseudo-kernel off by ${relative(pseudo!.im!, want.pseudo.im, scale)}`);
      });
    }
  }

  test('layers of different variances and activations, some with none', async () => {
    const mixed: DenseNetwork = { field: 'complex', layers: [
      ...networkOf('split-tanh', 1, 1.5, 0).layers.slice(0, 1),
      ...networkOf('siglog', 1, 0.8, 0.4, { c: 0.5, r: 2 }).layers, // ends in a linear layer
      ...networkOf('modrelu', 1, 2.5, 0.1, { bias: -0.2 }).layers,
    ] };
    const inputs = gaussianInputs(3, 4, 'complex');
    const weights = await drawWeights(mixed, 4, 6, 3, immediately);
    const { ntk, pseudo } = await empiricalNtk(mixed, weights, inputs, backend, immediately);
    const want = byDefinition(jacobian(mixed, weights, inputs), 3);
    assert.ok(relative(ntk.re, want.ntk.re) < 2e-5);
    assert.ok(relative(ntk.im!, want.ntk.im, want.ntk.re) < 2e-5);
    assert.ok(relative(pseudo!.im!, want.pseudo.im, want.ntk.re) < 2e-5);
  });

  test('one linear layer: Theta is the input kernel, whatever the weights', async () => {
    const network = networkOf('identity', 0, 3, 0.5);
    const inputs = gaussianInputs(3, 7, 'complex');
    const { ntk, pseudo } = await empiricalNtk(network, await drawWeights(network, 7, 1, 0, immediately), inputs, backend, immediately);
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        let [re, im] = [0.5, 0];
        for (let k = 0; k < 7; k++) {
          const [a, b, c, d] = [inputs.re[i * 7 + k]!, inputs.im[i * 7 + k]!, inputs.re[j * 7 + k]!, inputs.im[j * 7 + k]!];
          re += (3 / 7) * (a * c + b * d);
          im += (3 / 7) * (b * c - a * d);
        }
        assert.ok(Math.abs(ntk.re[i * 3 + j]! - re) < 1e-5);
        assert.ok(Math.abs(ntk.im![i * 3 + j]! - im) < 1e-5);
      }
    }
    assert.ok(pseudo!.re.every((v) => v === 0) && pseudo!.im!.every((v) => v === 0), 'f is holomorphic in its weights');
  });
});

describe('properties', () => {
  for (const id of ['split-relu', 'cardioid', 'polar-tanh', 'zrelu', 'relu']) {
    test(`${id}: Hermitian and positive semi-definite, more samples than inputs`, async () => {
      const network = networkOf(id, 2, 2, 0.1);
      const n = 24;
      const inputs = gaussianInputs(n, 5, network.field);
      const { ntk, pseudo } = await empiricalNtk(network, await drawWeights(network, 5, 40, 2, immediately), inputs, backend, immediately);
      const im = ntk.im ?? new Float64Array(n * n);
      // A Hermitian H is PSD exactly where the real symmetric [[Re, -Im], [Im, Re]] is.
      const whole = Matrix.zeros(2 * n, 2 * n);
      for (let i = 0; i < n; i++) {
        assert.equal(im[i * n + i], 0);
        for (let j = 0; j < n; j++) {
          assert.equal(ntk.re[i * n + j], ntk.re[j * n + i]);
          assert.equal(im[i * n + j]! + im[j * n + i]!, 0);
          if (pseudo) assert.equal(pseudo.im![i * n + j], pseudo.im![j * n + i]);
          whole.set(i, j, ntk.re[i * n + j]!);
          whole.set(n + i, n + j, ntk.re[i * n + j]!);
          whole.set(n + i, j, im[i * n + j]!);
          whole.set(i, n + j, -im[i * n + j]!);
        }
      }
      const values = new EigenvalueDecomposition(whole, { assumeSymmetric: true }).realEigenvalues;
      assert.ok(Math.min(...values) > -1e-5 * Math.max(...values), `smallest eigenvalue ${Math.min(...values)} of ${Math.max(...values)}`);
    });
  }

  for (const id of ['modrelu', 'polar-tanh', 'siglog']) {
    test(`${id} without bias: turning a sample's phase turns its row of Theta`, async () => {
      const network = networkOf(id, 2, 2, 0);
      const n = 6;
      const inputs = gaussianInputs(n, 5, 'complex');
      const turned = { ...inputs, re: inputs.re.slice(), im: inputs.im.slice() };
      const angle = (i: number): number => 0.4 + 1.1 * i;
      for (let k = 0; k < n * 5; k++) {
        const [c, s] = [Math.cos(angle(Math.floor(k / 5))), Math.sin(angle(Math.floor(k / 5)))];
        turned.re[k] = c * inputs.re[k]! - s * inputs.im[k]!;
        turned.im[k] = c * inputs.im[k]! + s * inputs.re[k]!;
      }
      const weights = await drawWeights(network, 5, 30, 4, immediately);
      const was = (await empiricalNtk(network, weights, inputs, backend, immediately)).ntk as Required<ComplexMatrix>;
      const now = (await empiricalNtk(network, weights, turned, backend, immediately)).ntk as Required<ComplexMatrix>;
      const [re, im] = [new Float64Array(n * n), new Float64Array(n * n)];
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const [c, s] = [Math.cos(angle(i) - angle(j)), Math.sin(angle(i) - angle(j))];
          re[i * n + j] = c * was.re[i * n + j]! - s * was.im[i * n + j]!;
          im[i * n + j] = c * was.im[i * n + j]! + s * was.re[i * n + j]!;
        }
      }
      assert.ok(relative(now.re, re) < 1e-4 && relative(now.im, im, re) < 1e-4);
    });
  }

  test('tiles change nothing: inputs longer and wider than one tile', async () => {
    const network = networkOf('split-tanh', 1, 1, 0);
    const inputs = gaussianInputs(2, 1100, 'complex');
    const weights = await drawWeights(network, 1100, 3, 5, immediately);
    const { ntk } = await empiricalNtk(network, weights, inputs, backend, immediately);
    const want = byDefinition(jacobian(network, weights, inputs), 2);
    assert.ok(relative(ntk.re, want.ntk.re) < 2e-5 && relative(ntk.im!, want.ntk.im, want.ntk.re) < 2e-5);
    assert.equal(backend.tf.memory().numTensors, 0);
  });
});
