// Checks the doors between the rooms with dependency-cruiser, that its rules catch what they are for, and that the map names the rooms.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';

const root = path.join(import.meta.dirname, '..');
const config = path.join(root, '.dependency-cruiser.cjs');
const cruiser = path.join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');

interface Violation { rule: { name: string; severity: string }; from: string; to: string }

/** Runs dependency-cruiser on src and webview of a folder. */
function cruise(folder: string): { modules: number; violations: string[] } {
  const done = spawnSync(process.execPath, [cruiser, '--config', config, '--output-type', 'json', 'src', 'webview'], { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.ok(done.stdout.startsWith('{'), `dependency-cruiser gave no JSON: ${done.stderr}`);
  const { modules, summary } = JSON.parse(done.stdout) as { modules: unknown[]; summary: { violations: Violation[] } };
  return { modules: modules.length, violations: summary.violations.map((v) => `${v.rule.name}: ${v.from} -> ${v.to}`).sort() };
}

/** A little tree of ours with the given files; each value is the file's imports. The rules that they break, with the file that does. */
function cruisePlanted(files: Record<string, string[]>): string[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'doors-'));
  try {
    for (const room of ['src', 'webview']) mkdirSync(path.join(folder, room));
    for (const [name, imports] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), `${imports.join('\n')}\nexport const here = 1;\n`);
    }
    return cruise(folder).violations.map((v) => v.split(' -> ')[0]!);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('doors', () => {
  it('are kept by all of src and webview', () => {
    const { modules, violations } = cruise(root);
    assert.deepEqual(violations, []);
    assert.ok(modules > 50, `only ${modules} modules were looked at`);
  });

  const planted: [string, Record<string, string[]>, string[]][] = [
    ['the kernel reads data', { 'src/kernel/a.ts': ["import { here } from '../data/b.ts'; here;"], 'src/data/b.ts': [] }, ['kernel-rooms']],
    ['a type goes through a closed door', { 'src/network/a.ts': ["import type { here } from '../kernel/b.ts';"], 'src/kernel/b.ts': [] }, ['network-rooms']],
    ['the contract imports a room', { 'src/contract/a.ts': ["export * from '../catalog/b.ts';"], 'src/catalog/b.ts': [] }, ['contract-rooms']],
    ['the kernel opens a file', { 'src/kernel/a.ts': ["import { readFileSync } from 'node:fs'; readFileSync;"] }, ['kernel-node']],
    ['the engine talks to the editor', { 'src/engine/a.ts': ["import * as vscode from 'vscode'; vscode;"] }, ['engine-packages']],
    ['the host computes kernels', { 'src/host/a.ts': ["import { here } from '../kernel/b.ts'; here;"], 'src/kernel/b.ts': [] }, ['host-rooms']],
    ['the panel reads the catalog', { 'webview/a.ts': ["import { here } from '../src/catalog/b.ts'; here;"], 'src/catalog/b.ts': [] }, ['webview-rooms']],
    ['a hidden import() of a package', { 'src/lang/a.ts': ["export const later = () => import('left-pad');"] }, ['lang-packages']],
    ['a require of a package', { 'src/kernel/a.ts': ["const tf = require('@tensorflow/tfjs-core'); tf;"] }, ['kernel-packages']],
    ['the toolkit outside controls.ts', { 'webview/plots/a.ts': ["import { here } from '@vscode/webview-ui-toolkit'; here;"] }, ['toolkit-in-controls']],
    ['a backend outside backend.ts', { 'src/network/a.ts': ["import '@tensorflow/tfjs-backend-wasm';"] }, ['backends-in-backend']],
    ['the wiring computes', { 'src/extension.ts': ["import { here } from './kernel/a.ts'; here;"], 'src/kernel/a.ts': [] }, ['extension-wires']],
    ['a room nobody wrote down', { 'src/attic/a.ts': ["import { here } from '../contract/b.ts'; here;"], 'src/contract/b.ts': [] }, ['room-known']],
  ];
  // All in one tree, each with files of its own number: a run of the tool takes seconds.
  const numbered = (text: string, k: number): string => text.replace(/\/([ab])\.ts/g, `/$1${k}.ts`);
  const found = cruisePlanted(Object.assign({}, ...planted.map(([, files], k) => Object.fromEntries(Object.entries(files).map(([name, imports]) => [numbered(name, k), imports.map((i) => numbered(i, k))])))));
  planted.forEach(([what, files, want], k) => {
    const own = Object.keys(files).map((name) => numbered(name, k));
    it(`catch: ${what}`, () => assert.deepEqual(found.filter((v) => own.some((name) => v.endsWith(`: ${name}`))).map((v) => v.split(':')[0]), want));
  });

  it('let through what is allowed', () => {
    assert.deepEqual(cruisePlanted({
      'src/contract/words.ts': [],
      'src/catalog/facts.ts': ["import type { here } from '../contract/words.ts';"],
      'src/kernel/sums.ts': ["import { here } from '../catalog/facts.ts'; here;"],
      'src/network/backend.ts': ["import * as tf from '@tensorflow/tfjs-core'; import '@tensorflow/tfjs-backend-wasm'; import { fork } from 'node:child_process'; tf; fork;"],
      'src/host/panel.ts': ["import * as vscode from 'vscode'; import { here } from '../report/page.ts'; vscode; here;"],
      'src/report/page.ts': ["import { join } from 'node:path'; join;"],
      'src/extension.ts': ["import { here } from './host/panel.ts'; here;"],
      'webview/controls.ts': ["import { here } from '@vscode/webview-ui-toolkit'; import type { here as word } from '../src/contract/words.ts'; here;"],
    }), []);
  });
});

describe('the map in ARCHITECTURE.md', () => {
  /** Cells of the room table: room -> what it may import, as written. */
  function roomTable(): Map<string, string> {
    const text = readFileSync(path.join(root, 'ARCHITECTURE.md'), 'utf8');
    const rows = [...text.matchAll(/^\| `(src\/[a-z]+|webview)` \|([^|]*)\|([^|]*)\|/gm)];
    return new Map(rows.map((m) => [m[1]!, m[3]!]));
  }

  it('names exactly the folders of src, and webview', () => {
    const folders = readdirSync(path.join(root, 'src'), { withFileTypes: true }).filter((e) => e.isDirectory()).map((e) => `src/${e.name}`);
    assert.deepEqual([...roomTable().keys()].sort(), [...folders, 'webview'].sort());
  });

  it('says the same of each door as the rules', () => {
    const { rooms } = createRequire(import.meta.url)(config).doors as { rooms: Record<string, { rooms: string[]; packages: string[] }> };
    for (const [room, written] of roomTable()) {
      const words = [...written.matchAll(/`([^`]+)`/g)].map((m) => m[1]!);
      const may = rooms[room];
      assert.ok(may, `${room} has no rule`);
      assert.deepEqual(words.sort(), [...may.rooms, ...may.packages].sort(), `ARCHITECTURE.md on ${room}`);
    }
  });
});
