// What an import means among the files of a workspace: where modules are looked for, what is loaded, and that nothing leaves the root.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { collect, importsOf, LARGEST_MODULE, MOST_MODULES, MOST_TEXT } from '../../src/lang/workspace.ts';

/** A workspace of these files; `opened` are the paths that were asked for. */
function folder(files: Record<string, string>) {
  const opened: string[] = [];
  const open = async (path: string) => {
    opened.push(path);
    return Object.hasOwn(files, path) ? files[path] : undefined;
  };
  return { opened, from: (path: string, root = '/w') => collect({ path, text: files[path]! }, open, root) };
}
const names = (text: string) => importsOf(text).map(({ name }) => name);

test('import statements are found, libraries and the standard library are not followed', () => {
  assert.deepEqual(names('import torch, os.path\nimport torch.nn as nn\nfrom torch import nn\nimport numpy as np\nfrom collections.abc import Mapping\nfrom complextorch.nn import CReLU\n'), []);
  assert.deepEqual(names('import layers, models.blocks as b\n'), ['layers', 'models', 'models.blocks']);
  assert.deepEqual(names('from .conv import (\n    A,  # one, two\n    B as C,\n)\nfrom . import d\nfrom ..nn import *\n'), ['.conv', '.conv.A', '.conv.B', '.', '.d', '..nn']);
  assert.deepEqual(names('try:\n    from.a import b\nexcept ImportError:\n\tfrom net import \\\n  x, \\\r\n  y; z = 1\n'), ['.a', '.a.b', 'net', 'net.x', 'net.y']);
  assert.deepEqual(names('x = "import y"\nimported = 1\nfromage = 2\n# import z\nimport größe\n'), ['größe']);
});

test('modules are found beside the file, above it up to the root, and in src', async () => {
  const { from, opened } = folder({
    '/w/a/b/main.py': 'import layers\nimport above\nimport high.low\nfrom deep import thing\nimport outside\n',
    '/w/a/b/layers.py': 'L', '/w/layers.py': 'wrong', '/w/a/above.py': 'A', '/w/high/low.py': 'H', '/w/src/deep/__init__.py': 'D', '/w/src/deep/thing.py': 'T', '/outside.py': 'no',
  });
  const find = await from('/w/a/b/main.py');
  const at = (name: string) => find(name, '/w/a/b/main.py')?.path;
  assert.deepEqual(['layers', 'above', 'high.low', 'deep', 'deep.thing', 'outside', 'high'].map(at), ['/w/a/b/layers.py', '/w/a/above.py', '/w/high/low.py', '/w/src/deep/__init__.py', '/w/src/deep/thing.py', undefined, undefined]);
  assert.ok(opened.every((path) => path.startsWith('/w/')), opened.join(' '));
});

test('a module goes before a package of the same name in one folder; the nearer folder goes first', async () => {
  const { from } = folder({ '/w/m/main.py': 'import a, b', '/w/m/a.py': '1', '/w/m/a/__init__.py': '2', '/w/m/b/__init__.py': '3', '/w/b.py': '4' });
  const find = await from('/w/m/main.py');
  assert.deepEqual(['a', 'b'].map((name) => find(name, '/w/m/main.py')?.text), ['1', '3']);
});

test('dots count from the folder of the importing file, and its imports are followed in turn', async () => {
  const { from } = folder({
    '/w/pkg/models/net.py': 'from .conv import C\nfrom ..nn import act\nfrom . import blocks\nfrom ...far import f',
    '/w/pkg/models/conv.py': 'from ..nn.base import B', '/w/pkg/nn/__init__.py': 'from .act import *', '/w/pkg/nn/act.py': 'a', '/w/pkg/nn/base.py': 'b',
    '/w/pkg/models/blocks.py': 'k', '/w/far.py': 'f',
  });
  const find = await from('/w/pkg/models/net.py');
  const at = (name: string, path = '/w/pkg/models/net.py') => find(name, path)?.path;
  assert.deepEqual(['.conv', '..nn', '..nn.act', '.blocks', '...far', '.', '....far'].map((n) => at(n)), ['/w/pkg/models/conv.py', '/w/pkg/nn/__init__.py', '/w/pkg/nn/act.py', '/w/pkg/models/blocks.py', '/w/far.py', undefined, undefined]);
  assert.equal(at('..nn.base', '/w/pkg/models/conv.py'), '/w/pkg/nn/base.py');
  assert.equal(at('.act', '/w/pkg/nn/__init__.py'), '/w/pkg/nn/act.py');
});

