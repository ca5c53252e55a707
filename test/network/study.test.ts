// The finite-width study: refusals before any work, cancel, progress, determinism, and its statistics.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Fault } from '../../src/contract/fault.ts';
import type { Progress } from '../../src/contract/rpc.ts';
import { drawWeights, empiricalNtk, estimateFiniteWidth, openBackend, studyFiniteWidth, type Backend, type EmpiricalNtk, type StudyRequest } from '../../src/network/index.ts';
import { normals } from '../../src/network/normals.ts';
import { gaussianInputs, immediately, networkOf, options } from './networks.ts';

let backend: Backend;
before(async () => { backend = await openBackend('wasm', options); });
after(() => backend.dispose());

const request = (more: Partial<StudyRequest> = {}): StudyRequest => ({
  network: networkOf('cardioid', 2, 2, 0.1), inputs: gaussianInputs(6, 4, 'complex'),
  widths: [16, 32], seeds: 3, limit: { ntk: null, twinNtk: null }, memoryLimitBytes: 1e9, ...more,
});
const context = () => {
  const abort = new AbortController();
  const heard: Progress[] = [];
  return { abort, heard, signal: abort.signal, progress: (p: Progress) => { heard.push(p); } };
};
const faultOf = async (p: Promise<unknown>): Promise<Fault> => {
  try {
    await p;
  } catch (e) {
    assert.ok(e instanceof Fault, String(e));
    return e;
  }
  return assert.fail('not refused');
};

describe('refused before any work', () => {
  test('too large: the number, the limit and the setting', async () => {
    const c = context();
    const fault = await faultOf(studyFiniteWidth(request({ widths: [64, 1_000_000] }), backend, c));
    assert.equal(fault.kind, 'too-large');
    assert.match(fault.message, /width 1000000 with 6 samples needs about \d+ MiB.*limit of 954 MiB.*complexNtk\.memoryLimit/s);
    assert.deepEqual(c.heard, []);
  });

  test('huge numbers stay numbers', () => {
    const e = estimateFiniteWidth(request({ widths: [Number.MAX_SAFE_INTEGER], seeds: 1e9 }));
    assert.ok(e.bytes > 1e30 && e.operations > 1e40);
  });

  for (const [what, more] of [
    ['a width of 0', { widths: [0] }], ['half a unit', { widths: [1.5] }], ['a width that is not a number', { widths: [Number.NaN] }], ['no seed', { seeds: 0 }],
    ['complex inputs of a real network', { network: networkOf('relu', 1, 2, 0) }],
  ] as const) {
    test(what, async () => assert.equal((await faultOf(studyFiniteWidth(request(more as never), backend, context()))).kind, 'bad-input'));
  }
});

test('cancelled between tiles, and no tensor is left', async () => {
  const c = context();
  const running = studyFiniteWidth(request({ widths: [1500], seeds: 50, inputs: gaussianInputs(40, 8, 'complex') }), backend, c);
  const asked = performance.now() + 300;
  setTimeout(() => c.abort.abort(), 300);
  assert.equal((await faultOf(running)).kind, 'cancelled');
  assert.ok(performance.now() - asked < 1000, 'heard within a second');
  assert.equal(backend.tf.memory().numTensors, 0);
});

test('cancelled before it starts', async () => {
  const c = context();
  c.abort.abort();
  assert.equal((await faultOf(studyFiniteWidth(request(), backend, c))).kind, 'cancelled');
});

test('progress: one message a network, rising from 0 to 1', async () => {
  const c = context();
  await studyFiniteWidth(request(), backend, c);
  assert.equal(c.heard.length, 2 * 3 + 1);
  const fractions = c.heard.map((p) => p.fraction!);
  assert.deepEqual(fractions, [...fractions].sort((a, b) => a - b));
  assert.deepEqual([fractions[0], fractions.at(-1)], [0, 1]);
  assert.match(c.heard[4]!.message, /width 32: network 2 of 3, WebAssembly/);
});

