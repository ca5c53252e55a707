// The built-in signals against what they promise: power, noise level, band, classes, repeatability. Knows no file.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InputQuery } from '../../src/contract/inputs.ts';
import { loadInputs, type ModelInput } from '../../src/data/index.ts';
import { CLASSES, modulator } from '../../src/data/signals/modulations.ts';
import { pulseTrain, rootRaisedCosine } from '../../src/data/signals/pulse.ts';
import { randomStream } from '../../src/data/signals/random.ts';
import { complexModel, realModel, refused } from './scratch.ts';

type SignalQuery = Extract<InputQuery, { kind: 'signals' }>;
const make = (more: Partial<SignalQuery> = {}, model: ModelInput = { inputShape: null, inputField: 'complex' }, memoryBytes = 1e8, signal = new AbortController().signal) =>
  loadInputs({ kind: 'signals', name: 'modulations', options: {}, samples: 64, shape: [128], normalise: 'none', ...more }, model, { memoryBytes }, signal);

const defaults = { snr: 10, seed: 0, samplesPerSymbol: 8, rolloff: 0.35, span: 8, offset: 0.01 };
const power = (re: Float64Array, im: Float64Array) => re.reduce((s, v, i) => s + v * v + im[i]! ** 2, 0) / re.length;

test('random numbers: moments, independence of streams, range', () => {
  const n = 40000;
  const a = randomStream(0, 1, 2);
  const b = randomStream(0, 1, 3);
  let [m1, m2, m4, cross] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [a.normal(), b.normal()];
    m1 += x / n; m2 += (x * x) / n; m4 += x ** 4 / n; cross += (x * y) / n;
  }
  assert.ok(Math.abs(m1) < 0.02 && Math.abs(m2 - 1) < 0.03 && Math.abs(m4 - 3) < 0.25 && Math.abs(cross) < 0.02, `${m1} ${m2} ${m4} ${cross}`);
  const counts = new Array(8).fill(0);
  for (let i = 0; i < 8000; i++) counts[a.below(8)]++;
  assert.ok(counts.every((c) => Math.abs(c - 1000) < 130), String(counts));
  const seeds = new Set(Array.from({ length: 2000 }, (_, s) => randomStream(s).uniform()));
  assert.equal(seeds.size, 2000);
  assert.notEqual(randomStream(1).uniform(), randomStream(2 ** 32 + 1).uniform());
});

test('the pulse: energy, symmetry, no interference between symbols after the matched filter', () => {
  for (const [sps, beta, span] of [[8, 0.35, 8], [4, 0.25, 16], [8, 0, 32], [8, 1, 8], [5, 0.5, 9]] as const) {
    const h = rootRaisedCosine(sps, beta, span);
    assert.ok(Math.abs(h.reduce((s, v) => s + v * v, 0) - sps) < 1e-9);
    for (let i = 0; i < h.length; i++) assert.ok(Number.isFinite(h[i]!) && Math.abs(h[i]! - h[h.length - 1 - i]!) < 1e-12);
    for (let k = 1; k <= 3; k++) {
      let overlap = 0;
      for (let i = 0; i + k * sps < h.length; i++) overlap += h[i]! * h[i + k * sps]!;
      assert.ok(Math.abs(overlap) / sps < 0.03, `${sps} ${beta} ${span}: ${overlap / sps}`);
    }
  }
});

test('a pulse train is the convolution of its symbols with the pulse', () => {
  const h = rootRaisedCosine(4, 0.35, 4);
  const symbols: number[] = [];
  const random = randomStream(3);
  const train = pulseTrain(30, h, 4, () => { symbols.push(random.normal()); return [symbols.at(-1)!, 0]; });
  for (let n = 0; n < 30; n++) {
    let sum = 0;
    symbols.forEach((s, k) => { sum += s * (h[n - 4 * k + h.length - 1] ?? 0); });
    assert.ok(Math.abs(sum - train.re[n]!) < 1e-12);
  }
});

test('every class: power 1 before noise, the promised SNR', async () => {
  const clean = await make({ samples: 70, shape: [256], options: { snr: 200 } });
  for (let a = 0; a < 70; a++) {
    assert.ok(Math.abs(power(clean.re.subarray(256 * a, 256 * a + 256), clean.im.subarray(256 * a, 256 * a + 256)) - 1) < 1e-8);
  }
  for (const snr of [0, 10]) {
    const noisy = await make({ samples: 70, shape: [256], options: { snr } });
    const difference = power(noisy.re.map((v, i) => v - clean.re[i]!), noisy.im.map((v, i) => v - clean.im[i]!));
    // 70 * 256 exponential draws: one standard error is 0.75 %.
    assert.ok(Math.abs(difference / 10 ** (-snr / 10) - 1) < 0.03, String(difference));
  }
});

