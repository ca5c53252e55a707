// Kernels of architectures: against reference values, against wide finite networks, against their real twins; and what is refused.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Fault } from '../../src/contract/fault.ts';
import type { GraphNode, ModelGraph } from '../../src/contract/graph.ts';
import type { InputSet } from '../../src/contract/inputs.ts';
import type { ComplexMatrix } from '../../src/contract/matrix.ts';
import { compileNetwork, kernelsOf, type KernelSet } from '../../src/kernel/index.ts';
import { architectures, conv, dense, flatten, globalPool, phi } from './finite/architectures.ts';
import { drawnInputs, graphOf, inputsOf, type Specification } from './finite/specification.ts';
import { assertNear, distanceTo, extrapolatedKernels, sampleKernels } from './finite/statistics.ts';

const PRINT = Boolean(process.env.COMPLEX_NTK_PRINT);
/** Relative to the largest modulus; the reference's arccos near the diagonal costs up to 5e-10. */
const REFERENCE = 1e-9;
/** Two routes of this program to one number. */
const IDENTITY = 1e-10;

/** A kernel this far from the NTK must not pass for it, in Frobenius norms. */
const TOLD_APART = 0.2;

const limit = async (graph: ModelGraph, inputs: InputSet): Promise<KernelSet> => kernelsOf(compileNetwork(graph, { weightVariance: null, biasVariance: null }, inputs.shape), inputs);

interface ReferenceRow {
  name: string;
  inputShape: number[];
  weightVariance: number;
  biasVariance: number;
  layers: { kind: string }[];
  inputs: unknown[];
  nngp: number[][];
  ntk: number[][];
}
const references: ReferenceRow[] = JSON.parse(readFileSync(new URL('../reference/real-architectures.json', import.meta.url), 'utf8'));
const matrixOf = (rows: number[][]): ComplexMatrix => ({ rows: rows.length, cols: rows.length, re: Float64Array.from(rows.flat()) });

/** Largest |factor Re got - want| over the largest |want|. */
function relativeError(got: ComplexMatrix, factor: number, want: ComplexMatrix): number {
  const top = Math.max(...want.re.map(Math.abs));
  return Math.max(...want.re.map((w, k) => Math.abs(factor * got.re[k]! - w))) / top;
}

/** The layers with split activations, and layer norm to the power that the network on [Re, Im] has. */
const splitLayers = (layers: object[]): object[] => layers.map((layer) => {
  const l = layer as { kind: string; name?: string; branch?: object[] };
  if (l.kind === 'activation') return { ...l, name: `split-${l.name}` };
  if (l.kind === 'layer-norm') return { ...l, power: 2 };
  return l.branch ? { ...l, branch: splitLayers(l.branch) } : l;
});

test('every real architecture of the reference', async () => {
  assert.equal(references.length, 9);
  for (const r of references) {
    const { kernels } = await limit(graphOf({ field: 'real', input: r.inputShape, defaults: { weightVariance: r.weightVariance, biasVariance: r.biasVariance }, layers: r.layers }), inputsOf(r.inputShape, r.inputs.flat(9) as number[], null));
    for (const name of ['nngp', 'ntk'] as const) {
      const error = relativeError(kernels[name].matrix!, 1, matrixOf(r[name]));
      if (PRINT) console.log(r.name.padEnd(20), name, error.toExponential(1), 'stated', kernels[name].error!.toExponential(1));
      assert.ok(error <= REFERENCE, `${r.name} ${name}: ${error}`);
    }
    assert.equal(kernels.twinNtk.matrix, null);
  }
});

