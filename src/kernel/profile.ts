// A whole network as a function of the correlation of two inputs, tabulated once and read at a constant cost whatever the depth.
// Possible where real and imaginary parts go through the network apart and every sample looks alike but for a factor. Knows no layer.
import { activationOf } from '../catalog/activations/index.ts';
import type { GramBlocks } from './gram.ts';
import { newMeasures, variancesOf, type Measures } from './measures.ts';
import { isFlat, type Network } from './network.ts';
import { openRunner, type Wanted } from './runner.ts';
import { blockTile, type Plane, type State, type Tile } from './tile.ts';
import { openWorkspace } from './wasm/index.ts';

/** Fewer samples have fewer entries than the table has. */
const FEWEST_SAMPLES = 256;
/** Samples of the tile that tabulates: its square is the number of points at once. */
const SIDE = 64;
const TERMS = 8;
const CELLS = [64, 128, 256, 512];
const TOLERANCE = 1e-12;
/** Of a correlation that has come through the layers, in units of the slope that it meets. */
const RHO_ROUNDING = 4e-15;
/** 1 - |rho| under which a correlation is taken as 1. */
const SNAP = 8e-15;

/** How samples of different norms are told apart: not at all, or by a factor. */
type Norms = 'equal' | 'scaled';

/** @returns null where the network is no function of the correlation alone */
export function normsOf(network: Network, measures: Measures): Norms | null {
  const { steps } = network;
  if (!isFlat(network) || measures.samples < FEWEST_SAMPLES || steps.filter((s) => s.rule.kind === 'input').length !== 1) return null;
  const apart = steps.every(({ rule, field }) => {
    if (rule.kind === 'rnn') return false;
    if (rule.kind !== 'activation') return true;
    const activation = activationOf(rule.name, rule.parameters)!;
    return !activation.output && activation.scalar !== undefined && activation.imaginary === undefined && (field === network.field);
  });
  if (!apart) return null;
  const variances = variancesOf(measures, steps.findIndex((s) => s.rule.kind === 'input'));
  const [low, high] = [Math.min(...variances), Math.max(...variances)];
  if (high - low <= 4e-15 * high) return 'equal';
  const scales = steps.every(({ rule }) => rule.kind !== 'norm'
    && (rule.kind !== 'weighted' || rule.biasVariance === 0)
    && (rule.kind !== 'activation' || activationOf(rule.name, rule.parameters)!.structure.includes('homogeneous') || activationOf(rule.name, rule.parameters)!.scalar?.closed === 'arc-cosine'));
  return scales && low > 0 ? 'scaled' : null;
}

/** rho in [-1, 1] to [0, 2], so that what runs like a power of sqrt(1 - |rho|) at the ends becomes smooth. */
const unfold = (rho: number): number => (rho >= 0 ? Math.sqrt(1 - rho) : 2 - Math.sqrt(1 + rho));
const fold = (x: number): number => (x <= 1 ? 1 - x * x : (2 - x) * (2 - x) - 1);

export interface Profile {
  /** The kernels of a tile from its K0; valid until the next call. */
  run(k0: Plane, tile: Tile): State;
}

