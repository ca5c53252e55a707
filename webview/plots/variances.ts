// The mean variance after each layer, in forward order.
import type { AnalysisResult, LayerReport } from '../../src/contract/result.ts';
import { number, quantity } from '../format.ts';
import { draw, line, marks, type Point } from './chart.ts';
import type { Plot } from './plot.ts';
import { axisKind } from './variance-map.ts';

/** Layers whose variance is known, at their places in the network. */
export const points = (layers: readonly LayerReport[], of: (layer: LayerReport) => boolean = () => true): Point[] =>
  layers.flatMap((l, x) => (l.variance.value !== null && of(l) ? [{ x, y: l.variance.value, error: l.variance.error ?? 0, note: l.label }] : []));

export const variances: Plot = {
  id: 'variances',
  title: 'Variance through the layers',
  needs: (result: AnalysisResult) => (points(result.layers).length > 0 ? null : 'No layer has a known variance.'),
  draw(canvas, result, theme) {
    const { layers } = result;
    const all = points(layers);
    const kind = axisKind(all.map((p) => p.y));
    return draw(canvas, theme,
      { title: 'layer', kind: 'linear', min: -0.5, max: layers.length - 0.5, names: layers.map((l) => l.id) },
      { title: 'mean E|h|²', kind, ...(kind === 'linear' ? { min: 0 } : {}) },
      [
        line('through the network', all.map(({ x, y }) => ({ x, y })), theme.muted),
        marks('weighted layers', points(layers, (l) => l.initialisation !== undefined), theme.series[0], 'circle', theme.series[0], 5),
        marks('activations', points(layers, (l) => l.activation !== undefined), theme.series[1], 'triangle', theme.background, 6),
        ...(layers.some((l) => !l.initialisation && !l.activation) ? [marks('other layers', points(layers, (l) => !l.initialisation && !l.activation), theme.muted, 'rect', theme.background, 4)] : []),
      ]);
  },
  table: ({ layers }) => ({
    caption: 'Mean over the samples of E|h|² after each layer',
    columns: ['Layer', 'Kind', 'Variance after'],
    rows: layers.map((l) => [l.id, l.label, quantity(l.variance)]),
  }),
  describe({ layers }) {
    const known = points(layers);
    const [first, last] = [known[0]!, known.at(-1)!];
    const name = (p: Point): string => layers[p.x]!.id;
    const unknown = layers.length - known.length;
    return `Mean over the samples of E|h|²: ${number(first.y)} after ${name(first)}${known.length > 1 ? `, ${number(last.y)} after ${name(last)}` : ''}` +
      `${unknown > 0 ? `; not known after ${unknown} of ${layers.length} layers` : ''}. Bars, where they can be seen, are errors.`;
  },
};
