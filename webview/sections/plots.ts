// The chart.js plots of a result, each with its table and its words; a missing one says why.
import type { AnalysisResult } from '../../src/contract/result.ts';
import { button } from '../controls.ts';
import { h } from '../element.ts';
import type { Chart } from '../plots/chart.ts';
import { PLOTS } from '../plots/index.ts';
import type { Choices } from '../state.ts';
import type { Theme } from '../theme.ts';
import { absent, figure } from './figure.ts';

export interface PlotSection {
  element: HTMLElement;
  /** Draws all, in these colours; the section must be in the page. */
  draw(theme: Theme): void;
  /** Lets the charts go. */
  end(): void;
}

/** @param analyze null where there is nobody to command. */
export function plotSection(result: AnalysisResult, choices: () => Choices, keep: (part: Partial<Choices>) => void, analyze: ((finiteWidth: boolean) => void) | null): PlotSection {
  const canvases = new Map<string, HTMLCanvasElement>();
  let charts: Chart[] = [];

  const sections = PLOTS.map((plot) => {
    const reason = plot.needs(result);
    if (reason !== null) {
      const { offer } = plot;
      const press = analyze && offer ? button(offer.text, () => analyze(offer.finiteWidth), 'primary', { testid: `run-${plot.id}` }) : null;
      return h('section', { testid: plot.id }, h('h2', {}, plot.title), absent(reason, press));
    }
    const canvas = h('canvas', { testid: `${plot.id}-canvas`, attributes: { role: 'img', 'aria-label': `${plot.title}. ${plot.describe(result)}` } });
    canvases.set(plot.id, canvas);
    return h('section', { testid: plot.id }, figure({
      id: plot.id, title: plot.title,
      picture: [h('div', { class: 'chart' }, canvas), h('p', { class: 'muted' }, plot.describe(result))],
      table: () => plot.table(result),
      open: choices().tables.includes(plot.id),
      remember: (open) => keep({ tables: [...choices().tables.filter((t) => t !== plot.id), ...(open ? [plot.id] : [])] }),
    }));
  });

  function end(): void {
    for (const chart of charts) chart.destroy();
    charts = [];
  }

  function draw(theme: Theme): void {
    end();
    charts = PLOTS.flatMap((plot) => {
      const canvas = canvases.get(plot.id);
      return canvas ? [plot.draw(canvas, result, theme)] : [];
    });
  }

  return { element: h('div', { class: 'plots' }, ...sections), draw, end };
}
