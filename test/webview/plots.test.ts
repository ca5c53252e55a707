// What the charts are given: points their axes can show, guide lines, ticks, choices, words and tables.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FiniteWidthRow } from '../../src/contract/finite.ts';
import type { AnalysisResult, Quantity } from '../../src/contract/result.ts';
import { activationChoice, layerNames } from '../../webview/plots/activations.ts';
import { logTicks } from '../../webview/plots/chart.ts';
import { correlationMap } from '../../webview/plots/correlation-map.ts';
import { equivalent } from '../../webview/plots/equivalent.ts';
import { drift, finiteTraining, kernelDrift, nameOf, over, residuals } from '../../webview/plots/finite-training.ts';
import { beside, finiteTwins, twinPicture } from '../../webview/plots/finite-twins.ts';
import { finiteWidth, guide, points as distances, widthPicture } from '../../webview/plots/finite-width.ts';
import { GROUPS, picked } from '../../webview/plots/index.ts';
import { fixedPointText, isNear } from '../../webview/plots/iterated-map.ts';
import { cumulative, modesFor } from '../../webview/plots/modes.ts';
import { points as scores, regression } from '../../webview/plots/regression.ts';
import { extremes, points as eigenvalues, spectrum } from '../../webview/plots/spectrum.ts';
import { targetChoice, training } from '../../webview/plots/training.ts';
import { axisKind, through, varianceMap } from '../../webview/plots/variance-map.ts';
import { points as levels, variances } from '../../webview/plots/variances.ts';
import type { Theme } from '../../webview/theme.ts';
import { exampleResult } from './example.ts';
import { upTo } from './example-finite.ts';

const theme: Theme = { foreground: 'black', muted: 'grey', grid: 'silver', background: 'white', series: ['blue', 'orange', 'purple', 'green'], font: 'sans', fontSize: 13 };
const mc = (value: number | null, error: number | null = 0.01): Quantity => ({ value, method: 'monte-carlo', error });
const row = (width: number, distance: Quantity): FiniteWidthRow => ({ width, asWritten: false, parameters: 10 * width, seeds: 3, distance, twinDistance: mc(null), pseudo: mc(0), meanDistance: mc(null) });

