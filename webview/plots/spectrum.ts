// Eigenvalues of the NTK and of its real twin, largest first, on a logarithmic axis.
import type { AnalysisResult, Spectrum } from '../../src/contract/result.ts';
import { DASH, errorText, number, quantity } from '../format.ts';
import { draw, type Point, type Series } from './chart.ts';
import type { Plot } from './plot.ts';

/** Largest first; only what a logarithmic axis can show. */
export function points(s: Spectrum): Point[] {
  return [...s.eigenvalues].reverse().map((y, i) => ({ x: i + 1, y })).filter((p) => p.y > 0);
}

const underError = (s: Spectrum): number => s.eigenvalues.filter((v) => v <= s.error).length;

function sentence(name: string, s: Spectrum): string {
  const { eigenvalues: e } = s;
  const rounding = underError(s);
  return `${name}: ${e.length} eigenvalues from ${number(e[0] ?? 0)} to ${number(e.at(-1) ?? 0)} (each ± ${errorText(s.error)})` +
    `${rounding > 0 ? `, ${rounding} of them not above their error` : ''}; condition number ${quantity(s.condition)}; effective rank ${quantity(s.effectiveRank)}.`;
}

const each = (result: AnalysisResult): [string, Spectrum][] =>
  ([['NTK', result.spectra.ntk], ['Real twin', result.spectra.twinNtk]] as const).flatMap(([name, s]) => (s ? [[name, s]] : []));

export const spectrum: Plot = {
  id: 'spectrum',
  title: 'Eigenvalues of the NTK and of its real twin',
  needs(result) {
    if (each(result).some(([, s]) => points(s).length > 0)) return null;
    return each(result).length > 0 ? 'No eigenvalue is positive.' : `There is no spectrum: ${result.kernels.ntk.reason ?? 'it was not computed.'}`;
  },
  draw(canvas, result, theme) {
    const { ntk, twinNtk } = result.spectra;
    const series: Series[] = [];
    if (ntk) series.push({ label: 'NTK', data: points(ntk), borderColor: theme.series[0], backgroundColor: theme.series[0], pointStyle: 'circle', pointRadius: 3, showLine: false });
    if (twinNtk) series.push({ label: 'Real twin', data: points(twinNtk), borderColor: theme.series[1], backgroundColor: 'transparent', pointStyle: 'triangle', pointRadius: 5, borderWidth: 1.5, showLine: false });
    const floor = Math.max(...each(result).map(([, s]) => s.error));
    const all = series.flatMap((s) => s.data);
    const top = all.reduce((m, p) => Math.max(m, p.y), 0);
    const low = all.reduce((m, p) => Math.min(m, p.y), Infinity);
    const last = all.reduce((m, p) => Math.max(m, p.x), 1);
    // Below a tenth of the error the axis would show rounding only.
    const bottom = Math.max(low / 1.5, floor / 10);
    if (floor > bottom) series.push({ label: 'error of an eigenvalue', data: [{ x: 1, y: floor }, { x: last, y: floor }], borderColor: theme.muted, backgroundColor: 'transparent', borderDash: [4, 4], borderWidth: 1, pointRadius: 0, showLine: true, pointStyle: 'line' });
    return draw(canvas, theme, { title: 'rank', kind: 'linear', min: 0, max: last + 1 }, { title: 'eigenvalue', kind: 'logarithmic', min: bottom, max: top * 1.5 }, series);
  },
  table(result) {
    const { ntk, twinNtk } = result.spectra;
    const n = Math.max(ntk?.eigenvalues.length ?? 0, twinNtk?.eigenvalues.length ?? 0);
    const at = (s: Spectrum | null, rank: number): string => {
      const v = s?.eigenvalues.at(-1 - rank);
      return v === undefined ? DASH : `${number(v, 6)} ± ${errorText(s!.error)}`;
    };
    return { caption: 'Eigenvalues, largest first', columns: ['Rank', 'NTK', 'Real twin'], rows: Array.from({ length: n }, (_, i) => [String(i + 1), at(ntk, i), at(twinNtk, i)]) };
  },
  describe: (result) => each(result).map(([name, s]) => sentence(name, s)).join(' '),
};
