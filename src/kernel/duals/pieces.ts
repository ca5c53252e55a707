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

/** k and kd, and the sums of the moduli of the terms they were added from, which bound the rounding. */
export interface PiecesDual {
  k: number;
  kd: number;
  kSize: number;
  kdSize: number;
}

const quadrant: Quadrant = { both: 0, atH: 0, atK: 0, corner: 0 };
/** E (X-h)+^p (Y-k)+^q at 3p + q, and bounds on the moduli of what they were added from. */
const moment = new Float64Array(9);
const size = new Float64Array(9);

/** Fills `moment` from the quadrant by Stein's identity: I_{p+1,q} = p I_{p-1,q} + c q I_{p,q-1} - h I_{p,q}, with the edges where p or q is 0. */
function quadrantMoments(h: number, k: number, c: number): void {
  quadrantNearOne(h, k, c, quadrant);
  const { both: L, atH: O, atK: P, corner: D } = quadrant;
  const edgeK = D - (k - c * h) * O; // density(h) E[(Y-k)+ | X = h]
  const edgeH = D - (h - c * k) * P;
  moment[0] = L;
  moment[3] = O + c * P - h * L;
  moment[1] = P + c * O - k * L;
  moment[4] = (c + h * k) * L - k * O - h * P + D;
  moment[6] = L + c * edgeH - h * moment[3];
  moment[2] = L + c * edgeK - k * moment[1];
  moment[7] = moment[1] + c * moment[3] - h * moment[4];
  moment[5] = moment[3] + c * moment[1] - k * moment[4];
  moment[8] = moment[2] + 2 * c * moment[4] - h * moment[5];
  const [H, K, E] = [Math.abs(h), Math.abs(k), D + O + P];
  size[0] = L;
  size[3] = E + H * L;
  size[1] = E + K * L;
  size[4] = (1 + H * K) * L + (1 + H + K) * E;
  size[6] = L + (1 + H + K) * E + H * size[3];
  size[2] = L + (1 + H + K) * E + K * size[1];
  size[7] = size[1] + size[3] + H * size[4];
  size[5] = size[1] + size[3] + K * size[4];
  size[8] = size[2] + 2 * size[4] + H * size[5];
}

const edge = new Float64Array(5); // E (Y-t)+^q
const edgeSize = new Float64Array(5);

function edgeMoments(t: number): void {
  const [q, d] = [upperTail(t), density(t)];
  edge[0] = q;
  edge[1] = d - t * q;
  edge[2] = (1 + t * t) * q - t * d;
  edge[3] = 2 * edge[1] - t * edge[2];
  edge[4] = 3 * edge[2] - t * edge[3];
  edgeSize[0] = q;
  edgeSize[1] = d + t * q;
  edgeSize[2] = (1 + t * t) * q + t * d;
  edgeSize[3] = 2 * edgeSize[1] + t * edgeSize[2];
  edgeSize[4] = 3 * edgeSize[2] + t * edgeSize[3];
}

