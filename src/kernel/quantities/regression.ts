// Kernel ridge regression on held-out samples: does a kernel tell the classes of the user's own inputs apart. Knows no network.
import type { ComplexMatrix } from '../../contract/matrix.ts';
import type { KernelRegression, KernelValue, Part, Quantity, RegressionScore } from '../../contract/result.ts';
import { cholesky, newCholesky, solve } from '../algebra/cholesky.ts';
import type { Columns } from '../algebra/diagonalise.ts';
import { permutation, uniforms } from '../algebra/random.ts';
import type { Pace } from '../pace.ts';
import { phasesOf, type Labels } from './targets.ts';

/** Larger sets are thinned to this many samples, the same share of each class. */
export const REGRESSION_SAMPLES = 384;
const SPLITS = 8;
const SEED = 0;
const HELD_OUT = 1 / 3;
const INNER_HELD_OUT = 1 / 4;
/** Relative to the mean diagonal of the training kernel. */
const RIDGES = [1e-6, 1e-4, 1e-2, 1e-1, 1];
export const RIDGE_RULE =
  'of 1e-6, 1e-4, 1e-2, 0.1 and 1 times the mean diagonal of the training kernel, the one with the least squared error on a quarter of the training samples, which the fit for this choice does not see';

type Name = RegressionScore['kernel'];
type TargetsName = RegressionScore['targets'];

export interface Split {
  train: number[];
  test: number[];
}

/** A stratified split: of each class with two samples or more the share `heldOut`, at least one and never all. */
function splitOf(samples: readonly number[], labels: Int32Array, classes: number, heldOut: number, next: () => number): Split {
  const out: Split = { train: [], test: [] };
  const byClass = Array.from({ length: classes }, (): number[] => []);
  for (const i of samples) byClass[labels[i]!]!.push(i);
  for (const members of byClass) {
    const order = permutation(members.length, next);
    const take = members.length < 2 ? 0 : Math.min(members.length - 1, Math.max(1, Math.round(heldOut * members.length)));
    order.forEach((at, place) => (place < take ? out.test : out.train).push(members[at]!));
  }
  return out;
}

/** At most `most` samples, of each class the same share. */
function thinned(labels: Labels, most: number, next: () => number): number[] {
  const all = Array.from(labels.of.keys());
  if (all.length <= most) return all;
  return splitOf(all, labels.of, labels.classes, most / all.length, next).test.sort((a, b) => a - b);
}

/** One-hot targets of the given samples minus their means, and the means, which are added to every prediction. */
function oneHot(labels: Labels, samples: number[]): { y: Columns; mean: Float64Array } {
  const columns = labels.classes;
  const y: Columns = { columns, re: new Float64Array(samples.length * columns), im: new Float64Array(samples.length * columns) };
  const mean = new Float64Array(columns);
  for (const i of samples) mean[labels.of[i]!]! += 1 / samples.length;
  samples.forEach((i, row) => {
    for (let c = 0; c < columns; c++) y.re[row * columns + c] = (labels.of[i] === c ? 1 : 0) - mean[c]!;
  });
  return { y, mean };
}

/** Rows x columns of a kernel. */
function block(k: ComplexMatrix, rows: number[], columns: number[]): { re: Float64Array; im: Float64Array | null } {
  const re = new Float64Array(rows.length * columns.length);
  const im = k.im ? new Float64Array(rows.length * columns.length) : null;
  for (let r = 0, at = 0; r < rows.length; r++) {
    const row = rows[r]! * k.cols;
    for (let c = 0; c < columns.length; c++, at++) {
      re[at] = k.re[row + columns[c]!]!;
      if (im) im[at] = k.im![row + columns[c]!]!;
    }
  }
  return { re, im };
}

/**
 * Predictions K(test, train) (K(train, train) + ridge)^{-1} y + mean for the samples held out, of one-hot targets, as a function of the
 * relative ridge; null where it is too small to factor. By linearity those of the phases are their combination with exp(2 pi i k / K).
 */
export function fitsOf(k: ComplexMatrix, { train, test }: Split, labels: Labels): (ridge: number) => Columns | null {
  const n = train.length;
  const a = block(k, train, train);
  const b = block(k, test, train);
  let diagonal = 0;
  for (let i = 0; i < n; i++) diagonal += a.re[i * n + i]! / n;
  const factor = newCholesky(n, a.im !== null);
  const { y: targets, mean } = oneHot(labels, train);
  const { columns } = targets;
  return (ridge) => {
    if (!cholesky(a.re, a.im, ridge * diagonal, factor)) return null;
    const y = { columns, re: targets.re.slice(), im: new Float64Array(targets.re.length) };
    solve(factor, y);
    const out: Columns = { columns, re: new Float64Array(test.length * columns), im: new Float64Array(test.length * columns) };
    for (let i = 0; i < test.length; i++) {
      accumulate(out, i, b, y, n);
      for (let c = 0; c < columns; c++) out.re[i * columns + c]! += mean[c]!;
    }
    return out;
  };
}