test('cycles end, and a module is never itself', async () => {
  const { from, opened } = folder({ '/w/a.py': 'import b, a', '/w/b.py': 'import a\nfrom a import x' });
  const find = await from('/w/a.py');
  assert.equal(find('a', '/w/b.py')?.path, '/w/a.py');
  assert.equal(find('a', '/w/a.py'), undefined);
  assert.equal(new Set(opened).size, opened.length, 'a path is asked for once');
});

test('names within a plain module are not looked for as files', async () => {
  const { from, opened } = folder({ '/w/a.py': 'from b import C, D', '/w/b.py': 'C = D = 1' });
  await from('/w/a.py');
  assert.deepEqual(opened, ['/w/b.py']);
});

test('nothing outside the root is opened, whatever an import says', async () => {
  const dots = fc.integer({ min: 0, max: 40 }).map((n) => '.'.repeat(n));
  const part = fc.constantFrom('a', '..', '/etc/passwd', 'b', '', ' ', 'src', '\0', '%2e%2e', 'C:');
  await fc.assert(fc.asyncProperty(dots, fc.array(part, { maxLength: 6 }), async (up, parts) => {
    const name = up + parts.join('.');
    const { from, opened } = folder({ '/w/x/y/main.py': `from ${name} import z\nimport ${name}` });
    const find = await from('/w/x/y/main.py', '/w/x');
    find(name, '/w/x/y/main.py');
    assert.ok(opened.every((path) => path.startsWith('/w/x/') && !path.split('/').includes('..')), opened.join(' '));
  }), { seed: 3, numRuns: 300 });
  // A file that is not below the root has no modules.
  const { from, opened } = folder({ '/elsewhere/main.py': 'import a\nfrom . import b' });
  await from('/elsewhere/main.py', '/w');
  assert.ok(opened.every((path) => path.startsWith('/w/')), opened.join(' '));
});

test('the number of modules, their size and their sum are bounded', async () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`/w/m${i}.py`, `import m${i + 1}`]));
  const chain = folder(many);
  const find = await chain.from('/w/m0.py');
  assert.ok(find(`m${MOST_MODULES}`, '/w/m0.py'));
  assert.equal(find(`m${MOST_MODULES + 1}`, '/w/m0.py'), undefined);

  const large = await folder({ '/w/main.py': 'import a, b', '/w/a.py': ' '.repeat(LARGEST_MODULE + 1), '/w/b.py': ' '.repeat(LARGEST_MODULE) }).from('/w/main.py');
  assert.deepEqual(['a', 'b'].map((name) => large(name, '/w/main.py') !== undefined), [false, true]);

  const third = ' '.repeat(MOST_TEXT / 3 + 1);
  const sum = await folder({ '/w/main.py': 'import a, b, c', '/w/a.py': third, '/w/b.py': third, '/w/c.py': third }).from('/w/main.py');
  assert.deepEqual(['a', 'b', 'c'].map((name) => sum(name, '/w/main.py') !== undefined), [true, true, false]);
});

test('a way of opening that fails is a file that is not there', async () => {
  const find = await collect({ path: '/w/main.py', text: 'import a' }, () => Promise.reject(new Error('EACCES')), '/w');
  assert.equal(find('a', '/w/main.py'), undefined);
});

test('hostile texts take no time', () => {
  const texts = ['from a import (\n'.repeat(100_000), `from ${'.'.repeat(1e6)} import a`, `${' '.repeat(1e6)}import a`, 'import '.repeat(200_000), `import ${'a.'.repeat(500_000)}`, `import ${'a,'.repeat(500_000)}`, 'from a import \\\n'.repeat(50_000), '\n'.repeat(1e6)];
  for (const text of texts) {
    const start = performance.now();
    importsOf(text);
    assert.ok(performance.now() - start < 1000, JSON.stringify(text.slice(0, 20)));
  }
});
