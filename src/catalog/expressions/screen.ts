// What exists as widths grow, of a function known by its values alone: looks for poles of phi and of its derivatives, and for Gaussian growth.
// It samples: a narrow pole can escape it. Knows no expression.
import type { Activation, Kinks, Parameters, Wirtinger } from '../activations/activation.ts';

const REACH = 6;
const STEP = 0.4;
/** Off every axis and lattice that formulas like. */
const OFFSET = [0.0137, 0.0091] as const;
const CANDIDATES = 6;
/** From the last step of the search, 1e-10, r^-1/2 makes 1e5 of 1. */
const UNBOUNDED = 3e4;
/** Faster than exp(0.02 |z|^2). */
const GAUSSIAN = 0.02;

type Size = (x: number, y: number) => number;

/** A point where the function is not finite though it should be, or null. */
export function notFinite(phi: Wirtinger, p: Parameters): [number, number] | null {
  const out = new Float64Array(6);
  for (let x = -3; x <= 3; x += 0.5) for (let y = -3; y <= 3; y += 0.5) {
    const [u, v] = [x + OFFSET[0], y + OFFSET[1]];
    phi(u, v, p, out);
    if (!Number.isFinite(out[0]!) || !Number.isFinite(out[1]!)) return [u, v];
  }
  return null;
}

/** @param kinks where to look besides a lattice and 0 */
export function screened(phi: Wirtinger, p: Parameters, kinks: Kinks): ReturnType<Activation['limit']> {
  const out = new Float64Array(6);
  const size: Size = (x, y) => {
    phi(x, y, p, out);
    return Math.hypot(out[0]!, out[1]!);
  };
  const slope: Size = (x, y) => {
    phi(x, y, p, out);
    return Math.hypot(out[2]!, out[3]!) + Math.hypot(out[4]!, out[5]!);
  };
  const growth = gaussianGrowth(size);
  if (growth !== null) return { exists: 'none', reason: `The function grows ${growth}: E|phi|^2 is finite for small variances only, so there is no limit to rely on as widths grow` };
  const own = singularity(size, kinks);
  if (own) return { exists: 'none', reason: `The function is unbounded near ${own}: E|phi|^2 diverges, so neither the NNGP nor the NTK has a limit as widths grow` };
  const derivatives = singularity(slope, kinks);
  if (derivatives) return { exists: 'nngp', reason: `The derivative of the function is unbounded near ${derivatives}: E|phi_z|^2 diverges, so the NTK has no limit as widths grow` };
  return { exists: 'ntk' };
}

/** How fast ln|phi| grows with |z|^2, where it does. */
function gaussianGrowth(size: Size): string | null {
  const largest = (radius: number): number => {
    let most = 0;
    for (let k = 0; k < 8; k++) for (let a = 0; a < 48; a++) {
      const r = radius * (1 - 0.02 * k);
      const s = size(r * Math.cos((2 * Math.PI * a) / 48 + 0.01), r * Math.sin((2 * Math.PI * a) / 48 + 0.01));
      if (!(s <= most)) most = s;
    }
    return Math.log(most);
  };
  // Of alpha r + c r^2 the second difference is 2 c b^2; of powers it is negative, of r ln r it falls like 1/b.
  const second = (b: number): number => (largest(3 * b) - 2 * largest(2 * b) + largest(b)) / (2 * b * b);
  for (const b of [8, 4, 2, 1]) {
    const most = largest(3 * b);
    if (most === -Infinity) return null;
    if (!Number.isFinite(most)) continue;
    const c = second(b);
    if (!(c > GAUSSIAN)) return null;
    return 2 * c - second(b / 2) > GAUSSIAN ? `about as exp(${c.toPrecision(2)} |z|^2)` : null;
  }
  return 'beyond every Gaussian';
}

/** Where the size is unbounded so that its square is not integrable, in words. */
function singularity(size: Size, kinks: Kinks): string | null {
  for (const [x, y] of [...suspects(size), ...special(kinks)]) {
    const top = climb(size, x, y);
    if (!top) continue;
    const [near, far] = [typical(size, top[0], top[1], 1e-6), typical(size, top[0], top[1], 1e-3)];
    if (!(near > 0 && far > 0)) continue;
    const power = Math.log10(near / far) / 3;
    // Along a curve r^-1/2 is too much, at a point r^-1.
    const curve = onCurve(size, top[0], top[1], far);
    if (power > (curve ? 0.48 : 0.97)) return `${shown(top)}, like ${curve ? 'the distance from a curve' : 'the distance'} to the power ${(-power).toFixed(2)}`;
  }
  return null;
}

