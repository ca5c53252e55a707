// Numbers as text: value, error and method together. Knows no page.
import type { Complex } from '../src/contract/matrix.ts';
import type { Method, Quantity } from '../src/contract/result.ts';

export const DASH = '—';

const METHOD_TEXT: Record<Method, string> = {
  closed: 'closed form', quadrature: 'quadrature', series: 'series', 'monte-carlo': 'Monte Carlo',
};

export const methodText = (method: Method): string => METHOD_TEXT[method];

/** `digits` significant digits; powers of ten outside 1e-4 .. 1e6. Not finite: said in words. */
export function number(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'not a number';
  if (!Number.isFinite(value)) return value > 0 ? 'infinite' : '-infinite';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e6) return String(Number(value.toPrecision(digits)));
  return value.toExponential(digits - 1).replace(/\.?0+e/, 'e').replace('e+', 'e');
}

/** An error needs one digit, two where it starts with 1. */
export function errorText(error: number): string {
  if (error === 0) return '0';
  return number(error, number(error, 1).replace(/^[-0.]*/, '').startsWith('1') ? 2 : 1);
}

/** "± 2e-10 quadrature": the error and where the number comes from. */
export function origin(q: { error: number | null; method: Method }): string {
  return q.error === null ? `${methodText(q.method)}, error unknown` : `± ${errorText(q.error)} ${methodText(q.method)}`;
}

/** "0.0312 ± 2e-10 quadrature"; a missing number is a dash and its reason. */
export function quantity(q: Quantity): string {
  if (q.value === null) return `${DASH} (${q.reason ?? 'not computed'})`;
  return `${number(q.value)} ${origin(q)}${q.reason ? ` (${q.reason})` : ''}`;
}

/** A reason or remark as a sentence of its own: it begins and ends as one. */
export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

/** "± 2e-9"; nothing where a number is exact. */
export const plusMinus = (error: number): string => (error === 0 ? '' : ` ± ${errorText(error)}`);

/** "12,345": whole numbers with all their digits. */
export const count = (n: number): string => n.toLocaleString('en');

/** "1.25 + 0.04i". */
export function complex([re, im]: Complex, digits = 6): string {
  return `${number(re, digits)} ${im < 0 ? '-' : '+'} ${number(Math.abs(im), digits)}i`;
}

/** "0.8 s", "2 min 5 s". */
export function duration(seconds: number): string {
  if (seconds < 60) return `${number(seconds, 2)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
