// Functions of one number as code writes them: their text in the language of catalog/expressions, and which activation they are.
// Knows no Python and no graph.
import { activations, EXPRESSION } from '../../catalog/activations/index.ts';
import type { Activation } from '../../catalog/activations/activation.ts';
import { expressionActivation } from '../../catalog/expressions/activation.ts';
import type { FunctionName, Relation } from '../../catalog/expressions/syntax.ts';
import { Fault } from '../../contract/fault.ts';
import type { Field, ParameterValue } from '../../contract/graph.ts';

/** `input` is one of the signals that the step reads. */
export type Formula =
  | { op: 'input'; at: number }
  | { op: 'number'; value: number }
  | { op: 'imaginary'; value: number }
  | { op: 'negative'; of: Formula }
  | { op: '+' | '-' | '*' | '/' | '^' | Relation; left: Formula; right: Formula }
  | { op: 'call'; name: FunctionName; of: Formula[] };

export const input = (at = 0): Formula => ({ op: 'input', at });
export const number = (value: number): Formula => ({ op: 'number', value });
export const called = (name: FunctionName, ...of: Formula[]): Formula => ({ op: 'call', name, of });
export const combined = (op: '+' | '-' | '*' | '/' | '^' | Relation, left: Formula, right: Formula): Formula => ({ op, left, right });
const I: Formula = { op: 'imaginary', value: 1 };
/** re + i im. */
export const joined = (re: Formula, im: Formula): Formula => combined('+', re, combined('*', I, im));

/** The formula with its inputs replaced. */
export function substituted(f: Formula, by: (at: number) => Formula): Formula {
  switch (f.op) {
    case 'input': return by(f.at);
    case 'number': case 'imaginary': return f;
    case 'negative': return { op: 'negative', of: substituted(f.of, by) };
    case 'call': return { ...f, of: f.of.map((g) => substituted(g, by)) };
    default: return { ...f, left: substituted(f.left, by), right: substituted(f.right, by) };
  }
}

/** Whether it is i times input `at`, and nothing more. */
export const isTurned = (f: Formula | undefined): boolean =>
  f?.op === '*' && ((f.left.op === 'imaginary' && f.left.value === 1 && f.right.op === 'input') || (f.right.op === 'imaginary' && f.right.value === 1 && f.left.op === 'input'));

export type Part = 're' | 'im' | 'abs' | 'arg';

/** The part of a number that it takes, of the input as it is. */
export function partOf(f: Formula | undefined): Part | null {
  return f?.op === 'call' && f.of[0]?.op === 'input' && (f.name === 're' || f.name === 'im' || f.name === 'abs' || f.name === 'arg') ? f.name : null;
}

/** Whether it tells the parts of a number apart, so that its input is a complex one. */
export function isOfComplex(f: Formula): boolean {
  switch (f.op) {
    case 'input': case 'number': return false;
    case 'imaginary': return true;
    case 'negative': return isOfComplex(f.of);
    case 'call': return f.name === 're' || f.name === 'im' || f.name === 'arg' || f.name === 'conj' || f.of.some(isOfComplex);
    default: return isOfComplex(f.left) || isOfComplex(f.right);
  }
}

const x = input();
const where = (condition: Formula, yes: Formula, no: Formula): Formula => called('where', condition, yes, no);
const positive = combined('>', x, number(0));
const elu = (alpha: Formula): Formula => where(positive, x, combined('*', alpha, combined('-', called('exp', x), number(1))));

/** Real functions that code applies to a part, and that an expression can hold; by catalog id. */
const FORMULAS: Readonly<Record<string, (p: (name: string) => Formula) => Formula>> = {
  relu: () => called('relu', x), tanh: () => called('tanh', x), sigmoid: () => called('sigmoid', x), silu: () => called('silu', x), gelu: () => called('gelu', x),
  softplus: () => called('softplus', x), erf: () => called('erf', x), sin: () => called('sin', x), cos: () => called('cos', x), exponential: () => called('exp', x),
  square: () => combined('^', x, number(2)), absolute: () => called('abs', x), identity: () => x,
  softsign: () => combined('/', x, combined('+', number(1), called('abs', x))),
  tanhshrink: () => combined('-', x, called('tanh', x)),
  'leaky-relu': (p) => where(positive, x, combined('*', p('slope'), x)),
  elu: (p) => elu(p('alpha')),
  selu: () => combined('*', number(1.0507009873554805), elu(number(1.6732632423543772))),
  relu6: () => called('min', called('max', x, number(0)), number(6)),
  'hard-tanh': (p) => called('min', called('max', x, p('low')), p('high')),
};

/** The formula of a real activation; undefined where none is written here or a parameter is not known. */
export function formulaOf(id: string, parameters: Readonly<Record<string, ParameterValue>>): Formula | undefined {
  let known = true;
  const formula = FORMULAS[id]?.((name) => {
    const value = parameters[name];
    known &&= typeof value === 'number';
    return number(typeof value === 'number' ? value : 0);
  });
  return known ? formula : undefined;
}

const unary = (name: FunctionName) => (z: Formula): Formula => called(name, z);
const turned = (theta: Formula): Formula => called('exp', combined('*', I, theta));

/**
 * Functions of numbers that array libraries have under these names, by their arguments in order. What libraries call activations is not here:
 * those are layers by themselves.
 */
