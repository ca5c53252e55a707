// Training of drawn networks and of their real twins: residual and drift of the kernel, step by step. The same pictures while it runs.
import type { FiniteCurve, FiniteTraining, PredictedCurve } from '../../src/contract/finite.ts';
import { count, DASH, errorText, number, quantity, sentence } from '../format.ts';
import type { Table } from '../sections/table.ts';
import type { Theme } from '../theme.ts';
import { draw, line, type Axis, type Picture, type Point, type Series } from './chart.ts';
import { SIZE_TEXT } from './finite-twins.ts';
import { lawText, ranOn, REACH, spread } from './finite-width.ts';
import type { Plot } from './plot.ts';

/** A picture of a training, whether it goes on or has ended. */
export interface TrainingView {
  id: string;
  title: string;
  picture(training: FiniteTraining, theme: Theme): Picture;
  table(training: FiniteTraining): Table;
  describe(training: FiniteTraining): string;
}

type Numbers = readonly (number | null)[];

const LOOKS: Record<FiniteCurve['network'], { colour: 0 | 1 | 2 | 3; shape: 'circle' | 'triangle' | 'rect' | 'rectRot' }> = {
  network: { colour: 0, shape: 'circle' }, 'same-widths': { colour: 1, shape: 'triangle' }, 'double-widths': { colour: 2, shape: 'rect' }, 'matched-parameters': { colour: 3, shape: 'rectRot' },
};
const DASHES: Record<PredictedCurve['kernel'], number[]> = { limit: [9, 5], 'twin-limit': [9, 4, 2, 4], initial: [2, 3] };
export const PREDICTED_TEXT: Record<PredictedCurve['kernel'], string> = {
  limit: "predicted by the limit's kernel", 'twin-limit': "predicted by the twin limit's kernel", initial: 'predicted by the kernel at the start',
};

export const nameOf = ({ network }: FiniteCurve): string => (network === 'network' ? 'Network' : `Real twin, ${SIZE_TEXT[network]}`);

/** Numbers that were taken, and on a logarithmic axis only those it can show. */
export function over(steps: readonly number[], values: Numbers, errors: Numbers | null, positive: boolean): Point[] {
  return steps.flatMap((x, i) => {
    const y = values[i] ?? null;
    if (y === null || !Number.isFinite(y) || (positive && y <= 0)) return [];
    return [{ x, y, ...(errors ? { error: REACH * (errors[i] ?? 0) } : {}) }];
  });
}

/** Marks along a curve, to tell it without colour. */
const MARKS = 7;

/** Marks of different curves stand at different points, so that none hides another. */
function curve(c: FiniteCurve, data: Point[], theme: Theme): Series {
  const { colour, shape } = LOOKS[c.network];
  const every = Math.max(1, Math.ceil(data.length / MARKS));
  const at = Math.floor((colour * every) / 4);
  return {
    ...line(`${nameOf(c)}, ${count(c.parameters)} parameters`, data, theme.series[colour]), band: true, backgroundColor: theme.series[colour], pointStyle: shape,
    pointRadius: data.map((_, i) => (i % every === at ? 4 : 0)), pointHitRadius: 6,
  };
}

/** To the end asked for while it goes on, so that the axis stays. */
function steps({ steps: taken, options, stopped }: FiniteTraining): Axis {
  const last = stopped === null ? Math.max(options.steps, taken.at(-1) ?? 0) : taken.at(-1) ?? 0;
  return { title: 'training step', kind: 'linear', min: 0, max: Math.max(1, last), whole: true };
}

/** How far a prediction may lead the axis beyond the curves themselves. */
const LEAD = 10;

const cell = (values: Numbers | null, i: number, errors?: Numbers): string => {
  const [v, error] = [values?.[i] ?? null, errors?.[i] ?? null];
  return v === null ? DASH : `${number(v)}${error === null ? '' : ` ± ${errorText(error)}`}`;
};
const seeds = (t: FiniteTraining): string => (t.seeds.length === 1 ? 'one seed, so no error is known' : `mean over ${t.seeds.length} seeds, ± one standard error`);

