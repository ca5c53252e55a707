// The heatmaps of a result under one cell cursor, with the choices above them and the cell's numbers below.
import type { AnalysisResult } from '../../src/contract/result.ts';
import { select, toggle } from '../controls.ts';
import { h } from '../element.ts';
import { number } from '../format.ts';
import { kernelChoices, kernelNotes, kernelShown, missing, pair, panels, readout, sampleName, type Image, type Panel } from '../kernels.ts';
import { heatmap, type Heatmap } from '../paint/heatmap.ts';
import { legend } from '../paint/legend.ts';
import { move, sampleOrder, type Choices } from '../state.ts';
import { absent, figure } from './figure.ts';
import type { Table } from './table.ts';

const TABLE_SIZE = 32;

export interface HeatmapSection {
  element: HTMLElement;
  /** Paints again for the present size of the page. */
  draw(): void;
}

/** @param wanted the present choices, which `keep` changes. */
export function heatmapSection(result: AnalysisResult, wanted: () => Choices, keep: (part: Partial<Choices>) => void): HeatmapSection {
  const n = result.inputs.samples;
  const offered = kernelChoices(result);
  const choices = (): Choices => ({ ...wanted(), kernel: kernelShown(offered, wanted().kernel) });
  let order = new Int32Array(0);
  let place = new Int32Array(0);
  let drawn: { map: Heatmap; note: HTMLElement; image: Image }[] = [];

  const hasPhase = offered.some(({ value }) => pair(result, { kernel: value }).kernel.matrix?.im);
  const { ntk, holomorphicNtk: whatIf } = result.kernels;
  const notes = h('p', { class: 'muted', testid: 'kernel-notes' });
  const grid = h('div', { class: 'heatmaps' });
  // Spoken when it changes, but not for each cell that a pointer crosses.
  const line = h('p', { class: 'readout', testid: 'cell-readout', attributes: { 'aria-live': 'polite' } });

  /** The saved cell may come from a larger set of samples. */
  const cell = (): [number, number] => [Math.min(choices().cell[0], n - 1), Math.min(choices().cell[1], n - 1)];

  function show(): void {
    const [i, j] = cell();
    for (const { map } of drawn) map.setCell(place[i]!, place[j]!);
    line.textContent = readout(result, choices(), [i, j]);
  }

  function toCell(row: number, col: number): void {
    const to: [number, number] = [order[row]!, order[col]!];
    const [i, j] = cell();
    if (to[0] === i && to[1] === j) return;
    keep({ cell: to });
    show();
  }

  function pressed(event: KeyboardEvent): boolean {
    const [i, j] = cell();
    const to = move([place[i]!, place[j]!], event.key, event.ctrlKey || event.metaKey, n);
    if (!to || event.altKey) return false;
    toCell(...to);
    return true;
  }

  function one(panel: Panel): HTMLElement {
    const remember = (open: boolean): void => keep({ tables: [...choices().tables.filter((t) => t !== panel.id), ...(open ? [panel.id] : [])] });
    const { image } = panel;
    if (!image) return h('figure', { class: 'figure' }, h('figcaption', {}, h('h3', { class: 'figure-title' }, panel.title)), absent(panel.reason));
    const label = `${panel.title}: ${n} by ${n} samples, ${image.note}. Arrow keys move the cell cursor.`;
    const map = heatmap(image, `heatmap-${panel.id}`, label, toCell, pressed);
    const note = h('p', { class: 'muted note' });
    drawn.push({ map, note, image });
    return figure({
      id: panel.id, title: panel.title, picture: [map.element, legend(image.scale, image.table), note],
      table: () => cells(panel.title, image), open: choices().tables.includes(panel.id), remember,
    });
  }

  function cells(title: string, image: Image): Table {
    const shown = Math.min(n, TABLE_SIZE);
    const names = Array.from(order.subarray(0, shown), (i) => sampleName(result.inputs, i));
    return {
      caption: n > shown ? `${title}: the first ${shown} of ${n} samples in the order shown; all are in the exported kernel.npz` : title,
      columns: ['i \\ j', ...names],
      rows: names.map((name, r) => [name, ...Array.from({ length: shown }, (_, c) => number(image.field.values[r * n + c]!))]),
    };
  }

  function rebuild(): void {
    order = Int32Array.from(sampleOrder(choices().order, n, result.inputs.labels));
    place = new Int32Array(n);
    order.forEach((sample, at) => (place[sample] = at));
    drawn = [];
    const list = panels(result, choices(), order);
    const nothing = list.every(({ image }) => !image);
    line.hidden = nothing;
    notes.textContent = kernelNotes(result, choices().kernel);
    notes.hidden = notes.textContent === '';
    // One reason for all is said once.
    grid.replaceChildren(...(nothing ? [h('div', { class: 'whole', testid: 'no-kernel' }, absent([...new Set(list.map(({ reason }) => reason))].join(' ')))] : list.map(one)));
    draw();
    show();
  }

  function draw(): void {
    for (const { map, note, image } of drawn) {
      const each = map.draw();
      note.textContent = each > 1 ? `${image.note}; each pixel is the largest of up to ${each} entries` : image.note;
    }
  }

  const pick = (part: Partial<Choices>): void => {
    keep(part);
    rebuild();
  };
  const element = h('section', { attributes: { 'aria-labelledby': 'heatmaps-title' } },
    h('h2', { id: 'heatmaps-title' }, 'Kernels over pairs of samples'),
    h('div', { class: 'controls' },
      select('Kernel', offered, choices().kernel, (kernel) => pick({ kernel }), 'choose-kernel'),
      hasPhase && select('Parts', [{ value: 'polar', text: 'Magnitude and phase' }, { value: 'cartesian', text: 'Real and imaginary' }] as const, choices().parts, (parts) => pick({ parts }), 'choose-parts'),
      select('Colours', [{ value: 'viridis', text: 'Viridis' }, { value: 'cividis', text: 'Cividis' }] as const, choices().map, (map) => pick({ map }), 'choose-map'),
      toggle('Logarithmic', choices().scale === 'log', (on) => pick({ scale: on ? 'log' : 'linear' }), 'choose-log'),
      result.inputs.labels && toggle('Order by class', choices().order === 'class', (on) => pick({ order: on ? 'class' : 'given' }), 'choose-order')),
    !ntk.matrix && offered.every(({ value }) => value !== 'ntk') && h('p', { class: 'muted', testid: 'no-limit' }, `NTK at infinite width: ${missing(ntk)}`),
    !whatIf.matrix && ntk.matrix && result.model.field === 'complex' && h('p', { class: 'muted' }, `What if backpropagation were holomorphic: ${missing(whatIf)}`),
    notes, line, grid);
  rebuild();
  return { element, draw };
}
