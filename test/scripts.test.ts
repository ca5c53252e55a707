// Checks the decisions of the scripts: what counts as installed, what `npm start` runs. Installs and builds nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';

const root = path.join(import.meta.dirname, '..');
interface Lock { packages: Record<string, { version?: string; optional?: boolean; link?: boolean }> }
// Plain scripts without types of their own.
const load = (name: string): Promise<Record<string, (...args: never[]) => unknown>> => import(path.join(root, 'scripts', name));

describe('dependenciesMatch', async () => {
  const { dependenciesMatch } = await load('setup.mjs') as unknown as { dependenciesMatch(lock: Lock, installed: Lock): boolean };
  const lock = (packages: Lock['packages']): Lock => ({ packages: { '': { version: '1.0.0' }, ...packages } });
  const a = { 'node_modules/a': { version: '1.2.3' } };

  it('is true of what npm recorded for this checkout', () => {
    const read = (file: string): Lock => JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Lock;
    assert.equal(dependenciesMatch(read('package-lock.json'), read('node_modules/.package-lock.json')), true);
  });
  it('sees a missing package, another version, a nested one', () => {
    assert.equal(dependenciesMatch(lock(a), lock({})), false);
    assert.equal(dependenciesMatch(lock(a), lock({ 'node_modules/a': { version: '1.2.4' } })), false);
    assert.equal(dependenciesMatch(lock({ 'node_modules/b/node_modules/a': { version: '1.2.3' } }), lock(a)), false);
  });
  it('does without optional packages, but not with a wrong version of one', () => {
    const optional = lock({ 'node_modules/a': { version: '1.2.3', optional: true } });
    assert.equal(dependenciesMatch(optional, lock({})), true);
    assert.equal(dependenciesMatch(optional, lock({ 'node_modules/a': { version: '1.0.0' } })), false);
  });
});

describe('npm start', async () => {
  const { argumentsFor } = await load('start.mjs') as unknown as { argumentsFor(given: string[], here: string): string[] };

  it('takes the example where no file is given, named from where the user is', () => {
    assert.deepEqual(argumentsFor([], root), ['analyze', path.join('examples', 'radio_classifier.py'), '--out', 'complex-ntk-out']);
    assert.equal(argumentsFor([], path.join(root, 'src'))[1], path.join('..', 'examples', 'radio_classifier.py'));
  });
  it('passes options on, and takes no option value for a file', () => {
    assert.deepEqual(argumentsFor(['--samples', '32'], root).slice(2), ['--out', 'complex-ntk-out', '--samples', '32']);
    assert.deepEqual(argumentsFor(['a b.py', '--model', 'Net'], root), ['analyze', 'a b.py', '--out', 'complex-ntk-out', '--model', 'Net']);
  });
  it('leaves --out to the user who gives it', () => {
    assert.deepEqual(argumentsFor(['m.py', '--out', 'x'], root), ['analyze', 'm.py', '--out', 'x']);
    assert.deepEqual(argumentsFor(['m.py', '--out=x'], root), ['analyze', 'm.py', '--out=x']);
  });
});

describe('scripts/test.mjs', () => {
  it('refuses a test set that there is not, with exit code 2', () => {
    const done = spawnSync(process.execPath, [path.join(root, 'scripts', 'test.mjs'), 'everything'], { encoding: 'utf8' });
    assert.equal(done.status, 2);
    assert.match(done.stderr, /no test set "everything".*backends, editor/);
    assert.equal(done.stdout, '');
  });
});