/** Row i of out += row i of b times y. */
function accumulate({ columns, re, im }: Columns, i: number, b: { re: Float64Array; im: Float64Array | null }, { re: yr, im: yi }: Columns, n: number): void {
  for (let j = 0; j < n; j++) {
    const p = b.re[i * n + j]!;
    const to = i * columns;
    const from = j * columns;
    for (let c = 0; c < columns; c++) re[to + c] = re[to + c]! + p * yr[from + c]!;
    if (!b.im) continue;
    const q = b.im[i * n + j]!;
    for (let c = 0; c < columns; c++) {
      re[to + c] = re[to + c]! - q * yi[from + c]!;
      im[to + c] = im[to + c]! + p * yi[from + c]! + q * yr[from + c]!;
    }
  }
}

/** What a prediction of the one-hot targets says of row i, as coordinates: the real parts, or the one phase. */
function rowOf(p: Columns, i: number, name: TargetsName, phases: [number, number][]): Float64Array {
  const at = i * p.columns;
  if (name === 'one-hot') return p.re.subarray(at, at + p.columns);
  const out = new Float64Array(2);
  phases.forEach(([wr, wi], c) => {
    const [a, b] = [p.re[at + c]!, p.im[at + c]!];
    out[0]! += a * wr - b * wi;
    out[1]! += a * wi + b * wr;
  });
  return out;
}

/** Share of the samples held out for which the class of the largest coordinate, or of the nearest phase, is right. */
function accuracyOf(p: Columns, test: number[], labels: Labels, name: TargetsName): number {
  const phases = phasesOf(p.columns);
  let right = 0;
  test.forEach((sample, i) => {
    const row = rowOf(p, i, name, phases);
    let [best, at] = [-Infinity, 0];
    for (let c = 0; c < p.columns; c++) {
      const score = name === 'one-hot' ? row[c]! : row[0]! * phases[c]![0] + row[1]! * phases[c]![1];
      if (score > best) [best, at] = [score, c];
    }
    if (at === labels.of[sample]) right++;
  });
  return right / test.length;
}

function squaredError(p: Columns, test: number[], labels: Labels, name: TargetsName): number {
  const phases = phasesOf(p.columns);
  let s = 0;
  test.forEach((sample, i) => {
    const c = labels.of[sample]!;
    const row = rowOf(p, i, name, phases);
    for (let k = 0; k < row.length; k++) s += (row[k]! - (name === 'phases' ? phases[c]![k]! : k === c ? 1 : 0)) ** 2;
  });
  return s;
}

interface SplitScore {
  accuracy: number;
  ridge: number;
}

/** Accuracy on one split for each kind of targets, at the ridge that an inner split of its training samples chooses; null where no ridge can be factored. */
async function scoresOn(k: ComplexMatrix, outer: Split, inner: Split, labels: Labels, names: readonly TargetsName[], pace: Pace): Promise<(SplitScore | null)[]> {
  const chosen = names.map(() => ({ ridge: 1e-2, loss: Infinity }));
  const complex = k.im !== undefined;
  const inside = fitsOf(k, inner, labels);
  for (const ridge of inner.test.length > 0 ? RIDGES : []) {
    const p = inside(ridge);
    await pace(workOfFit(inner.train.length, complex));
    if (!p) continue;
    names.forEach((name, at) => {
      const loss = squaredError(p, inner.test, labels, name);
      if (loss < chosen[at]!.loss) chosen[at] = { ridge, loss };
    });
  }
  const whole = fitsOf(k, outer, labels);
  const fits = new Map<number, Columns | null>();
  const out: (SplitScore | null)[] = [];
  for (const [at, name] of names.entries()) {
    let score: SplitScore | null = null;
    for (const ridge of RIDGES) {
      if (score || ridge < chosen[at]!.ridge) continue;
      if (!fits.has(ridge)) {
        fits.set(ridge, whole(ridge));
        await pace(workOfFit(outer.train.length, complex));
      }
      const p = fits.get(ridge);
      if (p) score = { accuracy: accuracyOf(p, outer.test, labels, name), ridge };
    }
    out.push(score);
  }
  return out;
}

