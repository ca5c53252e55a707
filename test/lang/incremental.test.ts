// A text parsed from its last version gives the same tree as one parsed anew, whatever the edit.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { budgetOf } from '../../src/lang/budget.ts';
import { openParser, type Syntax } from '../../src/lang/parser.ts';

const installed = (path: string): string => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));
const parse = await openParser({ runtime: installed('web-tree-sitter/web-tree-sitter.wasm'), python: installed('tree-sitter-python/tree-sitter-python.wasm') });
const folder = new URL('../models/', import.meta.url);
const corpus = readdirSync(folder).filter((f) => f.endsWith('.py')).map((f) => readFileSync(new URL(f, folder), 'utf8'));
const tree = (text: string, key?: string): Syntax => structuredClone(parse(text, budgetOf(1e6), 0, key).root);

test('an edited text has the tree of a new one', () => {
  const pieces = ['', '\n', ' ', '#', '"', "'''", '(', ')', 'x', ':\n    ', 'def f(', '\nclass A:\n  pass\n', '\\\n', '\u{1F600}', ', 8', '\n\n\n'];
  fc.assert(fc.property(fc.nat(corpus.length - 1), fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(40), fc.constantFrom(...pieces)), { minLength: 1, maxLength: 5 }), (i, edits) => {
    let text = corpus[i]!;
    parse(text, budgetOf(1e6), 0, 'edited');
    for (const [where, length, piece] of edits) {
      const at = Math.floor(where * text.length);
      text = text.slice(0, at) + piece + text.slice(at + length);
      assert.deepEqual(tree(text, 'edited'), tree(text));
    }
  }), { numRuns: 60, seed: 7 });
});

test('texts of several keys do not mix, and old ones are let go', () => {
  for (let k = 0; k < 12; k++) parse(corpus[k % corpus.length]!, budgetOf(1e6), 0, `file ${k}`);
  for (let k = 0; k < 12; k++) {
    const text = `${corpus[k % corpus.length]!}\nx = ${k}\n`;
    assert.deepEqual(tree(text, `file ${k}`), tree(text));
  }
});

test('an edit of a long file copies what it touches', () => {
  const text = corpus.filter((t) => !t.includes('"""')).join('\n').repeat(2);
  const at = text.indexOf('nn.Linear(', Math.floor(text.length / 2)) + 'nn.Linear('.length;
  const before = parse(text, budgetOf(1e6), 0, 'long').root;
  const old = new Set(before.children);
  const after = parse(`${text.slice(0, at)}1${text.slice(at)}`, budgetOf(1e6), 0, 'long').root;
  const same = after.children.filter((c) => old.has(c)).length;
  assert.ok(same >= after.children.length - 2, `${same} of ${after.children.length} statements are the ones from before`);
});
