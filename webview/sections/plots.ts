// The chart.js plots of a result in their groups, each with its table and its words; a missing one says why.
import type { AnalysisResult } from '../../src/contract/result.ts';
import { button, select } from '../controls.ts';
import { append, h } from '../element.ts';
import { seriesOf, type Chart } from '../plots/chart.ts';
import { GROUPS, picked } from '../plots/index.ts';
import { legendItems } from '../plots/legend.ts';
import type { Group, Parts, Plot } from '../plots/plot.ts';
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

/** A plot on the page; no place where it cannot be drawn. */
interface Made {
  plot: Plot;
  element: HTMLElement;
  place: { canvas: HTMLCanvasElement; legend: HTMLElement } | null;
}

/** @param analyze null where there is nobody to command. */
export function plotSection(result: AnalysisResult, choices: () => Choices, keep: (part: Partial<Choices>) => void, analyze: ((more: Parts) => void) | null): PlotSection {
  let theme: Theme | null = null;

  /** The button that would add what is missing; null where there is none or nobody to command. */
  function offerOf({ id, offer }: Plot): HTMLElement | null {
    return analyze && offer ? button(offer.text, () => analyze(offer), 'primary', { testid: `run-${id}` }) : null;
  }

  function one(plot: Plot, pick: string): Made {
    const reason = plot.needs(result, pick);
    if (reason !== null) return { plot, place: null, element: h('section', { testid: plot.id }, h('h3', { class: 'figure-title' }, plot.title), absent(reason, offerOf(plot))) };
    const words = plot.describe(result, pick);
    const canvas = h('canvas', { testid: `${plot.id}-canvas`, attributes: { role: 'img', 'aria-label': `${plot.title}. ${words}` } });
    const legend = h('div', { class: 'chart-legend', attributes: { 'aria-hidden': 'true' } });
    const element = h('section', { testid: plot.id }, figure({
      id: plot.id, title: plot.title,
      picture: [legend, h('div', { class: 'chart' }, canvas), h('p', { class: 'muted' }, words)],
      table: () => plot.table(result, pick),
      open: choices().tables.includes(plot.id),
      remember: (open) => keep({ tables: [...choices().tables.filter((t) => t !== plot.id), ...(open ? [plot.id] : [])] }),
    }));
    return { plot, element, place: { canvas, legend } };
  }

  function groupOf(group: Group): { element: HTMLElement; draw(): void; end(): void } {
    const grid = h('div', { class: 'plots' });
    let made: Made[] = [];
    let charts: Chart[] = [];
    const offered = group.choice?.options(result) ?? [];
    const pick = (): string => picked(group, group.choice ? choices()[group.choice.id] : '', offered);

    function end(): void {
      for (const chart of charts) chart.destroy();
      charts = [];
    }

    function draw(): void {
      end();
      if (!theme) return;
      for (const { plot, place } of made) {
        if (!place) continue;
        const chart = plot.draw(place.canvas, result, theme, pick());
        place.legend.replaceChildren(...legendItems(seriesOf(chart)));
        charts.push(chart);
      }
    }

    function rebuild(): void {
      end();
      const reasons = new Set(group.plots.map((plot) => plot.needs(result, pick())));
      const [reason] = reasons;
      // One reason for all is said once.
      if (group.plots.length > 1 && reasons.size === 1 && reason) {
        made = [];
        const offering = group.plots.find((plot) => plot.offer);
        grid.replaceChildren(absent(reason, offering ? offerOf(offering) : null));
        return;
      }
      made = group.plots.map((plot) => one(plot, pick()));
      grid.replaceChildren(...made.map(({ element }) => element));
      draw();
    }

    const { choice } = group;
    const element = h('section', { testid: group.id, attributes: { 'aria-labelledby': `${group.id}-title` } });
    append(element, [
      h('h2', { id: `${group.id}-title` }, group.title),
      choice && offered.length > 1 && h('div', { class: 'controls' }, select(choice.label, offered, pick(), (value) => {
        keep({ [choice.id]: value });
        rebuild();
      }, `choose-${choice.id}`)),
      grid,
    ]);
    rebuild();
    return { element, draw, end };
  }

  const groups = GROUPS.map(groupOf);
  return {
    element: h('div', {}, ...groups.map(({ element }) => element)),
    draw(next) {
      theme = next;
      for (const group of groups) group.draw();
    },
    end() {
      for (const group of groups) group.end();
    },
  };
}
