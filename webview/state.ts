// What the user chose in the panel: kernel, parts, colours, the cell under the cursor, open tables. Pure; knows no page and no host.
import type { SequentialName } from './colour/index.ts';

export const KERNELS = ['ntk', 'nngp', 'holomorphicNtk', 'empirical', 'pseudo'] as const;
export const PARTS = ['polar', 'cartesian'] as const;
export const MAPS = ['viridis', 'cividis'] as const satisfies readonly SequentialName[];
export const SCALES = ['linear', 'log'] as const;
export const ORDERS = ['given', 'class'] as const;

export interface Choices {
  kernel: (typeof KERNELS)[number];
  parts: (typeof PARTS)[number];
  map: (typeof MAPS)[number];
  scale: (typeof SCALES)[number];
  order: (typeof ORDERS)[number];
  /** Row and column of the cell under the cursor, as sample numbers of the given order, from 0. */
  cell: [number, number];
  /** The targets of the training curves, and a layer of the activation shown; empty: the first. */
  targets: string;
  activation: string;
  /** Ids of plots shown as tables. */
  tables: string[];
}

export const FIRST_CHOICES: Choices = {
  kernel: 'ntk', parts: 'polar', map: 'viridis', scale: 'linear', order: 'given', cell: [0, 0], targets: '', activation: '', tables: [],
};

const oneOf = <T extends string>(all: readonly T[], raw: unknown, otherwise: T): T => (all.includes(raw as T) ? (raw as T) : otherwise);
const index = (raw: unknown): number => (Number.isSafeInteger(raw) && (raw as number) >= 0 ? (raw as number) : 0);

const text = (raw: unknown): string => (typeof raw === 'string' ? raw : '');

/** Choices that were saved earlier, perhaps by another version: what is not understood takes its first value. */
export function readChoices(raw: unknown): Choices {
  const r = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>;
  const cell = Array.isArray(r.cell) ? r.cell : [];
  return {
    kernel: oneOf(KERNELS, r.kernel, FIRST_CHOICES.kernel),
    parts: oneOf(PARTS, r.parts, FIRST_CHOICES.parts),
    map: oneOf(MAPS, r.map, FIRST_CHOICES.map),
    scale: oneOf(SCALES, r.scale, FIRST_CHOICES.scale),
    order: oneOf(ORDERS, r.order, FIRST_CHOICES.order),
    cell: [index(cell[0]), index(cell[1])],
    targets: text(r.targets),
    activation: text(r.activation),
    tables: Array.isArray(r.tables) ? r.tables.filter((t): t is string => typeof t === 'string') : [],
  };
}

const PAGE = 10;

/**
 * Where a key takes the cursor on an n x n matrix; positions are those on the screen.
 * Home and End: ends of the row; with Ctrl: corners. Null for a key that does not move.
 */
export function move(at: [number, number], key: string, ctrl: boolean, n: number): [number, number] | null {
  const [row, col] = at;
  const inside = (x: number): number => Math.min(n - 1, Math.max(0, x));
  switch (key) {
    case 'ArrowUp': return [inside(row - 1), col];
    case 'ArrowDown': return [inside(row + 1), col];
    case 'ArrowLeft': return [row, inside(col - 1)];
    case 'ArrowRight': return [row, inside(col + 1)];
    case 'PageUp': return [inside(row - PAGE), col];
    case 'PageDown': return [inside(row + PAGE), col];
    case 'Home': return ctrl ? [0, 0] : [row, 0];
    case 'End': return ctrl ? [n - 1, n - 1] : [row, n - 1];
    default: return null;
  }
}

/** Sample numbers in the order shown: as given, or by class (stable; samples without a class last). */
export function sampleOrder(order: Choices['order'], n: number, labels: number[] | null): Int32Array {
  const out = Int32Array.from({ length: n }, (_, i) => i);
  if (order === 'given' || !labels) return out;
  const key = (i: number): number => (labels[i] !== undefined && labels[i]! >= 0 ? labels[i]! : Infinity);
  // A difference of infinities is not a number, so compare.
  return out.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a - b));
}
