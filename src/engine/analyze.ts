// One analysis from query to result: inputs, kernels, spectra, finite widths, verdict. The CLI calls it in its own process, the editor through main.ts.
import { createHash } from 'node:crypto';
import { canonicalModel } from '../contract/canonical.ts';
import type { AnalysisPart, AnalyzeQuery, BackendPreference, EngineInfo } from '../contract/engine.ts';
import type { InputSet } from '../contract/inputs.ts';
import { KERNEL_NAMES, type AnalysisResult, type FiniteWidth, type KernelValue, type Spectrum } from '../contract/result.ts';
import type { CallContext } from '../contract/rpc.ts';
import { Fault } from '../contract/fault.ts';
import { loadInputs } from '../data/index.ts';
import {
  compileNetwork, denseLayersOf, depthOf, equivalentsOf, findingsOf, inThisThread, itemsOf, kernelsOf, labelsOf, layerReports, modalKernel, regressionOf, sitesOf, spectrumOf, trainingOf, verdictOf,
  workOfRegression, workOfSpectrum, type Executor, type KernelSet, type DenseLayer, type ModalKernel, type Network,
} from '../kernel/index.ts';
import { openBackend, studyFiniteWidth } from '../network/index.ts';
import { commandLine } from './command-line.ts';
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
  const finite = query.widths.length > 0 && wants('finite-width');
  // What has no kernel is refused before the inputs are read, where their shape is known, and in any case before computing.
  const compiled = (shape: number[]): Network => {
    const network = compileNetwork(graph, query, shape);
    if (finite) denseLayersFor(network);
    return network;
  };
  const expected = query.inputs.shape ?? graph.inputShape;
  if (expected) compiled(expected);
  context.progress({ fraction: 0, message: 'Reading the inputs' });
  const inputs = await timed('inputs', () =>
    loadInputs(query.inputs, { inputShape: graph.inputShape, inputField: graph.inputField }, { memoryBytes: query.memoryLimitBytes }, context.signal));
  const network = compiled(inputs.shape);
  checkMemory(network, inputs.samples, KERNEL_NAMES.length, defaultThreads(), query.memoryLimitBytes);

  const ends = finite ? { kernels: 0.25, modes: 0.4 } : { kernels: 0.5, modes: 0.95 };
  const set = await timed('kernels', () => kernelsOf(network, inputs, {
    make: sharedFloats,
    execute: executorOf(context, `Kernels of ${inputs.samples} samples`, [0.01, ends.kernels], environment),
  }));
  const { spectra, training, regression } = await diagnosed(network, inputs, set, context, [ends.kernels, ends.modes], timed, wants);
  const finiteWidth = finite
    ? await timed('finite-width', () => studied(query, network, inputs, set, { ...context, progress: (p) => context.progress({ ...p, fraction: p.fraction === null ? null : ends.modes + (1 - ends.modes) * p.fraction }) }, environment))
    : null;

  const layers = layerReports(graph, network, set);
  const { depth, equivalents } = await timed('depth', async () => {
    if (!wants('depth')) return { depth: { value: null, reason: NOT_ASKED }, equivalents: { value: null, reason: NOT_ASKED } };
    const pace = paceOf(context, 'Depth study', 1, [ends.modes, ends.modes]);
    const sites = sitesOf(graph, layers, network.output.id);
    return { depth: await depthOf(sites, pace), equivalents: await equivalentsOf(sites, pace) };
  });
  const studies = { spectra, training, regression, depth };
  const verdict = verdictOf(network, set, query.tolerance, studies);
  const units = network.output.parameters.outFeatures;
  return {
    schema: 1,
    product: { name: 'complex-ntk', version: environment.version },
    command: commandLine(query),
    model: {
      name: graph.name, file: query.file, line: graph.line, field: network.field,
      hash: createHash('sha256').update(canonicalModel(graph)).digest('hex'),
    },
    inputs: {
      description: inputs.description, samples: inputs.samples, shape: inputs.shape, normalise: query.inputs.normalise, provenance: inputs.provenance,
      labels: inputs.labels ? Array.from(inputs.labels) : null,
      classes: inputs.classes ?? null,
      ...set.inputs,
    },
    layers,
    kernelOf: network.output.id,
    outputUnits: typeof units === 'number' ? units : null,
    kernels: set.kernels,
    realChannelGap: set.realChannelGap,
    phaseCoupling: set.phaseCoupling,
    holomorphicGap: set.holomorphicGap,
    spectra,
    training,
    regression,
    depth,
    equivalents,
    finiteWidth,
    verdict,
    findings: findingsOf({ network, set, layers, studies, verdict }),
    seconds,
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

/** @throws Fault where finite widths are not studied: the kernels alone can still be had. */
function denseLayersFor(network: Network): DenseLayer[] {
  const layers = denseLayersOf(network);
  if ('reason' in layers) throw new Fault('not-supported', `${layers.reason}. Run it without widths.`);
  return layers;
}

async function studied(query: AnalyzeQuery, network: Network, inputs: InputSet, set: KernelSet, context: CallContext, environment: Environment): Promise<FiniteWidth> {
  const layers = denseLayersFor(network);
  const backend = await openBackend(query.backend, environment);
  try {
    const limit = { ntk: set.kernels.ntk.matrix, twinNtk: set.kernels.twinNtk.matrix };
    const { widths, seeds, memoryLimitBytes } = query;
    return await studyFiniteWidth({ network: { field: network.field, layers }, inputs, widths, seeds, limit, memoryLimitBytes }, backend, context);
  } finally {
    backend.dispose();
  }
}
