// The worker pool against one thread, bit for bit; and what becomes of it when a job fails, is cancelled or loses a thread.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { after, test } from 'node:test';
import { Fault } from '../../src/contract/fault.ts';
import type { InputSet } from '../../src/contract/inputs.ts';
import { KERNEL_NAMES } from '../../src/contract/result.ts';
import type { CallContext, Progress } from '../../src/contract/rpc.ts';
import { openPool, sharedFloats, type Pool } from '../../src/engine/pool.ts';
import { compileNetwork, inThisThread, kernelSet, newJob, unhurried, type Job } from '../../src/kernel/index.ts';
import { drawnInputs, graphOf } from '../kernel/finite/specification.ts';

/** The bundle that the product runs; the set-up of the tests has built it. */
const workerFile = fileURLToPath(new URL('../../dist/kernel-worker.cjs', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'complex-ntk-pool-'));
const pool = openPool(workerFile, 3);
after(async () => {
  await pool.close();
  rmSync(dir, { recursive: true, force: true });
});

const dense = { kind: 'dense' };
const phi = (name: string) => ({ kind: 'activation', name, parameters: {} });
const conv = { kind: 'conv1d', kernel: [3], padding: 'same' };

/** Fresh each time: two jobs share nothing. */
function jobOf(field: 'complex' | 'real', input: number[], layers: object[], samples: number): Job {
  const inputs: InputSet = drawnInputs(input, samples, field);
  const graph = graphOf({ field, input, defaults: { weightVariance: 2, biasVariance: 0.1 }, layers });
  return newJob(compileNetwork(graph, { weightVariance: null, biasVariance: null }, input), inputs, { kernels: KERNEL_NAMES, make: sharedFloats, inMemory: true });
}

const large = () => jobOf('complex', [16], [dense, phi('cardioid'), dense, phi('cardioid'), dense, phi('cardioid'), dense], 1500);
const small = () => jobOf('complex', [5], [dense, phi('cardioid'), dense], 70);

const bits = (x: Float64Array) => Buffer.from(new Uint8Array(x.buffer, x.byteOffset, x.byteLength));

function assertSame(got: Job, want: Job): void {
  assert.deepEqual(Object.keys(got.matrices!), Object.keys(want.matrices!));
  for (const [name, { re, im }] of Object.entries(want.matrices!)) {
    const other = got.matrices![name as 'ntk']!;
    assert.ok(bits(other.re).equals(bits(re)), `${name} re`);
    assert.equal(other.im === null, im === null);
    if (im) assert.ok(bits(other.im!).equals(bits(im)), `${name} im`);
  }
  assert.ok(bits(got.statistics).equals(bits(want.statistics)), 'statistics');
  assert.ok(bits(got.measures.network.values).equals(bits(want.measures.network.values)), 'measures');
}

interface Call extends CallContext { abort(): void; heard: Progress[] }
function call(): Call {
  const abort = new AbortController();
  const heard: Progress[] = [];
  return { signal: abort.signal, abort: () => abort.abort(), heard, progress: (p) => void heard.push(p) };
}

const on = (p: Pool, job: Job, context: CallContext = call()) => p.executor(context, 'Kernels', [0, 1])(job);

/** What it was refused with. */
async function faultOf(run: Promise<unknown>): Promise<Fault> {
  const e = await run.then(() => null, (x: unknown) => x);
  assert.ok(e instanceof Fault, String(e));
  return e;
}

const networks: [string, () => Job][] = [
  ['complex dense, odd size', () => jobOf('complex', [7], [dense, phi('cardioid'), dense, phi('split-relu'), dense], 131)],
  ['real dense', () => jobOf('real', [3], [dense, phi('relu'), dense, phi('erf'), dense], 65)],
  ['one sample', () => jobOf('complex', [4], [dense, phi('split-relu'), dense], 1)],
  ['convolution and flatten', () => jobOf('complex', [9, 2], [conv, phi('split-relu'), conv, phi('cardioid'), { kind: 'flatten' }, dense], 19)],
  ['convolution and pooling', () => jobOf('complex', [9, 1], [conv, phi('cardioid'), conv, phi('split-relu'), { kind: 'global-average-pool' }, dense], 17)],
];
for (const [name, make] of networks) {
  test(`the pool's numbers are this thread's, bit for bit: ${name}`, async () => {
    const [here, there] = [make(), make()];
    await inThisThread(unhurried)(here);
    await on(pool, there);
    assertSame(there, here);
    assert.ok(kernelSet(there, KERNEL_NAMES).kernels.ntk.matrix!.re[0]! > 0);
  });
}

