// What one activation and the weights after it do to the correlation of two inputs, and where depth takes it.
import type { DepthMap, DepthPhase } from '../../src/contract/result.ts';
import { number, quantity, sentence } from '../format.ts';
import { depthOf, layerNames } from './activations.ts';
import { drawMap, fixedPointText, isNear } from './iterated-map.ts';
import type { Plot } from './plot.ts';

export const PHASE_TEXT: Record<DepthPhase, string> = {
  ordered: 'ordered: near inputs grow alike with depth',
  critical: 'critical: near inputs keep their distance',
  chaotic: 'chaotic: near inputs separate with depth',
};

/** Why a map of this block cannot be drawn; null if it can. */
export function noMap(reason: string | undefined, found: DepthMap | undefined, map: 'correlationMap' | 'varianceMap'): string | null {
  if (found && found[map].x.length > 0) return null;
  return `There is no such map. ${sentence(found?.slope.reason ?? reason ?? 'it is not known for this activation')}`;
}

export const correlationMap: Plot = {
  id: 'correlation-map',
  title: 'Correlation of two inputs, from layer to layer',
  needs: (result, pick) => noMap(result.depth.reason, depthOf(result, pick), 'correlationMap'),
  draw(canvas, result, theme, pick) {
    const { correlationMap: curve, correlationFixedPoints } = depthOf(result, pick)!;
    const near = isNear(curve);
    return drawMap(canvas, theme, { title: 'correlation c', kind: 'linear' }, { title: near ? 'change of the correlation' : 'correlation after', kind: 'linear' }, curve, correlationFixedPoints, null, near);
  },
  table(result, pick) {
    const { correlationMap: { x, y }, label, layers } = depthOf(result, pick)!;
    return { caption: `Correlation after ${label} (${layerNames(layers)}) and the weights after it`, columns: ['c', 'after', 'change'], rows: x.map((c, i) => [number(c), number(y[i]!, 6), number(y[i]! - c)]) };
  },
  describe(result, pick) {
    const d = depthOf(result, pick)!;
    return `${d.label} and the weights after it, at variance ${quantity(d.variance)}, real correlations. Slope χ at c = 1: ${quantity(d.slope)}` +
      `${d.phase === null ? '.' : `; ${PHASE_TEXT[d.phase]}.`} Fixed points: ${fixedPointText(d.correlationFixedPoints)}. ` +
      `Layers per factor e of the approach: ${quantity(d.depthScale)}. Factor of a gradient's squared norm: ${quantity(d.gradientFactor)}.`;
  },
};
