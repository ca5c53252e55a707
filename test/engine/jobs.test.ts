// The engine's queue: order, cancel while waiting, and failures that do not stop it.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { Fault } from '../../src/contract/fault.ts';
import { queueJobs } from '../../src/engine/jobs.ts';

const never = () => new AbortController().signal;

test('jobs run one at a time, in order, past failures', async () => {
  const queue = queueJobs();
  const seen: string[] = [];
  const job = (name: string, ms: number) => queue(never(), async () => {
    seen.push(`${name} starts`);
    await sleep(ms);
    seen.push(`${name} ends`);
    if (name === 'b') throw new Error('b failed');
    return name;
  });
  const results = await Promise.allSettled([job('a', 20), job('b', 1), job('c', 1)]);
  assert.deepEqual(results.map((r) => r.status), ['fulfilled', 'rejected', 'fulfilled']);
  assert.deepEqual(seen, ['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
});

test('a waiting job hears its cancel at once, never starts, and does not let the next one overtake', async () => {
  const queue = queueJobs();
  const abort = new AbortController();
  let firstEnded = false;
  const first = queue(never(), async () => { await sleep(40); firstEnded = true; });
  const waiting = queue(abort.signal, () => assert.fail('started'));
  const last = queue(never(), () => assert.ok(firstEnded));
  abort.abort();
  await assert.rejects(waiting, (e) => e instanceof Fault && e.kind === 'cancelled');
  assert.equal(firstEnded, false);
  await Promise.all([first, last]);
});
