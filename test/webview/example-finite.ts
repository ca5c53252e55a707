// Finite networks of the example, drawn and counted here: random features in the place of layers, and gradient descent under their
// kernels, which move towards the targets by a share that falls with the width. For display under test.
import { Matrix } from 'ml-matrix';
import type { FiniteCurve, FiniteTraining, FiniteTwin, FiniteWidth, FiniteWidthRow, PredictedCurve, TwinSize } from '../../src/contract/finite.ts';
import type { KernelValue, Quantity } from '../../src/contract/result.ts';
import { cubic, gram, minus, norm, normals, type Full } from './example-matrix.ts';
import { embedded } from './example-training.ts';

const WIDTHS = [16, 64, 256];
const WRITTEN = 24;
const SEEDS = [0, 1, 2, 3];
const STEPS = 60;
const DRIFT_EVERY = 5;
const RATE = 0.5;

const all = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const average = (v: readonly number[]): number => v.reduce((s, y) => s + y, 0) / v.length;
const standardError = (v: readonly number[]): number => Math.sqrt(v.reduce((s, y) => s + (y - average(v)) ** 2, 0) / (v.length - 1) / v.length);
const drawn = (v: readonly number[]): Quantity => ({ value: average(v), method: 'monte-carlo', error: standardError(v) });
const scaled = (k: Full, c: number): Full => ({ ...k, re: k.re.map((x) => c * x), im: k.im.map((x) => c * x) });
const plus = (a: Full, b: Full): Full => ({ ...a, re: a.re.map((x, i) => x + b.re[i]!), im: a.im.map((x, i) => x + b.im[i]!) });
const mean = (ks: readonly Full[]): Full => scaled(ks.reduce(plus), 1 / ks.length);
const distance = (a: Full, b: Full): number => norm(minus(a.re, b.re), minus(a.im, b.im)) / norm(b.re, b.im);
const real = (k: Full): Full => ({ ...k, im: new Float64Array(k.im.length) });
/** Of a number read off a mean over the seeds, by leaving out each in turn. */
function jackknife(seeds: number, f: (used: number[]) => number): Quantity {
  const parts = all(seeds).map((s) => f(all(seeds).filter((t) => t !== s)));
  return { value: f(all(seeds)), method: 'monte-carlo', error: (seeds - 1) * standardError(parts) };
}
/** Standard error of a mean kernel, as a norm. */
const scatter = (ks: readonly Full[]): number => Math.sqrt(ks.reduce((s, k) => s + norm(minus(k.re, mean(ks).re), minus(k.im, mean(ks).im)) ** 2, 0) / (ks.length * (ks.length - 1)));

/** Features x W of one network: W complex, or for a real twin real on [Re, Im]. */
function features(x: Full, width: number, seed: number, complex: boolean): Full {
  const draw = normals(7919 * (seed + 1) + width + (complex ? 0 : 104729));
  const f: Full = { rows: x.rows, cols: width, re: new Float64Array(x.rows * width), im: new Float64Array(x.rows * width) };
  for (let c = 0; c < width; c++) {
    for (let d = 0; d < x.cols; d++) {
      const [u, v] = complex ? [draw() * Math.SQRT1_2, draw() * Math.SQRT1_2] : [draw(), draw()];
      for (let r = 0; r < x.rows; r++) {
        const [a, b] = [x.re[r * x.cols + d]! / Math.sqrt(x.cols), x.im[r * x.cols + d]! / Math.sqrt(x.cols)];
        f.re[r * width + c]! += complex ? a * u - b * v : a * u + b * v;
        if (complex) f.im[r * width + c]! += a * v + b * u;
      }
    }
  }
  return f;
}

