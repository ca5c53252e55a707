// What loadInputs makes of shapes, CSV text, paths and scalings. Knows no binary format's bytes beyond our own writer.
import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fault } from '../../src/contract/fault.ts';
import { encodeNpy } from '../../src/data/index.ts';
import { readNumber } from '../../src/data/csv.ts';
import { fitShape } from '../../src/data/fit.ts';
import { normalise } from '../../src/data/normalise.ts';
import { complexModel, load, loadBytes, realModel, refused, scratch } from './scratch.ts';

const ramp = (...shape: number[]) => encodeNpy({ shape, re: Float64Array.from({ length: shape.reduce((p, d) => p * d, 1) }, (_, i) => i) });

test('real and imaginary parts as a last axis or as planes become complex samples', async (t) => {
  const last = await loadBytes(t, 'a.npy', ramp(2, 3, 2), complexModel(3));
  assert.deepEqual([[...last.re], [...last.im]], [[0, 2, 4, 6, 8, 10], [1, 3, 5, 7, 9, 11]]);
  assert.equal(last.field, 'complex');
  assert.match(last.description, /^a\.npy: 2 complex samples of shape \[3\] from real and imaginary parts$/);
  const planes = await loadBytes(t, 'a.npy', ramp(2, 2, 3), complexModel(3));
  assert.deepEqual([[...planes.re], [...planes.im]], [[0, 1, 2, 6, 7, 8], [3, 4, 5, 9, 10, 11]]);
  const image = await loadBytes(t, 'a.npy', ramp(1, 2, 2, 2, 3), complexModel(2, 2, 3));
  assert.deepEqual(image.shape, [2, 2, 3]);
  assert.equal(image.im[0], 12);
});

test('an array that fits as it is stays real, though its last axis is 2', async (t) => {
  const set = await loadBytes(t, 'a.npy', ramp(5, 3, 2), complexModel(3, 2));
  assert.equal(set.field, 'real');
  assert.equal(set.im.every((v) => v === 0), true);
});

test('axes of one and flat rows fit; transposed axes do not', async (t) => {
  assert.deepEqual((await loadBytes(t, 'a.npy', ramp(2, 4), complexModel(1, 4))).shape, [1, 4]);
  assert.deepEqual((await loadBytes(t, 'a.npy', ramp(2, 1, 4), complexModel(4))).shape, [4]);
  assert.deepEqual((await loadBytes(t, 'a.npy', ramp(2, 12), complexModel(3, 4))).shape, [3, 4]);
  assert.deepEqual((await loadBytes(t, 'a.npy', ramp(3), complexModel(1))).shape, [1]);
  await refused(loadBytes(t, 'a.npy', ramp(2, 4, 3), complexModel(3, 4)), 'bad-input', /shape \[4, 3\]/, /shape \[3, 4\]/, /transpose/);
  await refused(loadBytes(t, 'a.npy', ramp(2, 5), complexModel(4)), 'bad-input', /\[5\]/, /\[4\]/, /\[samples, 4\]/);
  await refused(loadBytes(t, 'a.npy', ramp(2, 8), complexModel(4)), 'bad-input', /\[samples, 4, 2\]/);
  await refused(loadBytes(t, 'a.npy', ramp(4), complexModel(4)), 'bad-input', /reshape the array to \[1, 4\]/);
});

test('an unknown model shape takes the file\'s; an asked one must agree with the model', async (t) => {
  const unknown = { inputShape: null, inputField: 'complex' as const };
  assert.deepEqual((await loadBytes(t, 'a.npy', ramp(2, 3, 5), unknown)).shape, [3, 5]);
  assert.deepEqual((await loadBytes(t, 'a.npy', ramp(2, 3, 5), unknown, { shape: [15] })).shape, [15]);
  assert.deepEqual((await loadBytes(t, 'a.npy', ramp(2, 15), complexModel(15), { shape: [3, 5] })).shape, [3, 5]);
  await refused(loadBytes(t, 'a.npy', ramp(2, 3, 5), complexModel(15), { shape: [4] }), 'bad-input', /asked shape \[4\]/, /\[15\]/);
  await refused(loadBytes(t, 'a.npy', ramp(2, 3, 5), unknown, { shape: [0, 15] }), 'bad-input', /whole numbers/);
});