test('the signals lie in their band; FM has a constant envelope, AM a constant phase, PSK points the right symmetry', () => {
  const length = 512;
  const re = new Float64Array(length);
  const im = new Float64Array(length);
  const generate = modulator(length, { ...defaults, snr: 200, offset: 0 });
  const inBand = (edge: number) => {
    let [inside, total] = [0, 0];
    for (let k = -length / 2; k < length / 2; k++) {
      let [x, y] = [0, 0];
      for (let n = 0; n < length; n++) {
        const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * (n + 0.5)) / length);
        const [c, s] = [Math.cos((2 * Math.PI * k * n) / length), -Math.sin((2 * Math.PI * k * n) / length)];
        x += window * (re[n]! * c - im[n]! * s);
        y += window * (re[n]! * s + im[n]! * c);
      }
      total += x * x + y * y;
      if (Math.abs(k / length) <= edge) inside += x * x + y * y;
    }
    return inside / total;
  };
  const linear = (1.35 / 2) / 8;
  CLASSES.forEach((name, cls) => {
    generate(cls, 0, re, im);
    const edge = name === 'fm' ? 0.3 : linear + 0.01;
    assert.ok(inBand(edge) > 0.98, `${name}: ${inBand(edge)}`);
    if (name !== 'fm' && name !== 'am') assert.ok(inBand(0.02) < 0.8, `${name} is too narrow`);
  });
  generate(CLASSES.indexOf('fm'), 1, re, im);
  for (let n = 0; n < length; n++) assert.ok(Math.abs(Math.hypot(re[n]!, im[n]!) - 1) < 1e-8);
  generate(CLASSES.indexOf('am'), 1, re, im);
  const moment = (p: number) => {
    let [x, y] = [0, 0];
    for (let n = 0; n < length; n++) {
      const [r, angle] = [Math.hypot(re[n]!, im[n]!) ** p, p * Math.atan2(im[n]!, re[n]!)];
      x += (r * Math.cos(angle)) / length; y += (r * Math.sin(angle)) / length;
    }
    return Math.hypot(x, y);
  };
  assert.ok(Math.abs(moment(2) - 1) < 1e-8);
  generate(CLASSES.indexOf('bpsk'), 1, re, im);
  assert.ok(Math.abs(moment(2) - 1) < 1e-8);
  generate(CLASSES.indexOf('qpsk'), 1, re, im);
  assert.ok(moment(2) < 0.5);
});

test('phases are uniform over samples, offsets bounded', async () => {
  const set = await make({ samples: 700, shape: [8], options: { snr: 200 } });
  let [x, y] = [0, 0];
  for (let a = 0; a < 700; a++) {
    const angle = Math.atan2(set.im[8 * a]!, set.re[8 * a]!);
    x += Math.cos(angle) / 700; y += Math.sin(angle) / 700;
  }
  assert.ok(Math.hypot(x, y) < 0.12, String(Math.hypot(x, y)));
  const am = modulator(64, { ...defaults, snr: 200, offset: 0.01 });
  const [re, im] = [new Float64Array(64), new Float64Array(64)];
  for (let k = 0; k < 50; k++) {
    am(6, k, re, im);
    // AM can pass through 0, where the phase turns by half a turn: doubled angles do not see it.
    const turn = Math.atan2(2 * (im[1]! * re[0]! - re[1]! * im[0]!) * (re[1]! * re[0]! + im[1]! * im[0]!), (re[1]! * re[0]! + im[1]! * im[0]!) ** 2 - (im[1]! * re[0]! - re[1]! * im[0]!) ** 2) / 2;
    assert.ok(Math.abs(turn) <= 2 * Math.PI * 0.01 + 1e-6);
  }
});

test('classes are balanced, in order, and named', async () => {
  const set = await make();
  assert.deepEqual(set.classes, ['bpsk', 'qpsk', '8psk', '16qam', '64qam', 'fm', 'am']);
  const counts = CLASSES.map((_, c) => set.labels!.filter((l) => l === c).length);
  assert.deepEqual(counts, [10, 9, 9, 9, 9, 9, 9]);
  assert.deepEqual([...set.labels!], [...set.labels!].sort((a, b) => a - b));
  assert.deepEqual([...(await make({ samples: 3 })).labels!], [0, 1, 2]);
  assert.equal(set.description, 'modulations: 64 samples of shape [128], SNR 10 dB, seed 0');
  assert.deepEqual(set.provenance, { generator: 'modulations', samples: 64, ...defaults });
});

test('the same seed gives the same samples, another seed others; a larger set contains the smaller', async () => {
  const [a, b, c, large] = await Promise.all([make(), make(), make({ options: { seed: 1 } }), make({ samples: 700 })]);
  assert.deepEqual(a.re, b.re);
  assert.ok(a.re.every((v, i) => v !== c.re[i]));
  // Class 2 (8psk) begins at 19 in the small set and at 200 in the large one.
  assert.deepEqual(a.im.subarray(19 * 128, 20 * 128), large.im.subarray(200 * 128, 201 * 128));
  // Values of the first release: results must stay reproducible from version to version.
  assert.deepEqual([a.re[0], a.im[0], a.re[8191]].map((v) => v!.toPrecision(10)), PINNED);
});
const PINNED = ['-0.3562376340', '-1.300007333', '1.197976590'];

