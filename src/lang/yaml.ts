// YAML with positions, as the same tree that JSON gives. Knows no specification; the only file that knows the package yaml.
import { Composer, isAlias, isMap, isPair, isScalar, isSeq, Lexer, Parser, type Document, type Node } from 'yaml';
import type { Budget } from './budget.ts';
import type { Placed } from './json.ts';

/** Something that this reader does not accept, and where. */
export interface YamlFault {
  message: string;
  start: number;
  end: number;
}

type Entries = Map<string, { key: { start: number; end: number }; placed: Placed }>;

const DEEPEST = 200;
/** Most values after aliases are followed: a few lines of aliases to aliases can stand for millions. */
const MOST_VALUES = 20_000;
/** Longest text: parts of the package take time by the square of it, which no budget sees. A specification has a few thousand characters. */
const LONGEST = 64 * 1024;

/** The text's only document; `root` is null where there is none or it does not parse. */
export function parseYaml(text: string, budget: Budget): { root: Placed | null; faults: YamlFault[] } {
  if (text.length > LONGEST) return { root: null, faults: [{ message: `it has more than ${LONGEST / 1024} KB; write a specification of this size as JSON`, start: 0, end: 1 }] };
  const faults: YamlFault[] = [];
  const documents: Document[] = [];
  // Keys given twice are found below: the composer compares each with each.
  const composer = new Composer({ uniqueKeys: false, logLevel: 'silent' });
  const parser = new Parser();
  const compose = (tokens: Iterable<Parameters<Composer['next']>[0]>): void => {
    for (const token of tokens) for (const document of composer.next(token)) documents.push(document as Document);
  };
  let at = 0;
  for (const lexeme of new Lexer().lex(text)) {
    budget.tick();
    compose(parser.next(lexeme));
    // The composer recurses, and is called with the whole document at its end.
    if (parser.stack.length > DEEPEST) return { root: null, faults: [{ message: `values nest more than ${DEEPEST} deep`, start: at, end: at + 1 }] };
    at = parser.offset;
  }
  compose(parser.end());
  for (const document of composer.end(false, text.length)) documents.push(document as Document);
  const [document, second] = documents;
  if (!document) return { root: null, faults: [{ message: 'there is no value in it', start: 0, end: 0 }] };
  const wrong = [...document.errors, ...document.warnings];
  if (second) faults.push({ message: 'a second document begins here; a specification is one document', start: second.range?.[0] ?? 0, end: second.range?.[1] ?? 0 });
  // One message of a text that is broken in many places: the others follow from it.
  for (const e of wrong.slice(0, document.errors.length > 0 ? 1 : 5)) faults.push({ message: worded(e.code, e.message), start: e.pos[0], end: Math.max(e.pos[1], e.pos[0]) });
  if (document.errors.length > 0 || !document.contents) return { root: null, faults: faults.length > 0 ? faults : [{ message: 'there is no value in it', start: 0, end: 0 }] };
  const walk = new Walk(budget, faults);
  return { root: walk.placed(document.contents as Node, 0), faults };
}

function worded(code: string, message: string): string {
  if (code === 'TAG_RESOLVE_FAILED') return 'tags (words that begin with "!") are not read; remove it';
  const [first = ''] = message.split('\n');
  return `${first.charAt(0).toLowerCase()}${first.slice(1).replace(/[.:]$/, '').replace(/ at line \d+, column \d+$/, '')}`;
}

class Walk {
  private values = 0;
  private told = false;
  /** Nodes by their anchors, as they are met; the package would look through the document for each alias. */
  private readonly anchors = new Map<string, Node>();

  constructor(private readonly budget: Budget, private readonly faults: YamlFault[]) {}

  private fault(message: string, [start, end]: readonly [number, number]): void {
    // What an alias stands for is told once.
    if (!this.faults.some((f) => f.start === start && f.message === message)) this.faults.push({ message, start, end });
  }

  /** @param at the place of the alias that stands for this node */
  placed(node: Node | null, depth: number, at?: readonly [number, number]): Placed {
    this.budget.tick();
    const range = at ?? rangeOf(node);
    const [start, end] = range;
    const nothing: Placed = { value: null, start, end };
    if (++this.values > MOST_VALUES) {
      if (!this.told) this.fault(`there are more than ${MOST_VALUES} values, counting what aliases stand for`, range);
      this.told = true;
      return nothing;
    }
    if (depth > DEEPEST) {
      this.fault(`values nest more than ${DEEPEST} deep, or an alias stands within what it means`, range);
      return nothing;
    }
    if (!node) return nothing;
    if (isAlias(node)) {
      const target = this.anchors.get(node.source);
      if (target) return this.placed(target, depth + 1, range);
      this.fault(`the alias *${node.source} names no anchor before it`, range);
      return nothing;
    }
    if ('anchor' in node && typeof node.anchor === 'string') this.anchors.set(node.anchor, node as Node);
    if (isSeq(node)) return { value: node.items.map((item) => this.placed((isPair(item) ? item.value : item) as Node | null, depth + 1)), start, end };
    if (isMap(node)) return { value: this.entries(node.items, depth), start, end };
    if (isScalar(node)) {
      const { value } = node;
      if (value === null || typeof value === 'boolean' || typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value))) return { value, start, end };
      this.fault('this is not a number, a text, true, false or null', range);
    }
    return nothing;
  }

  private entries(items: readonly { key: unknown; value: unknown }[], depth: number): Entries {
    const out: Entries = new Map();
    const merged: Placed[] = [];
    for (const { key, value } of items) {
      const named = key as Node | null;
      const place = rangeOf(named);
      const inner = this.placed(value as Node | null, depth + 1);
      if (!isScalar(named) || typeof named.value === 'object' && named.value !== null) {
        this.fault('the name of a field must be a plain text', place);
        continue;
      }
      const name = String(named.value);
      if (name === '<<') merged.push(...(Array.isArray(inner.value) ? inner.value : [inner]));
      else if (out.has(name)) this.fault(`the field ${JSON.stringify(name)} is given twice`, place);
      else out.set(name, { key: { start: place[0], end: place[1] }, placed: inner.end > inner.start ? inner : { ...inner, start: place[0], end: place[1] } });
    }
    // Fields that are merged in stand behind those written here.
    for (const m of merged) {
      if (!(m.value instanceof Map)) this.fault('"<<" merges fields of a mapping, and this is none', [m.start, m.end]);
      else for (const [name, e] of m.value) if (!out.has(name)) out.set(name, e);
    }
    return out;
  }
}

const rangeOf = (node: Node | null | undefined): readonly [number, number] => (node?.range ? [node.range[0], node.range[1]] : [0, 0]);
