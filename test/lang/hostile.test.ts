// The reader against what no editor should send it: it answers always, in time, with problems that say what and where.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ParsedFile } from '../../src/contract/graph.ts';
import { python, reader } from './reader.ts';
import { sound } from './sound.ts';

const folder = new URL('../models/', import.meta.url);
const corpus = readdirSync(folder).filter((f) => f.endsWith('.py')).map((f) => readFileSync(new URL(f, folder), 'utf8'));
const encode = (s: string): Uint8Array => new TextEncoder().encode(s);
const codes = (p: ParsedFile): string[] => p.problems.map((x) => x.code);

test('bytes that are no text are named', () => {
  assert.deepEqual(codes(reader.readBytes('m.py', new Uint8Array())), ['empty-file']);
  assert.deepEqual(codes(reader.readBytes('m.py', encode('\n  \n'))), ['empty-file']);
  assert.deepEqual(codes(reader.readBytes('m.py', new Uint8Array([0x69, 0, 0x70]))), ['binary-file']);
  assert.deepEqual(codes(reader.readBytes('m.py', new Uint8Array([0x23, 0xff, 0xfe, 0x0a]))), ['not-utf8']);
  assert.deepEqual(codes(reader.readBytes('m.py', new Uint8Array(2 * 1024 * 1024 + 1).fill(35))), ['file-too-large']);
});

test('truncating any model anywhere leaves a sound answer', () => {
  fc.assert(fc.property(fc.nat(corpus.length - 1), fc.double({ min: 0, max: 1, noNaN: true }), (i, part) => {
    const text = corpus[i]!;
    sound(reader.read('m.py', text.slice(0, Math.floor(part * text.length))));
  }), { numRuns: 150 });
});

test('deleting or doubling any stretch of a model leaves a sound answer', () => {
  fc.assert(fc.property(fc.nat(corpus.length - 1), fc.nat(2000), fc.nat(60), fc.boolean(), (i, from, length, twice) => {
    const text = corpus[i]!;
    const at = from % text.length;
    const cut = text.slice(at, at + length);
    sound(reader.read('m.py', text.slice(0, at) + (twice ? cut + cut : '') + text.slice(at + length)));
  }), { numRuns: 150 });
});

test('random bytes and random JSON leave a sound answer', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => sound(reader.readBytes('m.py', bytes))), { numRuns: 100 });
  fc.assert(fc.property(fc.json(), (text) => sound(reader.read('m.ntk.json', text))), { numRuns: 100 });
  fc.assert(fc.property(fc.array(fc.record({ kind: fc.constantFrom('dense', 'conv2d', 'residual', 'concat', 'activation', 'average-pool'), kernel: fc.jsonValue(), window: fc.jsonValue(), name: fc.jsonValue(), branch: fc.jsonValue(), branches: fc.jsonValue(), padding: fc.jsonValue(), units: fc.jsonValue() })), (layers) =>
    sound(reader.read('m.ntk.json', JSON.stringify({ complexNtk: 1, input: [4, 4, 1], layers })))), { numRuns: 100 });
});

test('deep nesting is bounded, in Python and in JSON', () => {
  const deep = 10_000;
  for (const text of [
    `import torch\nx = ${'('.repeat(deep)}1${')'.repeat(deep)}\nfrom torch import nn\nmodel = nn.Sequential(nn.Linear(2, 1))\n`,
    `import torch.nn as nn\nmodel = nn.Sequential(${'nn.Sequential('.repeat(deep)}${')'.repeat(deep)})\n`,
    `x = ${'['.repeat(deep)}\n`,
    `x = 1${' + 1'.repeat(deep)}\n`,
    `import torch.nn as nn\ndef f(x):\n    return f(x)\nmodel = nn.Sequential(f(1))\n`,
  ]) sound(reader.read('m.py', text, { timeBudgetMs: 5000 }));
  const nested = reader.read('m.py', `import torch\nx = ${'('.repeat(deep)}1${')'.repeat(deep)}\nfrom torch import nn\nmodel = nn.Sequential(nn.Linear(2, 1))\n`, { timeBudgetMs: 5000 });
  assert.ok(codes(nested).includes('nesting-too-deep'));
  assert.equal(nested.models.length, 1, 'the rest of the file is read');
  assert.deepEqual(codes(reader.read('m.ntk.json', '['.repeat(deep))), ['spec-json']);
});

test('loops and memory are bounded', () => {
  for (const text of [
    'while True:\n    pass\n',
    'for i in range(10**12):\n    pass\n',
    'x = [0] * 10**12\n',
    'x = "a"\nfor i in range(4000):\n    x = x + x\n',
    'x = [1]\nfor i in range(4000):\n    x += x\n',
    'import torch.nn as nn\nl = []\nfor i in range(4000):\n    for j in range(4000):\n        l.append(nn.ReLU())\nmodel = nn.Sequential(*l)\n',
    'x = 10 ** 10 ** 10\ny = 1 << 10**9\n',
    'class A(A):\n    pass\na = A()\n',
  ]) {
    const start = performance.now();
    sound(reader.read('m.py', text, { timeBudgetMs: 300 }));
    assert.ok(performance.now() - start < 10_000, text);
  }
});

test('a file of 2 MB is answered, read or out of time', () => {
  const line = 'x = torch.tensor([1, 2, 3]) + y.view(-1, 4)  # text\n';
  const text = line.repeat(Math.floor((2 * 1024 * 1024 - 100) / line.length));
  const parsed = reader.read('m.py', text);
  sound(parsed);
  const cut = reader.read('m.py', text, { timeBudgetMs: 1 });
  assert.ok(codes(cut).includes('time-budget'));
  assert.equal(python('model = nn.Sequential(nn.Linear(2, 1))').models.length, 1, 'the parser is usable after an interruption');
});

test('line ends, byte order marks and wide characters keep columns right', () => {
  const lines = ['import torch', 'from torch import nn', 's = "\u{1F600}\u{1D49C}"; model = nn.Sequential(nn.Linear(3, 2, dtype=torch.cfloat))', ''];
  const column = lines[2]!.indexOf('nn.Linear') + 1;
  for (const [start, end] of [['', '\n'], ['', '\r\n'], ['\ufeff', '\n'], ['\ufeff', '\r\n']] as const) {
    const parsed = reader.readBytes('m.py', encode(start + lines.join(end)));
    assert.deepEqual(parsed.problems, []);
    const { span } = parsed.models[0]!.layers[0]!;
    assert.deepEqual(span, { line: 3, column, endLine: 3, endColumn: column + 'nn.Linear(3, 2, dtype=torch.cfloat)'.length });
  }
  const half = reader.readBytes('m.py', encode('x = 1\r\n\r\ny = (\r\n'));
  assert.equal(half.problems[0]!.code, 'syntax-error');
  assert.equal(half.problems[0]!.span.line, 3);
});