test('jobs given at the same time run one after the other and keep their answers', async () => {
  const makes = [small, networks[4]![1], networks[0]![1]];
  const jobs = makes.map((make) => make());
  await Promise.all(jobs.map((job) => on(pool, job)));
  for (const [i, make] of makes.entries()) {
    const alone = make();
    await inThisThread(unhurried)(alone);
    assertSame(jobs[i]!, alone);
  }
});

test('an item that fails ends the job with its fault, and only that job', async () => {
  const broken = networks[4]![1]();
  // A step that no rule knows: the workers meet it, this thread does not look.
  (broken.network.steps[2]!.rule as { name: string }).name = 'no-such-activation';
  const [fault] = await Promise.all([faultOf(on(pool, broken)), on(pool, small())]);
  assert.equal(fault.kind, 'bug');
  assert.ok(fault.detail);
});

test('a cancelled job ends soon, also while it waits for its turn, and leaves the pool usable', async (t) => {
  const [running, waiting] = [call(), call()];
  const first = faultOf(on(pool, large(), running));
  const second = faultOf(on(pool, large(), waiting));
  await sleep(300);
  waiting.abort();
  assert.equal((await second).kind, 'cancelled');
  const start = performance.now();
  running.abort();
  assert.equal((await first).kind, 'cancelled');
  t.diagnostic(`cancel took ${Math.round(performance.now() - start)} ms`);
  assert.ok(running.heard.length > 0 && running.heard.every(({ fraction }) => fraction! >= 0 && fraction! < 1));
  const [here, there] = [small(), small()];
  await inThisThread(unhurried)(here);
  await on(pool, there);
  assertSame(there, here);
  assert.equal((await faultOf(on(pool, small(), { signal: AbortSignal.abort(), progress() {} }))).kind, 'cancelled');
});

/** A pool with workers of the test's own: the product's, except that the first that gets an order does `deed` before it. */
function openWith(name: string, deed: string): Pool {
  const file = join(dir, `${name}.cjs`);
  writeFileSync(file, `require('node:worker_threads').parentPort.once('message', () => {
  try { require('node:fs').mkdirSync(${JSON.stringify(join(dir, `${name}.first`))}); } catch { return; }
  ${deed}
});
require(${JSON.stringify(workerFile)});`);
  return openPool(file, 2);
}

test('a thread that dies is told as lost, frees those that wait for it at the barrier, and is replaced', async () => {
  const mortal = openWith('leaves', 'process.exit(3)');
  const fault = await faultOf(on(mortal, networks[4]![1]()));
  assert.equal(fault.kind, 'engine-lost');
  assert.match(fault.message, /ended with code 3/);
  const [here, there] = [small(), small()];
  await inThisThread(unhurried)(here);
  await on(mortal, there);
  assertSame(there, here);
  await mortal.close();
});

test('a worker file that is not there is told as lost', async () => {
  assert.equal((await faultOf(on(openPool(join(dir, 'none.cjs'), 2), small()))).kind, 'engine-lost');
});

test('a cancel reaches threads that wait for a slow one at the barrier', async () => {
  const slow = openWith('slow', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)');
  const running = call();
  const over = faultOf(on(slow, networks[4]![1](), running));
  await sleep(150);
  running.abort();
  assert.equal((await over).kind, 'cancelled');
  await on(slow, small());
  await slow.close();
});

test('an idle pool does not hold the process', () => {
  const script = join(dir, 'idle.ts');
  const at = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  writeFileSync(script, `import { openPool, sharedFloats } from ${at('../../src/engine/pool.ts')};
import { compileNetwork, newJob } from ${at('../../src/kernel/index.ts')};
import { denseGraph, someInputs } from ${at('../kernel/dense-graph.ts')};
const graph = denseGraph({ activation: 'cardioid', depth: 1, weightVariance: 1, biasVariance: 0 });
const job = newJob(compileNetwork(graph, { weightVariance: null, biasVariance: null }, [3]), someInputs(70, 3), { kernels: ['ntk'], make: sharedFloats, inMemory: true });
void openPool(${JSON.stringify(workerFile)}, 2).executor({ signal: new AbortController().signal, progress() {} }, '', [0, 1])(job).then(() => console.log('done'));
`);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script], { encoding: 'utf8', timeout: 30_000, cwd: fileURLToPath(new URL('../..', import.meta.url)) });
  assert.equal(status, 0, stderr);
  assert.equal(stdout, 'done\n');
});
