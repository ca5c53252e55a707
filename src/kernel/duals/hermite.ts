// Hermite coefficients of a scalar and its derivative at every standard deviation of a layer, and the real dual as their series. Knows no closed form.
import type { Parameters, ScalarFunction } from '../../catalog/activations/activation.ts';
import { breaksWithin, GAUSS_20, GAUSS_24, panelRule, type Rule } from '../quadrature.ts';
import { projectPieces, type Pieces } from './pieces.ts';

/** Most terms of a series. */
export const TERMS = 192;
/** Largest difference of coefficients interpolated in log std from computed ones, relative to the norm. */
const INTERPOLATION = 1e-12;
/** Quadrature of the coefficients is refined until it moves by less than this, relative to the norm. */
const QUADRATURE = 1e-13;
/** Factor on the difference of two rules where it never fell below that. */
export const UNCONVERGED = 20;
/** Interpolation cells span at most this factor of standard deviations. */
const CELL = 2.5;
/** A tail of this share of a square: its root, once from each side, is below rounding. */
const NOTHING = 1e-14;
const FARTHEST = 38; // e^{-38^2/2} is the last normal number

/** he_{n+1} = (x he_n - sqrt(n) he_{n-1}) / sqrt(n+1): the factors, so that no root is taken in the loop. */
const ROOTS = Float64Array.from({ length: TERMS + 1 }, (_, n) => Math.sqrt(n));
const INVERSES = ROOTS.map((_, n) => 1 / Math.sqrt(n + 1));

/** A scalar at many standard deviations. Rows of `terms` coefficients each. */
export interface HermiteTable {
  terms: number;
  value: Float64Array;
  slope: Float64Array;
  /** E g(sX)^2 and E g'(sX)^2. */
  valueSquare: Float64Array;
  slopeSquare: Float64Array;
  /** What the rows leave out of the squares, relative to them: bounds. */
  valueTail: Float64Array;
  slopeTail: Float64Array;
  /** Bound on |error| of a row relative to its norm, by quadrature and interpolation: the worst. */
  error: number;
  /** Of Chebyshev points in log std that the coefficients needed over one cell, 1 where there is one standard deviation. */
  points: number;
}

/** Where g bends, in units of x: its kinks, the origin, and powers of two for functions that bend near it. */
function bendsOf(g: ScalarFunction, p: Parameters, finer = 0): number[] {
  const out = [0, ...g.kinks(p)];
  for (let k = -1 - finer; k <= 6 + finer; k++) out.push(2 ** k, -(2 ** k));
  return out;
}

/** How far out g(s x)^2 or its derivative's weighs under the normal density, below and above 0, to e^{-level} of its peak. */
export function reachOf(g: ScalarFunction, p: Parameters, s: number, level: number): [number, number] {
  const step = 0.25;
  const weight = (x: number): number => Math.max(2 * Math.log(Math.abs(g.value(s * x, p))), 2 * Math.log(Math.abs(g.derivative(s * x, p)) * s)) - (x * x) / 2;
  const at = [-1, 1].map((sign) => Array.from({ length: FARTHEST / step + 1 }, (_, k) => weight(sign * k * step)));
  const peak = Math.max(...at[0]!, ...at[1]!);
  const last = at.map((side) => (Math.max(4, side.findLastIndex((w) => w > peak - level) + 2) * step));
  return [-last[0]!, last[1]!];
}

interface Projection {
  c: Float64Array;
  d: Float64Array;
  square: number;
  slopeSquare: number;
}

/** Coefficients of g(s x) and g'(s x) in orthonormal Hermite polynomials, n = 0 .. terms-1, on panels of the given width. */
function project(g: ScalarFunction, p: Parameters, s: number, terms: number, width: number, finer: number, rule: Rule = GAUSS_24): Projection {
  const [low, high] = reachOf(g, p, s, 80);
  const inner: number[] = [];
  for (let x = Math.ceil(low); x <= high; x += width) inner.push(x);
  if (s > 0) for (const b of bendsOf(g, p, finer)) inner.push(b / s);
  const { nodes, weights } = panelRule(breaksWithin(low, high, inner), rule);
  const c = new Float64Array(terms);
  const d = new Float64Array(terms);
  let square = 0;
  let slopeSquare = 0;
  for (let i = 0; i < nodes.length; i++) {
    const x = nodes[i]!;
    // he_n sqrt(density) in both factors keeps every number in range.
    const root = Math.exp((-x * x) / 4) / (2 * Math.PI) ** 0.25;
    const y = g.value(s * x, p) * root;
    const z = g.derivative(s * x, p) * root;
    if (y === 0 && z === 0) continue;
    const w = weights[i]!;
    const [wy, wz] = [w * y, w * z];
    square += wy * y;
    slopeSquare += wz * z;
    let p0 = 0;
    let p1 = root;
    for (let n = 0; n < terms; n++) {
      c[n]! += wy * p1;
      d[n]! += wz * p1;
      const next = (x * p1 - ROOTS[n]! * p0) * INVERSES[n]!;
      p0 = p1;
      p1 = next;
    }
  }
  return { c, d, square, slopeSquare };
}