const shown = ([x, y]: [number, number]): string => {
  const part = (v: number): string => (Math.abs(v) < 1e-6 ? '0' : v.toPrecision(4).replace(/\.?0+$/, ''));
  return part(y) === '0' ? `z = ${part(x)}` : `z = ${part(x)} ${y < 0 ? '-' : '+'} ${part(Math.abs(y))}i`;
};

/** The highest points of a lattice, each the highest among its neighbours. */
function suspects(size: Size): [number, number][] {
  const n = 2 * Math.round(REACH / STEP) + 1;
  const at = (k: number, o: number): number => (k - (n - 1) / 2) * STEP + o;
  const values = Float64Array.from({ length: n * n }, (_, k) => {
    const s = size(at(k % n, OFFSET[0]), at(Math.floor(k / n), OFFSET[1]));
    return Number.isNaN(s) ? Infinity : s;
  });
  const tops: number[] = [];
  for (let j = 1; j + 1 < n; j++) for (let i = 1; i + 1 < n; i++) {
    const k = j * n + i;
    if ([k - 1, k + 1, k - n, k + n].every((m) => values[k]! >= values[m]!)) tops.push(k);
  }
  tops.sort((a, b) => values[b]! - values[a]!);
  return tops.slice(0, CANDIDATES).map((k) => [at(k % n, OFFSET[0]), at(Math.floor(k / n), OFFSET[1])]);
}

/** 0, and points on the bends. */
function special(kinks: Kinks): [number, number][] {
  const some = (list: number[] | undefined): number[] => [...(list ?? [])].sort((a, b) => Math.abs(a) - Math.abs(b)).slice(0, 4);
  return [
    [0, 0],
    ...some(kinks.x).flatMap((x): [number, number][] => [[x, 0.831], [x, 0]]),
    ...some(kinks.y).flatMap((y): [number, number][] => [[0.831, y], [0, y]]),
    ...some(kinks.radii).map((r): [number, number] => [r * Math.cos(0.7), r * Math.sin(0.7)]),
    ...some(kinks.angles).map((t): [number, number] => [Math.cos(t), Math.sin(t)]),
  ];
}

/** Uphill by compass steps that halve; where it gets beyond every bound. */
function climb(size: Size, x0: number, y0: number): [number, number] | null {
  let [x, y] = [x0, y0];
  let best = size(x + 1e-10, y + 0.7e-10);
  if (!(best < UNBOUNDED)) return [x, y];
  let moves = 0;
  for (let h = STEP / 2; h > 1e-10 && moves < 400; ) {
    let [bx, by] = [x, y];
    for (let k = 0; k < 8; k++) {
      const [u, v] = [x + h * Math.cos((k * Math.PI) / 4), y + h * Math.sin((k * Math.PI) / 4)];
      const s = size(u, v);
      if (s > best && Math.abs(u) < 2 * REACH && Math.abs(v) < 2 * REACH) [best, bx, by] = [s, u, v];
    }
    moves++;
    if (bx === x && by === y) h /= 2;
    else [x, y] = [bx, by];
    // A steep slope far out is not a pole: it stops at the border of the search.
    if (Math.hypot(x - x0, y - y0) > 2) return null;
  }
  return best > UNBOUNDED ? [x, y] : null;
}

/** The median over directions at a distance. */
function typical(size: Size, x: number, y: number, d: number): number {
  const all = Array.from({ length: 15 }, (_, k) => size(x + d * Math.cos(0.1 + k * 0.42), y + d * Math.sin(0.1 + k * 0.42)));
  return all.filter((s) => !Number.isNaN(s)).sort((a, b) => a - b)[7] ?? NaN;
}

/** Whether it is unbounded on a circle around the point too. */
function onCurve(size: Size, x: number, y: number, median: number): boolean {
  const on = (t: number): number => size(x + 1e-3 * Math.cos(t), y + 1e-3 * Math.sin(t));
  let best = 0;
  let most = -1;
  for (let k = 0; k < 180; k++) {
    const s = on((k * Math.PI) / 90);
    if (s > most) [best, most] = [(k * Math.PI) / 90, s];
  }
  for (let h = Math.PI / 90; h > 1e-9; h /= 2) for (const t of [best - h, best + h]) {
    const s = on(t);
    if (s > most) [best, most] = [t, s];
  }
  return most > 100 * median;
}
