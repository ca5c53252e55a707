// What the panel is told: one whole snapshot of one file's entry in the store. Knows no editor API.
import { basename } from 'node:path';
import type { PanelSnapshot } from '../contract/view.ts';
import { shownModel, type Entry, type Models } from './models.ts';

/** More than the panel could show; a broken file can have thousands. */
const PROBLEMS = 200;

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
    result: analysis?.result?.value ?? null,
    problems: entry.parsed.problems.slice(0, PROBLEMS).map(({ code, severity, message, span }) => ({ code, severity, message, line: span.line })),
    models: entry.parsed.models.map(({ name }) => name),
    model: model?.name ?? null,
    live: true,
    activeLayer,
  };
}

/** Milliseconds between two snapshots that differ in progress only: large matrices cost time to send. */
export function progressInterval(snapshot: PanelSnapshot): number {
  const matrices = Object.values(snapshot.result?.kernels ?? {}).map(({ matrix }) => matrix);
  const numbers = matrices.reduce((sum, matrix) => sum + (matrix ? matrix.re.length + (matrix.im?.length ?? 0) : 0), 0);
  return 150 + numbers / 5_000;
}
