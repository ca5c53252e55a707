// Kernels of whole dense networks: reference values, the real twin, invariances, refusals.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { activations } from '../../src/catalog/activations/index.ts';
import { Fault } from '../../src/contract/fault.ts';
import type { GraphNode, ModelGraph } from '../../src/contract/graph.ts';
import type { InputSet } from '../../src/contract/inputs.ts';
import type { ComplexMatrix } from '../../src/contract/matrix.ts';
import { compileNetwork, itemsOf, kernelsOf, modalKernel, newJob, openWork, spectrumOf, unhurried, type KernelSet } from '../../src/kernel/index.ts';
import { chained, denseGraph, inputSet, someInputs } from './dense-graph.ts';

const read = (name: string) => JSON.parse(readFileSync(new URL(`../reference/${name}.json`, import.meta.url), 'utf8'));
const asWritten = { weightVariance: null, biasVariance: null };
const analyse = (graph: ModelGraph, inputs: InputSet): Promise<KernelSet> => kernelsOf(compileNetwork(graph, asWritten, inputs.shape), inputs);

/** Largest |got - want| over the largest |want|; `want` is a nested array of numbers or [re, im]. */
function relativeError(got: ComplexMatrix, want: (number | number[])[][]): number {
  let top = 0;
  let error = 0;
  want.forEach((row, i) => row.forEach((w, j) => {
    const [re, im] = typeof w === 'number' ? [w, 0] : [w[0]!, w[1]!];
    const k = i * got.cols + j;
    top = Math.max(top, Math.hypot(re, im));
    error = Math.max(error, Math.hypot(got.re[k]! - re, (got.im?.[k] ?? 0) - im));
  }));
  return error / top;
}

test('every complex network of the reference, within 1e-8 of its largest entry', async () => {
  const rows = read('networks');
  assert.equal(rows.length, 18);
  for (const r of rows) {
    const { kernels } = await analyse(denseGraph(r), inputSet(r.inputs));
    for (const name of ['nngp', 'ntk'] as const) {
      const error = relativeError(kernels[name].matrix!, r[name]);
      assert.ok(error <= 1e-8, `${r.activation} depth ${r.depth} ${name}: ${error}`);
      assert.ok(kernels[name].error! <= 1e-8);
      if (process.env.COMPLEX_NTK_PRINT) console.log(r.activation, r.depth, name, error.toExponential(1), 'stated', kernels[name].error!.toExponential(1));
    }
  }
});

test('real dense networks of the reference', async () => {
  const rows = read('real-architectures').filter((r: { layers: { kind: string }[] }) => r.layers.every((l) => l.kind === 'dense' || l.kind === 'activation'));
  assert.deepEqual(rows.map((r: { name: string }) => r.name), ['mlp-relu-10', 'mlp-gelu-3']);
  for (const r of rows) {
    const activation = r.layers[1].name;
    const depth = r.layers.filter((l: { kind: string }) => l.kind === 'activation').length;
    const { kernels } = await analyse(denseGraph({ ...r, activation, depth }), inputSet(r.inputs));
    for (const name of ['nngp', 'ntk'] as const) assert.ok(relativeError(kernels[name].matrix!, r[name]) <= 1e-8, `${r.name} ${name}`);
    assert.equal(kernels.ntk.matrix!.im, undefined);
    assert.equal(kernels.twinNtk.matrix, null);
    assert.match(kernels.twinNtk.reason!, /own twin/);
  }
});

// Exponentials of exponentials leave the range of numbers within two layers; general functions with kinks take seconds a pair
// and have tests of their own.
const structured = (a: (typeof activations)[number]) => Boolean(a.scalar ?? a.angular ?? a.radial ?? a.holomorphic) || !a.kinks;
const complex = activations.filter((a) => a.field === 'complex' && a.output !== 'real' && structured(a) && a.limit(a.parameters).exists === 'ntk' && !/exp|sinh|cosh|^sin|^cos|square|polynomial/.test(a.id));

test('kernels are Hermitian and positive semi-definite, for every activation', async () => {
  const inputs = someInputs(7, 5);
  for (const a of complex) {
    const { kernels } = await analyse(denseGraph({ activation: a.id, depth: 2, weightVariance: 1.7, biasVariance: 0.1 }), inputs);
    for (const name of ['nngp', 'ntk', 'twinNngp', 'twinNtk'] as const) {
      const { re, im, rows: n } = kernels[name].matrix!;
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) assert.ok(re[i * n + j] === re[j * n + i] && im![i * n + j] === -im![j * n + i]! + 0 || im![i * n + j] === 0, `${a.id} ${name}`);
      const { eigenvalues, error } = await spectrumOf(await modalKernel(kernels[name], unhurried), 'complex', unhurried);
      assert.ok(eigenvalues[0]! >= -error - 1e-10 * eigenvalues.at(-1)!, `${a.id} ${name}: ${eigenvalues[0]}`);
    }
  }
});