/** @returns null where the table does not become exact enough */
export function openProfile(network: Network, measures: Measures, complex: boolean, wanted: Wanted, side: number): Profile | null {
  const norms = wanted.holomorphic ? null : normsOf(network, measures);
  if (!norms) return null;
  const input = network.steps.findIndex((s) => s.rule.kind === 'input');
  const variances = variancesOf(measures, input);
  const power = norms === 'equal' ? variances[0]! : 1;
  const sample = sampler(network, power, wanted);
  const re = tabulate(sample, 're', wanted);
  const im = complex && re ? tabulate(sample, 'im', wanted) : null;
  if (!re || (complex && !im)) return null;

  const outputs = wanted.ntk ? 2 : 1;
  const capacity = side * side;
  const space = openWorkspace(8 * (re.table.length + (im?.table.length ?? 0) + side * (3 + outputs) + 4 * capacity) + 4096);
  const place = (t: Table) => {
    const own = space.plane(t.table.length);
    own.set(t.table);
    return { ...t, table: own };
  };
  const tables = { re: place(re), im: im && place(im) };
  const [cov, columnRoots, x] = [space.plane(side), space.plane(side), space.plane(side)];
  const out = space.plane(side * outputs);
  const plane = (): Plane => ({ re: space.plane(capacity), im: complex ? space.plane(capacity) : null });
  const k = plane();
  const t = wanted.ntk ? plane() : null;
  const roots = variances.map((v) => Math.sqrt(v));
  const sum = (pick: (t: Table) => number): number => pick(re) + (im ? pick(im) : 0);
  const errors = { k: sum((t) => t.kError), t: sum((t) => t.tError), kSlope: sum((t) => t.kSlope), tSlope: sum((t) => t.tSlope) };

  return {
    run(k0, tile) {
      const width = tile.columns.length;
      let nearest = 2; // the least distance of a folded correlation from an end, but for the end itself
      for (let j = 0; j < width; j++) columnRoots[j] = roots[tile.columns[j]!]!;
      for (const part of ['re', 'im'] as const) {
        const table = tables[part];
        const from = k0[part];
        if (!table || !from) continue;
        for (let i = 0; i < tile.rows.length; i++) {
          const low = i * width;
          const root = roots[tile.rows[i]!]!;
          cov.set(from.subarray(low, low + width));
          nearest = Math.min(nearest, space.unfold(width, cov, root, columnRoots, SNAP, x));
          space.tabulated(width, x, 0, table.cells / 2, table.cells, outputs, TERMS, table.table, out, side);
          for (let o = 0; o < outputs; o++) {
            const to = (o === 0 ? k : t!)[part]!;
            const at = o * side;
            if (norms === 'equal') to.set(out.subarray(at, at + width), low);
            else for (let j = 0; j < width; j++) to[low + j] = out[at + j]! * root * columnRoots[j]!;
          }
        }
      }
      const rounding = RHO_ROUNDING / nearest;
      return { k, t, h: null, kError: errors.k + errors.kSlope * rounding, tError: errors.t + errors.tSlope * rounding, method: re.method };
    },
  };
}

type Sampler = (rho: Float64Array, part: 're' | 'im') => { k: Float64Array; t: Float64Array | null; state: State };

/** The network's own recursion on pairs of given correlations, all of one variance. */
function sampler(network: Network, power: number, wanted: Wanted): Sampler {
  const points = { re: new Float64Array(SIDE * SIDE), im: new Float64Array(SIDE * SIDE) };
  const diagonal = { re: new Float64Array(SIDE * SIDE).fill(power), im: new Float64Array(SIDE * SIDE) };
  const grams: GramBlocks = { samples: () => points, step: (_at, tile) => (tile.outer ? points : diagonal) };
  const measures = newMeasures(network, SIDE, (length) => new Float64Array(length));
  const complex = network.field === 'complex';
  const inputs = { samples: SIDE, positions: 1, channels: 1, re: new Float64Array(SIDE), im: complex ? new Float64Array(SIDE) : null };
  const runner = openRunner({ network, variant: 'network', inputs, grams, measures, wanted, until: network.steps.length });
  const at = network.steps.findIndex((s) => s.rule.kind === 'input');
  runner.measure(0, SIDE);
  const tile = blockTile([0, SIDE], [0, SIDE]);
  return (rho, part) => {
    const result = { k: new Float64Array(rho.length), t: wanted.ntk ? new Float64Array(rho.length) : null, state: null as unknown as State };
    for (let from = 0; from < rho.length; from += SIDE * SIDE) {
      const m = Math.min(SIDE * SIDE, rho.length - from);
      points.re.fill(0);
      points.im.fill(0);
      for (let i = 0; i < m; i++) points[part][i] = power * rho[from + i]!;
      const state = runner.run({ tile, planes: new Map([[at, { re: points.re, im: complex ? points.im : null }]]) });
      result.k.set(state.k[part]!.subarray(0, m), from);
      result.t?.set(state.t![part]!.subarray(0, m), from);
      result.state = { ...state };
    }
    return result;
  };
}

interface Table {
  cells: number;
  /** (cell x outputs x terms): powers of 2 (place in the cell) - 1. */
  table: Float64Array;
  kError: number;
  tError: number;
  /** Largest slopes in the folded variable, relative to the largest value. */
  kSlope: number;
  tSlope: number;
  method: State['method'];
}

