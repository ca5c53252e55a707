// The code cells of a notebook as one text in which every place of a cell keeps its column, and the way back from a place in
// that text to its cell. Knows no notebook format and no editor.
import type { ModelGraph, ParsedFile, Problem, Span } from '../contract/graph.ts';

export interface JoinedCells {
  text: string;
  /** The 1-based line of `text` with which each cell begins. */
  starts: number[];
}

const LINE_END = /\r\n|\n|\r/;
/** Magics of a whole cell whose other lines are Python all the same. */
const PYTHON_MAGIC = /^%%(?:time|timeit|capture|prun|python3?|snakeviz|memit)\b/;

/** Magics and shell lines, alone or assigned; questions. */
const MAGIC_LINE = [/^[ \t]*[%!]/, /^[\w.,[\] \t]+=[ \t]*[%!]/, /^[ \t]*[\w.]+\?{1,2}[ \t]*$/, /^[ \t]*\?{1,2}[\w.]+[ \t]*$/];

/**
 * The cells in order. What a notebook understands beyond Python becomes comments of the same length: lines that begin with % or !,
 * questions (name?), and cells of another language (%%bash).
 */
export function joinCells(cells: readonly string[]): JoinedCells {
  const starts: number[] = [];
  let text = '';
  let line = 1;
  cells.forEach((cell, index) => {
    starts.push(line);
    const plain = withoutMagics(cell);
    // After a single CR a LF would be the same line end.
    text += index === cells.length - 1 ? plain : `${plain}${plain.endsWith('\r') ? '\r\n' : '\n'}`;
    line += plain.split(LINE_END).length;
  });
  return { text, starts };
}

/** The cell that a line of the joined text stands in, and the line there; both are those of the last cell at most. */
export function placeIn({ starts }: JoinedCells, line: number): { cell: number; line: number } {
  const after = starts.findIndex((start) => start > line);
  const cell = Math.max(0, (after < 0 ? starts.length : after) - 1);
  return { cell, line: line - (starts[cell] ?? 1) + 1 };
}

/** Without `span` where it is not wholly in this cell. */
function spanIn(joined: JoinedCells, cell: number, span: Span): Span | null {
  const from = placeIn(joined, span.line);
  const to = placeIn(joined, span.endLine);
  return from.cell === cell && to.cell === cell ? { ...span, line: from.line, endLine: to.line } : null;
}

/** What was read of the joined text, as it concerns one cell: its problems, and the models that it defines. Layers written in other cells have no place. */
export function ofCell(parsed: ParsedFile, joined: JoinedCells, cell: number): ParsedFile {
  const models = parsed.models.flatMap((model): ModelGraph[] => {
    const place = placeIn(joined, model.line);
    if (place.cell !== cell) return [];
    const layers = model.layers.map(({ callSpan, ...layer }) => {
      const called = callSpan && spanIn(joined, cell, callSpan);
      return { ...layer, span: layer.span && spanIn(joined, cell, layer.span), ...(called ? { callSpan: called } : {}) };
    });
    return [{ ...model, line: place.line, layers }];
  });
  return { ...parsed, models, problems: parsed.problems.flatMap((p) => problemIn(joined, cell, p)) };
}

function problemIn(joined: JoinedCells, cell: number, problem: Problem): Problem[] {
  const { fix, ...rest } = problem;
  const { line, column, endLine, endColumn } = problem.span;
  if (line === 1 && column === 1 && endLine === 1 && endColumn === 1) {
    // Said of the whole text. A cell without a model, or empty, is nothing to speak of.
    return ['no-model', 'empty-file'].includes(problem.code) ? [] : [rest];
  }
  const span = spanIn(joined, cell, problem.span);
  if (!span) return [];
  const edits = fix?.edits.map((edit) => ({ ...edit, span: spanIn(joined, cell, edit.span) }));
  const whole = edits?.every((edit): edit is { span: Span; text: string } => edit.span !== null);
  return [{ ...rest, span, ...(fix && whole ? { fix: { ...fix, edits: edits as { span: Span; text: string }[] } } : {}) }];
}

/** One cell with comments in place of what is not Python; no character is added or taken away. */
function withoutMagics(cell: string): string {
  const parts = cell.split(/(\r\n|\n|\r)/);
  const whole = /^[ \t]*%%/.test(parts.find((part, at) => at % 2 === 0 && part.trim() !== '') ?? '');
  let foreign = false;
  let begun = false;
  let continued = false;
  const python = new Statements();
  return parts.map((part, at) => {
    if (at % 2 === 1) return part;
    if (whole && !begun && part.trim() !== '') {
      begun = true;
      foreign = !PYTHON_MAGIC.test(part.trim());
      return commented(part);
    }
    if (foreign || continued) {
      continued = continued && part.endsWith('\\');
      return commented(part);
    }
    if (python.begins && MAGIC_LINE.some((form) => form.test(part))) {
      continued = part.endsWith('\\');
      return commented(part);
    }
    python.pass(part);
    return part;
  }).join('');
}

/** An indented line stays a statement, for it may be all that its block has. */
function commented(line: string): string {
  const indent = /^[ \t]*/.exec(line)![0];
  const rest = line.slice(indent.length);
  if (rest === '') return line;
  return indent === '' ? `#${rest.slice(1)}` : `${indent}${rest.length === 1 ? '0' : `0#${rest.slice(2)}`}`;
}

/** Whether a line begins a statement: not within brackets, a long string, or after a backslash. Only then % is a magic and not a remainder. */
class Statements {
  private depth = 0;
  private quote = '';
  private joined = false;

  get begins(): boolean {
    return this.depth === 0 && this.quote === '' && !this.joined;
  }

  pass(line: string): void {
    this.joined = false;
    for (let i = 0; i < line.length; i++) {
      const c = line[i]!;
      if (c === '\\') {
        this.joined = i === line.length - 1;
        i++;
      } else if (this.quote !== '') {
        if (line.startsWith(this.quote, i)) {
          i += this.quote.length - 1;
          this.quote = '';
        }
      } else if (c === '"' || c === "'") {
        this.quote = line.startsWith(c.repeat(3), i) ? c.repeat(3) : c;
        i += this.quote.length - 1;
      } else if (c === '#') break;
      else if ('([{'.includes(c)) this.depth++;
      else if (')]}'.includes(c)) this.depth = Math.max(0, this.depth - 1);
    }
    // A short string ends with its line.
    if (this.quote.length === 1 && !this.joined) this.quote = '';
  }
}
