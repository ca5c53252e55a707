// .npy and .npz: known bytes, round trips, NumPy's own files where it is installed, and damaged or hostile ones.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { Fault } from '../../src/contract/fault.ts';
import { encodeNpy, encodeNpz, fromMemory, readNpy, writeNpz } from '../../src/data/index.ts';
import { complexModel, load, loadBytes, realModel, refused, scratch } from './scratch.ts';

const hasNumpy = spawnSync('python3', ['-c', 'import numpy']).status === 0;
const needsNumpy = { skip: hasNumpy ? false : 'python3 with numpy is not installed' };

/** A .npy file with any header text and payload. */
function npy(dict: string, payload: Uint8Array = new Uint8Array(0), version = 1): Uint8Array {
  const text = Buffer.from(dict + '\n', 'latin1');
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  return Buffer.concat([Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]), length, text, payload]);
}
const dict = (descr: string, shape: string, fortran = false) => `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${shape}, }`;
const doubles = (...v: number[]) => Buffer.from(new Float64Array(v).buffer);

test('encodes exactly the bytes that numpy.save writes', () => {
  const bytes = Buffer.from(encodeNpy({ shape: [2, 1], re: Float64Array.of(1, -2) }));
  assert.equal(bytes.length, 128 + 16);
  assert.equal(bytes.toString('latin1', 1, 6), 'NUMPY');
  assert.equal(bytes.readUInt16LE(8), 118);
  assert.equal(bytes.toString('latin1', 10, 128).trimEnd(), "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }");
  assert.deepEqual([bytes.readDoubleLE(128), bytes.readDoubleLE(136)], [1, -2]);
});

test('round trip keeps every bit, special values too', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }), fc.boolean(), fc.infiniteStream(fc.double()), async (shape, complex, values) => {
    const n = shape.reduce((p, d) => p * d, 1);
    const draw = () => Float64Array.from({ length: n }, () => values.next().value as number);
    const array = { shape, re: draw(), ...(complex ? { im: draw() } : {}) };
    assert.deepEqual(await readNpy(fromMemory('m', encodeNpy(array))), array);
  }), { numRuns: 60 });
});

test('reads all numeric dtypes, both orders, both endiannesses, as numpy wrote them', needsNumpy, async (t) => {
  const dir = await scratch(t);
  execFileSync('python3', ['-c', `
import numpy as np, json, sys
x = np.arange(24).reshape(4, 3, 2) - 5
out = []
for d in ['<f2','>f2','<f4','>f4','<f8','>f8','i1','<i2','>i2','<i4','>i4','<i8','>i8','<c8','>c8','<c16','>c16']:
    for f in (False, True):
        a = x.astype(d)
        if a.dtype.kind == 'c': a = (a * (1 + 0.5j)).astype(d)
        if f: a = np.asfortranarray(a)
        name = '%s-%d.npy' % (d.replace('<','le').replace('>','be'), f)
        np.save(name, a); out.append(name)
for d in ['u1','<u2','>u4','<u8','?']:
    name = 'u%s.npy' % len(out); np.save(name, (x + 5).astype(d)); out.append(name)
json.dump(out, open('names.json','w'))
`], { cwd: dir });
  const names = JSON.parse(await readFile(join(dir, 'names.json'), 'utf8')) as string[];
  assert.equal(names.length, 39);
  for (const name of names) {
    const isComplex = /^.ec/.test(name);
    for (const samples of [null, 3]) {
      const set = await load(join(dir, name), complexModel(3, 2), { samples });
      assert.equal(set.samples, samples ?? 4, name);
      assert.equal(set.field, isComplex ? 'complex' : 'real', name);
      const expected = Array.from({ length: set.samples * 6 }, (_, i) => name.startsWith('u') ? i : i - 5);
      const last = name === names.at(-1);
      assert.deepEqual([...set.re], last ? expected.map((v) => Number(v !== 0)) : expected, name);
      assert.deepEqual([...set.im].map((v) => v + 0), expected.map((v) => (isComplex ? v / 2 : 0)), name);
    }
  }
});

