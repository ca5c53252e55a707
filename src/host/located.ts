// The rows for the Problems panel of one file: what its text shows, and what the analyses found at its layers. Knows no editor API.
import { problemCodes } from '../catalog/problems.ts';
import type { ModelGraph, Problem } from '../contract/graph.ts';
import type { Entry, Models } from './models.ts';

/** Findings belong to the text as it stands: those of a stale result are left out, their layers may have moved. */
export function problemsOf(models: Models, entry: Entry): Problem[] {
  const findings = entry.parsed.models.flatMap((model) => {
    if (models.state(entry, model) !== 'fresh') return [];
    const whole = { line: model.line, column: 1, endLine: model.line, endColumn: 1000 };
    return entry.analyses.get(model.name)!.result!.value.findings.map(({ code, severity, message, layer }) => {
      const node = layer === null ? undefined : model.layers.find(({ id }) => id === layer);
      return { code, severity, message, span: node?.span ?? whole };
    });
  });
  return [...entry.parsed.problems, ...findings, ...entry.parsed.models.flatMap((model) => refusedLayer(models, entry, model))];
}

/** The layer for which the network was refused. What could not be read stands among the problems of the text already. */
function refusedLayer(models: Models, entry: Entry, model: ModelGraph): Problem[] {
  const fault = models.refusal(entry, model);
  const node = fault?.kind === 'not-supported' ? model.layers.find(({ id }) => id === fault.layer) : undefined;
  if (!node?.span || node.kind === 'unresolved') return [];
  const code = 'no-kernel';
  return [{ code, severity: problemCodes[code]!.severity, message: fault!.message, span: node.span }];
}
