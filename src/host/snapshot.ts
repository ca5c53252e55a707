// What the panel is told: one whole snapshot of one file's entry in the store. Knows no editor API.
import { basename } from 'node:path';
import type { ComplexMatrix } from '../contract/matrix.ts';
import type { AnalysisResult, KernelName } from '../contract/result.ts';
import type { PanelSnapshot } from '../contract/view.ts';
import { shownModel, type Entry, type Models } from './models.ts';

/** More than the panel could show; a broken file can have thousands. */
const PROBLEMS = 200;

/** Bytes of matrices that are sent to the panel at most: each message is a copy, and the panel makes heatmaps of it. */
export const MOST_PANEL_BYTES = 256e6;
/** What the panel shows first is sent first. */
const SENT: readonly KernelName[] = ['ntk', 'twinNtk', 'nngp', 'twinNngp', 'holomorphicNtk'];

export const EMPTY: PanelSnapshot = {
  title: 'Complex NTK', state: 'empty', progress: null, fault: null, result: null, problems: [], models: [], model: null, live: true, activeLayer: null,
};

export function snapshotOf(models: Models, entry: Entry, activeLayer: string | null): PanelSnapshot {
  const model = shownModel(entry);
  const analysis = model ? entry.analyses.get(model.name) : undefined;
  const state = models.state(entry, model);
  const file = basename(entry.fileName);
  return {
    title: model ? `${file} - ${model.name}` : file,
    state,
    progress: analysis?.running?.progress ?? null,
    fault: state === 'failed' ? analysis!.fault!.value.toValue() : null,
    result: analysis?.result ? lightened(analysis.result.value) : null,
    problems: entry.parsed.problems.slice(0, PROBLEMS).map(({ code, severity, message, span }) => ({ code, severity, message, line: span.line })),
    models: entry.parsed.models.map(({ name }) => name),
    model: model?.name ?? null,
    live: true,
    activeLayer,
  };
}

const bytesOf = (matrix: ComplexMatrix | null): number => (matrix ? 8 * (matrix.re.length + (matrix.im?.length ?? 0)) : 0);

/** Without the matrices that are too large to be sent, each with the reason; the result itself if all can be. */
export function lightened(result: AnalysisResult, most = MOST_PANEL_BYTES): AnalysisResult {
  const kernels = { ...result.kernels };
  let room = most;
  for (const name of SENT) {
    const bytes = bytesOf(kernels[name].matrix);
    if (bytes <= room) room -= bytes;
    else kernels[name] = { ...kernels[name], matrix: null, reason: `Too large for the panel (${Math.round(bytes / 1e6)} MB): an exported report has it in kernel.npz.` };
  }
  return SENT.every((name) => kernels[name] === result.kernels[name]) ? result : { ...result, kernels };
}

/** Milliseconds between two snapshots that differ in progress only: large matrices cost time to send. */
export function progressInterval(snapshot: PanelSnapshot): number {
  const bytes = Object.values(snapshot.result?.kernels ?? {}).reduce((sum, { matrix }) => sum + bytesOf(matrix), 0);
  return 150 + bytes / 40_000;
}
