// How long a Python file takes to read: 2,000 lines made of the corpus, beside CPython's own parser on the same text.
// `node --import tsx bench/reading.ts [runs]`. CPython only parses; here the text is also interpreted and its networks are drawn.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { budgetOf } from '../src/lang/budget.ts';
import { openParser } from '../src/lang/parser.ts';
import { openReader } from '../src/lang/read.ts';

const LINES = 2000;
const runs = Number(process.argv[2] ?? 15);
const installed = (file: string): string => fileURLToPath(new URL(`../node_modules/${file}`, import.meta.url));
const wasm = { runtime: installed('web-tree-sitter/web-tree-sitter.wasm'), python: installed('tree-sitter-python/tree-sitter-python.wasm') };
const folder = fileURLToPath(new URL('../test/models', import.meta.url));

// Whole files of PyTorch networks, one behind the other; names that come again are defined anew, as Python does.
const texts = readdirSync(folder).filter((f) => /^(torch|complex|cplx).*\.py$/.test(f)).sort().map((f) => readFileSync(path.join(folder, f), 'utf8'));
const text = [...texts, ...texts].join('\n').split('\n').slice(0, LINES).join('\n');
const edited = text.indexOf('nn.Linear(', Math.floor(text.length / 2)) + 'nn.Linear('.length;

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const timed = (work: (k: number) => unknown): { first: number; median: number } => {
  const all = Array.from({ length: runs }, (_, k) => {
    const start = performance.now();
    work(k);
    return performance.now() - start;
  });
  return { first: all[0]!, median: median(all.slice(1)) };
};

const parse = await openParser(wasm);
const reader = await openReader(wasm);
const parsed = timed((k) => parse(`${text}\nx = ${k}\n`, budgetOf(60_000)));
parse(text, budgetOf(60_000), 0, 'edited');
const again = timed((k) => parse(text.slice(0, edited) + '1'.repeat(k + 1) + text.slice(edited), budgetOf(60_000), 0, 'edited'));
const read = timed((k) => reader.read('model.py', `${text}\nx = ${k}\n`, { timeBudgetMs: 60_000 }));

const place = mkdtempSync(path.join(tmpdir(), 'reading-'));
let peer: number;
try {
  const file = path.join(place, 'model.py');
  writeFileSync(file, text);
  peer = Number(execFileSync('python3', ['-c', [
    'import ast, sys, time', 'text = open(sys.argv[1], encoding="utf-8").read()', 'all = []',
    `for _ in range(${runs}):`, '    t = time.perf_counter(); ast.parse(text); all.append(1000 * (time.perf_counter() - t))',
    'print(sorted(all)[len(all) // 2])',
  ].join('\n'), file], { encoding: 'utf8' }));
} finally {
  rmSync(place, { recursive: true });
}

const { models } = reader.read('model.py', text, { timeBudgetMs: 60_000 });
console.log(`${text.split('\n').length} lines, ${models.length} networks, ${models.reduce((n, m) => n + m.layers.length, 0)} layers; milliseconds, median of ${runs - 1} (first run); times CPython's ast.parse (${peer.toFixed(1)})`);
for (const [what, { first, median: m }] of Object.entries({ 'parsed to a tree': parsed, 'parsed after an edit': again, 'read: parsed, interpreted, drawn': read })) {
  console.log(`${what.padEnd(34)} ${m.toFixed(1).padStart(7)} (${first.toFixed(0)})   ${(m / peer).toFixed(2)}`);
}
