// The finite-width study: refusals before any work, cancel, progress, determinism, its statistics, its widths and twins; the numbers drawn.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TWIN_SIZES } from '../../src/contract/finite.ts';
import type { Quantity } from '../../src/contract/result.ts';
import { Backends, buildNetwork, studyFiniteWidth, type EmpiricalNtk, type StudyRequest } from '../../src/network/index.ts';
import { estimateKernel } from '../../src/network/estimate.ts';
import { normals, uniforms } from '../../src/network/normals.ts';
import { powerLaw } from '../../src/network/statistics.ts';
import { dense, phi } from '../kernel/finite/architectures.ts';
import { graphOf } from '../kernel/finite/specification.ts';
import { chainOf, drawn, faultOf, gaussianInputs, limitOf, listening, options, studyOf } from './networks.ts';

let backends: Backends;
before(async () => { backends = await Backends.open('wasm', options); });
after(() => backends.dispose());

const request = (more: Partial<StudyRequest> = {}): StudyRequest => studyOf(chainOf('cardioid', 2, 2, 0.1, [4]), gaussianInputs(6, 4, 'complex'), more);
const run = (r: StudyRequest, context = listening()) => studyFiniteWidth(r, backends, context);
describe('refused before any work', () => {
  for (const width of [20_000, 1_000_000]) {
    test(`too large at width ${width}: the number, the limit and the setting`, async () => {
      const c = listening();
      const fault = await faultOf(run(request({ widths: [64, width] }), c));
      assert.equal(fault.kind, 'too-large');
      assert.match(fault.message, new RegExp(`width ${width} with 6 samples needs about \\d+ MiB.*limit of 954 MiB.*complexNtk\\.memoryLimit`, 's'));
      assert.deepEqual(c.heard, []);
    });
  }

  for (const [what, more] of [
    ['a width of 0', { widths: [0] }], ['half a unit', { widths: [1.5] }], ['a width that is not a number', { widths: [Number.NaN] }], ['no seed', { seeds: 0 }], ['half a seed', { seeds: 1.5 }],
    ['no width at all', { widths: [] }],
    ['complex inputs of a real network', { graph: chainOf('relu', 1, 2, 0, [4]) }],
  ] as const) {
    test(what, async () => assert.equal((await faultOf(run(request(more as never)))).kind, 'bad-input'));
  }

  test('a variance that nobody told', async () => {
    const { graph } = request();
    const layers = graph.layers.map((l) => (l.initialisation ? { ...l, initialisation: { ...l.initialisation, weightVariance: null } } : l));
    const open = { graph: { ...graph, layers } };
    const fault = await faultOf(run(request(open)));
    assert.equal(fault.kind, 'bad-input');
    assert.match(fault.message, /variance/);
    assert.ok((await run(request({ ...open, widths: [4], seeds: 1, weightVariance: 2 }))).rows[0]!.pseudo.value! > 0);
  });
});

test('the memory that is foretold grows with widths, samples and cotangents', () => {
  const bytes = (width: number, samples: number, batchNorm: 'evaluation' | 'training' = 'evaluation') => {
    const graph = graphOf({ input: [4], layers: [dense, { kind: 'batch-norm' }, phi('cardioid'), dense] });
    return estimateKernel(buildNetwork(graph, { shape: [4], field: 'complex' }, { width, outputs: 1, batchNorm }), samples).bytes;
  };
  assert.ok(bytes(512, 64) > bytes(256, 64) && bytes(512, 128) > bytes(512, 64));
  const fixed = bytes(1, 1);
  assert.ok((bytes(512, 128, 'training') - fixed) / (bytes(512, 64, 'training') - fixed) > 3, 'every output has its own way back through all samples');
});

test('cancelled between pieces, and no tensor is left', async () => {
  const c = listening();
  const running = run(request({ widths: [1500], seeds: 50, inputs: gaussianInputs(40, 4, 'complex') }), c);
  const asked = performance.now() + 300;
  setTimeout(() => c.abort.abort(), 300);
  assert.equal((await faultOf(running)).kind, 'cancelled');
  assert.ok(performance.now() - asked < 1000, 'heard within a second');
  assert.equal(backends.current.tf.memory().numTensors, 0);
});