const network = (x: Full, width: number, seed: number): Full => cubic(gram(features(x, width, seed, true)));
const realTwin = (x: Full, width: number, seed: number): Full => cubic(gram(features(x, width, seed, false)));
/** f f^T: gram multiplies by the conjugate, so the other factor is turned first. */
function pseudo(x: Full, width: number, seed: number): Full {
  const f = features(x, width, seed, true);
  const g: Full = { ...f, rows: 2 * f.rows, re: Float64Array.of(...f.re, ...f.re), im: Float64Array.of(...f.im, ...f.im.map((v) => -v)) };
  const [n, both] = [f.rows, gram(g)];
  const at = (part: Float64Array): Float64Array => Float64Array.from({ length: n * n }, (_, i) => part[Math.floor(i / n) * 2 * n + n + (i % n)]!);
  return cubic({ rows: n, cols: n, re: at(both.re), im: at(both.im) });
}

/** Two hidden layers of this width, in real numbers. */
const complexParameters = (d: number, n: number, c: number): number => 2 * (d * n + n * n + n * c);
const realParameters = (d: number, n: number, c: number): number => 2 * d * n + n * n + 2 * n * c;

function slope(points: readonly { x: number; y: number }[]): Quantity {
  const [u, v] = [points.map((p) => Math.log(p.x)), points.map((p) => Math.log(p.y))];
  const [mu, mv] = [average(u), average(v)];
  const sxx = u.reduce((s, a) => s + (a - mu) ** 2, 0);
  const b = u.reduce((s, a, i) => s + (a - mu) * (v[i]! - mv), 0) / sxx;
  const left = v.reduce((s, y, i) => s + (y - mv - b * (u[i]! - mu)) ** 2, 0);
  return { value: b, method: 'monte-carlo', error: Math.sqrt(left / Math.max(1, points.length - 2) / sxx) };
}

const kernelOf = (ks: readonly Full[]): KernelValue => {
  const m = mean(ks);
  const top = Math.max(...m.re.map((x, i) => Math.hypot(x, m.im[i]!)));
  return { matrix: m.im.some((v) => v !== 0) ? m : { rows: m.rows, cols: m.cols, re: m.re }, method: 'monte-carlo', error: scatter(ks) / m.rows / top };
};

interface Trained {
  residual: number[];
  accuracy: number[];
  drift: number[];
}

/** Descent from f_0 under a kernel that moves by `moves` of its norm towards that of the targets as they are learnt. */
function train(kernel: Matrix, y: Matrix, start: Matrix, rate: number, moves: number, labels: readonly number[]): Trained {
  const toward = y.mmul(y.transpose());
  toward.mul(kernel.norm() / toward.norm());
  const out: Trained = { residual: [], accuracy: [], drift: [] };
  const r = Matrix.sub(start, y);
  const whole = r.norm();
  for (let t = 0; t <= STEPS; t++) {
    const left = r.norm() / whole;
    const f = Matrix.add(y, r);
    out.residual.push(left);
    out.accuracy.push(average(labels.map((l, i) => (f.getRow(i).indexOf(Math.max(...f.getRow(i))) === l ? 1 : 0))));
    out.drift.push(moves * (1 - left));
    const now = moves === 0 ? kernel : Matrix.add(kernel, Matrix.mul(toward, moves * (1 - left)));
    r.sub(now.mmul(r).mul(rate));
  }
  return out;
}

