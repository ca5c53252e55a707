// How much of the targets lies in the kernel's first modes: what is learnt first, and what late.
import type { ModeShares } from '../../src/contract/result.ts';
import { DASH, number, sentence } from '../format.ts';
import { draw, line, type Point, type Series } from './chart.ts';
import type { Plot } from './plot.ts';
import { curveOf, noTraining } from './training.ts';

/** Share of the targets in the first k modes, k = 1, 2 ... */
export function cumulative({ shares }: ModeShares): Point[] {
  let sum = 0;
  return shares.map((share, i) => ({ x: i + 1, y: (sum += share) }));
}

/** How many modes hold this share; null where all given do not. */
export const modesFor = (m: ModeShares, share: number): number | null => cumulative(m).find(({ y }) => y >= share)?.x ?? null;

const MOST = 0.9;

export const modes: Plot = {
  id: 'modes',
  title: "The targets in the kernel's modes",
  needs: noTraining,
  draw(canvas, result, theme, pick) {
    const { network, twin } = curveOf(result, pick).modes;
    const series: Series[] = [line('Network', cumulative(network), theme.series[0])];
    if (twin) series.push(line('Real twin', cumulative(twin), theme.series[1], [7, 4]));
    const last = Math.max(2, network.shares.length, twin?.shares.length ?? 0);
    return draw(canvas, theme, { title: 'modes, largest eigenvalue first', kind: 'logarithmic', min: 1, max: last }, { title: 'share of ‖y‖²', kind: 'linear', min: 0, max: 1 }, series);
  },
  table(result, pick) {
    const { network, twin } = curveOf(result, pick).modes;
    const columns = [network, twin].map((m) => (m ? { ...m, sums: cumulative(m) } : null));
    const row = (i: number): string[] => columns.flatMap((m) => (m && i < m.shares.length ? [number(m.eigenvalues[i]!), number(m.shares[i]!), number(m.sums[i]!.y)] : [DASH, DASH, DASH]));
    return {
      caption: `Share of the targets' squared norm in each mode (${curveOf(result, pick).description})`,
      columns: ['Mode', 'Eigenvalue', 'Share', 'Share so far', "Twin's eigenvalue", "Twin's share", "Twin's share so far"],
      rows: Array.from({ length: Math.max(network.shares.length, twin?.shares.length ?? 0) }, (_, i) => [String(i + 1), ...row(i)]),
    };
  },
  describe(result, pick) {
    const { network, twin } = curveOf(result, pick).modes;
    const { reason } = result.training;
    const said = (m: ModeShares): string => `${modesFor(m, MOST) ?? 'more than all'} of ${m.shares.length} modes`;
    return `${number(100 * MOST)} % of the targets' squared norm lie in the first ${said(network)} of the network's kernel${twin ? `, and in the first ${said(twin)} of the real twin's` : ''}. What lies in small eigenvalues is learnt late.${reason ? ` ${sentence(reason)}` : ''}`;
  },
};