test('cancelled before it starts', async () => {
  const c = listening();
  c.abort.abort();
  assert.equal((await faultOf(run(request(), c))).kind, 'cancelled');
});

test('progress: one message a network, rising from 0 to 1', async () => {
  const c = listening();
  await run(request(), c);
  const twins = TWIN_SIZES.length;
  assert.equal(c.heard.length, (2 + twins) * 3 + 1);
  const fractions = c.heard.map((p) => p.fraction!);
  assert.deepEqual(fractions, [...fractions].sort((a, b) => a - b));
  assert.deepEqual([fractions[0], fractions.at(-1)], [0, 1]);
  assert.match(c.heard[4]!.message, /width 32: network 2 of 3, WebAssembly/);
  assert.match(c.heard[6]!.message, /same-widths: network 1 of 3/);
});

describe('the numbers of a study', () => {
  const frobenius = (...parts: ArrayLike<number>[]) => Math.hypot(...parts.flatMap((p) => Array.from(p)));
  const minus = (a: Float64Array, b: Float64Array) => a.map((v, i) => v - b[i]!);
  const close = (got: number | null, want: number, what = '') => assert.ok(Math.abs(got! - want) < 1e-9 * Math.abs(want), `${what} ${got} for ${want}`);

  test('the same twice, and rows, kernels and twins by their definitions', async () => {
    const graph = chainOf('split-relu', 1, 2, 0, [4]);
    const inputs = gaussianInputs(3, 4, 'complex');
    const all: EmpiricalNtk[] = [];
    for (const seed of [0, 1, 2]) all.push(await drawn(graph, inputs, { width: 16 }, seed, backends.current));
    const ntk = { rows: 3, cols: 3, re: Float64Array.of(5, 1, 1, 1, 5, 1, 1, 1, 5), im: Float64Array.of(0, 1, 0, -1, 0, 0, 0, 0, 0) };
    const twinNtk = { rows: 3, cols: 3, re: Float64Array.of(4, 1, 1, 1, 4, 1, 1, 1, 4), im: new Float64Array(9) };
    const asked = request({ graph, inputs, widths: [16], limit: { ntk, twinNtk, reason: null } });
    const study = await run(asked);
    assert.deepEqual(study, await run(asked));
    const d = all.map((k) => frobenius(minus(k.ntk.re, ntk.re), minus(k.ntk.im!, ntk.im)) / frobenius(ntk.re, ntk.im));
    const mean = d.reduce((a, b) => a + b) / 3;
    const row = study.rows[0]!;
    assert.equal(row.parameters, 2 * (4 * 16 + 16));
    close(row.distance.value, mean);
    close(row.distance.error, Math.sqrt(d.reduce((a, v) => a + (v - mean) ** 2, 0) / 2 / 3));
    close(row.twinDistance.value, all.reduce((a, k) => a + frobenius(minus(k.ntk.re, twinNtk.re)), 0) / 3 / frobenius(twinNtk.re));
    close(row.pseudo.value, all.reduce((a, k) => a + frobenius(k.pseudo!.re, k.pseudo!.im!) / frobenius(k.ntk.re, k.ntk.im!), 0) / 3);
    const centre = (part: 're' | 'im') => ntk.re.map((_, i) => (all[0]!.ntk[part]![i]! + all[1]!.ntk[part]![i]! + all[2]!.ntk[part]![i]!) / 3);
    close(row.meanDistance.value, frobenius(minus(centre('re'), ntk.re), minus(centre('im'), ntk.im)) / frobenius(ntk.re, ntk.im));
    const scatter = all.reduce((a, k) => a + frobenius(minus(k.ntk.re, centre('re')), minus(k.ntk.im!, centre('im'))) ** 2, 0) / (3 * 2);
    close(row.meanDistance.error, Math.sqrt(scatter) / frobenius(ntk.re, ntk.im));
    assert.equal(study.exponent.value, null);
    assert.match(study.exponent.reason!, /two different widths/);
    // The kernels shown are the means.
    const { kernels } = study;
    assert.deepEqual([kernels.width, kernels.asWritten, kernels.seeds], [16, false, 3]);
    centre('re').forEach((v, k) => close(kernels.ntk.matrix!.re[k]!, v));
    const top = Math.max(...centre('re').map((v, k) => Math.hypot(v, centre('im')[k]!)));
    close(kernels.ntk.error, Math.sqrt(scatter) / 3 / top);
    assert.match(kernels.output, /complex output of one unit/);
    for (const [k, size] of TWIN_SIZES.entries()) {
      const twin = study.twins[k]!;
      assert.equal(twin.size, size);
      const own: EmpiricalNtk[] = [];
      for (const seed of [0, 1, 2]) own.push(await drawn(graph, inputs, { width: 16, twin: size }, seed, backends.current));
      close(twin.distance.value, own.reduce((a, x) => a + frobenius(minus(x.ntk.re.map((v) => 2 * v), twinNtk.re)), 0) / 3 / frobenius(twinNtk.re), size);
      const twinMean = ntk.re.map((_, i) => (2 * (own[0]!.ntk.re[i]! + own[1]!.ntk.re[i]! + own[2]!.ntk.re[i]!)) / 3);
      close(twin.toNetwork.value, frobenius(minus(twinMean, centre('re'))) / frobenius(centre('re')), size);
      if (size === 'double-widths') twinMean.forEach((v, i) => close(kernels.twinNtk.matrix!.re[i]!, v));
    }
    assert.deepEqual(study.twins.map((t) => t.width), [16, 32, study.twins[2]!.width]);
  });

  test('what does not exist is null with a reason', async () => {
    const one = await run(request({ seeds: 1, limit: { ntk: null, twinNtk: null, reason: 'It has none.' } }));
    assert.equal(one.rows[0]!.distance.value, null);
    assert.equal(one.rows[0]!.distance.reason, 'It has none.');
    assert.equal(one.rows[0]!.pseudo.error, null, 'one network has no standard error');
    assert.match(one.sentence, /no distance from the limit is told: It has none\. Its pseudo-kernel/);
    assert.equal(one.limitWidth.width.value, null);
    const real = await run(request({ graph: chainOf('relu', 1, 2, 0, [3]), inputs: gaussianInputs(4, 3, 'real') }));
    assert.equal(real.rows[0]!.pseudo.value, null);
    assert.match(real.rows[0]!.twinDistance.reason!, /no real twin/);
    assert.deepEqual(real.twins, []);
    assert.match(real.twinsReason!, /no real twin/);
    assert.equal(real.kernels.pseudo.matrix, null);
    assert.equal(real.kernels.ntk.matrix!.im, undefined);
  });

  test('inputs that overflow float32 give no number, not a wrong one', async () => {
    const inputs = gaussianInputs(4, 4, 'complex');
    inputs.re[2] = 1e200;
    const ntk = { rows: 4, cols: 4, re: new Float64Array(16).fill(1), im: new Float64Array(16) };
    const study = await run(request({ inputs, limit: { ntk, twinNtk: ntk, reason: null } }));
    const { rows: [row], twins } = study;
    for (const q of [row!.distance, row!.twinDistance, row!.pseudo, row!.meanDistance, ...twins.map((t) => t.distance)]) {
      assert.equal(q.value, null);
      assert.match(q.reason!, /not finite/);
    }
    assert.equal(study.exponent.value, null);
    assert.equal(study.kernels.ntk.matrix, null);
    assert.match(study.sentence, /not finite/);
  });

  test('the seeds of two widths, and of layers of one network, share no numbers', async () => {
    const graph = chainOf('split-relu', 2, 1, 0, [8]);
    const inputs = gaussianInputs(2, 8, 'complex');
    const head = async (width: number, seed: number, layer: number) => [...(await drawn(graph, inputs, { width }, seed, backends.current)).network.tensors[layer]!.re.subarray(0, 3)].map((v) => v * Math.sqrt(width));
    const heads = await Promise.all([[8, 0, 0], [8, 1, 0], [8, 0, 1], [8, 0, 2], [16, 0, 0]].map(([w, s, l]) => head(w!, s!, l!)));
    assert.equal(new Set(heads.map((h) => h.join())).size, heads.length);
  });
});

