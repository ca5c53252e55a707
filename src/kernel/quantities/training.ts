// Predicted training at infinite width: gradient flow on the user's targets under the NTK and under its real twin. Knows no network.
import type { Field } from '../../contract/graph.ts';
import type { ModeShares, Part, Quantity, TrainingCurve, TrainingStudy } from '../../contract/result.ts';
import type { Columns } from '../algebra/diagonalise.ts';
import { lanczos } from '../algebra/lanczos.ts';
import type { Pace } from '../pace.ts';
import { rateOf, type ModalKernel } from '../spectrum.ts';
import { mixed, targetSet, type Labels, type Targets } from './targets.ts';

/** Of a curve; of kernels of more samples fewer, since each costs two changes of basis. */
const TIMES = 32;
const MANY_SAMPLES = 256;
const FEW_TIMES = 24;
/** Curves end where both residuals are under this, or where the error of the kernel hides them. */
const LAST_RESIDUAL = 1e-3;
const TAIL_RESIDUAL = 1e-6;
const TAIL_TIMES = 6;
const MOST_ERROR = 1e-2;
/** Of the arithmetic between targets and residuals. */
const ROUNDING = 1e-13;
const KRYLOV_STEPS = 100;

/** exp(-rate t Theta) y for one kernel. */
interface Flow {
  /** |coefficient|^2 of each mode, largest eigenvalue first, of the targets. */
  modes(targets: Targets): ModeShares;
  /** exp(-rate t Theta) of the base columns: a block of samples x (times x base columns). */
  residuals(times: number[]): Promise<Columns>;
  /** Bound on |error| / |y| of them at time t. */
  error(t: number): number;
}

function sharesOf(coefficients: Columns, eigenvalues: Float64Array): ModeShares {
  const { columns, re, im } = coefficients;
  const n = eigenvalues.length;
  const shares = Array.from({ length: n }, (_, k) => {
    let s = 0;
    for (let c = 0; c < columns; c++) s += re[k * columns + c]! ** 2 + im[k * columns + c]! ** 2;
    return s;
  });
  const total = shares.reduce((s, x) => s + x, 0);
  return { eigenvalues: Array.from(eigenvalues).reverse(), shares: shares.reverse().map((s) => s / total) };
}

/** Columns (time, base column) of exp(-rate t lambda) c. */
function decayed(c: Columns, eigenvalues: Float64Array, rate: number, times: number[]): Columns {
  const n = eigenvalues.length;
  const m = c.columns;
  const out: Columns = { columns: times.length * m, re: new Float64Array(n * times.length * m), im: new Float64Array(n * times.length * m) };
  for (let k = 0; k < n; k++) {
    for (const [at, t] of times.entries()) {
      const factor = Math.exp(-rate * t * Math.max(0, eigenvalues[k]!));
      for (let j = 0; j < m; j++) {
        out.re[k * out.columns + at * m + j] = factor * c.re[k * m + j]!;
        out.im[k * out.columns + at * m + j] = factor * c.im[k * m + j]!;
      }
    }
  }
  return out;
}

/** Through all modes. */
async function exactFlow(k: ModalKernel, base: Columns, rate: number): Promise<Flow> {
  const diagonal = k.diagonal!;
  const coefficients = { ...base, re: base.re.slice(), im: base.im.slice() };
  await diagonal.toModes(coefficients);
  return {
    modes: ({ mix }) => sharesOf(mixed(coefficients, mix), diagonal.eigenvalues),
    residuals: async (times) => {
      const out = decayed(coefficients, diagonal.eigenvalues, rate, times);
      await diagonal.fromModes(out);
      return out;
    },
    // |exp(-tA) - exp(-tB)| <= t |A - B| for positive semi-definite A and B.
    error: (t) => rate * t * k.error + ROUNDING,
  };
}

/** Through the Krylov space of one column y: exp(-rate t A) y = |y| Q exp(-rate t T) e_1 but for the error below. */
async function krylovFlow(k: ModalKernel, base: Columns, rate: number, pace: Pace): Promise<Flow> {
  const space = await lanczos(k.matrix, base.re, base.im, KRYLOV_STEPS, pace);
  const m = space.steps;
  const first = { columns: 1, re: new Float64Array(m), im: new Float64Array(m) };
  first.re[0] = 1;
  await space.tridiagonal.toModes(first);
  const last = { columns: 1, re: new Float64Array(m), im: new Float64Array(m) };
  last.re[m - 1] = 1;
  await space.tridiagonal.toModes(last);
  // The error e obeys e' = -rate A e - rate beta (exp(-rate t T) e_1)_m q: it is at most the integral of the last term.
  const leak = (t: number): number => {
    let s = 0;
    for (let j = 0; j < m; j++) s += last.re[j]! * first.re[j]! * Math.exp(-rate * t * Math.max(0, space.ritz[j]!));
    return Math.abs(s) * rate * space.beta;
  };
  const integral = (t: number): number => {
    const steps = 200;
    let [sum, before] = [0, 0];
    for (let i = 1; i <= steps; i++) {
      const at = t * 10 ** (-8 + (8 * i) / steps);
      sum += (at - before) * Math.max(leak(at), leak(before));
      before = at;
    }
    return sum;
  };
  return {
    modes: () => sharesOf(first, space.ritz),
    residuals: async (times) => {
      const n = base.re.length;
      const out: Columns = { columns: times.length, re: new Float64Array(n * times.length), im: new Float64Array(n * times.length) };
      for (const [at, t] of times.entries()) {
        const c = decayed(first, space.ritz, rate, [t]);
        await space.tridiagonal.fromModes(c);
        const y = space.expand(c.re, c.im);
        for (let i = 0; i < n; i++) {
          out.re[i * times.length + at] = space.length * y.re[i]!;
          out.im[i * times.length + at] = space.length * y.im[i]!;
        }
        await pace(8 * n * m);
      }
      return out;
    },
    error: (t) => rate * t * k.error + integral(t) + ROUNDING,
  };
}

