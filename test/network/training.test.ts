// Training of drawn networks: it follows the limit where it should, says where nothing foretells it, and ends well whatever happens.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FINITE_DEFAULTS, TRAINING_DEFAULTS, type FiniteTraining, type TrainingOptions } from '../../src/contract/finite.ts';
import type { Progress } from '../../src/contract/rpc.ts';
import { compileNetwork, kernelsOf } from '../../src/kernel/index.ts';
import { Backends, buildNetwork, drawNetwork, trainFinite, type Targets, type TrainingRequest } from '../../src/network/index.ts';
import { chainOf, faultOf, gaussianInputs, limitOf as limitOfGraph, options as backendOptions, relative } from './networks.ts';

let backends: Backends;
before(async () => { backends = await Backends.open('wasm', backendOptions); });
after(() => backends.dispose());

const SAMPLES = 8;
const inputs = gaussianInputs(SAMPLES, 6, 'complex');
/** Two classes, alternating in pairs. */
const targets: Targets = {
  re: Float64Array.from({ length: 2 * SAMPLES }, (_, k) => (((k >> 1) & 1) === (k & 1) ? 0.5 : -0.5)), im: null, outputs: 2,
  classes: Int32Array.from({ length: SAMPLES }, (_, i) => i & 1), description: 'two classes',
};
const graph = chainOf('cardioid', 1, 8 / 3, 0.1, [6]);

async function limitOf(): Promise<TrainingRequest['limit']> {
  const { kernels } = await kernelsOf(compileNetwork(graph, { weightVariance: null, biasVariance: null }, [6]), inputs);
  return { ntk: kernels.ntk.matrix, twinNtk: kernels.twinNtk.matrix, reason: null };
}

const context = (abort = new AbortController()) => {
  const heard: Progress[] = [];
  return { abort, heard, signal: abort.signal, progress: (p: Progress) => { heard.push(p); } };
};

async function trained(more: Partial<TrainingOptions>, request: Partial<TrainingRequest> = {}, own = context()): Promise<FiniteTraining> {
  return trainFinite({
    graph, inputs, targets, options: { ...TRAINING_DEFAULTS, steps: 40, width: 128, ...more }, finite: FINITE_DEFAULTS, widths: [], seeds: 2,
    weightVariance: null, biasVariance: null, limit: await limitOf(), memoryLimitBytes: 1e9, ...request,
  }, backends, own);
}

/** All arrays of one training are as long as its steps. */
function assertAligned(t: FiniteTraining): void {
  for (const c of t.curves) for (const a of [c.residual, c.residualError, c.drift, c.driftError, c.accuracy]) if (a) assert.equal(a.length, t.steps.length, c.network);
  for (const p of t.predicted) assert.equal(p.residual.length, t.steps.length, p.kernel);
}

for (const optimizer of ['sgd', 'momentum'] as const) {
  test(`${optimizer}: a wide network follows the limit's kernel, and its own at the start more closely`, async () => {
    const t = await trained({ optimizer, momentum: 0.5, width: 512, steps: 30 });
    assertAligned(t);
    const [own] = t.curves;
    const line = (kernel: string) => t.predicted.find((p) => p.kernel === kernel)!;
    const apart = (kernel: string) => Math.max(...own!.residual.map((v, k) => Math.abs(v - line(kernel).residual[k]!)));
    assert.ok(own!.residual.at(-1)! < 0.5 && own!.residual[0] === 1);
    assert.ok(apart('limit') < 0.1, `from the limit ${apart('limit')}`);
    assert.ok(apart('initial') < 0.05, `from the kernel at the start ${apart('initial')}`);
    assert.equal(t.gap.value, apart('limit'));
    assert.deepEqual(t.curves.map((c) => c.network), ['network', 'matched-parameters']);
    assert.equal(t.predictedReason, null);
    assert.equal(backends.current.tf.memory().numTensors, 0);
  });
}