describe('widths', () => {
  const written = (hidden: (number | undefined)[]) => graphOf({ input: [4], defaults: { weightVariance: 2, biasVariance: 0.1 }, layers: [
    ...hidden.flatMap((units) => [{ ...dense, ...(units === undefined ? {} : { units }) }, phi('cardioid')]), { ...dense, units: 3 }] });

  test('those of the text are a row of their own, by the narrowest, and the kernels shown', async () => {
    const study = await run(request({ graph: written([24, 12]), widths: [8, 16] }));
    assert.deepEqual(study.rows.map((r) => [r.width, r.asWritten, r.parameters]), [
      // The kernel is of one output.
      [8, false, 2 * (4 * 8 + 8 * 8 + 8 + 8 + 8 + 1)], [12, true, 2 * (4 * 24 + 24 * 12 + 12 + 24 + 12 + 1)], [16, false, 2 * (4 * 16 + 16 * 16 + 16 + 16 + 16 + 1)],
    ]);
    assert.equal(study.asWrittenReason, null);
    assert.deepEqual([study.kernels.width, study.kernels.asWritten], [12, true]);
    assert.deepEqual(study.twins.slice(0, 2).map((t) => t.width), [12, 24]);
  });

  test('alone they are enough', async () => {
    const study = await run(request({ graph: written([24, 12]), widths: [] }));
    assert.deepEqual(study.rows.map((r) => r.asWritten), [true]);
  });

  test('one that the text does not tell is named, and only the widths asked for run', async () => {
    const study = await run(request({ graph: written([24, undefined]), widths: [8] }));
    assert.deepEqual(study.rows.map((r) => r.asWritten), [false]);
    assert.match(study.asWrittenReason!, /no number of units in the text/);
  });

  test('written ones that do not fit are left out with the numbers', async () => {
    const study = await run(request({ graph: written([6000, 6000]), widths: [8], memoryLimitBytes: 4e8 }));
    assert.deepEqual(study.rows.map((r) => r.asWritten), [false]);
    assert.match(study.asWrittenReason!, /needs about \d+ MiB, above the limit of \d+ MiB/);
    const fault = await faultOf(run(request({ graph: written([6000, 6000]), widths: [], memoryLimitBytes: 4e8 })));
    assert.equal(fault.kind, 'too-large');
  });

  test('twins that do not fit are left out, and the study says so', async () => {
    const graph = chainOf('cardioid', 2, 2, 0.1, [4]);
    const bytes = (twin: 'double-widths' | null) => estimateKernel(buildNetwork(graph, { shape: [4], field: 'complex' }, { width: 400, outputs: 1, twin }), 6).bytes;
    const study = await run(request({ widths: [400], seeds: 1, memoryLimitBytes: (bytes(null) + bytes('double-widths')) / 2 }));
    assert.ok(!study.twins.some((t) => t.size === 'double-widths') && study.twins.some((t) => t.size === 'same-widths'));
    assert.match(study.twinsReason ?? '', /memory limit/);
    assert.equal(study.kernels.twinNtk.matrix, null);
    assert.match(study.kernels.twinNtk.reason!, /memory limit/);
  });

  test('joined branches keep their written shares', () => {
    const graph = graphOf({ input: [4], layers: [{ kind: 'concat', branches: [[{ ...dense, units: 10 }, phi('cardioid')], [{ ...dense, units: 30 }, phi('cardioid')]], weights: [0.25, 0.75] }, dense] });
    const { tensors } = buildNetwork(graph, { shape: [4], field: 'complex' }, { width: 20, outputs: 1 });
    assert.deepEqual(tensors.map((t) => t.out), [20, 60, 1]);
  });
});

