// Scalars that are polynomials of degree two or less between their kinks, recognised by their values: their Hermite coefficients,
// and their duals near |c| = 1, in closed form.
import type { Parameters, ScalarFunction } from '../../catalog/activations/activation.ts';
import { density, quadrantNearOne, upperTail, type Quadrant } from './bivariate-normal.ts';
import type { TwoSlopes } from './closed-scalars.ts';

/** On the side of a kink away from 0, with d = side x - at > 0, the part jump + slope d + curve d^2, and 0 on the other side. */
interface Bend {
  side: 1 | -1;
  /** side * kink >= 0. */
  at: number;
  jump: number;
  slope: number;
  curve: number;
}

/** g(x) = constant + slope x + curve x^2 + sum of bends, the polynomial being the piece at (or right of) 0. */
export interface Pieces {
  zero: boolean;
  /** Where g is linear on each side of 0 and vanishes there. */
  slopes: TwoSlopes | null;
  constant: number;
  slope: number;
  curve: number;
  bends: Bend[];
}

interface Parabola {
  constant: number;
  slope: number;
  curve: number;
}

const ROUNDING = 1e-13;
const WITHIN = [0.01, 0.1, 0.23, 0.38, 0.5, 0.67, 0.81, 0.93, 0.99];
const BEYOND = [0.01, 0.1, 0.3, 0.7, 1, 1.7, 3.1, 5.3, 9.7, 30, 300];

/** g as a parabola on (low, high), or null where it is none. */
function parabolaOf(g: ScalarFunction, p: Parameters, low: number, high: number): Parabola | null {
  const points = Number.isFinite(low) && Number.isFinite(high) ? WITHIN.map((u) => low + u * (high - low))
    : Number.isFinite(low) ? BEYOND.map((u) => low + u)
      : Number.isFinite(high) ? BEYOND.map((u) => high - u)
        : [...BEYOND, ...BEYOND.map((u) => -u)];
  const [x, y] = [points[0]!, points[points.length >> 1]!];
  let curve = (g.derivative(y, p) - g.derivative(x, p)) / (y - x) / 2;
  if (Math.abs(curve) * (Math.abs(x) + Math.abs(y)) <= ROUNDING * Math.abs(g.derivative(x, p))) curve = 0;
  const slope = g.derivative(x, p) - 2 * curve * x;
  const constant = g.value(x, p) - slope * x - curve * x * x;
  for (const t of points) {
    const size = Math.abs(slope * t) + Math.abs(constant) + Math.abs(curve * t * t);
    if (!(Math.abs(g.derivative(t, p) - slope - 2 * curve * t) <= ROUNDING * (Math.abs(slope) + Math.abs(curve * t)))) return null;
    if (!(Math.abs(g.value(t, p) - slope * t - constant - curve * t * t) <= ROUNDING * (size + Math.abs(slope)))) return null;
  }
  const snapped = (value: number, size: number): number => (Math.abs(value) <= ROUNDING * size ? 0 : value);
  return { constant: snapped(constant, Math.abs(slope) + Math.abs(curve)), slope: snapped(slope, Math.abs(curve)), curve };
}

/** The pieces of g, or null where it has other ones. */
export function piecesOf(g: ScalarFunction, p: Parameters): Pieces | null {
  const kinks = [...new Set(g.kinks(p))].sort((x, y) => x - y);
  const parabolas: Parabola[] = [];
  for (let i = 0; i <= kinks.length; i++) {
    const one = parabolaOf(g, p, i === 0 ? -Infinity : kinks[i - 1]!, i === kinks.length ? Infinity : kinks[i]!);
    if (!one) return null;
    parabolas.push(one);
  }
  const home = kinks.filter((t) => t <= 0).length;
  const bends = kinks.map((t, i): Bend => {
    const side = i >= home ? 1 : -1;
    const [inner, outer] = side === 1 ? [parabolas[i]!, parabolas[i + 1]!] : [parabolas[i + 1]!, parabolas[i]!];
    const size = (q: Parabola): number => Math.abs(q.constant) + Math.abs(q.slope * t) + Math.abs(q.curve * t * t);
    const steepness = (q: Parabola): number => Math.abs(q.slope) + 2 * Math.abs(q.curve * t);
    const curve = outer.curve - inner.curve;
    const slope = outer.slope - inner.slope + 2 * curve * t;
    const jump = outer.constant - inner.constant + (outer.slope - inner.slope) * t + curve * t * t;
    const snapped = (value: number, of: number): number => (Math.abs(value) <= 4 * ROUNDING * of ? 0 : value);
    return { side, at: side * t, jump: snapped(jump, size(outer) + size(inner)), slope: side * snapped(slope, steepness(outer) + steepness(inner)), curve };
  }).filter((b) => b.jump !== 0 || b.slope !== 0 || b.curve !== 0);
  const { constant, slope, curve } = parabolas[home]!;
  const only = bends.length === 1 && bends[0]!.at === 0 && bends[0]!.jump === 0 && bends[0]!.curve === 0 ? bends[0]! : null;
  return {
    zero: constant === 0 && slope === 0 && curve === 0 && bends.length === 0,
    slopes: constant !== 0 || curve !== 0 || (bends.length > 0 && !only) ? null : { right: slope, left: only ? slope - only.slope : slope },
    constant, slope, curve, bends,
  };
}

