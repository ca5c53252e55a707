// Training curves and held-out accuracies of the example's kernels, by a dense eigenvalue decomposition and by solving. For display under test.
import { EigenvalueDecomposition, Matrix, solve } from 'ml-matrix';
import type { ComplexMatrix } from '../../src/contract/matrix.ts';
import type { KernelRegression, ModeShares, Quantity, RegressionScore, TargetName, TrainingCurve, TrainingStudy } from '../../src/contract/result.ts';

type Full = Required<ComplexMatrix>;
const RATE = 0.5;
const STEPS = 60;

/** Values at n samples of some outputs, real parts over imaginary parts: what the embedded kernel acts on. */
interface Targets {
  name: TargetName;
  description: string;
  outputs: number;
  /** 2n x outputs. */
  y: Matrix;
}

/** The real symmetric matrix [[Re, -Im], [Im, Re]], whose eigenvalues are those of the Hermitian one, each twice. */
export function embedded(k: Full, rows: readonly number[], cols: readonly number[]): Matrix {
  const m = Matrix.zeros(2 * rows.length, 2 * cols.length);
  rows.forEach((i, r) => cols.forEach((j, c) => {
    const [re, im] = [k.re[i * k.cols + j]!, k.im[i * k.cols + j]!];
    m.set(r, c, re);
    m.set(rows.length + r, cols.length + c, re);
    m.set(r, cols.length + c, -im);
    m.set(rows.length + r, c, im);
  }));
  return m;
}

const all = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

function targetsOf(labels: readonly number[], classes: number): Targets[] {
  const n = labels.length;
  const oneHot = Matrix.zeros(2 * n, classes);
  const phases = Matrix.zeros(2 * n, 1);
  labels.forEach((label, i) => {
    oneHot.set(i, label, 1);
    phases.set(i, 0, Math.cos((2 * Math.PI * label) / classes));
    phases.set(n + i, 0, Math.sin((2 * Math.PI * label) / classes));
  });
  for (const m of [oneHot, phases]) {
    for (let c = 0; c < m.columns; c++) {
      for (const half of [0, n]) {
        const mean = all(n).reduce((s, i) => s + m.get(half + i, c), 0) / n;
        for (let i = 0; i < n; i++) m.set(half + i, c, m.get(half + i, c) - mean);
      }
    }
  }
  return [
    { name: 'one-hot', description: `${classes} classes, one output each, minus the mean`, outputs: classes, y: oneHot },
    { name: 'phases', description: `${classes} classes as phases exp(2πik/${classes}), minus the mean`, outputs: 1, y: phases },
  ];
}

/** Eigenvalues ascending, and the targets in the eigenvectors. */
function split(k: Full, { y }: Targets): { values: number[]; vectors: Matrix; parts: Matrix } {
  const e = new EigenvalueDecomposition(embedded(k, all(k.rows), all(k.rows)), { assumeSymmetric: true });
  return { values: e.realEigenvalues, vectors: e.eigenvectorMatrix, parts: e.eigenvectorMatrix.transpose().mmul(y) };
}

const closed = (value: number, error = 1e-9): Quantity => ({ value, method: 'closed', error });

