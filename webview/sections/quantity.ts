// One number on the page: its value, and smaller its error and the way it was got.
import type { Quantity } from '../../src/contract/result.ts';
import { h } from '../element.ts';
import { DASH, number, origin } from '../format.ts';

export function quantityElement(q: Quantity): HTMLElement {
  if (q.value === null) return h('span', { class: 'quantity' }, `${DASH} `, h('span', { class: 'origin' }, q.reason ?? 'not computed'));
  return h('span', { class: 'quantity' }, `${number(q.value)} `, h('span', { class: 'origin' }, `${origin(q)}${q.reason ? `; ${q.reason}` : ''}`));
}