test('numpy reads our .npz entry by entry', needsNumpy, async (t) => {
  const path = join(await scratch(t), 'k.npz');
  await writeNpz(path, {
    ntk: { rows: 2, cols: 3, re: Float64Array.of(1, 2, 3, 4, 5, 6), im: Float64Array.of(0, -1, 0.5, 1e-300, -0, 9) },
    nngp: { rows: 1, cols: 1, re: Float64Array.of(0.1) },
  });
  const said = execFileSync('python3', ['-c', `
import numpy as np, sys
z = np.load(sys.argv[1], allow_pickle=False)
a = z['ntk']; print(sorted(z.files), a.dtype, a.shape, a.flags['C_CONTIGUOUS'], a.real.tolist(), a.imag.tolist(), z['nngp'].dtype, z['nngp'].tolist())`, path], { encoding: 'utf8' });
  assert.equal(said.trim(), "['nngp', 'ntk'] complex128 (2, 3) True [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]] [[0.0, -1.0, 0.5], [1e-300, -0.0, 9.0]] float64 [[0.1]]");
});

test('reads what numpy.savez and savez_compressed write, with labels', needsNumpy, async (t) => {
  const dir = await scratch(t);
  execFileSync('python3', ['-c', `
import numpy as np
x = (np.arange(6).reshape(3, 2) * 1j + 1).astype('c8')
np.savez('a.npz', x=x, y=np.array([2, 0, 1]), other=np.zeros(9))
np.savez_compressed('b.npz', whatever=x, labels=np.array([[2], [0], [1]], dtype='i1'))
np.savez('c.npz', first=x, second=x)
np.savez('d.npz', x=x, y=np.array(['am', 'fm', 'am']))
np.savez('e.npz', x=np.array([{}, []], dtype=object))
`], { cwd: dir });
  for (const name of ['a.npz', 'b.npz']) {
    const set = await load(join(dir, name), complexModel(2));
    assert.deepEqual([...set.im], [0, 1, 2, 3, 4, 5]);
    assert.deepEqual([...set.labels!], [2, 0, 1]);
  }
  const two = await load(join(dir, 'b.npz'), complexModel(2), { samples: 2 });
  assert.deepEqual([...two.labels!], [2, 0]);
  assert.equal(two.provenance.array, 'whatever');
  await refused(load(join(dir, 'c.npz'), complexModel(2)), 'bad-input', /c\.npz/, /"first", "second"/, /Name one "inputs"/);
  await refused(load(join(dir, 'd.npz'), complexModel(2)), 'bad-input', /array "y"/, /strings/);
  await refused(load(join(dir, 'e.npz'), complexModel(2)), 'bad-input', /array "x"/, /pickled/, /never opened/);
});

test('refuses dtypes that are no numbers, without opening them', async (t) => {
  for (const [descr, pattern] of [['|O', /pickled Python objects/], ['<U5', /strings/], ['|S3', /strings/], ['<M8[ns]', /dates/], ['<c32', /complex128/], ['<f16', /complex128/], ['|V8', /not read/], ['<f3', /not read/], ['<i0', /not read/], ['f8', /not read/]] as const) {
    await refused(loadBytes(t, 'a.npy', npy(dict(descr, '(2, 2)'), new Uint8Array(256)), complexModel(2)), 'bad-input', /a\.npy/, pattern);
  }
  const record = npy("{'descr': [('a', '<f8'), ('b', '<f8')], 'fortran_order': False, 'shape': (2,), }", new Uint8Array(64));
  await refused(loadBytes(t, 'a.npy', record, complexModel(2)), 'bad-input', /structured/);
});

