// Writes docs/reading.md: what is read of the corpus in test/models, by library and by idiom: `node --import tsx scripts/reading-table.ts`.
// Knows no syntax and no library's rows. test/docs.test.ts fails where the page and the corpus differ.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { jaxLibraries, kerasLibraries, libraries } from '../src/catalog/libraries/index.ts';
import type { Library } from '../src/catalog/libraries/library.ts';
import type { GraphNode, ParsedFile } from '../src/contract/graph.ts';
import { corpusFiles, readCorpus, textOf } from '../test/lang/corpus.ts';

/** The part of the page between these marks is written by another script. */
export const PACKAGES = ['<!-- packages -->', '<!-- /packages -->'] as const;

/** What the first line of a model file, "# idioms: a, b", may name. */
export const IDIOMS: Readonly<Record<string, string>> = {
  'plain-sequential': 'layers one after another in one call',
  'star-lists': '`Sequential(*layers)` of a list made before',
  'list-building': 'lists of layers built by append, extend, `+=` or a comprehension',
  'list-times': '`[a, b] * n`, in which layers of one object share their weights',
  'range-loops': 'loops with range, zip, enumerate, in the constructor or in forward',
  'module-lists': 'ModuleList, also nested and unpacked in a loop',
  'module-dicts': 'ModuleDict, and Sequential of named pairs',
  'set-attributes': 'setattr, getattr, add_module, register_module, `_modules`',
  'functional-activations': 'activations and pools called as functions in forward',
  'shape-steps': 'view, permute, squeeze, transpose, flatten in forward',
  einops: 'patterns of einops, as functions and as layers',
  concatenation: 'joined and added signals, skips of a U-Net',
  'module-reuse': 'a module applied several times: shared weights are told',
  blocks: "the user's own blocks inside a network, as groups of it",
  inheritance: 'base classes of the file, super(), methods that a subclass replaces',
  'class-constants': 'sizes, dtypes and layers as attributes of the class',
  'class-as-argument': 'a block or layer class given to a constructor',
  factories: 'functions that make layers or the network',
  'new-method': '`__new__` that gives a network',
  partial: 'functools.partial',
  config: 'dictionaries of options, hyperparameters that Lightning keeps',
  dataclass: 'a dataclass with defaults and properties as configuration',
  argparse: "an argument parser's defaults",
  'conditional-choice': 'conditions on constants and defaults that choose a size or a layer',
  'unknown-choice': 'conditions that the text does not decide: one branch is read, both are named',
  'unknown-loops': 'loops whose number of rounds is not known',
  'unknown-arguments': 'sizes that come from outside the file',
  'star-import': 'names brought by `from module import *`',
  'other-file': 'layers defined in other files of the workspace',
  'dtype-argument': "PyTorch's own layers made complex by their dtype argument",
  cast: 'a real network converted to complex afterwards',
  'paired-layers': 'a complex layer made of two real ones or of two real parameters',
  'native-parts': '`.real`, `.imag` and torch.complex',
  'parts-along-axis': 'real and imaginary part along an axis: `x[..., 0]` with stack, halves of the channels',
  'two-streams': 'real and imaginary part as two arguments of forward',
  'made-real': "a complex library's layers made real by dtype",
  wrapper: '`CplxToCplx[layer]` and the like',
  'own-activation': "the user's own activation as a class or function, radial, split or any formula",
  'own-parameters': 'parameters of the module itself in F.linear, F.conv2d and `@`',
  'activation-by-string': 'an activation chosen by its name',
  'activation-by-class': 'an activation class as argument',
  'activation-instance': 'an activation object as argument',
  'activation-lambda': 'a lambda as activation',
  initialisers: 'initialisers that the code calls',
  lightning: 'LightningModule',
  wrapped: 'DataParallel, torch.jit.script, torch.compile around a network or layer',
  recurrent: 'recurrent layers',
  attention: 'self-attention',
  'example-input': 'a call with an example, or a summary, that tells the shape of the input',
  'dummy-forward': 'a size measured by running layers once',
  'not-counted': 'layers in strings and comments, which are none',
  'broken-code': 'code that cannot run: undefined names, sizes that do not fit, a list called, an attribute assigned twice',
  'half-typed': 'unfinished or damaged text',
  'no-model': 'files without a network',
  unreadable: 'steps that are no layer that could be read, and stay unresolved',
  keras: 'Keras: Sequential, functional and subclassed models, and models saved as JSON',
  jax: 'JAX: stax, Flax, Haiku',
  notebooks: 'notebook files: cells in order, magics and shell lines as comments',
  specification: "the project's own specifications, JSON and YAML",
};

