// The text of a user's activation as a tree: tokens, precedence, and which numbers are real. Knows no derivative and evaluates nothing.
import { Fault } from '../../contract/fault.ts';

/** Nonnegative, real or complex: what can be said of a number before it is computed. */
export type Kind = 'nonneg' | 'real' | 'complex';
export type Variable = 'z' | 'x' | 'y' | 'r' | 'theta';
export type FunctionName = keyof typeof FUNCTIONS;
export type Relation = '<' | '<=' | '>' | '>=';

interface Place {
  start: number;
  end: number;
  kind: Kind;
}
export type Tree = Place & (
  | { op: 'number'; value: number }
  | { op: 'imaginary'; value: number }
  | { op: 'variable'; name: Variable }
  | { op: 'parameter'; name: string }
  | { op: 'negative'; of: Tree }
  | { op: '+' | '-' | '*' | '/' | '^'; left: Tree; right: Tree }
  | { op: 'compare'; relation: Relation; left: Tree; right: Tree }
  | { op: 'call'; name: FunctionName; parts: Tree[] }
);

/** What the text may use. In a real form every number is real, and log and sqrt are the real functions. */
export interface Names {
  real: boolean;
  variables: readonly Variable[];
  parameters: readonly string[];
}

/** A text that is no expression, with the offsets of the place. */
export class ExpressionFault extends Fault {
  constructor(message: string, readonly start: number, readonly end: number) {
    super('bad-input', message);
  }
}

export const LONGEST = 500;
const DEEPEST = 60;
const LARGEST = 300;

/** Arguments, whether they must be real, and the kind of the value of real ones. Complex ones give complex values except where `result` is given. */
interface Signature {
  arity: number;
  realOnly?: boolean;
  ofReal: Kind | 'same';
  result?: Kind;
}
export const FUNCTIONS = {
  exp: { arity: 1, ofReal: 'nonneg' }, log: { arity: 1, ofReal: 'real' }, sqrt: { arity: 1, ofReal: 'nonneg' },
  sin: { arity: 1, ofReal: 'real' }, cos: { arity: 1, ofReal: 'real' }, tan: { arity: 1, ofReal: 'real' },
  sinh: { arity: 1, ofReal: 'real' }, cosh: { arity: 1, ofReal: 'nonneg' }, tanh: { arity: 1, ofReal: 'same' },
  sigmoid: { arity: 1, ofReal: 'nonneg' }, erf: { arity: 1, ofReal: 'same' }, gelu: { arity: 1, ofReal: 'same' },
  silu: { arity: 1, ofReal: 'same' }, softplus: { arity: 1, ofReal: 'nonneg' },
  relu: { arity: 1, ofReal: 'nonneg', realOnly: true }, floor: { arity: 1, ofReal: 'same', realOnly: true },
  min: { arity: 2, ofReal: 'same', realOnly: true }, max: { arity: 2, ofReal: 'same', realOnly: true },
  abs: { arity: 1, ofReal: 'nonneg', result: 'nonneg' }, arg: { arity: 1, ofReal: 'nonneg', result: 'real' },
  re: { arity: 1, ofReal: 'same', result: 'real' }, im: { arity: 1, ofReal: 'nonneg', result: 'real' },
  conj: { arity: 1, ofReal: 'same' }, sign: { arity: 1, ofReal: 'same' },
  where: { arity: 3, ofReal: 'same' },
} as const satisfies Record<string, Signature>;

const SYNONYMS: Readonly<Record<string, FunctionName>> = { angle: 'arg', real: 're', imag: 'im', ln: 'log' };
/** Names with a meaning of their own: no parameter may be called so. */
export const isReserved = (name: string): boolean =>
  Object.hasOwn(FUNCTIONS, name) || Object.hasOwn(SYNONYMS, name) || ['z', 'x', 'y', 'r', 'theta', 'i', 'pi', 'form', 'expression'].includes(name);

type Token = { start: number; end: number } & ({ t: 'number'; value: number; imaginary: boolean } | { t: 'name'; text: string } | { t: 'sign'; text: string } | { t: 'end' });

const TOKEN = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)([ij](?![A-Za-z0-9_]))?|([A-Za-z_][A-Za-z0-9_]*)|(\*\*|<=|>=|[-+*/^(),<>]))/y;