/** ||exp(-rate t Theta) y|| / ||y|| by the modes: no eigenvectors needed. */
function residualAt({ eigenvalues, shares }: ModeShares, rate: number, t: number): number {
  let s = 0;
  for (let k = 0; k < shares.length; k++) s += shares[k]! * Math.exp(-2 * rate * t * Math.max(0, eigenvalues[k]!));
  return Math.sqrt(s);
}

/** The first time at which the falling f is at most `level`; Infinity where it is not before `last`. */
function whenBelow(f: (t: number) => number, level: number, first: number, last: number): number {
  if (f(last) > level) return Infinity;
  let [low, high] = [Math.log(first) - 20, Math.log(last)];
  for (let step = 0; step < 60; step++) {
    const mid = (low + high) / 2;
    if (f(Math.exp(mid)) > level) low = mid;
    else high = mid;
  }
  return Math.exp(high);
}

/**
 * @param network the NTK; `twin` null where there is none
 * @param labels null: random targets, and `whyNone` says why
 */
export async function trainingOf(network: ModalKernel, twin: ModalKernel | null, labels: Labels | null, whyNone: string, field: Field, pace: Pace): Promise<Part<TrainingStudy>> {
  if (network.largest === 0) return { value: null, reason: 'the kernel is zero: nothing moves' };
  const rate = rateOf(field);
  const all = network.diagonal !== null;
  const set = targetSet(network.matrix.rows, labels, field === 'complex', whyNone);
  let { base, targets } = set;
  if (!all) {
    // One column, for which alone a Krylov space is built.
    const one = targets.at(-1)!;
    base = mixed(base, one.mix);
    if (base.columns > 1) return { value: null, reason: 'training curves of real networks with several outputs need all modes of the kernel: take fewer samples' };
    targets = [{ ...one, mix: null }];
  }
  const flowOf = (k: ModalKernel) => (all ? exactFlow(k, base, rate) : krylovFlow(k, base, rate, pace));
  const own = await flowOf(network);
  const other = twin && (await flowOf(twin));
  const error = (t: number) => Math.max(own.error(t), other?.error(t) ?? 0);
  const curves: TrainingCurve[] = [];
  // One grid for all targets, so that the residual vectors are formed once.
  const modes = targets.map((t) => ({ network: own.modes(t), twin: other?.modes(t) ?? null }));
  const top = Math.max(...modes.flatMap((m) => [m.network.eigenvalues[0]!, m.twin?.eigenvalues[0] ?? 0]));
  const start = 0.02 / (rate * top);
  const slowest = (t: number) => Math.max(...modes.flatMap((m) => [residualAt(m.network, rate, t), m.twin ? residualAt(m.twin, rate, t) : 0]));
  const cap = whenBelow((t) => -error(t), -MOST_ERROR, start, start * 1e16);
  const end = Math.max(10 * start, Math.min(cap, whenBelow(slowest, LAST_RESIDUAL, start, start * 1e16)));
  const count = network.matrix.rows > MANY_SAMPLES ? FEW_TIMES : TIMES;
  const times = Array.from({ length: count }, (_, i) => start * (end / start) ** (i / (count - 1)));
  // Behind the curves' end, where nothing is shown, the distance is still looked at until little is left of the residuals.
  const tailEnd = Math.max(end, Math.min(cap, whenBelow(slowest, TAIL_RESIDUAL, start, start * 1e16)));
  const tail = tailEnd > end ? Array.from({ length: TAIL_TIMES }, (_, i) => end * (tailEnd / end) ** ((i + 1) / TAIL_TIMES)) : [];
  const looked = [...times, ...tail];
  const differences = other && subtract(await own.residuals(looked), await other.residuals(looked));
  const { method } = [network, twin ?? network].reduce((a, b) => (a.method === 'closed' ? b : a));
  for (const [at, t] of targets.entries()) {
    const m = modes[at]!;
    const size = norms(mixed(base, t.mix), 1)[0]!;
    const distance = differences && norms(mixedEach(differences, base.columns, t), looked.length).map((x) => x / size);
    const gap = distance ? await largestDistance(looked, distance, async (ts) => norms(mixedEach(subtract(await own.residuals(ts), await other!.residuals(ts)), base.columns, t), ts.length).map((x) => x / size)) : null;
    // Later still the distance is at most what is left of both residuals.
    const last = looked.at(-1)!;
    const left = m.twin ? residualAt(m.network, rate, last) + residualAt(m.twin, rate, last) : 0;
    const gapError = gap && Math.max(own.error(gap.time) + other!.error(gap.time) + gap.refined, left - gap.value);
    const constant = (s: ModeShares): Quantity => {
      const time = whenBelow((x) => residualAt(s, rate, x), Math.exp(-1), start, end);
      if (!Number.isFinite(time)) return { value: null, method, error: null, reason: `later than the last time shown, ${end.toPrecision(3)}` };
      // The curve moves by its error; its own slope turns that into time.
      const e = error(time);
      const slope = (residualAt(s, rate, time * 0.999) - residualAt(s, rate, time * 1.001)) / (0.002 * time);
      return { value: time, method, error: slope > 0 ? e / slope : null };
    };
    curves.push({
      targets: t.name,
      description: t.description,
      outputs: t.outputs,
      times,
      network: times.map((x) => residualAt(m.network, rate, x)),
      twin: m.twin && times.map((x) => residualAt(m.twin!, rate, x)),
      distance: distance ? distance.slice(0, count) : null,
      trajectoryGap: gap ? { value: gap.value, method, error: gapError } : { value: null, method, error: null, reason: 'there is no real twin to compare with' },
      gapTime: gap?.time ?? null,
      timeConstant: { network: constant(m.network), twin: m.twin ? constant(m.twin) : { value: null, method, error: null, reason: 'there is no real twin' } },
      modes: { network: m.network, twin: m.twin },
      method,
      error: error(end),
    });
  }
  return { value: { rate, curves }, ...(all ? {} : { reason: `beyond all modes: by Krylov spaces of ${KRYLOV_STEPS} steps, for one output` }) };
}

