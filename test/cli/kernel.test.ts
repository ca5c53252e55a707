// The kernel command's folders: resumed, refused, full and interrupted, as a user meets them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { unzipSync } from 'fflate';
import { encodeNpy, fromMemory, readNpy } from '../../src/data/index.ts';
import { root, run } from './run.ts';

const dir = mkdtempSync(join(tmpdir(), 'complex-ntk-folder-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const at = (name: string) => join(dir, name);

const dense = { kind: 'dense' };
const phi = (name: string) => ({ kind: 'activation', name, parameters: {} });
const network = (layers: object[], input = [8]) => JSON.stringify({ complexNtk: 1, name: 'net', field: 'complex', input, defaults: { weightVariance: 2, biasVariance: 0.1 }, layers });
writeFileSync(at('net.ntk.json'), network([dense, phi('cardioid'), dense, phi('cardioid'), dense]));
writeFileSync(at('other.ntk.json'), network([dense, phi('split-relu'), dense]));

function inputs(name: string, shape: number[], seed = 1): string {
  let state = seed;
  const numbers = () => Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  writeFileSync(at(name), encodeNpy({ shape, re: numbers(), im: numbers() }));
  return at(name);
}
const SAMPLES = 900;
const x = inputs('x.npy', [SAMPLES, 8]);
const kernel = (out: string, ...more: string[]) => ['kernel', at('net.ntk.json'), '--inputs', x, '--out', at(out), '--only', 'nngp,ntk', ...more];
const FILES = ['nngp.npy', 'ntk.npy'];
const PARTS = ['.complex-ntk-progress', 'nngp.npy.part', 'ntk.npy.part'];
const bytes = (folder: string, file: string) => readFileSync(join(at(folder), file));

/** Kills a run as soon as some tiles are on the disk. */
async function killed(args: string[], folder: string): Promise<void> {
  const child = spawn(process.execPath, ['dist/cli.js', ...args], { cwd: root, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const progress = join(at(folder), PARTS[0]!);
  const some = () => existsSync(progress) && readFileSync(progress).subarray(256).some((b) => b !== 0);
  while (child.exitCode === null && !some()) await new Promise((resolve) => setTimeout(resolve, 2));
  child.kill('SIGKILL');
  await ended;
}

test('a folder holds what the archive holds, however many threads wrote it', async () => {
  for (const args of [kernel('k.npz'), kernel('two/', '--threads', '2'), kernel('one/', '--threads', '1')]) {
    const { code, stdout, stderr } = await run(args);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, /ntk: \w+, error at most/);
  }
  const { arrays } = await archive('k.npz');
  for (const file of FILES) {
    assert.ok(bytes('one', file).equals(bytes('two', file)), file);
    const { shape, re, im } = await readNpy(fromMemory(file, bytes('one', file)));
    const want = arrays[file.replace('.npy', '')]!;
    assert.deepEqual(shape, [SAMPLES, SAMPLES]);
    assert.deepEqual(re, want.re);
    assert.deepEqual(im, want.im);
  }
  assert.deepEqual(readdirSync(at('one')).sort(), FILES);
});

test('a killed run goes on from its finished tiles to the same bytes; another one in its folder is refused', async () => {
  await killed(kernel('killed/'), 'killed');
  assert.deepEqual(readdirSync(at('killed')).sort(), PARTS);
  const before = PARTS.map((p) => bytes('killed', p));
  const others = [
    kernel('killed/', '--only', 'ntk'),
    ['kernel', at('other.ntk.json'), ...kernel('killed/').slice(2)],
    [...kernel('killed/'), '--inputs', inputs('y.npy', [SAMPLES, 8], 2)],
  ];
  for (const args of others) {
    const { code, stderr } = await run(args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /unfinished run of other inputs or options.*--fresh/s);
  }
  PARTS.forEach((p, i) => assert.ok(bytes('killed', p).equals(before[i]!), p));
  const { code, stderr } = await run(kernel('killed/'));
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Going on from [1-9]\d* of 120 finished tiles/);
  for (const file of FILES) assert.ok(bytes('killed', file).equals(bytes('one', file)), file);
  assert.deepEqual(readdirSync(at('killed')).sort(), FILES);
  // What it says of its errors is from all tiles, also those of the first run.
  const words = (text: string) => text.split('\n').filter((line) => line.includes('error at most'));
  assert.deepEqual(words(stderr), words((await run(kernel('whole/'))).stderr));
});

test('--fresh starts anew and leaves nothing of the other run; files of others stay', async () => {
  await killed(kernel('fresh/'), 'fresh');
  writeFileSync(join(at('fresh'), 'notes.txt'), 'mine');
  const { code, stderr } = await run(kernel('fresh/', '--only', 'ntk', '--fresh'));
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /Going on/);
  assert.deepEqual(readdirSync(at('fresh')).sort(), ['notes.txt', 'ntk.npy']);
  assert.ok(bytes('fresh', 'ntk.npy').equals(bytes('one', 'ntk.npy')));
});

test('Ctrl-C ends with 130 and says what stays and how to go on', async () => {
  const many = inputs('many.npy', [4000, 8]);
  const args = ['kernel', at('net.ntk.json'), '--inputs', many, '--out', at('stopped/'), '--only', 'ntk'];
  const { code, stderr } = await run(args, { interruptOn: /Kernels of 4000/ });
  assert.equal(code, 130, stderr);
  assert.match(stderr, /Interrupted; the finished tiles stay in .*stopped.*same command goes on/);
  assert.deepEqual(readdirSync(at('stopped')).sort(), ['.complex-ntk-progress', 'ntk.npy.part']);
  const archived = await run([...args.slice(0, -4), '--out', at('stopped.npz'), '--only', 'ntk'], { interruptOn: /Kernels of 4000/ });
  assert.equal(archived.code, 130, archived.stderr);
  assert.equal(existsSync(at('stopped.npz')), false);
});

test('what would not fit is refused before anything is written, with what to do', async () => {
  const many = inputs('huge.npy', [12_000, 1]);
  writeFileSync(at('thin.ntk.json'), network([dense, phi('cardioid'), dense], [1]));
  const thin = (...more: string[]) => ['kernel', at('thin.ntk.json'), '--inputs', many, ...more];
  writeFileSync(at('image.ntk.json'), network([{ kind: 'conv2d', kernel: [3, 3], padding: 'same' }, phi('split-relu'), { kind: 'global-average-pool' }, dense], [96, 96, 1]));
  const image = ['kernel', at('image.ntk.json'), '--inputs', inputs('image.npy', [2, 96, 96, 1]), '--out', at('no.npz')];
  const cases: [string[], RegExp][] = [
    [thin('--out', at('no.npz')), /5 kernels of 12000 samples are 10\.7 GB, too much for one \.npz\. Give a folder, --out .*no\/.*--only ntk/],
    [thin('--out', at('no/'), '--memory-limit', '1'), /12000 samples take about \d+ MB, and the limit is 1 MB|memory limit is/],
    [[...kernel('no.npz'), '--memory-limit', '40'], /900 samples take about \d+ MB, and the limit is 40 MB\. (Write to a folder|Take smaller)/],
    [image, /One pair of samples takes \d+ MB in this network.*4096 MB.*smaller samples/],
  ];
  for (const [args, words] of cases) {
    const { code, stderr } = await run(args);
    assert.equal(code, 1, stderr);
    assert.match(stderr, words);
  }
  assert.equal(existsSync(at('no.npz')) || existsSync(at('no')), false);
});

test('a folder that cannot be', async () => {
  writeFileSync(at('file'), 'in the way');
  const { code, stderr } = await run(kernel('file/'));
  assert.equal(code, 1);
  assert.match(stderr, /file/);
  assert.equal(readFileSync(at('file'), 'utf8'), 'in the way');
  if (process.getuid?.() === 0) return; // root may write anywhere
  mkdirSync(at('locked'));
  chmodSync(at('locked'), 0o500);
  const locked = await run(kernel('locked/'));
  assert.equal(locked.code, 1);
  assert.match(locked.stderr, /permission was denied/);
});

test('names that are no kernels, counts that are none: bad usage', async () => {
  for (const [args, words] of [[kernel('no/', '--only', 'kernel'), /nngp, ntk, twin_nngp/], [kernel('no/', '--threads', '0'), /whole number/], [kernel('no/', '--memory-limit', 'much'), /finite number/]] as const) {
    const { code, stderr } = await run(args);
    assert.equal(code, 2);
    assert.match(stderr, words);
  }
});

async function archive(name: string) {
  const entries = unzipSync(readFileSync(at(name)));
  return { arrays: Object.fromEntries(await Promise.all(Object.entries(entries).map(async ([file, data]) => [file.replace('.npy', ''), await readNpy(fromMemory(file, data))] as const))) };
}