/** Chebyshev points of a cell, its ends among them. */
const NODES = Float64Array.from({ length: TERMS }, (_, i) => -Math.cos((Math.PI * i) / (TERMS - 1)));
/** Adds the monomial coefficients of the polynomial through (z_i, values[from + i]) to `table`, from `at` on. */
function interpolate(z: Float64Array, values: Float64Array, from: number, table: Float64Array, at: number): void {
  for (let i = 0; i < TERMS; i++) {
    // Lagrange's polynomial of point i, factor by factor.
    let c = new Float64Array(TERMS);
    c[0] = values[from + i]!;
    for (let j = 0; j < TERMS; j++) {
      if (j === i) continue;
      const next = new Float64Array(TERMS);
      for (let n = 0; n < TERMS; n++) next[n] = ((n > 0 ? c[n - 1]! : 0) - z[j]! * c[n]!) / (z[i]! - z[j]!);
      c = next;
    }
    for (let n = 0; n < TERMS; n++) table[at + n]! += c[n]!;
  }
}

/** Cells are halved until the values between the points are met. */
function tabulate(sample: Sampler, part: 're' | 'im', wanted: Wanted): Table | null {
  const outputs = wanted.ntk ? 2 : 1;
  const width = (cells: number) => 2 / cells;
  for (const cells of CELLS) {
    const at = (cell: number, z: number) => fold(Math.min(2, (cell + (z + 1) / 2) * width(cells)));
    // Where a rounded rho really lies in its cell: near 1 that is not where it was meant to.
    const inCell = (rho: number, cell: number) => (2 * unfold(rho)) / width(cells) - 2 * cell - 1;
    const points = Float64Array.from({ length: cells * TERMS }, (_, i) => at(Math.floor(i / TERMS), NODES[i % TERMS]!));
    const found = sample(points, part);
    const table = new Float64Array(cells * outputs * TERMS);
    for (let cell = 0; cell < cells; cell++) {
      const z = Float64Array.from({ length: TERMS }, (_, i) => inCell(points[cell * TERMS + i]!, cell));
      for (let o = 0; o < outputs; o++) interpolate(z, o === 0 ? found.k : found.t!, cell * TERMS, table, (cell * outputs + o) * TERMS);
    }
    // Between the points, where interpolation is worst.
    const between = [-0.98, -0.75, -0.3, 0.1, 0.55, 0.93];
    const checks = Float64Array.from({ length: cells * between.length }, (_, i) => at(Math.floor(i / between.length), between[i % between.length]!));
    const truth = sample(checks, part);
    const top = [0, 1].map((o) => Math.max(...(o === 0 ? found.k : found.t ?? found.k).map(Math.abs)));
    const worst = [0, 0];
    const slope = [0, 0];
    for (let i = 0; i < checks.length; i++) {
      const cell = Math.floor(i / between.length);
      const z = inCell(checks[i]!, cell);
      for (let o = 0; o < outputs; o++) {
        let sum = 0;
        let rise = 0;
        for (let n = TERMS - 1; n >= 0; n--) {
          rise = rise * z + sum;
          sum = sum * z + table[(cell * outputs + o) * TERMS + n]!;
        }
        rise = Math.abs(rise) * (2 / width(cells)) / (top[o]! || 1);
        slope[o] = Math.max(slope[o]!, rise);
        // The recursion itself cannot know rho better than to its rounding, which near |rho| = 1 is much in the folded variable.
        const rounding = (rise * RHO_ROUNDING) / Math.max(unfold(Math.abs(checks[i]!)), 1e-8);
        worst[o] = Math.max(worst[o]!, Math.abs(sum - (o === 0 ? truth.k : truth.t!)[i]!) / (top[o]! || 1) - rounding);
      }
    }
    if (Math.max(...worst) > TOLERANCE) continue;
    return { cells, table, kError: found.state.kError + 2 * worst[0]! + 1e-15, tError: found.state.tError + 2 * worst[1]! + 1e-15, kSlope: slope[0]!, tSlope: slope[1]!, method: found.state.method };
  }
  return null;
}
