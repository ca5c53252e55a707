// Real gradient descent of the drawn network and its real twins on given targets, beside what a fixed kernel would do; drift of the kernel
// on the way. Knows no data and no limit's formula.
import { Fault } from '../contract/fault.ts';
import type { FiniteCurve, FiniteTraining, PredictedCurve, TrainingOptions, TwinSize } from '../contract/finite.ts';
import type { ComplexMatrix } from '../contract/matrix.ts';
import type { Quantity } from '../contract/result.ts';
import type { CallContext } from '../contract/rpc.ts';
import type { Backends } from './backend.ts';
import { buildNetwork, isComplex, unknownWidth, type BuildOptions, type FiniteNetwork } from './build.ts';
import { Device, type Pace } from './device.ts';
import { estimateKernel, estimateRun } from './estimate.ts';
import { kernelsOn, type Blocks, type EmpiricalNtk } from './kernels.ts';
import { gradientsOf } from './loss.ts';
import { arraysOf, Stepper } from './optimizer.ts';
import { drawNetwork, forward, inputSignal } from './run.ts';
import { positionsOf, type Signal } from './signal.ts';
import { missing, Statistic } from './statistics.ts';
import { checkMemory, paceOf, tried, type StudyRequest } from './study.ts';

/** What the outputs are trained towards: samples x outputs, row-major. */
export interface Targets {
  re: Float64Array;
  im: Float64Array | null;
  outputs: number;
  description: string;
  /** The right output of each sample, where the targets stand for classes. */
  classes: Int32Array | null;
}

/** The widths are those of the study: the largest is taken where the text leaves sizes open and `options` name none. */
export interface TrainingRequest extends StudyRequest {
  targets: Targets;
  options: TrainingOptions;
}

/** Networks trained at most: each takes all steps. */
const MOST_SEEDS = 3;
const MOST_POINTS = 80;
/** Steps at which the kernel is taken anew. */
const DRIFTS = 6;
/** Time between two pictures of a training that goes on. */
const LIVE_MS = 150;
const ADAM_RATE = { ntk: 1e-2, standard: 1e-3 } as const;
/** Multiplications between two pauses of a prediction. */
const BREATH = 4e6;
/** Of the eigenvalue by repeated products. */
const POWER_STEPS = 60;

/** Residual r = f - y as [Re | Im] by sample and output; one real part for real outputs. */
type Residual = Float64Array;

/** One training of one network from one seed. */
interface Run {
  network: 'network' | TwinSize;
  residual: number[];
  accuracy: number[];
  /** By point. */
  drift: Map<number, number>;
  predicted: Map<PredictedCurve['kernel'], number[]>;
}

/**
 * Trains from each seed, up to three, first the network and then its twins, and tells the curves as they grow.
 * @throws Fault bad-input, too-large, not-supported before any work; cancelled between pieces. Numbers that are not finite end it with what it has.
 */
