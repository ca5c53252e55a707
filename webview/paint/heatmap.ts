// Puts one bitmap on one canvas, with a cell cursor over it. Knows pixels and positions; not what the numbers mean.
import { h } from '../element.ts';
import { PHASE_UNKNOWN } from '../colour/index.ts';
import type { Image } from '../kernels.ts';
import { gather, paint, pool } from './bitmap.ts';

export interface Heatmap {
  /** Canvas and cursor, to be placed in a figure. */
  element: HTMLElement;
  canvas: HTMLCanvasElement;
  /** Paints for the canvas' present size on the page; tells how many entries one pixel stands for, 1 where each has its own. */
  draw(): number;
  /** Row and column on the screen. */
  setCell(row: number, col: number): void;
}

/** Where the canvas is not laid out (a hidden page), it gets this size. */
const DEFAULT_SIZE = 280;

/**
 * @param pointed the pointer is over this cell (rows and columns as shown)
 * @param pressed a key was pressed on the canvas; true if it moved the cursor
 */
export function heatmap(image: Image, testid: string, label: string, pointed: (row: number, col: number) => void, pressed: (event: KeyboardEvent) => boolean): Heatmap {
  const { rows, cols } = image.field;
  const canvas = h('canvas', { testid, attributes: { role: 'img', tabindex: 0, 'aria-label': label } });
  const cursor = h('div', { class: 'cell-cursor', attributes: { 'aria-hidden': 'true' } });
  const element = h('div', { class: 'heatmap' }, canvas, cursor);

  canvas.addEventListener('pointermove', (event) => {
    const box = canvas.getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    const col = Math.floor(((event.clientX - box.left) / box.width) * cols);
    pointed(Math.min(rows - 1, Math.max(0, row)), Math.min(cols - 1, Math.max(0, col)));
  });
  canvas.addEventListener('keydown', (event) => {
    if (pressed(event)) event.preventDefault();
  });

  function draw(): number {
    const room = Math.max(1, Math.round((canvas.clientWidth || DEFAULT_SIZE) * devicePixelRatio));
    const pooled = Math.max(rows, cols) > room;
    let [field, masked] = [image.field, image.masked];
    if (pooled) {
      const [r, c] = [Math.min(rows, room), Math.min(cols, room)];
      const chosen = pool(image.weight, r, c);
      field = gather(image.field, chosen, r, c);
      masked = image.masked && ((i) => image.masked!(chosen[i]!));
    }
    const bitmap = paint(field, image.scale, image.table, PHASE_UNKNOWN, masked);
    const source = document.createElement('canvas');
    source.width = field.cols;
    source.height = field.rows;
    source.getContext('2d')!.putImageData(new ImageData(new Uint8ClampedArray(bitmap.buffer), field.cols, field.rows), 0, 0);
    // Whole device pixels for each entry: the style sheet stretches the rest, without smoothing.
    const zoom = Math.max(1, Math.floor(room / Math.max(field.rows, field.cols)));
    canvas.width = field.cols * zoom;
    canvas.height = field.rows * zoom;
    const context = canvas.getContext('2d')!;
    context.imageSmoothingEnabled = false;
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    return pooled ? Math.ceil(rows / field.rows) * Math.ceil(cols / field.cols) : 1;
  }

  function setCell(row: number, col: number): void {
    cursor.style.left = `${(100 * (col + 0.5)) / cols}%`;
    cursor.style.top = `${(100 * (row + 0.5)) / rows}%`;
    cursor.style.width = `${100 / cols}%`;
    cursor.style.height = `${100 / rows}%`;
  }

  return { element, canvas, draw, setCell };
}
