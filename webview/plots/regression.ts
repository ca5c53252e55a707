// How well kernel regression names held-out samples: each kernel and kind of target with its standard error, against chance.
import { TARGETS, type AnalysisResult, type KernelRegression, type RegressionScore } from '../../src/contract/result.ts';
import { DASH, number, quantity, sentence } from '../format.ts';
import { draw, line, marks, type Point } from './chart.ts';
import type { Plot } from './plot.ts';
import { TARGET_TEXT } from './training.ts';

type Kernel = RegressionScore['kernel'];
const KERNELS = ['ntk', 'twinNtk', 'nngp', 'twinNngp'] as const satisfies readonly Kernel[];
const NAMES: Record<Kernel, string> = { ntk: 'NTK', twinNtk: "Twin's NTK", nngp: 'NNGP', twinNngp: "Twin's NNGP" };

const shown = ({ scores }: KernelRegression): Kernel[] => KERNELS.filter((k) => scores.some((s) => s.kernel === k));

/** Scores on one kind of targets; marks of two kinds stand beside each other. */
export function points(study: KernelRegression, targets: RegressionScore['targets'], beside: number): Point[] {
  const places = shown(study);
  return study.scores.flatMap(({ kernel, targets: t, accuracy: { value, error } }) =>
    (t === targets && value !== null ? [{ x: places.indexOf(kernel) + beside, y: value, error: error ?? 0 }] : []));
}

export const regression: Plot = {
  id: 'regression',
  title: 'Held-out samples named right',
  needs(result: AnalysisResult) {
    const { value, reason } = result.regression;
    if (!value) return `There is no regression. ${sentence(reason ?? 'it was not computed')}`;
    return value.scores.some((s) => s.accuracy.value !== null) ? null : `There is no regression. ${sentence(value.scores[0]?.accuracy.reason ?? 'no kernel could be solved for')}`;
  },
  draw(canvas, result, theme) {
    const study = result.regression.value!;
    const names = shown(study).map((k) => NAMES[k]);
    const real = points(study, 'one-hot', -0.08);
    const turned = points(study, 'phases', 0.08);
    const all = [...real, ...turned];
    const low = Math.min(study.chance, ...all.map((p) => p.y - (p.error ?? 0)));
    const high = Math.max(study.chance, ...all.map((p) => p.y + (p.error ?? 0)));
    return draw(canvas, theme,
      { title: '', kind: 'linear', min: -0.5, max: names.length - 0.5, names },
      { title: 'share named right', kind: 'linear', min: Math.max(0, Math.floor(10 * (low - 0.02)) / 10), max: Math.min(1.05, Math.ceil(10 * (high + 0.02)) / 10) },
      [
        line('most frequent class', [{ x: -0.5, y: study.chance }, { x: names.length - 0.5, y: study.chance }], theme.muted, [6, 4]),
        marks(TARGET_TEXT['one-hot'], real, theme.series[0], 'circle', theme.series[0], 5),
        marks(TARGET_TEXT.phases, turned, theme.series[1], 'triangle', theme.background, 6),
      ]);
  },
  table(result) {
    const study = result.regression.value!;
    const rows = [...study.scores].sort((a, b) => KERNELS.indexOf(a.kernel) - KERNELS.indexOf(b.kernel) || TARGETS.indexOf(a.targets) - TARGETS.indexOf(b.targets));
    return {
      caption: `Held-out samples named right: ${study.splits} splits of ${study.trainSamples} to learn from and ${study.testSamples} to name, seed ${study.seed}; most frequent class ${number(study.chance)}. Ridge: ${study.ridgeRule}`,
      columns: ['Kernel', 'Targets', 'Share named right', 'Ridge (median)'],
      rows: rows.map((s) => [NAMES[s.kernel], TARGET_TEXT[s.targets], quantity(s.accuracy), s.ridge === null ? DASH : number(s.ridge)]),
    };
  },
  describe(result) {
    const { value, reason } = result.regression;
    const { scores, splits, trainSamples, testSamples, classes, chance, advantage } = value!;
    const name = (s: RegressionScore): string => `${NAMES[s.kernel]}, ${TARGET_TEXT[s.targets].toLowerCase()}`;
    const best = scores.reduce((a, b) => ((b.accuracy.value ?? -1) > (a.accuracy.value ?? -1) ? b : a));
    const without = scores.filter((s) => s.accuracy.value === null).map((s) => ` ${name(s)}: ${quantity(s.accuracy)}.`);
    return `Kernel ridge regression over ${classes} classes, ${trainSamples} samples to learn from and ${testSamples} held out, mean over ${splits} splits. Best: ${name(best)}, ${quantity(best.accuracy)}.${without.join('')} ` +
      `Always the most frequent class: ${number(chance, 3)}. NTK minus its real twin: ${quantity(advantage)}. Bars are one standard error.${reason ? ` ${sentence(reason)}` : ''}`;
  },
};
