// A few hundred mutated model files, always the same: answered soundly and in time. `npm run fuzz` reads more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz, mutated } from '../../scripts/fuzz.ts';

test('200 mutated files of all formats are answered, soundly, in time and without growing', async () => {
  const { failures, read, heap, wasm } = await fuzz({ runs: 200, seed: 20_000 });
  assert.deepEqual(failures, []);
  for (const kind of ['py', 'json', 'yaml', 'ipynb']) assert.ok(read[kind]!.runs > 0, kind);
  // Mutations that leave nothing to read would prove little.
  assert.ok(read.py!.withModels > read.py!.runs / 3);
  assert.ok(heap && wasm && wasm[0] > 0, 'the memory of the parser is seen');
});

test('mutations differ by their random numbers only', () => {
  const some = (seed: number): string => {
    let a = seed;
    return mutated('class A:\n    x = [1, 2]\n', () => (a = (a * 16807) % 2147483647) / 2147483647, 'y = 3\n');
  };
  assert.equal(some(5), some(5));
  assert.ok(new Set(Array.from({ length: 20 }, (_, i) => some(i * 1000 + 1))).size > 10);
});
