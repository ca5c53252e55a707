// Real networks of finite width beside the complex one: how far each is from the twin's limit, and from the network itself.
import type { FiniteTwin, FiniteWidth, FiniteWidthRow, TwinSize } from '../../src/contract/finite.ts';
import type { Quantity } from '../../src/contract/result.ts';
import { count, DASH, quantity, sentence } from '../format.ts';
import type { Theme } from '../theme.ts';
import { draw, marks, type Picture, type Point } from './chart.ts';
import { finiteWidth, REACH, spread } from './finite-width.ts';
import type { Plot } from './plot.ts';

export const SIZE_TEXT: Record<TwinSize, string> = { 'same-widths': 'same widths', 'double-widths': 'double widths', 'matched-parameters': 'matched parameters' };

/** The complex network of the twins' widths, where its own distance from the twin's limit is known. */
const network = ({ rows, kernels }: FiniteWidth): FiniteWidthRow | undefined =>
  rows.find((r) => r.asWritten === kernels.asWritten && r.width === kernels.width && r.twinDistance.value !== null);

/** Numbers that exist, each beside its place on the axis. */
export function beside(numbers: readonly (Quantity | null)[], shift: number): Point[] {
  return numbers.flatMap((q, i) => (q && q.value !== null ? [{ x: i + shift, y: q.value, error: REACH * (q.error ?? 0) }] : []));
}

export function twinPicture(study: FiniteWidth, theme: Theme): Picture {
  const own = network(study);
  const first = own ? [null] : [];
  const limit = beside([...(own ? [own.twinDistance] : []), ...study.twins.map((t) => t.distance)], -0.1);
  const between = beside([...first, ...study.twins.map((t) => t.toNetwork)], 0.1);
  const names = [
    ...(own ? [`complex\nnetwork\n${count(own.parameters)}`] : []),
    ...study.twins.map((t) => `${SIZE_TEXT[t.size].replace(' ', '\n')}\n${count(t.parameters)}`),
  ];
  const top = Math.max(...[...limit, ...between].map((p) => p.y + (p.error ?? 0)));
  return {
    x: { title: 'network, and its real parameters', kind: 'linear', min: -0.5, max: names.length - 0.5, names },
    y: { title: 'relative distance', kind: 'linear', min: 0, max: top > 0 ? 1.1 * top : 1 },
    series: [
      marks("from the twin's limit", limit, theme.series[0], 'circle', theme.series[0], 5),
      marks("from the network's mean", between, theme.series[1], 'triangle', theme.background, 6),
    ],
  };
}

const exists = ({ distance, toNetwork }: FiniteTwin): boolean => distance.value !== null || toNetwork.value !== null;

export const finiteTwins: Plot = {
  id: 'finite-twins',
  title: 'Real networks of finite width beside it',
  needs(result) {
    const study = result.finiteWidth;
    if (!study) return finiteWidth.needs(result, '');
    if (study.twins.some(exists)) return null;
    return `There are no finite real twins. ${sentence(study.twinsReason ?? study.twins[0]?.distance.reason ?? 'they were not drawn')}`;
  },
  draw(canvas, result, theme) {
    const { x, y, series } = twinPicture(result.finiteWidth!, theme);
    return draw(canvas, theme, x, y, series);
  },
  table(result) {
    const study = result.finiteWidth!;
    const own = network(study);
    return {
      caption: `Real networks of finite width on the same inputs, seeds ${study.seeds.join(', ')}`,
      columns: ['Network', 'Width', 'Real parameters', "From the twin's limit", "From the network's mean"],
      rows: [
        ...(own ? [['complex network, real part', String(own.width), count(own.parameters), quantity(own.twinDistance), DASH]] : []),
        ...study.twins.map((t) => [`real, ${SIZE_TEXT[t.size]}`, String(t.width), count(t.parameters), quantity(t.distance), quantity(t.toNetwork)]),
      ],
    };
  },
  describe(result) {
    const study = result.finiteWidth!;
    const own = network(study);
    return [
      'Real networks of the same layers with free weights on [Re, Im], their kernels taken twice.',
      ...(own ? [`The complex network, ${count(own.parameters)} parameters: its real part from the twin's limit ${quantity(own.twinDistance)}.`] : []),
      ...study.twins.map((t) => `Twin of ${SIZE_TEXT[t.size]} (width ${t.width}, ${count(t.parameters)} parameters): from the twin's limit ${quantity(t.distance)}, from the network's mean ${quantity(t.toNetwork)}.`),
      ...(study.twinsReason ? [sentence(study.twinsReason)] : []),
      spread(study.seeds),
    ].join(' ');
  },
};
