// Arithmetic on signals: each step with the formula of what it computes. Knows no framework.
import type { Syntax } from '../parser.ts';
import type { Arguments, TensorValue, Value } from '../python/values.ts';
import type { Draft } from './drawing.ts';
import { combined, FUNCTIONS_OF_NUMBERS, input, number, partOf, type Formula, type Part } from './formula.ts';

/** What a reading offers to the arithmetic. */
export interface Pen {
  emit(d: Partial<Draft> & Pick<Draft, 'kind' | 'inputs'>, at: Syntax): TensorValue;
  /** The step that takes a part of a signal. */
  part(which: Part | 'pair'): Draft;
}

const BINARY: Readonly<Record<string, '+' | '-' | '*' | '/' | '^' | '<' | '<=' | '>' | '>='>> = { '+': '+', '-': '-', '*': '*', '/': '/', '**': '^', '<': '<', '<=': '<=', '>': '>', '>=': '>=' };

/** A step that computes `make` of these values; null where one of them is neither a signal nor a known number. */
export function step(pen: Pen, make: (...of: Formula[]) => Formula, of: Value[], reason: string, at: Syntax, more: Partial<Draft> = {}): TensorValue | null {
  const inputs: TensorValue[] = [];
  const operands: Formula[] = [];
  for (const v of of) {
    if (v.t === 'tensor') {
      operands.push(input(inputs.length));
      inputs.push(v);
    } else if (v.t === 'const' && typeof v.v === 'number') operands.push(number(v.v));
    else if (v.t === 'imaginary') operands.push({ op: 'imaginary', value: v.v });
    else if (v.t === 'array' && v.fill !== null) operands.push(number(v.fill));
    else return null;
  }
  if (inputs.length === 0) return null;
  const formula = make(...operands);
  const part = partOf(formula);
  const spelling = part ? pen.part(part).spelling : null;
  const trained: true | undefined = of.some((v) => v.t === 'array' && v.trained) || undefined;
  return pen.emit({ kind: 'unresolved', raw: true, inputs, formula, reason, spelling, ...(trained ? { trained } : {}), ...more }, at);
}

/** Python's operators. A sum of two signals is a layer by itself. */
export function arithmetic(pen: Pen, op: string, a: Value, b: Value, at: Syntax): TensorValue | null {
  const made = BINARY[op];
  if (!made) return null;
  const sum: Partial<Draft> = op === '+' && a.t === 'tensor' && b.t === 'tensor' ? { kind: 'add', raw: undefined, reason: null } : {};
  return step(pen, (x, y) => combined(made, x, y!), [a, b], `Arithmetic on the signal ("${op}") is not read.`, at, sum);
}

/** Functions of array libraries, by their last name. */
export function functionOfNumbers(pen: Pen, name: string, args: Arguments, at: Syntax): TensorValue | null {
  const make = Object.hasOwn(FUNCTIONS_OF_NUMBERS, name) ? FUNCTIONS_OF_NUMBERS[name]! : null;
  const count = Math.max(1, make?.length ?? 0);
  if (!make || count > args.positional.length) return null;
  return step(pen, make, args.positional.slice(0, count), `The function ${name} of a signal is not read here.`, at, name === 'add' ? { kind: 'add', raw: undefined, reason: null } : {});
}