test('the twin of a split network is twice the kernel of the real network on [Re x, Im x]', async () => {
  const inputs = someInputs(5, 4, 3);
  const { samples: n } = inputs;
  const stacked = inputSet(Array.from({ length: n }, (_, i) => [...inputs.re.slice(i * 4, i * 4 + 4), ...inputs.im.slice(i * 4, i * 4 + 4)]));
  for (const g of ['relu', 'gelu', 'erf', 'tanh']) {
    const split = await analyse(denseGraph({ activation: `split-${g}`, depth: 2, weightVariance: 1.5, biasVariance: 0.3 }), inputs);
    const real = await analyse(denseGraph({ activation: g, depth: 2, weightVariance: 1.5, biasVariance: 0.15, field: 'real' }), stacked);
    for (const name of ['nngp', 'ntk'] as const) {
      const twin = split.kernels[name === 'ntk' ? 'twinNtk' : 'twinNngp'].matrix!;
      const own = split.kernels[name].matrix!;
      const half = real.kernels[name].matrix!;
      for (let k = 0; k < n * n; k++) {
        assert.ok(Math.abs(twin.re[k]! / 2 - half.re[k]!) < 1e-9, `${g} ${name} twin`);
        assert.ok(Math.abs(own.re[k]! / 2 - half.re[k]!) < 1e-9, `${g} ${name} real part`);
      }
    }
    assert.ok(split.realChannelGap.value! < 1e-9);
    assert.ok(split.phaseCoupling.value! > 1e-3);
  }
});

test('a turn of every sample by its own phase turns the kernel of an equivariant network without biases', async () => {
  const inputs = someInputs(5, 3, 9);
  const angles = [0, 0.7, -2, 3, 1.3];
  const turned = { ...inputs, re: inputs.re.slice(), im: inputs.im.slice() };
  inputs.re.forEach((x, k) => {
    const t = angles[Math.floor(k / 3)]!;
    const y = inputs.im[k]!;
    turned.re[k] = x * Math.cos(t) - y * Math.sin(t);
    turned.im[k] = x * Math.sin(t) + y * Math.cos(t);
  });
  for (const a of complex.filter((x) => x.structure.includes('equivariant'))) {
    const graph = denseGraph({ activation: a.id, depth: 2, weightVariance: 1.4, biasVariance: 0 });
    const [one, two] = [await analyse(graph, inputs), await analyse(graph, turned)];
    const [p, q] = [one.kernels.ntk.matrix!, two.kernels.ntk.matrix!];
    for (let i = 0; i < 5; i++) for (let j = 0; j < 5; j++) {
      const k = i * 5 + j;
      const t = angles[i]! - angles[j]!;
      assert.ok(Math.hypot(p.re[k]! * Math.cos(t) - p.im![k]! * Math.sin(t) - q.re[k]!, p.re[k]! * Math.sin(t) + p.im![k]! * Math.cos(t) - q.im![k]!) < 1e-9, a.id);
    }
    assert.ok(Math.abs(one.inputs.triplePhase.value! - two.inputs.triplePhase.value!) < 1e-12);
    assert.ok(Math.abs(one.inputs.phaseContent.value! - two.inputs.phaseContent.value!) > 1e-3);
  }
});

test('real inputs: no phase, no gap, no coupling', async () => {
  const inputs = someInputs(6, 4);
  inputs.im.fill(0);
  for (const a of complex) {
    const set = await analyse(denseGraph({ activation: a.id, depth: 2, weightVariance: 1.5, biasVariance: 0.1 }), inputs);
    assert.ok(set.inputs.phaseContent.value === 0 && set.realChannelGap.value! < 1e-12 && set.phaseCoupling.value! < 1e-12, a.id);
    assert.ok(Math.abs(set.inputs.circularity.value!) > 0.3);
  }
});