describe('plots', () => {
  const result = exampleResult({ samples: 8 });
  const plots = GROUPS.flatMap((g) => g.plots);

  it('have ids of their own, and for each choice words and a table as long as the data', () => {
    const ids = [...plots, ...GROUPS].map((p) => p.id);
    assert.equal(new Set(ids).size, ids.length);
    for (const group of GROUPS) {
      const options = group.choice?.options(result) ?? [{ value: '', text: '' }];
      assert.ok(options.length > 0);
      for (const { value } of options) {
        for (const plot of group.plots) {
          assert.equal(plot.needs(result, value), null);
          const { columns, rows } = plot.table(result, value);
          assert.ok(rows.length > 0 && rows.every((r) => r.length === columns.length), plot.id);
          assert.doesNotMatch([plot.describe(result, value), ...rows.flat()].join(' '), /undefined|NaN|null|\[object|\.\.(?!\.)/, plot.id);
        }
      }
    }
    assert.equal(spectrum.table(result, '').rows.length, 8 + 4);
  });

  it('say why they cannot be drawn, in sentences', () => {
    const none = { value: null, reason: 'the network has no activation' };
    const poor: AnalysisResult = {
      ...result, training: none, regression: none, depth: none, equivalents: none, layers: [], spectra: { ntk: null, twinNtk: null, reason: 'No limit.' }, finiteWidth: null, finiteTraining: null,
    };
    for (const group of GROUPS) {
      const offered = group.choice?.options(poor) ?? [];
      assert.deepEqual(offered, []);
      for (const plot of group.plots) assert.match(plot.needs(poor, picked(group, 'activation1', offered))!, /^[A-Z].*[a-z]\.$/, plot.id);
    }
    assert.match(training.needs(poor, '')!, /There are no training curves\. The network has no activation\.$/);
    assert.match(spectrum.needs(poor, '')!, /There is no spectrum\. No limit\.$/);
    assert.match(finiteWidth.needs({ ...result, finiteWidth: { ...result.finiteWidth!, rows: [row(64, mc(null)), row(128, mc(0))] } }, '')!, /no number above zero/);
  });

  it('fall back to the first choice where the one kept is not offered', () => {
    const [group] = GROUPS;
    assert.equal(picked(group!, 'phases', [{ value: 'one-hot' }, { value: 'phases' }]), 'phases');
    assert.equal(picked(group!, 'gone', [{ value: 'one-hot' }, { value: 'phases' }]), 'one-hot');
    assert.equal(picked(group!, 'gone', []), '');
  });
});

describe('the spectrum', () => {
  const result = exampleResult({ samples: 8 });
  const ntk = result.spectra.ntk!;

  it('shows eigenvalues largest first, without those that are not positive, and counts them', () => {
    const s = { ...ntk, eigenvalues: [-1e-17, 0, 1e-16, 2, 5], size: 5, error: 1e-13 };
    assert.deepEqual(eigenvalues(s), [{ x: 1, y: 5 }, { x: 2, y: 2 }, { x: 3, y: 1e-16 }]);
    assert.match(spectrum.describe({ ...result, spectra: { ntk: s, twinNtk: null } }, ''), /5 eigenvalues from -1e-17 to 5 .*3 of them not above their error/);
  });

  it('marks the fastest and the slowest mode with their time constants', () => {
    const [fast, slow] = extremes(ntk);
    assert.deepEqual([fast!.x, fast!.y, slow!.x, slow!.y], [1, ntk.eigenvalues.at(-1), 8, ntk.eigenvalues[0]]);
    assert.match(fast!.note!, /^fastest mode, time constant /);
    assert.equal(extremes({ ...ntk, smallest: mc(null) }).length, 1);
    assert.equal(extremes({ ...ntk, smallest: mc(-1e-18) }).length, 1);
  });

  it('says of a part of the eigenvalues that it is one, and of how many', () => {
    const s = { ...ntk, eigenvalues: ntk.eigenvalues.slice(-3), algorithm: 'lanczos' as const, size: 1200, smallest: { ...mc(null), reason: 'at most 0.003' } };
    const part = { ...result, spectra: { ntk: s, twinNtk: null } };
    assert.match(spectrum.describe(part, ''), /the 3 largest of 1200 eigenvalues \(Lanczos\).*smallest — \(at most 0\.003\)/);
    const { rows } = spectrum.table(part, '');
    assert.deepEqual(rows.map((r) => r[0]), ['1', '2', '3', 'smallest', 'condition number', 'effective rank', 'fastest time constant', 'slowest time constant']);
    assert.deepEqual(rows[3], ['smallest', '— (at most 0.003)', '—']);
  });
});

describe('training', () => {
  const result = exampleResult({ samples: 12 });
  const [oneHot, phases] = result.training.value!.curves;

  it('offers the targets there are, and tells their curves', () => {
    assert.deepEqual(targetChoice.options(result).map((o) => o.value), ['one-hot', 'phases']);
    const table = training.table(result, 'phases');
    assert.equal(table.rows.length, phases!.times.length);
    assert.equal(table.rows[5]![1], String(Number(phases!.network[5]!.toPrecision(4))));
    assert.notDeepEqual(table.rows, training.table(result, 'one-hot').rows);
    assert.match(training.describe(result, 'one-hot'), /3 classes, one output each.*down to 1\/e .* at time .*; that of the real twin at .*Largest distance between network and real twin: /);
  });

  it('stands alone where there is no twin', () => {
    const real = structuredClone(result);
    Object.assign(real.training.value!.curves[0]!, { twin: null, distance: null, gapTime: null, trajectoryGap: mc(null), modes: { ...oneHot!.modes, twin: null } });
    assert.match(training.describe(real, 'one-hot'), /no real twin to compare with/);
    assert.deepEqual(training.table(real, 'one-hot').rows[0]!.slice(2), ['—', '—']);
  });

  it('repeats what limits the study', () => {
    const note = { ...result, training: { ...result.training, reason: 'by Krylov spaces of 40 steps' }, regression: { ...result.regression, reason: 'on 9 of the 12 samples' } };
    assert.match(training.describe(note, 'phases'), /By Krylov spaces of 40 steps\.$/);
    assert.match(regression.describe(note, ''), /On 9 of the 12 samples\.$/);
  });

  it('adds the shares of the modes up to one', () => {
    const m = { eigenvalues: [3, 2, 1], shares: [0.5, 0.25, 0.25] };
    assert.deepEqual(cumulative(m), [{ x: 1, y: 0.5 }, { x: 2, y: 0.75 }, { x: 3, y: 1 }]);
    assert.deepEqual([0.4, 0.6, 0.9, 1.1].map((s) => modesFor(m, s)), [1, 2, 3, null]);
    assert.ok(Math.abs(cumulative(oneHot!.modes.network).at(-1)!.y - 1) < 1e-9);
  });
});

describe('regression', () => {
  const result = exampleResult({ samples: 12 });

  it('places each kernel once, two kinds of targets beside each other, and leaves out what has no number', () => {
    const study = structuredClone(result.regression.value!);
    assert.deepEqual(scores(study, 'one-hot', -0.1).map((p) => p.x), [-0.1, 0.9, 1.9, 2.9]);
    study.scores.find((s) => s.kernel === 'nngp' && s.targets === 'phases')!.accuracy = { ...mc(null), reason: 'singular' };
    assert.deepEqual(scores(study, 'phases', 0.1).map((p) => p.x), [0.1, 1.1, 3.1]);
    assert.match(regression.describe({ ...result, regression: { value: study } }, ''), /NNGP, classes as phases, complex: — \(singular\)\./);
    assert.equal(regression.table({ ...result, regression: { value: study } }, '').rows.length, 8);
  });

  it('tells chance and the advantage over the twin with its error', () => {
    assert.match(regression.describe(result, ''), /Always the most frequent class: 0\.333\. NTK minus its real twin: \S+ ± \S+ Monte Carlo\./);
  });
});

describe('depth', () => {
  const result = exampleResult({ samples: 4 });
  const [first, second] = result.depth.value!;

  it('offers each different activation once, in forward order, under its first layer', () => {
    assert.deepEqual(activationChoice.options(result), [{ value: 'activation1', text: 'Cardioid (activation1)' }, { value: 'activation2', text: 'modReLU (activation2)' }]);
    const deep = structuredClone(result);
    deep.depth.value![0]!.layers = ['activation1', 'activation3', 'activation4', 'activation5'];
    deep.equivalents.value![0]!.layers = ['activation1', 'activation3', 'activation4'];
    deep.layers.push(...['activation3', 'activation4', 'activation5'].map((id) => ({ ...deep.layers[1]!, id })));
    assert.deepEqual(activationChoice.options(deep).map((o) => o.text), ['Cardioid (activation1, activation3, activation4)', 'modReLU (activation2)', 'Cardioid (activation5)']);
    assert.match(equivalent.needs(deep, 'activation5')!, /no equivalent real activation/);
    assert.equal(correlationMap.needs(deep, 'activation5'), null);
    assert.equal(layerNames(['a', 'b', 'c', 'd', 'e']), 'a, b and 3 more');
  });

  it('says what the slope means, and where the map stays', () => {
    assert.match(correlationMap.describe(result, 'activation1'), new RegExp(`Slope χ at c = 1: ${Number(first!.slope.value!.toPrecision(4))} ± .*ordered: near inputs grow alike.*Fixed points: stable at 1 `));
    const jump = structuredClone(result);
    Object.assign(jump.depth.value![0]!, { slope: { ...mc(null), reason: 'zReLU jumps' }, phase: 'chaotic', correlationFixedPoints: [{ value: 1, slope: null, stable: false, error: 0 }] });
    assert.match(correlationMap.describe(jump, 'activation1'), /— \(zReLU jumps\); chaotic.*unstable at 1 \(slope infinite\)/);
    assert.equal(fixedPointText([]), 'none found');
    assert.deepEqual([[-1, 0, 1], [-0.99, 0.05, 1], [-0.5, 0.3, 1]].map((y) => isNear({ x: [-1, 0, 1], y })), [true, true, false]);
  });

  it('gives the reason where there is no map', () => {
    const none = structuredClone(result);
    Object.assign(none.depth.value![0]!, { correlationMap: { x: [], y: [] }, varianceMap: { x: [], y: [] }, slope: { ...mc(null), reason: 'the variance before it is 0' } });
    for (const plot of [correlationMap, varianceMap]) assert.match(plot.needs(none, 'activation1')!, /The variance before it is 0\.$/);
  });

  it('places the network on the curve between its neighbours, and nowhere else', () => {
    const curve = { x: [1, 2, 4], y: [10, 20, 10] };
    assert.deepEqual([1, 1.5, 3, 4].map((x) => through(curve, x)!.y), [10, 15, 15, 10]);
    assert.deepEqual([0.9, 4.1].map((x) => through(curve, x)), [null, null]);
    assert.match(varianceMap.describe(result, 'activation2'), new RegExp(`weights of dense3: .* = 2\\.4, .*q = ${second!.variance.value}`));
  });

  it('takes a logarithm for a wide range of positive numbers only', () => {
    assert.deepEqual([[1, 2], [0.01, 1], [0, 1], [-1, 100]].map(axisKind), ['linear', 'logarithmic', 'linear', 'linear']);
  });

  it('shows the variance of the layers where it is known', () => {
    assert.deepEqual(levels(result.layers).map((p) => p.x), [0, 1, 2, 3]);
    assert.deepEqual(levels(result.layers, (l) => l.activation !== undefined).map((p) => p.x), [1, 3]);
    assert.match(variances.describe(result, ''), /1\.2 after dense1, 0\.748 after activation2; not known after 1 of 5 layers/);
  });

  it('tells an exact equivalent activation by its formula', () => {
    const exact = structuredClone(result);
    Object.assign(exact.equivalents.value![0]!, { kind: 'exact', formula: 'max(0, x)' });
    assert.match(equivalent.describe(exact, 'activation1'), /σ = max\(0, x\), exact/);
    assert.match(equivalent.describe(result, 'activation1'), /σ by its first 7 Hermite coefficients\./);
    const { rows } = equivalent.table(result, 'activation1');
    assert.ok(Math.abs(rows.reduce((s, r) => s + Number(r[2]), 0) - 1) < 1e-3);
  });
});

describe('finite widths', () => {
  it('are sorted, with two standard errors, and keep only distances that a logarithm can show', () => {
    assert.deepEqual(distances([row(256, mc(0.1)), row(64, mc(0.2, null)), row(128, mc(null)), row(32, mc(0))], 'distance'), [{ x: 64, y: 0.2, error: 0 }, { x: 256, y: 0.1, error: 0.02 }]);
  });

  it('have a guide through points that follow it, with slope -1/2', () => {
    assert.deepEqual(guide([]), []);
    assert.deepEqual(guide([{ x: 64, y: 1 }]), []);
    fc.assert(fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (c) => {
      const line = guide([16, 64, 256].map((x) => ({ x, y: c / Math.sqrt(x) })));
      return line.length === 2 && line.every((p) => Math.abs(p.y * Math.sqrt(p.x) - c) < 1e-9 * c);
    }));
  });
});

