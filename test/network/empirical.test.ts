// Kernels of drawn networks against two other routes: differences of the network by its definition, and the float64 oracle of test/kernel/finite.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { activationOf, activations } from '../../src/catalog/activations/index.ts';
import type { FiniteOptions } from '../../src/contract/finite.ts';
import type { ModelGraph } from '../../src/contract/graph.ts';
import type { InputSet } from '../../src/contract/inputs.ts';
import type { ComplexMatrix } from '../../src/contract/matrix.ts';
import { buildNetwork, drawNetwork, empiricalKernels, openBackend, type Backend, type FiniteNetwork } from '../../src/network/index.ts';
import type { Tensor } from '../../src/network/tensors.ts';
import { architectures, conv, dense, flatten, phi } from '../kernel/finite/architectures.ts';
import { buildFinite, drawNetwork as drawOracle, empiricalKernels as oracleKernels } from '../kernel/finite/network.ts';
import { drawnInputs, graphOf, type Specification } from '../kernel/finite/specification.ts';
import { chainOf, drawn, gaussianInputs, immediately, options, relative } from './networks.ts';

let backend: Backend;
before(async () => { backend = await openBackend('wasm', options); });
after(() => backend.dispose());

type Sample = [number, number][];
/** The arrays of one tensor in float64, moved about by the differences. */
type Numbers = Record<'re' | 'im' | 'biasRe' | 'biasIm', Float64Array | null> & { tensor: Tensor };

/** f(x) of a chain in float64, straight from the definition, all samples together for the sake of batch norm. */
function forward(graph: ModelGraph, numbers: Numbers[], samples: Sample[], coupled: boolean): [number, number][] {
  let z = samples;
  let next = 0;
  for (const node of graph.layers) {
    if (node.kind === 'dense') {
      const w = numbers[next++]!;
      z = z.map((x) => times(w, x));
    } else if (node.kind === 'batch-norm') {
      if (coupled) z = normalised(z, 1e-5);
    } else {
      const phi = activationOf(node.name!, node.parameters)!;
      const out = new Float64Array(6);
      z = z.map((x) => x.map(([a, b]): [number, number] => {
        phi.evaluate(a, b, { ...phi.parameters, ...(node.parameters as Record<string, number>) }, out);
        return [out[0]!, out[1]!];
      }));
    }
  }
  return z.map((x) => x[0]!);
}

function times({ tensor: t, re, im, biasRe, biasIm }: Numbers, x: Sample): Sample {
  const free = t.field === 'free';
  // Free weights read all real parts, then all imaginary ones, and make the same.
  const from: Sample = free && t.fan === 2 * x.length ? [...x.map(([a]): [number, number] => [a, 0]), ...x.map(([, b]): [number, number] => [b, 0])] : x;
  const h = Array.from({ length: t.out }, (_, k): [number, number] => {
    let [a, b] = [biasRe?.[k] ?? 0, biasIm?.[k] ?? 0];
    for (const [j, [p, q]] of from.entries()) {
      const [u, v] = [re![j * t.out + k]!, im?.[j * t.out + k] ?? 0];
      a += u * p - v * q;
      b += u * q + v * p;
    }
    return [a, b];
  });
  if (!free || t.out % 2 === 1) return h;
  const half = t.out / 2;
  return Array.from({ length: half }, (_, k): [number, number] => [h[k]![0], h[half + k]![0]]);
}

/** Each part of each channel to mean 0 and variance 1 over the samples. */
function normalised(z: Sample[], epsilon: number): Sample[] {
  const out = z.map((x) => x.map((): [number, number] => [0, 0]));
  for (let c = 0; c < z[0]!.length; c++) {
    for (const part of [0, 1] as const) {
      const values = z.map((x) => x[c]![part]);
      const mean = values.reduce((a, b) => a + b) / values.length;
      const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
      values.forEach((v, i) => { out[i]![c]![part] = (v - mean) / Math.sqrt(variance + epsilon); });
    }
  }
  return out;
}

