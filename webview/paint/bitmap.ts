// Numbers to pixels: a matrix, a scale and a table of 256 colours. Pure arithmetic; knows no canvas, no theme and no kernel.

/** A real matrix, row-major. */
export interface Field {
  rows: number;
  cols: number;
  values: Float64Array;
}

export type Scale =
  | { kind: 'linear'; low: number; high: number }
  /** Both positive. */
  | { kind: 'log'; low: number; high: number }
  /** Radians; closed. */
  | { kind: 'cyclic' };

const STEPS = 256;

/** Row of the colour table for one number; what lies outside the domain takes the end colours. NaN: -1. */
export function step(scale: Scale, value: number): number {
  if (Number.isNaN(value)) return -1;
  if (scale.kind === 'cyclic') {
    const turn = value / (2 * Math.PI) + 0.5;
    return Math.floor((turn - Math.floor(turn)) * STEPS) % STEPS;
  }
  const { low, high } = scale;
  const t = scale.kind === 'log' ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  // A domain of one point (low = high) has no position: its middle colour.
  if (Number.isNaN(t)) return value < low ? 0 : STEPS / 2;
  return Math.min(STEPS - 1, Math.max(0, Math.floor(t * STEPS)));
}

/** Pixels of the whole matrix, one for each entry. `masked` entries, and NaN, take the colour `blank`. */
export function paint(field: Field, scale: Scale, table: Uint32Array, blank: number, masked?: (index: number) => boolean): Uint32Array<ArrayBuffer> {
  const { values } = field;
  const out = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const row = masked?.(i) ? -1 : step(scale, values[i]!);
    out[i] = row < 0 ? blank : table[row]!;
  }
  return out;
}

/**
 * For a matrix with more entries than there are pixels: each pixel stands for the entry of its block with the largest
 * `weight` in modulus, so that what stands out is kept with its sign.
 * @returns for each of outRows x outCols pixels the index of its entry.
 */
export function pool(weight: Field, outRows: number, outCols: number): Int32Array {
  const { rows, cols, values } = weight;
  const out = new Int32Array(outRows * outCols).fill(-1);
  const best = new Float64Array(out.length).fill(-1);
  const column = Int32Array.from({ length: cols }, (_, c) => Math.floor((c * outCols) / cols));
  for (let r = 0; r < rows; r++) {
    const line = Math.floor((r * outRows) / rows) * outCols;
    for (let c = 0; c < cols; c++) {
      const to = line + column[c]!;
      const size = Math.abs(values[r * cols + c]!);
      if (size > best[to]! || out[to] === -1) {
        out[to] = r * cols + c;
        best[to] = Number.isNaN(size) ? -1 : size;
      }
    }
  }
  return out;
}

/** The entries that `pool` chose, as a smaller matrix. */
export function gather(field: Field, indices: Int32Array, rows: number, cols: number): Field {
  return { rows, cols, values: Float64Array.from(indices, (i) => field.values[i]!) };
}
