// Safe edits: an argument that a call is given, and the quick fix of real weights on complex input.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fix, Span } from '../../src/contract/graph.ts';
import { importsAs, withArgument } from '../../src/lang/edits.ts';
import { spansOf } from '../../src/lang/parser.ts';
import { reader } from './reader.ts';

/** The text after edits of one span each, last first. */
export function edited(text: string, edits: Fix['edits']): string {
  const starts = [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map((end) => end.index + end[0].length)];
  const offset = (line: number, column: number) => starts[line - 1]! + column - 1;
  return [...edits].sort((a, b) => b.span.line - a.span.line || b.span.column - a.span.column)
    .reduce((all, { span, text: put }) => all.slice(0, offset(span.line, span.column)) + put + all.slice(offset(span.endLine, span.endColumn)), text);
}

function add(call: string, callee = 'nn.Linear', before = 'x = 1\r\ny = ', after = '; z = 2\n'): string | null {
  const text = before + call + after;
  const edits = withArgument(text, spansOf(text)({ start: before.length, end: before.length + call.length }), callee, 'dtype', 'c');
  if (!edits) return null;
  const out = edited(text, edits);
  assert.ok(out.startsWith(before) && out.endsWith(after));
  return out.slice(before.length, out.length - after.length);
}

test('an argument is added where the others end', () => {
  for (const [call, wanted] of [
    ['nn.Linear(8, 3)', 'nn.Linear(8, 3, dtype=c)'],
    ['nn.Linear()', 'nn.Linear(dtype=c)'],
    ['nn.Linear( 8 )', 'nn.Linear( 8, dtype=c )'],
    ['nn.Linear (8)', 'nn.Linear (8, dtype=c)'],
    ['nn.Linear(\n    8,\n    3,\n)', 'nn.Linear(\n    8,\n    3, dtype=c\n)'],
    ['nn.Linear(\r\n  8,\r\n  3\r\n)', 'nn.Linear(\r\n  8,\r\n  3, dtype=c\r\n)'],
    ['nn.Linear(f(8, "),("), [3][0])', 'nn.Linear(f(8, "),("), [3][0], dtype=c)'],
    ['nn.Linear(*sizes)', 'nn.Linear(*sizes, dtype=c)'],
    ["nn.Linear(len('''a\n'b'''), 3)", "nn.Linear(len('''a\n'b'''), 3, dtype=c)"],
  ] as const) assert.equal(add(call), wanted);
});

test('there is no edit where it might be wrong', () => {
  for (const call of ['nn.Linear(8, 3, dtype=d)', 'nn.Linear(8, dtype = d)', 'nn.Linear(8, **more)', 'nn.Linear(8, 3  # wide\n)', 'nn.Linear(8)(x)', 'nn.Linear[0](8)', 'nn.Linear', 'nn.LinearX(8)', 'nn.Linear(8', 'nn.Linear(8))', 'nn.Linear("a)']) {
    assert.equal(add(call), null, call);
  }
  assert.equal(withArgument('short', { line: 9, column: 1, endLine: 9, endColumn: 5 } as Span, 'nn.Linear', 'dtype', 'c'), null);
});

test('import torch is told from what does not give the name', () => {
  for (const text of ['import torch', 'import os, torch\n', 'import torch.nn\n', 'x\n  import torch # here', 'import numpy as np, torch; x = 1', 'import torch\r\n']) assert.ok(importsAs(text, 'torch'), text);
  for (const text of ['import torch as t', 'import torch.nn as nn', 'from torch import nn', '# import torch', 'import torchvision', 'x = "import torch"']) assert.ok(!importsAs(text, 'torch'), text);
});

const NET = (imports: string, layer: string) => `${imports}
import torch.nn as nn
import complextorch.nn as cnn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = cnn.Linear(8, 4)
        self.b = ${layer}
    def forward(self, z):
        return self.b(self.a(z))
`;

test('real weights on complex input have a fix, after which the problem is gone', () => {
  const text = NET('import torch', 'nn.Linear(4, 2)');
  const [found] = reader.read('net.py', text).problems;
  assert.equal(found!.code, 'dtype-mismatch');
  const mended = edited(text, found!.fix!.edits);
  assert.match(mended, /self\.b = nn\.Linear\(4, 2, dtype=torch\.cfloat\)/);
  assert.deepEqual(reader.read('net.py', mended).problems, []);
});

test('there is none where torch has another name, or the layer does not stand in the text as it is made', () => {
  for (const text of [NET('import torch as t', 'nn.Linear(4, 2)'), NET('import torch', 'nn.Linear(4, 2, dtype=torch.float32)'), NET('import torch\nmore = {}', 'nn.Linear(4, 2, **more)')]) {
    const found = reader.read('net.py', text).problems.find((p) => p.code === 'dtype-mismatch');
    assert.ok(found && !found.fix, text);
  }
});
