// A tile: some pairs of samples, and the planes of numbers that the layers' rules work on. Knows no rule.
import type { Method } from '../contract/result.ts';
import { entriesOf, type Network, type Step } from './network.ts';

/** One Hermitian part of a tile: pairs x entries, row-major; im is null where it is zero throughout. */
export interface Plane {
  re: Float64Array;
  im: Float64Array | null;
}

/** What a step has computed on a tile. */
export interface State {
  k: Plane;
  /** NTK, and NTK of holomorphic backpropagation; null where zero (no weights yet) or not wanted. */
  t: Plane | null;
  h: Plane | null;
  /** Bounds on the errors of k and of t (and h), relative to the geometric mean of the two diagonal entries. */
  kError: number;
  tError: number;
  method: Method;
}

/** The pairs of a tile. Rows and columns of samples, or samples with themselves. */
export interface Tile {
  rows: Int32Array;
  columns: Int32Array;
  /** Every row with every column; else row p with column p. */
  outer: boolean;
}

export const pairsOf = (tile: Tile): number => (tile.outer ? tile.rows.length * tile.columns.length : tile.rows.length);

const range = (from: number, to: number): Int32Array => Int32Array.from({ length: to - from }, (_, i) => from + i);
export const blockTile = (rows: [number, number], columns: [number, number]): Tile => ({ rows: range(...rows), columns: range(...columns), outer: true });
export const diagonalTile = (from: number, to: number): Tile => ({ rows: range(from, to), columns: range(from, to), outer: false });

/** Entries of a tile's planes that one breath works on: they and what the duals write stay in the fast caches. */
export const CHUNK = 2048;
/** Entries that a tile of small kernels gathers. */
const TILE_ENTRIES = 4096;
/** Entries that an item of the measuring phase gathers. */
const MEASURE_ENTRIES = 8192;
/** Samples along one side of a tile of a network without positions. */
const FLAT_SIDE = 64;

/** Samples along each side of a tile: pairs of one tile times entries of one pair are about TILE_ENTRIES. */
export function tileSide(network: Network): number {
  const most = Math.max(...network.steps.map(entriesOf));
  return Math.max(1, Math.min(FLAT_SIDE, Math.floor(Math.sqrt(TILE_ENTRIES / most))));
}

/** Tiles of the upper triangle of n x n, in row order: numbers to ranges. */
export interface Tiling {
  count: number;
  at(tile: number): { rows: [number, number]; columns: [number, number] };
}

export function tiling(samples: number, side: number): Tiling {
  const blocks = Math.ceil(samples / side);
  const range = (b: number): [number, number] => [b * side, Math.min(samples, (b + 1) * side)];
  return {
    count: (blocks * (blocks + 1)) / 2,
    at(tile) {
      let row = 0;
      let left = tile;
      while (left >= blocks - row) left -= blocks - row++;
      return { rows: range(row), columns: range(row + left) };
    },
  };
}

/** Samples that one item of the measuring phase takes. */
export function measureStride(network: Network): number {
  return Math.max(1, Math.floor(MEASURE_ENTRIES / Math.max(...network.steps.map(entriesOf))));
}

/** Entries of one pair at a step, and between the axes of its window. */
function planeEntries(step: Step): number {
  const window = step.rule.kind === 'weighted' ? step.rule.window : null;
  if (!window) return entriesOf(step);
  const rows = window.axes.map((_, a) => window.axes.reduce((n, x, i) => n * (i <= a ? x.output : x.input), 1));
  return Math.max(...rows.map((r) => (step.pairs === 'all' ? r * r : r)));
}

/** Entries that a plane has room for: of a tile, or of an item of the measuring phase. */
export function planeCapacity(network: Network, samples: number): number {
  return Math.max(...network.steps.map(planeEntries)) * Math.max(Math.min(tileSide(network), samples) ** 2, Math.min(measureStride(network), samples));
}

/** Which slot each step's planes lie in: a step takes over its input's where it is the last to read it and may work in place. */
export interface Slots {
  of: number[];
  count: number;
}

const IN_PLACE: ReadonlySet<Step['rule']['kind']> = new Set(['activation', 'norm', 'scale']);

export function assignSlots(network: Network): Slots {
  const lastUse = network.steps.map((_, i) => i);
  network.steps.forEach((s, i) => s.inputs.forEach((from) => { lastUse[from] = Math.max(lastUse[from]!, i); }));
  lastUse[network.last] = Infinity;
  const of: number[] = [];
  const free: number[] = [];
  let count = 0;
  network.steps.forEach((step, i) => {
    const [from] = step.inputs;
    const inPlace = IN_PLACE.has(step.rule.kind) || (step.rule.kind === 'weighted' && !step.rule.window);
    if (from !== undefined && inPlace && lastUse[from] === i) of[i] = of[from]!;
    else of[i] = free.pop() ?? count++;
    for (const f of new Set(step.inputs)) if (lastUse[f] === i && of[f] !== of[i]) free.push(of[f]!);
  });
  return { of, count };
}