test('vectors with an axis of one get the same values; other shapes get noise, named as such', async () => {
  const flat = await make();
  for (const shape of [[1, 128], [128, 1]]) assert.deepEqual((await make({ shape })).re, flat.re);
  const image = await make({ shape: [2, 4, 4] });
  assert.match(image.description, /^complex white noise \(modulations need samples of shape \[length\]\): 64 samples of shape \[2, 4, 4\], seed 0$/);
  assert.equal(image.labels, undefined);
  assert.deepEqual(image.provenance, { generator: 'noise', samples: 64, seed: 0 });
  assert.deepEqual(image.re, (await make({ name: 'noise', shape: [2, 4, 4] })).re);
});

test('white noise: power 1, circular, uncorrelated; real noise is real', async () => {
  const set = await make({ name: 'noise', samples: 100, shape: [200] });
  let [pseudo, neighbour] = [0, 0];
  for (let i = 0; i < set.re.length; i++) {
    pseudo += set.re[i]! ** 2 - set.im[i]! ** 2;
    neighbour += set.re[i]! * (set.re[i + 1] ?? 0) + set.im[i]! * (set.im[i + 1] ?? 0);
  }
  assert.ok(Math.abs(power(set.re, set.im) - 1) < 0.03);
  assert.ok(Math.abs(pseudo) / set.re.length < 0.03 && Math.abs(neighbour) / set.re.length < 0.03);
  const real = await make({ name: 'real-noise', samples: 100, shape: [200] }, realModel(200));
  assert.equal(real.field, 'real');
  assert.ok(real.im.every((v) => v === 0) && Math.abs(power(real.re, real.im) - 1) < 0.05);
});

test('unit normalisation applies to signals too', async () => {
  const set = await make({ normalise: 'unit' });
  for (let a = 0; a < 64; a++) assert.ok(Math.abs(power(set.re.subarray(128 * a, 128 * a + 128), set.im.subarray(128 * a, 128 * a + 128)) - 1) < 1e-12);
});

test('wrong asks are refused with what would be right', async () => {
  await refused(make({ options: { snir: 3 } }), 'bad-input', /no option "snir"/, /snr, seed, samplesPerSymbol, rolloff, span, offset/);
  await refused(make({ options: JSON.parse('{"__proto__": 1, "constructor": 2}') as Record<string, number> }), 'bad-input', /no option/);
  await refused(make({ name: 'noise', options: { snr: 3 } }), 'bad-input', /It has seed/);
  for (const options of <Record<string, number>[]>[{ seed: -1 }, { seed: 0.5 }, { snr: NaN }, { rolloff: 1.1 }, { samplesPerSymbol: 0 }, { samplesPerSymbol: 1e9 }, { span: Infinity }, { offset: -1 }]) {
    await refused(make({ options }), 'bad-input', new RegExp(`Option ${Object.keys(options)[0]} of "modulations" is`));
  }
  await refused(make({ name: 'sinus' as 'noise' }), 'bad-input', /modulations, noise, real-noise/);
  await refused(make({ name: 'toString' as 'noise' }), 'bad-input', /no signal set/);
  for (const name of ['modulations', 'noise'] as const) await refused(make({ name }, realModel(128)), 'bad-input', /--signals real-noise/);
  await refused(make({ samples: 0 }), 'bad-input', /number of samples/);
  for (const shape of [[], [0], [-3], [1.5]]) await refused(make({ shape }), 'bad-input', /shape/);
  await refused(make({ shape: [64] }, complexModel(128)), 'bad-input', /\[64\]/, /\[128\]/);
  await refused(make({ samples: 1e9, shape: [1e9] }), 'too-large', /memory limit/);
  await refused(make({ samples: 5000, shape: [512] }, undefined, 1e9, AbortSignal.abort()), 'cancelled');
});

test('extreme but allowed options give finite signals', async () => {
  for (const options of <Record<string, number>[]>[{ samplesPerSymbol: 1 }, { span: 1 }, { rolloff: 0 }, { rolloff: 1 }, { samplesPerSymbol: 256, span: 64 }, { snr: -100 }, { seed: Number.MAX_SAFE_INTEGER }]) {
    const set = await make({ options, samples: 7, shape: [16] });
    assert.ok(set.re.every(Number.isFinite) && set.im.every(Number.isFinite), JSON.stringify(options));
  }
  assert.ok((await make({ shape: [1], samples: 14 })).re.every(Number.isFinite));
});
