// What rules and the reader found in the model: one list, the worst first.
import type { AnalysisResult } from '../../src/contract/result.ts';
import type { PanelSnapshot } from '../../src/contract/view.ts';
import { h } from '../element.ts';

const SEVERITIES = ['error', 'warning', 'information', 'hint'];

interface Row {
  severity: string;
  message: string;
  code: string;
  place: string;
  layer: string | null;
}

/** Null where nothing was found. @param reveal null where there is no editor to show a layer in. */
export function findingSection(result: AnalysisResult | null, problems: PanelSnapshot['problems'], reveal: ((layer: string) => void) | null): HTMLElement | null {
  const lines = new Map((result?.layers ?? []).map((l) => [l.id, l.line]));
  const rows: Row[] = [
    ...problems.map((p) => ({ severity: p.severity, message: p.message, code: p.code, place: `line ${p.line}`, layer: null })),
    ...(result?.findings ?? []).map(({ severity, message, code, layer }) => {
      const line = layer === null ? null : lines.get(layer);
      return { severity, message, code, layer, place: [layer ?? 'network', line ? `line ${line}` : ''].filter(Boolean).join(', ') };
    }),
  ];
  if (rows.length === 0) return null;
  const rank = (r: Row): number => SEVERITIES.indexOf(r.severity) + (SEVERITIES.includes(r.severity) ? 0 : SEVERITIES.length + 1);
  rows.sort((a, b) => rank(a) - rank(b));
  return h('section', { testid: 'findings', attributes: { 'aria-labelledby': 'findings-title' } },
    h('h2', { id: 'findings-title' }, 'Findings'),
    h('ul', { class: 'findings' }, ...rows.map(({ severity, message, code, place, layer }) =>
      h('li', { attributes: { 'data-severity': severity } },
        h('span', { class: 'severity' }, severity), h('span', { class: 'finding-text' }, message, ' ',
          h('span', { class: 'origin' }, reveal && layer !== null
            ? h('a', { attributes: { href: '#' }, onclick: (event) => { event.preventDefault(); reveal(layer); } }, place)
            : place, ` · ${code}`))))));
}
