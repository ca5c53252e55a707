// The layers in forward order with what the analysis knows of each. The layer at the editor's cursor is marked.
import type { Initialisation } from '../../src/contract/graph.ts';
import type { AnalysisResult, DepthMap, LayerReport, Quantity } from '../../src/contract/result.ts';
import { h } from '../element.ts';
import { DASH, number } from '../format.ts';
import { depthOf } from '../plots/activations.ts';
import { quantityElement } from './quantity.ts';

export interface LayerSection {
  element: HTMLElement;
  mark(layer: string | null): void;
}

const COLUMNS = [
  'Layer', 'Line', 'fan-in · E|w|²', 'Bias E|b|²', 'Variance after', 'Slope χ at c = 1', 'Gain', 'Derivative gain', 'Critical fan-in · E|w|²', 'Structure',
] as const;

/** @param reveal null where there is no editor to show a layer in. */
export function layerSection(result: AnalysisResult, reveal: ((layer: string) => void) | null): LayerSection {
  const rows = new Map<string, HTMLElement>();
  const known = (value: number | null | undefined): string => (value === null || value === undefined ? DASH : number(value));

  function row(layer: LayerReport): HTMLElement {
    const init = layer.initialisation;
    const a = layer.activation;
    const depth = depthOf(result, layer.id);
    const cell = rowCells();
    const line = layer.line === null ? DASH : reveal
      ? h('a', { class: 'line', title: 'Show in the editor', attributes: { href: '#', 'aria-label': `Line ${layer.line}, show ${layer.label} in the editor` }, onclick: (event) => { event.preventDefault(); reveal(layer.id); } }, String(layer.line))
      : String(layer.line);
    const element = h('tr', { attributes: { 'data-layer': layer.id } },
      h('th', { attributes: { scope: 'row' } }, h('span', { class: 'layer-label' }, layer.label), h('span', { class: 'origin' }, `${layer.id}${layer.field === 'real' ? ', real' : ''}`)),
      h('td', {}, line),
      h('td', {}, init ? h('span', {}, known(init.weightVariance), ' ', h('span', { class: 'origin' }, from(init)), ...against(result, layer.id, init)) : ''),
      h('td', {}, init ? known(init.biasVariance) : ''),
      cell(layer.variance),
      cell(a && depth?.slope, depth?.phase && h('span', { class: 'phase' }, depth.phase)),
      cell(a?.gain),
      cell(a?.derivativeGain),
      cell(a?.criticalWeightVariance),
      h('td', {}, a ? h('span', {}, a.structure.join(', '), ' ', ...notes(a)) : ''));
    rows.set(layer.id, element);
    return element;
  }

  const element = h('section', { testid: 'layers', attributes: { 'aria-labelledby': 'layers-title' } },
    h('h2', { id: 'layers-title' }, 'Layers'),
    h('div', { class: 'table-frame', attributes: { tabindex: 0, role: 'region', 'aria-label': 'Layers' } },
      h('table', { class: 'layers' },
        h('thead', {}, h('tr', {}, ...COLUMNS.map((c) => h('th', { attributes: { scope: 'col' } }, c)))),
        h('tbody', {}, ...result.layers.map(row)))));

  function mark(id: string | null): void {
    for (const [layer, tr] of rows) {
      if (layer === id) tr.setAttribute('aria-current', 'location');
      else tr.removeAttribute('aria-current');
    }
  }
  return { element, mark };
}

type Cell = (q: Quantity | undefined, more?: HTMLElement | null) => HTMLElement;

/** Cells of one row: empty where the layer has no such number. A reason needs more room than a number, and is said once. */
function rowCells(): Cell {
  const said = new Set<string>();
  return (q, more) => {
    if (!q) return h('td', {});
    const again = q.value === null && q.reason !== undefined && said.has(q.reason);
    if (q.value === null && q.reason) said.add(q.reason);
    return again ? h('td', {}, DASH, more) : h('td', { class: q.value === null ? 'why' : '' }, quantityElement(q), more);
  };
}

function from(init: Initialisation): string {
  const library = init.library ? ` (${init.library}${init.version ? ` ${init.version}` : ''})` : '';
  return `${init.source}: ${init.initialiser}${library}${init.circular ? '' : '; not circular'}`;
}

/** The weights' variance beside the one that would keep the signal's after the activation before them. */
function against(result: AnalysisResult, id: string, { weightVariance }: Initialisation): HTMLElement[] {
  const before: DepthMap | undefined = result.depth.value?.find(({ next }) => next.includes(id));
  const critical = before?.criticalWeightVariance.value;
  if (weightVariance === null || critical === null || critical === undefined) return [];
  return [h('span', { class: 'origin' }, `${number(weightVariance / critical, 3)} of the critical ${number(critical)}`)];
}

function notes(a: NonNullable<LayerReport['activation']>): HTMLElement[] {
  const said = [
    ...Object.entries(a.parameters).map(([name, value]) => `${name} = ${number(value)}`),
    ...(a.limit === 'none' ? ['no infinite-width limit'] : a.limit === 'nngp' ? ['NNGP only, no NTK limit'] : []),
    ...a.notes,
  ];
  return said.length > 0 ? [h('span', { class: 'origin' }, said.map((s) => s.replace(/\.$/, '')).join('; '))] : [];
}
