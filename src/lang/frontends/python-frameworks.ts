// Which framework a Python text is written for, by what it imports. A new one is a line here. Knows no syntax beyond import statements.
import { jaxLibraries, kerasLibraries, libraries } from '../../catalog/libraries/index.ts';
import type { Library } from '../../catalog/libraries/library.ts';
import type { ParsedFile, Problem } from '../../contract/graph.ts';
import { OutOfTime, type Budget } from '../budget.ts';
import type { Modules } from '../python/modules.ts';
import { importing } from '../workspace.ts';
import { readJax } from './jax.ts';
import { readKeras } from './keras.ts';
import type { ReadingOptions } from './reading.ts';
import { readTorch } from './torch.ts';

const PAIRS = 'complexnn';

type Read = (modules: Modules, budget: Budget, options: ReadingOptions) => ParsedFile;

/** The packages of these libraries. */
const rootsOf = (all: readonly Library[]): string[] => [...new Set(all.flatMap((l) => l.modules.map((m) => m.split('.', 1)[0]!)))];

const frameworks: readonly { imported: RegExp; read: Read }[] = [
  { imported: importing([...rootsOf(libraries), 'pytorch_lightning', 'lightning', 'einops']), read: readTorch },
  { imported: importing(rootsOf(jaxLibraries)), read: readJax },
  { imported: importing([...rootsOf(kerasLibraries).filter((root) => root !== PAIRS), 'tf_keras']), read: readKeras },
  // Of Deep Complex Networks; users' own files for PyTorch are called so too.
  { imported: importing([PAIRS]), read: readKeras },
];

const LAST = frameworks.at(-1)!;

/** Reads with each framework that the text imports, as PyTorch where it imports none. */
export function readPython(text: string, modules: () => Modules, budget: Budget, options: ReadingOptions): ParsedFile {
  const asked = frameworks.filter((f) => f.imported.test(text));
  const reads = asked.length > 1 ? asked.filter((f) => f !== LAST) : asked.length > 0 ? asked : frameworks.slice(0, 1);
  const found: ParsedFile[] = [];
  let late: OutOfTime | null = null;
  for (const f of reads) {
    // Each has its share of the time, and what one found is kept where another runs out of it.
    const milliseconds = options.milliseconds / reads.length;
    budget.renew(milliseconds);
    try {
      found.push(f.read(modules(), budget, { ...options, milliseconds }));
    } catch (e) {
      if (!(e instanceof OutOfTime)) throw e;
      late = e;
    }
  }
  if (found.length === 0) throw late ?? new OutOfTime();
  return merged(found);
}

/** One file from several readings of it. */
export function merged(read: ParsedFile[]): ParsedFile {
  if (read.length === 1) return read[0]!;
  const unread = (m: ParsedFile['models'][number]): number => m.layers.filter((l) => l.kind === 'unresolved').length;
  // Two readings of one text: the one that knows its layers is right.
  const all = read.flatMap((r) => r.models);
  const models = all.filter((m, i) => !all.some((o, k) => k !== i && o.line === m.line && (unread(o) < unread(m) || (unread(o) === unread(m) && k < i))));
  models.sort((a, b) => a.line - b.line);
  const places = new Set(models.flatMap((m) => m.layers.filter((l) => l.kind === 'unresolved').map((l) => JSON.stringify(l.span))));
  const seen = new Set<string>();
  const holds = (p: Problem): boolean => {
    if (p.code === 'no-model' && models.length > 0) return false;
    // Layers of a reading that was put aside.
    if (p.code === 'unresolved-layer' && !places.has(JSON.stringify(p.span))) return false;
    const key = p.code === 'no-model' ? p.code : `${p.code} ${p.span.line}:${p.span.column} ${p.message}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  };
  // A reading whose networks are all another's has nothing to say.
  const heard = read.filter((r) => models.length === 0 || r.models.some((m) => models.includes(m)));
  return { schema: 1, models, problems: heard.flatMap((r) => r.problems).filter(holds) };
}