/** One bend at one standard deviation: what its part is in units of the unit normal Y, psi(Y) = jump + slope d + curve d^2 with d = side Y - h > 0. */
interface BendAt {
  side: 1 | -1;
  h: number;
  density: number;
  tail: number;
  jump: number;
  slope: number;
  curve: number;
  /** The derivative's: side (derivative + steepening d). */
  derivative: number;
  steepening: number;
}

/** Pieces at one standard deviation. */
export interface PiecesAt {
  bends: BendAt[];
  /** The polynomial in units of the unit normal, and its derivative. */
  constant: number;
  slope: number;
  curve: number;
  derivative: number;
  steepening: number;
  /** Sums over the bends of E psi, E[Y psi], E[(Y^2 - 1) psi], and of E psi', E[Y psi']. */
  mean: number;
  first: number;
  second: number;
  derivativeMean: number;
  derivativeFirst: number;
  /** E g^2 and E g'^2, and roots of the sums of moduli these were added from. */
  square: number;
  slopeSquare: number;
  size: number;
  slopeSize: number;
}

/** E d^q 1(d > 0) for d = Y - t, q = 0..4. */
const edge = new Float64Array(5);

function edgeMoments(t: number): void {
  const [q, d] = [upperTail(t), density(t)];
  edge[0] = q;
  edge[1] = d - t * q;
  edge[2] = (1 + t * t) * q - t * d;
  edge[3] = 2 * edge[1] - t * edge[2];
  edge[4] = 3 * edge[2] - t * edge[3];
}

/** g's pieces at standard deviation s > 0. */
export function piecesAt(g: Pieces, s: number): PiecesAt {
  const out: PiecesAt = {
    bends: g.bends.map(({ side, at, jump, slope, curve }) => ({
      side, h: at / s, density: density(at / s), tail: upperTail(at / s), jump, slope: slope * s, curve: curve * s * s, derivative: slope, steepening: 2 * curve * s,
    })),
    constant: g.constant, slope: g.slope * s, curve: g.curve * s * s, derivative: g.slope, steepening: 2 * g.curve * s,
    mean: 0, first: 0, second: 0, derivativeMean: 0, derivativeFirst: 0, square: 0, slopeSquare: 0,
    size: Math.abs(g.constant) + Math.abs(g.slope * s) + 2 * Math.abs(g.curve * s * s), slopeSize: Math.abs(g.slope) + 2 * Math.abs(g.curve * s),
  };
  for (const { side, h, density: d, tail, jump, slope, curve, derivative, steepening } of out.bends) {
    edgeMoments(h);
    const [m0, m1, m2, m3, m4] = edge as unknown as [number, number, number, number, number];
    out.mean += jump * m0 + slope * m1 + curve * m2;
    out.first += side * (jump * (m1 + h * m0) + slope * (m2 + h * m1) + curve * (m3 + h * m2));
    out.second += jump * (m2 + 2 * h * m1 + (h * h - 1) * m0) + slope * (m3 + 2 * h * m2 + (h * h - 1) * m1) + curve * (m4 + 2 * h * m3 + (h * h - 1) * m2);
    out.derivativeMean += side * (derivative * m0 + steepening * m1);
    out.derivativeFirst += derivative * (m1 + h * m0) + steepening * (m2 + h * m1);
    // What E d^2 and E d^4 are added from.
    const [twice, fourth] = [(1 + h * h) * tail + h * d, (3 + 6 * h * h + h ** 4) * tail + (5 * h + h ** 3) * d];
    out.size += Math.abs(jump) * Math.sqrt(tail) + Math.abs(slope) * Math.sqrt(twice) + Math.abs(curve) * Math.sqrt(fourth);
    out.slopeSize += Math.abs(derivative) * Math.sqrt(tail) + Math.abs(steepening) * Math.sqrt(twice);
  }
  const own = { k: 0, kd: 0 };
  piecesDualNearOne(out, out, 1, own);
  out.square = own.k;
  out.slopeSquare = own.kd;
  return out;
}

