// Python text to a light syntax tree, within a time budget. Knows tree-sitter; knows nothing of what the text means.
import { Edit, Language, Parser, type Tree, type TreeCursor } from 'web-tree-sitter';
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

/**
 * `from` is added to all offsets: a text that stands behind others. A text with a `key` is parsed from what the last text with that key was:
 * of its tree the same nodes are used again.
 */
export type Parse = (text: string, budget: Budget, from?: number, key?: string) => Source;

/** Texts whose trees are kept for the next edit. */
const MOST_KEPT = 4;

interface Kept {
  text: string;
  tree: Tree;
  root: Syntax;
}

/** Loads the two wasm files. Throws where they are missing or of another version. */
export async function openParser(wasm: { runtime: string; python: string }): Promise<Parse> {
  await Parser.init({ locateFile: () => wasm.runtime });
  const language = await Language.load(wasm.python);
  const parser = new Parser().setLanguage(language);
  const kept = new Map<string, Kept>();

  function forget(key: string): void {
    kept.get(key)?.tree.delete();
    kept.delete(key);
  }

  return (text, budget, from = 0, key) => {
    const old = key === undefined ? undefined : kept.get(key);
    const edit = old && changeOf(old.text, text);
    if (edit) old.tree.edit(new Edit(edit));
    const tree = parser.parse(text, old?.tree ?? null, { progressCallback: () => budget.spent() });
    if (!tree) {
      parser.reset();
      if (key !== undefined) forget(key);
      throw new OutOfTime();
    }
    const cursor = tree.walk();
    let root: Syntax | null = null;
    try {
      root = copy(cursor, budget, from, edit ? { ...edit, root: old.root, changed: old.tree.getChangedRanges(tree) } : null);
      return { text, root, span: spansOf(text) };
    } finally {
      cursor.delete();
      if (key === undefined) tree.delete();
      else {
        forget(key);
        if (root) kept.set(key, { text, tree, root });
        else tree.delete();
        for (const first of kept.keys()) {
          if (kept.size <= MOST_KEPT) break;
          forget(first);
        }
      }
    }
  };
}

/** The one stretch in which two texts differ. */
function changeOf(before: string, after: string): EditOf {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let same = 0;
  while (same < most - start && before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)) same++;
  const [oldEnd, newEnd] = [before.length - same, after.length - same];
  return {
    startIndex: start, oldEndIndex: oldEnd, newEndIndex: newEnd,
    startPosition: pointAt(before, start), oldEndPosition: pointAt(before, oldEnd), newEndPosition: pointAt(after, newEnd),
  };
}

type EditOf = ConstructorParameters<typeof Edit>[0];

function pointAt(text: string, offset: number): { row: number; column: number } {
  let row = 0;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    row++;
    start = at + 1;
  }
  return { row, column: offset - start };
}

/** The nodes of the text before an edit, and where the new tree is another. */
interface Before extends EditOf {
  root: Syntax;
  changed: { startIndex: number; endIndex: number }[];
}

/**
 * The tree behind the cursor, copied without recursion: nesting is as deep as the text likes. Comments and line continuations are left out.
 * Nodes that an edit has left as they were are not copied again; those behind it are moved.
 */
function copy(cursor: TreeCursor, budget: Budget, from: number, before: Before | null): Syntax {
  const here = (): Syntax => ({
    type: cursor.nodeType, named: cursor.nodeIsNamed, missing: cursor.nodeIsMissing, field: cursor.currentFieldName,
    start: cursor.startIndex + from, end: cursor.endIndex + from, children: [],
  });
  const shift = before ? before.newEndIndex - before.oldEndIndex : 0;
  /** The child of an old node that is this node, where the edit has not touched it. */
  const kept = (parent: OldNode | null, node: Syntax): Syntax | null => {
    if (!before || !parent) return null;
    const start = node.start - from;
    const end = node.end - from;
    // A token next to the edit may have grown.
    const isBefore = end < before.startIndex;
    if (!isBefore && start <= before.newEndIndex) return null;
    if (before.changed.some((r) => r.startIndex <= end && start <= r.endIndex)) return null;
    const by = isBefore ? 0 : shift;
    const old = parent.get(node.start - by)?.find((o) => o.end === node.end - by && o.type === node.type && o.field === node.field);
    if (!old) return null;
    move(old, by);
    return old;
  };
  /** The children of the old node in whose place a node that was touched stands, by where they start. */
  const counterpart = (parent: OldNode | null, node: Syntax): OldNode | null => {
    if (!before || !parent) return null;
    const by = node.start - from >= before.newEndIndex ? shift : 0;
    const old = parent.get(node.start - by)?.find((o) => o.type === node.type);
    return old ? childrenByStart(old) : null;
  };

  const root = here();
  const path = [root];
  const olds: (OldNode | null)[] = [before ? childrenByStart(before.root) : null];
  if (!cursor.gotoFirstChild()) return root;
  for (;;) {
    budget.tick();
    const node = here();
    const parent = path[path.length - 1]!;
    const comment = node.type === 'comment' || node.type === 'line_continuation';
    const same = comment ? null : kept(olds[olds.length - 1]!, node);
    if (!comment) parent.children.push(same ?? node);
    if (!same && cursor.gotoFirstChild()) {
      olds.push(counterpart(olds[olds.length - 1]!, node));
      path.push(node);
      continue;
    }
    while (!cursor.gotoNextSibling()) {
      cursor.gotoParent();
      path.pop();
      olds.pop();
      if (path.length === 0) return root;
    }
  }
}

type OldNode = Map<number, Syntax[]>;

function childrenByStart(node: Syntax): OldNode {
  const out: OldNode = new Map();
  for (const child of node.children) out.set(child.start, [...(out.get(child.start) ?? []), child]);
  return out;
}

/** Moves a node and all within it. */
function move(node: Syntax, by: number): void {
  if (by === 0) return;
  const waiting = [node];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    next.start += by;
    next.end += by;
    for (const child of next.children) waiting.push(child);
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