/** sum df conj df' and sum df df' over the trained numbers, by central differences with respect to each: w = sqrt(rate) omega. */
function byDefinition(graph: ModelGraph, network: FiniteNetwork, inputs: InputSet) {
  const n = inputs.samples;
  const d = inputs.re.length / n;
  const x = Array.from({ length: n }, (_, i) => Array.from({ length: d }, (_, k): [number, number] => [inputs.re[i * d + k]!, inputs.im[i * d + k]!]));
  const double = (a: Float32Array | null) => a && Float64Array.from(a);
  const numbers = network.tensors.map((tensor): Numbers => ({ tensor, re: double(tensor.re), im: double(tensor.im), biasRe: double(tensor.biasRe), biasIm: double(tensor.biasIm) }));
  const empty = () => ({ re: new Float64Array(n * n), im: new Float64Array(n * n) });
  const [ntk, pseudo] = [empty(), empty()];
  const step = 1e-5;
  for (const own of numbers) {
    for (const part of ['re', 'im', 'biasRe', 'biasIm'] as const) {
      const values = own[part];
      if (!values) continue;
      const scale = Math.sqrt(part.startsWith('bias') ? own.tensor.biasRate : own.tensor.rate);
      for (let k = 0; k < values.length; k++) {
        const was = values[k]!;
        values[k] = was + step * scale;
        const up = forward(graph, numbers, x, network.coupled);
        values[k] = was - step * scale;
        const down = forward(graph, numbers, x, network.coupled);
        values[k] = was;
        const row = up.map(([a, b], i) => [(a - down[i]![0]) / (2 * step), (b - down[i]![1]) / (2 * step)] as const);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            const [[a, b], [c, e]] = [row[i]!, row[j]!];
            ntk.re[i * n + j]! += a * c + b * e;
            ntk.im[i * n + j]! += b * c - a * e;
            pseudo.re[i * n + j]! += a * c - b * e;
            pseudo.im[i * n + j]! += a * e + b * c;
          }
        }
      }
    }
  }
  return { ntk, pseudo };
}

type Kernels = { ntk: ComplexMatrix; pseudo: ComplexMatrix | null };
function assertSame(got: Kernels, want: { ntk: Pick<Required<ComplexMatrix>, 're' | 'im'>; pseudo: Pick<Required<ComplexMatrix>, 're' | 'im'> }, tolerance: number): void {
  const scale = want.ntk.re;
  const close = (a: Float64Array, b: Float64Array, what: string): void => assert.ok(relative(a, b, scale) < tolerance, `${what} off by ${relative(a, b, scale)}`);
  close(got.ntk.re, want.ntk.re, 'Re Theta');
  if (!got.pseudo) {
    assert.equal(got.ntk.im, undefined, 'a real output has a real kernel');
    return;
  }
  close(got.ntk.im!, want.ntk.im, 'Im Theta');
  close(got.pseudo.re, want.pseudo.re, 'Re of the pseudo-kernel');
  close(got.pseudo.im!, want.pseudo.im, 'Im of the pseudo-kernel');
}