export function exampleFinite(x: Full, ntk: Full, twin: Full, labels: readonly number[], classes: number): { width: FiniteWidth; training: FiniteTraining } {
  const d = x.cols;
  const kernels = new Map([...WIDTHS, WRITTEN].map((n) => [n, SEEDS.map((s) => network(x, n, s))]));
  const row = (width: number, asWritten: boolean): FiniteWidthRow => {
    const ks = kernels.get(width)!;
    return {
      width, asWritten, parameters: complexParameters(d, width, classes), seeds: ks.length,
      distance: drawn(ks.map((k) => distance(k, ntk))), twinDistance: drawn(ks.map((k) => distance(real(k), twin))),
      pseudo: drawn(ks.map((k, s) => { const p = pseudo(x, width, s); return norm(p.re, p.im) / norm(k.re, k.im); })),
      meanDistance: jackknife(ks.length, (used) => distance(mean(used.map((s) => ks[s]!)), ntk)),
    };
  };
  const rows = [...WIDTHS.map((n) => row(n, false)), row(WRITTEN, true)].sort((a, b) => a.width - b.width);
  const line = (measure: 'distance' | 'pseudo' | 'meanDistance'): Quantity => slope(rows.map((r) => ({ x: r.width, y: r[measure].value! })));
  const exponent = line('distance');
  const last = rows.at(-1)!;
  const level = 0.1;
  const limit = last.width * (level / last.distance.value!) ** (1 / exponent.value!);

  const parameters = complexParameters(d, WRITTEN, classes);
  const sizes: Record<TwinSize, number> = {
    'same-widths': WRITTEN, 'double-widths': 2 * WRITTEN, 'matched-parameters': Math.round(Math.sqrt((d + classes) ** 2 + parameters) - (d + classes)),
  };
  const own = kernels.get(WRITTEN)!;
  const twinKernels = (size: TwinSize): Full[] => SEEDS.map((s) => realTwin(x, sizes[size], s));
  const twinOf = (size: TwinSize): FiniteTwin => {
    const ks = twinKernels(size);
    return {
      size, width: sizes[size], parameters: realParameters(d, sizes[size], classes), distance: drawn(ks.map((k) => distance(k, twin))),
      toNetwork: jackknife(ks.length, (used) => distance(mean(used.map((s) => ks[s]!)), mean(used.map((s) => real(own[s]!))))),
    };
  };
  const width: FiniteWidth = {
    backend: 'JavaScript (CPU)', fallbackReason: 'WebAssembly is not available.', law: 'normal', seeds: SEEDS, rows, asWrittenReason: null,
    exponent, pseudoExponent: line('pseudo'), meanExponent: line('meanDistance'),
    limitWidth: { level, width: { value: limit, method: 'monte-carlo', error: limit * 0.2 } },
    sentence: `One network's kernel is within ${100 * level} % of its limit from width ${Math.round(limit)} on; at the widths as written it is ${(100 * rows.find((r) => r.asWritten)!.distance.value!).toFixed(0)} % away`,
    twins: (['same-widths', 'double-widths', 'matched-parameters'] as const).map(twinOf), twinsReason: null,
    kernels: {
      width: WRITTEN, asWritten: true, seeds: SEEDS.length, ntk: kernelOf(own), pseudo: kernelOf(SEEDS.map((s) => pseudo(x, WRITTEN, s))), twinNtk: kernelOf(twinKernels('double-widths')),
      output: 'one output of dense3', notes: ['each weight behind its fixed factor counts as two real numbers'],
    },
  };
  return { width, training: trained(ntk, twin, own, { 'same-widths': twinKernels('same-widths'), 'matched-parameters': twinKernels('matched-parameters') }, width, labels, classes) };
}

