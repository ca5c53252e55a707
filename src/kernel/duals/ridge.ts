// A phase-equivariant dual near |rho| = 1, where both radii run together: panels in their mean and their difference, with their error.
import { scaledBesselTriple } from '../bessel.ts';
import { breaksWithin, checkedRule, legendreRule, thinnedBreaks, type CheckedRule } from '../quadrature.ts';

/** Functions f_0, f_1, ... of the radius, each with its angular order m = 0, 1 or 2. */
export interface RadialParts {
  orders: number[];
  /** f(r) of every part into out. */
  evaluate(r: number, out: Float64Array): void;
  /** Radii where a part or its slope jumps. */
  kinks: number[];
  /** Ends of panels on which every part is a polynomial to the last digits; kinks among them. */
  panels: number[];
  /** Every part is zero below the first kink. */
  silent: boolean;
}

const REACH = 6.2; // e^{-6.2^2} < 2e-17
const FINE = 44;

/** Chebyshev points on [-1, 1] for a smooth function of the difference, and from their values those at the fine Gauss points. */
interface Lattice {
  points: Float64Array;
  /** [point][fine node]: Lagrange polynomials times the Gauss weights. */
  weights: Float64Array;
}

const fineRule = legendreRule(FINE);
const lattices = new Map<number, Lattice>();
function lattice(n: number): Lattice {
  const found = lattices.get(n);
  if (found) return found;
  const points = Float64Array.from({ length: n }, (_, k) => Math.cos((Math.PI * (k + 0.5)) / n));
  const weights = new Float64Array(n * FINE);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < FINE; k++) {
      let l = fineRule.weights[k]!;
      for (let j = 0; j < n; j++) if (j !== i) l *= (fineRule.nodes[k]! - points[j]!) / (points[i]! - points[j]!);
      weights[i * FINE + k] = l;
    }
  }
  const made = { points, weights };
  lattices.set(n, made);
  return made;
}

interface RidgeRules {
  /** Gauss rule of a panel of the mean. */
  mean: CheckedRule;
  /** What is added to the points of a panel of the difference. */
  more: number;
}

/** Each is tried where the one before leaves too much. */
const RULES: RidgeRules[] = [{ mean: checkedRule(12), more: 2 }, { mean: checkedRule(20), more: 9 }];
const ENOUGH = 5e-10; // the highest coefficients overstate the error some ten times

/**
 * F_m[f](a, b, r) for every part, where
 * F_m = 4/(1-r^2) iint f(a s) f(b t) I_m(2 r s t/(1-r^2)) exp(-(s^2+t^2)/(1-r^2)) s t ds dt:
 * with s = x + D/2, t = x - D/2, D = w y, w^2 = 1-r^2 the exponent is -y^2 - 2 s t/(1+r), and nothing narrow is left in x.
 * For given y the integral over x breaks where either factor does; as a function of y it breaks where two such places meet.
 * @param gap 1 - r > 0, which may be far below the rounding of r
 * @returns the error as the highest coefficients on each panel tell it, relative to the first part, and of the others to the sum of their moduli
 */
export function ridge(parts: RadialParts, a: number, b: number, gap: number, out: Float64Array): number {
  let error = 0;
  for (const rules of RULES) {
    error = ridgeBy(parts, a, b, gap, rules, out);
    if (error <= ENOUGH) break;
  }
  return error;
}

