// Reads mutated files of the corpus: `npm run fuzz`, with --runs 5000, --seed 1. The reader must answer each, soundly, in time, and
// without growing. What fails is written to a temporary file, with the seed that makes it again. Knows no syntax.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What one reading may take, and how far it may go over that: the budget is shared out among parts of the work, and each may end late. */
export const BUDGET_MS = 1000;
export const MARGIN_MS = 1500;
/** What may be held more after all runs than after the first ones. */
export const MOST_HEAP = 32 * 1024 * 1024;
export const MOST_WASM = 32 * 1024 * 1024;
/** Runs after which the caches are taken for full. */
const WARM = 150;

export interface Outcome {
  runs: number;
  /** Seed, what was wrong, and the file with the text. */
  failures: { seed: number; message: string; file: string }[];
  slowestMs: number;
  /** By kind of file. */
  read: Record<string, { runs: number; models: number; withModels: number }>;
  /** Bytes, after garbage collection: after the first runs and at the end; null where there were too few runs. */
  heap: [number, number] | null;
  wasm: [number, number] | null;
}

type Random = () => number;

/** mulberry32: uniform on [0, 1). */
function randomOf(seed: number): Random {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const below = (r: Random, n: number): number => Math.floor(r() * n);
const oneOf = <T,>(r: Random, from: readonly T[]): T => from[below(r, from.length)]!;

const NUMBERS = ['0', '-1', '1', '3', '1.5', '1e309', '10**9', '999999999999', '0x1F', '1_000', 'nan', '2j', 'True', 'null', '""'];
const WORDS = ['self', 'def', 'class', 'return', 'for', 'if', 'else', 'in', 'lambda', 'None', 'import', 'nn.Linear', 'torch.cfloat', 'x', 'super()', 'yield', 'match', 'try', 'with', 'not', 'kind', 'layers', 'range', 'getattr', 'while True'];
const ODD = ['\u0000', '\ufeff', '\u200b', '\u202e', '\u{1F600}', '\u{1D49C}', 'ﬁ', '\u2028', '\r', '\t', '\\', '\u00a0', '\ud800', 'é', '²', '\u0085'];
const BRACKETS = ['(', ')', '[', ']', '{', '}', '"', "'", '"""', ':', ',', '#', '=', '*', '@', '-', '->'];

const replaced = (text: string, from: number, to: number, by: string): string => text.slice(0, from) + by + text.slice(to);

/** A stretch of the text: where it begins and ends. */
function stretch(r: Random, text: string, most: number): [number, number] {
  const from = below(r, text.length + 1);
  return [from, Math.min(text.length, from + 1 + below(r, most))];
}

/** One match of a form, at random. */
function match(r: Random, text: string, form: RegExp): [number, number] | null {
  const all = [...text.matchAll(form)];
  const m = all.length > 0 ? oneOf(r, all) : null;
  return m && [m.index, m.index + m[0].length];
}

type Mutation = (text: string, r: Random, other: string) => string;

const MUTATIONS: readonly Mutation[] = [
  (text, r) => { const [a, b] = stretch(r, text, 120); return replaced(text, a, b, ''); },
  (text, r) => { const [a, b] = stretch(r, text, 300); return replaced(text, b, b, text.slice(a, b)); },
  // Lines change places, or go.
  (text, r) => {
    const lines = text.split('\n');
    const [a, b] = [below(r, lines.length), below(r, lines.length)];
    [lines[a], lines[b]] = [lines[b]!, lines[a]!];
    return lines.join('\n');
  },
  (text, r) => { const lines = text.split('\n'); lines.splice(below(r, lines.length), 1 + below(r, 3)); return lines.join('\n'); },
  // A part of another file.
  (text, r, other) => { const [a, b] = stretch(r, other, 600); const at = below(r, text.length + 1); return replaced(text, at, Math.min(text.length, at + below(r, 200)), other.slice(a, b)); },
  (text, r, other) => { const [a] = [below(r, text.length + 1)]; return text.slice(0, a) + other.slice(below(r, other.length + 1)); },
  (text, r) => { const m = match(r, text, /\d+(?:\.\d+)?/g); return m ? replaced(text, ...m, oneOf(r, NUMBERS)) : text; },
  (text, r) => { const m = match(r, text, /[A-Za-z_][\w.]*/g); return m ? replaced(text, ...m, oneOf(r, WORDS)) : text; },
  // One name becomes another of the text, here or everywhere.
  (text, r) => {
    const [m, n] = [match(r, text, /[A-Za-z_]\w*/g), match(r, text, /[A-Za-z_]\w*/g)];
    if (!m || !n) return text;
    const [name, by] = [text.slice(...m), text.slice(...n)];
    return r() < 0.5 ? replaced(text, ...m, by) : text.replace(new RegExp(`\\b${name}\\b`, 'g'), () => by);
  },
  (text, r) => { const m = match(r, text, /^[ \t]*/gm); return m ? replaced(text, ...m, oneOf(r, ['', ' ', '\t', '    ', '        ', ' '.repeat(below(r, 40))])) : text; },
  (text, r) => { const m = match(r, text, /[()[\]{}"':,#=*@]/g); return m ? replaced(text, ...m, r() < 0.5 ? '' : oneOf(r, BRACKETS)) : text; },
  (text, r) => { const at = below(r, text.length + 1); return replaced(text, at, at, oneOf(r, BRACKETS).repeat(1 + below(r, 4))); },
  (text, r) => { const at = below(r, text.length + 1); return replaced(text, at, at, oneOf(r, ODD)); },
  (text, r) => text.slice(0, below(r, text.length + 1)),
  (text, r) => { const [a, b] = stretch(r, text, 200); return replaced(text, a, b, [...text.slice(a, b)].reverse().join('')); },
  (text, r) => text.replaceAll('\n', oneOf(r, ['\r\n', '\r', '\n\n'])),
];

export function mutated(text: string, r: Random, other: string): string {
  let out = text;
  for (let n = 1 + below(r, 4); n > 0; n--) out = oneOf(r, MUTATIONS)(out, r, other);
  return out.slice(0, 60_000);
}

/** A file as a notebook: a cell for each part between blank lines before which no line is indented. */
function notebookOf(python: string): string {
  const cells = python.split(/\n\n\n/).map((part, i) => ({ cell_type: i % 5 === 4 ? 'markdown' : 'code', metadata: {}, outputs: [], source: part.split('\n').map((line, at, all) => (at < all.length - 1 ? `${line}\n` : line)) }));
  cells.splice(1, 0, { cell_type: 'code', metadata: {}, outputs: [], source: ['%matplotlib inline\n', '!pip install torchcvnn'] });
  return JSON.stringify({ cells, metadata: { kernelspec: { name: 'python3', language: 'python', display_name: 'Python 3' } }, nbformat: 4, nbformat_minor: 5 }, null, 1);
}

interface Memory {
  buffer: ArrayBuffer;
}
/** What is used here of WebAssembly, of which Node's types have little. */
interface Wasm {
  Memory: new (descriptor: object) => Memory;
  instantiate(...args: unknown[]): Promise<{ instance?: { exports: object }; exports?: object }>;
}

/** The memories of WebAssembly that are made while `work` runs, by the code or by a module. */
async function withMemories<T>(work: () => Promise<T>): Promise<{ made: T; bytes(): number }> {
  const wasm = WebAssembly as unknown as Wasm;
  const { Memory: Plain, instantiate } = wasm;
  const memories = new Set<Memory>();
  wasm.Memory = class extends Plain {
    constructor(descriptor: object) {
      super(descriptor);
      memories.add(this);
    }
  };
  wasm.instantiate = async (...args) => {
    const result = await instantiate(...args);
    for (const v of Object.values(result.instance?.exports ?? result.exports ?? {})) if (v instanceof Plain) memories.add(v);
    return result;
  };
  try {
    return { made: await work(), bytes: () => [...memories].reduce((sum, m) => sum + m.buffer.byteLength, 0) };
  } finally {
    Object.assign(wasm, { Memory: Plain, instantiate });
  }
}

export interface FuzzOptions {
  runs: number;
  seed: number;
  /** Told after every hundredth run. */
  progress?(done: number): void;
}

export async function fuzz({ runs, seed, progress }: FuzzOptions): Promise<Outcome> {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const { made: parts, bytes } = await withMemories(async () => ({
    corpus: await import('../test/lang/corpus.ts'), room: await import('../test/lang/reader.ts'), soundness: await import('../test/lang/sound.ts'),
  }));
  const { reader } = parts.room;
  const files = parts.corpus.corpusFiles.map((name) => ({ name, text: parts.corpus.textOf(name) }));
  const form: Record<string, RegExp> = { py: /\.py$/, json: /\.json$/, yaml: /\.ya?ml$/, ipynb: /\.(py|ipynb)$/ };
  const kinds = Object.entries(form).map(([kind, name]) => ({ kind, files: files.filter((f) => name.test(f.name)) }));
  // Most files are Python; the others get a share all the same.
  const weights = [0.7, 0.1, 0.07, 0.13];

  const outcome: Outcome = { runs, failures: [], slowestMs: 0, read: Object.fromEntries(kinds.map(({ kind }) => [kind, { runs: 0, models: 0, withModels: 0 }])), heap: null, wasm: null };
  let before: { heap: number; wasm: number } | null = null;
  const held = (): { heap: number; wasm: number } => {
    collectGarbage();
    return { heap: process.memoryUsage().heapUsed, wasm: bytes() };
  };

  for (let run = 0; run < runs; run++) {
    if (run === WARM) before = held();
    const own = seed + run;
    const r = randomOf(own);
    let pick = r();
    const { kind, files: of } = kinds.find((_, i) => (pick -= weights[i]!) < 0) ?? kinds[0]!;
    const [text, other] = [oneOf(r, of).text, oneOf(r, of).text];
    // What is changed of a notebook is the code of its cells, or the file that they stand in.
    const asNotebook = (of: string): string => (of.startsWith('{') ? of : notebookOf(of));
    const changed = kind !== 'ipynb' ? mutated(text, r, other) : r() < 0.6 && !text.startsWith('{') ? notebookOf(mutated(text, r, other)) : mutated(asNotebook(text), r, asNotebook(other));
    const fail = (message: string): void => {
      const file = path.join(tmpdir(), `complex-ntk-fuzz-${own}.${kind}`);
      writeFileSync(file, changed);
      outcome.failures.push({ seed: own, message, file });
    };
    const start = performance.now();
    try {
      const parsed = reader.readBytes(`m.${kind}`, new TextEncoder().encode(changed), { timeBudgetMs: BUDGET_MS });
      const took = performance.now() - start;
      outcome.slowestMs = Math.max(outcome.slowestMs, took);
      parts.soundness.sound(parsed);
      const counts = outcome.read[kind]!;
      counts.runs++;
      counts.models += parsed.models.length;
      counts.withModels += parsed.models.length > 0 ? 1 : 0;
      if (took > BUDGET_MS + MARGIN_MS) fail(`took ${Math.round(took)} ms, ${BUDGET_MS} are allowed and ${MARGIN_MS} more borne with`);
    } catch (e) {
      fail(e instanceof Error ? (e.stack ?? e.message) : String(e));
    }
    if ((run + 1) % 100 === 0) progress?.(run + 1);
  }

  if (before) {
    const after = held();
    outcome.heap = [before.heap, after.heap];
    outcome.wasm = [before.wasm, after.wasm];
    const grown = (of: [number, number], most: number, what: string): void => {
      if (of[1] - of[0] > most) outcome.failures.push({ seed, message: `${what} grew from ${megabytes(of[0])} to ${megabytes(of[1])} MB over ${runs} runs; ${megabytes(most)} are borne with`, file: 'none' });
    };
    grown(outcome.heap, MOST_HEAP, 'the heap');
    grown(outcome.wasm, MOST_WASM, "the parser's memory");
  }
  return outcome;
}

const megabytes = (n: number): string => (n / 1024 / 1024).toFixed(1);

if (process.argv[1] && fileURLToPath(import.meta.url) === path.resolve(process.argv[1])) {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: '5000' }, seed: { type: 'string', default: '1' } } });
  const [runs, seed] = [Number(values.runs), Number(values.seed)];
  if (![runs, seed].every((n) => Number.isSafeInteger(n) && n >= 0)) throw new Error('--runs and --seed are whole numbers');
  const start = performance.now();
  const outcome = await fuzz({ runs, seed, progress: (done) => process.stderr.write(`\r${done} of ${runs}`) });
  process.stderr.write('\n');
  for (const f of outcome.failures) console.error(`seed ${f.seed}: ${f.message}\n  the text: ${f.file}\n  again: npm run fuzz -- --runs 1 --seed ${f.seed}`);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${runs} mutated files read in ${seconds} s, ${outcome.failures.length} failures; the slowest took ${outcome.slowestMs.toFixed(0)} ms.`);
  for (const [kind, { runs: n, withModels, models }] of Object.entries(outcome.read)) console.log(`  ${kind}: ${n} files, ${withModels} with ${models} networks`);
  if (outcome.heap && outcome.wasm) console.log(`  heap ${outcome.heap.map(megabytes).join(' -> ')} MB, parser ${outcome.wasm.map(megabytes).join(' -> ')} MB, after the first ${WARM} runs and at the end`);
  process.exitCode = outcome.failures.length > 0 ? 1 : 0;
}