function meanOf(values: number[]): Quantity {
  const n = values.length;
  const mean = values.reduce((s, v) => s + v, 0) / n;
  const spread = values.reduce((s, v) => s + (v - mean) ** 2, 0);
  return { value: mean, method: 'monte-carlo', error: n > 1 ? Math.sqrt(spread / (n - 1) / n) : null };
}

const median = (values: number[]): number => values.slice().sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/**
 * @param labels null: no regression, and `whyNone` says why
 * @param complex the output is: the phases are targets too
 */
export async function regressionOf(kernels: Record<Name, KernelValue>, labels: Labels | null, whyNone: string, complex: boolean, pace: Pace): Promise<Part<KernelRegression>> {
  if (!labels) return { value: null, reason: whyNone };
  // A real network is its own twin; one with complex layers and a real output has one.
  const hasTwin = complex || kernels.twinNtk.matrix !== null || kernels.twinNngp.matrix !== null;
  const names = (['ntk', 'twinNtk', 'nngp', 'twinNngp'] as const).filter((n) => hasTwin || !n.startsWith('twin'));
  const next = uniforms(SEED);
  const samples = thinned(labels, REGRESSION_SAMPLES, next);
  const splits = Array.from({ length: SPLITS }, () => {
    const outer = splitOf(samples, labels.of, labels.classes, HELD_OUT, next);
    return { outer, inner: splitOf(outer.train, labels.of, labels.classes, INNER_HELD_OUT, next) };
  });
  const { train, test } = splits[0]!.outer;
  if (test.length === 0) return { value: null, reason: 'every class has one sample only: none can be held out' };
  const count = new Float64Array(labels.classes);
  for (const i of test) count[labels.of[i]!]!++;
  const most = count.indexOf(Math.max(...count));
  const chance = count[most]! / test.length;

  const scores: RegressionScore[] = [];
  const perSplit = new Map<string, number[]>();
  const kinds: readonly TargetsName[] = complex ? ['one-hot', 'phases'] : ['one-hot'];
  for (const kernel of names) {
    const { matrix, reason } = kernels[kernel];
    const found: (SplitScore | null)[][] = [];
    const k = matrix && (matrix.im?.some((v) => v !== 0) ? matrix : { ...matrix, im: undefined });
    for (const { outer, inner } of k ? splits : []) found.push(await scoresOn(k!, outer, inner, labels, kinds, pace));
    for (const [at, targets] of kinds.entries()) {
      const each = found.flatMap((f) => f[at] ?? []);
      if (each.length === splits.length) {
        perSplit.set(`${kernel} ${targets}`, each.map((f) => f.accuracy));
        scores.push({ kernel, targets, accuracy: meanOf(each.map((f) => f.accuracy)), ridge: median(each.map((f) => f.ridge)) });
      } else {
        const why = matrix ? 'the kernel is not positive definite enough to be solved with' : (reason ?? 'the kernel was not computed');
        scores.push({ kernel, targets, accuracy: { value: null, method: 'monte-carlo', error: null, reason: why }, ridge: null });
      }
    }
  }
  const [own, twin] = [perSplit.get('ntk one-hot'), perSplit.get('twinNtk one-hot')];
  const advantage: Quantity = own && twin
    ? meanOf(own.map((v, i) => v - twin[i]!))
    : { value: null, method: 'monte-carlo', error: null, reason: hasTwin ? 'the NTK or its real twin gives no accuracy' : 'the network is real: it is its own twin' };
  return {
    value: {
      splits: SPLITS, seed: SEED, trainSamples: train.length, testSamples: test.length, classes: labels.classes,
      ridgeRule: RIDGE_RULE, chance, scores, advantage,
    },
    ...(samples.length < labels.of.length ? { reason: `on ${samples.length} of the ${labels.of.length} samples, the same share of each class` } : {}),
  };
}

const workOfFit = (train: number, complex: boolean): number => (complex ? 4 / 3 : 1 / 3) * train ** 3;

/** Units of work that `regressionOf` tells its pace, about. */
export function workOfRegression(samples: number, complex: boolean): number {
  const train = (1 - HELD_OUT) * Math.min(samples, REGRESSION_SAMPLES);
  const ofSplit = (c: boolean) => workOfFit(train, c) + RIDGES.length * workOfFit((1 - INNER_HELD_OUT) * train, c);
  return SPLITS * 2 * (ofSplit(complex) + (complex ? ofSplit(false) : 0));
}