test('the complex network with split activations is twice the real one of the reference on [Re, Im]', async () => {
  for (const r of references) {
    // Re z and Im z are the channels' two halves; an odd channel has none to go with, and its imaginary part is zero.
    const channels = r.inputShape.at(-1)!;
    const half = Math.ceil(channels / 2);
    const values = r.inputs.flat(9) as number[];
    const places = values.length / channels;
    const pick = (offset: number): number[] => Array.from({ length: places * half }, (_, k) => {
      const c = (k % half) + offset;
      return c < channels ? values[Math.floor(k / half) * channels + c]! : 0;
    });
    const shape = [...r.inputShape.slice(0, -1), half];
    const first = r.layers[0]!;
    const layers = [{ ...first, weightVariance: (r.weightVariance * 2 * half) / channels }, ...splitLayers(r.layers.slice(1))];
    const { kernels } = await limit(graphOf({ input: shape, defaults: { weightVariance: r.weightVariance, biasVariance: 2 * r.biasVariance }, layers }), inputsOf(shape, pick(0), pick(half)));
    for (const [name, twin] of [['nngp', 'twinNngp'], ['ntk', 'twinNtk']] as const) {
      const error = relativeError(kernels[name].matrix!, 0.5, matrixOf(r[name]));
      assert.ok(error <= REFERENCE, `${r.name} ${name}: ${error}`);
      assert.ok(kernels[name].matrix!.im!.some((v) => Math.abs(v) > 1e-6), `${r.name}: its inputs have no phase`);
      assert.ok(relativeError(kernels[twin].matrix!, 1, kernels[name].matrix!) <= IDENTITY, `${r.name} ${twin}`);
    }
  }
});

/** Complex inputs with their parts as channels: first all real ones, then all imaginary ones. */
function stacked(inputs: InputSet): InputSet {
  const c = inputs.shape.at(-1)!;
  const re = Array.from({ length: 2 * inputs.re.length }, (_, k) => {
    const [place, channel] = [Math.floor(k / (2 * c)), k % (2 * c)];
    return channel < c ? inputs.re[place * c + channel]! : inputs.im[place * c + channel - c]!;
  });
  return inputsOf([...inputs.shape.slice(0, -1), 2 * c], re, null);
}

/** The same layers for a real network: scalar activations, half the bias variance, layer norm to power 1. */
const realLayers = (layers: object[]): object[] => layers.map((layer) => {
  const l = { ...layer } as { kind: string; name?: string; biasVariance?: number; power?: number; branch?: object[]; shortcut?: object[]; branches?: object[][] };
  if (l.kind === 'activation') l.name = l.name!.replace('split-', '');
  if (l.biasVariance !== undefined) l.biasVariance /= 2;
  if (l.kind === 'layer-norm') l.power = 1;
  for (const list of ['branch', 'shortcut'] as const) if (l[list]) l[list] = realLayers(l[list]);
  if (l.branches) l.branches = l.branches.map(realLayers);
  return l;
});

test('split networks of every kind of layer are twice the real network on the stacked parts', async () => {
  const relu = phi('split-relu');
  const leaky = phi('split-leaky-relu', { slope: 0.2 });
  const erf = phi('split-erf');
  const norm = { kind: 'layer-norm', power: 2 };
  const networks: [number[], object[]][] = [
    [[3], [dense, relu, { ...dense, weightVariance: 2.5, biasVariance: 0.4 }, erf, { kind: 'dropout' }, dense, phi('split-gelu'), dense]],
    [[3], [dense, { kind: 'residual', branch: [relu, dense, { kind: 'residual', branch: [erf, dense] }, leaky, dense], shortcut: [dense] }, norm, relu, dense]],
    [[3], [dense, { kind: 'concat', branches: [[], [relu, dense], [erf, dense]], weights: [0.2, 0.5, 0.3] }, relu, dense, norm, leaky, dense]],
    [[4, 5, 3], [conv([3, 2], { padding: 'circular', dilation: [1, 2] }), relu, conv([3, 3], { stride: [2, 2] }), erf, { kind: 'average-pool', window: [2, 2], stride: [1, 1] }, conv([1, 2]), leaky, flatten, dense]],
    [[6, 3], [conv([3], { padding: [[2, 0]] }), norm, relu, conv([3], { groups: 2 }), { kind: 'average-pool', window: [2] }, erf, globalPool, dense]],
  ];
  for (const [input, layers] of networks) {
    const inputs = drawnInputs(input, 3, 'complex');
    const defaults = { weightVariance: 1.8, biasVariance: 0.1 };
    const complex = (await limit(graphOf({ input, defaults, layers }), inputs)).kernels;
    const parts = stacked(inputs);
    const real = (await limit(graphOf({ field: 'real', input: parts.shape, defaults: { weightVariance: 1.8, biasVariance: 0.05 }, layers: realLayers(layers) }), parts)).kernels;
    for (const name of ['nngp', 'ntk'] as const) {
      const error = relativeError(complex[name].matrix!, 0.5, real[name].matrix!);
      assert.ok(error <= IDENTITY, `${JSON.stringify(layers)} ${name}: ${error}`);
    }
    assert.ok(relativeError(complex.twinNtk.matrix!, 1, complex.ntk.matrix!) <= IDENTITY);
    assert.ok(distanceTo({ n: 3, re: complex.ntk.matrix!.re, im: new Float64Array(9), error: new Float64Array(9) }, complex.ntk.matrix!).distance > 0.05, 'the inputs have phases');
  }
});

