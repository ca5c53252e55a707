// Imports from disk: where a project begins, and that no link leads out of it.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { modulesOf, projectOf } from '../../src/cli/modules.ts';

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'complex-ntk-modules-')));
after(() => rmSync(dir, { recursive: true, force: true }));
const write = (path: string, text: string): string => {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
  return join(dir, path);
};

test('a project begins at the nearest mark, or with the file itself', () => {
  const loose = write('loose/a/net.py', '');
  assert.equal(projectOf(loose), dirname(loose));
  const inside = write('project/a/b/net.py', '');
  for (const [mark, folder] of [['project/pyproject.toml', 'project'], ['project/a/setup.cfg', 'project/a']] as const) {
    write(mark, '');
    assert.equal(projectOf(inside), join(dir, folder));
  }
});

test('modules are read from the project; none above it, none through a link that leaves it, none that is no file', async () => {
  write('repo/pyproject.toml', '');
  const net = write('repo/pkg/net.py', 'import inner, outer, linked, folder, link_in\nfrom .sub import thing\nfrom stolen import key\n');
  write('repo/inner.py', 'I');
  write('outer.py', 'out');
  write('secret/linked.py', 'secret');
  write('secret/key.py', 'secret');
  write('repo/pkg/sub/__init__.py', 'S');
  write('repo/pkg/sub/thing.py', 'T');
  mkdirSync(join(dir, 'repo/folder.py'));
  symlinkSync(join(dir, 'secret/linked.py'), join(dir, 'repo/linked.py'));
  symlinkSync(join(dir, 'secret'), join(dir, 'repo/stolen'));
  symlinkSync(join(dir, 'repo/inner.py'), join(dir, 'repo/pkg/link_in.py'));
  const { workspace, path } = await modulesOf(net, 'import inner, outer, linked, folder, link_in\nfrom .sub import thing\nfrom stolen import key\n');
  const text = (name: string) => workspace!(name, path!)?.text;
  assert.deepEqual(['inner', 'link_in', '.sub', '.sub.thing'].map(text), ['I', 'I', 'S', 'T']);
  assert.deepEqual(['outer', 'linked', 'stolen.key', 'folder'].map(text), [undefined, undefined, undefined, undefined]);
});
