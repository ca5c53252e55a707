// What the marks and lines of a chart stand for, as elements beside it: dashes and shapes are told apart without colour. Knows no chart.
import { h } from '../element.ts';
import type { Series } from './chart.ts';

const HEIGHT = 14;
/** Of a line, which needs room for its dashes, and of a mark. */
const [LONG, SHORT] = [26, 14];

function svg(name: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

function shape(kind: string, x: number, looks: Record<string, string | number>): SVGElement {
  const y = HEIGHT / 2;
  switch (kind) {
    case 'triangle': return svg('path', { d: `M${x} ${y - 5}L${x + 5} ${y + 4}H${x - 5}Z`, ...looks });
    case 'rectRot': return svg('path', { d: `M${x} ${y - 5.5}L${x + 5.5} ${y}L${x} ${y + 5.5}L${x - 5.5} ${y}Z`, ...looks });
    case 'rect': return svg('rect', { x: x - 4, y: y - 4, width: 8, height: 8, ...looks });
    default: return svg('circle', { cx: x, cy: y, r: 4.5, ...looks });
  }
}

/** Colours may be given point by point: the first stands for all. */
const one = (colour: unknown): string => String(Array.isArray(colour) ? colour[0] : colour);

function swatch(series: Series): SVGElement {
  const width = series.showLine ? LONG : SHORT;
  const picture = svg('svg', { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}` });
  const stroke = one(series.borderColor);
  if (series.showLine) {
    if (series.band) picture.append(svg('rect', { x: 0, y: 1, width, height: HEIGHT - 2, fill: stroke, 'fill-opacity': 0.2 }));
    picture.append(svg('line', { x1: 0, y1: HEIGHT / 2, x2: width, y2: HEIGHT / 2, stroke, 'stroke-width': 2, 'stroke-dasharray': ((series.borderDash as number[] | undefined) ?? []).join(' ') }));
  }
  if (series.pointRadius !== 0) picture.append(shape(String(series.pointStyle), width / 2, { stroke, fill: one(series.backgroundColor), 'stroke-width': 1.5 }));
  return picture;
}

/** In the order given. The chart's words say the same for those who do not see it. */
export const legendItems = (all: readonly Series[]): HTMLElement[] => all.map((series) => h('span', { class: 'legend-item' }, swatch(series), series.label));