test('a zero sample, repeated samples and samples apart by a phase stay finite', async () => {
  const inputs = inputSet([[[0, 0], [0, 0]], [[1, 2], [0.5, -1]], [[1, 2], [0.5, -1]], [[-2, 1], [1, 0.5]], [[1e-160, 0], [0, 0]]]);
  for (const a of complex) {
    for (const biasVariance of [0, 0.2]) {
      const { kernels } = await analyse(denseGraph({ activation: a.id, depth: 3, weightVariance: 2, biasVariance }), inputs);
      for (const name of ['nngp', 'ntk', 'twinNngp', 'twinNtk'] as const) {
        const { re, im } = kernels[name].matrix!;
        assert.ok(re.every(Number.isFinite) && im!.every(Number.isFinite), `${a.id} ${name} bias ${biasVariance}`);
      }
    }
  }
});

test('an activation without a limit leaves what exists and says why', async () => {
  const inputs = someInputs(3, 3);
  const noNtk = await analyse(denseGraph({ activation: 'modrelu', parameters: { bias: 0.3 }, depth: 2, weightVariance: 1, biasVariance: 0 }), inputs);
  assert.ok(noNtk.kernels.nngp.matrix);
  assert.equal(noNtk.kernels.ntk.matrix, null);
  assert.match(noNtk.kernels.ntk.reason!, /bias 0.3 > 0/);
  assert.equal(noNtk.kernels.ntk.layer, 'activation1');
  assert.equal(noNtk.realChannelGap.value, null);
  const none = await analyse(denseGraph({ activation: 'tanh-holomorphic', depth: 2, weightVariance: 1, biasVariance: 0 }), inputs);
  assert.equal(none.kernels.nngp.matrix, null);
  assert.match(none.kernels.nngp.reason!, /poles/);
});

test('what has no kernel is refused by the layer\'s name', async () => {
  const dense = denseGraph({ activation: 'split-relu', depth: 1, weightVariance: 1, biasVariance: 0 }).layers;
  const node = (kind: GraphNode['kind'], extra: Partial<GraphNode> = {}): GraphNode => ({ id: `${kind}1`, kind, name: null, parameters: {}, field: 'complex', input: null, output: null, span: { line: 7, column: 1, endLine: 7, endColumn: 9 }, ...extra });
  const refused = (layers: GraphNode[], kind: string, words: RegExp) => assert.throws(() => compileNetwork(chained(layers), asWritten, [3]), (e: unknown) => e instanceof Fault && e.kind === kind && words.test(e.message), String(words));
  refused([node('max-pool'), ...dense], 'not-supported', /max-pool1 at line 7.*no dual/);
  refused([dense[0]!, node('attention'), dense[2]!], 'not-supported', /attention1 at line 7.*no Gaussian limit/);
  refused([dense[0]!, node('unresolved', { reason: 'the class Foo is not known', spelling: 'Foo' }), dense[2]!], 'not-supported', /Foo.*line 7.*not known/);
  refused([dense[0]!, dense[1]!, { ...dense[1]!, id: 'activation9' }, dense[2]!], 'not-supported', /activation9.*output of the activation activation1 without weights/);
  refused([{ ...dense[0]!, initialisation: { ...dense[0]!.initialisation!, weightVariance: null } }, dense[1]!, dense[2]!], 'bad-input', /--weight-variance/);
  refused([dense[0]!, { ...dense[1]!, name: 'relu' }, dense[2]!], 'not-supported', /not an activation of complex/);
  refused([node('flatten')], 'not-supported', /no dense layer/);
  refused([dense[0]!, { ...dense[1]!, name: 'modrelu', parameters: { bias: null } }, dense[2]!], 'bad-input', /bias/);
  refused([{ ...dense[0]!, sharedWith: 'dense9' }, dense[1]!, dense[2]!], 'not-supported', /shares its weights with dense9/);
  assert.throws(() => compileNetwork({ ...chained(dense), graph: { inputs: ['dense1'], outputs: [], edges: [['dense1', 'activation1'], ['activation1', 'dense1']] } }, asWritten, [3]), /depends on its own output|not on the way/);
  await assert.rejects(analyse(denseGraph({ activation: 'relu', depth: 1, weightVariance: 1, biasVariance: 0, field: 'real' }), someInputs(2, 2)), /real and the inputs are complex/);
  await assert.rejects(analyse({ ...denseGraph({ activation: 'split-relu', depth: 1, weightVariance: 1, biasVariance: 0 }), inputShape: [5] }, { ...someInputs(2, 4), shape: [5] }), /reads 5 numbers a sample .* has 4/);
});

test('a layer without a bias keeps none when the bias variance is set', () => {
  const graph = denseGraph({ activation: 'split-relu', depth: 1, weightVariance: 1, biasVariance: 0 });
  graph.layers[0]!.parameters.bias = false;
  const { steps } = compileNetwork(graph, { weightVariance: 3, biasVariance: 0.5 }, [3]);
  assert.deepEqual(steps.flatMap(({ rule }) => (rule.kind === 'weighted' ? [[rule.weightVariance, rule.biasVariance]] : [])), [[3, 0], [3, 0.5]]);
});

