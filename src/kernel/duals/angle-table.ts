// The real dual of one range of standard deviations against another near |c| = 1, as polynomials in log a, log b and arccos c.
// For scalars that bend at 0 alone: in polar coordinates their dual is then analytic in the angle, 0 included. Knows no series.
import { chebyshevPoints, lagrangeAt } from './hermite.ts';
import { PLANE_TOLERANCE, planeRoute, planeValue, type PlaneSums, type PlaneValue, type ScalarPair } from './plane.ts';

/** Chebyshev terms in the angle. */
const DEGREES = 11;
/** Points in log std over one range, at most; a range of fewer standard deviations takes those themselves. */
const POINTS = 12;
/** A panel is kept where it meets the plane's integrals this closely at points between its own; else it is cut. */
const TOLERANCE = 2e-11;
/** Coefficients of this share of the largest are left out. */
const NOTHING = 2e-14;
const CHECKS = 10;
const DEPTH = 6;

/** A run of standard deviations: the points over it, and the Lagrange basis at each member. */
export interface StdRange {
  points: number[];
  /** basis[member * points.length + point]. */
  basis: Float64Array;
  members: number[];
  /** The standard deviation between points at 0 <= u <= 1, and its basis. */
  between(u: number): { std: number; basis: Float64Array };
}

export function stdRange(members: number[]): StdRange {
  if (members.length <= POINTS) {
    const basis = new Float64Array(members.length ** 2);
    members.forEach((_, i) => (basis[i * (members.length + 1)] = 1));
    return {
      points: members, basis, members,
      between(u) {
        const i = Math.min(members.length - 1, Math.floor(u * members.length));
        return { std: members[i]!, basis: basis.subarray(i * members.length, (i + 1) * members.length) };
      },
    };
  }
  const [low, high] = [Math.log(members[0]!), Math.log(members.at(-1)!)];
  const [middle, half] = [(low + high) / 2, (high - low) / 2];
  const cheb = chebyshevPoints(POINTS);
  const basis = new Float64Array(members.length * POINTS);
  members.forEach((s, i) => basis.set(lagrangeAt((Math.log(s) - middle) / half, cheb), i * POINTS));
  return {
    points: Array.from(cheb.nodes, (x) => Math.exp(middle + half * x)), basis, members,
    between: (u) => ({ std: Math.exp(middle + half * (2 * u - 1)), basis: lagrangeAt(2 * u - 1, cheb) }),
  };
}

/** Angles [low, high]: coefficients [point of a][point of b][degree], or two halves, or neither where no table holds. */
interface Panel {
  low: number;
  high: number;
  depth: number;
  state: 'unbuilt' | 'table' | 'cut' | 'none';
  k: Float64Array;
  kd: Float64Array;
  error: number;
  /** Degrees that are not below rounding. */
  degrees: number;
  below: Panel | null;
  above: Panel | null;
  /** Contraction with the basis of the left member met last: [point of b][degree]. */
  member: number;
  leftK: Float64Array;
  leftKd: Float64Array;
}

const newPanel = (low: number, high: number, depth: number): Panel => ({
  low, high, depth, state: 'unbuilt', k: new Float64Array(0), kd: new Float64Array(0), error: 0, degrees: DEGREES, below: null, above: null, member: -1, leftK: new Float64Array(0), leftKd: new Float64Array(0),
});

export interface AngleTable {
  pair: ScalarPair;
  left: StdRange;
  right: StdRange;
  /** sqrt(k_aa) at any standard deviation of the left range (side 0) or right, likewise of the derivative. */
  norm(a: number, b: number): { k: number; kd: number };
  root: Panel;
}

export function angleTable(pair: ScalarPair, left: StdRange, right: StdRange, norm: AngleTable['norm'], widest: number): AngleTable {
  return { pair, left, right, norm, root: newPanel(0, widest, 0) };
}

const chebyshevs = new Float64Array(DEGREES);
function chebyshevAt(x: number): Float64Array {
  chebyshevs[0] = 1;
  chebyshevs[1] = x;
  for (let l = 2; l < DEGREES; l++) chebyshevs[l] = 2 * x * chebyshevs[l - 1]! - chebyshevs[l - 2]!;
  return chebyshevs;
}

