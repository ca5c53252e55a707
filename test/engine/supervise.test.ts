// The supervision of the engine child, with real children that behave well and badly.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { Fault } from '../../src/contract/fault.ts';
import { superviseEngine, type EngineState, type Patience } from '../../src/host/supervise.ts';

const child = fileURLToPath(new URL('children/child.mjs', import.meta.url));

function open(t: TestContext, mode: string | (() => string), patience: Partial<Patience> = {}) {
  const states: EngineState[] = [];
  const lines: string[] = [];
  const add = (text: string) => void lines.push(text);
  const engine = superviseEngine({
    path: child, args: () => [typeof mode === 'string' ? mode : mode()],
    log: { info: add, warn: add, error: add },
    onState: (state) => void states.push(state),
    patience: { restart: [10, 20, 40], ...patience },
  });
  t.after(() => engine.dispose());
  // These children answer any query: the supervision knows no method's meaning.
  const call = (query: unknown, options?: { signal?: AbortSignal; document?: string; progress?: (p: unknown) => void }) =>
    engine.call('analyze', query as never, options) as Promise<unknown>;
  return { engine, states, lines, call };
}

const kind = (expected: string, pattern?: RegExp) => (e: unknown) => {
  assert.ok(e instanceof Fault, String(e));
  assert.equal(e.kind, expected);
  if (pattern) assert.match(e.message, pattern);
  return true;
};

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const pidOf = (lines: string[]) => Number(/process (\d+)/.exec(lines.filter((line) => line.includes('started')).at(-1)!)![1]);

test('starts at the first call, answers, and tells its states', async (t) => {
  const { engine, states, call } = open(t, 'echo');
  assert.equal(engine.state, 'off');
  assert.deepEqual(await call({ a: 1 }), { a: 1 });
  await sleep(5);
  assert.deepEqual(states, ['starting', 'idle', 'busy', 'idle']);
  assert.equal(engine.detail.version, '9.9.9');
});

test('progress and faults come through', async (t) => {
  const heard: unknown[] = [];
  assert.equal(await open(t, 'progress').call(0, { progress: (p) => heard.push(p) }), 'done');
  assert.deepEqual(heard, [{ fraction: 0.5, message: 'half' }]);
  await assert.rejects(open(t, 'fault').call(0), (e) => kind('too-large')(e) && (e as Fault).layer === 'dense1');
});

test('typed arrays stay typed, with NaN and infinities; a 1024 x 1024 complex matrix crosses', async (t) => {
  const { call } = open(t, 'echo');
  const small = { re: Float64Array.of(NaN, -0, Infinity, 1e-300), labels: Int32Array.of(1, -2) };
  assert.deepEqual(await call(small), small);
  const large = { rows: 1024, cols: 1024, re: new Float64Array(2 ** 20).map((_, i) => Math.sin(i)), im: new Float64Array(2 ** 20).map((_, i) => i) };
  const start = performance.now();
  const back = (await call(large)) as typeof large;
  t.diagnostic(`1024 x 1024 complex, there and back: ${Math.round(performance.now() - start)} ms`);
  assert.ok(back.re instanceof Float64Array);
  assert.deepEqual(back.re, large.re);
  assert.equal(back.im[2 ** 20 - 1], 2 ** 20 - 1);
});

test('no hello in time: the call waits for the restarts, then faults as broken', async (t) => {
  const { engine, call, lines } = open(t, 'silent', { hello: 150 });
  await assert.rejects(call(0), kind('engine-lost', /ended 3 times.*did not answer.*Restart Engine/));
  assert.equal(engine.state, 'broken');
  await sleep(50);
  assert.equal(alive(pidOf(lines)), false, 'the silent child is gone');
});

test('a child that ends before its hello is told with its exit code', async (t) => {
  await assert.rejects(open(t, 'stillborn').call(0), kind('engine-lost', /exit code 7/));
});

test('a bundle that is not there breaks with a message, not an exception', async (t) => {
  const engine = superviseEngine({ path: `${child}.missing`, args: () => [], log: { info() {}, warn() {}, error() {} }, onState() {}, patience: { restart: [1] } });
  t.after(() => engine.dispose());
  await assert.rejects(engine.call('info', { backend: 'auto' }), kind('engine-lost', /exit code 1/));
});

test('a crash faults the running call only; waiting ones run in the next child', async (t) => {
  const { call, states } = open(t, 'touchy');
  const [bad, good] = await Promise.allSettled([call('bad', { document: 'a' }), call('good', { document: 'b' })]);
  assert.ok(bad.status === 'rejected' && kind('engine-lost', /exit code 4/)(bad.reason));
  assert.deepEqual(good, { status: 'fulfilled', value: 'good' });
  assert.ok(!states.includes('broken'));
});

