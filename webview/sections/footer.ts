// Where the numbers come from: product, backend, time, and the command that makes them again.
import type { AnalysisResult } from '../../src/contract/result.ts';
import { button } from '../controls.ts';
import { h } from '../element.ts';
import { duration } from '../format.ts';

/** @param copy null where there is no clipboard to ask for. */
export function footer(result: AnalysisResult, copy: ((text: string) => void) | null): HTMLElement {
  const spent = Object.entries(result.seconds);
  const total = spent.reduce((sum, [, s]) => sum + s, 0);
  return h('footer', { testid: 'footer' },
    h('p', {}, `${result.product.name} ${result.product.version}. Kernels in float64`,
      result.finiteWidth ? `; finite widths on ${result.finiteWidth.backend}` : '',
      `. ${duration(total)}`, spent.length > 0 ? ` (${spent.map(([stage, s]) => `${stage} ${duration(s)}`).join(', ')})` : '', '.'),
    h('div', { class: 'command' }, h('code', { testid: 'command' }, result.command),
      copy && button('Copy', () => copy(result.command), 'secondary', { class: 'small', testid: 'copy', attributes: { 'aria-label': 'Copy the command line' } })));
}