const quadrant: Quadrant = { both: 0, atH: 0, atK: 0, corner: 0 };

/** E (X-h)+^p (Y-k)+^q of one quadrant, named by p and q; kept, for the quadrants of g's kinks at +-t are equal. */
interface Moments {
  h: number;
  k: number;
  c: number;
  i00: number; i01: number; i10: number; i11: number;
  i02: number; i20: number; i12: number; i21: number; i22: number;
}
const newMoments = (): Moments => ({ h: NaN, k: NaN, c: NaN, i00: 0, i01: 0, i10: 0, i11: 0, i02: 0, i20: 0, i12: 0, i21: 0, i22: 0 });
const likeSides = newMoments();
const unlikeSides = newMoments();

/** The moments by Stein's identity: I_{p+1,q} = p I_{p-1,q} + c q I_{p,q-1} - h I_{p,q}, with the edges where p or q is 0. */
function quadrantMoments(u: BendAt, v: BendAt, c: number, out: Moments): void {
  const h = u.h;
  const k = v.h;
  out.h = h;
  out.k = k;
  out.c = c;
  quadrantNearOne(h, k, c, u, v, quadrant);
  const { both: L, atH: O, atK: P, corner: D } = quadrant;
  out.i00 = L;
  out.i10 = O + c * P - h * L;
  out.i01 = P + c * O - k * L;
  out.i11 = (c + h * k) * L - k * O - h * P + D;
  if (u.curve === 0 && v.curve === 0) return;
  out.i20 = L + c * (D - (h - c * k) * P) - h * out.i10;
  out.i02 = L + c * (D - (k - c * h) * O) - k * out.i01;
  out.i21 = out.i01 + c * out.i10 - h * out.i11;
  out.i12 = out.i10 + c * out.i01 - k * out.i11;
  out.i22 = out.i02 + 2 * c * out.i11 - h * out.i12;
}

/**
 * k and kd of two scalars at their standard deviations for 0.8 < |c| <= 1. A polynomial meets bends by E[X psi(Y)] = c E[Y psi],
 * E[X^2 psi(Y)] = E psi + c^2 E[(Y^2 - 1) psi], bends each other in quadrants. Rounding is within a few units of the products of `size`, `slopeSize`.
 */
export function piecesDualNearOne(f: PiecesAt, g: PiecesAt, c: number, out: { k: number; kd: number }): void {
  let k = f.constant * g.constant + f.slope * g.slope * c + f.curve * g.curve * (1 + 2 * c * c) + f.constant * g.curve + f.curve * g.constant;
  k += f.constant * g.mean + f.slope * c * g.first + f.curve * (g.mean + c * c * g.second);
  k += g.constant * f.mean + g.slope * c * f.first + g.curve * (f.mean + c * c * f.second);
  let kd = f.derivative * g.derivative + f.steepening * g.steepening * c;
  kd += f.derivative * g.derivativeMean + f.steepening * c * g.derivativeFirst + g.derivative * f.derivativeMean + g.steepening * c * f.derivativeFirst;
  for (let i = 0; i < f.bends.length; i++) {
    const u = f.bends[i]!;
    for (let j = 0; j < g.bends.length; j++) {
      const v = g.bends[j]!;
      const turn = u.side * v.side;
      const r = c * turn;
      // Both beyond their kinks takes X + Y > h + t, of variance 2 (1 + r).
      if (r < 0 && (u.h + v.h) * (u.h + v.h) > 180 * (1 + r) && u.h + v.h > 0) continue;
      const m = turn === 1 ? likeSides : unlikeSides;
      if (m.h !== u.h || m.k !== v.h || m.c !== r) quadrantMoments(u, v, r, m);
      k += u.jump * v.jump * m.i00 + u.jump * v.slope * m.i01 + u.slope * v.jump * m.i10 + u.slope * v.slope * m.i11;
      kd += turn * (u.derivative * v.derivative * m.i00 + u.derivative * v.steepening * m.i01 + u.steepening * v.derivative * m.i10 + u.steepening * v.steepening * m.i11);
      if (u.curve !== 0 || v.curve !== 0) {
        k += u.jump * v.curve * m.i02 + u.curve * v.jump * m.i20 + u.slope * v.curve * m.i12 + u.curve * v.slope * m.i21 + u.curve * v.curve * m.i22;
      }
    }
  }
  out.k = k;
  out.kd = kd;
}

