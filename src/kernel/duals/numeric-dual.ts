// Real duals without a closed form: the Hermite series where it is short, else what serves near |c| = 1: quadrants of normals for
// piecewise polynomial scalars, tables in the angle for those that bend at 0 alone, integrals over the plane for the rest.
import type { Parameters, ScalarFunction } from '../../catalog/activations/activation.ts';
import type { Method } from '../../contract/result.ts';
import { angleTable, readTable, stdRange, type AngleTable, type StdRange } from './angle-table.ts';
import { worseMethod, type DualOutcome } from './dual.ts';
import { cellsOf, hermiteTable, TERMS, type HermiteTable } from './hermite.ts';
import { piecesAt, piecesDualNearOne, type Pieces, type PiecesAt } from './pieces.ts';
import { isCentral, planeValue, type PlaneValue, type ScalarPair } from './plane.ts';
import type { RealDual } from './real-dual.ts';
import { distinctOf } from './distinct.ts';
import { openWorkspace } from '../wasm/index.ts';

/** A sum whose bound on what it leaves out is below this, relative to sqrt(k_aa k_bb), is taken. */
const SERIES_TOLERANCE = 3e-12;
/** A closed form whose rounding may reach this is not taken. */
const CLOSED_TOLERANCE = 2e-11;
const ROUNDING = 2e-15;
/** Of a series of so many terms, as its loop states it. */
const seriesRounding = (terms: number): number => 1e-16 * (10 + terms / 4);
/** Entries that one call of the series' loop sums. */
const CHUNK = 1024;
/** A table costs as much as this many entries on the plane: fewer of one pair of ranges go there one by one. */
const WORTH_A_TABLE = 40;
/** |c| above which closed quadrants are meant for. */
const NEAR_ONE = 0.8;

type Numeric = (f: ScalarFunction, g: ScalarFunction, u: Pieces | null, v: Pieces | null) => RealDual;

/** Numeric duals among scalars, sharing their coefficients. */
export function numericDuals(p: Parameters, std: Float64Array): Numeric {
  const { stds, index } = distinctOf(std);
  const known = new Map<ScalarFunction, HermiteTable[]>();
  const tableOf = (g: ScalarFunction, pieces: Pieces | null, full: boolean): HermiteTable => {
    const of = known.get(g) ?? known.set(g, []).get(g)!;
    return (of[full ? 1 : 0] ??= hermiteTable(g, p, stds, full ? TERMS : 0, pieces));
  };
  let ranges: { ofStd: Int32Array; member: Int32Array; ranges: StdRange[] } | null = null;
  const rangesOf = () => (ranges ??= rangesAmong(stds));
  return (f, g, u, v) => numericDual(stds, index, { f, g, p }, tableOf(f, u, f !== g), tableOf(g, v, f !== g), u && v ? [u, v] : null, rangesOf);
}

function rangesAmong(stds: readonly number[]): { ofStd: Int32Array; member: Int32Array; ranges: StdRange[] } {
  const place = new Map(stds.map((s, i) => [s, i]));
  const ofStd = new Int32Array(stds.length).fill(-1);
  const member = new Int32Array(stds.length);
  const ranges = cellsOf(stds.filter((s) => s > 0).sort((x, y) => x - y)).map((cell, r) => {
    cell.forEach((s, i) => {
      ofStd[place.get(s)!] = r;
      member[place.get(s)!] = i;
    });
    return stdRange(cell);
  });
  return { ofStd, member, ranges };
}

