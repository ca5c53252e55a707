// The interactive job: a query to the engine's child process, as the editor sends it, until its result is here. Knows no peer.
import { fileURLToPath } from 'node:url';
import type { AnalyzeQuery } from '../src/contract/engine.ts';
import { MEMORY_LIMIT_MB, VERDICT_TOLERANCE } from '../src/contract/engine.ts';
import { Fault } from '../src/contract/fault.ts';
import { FINITE_DEFAULTS } from '../src/contract/finite.ts';
import { openEngine } from '../src/host/engineClient.ts';
import type { ModelGraph } from '../src/contract/graph.ts';
import type { InputQuery } from '../src/contract/inputs.ts';
import type { InteractiveResult } from './results.ts';
import type { Specification } from './works.ts';
import { graphOf } from './specification.ts';

const SAMPLES = 128;
const DEPTH = 4;
const FEATURES = 128;
const WARM_CALLS = 5;
/** After this no further call is made, and a running one is cancelled at the second. */
const PATIENCE_MS = { calls: 20_000, call: 60_000 };

type Asked = { label: string; name: string; parameters: Record<string, number | string>; depth?: number };
const asked: Asked[] = [
  { label: 'split-relu', name: 'split-relu', parameters: {} },
  { label: 'cardioid', name: 'cardioid', parameters: {} },
  { label: 'modrelu, bias -0.5', name: 'modrelu', parameters: { bias: -0.5 } },
  { label: 'polar-tanh', name: 'polar-tanh', parameters: {} },
  { label: 'split-tanh', name: 'split-tanh', parameters: {} },
  {
    label: 'z exp(-|z|^2) + conj(z)/2, an expression', name: 'expression',
    parameters: { form: 'general', expression: 'z * exp(-abs(z)^2) + conj(z) / 2' },
  },
];

function specificationOf({ name, parameters, depth = DEPTH }: Asked): Specification {
  const layers = Array.from({ length: depth }, () => [{ kind: 'dense' }, { kind: 'activation', name, parameters }]).flat();
  return { complexNtk: 1, input: [FEATURES], defaults: { weightVariance: 2, biasVariance: 0.1 }, layers: [...layers, { kind: 'dense' }] };
}

/** The built-in modulations, another seed at each call: nothing that an earlier call computed can serve. */
function queryOf(graph: ModelGraph, seed: number): AnalyzeQuery {
  return {
    graph, file: null, weightVariance: null, biasVariance: null, widths: [], seeds: 1, finite: FINITE_DEFAULTS, training: null,
    tolerance: VERDICT_TOLERANCE, only: null, memoryLimitBytes: MEMORY_LIMIT_MB * 2 ** 20, backend: 'cpu',
    inputs: { kind: 'signals', name: 'modulations', options: { seed }, samples: SAMPLES, shape: [FEATURES], normalise: 'none' },
  };
}

/** The first look at finite widths: a small query, on the fastest backend there is. */
const FINITE = { samples: 64, width: 256, seeds: 4 };

function finiteQueryOf(seed: number): AnalyzeQuery {
  const query = queryOf(graphOf(specificationOf({ ...asked[0]!, depth: 2 })), seed);
  return { ...query, widths: [FINITE.width], seeds: FINITE.seeds, backend: 'auto', inputs: { ...query.inputs, samples: FINITE.samples } as InputQuery };
}

async function measured(label: string, queryAt: (seed: number) => AnalyzeQuery): Promise<InteractiveResult> {
  const out: InteractiveResult = { label, coldSeconds: null, seconds: null, slowestSeconds: null, stages: null, method: null, error: null };
  const engine = openEngine({
    dist: fileURLToPath(new URL('../dist', import.meta.url)), version: 'bench', tfjsNodePath: () => '',
    log: { info() {}, warn() {}, error() {} }, onState() {},
  });
  try {
    const from = performance.now();
    for (let call = 0; call <= WARM_CALLS; call++) {
      const query = queryAt(call);
      const start = performance.now();
      if (call > 1 && start - from > PATIENCE_MS.calls) break;
      const result = await engine.call('analyze', query, { signal: AbortSignal.timeout(PATIENCE_MS.call) });
      const seconds = (performance.now() - start) / 1000;
      if (call === 0) {
        out.coldSeconds = seconds;
        continue;
      }
      out.slowestSeconds = Math.max(out.slowestSeconds ?? 0, seconds);
      if (out.seconds !== null && seconds >= out.seconds) continue;
      out.seconds = seconds;
      out.stages = result.seconds;
      out.method = result.kernels.ntk.method;
      out.error = result.kernels.ntk.error;
    }
  } catch (e) {
    out.failed = e instanceof Fault && e.kind === 'cancelled' ? `stopped after ${PATIENCE_MS.call / 1000} s` : e instanceof Error ? e.message : String(e);
  } finally {
    engine.dispose();
  }
  return out;
}

const told = (result: InteractiveResult): string => `query to result, ${result.label}: ${result.failed ?? `${result.seconds!.toFixed(3)} s, first ${result.coldSeconds!.toFixed(3)} s`}`;

export async function measureFiniteInteractive(say: (text: string) => void): Promise<InteractiveResult> {
  const result = await measured(`dense split ReLU of 3 layers, n = ${FINITE.samples}, ${FINITE.width} wide, ${FINITE.seeds} seeds`, finiteQueryOf);
  say(told(result));
  return result;
}

export async function measureInteractive(say: (text: string) => void): Promise<InteractiveResult[]> {
  const found = [];
  for (const one of asked) {
    const graph = graphOf(specificationOf(one));
    const result = await measured(one.label, (seed) => queryOf(graph, seed));
    say(told(result));
    found.push(result);
  }
  return found;
}