function tokens(text: string): Token[] {
  const out: Token[] = [];
  let at = 0;
  while (text.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const m = TOKEN.exec(text);
    if (!m) {
      const start = at + (/^\s*/.exec(text.slice(at))![0].length);
      throw new ExpressionFault(`the character ${JSON.stringify(text[start])} has no meaning here; expected a number, a name, an operator or a parenthesis`, start, start + 1);
    }
    at = TOKEN.lastIndex;
    const start = at - m[0].trimStart().length;
    if (m[1] !== undefined) {
      const value = Number(m[1]);
      if (!Number.isFinite(value)) throw new ExpressionFault(`the number ${m[1].slice(0, 30)} is out of range`, start, at);
      if (/[A-Za-z0-9_.]/.test(text[at] ?? '')) throw new ExpressionFault(`${JSON.stringify(text.slice(start, at + 1))} is no number; expected an operator after ${m[1].slice(0, 30)} (write 2*z, not 2z)`, start, at + 1);
      out.push({ t: 'number', value, imaginary: m[2] !== undefined, start, end: at });
    } else if (m[3] !== undefined) out.push({ t: 'name', text: m[3], start, end: at });
    else out.push({ t: 'sign', text: m[4] === '**' ? '^' : m[4]!, start, end: at });
  }
  out.push({ t: 'end', start: text.length, end: text.length });
  return out;
}

const isReal = (t: Tree): boolean => t.kind !== 'complex';