export async function trainFinite(request: TrainingRequest, backends: Backends, context: CallContext): Promise<FiniteTraining> {
  const { graph, inputs, targets, options: o, finite, widths } = request;
  check(request);
  const n = inputs.samples;
  const width = o.width ?? (unknownWidth(graph) ? (widths.length > 0 ? Math.max(...widths) : null) : null);
  const build = (twin: TwinSize | null): FiniteNetwork => {
    const options: Partial<BuildOptions> = { ...finite, width, outputs: targets.outputs, twin, parameterisation: o.parameterisation, weightVariance: request.weightVariance, biasVariance: request.biasVariance };
    return buildNetwork(graph, inputs, options);
  };
  const own = build(null);
  if (positionsOf(own.form) > 1) throw new Fault('not-supported', `The network ends in ${positionsOf(own.form)} positions, and the targets are one row a sample. Training takes networks with one output a class; add flatten or global-average-pool, then dense.`);
  if (finite.readOut && targets.outputs === 1 && graph.layers.some((l) => l.kind === 'read-out' && /softmax/.test(l.name ?? ''))) {
    throw new Fault('not-supported', 'Softmax of one output is always 1, and there are no classes to train more outputs on. Give inputs with labels, or train without the read-out.');
  }
  if (own.form.channels !== targets.outputs) throw new Fault('not-supported', `The network ends in ${own.form.channels} outputs and the targets have ${targets.outputs}.`);
  const complex = isComplex(own);
  const networks: { name: Run['network']; network: FiniteNetwork }[] = [{ name: 'network', network: own }];
  let twinsReason = complex || o.twins.length === 0 ? null : 'A real network has no real twin.';
  for (const name of complex ? o.twins : []) {
    const network = tried(() => build(name));
    if (typeof network === 'string') twinsReason = network;
    else networks.push({ name, network });
  }
  for (const { network } of networks) {
    const bytes = Math.max(estimateRun(network, n, 1, arraysOf(o)).bytes, estimateKernel(network, n).bytes);
    checkMemory(network, bytes, n, request.memoryLimitBytes, 'Training a network');
  }
  const pace = paceOf(context);
  const seeds = Array.from({ length: Math.min(request.seeds, MOST_SEEDS) }, (_, i) => i);
  const points = pointsOf(o.steps);
  const drifts = driftSteps(points);
  const runs: Run[] = [];
  let stopped: string | null = null;
  let learningRate = o.learningRate ?? (o.optimizer === 'adam' ? ADAM_RATE[o.parameterisation] : 0);
  let rule = o.learningRate !== null ? 'as given' : o.optimizer === 'adam' ? `${learningRate}, usual for Adam on ${o.parameterisation === 'ntk' ? 'numbers of variance 1' : 'weights'}` : '';
  let shown = 0;
  const total = seeds.length * networks.length * o.steps;

  const resultSoFar = (): FiniteTraining => summary({ request, networks, twinsReason, runs, points, seeds, learningRate, rule, stopped, backends });
  const live = (message: string, done: number): void => {
    const now = performance.now();
    if (now - shown < LIVE_MS) return;
    shown = now;
    context.progress({ fraction: Math.min(1, done / total), message, training: resultSoFar() });
  };

  for (const seed of seeds) {
    for (const [at, { name, network }] of networks.entries()) {
      if (stopped) break;
      const done = (seeds.indexOf(seed) * networks.length + at) * o.steps;
      const place = runs.length;
      await backends.run(`training, seed ${seed}`, async (backend) => {
        // Done again from its start where a backend fails.
        const run: Run = { network: name, residual: [], accuracy: [], drift: new Map(), predicted: new Map() };
        runs[place] = run;
        await drawNetwork(network, seed, pace);
        const device = new Device(backend, pace);
        try {
          const x = inputSignal(network.input, inputs);
          const y = targetSignal(targets, network.form.complex);
          const first = await kernelsOn(network, x, n, device);
          if (learningRate === 0) {
            const largest = largestEigenvalue(first.blocks, n);
            if (!(largest > 0) || !Number.isFinite(largest)) throw new Fault('not-supported', 'The kernel of the drawn network is zero or not finite, so no learning rate can be chosen from it. Give one (--learning-rate).');
            learningRate = (o.optimizer === 'momentum' ? 1 - o.momentum : 1) / largest;
            rule = o.optimizer === 'momentum'
              ? "(1 - momentum) / the largest eigenvalue of the first network's kernel, so that in the long run it moves as plain gradient descent does at half of its largest stable step"
              : "1 / the largest eigenvalue of the first network's kernel, half of the largest stable step";
          }
          if (name === 'network' && o.optimizer !== 'adam') {
            const outputs = (await forward(network, x, n, device)).at(-1)!;
            run.predicted = await predictAll(request, residualOf(outputs, y), first.blocks, network.form.complex, points, learningRate, pace);
          }
          await trainOne(network, x, y, first, run, points, drifts, { ...o, learningRate }, n, targets.classes, device, (step) => live(`Training ${name === 'network' ? 'the network' : `its real twin (${name})`}, seed ${seed}: step ${step} of ${o.steps}, ${backend.label}`, done + step));
        } catch (e) {
          if (!(e instanceof NotFinite)) throw e;
          stopped = name === 'network' ? e.message : `Its real twin (${name}) ended early. ${e.message}`;
        } finally {
          device.release();
        }
      });
    }
  }
  context.progress({ fraction: 1, message: 'Training: done' });
  return resultSoFar();
}

function check({ options: o, targets, inputs, seeds }: TrainingRequest): void {
  const bad = (what: string): never => { throw new Fault('bad-input', what); };
  if (!Number.isSafeInteger(o.steps) || o.steps < 1) bad(`The number of training steps is ${o.steps}; it must be a whole number above 0.`);
  if (o.learningRate !== null && !(o.learningRate > 0 && Number.isFinite(o.learningRate))) bad(`The learning rate is ${o.learningRate}; it must be a number above 0.`);
  if (!(o.momentum >= 0 && o.momentum < 1)) bad(`The momentum is ${o.momentum}; it must be a number from 0 to below 1.`);
  if (!Number.isSafeInteger(seeds) || seeds < 1) bad(`The number of seeds is ${seeds}; it must be a whole number above 0.`);
  if (o.width !== null && (!Number.isSafeInteger(o.width) || o.width < 1)) bad(`The width ${o.width} is not a whole number above 0.`);
  if (targets.re.length !== inputs.samples * targets.outputs) bad(`The targets hold ${targets.re.length} numbers, and ${inputs.samples} samples with ${targets.outputs} outputs need ${inputs.samples * targets.outputs}.`);
}

