// A map of a number to that of the next layer: its curve, the diagonal it is read against (or its distance from it, where the two would
// be one line), and where both meet. Knows no quantity by name.
import type { FixedPoint, PlotCurve } from '../../src/contract/result.ts';
import { number, plusMinus } from '../format.ts';
import type { Theme } from '../theme.ts';
import { draw, line, marks, type Axis, type Chart, type Point } from './chart.ts';

export const pointsOf = ({ x, y }: PlotCurve): Point[] => x.map((at, i) => ({ x: at, y: y[i]! }));

const said = ({ slope }: FixedPoint): string => `slope ${slope === null ? 'infinite' : number(slope)}`;

/** "stable at 0.31 ± 2e-9 (slope 0.8)". */
export function fixedPointText(points: readonly FixedPoint[]): string {
  if (points.length === 0) return 'none found';
  return points.map((p) => `${p.stable ? 'stable' : 'unstable'} at ${number(p.value)}${plusMinus(p.error)} (${said(p)})`).join(', ');
}

/** A map that stays this near to the diagonal, as a part of the range, is shown by its distance from it. */
const NEAR = 0.04;

export function isNear({ x, y }: PlotCurve): boolean {
  const range = x.at(-1)! - x[0]!;
  return x.every((at, i) => Math.abs(y[i]! - at) < NEAR * range);
}

/**
 * @param here the place of this network on the curve; null where it is not known
 * @param change the curve is the distance from the diagonal
 */
export function drawMap(canvas: HTMLCanvasElement, theme: Theme, x: Axis, y: Axis, curve: PlotCurve, fixed: readonly FixedPoint[], here: Point | null, change = false): Chart {
  const path = change ? pointsOf(curve).map((p) => ({ x: p.x, y: p.y - p.x })) : pointsOf(curve);
  const [low, high] = [path[0]!.x, path.at(-1)!.x];
  // A fixed point at zero has no place on a logarithmic axis; some lie outside what is drawn.
  const at = (stable: boolean): Point[] => fixed.filter((p) => p.stable === stable && p.value >= low && p.value <= high).map((p) => ({ x: p.value, y: change ? 0 : p.value, note: said(p) }));
  // Enough points that the diagonal is one on any pair of axes.
  const diagonal = path.map(({ x: v }) => ({ x: v, y: change ? 0 : v }));
  return draw(canvas, theme, { min: low, max: high, ...x }, y, [
    line('unchanged', diagonal, theme.muted, [6, 4]),
    line(change ? 'change' : 'map', path, theme.series[0]),
    ...(here ? [marks('this network', [here], theme.series[2], 'rectRot', theme.series[2], 6)] : []),
    ...([[true, 'stable'], [false, 'unstable']] as const).flatMap(([stable, word]) => {
      const points = at(stable);
      return points.length > 0 ? [marks(word, points, theme.series[1], stable ? 'circle' : 'triangle', stable ? theme.series[1] : theme.background, 6)] : [];
    }),
  ]);
}