describe('convergence', () => {
  test('both exponents are -1/2, and the width that is near enough is where the line says', async () => {
    const { graph, inputs } = request();
    const study = await run(request({ widths: [16, 64, 256], seeds: 12, limit: await limitOf(graph, inputs) }));
    for (const q of [study.exponent, study.pseudoExponent]) assert.ok(Math.abs(q.value! + 0.5) < 3 * q.error! + 0.05, `${q.value} +- ${q.error}`);
    const [far, , near] = study.rows.map((r) => r.distance.value!);
    assert.ok(near! < far! / 2.5);
    const at = study.limitWidth;
    assert.equal(at.level, 0.1);
    assert.ok(Math.abs(at.width.value! / (256 * (near! / 0.1) ** 2) - 1) < 0.5, `${at.width.value}`);
    assert.match(study.sentence, /At width 256 the kernel of one network is .* % away from its limit/);
  });

  const row = (width: number, value: number | null, error: number | null = null): { width: number; value: Quantity } => ({ width, value: { value, method: 'monte-carlo', error, ...(value === null ? { reason: '' } : {}) } });
  test('a line through logarithms: slope, crossing, and what cannot be told', () => {
    const exact = powerLaw([16, 64, 256].map((w) => row(w, 3 * w ** -0.5, 0)));
    assert.ok(Math.abs(exact.exponent.value! + 0.5) < 1e-12 && exact.exponent.error! < 1e-12);
    assert.ok(Math.abs(exact.widthAt(0.1).value! - 900) < 1e-9);
    assert.match(powerLaw([row(16, 1), row(64, null)]).exponent.reason!, /two different widths/);
    assert.match(powerLaw([row(16, 1), row(16, 2)]).exponent.reason!, /two different widths/);
    assert.match(powerLaw([row(16, 1), row(64, 2)]).widthAt(0.1).reason!, /do not fall/);
    assert.equal(powerLaw([row(16, 1), row(64, 0.5)]).exponent.error, null, 'two points without errors have no scatter');
    // Errors of the points: slope error = error / |log 64/16| sqrt 2 for two of them.
    const two = powerLaw([row(16, 1, 0.02), row(64, 0.5, 0.01)]);
    assert.ok(Math.abs(two.exponent.error! - (0.02 * Math.SQRT2) / Math.log(4)) < 1e-12);
  });
});

