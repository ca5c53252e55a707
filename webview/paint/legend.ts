// What the colours stand for: a bar for a range, a wheel for arguments. Knows no matrix.
import { phase } from '../colour/index.ts';
import { h } from '../element.ts';
import { number } from '../format.ts';
import type { Scale } from './bitmap.ts';

const WHEEL = 56;
const RING = 0.55;

export function legend(scale: Scale, table: Uint32Array): HTMLElement {
  return scale.kind === 'cyclic' ? wheel() : bar(scale, table);
}

function put(canvas: HTMLCanvasElement, pixels: Uint32Array<ArrayBuffer>): void {
  const data = new ImageData(new Uint8ClampedArray(pixels.buffer), canvas.width, canvas.height);
  canvas.getContext('2d')!.putImageData(data, 0, 0);
}

function bar(scale: Exclude<Scale, { kind: 'cyclic' }>, table: Uint32Array): HTMLElement {
  const canvas = h('canvas', { class: 'legend-bar', attributes: { width: table.length, height: 1, 'aria-hidden': 'true' } });
  put(canvas, Uint32Array.from(table));
  const middle = scale.low < 0 && scale.high === -scale.low ? '0' : scale.kind === 'log' ? 'log' : '';
  return h('div', { class: 'legend' }, canvas,
    h('div', { class: 'legend-ends' }, h('span', {}, number(scale.low, 3)), h('span', {}, middle), h('span', {}, number(scale.high, 3))));
}

function wheel(): HTMLElement {
  const canvas = h('canvas', { class: 'legend-wheel', attributes: { width: WHEEL, height: WHEEL, 'aria-hidden': 'true' } });
  const pixels = new Uint32Array(WHEEL * WHEEL);
  for (let y = 0; y < WHEEL; y++) {
    for (let x = 0; x < WHEEL; x++) {
      const [u, v] = [(2 * x + 1) / WHEEL - 1, 1 - (2 * y + 1) / WHEEL];
      const r = Math.hypot(u, v);
      if (r > 1 || r < RING) continue;
      pixels[y * WHEEL + x] = phase[Math.floor((Math.atan2(v, u) / (2 * Math.PI) + 0.5) * 256) % 256]!;
    }
  }
  put(canvas, pixels);
  const at = (place: string, text: string): HTMLElement => h('span', { class: `wheel-${place}` }, text);
  return h('div', { class: 'legend wheel' }, at('left', '±π'), h('div', { class: 'wheel-middle' }, at('top', 'π/2'), canvas, at('bottom', '−π/2')), at('right', '0'));
}
