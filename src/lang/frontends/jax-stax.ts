// stax as the interpreter meets it: activations of neural-tangents as formulas, the axes that a convolution is told. Knows no call.
import type { ParameterValue } from '../../contract/graph.ts';
import { asParameter, type Value } from '../python/values.ts';
import { called, combined, input, number, type Formula } from '../drawing/formula.ts';

const x = input();
const times = (c: number, f: Formula): Formula => (c === 1 ? f : combined('*', number(c), f));
const plus = (f: Formula, c: number): Formula => (c === 0 ? f : combined('+', f, number(c)));
const ERF_SCALE = 1 / 2.4020563531719796;

/** Activations that are a known function with numbers of their own around it, by the names and defaults of neural-tangents 0.6.5. */
const FORMULAS: Readonly<Record<string, { arguments: Record<string, number | null>; make(...numbers: number[]): Formula | null }>> = {
  ABRelu: { arguments: { a: null, b: null }, make: (a, b) => called('where', combined('>', x, number(0)), times(b!, x), times(a!, x)) },
  Erf: { arguments: { a: 1, b: 1, c: 0 }, make: (a, b, c) => plus(times(a!, called('erf', times(b!, x))), c!) },
  Sigmoid_like: { arguments: {}, make: () => plus(times(0.5, called('erf', times(ERF_SCALE, x))), 0.5) },
  Sin: { arguments: { a: 1, b: 1, c: 0 }, make: (a, b, c) => times(a!, called('sin', plus(times(b!, x), c!))) },
  Cos: { arguments: { a: 1, b: 1, c: 0 }, make: (a, b, c) => times(a!, called('cos', plus(times(b!, x), c!))) },
  Rbf: { arguments: { gamma: 1 }, make: (g) => times(Math.SQRT2, called('sin', plus(times(Math.sqrt(2 * g!), x), Math.PI / 4))) },
  Exp: { arguments: { a: 1, b: 1 }, make: (a, b) => times(a!, called('exp', times(b!, x))) },
  Gaussian: { arguments: { a: 1, b: -1 }, make: (a, b) => times(a!, called('exp', times(b!, combined('^', x, number(2))))) },
  Gabor: { arguments: {}, make: () => combined('*', called('exp', { op: 'negative', of: combined('^', x, number(2)) }), called('sin', x)) },
  Monomial: { arguments: { degree: null }, make: (n) => (n! > 1 ? combined('^', x, number(n!)) : null) },
  RectifiedMonomial: { arguments: { degree: null }, make: (n) => (n! > 0 ? combined('^', called('max', x, number(0)), number(n!)) : null) },
};

/** The formula of neural-tangents' activation of this name; null where it is none or its numbers are not known. */
export function tangentFormula(name: string, given: (argument: string, at: number) => Value | undefined): Formula | null {
  const row = Object.hasOwn(FORMULAS, name) ? FORMULAS[name]! : null;
  if (!row) return null;
  const numbers = Object.entries(row.arguments).map(([argument, standard], i): ParameterValue | undefined => {
    const value = given(argument, i);
    return value ? asParameter(value) : standard;
  });
  return numbers.every((n): n is number => typeof n === 'number') ? row.make(...numbers) : null;
}

/** Why a convolution of these dimension numbers is not read; null where its samples have their channels last. */
export function axesProblem(dimensions: Value | undefined): string | null {
  if (!dimensions) return null;
  const specs = asParameter(dimensions);
  if (specs === null) return null;
  if (!Array.isArray(specs) || specs.length !== 3 || !specs.every((s) => typeof s === 'string')) return 'its dimension numbers are not known from the text';
  const [before, , after] = specs as string[];
  // Without the batch axis, which may stand anywhere.
  const sample = (s: string): string => s.replace('N', '');
  if (sample(before!) !== sample(after!)) return `its dimension numbers ${before} and ${after} reorder the axes, which is not read`;
  return /C$/.test(sample(before!)) ? null : `its dimension numbers ${before} have the channels before the positions; channels last are read`;
}
