// The manifest: its commands and settings are those of the tables, its texts and files exist, the package stays small.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { commandTable, EXTENSION_ID, HAS_MODEL, PANEL_TYPE, problemWords, restrictedSettings, settingTable } from '../src/host/tables.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const text = readFileSync(join(root, 'package.json'), 'utf8');
const manifest = JSON.parse(text);
const words: Record<string, string> = JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8'));

test('the commands are those of the table', () => {
  const told = manifest.contributes.commands.map(({ command, title, category, icon }: Record<string, string>) =>
    ({ command, title: words[title!.slice(1, -1)], category: words[category!.slice(1, -1)], icon: icon !== undefined }));
  assert.deepEqual(told, commandTable.map((row) => ({ command: row.id, title: row.title, category: 'Complex NTK', icon: 'icon' in row })));
  assert.deepEqual(
    manifest.contributes.menus.commandPalette,
    commandTable.filter((row) => row.when !== 'true').map(({ id, when }) => ({ command: id, when })),
  );
});

test('the editor title has exactly one icon, on files with a model', () => {
  const title = manifest.contributes.menus['editor/title'];
  assert.equal(title.length, 1);
  assert.equal(title[0].group, 'navigation');
  assert.ok(title[0].when.split('||').every((branch: string) => branch.includes(HAS_MODEL)), 'each way to show it asks for a model');
});

const MEND = 'write it anew: node --import tsx scripts/manifest.ts';

test('the settings are those of the table, in its order', () => {
  const { properties } = manifest.contributes.configuration;
  assert.deepEqual(Object.keys(properties), Object.keys(settingTable).map((name) => `complexNtk.${name}`), MEND);
  Object.entries(settingTable).forEach(([name, row], order) => {
    const { order: told, markdownDescription, enumDescriptions, ...rest } = properties[`complexNtk.${name}`];
    assert.deepEqual(rest, row, `${name}: ${MEND}`);
    assert.equal(told, order);
    assert.match(markdownDescription, /^%.*%$/);
    if ('enum' in row) assert.equal(enumDescriptions.length, row.enum.length, name);
  });
  assert.deepEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations, restrictedSettings.map((name) => `complexNtk.${name}`));
});

test('the words of the problem codes are those of the catalog', () => {
  assert.deepEqual(Object.fromEntries(Object.entries(words).filter(([key]) => key.startsWith('problem.'))), problemWords, MEND);
});

test('every text has its words, and no words are left over', () => {
  const keys = [...text.matchAll(/"%([^%"]+)%"/g)].map((match) => match[1]!);
  assert.deepEqual([...new Set(keys)].sort(), Object.keys(words).sort());
  for (const value of Object.values(words)) assert.ok(value.trim().length > 0);
});

test('settings and commands named in the texts exist', () => {
  for (const value of Object.values(words)) {
    for (const [, name] of value.matchAll(/#complexNtk\.([\w.]+)#/g)) assert.ok(Object.hasOwn(settingTable, name!), name);
    for (const [, id] of value.matchAll(/command:(complexNtk\.\w+)/g)) assert.ok(commandTable.some((row) => row.id === id), id);
  }
});

test('the files exist', () => {
  const media = [...text.matchAll(/"(?:\.\/)?(media\/[^"]+)"/g)].map((match) => match[1]!);
  assert.ok(media.length >= 7);
  for (const path of ['LICENSE', 'CHANGELOG.md', 'SUPPORT.md', ...media]) assert.ok(existsSync(join(root, path)), path);
  const png = readFileSync(join(root, manifest.icon));
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [128, 128], 'the icon is 128 x 128');
});

test('identity, activation and entry points', () => {
  assert.equal(`${manifest.publisher}.${manifest.name}`, EXTENSION_ID);
  assert.equal(manifest.main, './dist/extension.cjs');
  assert.deepEqual(manifest.bin, { 'complex-ntk': 'dist/cli.js' });
  assert.deepEqual(manifest.activationEvents, ['onLanguage:python', `onWebviewPanel:${PANEL_TYPE}`]);
  assert.ok(manifest.keywords.length <= 10);
});

const budgets: [path: string, bytes: number][] = [['dist/extension.cjs', 400_000], ['dist/reader.cjs', 720_000], ['dist/webview.js', 500_000], ['out/complex-ntk.vsix', 3_000_000]];
for (const [path, bytes] of budgets) {
  test(`${path} stays under ${bytes / 1000} kB`, { skip: existsSync(join(root, path)) ? false : 'not built' }, () => {
    assert.ok(statSync(join(root, path)).size < bytes);
  });
}