for (const optimizer of ['sgd', 'momentum'] as const) {
  test(`${optimizer}: a network of one linear layer does exactly what its kernel, which is the limit's, foretells`, async () => {
    const linear = chainOf('identity', 0, 2, 0.3, [6]);
    const t = await trained({ optimizer, steps: 60 }, { graph: linear, limit: await limitOfGraph(linear, inputs) });
    assertAligned(t);
    assert.deepEqual(t.predicted.map((p) => p.kernel), ['limit', 'twin-limit', 'initial']);
    const own = t.curves[0]!.residual;
    for (const p of t.predicted) if (p.kernel !== 'twin-limit') assert.ok(relative(own, p.residual) < 1e-5, `${p.kernel}: ${relative(own, p.residual)}`);
    assert.ok(relative(t.curves[1]!.residual, t.predicted[1]!.residual) < 0.1, 'and its twin what the twin limit does, from a start of its own');
    assert.ok(t.drift.value! < 1e-6);
  });
}

for (const optimizer of ['sgd', 'momentum', 'adam'] as const) {
  test(`${optimizer}: the steps of a real linear layer by the optimiser's formulas in float64`, async () => {
    const linear = chainOf('identity', 0, 2, 0, [6]);
    const real = { ...linear, layers: linear.layers.map((l) => ({ ...l, field: 'real' as const })), inputField: 'real' as const };
    const samples = gaussianInputs(SAMPLES, 6, 'real');
    const learningRate = 0.02;
    const t = await trained({ optimizer, momentum: 0.8, learningRate, parameterisation: 'standard', steps: 30 }, { graph: real, inputs: samples, seeds: 1 });
    const network = buildNetwork(real, samples, { outputs: 2, parameterisation: 'standard' });
    await drawNetwork(network, 0);
    // Rows of 6 weights and the bias, which starts at 0 and learns.
    const w = Float64Array.from({ length: 14 }, (_, k) => (k < 12 ? network.tensors[0]!.re[k]! : 0));
    const [first, second] = [new Float64Array(14), new Float64Array(14)];
    const want: number[] = [];
    for (let step = 0; step <= 30; step++) {
      const gradient = new Float64Array(14);
      let square = 0;
      for (let i = 0; i < SAMPLES; i++) {
        for (let c = 0; c < 2; c++) {
          let r = w[12 + c]! - targets.re[2 * i + c]!;
          for (let d = 0; d < 6; d++) r += samples.re[6 * i + d]! * w[2 * d + c]!;
          square += r * r;
          for (let d = 0; d < 6; d++) gradient[2 * d + c]! += r * samples.re[6 * i + d]!;
          gradient[12 + c]! += r;
        }
      }
      want.push(Math.sqrt(square));
      for (let k = 0; k < 14; k++) {
        const g = gradient[k]!;
        if (optimizer === 'adam') {
          first[k] = 0.9 * first[k]! + 0.1 * g;
          second[k] = 0.999 * second[k]! + 0.001 * g * g;
          w[k]! -= (learningRate * first[k]!) / (1 - 0.9 ** (step + 1)) / (Math.sqrt(second[k]! / (1 - 0.999 ** (step + 1))) + 1e-8);
        } else {
          first[k] = (optimizer === 'momentum' ? 0.8 : 0) * first[k]! + g;
          w[k]! -= learningRate * first[k]!;
        }
      }
    }
    assert.deepEqual(t.curves.map((c) => c.network), ['network']);
    assert.ok(relative(t.curves[0]!.residual, want.map((v) => v / want[0]!)) < 1e-5);
    assert.ok(want.at(-1)! < want[0]!);
  });
}

test('the kernel moves less the wider the network is', async () => {
  const [narrow, wide] = [await trained({ width: 32, steps: 20, twins: [] }), await trained({ width: 512, steps: 20, twins: [] })];
  const ratio = wide.drift.value! / narrow.drift.value!;
  // Between 1/n and n^-1/2 of sixteen times the width.
  assert.ok(ratio < 0.3 && ratio > 0.02, `drift at 512 over that at 32: ${ratio}`);
  assert.ok(wide.gap.value! < 0.6 * narrow.gap.value!, `and it follows the limit more closely: ${narrow.gap.value}, ${wide.gap.value}`);
  assert.match(wide.sentence, /% of the first residual is left, and its kernel has moved by/);
});