function numericDual(
  stds: readonly number[],
  index: readonly number[],
  scalars: Omit<ScalarPair, 'mirror'>,
  F: HermiteTable,
  G: HermiteTable,
  pieces: [Pieces, Pieces] | null,
  rangesOf: () => { ofStd: Int32Array; member: Int32Array; ranges: StdRange[] },
): RealDual {
  const same = scalars.f === scalars.g;
  const pairs = { 1: { ...scalars, mirror: 1 } as ScalarPair, [-1]: { ...scalars, mirror: -1 } as ScalarPair };
  const central = isCentral(pairs[1]);
  const logTail = (h: HermiteTable): Float64Array => h.valueTail.map((t, i) => Math.log(Math.max(t, h.slopeTail[i]!, 1e-300)) / 2);
  const [leftTail, rightTail] = [logTail(F), logTail(G)];
  const limit = Math.log(SERIES_TOLERANCE);
  const base = F.error + G.error + seriesRounding(F.terms);
  const value: PlaneValue = { k: 0, kd: 0, error: 0 };
  const leftPieces: PiecesAt[] | null = pieces ? [] : null;
  const rightPieces = pieces && same ? leftPieces : pieces ? ([] as PiecesAt[]) : null;
  const tables = new Map<number, { met: number; table: AngleTable }>();
  const remembered = new Map<string, PlaneValue>(); // c = 1 and -1 exactly
  /** Where the series is not taken the angle is below this. */
  const highest = (tails: Float64Array): number => tails.reduce((x, y) => Math.max(x, y), -Infinity);
  const widest = Math.acos(Math.exp(Math.min(0, (limit - highest(leftTail) - highest(rightTail)) / F.terms)));
  const normAt = (i: number, j: number) => ({ k: Math.sqrt(F.valueSquare[i]! * G.valueSquare[j]!), kd: Math.sqrt(F.slopeSquare[i]! * G.slopeSquare[j]!) });

  let crowded = false; // the block at hand has enough entries near 1 for its tables

  /** Into `value` the dual at |c| near 1 by what serves there; g mirrored where c < 0. */
  function nearOne(i: number, j: number, c: number): Method {
    const norm = normAt(i, j);
    if (leftPieces && rightPieces && Math.abs(c) > NEAR_ONE && stds[i]! > 0 && stds[j]! > 0) {
      const u = (leftPieces[i] ??= piecesAt(pieces![0], stds[i]!));
      const v = (rightPieces[j] ??= piecesAt(pieces![1], stds[j]!));
      value.error = 2 * ROUNDING * Math.max(norm.k > 0 ? (u.size * v.size) / norm.k : 0, norm.kd > 0 ? (u.slopeSize * v.slopeSize) / norm.kd : 0);
      if (value.error <= CLOSED_TOLERANCE) {
        piecesDualNearOne(u, v, c, value);
        return 'closed';
      }
    }
    const mirror = c < 0 ? -1 : 1;
    const theta = Math.acos(Math.abs(c));
    if (central) {
      const { ofStd, member, ranges } = rangesOf();
      const [r, s] = [ofStd[i]!, ofStd[j]!];
      const key = (r * ranges.length + s) * 2 + (mirror === 1 ? 0 : 1);
      let held = tables.get(key);
      if (!held) tables.set(key, (held = { met: 0, table: angleTable(pairs[mirror], ranges[r]!, ranges[s]!, normBetween, widest) }));
      if ((held.met++ >= WORTH_A_TABLE || crowded) && readTable(held.table, member[i]!, member[j]!, theta, value)) return 'quadrature';
    }
    const key = theta === 0 ? `${i} ${j} ${mirror}` : '';
    const before = key ? remembered.get(key) : undefined;
    if (before) Object.assign(value, before);
    else planeValue(pairs[mirror], stds[i]!, stds[j]!, theta, norm, value);
    if (key && !before) remembered.set(key, { ...value });
    return 'quadrature';
  }

  /** Units of error at standard deviations that are no members. */
  function normBetween(a: number, b: number): { k: number; kd: number } {
    return { k: Math.sqrt(squareAt(F.valueSquare, a) * squareAt(G.valueSquare, b)), kd: Math.sqrt(squareAt(F.slopeSquare, a) * squareAt(G.slopeSquare, b)) };
  }
  /** The square at the nearest standard deviation. */
  function squareAt(squares: Float64Array, s: number): number {
    let best = 0;
    for (let i = 1; i < stds.length; i++) if (Math.abs(Math.log(stds[i]! / s)) < Math.abs(Math.log(stds[best]! / s))) best = i;
    return squares[best]!;
  }

  let loop: SeriesLoop | null = null;

  return ({ count, left, right, c }, { k, kd, minusK, minusKd }, outcome: DualOutcome) => {
    const series = (loop ??= openSeries(F, G));
    const [plus, minus] = [k.length + kd.length > 0, minusK.length + minusKd.length > 0];
    const [withK, withKd, withMinusK, withMinusKd] = [k.length > 0, kd.length > 0, minusK.length > 0, minusKd.length > 0];
    let worst = 0;
    let longest = -Infinity;
    let summed = false;
    let { method } = outcome;
    if (central && !pieces) {
      let near = 0;
      const least = Math.cos(widest);
      for (let t = 0; t < count; t++) if (Math.abs(c[t]!) > least && !(left[t] === right[t] && c[t] === 1)) near++;
      crowded = near > 2 * WORTH_A_TABLE * rangesOf().ranges.length ** 2;
    }
    for (let t = 0; t < count; t++) {
      const i = index[left[t]!]!;
      const j = index[right[t]!]!;
      const x = c[t]!;
      const reach = leftTail[i]! + rightTail[j]! + F.terms * Math.log(Math.abs(x));
      if (reach <= limit) {
        if (reach > longest) longest = reach;
        summed = true;
        const m = series.count++;
        series.place[m] = t;
        series.left[m] = i;
        series.right[m] = j;
        series.x[m] = x;
        if (m + 1 === CHUNK) sumSeries(series, k, kd, minusK, minusKd);
        continue;
      }
      if (plus) {
        if (x === 1 && i === j && same) {
          if (withK) k[t] = F.valueSquare[i]!;
          if (withKd) kd[t] = F.slopeSquare[i]!;
        } else {
          method = worseMethod(method, nearOne(i, j, x));
          worst = Math.max(worst, value.error);
          if (withK) k[t] = value.k;
          if (withKd) kd[t] = value.kd;
        }
      }
      if (minus) {
        method = worseMethod(method, nearOne(i, j, -x));
        worst = Math.max(worst, value.error);
        if (withMinusK) minusK[t] = value.k;
        if (withMinusKd) minusKd[t] = value.kd;
      }
    }
    if (series.count > 0) sumSeries(series, k, kd, minusK, minusKd);
    if (summed) {
      method = worseMethod(method, 'series');
      worst = Math.max(worst, base + Math.exp(longest));
    }
    outcome.error = Math.max(outcome.error, worst);
    outcome.method = method;
  };
}