test('a fit never invents numbers', () => {
  const axis = fc.integer({ min: 1, max: 4 });
  const axes = fc.array(axis, { maxLength: 4 });
  fc.assert(fc.property(axes, axes, fc.boolean(), fc.boolean(), (rest, target, isComplex, flatPairs) => {
    const size = (s: number[]) => s.reduce((p, d) => p * d, 1);
    try {
      const fit = fitShape({ name: 'f', rest, isComplex, parts: null, flatPairs }, target, 'complex');
      assert.equal(size(rest), size(fit.shape) * (fit.parts ? 2 : 1));
      assert.ok(!(isComplex && fit.parts));
    } catch (e) {
      assert.ok(e instanceof Fault);
    }
  }));
});

test('the first NaN or infinity is named by sample and index', async (t) => {
  const re = new Float64Array(12);
  re[10] = NaN;
  await refused(loadBytes(t, 'n.npy', encodeNpy({ shape: [2, 2, 3], re }), complexModel(2, 3)), 'bad-input', /n\.npy/, /sample 1 has NaN at index \[1, 1\]/);
  const im = new Float64Array(12);
  im[2] = -Infinity;
  await refused(loadBytes(t, 'n.npy', encodeNpy({ shape: [2, 6], re, im }), complexModel(6)), 'bad-input', /sample 0 has an imaginary part -Infinity at index \[2\]/);
  assert.equal((await loadBytes(t, 'n.npy', encodeNpy({ shape: [2, 6], re }), complexModel(6), { samples: 1 })).samples, 1);
});

test('paths that cannot be read', async (t) => {
  const dir = await scratch(t);
  await mkdir(join(dir, 'folder.npy'));
  await refused(load(join(dir, 'none.npy'), complexModel(2)), 'io', /none\.npy/, /does not exist/);
  await refused(load(join(dir, 'folder.npy'), complexModel(2)), 'bad-input', /is a folder/);
  await writeFile(join(dir, 'plain'), 'x');
  await refused(load(join(dir, 'plain', 'a.npy'), complexModel(2)), 'io', /not a folder/);
  await refused(load(join(dir, 'plain'), complexModel(2)), 'bad-input', /\.npy, \.npz or \.csv/);
  await refused(load('/dev/null', complexModel(2)), 'bad-input', /not a regular file/);
  await refused(load(join(dir, 'nul\0.npy'), complexModel(2)), 'io', /null bytes/);
  await writeFile(join(dir, 'secret.npy'), ramp(2, 2));
  await chmod(join(dir, 'secret.npy'), 0);
  if (process.getuid?.() === 0) return t.diagnostic('root reads everything: permissions not tried');
  await refused(load(join(dir, 'secret.npy'), complexModel(2)), 'io', /permission was denied/);
});

test('a cancelled load ends as cancelled', async (t) => {
  const dir = await scratch(t);
  await writeFile(join(dir, 'a.npy'), ramp(4, 4));
  await writeFile(join(dir, 'a.csv'), '1,2\n'.repeat(100000));
  const aborted = AbortSignal.abort();
  await refused(load(join(dir, 'a.npy'), complexModel(4), {}, 1e8, aborted), 'cancelled');
  await refused(load(join(dir, 'a.csv'), complexModel(2), {}, 1e8, aborted), 'cancelled');
  const soon = new AbortController();
  const loading = load(join(dir, 'a.csv'), complexModel(2), {}, 1e8, soon.signal);
  setTimeout(() => soon.abort(), 5);
  await refused(loading, 'cancelled');
});

test('numbers of samples that are none', async (t) => {
  for (const samples of [0, -1, 1.5, NaN]) await refused(loadBytes(t, 'a.npy', ramp(4, 4), complexModel(4), { samples }), 'bad-input', /number of samples/);
});