test('three crashes in a minute mean broken, until a restart; the output goes to the log and the fault', async (t) => {
  let mode = 'crash';
  const { engine, call, lines, states } = open(t, () => mode);
  for (let i = 0; i < 3; i++) await assert.rejects(call(i), kind('engine-lost', /exit code 3/));
  assert.equal(engine.state, 'broken');
  assert.match(engine.broken!.detail!, /about to fall/);
  assert.ok(lines.some((line) => line.includes('about to fall')));
  await assert.rejects(call(4), kind('engine-lost', /Restart Engine/));
  mode = 'echo';
  engine.restart();
  assert.equal(engine.state, 'off');
  assert.equal(await call(5), 5);
  assert.equal(states.at(-1), 'idle');
});

test('crashes further apart than the window do not break it', async (t) => {
  const { engine, call } = open(t, 'crash', { window: 1 });
  for (let i = 0; i < 5; i++) {
    await assert.rejects(call(i), kind('engine-lost'));
    await sleep(3);
  }
  assert.notEqual(engine.state, 'broken');
});

test('a child of another protocol is refused at once', async (t) => {
  const { engine, call } = open(t, 'foreign');
  await assert.rejects(call(0), kind('protocol', /protocol 999.*Reload Window/));
  assert.equal(engine.state, 'broken');
});

test('frames that are no frames are ignored; a flood of them ends the child', async (t) => {
  const { call, lines } = open(t, 'garbage');
  assert.equal(await call('fine'), 'fine');
  assert.ok(lines.some((line) => line.includes('no frame')));
  await assert.rejects(open(t, 'flood').call(0), kind('protocol', /cannot be read/));
});

test('a killed child faults the call and says that memory may be short', async (t) => {
  const { call, lines, engine } = open(t, 'polite');
  const lost = assert.rejects(call(0), kind('engine-lost', /SIGKILL.*memory/));
  while (engine.state !== 'busy') await sleep(5);
  process.kill(pidOf(lines), 'SIGKILL');
  await lost;
  assert.notEqual(engine.state, 'broken');
});

test('a child that closes its line and lives on is ended', async (t) => {
  const { call, lines } = open(t, 'shut');
  await assert.rejects(call(0), kind('engine-lost', /closed its line/));
  await sleep(50);
  assert.equal(alive(pidOf(lines)), false);
});

test('cancel: heard by the child, or the child is ended; neither counts as a crash', async (t) => {
  for (const mode of ['polite', 'deaf']) {
    const { call, engine, lines } = open(t, mode, { cancel: 100 });
    for (let i = 0; i < 3; i++) {
      const abort = new AbortController();
      const over = assert.rejects(call(0, { signal: abort.signal }), kind('cancelled'));
      while (engine.state !== 'busy') await sleep(5);
      const start = performance.now();
      abort.abort();
      await over;
      assert.ok(performance.now() - start < 1000, mode);
    }
    assert.notEqual(engine.state, 'broken');
    if (mode === 'deaf') {
      await sleep(50);
      assert.equal(alive(pidOf(lines)), false);
    }
  }
});

test('a waiting call can be cancelled, and is replaced by a newer one of its document', async (t) => {
  const { call } = open(t, 'slow');
  const abort = new AbortController();
  const first = call('running', { document: 'a' });
  const old = call('old', { document: 'b' });
  const newer = call('newer', { document: 'b' });
  const left = call('left', { document: 'c', signal: abort.signal });
  abort.abort();
  await assert.rejects(left, kind('cancelled'));
  await assert.rejects(old, kind('cancelled', /newer/));
  assert.deepEqual(await Promise.all([first, newer]), ['running', 'newer']);
  await assert.rejects(call(0, { signal: AbortSignal.abort() }), kind('cancelled'));
});

test('stops after a time without work, and starts again', async (t) => {
  const { call, engine, states, lines } = open(t, 'echo', { idle: 60 });
  await call(1);
  const pid = pidOf(lines);
  while (engine.state !== 'off') await sleep(10);
  await sleep(50);
  assert.equal(alive(pid), false);
  assert.equal(await call(2), 2);
  assert.ok(!states.includes('broken'));
});

test('dispose faults all calls and leaves no process', async () => {
  const lines: string[] = [];
  const engine = superviseEngine({ path: child, args: () => ['polite'], log: { info: (x) => lines.push(x), warn() {}, error() {} }, onState() {} });
  const calls = [1, 2].map((n) => assert.rejects(engine.call('analyze', n as never), kind('engine-lost')));
  while (engine.state !== 'busy') await sleep(5);
  engine.dispose();
  await Promise.all(calls);
  await assert.rejects(engine.call('analyze', 3 as never), kind('engine-lost', /shutting down/));
  await sleep(50);
  assert.equal(alive(pidOf(lines)), false);
});

test('a query that cannot be cloned faults, and the next call works', async (t) => {
  const { call } = open(t, 'echo');
  await assert.rejects(call({ f: () => 1 }), kind('protocol', /could not be sent/));
  assert.equal(await call(1), 1);
});
