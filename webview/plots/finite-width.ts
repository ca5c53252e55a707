// Finite networks against their width, both logarithmic: distance from the limit, size of the pseudo-kernel, and the line n^-1/2.
import type { FiniteWidth, FiniteWidthRow } from '../../src/contract/finite.ts';
import { count, number, quantity, sentence } from '../format.ts';
import { draw, line, type Picture, type Point, type Series } from './chart.ts';
import type { Plot } from './plot.ts';
import type { Theme } from '../theme.ts';

type Measure = 'distance' | 'twinDistance' | 'pseudo' | 'meanDistance';

const MEASURES: readonly { key: Measure; label: string; shape: 'circle' | 'triangle' | 'rect' | 'rectRot' }[] = [
  { key: 'distance', label: 'Θₙ from Θ', shape: 'circle' },
  { key: 'twinDistance', label: 'Re Θₙ from twin', shape: 'triangle' },
  { key: 'pseudo', label: 'Pseudo-kernel', shape: 'rect' },
  { key: 'meanDistance', label: 'Mean over seeds from Θ', shape: 'rectRot' },
];

/** Bands and bars of finite networks reach this many standard errors. */
export const REACH = 2;

/** How sure the numbers are, said once a plot. */
export const spread = (seeds: readonly number[]): string =>
  (seeds.length === 1 ? 'One seed, so no error is known.' : `Mean over ${seeds.length} seeds: numbers are ± one standard error, bands and bars reach two.`);

/** What a logarithmic axis can show of one measure. */
export function points(rows: readonly FiniteWidthRow[], measure: Measure): Point[] {
  return rows.flatMap((row) => {
    const { value, error } = row[measure];
    return value !== null && value > 0 ? [{ x: row.width, y: value, error: REACH * (error ?? 0) }] : [];
  }).sort((a, b) => a.x - b.x);
}

/** c n^-1/2, with c the geometric mean that fits the points. */
export function guide(fit: readonly Point[]): Point[] {
  if (fit.length === 0) return [];
  const c = Math.exp(fit.reduce((sum, p) => sum + Math.log(p.y * Math.sqrt(p.x)), 0) / fit.length);
  const [first, last] = [fit[0]!.x, fit.at(-1)!.x];
  return first === last ? [] : [first, last].map((x) => ({ x, y: c / Math.sqrt(x) }));
}

/** Widths that were asked for, and the row of the text's own widths, which may differ from layer to layer and lies on no line. */
const split = ({ rows }: FiniteWidth): { asked: FiniteWidthRow[]; written: FiniteWidthRow[] } =>
  ({ asked: rows.filter((r) => !r.asWritten), written: rows.filter((r) => r.asWritten) });

/** Ticks nearer than this factor would be written over each other. */
const APART = 1.25;

export function widthPicture(study: FiniteWidth, theme: Theme): Picture {
  const { asked, written } = split(study);
  const colours = theme.series;
  const curves = MEASURES.map(({ key, label, shape }, m): Series => ({
    ...line(label, points(asked, key), colours[m]!), band: true, backgroundColor: colours[m]!, pointStyle: shape, pointRadius: 4,
  })).filter(({ data }) => data.length > 0);
  const own = MEASURES.flatMap(({ key, label, shape }, m) => points(written, key).map((p) => ({ ...p, note: label, colour: colours[m]!, shape })));
  const followed = curves[0]?.data ?? [];
  const straight = guide(followed);
  const series: Series[] = [...curves];
  if (straight.length > 0) series.push(line('n^−1/2', straight, theme.muted, [6, 4]));
  if (own.length > 0) {
    series.push({
      label: 'widths as written', data: own.map(({ x, y, error, note }) => ({ x, y, error, note })), borderColor: own.map((p) => p.colour), backgroundColor: 'transparent',
      pointStyle: own.map((p) => p.shape), pointRadius: 7, pointHoverRadius: 8, borderWidth: 2, showLine: false,
    });
  }
  const all = [...curves.flatMap((s) => s.data), ...own, ...straight];
  const top = Math.max(...all.map((p) => p.y + (p.error ?? 0)));
  // A band that reaches zero has no place on the axis.
  const bottom = Math.min(...all.flatMap((p) => (p.y > (p.error ?? 0) ? [p.y, p.y - (p.error ?? 0)] : [p.y])));
  const least = Math.min(...all.map((p) => p.y));
  const widths = [...new Set(asked.map((r) => r.width))];
  for (const { width } of written) if (widths.every((w) => Math.max(w / width, width / w) > APART)) widths.push(width);
  widths.sort((a, b) => a - b);
  const places = study.rows.map((r) => r.width);
  return {
    x: { title: 'width n', kind: 'logarithmic', ticks: widths, min: Math.min(...places) / 1.3, max: Math.max(...places) * 1.3 },
    // Nor does one that nearly does: the numbers themselves must fill the picture.
    y: { title: 'relative to the kernel', kind: 'logarithmic', min: Math.max(bottom, least / 3) / 1.2, max: top * 1.2 },
    series,
  };
}