function curve(targets: Targets, ntk: Full, twin: Full): TrainingCurve {
  const whole = targets.y.norm();
  const sides = [split(ntk, targets), split(twin, targets)] as const;
  const positive = sides.flatMap(({ values }) => values.filter((v) => v > 1e-9 * values.at(-1)!));
  const [first, last] = [0.05 / (RATE * Math.max(...positive)), 20 / (RATE * Math.min(...positive))];
  const times = all(STEPS).map((i) => first * (last / first) ** (i / (STEPS - 1)));
  const residual = ({ values, parts }: (typeof sides)[0], t: number): Matrix => {
    const out = parts.clone();
    values.forEach((v, i) => out.mulRow(i, Math.exp(-RATE * t * v)));
    return out;
  };
  const norms = sides.map((side) => times.map((t) => residual(side, t).norm() / whole));
  const distance = times.map((t) => Matrix.sub(sides[0].vectors.mmul(residual(sides[0], t)), sides[1].vectors.mmul(residual(sides[1], t))).norm() / whole);
  const at = distance.indexOf(Math.max(...distance));
  const constant = (side: (typeof sides)[0]): Quantity => {
    let [low, high] = [0, last];
    for (let i = 0; i < 80; i++) {
      const t = (low + high) / 2;
      if (residual(side, t).norm() > whole / Math.E) low = t;
      else high = t;
    }
    return closed(low);
  };
  const shares = ({ values, parts }: (typeof sides)[0]): ModeShares => {
    // Each eigenvalue stands twice, side by side.
    const own = values.map((_, i) => (parts.getRowVector(i).norm() / whole) ** 2);
    const pairs = all(values.length / 2).map((i) => values.length - 2 - 2 * i);
    return { eigenvalues: pairs.map((i) => values[i]!), shares: pairs.map((i) => own[i]! + own[i + 1]!) };
  };
  return {
    targets: targets.name, description: targets.description, outputs: targets.outputs, times,
    network: norms[0]!, twin: norms[1]!, distance, trajectoryGap: closed(distance[at]!), gapTime: times[at]!,
    timeConstant: { network: constant(sides[0]), twin: constant(sides[1]) },
    modes: { network: shares(sides[0]), twin: shares(sides[1]) }, method: 'closed', error: 1e-9,
  };
}

export const exampleTraining = (ntk: Full, twin: Full, labels: readonly number[], classes: number): TrainingStudy =>
  ({ rate: RATE, curves: targetsOf(labels, classes).map((t) => curve(t, ntk, twin)) });

const SPLITS = 4;
const RIDGE = 1e-2;

export function exampleRegression(kernels: Record<RegressionScore['kernel'], Full>, labels: readonly number[], classes: number): KernelRegression {
  const n = labels.length;
  const held = (i: number, s: number): boolean => (i * 7 + s * 3) % 4 === 0;
  const mean = (v: number[]): number => v.reduce((a, b) => a + b, 0) / v.length;
  const score = (kernel: RegressionScore['kernel'], targets: RegressionScore['targets']): { accuracies: number[]; row: RegressionScore } => {
    const k = kernels[kernel];
    const y = targetsOf(labels, classes).find((t) => t.name === targets)!.y;
    const accuracies = all(SPLITS).map((s) => {
      const [train, test] = [all(n).filter((i) => !held(i, s)), all(n).filter((i) => held(i, s))];
      const m = embedded(k, train, train);
      const level = m.trace() / m.rows;
      for (let i = 0; i < m.rows; i++) m.set(i, i, m.get(i, i) + RIDGE * level);
      const given = y.selection([...train, ...train.map((i) => n + i)], all(y.columns));
      const f = embedded(k, test, train).mmul(solve(m, given));
      const named = test.map((_, i) => {
        const closeness = all(classes).map((c) => (targets === 'one-hot' ? f.get(i, c) : f.get(i, 0) * Math.cos((2 * Math.PI * c) / classes) + f.get(test.length + i, 0) * Math.sin((2 * Math.PI * c) / classes)));
        return closeness.indexOf(Math.max(...closeness));
      });
      return mean(named.map((c, i) => (c === labels[test[i]!] ? 1 : 0)));
    });
    const m = mean(accuracies);
    const error = Math.sqrt(accuracies.reduce((s, a) => s + (a - m) ** 2, 0) / (SPLITS - 1) / SPLITS);
    return { accuracies, row: { kernel, targets, accuracy: { value: m, method: 'monte-carlo', error }, ridge: RIDGE } };
  };
  const scores = (['ntk', 'twinNtk', 'nngp', 'twinNngp'] as const).flatMap((k) => [score(k, 'one-hot'), score(k, 'phases')]);
  const gains = scores[0]!.accuracies.map((a, s) => a - scores[2]!.accuracies[s]!);
  const g = mean(gains);
  const test = all(n).filter((i) => held(i, 0)).length;
  return {
    splits: SPLITS, seed: 0, trainSamples: n - test, testSamples: test, classes, ridgeRule: 'one hundredth of the mean diagonal',
    chance: Math.max(...all(classes).map((c) => labels.filter((l) => l === c).length)) / n, scores: scores.map(({ row }) => row),
    advantage: { value: g, method: 'monte-carlo', error: Math.sqrt(gains.reduce((s, a) => s + (a - g) ** 2, 0) / (SPLITS - 1) / SPLITS) },
  };
}
