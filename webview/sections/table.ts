// A table of texts: the readable form of every picture. Knows no result.
import { h } from '../element.ts';

export interface Table {
  caption: string;
  columns: string[];
  rows: string[][];
}

/** The first cell of each row heads it. Wide tables scroll on their own, and can be reached by keyboard. */
export function tableElement(table: Table): HTMLElement {
  return h('div', { class: 'table-frame', attributes: { tabindex: 0, role: 'region', 'aria-label': table.caption } },
    h('table', {},
      h('caption', {}, table.caption),
      h('thead', {}, h('tr', {}, ...table.columns.map((c) => h('th', { attributes: { scope: 'col' } }, c)))),
      h('tbody', {}, ...table.rows.map((row) => h('tr', {},
        ...row.map((cell, i) => (i === 0 ? h('th', { attributes: { scope: 'row' } }, cell) : h('td', {}, cell))))))));
}
