// One analysis from query to result: inputs, kernels, spectra, finite widths, verdict. The CLI calls it in its own process, the editor through main.ts.
import { createHash } from 'node:crypto';
import { canonicalModel } from '../contract/canonical.ts';
import type { AnalysisPart, AnalyzeQuery, BackendPreference, EngineInfo } from '../contract/engine.ts';
import type { InputSet } from '../contract/inputs.ts';
import { KERNEL_NAMES, type AnalysisResult, type KernelValue, type Spectrum } from '../contract/result.ts';
import type { CallContext } from '../contract/rpc.ts';
import { Fault } from '../contract/fault.ts';
import { loadInputs } from '../data/index.ts';
import {
  compileNetwork, depthOf, equivalentsOf, findingsOf, inThisThread, itemsOf, kernelsOf, labelsOf, layerReports, modalKernel, regressionOf, sitesOf, spectrumOf, trainingOf, verdictOf,
  NO_KERNEL, withoutLimit, workOfRegression, workOfSpectrum, type Executor, type KernelSet, type LimitParts, type ModalKernel, type Network,
} from '../kernel/index.ts';
import { openBackend } from '../network/index.ts';
import { commandLine } from './command-line.ts';
import { finiteClauses, finiteParts } from './finite.ts';
import { checkMemory } from './limits.ts';
import { paceOf } from './pace.ts';
import { defaultThreads, poolOf, sharedFloats } from './pool.ts';

/** What this process knows of its surroundings. */
export interface Environment {
  /** Folder of the wasm backend's files. */
  wasmDir: string;
  /** The bundle that worker threads run; null: everything is computed in this thread. */
  workerFile: string | null;
  /** Folder of an @tensorflow/tfjs-node to use; null: the one beside the program, where there is one. */
  tfjsNodePath: string | null;
  version: string;
}

/** @throws Fault; every number of the result says how it was got and how well it is known. */
export async function analyze(query: AnalyzeQuery, context: CallContext, environment: Environment): Promise<AnalysisResult> {
  const { graph } = query;
  const wants = (part: AnalysisPart) => query.only === null || query.only.includes(part);
  const seconds: Record<string, number> = {};
  const timed = async <T>(stage: string, work: () => T | Promise<T>): Promise<T> => {
    const start = performance.now();
    try {
      return await work();
    } finally {
      seconds[stage] = (performance.now() - start) / 1000;
    }
  };
  const asked = { study: query.widths.length > 0 && wants('finite-width'), training: query.training !== null && wants('finite-training') };
  const finite = asked.study || asked.training;
  // What has no kernel is refused before the inputs are read, where their shape is known, and in any case before computing;
  // where networks are to be drawn, they are studied in its place.
  const compiled = (shape: number[]): Network | Fault => {
    try {
      return compileNetwork(graph, query, shape);
    } catch (e) {
      if (finite && e instanceof Fault && e.kind === 'not-supported') return e;
      throw e;
    }
  };
  const expected = query.inputs.shape ?? graph.inputShape;
  if (expected) compiled(expected);
  context.progress({ fraction: 0, message: 'Reading the inputs' });
  const inputs = await timed('inputs', () =>
    loadInputs(query.inputs, { inputShape: graph.inputShape, inputField: graph.inputField }, { memoryBytes: query.memoryLimitBytes }, context.signal));
  const network = compiled(inputs.shape);
  const end = network instanceof Fault ? 0.01 : finite ? 0.4 : 0.95;
  const limit = network instanceof Fault ? withoutLimit(graph, inputs, network, query.tolerance)
    : await limitParts(query, network, inputs, context, end, environment, timed, wants);
  const drawn = await finiteParts(query, asked, inputs, limit.kernels, network instanceof Fault ? NO_KERNEL : (limit.kernels.ntk.reason ?? null), context, [end, 1], environment, timed);
  const { field, inputNumbers, verdict, ...parts } = limit;
  return {
    schema: 1,
    product: { name: 'complex-ntk', version: environment.version },
    command: commandLine(query),
    model: {
      name: graph.name, file: query.file, line: graph.line, field,
      hash: createHash('sha256').update(canonicalModel(graph)).digest('hex'),
    },
    inputs: {
      description: inputs.description, samples: inputs.samples, shape: inputs.shape, normalise: query.inputs.normalise, provenance: inputs.provenance,
      labels: inputs.labels ? Array.from(inputs.labels) : null,
      classes: inputs.classes ?? null,
      ...inputNumbers,
    },
    ...parts,
    ...drawn,
    verdict: { ...verdict, clauses: [...verdict.clauses, ...finiteClauses(drawn)] },
    seconds,
  };
}