describe('finite networks against the limit', () => {
  const result = exampleResult({ samples: 8 });
  const study = result.finiteWidth!;
  const noLimit: AnalysisResult = structuredClone(result);
  for (const r of noLimit.finiteWidth!.rows) r.distance = r.twinDistance = r.meanDistance = { ...mc(null), reason: 'max pooling has no limit' };

  it('are curves in bands of two standard errors, and the widths as written marks of their own', () => {
    const { x, y, series } = widthPicture(study, theme);
    assert.deepEqual(series.map((s) => s.label), ['Θₙ from Θ', 'Re Θₙ from twin', 'Pseudo-kernel', 'Mean over seeds from Θ', 'n^−1/2', 'widths as written']);
    const [own] = series;
    assert.deepEqual(own!.data, study.rows.filter((r) => !r.asWritten).map((r) => ({ x: r.width, y: r.distance.value, error: 2 * r.distance.error! })));
    assert.deepEqual(series.map((s) => s.band ?? false), [true, true, true, true, false, false]);
    const written = series.at(-1)!;
    assert.deepEqual(written.data.map((p) => p.x), [24, 24, 24, 24]);
    assert.deepEqual(written.borderColor, theme.series);
    assert.equal(new Set(series.slice(0, 4).map((s) => s.pointStyle)).size, 4);
    assert.deepEqual(x.ticks, [16, 24, 64, 256]);
    const all = series.flatMap((s) => s.data);
    assert.ok(all.every((p) => p.y >= y.min! && p.y + (p.error ?? 0) <= y.max! && p.x >= x.min! && p.x <= x.max!));
  });

  it('leave out the tick of a width that stands too near to another', () => {
    const near = { ...study, rows: study.rows.map((r) => (r.asWritten ? { ...r, width: 60 } : r)) };
    assert.deepEqual(widthPicture(near, theme).x.ticks, [16, 64, 256]);
  });

  it('show the pseudo-kernel alone where there is no limit, and say so', () => {
    assert.equal(finiteWidth.needs(noLimit, ''), null);
    assert.deepEqual(widthPicture(noLimit.finiteWidth!, theme).series.map((s) => s.label), ['Pseudo-kernel', 'n^−1/2', 'widths as written']);
    assert.match(finiteWidth.describe(noLimit, ''), /no limit to measure the distance from\. Max pooling has no limit\. Size of the pseudo-kernel at width 16: .*Slopes of the logarithms: pseudo-kernel -0\.\d+ ± .*where there is a limit it is about -1\/2\./);
  });

  it('tell the sentence, the exponents, the law and why there is no row as written', () => {
    const text = finiteWidth.describe({ ...result, finiteWidth: { ...study, law: 'library', seeds: [7], asWrittenReason: 'it would take 30 GB' } }, '');
    assert.ok(text.startsWith(`${study.sentence}.`));
    assert.match(text, /24 \(as written\): .*distance -0\.\d+ ± .*pseudo-kernel -0\.\d+ ± .*mean over the seeds -\S+ ± .*no point for the widths as written\. It would take 30 GB\..*library's own law\. One seed, so no error is known\. /);
    const { rows } = finiteWidth.table(result, '');
    assert.deepEqual(rows.map((r) => r[0]), ['16', '24 (as written)', '64', '256', 'slope of the logarithms', 'width within 10 % of the limit']);
    assert.equal(rows[1]![1], '1,872');
  });
});

describe('finite real twins', () => {
  const result = exampleResult({ samples: 8 });
  const study = result.finiteWidth!;

  it('stand beside the network of their widths, each with its number of parameters', () => {
    const { x, y, series } = twinPicture(study, theme);
    assert.deepEqual(x.names, ['complex\nnetwork\n1,872', 'same\nwidths\n1,296', 'double\nwidths\n3,744', 'matched\nparameters\n1,891']);
    assert.deepEqual(series.map((s) => s.data.map((p) => p.x)), [[-0.1, 0.9, 1.9, 2.9], [1.1, 2.1, 3.1]]);
    assert.equal(series[0]!.data[0]!.y, study.rows.find((r) => r.asWritten)!.twinDistance.value);
    assert.equal(y.min, 0);
    assert.deepEqual(beside([null, mc(0.5), mc(null)], 0.1), [{ x: 1.1, y: 0.5, error: 0.02 }]);
  });

  it('say why there are none', () => {
    assert.match(finiteTwins.needs({ ...result, finiteWidth: { ...study, twins: [], twinsReason: 'the network is real' } }, '')!, /no finite real twins\. The network is real\.$/);
    const without = { ...study, twins: study.twins.map((t) => ({ ...t, distance: { ...mc(null), reason: 'there is no twin limit' } })) };
    assert.equal(finiteTwins.needs({ ...result, finiteWidth: without }, ''), null);
    const alone = { ...without, rows: without.rows.map((r) => ({ ...r, twinDistance: mc(null) })) };
    assert.deepEqual(twinPicture(alone, theme).series.map((s) => s.data.map((p) => p.x)), [[], [0.1, 1.1, 2.1]]);
    assert.match(finiteTwins.describe({ ...result, finiteWidth: without }, ''), /from the twin's limit — \(there is no twin limit\), from the network's mean 0/);
  });
});

describe('finite networks in training', () => {
  const result = exampleResult({ samples: 12 });
  const study = result.finiteTraining!;

  it('are a curve in a band each, and a dashed line for each prediction', () => {
    const { series } = residuals.picture(study, theme);
    assert.deepEqual(series.map((s) => [s.label, s.band ?? false]), [
      ['Network, 1,872 parameters', true], ['Real twin, same widths, 1,296 parameters', true], ['Real twin, matched parameters, 1,891 parameters', true],
      ["predicted by the limit's kernel", false], ["predicted by the twin limit's kernel", false], ['predicted by the kernel at the start', false],
    ]);
    assert.equal(new Set(series.slice(3).map((s) => String(s.borderDash))).size, 3);
    assert.deepEqual(series[0]!.data[9], { x: 9, y: study.curves[0]!.residual[9], error: 2 * study.curves[0]!.residualError[9]! });
    const marked = series.slice(0, 3).map((s) => (s.pointRadius as number[]).flatMap((r, i) => (r > 0 ? [i] : [])));
    assert.ok(marked.every((m) => m.length >= 5));
    assert.equal(new Set(marked.flat()).size, marked.flat().length, 'marks of one curve hide those of another');
  });

  it('keep the axis of steps while training goes on, and end it where training was stopped', () => {
    const part = upTo(study, 11);
    assert.deepEqual([study, part, { ...part, stopped: 'dense1 is not finite at step 10' }].map((t) => residuals.picture(t, theme).x.max), [60, 60, 10]);
    for (const view of [residuals, drift]) {
      const first = view.picture(upTo(study, 0), theme);
      assert.ok(first.y.max! > first.y.min!);
      assert.doesNotMatch(view.describe(upTo(study, 0)), /undefined|NaN/);
    }
  });

  it('leave out what is not finite and what a logarithm cannot show', () => {
    assert.deepEqual(over([0, 1, 2, 3, 4], [1, 0, Infinity, NaN, 0.5], [0.1, 0.1, null, null, null], true), [{ x: 0, y: 1, error: 0.2 }, { x: 4, y: 0.5, error: 0 }]);
    assert.deepEqual(over([0, 5], [0, null], null, false), [{ x: 0, y: 0 }]);
    const wild = structuredClone(study);
    wild.predicted[0]!.residual = wild.predicted[0]!.residual.map((_, t) => 10 ** (9 * t));
    wild.predicted[1]!.residual = wild.predicted[1]!.residual.map((_, t) => 10 ** (-5 * t));
    const { y } = residuals.picture(wild, theme);
    assert.ok(y.max! < 20 && y.min! > 0.001, 'predictions that run away do not flatten the curves');
  });

  it('tell the sentence, the rule of the rate, the stop and what is missing', () => {
    const text = residuals.describe({ ...study, stopped: 'dense1 is not finite after step 40', predictedReason: 'there is no limit' });
    assert.ok(text.startsWith(`${study.sentence}. It ended early. Dense1 is not finite after step 40.`));
    assert.match(text, /learning rate 0\.\d+\. A quarter of .*Not all is predicted\. There is no limit\..*Mean over 4 seeds/);
    assert.match(residuals.describe({ ...study, options: { ...study.options, optimizer: 'momentum', parameterisation: 'standard' } }), /Gradient descent with momentum 0\.9 on .*standard parameterisation/);
    assert.deepEqual(study.curves.map(nameOf), ['Network', 'Real twin, same widths', 'Real twin, matched parameters']);
    assert.match(drift.describe(study), /Network \S+ ± \S+ after step 60; Real twin, same widths /);
  });

  it('have accuracies in the table, and drift only where it was taken', () => {
    const { columns, rows } = finiteTraining.table(result, '');
    assert.equal(columns.length, 1 + 3 * 2 + 3);
    assert.equal(rows.length, 61);
    assert.deepEqual(kernelDrift.table(result, '').rows.map((r) => r[0]), Array.from({ length: 13 }, (_, i) => String(5 * i)));
    const plain = { ...result, finiteTraining: { ...study, curves: study.curves.map((c) => ({ ...c, accuracy: null, drift: c.drift.map(() => null) })) } };
    assert.equal(finiteTraining.table(plain, '').columns.length, 1 + 3 + 3);
    assert.match(kernelDrift.needs(plain, '')!, /not taken during training\.$/);
  });
});

describe('axes', () => {
  it('label a logarithm of any length with a few ticks inside it', () => {
    assert.deepEqual(logTicks(0.12, 0.5), [0.15, 0.2, 0.3, 0.4, 0.5]);
    assert.deepEqual(logTicks(1e-3, 1e3), [1e-3, 1e-2, 0.1, 1, 10, 100, 1000]);
    for (const [low, high] of [[0, 1], [1, 1], [2, 1], [NaN, 1], [1, Infinity]] as const) assert.deepEqual(logTicks(low, high), []);
    fc.assert(fc.property(fc.double({ min: -250, max: 250, noNaN: true }), fc.double({ min: 0.31, max: 40, noNaN: true }), (from, decades) => {
      const [low, high] = [10 ** from, 10 ** (from + decades)];
      const ticks = logTicks(low, high);
      return ticks.length >= 2 && ticks.length <= 12 && ticks.every((t) => t >= low && t <= high);
    }));
  });
});