/** The coefficients of two tables in memory of their own, and the entries gathered for the loop that sums their products there. */
interface SeriesLoop {
  space: ReturnType<typeof openWorkspace>;
  terms: number;
  value: [Float64Array, Float64Array];
  slope: [Float64Array, Float64Array];
  count: number;
  place: Int32Array;
  left: Int32Array;
  right: Int32Array;
  x: Float64Array;
  plus: Float64Array;
  minus: Float64Array;
}

function openSeries(F: HermiteTable, G: HermiteTable): SeriesLoop {
  const tables = F === G ? [F] : [F, G];
  const numbers = tables.reduce((sum, t) => sum + 2 * t.value.length, 0);
  const space = openWorkspace(8 * numbers + CHUNK * (3 * 8 + 2 * 4) + 4096);
  const put = (from: Float64Array): Float64Array => {
    const plane = space.plane(from.length);
    plane.set(from);
    return plane;
  };
  const [u, v] = tables.map((t) => [put(t.value), put(t.slope)] as const);
  const w = v ?? u!;
  return {
    space, terms: F.terms, value: [u![0], w[0]], slope: [u![1], w[1]], count: 0, place: new Int32Array(CHUNK),
    left: space.indices(CHUNK), right: space.indices(CHUNK), x: space.plane(CHUNK), plus: space.plane(CHUNK), minus: space.plane(CHUNK),
  };
}

/** Sums the gathered entries into the planes that are wanted. */
function sumSeries(loop: SeriesLoop, k: Float64Array, kd: Float64Array, minusK: Float64Array, minusKd: Float64Array): void {
  const { space, terms, count, place, left, right, x, plus, minus } = loop;
  for (const [[u, v], at, mirrored] of [[loop.value, k, minusK], [loop.slope, kd, minusKd]] as const) {
    if (at.length + mirrored.length === 0) continue;
    space.seriesProducts(count, left, right, x, u, terms, v, terms, terms, plus, minus, mirrored.length > 0);
    if (at.length > 0) for (let m = 0; m < count; m++) at[place[m]!] = plus[m]!;
    if (mirrored.length > 0) for (let m = 0; m < count; m++) mirrored[place[m]!] = minus[m]!;
  }
  loop.count = 0;
}
