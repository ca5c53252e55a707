// The corpus of test/models, each file read as the command line reads it: what it imports from its own folder is followed.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { collect } from '../../src/lang/workspace.ts';
import type { ParsedFile } from '../../src/contract/graph.ts';
import { reader } from './reader.ts';

export const folder = new URL('../models/', import.meta.url);
export const expectedFile = new URL('expected.json', folder);
/** Hand-written answers, one a model file: <file>.json. */
export const answers = new URL('answers/', folder);

/** The model files; folders hold what they import, and answers. */
export const corpusFiles = readdirSync(folder, { withFileTypes: true }).filter((e) => e.isFile() && e.name !== 'expected.json').map((e) => e.name).sort();

export const textOf = (file: string): string => readFileSync(new URL(file, folder), 'utf8');

export async function readCorpus(file: string): Promise<ParsedFile> {
  const root = fileURLToPath(folder).replace(/[\\/]$/, '').replaceAll('\\', '/');
  const path = `${root}/${file}`;
  const bytes = readFileSync(new URL(file, folder));
  const workspace = await collect({ path, text: bytes.toString('utf8') }, async (other) => readFileSync(other, 'utf8'), root);
  return reader.readBytes(file, bytes, { timeBudgetMs: 20_000, workspace, path });
}
