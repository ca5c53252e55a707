// Models that packages hold, as the reader reads them beside what running them recorded: a table, printed and written into the page that has
// its marks. Needs the packages (test/reference/setup-packages.sh); without them it says so and leaves the page.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ModelGraph } from '../src/contract/graph.ts';
import { openReader } from '../src/lang/read.ts';
import { collect } from '../src/lang/workspace.ts';
import { PACKAGES } from './reading-table.ts';
import { compare, made, type Recorded, type RecordedModel } from './recorded.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'complex-ntk');
/** A whole package's files are read beside its models. */
const TIME_MS = 10_000;

const recorded = JSON.parse(readFileSync(join(root, 'test/reference/package-models.json'), 'utf8')) as Recorded;

function sourceOf(): string | null {
  const { complextorch, torchcvnn, complexNN } = recorded.versions;
  const home = join(cache, `packages-complextorch-${complextorch}-torchcvnn-${torchcvnn}-complexnn-${complexNN}`);
  if (!existsSync(join(home, 'done'))) return null;
  const python = readdirSync(join(home, 'lib')).find((name) => name.startsWith('python3'));
  return python ? join(home, 'lib', python, 'site-packages') : null;
}

const source = sourceOf();
if (source === null) {
  console.error(`The packages are not here, so nothing is compared. Get them with: bash test/reference/setup-packages.sh (torch, complextorch ${recorded.versions.complextorch}, torchcvnn ${recorded.versions.torchcvnn}, complexNN ${recorded.versions.complexNN}; they go into ${cache})`);
  process.exit(0);
}

const reader = await openReader({
  runtime: join(root, 'node_modules/web-tree-sitter/web-tree-sitter.wasm'),
  python: join(root, 'node_modules/tree-sitter-python/tree-sitter-python.wasm'),
});
const top = source.replaceAll('\\', '/');

async function read(path: string, text: string, folder: string): Promise<ModelGraph[]> {
  const open = async (p: string): Promise<string | undefined> => (existsSync(p) ? readFileSync(p, 'utf8') : undefined);
  const parsed = reader.read(path, text, { path, workspace: await collect({ path, text }, open, folder), timeBudgetMs: TIME_MS });
  if (parsed.problems.some((p) => p.code === 'internal-error' || p.code === 'time-budget')) throw new Error(`${path}: ${parsed.problems.map((p) => p.message).join('\n')}`);
  return parsed.models;
}

/** Of a user who imports the package: it is installed, not among the user's files. */
async function imported(model: RecordedModel): Promise<string> {
  const text = `import torch\n${model.import}\n\n${made(model)}`;
  const models = await read('/user/train.py', text, '/user');
  const layers = models.flatMap((m) => m.layers);
  const open = layers.filter((l) => l.kind === 'unresolved');
  const version = `${model.package} ${recorded.versions[model.package]}`;
  if (models.length === 0) return 'no network, as it is one layer';
  if (layers.length === open.length && open.every((l) => l.reason?.includes(version))) return `${layers.length} unresolved, names ${version}`;
  return `${layers.length} layers, ${open.length} unresolved`;
}