export const FUNCTIONS_OF_NUMBERS: Readonly<Record<string, (...of: Formula[]) => Formula>> = {
  exp: unary('exp'), log: unary('log'), sqrt: unary('sqrt'), sin: unary('sin'), cos: unary('cos'), tan: unary('tan'), sinh: unary('sinh'), cosh: unary('cosh'),
  tanh: unary('tanh'), sigmoid: unary('sigmoid'), erf: unary('erf'), relu: unary('relu'), sign: unary('sign'), sgn: unary('sign'), floor: unary('floor'),
  conj: unary('conj'), conj_physical: unary('conj'), abs: unary('abs'), absolute: unary('abs'), real: unary('re'), imag: unary('im'), angle: unary('arg'),
  square: (z) => combined('^', z, number(2)), reciprocal: (z) => combined('/', number(1), z), rsqrt: (z) => combined('/', number(1), called('sqrt', z)),
  negative: (z) => ({ op: 'negative', of: z }), neg: (z) => ({ op: 'negative', of: z }), log1p: (z) => called('log', combined('+', number(1), z)), expm1: (z) => combined('-', called('exp', z), number(1)),
  add: (a, b) => combined('+', a, b!), sub: (a, b) => combined('-', a, b!), subtract: (a, b) => combined('-', a, b!),
  mul: (a, b) => combined('*', a, b!), multiply: (a, b) => combined('*', a, b!), div: (a, b) => combined('/', a, b!), divide: (a, b) => combined('/', a, b!), true_divide: (a, b) => combined('/', a, b!),
  pow: (a, b) => combined('^', a, b!), power: (a, b) => combined('^', a, b!),
  maximum: (a, b) => called('max', a, b!), minimum: (a, b) => called('min', a, b!),
  where: (c, a, b) => called('where', c, a!, b!), polar: (r, theta) => combined('*', r, turned(theta!)), atan2: (y, u) => called('arg', joined(u!, y)), hypot: (a, b) => called('abs', joined(a, b!)),
  gt: (a, b) => combined('>', a, b!), lt: (a, b) => combined('<', a, b!), ge: (a, b) => combined('>=', a, b!), le: (a, b) => combined('<=', a, b!),
};

const show = (v: number): string => (v < 0 || Object.is(v, -0) ? `(${v})` : String(v)).replace('e+', 'e');

function text(f: Formula, field: Field): string {
  switch (f.op) {
    case 'input': return field === 'complex' ? 'z' : 'x';
    case 'number': return show(f.value);
    case 'imaginary': return f.value < 0 ? `(-${-f.value}i)` : `${f.value}i`;
    case 'negative': return `(-${text(f.of, field)})`;
    case 'call': {
      const parts = f.of.map((g) => text(g, field));
      // A real number is its own real part.
      return field === 'real' && (f.name === 're' || f.name === 'conj') ? parts[0]! : `${f.name}(${parts.join(', ')})`;
    }
    default: return `(${text(f.left, field)} ${f.op} ${text(f.right, field)})`;
  }
}

const bare = (s: string): string => {
  if (!s.startsWith('(') || !s.endsWith(')')) return s;
  let depth = 0;
  for (let k = 0; k < s.length - 1; k++) {
    depth += s[k] === '(' ? 1 : s[k] === ')' ? -1 : 0;
    if (depth === 0) return s;
  }
  return s.slice(1, -1);
};

/** Points in all quadrants, within and without the unit circle, that no formula singles out. */
const POINTS = [[0.31, 0.47], [-1.13, 0.58], [0.77, -1.91], [-0.29, -0.83], [2.07, 1.36], [-2.41, 0.19], [0.11, 1.57], [1.61, -0.07], [-0.05, -2.3], [0.02, 0.01]] as const;

const ofCatalog = new Map<Activation, number[]>();

function valuesOf(a: Activation, parameters: Record<string, number>): number[] {
  const out = new Float64Array(6);
  return POINTS.flatMap(([u, v]) => {
    a.evaluate(u, a.field === 'complex' ? v : 0, parameters, out);
    return [out[0]!, out[1]!];
  });
}

const same = (a: number[], b: number[]): boolean => a.every((v, k) => Math.abs(v - b[k]!) <= 1e-12 * (1 + Math.abs(v)));

function numbersIn(f: Formula): number[] {
  switch (f.op) {
    case 'number': return [f.value, -f.value];
    case 'negative': return numbersIn(f.of);
    case 'call': return f.of.flatMap(numbersIn);
    case 'input': case 'imaginary': return [];
    default: return [...numbersIn(f.left), ...numbersIn(f.right)];
  }
}

export type Recognised = { name: string; parameters: Record<string, ParameterValue>; output: Field } | { reason: string };

/**
 * The activation of the catalog that has the same values (at ten points, to twelve digits), or the formula as an activation of its own.
 * A reason where it is neither: it has no finite values, or is too long.
 */
export function recognise(formula: Formula, field: Field): Recognised {
  const expression = bare(text(formula, field));
  const parameters = { form: field === 'complex' ? 'general' : 'real', expression };
  let own: Activation;
  try {
    own = expressionActivation(parameters);
  } catch (e) {
    if (!(e instanceof Fault)) throw e;
    return { reason: e.message.replace(/\.$/, '') };
  }
  const values = valuesOf(own, {});
  const numbers = [...new Set(numbersIn(formula))];
  for (const a of activations) {
    if (a.field !== field) continue;
    let standard = ofCatalog.get(a);
    if (!standard) ofCatalog.set(a, (standard = valuesOf(a, a.parameters)));
    if (same(values, standard)) return { name: a.id, parameters: { ...a.parameters }, output: a.output ?? field };
    const names = Object.keys(a.parameters);
    if (names.length !== 1) continue;
    for (const v of numbers) {
      const p = { [names[0]!]: v };
      if (same(values, valuesOf(a, p))) return { name: a.id, parameters: p, output: a.output ?? field };
    }
  }
  return { name: EXPRESSION, parameters, output: own.output ?? field };
}
