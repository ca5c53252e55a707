// The parts of an analysis that draw networks: the study of widths, and training. Knows no kernel's formula.
import type { AnalyzeQuery } from '../contract/engine.ts';
import type { FiniteTraining, FiniteWidth } from '../contract/finite.ts';
import type { InputSet } from '../contract/inputs.ts';
import { fieldOf } from '../contract/order.ts';
import type { KernelName, KernelValue, VerdictClause } from '../contract/result.ts';
import type { CallContext } from '../contract/rpc.ts';
import { labelsOf } from '../kernel/index.ts';
import { Backends, studyFiniteWidth, trainFinite, type BackendOptions, type Targets } from '../network/index.ts';
import { drawnTargets, oneHot } from './targets.ts';

export interface FiniteParts {
  finiteWidth: FiniteWidth | null;
  finiteTraining: FiniteTraining | null;
}

/**
 * @param noLimit why the kernels do not exist; null where they do
 * @param range the part of the whole analysis that this is, as fractions
 * @param timed told of each stage
 */
export async function finiteParts(
  query: AnalyzeQuery, asked: { study: boolean; training: boolean }, inputs: InputSet, kernels: Record<KernelName, KernelValue>, noLimit: string | null, context: CallContext, range: readonly [number, number],
  environment: BackendOptions, timed: <T>(stage: string, work: () => Promise<T>) => Promise<T>,
): Promise<FiniteParts> {
  if (!asked.study && !asked.training) return { finiteWidth: null, finiteTraining: null };
  const { graph, seeds, finite, weightVariance, biasVariance, memoryLimitBytes, widths } = query;
  const { ntk, twinNtk } = kernels;
  // With its read-out the output is not that of the last weighted layer, whose kernel the limit is.
  const limit = finite.readOut ? { ntk: null, twinNtk: null, reason: 'The limit is that of the layer before the read-out.' } : { ntk: ntk.matrix, twinNtk: twinNtk.matrix, reason: noLimit };
  const common = { graph, inputs, seeds, finite, weightVariance, biasVariance, memoryLimitBytes, widths, limit };
  const middle = asked.study && asked.training ? (range[0] + range[1]) / 2 : asked.study ? range[1] : range[0];
  const within = (from: number, to: number): CallContext => ({
    ...context, progress: (p) => context.progress({ ...p, fraction: p.fraction === null ? null : from + (to - from) * p.fraction }),
  });
  const backends = await Backends.open(query.backend, environment);
  try {
    const finiteWidth = asked.study ? await timed('finite-width', () => studyFiniteWidth(common, backends, within(range[0], middle))) : null;
    const finiteTraining = asked.training
      ? await timed('finite-training', () => trainFinite({ ...common, options: query.training!, targets: targetsFor(query, inputs) }, backends, within(middle, range[1])))
      : null;
    return { finiteWidth, finiteTraining };
  } finally {
    backends.dispose();
  }
}

function targetsFor(query: AnalyzeQuery, inputs: InputSet): Targets {
  const labels = labelsOf(inputs.labels ?? null);
  if (labels) return oneHot(labels, query.finite.readOut);
  return drawnTargets(inputs.samples, fieldOf(query.graph) === 'complex', inputs.labels ? 'the inputs are all of one class' : 'the inputs have no labels');
}

/** What the drawn networks add to the verdict. */
export function finiteClauses({ finiteWidth: study, finiteTraining: training }: FiniteParts): VerdictClause[] {
  const out: VerdictClause[] = [];
  if (study) {
    const row = study.rows.find((r) => r.width === study.kernels.width && r.asWritten === study.kernels.asWritten)!;
    out.push({ topic: 'finite-width', text: study.sentence, quantity: row.distance.value === null ? null : row.distance });
    const twin = study.twins.find((t) => t.size === 'double-widths');
    if (row.distance.value === null && twin?.toNetwork.value != null) {
      const { value, error } = twin.toNetwork;
      const noise = error !== null && value <= 2 * error ? ', which is within two standard errors' : '';
      out.push({
        topic: 'finite-width', quantity: twin.toNetwork,
        text: `The mean kernel of its real twins of double widths is ${percent(value)}${error === null ? '' : ` ± ${percent(error)}`} away from the real part of its own${noise}.`,
      });
    }
  }
  if (training) out.push({ topic: 'training', text: `Trained by ${training.options.optimizer} on ${training.targets.description}: ${training.sentence}`, quantity: training.gap.value === null ? null : training.gap });
  return out;
}

const percent = (v: number): string => `${Number((100 * v).toPrecision(2))} %`;
