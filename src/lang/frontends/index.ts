// The frontends: how each kind of source becomes a ParsedFile. A new one is a file here and a line below.
import type { ParsedFile } from '../../contract/graph.ts';
import type { Budget } from '../budget.ts';
import { NotJson, parseJson, type Placed } from '../json.ts';
import { Modules } from '../python/modules.ts';
import { spansOf, type Parse, type Source } from '../parser.ts';
import type { Place } from '../workspace.ts';
import { parseYaml } from '../yaml.ts';
import { problem } from '../drawing/drawing.ts';
import { isKeras, readKeras } from './keras-json.ts';
import { readNotebook } from './notebook.ts';
import { readPython } from './python-frameworks.ts';
import { readSpecification } from './spec.ts';

interface Frontend {
  /** Whether a file of this name is its own. */
  reads(fileName: string): boolean;
  read(text: string, budget: Budget, parse: Parse, place: Place, milliseconds: number): ParsedFile;
  /** Characters of the largest file, where it is not that of all. */
  largest?: number;
}

/** Notebooks hold pictures beside their code. */
const LARGEST_NOTEBOOK = 16 * 1024 * 1024;

/** Files of other kinds that people open by mistake. */
const OTHER = /\.(?:pth?|h5|hdf5|keras|onnx|pb|npy|npz|pkl|pickle|ckpt|safetensors|txt|md|rst|csv|tsv|toml|cfg|ini|js|mjs|tsx?|c|cc|cpp|cu|h|hpp|java|html?|xml|sh|m|jl)$/i;

export const frontends: readonly Frontend[] = [
  { reads: (name) => OTHER.test(name), read: () => ({ schema: 1, models: [], problems: [problem('unknown-format', 'Models are read from Python files and notebooks, from Keras and TensorFlow.js models as JSON, and from *.ntk.json or *.ntk.yaml. Give one of these.', { line: 1, column: 1, endLine: 1, endColumn: 1 })] }) },
  { reads: (name) => /\.json$/i.test(name), read: (text, budget) => readJson({ text, span: spansOf(text) }, budget) },
  { reads: (name) => /\.ya?ml$/i.test(name), read: (text, budget) => readYaml({ text, span: spansOf(text) }, budget) },
  {
    reads: (name) => /\.ipynb$/i.test(name), largest: LARGEST_NOTEBOOK,
    read: (text, ...rest) => readNotebook({ text, span: spansOf(text) }, (python) => readPythonText(python, ...rest)),
  },
  { reads: () => true, read: readPythonText },
];

function readPythonText(text: string, budget: Budget, parse: Parse, { path = '', workspace, shape, key }: Place, milliseconds: number): ParsedFile {
  const source = parse(text, budget, 0, key);
  return readPython(text, () => new Modules(source, path, workspace, parse, budget), budget, { milliseconds, shape });
}

/** A Keras model by what it holds, else a specification. */
function readJson(source: Pick<Source, 'text' | 'span'>, budget: Budget): ParsedFile {
  let root: Placed;
  try {
    root = parseJson(source.text);
  } catch (e) {
    if (!(e instanceof NotJson)) throw e;
    return { schema: 1, models: [], problems: [problem('spec-json', `This is not valid JSON: ${e.message}. Mend the text here.`, source.span({ start: e.offset, end: Math.min(e.offset + 1, source.text.length) }))] };
  }
  return isKeras(root) ? readKeras(source, root, budget) : readSpecification(source, budget, root);
}

function readYaml(source: Pick<Source, 'text' | 'span'>, budget: Budget): ParsedFile {
  const { root, faults } = parseYaml(source.text, budget);
  const problems = faults.map((f) => problem('spec-yaml', `This is not YAML that is read: ${f.message}. Mend the text here.`, source.span(f)));
  if (!root) return { schema: 1, models: [], problems };
  const read = readSpecification(source, budget, root);
  return { ...read, problems: [...problems, ...read.problems] };
}
