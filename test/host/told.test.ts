// How problems are shown: the setting for each code, what the bulb offers, and that panel and hover keep to it. Cells in the store.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemCodes, settableCodes } from '../../src/catalog/problems.ts';
import type { GraphNode, Severity } from '../../src/contract/graph.ts';
import { hoverText } from '../../src/host/hoverText.ts';
import { openModels, shownModel } from '../../src/host/models.ts';
import { offersFor } from '../../src/host/offers.ts';
import { LIMIT_ALONE } from '../../src/host/query.ts';
import { readTold, TELL_ALL, withSilenced } from '../../src/host/severities.ts';
import { snapshotOf } from '../../src/host/snapshot.ts';
import { joinCells } from '../../src/lang/cells.ts';
import { MODEL, options, queryOf, resultOf } from './fixtures.ts';

const row = (code: string, severity: Severity = 'warning') => ({ code, severity, message: code });

test('a code is shown as it is, with another severity, or not at all; the rest of the row stays', () => {
  const { told, complaints } = readTold({ 'modrelu-identity': 'off', 'shape-mismatch': 'hint', 'no-forward': 'default' });
  assert.deepEqual(complaints, []);
  assert.deepEqual(told([row('modrelu-identity'), row('shape-mismatch', 'error'), row('no-forward'), row('no-kernel', 'information')]), [row('shape-mismatch', 'hint'), row('no-forward'), row('no-kernel', 'information')]);
});

test('a wrong entry is said and leaves the others as they are', () => {
  const { told, complaints } = readTold({ 'modrelu-identty': 'off', 'internal-error': 'off', 'shape-mismatch': 'loud', 'no-forward': { a: 1 }, 'spec-json': 'off', toString: 'off' });
  assert.equal(complaints.length, 5);
  assert.match(complaints.join('\n'), /"modrelu-identty"[^]*"internal-error"[^]*shape-mismatch is "loud"; allowed are default, off/);
  assert.deepEqual(told([row('shape-mismatch', 'error'), row('spec-json'), row('internal-error')]), [row('shape-mismatch', 'error'), row('internal-error')]);
});

test('every code but those of files that cannot be read can be set', () => {
  assert.ok(settableCodes.length > 40 && settableCodes.includes('syntax-error') && settableCodes.includes('twin-as-good'));
  assert.deepEqual(Object.keys(problemCodes).filter((code) => !settableCodes.includes(code)), ['binary-file', 'not-utf8', 'file-too-large', 'unknown-format', 'internal-error']);
});

test('silencing keeps what else the setting says', () => {
  assert.deepEqual(withSilenced({ 'no-forward': 'hint', 'spec-json': 'error' }, 'spec-json'), { 'no-forward': 'hint', 'spec-json': 'off' });
  for (const nothing of [undefined, null, 'off', ['a']]) assert.deepEqual(withSilenced(nothing, 'no-forward'), { 'no-forward': 'off' });
});

test('the bulb offers the mend first, then silence where it is allowed', () => {
  const edits = [{ span: { line: 1, column: 2, endLine: 1, endColumn: 2 }, text: 'x' }];
  assert.deepEqual(offersFor({ code: 'dtype-mismatch', fix: { title: 'Mend it', edits } }, true), [
    { kind: 'fix', title: 'Mend it', edits },
    { kind: 'silence', title: 'Silence dtype-mismatch in this workspace', code: 'dtype-mismatch', place: 'workspace' },
    { kind: 'silence', title: 'Silence dtype-mismatch for the user', code: 'dtype-mismatch', place: 'user' },
  ]);
  assert.deepEqual(offersFor({ code: 'no-kernel' }, false).map((offer) => offer.title), ['Silence no-kernel for the user']);
  assert.deepEqual(offersFor({ code: 'internal-error' }, true), []);
});

test('the panel has no silenced problem and no silenced finding; the stored result has them', async () => {
  const finding = { code: 'slow-modes', severity: 'information' as const, message: 'slow', layer: null };
  const models = openModels(options(async () => resultOf({ findings: [finding] })));
  const entry = models.update({ uri: 'u', fileName: 'net.py', version: 1, text: MODEL.replace('(32, 3)', '(33, 3)') });
  const model = shownModel(entry)!;
  await models.analyze('u', model.name, queryOf(entry, model, LIMIT_ALONE)!, LIMIT_ALONE);
  const shown = (setting: Record<string, unknown>) => {
    const { problems, result } = snapshotOf(models, entry, null, readTold(setting).told);
    return [problems.map((p) => `${p.severity} ${p.code}`), result!.findings.map((f) => `${f.severity} ${f.code}`)];
  };
  assert.deepEqual(shown({}), [['error shape-mismatch'], ['information slow-modes']]);
  assert.deepEqual(shown({ 'shape-mismatch': 'information', 'slow-modes': 'off' }), [['information shape-mismatch'], []]);
  assert.deepEqual(shown({ 'shape-mismatch': 'off', 'slow-modes': 'error' }), [[], ['error slow-modes']]);
  assert.deepEqual(entry.analyses.get(model.name)!.result!.value.findings, [finding]);
});

test('the hover has no silenced fact', () => {
  const node: GraphNode = { id: 'a1', kind: 'activation', name: 'modrelu', parameters: {}, field: 'complex', input: null, output: null, span: null, traps: [{ code: 'modrelu-identity', message: 'It starts as nothing' }] };
  const text = (told = TELL_ALL) => hoverText({ node, result: null, fresh: false, linkTo: () => null, told });
  assert.match(text(), /It starts as nothing/);
  assert.doesNotMatch(text(readTold({ 'modrelu-identity': 'off' }).told), /nothing|warning/);
});

test('a cell of a notebook is read with those before it, under a name of Python, and holds what stands in it', () => {
  const names: string[] = [];
  const own = options(async () => resultOf());
  const models = openModels({ ...own, read: (fileName, text, place, uri) => (names.push(fileName), own.read(fileName, text, place, uri)) });
  const cells = ['!pip install complextorch', MODEL.slice(0, MODEL.indexOf('class')), MODEL.slice(MODEL.indexOf('class'))];
  const joined = joinCells(cells);
  const update = (index: number) => models.update({ uri: `cell${index}`, fileName: '/w/net.ipynb', version: 1, text: joinCells(cells.slice(0, index + 1)).text, cell: { joined, index } });
  const [imports, net] = [update(1), update(2)];
  assert.deepEqual(imports.parsed, { schema: 1, models: [], problems: [] });
  assert.deepEqual(net.parsed.models.map((m) => [m.name, m.line, m.layers.map((l) => l.span?.line)]), [['Net', 1, [4, 5, 6]]]);
  assert.equal(net.fileName, '/w/net.ipynb');
  assert.deepEqual(names, ['cell.py', 'cell.py']);
});