if (PRINT) console.log('| architecture | kernel | widths | networks of each | distance from the limit | standard error |\n|---|---|---|---|---|---|');
for (const a of architectures) {
  test(`finite networks tend to the kernels: ${a.name}`, async () => {
    const graph = graphOf(a.spec);
    const inputs = drawnInputs(a.spec.input, a.samples, a.inputField);
    const { kernels } = await limit(graph, inputs);
    const asked = a.holomorphic ? (['nngp', 'ntk', 'holomorphicNtk'] as const) : (['nngp', 'ntk'] as const);
    const finite = extrapolatedKernels(graph, inputs, a.width, a.seeds, asked);
    for (const name of asked) {
      const { matrix, reason } = kernels[name];
      assert.ok(matrix, `${name}: ${reason}`);
      if (PRINT) {
        const { distance, expected } = distanceTo(finite[name], matrix);
        console.log(`| ${a.name} | ${name} | ${a.width}, ${2 * a.width} | ${a.seeds} | ${distance.toFixed(4)} | ${expected.toFixed(4)} |`);
      }
      assertNear(finite[name], matrix, a.width, `${a.name}: ${name}`);
    }
    // What the networks tell apart: the real twin, and backpropagation without the conjugate part.
    for (const other of ['twinNtk', 'holomorphicNtk'] as const) {
      const { matrix } = kernels[other];
      if (!matrix) continue;
      const apart = distanceTo({ ...finite.ntk, re: matrix.re, im: matrix.im ?? new Float64Array(matrix.re.length) }, kernels.ntk.matrix!).distance;
      if (apart > TOLD_APART) assert.throws(() => assertNear(finite.ntk, matrix, a.width, other), /entry/, `${a.name}: ${other} is ${apart} away and passes for the NTK`);
    }
  });
}

test('an entry of a kernel depends on its two samples only', async () => {
  const samples = 75;
  for (const name of ['concatenation: a dense block', 'dense, zReLU by its a.e. derivative', 'residual with a projection', 'average pool between convolutions', 'layer norm after activations', 'recurrent, the mean of the states', 'abs, then real layers', 'conv2d, real']) {
    const { spec, inputField } = architectures.find((a) => a.name === name)!;
    const graph = graphOf(spec);
    const many = drawnInputs(spec.input, samples, inputField);
    const size = many.re.length / samples;
    const chosen = [2, 17, 70];
    const pick = (from: Float64Array): number[] => chosen.flatMap((i) => Array.from(from.subarray(i * size, (i + 1) * size)));
    const few = inputsOf(spec.input, pick(many.re), inputField === 'complex' ? pick(many.im) : null);
    const [all, own] = [(await limit(graph, many)).kernels, (await limit(graph, few)).kernels];
    for (const kernel of ['nngp', 'ntk', 'twinNngp', 'twinNtk', 'holomorphicNtk'] as const) {
      const [a, b] = [all[kernel], own[kernel]];
      if (!a.matrix || !b.matrix) continue;
      // Samples differ in norm: each entry against its own diagonal.
      chosen.forEach((i, p) => chosen.forEach((j, q) => {
        const [k, l] = [i * samples + j, p * 3 + q];
        const off = Math.hypot(a.matrix!.re[k]! - b.matrix!.re[l]!, (a.matrix!.im?.[k] ?? 0) - (b.matrix!.im?.[l] ?? 0));
        const scale = Math.sqrt(b.matrix!.re[p * 4]! * b.matrix!.re[q * 4]!);
        assert.ok(off <= (1e-9 + a.error! + b.error!) * scale, `${name} ${kernel} ${i},${j}: off ${off} of ${scale}, stated ${a.error} and ${b.error}`);
      }));
    }
  }
});