/** Idioms of files that have no first line for them: data, and files whose lines tests count. */
const IDIOMS_OF: Readonly<Record<string, string[]>> = {
  'broken.ntk.json': ['specification', 'half-typed'], 'decoder.ntk.json': ['specification'], 'faulty.ntk.json': ['specification', 'broken-code'], 'ok.ntk.json': ['specification'], 'tokens.ntk.json': ['specification', 'attention'],
};
const BY_NAME: readonly [RegExp, string][] = [[/^(keras\d?|cvnn|dcn|tfjs)[_.]/, 'keras'], [/^(flax|haiku|nnx|stax|jax|nt)_/, 'jax'], [/\.ntk\.(json|ya?ml)$/, 'specification'], [/\.ipynb$/, 'notebooks']];

/** The idioms that a file says it holds; null where it says none. */
export function idiomsOf(file: string): string[] | null {
  const line = file.endsWith('.py') ? /^# idioms: (.+)/.exec(textOf(file))?.[1] : undefined;
  const said = line?.split(',').map((w) => w.trim()) ?? IDIOMS_OF[file];
  return said ?? BY_NAME.flatMap(([form, idiom]) => (form.test(file) ? [[idiom]] : []))[0] ?? null;
}

interface Count {
  files: Set<string>;
  layers: number;
  unresolved: number;
}

const emptyCount = (): Count => ({ files: new Set(), layers: 0, unresolved: 0 });

function counted(into: Map<string, Count>, key: string, file: string, layers: readonly GraphNode[]): void {
  const count = into.get(key) ?? emptyCount();
  into.set(key, count);
  count.files.add(file);
  count.layers += layers.length;
  count.unresolved += layers.filter((l) => l.kind === 'unresolved').length;
}

const cells = ({ files, layers, unresolved }: Count): string => `${files.size} | ${layers} | ${layers - unresolved} | ${unresolved}`;
const HEAD = (first: string): string => `| ${first} | Files | Layers | Read | Unresolved |\n|---|---:|---:|---:|---:|`;

const OWN = '';
const named = (list: readonly Library[]): string => list.map((l) => `${l.label} ${l.version}`).join(', ');

function introduction(files: number, models: number, all: Count): string {
  return `# What is read

Complex NTK reads the text of a model file and never runs it. A bounded interpreter follows a subset of Python (assignments, classes, functions, arithmetic on constants, loops), draws the network by following its forward method, and says of each piece that it cannot know what it is and why. Nothing is guessed: such a piece stays in the graph as *unresolved*, and no kernel is computed through it.

## Frameworks and libraries

* **PyTorch**, with complex weights by \`dtype=\`, by conversion, or by layers of the user's own made of two real ones, and the libraries on it. The versions whose facts are known: ${named(libraries)}.
* **Keras**, as Sequential, functional and subclassed models, and the libraries on it: ${named(kerasLibraries)}. Keras and TensorFlow.js models saved as JSON are read too.
* **JAX**: ${named(jaxLibraries)}.
* **Specifications** of this project in [JSON or YAML](interfaces.md#specification-files).
* **Notebooks**, as files on the command line and by cells in the editor, where the cells before a cell are read with it. Magics and shell lines count as comments.

A class of one of these libraries that is not known is an unresolved layer, never left out.

## Other files

Imports of files within the project are followed, relative ones too, at most 64 files of 2 MB each and 4 MB together, and never above the folder of the project. In the editor unsaved text counts. What other packages define is not followed.

## Rules

* Conditions on constants and defaults are decided. Of other conditions one branch is read, and a problem names both; so is a loop whose rounds are not known.
* Networks are read as they are evaluated: \`self.training\` is false.
* Functions of one number become activations, of the catalog where they have its values, else as a formula. Functions of several numbers of a vector (sorting, softmax inside, Fourier transforms) stay unresolved.
* Sizes come from the text: an example that the code calls the network with, a summary, a docstring, the first layer. Where none tells them, shapes are null.
* Weights that are loaded, hooks, and what other processes give are outside the text.
* Reading stops after a second with what it has, and says so. Files over 2 MB are not read.

## The corpus

\`test/models\` holds ${files} files written for this project in the style of published ones, ${models} networks with ${all.layers} layers in all, of which ${all.layers - all.unresolved} are read and ${all.unresolved} stay unresolved, each by intention: \`test/models/answers\` holds answers made by hand before a file was read, and \`expected.json\` all that was read, reviewed. Tests compare both.

Published files differ from these; numbers here say that the idioms are covered, not how many files of the world are.
`;
}

