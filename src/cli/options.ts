// How option texts become values; a text that does not fit is refused by name. Knows no command.
import { InvalidArgumentError } from 'commander';
import { define, type Definitions } from '../catalog/expressions/definitions.ts';
import { problemCodes } from '../catalog/problems.ts';
import type { Complex } from '../contract/matrix.ts';

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Give a finite number.');
  return value;
}

export function variance(text: string): number {
  const value = number(text);
  if (value < 0) throw new InvalidArgumentError('A variance is 0 or more.');
  return value;
}

export function positive(text: string): number {
  const value = number(text);
  if (value <= 0) throw new InvalidArgumentError('Give a number above 0.');
  return value;
}

export function share(text: string): number {
  const value = number(text);
  if (value < 0 || value >= 1) throw new InvalidArgumentError('Give a number from 0 to below 1.');
  return value;
}

export function count(text: string): number {
  const value = number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('Give a whole number of 1 or more.');
  return value;
}

export const counts = (text: string): number[] => text.split(',').map(count);
export const numbers = (text: string): number[] => text.split(',').map(number);

/** One of `allowed`, or several of them separated by commas. */
export function oneOf<T extends string>(allowed: readonly T[]): (text: string) => T {
  return (text) => {
    if (!allowed.includes(text as T)) throw new InvalidArgumentError(`Allowed are ${allowed.join(', ')}.`);
    return text as T;
  };
}

export const someOf = <T extends string>(allowed: readonly T[]) => (text: string): T[] => text.split(',').map(oneOf(allowed));

/** The same, each once, or `none` of them. */
export const anyOf = <T extends string>(allowed: readonly T[]) => (text: string): T[] => (text === 'none' ? [] : [...new Set(someOf(allowed)(text))]);

/** Collects `k=v` options. */
export function pair(text: string, before: Record<string, number>): Record<string, number> {
  const [, name, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('Write name=number.');
  return { ...before, [name]: number(value!) };
}

/** Collects an activation's parameters: numbers, and the texts form and expression. */
export function parameter(text: string, before: Record<string, number | string>): Record<string, number | string> {
  const worded = /^(form|expression)=(.*)$/s.exec(text);
  return worded ? { ...before, [worded[1]!]: worded[2]! } : { ...before, ...pair(text, {}) };
}

/** "0.3", "-0.3+0.4i", "0.4i", "1e-3-2e-1j". */
export function complex(text: string): Complex {
  const real = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
  const found = new RegExp(`^(${real})?(?:([+-]?(?:(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?)?)[ij])?$`).exec(text.replaceAll(' ', ''));
  if (!found || text.trim() === '') throw new InvalidArgumentError('Write a complex number as 0.3, 0.4i or -0.3+0.4i.');
  const [, re, im] = found;
  // "0.4i" has its digits taken by the first group or by the second; "+i" is one.
  if (re !== undefined && im === '') return [0, Number(re)];
  return [Number(re ?? 0), im === undefined ? 0 : /\d/.test(im) ? Number(im) : im === '-' ? -1 : 1];
}

/** Collects `NAME=EXPRESSION` or `NAME={"form": ..., "expression": ...}`. */
export function definition(text: string, before: Definitions): Definitions {
  const [, name, value] = /^\s*(\w+)\s*=([^]*)$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('Write NAME=EXPRESSION, for example MyAct=tanh(r).');
  try {
    return { ...before, [name]: define(name, /^\s*\{/.test(value!) ? JSON.parse(value!) : value) };
  } catch (e) {
    throw new InvalidArgumentError((e as Error).message);
  }
}

/** Collects problem codes that are not to be told. */
export function silenced(text: string, before: readonly string[]): string[] {
  const codes = text.split(',').map((code) => code.trim());
  const known = Object.keys(problemCodes);
  for (const code of codes) {
    if (Object.hasOwn(problemCodes, code)) continue;
    const near = nearTo(code, known);
    throw new InvalidArgumentError(`There is no problem code "${code}"; ${near.length > 0 ? `near it ${near.length === 1 ? 'is' : 'are'}` : 'there are'} ${(near.length > 0 ? near : known).join(', ')}.`);
  }
  return [...before, ...codes];
}

/** The few names that are nearest to what was typed: a slip away, or with a word in common. */
export function nearTo(typed: string, names: readonly string[]): string[] {
  const words = new Set(typed.toLowerCase().split('-').filter((word) => word.length > 2));
  const rated = names.map((name) => ({ name, slips: slips(typed.toLowerCase(), name), shared: name.split('-').filter((word) => words.has(word)).length }));
  return rated.filter(({ name, slips, shared }) => slips <= name.length / 3 || shared > 0)
    .sort((a, b) => a.slips - b.slips || b.shared - a.shared).slice(0, 5).map(({ name }) => name);
}

/** Letters to add, drop or change between two words (Levenshtein); a very long text is near nothing. */
function slips(a: string, b: string): number {
  if (a.length > 100) return a.length;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
