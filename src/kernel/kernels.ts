// All kernels of one network on one input set, from the job's tiles: the network's own, its real twin's, and how far they are apart.
import { Fault } from '../contract/fault.ts';
import type { InputSet } from '../contract/inputs.ts';
import { KERNEL_NAMES, type AnalysisResult, type KernelName, type KernelValue, type Method, type Quantity } from '../contract/result.ts';
import { circularity, inputKernel, phaseContent, triplePhase, TRIPLE_SAMPLES } from './gram.ts';
import { asksHolomorphic, itemsOf, methodAt, missingOf, newJob, totals, workThrough, type Job, type Missing, type Statistic, type TileHooks } from './job.ts';
import { variancesOf } from './measures.ts';
import type { Network } from './network.ts';
import { unhurried, type Pace } from './pace.ts';

/** What was met at one step of the network (not of its twin). */
export interface StepTrace {
  /** Index into network.steps. */
  step: number;
  /** Mean over samples and positions of the diagonal of the covariance at the step's output. */
  variance: number;
  /** Relative bound on it. */
  error: number;
  method: Method;
}

export interface KernelSet {
  kernels: Record<KernelName, KernelValue>;
  inputs: Pick<AnalysisResult['inputs'], 'phaseContent' | 'triplePhase' | 'circularity'>;
  /** Mean over the samples of |x|^2 / d: the variance that enters the first layer, before its weights. */
  inputVariance: number;
  trace: StepTrace[];
  /** Why a kernel is missing, and the layer that causes it. */
  missing: Missing | null;
  /** Whether there is a real twin: a complex network has one. */
  hasTwin: boolean;
  realChannelGap: Quantity;
  phaseCoupling: Quantity;
  holomorphicGap: Quantity;
}

/** Runs all items of a job: both phases, one after the other, in this thread or in several. */
export type Executor = (job: Job) => Promise<void>;

/** In this thread; `pace` is told 1 a tile, and a tenth of the tiles for all the measuring. */
export const inThisThread = (pace: Pace, hooks: TileHooks = {}): Executor => async (job) => {
  const { measure, tiles } = itemsOf(job);
  const at = { measure: 0, tile: 0 };
  for (const phase of workThrough(job, hooks, (p) => at[p]++, () => {})) await pace(phase === 'tile' ? 1 : (tiles || 1) / (10 * measure));
};

export interface KernelOptions {
  kernels?: readonly KernelName[];
  execute?: Executor;
  /** Arrays that the executor's threads can share. */
  make?: (length: number) => Float64Array;
}

/**
 * NNGP and NTK of `network` on `inputs` (n x n, one output unit), those of its real twin (the recursion started from Re K0), the
 * NTK under holomorphic backpropagation, and how far they are apart.
 * @throws Fault bad-input where inputs and network do not belong together.
 */
export async function kernelsOf(network: Network, inputs: InputSet, options: KernelOptions = {}): Promise<KernelSet> {
  const { kernels = KERNEL_NAMES, execute = inThisThread(unhurried), make = (length: number) => new Float64Array(length) } = options;
  if (network.field === 'real' && inputs.field === 'complex') throw new Fault('bad-input', 'The network is real and the inputs are complex. Give real inputs (--signals real-noise, or a file of real numbers).');
  const job = newJob(network, inputs, { kernels, make, inMemory: true });
  await execute(job);
  return kernelSet(job, kernels);
}

/** The set that a finished job amounts to. */
export function kernelSet(job: Job, asked: readonly KernelName[]): KernelSet {
  const { network, inputs } = job;
  const { missing } = missingOf(network);
  const sum = totals(job);
  const n = inputs.samples;
  const rows = { length: inputs.positions * inputs.channels, re: inputs.re, im: inputs.im };
  const gram = { reSquare: sum.inputRe, imSquare: sum.inputIm, trace: sum.inputTrace };
  if (job.kernels.length === 0) Object.assign(gram, gramSums(inputKernel(rows, n)));
  const values = Object.fromEntries(KERNEL_NAMES.map((name) => [name, valueOf(job, name, sum, missing, asked)])) as Record<KernelName, KernelValue>;
  return {
    kernels: values,
    inputs: { phaseContent: phaseContent(gram), triplePhase: triplePhase(inputKernel(rows, Math.min(n, TRIPLE_SAMPLES)), n), circularity: circularity(gram) },
    inputVariance: gram.trace / n,
    trace: traceOf(job, sum),
    missing,
    hasTwin: network.field === 'complex',
    ...distances(job, sum, missing),
  };
}

