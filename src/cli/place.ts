// Where the program's own files are: beside the bundle, or in dist/ when it runs from source. The only file of the CLI that asks where it is.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../engine/analyze.ts';
import { openReader, type Reader } from '../lang/read.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = [join(here, '..'), join(here, '..', '..')].find((d) => existsSync(join(d, 'package.json')))!;
/** Folder of the bundles and wasm files. */
export const dist = join(root, 'dist');

export function productVersion(): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}

export function environment(): Environment {
  const workerFile = join(dist, 'kernel-worker.cjs');
  return { workerFile: existsSync(workerFile) ? workerFile : null, wasmDir: dist, tfjsNodePath: process.env.COMPLEX_NTK_TFJS_NODE ?? null, version: productVersion() };
}

export const reader = (): Promise<Reader> =>
  openReader({ runtime: join(dist, 'web-tree-sitter.wasm'), python: join(dist, 'tree-sitter-python.wasm') });