/** k and kd of f at standard deviation a and g at b, both > 0, for 0.8 < |c| <= 1. */
export function piecesDualNearOne(f: Pieces, g: Pieces, a: number, b: number, c: number, out: PiecesDual): void {
  const [aa, bb] = [a * a, b * b];
  let k = f.constant * g.constant + f.slope * g.slope * a * b * c + f.curve * g.curve * aa * bb * (1 + 2 * c * c) + f.constant * g.curve * bb + f.curve * g.constant * aa;
  let kSize = Math.abs(f.constant * g.constant) + Math.abs(f.slope * g.slope * a * b) + 3 * Math.abs(f.curve * g.curve * aa * bb) + Math.abs(f.constant * g.curve * bb) + Math.abs(f.curve * g.constant * aa);
  let kd = f.slope * g.slope + 4 * f.curve * g.curve * a * b * c;
  let kdSize = Math.abs(f.slope * g.slope) + 4 * Math.abs(f.curve * g.curve * a * b);
  // The polynomial of one against the bends of the other: E[X psi] = c E[Y psi], E[X^2 psi] = E[psi] + c^2 E[(Y^2 - 1) psi].
  for (let turn = 0; turn < 2; turn++) {
    const [line, own, other, bends] = turn === 0 ? [f, a, b, g.bends] : [g, b, a, f.bends];
    for (const { side, at, jump, slope, curve } of bends) {
      const t = at / other;
      edgeMoments(t);
      const r = c * side;
      // psi = jump + slope d + curve d^2 in units of Y, and its derivative: side (slope + 2 curve d).
      const [p0, p1, p2] = [jump, slope * other, curve * other * other];
      const [q0, q1] = [side * slope, side * 2 * curve * other];
      const [l0, l1, l2] = [line.constant, line.slope * own, line.curve * own * own];
      const [m0, m1] = [line.slope, 2 * line.curve * own];
      const by = (w0: number, w1: number, w2: number, power: number, e: Float64Array, sign: number): number => {
        const at = (q: number): number => (power === 0 ? e[q]! : power === 1 ? e[q + 1]! + sign * t * e[q]! : e[q + 2]! + 2 * t * e[q + 1]! + t * t * e[q]!);
        return w0 * at(0) + w1 * at(1) + (w2 === 0 ? 0 : w2 * at(2));
      };
      const value = by(p0, p1, p2, 0, edge, 1);
      k += l0 * value + l1 * r * by(p0, p1, p2, 1, edge, 1) + (l2 === 0 ? 0 : l2 * (value * (1 - r * r) + r * r * by(p0, p1, p2, 2, edge, 1)));
      kd += m0 * by(q0, q1, 0, 0, edge, 1) + m1 * r * by(q0, q1, 0, 1, edge, 1);
      const [P0, P1, P2, Q0, Q1] = [Math.abs(p0), Math.abs(p1), Math.abs(p2), Math.abs(q0), Math.abs(q1)];
      kSize += Math.abs(l0) * by(P0, P1, P2, 0, edgeSize, 1) + Math.abs(l1) * by(P0, P1, P2, 1, edgeSize, 1) + (l2 === 0 ? 0 : Math.abs(l2) * (by(P0, P1, P2, 0, edgeSize, 1) + by(P0, P1, P2, 2, edgeSize, 1)));
      kdSize += Math.abs(m0) * by(Q0, Q1, 0, 0, edgeSize, 1) + Math.abs(m1) * by(Q0, Q1, 0, 1, edgeSize, 1);
    }
  }
  for (const u of f.bends) {
    for (const v of g.bends) {
      const [h, t] = [u.at / a, v.at / b];
      const turn = u.side * v.side;
      const r = c * turn;
      // Both beyond their kinks: X + Y > h + t, of variance 2 (1 + r).
      if (r < 0 && (h + t) * (h + t) > 180 * (1 + r) && h + t > 0) continue;
      quadrantMoments(h, t, r);
      const [u0, u1, u2] = [u.jump, u.slope * a, u.curve * aa];
      const [v0, v1, v2] = [v.jump, v.slope * b, v.curve * bb];
      const [x0, x1] = [u.slope, 2 * u.curve * a];
      const [y0, y1] = [v.slope, 2 * v.curve * b];
      k += u0 * (v0 * moment[0]! + v1 * moment[1]! + v2 * moment[2]!) + u1 * (v0 * moment[3]! + v1 * moment[4]! + v2 * moment[5]!) + u2 * (v0 * moment[6]! + v1 * moment[7]! + v2 * moment[8]!);
      kd += turn * (x0 * (y0 * moment[0]! + y1 * moment[1]!) + x1 * (y0 * moment[3]! + y1 * moment[4]!));
      const [U0, U1, U2, V0, V1, V2] = [Math.abs(u0), Math.abs(u1), Math.abs(u2), Math.abs(v0), Math.abs(v1), Math.abs(v2)];
      kSize += U0 * (V0 * size[0]! + V1 * size[1]! + V2 * size[2]!) + U1 * (V0 * size[3]! + V1 * size[4]! + V2 * size[5]!) + U2 * (V0 * size[6]! + V1 * size[7]! + V2 * size[8]!);
      kdSize += Math.abs(x0) * (Math.abs(y0) * size[0]! + Math.abs(y1) * size[1]!) + Math.abs(x1) * (Math.abs(y0) * size[3]! + Math.abs(y1) * size[4]!);
    }
  }
  out.k = k;
  out.kd = kd;
  out.kSize = kSize;
  out.kdSize = kdSize;
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

/**
 * With Q the upper tail, phi the density and h = kink / s: E[he_n 1(X > h)] = he_{n-1}(h) phi(h) / sqrt(n), and each power of (X-h)+ more
 * divides by the next root down: E[he_n (X-h)+] = he_{n-2}(h) phi(h) / sqrt(n (n-1)), E[he_n (X-h)+^2] = 2 he_{n-3}(h) phi(h) / sqrt(n (n-1) (n-2)).
 * Null where the squares cancel.
 */
export function projectPieces(g: Pieces, s: number, terms: number): PiecesProjection | null {
  const own: PiecesDual = { k: 0, kd: 0, kSize: 0, kdSize: 0 };
  piecesDualNearOne(g, g, s, s, 1, own);
  if (own.kSize > CANCELLED * own.k || own.kdSize > CANCELLED * own.kd) return null;
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
  return { c, d, square: own.k, slopeSquare: own.kd };
}
