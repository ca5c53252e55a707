// JSON with positions: each value knows where it stands in the text. Knows no specification.

export interface Placed {
  start: number;
  end: number;
  value: null | boolean | number | string | Placed[] | Map<string, { key: { start: number; end: number }; placed: Placed }>;
}

/** Where and why a text is no JSON. */
export class NotJson extends Error {
  constructor(message: string, readonly offset: number) {
    super(message);
  }
}

const DEEPEST = 200;

/** Parses one JSON value (RFC 8259). Throws NotJson; keeps the first of keys given twice out, as JSON.parse does. */
export function parseJson(text: string): Placed {
  let at = 0;
  const fail = (message: string, offset = at): never => {
    throw new NotJson(message, offset);
  };
  const space = (): void => {
    while (at < text.length && ' \t\r\n'.includes(text[at]!)) at++;
  };
  const string = (): string => {
    const start = at++;
    while (at < text.length && text[at] !== '"') {
      if (text[at] === '\n') fail('a string is not closed before the end of its line', start);
      at += text[at] === '\\' ? 2 : 1;
    }
    if (at >= text.length) fail('a string is not closed', start);
    at++;
    try {
      return JSON.parse(text.slice(start, at)) as string;
    } catch {
      return fail('a string holds a character or escape that JSON does not allow', start);
    }
  };
  const value = (depth: number): Placed => {
    if (depth > DEEPEST) fail(`values nest more than ${DEEPEST} deep`);
    space();
    const start = at;
    const c = text[at];
    if (c === undefined) fail('the text ends where a value is expected');
    if (c === '"') return { value: string(), start, end: at };
    if (c === '[') {
      at++;
      const items: Placed[] = [];
      space();
      if (text[at] === ']') at++;
      else for (;;) {
        items.push(value(depth + 1));
        space();
        if (text[at] === ',') at++;
        else if (text[at] === ']') { at++; break; }
        else fail('"," or "]" is expected');
      }
      return { value: items, start, end: at };
    }
    if (c === '{') {
      at++;
      const entries = new Map<string, { key: { start: number; end: number }; placed: Placed }>();
      space();
      if (text[at] === '}') at++;
      else for (;;) {
        space();
        if (text[at] !== '"') fail('a field name in double quotes is expected');
        const from = at;
        const name = string();
        const key = { start: from, end: at };
        space();
        if (text[at] !== ':') fail('":" is expected');
        at++;
        entries.set(name, { key, placed: value(depth + 1) });
        space();
        if (text[at] === ',') at++;
        else if (text[at] === '}') { at++; break; }
        else fail('"," or "}" is expected');
      }
      return { value: entries, start, end: at };
    }
    const word = /[-+.\w]+/y;
    word.lastIndex = at;
    const found = word.exec(text)?.[0] ?? '';
    if (found === 'true' || found === 'false' || found === 'null') {
      at += found.length;
      return { value: found === 'null' ? null : found === 'true', start, end: at };
    }
    if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(found)) fail(found ? `${found.slice(0, 30)} is not a JSON value` : `${JSON.stringify(c)} is not the start of a JSON value`);
    const number = Number(found);
    if (!Number.isFinite(number)) fail(`${found.slice(0, 30)} is out of range`);
    at += found.length;
    return { value: number, start, end: at };
  };
  const root = value(0);
  space();
  if (at < text.length) fail('there is text after the end of the value');
  return root;
}
