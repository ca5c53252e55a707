// Distance of finite networks from the limit against their width, both logarithmic, with the n^-1/2 line they should follow.
import type { FiniteWidthRow, Quantity } from '../../src/contract/result.ts';
import { number, quantity } from '../format.ts';
import { draw, type Point } from './chart.ts';
import type { Plot } from './plot.ts';

type Measure = 'distance' | 'twinDistance' | 'pseudo' | 'meanDistance';

/** What a logarithmic axis can show of one measure. */
export function points(rows: readonly FiniteWidthRow[], measure: Measure): Point[] {
  return rows.flatMap((row) => {
    const q: Quantity = row[measure];
    return q.value !== null && q.value > 0 ? [{ x: row.width, y: q.value, error: q.error ?? 0 }] : [];
  }).sort((a, b) => a.x - b.x);
}

/** c n^-1/2, with c the geometric mean that fits the points. */
export function guide(fit: readonly Point[]): Point[] {
  if (fit.length === 0) return [];
  const c = Math.exp(fit.reduce((sum, p) => sum + Math.log(p.y * Math.sqrt(p.x)), 0) / fit.length);
  const [first, last] = [fit[0]!.x, fit.at(-1)!.x];
  return first === last ? [] : [first, last].map((x) => ({ x, y: c / Math.sqrt(x) }));
}

export const finiteWidth: Plot = {
  id: 'finite-width',
  title: 'Finite networks against the limit',
  offer: { text: 'Run finite-width comparison', finiteWidth: true },
  needs(result) {
    if (!result.finiteWidth) return 'Finite-width comparison has not been run.';
    return points(result.finiteWidth.rows, 'distance').length > 0 ? null : 'The finite-width comparison gave no distance above zero.';
  },
  draw(canvas, result, theme) {
    const rows = result.finiteWidth!.rows;
    const own = points(rows, 'distance');
    const twin = points(rows, 'twinDistance');
    const widths = [...new Set(rows.map((r) => r.width))].sort((a, b) => a - b);
    const line = guide(own);
    const all = [...own, ...twin, ...line];
    const top = Math.max(...all.map((p) => p.y + (p.error ?? 0)));
    // A bar that reaches zero has no place on the axis.
    const bottom = Math.min(...all.flatMap((p) => (p.y > (p.error ?? 0) ? [p.y, p.y - (p.error ?? 0)] : [p.y])));
    return draw(canvas, theme,
      { title: 'width n', kind: 'logarithmic', ticks: widths, min: widths[0]! / 1.3, max: widths.at(-1)! * 1.3 },
      { title: 'relative distance', kind: 'logarithmic', min: bottom / 1.2, max: top * 1.2 },
      [
        { label: 'Θₙ from Θ', data: own, borderColor: theme.series[0], backgroundColor: theme.series[0], pointStyle: 'circle', pointRadius: 4, showLine: true, borderWidth: 2 },
        { label: 'Re Θₙ from twin', data: twin, borderColor: theme.series[1], backgroundColor: theme.background, pointStyle: 'triangle', pointRadius: 5, showLine: true, borderWidth: 2 },
        { label: 'n^−1/2', data: line, borderColor: theme.muted, backgroundColor: 'transparent', borderDash: [6, 4], borderWidth: 1.5, pointRadius: 0, showLine: true, pointStyle: 'line' },
      ]);
  },
  table(result) {
    const study = result.finiteWidth!;
    return {
      caption: `Finite networks against the limit, seeds ${study.seeds.join(', ')}, on ${study.backend}`,
      columns: ['Width', 'Seeds', 'Θₙ from Θ', 'Re Θₙ from twin', 'Pseudo-kernel', 'Mean over seeds from Θ'],
      rows: study.rows.map((r) => [String(r.width), String(r.seeds), quantity(r.distance), quantity(r.twinDistance), quantity(r.pseudo), quantity(r.meanDistance)]),
    };
  },
  describe(result) {
    const { rows, exponent, backend, fallbackReason } = result.finiteWidth!;
    const said = rows.map((r) => `width ${r.width}: ${r.distance.value === null ? 'unknown' : number(r.distance.value)}`).join(', ');
    return `Relative distance of the finite NTK from its limit at ${said}. Slope of the logarithms ${quantity(exponent)}; the limit's theory says about -1/2. Bars are one standard error. Computed by ${backend}.${fallbackReason ? ` ${fallbackReason}` : ''}`;
  },
};
