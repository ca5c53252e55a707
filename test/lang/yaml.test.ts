// Specifications in YAML: the same graph as in JSON, faults at their place, and texts made to cost much.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { reader } from './reader.ts';

const read = (text: string, name = 'net.ntk.yaml') => reader.read(name, text, { timeBudgetMs: 20_000 });
/** Problems as "code: the text at their place". */
const placed = (text: string): string[] => {
  const lines = text.split('\n');
  return read(text).problems.map((p) => `${p.code} ${lines[p.span.line - 1]!.slice(p.span.column - 1, p.span.line === p.span.endLine ? p.span.endColumn - 1 : undefined)}`);
};
const withoutSpans = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (key, v: unknown) => (['span', 'line'].includes(key) ? undefined : v)));

for (const name of ['ok.ntk.json', 'decoder.ntk.json', 'tokens.ntk.json', 'faulty.ntk.json']) {
  test(`${name} written in YAML reads the same`, () => {
    const json = readFileSync(new URL(`../models/${name}`, import.meta.url), 'utf8');
    for (const text of [stringify(JSON.parse(json)), json]) {
      assert.deepEqual(withoutSpans(read(text).models), withoutSpans(reader.read(name, json).models));
      assert.deepEqual(read(text).problems.map((p) => p.message), reader.read(name, json).problems.map((p) => p.message));
    }
  });
}

test('anchors, aliases and merged fields', () => {
  const { models, problems } = read('complexNtk: 1\ninput: [4]\nlayers:\n- &a {kind: dense, units: 3}\n- &phi {kind: activation, name: siglog}\n- <<: *a\n  units: 5\n- *phi\n- {<<: [*a, {weightVariance: 2}]}\n', 'net.ntk.yml');
  assert.deepEqual(problems, []);
  assert.deepEqual(models[0]!.layers.map((l) => [l.kind, l.output, l.span!.line]), [['dense', [3], 4], ['activation', [3], 5], ['dense', [5], 6], ['activation', [5], 8], ['dense', [3], 9]]);
  assert.equal(models[0]!.layers[4]!.initialisation!.weightVariance, 2);
});

test('every fault is told at its place', () => {
  assert.deepEqual(placed(readFileSync(new URL('../models/broken.ntk.yaml', import.meta.url), 'utf8')), [
    'spec-yaml !!python/int', 'spec-yaml name', 'spec-yaml *missing', 'spec-yaml .inf', 'spec-field 7', 'spec-field cardiod', 'spec-field *missing', 'spec-field .inf',
  ]);
  const head = 'complexNtk: 1\ninput: [4]\n';
  assert.deepEqual(placed(`${head}layers: [{kind: dense, unit: 3}]\n`), ['spec-field unit']);
  assert.deepEqual(placed(`${head}layers: [{kind: dense}]\n---\nx: 1\n`).length, 1);
  assert.deepEqual(placed(`${head}layers: [{kind: dense}\n`).map((p) => p.split(' ')[0]), ['spec-yaml']);
  assert.deepEqual(placed(`${head}? [a]\n: 1\nlayers: [{kind: dense}]\n`), ['spec-yaml [a]']);
  assert.deepEqual(placed('a: &a [*a]\n')[0], 'spec-yaml *a');
});

test('texts made to cost much end in a problem, soon', () => {
  const laughs = ['a: &a [x,x,x,x,x,x,x,x,x]', ...[...'bcdefghi'].map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`)].join('\n');
  assert.match(read(laughs).problems[0]!.message, /more than 20000 values/);
  for (const [text, message] of [
    ['['.repeat(50_000), /more than 200 deep/], ['- '.repeat(30_000), /more than 200 deep/], ['{'.repeat(20_000), /more than 200 deep/], ['a: '.repeat(20_000), /more than 200 deep/], ['? '.repeat(30_000), /more than 200 deep/],
    ['a: 1\n'.repeat(20_000), /more than 64 KB/],
  ] as const) {
    const began = performance.now();
    assert.match(read(text).problems[0]!.message, message);
    assert.ok(performance.now() - began < 2000);
  }
});

test('any text gives problems within it and no fault of the reader', () => {
  const words = fc.constantFrom('complexNtk: 1\n', 'input: [5]\n', 'layers:\n', '- kind: dense\n', '  units: 3\n', '&a ', '*a', '<<: ', '[', ']', '{', '}', ', ', ': ', '- ', '"', "'", '|\n', '>\n', '#', '!', '!!set ', '%YAML 1.1\n', '---\n', '...\n', '\t', ' ', '\n', '? ', '~', '.nan', '0x1F', '1e999', '2001-01-01', '\r', 'ü', '\u{1F600}', '\uD800');
  fc.assert(fc.property(fc.array(words, { maxLength: 40 }).map((w) => w.join('')), (text) => {
    const { problems } = read(text);
    const lines = text.split(/\r\n|\n|\r/);
    for (const p of problems) {
      assert.notEqual(p.code, 'internal-error', p.message);
      assert.ok(p.span.line >= 1 && p.span.line <= lines.length && p.span.column >= 1 && p.span.column <= lines[p.span.line - 1]!.length + 1, JSON.stringify([text, p]));
    }
  }), { numRuns: 500, seed: 3 });
});
