// A figure with its title and a "View as table" switch: the frame of every heatmap and plot. Knows no numbers.
import { button } from '../controls.ts';
import { append, h } from '../element.ts';
import { tableElement, type Table } from './table.ts';

export interface FigureParts {
  id: string;
  title: string;
  picture: Node[];
  table: () => Table;
  /** Whether the table is open, and what keeps it so. */
  open: boolean;
  remember: (open: boolean) => void;
}

export function figure(parts: FigureParts): HTMLElement {
  const place = h('div', { id: `table-${parts.id}` });
  const show = (open: boolean): void => {
    place.replaceChildren(...(open ? [tableElement(parts.table())] : []));
    press.textContent = open ? 'Hide table' : 'View as table';
    press.setAttribute('aria-expanded', String(open));
  };
  const press = button('View as table', () => {
    const open = place.childElementCount === 0;
    show(open);
    parts.remember(open);
  }, 'secondary', { testid: `table-${parts.id}-button`, class: 'small', attributes: { 'aria-controls': place.id, 'aria-label': `View as table: ${parts.title}` } });
  const element = h('figure', { class: 'figure', attributes: { 'aria-labelledby': `title-${parts.id}` } });
  append(element, [h('figcaption', {}, h('h3', { id: `title-${parts.id}`, class: 'figure-title' }, parts.title)), ...parts.picture, press, place]);
  show(parts.open);
  return element;
}

/** In the place of a picture that cannot be drawn. */
export const absent = (reason: string, ...more: (Node | null)[]): HTMLElement => h('div', { class: 'absent' }, h('p', {}, reason), ...more);