/** What the inputs alone tell, without a network. */
export function inputNumbers(inputs: Pick<InputSet, 'samples' | 're' | 'im'>): KernelSet['inputs'] {
  const { samples: n, re, im } = inputs;
  const rows = { length: re.length / n, re, im };
  const k = inputKernel(rows, n);
  const gram = gramSums(k);
  return { phaseContent: phaseContent(gram), triplePhase: triplePhase(n <= TRIPLE_SAMPLES ? k : inputKernel(rows, TRIPLE_SAMPLES), n), circularity: circularity(gram) };
}

function gramSums(k: { n: number; re: Float64Array; im: Float64Array }) {
  let [reSquare, imSquare, trace] = [0, 0, 0];
  for (const v of k.re) reSquare += v * v;
  for (const v of k.im) imSquare += v * v;
  for (let i = 0; i < k.n; i++) trace += k.re[i * k.n + i]!;
  return { reSquare, imSquare, trace };
}

const ERRORS: Record<KernelName, Statistic> = { nngp: 'nngpError', ntk: 'ntkError', twinNngp: 'twinNngpError', twinNtk: 'twinNtkError', holomorphicNtk: 'ntkError' };

const NO_TWIN = 'the network is real: it is its own twin';
const NO_HOLOMORPHIC = 'not every layer is complex: holomorphic backpropagation is a question for complex networks';

function valueOf(job: Job, name: KernelName, sum: Record<Statistic, number>, missing: Missing | null, asked: readonly KernelName[]): KernelValue {
  const twin = name.startsWith('twin');
  const method = methodAt(twin ? sum.twinMethod : sum.method);
  const none = (reason: string, layer?: string): KernelValue => ({ matrix: null, method, error: null, reason, ...(layer === undefined ? {} : { layer }) });
  if (twin && job.network.field === 'real') return none(NO_TWIN);
  const why = name.toLowerCase().endsWith('nngp') ? missing?.nngp : missing?.ntk;
  if (why) return none(why, missing!.layer);
  if (name === 'holomorphicNtk' && !asksHolomorphic(job.network)) return none(NO_HOLOMORPHIC);
  if (!asked.includes(name)) return none('not asked for');
  const error = sum[ERRORS[name]];
  const n = job.inputs.samples;
  const plane = job.matrices?.[name];
  if (!plane) return { matrix: null, method, error, reason: 'written to its file' };
  const im = plane.im ?? (job.network.outputField === 'complex' ? new Float64Array(n * n) : undefined);
  return { matrix: { rows: n, cols: n, re: plane.re, ...(im ? { im } : {}) }, method, error };
}

function traceOf(job: Job, sum: Record<Statistic, number>): StepTrace[] {
  const { network, measures, until } = job;
  return network.steps.slice(0, until).map((_, step) => {
    const own = variancesOf(measures.network, step);
    return { step, variance: own.reduce((a, b) => a + b, 0) / own.length, error: Math.max(sum.nngpError, 1e-14), method: methodAt(sum.method) };
  });
}

function distances(job: Job, sum: Record<Statistic, number>, missing: Missing | null): Pick<KernelSet, 'realChannelGap' | 'phaseCoupling' | 'holomorphicGap'> {
  const without = (reason: string): Quantity => ({ value: null, method: 'closed', error: null, reason });
  const real = job.network.field === 'real';
  const n = job.inputs.samples;
  const ntk = Math.sqrt(sum.ntkRe + sum.ntkIm);
  const method = methodAt(Math.max(sum.method, sum.twinMethod));
  const ratio = (top: number, scale: number, error: number): Quantity =>
    (scale > 0 ? { value: Math.sqrt(top) / scale, method, error: (2 * error * n * sum.ntkLargest) / scale } : without('the kernel is zero'));
  const hasNtk = job.kernels.length > 0 && job.wanted.ntk;
  const noNtk = missing?.ntk ?? 'the NTK was not asked for';
  return {
    realChannelGap: real ? without(NO_TWIN) : !hasNtk || job.twin === 'none' ? without(hasNtk ? 'the twin was not asked for' : noNtk)
      : ratio(sum.gap, Math.sqrt(sum.twin), Math.max(sum.ntkError, sum.twinNtkError)),
    phaseCoupling: real ? without(NO_TWIN) : !hasNtk ? without(noNtk) : ratio(sum.ntkIm, ntk, sum.ntkError),
    holomorphicGap: !asksHolomorphic(job.network) ? without(NO_HOLOMORPHIC) : !hasNtk ? without(noNtk)
      : !job.wanted.holomorphic ? without('not asked for') : ratio(sum.holomorphic, ntk, sum.ntkError),
  };
}

