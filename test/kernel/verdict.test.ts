// The verdict's words, its statements with their numbers, and the findings, on small networks from graph to result.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemCodes } from '../../src/catalog/problems.ts';
import type { ModelGraph } from '../../src/contract/graph.ts';
import type { InputSet } from '../../src/contract/inputs.ts';
import type { Finding, LayerReport, Verdict } from '../../src/contract/result.ts';
import {
  compileNetwork, depthOf, findingsOf, kernelsOf, labelsOf, layerReports, modalKernel, regressionOf, sitesOf, spectrumOf, trainingOf, unhurried, verdictOf, type Studies,
} from '../../src/kernel/index.ts';
import { denseGraph, inputSet, someInputs, type DenseDescription } from './dense-graph.ts';

interface Outcome { verdict: Verdict; findings: Finding[]; studies: Studies; layers: LayerReport[] }

async function outcome(graph: ModelGraph, inputs: InputSet): Promise<Outcome> {
  const network = compileNetwork(graph, { weightVariance: null, biasVariance: null }, inputs.shape);
  const set = await kernelsOf(network, inputs);
  const labels = labelsOf(inputs.labels ?? null);
  const complex = network.field === 'complex';
  const modal = async (name: 'ntk' | 'twinNtk') => (set.kernels[name].matrix ? modalKernel(set.kernels[name], unhurried) : null);
  const [ntk, twin] = [await modal('ntk'), await modal('twinNtk')];
  const layers = layerReports(graph, network, set);
  const studies: Studies = {
    spectra: { ntk: ntk && (await spectrumOf(ntk, network.outputField, unhurried)), twinNtk: twin && (await spectrumOf(twin, network.outputField, unhurried)) },
    training: ntk ? await trainingOf(ntk, twin, labels, 'no labels', network.outputField, unhurried) : { value: null, reason: 'no kernel' },
    regression: await regressionOf(set.kernels, labels, 'no labels', complex, unhurried),
    depth: await depthOf(sitesOf(graph, layers, network.output.id), unhurried),
  };
  const verdict = verdictOf(network, set, 0.01, studies);
  return { verdict, studies, layers, findings: findingsOf({ network, set, layers, studies, verdict }) };
}

const of = (d: Partial<DenseDescription> & { activation: string }, inputs: InputSet) => outcome(denseGraph({ depth: 2, weightVariance: 2, biasVariance: 0.1, ...d }), inputs);
const codes = (o: Outcome) => o.findings.map((f) => f.code);
const labelled = (inputs: InputSet, classes: number): InputSet => ({ ...inputs, labels: Int32Array.from({ length: inputs.samples }, (_, i) => i % classes) });

test('the words: undecided without phase, real channel for split, stays complex for zReLU-like; every statement shows its number', async () => {
  const inputs = labelled(someInputs(16, 3), 2);
  const flat = { ...inputs, im: new Float64Array(inputs.im.length) };
  const undecided = await of({ activation: 'cardioid' }, flat);
  assert.equal(undecided.verdict.word, 'undecided');
  assert.ok(codes(undecided).includes('inputs-without-phase'));
  assert.match(undecided.verdict.clauses[0]!.text, /Phase content of the inputs: 0 within/);
  const split = await of({ activation: 'split-relu' }, inputs);
  assert.equal(split.verdict.word, 'real-channel-reduces');
  assert.ok(codes(split).includes('real-channel-reduces'));
  assert.match(split.verdict.sentence, /real-channel gap 0 within/);
  const stays = await of({ activation: 'zrelu' }, inputs);
  assert.equal(stays.verdict.word, 'stays-complex');
  assert.ok(stays.verdict.caveats.some((c) => /zReLU .* jumps/.test(c)) && codes(stays).includes('jump-activation'));
  for (const { verdict } of [undecided, split, stays]) {
    assert.deepEqual([...new Set(verdict.clauses.map((c) => c.topic))], ['inputs', 'training', 'held-out', 'depth', 'backpropagation']);
    for (const { quantity, text, topic } of verdict.clauses) {
      if (!quantity || quantity.value === null) continue;
      const { value, error } = quantity;
      const words = [`${Number(value.toPrecision(3))}`, `${Number(value.toPrecision(4))}`, Math.abs(100 * value).toFixed(1), ...(error !== null && Math.abs(value) <= error ? ['0 within'] : [])];
      assert.ok(topic === 'depth' || words.some((w) => text.includes(w)), `${text} shows none of ${words}`);
    }
  }
});

test('a real network is undecided and still told about training, held-out samples and depth', async () => {
  const inputs = labelled({ ...someInputs(12, 3), im: new Float64Array(36), field: 'real' }, 2);
  const { verdict } = await of({ activation: 'relu', field: 'real' }, inputs);
  assert.equal(verdict.word, 'undecided');
  assert.deepEqual([...new Set(verdict.clauses.map((c) => c.topic))], ['training', 'held-out', 'depth']);
});