function trained(ntk: Full, twin: Full, own: readonly Full[], twins: Partial<Record<TwinSize, Full[]>>, study: FiniteWidth, labels: readonly number[], classes: number): FiniteTraining {
  const n = ntk.rows;
  const y = Matrix.zeros(2 * n, classes);
  labels.forEach((l, i) => all(classes).forEach((c) => y.set(i, c, (l === c ? 1 : 0) - 1 / classes)));
  const matrix = (k: Full): Matrix => embedded(k, all(n), all(n));
  const starts = SEEDS.map((s) => { const draw = normals(31 * (s + 1)); return Matrix.zeros(2 * n, classes).apply(function (this: Matrix, i, j) { this.set(i, j, 0.3 * draw()); }); });
  /** The largest eigenvalue by a few products. */
  const largest = (k: Matrix): number => {
    let v = Matrix.ones(k.rows, 1);
    for (let i = 0; i < 30; i++) v = k.mmul(v.div(v.norm()));
    return v.norm();
  };
  const rate = 1 / (2 * RATE * Math.max(...[own, ...Object.values(twins)].flat().map((k) => largest(matrix(k)))));
  const fixed = (kernel: PredictedCurve['kernel'], k: Full): PredictedCurve => {
    const runs = starts.map((f) => train(matrix(k), y, f, RATE * rate, 0, labels).residual);
    return { kernel, residual: all(STEPS + 1).map((t) => average(runs.map((r) => r[t]!))) };
  };
  const curve = (name: FiniteCurve['network'], ks: readonly Full[], width: number, parameters: number): FiniteCurve => {
    const draw = normals(width + ks.length);
    const runs = ks.map((k, s) => train(matrix(k), y, starts[s]!, RATE * rate, (1 + 0.15 * draw()) / Math.sqrt(width), labels));
    const at = (part: keyof Trained, t: number): number[] => runs.map((r) => r[part][t]!);
    const taken = (t: number): boolean => t % DRIFT_EVERY === 0;
    return {
      network: name, width, parameters, residual: all(STEPS + 1).map((t) => average(at('residual', t))), residualError: all(STEPS + 1).map((t) => standardError(at('residual', t))),
      accuracy: all(STEPS + 1).map((t) => average(at('accuracy', t))),
      drift: all(STEPS + 1).map((t) => (taken(t) ? average(at('drift', t)) : null)), driftError: all(STEPS + 1).map((t) => (taken(t) ? standardError(at('drift', t)) : null)),
    };
  };
  const { width, asWritten } = study.kernels;
  const row = study.rows.find((r) => r.width === width && r.asWritten === asWritten)!;
  const curves = [
    curve('network', own, width, row.parameters),
    ...study.twins.flatMap((t) => (twins[t.size] ? [curve(t.size, twins[t.size]!, t.width, t.parameters)] : [])),
  ];
  const predicted = [fixed('limit', ntk), fixed('twin-limit', twin), fixed('initial', mean(own))];
  const gap = Math.max(...curves[0]!.residual.map((r, t) => Math.abs(r - predicted[0]!.residual[t]!)));
  const drift = curves[0]!.drift.at(-1)!;
  return {
    backend: study.backend, fallbackReason: study.fallbackReason, law: study.law, seeds: SEEDS,
    options: { optimizer: 'sgd', learningRate: rate, momentum: 0.9, steps: STEPS, width: null, parameterisation: 'ntk', twins: ['same-widths', 'matched-parameters'] },
    learningRateRule: 'a quarter of the largest that the first eigenvalue of any kernel drawn allows', targets: { description: `${classes} classes, one output each, minus the mean`, outputs: classes, classes: true },
    steps: all(STEPS + 1), curves, predicted, predictedReason: null, twinsReason: null,
    gap: { value: gap, method: 'monte-carlo', error: Math.max(...curves[0]!.residualError.map((e) => e!)) }, drift: { value: drift, method: 'monte-carlo', error: curves[0]!.driftError.at(-1)! }, stopped: null,
    sentence: `The kernel moved by ${(100 * drift).toFixed(0)} % while the residual fell to ${curves[0]!.residual.at(-1)!.toPrecision(2)}, and the curve stays within ${gap.toPrecision(2)} of the limit's prediction`,
  };
}

/** The same training when only its first steps have been made. */
export function upTo(training: FiniteTraining, count: number): FiniteTraining {
  const cut = <T>(v: T[]): T[] => v.slice(0, count);
  return {
    ...training, steps: cut(training.steps), predicted: training.predicted.map((p) => ({ ...p, residual: cut(p.residual) })),
    curves: training.curves.map((c) => ({ ...c, residual: cut(c.residual), residualError: cut(c.residualError), accuracy: c.accuracy && cut(c.accuracy), drift: cut(c.drift), driftError: cut(c.driftError) })),
  };
}
