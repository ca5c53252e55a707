// One analysis from query to result: inputs, kernels, spectra, finite widths, verdict. The CLI calls it in its own process, the editor through main.ts.
import { createHash } from 'node:crypto';
import { canonicalModel } from '../contract/canonical.ts';
import type { AnalysisPart, AnalyzeQuery, BackendPreference, EngineInfo } from '../contract/engine.ts';
import type { InputSet } from '../contract/inputs.ts';
import type { AnalysisResult, FiniteWidth, KernelValue, Spectrum } from '../contract/result.ts';
import type { CallContext } from '../contract/rpc.ts';
import { loadInputs } from '../data/index.ts';
import { chainOf, findingsOf, kernelsOf, layerReports, spectrumOf, SPECTRUM_SAMPLES, verdictOf, workOfKernels, type Chain, type KernelSet } from '../kernel/index.ts';
import { openBackend, studyFiniteWidth } from '../network/index.ts';
import { commandLine } from './command-line.ts';
import { checkFit, checkMemory } from './limits.ts';
import { paceOf } from './pace.ts';

/** What this process knows of its surroundings. */
export interface Environment {
  /** Folder of the wasm backend's files. */
  wasmDir: string;
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
  const chain = chainOf(graph, query);
  context.progress({ fraction: 0, message: 'Reading the inputs' });
  const inputs = await timed('inputs', () =>
    loadInputs(query.inputs, { inputShape: graph.inputShape, inputField: graph.inputField }, { memoryBytes: query.memoryLimitBytes }, context.signal));
  checkFit(chain, inputs);
  checkMemory(inputs.samples, query.memoryLimitBytes);

  const finite = query.widths.length > 0 && wants('finite-width');
  const share = finite ? 0.4 : 0.9;
  const features = inputs.re.length / inputs.samples;
  const set = await timed('kernels', () =>
    kernelsOf(chain, inputs, paceOf(context, `Kernels of ${inputs.samples} samples`, workOfKernels(chain, inputs.samples, features), [0.01, share])));
  const spectra = await timed('spectrum', async () => {
    context.progress({ fraction: share, message: 'Eigenvalues' });
    return wants('spectrum') ? spectraOf(set, inputs.samples) : { ntk: null, twinNtk: null, reason: 'not asked for' };
  });
  const finiteWidth = finite
    ? await timed('finite-width', () => studied(query, chain, inputs, set, { ...context, progress: (p) => context.progress({ ...p, fraction: p.fraction === null ? null : share + (1 - share) * p.fraction }) }, environment))
    : null;

  const verdict = verdictOf(chain, set, query.tolerance);
  const layers = layerReports(graph, chain, set);
  const units = chain.output.parameters.outFeatures;
  return {
    schema: 1,
    product: { name: 'complex-ntk', version: environment.version },
    command: commandLine(query),
    model: {
      name: graph.name, file: query.file, line: graph.line, field: chain.field,
      hash: createHash('sha256').update(canonicalModel(graph)).digest('hex'),
    },
    inputs: {
      description: inputs.description, samples: inputs.samples, shape: inputs.shape, normalise: query.inputs.normalise, provenance: inputs.provenance,
      labels: inputs.labels ? Array.from(inputs.labels) : null,
      classes: inputs.classes ?? null,
      ...set.inputs,
    },
    layers,
    kernelOf: chain.output.id,
    outputUnits: typeof units === 'number' ? units : null,
    kernels: set.kernels,
    realChannelGap: set.realChannelGap,
    phaseCoupling: set.phaseCoupling,
    spectra,
    finiteWidth,
    verdict,
    findings: findingsOf({ chain, set, layers, verdict }),
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

function spectraOf(set: KernelSet, samples: number): AnalysisResult['spectra'] {
  if (samples > SPECTRUM_SAMPLES) return { ntk: null, twinNtk: null, reason: `eigenvalues are computed for at most ${SPECTRUM_SAMPLES} samples, and there are ${samples}` };
  const of = ({ matrix, error, method }: KernelValue): Spectrum | null =>
    matrix && spectrumOf({ n: matrix.rows, re: matrix.re, im: matrix.im ?? new Float64Array(matrix.re.length) }, error!, method);
  const ntk = of(set.kernels.ntk);
  return { ntk, twinNtk: of(set.kernels.twinNtk), ...(ntk ? {} : { reason: set.kernels.ntk.reason! }) };
}

async function studied(query: AnalyzeQuery, chain: Chain, inputs: InputSet, set: KernelSet, context: CallContext, environment: Environment): Promise<FiniteWidth> {
  const backend = await openBackend(query.backend, environment);
  try {
    const layers = chain.steps.flatMap((step, at) => {
      if (step.kind !== 'dense') return [];
      const next = chain.steps[at + 1];
      const { activation, parameters } = next?.kind === 'activation' ? next : { activation: null, parameters: {} };
      return [{ weightVariance: step.weightVariance, biasVariance: step.biasVariance, activation, parameters }];
    });
    const limit = { ntk: set.kernels.ntk.matrix, twinNtk: set.kernels.twinNtk.matrix };
    const { widths, seeds, memoryLimitBytes } = query;
    return await studyFiniteWidth({ network: { field: chain.field, layers }, inputs, widths, seeds, limit, memoryLimitBytes }, backend, context);
  } finally {
    backend.dispose();
  }
}
