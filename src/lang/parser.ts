// Python text to a light syntax tree, within a time budget. Knows tree-sitter; knows nothing of what the text means.
import { Language, Parser, type TreeCursor } from 'web-tree-sitter';
import type { Span } from '../contract/graph.ts';
import { OutOfTime, type Budget } from './budget.ts';

/** One node: children in order, those with a field name also under it. Offsets are UTF-16 units into `Source.text`. */
export interface Syntax {
  type: string;
  named: boolean;
  missing: boolean;
  field: string | null;
  start: number;
  end: number;
  children: Syntax[];
}

export interface Source {
  text: string;
  root: Syntax;
  span(node: { start: number; end: number }): Span;
}

export type Parse = (text: string, budget: Budget) => Source;

/** Loads the two wasm files. Throws where they are missing or of another version. */
export async function openParser(wasm: { runtime: string; python: string }): Promise<Parse> {
  await Parser.init({ locateFile: () => wasm.runtime });
  const language = await Language.load(wasm.python);
  const parser = new Parser().setLanguage(language);
  return (text, budget) => {
    const tree = parser.parse(text, null, { progressCallback: () => budget.spent() });
    if (!tree) {
      parser.reset();
      throw new OutOfTime();
    }
    const cursor = tree.walk();
    try {
      return { text, root: copy(cursor, budget), span: spansOf(text) };
    } finally {
      cursor.delete();
      tree.delete();
    }
  };
}

/** The tree behind the cursor, copied without recursion: nesting is as deep as the text likes. Comments are left out. */
function copy(cursor: TreeCursor, budget: Budget): Syntax {
  const here = (): Syntax => ({
    type: cursor.nodeType, named: cursor.nodeIsNamed, missing: cursor.nodeIsMissing, field: cursor.currentFieldName,
    start: cursor.startIndex, end: cursor.endIndex, children: [],
  });
  const root = here();
  const path = [root];
  let descend = cursor.gotoFirstChild();
  if (!descend) return root;
  for (;;) {
    budget.tick();
    const node = here();
    if (node.type !== 'comment') path[path.length - 1]!.children.push(node);
    if (cursor.gotoFirstChild()) {
      path.push(node);
      continue;
    }
    while (!cursor.gotoNextSibling()) {
      cursor.gotoParent();
      path.pop();
      if (path.length === 0) return root;
    }
  }
}

/** From offsets to lines and columns; lines end at CR LF, LF or CR. */
export function spansOf(text: string): Source['span'] {
  const starts = [0];
  for (const m of text.matchAll(/\r\n|\n|\r/g)) starts.push(m.index + m[0].length);
  const place = (offset: number): [number, number] => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const mid = (low + high + 1) >> 1;
      if (starts[mid]! <= offset) low = mid;
      else high = mid - 1;
    }
    return [low + 1, offset - starts[low]! + 1];
  };
  return ({ start, end }) => {
    const [line, column] = place(start);
    const [endLine, endColumn] = place(end);
    return { line, column, endLine, endColumn };
  };
}

export const fieldOf = (node: Syntax, name: string): Syntax | undefined => node.children.find((c) => c.field === name);
export const fieldsOf = (node: Syntax, name: string): Syntax[] => node.children.filter((c) => c.field === name);
export const namedOf = (node: Syntax): Syntax[] => node.children.filter((c) => c.named && c.type !== 'ERROR');
