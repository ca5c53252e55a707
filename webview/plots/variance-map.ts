// What one activation and the weights after it do to the variance, with the variance this network has there.
import type { Axis, Point } from './chart.ts';
import { number, quantity } from '../format.ts';
import { depthOf, layerNames } from './activations.ts';
import { noMap } from './correlation-map.ts';
import { drawMap, fixedPointText } from './iterated-map.ts';
import type { Plot } from './plot.ts';

/** A range of more than this many times is shown in logarithms. */
const WIDE = 30;

/** Linear from 0, or logarithmic where all is positive and the range is wide. */
export function axisKind(values: readonly number[]): Axis['kind'] {
  const low = Math.min(...values);
  return low > 0 && Math.max(...values) > WIDE * low ? 'logarithmic' : 'linear';
}

export const varianceMap: Plot = {
  id: 'variance-map',
  title: 'Variance, from layer to layer',
  needs: (result, pick) => noMap(result.depth.reason, depthOf(result, pick), 'varianceMap'),
  draw(canvas, result, theme, pick) {
    const { varianceMap: curve, varianceFixedPoints, variance: { value: q } } = depthOf(result, pick)!;
    const kind = axisKind(curve.x) === 'logarithmic' && curve.y.every((v) => v > 0) ? 'logarithmic' : 'linear';
    return drawMap(canvas, theme, { title: 'variance q', kind }, { title: 'variance after', kind }, curve, varianceFixedPoints, q === null ? null : through(curve, q));
  },
  table(result, pick) {
    const { varianceMap: { x, y }, label, layers } = depthOf(result, pick)!;
    return { caption: `Variance after ${label} (${layerNames(layers)}) and the weights after it`, columns: ['q', 'after'], rows: x.map((q, i) => [number(q), number(y[i]!, 6)]) };
  },
  describe(result, pick) {
    const d = depthOf(result, pick)!;
    const after = d.next.length > 0 ? `weights of ${layerNames(d.next)}: ` : 'no weighted layer follows; taken: ';
    return `q → s_w² E|φ|² + s_b² for ${d.label}; ${after}s_w² = fan-in · E|w|² = ${number(d.weightVariance)}, s_b² = ${number(d.biasVariance)}. ` +
      `This network: q = ${quantity(d.variance)}, gain E|φ|²/q = ${quantity(d.gain)}; s_w² that keeps the variance: ${quantity(d.criticalWeightVariance)}. Fixed points: ${fixedPointText(d.varianceFixedPoints)}.`;
  },
};

/** The point of a sampled curve at x, between its neighbours; null outside. */
export function through({ x, y }: { x: readonly number[]; y: readonly number[] }, at: number): Point | null {
  const right = x.findIndex((v) => v >= at);
  if (right < 0 || at < x[0]!) return null;
  if (right === 0) return { x: at, y: y[0]! };
  const share = (at - x[right - 1]!) / (x[right]! - x[right - 1]!);
  return { x: at, y: y[right - 1]! + share * (y[right]! - y[right - 1]!) };
}