/** A value that is not finite was met. */
class NotFinite extends Error {}

function targetSignal({ re, im }: Targets, complex: boolean): Signal {
  return { re: Float32Array.from(re), im: complex ? Float32Array.from(im ?? new Float64Array(re.length)) : null };
}

function residualOf(f: Signal, y: Signal): Residual {
  const parts = f.im ? 2 : 1;
  const out = new Float64Array(parts * f.re.length);
  for (let k = 0; k < f.re.length; k++) {
    out[k] = f.re[k]! - y.re[k]!;
    if (f.im) out[f.re.length + k] = f.im[k]! - (y.im?.[k] ?? 0);
  }
  return out;
}

const lengthOf = (r: Residual): number => Math.sqrt(r.reduce((s, v) => s + v * v, 0));

/** All steps where they are few, otherwise ever farther apart. */
function pointsOf(steps: number): number[] {
  if (steps < MOST_POINTS) return Array.from({ length: steps + 1 }, (_, k) => k);
  const out = new Set([0]);
  for (let k = 0; k < MOST_POINTS; k++) out.add(Math.round(steps ** (k / (MOST_POINTS - 1))));
  return [...out].sort((a, b) => a - b);
}

/** Places in `points` at which the kernel is taken: the first, the last, and some between. */
function driftSteps(points: number[]): Set<number> {
  const last = points.length - 1;
  return new Set(Array.from({ length: DRIFTS + 1 }, (_, k) => Math.round((last * k) / DRIFTS)));
}

async function trainOne(
  network: FiniteNetwork, x: Signal, y: Signal, first: EmpiricalNtk, run: Run, points: number[], drifts: Set<number>, o: TrainingOptions & { learningRate: number }, n: number,
  classes: Int32Array | null, device: Device, told: (step: number) => void,
): Promise<void> {
  const stepper = new Stepper(o, o.learningRate);
  let start = 1;
  for (let step = 0, point = 0; step <= o.steps; step++) {
    const { outputs, gradients } = await gradientsOf(network, x, y, n, device);
    const size = lengthOf(residualOf(outputs, y));
    if (!Number.isFinite(size)) throw new NotFinite(await whereNotFinite(network, x, n, device, step));
    if (step === 0) start = size > 0 ? size : 1;
    if (points[point] === step) {
      run.residual.push(size / start);
      if (classes) run.accuracy.push(accuracyOf(outputs, classes));
      if (drifts.has(point)) run.drift.set(point, step === 0 ? 0 : driftOf((await kernelsOn(network, x, n, device)).blocks, first.blocks));
      point++;
    }
    told(step);
    if (step === o.steps) break;
    for (const changed of stepper.step(gradients)) device.forget(changed);
    await device.pace();
  }
}

/** The first layer whose output holds a number that is not finite. */
async function whereNotFinite(network: FiniteNetwork, x: Signal, n: number, device: Device, step: number): Promise<string> {
  const values = await forward(network, x, n, device);
  const at = network.layers.findIndex((_, k) => !values[k + 1]!.re.every(Number.isFinite) || !(values[k + 1]!.im?.every(Number.isFinite) ?? true));
  const where = at < 0 ? 'the sum of squares' : `the output of ${network.layers[at]!.id}`;
  return `At step ${step} ${where} holds numbers that are not finite. Take a smaller learning rate or smaller variances.`;
}

function accuracyOf(f: Signal, classes: Int32Array): number {
  const outputs = f.re.length / classes.length;
  let right = 0;
  for (let i = 0; i < classes.length; i++) {
    let best = 0;
    for (let c = 1; c < outputs; c++) if (f.re[i * outputs + c]! > f.re[i * outputs + best]!) best = c;
    if (best === classes[i]) right++;
  }
  return right / classes.length;
}

function driftOf(now: Blocks, then: Blocks): number {
  let [apart, size] = [0, 0];
  for (const name of ['rr', 'ri', 'ir', 'ii'] as const) {
    const [a, b] = [now[name], then[name]];
    if (a && b) for (let k = 0; k < a.length; k++) {
      apart += (a[k]! - b[k]!) ** 2;
      size += b[k]! ** 2;
    }
  }
  return Math.sqrt(apart / size);
}