function subtract(a: Columns, b: Columns): Columns {
  return { columns: a.columns, re: a.re.map((v, i) => v - b.re[i]!), im: a.im.map((v, i) => v - b.im[i]!) };
}

/** Samples x (times x base columns), mixed into samples x (times x outputs). */
function mixedEach(block: Columns, m: number, { mix }: Targets): Columns {
  if (!mix) return block;
  const out = mixed({ columns: m, re: block.re, im: block.im }, mix);
  return { ...out, columns: (block.columns / m) * mix.columns };
}

/** Frobenius norm of each of `times` groups of columns. */
function norms(block: Columns, times: number): number[] {
  const m = block.columns / times;
  const n = block.re.length / block.columns;
  const out = new Float64Array(times);
  for (let i = 0; i < n; i++) {
    for (let t = 0; t < times; t++) {
      for (let c = 0; c < m; c++) {
        const at = i * block.columns + t * m + c;
        out[t]! += block.re[at]! ** 2 + block.im[at]! ** 2;
      }
    }
  }
  return Array.from(out, Math.sqrt);
}

const REFINEMENTS = 3;

/** The maximum over time: of the grid, then at the vertices of parabolas in log time around it. `refined` estimates what is left. */
async function largestDistance(times: number[], distance: number[], at: (times: number[]) => Promise<number[]>): Promise<{ value: number; time: number; refined: number }> {
  const best = distance.reduce((b, v, i) => (v > distance[b]! ? i : b), 0);
  if (best === 0 || best === times.length - 1 || distance[best] === 0) return { value: distance[best]!, time: times[best]!, refined: 0 };
  // Three points, the middle one highest.
  let points = [best - 1, best, best + 1].map((i) => ({ x: Math.log(times[i]!), y: distance[i]! }));
  let refined = 0;
  for (let round = 0; round < REFINEMENTS; round++) {
    const [p, q, r] = points as [typeof points[0], typeof points[0], typeof points[0]];
    const [u, v] = [(q.y - p.y) / (q.x - p.x), (r.y - q.y) / (r.x - q.x)];
    const bend = (v - u) / (r.x - p.x);
    if (!(bend < 0)) break;
    const x = (p.x + q.x) / 2 - u / (2 * bend);
    if (!(x > p.x && x < r.x) || x === q.x) break;
    const [y] = await at([Math.exp(x)]);
    // What the parabola foresaw and was not so, and what it gained.
    refined = Math.abs(p.y + u * (x - p.x) + bend * (x - p.x) * (x - q.x) - y!) + Math.max(0, y! - q.y);
    const next = { x, y: y! };
    if (next.y > q.y) points = next.x > q.x ? [q, next, r] : [p, next, q];
    else points = next.x > q.x ? [p, q, next] : [next, q, r];
  }
  return { value: points[1]!.y, time: Math.exp(points[1]!.x), refined };
}