/** Fills a panel's coefficients and measures them; cuts it where they miss. */
function build(table: AngleTable, panel: Panel): void {
  const { pair, left, right, norm } = table;
  const [as, bs] = [left.points, right.points];
  const [m, n] = [as.length, bs.length];
  const route = planeRoute(pair, as, bs);
  const [middle, half] = [(panel.low + panel.high) / 2, (panel.high - panel.low) / 2];

  // The coarsest rule that the next one confirms, at the extreme standard deviations and angles.
  const ends = (points: number[]): number[] => (points.length === 1 ? points : [Math.min(...points), Math.max(...points)]);
  const [endA, endB] = [ends(as), ends(bs)];
  let level = 0;
  let error = Infinity;
  let coarse: PlaneSums[] = [];
  for (; level < route.levels; level++) {
    const fine = [panel.low, panel.high].map((theta) => route.sums(theta, level, endA, endB));
    error = Infinity;
    if (coarse.length > 0) {
      error = 0;
      endA.forEach((a, i) => endB.forEach((b, j) => {
        const unit = norm(a, b);
        const q = i * endB.length + j;
        fine.forEach((sums, e) => {
          if (unit.k > 0) error = Math.max(error, Math.abs(sums.k[q]! - coarse[e]!.k[q]!) / unit.k);
          if (unit.kd > 0) error = Math.max(error, Math.abs(sums.kd[q]! - coarse[e]!.kd[q]!) / unit.kd);
        });
      }));
    }
    coarse = fine;
    if (error <= PLANE_TOLERANCE) break;
  }
  if (error > PLANE_TOLERANCE) {
    cut(panel);
    return;
  }
  level--; // the coarser of the two that agree

  const { nodes } = chebyshevPoints(DEGREES);
  panel.k = new Float64Array(m * n * DEGREES);
  panel.kd = new Float64Array(m * n * DEGREES);
  for (let s = 0; s < DEGREES; s++) {
    const sums = route.sums(middle + half * nodes[s]!, level, as, bs);
    const T = chebyshevAt(nodes[s]!);
    for (let q = 0; q < m * n; q++) {
      for (let l = 0; l < DEGREES; l++) {
        const w = ((l === 0 ? 1 : 2) / DEGREES) * T[l]!;
        panel.k[q * DEGREES + l]! += w * sums.k[q]!;
        panel.kd[q * DEGREES + l]! += w * sums.kd[q]!;
      }
    }
  }
  panel.leftK = new Float64Array(n * DEGREES);
  panel.leftKd = new Float64Array(n * DEGREES);
  panel.member = -1;

  const value: PlaneValue = { k: 0, kd: 0, error: 0 };
  let worst = 0;
  for (let check = 0; check < CHECKS; check++) {
    // The corners first, then points spread by the golden ratios of three dimensions.
    const u = (step: number): number => (check < 2 ? (step > 0.7 ? check : 1 - check) : (check * step) % 1);
    const [a, b] = [left.between(u(0.8191725134)), right.between(u(0.6710436067))];
    const theta = panel.low + 2 * half * ((0.07 + check * 0.5497004779) % 1);
    const unit = norm(a.std, b.std);
    planeValue(pair, a.std, b.std, theta, unit, value);
    const T = chebyshevAt((theta - middle) / half);
    let [k, kd] = [0, 0];
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        for (let l = 0; l < DEGREES; l++) {
          const w = a.basis[i]! * b.basis[j]! * T[l]!;
          k += w * panel.k[(i * n + j) * DEGREES + l]!;
          kd += w * panel.kd[(i * n + j) * DEGREES + l]!;
        }
      }
    }
    worst = Math.max(worst, value.error);
    if (unit.k > 0) worst = Math.max(worst, Math.abs(k - value.k) / unit.k);
    if (unit.kd > 0) worst = Math.max(worst, Math.abs(kd - value.kd) / unit.kd);
    if (!(worst <= TOLERANCE)) break;
  }
  if (!(worst <= TOLERANCE)) {
    // Cutting helps where the angle is what is not resolved.
    if (Math.max(sizeFrom(panel.k, DEGREES - 2), sizeFrom(panel.kd, DEGREES - 2)) > TOLERANCE) cut(panel);
    else drop(panel);
    return;
  }
  panel.state = 'table';
  panel.error = 4 * worst + error;
  while (panel.degrees > 2 && Math.max(sizeFrom(panel.k, panel.degrees - 1), sizeFrom(panel.kd, panel.degrees - 1)) < NOTHING) panel.degrees--;
}

/** The size of the degrees from `first` on, relative to the largest coefficient. */
function sizeFrom(coefficients: Float64Array, first: number): number {
  let [last, largest] = [0, 0];
  for (let q = 0; q < coefficients.length; q++) {
    const size = Math.abs(coefficients[q]!);
    largest = Math.max(largest, size);
    if (q % DEGREES >= first) last = Math.max(last, size);
  }
  return largest > 0 ? last / largest : 0;
}

function drop(panel: Panel): void {
  panel.k = panel.kd = new Float64Array(0);
  panel.state = 'none';
}

function cut(panel: Panel): void {
  drop(panel);
  if (panel.depth === DEPTH) return;
  const at = panel.low + (panel.high - panel.low) / (panel.low === 0 ? 4 : 2);
  panel.state = 'cut';
  panel.below = newPanel(panel.low, at, panel.depth + 1);
  panel.above = newPanel(at, panel.high, panel.depth + 1);
}

function contractLeft(table: AngleTable, panel: Panel, member: number): void {
  const { left, right } = table;
  const [m, n] = [left.points.length, right.points.length];
  const size = n * DEGREES;
  panel.leftK.fill(0);
  panel.leftKd.fill(0);
  for (let i = 0; i < m; i++) {
    const w = left.basis[member * m + i]!;
    if (w === 0) continue;
    for (let q = 0; q < size; q++) {
      panel.leftK[q]! += w * panel.k[i * size + q]!;
      panel.leftKd[q]! += w * panel.kd[i * size + q]!;
    }
  }
  panel.member = member;
}

/** Reads k, kd and the error's bound for members i, j of the two ranges at the angle; false where no table holds. */
export function readTable(table: AngleTable, i: number, j: number, theta: number, out: PlaneValue): boolean {
  let panel = table.root;
  for (;;) {
    if (panel.state === 'unbuilt') build(table, panel);
    if (panel.state === 'none') return false;
    if (panel.state === 'table') break;
    panel = theta <= panel.below!.high ? panel.below! : panel.above!;
  }
  if (panel.member !== i) contractLeft(table, panel, i);
  const { leftK, leftKd, degrees } = panel;
  const T = chebyshevAt((2 * theta - panel.low - panel.high) / (panel.high - panel.low));
  const { basis, points } = table.right;
  const n = points.length;
  let k = 0;
  let kd = 0;
  for (let q = 0; q < n; q++) {
    const w = basis[j * n + q]!;
    if (w === 0) continue;
    let u = 0;
    let v = 0;
    for (let l = 0, at = q * DEGREES; l < degrees; l++, at++) {
      const x = T[l]!;
      u += leftK[at]! * x;
      v += leftKd[at]! * x;
    }
    k += w * u;
    kd += w * v;
  }
  out.k = k;
  out.kd = kd;
  out.error = panel.error;
  return true;
}