test('samples apart by a positive factor stay so through bends and jumps, within the stated error', async () => {
  const one = someInputs(1, 128, 7);
  const factors = [1, 0.5, 2, 1.3];
  const rows = factors.map((f) => Array.from(one.re, (x, k) => [f * x, f * one.im[k]!]));
  for (const a of complex.filter((x) => x.structure.includes('homogeneous'))) {
    const { kernels } = await analyse(denseGraph({ activation: a.id, depth: 3, weightVariance: 2, biasVariance: 0 }), inputSet(rows));
    for (const name of ['nngp', 'ntk'] as const) {
      const { matrix, error } = kernels[name];
      const top = matrix!.re[10]!;
      factors.forEach((f, i) => factors.forEach((g, j) => {
        const off = Math.hypot(matrix!.re[i * 4 + j]! - f * g * matrix!.re[0]!, matrix!.im![i * 4 + j]!) / top;
        assert.ok(off <= error!, `${a.id} ${name}: ${off} over ${error}`);
      }));
    }
  }
});

test('a network tabulated over the correlation is the network run pair by pair, within the stated errors', async () => {
  const inputs = someInputs(300, 6, 4);
  const unit = { ...inputs, re: inputs.re.slice(), im: inputs.im.slice() };
  for (let i = 0; i < 300; i++) {
    let square = 0;
    for (let k = 6 * i; k < 6 * i + 6; k++) square += inputs.re[k]! ** 2 + inputs.im[k]! ** 2;
    for (let k = 6 * i; k < 6 * i + 6; k++) {
      unit.re[k]! /= Math.sqrt(square);
      unit.im[k]! /= Math.sqrt(square);
    }
  }
  const cases = [
    { set: inputs, graph: denseGraph({ activation: 'split-relu', depth: 6, weightVariance: 2, biasVariance: 0 }) },
    { set: inputs, graph: denseGraph({ activation: 'split-leaky-relu', parameters: { slope: 0.2 }, depth: 3, weightVariance: 1.5, biasVariance: 0 }) },
    { set: unit, graph: denseGraph({ activation: 'split-tanh', depth: 3, weightVariance: 2, biasVariance: 0.1 }) },
    { set: unit, graph: denseGraph({ activation: 'split-relu', depth: 2, weightVariance: 2, biasVariance: 0.1 }) },
  ];
  for (const { set, graph } of cases) {
    const network = compileNetwork(graph, asWritten, set.shape);
    // Holomorphic backpropagation does not go through the table.
    const [tabulated, direct] = [await kernelsOf(network, set, { kernels: ['nngp', 'ntk'] }), await kernelsOf(network, set, { kernels: ['nngp', 'ntk', 'holomorphicNtk'] })];
    for (const name of ['nngp', 'ntk'] as const) {
      const [x, y] = [tabulated.kernels[name], direct.kernels[name]];
      let [worst, top] = [0, 0];
      for (let k = 0; k < x.matrix!.re.length; k++) {
        worst = Math.max(worst, Math.hypot(x.matrix!.re[k]! - y.matrix!.re[k]!, x.matrix!.im![k]! - y.matrix!.im![k]!));
        top = Math.max(top, Math.hypot(y.matrix!.re[k]!, y.matrix!.im![k]!));
      }
      assert.notEqual(worst, 0, 'the table was not used');
      assert.ok(worst / top <= x.error! + y.error! && worst / top < 1e-10, `${name}: ${worst / top}, stated ${x.error} and ${y.error}`);
    }
  }
});

test('tiles of any order and side by side fill the same matrices', () => {
  const inputs = someInputs(70, 3, 5);
  const network = compileNetwork(denseGraph({ activation: 'cardioid', depth: 2, weightVariance: 2, biasVariance: 0.1 }), asWritten, inputs.shape);
  const run = (backwards: boolean) => {
    const job = newJob(network, inputs, { kernels: ['ntk', 'twinNtk'], make: (length) => new Float64Array(length), inMemory: true });
    const { measure, tiles } = itemsOf(job);
    const work = openWork(job);
    for (let i = 0; i < measure; i++) work.measure(i);
    for (let i = 0; i < tiles; i++) work.tile(backwards ? tiles - 1 - i : i);
    return job;
  };
  const [one, other] = [run(false), run(true)];
  assert.deepEqual(one.matrices, other.matrices);
  assert.deepEqual(one.statistics, other.statistics);
});
