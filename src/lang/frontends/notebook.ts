// Jupyter notebooks (.ipynb): the Python of their code cells as one text, and what is read of it back at its places in the notebook's JSON.
// Knows no framework.
import type { ParsedFile, Problem, Span } from '../../contract/graph.ts';
import { joinCells } from '../cells.ts';
import { NotJson, parseJson, type Placed } from '../json.ts';
import type { Source } from '../parser.ts';
import { problem } from '../drawing/drawing.ts';

type Entries = Map<string, { key: { start: number; end: number }; placed: Placed }>;

const entriesOf = (p: Placed | undefined): Entries | null => (p?.value instanceof Map ? p.value : null);
const at = (e: Entries | null, name: string): Placed | undefined => e?.get(name)?.placed;
const stringOf = (p: Placed | undefined): string | null => (typeof p?.value === 'string' ? p.value : null);

/** Kernels of other languages by their usual names. */
const OTHER_KERNEL = /^(ir|julia|javascript|deno|tslab|scala|almond|java|kotlin|bash|rust|evcxr|xcpp|ruby|matlab|octave|sagemath|haskell|ihaskell|gophernotes|\.net)\b/i;

/** A code cell: its text, and the JSON strings that hold it, one or a line each. */
interface Cell {
  text: string;
  pieces: { from: number; placed: Placed }[];
}

/** The Python of a notebook, or null where it is none. */
export function codeOf(source: Pick<Source, 'text' | 'span'>): string | null {
  let code: string | null = null;
  readNotebook(source, (python) => {
    code = python;
    return { schema: 1, models: [], problems: [] };
  });
  return code;
}

/** @param python reads the joined text as the Python files are read */
export function readNotebook(source: Pick<Source, 'text' | 'span'>, python: (text: string) => ParsedFile): ParsedFile {
  const fail = (message: string, place: { start: number; end: number }): ParsedFile => ({ schema: 1, models: [], problems: [problem('notebook-format', message, source.span(place))] });
  let root: Placed;
  try {
    root = parseJson(source.text);
  } catch (e) {
    if (!(e instanceof NotJson)) throw e;
    return fail(`This notebook is not valid JSON: ${e.message}. Open and save it in Jupyter, or take it from its last version.`, { start: e.offset, end: Math.min(e.offset + 1, source.text.length) });
  }
  const top = entriesOf(root);
  const start = { start: root.start, end: root.start + 1 };
  if (!top) return fail('A notebook is an object with a list of cells.', start);
  const language = languageOf(entriesOf(at(top, 'metadata')));
  if (language && !/^i?python[0-9.]*$/i.test(language.name)) return fail(`The kernel of this notebook is of the language ${language.name}; only Python is read.`, language.place);
  // Format 3 had its cells in worksheets.
  const sheets = at(top, 'worksheets')?.value;
  const lists = top.has('cells') ? [at(top, 'cells')] : Array.isArray(sheets) ? sheets.map((s) => at(entriesOf(s), 'cells')) : [];
  const wrong = lists.find((l) => !Array.isArray(l?.value));
  if (lists.length === 0 || wrong) return fail(wrong ? 'cells must be a list of cells.' : 'This notebook has no list of cells.', wrong ?? start);

  const cells: Cell[] = [];
  const problems: Problem[] = [];
  for (const placed of lists.flatMap((l) => l!.value as Placed[])) {
    const entries = entriesOf(placed);
    const type = at(entries, 'cell_type');
    if (!entries || stringOf(type) === null) problems.push(...fail('This cell has no cell_type.', { start: placed.start, end: placed.start + 1 }).problems);
    else if (type!.value === 'code') {
      const given = at(entries, 'source') ?? at(entries, 'input');
      const cell = cellOf(given);
      // An empty one has no place that could be pointed at.
      if (cell) cells.push(...(cell.text === '' ? [] : [cell]));
      else problems.push(...fail('The source of this cell must be a text or a list of texts.', given ?? { start: placed.start, end: placed.start + 1 }).problems);
    }
  }
  if (cells.every((c) => c.text.trim() === '')) {
    const empty = problem('empty-file', 'This notebook has no code: there is no network to read.', source.span({ start: 0, end: 0 }));
    return { schema: 1, models: [], problems: [...problems, empty] };
  }
  const joined = joinCells(cells.map((c) => c.text.replaceAll('\0', ' ')));
  const parsed = python(joined.text);
  const back = new Places(source, joined.text, joined.starts, cells);
  return {
    ...parsed,
    models: parsed.models.map((model) => ({
      ...model, line: back.line(model.line),
      layers: model.layers.map((l) => ({ ...l, ...(l.reason ? { reason: back.message(l.reason) } : {}), span: l.span && back.span(l.span), ...(l.callSpan ? { callSpan: back.span(l.callSpan) } : {}) })),
    })),
    problems: [...problems, ...parsed.problems.map((p) => ({
      ...p, message: back.message(p.message), span: back.span(p.span),
      // What is put in stands within a string of JSON.
      ...(p.fix ? { fix: { ...p.fix, edits: p.fix.edits.map((e) => ({ ...e, span: back.span(e.span), text: JSON.stringify(e.text).slice(1, -1) })) } } : {}),
    }))],
  };
}

