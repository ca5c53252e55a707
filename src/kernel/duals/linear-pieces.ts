// Scalars that are linear between their kinks, recognised by their values, and their duals near |c| = 1 in closed form. Knows no series.
import type { Parameters, ScalarFunction } from '../../catalog/activations/activation.ts';
import { density, quadrantNearOne, upperTail, type Quadrant } from './bivariate-normal.ts';
import type { TwoSlopes } from './closed-scalars.ts';

/** side (x - at) > 0 where the bend's part is not 0: `jump` there, and `slope` times the distance. */
interface Bend {
  side: 1 | -1;
  /** side * kink >= 0. */
  at: number;
  jump: number;
  slope: number;
}

/** g(x) = constant + slope x + sum of bends, the line being the piece at (or right of) 0. */
export interface LinearPieces {
  zero: boolean;
  /** Where g is linear on each side of 0 and vanishes there. */
  slopes: TwoSlopes | null;
  constant: number;
  slope: number;
  bends: Bend[];
}

const ROUNDING = 1e-13;

/** Constant and slope of g on (low, high), or null where it is not linear there. */
function lineOf(g: ScalarFunction, p: Parameters, low: number, high: number): { constant: number; slope: number } | null {
  const width = high - low;
  const points: number[] = [];
  if (Number.isFinite(width)) for (const u of [0.01, 0.1, 0.23, 0.38, 0.5, 0.67, 0.81, 0.93, 0.99]) points.push(low + u * width);
  else for (const u of [0.01, 0.1, 0.3, 0.7, 1, 1.7, 3.1, 5.3, 9.7, 30, 300]) points.push(Number.isFinite(low) ? low + u : Number.isFinite(high) ? high - u : u, ...(Number.isFinite(low) || Number.isFinite(high) ? [] : [-u]));
  const slope = g.derivative(points[4]!, p);
  const constant = g.value(points[4]!, p) - slope * points[4]!;
  for (const x of points) {
    if (Math.abs(g.derivative(x, p) - slope) > ROUNDING * Math.abs(slope)) return null;
    if (!(Math.abs(g.value(x, p) - slope * x - constant) <= ROUNDING * (Math.abs(slope * x) + Math.abs(constant) + Math.abs(slope)))) return null;
  }
  return { constant: Math.abs(constant) <= ROUNDING * Math.abs(slope) ? 0 : constant, slope };
}

/** The pieces of g, or null where it is not piecewise linear. */
export function linearPieces(g: ScalarFunction, p: Parameters): LinearPieces | null {
  const kinks = [...new Set(g.kinks(p))].sort((x, y) => x - y);
  const lines: { constant: number; slope: number }[] = [];
  for (let i = 0; i <= kinks.length; i++) {
    const line = lineOf(g, p, i === 0 ? -Infinity : kinks[i - 1]!, i === kinks.length ? Infinity : kinks[i]!);
    if (!line) return null;
    lines.push(line);
  }
  const home = kinks.filter((t) => t <= 0).length;
  const bends: Bend[] = [];
  kinks.forEach((t, i) => {
    const side = i >= home ? 1 : -1;
    const [inner, outer] = side === 1 ? [lines[i]!, lines[i + 1]!] : [lines[i + 1]!, lines[i]!];
    const change = outer.slope - inner.slope;
    const jump = outer.constant - inner.constant + change * t;
    const scale = Math.abs(outer.constant) + Math.abs(inner.constant) + (Math.abs(outer.slope) + Math.abs(inner.slope)) * Math.abs(t);
    bends.push({ side, at: side * t, jump: Math.abs(jump) <= 4 * ROUNDING * scale ? 0 : jump, slope: side * change });
  });
  const { constant, slope } = lines[home]!;
  const only = bends.length === 1 && bends[0]!.at === 0 && bends[0]!.jump === 0 ? bends[0]! : null;
  return {
    zero: constant === 0 && slope === 0 && bends.every((b) => b.jump === 0 && b.slope === 0),
    slopes: constant !== 0 || (bends.length > 0 && !only) ? null : { right: slope, left: only ? slope - only.slope : slope },
    constant, slope,
    bends: bends.filter((b) => b.jump !== 0 || b.slope !== 0),
  };
}

/** k and kd, and the sums of the moduli of the terms they were added from, which bound the rounding. */
export interface LinearDual {
  k: number;
  kd: number;
  kSize: number;
  kdSize: number;
}

const corner: Quadrant = { both: 0, atH: 0, atK: 0, corner: 0 };

/** The dual of f at standard deviation a and g at b, both > 0, for 0.8 < |c| <= 1. */
export function linearDualNearOne(f: LinearPieces, g: LinearPieces, a: number, b: number, c: number, out: LinearDual): void {
  let k = f.constant * g.constant + f.slope * g.slope * a * b * c;
  let kSize = Math.abs(f.constant * g.constant) + Math.abs(f.slope * g.slope * a * b);
  let kd = f.slope * g.slope;
  let kdSize = Math.abs(kd);
  const add = (value: number, slope: number, size: number): void => {
    k += value;
    kd += slope;
    kSize += size;
    kdSize += Math.abs(slope);
  };
  // A line of one against the bends of the other.
  for (const [line, own, other, bends] of [[f, a, b, g.bends], [g, b, a, f.bends]] as const) {
    for (const { side, at, jump, slope } of bends) {
      const t = at / other;
      const q = upperTail(t);
      const d = density(t);
      const through = line.slope * own * c * side;
      const [whole, distance] = [jump * q, slope * other * (d - t * q)];
      add(line.constant * (whole + distance) + through * (jump * d + slope * other * q), line.slope * slope * side * q,
        Math.abs(line.constant) * (Math.abs(whole) + Math.abs(slope) * other * d) + Math.abs(through) * (Math.abs(jump) * d + Math.abs(slope) * other * q));
    }
  }
  for (const u of f.bends) {
    for (const v of g.bends) {
      const [h, t] = [u.at / a, v.at / b];
      const r = c * u.side * v.side;
      quadrantNearOne(h, t, r, corner);
      const { both, atH, atK, corner: D } = corner;
      const bySlopes = u.slope * a * v.slope * b;
      const byLeft = u.slope * a * v.jump;
      const byRight = u.jump * v.slope * b;
      // E (X-h)+ (Y-t)+, E (X-h)+ 1(Y>t), E 1(X>h) (Y-t)+.
      add(bySlopes * ((r + h * t) * both - t * atH - h * atK + D) + byLeft * (atH + r * atK - h * both) + byRight * (atK + r * atH - t * both) + u.jump * v.jump * both,
        u.slope * v.slope * u.side * v.side * both,
        Math.abs(bySlopes) * ((1 + h * t) * both + t * atH + h * atK + D) + (Math.abs(byLeft) + Math.abs(byRight)) * (atH + atK + (h + t) * both) + Math.abs(u.jump * v.jump) * both);
    }
  }
  out.k = k;
  out.kd = kd;
  out.kSize = kSize;
  out.kdSize = kdSize;
}