/** All that the infinite-width kernels tell. */
async function limitParts(
  query: AnalyzeQuery, network: Network, inputs: InputSet, context: CallContext, end: number, environment: Environment, timed: Timed, wants: (part: AnalysisPart) => boolean,
): Promise<LimitParts> {
  const { graph } = query;
  checkMemory(network, inputs.samples, KERNEL_NAMES.length, defaultThreads(), query.memoryLimitBytes);
  const kernelsEnd = 0.6 * end;
  const set = await timed('kernels', () => kernelsOf(network, inputs, {
    make: sharedFloats,
    execute: executorOf(context, `Kernels of ${inputs.samples} samples`, [0.01, kernelsEnd], environment),
  }));
  const { spectra, training, regression } = await diagnosed(network, inputs, set, context, [kernelsEnd, end], timed, wants);
  const layers = layerReports(graph, network, set);
  const { depth, equivalents } = await timed('depth', async () => {
    if (!wants('depth')) return { depth: { value: null, reason: NOT_ASKED }, equivalents: { value: null, reason: NOT_ASKED } };
    const pace = paceOf(context, 'Depth study', 1, [end, end]);
    const sites = sitesOf(graph, layers, network.output.id);
    return { depth: await depthOf(sites, pace), equivalents: await equivalentsOf(sites, pace) };
  });
  const studies = { spectra, training, regression, depth };
  const verdict = verdictOf(network, set, query.tolerance, studies);
  const units = network.output.parameters.outFeatures;
  return {
    field: network.field,
    inputNumbers: set.inputs,
    layers,
    kernelOf: network.output.id,
    outputUnits: typeof units === 'number' ? units : null,
    kernels: set.kernels,
    realChannelGap: set.realChannelGap,
    phaseCoupling: set.phaseCoupling,
    holomorphicGap: set.holomorphicGap,
    ...studies,
    equivalents,
    verdict,
    findings: findingsOf({ network, set, layers, studies, verdict }),
  };
}

/** Which backend a finite-width study would run on here. */
export async function engineInfo(query: { backend: BackendPreference }, environment: Environment): Promise<EngineInfo> {
  const backend = await openBackend(query.backend, environment);
  try {
    return { node: process.version, backend: backend.label, fallbackReason: backend.fallbackReason };
  } finally {
    backend.dispose();
  }
}

const NOT_ASKED = 'not asked for';
/** Entries of all steps under which the threads are not worth waking. */
const SMALL_JOB = 20_000;

/** In the pool where there is one and the job is worth it; the items are the same. */
function executorOf(context: CallContext, message: string, range: readonly [number, number], environment: Environment): Executor {
  return (job) => {
    const { measure, tiles } = itemsOf(job);
    const pool = job.inputs.samples ** 2 * job.inputs.positions * job.network.steps.length > SMALL_JOB ? poolOf(environment.workerFile) : null;
    return (pool ? pool.executor(context, message, range) : inThisThread(paceOf(context, message, 1.1 * (tiles || measure), range)))(job);
  };
}

type Timed = <T>(stage: string, work: () => T | Promise<T>) => Promise<T>;

/** What eigenvalues and held-out samples tell of the kernels. */
async function diagnosed(
  network: Network, inputs: InputSet, set: KernelSet, context: CallContext, range: readonly [number, number], timed: Timed, wants: (part: AnalysisPart) => boolean,
): Promise<Pick<AnalysisResult, 'spectra' | 'training' | 'regression'>> {
  const n = inputs.samples;
  const { ntk, twinNtk } = set.kernels;
  const labels = labelsOf(inputs.labels ?? null);
  const whyNone = inputs.labels ? 'the inputs are all of one class' : 'the inputs have no labels';
  const without = (reason: string) => ({ value: null, reason });
  const complex = network.field === 'complex';
  const work = 3 * workOfSpectrum(n) + workOfRegression(n, complex);
  const pace = paceOf(context, 'Eigenvalues, training and held-out samples', work, range);

  const modal = async (kernel: KernelValue): Promise<ModalKernel | null> => (kernel.matrix ? modalKernel(kernel, pace) : null);
  const asked = wants('spectrum') || wants('training');
  const modes = await timed('spectrum', async () => (asked ? { ntk: await modal(ntk), twin: complex ? await modal(twinNtk) : null } : { ntk: null, twin: null }));
  const spectrum = (k: ModalKernel | null): Promise<Spectrum> | null => k && spectrumOf(k, network.outputField, pace);
  const spectra: AnalysisResult['spectra'] = wants('spectrum')
    ? { ntk: await spectrum(modes.ntk), twinNtk: await spectrum(modes.twin), ...(modes.ntk ? {} : { reason: ntk.reason! }) }
    : { ntk: null, twinNtk: null, reason: NOT_ASKED };
  const training = await timed('training', () =>
    (!wants('training') ? without(NOT_ASKED) : modes.ntk ? trainingOf(modes.ntk, modes.twin, labels, whyNone, network.outputField, pace) : without(ntk.reason!)));
  const regression = await timed('regression', () =>
    (wants('regression') ? regressionOf(set.kernels, labels, whyNone, network.outputField === 'complex', pace) : without(NOT_ASKED)));
  return { spectra, training, regression };
}