test('the same twice, and rows by their definitions', async () => {
  const network = networkOf('split-relu', 1, 2, 0);
  const inputs = gaussianInputs(3, 4, 'complex');
  const drawn: EmpiricalNtk[] = [];
  for (const seed of [0, 1, 2]) drawn.push(await empiricalNtk(network, await drawWeights(network, 4, 16, seed, immediately), inputs, backend, immediately));
  const ntk = { rows: 3, cols: 3, re: Float64Array.of(5, 1, 1, 1, 5, 1, 1, 1, 5), im: Float64Array.of(0, 1, 0, -1, 0, 0, 0, 0, 0) };
  const twinNtk = { rows: 3, cols: 3, re: Float64Array.of(4, 1, 1, 1, 4, 1, 1, 1, 4), im: new Float64Array(9) };
  const study = await studyFiniteWidth(request({ network, inputs, widths: [16], limit: { ntk, twinNtk } }), backend, context());
  assert.deepEqual(study, await studyFiniteWidth(request({ network, inputs, widths: [16], limit: { ntk, twinNtk } }), backend, context()));

  const frobenius = (...parts: Float64Array[]) => Math.hypot(...parts.flatMap((p) => [...p]));
  const minus = (a: Float64Array, b: Float64Array) => a.map((v, i) => v - b[i]!);
  const close = (got: number | null, want: number) => assert.ok(Math.abs(got! - want) < 1e-9 * Math.abs(want), `${got} for ${want}`);
  const d = drawn.map((k) => frobenius(minus(k.ntk.re, ntk.re), minus(k.ntk.im!, ntk.im)) / frobenius(ntk.re, ntk.im));
  const mean = d.reduce((a, b) => a + b) / 3;
  const row = study.rows[0]!;
  close(row.distance.value, mean);
  close(row.distance.error, Math.sqrt(d.reduce((a, v) => a + (v - mean) ** 2, 0) / 2 / 3));
  close(row.twinDistance.value, drawn.reduce((a, k) => a + frobenius(minus(k.ntk.re, twinNtk.re)), 0) / 3 / frobenius(twinNtk.re));
  close(row.pseudo.value, drawn.reduce((a, k) => a + frobenius(k.pseudo!.re, k.pseudo!.im!) / frobenius(k.ntk.re, k.ntk.im!), 0) / 3);
  const centre = (part: 're' | 'im') => ntk.re.map((_, i) => (drawn[0]!.ntk[part]![i]! + drawn[1]!.ntk[part]![i]! + drawn[2]!.ntk[part]![i]!) / 3);
  close(row.meanDistance.value, frobenius(minus(centre('re'), ntk.re), minus(centre('im'), ntk.im)) / frobenius(ntk.re, ntk.im));
  const scatter = drawn.reduce((a, k) => a + frobenius(minus(k.ntk.re, centre('re')), minus(k.ntk.im!, centre('im'))) ** 2, 0) / (3 * 2);
  close(row.meanDistance.error, Math.sqrt(scatter) / frobenius(ntk.re, ntk.im));
  assert.equal(study.exponent.value, null);
  assert.match(study.exponent.reason!, /two different widths/);
});

test('what does not exist is null with a reason', async () => {
  const one = await studyFiniteWidth(request({ seeds: 1 }), backend, context());
  assert.equal(one.rows[0]!.distance.value, null);
  assert.match(one.rows[0]!.distance.reason!, /does not exist or was not computed/);
  assert.equal(one.rows[0]!.pseudo.error, null, 'one network has no standard error');
  const real = await studyFiniteWidth(request({ network: networkOf('relu', 1, 2, 0), inputs: gaussianInputs(4, 3, 'real') }), backend, context());
  assert.equal(real.rows[0]!.pseudo.value, null);
  assert.match(real.rows[0]!.twinDistance.reason!, /no real twin/);
});

test('inputs that overflow float32 give no number, not a wrong one', async () => {
  const inputs = gaussianInputs(4, 3, 'complex');
  inputs.re[2] = 1e200;
  const ntk = { rows: 4, cols: 4, re: new Float64Array(16).fill(1), im: new Float64Array(16) };
  const study = await studyFiniteWidth(request({ inputs, limit: { ntk, twinNtk: ntk } }), backend, context());
  for (const q of [study.rows[0]!.distance, study.rows[0]!.twinDistance, study.rows[0]!.pseudo, study.rows[0]!.meanDistance]) {
    assert.equal(q.value, null);
    assert.match(q.reason!, /not finite/);
  }
  assert.equal(study.exponent.value, null);
});

describe('normals', () => {
  test('moments, tails and neighbours', () => {
    const n = 1 << 20;
    const x = new Float32Array(n);
    normals([3, 1])(x);
    const mean = (f: (v: number, i: number) => number) => x.reduce((a, v, i) => a + f(v, i), 0) / n;
    const sigma = 5 / Math.sqrt(n);
    assert.ok(Math.abs(mean((v) => v)) < sigma);
    assert.ok(Math.abs(mean((v) => v * v) - 1) < Math.SQRT2 * sigma);
    assert.ok(Math.abs(mean((v) => v ** 4) - 3) < Math.sqrt(96) * sigma);
    assert.ok(Math.abs(mean((v, i) => v * x[(i + 1) % n]!)) < sigma);
    assert.ok(Math.abs(mean((v) => (Math.abs(v) > 3 ? 1 : 0)) - 0.0026998) < Math.sqrt(0.0027) * sigma);
  });

  test('every part of the seed counts, and pieces give the same as one go', () => {
    const first = (seed: number[]) => {
      const out = new Float32Array(1);
      normals(seed)(out);
      return out[0]!;
    };
    const seeds = [[0], [1], [2 ** 32], [0, 0], [0, 1], [1, 0], [0, 0, 1], [0, 1, 0]];
    assert.equal(new Set(seeds.map(first)).size, seeds.length);
    const whole = new Float32Array(7);
    normals([5])(whole);
    const parts = new Float32Array(7);
    const fill = normals([5]);
    fill(parts.subarray(0, 3));
    fill(parts.subarray(3));
    assert.deepEqual(parts, whole);
  });

  test('pinned, since results name their seeds', () => {
    const out = new Float32Array(3);
    normals([0, 64, 0])(out);
    assert.deepEqual([...out], [-1.0816714763641357, -0.06474307924509048, -0.5879175066947937]);
  });
});