/** What the coefficients of g(s X) and g'(s X) in orthonormal Hermite polynomials are, and the squares E g^2, E g'^2. */
export interface PiecesProjection {
  c: Float64Array;
  d: Float64Array;
  square: number;
  slopeSquare: number;
}

/** Squares with more cancelled than this are left to quadrature: a function that is 0 but far out. */
const CANCELLED = 1e3;
const cancels = (at: PiecesAt): boolean => at.size * at.size > CANCELLED * at.square || at.slopeSize * at.slopeSize > CANCELLED * at.slopeSquare;

/**
 * With Q the upper tail, phi the density and h = kink / s: E[he_n 1(X > h)] = he_{n-1}(h) phi(h) / sqrt(n), and each power of (X-h)+ more
 * divides by the next root down: E[he_n (X-h)+] = he_{n-2}(h) phi(h) / sqrt(n (n-1)), E[he_n (X-h)+^2] = 2 he_{n-3}(h) phi(h) / sqrt(n (n-1) (n-2)).
 * Null where the squares cancel.
 */
export function projectPieces(g: Pieces, s: number, terms: number): PiecesProjection | null {
  const own = piecesAt(g, s);
  if (cancels(own)) return null;
  const c = new Float64Array(terms);
  const d = new Float64Array(terms);
  c[0] = g.constant + g.curve * s * s;
  c[1] = g.slope * s;
  c[2] = g.curve * s * s * Math.SQRT2;
  d[0] = g.slope;
  d[1] = 2 * g.curve * s;
  for (const { side, at, jump, slope, curve } of g.bends) {
    const h = at / s;
    edgeMoments(h);
    const [j0, j1, j2] = [jump, slope * s, curve * s * s];
    const [e0, e1] = [side * slope, side * 2 * curve * s];
    const root = Math.exp((-h * h) / 4) / (2 * Math.PI) ** 0.25;
    c[0]! += j0 * edge[0]! + j1 * edge[1]! + j2 * edge[2]!;
    d[0]! += e0 * edge[0]! + e1 * edge[1]!;
    // What is left below n = 1, 2 of each power: E[he_1 (X-h)+] = Q, E[he_1 (X-h)+^2] = 2 E(X-h)+, E[he_2 (X-h)+^2] = 2 Q / sqrt 2.
    c[1]! += side * (j1 * edge[0]! + 2 * j2 * edge[1]!);
    d[1]! += side * e1 * edge[0]!;
    c[2]! += j2 * Math.SQRT2 * edge[0]!;
    let p0 = 0;
    let p1 = root;
    let sign: number = side; // side^n
    for (let n = 1; n < terms; n++) {
      const p = (sign * p1 * root) / Math.sqrt(n); // he_{n-1}(h) phi(h) / sqrt(n) side^n, by way of the root so that it stays in range
      const next = side * p / Math.sqrt(n + 1);
      c[n]! += j0 * p;
      d[n]! += e0 * p;
      if (n + 1 < terms) {
        c[n + 1]! += j1 * next;
        d[n + 1]! += e1 * next;
      }
      if (n + 2 < terms) c[n + 2]! += (2 * j2 * side * next) / Math.sqrt(n + 2);
      const higher = (h * p1 - Math.sqrt(n - 1) * p0) / Math.sqrt(n);
      p0 = p1;
      p1 = higher;
      sign *= side;
    }
  }
  return { c, d, square: own.square, slopeSquare: own.slopeSquare };
}
