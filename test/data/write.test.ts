// Files are written whole or not at all: errors before, between and after renames leave the folder as it was.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeSet, writeWhole } from '../../src/data/index.ts';
import { refused, scratch } from './scratch.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const isRoot = process.getuid?.() === 0;

test('writes, replaces, makes folders, returns paths', async (t) => {
  const dir = await scratch(t);
  const paths = await writeSet(join(dir, 'a', 'b'), { 'one.txt': bytes('1'), 'two.txt': bytes('2') });
  assert.deepEqual(paths, [join(dir, 'a', 'b', 'one.txt'), join(dir, 'a', 'b', 'two.txt')]);
  await writeSet(join(dir, 'a', 'b'), { 'one.txt': bytes('new'), 'two.txt': new Uint8Array(0) });
  assert.equal(await readFile(paths[0]!, 'utf8'), 'new');
  assert.equal(await readFile(paths[1]!, 'utf8'), '');
  assert.deepEqual((await readdir(join(dir, 'a', 'b'))).sort(), ['one.txt', 'two.txt']);
  await writeWhole(join(dir, 'big'), new Uint8Array(9e6).fill(7));
  assert.equal((await readFile(join(dir, 'big'))).every((b) => b === 7), true);
});

test('a target that is a folder: nothing of the set is written, old files stay', async (t) => {
  const dir = await scratch(t);
  await writeFile(join(dir, 'one.txt'), 'old');
  await mkdir(join(dir, 'two.txt'));
  await refused(writeSet(dir, { 'one.txt': bytes('new'), 'two.txt': bytes('2'), 'three.txt': bytes('3') }), 'io', /two\.txt/, /folder of that name/);
  assert.deepEqual((await readdir(dir)).sort(), ['one.txt', 'two.txt']);
  assert.equal(await readFile(join(dir, 'one.txt'), 'utf8'), 'old');
});

test('a rename that fails after others took place takes them back', async (t) => {
  const dir = await scratch(t);
  await writeFile(join(dir, 'one.txt'), 'old');
  // A folder appears under the last name once its temporary file is there: after the check for folders, before the renames.
  const hindering = { get aborted() {
    if (readdirSync(dir).some((n) => n.startsWith('three.txt.'))) mkdirSync(join(dir, 'three.txt', 'inside'), { recursive: true });
    return false;
  } } as AbortSignal;
  await refused(writeSet(dir, { 'one.txt': bytes('new'), 'fresh.txt': bytes('f'), 'three.txt': bytes('3') }, hindering), 'io', /three\.txt/);
  assert.equal(await readFile(join(dir, 'one.txt'), 'utf8'), 'old');
  assert.deepEqual((await readdir(dir)).sort(), ['one.txt', 'three.txt']);
});

test('a missing, plain-file or read-only folder', async (t) => {
  const dir = await scratch(t);
  await writeFile(join(dir, 'plain'), 'x');
  await refused(writeSet(join(dir, 'plain'), { a: bytes('1') }), 'io', /plain/, /in the way|not a folder/);
  await refused(writeSet(join(dir, 'plain', 'sub'), { a: bytes('1') }), 'io', /plain/);
  await refused(writeWhole(join(dir, 'none', 'a'), bytes('1')), 'io', /none/, /does not exist/);
  await refused(writeWhole(join(dir, 'x'.repeat(300)), bytes('1')), 'io', /too long/);
  assert.deepEqual(await readdir(dir), ['plain']);
  if (isRoot) return t.diagnostic('root writes everywhere: permissions not tried');
  await mkdir(join(dir, 'locked'), { mode: 0o500 });
  await refused(writeSet(join(dir, 'locked'), { a: bytes('1') }), 'io', /locked/, /permission/);
  await refused(writeSet(join(dir, 'locked', 'sub'), { a: bytes('1') }), 'io', /locked/, /permission/);
  await chmod(join(dir, 'locked'), 0o700);
});

test('a folder that the system keeps read-only', { skip: process.platform === 'linux' ? false : 'needs /proc' }, async () => {
  await refused(writeSet('/proc/1/complex-ntk', { a: bytes('1') }), 'io', /\/proc\/1\/complex-ntk/);
});

test('an abort before, or while a large file is written, leaves nothing, not even the folder', async (t) => {
  const dir = await scratch(t);
  await refused(writeSet(join(dir, 'out', 'deep'), { a: bytes('1') }, AbortSignal.abort()), 'cancelled');
  const abort = new AbortController();
  const large = new Uint8Array(64e6);
  const writing = writeSet(join(dir, 'out', 'deep'), { a: bytes('1'), b: large, c: large, d: large }, abort.signal);
  setTimeout(() => abort.abort(), 10);
  await refused(writing, 'cancelled');
  assert.deepEqual(await readdir(dir), []);
});