/** K r for each output: the real blocks act on [Re | Im] of the residuals, output by output. */
function timesKernel({ rr, ri, ir, ii }: Blocks, r: Residual, n: number, complex: boolean): Residual {
  const out = new Float64Array(r.length);
  const half = complex ? r.length / 2 : r.length;
  const outputs = half / n;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const k = i * n + j;
      for (let c = 0; c < outputs; c++) {
        const [a, b] = [i * outputs + c, j * outputs + c];
        out[a]! += rr[k]! * r[b]!;
        if (!complex) continue;
        out[a]! += ri![k]! * r[half + b]!;
        out[half + a]! += ir![k]! * r[b]! + ii![k]! * r[half + b]!;
      }
    }
  }
  return out;
}

/** Of the real kernel over [Re | Im] of all samples. */
function largestEigenvalue(blocks: Blocks, n: number): number {
  const complex = blocks.ri !== null;
  let v: Residual = Float64Array.from({ length: complex ? 2 * n : n }, (_, k) => 1 + ((k * 37) % 11) / 11);
  let value = 0;
  for (let step = 0; step < POWER_STEPS; step++) {
    const next = timesKernel(blocks, v, n, complex);
    value = lengthOf(next) / lengthOf(v);
    const size = lengthOf(next);
    if (!(size > 0)) return size;
    v = next.map((x) => x / size);
  }
  return value;
}

/** The real blocks of a limit kernel: RR = II = Re Theta / 2, IR = -RI = Im Theta / 2; of a real network Theta itself. */
function blocksOf(theta: ComplexMatrix, complex: boolean): Blocks {
  if (!complex) return { rr: theta.re, ri: null, ir: null, ii: null };
  const im = theta.im ?? new Float64Array(theta.re.length);
  const rr = theta.re.map((v) => v / 2);
  return { rr, ii: rr, ir: im.map((v) => v / 2), ri: im.map((v) => -v / 2) };
}

/** r_(t+1) = r_t - eta K r_t, with momentum v_(t+1) = beta v_t + K r_t, r_(t+1) = r_t - eta v_(t+1): ||r|| / ||r_0|| at the points. */
async function predict(blocks: Blocks, start: Residual, points: number[], o: TrainingOptions, learningRate: number, n: number, complex: boolean, pace: Pace): Promise<number[]> {
  const out: number[] = [];
  let r = start;
  let v = new Float64Array(r.length);
  const size = lengthOf(start) || 1;
  const beta = o.optimizer === 'momentum' ? o.momentum : 0;
  const breath = Math.max(1, Math.floor(BREATH / (4 * n * r.length)));
  for (let step = 0, point = 0; point < points.length; step++) {
    if (points[point] === step) {
      out.push(lengthOf(r) / size);
      point++;
    }
    const kr = timesKernel(blocks, r, n, complex);
    v = v.map((x, k) => beta * x + kr[k]!);
    r = r.map((x, k) => x - learningRate * v[k]!);
    if (step % breath === 0) await pace();
  }
  return out;
}

async function predictAll(
  { limit, options: o, finite, inputs }: TrainingRequest, start: Residual, first: Blocks, complex: boolean, points: number[], learningRate: number, pace: Pace,
): Promise<Run['predicted']> {
  const of = (blocks: Blocks): Promise<number[]> => predict(blocks, start, points, o, learningRate, inputs.samples, complex, pace);
  const out: Run['predicted'] = new Map();
  if (o.parameterisation === 'ntk' && !finite.readOut) {
    if (limit.ntk) out.set('limit', await of(blocksOf(limit.ntk, complex)));
    if (limit.twinNtk && complex) out.set('twin-limit', await of(blocksOf(limit.twinNtk, complex)));
  }
  return out.set('initial', await of(first));
}

interface State {
  request: TrainingRequest;
  networks: { name: Run['network']; network: FiniteNetwork }[];
  twinsReason: string | null;
  runs: Run[];
  points: number[];
  seeds: number[];
  learningRate: number;
  rule: string;
  stopped: string | null;
  backends: Backends;
}

