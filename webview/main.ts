// Entry of the panel and of the report: builds the page from a snapshot, and again from each later one. Computes no result.
import './style.css';
import { Fault } from '../src/contract/fault.ts';
import type { HostMethods, PanelSnapshot, ViewMethods } from '../src/contract/view.ts';
import type { Server } from '../src/contract/rpc.ts';
import { button, registerControls, select } from './controls.ts';
import { h } from './element.ts';
import { openLink } from './link.ts';
import type { Parts } from './plots/plot.ts';
import { createBanner } from './sections/banner.ts';
import { findingSection } from './sections/findings.ts';
import { footer } from './sections/footer.ts';
import { heatmapSection, type HeatmapSection } from './sections/heatmaps.ts';
import { layerSection, type LayerSection } from './sections/layers.ts';
import { liveSection } from './sections/live.ts';
import { plotSection, type PlotSection } from './sections/plots.ts';
import { verdictCard } from './sections/verdict.ts';
import { same } from './snapshot.ts';
import { readChoices, type Choices } from './state.ts';
import { followSystemTheme, readTheme, watchTheme } from './theme.ts';

function start(): void {
  if (document.body.dataset.report !== undefined) followSystemTheme();
  registerControls();

  let shown: PanelSnapshot | null = null;
  let layers: LayerSection | null = null;
  let heatmaps: HeatmapSection | null = null;
  let plots: PlotSection | null = null;

  const server: Server<ViewMethods> = {
    show(snapshot) {
      show(snapshot);
      return null;
    },
    progress(progress) {
      // Before the first snapshot, or after the end, there is nothing that it belongs to.
      if (shown?.state !== 'computing') return null;
      shown = { ...shown, progress };
      banner.show(shown);
      live.show(shown);
      return null;
    },
    mark({ layer }) {
      layers?.mark(layer);
      if (shown) shown = { ...shown, activeLayer: layer };
      return null;
    },
  };
  const link = openLink(server);
  const { host } = link;
  let choices: Choices = readChoices(link.saved);
  const keep = (part: Partial<Choices>): void => {
    choices = { ...choices, ...part };
    link.save(choices);
  };

  const notice = h('p', { class: 'notice', testid: 'notice', attributes: { role: 'alert', hidden: '' } });
  const complain = (e: unknown): void => {
    const fault = Fault.from(e);
    if (fault.kind === 'cancelled') return;
    notice.textContent = fault.message;
    notice.hidden = false;
  };
  /** Calls the host; what it cannot do is said at the top of the page. */
  function ask<K extends keyof HostMethods>(method: K, query: HostMethods[K][0]): void {
    notice.hidden = true;
    host?.call(method, query).catch(complain);
  }
  /** What the shown result has beyond the usual is computed again with it: a new part adds to the others. */
  function analyze(more: Partial<Parts> = {}): void {
    const has = shown?.result;
    ask('analyze', { finiteWidth: Boolean(more.finiteWidth || has?.finiteWidth), training: Boolean(more.training || has?.finiteTraining) });
  }

  const banner = createBanner(host && { analyze: () => analyze(), cancel: () => ask('cancel', null), showLog: () => ask('showLog', null) });
  const head = h('header', {});
  const findings = h('div', {});
  const foot = h('div', {});
  const content = h('div', { class: 'result' });
  const live = liveSection();
  document.body.append(h('main', {}, head, notice, banner.element, live.element, content, findings, foot));

  function showHead(s: PanelSnapshot): void {
    const commands = host && s.live ? [
      s.models.length > 1 && s.model !== null && select('Model', s.models.map((m) => ({ value: m, text: m })), s.model, (model) => ask('pickModel', { model }), 'choose-model'),
      s.result && button('Export report', () => ask('exportReport', null), 'secondary', { testid: 'export' }),
    ] : [];
    head.replaceChildren(h('h1', {}, s.title), h('div', { class: 'commands' }, ...commands));
  }

  function showResult(s: PanelSnapshot): void {
    plots?.end();
    [layers, heatmaps, plots] = [null, null, null];
    if (!s.result) {
      content.replaceChildren();
      foot.replaceChildren();
      return;
    }
    // The old result stays until the new one takes its place, so that the page does not shrink under its reader in between.
    const reachable = host && s.live;
    heatmaps = heatmapSection(s.result, () => choices, keep);
    plots = plotSection(s.result, () => choices, keep, reachable ? analyze : null);
    layers = layerSection(s.result, reachable ? (layer) => ask('reveal', { layer }) : null);
    content.replaceChildren(verdictCard(s.result), heatmaps.element, plots.element, layers.element);
    foot.replaceChildren(footer(s.result, reachable ? (text) => ask('copy', { text }) : null));
    heatmaps.draw();
    plots.draw(readTheme());
  }

  function show(s: PanelSnapshot): void {
    const before = shown;
    shown = s;
    document.title = s.title;
    banner.show(s);
    const isNew = !before || before.live !== s.live || !same(before.result, s.result);
    if (isNew || before.title !== s.title || before.model !== s.model || !same(before.models, s.models)) showHead(s);
    if (isNew) showResult(s);
    if (isNew || !same(before.problems, s.problems)) {
      const list = findingSection(s.result, s.problems, host && s.live ? (layer) => ask('reveal', { layer }) : null);
      findings.replaceChildren(...(list ? [list] : []));
    }
    content.classList.toggle('old', s.result !== null && s.state !== 'fresh');
    layers?.mark(s.activeLayer);
    live.show(s);
    document.body.dataset.ready = 'true';
  }

  watchTheme((theme) => {
    plots?.draw(theme);
    live.draw();
  });
  let width = 0;
  new ResizeObserver(() => {
    if (content.clientWidth === width) return;
    width = content.clientWidth;
    heatmaps?.draw();
  }).observe(content);

  link.first().then(show, complain);
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start, { once: true });
else start();