test('CSV: reals, pairs, literals, headers, separators, comments, BOM, CRLF', async (t) => {
  const csv = (text: string, model = complexModel(2), more = {}) => loadBytes(t, 'a.csv', text, model, more);
  const both = async (p: ReturnType<typeof csv>) => { const s = await p; return [[...s.re], [...s.im], s.field]; };
  assert.deepEqual(await both(csv('1,2\n3,4\n')), [[1, 2, 3, 4], [0, 0, 0, 0], 'real']);
  assert.deepEqual(await both(csv('1,2,3,4\n5,6,7,8')), [[1, 3, 5, 7], [2, 4, 6, 8], 'complex']);
  assert.deepEqual(await both(csv('1+2j,3-4i\n-j, (5e-1+2.5e+1j)\n')), [[1, 3, 0, 0.5], [2, -4, -1, 25], 'complex']);
  assert.deepEqual(await both(csv('\ufeffre0,im0,re1,im1\r\n1,2,3,4\r\n\r\n')), [[1, 3], [2, 4], 'complex']);
  assert.deepEqual(await both(csv('re0,re1,im0,im1\n1,2,3,4\n')), [[1, 2], [3, 4], 'complex']);
  assert.deepEqual(await both(csv('# saved by a script\na;b\n1.5;2\n')), [[1.5, 2], [0, 0], 'real']);
  assert.deepEqual(await both(csv('"1"\t2\n')), [[1, 2], [0, 0], 'real']);
  assert.deepEqual(await both(csv('1,2\n3,4\n5,oops\n', complexModel(2), { samples: 2 })), [[1, 2, 3, 4], [0, 0, 0, 0], 'real']);
  assert.deepEqual((await csv('i,q\n1,2\n', { inputShape: null, inputField: 'complex' })).shape, [1]);
  assert.deepEqual((await csv('1,2,3,4,5,6\n', complexModel(2, 3))).shape, [2, 3]);
  await refused(csv('re,im,re,im\n1,2,3,4\n', realModel(4)), 'bad-input', /real ones/);
});

test('CSV: what is wrong is named by line and column', async (t) => {
  for (const [text, ...patterns] of [
    ['1,2\n3,x\n', /line 2, column 2/, /"x" is not a number/],
    ['a,b\n1,2\n3,\n', /line 3, column 2 \("b"\)/, /empty/],
    ['1,2\n3\n', /line 2: 1 columns where 2/],
    ['a,b,c\n1,2\n', /line 2: 2 columns where 3/],
    ['1,2\n3,nan\n', /line 2, column 2/, /not finite/],
    ['1,2\n3,-Infinity\n', /not finite/],
    ['1,1e999\n', /not finite/],
    ['1,5;2,5\n', /"1,5" is not a number|has zero rows/],
    ['1 2\n3 4\n', /commas, semicolons or tabs/],
    ['a,b\n', /zero rows/],
    ['\n\n', /zero rows/],
    ['', /empty/],
    ['1,2,3\n', /\[3\]/, /\[2\]/],
    ['1,"2\n3,4\n', /cannot be read as CSV/],
    ['1\u00002,3\n', /zero bytes/],
    [`${'9'.repeat(5000)},1\n`, /not a number|zero rows/],
  ] as [string, ...RegExp[]][]) await refused(loadBytes(t, 'w.csv', text, complexModel(2)), 'bad-input', /w\.csv/, ...patterns);
  await refused(loadBytes(t, 'w.csv', Buffer.from('1,2\n', 'utf16le'), complexModel(2)), 'bad-input', /zero bytes/);
});

test('CSV: memory is bounded', async (t) => {
  await refused(loadBytes(t, 'l.csv', '1,2\n'.repeat(50000), complexModel(2), {}, 1e5), 'too-large', /l\.csv/, /line \d+/, /--samples/);
  await refused(loadBytes(t, 'l.csv', '1'.repeat(2.2e6), complexModel(2)), 'bad-input', /cannot be read as CSV/);
});

