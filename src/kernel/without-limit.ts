// What is told of a network that has no infinite-width kernel: its layers, its inputs, and why. Knows no finite network.
import { Fault } from '../contract/fault.ts';
import type { ModelGraph } from '../contract/graph.ts';
import type { InputSet } from '../contract/inputs.ts';
import { endingOf, fieldOf, inOrder, sourcesOf } from '../contract/order.ts';
import { KERNEL_NAMES, type AnalysisResult, type KernelName, type KernelValue, type Quantity } from '../contract/result.ts';
import { inputNumbers } from './kernels.ts';
import { layerReportsWithout } from './layers.ts';

/** The parts of a result that the limit would have told. */
export type LimitParts = Omit<AnalysisResult, 'schema' | 'product' | 'command' | 'model' | 'inputs' | 'finiteWidth' | 'finiteTraining' | 'seconds'> & {
  inputNumbers: Pick<AnalysisResult['inputs'], 'phaseContent' | 'triplePhase' | 'circularity'>;
  field: 'complex' | 'real';
};

export const NO_KERNEL = 'there is no infinite-width kernel';

/** @param fault why the network was refused: its message, and its layer where there is one */
export function withoutLimit(graph: ModelGraph, inputs: InputSet, fault: Fault, tolerance: number): LimitParts {
  const sources = sourcesOf(graph);
  const { output } = endingOf(graph, inOrder(graph, sources), sources);
  const reason = fault.message.replace(/\.$/, '');
  // The whole reason stands with the kernels and in the verdict; everywhere else it would only be repeated.
  const none = (): Quantity => ({ value: null, method: 'closed', error: null, reason: NO_KERNEL });
  const kernel = (): KernelValue => ({ matrix: null, method: 'closed', error: null, reason, ...(fault.layer === undefined ? {} : { layer: fault.layer }) });
  const part = { value: null, reason: NO_KERNEL };
  const units = output.parameters.outFeatures;
  return {
    field: fieldOf(graph),
    inputNumbers: inputNumbers(inputs),
    layers: layerReportsWithout(graph, NO_KERNEL),
    kernelOf: output.id,
    outputUnits: typeof units === 'number' ? units : null,
    kernels: Object.fromEntries(KERNEL_NAMES.map((name) => [name, kernel()])) as Record<KernelName, KernelValue>,
    realChannelGap: none(), phaseCoupling: none(), holomorphicGap: none(),
    spectra: { ntk: null, twinNtk: null, reason: NO_KERNEL },
    training: part, regression: part, depth: part, equivalents: part,
    verdict: {
      word: 'undecided', tolerance, clauses: [], caveats: [],
      sentence: `This network has no infinite-width kernel, so that its own drawn networks are all there is to go by: ${reason}.`,
    },
    findings: [{ code: 'no-kernel', severity: 'information', layer: fault.layer ?? null, message: `No infinite-width kernel: ${reason}. Networks of finite width are studied in its place.` }],
  };
}