test('zero samples, zero patches, and samples apart by a phase', async () => {
  const layers = [conv([2]), phi('split-tanh'), conv([3]), phi('modrelu', { bias: -0.2 }), flatten, dense];
  const graph = graphOf({ input: [6, 1], defaults: { weightVariance: 2 }, layers });
  const one = drawnInputs([6, 1], 1, 'complex');
  one.re.fill(0, 0, 3);
  one.im.fill(0, 0, 3);
  const none = new Float64Array(6);
  const inputs = inputsOf([6, 1], [...one.re, ...none, ...one.im.map((v) => -v)], [...one.im, ...none, ...one.re]);
  const { kernels } = await limit(graph, inputs);
  const finite = extrapolatedKernels(graph, inputs, 16, 300);
  for (const name of ['nngp', 'ntk'] as const) {
    const { re, im } = kernels[name].matrix!;
    assert.ok([3, 4, 5, 1, 7].every((k) => re[k] === 0 && im![k] === 0), `${name}: a zero sample has a zero kernel`);
    assertNear(finite[name], kernels[name].matrix!, 16, name);
    // Both activations turn with a quarter turn of their input, and so does the network.
    assert.ok(Math.abs(re[8]! - re[0]!) <= IDENTITY * re[0]! && Math.hypot(re[2]!, im![2]! + re[0]!) <= IDENTITY * re[0]!, `${name}: ${re} ${im}`);
  }
});

test('channels first or last: the same kernels', async () => {
  const [h, w, c] = [4, 3, 2];
  const graph = graphOf({ input: [h, w, c], defaults: { weightVariance: 1.5, biasVariance: 0.1 }, layers: [conv([3, 2]), phi('cardioid'), { kind: 'average-pool', window: [2, 1] }, conv([1, 2], { padding: 'valid' }), phi('split-relu'), flatten, dense] });
  const inputs = drawnInputs([h, w, c], 2, 'complex');
  const move = (from: Float64Array): Float64Array => from.map((_, k) => {
    const [sample, channel, place] = [Math.floor(k / (h * w * c)), Math.floor(k / (h * w)) % c, k % (h * w)];
    return from[(sample * h * w + place) * c + channel]!;
  });
  const bare = (layers: GraphNode[]): GraphNode[] => layers.map((l) => ({ ...l, input: null, output: null }));
  const first: ModelGraph = { ...graph, axes: 'channels-first', inputShape: [c, h, w], layers: bare(graph.layers) };
  const last: ModelGraph = { ...graph, layers: bare(graph.layers) };
  const [a, b] = [(await limit(last, inputs)).kernels, (await limit(first, { ...inputs, shape: [c, h, w], re: move(inputs.re), im: move(inputs.im) })).kernels];
  for (const name of ['nngp', 'ntk', 'twinNtk', 'holomorphicNtk'] as const) assert.ok(relativeError(a[name].matrix!, 1, b[name].matrix!) <= IDENTITY, name);
});

test('the pseudo-kernel goes to zero like the root of the width', () => {
  const a = architectures[0]!;
  const inputs = drawnInputs(a.spec.input, a.samples, a.inputField);
  // Of single networks, its root mean square against the NTK: from the spread of the entries.
  const ratioAt = (width: number): number => {
    const seeds = 60;
    const { pseudo, ntk } = sampleKernels(graphOf(a.spec), inputs, width, seeds, ['pseudo']);
    const spread = Math.sqrt(pseudo.re.reduce((sum, v, k) => sum + v * v + pseudo.im[k]! ** 2 + (seeds - 1) * pseudo.error[k]! ** 2, 0));
    return spread / Math.sqrt(ntk.re.reduce((sum, v, k) => sum + v * v + ntk.im[k]! ** 2, 0));
  };
  const [narrow, wide] = [ratioAt(16), ratioAt(144)];
  assert.ok(narrow < 1 && Math.abs(narrow / wide - 3) < 1, `${narrow} at width 16, ${wide} at width 144`);
});

/** The fault of a specification without a kernel: its kind, its layer, and words of its reason. */
function refused(layers: object[], input: number[], layer: string, reason: RegExp, change: (graph: ModelGraph) => void = () => {}): void {
  const graph = graphOf({ input, layers });
  change(graph);
  assert.throws(() => compileNetwork(graph, { weightVariance: null, biasVariance: null }, input), (e: unknown) => {
    assert.ok(e instanceof Fault, String(e));
    assert.deepEqual([e.kind, e.layer], ['not-supported', layer], e.message);
    assert.ok(e.message.includes(layer) && reason.test(e.message), e.message);
    return true;
  });
}