test('names what is wrong with a damaged header', async (t) => {
  const payload = doubles(1, 2, 3, 4);
  const cases: [Uint8Array, RegExp][] = [
    [Buffer.from('PK nothing'), /does not begin with/],
    [Buffer.from([0x93, 0x4e, 0x55]), /does not begin with/],
    [npy('', payload).subarray(0, 9), /truncated/],
    [npy(dict('<f8', '(2, 2)'), payload, 4), /version 4/],
    [npy('{}', payload), /descr/],
    [npy("{'descr': '<f8', 'shape': (2, 2)}", payload), /fortran_order/],
    [npy("{'descr': '<f8', 'fortran_order': False}", payload), /shape/],
    [npy(dict('<f8', '(2, -2)'), payload), /"-2"/],
    [npy(dict('<f8', '(2, 2.5)'), payload), /"2\.5"/],
    [npy(dict('<f8', '(__import__("os"), 2)'), payload), /shape/],
    [npy(dict('<f8', `(${'1, '.repeat(100)})`), payload), /100 axes/],
    [npy(dict('<f8', '(999999999999999, 999999999999999)'), payload), /larger than any file/],
    [npy(dict('<f8', '(2, 2)') + ' '.repeat(70000), payload, 2), /header of 7\d+ bytes/],
    [npy(dict('<f8', '(2, 3)'), payload), /truncated: shape \[2, 3\] of <f8 needs \d+ bytes and it has \d+/],
    [npy(dict('<f8', '()'), payload), /single number/],
    [npy(dict('<f8', '(0, 2)')), /zero rows/],
    [npy(dict('<f8', '(2, 0)')), /no numbers/],
    [new Uint8Array(0), /empty \(0 bytes\)/],
  ];
  for (const [bytes, pattern] of cases) await refused(loadBytes(t, 'a.npy', bytes, complexModel(2)), 'bad-input', /a\.npy/, pattern);
});

test('versions 2 and 3 and the long integers of Python 2 are read', async (t) => {
  for (const version of [2, 3]) {
    assert.deepEqual([...(await loadBytes(t, 'a.npy', npy(dict('<f8', '(2L, 2L)'), doubles(1, 2, 3, 4), version), complexModel(2))).re], [1, 2, 3, 4]);
  }
});

test('a file above the memory limit is refused by its header alone; its first samples are read', async (t) => {
  const dir = await scratch(t);
  const path = join(dir, 'big.npy');
  const n = 1 << 20;
  await writeFile(path, npy(dict('<f4', `(${n}, 2)`), new Uint8Array(8 * n)));
  await refused(load(path, complexModel(2), {}, 1e6), 'too-large', /big\.npy/, /1048576 samples/, /1\.00 MB/, /--samples/, /complexNtk\.memoryLimit/);
  assert.equal((await load(path, complexModel(2), { samples: 10 }, 1e6)).re.length, 20);
});

test('a .npz bomb is refused before it is inflated, a lying one while it is', async (t) => {
  const zeros = npy(dict('<f8', '(4000000, 2)'), new Uint8Array(64e6));
  const bomb = zipSync({ 'x.npy': zeros }, { level: 9 });
  assert.ok(bomb.length < 1e5);
  await refused(loadBytes(t, 'bomb.npz', bomb, complexModel(2), {}, 1e7), 'too-large', /unpacks to 64\d+ bytes/);
  const view = new DataView(bomb.buffer, bomb.byteOffset);
  const directory = view.getUint32(bomb.length - 22 + 16, true);
  view.setUint32(directory + 24, 1000, true);
  await refused(loadBytes(t, 'bomb.npz', bomb, complexModel(2), {}, 1e7), 'bad-input', /more than the 1000 bytes/);
});