// zReLU is its own almost-everywhere derivative between the jumps, which differences of this step do not meet either.
describe('kernels equal sums over all trained real numbers', () => {
  // Exponentials of exponentials leave the range of differences and of float32.
  const beyond = (id: string, depth: number): boolean => depth > 1 && /exponential|^(exp|sin|sinh|cosh|gelu|gelu-tanh)-holomorphic/.test(id) && !(depth === 2 && id === 'sin-holomorphic');
  for (const { id, field, output } of activations) {
    for (const [depth, biasVariance] of [[1, 0], [2, 0.3], [3, 0.09]] as const) {
      if (beyond(id, depth)) continue;
      test(`${id}, ${depth} hidden, bias variance ${biasVariance}`, async () => {
        // What makes complex numbers real comes last; after it the layers are real.
        const before = Array.from({ length: depth - 1 }, () => [dense, phi('cardioid')]).flat();
        const graph = output === 'real'
          ? graphOf({ input: [3], defaults: { weightVariance: 1.7, biasVariance }, layers: [...before, dense, phi(id), dense] }) : chainOf(id, depth, 1.7, biasVariance, [3]);
        const inputs = gaussianInputs(4, 3, field, depth);
        const { network, ...kernels } = await drawn(graph, inputs, { width: 5 }, 7, backend);
        assert.equal(kernels.pseudo === null, field === 'real' || output === 'real');
        assertSame(kernels, byDefinition(graph, network, inputs), 2e-5);
      });
    }
  }

  for (const id of ['split-relu', 'cardioid', 'modrelu', 'polar-tanh', 'zrelu', 'abs']) {
    for (const twin of ['same-widths', 'double-widths', 'matched-parameters'] as const) {
      test(`the real twin of ${id}, ${twin}`, async () => {
        const [first, second] = id === 'abs' ? ['cardioid', id] : [id, id];
        const graph = graphOf({ input: [3], defaults: { weightVariance: 1.7, biasVariance: 0.3 }, layers: [dense, phi(first), dense, phi(second), dense] });
        const inputs = gaussianInputs(4, 3, 'complex');
        const { network, ...kernels } = await drawn(graph, inputs, { width: 4, twin }, 2, backend);
        assert.deepEqual(network.tensors.map((t) => t.field), ['free', 'free', id === 'abs' ? 'real' : 'free']);
        assert.equal(kernels.pseudo, null, 'its output is one real number');
        assertSame(kernels, byDefinition(graph, network, inputs), 2e-5);
      });
    }
  }

  for (const [what, finite] of [['NTK', {}], ['standard', { parameterisation: 'standard' }], ['uniform law, real weights', { law: 'library' }]] as const) {
    test(`layers of different variances and activations, some with none: ${what}`, async () => {
      const graph = graphOf({ input: [4], layers: [
        { ...dense, weightVariance: 1.5, realShare: 1 }, phi('split-tanh'), { ...dense, weightVariance: 0.8, biasVariance: 0.4, law: 'uniform', realShare: 0.2 }, phi('siglog', { c: 0.5, r: 2 }),
        { ...dense, weightVariance: 1.1 }, { ...dense, weightVariance: 2.5, biasVariance: 0.1 }, phi('modrelu', { bias: -0.2 }), { ...dense, weightVariance: 1, law: 'uniform' },
      ] });
      const inputs = gaussianInputs(3, 4, 'complex');
      const { network, ...kernels } = await drawn(graph, inputs, { width: 6, ...finite }, 3, backend);
      assertSame(kernels, byDefinition(graph, network, inputs), 2e-5);
    });
  }

  for (const [twin, field] of [[null, 'complex'], ['double-widths', 'complex'], [null, 'real']] as const) {
    test(`batch norm in training, where each output depends on all samples: ${field}${twin ? ', real twin' : ''}`, async () => {
      const [bend, soft] = field === 'complex' ? ['cardioid', 'split-tanh'] : ['gelu', 'tanh'];
      const graph = graphOf({ field, input: [3], defaults: { weightVariance: 1.4, biasVariance: 0.2 }, layers: [dense, { kind: 'batch-norm' }, phi(soft), dense, phi(bend), { kind: 'batch-norm' }, dense] });
      const inputs = gaussianInputs(5, 3, field);
      const { network, ...kernels } = await drawn(graph, inputs, { width: 4, batchNorm: 'training', twin }, 5, backend);
      assert.equal(network.coupled, true);
      assertSame(kernels, byDefinition(graph, network, inputs), 1e-4);
      assert.equal(backend.tf.memory().numTensors, 0);
      const alone = await drawn(graph, inputs, { width: 4, twin }, 5, backend);
      assert.equal(alone.network.coupled, false, 'not so in evaluation');
      assert.ok(relative(alone.ntk.re, kernels.ntk.re) > 0.01);
    });
  }

  test('one linear layer: Theta is the input kernel, whatever the weights', async () => {
    const inputs = gaussianInputs(3, 7, 'complex');
    const { ntk, pseudo } = await drawn(chainOf('identity', 0, 3, 0.5, [7]), inputs, {}, 0, backend);
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

/** The oracle's network and ours with the weights that it drew: [out, fan] there, [fan, out] here. */
async function beside(spec: Specification, inputs: InputSet, width: number, seed: number) {
  const graph = graphOf(spec);
  const oracle = buildFinite(graph, inputs, width);
  drawOracle(oracle, seed);
  // The oracle divides by the modulus for power 2 as well, where libraries divide each part by its own deviation.
  const layers = graph.layers.map((l) => (l.kind === 'layer-norm' && l.parameters.mode === 'parts' && l.field === 'complex' ? { ...l, parameters: { ...l.parameters, mode: 'modulus', gamma: Math.SQRT2 } } : l));
  const network = buildNetwork({ ...graph, layers }, inputs, { width, outputs: 1 });
  await drawNetwork(network, seed);
  for (const layer of oracle.layers) {
    const own = network.tensors.filter((t) => t.layer === layer.id);
    assert.equal(own.length, layer.weights.length, layer.id);
    for (const [k, t] of own.entries()) {
      const w = layer.weights[k]!;
      assert.deepEqual([t.fan, t.out, t.im !== null], [w.fan, w.out, w.complex], `${layer.id} ${t.name}`);
      assert.ok(Math.abs(t.rate / (w.square / (w.complex ? 2 : 1)) - 1) < 1e-12, 'the variance of one number');
      for (let o = 0, at = 0; o < w.out; o++) {
        for (let f = 0; f < w.fan; f++, at++) {
          t.re[f * w.out + o] = w.wr[at]!;
          if (t.im) t.im[f * w.out + o] = w.wi[at]!;
        }
      }
      t.biasRe?.set(w.br);
      t.biasIm?.set(w.bi);
    }
  }
  const got = await empiricalKernels(network, inputs, backend, immediately);
  return { got, want: oracleKernels(oracle, ['pseudo']), network };
}

describe('the float64 oracle with the same weights', () => {
  for (const { name, spec, inputField, samples } of architectures) {
    test(name, async () => {
      const { got, want } = await beside(spec, drawnInputs(spec.input, samples + 1, inputField), 8, 4);
      assertSame(got, want, 3e-5);
      assert.equal(backend.tf.memory().numTensors, 0);
    });
  }

  test('inputs longer than the sums that float32 is trusted with', async () => {
    const { got, want } = await beside({ input: [5000], layers: [dense, phi('split-tanh'), dense] }, gaussianInputs(3, 5000, 'complex'), 40, 1);
    assertSame(got, want, 1e-5);
  });

  test('gradients of more numbers than are held at once', async () => {
    const spec = { input: [3, 3, 2], layers: [conv([3, 3]), phi('cardioid'), conv([3, 3]), phi('split-relu'), flatten, dense] };
    const { got, want } = await beside(spec, drawnInputs(spec.input, 24, 'complex'), 80, 1);
    assertSame(got, want, 1e-5);
    assert.equal(backend.tf.memory().numTensors, 0);
  });
});

describe('properties', () => {
  const settings: [string, number, Partial<FiniteOptions>][] = [['split-relu', 40, {}], ['cardioid', 40, { batchNorm: 'training' }], ['polar-tanh', 40, {}], ['zrelu', 40, {}], ['relu', 40, {}]];
  for (const [id, width, finite] of settings) {
    test(`${id}${finite.batchNorm ? ', batch norm in training' : ''}: Hermitian and positive semi-definite, more samples than inputs`, async () => {
      const n = 24;
      const field = id === 'relu' ? 'real' : 'complex';
      const norm = finite.batchNorm ? [{ kind: 'batch-norm' }] : [];
      const graph = graphOf({ field, input: [5], defaults: { weightVariance: 2, biasVariance: 0.1 }, layers: [dense, ...norm, phi(id), dense, phi(id), dense] });
      const { ntk, pseudo } = await drawn(graph, gaussianInputs(n, 5, field), { width, ...finite }, 2, backend);
      const im = ntk.im ?? new Float64Array(n * n);
      // Products of rows in other orders may round to the neighbouring float.
      const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) <= 1e-6 * Math.abs(ntk.re[0]!), `${a} and ${b}`);
      // A Hermitian H is PSD exactly where the real symmetric [[Re, -Im], [Im, Re]] is.
      const whole = Matrix.zeros(2 * n, 2 * n);
      for (let i = 0; i < n; i++) {
        near(im[i * n + i]!, 0);
        for (let j = 0; j < n; j++) {
          near(ntk.re[i * n + j]!, ntk.re[j * n + i]!);
          near(im[i * n + j]!, -im[j * n + i]!);
          if (pseudo) near(pseudo.re[i * n + j]!, pseudo.re[j * n + i]!);
          if (pseudo) near(pseudo.im![i * n + j]!, pseudo.im![j * n + i]!);
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
      const graph = chainOf(id, 2, 2, 0, [5]);
      const n = 6;
      const inputs = gaussianInputs(n, 5, 'complex');
      const turned = { ...inputs, re: inputs.re.slice(), im: inputs.im.slice() };
      const angle = (i: number): number => 0.4 + 1.1 * i;
      for (let k = 0; k < n * 5; k++) {
        const [c, s] = [Math.cos(angle(Math.floor(k / 5))), Math.sin(angle(Math.floor(k / 5)))];
        turned.re[k] = c * inputs.re[k]! - s * inputs.im[k]!;
        turned.im[k] = c * inputs.im[k]! + s * inputs.re[k]!;
      }
      const was = (await drawn(graph, inputs, { width: 30 }, 4, backend)).ntk as Required<ComplexMatrix>;
      const now = (await drawn(graph, turned, { width: 30 }, 4, backend)).ntk as Required<ComplexMatrix>;
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

  test('homogeneous activations without bias: inputs times c give c^2 times Theta', async () => {
    for (const id of ['split-relu', 'cardioid', 'zrelu']) {
      const graph = chainOf(id, 3, 2, 0, [5]);
      const inputs = gaussianInputs(6, 5, 'complex');
      const larger = { ...inputs, re: inputs.re.map((v) => 3 * v), im: inputs.im.map((v) => 3 * v) };
      const was = (await drawn(graph, inputs, { width: 20 }, 4, backend)).ntk;
      const now = (await drawn(graph, larger, { width: 20 }, 4, backend)).ntk;
      assert.ok(relative(now.re, was.re.map((v) => 9 * v)) < 1e-5, id);
    }
  });

  test('a real twin with matched parameters has as many trained numbers within 2 %', () => {
    for (const spec of [
      { input: [6], layers: [dense, phi('cardioid'), dense, phi('cardioid'), dense] },
      { input: [5, 5, 2], layers: [conv([3, 3]), phi('split-relu'), conv([3, 3]), phi('split-relu'), { kind: 'global-average-pool' }, dense] },
      { input: [6], defaults: { biasVariance: 0.1 }, layers: [dense, { kind: 'residual', branch: [phi('modrelu'), dense] }, phi('modrelu'), dense] },
    ]) {
      const graph = graphOf(spec);
      const inputs = { shape: spec.input, field: 'complex' } as const;
      for (const width of [64, 200]) {
        const of = (twin: 'same-widths' | 'double-widths' | 'matched-parameters' | null): number => buildNetwork(graph, inputs, { width, outputs: 3, twin }).parameters;
        const own = of(null);
        assert.ok(Math.abs(of('matched-parameters') / own - 1) < 0.02, `${of('matched-parameters')} for ${own}`);
        assert.ok(of('same-widths') < own && of('double-widths') > own);
      }
    }
  });
});