const LAWS = { normal: 'Weights are normal numbers', library: "Weights follow the library's own law" } as const;

export const lawText = (law: FiniteWidth['law']): string => LAWS[law];

export const ranOn = ({ backend, fallbackReason }: { backend: string; fallbackReason: string | null }): string =>
  `Computed by ${backend}.${fallbackReason ? ` ${sentence(fallbackReason)}` : ''}`;

export const finiteWidth: Plot = {
  id: 'finite-width',
  title: 'Finite networks against the limit',
  offer: { text: 'Run finite-width comparison', finiteWidth: true, training: false },
  needs({ finiteWidth: study }) {
    if (!study) return 'Finite-width comparison has not been run.';
    return MEASURES.some(({ key }) => points(study.rows, key).length > 0) ? null : 'The finite-width comparison gave no number above zero.';
  },
  draw(canvas, result, theme) {
    const { x, y, series } = widthPicture(result.finiteWidth!, theme);
    return draw(canvas, theme, x, y, series);
  },
  table(result) {
    const study = result.finiteWidth!;
    const { level, width } = study.limitWidth;
    return {
      caption: `Finite networks against the limit, seeds ${study.seeds.join(', ')}, on ${study.backend}`,
      columns: ['Width', 'Real parameters', 'Seeds', ...MEASURES.map((m) => m.label)],
      rows: [
        ...study.rows.map((r) => [`${r.width}${r.asWritten ? ' (as written)' : ''}`, count(r.parameters), String(r.seeds), ...MEASURES.map(({ key }) => quantity(r[key]))]),
        ['slope of the logarithms', '', '', quantity(study.exponent), '', quantity(study.pseudoExponent), quantity(study.meanExponent)],
        [`width within ${number(100 * level)} % of the limit`, '', '', quantity(width), '', '', ''],
      ],
    };
  },
  describe(result) {
    const study = result.finiteWidth!;
    const { distance } = study.rows[0]!;
    const noLimit = study.rows.every((r) => r.distance.value === null);
    const said = (measure: Measure): string => study.rows.map((r) => `${r.width}${r.asWritten ? ' (as written)' : ''}: ${r[measure].value === null ? 'unknown' : number(r[measure].value!)}`).join(', ');
    return [
      sentence(study.sentence),
      noLimit ? `There is no limit to measure the distance from. ${sentence(distance.reason ?? 'it was not computed')}` : `Relative distance of the finite NTK from its limit at width ${said('distance')}.`,
      `Size of the pseudo-kernel at width ${said('pseudo')}.`,
      `Slopes of the logarithms: ${noLimit ? '' : `distance ${quantity(study.exponent)}, `}pseudo-kernel ${quantity(study.pseudoExponent)}` +
        `${noLimit ? '' : `, mean over the seeds ${quantity(study.meanExponent)}`}${noLimit ? '; where there is a limit it is about -1/2' : '; theory says about -1/2, -1/2, and -1 for the mean until the scatter of the seeds hides it'}.`,
      study.asWrittenReason ? `There is no point for the widths as written. ${sentence(study.asWrittenReason)}` : '',
      `${lawText(study.law)}. ${spread(study.seeds)} ${ranOn(study)}`,
    ].filter(Boolean).join(' ');
  },
};
