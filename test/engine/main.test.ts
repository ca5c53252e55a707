// The engine itself as a child process, with real models, cancelled, killed and asked nonsense.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import type { AnalyzeQuery } from '../../src/contract/engine.ts';
import { Fault } from '../../src/contract/fault.ts';
import { FINITE_DEFAULTS, TRAINING_DEFAULTS } from '../../src/contract/finite.ts';
import type { Progress } from '../../src/contract/rpc.ts';
import { inputsFor, LIMIT_ALONE, NO_CHOICE, queryFor } from '../../src/host/query.ts';
import { superviseEngine } from '../../src/host/supervise.ts';
import { MODEL, reader, settings } from '../host/fixtures.ts';

const path = fileURLToPath(new URL('../../src/engine/main.ts', import.meta.url));
const wasmDir = fileURLToPath(new URL('../../node_modules/@tensorflow/tfjs-backend-wasm/wasm-out', import.meta.url));
const execArgv = ['--import', 'tsx'];

function open(t: TestContext) {
  const lines: string[] = [];
  const add = (text: string) => void lines.push(text);
  const engine = superviseEngine({
    path, execArgv, args: () => [JSON.stringify({ workerFile: null, wasmDir, tfjsNodePath: null, version: '1.2.3' })],
    log: { info: add, warn: add, error: add }, onState() {}, patience: { hello: 30_000 },
  });
  t.after(() => engine.dispose());
  return { engine, lines };
}

function query(text = MODEL, over: Partial<AnalyzeQuery> = {}): AnalyzeQuery {
  const graph = reader.read('net.py', text).models[0]!;
  return { ...queryFor(graph, 'net.py', inputsFor(graph, settings, NO_CHOICE)!, settings, LIMIT_ALONE), ...over };
}

test('an analysis crosses the process line whole, with its progress', async (t) => {
  const { engine } = open(t);
  const heard: Progress[] = [];
  const result = await engine.call('analyze', query(MODEL, { widths: [32], seeds: 2, backend: 'wasm' }), { progress: (p) => heard.push(p) });
  assert.equal(result.product.version, '1.2.3');
  assert.equal(engine.detail.version, '1.2.3');
  const ntk = result.kernels.ntk.matrix!;
  assert.ok(ntk.re instanceof Float64Array && ntk.im instanceof Float64Array);
  assert.equal(ntk.re.length, 64 * 64);
  assert.ok(ntk.re[0]! > 0);
  assert.match(result.finiteWidth!.backend, /WebAssembly/);
  assert.ok(heard.length > 0 && heard.every(({ fraction }) => fraction === null || (fraction >= 0 && fraction <= 1)));
});

test('drawn networks and their training cross it too, growing as they go', async (t) => {
  const { engine } = open(t);
  const heard: Progress[] = [];
  const asked = query(MODEL, { seeds: 2, backend: 'wasm', only: ['finite-width', 'finite-training'], finite: { ...FINITE_DEFAULTS, law: 'library' }, training: { ...TRAINING_DEFAULTS, steps: 60 } });
  const { finiteWidth, finiteTraining } = await engine.call('analyze', { ...asked, widths: [16] }, { progress: (p) => heard.push(p) });
  assert.deepEqual(finiteWidth!.rows.map((r) => [r.width, r.asWritten]), [[16, false], [32, true]]);
  assert.equal(finiteWidth!.law, 'library');
  assert.ok(finiteWidth!.kernels.ntk.matrix!.re instanceof Float64Array);
  assert.equal(finiteTraining!.steps.at(-1), 60);
  assert.deepEqual(finiteTraining!.curves.map((c) => c.network), ['network', 'matched-parameters']);
  for (const c of finiteTraining!.curves) assert.ok(c.residual.at(-1)! < c.residual[0]!);
  const live = heard.flatMap((p) => (p.training ? [p.training] : []));
  for (const [k, l] of live.entries()) assert.ok(l.steps.length >= (live[k - 1]?.steps.length ?? 1) && l.curves.every((c) => c.residual.length === l.steps.length));
  assert.ok(live.length > 0);
});

test('faults of the analysis come as faults, and the engine goes on', async (t) => {
  const { engine, lines } = open(t);
  const kindOf = (over: Partial<AnalyzeQuery>, text?: string) =>
    engine.call('analyze', query(text, over)).then(() => 'no fault', (e: unknown) => (e instanceof Fault ? e.kind : String(e)));
  assert.equal(await kindOf({ memoryLimitBytes: 1 }), 'too-large');
  assert.equal(await kindOf({ inputs: { kind: 'file', path: 'missing.npy', samples: null, shape: null, normalise: 'none' } }), 'io');
  const attention = 'from torch import nn\nnet = nn.Sequential(nn.MultiheadAttention(8, 2), nn.Linear(8, 2))';
  const graph = reader.read('net.py', attention).models[0]!;
  assert.equal(await kindOf({ graph }), 'not-supported');
  for (const nonsense of [null, 7, {}, { graph: null }, { ...query(), inputs: null }]) {
    await assert.rejects(engine.call('analyze', nonsense as never), (e) => e instanceof Fault);
  }
  await assert.rejects(engine.call('nothing' as never, null as never), (e) => e instanceof Fault && e.kind === 'protocol');
  assert.equal((await engine.call('analyze', query())).schema, 1);
  assert.equal(lines.filter((line) => line.includes('started')).length, 1, 'one child served all');
});

test('cancel is heard within a tile', async (t) => {
  const { engine, lines } = open(t);
  await engine.call('info', { backend: 'cpu' });
  const abort = new AbortController();
  const inputs = { ...query().inputs, samples: 1500 } as AnalyzeQuery['inputs'];
  const over = assert.rejects(engine.call('analyze', query(MODEL.replace('modReLU', 'CGELU'), { inputs }), { signal: abort.signal }), (e) => e instanceof Fault && e.kind === 'cancelled');
  await sleep(150);
  const start = performance.now();
  abort.abort();
  await over;
  t.diagnostic(`cancel took ${Math.round(performance.now() - start)} ms`);
  assert.ok(!lines.some((line) => line.includes('cancel not heard')), 'the child heard it');
});

test('started by hand it says what it is', () => {
  const { status, stderr } = spawnSync(process.execPath, [...execArgv, path], { encoding: 'utf8' });
  assert.equal(status, 2);
  assert.match(stderr, /the editor starts it/);
});
