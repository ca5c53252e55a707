// From a path to the models in it. Knows no language: lang reads, this only opens the file and picks.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { unmatched, withDefinitions } from '../lang/defined.ts';
import { say } from './terminal.ts';
import type { Definitions } from '../catalog/expressions/definitions.ts';
import { Fault } from '../contract/fault.ts';
import type { ModelGraph, ParsedFile, Problem } from '../contract/graph.ts';
import { ioFault } from '../data/index.ts';
import { modulesOf } from './modules.ts';
import { LARGEST_FILE } from '../lang/read.ts';
import { reader } from './place.ts';

/**
 * @param definitions what the user says of activation classes that cannot be read
 * @param shape of one sample, for networks whose text tells none
 */
export async function readModelFile(path: string, definitions: Definitions = {}, shape: number[] | null = null): Promise<ParsedFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (e) {
    const fault = ioFault(e, 'read', path);
    // A path that the user mistyped is bad input, not a failed computation.
    throw new Fault('bad-input', fault.message, undefined, fault.detail);
  }
  const reading = await reader();
  const code = bytes.length > LARGEST_FILE * 8 ? null : reading.pythonOf(path, new TextDecoder().decode(bytes));
  const place = code === null ? {} : await modulesOf(path, code);
  const parsed = reading.readBytes(basename(path), bytes, { ...place, shape: () => shape });
  for (const name of unmatched(parsed, definitions)) say(`--activation ${name}: ${path} has no layer of this name that could not be read.`);
  return withDefinitions(parsed, definitions);
}

export const problemLine = (path: string, p: Problem): string => `${path}:${p.span.line}:${p.span.column}: ${p.severity}: ${p.message} [${p.code}]`;

/** A specification or a model in JSON with an error would be computed with defaults in place of what was meant: it is refused. */
function refuseBroken(path: string, { problems }: ParsedFile): void {
  const errors = problems.filter((p) => p.severity === 'error');
  if (/\.(json|ya?ml)$/i.test(path) && errors.length > 0) throw new Fault('bad-input', `${path} has errors:\n${errors.map((p) => problemLine(path, p)).join('\n')}`);
}

/** The model called `name`, or the only one. @throws Fault bad-input that lists what there is. */
export function pickModel(path: string, parsed: ParsedFile, name: string | undefined): ModelGraph {
  refuseBroken(path, parsed);
  const { models, problems } = parsed;
  if (models.length === 0) {
    const why = problems[0] ? ` ${problemLine(path, problems[0])}` : ' Complex NTK reads networks of PyTorch, Keras and JAX in Python files and notebooks, Keras and TensorFlow.js models as JSON, and *.ntk.json or *.ntk.yaml; docs/reading.md has the list.';
    throw new Fault('bad-input', `No model was found in ${path}.${why}`);
  }
  const list = models.map((m) => `${m.name} (line ${m.line})`).join(', ');
  if (name === undefined) {
    if (models.length > 1) throw new Fault('bad-input', `${path} has ${models.length} models; choose one with --model: ${list}`);
    return models[0]!;
  }
  const found = models.find((m) => m.name === name);
  if (!found) throw new Fault('bad-input', `${path} has no model ${name}; it has ${list}`);
  return found;
}