function ridgeBy(parts: RadialParts, a: number, b: number, gap: number, rules: RidgeRules, out: Float64Array): number {
  const count = parts.orders.length;
  const r = 1 - gap;
  const w = Math.sqrt(gap * (1 + r));
  out.fill(0);
  const ys: number[] = [];
  for (const k of parts.kinks) {
    ys.push(k / a / w, -k / b / w);
    for (const l of parts.kinks) ys.push((k / a - l / b) / w);
  }
  if (!parts.silent) {
    ys.push(0);
    // A bend near the origin, far narrower than the ridge.
    for (const std of [a, b]) for (let d = (2 * parts.panels[1]!) / std / w; d < 1; d *= 4) ys.push(d, -d);
  }
  const yBreaks = breaksWithin(-REACH, REACH, ys);
  const sum = new Float64Array(2 * count);
  const errors = new Float64Array(count);
  const last = new Float64Array(2 * count);
  for (let panel = 0; panel + 1 < yBreaks.length; panel++) {
    const [y0, y1] = [yBreaks[panel]!, yBreaks[panel + 1]!];
    const half = (y1 - y0) / 2;
    const middle = (y0 + y1) / 2;
    const span = 2 * half * (parts.silent ? w : 1);
    const n = (span < 0.02 ? 4 : span < 0.1 ? 6 : span < 0.4 ? 8 : span < 1 ? 11 : span < 3 ? 15 : 18) + rules.more;
    const { points, weights } = lattice(n);
    const bell = fineRule.nodes.map((u) => half * Math.exp(-((middle + half * u) ** 2)));
    const area = bell.reduce((total, value, k) => total + value * fineRule.weights[k]!, 0);
    last.fill(0);
    for (let i = 0; i < n; i++) {
      let weight = 0;
      for (let k = 0; k < FINE; k++) weight += weights[i * FINE + k]! * bell[k]!;
      overMean(parts, a, b, r, w, w * (middle + half * points[i]!), rules.mean, sum);
      const sign = i % 2 ? -1 : 1;
      const sine = sign * Math.sin((Math.PI * (i + 0.5)) / n); // cos((n-1) theta)
      const double = sign * Math.sin((Math.PI * (2 * i + 1)) / n); // cos((n-2) theta)
      for (let v = 0; v < count; v++) {
        out[v]! += weight * sum[v]!;
        errors[v]! += Math.abs(weight) * sum[count + v]!;
        last[v]! += sine * sum[v]!;
        last[count + v]! += double * sum[v]!;
      }
    }
    for (let v = 0; v < count; v++) errors[v]! += (area / n) * Math.max(Math.abs(last[v]!), Math.abs(last[count + v]!) / 4);
  }
  const derivatives = out.subarray(1).reduce((total, value) => total + Math.abs(value), 0);
  let error = 0;
  for (let v = 0; v < count; v++) {
    const scale = v === 0 ? Math.abs(out[0]!) : derivatives;
    if (scale > 0) error = Math.max(error, errors[v]! / scale);
  }
  return error;
}

const bessel = new Float64Array(3);
const left = new Float64Array(3);
const right = new Float64Array(3);
const highest = new Float64Array(9);

/** The integral over x = (s + t)/2 at s - t = D of every part, then their errors. */
function overMean(parts: RadialParts, a: number, b: number, r: number, w: number, D: number, rule: CheckedRule, out: Float64Array): void {
  const { orders, evaluate } = parts;
  const count = orders.length;
  out.fill(0);
  const low = Math.abs(D) / 2;
  const breaks = meanBreaks(parts, a, b, w, D, low);
  const steep = 2 / (1 + r);
  const argument = (2 * r) / (w * w);
  for (let panel = 0; panel + 1 < breaks.length; panel++) {
    const half = (breaks[panel + 1]! - breaks[panel]!) / 2;
    const middle = (breaks[panel + 1]! + breaks[panel]!) / 2;
    highest.fill(0);
    for (let i = 0; i < rule.nodes.length; i++) {
      const x = middle + half * rule.nodes[i]!;
      const s = x + D / 2;
      const t = x - D / 2;
      const product = s * t;
      const common = half * product * Math.exp(-steep * product) * (4 / w);
      scaledBesselTriple(argument * product, bessel);
      evaluate(a * s, left);
      evaluate(b * t, right);
      const weight = rule.weights[i]!;
      for (let v = 0; v < count; v++) {
        const value = common * bessel[orders[v]!]! * left[v]! * right[v]!;
        out[v]! += weight * value;
        highest[3 * v]! += rule.last[i]! * value;
        highest[3 * v + 1]! += rule.lastButOne[i]! * value;
        highest[3 * v + 2] = Math.max(highest[3 * v + 2]!, Math.abs(value));
      }
    }
    for (let v = 0; v < count; v++) {
      const scale = highest[3 * v + 2]!;
      if (scale > 0) out[count + v]! += (highest[3 * v]! ** 2 + highest[3 * v + 1]! ** 2) / scale;
    }
  }
}

/** Kinks of both factors, and between them panels short enough for the parts, the Gaussian and the origin's neighbourhood. */
function meanBreaks(parts: RadialParts, a: number, b: number, w: number, D: number, low: number): number[] {
  let from = low;
  if (parts.silent) from = Math.max(low, parts.kinks[0]! / a - D / 2, parts.kinks[0]! / b + D / 2);
  const top = Math.sqrt(REACH * REACH + from * from);
  const hard: number[] = [from];
  for (const k of parts.kinks) {
    const [p, q] = [k / a - D / 2, k / b + D / 2];
    if (p > from && p < top) hard.push(p);
    if (q > from && q < top) hard.push(q);
  }
  hard.push(top);
  hard.sort((p, q) => p - q);
  const soft: number[] = [0.8, 1.8, 3, 4.4].filter((x) => from < 1 || x > from);
  for (let x = Math.max(4.4, from) + 1; x < top; x += 1.2) if (from > 1) soft.push(x - 0.9);
  for (let d = low + 2 * w; d < 0.8; d *= 3) soft.push(d);
  for (const k of parts.panels) {
    const [p, q] = [k / a - D / 2, k / b + D / 2];
    if (p > from && p < 4.4) soft.push(p);
    if (q > from && q < 4.4) soft.push(q);
  }
  return thinnedBreaks(hard, soft);
}