function languageOf(metadata: Entries | null): { name: string; place: Placed } | null {
  const kernel = entriesOf(at(metadata, 'kernelspec'));
  for (const placed of [at(entriesOf(at(metadata, 'language_info')), 'name'), at(kernel, 'language')]) {
    const name = stringOf(placed);
    if (name !== null && name !== '') return { name, place: placed! };
  }
  // A kernel's name is often that of an environment.
  const named = at(kernel, 'name');
  return OTHER_KERNEL.test(stringOf(named) ?? '') ? { name: stringOf(named)!, place: named! } : null;
}

function cellOf(given: Placed | undefined): Cell | null {
  const list = Array.isArray(given?.value) ? given.value : given ? [given] : [];
  if (!given || !list.every((p) => typeof p.value === 'string')) return null;
  let text = '';
  const pieces = list.map((placed) => {
    const piece = { from: text.length, placed };
    text += placed.value as string;
    return piece;
  });
  return { text, pieces };
}

/** From places in the joined text to places in the notebook's JSON. */
class Places {
  /** Offset of each line and of each cell in the joined text. */
  private readonly lines: number[] = [0];
  private readonly cellAt: number[];
  /** Of a JSON string, the offset in the file of each of its characters, and of its closing quote. */
  private readonly written = new Map<Placed, number[]>();

  constructor(private readonly source: Pick<Source, 'text' | 'span'>, private readonly joined: string, starts: readonly number[], private readonly cells: readonly Cell[]) {
    for (const m of joined.matchAll(/\r\n|\n|\r/g)) this.lines.push(m.index + m[0].length);
    this.cellAt = starts.map((line) => this.lines[line - 1]!);
  }

  line(line: number): number {
    return this.source.span({ start: this.place(this.offset(line, 1)).start, end: 0 }).line;
  }

  /** A sentence that names a line of this notebook; "(file.py, line 3)" is one of another file. */
  message(text: string): string {
    return text.replace(/(?<!\.pyi?, )\bline (\d+)\)/g, (_, line: string) => `line ${this.line(Number(line))})`);
  }

  /** What is said of the whole text stays at its beginning. */
  span(span: Span): Span {
    const { line, column, endLine, endColumn } = span;
    if (line === 1 && column === 1 && endLine === 1 && endColumn === 1) return span;
    const from = this.offset(line, column);
    const to = this.offset(endLine, endColumn);
    const first = this.place(from);
    return this.source.span({ start: first.start, end: to > from ? this.place(to - 1).end : first.start });
  }

  private offset(line: number, column: number): number {
    return Math.min((this.lines[line - 1] ?? this.joined.length) + column - 1, this.joined.length);
  }

  /** The characters of the file that stand for one of the joined text; between cells, the end of the one before. */
  private place(offset: number): { start: number; end: number } {
    const after = this.cellAt.findIndex((from) => from > offset);
    const index = Math.max(0, (after < 0 ? this.cells.length : after) - 1);
    const { text, pieces } = this.cells[index]!;
    const inCell = Math.min(offset - this.cellAt[index]!, text.length);
    const piece = pieces.findLast((p) => p.from <= inCell)!;
    const written = this.charactersOf(piece.placed);
    const k = Math.min(inCell - piece.from, written.length - 1);
    return { start: written[k]!, end: written[Math.min(k + 1, written.length - 1)]! };
  }

  private charactersOf(placed: Placed): number[] {
    const known = this.written.get(placed);
    if (known) return known;
    const out: number[] = [];
    let k = placed.start + 1;
    for (; k < placed.end - 1; ) {
      out.push(k);
      k += this.source.text[k] !== '\\' ? 1 : this.source.text[k + 1] === 'u' ? 6 : 2;
    }
    out.push(k);
    this.written.set(placed, out);
    return out;
  }
}