test('what has no kernel is refused with its layer and the reason', () => {
  const relu = phi('split-relu');
  const modrelu = phi('modrelu', { bias: -0.3 });
  const block = (branch: object[]): object => ({ kind: 'residual', branch });
  // The common residual block: an activation after the sum of an activation's output and a branch.
  refused([conv([3]), relu, block([conv([3]), relu, conv([3])]), relu, globalPool, dense], [6, 2], 'activation3', /activation1.*not Gaussian/);
  refused([dense, relu, block([dense]), modrelu, dense], [3], 'activation2', /not Gaussian/);
  // z + phi(Wz): both summands have a mean.
  refused([dense, relu, block([dense, relu]), dense], [3], 'add1', /means correlate/);
  refused([dense, block([dense, modrelu]), relu, dense], [3], 'activation2', /not Gaussian/);
  // h + phi(h), plain or after a norm; and two activations of one layer.
  refused([dense, block([modrelu]), dense], [3], 'add1', /activation of the same output/);
  refused([conv([3]), block([{ kind: 'layer-norm' }, relu]), globalPool, dense], [6, 2], 'add1', /activation of the same output/);
  refused([dense, { kind: 'residual', branch: [relu], shortcut: [modrelu] }, dense], [3], 'add1', /one and the same layer/);
  // Two activations in a row, with or without a pool between them.
  refused([dense, relu, modrelu, dense], [3], 'activation2', /activation1/);
  refused([conv([3]), relu, { kind: 'average-pool', window: [2] }, relu, globalPool, dense], [6, 2], 'activation2', /activation1/);
  refused([conv([3]), relu, globalPool, modrelu, dense], [6, 2], 'activation2', /activation1/);
  // One layer's output on two ways.
  refused([dense, { kind: 'concat', branches: [[dense], [dense]] }, { kind: 'layer-norm' }, dense], [3], 'layer-norm1', /branches/);
  refused([dense, relu, { kind: 'concat', branches: [[{ kind: 'batch-norm' }], [{ kind: 'dropout' }]] }, modrelu, dense], [3], 'activation2', /activation1/);
  refused([conv([3]), { kind: 'residual', branch: [{ kind: 'average-pool', window: [1] }] }, relu, globalPool, dense], [6, 2], 'add1', /itself|two ways/);
  // The end.
  refused([conv([3]), relu, conv([3])], [6, 2], 'conv1d2', /flatten or global-average-pool/);
  refused([conv([3]), relu, dense], [6, 2], 'dense1', /flatten or global-average-pool/);
  refused([{ kind: 'layer-norm' }, dense], [3], 'layer-norm1', /normalises the input/);
  for (const cell of ['gru', 'lstm']) refused([{ kind: 'rnn', cell, units: 4 }, dense], [5, 3], 'rnn1', /gates multiply.*Finite widths/);
  refused([relu, dense], [3], 'activation1', /input/);
  // Layers that no specification writes.
  const become = (id: string, kind: GraphNode['kind']) => (graph: ModelGraph): void => void (graph.layers.find((l) => l.id === id)!.kind = kind);
  refused([conv([3]), relu, { kind: 'average-pool', window: [2] }, flatten, dense], [6, 2], 'average-pool1', /maximum/, become('average-pool1', 'max-pool'));
  refused([dense, { kind: 'dropout' }, relu, dense], [3], 'dropout1', /softmax/, become('dropout1', 'attention'));
  refused([conv([3]), relu, conv([3]), relu, flatten, dense], [6, 2], 'conv1d2', /transposed/, become('conv1d2', 'conv-transpose'));
});

test('inputs of another rank than the first layer reads are bad input', async () => {
  const spec: Specification = { input: [4, 5, 2], layers: [conv([3, 3]), phi('cardioid'), globalPool, dense] };
  const inputs = drawnInputs(spec.input, 2, 'complex');
  await assert.rejects(limit(graphOf(spec), { ...inputs, shape: [40] }), (e: unknown) => e instanceof Fault && e.kind === 'bad-input' && e.layer === 'conv2d1');
});