test('numbers as text round trip, and no text makes the reader slow', () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(fc.property(finite, finite, (re, im) => {
    assert.deepEqual(readNumber(String(re)), [re + 0 === 0 ? Number(String(re)) : re, null]);
    const [a, b] = readNumber(`${re}${im < 0 ? '-' : '+'}${Math.abs(im)}j`)!;
    assert.ok(a === re && b === im);
  }));
  const start = performance.now();
  for (const text of ['1'.repeat(1e6), `${'1'.repeat(99)}x`, `${'1e+'.repeat(33)}`, '('.repeat(50) + ')'.repeat(50)]) assert.equal(readNumber(text), null);
  assert.ok(performance.now() - start < 200);
  for (const text of ['', '+', 'j+1', '1+2', '1j2', '0x10', '1_000', '1+-2j', '--1', '1e', '.', 'e5']) assert.equal(readNumber(text), null, text);
  assert.deepEqual(['j', '-i', '2j', '1 + 2 j', '.5', '5.'].map(readNumber), [[0, 1], [0, -1], [0, 2], [1, 2], [0.5, null], [5, null]]);
});

test('random text as CSV ends in a result or a Fault', async (t) => {
  const dir = await scratch(t);
  const path = join(dir, 'r.csv');
  const piece = fc.oneof(fc.constantFrom(',', '\n', '"', '\r', '1', '-2.5', '1+2j', '#', ';', '\t', ' ', 'nan', 're', '\ufeff'), fc.string({ maxLength: 3 }));
  await fc.assert(fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
    await writeFile(path, pieces.join(''));
    try {
      const set = await load(path, complexModel(2), {}, 1e6);
      assert.equal(set.re.length, set.samples * 2);
    } catch (e) {
      assert.ok(e instanceof Fault && e.kind !== 'bug', (e as Error).stack);
    }
  }), { numRuns: 300 });
});

const drawn = (samples: number, size: number, scale = 1) => {
  const wave = (k: number) => Float64Array.from({ length: samples * size }, (_, i) => scale * (Math.sin(i * 1.7 + k) + 0.3 * k));
  return { samples, re: wave(1), im: wave(2) };
};
const power = (s: { re: Float64Array; im: Float64Array }, from: number, end: number, step = 1) => {
  let [sum, n] = [0, 0];
  for (let i = from; i < end; i += step, n++) sum += s.re[i]! ** 2 + s.im[i]! ** 2;
  return sum / n;
};

test('unit gives every sample mean power 1 and keeps its direction, at any scale', () => {
  for (const scale of [1, 1e-200, 1e200]) {
    const set = drawn(4, 6, scale);
    const ratio = set.re[1]! / set.re[0]!;
    normalise(set, 'unit', 's');
    for (let a = 0; a < 4; a++) assert.ok(Math.abs(power(set, 6 * a, 6 * a + 6) - 1) < 1e-12);
    assert.ok(Math.abs(set.re[1]! / set.re[0]! - ratio) < 1e-12);
  }
});

test('standard centres and scales every entry, leaves constant ones at 0', () => {
  for (const scale of [1, 1e200]) {
    const set = drawn(5, 3, scale);
    for (let a = 0; a < 5; a++) [set.re[3 * a + 1], set.im[3 * a + 1]] = [0.1 * scale, -0.7 * scale];
    normalise(set, 'standard', 's');
    for (const j of [0, 2]) {
      assert.ok(Math.abs(power(set, j, 15, 3) - 1) < 1e-12);
      let mean = 0;
      for (let a = 0; a < 5; a++) mean += set.re[3 * a + j]!;
      assert.ok(Math.abs(mean) < 1e-12);
    }
    for (let a = 0; a < 5; a++) assert.ok(set.re[3 * a + 1] === 0 && set.im[3 * a + 1]! === 0);
  }
});

test('scalings that cannot be made are refused', async (t) => {
  await refused(loadBytes(t, 'z.npy', encodeNpy({ shape: [2, 2], re: Float64Array.of(1, 2, 0, 0) }), complexModel(2), { normalise: 'unit' }), 'bad-input', /z\.npy: sample 1/, /all zeros/);
  await refused(loadBytes(t, 'z.npy', ramp(1, 2), complexModel(2), { normalise: 'standard' }), 'bad-input', /only one/);
  await refused(loadBytes(t, 'z.npy', encodeNpy({ shape: [1, 2], re: Float64Array.of(1e200, 0) }), complexModel(2)), 'bad-input', /1\.0e\+200/, /--normalise unit/);
});