function summary({ request, networks, twinsReason, runs, points, seeds, learningRate, rule, stopped, backends }: State): FiniteTraining {
  const { options: o, targets, limit, finite } = request;
  const lengthIn = (name: Run['network']): number => Math.max(0, ...runs.filter((r) => r.network === name).map((r) => r.residual.length));
  const count = Math.max(...networks.map(({ name }) => lengthIn(name)));
  // A network that has not come as far is left out until it has, so that what was seen never becomes shorter.
  const begun = networks.filter(({ name }) => count > 0 && lengthIn(name) === count);
  const steps = points.slice(0, count);
  const over = (own: Run[], of: (r: Run) => number | undefined): Statistic => {
    const s = new Statistic();
    for (const r of own) {
      const v = of(r);
      if (v !== undefined) s.add(v);
    }
    return s;
  };
  const curves: FiniteCurve[] = begun.map(({ name, network }) => {
    const own = runs.filter((r) => r.network === name);
    const residual = steps.map((_, k) => over(own, (r) => r.residual[k]));
    const drift = steps.map((_, k) => over(own, (r) => r.drift.get(k)));
    return {
      network: name, width: network.width, parameters: network.parameters,
      residual: residual.map((s) => s.mean), residualError: residual.map((s) => s.error),
      accuracy: targets.classes ? steps.map((_, k) => over(own, (r) => r.accuracy[k]).mean) : null,
      drift: drift.map((s) => (s.values.length > 0 ? s.mean : null)), driftError: drift.map((s) => s.error),
    };
  });
  const own = runs.filter((r) => r.network === 'network');
  const lines: PredictedCurve[] = [...(own[0]?.predicted.keys() ?? [])].map((kernel) => ({ kernel, residual: steps.map((_, k) => over(own, (r) => r.predicted.get(kernel)?.[k]).mean) }));
  const best = lines.find((l) => l.kernel === 'limit') ?? lines.find((l) => l.kernel === 'initial');
  const network = curves.find((c) => c.network === 'network');
  const gap = network && best ? largestGap(network, best) : missing(o.optimizer === 'adam' ? 'Adam does not follow a kernel.' : 'No step was done.');
  const last = network?.drift.findLastIndex((d) => d !== null) ?? -1;
  const drift: Quantity = network && last > 0 ? { value: network.drift[last]!, method: 'monte-carlo', error: network.driftError[last]! } : missing('The kernel was taken at the start alone.');
  const predictedReason = o.optimizer === 'adam' ? "Adam's steps are not those of gradient descent, so no kernel predicts them."
    : finite.readOut ? 'With its read-out the network is not linear in its last layer, so the limit does not predict it; the kernel at its start does, as long as it stays.'
      : o.parameterisation === 'standard' ? 'In the standard parameterisation layers learn at rates that depend on their widths, so the limit does not predict it; the kernel at its start does, as long as it stays.'
        : limit.ntk ? null : (limit.reason ?? 'There is no limit.');
  return {
    backend: backends.current.label, fallbackReason: backends.fallbackReason,
    options: { ...o, learningRate }, law: finite.law, learningRateRule: rule,
    seeds, targets: { description: targets.description, outputs: targets.outputs, classes: targets.classes !== null },
    steps, curves, twinsReason, predicted: lines, predictedReason, gap, drift, stopped,
    sentence: sentenceOf(network, steps, gap, drift, best?.kernel ?? null, stopped),
  };
}

function largestGap(curve: FiniteCurve, line: PredictedCurve): Quantity {
  let at = 0;
  const apart = curve.residual.map((v, k) => Math.abs(v - line.residual[k]!));
  apart.forEach((v, k) => { if (v > apart[at]!) at = k; });
  return apart.length === 0 ? missing('No step was done.') : { value: apart[at]!, method: 'monte-carlo', error: curve.residualError[at] ?? null };
}

const show = (v: number): string => String(Number(v.toPrecision(2)));

function sentenceOf(network: FiniteCurve | undefined, steps: number[], gap: Quantity, drift: Quantity, kernel: PredictedCurve['kernel'] | null, stopped: string | null): string {
  if (!network || network.residual.length === 0) return stopped ?? 'No step was done.';
  const left = `After ${steps.at(-1)} steps ${show(100 * network.residual.at(-1)!)} % of the first residual is left`;
  const moved = drift.value === null ? '' : `, and its kernel has moved by ${show(100 * drift.value)} %${drift.value < 0.1 ? ' (lazy, as the limit supposes)' : drift.value < 0.5 ? ' (less lazy than the limit supposes)' : ' (far from lazy: it learns features)'}`;
  const followed = gap.value === null || kernel === null ? '' : ` Its curve is never farther than ${show(gap.value)} from what ${kernel === 'limit' ? "the limit's kernel" : 'its kernel at the start'} foretells.`;
  return `${left}${moved}.${followed}${stopped ? ` ${stopped}` : ''}`;
}
