// Notebooks from their files: which cells are read, and that every place is one in the notebook's JSON.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Span } from '../../src/contract/graph.ts';
import { reader } from './reader.ts';

const read = (text: string) => reader.read('net.ipynb', text, { timeBudgetMs: 20_000 });
const file = (name: string): string => readFileSync(new URL(`../models/${name}`, import.meta.url), 'utf8');
const code = (source: unknown) => ({ cell_type: 'code', metadata: {}, outputs: [], source });
const notebook = (cells: object[], metadata: object = { kernelspec: { name: 'python3', language: 'python' } }, indent = 1): string => JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, null, indent);

/** What stands at a place of a text. */
function at(text: string, { line, column, endLine, endColumn }: Span): string {
  const lines = text.split('\n');
  return lines.slice(line - 1, endLine).map((l, k) => l.slice(k === 0 ? column - 1 : 0, k === endLine - line ? endColumn - 1 : undefined)).join('\n');
}

test('code cells in order; magics, shell lines and cells of other languages are left out', () => {
  const text = file('notebook.ipynb');
  const { models, problems } = read(text);
  assert.deepEqual(models.map((m) => [m.name, m.layers.map((l) => `${l.kind} ${l.field}`)]), [
    ['Net', ['dense complex', 'activation complex', 'dense complex', 'read-out real']], ['broken', ['dense real', 'activation real', 'dense real']],
  ]);
  assert.deepEqual(models[0]!.layers.slice(0, 3).map((l) => at(text, l.span!)), ['nn.Linear(16, 32, dtype=torch.cfloat)', 'cvnn.CReLU()', 'nn.Linear(32, 4, dtype=torch.cfloat)']);
  assert.ok(text.split('\n')[models[0]!.line - 1]!.includes('class Net'));
  assert.deepEqual(problems.map((p) => [p.code, at(text, p.span)]), [['shape-mismatch', 'nn.Linear(9, 2)']]);
  // The sentence names the line of the notebook where the layer before stands.
  const told = Number(/line (\d+)\)/.exec(problems[0]!.message)![1]);
  assert.ok(text.split('\n')[told - 1]!.includes('nn.ReLU()'));
});

test('places after escapes, in one line of JSON, over several strings', () => {
  const lines = ['import torch.nn as nn\n', 's = "ü\\t\\u00e9 \u{1F600} \\\\"; model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(\n', ' ), nn.Linear(3, 1))'];
  for (const source of [lines, lines.join(''), lines.join('').replaceAll('\n', '\r\n')]) {
    for (const escape of [false, true]) {
      const plain = notebook([code(source)], {}, 0);
      const text = escape ? plain.replace(/[^\x00-\x7f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`) : plain;
      const { models, problems } = read(text);
      assert.deepEqual(problems, []);
      assert.deepEqual([0, 2].map((k) => at(text, models[0]!.layers[k]!.span!)), ['nn.Linear(2, 3)', 'nn.Linear(3, 1)']);
      const tanh = at(text, models[0]!.layers[1]!.span!);
      assert.ok(tanh.startsWith('nn.Tanh(') && tanh.endsWith(' )'), tanh);
    }
  }
});

test('what is no notebook of Python is said at its place', () => {
  const told = (text: string) => read(text).problems.map((p) => [p.code, at(text, p.span)]);
  assert.deepEqual(told(file('notebook_of_r.ipynb')), [['notebook-format', '"R"']]);
  assert.deepEqual(told(file('broken_notebook.ipynb')).slice(0, 2), [['notebook-format', '7'], ['notebook-format', '{']]);
  assert.deepEqual(told('[1]'), [['notebook-format', '[']]);
  assert.deepEqual(told('{"cells": 5}'), [['notebook-format', '5']]);
  assert.deepEqual(told('{"nbformat": 4}'), [['notebook-format', '{']]);
  assert.deepEqual(told('{"cells": [}'), [['notebook-format', '}']]);
  assert.deepEqual(told(notebook([code(['!ls'])])), []);
  assert.deepEqual(told(notebook([code([]), code('')])).map(([c]) => c), ['empty-file']);
  const kernel = (name: string) => read(notebook([code('import torch.nn as nn\nm = nn.Sequential(nn.Linear(2, 3))')], { kernelspec: { name } })).models.length;
  assert.deepEqual(['conda-env-x-py', 'python3', 'julia-1.9', 'ir'].map(kernel), [1, 1, 0, 0]);
});

test('format 3, whose cells are in worksheets', () => {
  const text = JSON.stringify({ nbformat: 3, worksheets: [{ cells: [{ cell_type: 'code', input: ['import torch.nn as nn\n', 'm = nn.Sequential(nn.Linear(2, 3))'] }] }] });
  assert.equal(read(text).models[0]!.name, 'm');
});

test('a notebook with pictures may be larger than other files', () => {
  const picture = { ...code('import torch.nn as nn\nm = nn.Sequential(nn.Linear(2, 3))'), outputs: [{ output_type: 'display_data', data: { 'image/png': 'A'.repeat(3_000_000) } }] };
  assert.equal(read(notebook([picture])).models.length, 1);
});

test('any cells give places within the text', () => {
  const piece = fc.constantFrom('import torch.nn as nn\n', 'm = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(4, 1))\n', 'class N(nn.Module):\n    def forward(self, x):\n        return foo(x)\n', '%magic\n', '!ls', '\r', '\n', '(', '"""', 'ü\u{1F600}', '\0', '\\', '\t', 'x = ?');
  fc.assert(fc.property(fc.array(fc.array(piece, { maxLength: 6 }), { maxLength: 5 }), fc.boolean(), (cells, joined) => {
    const text = notebook(cells.map((c) => code(joined ? c.join('') : c)));
    const lines = text.split('\n');
    const { models, problems } = read(text);
    for (const p of problems) {
      assert.notEqual(p.code, 'internal-error', p.message);
      assert.ok(p.span.line <= lines.length && p.span.column <= lines[p.span.line - 1]!.length + 1 && p.span.endLine >= p.span.line);
    }
    for (const l of models.flatMap((m) => m.layers)) if (l.kind === 'dense') assert.match(at(text, l.span!), /^nn\.Linear\(\d, \d\)$/);
  }), { numRuns: 200, seed: 5 });
});