/** @throws ExpressionFault, naming the place and what was expected there. */
export function parseExpression(text: string, names: Names): Tree {
  if (text.length > LONGEST) throw new ExpressionFault(`it has ${text.length} characters; at most ${LONGEST} are read`, LONGEST, text.length);
  const list = tokens(text);
  let at = 0;
  let depth = 0;
  let nodes = 0;
  const next = (): Token => list[at]!;
  const isSign = (...texts: string[]): boolean => {
    const t = next();
    return t.t === 'sign' && texts.includes(t.text);
  };
  const shown = (t: Token): string => (t.t === 'end' ? 'the end' : JSON.stringify(text.slice(t.start, t.end)));
  const expected = (what: string): never => {
    throw new ExpressionFault(`${shown(next())} stands where ${what} is expected`, next().start, Math.max(next().end, next().start));
  };
  const made = <T extends Tree>(t: T): T => {
    if (++nodes > LARGEST) throw new ExpressionFault(`it has more than ${LARGEST} parts`, t.start, t.end);
    return t;
  };
  const inside = <T>(read: () => T): T => {
    if (++depth > DEEPEST) throw new ExpressionFault(`it nests more than ${DEEPEST} deep`, next().start, next().end);
    const out = read();
    depth--;
    return out;
  };
  const real = (t: Tree, what: string): void => {
    if (!isReal(t)) throw new ExpressionFault(`${what} takes real numbers, and ${JSON.stringify(text.slice(t.start, t.end))} is complex; expected re(..), im(..) or abs(..) of it`, t.start, t.end);
  };

  const comparison = (): Tree => {
    const left = sum();
    if (!isSign('<', '<=', '>', '>=')) return left;
    const relation = (list[at++] as Token & { text: string }).text as Relation;
    const right = sum();
    real(left, `"${relation}"`);
    real(right, `"${relation}"`);
    if (isSign('<', '<=', '>', '>=')) throw new ExpressionFault('comparisons do not chain; multiply two of them', next().start, next().end);
    return made({ op: 'compare', relation, left, right, kind: 'nonneg', start: left.start, end: right.end });
  };
  const sum = (): Tree => {
    let left = product();
    while (isSign('+', '-')) {
      const op = (list[at++] as Token & { text: string }).text as '+' | '-';
      const right = product();
      const kind: Kind = !isReal(left) || !isReal(right) ? 'complex' : op === '+' && left.kind === 'nonneg' && right.kind === 'nonneg' ? 'nonneg' : 'real';
      left = made({ op, left, right, kind, start: left.start, end: right.end });
    }
    return left;
  };
  const product = (): Tree => {
    let left = signed();
    while (isSign('*', '/')) {
      const op = (list[at++] as Token & { text: string }).text as '*' | '/';
      const right = signed();
      const kind: Kind = !isReal(left) || !isReal(right) ? 'complex' : left.kind === 'nonneg' && right.kind === 'nonneg' ? 'nonneg' : 'real';
      left = made({ op, left, right, kind, start: left.start, end: right.end });
    }
    return left;
  };
  const signed = (): Tree => inside(() => {
    const { start } = next();
    if (isSign('+')) {
      at++;
      return signed();
    }
    if (!isSign('-')) return power();
    at++;
    const of = signed();
    return made<Tree>({ op: 'negative', of, kind: isReal(of) ? 'real' : 'complex', start, end: of.end });
  });
  const power = (): Tree => {
    const left = atom();
    if (!isSign('^')) return left;
    at++;
    const right = signed(); // associates to the right, and takes a sign: 2^-1
    return made({ op: '^', left, right, kind: kindOfPower(left, right), start: left.start, end: right.end });
  };
  const kindOfPower = (base: Tree, exponent: Tree): Kind => {
    if (!isReal(base) || !isReal(exponent)) return 'complex';
    if (base.kind === 'nonneg') return 'nonneg';
    const n = exponent.op === 'number' ? exponent.value : exponent.op === 'negative' && exponent.of.op === 'number' ? -exponent.of.value : NaN;
    if (Number.isInteger(n)) return n % 2 === 0 ? 'nonneg' : 'real';
    return names.real ? 'real' : 'complex';
  };
  const atom = (): Tree => inside(() => {
    const token = next();
    if (token.t === 'number') {
      at++;
      if (token.imaginary && names.real) throw new ExpressionFault('i has no place in a real function; use the form "general"', token.start, token.end);
      return token.imaginary ? made<Tree>({ op: 'imaginary', value: token.value, kind: 'complex', start: token.start, end: token.end })
        : made<Tree>({ op: 'number', value: token.value, kind: 'nonneg', start: token.start, end: token.end });
    }
    if (isSign('(')) {
      at++;
      const of = comparison();
      if (!isSign(')')) expected('")"');
      at++;
      return of;
    }
    if (token.t !== 'name') return expected('a number, a name or "("');
    at++;
    const name = Object.hasOwn(SYNONYMS, token.text) ? SYNONYMS[token.text]! : token.text;
    if (Object.hasOwn(FUNCTIONS, name)) return call(name as FunctionName, token);
    const place = { start: token.start, end: token.end };
    if (isSign('(')) throw new ExpressionFault(`${JSON.stringify(token.text)} is not a function; expected one of ${Object.keys(FUNCTIONS).join(', ')}`, token.start, token.end);
    if (name === 'pi') return made<Tree>({ op: 'number', value: Math.PI, kind: 'nonneg', ...place });
    if ((names.variables as readonly string[]).includes(name)) {
      return made<Tree>({ op: 'variable', name: name as Variable, kind: name === 'z' ? 'complex' : name === 'r' ? 'nonneg' : 'real', ...place });
    }
    if (names.parameters.includes(name)) return made<Tree>({ op: 'parameter', name, kind: 'real', ...place });
    if (name === 'i') {
      if (names.real) throw new ExpressionFault('i has no place in a real function; use the form "general"', token.start, token.end);
      return made<Tree>({ op: 'imaginary', value: 1, kind: 'complex', ...place });
    }
    const known = [...names.variables, ...(names.real ? [] : ['i']), 'pi', ...names.parameters];
    throw new ExpressionFault(`${JSON.stringify(token.text)} is not known; expected ${known.join(', ')}, a function, or a parameter of this name`, token.start, token.end);
  });
  const call = (name: FunctionName, token: Token): Tree => {
    if (!isSign('(')) expected(`"(" after ${name}`);
    at++;
    const signature: Signature = FUNCTIONS[name];
    const parts: Tree[] = [comparison()];
    while (isSign(',')) {
      at++;
      parts.push(comparison());
    }
    if (!isSign(')')) expected('"," or ")"');
    const { end } = next();
    at++;
    if (parts.length !== signature.arity) throw new ExpressionFault(`${name} takes ${signature.arity} argument${signature.arity > 1 ? 's' : ''}, and ${parts.length} stand here`, token.start, end);
    if (signature.realOnly) for (const part of parts) real(part, name);
    if (name === 'where') real(parts[0]!, 'the condition of where');
    return made<Tree>({ op: 'call', name, parts, kind: kindOfCall(name, signature, parts), start: token.start, end });
  };
  const kindOfCall = (name: FunctionName, signature: Signature, parts: Tree[]): Kind => {
    const of = name === 'where' ? parts.slice(1) : parts;
    if (!of.every(isReal)) return signature.result ?? 'complex';
    const nonneg = of.every((p) => p.kind === 'nonneg');
    // Of numbers that may be negative these leave the real line, except where the function is meant as a real one.
    if ((name === 'log' || name === 'sqrt') && !nonneg && !names.real) return 'complex';
    if (signature.ofReal !== 'same') return signature.ofReal;
    return nonneg || (name === 'max' && of.some((p) => p.kind === 'nonneg')) ? 'nonneg' : 'real';
  };

  if (next().t === 'end') expected('an expression');
  const tree = comparison();
  if (next().t !== 'end') expected('an operator or the end');
  return tree;
}
