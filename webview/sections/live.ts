// The curves of a training that is running, above the old result. Drawn at most once a frame, on charts that stay. Knows no host.
import type { FiniteTraining } from '../../src/contract/finite.ts';
import type { PanelSnapshot } from '../../src/contract/view.ts';
import { h } from '../element.ts';
import { draw, redraw, seriesOf, type Chart } from '../plots/chart.ts';
import { TRAINING_VIEWS, type TrainingView } from '../plots/finite-training.ts';
import { legendItems } from '../plots/legend.ts';
import { same } from '../snapshot.ts';
import { readTheme } from '../theme.ts';
import { figure } from './figure.ts';
import { tableElement } from './table.ts';

export interface LiveSection {
  element: HTMLElement;
  show(snapshot: PanelSnapshot): void;
  /** Draws again, in the colours of now. */
  draw(): void;
}

interface Made {
  view: TrainingView;
  element: HTMLElement;
  canvas: HTMLCanvasElement;
  legend: HTMLElement;
  words: HTMLElement;
  chart: Chart | null;
}

const idOf = (view: TrainingView): string => `live-${view.id}`;

export function liveSection(): LiveSection {
  const grid = h('div', { class: 'plots' });
  const element = h('section', { testid: 'live-training', attributes: { 'aria-labelledby': 'live-training-title', hidden: '' } },
    h('h2', { id: 'live-training-title' }, 'Training as it runs'), grid);
  let training: FiniteTraining | null = null;
  let model: string | null = null;
  let made: Made[] = [];
  let asked = false;

  function make(view: TrainingView): Made {
    const canvas = h('canvas', { testid: `${idOf(view)}-canvas`, attributes: { role: 'img' } });
    const legend = h('div', { class: 'chart-legend', attributes: { 'aria-hidden': 'true' } });
    const words = h('p', { class: 'muted' });
    const section = h('section', { testid: idOf(view) }, figure({
      id: idOf(view), title: view.title, picture: [legend, h('div', { class: 'chart' }, canvas), words], table: () => view.table(training!), open: false, remember() {},
    }));
    return { view, element: section, canvas, legend, words, chart: null };
  }

  function paint(): void {
    asked = false;
    if (!training) return;
    const theme = readTheme();
    for (const one of made) {
      const { view, canvas, legend, words } = one;
      const picture = view.picture(training, theme);
      if (one.chart) redraw(one.chart, theme, picture);
      else one.chart = draw(canvas, theme, picture.x, picture.y, picture.series);
      legend.replaceChildren(...legendItems(seriesOf(one.chart)));
      words.textContent = view.describe(training);
      canvas.setAttribute('aria-label', `${view.title}. ${words.textContent}`);
      // An open table gets its new rows within its frame, which keeps focus and place.
      one.element.querySelector('.table-frame')?.replaceChildren(...tableElement(view.table(training)).childNodes);
    }
  }

  function soon(): void {
    if (asked) return;
    asked = true;
    requestAnimationFrame(paint);
  }

  function end(): void {
    if (!training) return;
    const focused = element.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.testid : undefined;
    training = null;
    for (const { chart } of made) chart?.destroy();
    made = [];
    element.hidden = true;
    grid.replaceChildren();
    // The result has the same figure under its own name: whoever worked with this one goes on there.
    if (focused) document.querySelector<HTMLElement>(`[data-testid="${focused.replace('live-', '')}"]`)?.focus();
  }

  return {
    element,
    show({ state, progress, model: shown }) {
      if (state !== 'computing' || shown !== model) end();
      model = shown;
      // Other news of the same computation leaves the curves as they are.
      const next = state === 'computing' ? progress?.training : undefined;
      if (!next || same(next, training)) return;
      training = next;
      if (made.length === 0) {
        made = TRAINING_VIEWS.map(make);
        grid.replaceChildren(...made.map((one) => one.element));
        element.hidden = false;
      }
      soon();
    },
    draw: soon,
  };
}
