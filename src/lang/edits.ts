// Safe edits of Python text: an argument that a call is given. Where it is not sure that the edit is right there is none.
// Knows no library.
import type { Fix, Span } from '../contract/graph.ts';

/** Offset of each line's start, as spans count lines. */
function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map((end) => end.index + end[0].length)];
}

/**
 * Adds `name=value` at the end of the call at `span`, which must be the call of `callee` as it is written.
 * Null where the call has this argument, has arguments of unknown names (**), or has comments, or is not there.
 */
export function withArgument(text: string, span: Span, callee: string, name: string, value: string): Fix['edits'] | null {
  const starts = lineStarts(text);
  const [from, to] = [starts[span.line - 1]! + span.column - 1, starts[span.endLine - 1]! + span.endColumn - 1];
  const call = text.slice(from, to);
  if (!(call.startsWith(callee) && call.endsWith(')'))) return null;
  const open = argumentsAt(call, callee.length);
  if (open === null) return null;
  const inner = call.slice(open + 1, -1);
  const parts = splitArguments(inner);
  if (!parts || parts.some((part) => /^\s*\*\*/.test(part) || new RegExp(`^\\s*${name}\\s*=(?!=)`).test(part))) return null;
  const told = inner.trimEnd();
  const separator = told === '' ? '' : told.endsWith(',') ? ' ' : ', ';
  const offset = from + open + 1 + told.length;
  let line = span.line;
  while (starts[line] !== undefined && starts[line]! <= offset) line++;
  const column = offset - starts[line - 1]! + 1;
  return [{ span: { line, column, endLine: line, endColumn: column }, text: `${separator}${name}=${value}` }];
}

/** The call at `span` where it is the call of `callee` as it is written, and where it starts. */
function callAt(text: string, span: Span, callee: string): { call: string; from: number } | null {
  const starts = lineStarts(text);
  const [from, to] = [starts[span.line - 1]! + span.column - 1, starts[span.endLine - 1]! + span.endColumn - 1];
  const call = text.slice(from, to);
  return call.startsWith(callee) && call.endsWith(')') ? { call, from } : null;
}

/** Gives what is called another last name. */
export function withName(text: string, span: Span, callee: string, name: string): Fix['edits'] | null {
  if (!callAt(text, span, callee) || !/^[\w.]+$/.test(callee)) return null;
  const last = callee.lastIndexOf('.') + 1;
  return [{ span: { line: span.line, column: span.column + last, endLine: span.line, endColumn: span.column + callee.length }, text: name }];
}

/** The text of an argument, by its name or at its position. */
export function argumentOf(text: string, span: Span, callee: string, name: string, position: number): string | null {
  const at = callAt(text, span, callee);
  const open = at && argumentsAt(at.call, callee.length);
  const parts = open === null || !at ? null : splitArguments(at.call.slice(open + 1, -1));
  if (!parts || parts.some((part) => /^\s*\*/.test(part))) return null;
  const named = new RegExp(`^\\s*${name}\\s*=(?!=)`);
  const given = parts.find((part) => named.test(part))?.replace(named, '');
  const placed = parts.slice(0, position + 1).every((part) => !/^\s*\w+\s*=(?!=)/.test(part)) ? parts[position] : undefined;
  return (given ?? placed)?.trim() || null;
}

/** Where the brackets of the call begin: right after its name. */
function argumentsAt(call: string, after: number): number | null {
  const at = after + /^\s*/.exec(call.slice(after))![0].length;
  return call[at] === '(' ? at : null;
}

/** The arguments of a call. Null where brackets or strings do not close, where the call ends before the text does, and where there is a comment. */
function splitArguments(inner: string): string[] | null {
  const parts: string[] = [];
  const opened: string[] = [];
  let begin = 0;
  for (let i = 0; i < inner.length; i++) {
    const c = inner[i]!;
    if (c === '#') return null;
    if (c === '"' || c === "'") {
      const quote = inner.startsWith(c.repeat(3), i) ? c.repeat(3) : c;
      i += quote.length;
      while (i < inner.length && !inner.startsWith(quote, i)) i += inner[i] === '\\' ? 2 : 1;
      if (i >= inner.length) return null;
      i += quote.length - 1;
    } else if ('([{'.includes(c)) opened.push({ '(': ')', '[': ']', '{': '}' }[c]!);
    else if (')]}'.includes(c)) {
      if (opened.pop() !== c) return null;
    } else if (c === ',' && opened.length === 0) {
      parts.push(inner.slice(begin, i));
      begin = i + 1;
    }
  }
  if (opened.length > 0) return null;
  return [...parts, inner.slice(begin)];
}

/** Whether the text has `import torch` in a form that gives the name torch. */
export const importsAs = (text: string, name: string): boolean =>
  new RegExp(`^[ \\t]*import[ \\t]+(?:[\\w.]+(?:[ \\t]+as[ \\t]+\\w+)?[ \\t]*,[ \\t]*)*${name}(?:\\.[\\w.]+)?[ \\t]*(?:$|[,;#\\r])`, 'm').test(text);
