// Eigenvalues of the NTK and of its real twin, largest first, on a logarithmic axis, with the modes that training learns first and last.
import type { AnalysisResult, Spectrum } from '../../src/contract/result.ts';
import { DASH, errorText, number, quantity, sentence } from '../format.ts';
import { draw, marks, type Point, type Series } from './chart.ts';
import type { Plot } from './plot.ts';

/** Largest first; only what a logarithmic axis can show. */
export function points(s: Spectrum): Point[] {
  return [...s.eigenvalues].reverse().map((y, i) => ({ x: i + 1, y })).filter((p) => p.y > 0);
}

/** The first and the last mode, where a logarithmic axis can show them, with their time constants. */
export function extremes(s: Spectrum): Point[] {
  const largest = s.eigenvalues.at(-1) ?? 0;
  const at = (x: number, y: number | null, tau: Spectrum['slowest'], word: string): Point[] =>
    (y !== null && y > 0 ? [{ x, y, note: `${word} mode, time constant ${quantity(tau)}` }] : []);
  return [...at(1, largest, s.fastest, 'fastest'), ...at(s.size, s.smallest.value, s.slowest, 'slowest')];
}

const underError = (s: Spectrum): number => s.eigenvalues.filter((v) => v <= s.error).length;
const partial = (s: Spectrum): boolean => s.eigenvalues.length < s.size;

function summary(name: string, s: Spectrum): string {
  const { eigenvalues: e } = s;
  const rounding = underError(s);
  const which = partial(s) ? `the ${e.length} largest of ${s.size} eigenvalues (Lanczos), ` : `${e.length} eigenvalues `;
  return `${name}: ${which}from ${number(e[0] ?? 0)} to ${number(e.at(-1) ?? 0)} (each ± ${errorText(s.error)})` +
    `${rounding > 0 ? `, ${rounding} of them not above their error` : ''}${partial(s) ? `; smallest ${quantity(s.smallest)}` : ''}` +
    // What follows from the smallest eigenvalue is not known without it; the table has the bounds.
    `${partial(s) && s.smallest.value === null ? '' : `; condition number ${quantity(s.condition)}`}; effective rank ${quantity(s.effectiveRank)}` +
    `; time constant of the fastest mode ${quantity(s.fastest)}${partial(s) && s.slowest.value === null ? '' : `, of the slowest ${quantity(s.slowest)}`}.`;
}

const each = (result: AnalysisResult): [string, Spectrum][] =>
  ([['NTK', result.spectra.ntk], ['Real twin', result.spectra.twinNtk]] as const).flatMap(([name, s]) => (s ? [[name, s]] : []));

const tau = (q: Spectrum['slowest']): string => (q.value === null ? 'unknown' : number(q.value, 3));

export const spectrum: Plot = {
  id: 'spectrum',
  title: 'Eigenvalues of the NTK and of its real twin',
  needs(result) {
    if (each(result).some(([, s]) => points(s).length > 0)) return null;
    return each(result).length > 0 ? 'No eigenvalue is positive.' : `There is no spectrum. ${sentence(result.spectra.reason ?? result.kernels.ntk.reason ?? 'it was not computed')}`;
  },
  draw(canvas, result, theme) {
    const spectra = each(result);
    const series: Series[] = [];
    const colour = (name: string): string => theme.series[name === 'NTK' ? 0 : 1];
    for (const [name, s] of spectra) {
      series.push(name === 'NTK' ? marks(name, points(s), colour(name), 'circle', colour(name), 3) : marks(name, points(s), colour(name), 'triangle', 'transparent', 5));
    }
    for (const [name, s] of spectra) {
      series.push(marks(`${name}: time constants ${tau(s.fastest)} to ${tau(s.slowest)}`, extremes(s), colour(name), 'rectRot', 'transparent', name === 'NTK' ? 8 : 11));
    }
    const floor = Math.max(...spectra.map(([, s]) => s.error));
    const all = series.flatMap((s) => s.data);
    const top = all.reduce((m, p) => Math.max(m, p.y), 0);
    const low = all.reduce((m, p) => Math.min(m, p.y), Infinity);
    const last = all.reduce((m, p) => Math.max(m, p.x), 1);
    // Below a tenth of the error the axis would show rounding only.
    const bottom = Math.max(low / 1.5, floor / 10);
    if (floor > bottom) series.unshift({ label: 'error of an eigenvalue', data: [{ x: 0.8, y: floor }, { x: last, y: floor }], borderColor: theme.muted, backgroundColor: 'transparent', borderDash: [4, 4], borderWidth: 1, pointRadius: 0, showLine: true, pointStyle: 'line' });
    const rank = spectra.some(([, s]) => partial(s))
      ? { title: 'rank', kind: 'logarithmic', min: 0.8, max: last * 1.25 } as const
      : { title: 'rank', kind: 'linear', min: 0, max: last + 1, whole: true } as const;
    return draw(canvas, theme, rank, { title: 'eigenvalue', kind: 'logarithmic', min: bottom, max: top * 1.5 }, series);
  },
  table(result) {
    const { ntk, twinNtk } = result.spectra;
    const n = Math.max(ntk?.eigenvalues.length ?? 0, twinNtk?.eigenvalues.length ?? 0);
    const at = (s: Spectrum | null, rank: number): string => {
      const v = s?.eigenvalues.at(-1 - rank);
      return v === undefined ? DASH : `${number(v, 6)} ± ${errorText(s!.error)}`;
    };
    const rows = Array.from({ length: n }, (_, i) => [String(i + 1), at(ntk, i), at(twinNtk, i)]);
    const measures = ([
      ...(each(result).some(([, s]) => partial(s)) ? [['smallest', 'smallest'] as const] : []),
      ['condition number', 'condition'], ['effective rank', 'effectiveRank'], ['fastest time constant', 'fastest'], ['slowest time constant', 'slowest'],
    ] as const).map(([name, key]) => [name, ...[ntk, twinNtk].map((s) => (s ? quantity(s[key]) : DASH))]);
    return { caption: 'Eigenvalues, largest first, and what follows from them', columns: ['Rank', 'NTK', 'Real twin'], rows: [...rows, ...measures] };
  },
  describe: (result) => each(result).map(([name, s]) => summary(name, s)).join(' '),
};