const shown = (m: RecordedModel): string => `${m.package} ${m.name}`;
const lines = ['| Model | Layers run | Layers read | Equal | of these, shapes known | Unresolved | Different | Only read | Connections | Importing it gives |', '|---|---|---|---|---|---|---|---|---|---|'];
const sums = new Array<number>(9).fill(0);
const notes = new Map<string, { models: Set<string>; count: number }>();
for (const model of recorded.models) {
  const path = `${top}/${model.file}`;
  const text = `${readFileSync(path, 'utf8')}\n\n${made(model)}`;
  const models = await read(path, text, top);
  const wanted = /^(\w+)\(/.exec(model.expression)![1]!;
  // A function's model bears its class.
  const find = (among: ModelGraph[]): ModelGraph | undefined => among.find((m) => m.name === wanted) ?? among.find((m) => m.name === 'net') ?? among.find((m) => m.name === 'ViT' && wanted.startsWith('vit_'));
  let named = find(models);
  if (!named) {
    // A block is no network of the file that defines it: it is one of a file that makes nothing else.
    const [, folder, name] = /^(.*)\/(\w+)\.py$/.exec(path)!;
    named = find(await read(`${folder}/train.py`, `import torch\n${model.import.replace(/^from \S+/, `from ${name}`)}\n\n${made(model)}`, top));
  }
  const c = compare(model, recorded.rows, named);
  [c.run, c.read, c.equal, c.shaped, c.unresolved, c.different, c.extra, ...c.edges].forEach((v, i) => { sums[i]! += v; });
  lines.push(`| ${shown(model)} | ${c.run} | ${c.read} | ${c.equal} | ${c.shaped} | ${c.unresolved} | ${c.different} | ${c.extra} | ${c.edges[1]} of ${c.edges[0]} | ${await imported(model)} |`);
  for (const note of c.notes) {
    const short = note.replace(/\b\w+(\.\w+)*\.(?=\w+ \()/g, '').replace(/ \(line \d+\)/g, '');
    const known = notes.get(short) ?? { models: new Set(), count: 0 };
    known.models.add(shown(model));
    known.count++;
    notes.set(short, known);
  }
}
lines.push(`| **all** | ${sums[0]} | ${sums[1]} | ${sums[2]} | ${sums[3]} | ${sums[4]} | ${sums[5]} | ${sums[6]} | ${sums[8]} of ${sums[7]} | |`);

const { torch, complextorch, torchcvnn, complexNN } = recorded.versions;
const inside = recorded.models.filter((m) => m.file.startsWith('torchcvnn/models/'));
const behind = inside.reduce((sum, m) => sum + m.steps.length, 0);
const reasons = [...notes].filter(([note]) => note.includes('unresolved, "')).map(([note, { models, count }]) => {
  const [, what, why] = /^(?:\S+ )?\(?([^):]+)\)?: unresolved, "(.*)"$/.exec(note)!;
  return { what: what!, why: why!, count, models };
});
const rows = new Map<string, { what: Set<string>; count: number; models: Set<string> }>();
for (const { what, why, count, models } of reasons) {
  const row = rows.get(why) ?? { what: new Set(), count: 0, models: new Set() };
  rows.set(why, row);
  row.what.add(what);
  row.count += count;
  for (const m of models) row.models.add(m);
}
const cell = (text: string): string => text.replaceAll('|', '\\|');
const text = `
The networks that complextorch ${complextorch}, torchcvnn ${torchcvnn} and complexNN ${complexNN} hold themselves (cplxmodule 2022.6 holds none) were run with PyTorch ${torch}, and each layer recorded: \`test/reference/package-models.json\`, by \`test/reference/package_models.py\`. Here they stand beside what is read of the packages' own files with one line below that makes the network. A layer is equal where its kind, its sizes, its field and, where the text tells it, its shape are; connections are those between equal layers. Of the ${sums[0]} layers that ran ${sums[2]} are equal and ${sums[5]! + sums[6]!} different; ${sums[4]} are in unresolved pieces, ${behind} of them in torchcvnn's vit_t to vit_h, which make the library's ViT by its name in the library: that name is not followed into files, and the class itself is the row "torchcvnn ViT".

A network that a file imports from an installed package is one unresolved layer, with the package and version: its layers are not in the user's files. \`npm run compare-packages\` writes this part anew.

${lines.join('\n')}

What is unresolved there:

| Layer or function | Why | Pieces | Networks |
|---|---|---:|---|
${[...rows].map(([why, { what, count, models }]) => `| ${[...what].join(', ')} | ${cell(why)} | ${count} | ${[...models].slice(0, 3).join('; ')}${models.size > 3 ? `; ${models.size - 3} more` : ''} |`).join('\n')}
`;
console.log(text);
const others = [...notes].filter(([note]) => !note.includes('unresolved, "') && !note.endsWith('within the next one'));
if (others.length > 0) console.log(`What differs:\n${others.map(([note, { models, count }]) => `  ${count} x ${note}   [${[...models].join(', ')}]`).join('\n')}`);

const page = join(root, 'docs/reading.md');
const before = readFileSync(page, 'utf8');
const [from, to] = [before.indexOf(PACKAGES[0]) + PACKAGES[0].length, before.indexOf(PACKAGES[1])];
if (from < PACKAGES[0].length || to < from) console.error(`docs/reading.md has not the marks ${PACKAGES.join(' and ')}: nothing is written.`);
else writeFileSync(page, before.slice(0, from) + text + before.slice(to));
