// Every file of test/models reads as test/models/expected.json says: layers, parameters, shapes, edges, problem codes with their lines.
// After a reviewed change of the reader, UPDATE_EXPECTED=1 writes the file anew.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ParsedFile } from '../../src/contract/graph.ts';
import { corpusFiles as files, expectedFile, readCorpus } from './corpus.ts';

/** What a reader of the graph relies on; spans are tested on their own. */
const digest = (parsed: ParsedFile) => ({
  models: parsed.models.map((m) => ({
    name: m.name, line: m.line, inputField: m.inputField, inputShape: m.inputShape,
    layers: m.layers.map((l) => ({
      id: l.id, kind: l.kind, name: l.name, field: l.field, parameters: l.parameters, input: l.input, output: l.output,
      ...(l.group ? { group: l.group } : {}), ...(l.sharedWith ? { sharedWith: l.sharedWith } : {}),
      ...(l.initialisation ? { weightVariance: l.initialisation.weightVariance, biasVariance: l.initialisation.biasVariance, source: l.initialisation.source, law: l.initialisation.law, realShare: l.initialisation.realShare } : {}),
    })),
    graph: m.graph,
  })),
  problems: parsed.problems.map((p) => `${p.code} ${p.span.line}:${p.span.column}`),
});

const actual: Record<string, unknown> = {};
for (const f of files) actual[f] = digest(await readCorpus(f));
if (process.env.UPDATE_EXPECTED) writeFileSync(expectedFile, `${JSON.stringify(actual, null, 1)}\n`);
const expected = JSON.parse(readFileSync(expectedFile, 'utf8')) as Record<string, unknown>;

test('the corpus and its expectations name the same files', () => {
  assert.ok(files.length >= 20);
  assert.deepEqual(Object.keys(expected).sort(), files);
});

for (const file of files) {
  test(`corpus: ${file}`, () => assert.deepEqual(JSON.parse(JSON.stringify(actual[file])), expected[file]));
}
