// Builds dist/: one bundle per runtime, the WebAssembly files they load, and the licences of what went in. Knows no room's inside.
// The kernel's assembled loops are made first: the bundles take them in.
// `node esbuild.mjs` builds all and checks the size budgets; `node esbuild.mjs cli webview` builds only the named bundles.
import { build } from 'esbuild';
import { chmod, copyFile, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assemble } from './scripts/assemble.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const require = createRequire(import.meta.url);

/** @type {import('esbuild').BuildOptions} */
const shared = {
  absWorkingDir: root, bundle: true, minify: true, metafile: true, legalComments: 'none', logLevel: 'warning',
  // A file that asks where it lies would find nothing in a CommonJS bundle: fail here rather than on the user's machine.
  logOverride: { 'empty-import-meta': 'error' },
};

/** @type {import('esbuild').BuildOptions} */
const node = {
  ...shared, platform: 'node', target: 'node20', format: 'cjs',
  // The ES module build of web-tree-sitter finds itself by import.meta, which CommonJS does not have.
  // Of yaml its ES modules, of which esbuild leaves out what is not called: 96 kB instead of 115.
  alias: { 'web-tree-sitter': require.resolve('web-tree-sitter'), yaml: join(dirname(require.resolve('yaml/package.json')), 'browser', 'dist', 'index.js') },
  external: ['vscode', '@tensorflow/tfjs-node'],
};

// An ES module has no require and no __dirname; the CommonJS libraries inside the bundle expect both.
const esmBanner = [
  '#!/usr/bin/env node',
  "import { createRequire as __createRequire } from 'node:module';",
  "import { fileURLToPath as __fileURLToPath } from 'node:url';",
  "import { dirname as __dirnameOf } from 'node:path';",
  'const require = __createRequire(import.meta.url), __filename = __fileURLToPath(import.meta.url), __dirname = __dirnameOf(__filename);',
].join('\n');

/** @type {Record<string, import('esbuild').BuildOptions>} */
const bundles = {
  extension: { ...node, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.cjs' },
  reader: { ...node, entryPoints: ['src/lang/read.ts'], outfile: 'dist/reader.cjs' },
  engine: { ...node, entryPoints: ['src/engine/main.ts'], outfile: 'dist/engine.cjs' },
  'kernel-worker': { ...node, entryPoints: ['src/engine/kernel-worker.ts'], outfile: 'dist/kernel-worker.cjs' },
  cli: { ...node, format: 'esm', banner: { js: esmBanner }, entryPoints: ['src/cli/main.ts'], outfile: 'dist/cli.js' },
  webview: {
    ...shared, platform: 'browser', target: 'es2022', format: 'iife', outfile: 'dist/webview.js',
    entryPoints: ['webview/main.ts'], tsconfig: 'webview/tsconfig.json',
  },
};

/** Upper limits in bytes: the host loads with the editor, the reader with the first model, the webview with each panel. */
const budgets = { 'extension.cjs': 400_000, 'reader.cjs': 720_000, 'webview.js': 500_000 };

const assets = [
  'web-tree-sitter/web-tree-sitter.wasm',
  'tree-sitter-python/tree-sitter-python.wasm',
  ...['tfjs-backend-wasm', 'tfjs-backend-wasm-simd', 'tfjs-backend-wasm-threaded-simd']
    .map((name) => `@tensorflow/tfjs-backend-wasm/wasm-out/${name}.wasm`),
];

/** Folders of the packages (node_modules/name) whose files are in a bundle. */
function packagesOf(metafile) {
  const found = Object.keys(metafile.inputs).map((path) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[0]);
  return found.filter((folder) => folder !== undefined);
}

/** The licence texts of these packages in one file, as their terms ask. */
async function writeLicences(folders) {
  const parts = [];
  for (const folder of [...new Set(folders)].sort()) {
    const about = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
    const names = (await readdir(join(root, folder))).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
    const texts = await Promise.all(names.map((name) => readFile(join(root, folder, name), 'utf8')));
    parts.push([`${about.name} ${about.version} (${about.license})`, ...texts.map((text) => text.trim())].join('\n\n'));
  }
  await writeFile(join(dist, 'licences.txt'), `${parts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`);
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(bundles, name));
if (unknown.length > 0) {
  console.error(`No bundle "${unknown.join('", "')}"; there are ${Object.keys(bundles).join(', ')}.`);
  process.exit(2);
}
if (asked.length === 0) await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });

await assemble();
const used = ['node_modules/tree-sitter-python'];
for (const name of asked.length > 0 ? asked : Object.keys(bundles)) {
  const { metafile } = await build(bundles[name]);
  used.push(...packagesOf(metafile));
}
for (const asset of assets) {
  const [, name, path] = /^((?:@[^/]+\/)?[^/]+)\/(.*)$/.exec(asset);
  await copyFile(join(root, 'node_modules', name, path), join(dist, path.slice(path.lastIndexOf('/') + 1)));
}
if (asked.length === 0) await writeLicences(used);

let tooLarge = false;
for (const name of (await readdir(dist)).sort()) {
  const { size } = await stat(join(dist, name));
  const over = size > (budgets[name] ?? Infinity);
  tooLarge ||= over;
  console.error(`${String(Math.ceil(size / 1000)).padStart(6)} kB  dist/${name}${over ? `  over its budget of ${budgets[name] / 1000} kB` : ''}`);
}
if (asked.length === 0 || asked.includes('cli')) await chmod(join(dist, 'cli.js'), 0o755);
if (tooLarge) process.exit(1);
