// Says whether what is shown is being computed, out of date, failed or missing, and offers what to do about it. Knows no result.
import type { PanelSnapshot } from '../../src/contract/view.ts';
import { button } from '../controls.ts';
import { append, h } from '../element.ts';

export interface BannerActions {
  analyze(): void;
  cancel(): void;
  showLog(): void;
}

export interface Banner {
  element: HTMLElement;
  show(snapshot: PanelSnapshot): void;
}

/** @param actions null where there is nobody to command. */
export function createBanner(actions: BannerActions | null): Banner {
  const element = h('div', { class: 'banner', testid: 'state', attributes: { role: 'status' } });
  const bar = h('progress', { testid: 'progress', attributes: { max: 1, 'aria-label': 'Progress of the analysis' } });
  const message = h('span', { class: 'banner-text' });
  let shown = '';

  function show({ state, progress, fault, live, result }: PanelSnapshot): void {
    const text = ((): string => {
      switch (state) {
        case 'computing': return progress ? `Computing: ${progress.message}` : 'Computing.';
        case 'stale': return 'The code has changed since this was computed.';
        case 'failed': return `${fault?.message ?? 'The analysis failed.'}${fault?.layer ? ` (layer ${fault.layer})` : ''}${result ? ' The last result is shown below.' : ''}`;
        case 'empty': return live ? 'Open a Python file that defines a complex-valued network and run "Complex NTK: Analyze NTK", or press Analyze.' : 'This report holds no result.';
        case 'fresh': return '';
      }
    })();
    if (message.textContent !== text) message.textContent = text;
    if (progress?.fraction === null || progress?.fraction === undefined) bar.removeAttribute('value');
    else bar.value = Math.min(1, Math.max(0, progress.fraction));
    const key = `${state}/${live}`;
    if (key === shown) return; // so that a focused button stays focused while progress arrives
    shown = key;
    element.dataset.state = state;
    element.hidden = state === 'fresh';
    element.replaceChildren(message);
    if (state === 'computing') element.append(bar);
    if (!live || !actions) return;
    append(element, [
      state === 'computing' && button('Cancel', actions.cancel, 'secondary', { testid: 'cancel' }),
      state === 'stale' && button('Recompute', actions.analyze, 'primary', { testid: 'recompute' }),
      state === 'failed' && button('Try again', actions.analyze, 'primary', { testid: 'recompute' }),
      state === 'failed' && button('Show log', actions.showLog, 'secondary', { testid: 'show-log' }),
      state === 'empty' && button('Analyze', actions.analyze, 'primary', { testid: 'analyze' }),
    ]);
  }
  return { element, show };
}