/** Sum of squares from `terms` on and whatever of `square` all coefficients leave, relative to `square`; never below what rounding hides. */
function tailOf(c: Float64Array, square: number, terms: number): number {
  if (square === 0) return 0;
  let sum = 0;
  let beyond = 0;
  for (let n = c.length - 1; n >= 0; n--) {
    sum += c[n]! * c[n]!;
    if (n === terms) beyond = sum;
  }
  return (Math.abs(square - sum) + beyond) / square + 1e-15;
}

function distance(u: Float64Array, v: Float64Array): number {
  let sum = 0;
  for (let n = 0; n < u.length; n++) sum += (u[n]! - v[n]!) ** 2;
  return Math.sqrt(sum);
}

/** The larger of the relative distances of values and of slopes. */
function apart(u: Projection, v: Projection): number {
  const value = v.square > 0 ? Math.max(distance(u.c, v.c) / Math.sqrt(v.square), Math.abs(u.square - v.square) / v.square) : 0;
  const slope = v.slopeSquare > 0 ? Math.max(distance(u.d, v.d) / Math.sqrt(v.slopeSquare), Math.abs(u.slopeSquare - v.slopeSquare) / v.slopeSquare) : 0;
  return Math.max(value, slope);
}

interface Panels {
  width: number;
  finer: number;
  error: number;
  terms: number;
}

/** How fine the panels must be over a cell, what is left of their error, and how many terms leave nothing. */
function panelsFor(g: ScalarFunction, p: Parameters, cell: number[]): Panels {
  const at = cell.length === 1 ? cell : [cell[0]!, cell.at(-1)!];
  let best = { width: 1, finer: 0, error: Infinity, terms: TERMS };
  for (const [width, finer] of [[1.5, 0], [0.75, 4], [0.4, 8], [0.2, 12]] as const) {
    let error = 0;
    let terms = 16;
    for (const s of at) {
      const coarse = project(g, p, s, TERMS, width, finer);
      error = Math.max(error, apart(coarse, project(g, p, s, TERMS, width, finer, GAUSS_20)));
      while (terms < TERMS && Math.max(tailOf(coarse.c, coarse.square, terms), tailOf(coarse.d, coarse.slopeSquare, terms)) > NOTHING) terms += 16;
    }
    if (error < best.error) best = { width, finer, error, terms };
    if (error <= QUADRATURE) return best;
  }
  // Two rules that have not converged differ by less than they are off.
  return { ...best, error: UNCONVERGED * best.error };
}

/** Nodes of the first kind on [-1, 1] and the barycentric weights of their interpolation. */
export function chebyshevPoints(count: number): { nodes: Float64Array; weights: Float64Array } {
  const nodes = new Float64Array(count);
  const weights = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    const angle = ((2 * k + 1) * Math.PI) / (2 * count);
    nodes[k] = Math.cos(angle);
    weights[k] = (k % 2 === 0 ? 1 : -1) * Math.sin(angle);
  }
  return { nodes, weights };
}

/** The Lagrange basis at x for barycentric points. */
export function lagrangeAt(x: number, { nodes, weights }: { nodes: Float64Array; weights: Float64Array }): Float64Array {
  const out = new Float64Array(nodes.length);
  let sum = 0;
  for (let k = 0; k < nodes.length; k++) {
    const gap = x - nodes[k]!;
    if (gap === 0) {
      out.fill(0);
      out[k] = 1;
      return out;
    }
    sum += out[k] = weights[k]! / gap;
  }
  for (let k = 0; k < nodes.length; k++) out[k]! /= sum;
  return out;
}

function mixed(from: Projection[], by: Float64Array): Projection {
  const terms = from[0]!.c.length;
  const out: Projection = { c: new Float64Array(terms), d: new Float64Array(terms), square: 0, slopeSquare: 0 };
  for (let m = 0; m < from.length; m++) {
    const w = by[m]!;
    const { c, d, square, slopeSquare } = from[m]!;
    out.square += w * square;
    out.slopeSquare += w * slopeSquare;
    for (let n = 0; n < terms; n++) {
      out.c[n]! += w * c[n]!;
      out.d[n]! += w * d[n]!;
    }
  }
  return out;
}