test('names what is wrong with a damaged .npz', async (t) => {
  const good = zipSync({ 'x.npy': encodeNpy({ shape: [2, 2], re: Float64Array.of(1, 2, 3, 4) }) }, { level: 6 });
  assert.equal((await loadBytes(t, 'g.npz', good, complexModel(2))).re[3], 4);
  const directory = new DataView(good.buffer, good.byteOffset).getUint32(good.length - 6, true);
  const changed = (at: number, value: number, width = 1) => {
    const out = good.slice();
    for (let i = 0; i < width; i++) out[at + i] = value;
    return out;
  };
  for (const [bytes, pattern] of [
    [good.subarray(0, good.length - 30), /directory is missing/],
    [changed(directory, 0), /entry 1 of 1 is damaged/],
    [changed(directory + 8, 1), /encrypted/],
    [changed(directory + 10, 12), /method 12/],
    [changed(directory + 16, 7), /checksum/],
    [changed(directory + 20, 0xff, 4), /sizes of entry 1 are missing/],
    [changed(directory + 28, 0xff), /cut off/],
    [changed(directory + 42, 5), /header is missing/],
    [changed(40, 0xff, 6), /array "x"/],
    [changed(good.length - 12, 0xff), /entry 2 of 255|lists/],
    [changed(good.length - 6, 0xff, 4), /zip64/],
    [zipSync({}), /no arrays/],
    [zipSync({ 'readme.txt': new Uint8Array(4) }), /no arrays/],
    [new Uint8Array(0), /empty/],
    [Buffer.from('not a zip at all'), /directory is missing/],
  ] as [Uint8Array, RegExp][]) await refused(loadBytes(t, 'd.npz', bytes, complexModel(2)), 'bad-input', /d\.npz/, pattern);
});

/** Anything but a Fault, or a slow answer, is a finding. */
async function onlyFaults(run: () => Promise<unknown>): Promise<void> {
  try {
    await run();
  } catch (e) {
    assert.ok(e instanceof Fault && e.kind !== 'bug', (e as Error).stack);
  }
}

test('random damage to .npy and .npz ends in a result or a Fault', async (t) => {
  const dir = await scratch(t);
  const array = { shape: [3, 2], re: Float64Array.of(1, 2, 3, 4, 5, 6), im: new Float64Array(6) };
  const m = { rows: 3, cols: 2, re: array.re };
  const bases: [string, Uint8Array][] = [['f.npy', encodeNpy(array)], ['f.npz', encodeNpz({ x: m, y: m })], ['f.npz', zipSync({ 'x.npy': encodeNpy(array) })]];
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 });
  await fc.assert(fc.asyncProperty(fc.constantFrom(...bases), edits, fc.nat(), fc.boolean(), async ([name, base], changes, cut, truncate) => {
    const bytes = base.slice(0, truncate ? cut % base.length : base.length);
    for (const [at, value] of changes) if (bytes.length) bytes[at % bytes.length] = value;
    const path = join(dir, name);
    await writeFile(path, bytes);
    await onlyFaults(() => load(path, complexModel(2), {}, 1e6));
  }), { numRuns: 400 });
});

test('random bytes under any name end in a Fault', async (t) => {
  const dir = await scratch(t);
  const start = fc.constantFrom(...[[], [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 40, 0], [0x50, 0x4b, 3, 4], [0x50, 0x4b, 5, 6]].map((b) => Uint8Array.from(b)));
  await fc.assert(fc.asyncProperty(fc.constantFrom('r.npy', 'r.npz', 'r.csv', 'r.bin', 'r'), start, fc.uint8Array({ maxLength: 300 }), async (name, head, tail) => {
    const path = join(dir, name);
    await writeFile(path, Buffer.concat([head, tail]));
    await onlyFaults(() => load(path, complexModel(2), {}, 1e6));
  }), { numRuns: 400 });
});

test('complex inputs are refused by a real network, real ones taken', async (t) => {
  const complex = encodeNpy({ shape: [1, 2], re: Float64Array.of(1, 2), im: new Float64Array(2) });
  await refused(loadBytes(t, 'a.npy', complex, realModel(2)), 'bad-input', /holds complex numbers and the network takes real ones/);
  assert.equal((await loadBytes(t, 'a.npy', encodeNpy({ shape: [1, 2], re: Float64Array.of(1, 2) }), realModel(2))).field, 'real');
});