/** The whole page. */
export async function readingPage(): Promise<string> {
  const byLibrary = new Map<string, Count>();
  const byIdiom = new Map<string, Count>();
  const reasons = new Map<string, { layers: number; files: Set<string> }>();
  const all = emptyCount();
  let models = 0;
  for (const file of corpusFiles) {
    const { models: read }: ParsedFile = await readCorpus(file);
    const layers = read.flatMap((m) => m.layers);
    models += read.length;
    all.layers += layers.length;
    for (const library of new Set(layers.map((l) => l.library ?? OWN))) counted(byLibrary, library, file, layers.filter((l) => (l.library ?? OWN) === library));
    for (const idiom of idiomsOf(file) ?? []) counted(byIdiom, idiom, file, layers);
    for (const l of layers) {
      if (l.kind !== 'unresolved') continue;
      all.unresolved++;
      const key = l.reason!;
      const known = reasons.get(key) ?? { layers: 0, files: new Set() };
      reasons.set(key, known);
      known.layers++;
      known.files.add(file);
    }
  }
  const known = [...libraries, ...kerasLibraries, ...jaxLibraries];
  const libraryRows = [...known.map((l) => [`${l.label} ${l.version}`, l.id] as const), ['none: sums, joins, shape steps, formulas and classes of the file itself', OWN] as const]
    .flatMap(([label, id]) => (byLibrary.has(id) ? [`| ${label} | ${cells(byLibrary.get(id)!)} |`] : [`| ${label} | 0 | 0 | 0 | 0 |`]));
  const idiomRows = Object.entries(IDIOMS).map(([id, text]) => `| \`${id}\` | ${text} | ${cells(byIdiom.get(id) ?? emptyCount())} |`);
  const reasonRows = [...reasons].sort(([a], [b]) => (a < b ? -1 : 1)).map(([reason, { layers, files }]) => `| ${reason.replaceAll('|', '\\|')} | ${layers} | ${[...files].map((f) => `\`${f}\``).join(', ')} |`);
  return `${introduction(corpusFiles.length, models, all)}
### By library

Layers of each library, with the version its facts were seen in.

${HEAD('Library')}
${libraryRows.join('\n')}

### By idiom

Files that hold the idiom, and all layers of their networks. A file holds several.

${HEAD('Idiom | What it is').replace('|---|', '|---|---|')}
${idiomRows.join('\n')}

### What stays unresolved

| Reason | Layers | Files |
|---|---:|---|
${reasonRows.join('\n')}

## Networks that packages hold

${PACKAGES[0]}${packagesPart()}${PACKAGES[1]}
`;
}

const page = fileURLToPath(new URL('../docs/reading.md', import.meta.url));

/** What scripts/compare-packages.ts wrote: it needs the packages, which are not everywhere. */
function packagesPart(): string {
  const text = existsSync(page) ? readFileSync(page, 'utf8') : '';
  const [from, to] = [text.indexOf(PACKAGES[0]), text.indexOf(PACKAGES[1])];
  return from < 0 || to < from ? '\n' : text.slice(from + PACKAGES[0].length, to);
}

if (process.argv[1] && fileURLToPath(import.meta.url) === path.resolve(process.argv[1])) writeFileSync(page, await readingPage());