describe('normal and uniform numbers', () => {
  for (const [name, numbers, fourth, beyond3] of [['normal', normals, 3, 0.0026998], ['uniform', uniforms, 9 / 5, 0]] as const) {
    test(`${name}: moments, tails and neighbours`, () => {
      const n = 1 << 20;
      const x = new Float32Array(n);
      numbers([3, 1])(x);
      const mean = (f: (v: number, i: number) => number) => x.reduce((a, v, i) => a + f(v, i), 0) / n;
      const sigma = 5 / Math.sqrt(n);
      assert.ok(Math.abs(mean((v) => v)) < sigma);
      assert.ok(Math.abs(mean((v) => v * v) - 1) < Math.SQRT2 * sigma);
      assert.ok(Math.abs(mean((v) => v ** 4) - fourth) < Math.sqrt(96) * sigma);
      assert.ok(Math.abs(mean((v, i) => v * x[(i + 1) % n]!)) < sigma);
      assert.ok(Math.abs(mean((v) => (Math.abs(v) > 3 ? 1 : 0)) - beyond3) <= Math.sqrt(beyond3) * sigma);
    });

    test(`${name}: every part of the seed counts, and pieces give the same as one go`, () => {
      const first = (seed: number[]) => {
        const out = new Float32Array(1);
        numbers(seed)(out);
        return out[0]!;
      };
      const seeds = [[0], [1], [2 ** 32], [0, 0], [0, 1], [1, 0], [0, 0, 1], [0, 1, 0]];
      assert.equal(new Set(seeds.map(first)).size, seeds.length);
      const whole = new Float32Array(7);
      numbers([5])(whole);
      const parts = new Float32Array(7);
      const fill = numbers([5]);
      fill(parts.subarray(0, 3));
      fill(parts.subarray(3));
      assert.deepEqual(parts, whole);
    });
  }

  test('pinned, since results name their seeds', () => {
    const out = new Float32Array(3);
    normals([0, 64, 0])(out);
    assert.deepEqual([...out], [-1.0816714763641357, -0.06474307924509048, -0.5879175066947937]);
  });
});