test('deep networks far from criticality are found, shallow ones not', async () => {
  const inputs = someInputs(5, 4);
  const chaotic = await of({ activation: 'split-tanh', depth: 20, weightVariance: 5 }, inputs);
  const found = chaotic.findings.find((f) => f.code === 'depth-chaotic')!;
  assert.match(found.message, /20 activation layers of chaotic phase.*slope/);
  assert.equal(found.layer, 'activation1');
  // Variances settle: equal layers are studied once.
  assert.ok(chaotic.studies.depth.value!.length < 20, `${chaotic.studies.depth.value!.length} maps`);
  assert.equal(chaotic.verdict.clauses.filter((c) => c.topic === 'depth').length, 1);
  const ordered = await of({ activation: 'split-tanh', depth: 12, weightVariance: 0.6, biasVariance: 0.5 }, inputs);
  assert.match(ordered.findings.find((f) => f.code === 'depth-ordered')!.message, /all inputs end up alike/);
  const shallow = await of({ activation: 'split-tanh', depth: 2, weightVariance: 2 }, inputs);
  assert.ok(!codes(shallow).some((c) => c.startsWith('depth-')));
});

test('an initialiser off the critical variance is found with both numbers, once for equal layers', async () => {
  const graph = denseGraph({ activation: 'split-relu', depth: 3, weightVariance: 2 / 3, biasVariance: 0 });
  for (const l of graph.layers) if (l.initialisation) l.initialisation = { ...l.initialisation, initialiser: 'kaiming_uniform(a=sqrt5)', library: 'torch', source: 'library default' };
  const { findings } = await outcome(graph, someInputs(4, 3));
  const off = findings.filter((f) => f.code === 'initialiser-off-critical');
  assert.equal(off.length, 1);
  assert.match(off[0]!.message, /dense2, dense3, dense4: kaiming_uniform\(a=sqrt5\) of torch gives fan_in E\|w\|\^2 = 0\.667; after split ReLU 2 would keep/);
  assert.equal(off[0]!.layer, 'dense2');
  assert.ok(!codes(await of({ activation: 'split-relu', weightVariance: 2 }, someInputs(4, 3))).includes('initialiser-off-critical'));
});

test('slow modes: equal samples make the kernel singular', async () => {
  const same = inputSet([[[1, 2], [0.5, 1]], [[1, 2], [0.5, 1]], [[0.3, -1], [2, 0]]]);
  const o = await of({ activation: 'split-relu' }, same);
  assert.match(o.findings.find((f) => f.code === 'slow-modes')!.message, /singular within its error/);
  assert.ok(!codes(await of({ activation: 'split-relu' }, someInputs(4, 5))).includes('slow-modes'));
});

test('held-out samples: a twin that does as well is found; one at chance, or without labels, is not', async () => {
  // Two classes apart by their real parts: phase is not needed.
  const base = someInputs(40, 4, 5);
  const apart: InputSet = { ...labelled(base, 2), re: base.re.map((v, k) => v / 4 + (Math.floor(k / 4) % 2 ? 2 : -2)) };
  assert.ok(codes(await of({ activation: 'cardioid' }, apart)).includes('twin-as-good'));
  assert.ok(!codes(await of({ activation: 'cardioid' }, base)).includes('twin-as-good'));
});

test('holomorphic backpropagation differs where phi depends on conj z only', async () => {
  assert.ok(codes(await of({ activation: 'split-tanh' }, someInputs(4, 3))).includes('holomorphic-differs'));
  const linear = await of({ activation: 'identity' }, someInputs(4, 3));
  assert.ok(!codes(linear).includes('holomorphic-differs'));
  assert.match(linear.verdict.clauses.at(-1)!.text, /would leave the kernel as it is/);
});

test('what has no NTK is undecided, says why, and keeps what exists', async () => {
  const { verdict, findings, studies } = await of({ activation: 'modrelu', parameters: { bias: 0.3 } }, labelled(someInputs(12, 3), 2));
  assert.equal(verdict.word, 'undecided');
  assert.match(verdict.sentence, /no neural tangent kernel/);
  assert.ok(findings.some((f) => f.code === 'no-limit'));
  const { scores } = studies.regression.value!;
  assert.ok(scores.some((s) => s.kernel === 'nngp' && s.accuracy.value !== null) && scores.some((s) => s.kernel === 'ntk' && s.accuracy.value === null));
});

test('every code that a rule gives has its row and its severity there', async () => {
  const seen = new Map<string, string>();
  for (const activation of ['split-tanh', 'zrelu', 'cardioid']) {
    for (const weightVariance of [0.3, 6]) {
      for (const f of (await of({ activation, depth: 8, weightVariance }, labelled(someInputs(10, 3), 2))).findings) seen.set(f.code, f.severity);
    }
  }
  for (const code of seen.keys()) assert.ok(problemCodes[code], code);
  for (const code of ['depth-ordered', 'depth-chaotic', 'initialiser-off-critical', 'holomorphic-differs']) assert.equal(seen.get(code), problemCodes[code]!.severity, code);
});