export const residuals: TrainingView = {
  id: 'finite-training',
  title: 'Training of finite networks',
  picture(t, theme) {
    const curves = t.curves.map((c) => curve(c, over(t.steps, c.residual, c.residualError, true), theme));
    const predicted = t.predicted.map(({ kernel, residual }) => line(PREDICTED_TEXT[kernel], over(t.steps, residual, null, true), kernel === 'twin-limit' ? theme.muted : theme.foreground, DASHES[kernel]));
    const own = curves.flatMap((s) => s.data.map((p) => p.y));
    const all = [...own, ...predicted.flatMap((s) => s.data.map((p) => p.y))];
    const [low, high] = own.length > 0 ? [Math.min(...own), Math.max(...own)] : [0.1, 1];
    return {
      x: steps(t),
      y: { title: 'residual ‖f − y‖ / ‖f₀ − y‖', kind: 'logarithmic', min: Math.max(low / LEAD, Math.min(low, ...all)) / 1.3, max: Math.min(high * LEAD, Math.max(high, ...all)) * 1.3 },
      series: [...curves, ...predicted],
    };
  },
  table(t) {
    const classes = t.curves.some((c) => c.accuracy !== null);
    return {
      caption: `Residual${classes ? ' and share named right' : ''} after each step (${t.targets.description}); ${seeds(t)}`,
      columns: ['Step', ...t.curves.flatMap((c) => [nameOf(c), ...(classes ? [`${nameOf(c)}: named right`] : [])]), ...t.predicted.map((p) => PREDICTED_TEXT[p.kernel])],
      rows: t.steps.map((s, i) => [
        String(s), ...t.curves.flatMap((c) => [cell(c.residual, i, c.residualError), ...(classes ? [cell(c.accuracy, i)] : [])]), ...t.predicted.map((p) => cell(p.residual, i)),
      ]),
    };
  },
  describe(t) {
    const { optimizer, learningRate, momentum, parameterisation } = t.options;
    const last = t.steps.length - 1;
    const how = { sgd: 'Gradient descent', momentum: `Gradient descent with momentum ${number(momentum)}`, adam: 'Adam' }[optimizer];
    return [
      t.sentence && sentence(t.sentence),
      t.stopped && `It ended early. ${sentence(t.stopped)}`,
      last >= 0 && `Residual after step ${t.steps[last]}: ${t.curves.map((c) => `${nameOf(c)} (width ${c.width}, ${count(c.parameters)} parameters) ${cell(c.residual, last, c.residualError)}`).join('; ')}.`,
      `Largest distance from the prediction: ${quantity(t.gap)}.`,
      `${how} on ${t.targets.description}, ${parameterisation === 'ntk' ? 'NTK' : 'standard'} parameterisation, learning rate ${number(learningRate)}. ${sentence(t.learningRateRule)}`,
      t.twinsReason && `Not all twins are there. ${sentence(t.twinsReason)}`,
      t.predictedReason && `Not all is predicted. ${sentence(t.predictedReason)}`,
      `${lawText(t.law)}. ${spread(t.seeds)} ${ranOn(t)}`,
    ].filter(Boolean).join(' ');
  },
};

export const drift: TrainingView = {
  id: 'kernel-drift',
  title: 'Drift of the kernel in training',
  picture(t, theme) {
    const series = t.curves.map((c) => curve(c, over(t.steps, c.drift, c.driftError, false), theme)).filter(({ data }) => data.length > 0);
    const top = Math.max(0, ...series.flatMap((s) => s.data.map((p) => p.y + (p.error ?? 0))));
    return { x: steps(t), y: { title: '‖Θₜ − Θ₀‖ / ‖Θ₀‖', kind: 'linear', min: 0, max: top > 0 ? 1.1 * top : 1 }, series };
  },
  table(t) {
    return {
      caption: `Distance of the kernel from that at the start; ${seeds(t)}`,
      columns: ['Step', ...t.curves.map(nameOf)],
      rows: t.steps.flatMap((s, i) => (t.curves.some((c) => (c.drift[i] ?? null) !== null) ? [[String(s), ...t.curves.map((c) => cell(c.drift, i, c.driftError))]] : [])),
    };
  },
  describe(t) {
    const end = t.curves.map((c) => {
      const i = c.drift.map((v) => v !== null).lastIndexOf(true);
      return `${nameOf(c)} ${i < 0 ? 'not taken' : `${cell(c.drift, i, c.driftError)} after step ${t.steps[i]}`}`;
    });
    return `How far the kernel moves in training: near 0 is lazy, as the limit supposes. ${end.join('; ')}. Of the network at the last step: ${quantity(t.drift)}. ${spread(t.seeds)}`;
  },
};

export const TRAINING_VIEWS: readonly TrainingView[] = [residuals, drift];

const NOT_RUN = 'The drawn networks have not been trained.';

const plotOf = (view: TrainingView, why: string, has: (t: FiniteTraining) => boolean): Plot => ({
  id: view.id,
  title: view.title,
  offer: { text: 'Train the drawn networks', finiteWidth: false, training: true },
  needs: ({ finiteTraining: t }) => (!t ? NOT_RUN : has(t) ? null : [why, ...(t.stopped ? [sentence(t.stopped)] : [])].join(' ')),
  draw(canvas, result, theme) {
    const { x, y, series } = view.picture(result.finiteTraining!, theme);
    return draw(canvas, theme, x, y, series);
  },
  table: (result) => view.table(result.finiteTraining!),
  describe: (result) => view.describe(result.finiteTraining!),
});

export const finiteTraining = plotOf(residuals, 'Training gave no residual above zero.', (t) => t.curves.some((c) => over(t.steps, c.residual, null, true).length > 0));
export const kernelDrift = plotOf(drift, 'The kernel was not taken during training.', (t) => t.curves.some((c) => over(t.steps, c.drift, null, false).length > 0));
