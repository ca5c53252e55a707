// A temporary folder per test and the shorthand for loading from it. Knows no format.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Fault, type FaultKind } from '../../src/contract/fault.ts';
import type { InputQuery, InputSet } from '../../src/contract/inputs.ts';
import { loadInputs, type ModelInput } from '../../src/data/index.ts';

export async function scratch(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'complex-ntk-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export const complexModel = (...inputShape: number[]): ModelInput => ({ inputShape, inputField: 'complex' });
export const realModel = (...inputShape: number[]): ModelInput => ({ inputShape, inputField: 'real' });

type FileQuery = Extract<InputQuery, { kind: 'file' }>;

export function load(path: string, model: ModelInput, more: Partial<FileQuery> = {}, memoryBytes = 1e8, signal = new AbortController().signal): Promise<InputSet> {
  return loadInputs({ kind: 'file', path, samples: null, shape: null, normalise: 'none', ...more }, model, { memoryBytes }, signal);
}

export async function loadBytes(t: TestContext, name: string, bytes: Uint8Array | string, model: ModelInput, more: Partial<FileQuery> = {}, memoryBytes = 1e8): Promise<InputSet> {
  const path = join(await scratch(t), name);
  await writeFile(path, bytes);
  return load(path, model, more, memoryBytes);
}

/** The promise must end in a Fault of this kind whose message matches each pattern. */
export async function refused(promise: Promise<unknown>, kind: FaultKind, ...patterns: RegExp[]): Promise<void> {
  await assert.rejects(promise, (e) => {
    assert.ok(e instanceof Fault, `not a Fault: ${(e as Error).stack}`);
    assert.equal(e.kind, kind, e.message);
    for (const p of patterns) assert.match(e.message, p);
    return true;
  });
}
