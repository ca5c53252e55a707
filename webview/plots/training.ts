// Predicted training at infinite width: how far network and real twin are from the targets, and from each other, against time.
import type { AnalysisResult, TargetName, TrainingCurve } from '../../src/contract/result.ts';
import { DASH, errorText, methodText, number, quantity, sentence } from '../format.ts';
import { draw, line, marks, type Point, type Series } from './chart.ts';
import type { Choice, Plot } from './plot.ts';

export const TARGET_TEXT: Record<TargetName, string> = { 'one-hot': 'Classes, real', phases: 'Classes as phases, complex', random: 'Random numbers' };

export const targetChoice: Choice = {
  id: 'targets',
  label: 'Targets',
  options: (result) => (result.training.value?.curves ?? []).map(({ targets }) => ({ value: targets, text: TARGET_TEXT[targets] })),
};

/** The curve for these targets. */
export const curveOf = (result: AnalysisResult, targets: string): TrainingCurve => result.training.value!.curves.find((c) => c.targets === targets)!;

export const noTraining = (result: AnalysisResult): string | null => {
  const { value, reason } = result.training;
  return value && value.curves.length > 0 ? null : `There are no training curves. ${sentence(reason ?? 'they were not computed')}`;
};

const over = (times: readonly number[], values: readonly number[]): Point[] => times.map((x, i) => ({ x, y: values[i]! }));

const TIME = 'time × learning rate';

/** "The residual is down to 1/e of the targets at time 3.2 ± 1e-9 series (network)". */
function constants({ timeConstant: { network, twin }, twin: curve }: TrainingCurve): string {
  return `The residual is down to 1/e of the targets at time ${quantity(network)}${curve ? `; that of the real twin at ${quantity(twin)}` : ''}.`;
}

export const training: Plot = {
  id: 'training',
  title: 'Training curves',
  needs: noTraining,
  draw(canvas, result, theme, pick) {
    const curve = curveOf(result, pick);
    const { times, network, twin, distance, timeConstant, trajectoryGap, gapTime } = curve;
    const [own, other, between] = theme.series;
    const series: Series[] = [line('Network', over(times, network), own)];
    if (twin) series.push(line('Real twin', over(times, twin), other, [7, 4]));
    if (distance) series.push(line('Between them', over(times, distance), between, [2, 3]));
    const at1e = ([[timeConstant.network, own], [timeConstant.twin, other]] as const).flatMap(([q, colour]) => (q.value === null ? [] : [{ x: q.value, colour }]));
    if (at1e.length > 0) {
      series.push({
        ...marks('1/e of the targets', at1e.map(({ x }) => ({ x, y: 1 / Math.E })), theme.foreground, 'circle', theme.background, 5),
        borderColor: at1e.map(({ colour }) => colour), borderWidth: 2,
      });
    }
    if (gapTime !== null && trajectoryGap.value !== null) series.push(marks('largest distance', [{ x: gapTime, y: trajectoryGap.value }], between, 'rectRot', theme.background, 6));
    return draw(canvas, theme, { title: TIME, kind: 'logarithmic', min: times[0]!, max: times.at(-1)! }, { title: 'relative to the targets', kind: 'linear', min: 0 }, series);
  },
  table(result, pick) {
    const curve = curveOf(result, pick);
    const { times, network, twin, distance } = curve;
    const at = (values: number[] | null, i: number): string => (values ? number(values[i]!) : DASH);
    return {
      caption: `Distance from the targets (${curve.description}), each ± ${errorText(curve.error)} ${methodText(curve.method)}`,
      columns: ['Time', 'Network', 'Real twin', 'Between them'],
      rows: times.map((t, i) => [number(t), at(network, i), at(twin, i), at(distance, i)]),
    };
  },
  describe(result, pick) {
    const curve = curveOf(result, pick);
    const { value, reason } = result.training;
    const gap = curve.distance === null
      ? 'There is no real twin to compare with.'
      : `Largest distance between network and real twin: ${quantity(curve.trajectoryGap)}${curve.gapTime === null ? '' : `, at time ${number(curve.gapTime)}`}.`;
    return `Distance ‖f(t) − y‖ / ‖y‖ under gradient flow from 0 at rate ${number(value!.rate)} Θ; targets: ${curve.description}. ${constants(curve)} ${gap} Each value ± ${errorText(curve.error)} ${methodText(curve.method)}.${reason ? ` ${sentence(reason)}` : ''}`;
  },
};