test('Adam learns, and nothing foretells it', async () => {
  const t = await trained({ optimizer: 'adam' });
  assert.ok(t.curves[0]!.residual.at(-1)! < 0.7);
  assert.deepEqual(t.predicted, []);
  assert.match(t.predictedReason!, /Adam/);
  assert.equal(t.gap.value, null);
  assert.match(t.learningRateRule, /Adam/);
});

test('in the standard parameterisation only the kernel at the start foretells', async () => {
  const t = await trained({ parameterisation: 'standard', twins: [] });
  assert.deepEqual(t.predicted.map((p) => p.kernel), ['initial']);
  assert.match(t.predictedReason!, /standard/);
  assert.equal(t.curves.length, 1);
});

test('classes are named better in the end', async () => {
  const { accuracy } = (await trained({ steps: 120, width: 64, twins: [] })).curves[0]!;
  assert.ok(accuracy!.at(-1)! > 0.9 && accuracy!.at(-1)! >= accuracy![0]!);
});

test('numbers that are not finite end it with layer and step, and what was done is kept', async () => {
  const t = await trained({ learningRate: 1e12 });
  assert.match(t.stopped!, /^At step \d+ the output of (dense|activation)\d holds numbers that are not finite/);
  assertAligned(t);
  assert.ok(t.curves[0]!.residual.length >= 1 && t.curves[0]!.residual.every(Number.isFinite));
  assert.equal(backends.current.tf.memory().numTensors, 0);
});

test('the same twice, live pictures aligned and growing', async (c) => {
  const own = context();
  // Pictures are a while apart. By a clock that leaps at each look every step has one, however fast the machine is. (WebAssembly alone:
  // native tensors must not be let go by such a clock.)
  let now = 0;
  const clock = c.mock.method(performance, 'now', () => (now += 1000));
  const t = await trained({ steps: 90, width: 64 }, {}, own);
  clock.mock.restore();
  const again = await trained({ steps: 90, width: 64 });
  assert.deepEqual(again, t);
  const live = own.heard.flatMap((p) => (p.training ? [p.training] : []));
  // Both networks from both seeds, the start and each step.
  assert.equal(live.length, 2 * 2 * 91);
  for (const l of live) assertAligned(l);
  for (let k = 1; k < live.length; k++) assert.ok(live[k]!.steps.length >= live[k - 1]!.steps.length, 'what was seen stays');
  assert.ok(live[0]!.steps.length < live.at(-1)!.steps.length && live.at(-1)!.curves.length === 2);
  const fractions = own.heard.map((p) => p.fraction!);
  assert.deepEqual(fractions, [...fractions].sort((a, b) => a - b));
});

describe('refused before any work', () => {
  for (const [what, more] of [['no step', { steps: 0 }], ['half a step', { steps: 2.5 }], ['a negative learning rate', { learningRate: -1 }], ['a momentum of 1', { momentum: 1 }], ['a width of 0', { width: 0 }]] as const) {
    test(what, async () => assert.equal((await faultOf(trained(more))).kind, 'bad-input'));
  }
  test('targets of another size', async () => assert.equal((await faultOf(trained({}, { targets: { ...targets, outputs: 3 } }))).kind, 'bad-input'));
  test('what does not fit', async () => {
    const fault = await faultOf(trained({ width: 4_000_000 }));
    assert.equal(fault.kind, 'too-large');
    assert.match(fault.message, /width 4000000 with 8 samples needs about \d+ MiB.*complexNtk\.memoryLimit/s);
  });
});

test('cancelled at twenty moments, and never is a tensor left', async () => {
  for (let k = 0; k < 20; k++) {
    const own = context();
    const running = trained({ steps: 100_000, width: 48 }, {}, own);
    setTimeout(() => own.abort.abort(), (k * 37) % 150);
    assert.equal((await faultOf(running)).kind, 'cancelled');
    assert.equal(backends.current.tf.memory().numTensors, 0, `moment ${k}`);
  }
});