/** Sorted positive standard deviations cut into runs that span at most `factor` each. */
export function cellsOf(sorted: number[], factor = CELL): number[][] {
  const out: number[][] = [];
  const ratio = sorted.length > 0 ? sorted.at(-1)! / sorted[0]! : 1;
  const cells = Math.max(1, Math.ceil(Math.log(ratio) / Math.log(factor) - 1e-9));
  for (const s of sorted) {
    const at = cells === 1 ? 0 : Math.min(cells - 1, Math.floor((cells * Math.log(s / sorted[0]!)) / Math.log(ratio)));
    (out[at] ??= []).push(s);
  }
  return out.filter(Boolean);
}

/** Projections at every standard deviation of one cell: interpolated in log std where that is cheaper and holds, else computed. */
function projectCell(g: ScalarFunction, p: Parameters, cell: number[], { width, finer, error }: Panels, terms: number): { rows: Projection[]; error: number; points: number; tails: Projection[] } {
  const [low, high] = [cell[0]!, cell.at(-1)!];
  const compute = (s: number): Projection => project(g, p, s, terms, width, finer);
  const [middle, half] = [Math.log(low * high) / 2, Math.log(high / low) / 2];
  for (const count of [10, 14, 20, 28, 40]) {
    if (count + 4 > cell.length) break;
    const points = chebyshevPoints(count);
    const known = Array.from(points.nodes, (x) => compute(Math.exp(middle + half * x)));
    let worst = 0;
    // The ends, and between the middle nodes, where interpolation is worst.
    for (const x of [-1, 1, Math.sin(Math.PI / (2 * count)) * (count % 2 === 0 ? 0 : 1)]) {
      worst = Math.max(worst, apart(mixed(known, lagrangeAt(x, points)), compute(Math.exp(middle + half * x))));
      if (worst > INTERPOLATION) break;
    }
    if (worst > INTERPOLATION) continue;
    const rows = cell.map((s) => mixed(known, lagrangeAt((Math.log(s) - middle) / half, points)));
    return { rows, error: error + 2 * worst, points: count, tails: known };
  }
  const rows = cell.map(compute);
  return { rows, error, points: cell.length === 1 ? 1 : Infinity, tails: rows };
}

/**
 * The table of g at the given distinct standard deviations, of at least `least` terms: two tables summed together need the same.
 * @param pieces of g where it is piecewise polynomial: its coefficients are then closed
 */
export function hermiteTable(g: ScalarFunction, p: Parameters, stds: readonly number[], least: number, pieces: Pieces | null): HermiteTable {
  const rows: Projection[] = new Array(stds.length);
  const tails: [number, number][] = new Array(stds.length);
  const place = new Map(stds.map((s, i) => [s, i]));
  const tailsOf = (from: Projection[]): [number, number] => [
    Math.max(...from.map((t) => tailOf(t.c, t.square, TERMS))),
    Math.max(...from.map((t) => tailOf(t.d, t.slopeSquare, TERMS))),
  ];
  let error = 0;
  let points = 1;
  const put = (s: number, row: Projection, tail: [number, number]): void => {
    rows[place.get(s)!] = row;
    tails[place.get(s)!] = tail;
  };
  const left: number[] = [];
  for (const s of stds) {
    const row = pieces && s > 0 ? projectPieces(pieces, s, TERMS) : null;
    if (row) put(s, row, tailsOf([row]));
    else left.push(s);
  }
  // The bound on what two rows leave out holds where both leave it out from the same term on.
  const cells = [...left.filter((s) => s === 0).map((s) => [s]), ...cellsOf(left.filter((s) => s > 0).sort((x, y) => x - y))];
  const panels = cells.map((cell) => panelsFor(g, p, cell));
  const terms = left.length < stds.length ? TERMS : Math.max(least, ...panels.map((c) => c.terms));
  cells.forEach((cell, i) => {
    const done = projectCell(g, p, cell, panels[i]!, terms);
    error = Math.max(error, done.error);
    points = Math.max(points, done.points);
    const shared = done.points === Infinity ? null : tailsOf(done.tails);
    cell.forEach((s, m) => put(s, done.rows[m]!, shared ?? tailsOf([done.rows[m]!])));
  });
  const table: HermiteTable = {
    terms, error, points,
    value: new Float64Array(stds.length * terms),
    slope: new Float64Array(stds.length * terms),
    valueSquare: Float64Array.from(rows, (r) => Math.max(0, r.square)),
    slopeSquare: Float64Array.from(rows, (r) => Math.max(0, r.slopeSquare)),
    valueTail: Float64Array.from(tails, (t) => t[0]),
    slopeTail: Float64Array.from(tails, (t) => t[1]),
  };
  rows.forEach(({ c, d }, i) => {
    table.value.set(c, i * terms);
    table.slope.set(d, i * terms);
  });
  return table;
}
