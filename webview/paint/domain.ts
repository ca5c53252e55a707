// The range of numbers a colour scale stands for. Knows no colour.
import type { Scale } from './bitmap.ts';

/** How many powers of ten below the largest number a logarithmic scale reaches at most. */
const LOG_DECADES = 8;

/** Smallest and largest finite number of all arrays together; null where there is none. */
export function extent(...arrays: Float64Array[]): { low: number; high: number } | null {
  let low = Infinity;
  let high = -Infinity;
  for (const values of arrays) {
    for (const v of values) {
      if (v < low && v !== -Infinity) low = v;
      if (v > high && v !== Infinity) high = v;
    }
  }
  return low <= high ? { low, high } : null;
}

/** One scale for several matrices that are read against each other. Logarithmic only where all numbers are positive. */
export function sequential(log: boolean, ...arrays: Float64Array[]): Scale {
  const range = extent(...arrays) ?? { low: 0, high: 1 };
  if (log && range.low > 0) return { kind: 'log', low: Math.max(range.low, range.high * 10 ** -LOG_DECADES), high: range.high };
  return { kind: 'linear', ...range };
}

/** Zero in the middle, both ends equally far. `floor`: the least half-width, so that rounding does not look like a finding. */
export function symmetric(values: Float64Array, floor: number): Scale {
  const range = extent(values);
  const half = Math.max(floor, range ? Math.max(Math.abs(range.low), Math.abs(range.high)) : 0);
  return { kind: 'linear', low: -half, high: half };
}
