// What the panel is told: one whole snapshot of one file's entry in the store. Knows no editor API.
import { basename } from 'node:path';
import type { AnalysisResult } from '../contract/result.ts';
import type { Progress } from '../contract/rpc.ts';
import type { PanelSnapshot } from '../contract/view.ts';
import { ARRAY_NAMES, kernelArrays, withKernels } from '../report/index.ts';
import { shownModel, type Entry, type Models } from './models.ts';
import { TELL_ALL, type Told } from './severities.ts';

/** More than the panel could show; a broken file can have thousands. */
const PROBLEMS = 200;

/** Bytes of matrices that are sent to the panel at most: each message is a copy, and the panel makes heatmaps of it. */
export const MOST_PANEL_BYTES = 256e6;
/** What the panel shows first is sent first; the kernels of drawn networks come after these. */
const FIRST = (['ntk', 'twinNtk', 'nngp', 'twinNngp', 'holomorphicNtk'] as const).map((name) => ARRAY_NAMES[name]);

export const EMPTY: PanelSnapshot = {
  title: 'Complex NTK', state: 'empty', progress: null, fault: null, result: null, problems: [], models: [], model: null, live: true, activeLayer: null,
};

export function snapshotOf(models: Models, entry: Entry, activeLayer: string | null, told: Told = TELL_ALL): PanelSnapshot {
  const model = shownModel(entry);
  const analysis = model ? entry.analyses.get(model.name) : undefined;
  const state = models.state(entry, model);
  const file = basename(entry.fileName);
  return {
    title: model ? `${file} - ${model.name}` : file,
    state,
    progress: progressOf(entry),
    fault: state === 'failed' ? analysis!.fault!.value.toValue() : null,
    result: analysis?.result ? tellingOf(lightened(analysis.result.value), told) : null,
    problems: told(entry.parsed.problems).slice(0, PROBLEMS).map(({ code, severity, message, span }) => ({ code, severity, message, line: span.line })),
    models: entry.parsed.models.map(({ name }) => name),
    model: model?.name ?? null,
    live: true,
    activeLayer,
  };
}

/** What is kept on disk or exported has all findings. */
const tellingOf = (result: AnalysisResult, told: Told): AnalysisResult => ({ ...result, findings: told(result.findings) });

/** Of what runs for the shown network. */
export function progressOf(entry: Entry): Progress | null {
  const model = shownModel(entry);
  return (model && entry.analyses.get(model.name)?.running?.progress) ?? null;
}

/** Without the matrices that are too large to be sent, each with the reason; the result itself if all can be. */
export function lightened(result: AnalysisResult, most = MOST_PANEL_BYTES): AnalysisResult {
  const arrays = kernelArrays(result);
  const left = new Map<string, number>();
  let room = most;
  for (const name of new Set([...FIRST, ...Object.keys(arrays)])) {
    const matrix = arrays[name];
    const bytes = matrix ? 8 * (matrix.re.length + (matrix.im?.length ?? 0)) : 0;
    if (bytes <= room) room -= bytes;
    else left.set(name, bytes);
  }
  if (left.size === 0) return result;
  return withKernels(result, (kernel, name) => (!left.has(name) ? kernel
    : { ...kernel, matrix: null, reason: `Too large for the panel (${Math.round(left.get(name)! / 1e6)} MB): an exported report has it in kernel.npz.` }));
}
