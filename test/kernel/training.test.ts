// Predicted training against integration of the flow in small steps; Krylov spaces against all modes; kinds of targets; the edges.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComplexMatrix } from '../../src/contract/matrix.ts';
import type { TrainingCurve } from '../../src/contract/result.ts';
import { unhurried } from '../../src/kernel/pace.ts';
import { labelsOf, type Labels } from '../../src/kernel/quantities/targets.ts';
import { trainingOf } from '../../src/kernel/quantities/training.ts';
import { modalKernel, type ModalKernel } from '../../src/kernel/spectrum.ts';
import { frobenius, gramOf, times } from './hermitian.ts';

const modal = (matrix: ComplexMatrix, error = 0) => modalKernel({ matrix, method: 'closed', error }, unhurried);
const labelled = (...of: number[]) => labelsOf(Int32Array.from(of))!;
const real = (a: Required<ComplexMatrix>): ComplexMatrix => ({ rows: a.rows, cols: a.cols, re: a.re });
const study = async (network: ModalKernel, twin: ModalKernel | null, labels: Labels | null) => (await trainingOf(network, twin, labels, 'no labels', 'complex', unhurried)).value!;

type Block = { columns: number; re: Float64Array; im: Float64Array };

/** Targets as written in words, one column an output. */
function written(name: string, of: Int32Array, classes: number): Block {
  const columns = name === 'one-hot' ? classes : 1;
  const y: Block = { columns, re: new Float64Array(of.length * columns), im: new Float64Array(of.length * columns) };
  of.forEach((c, i) => {
    if (name === 'one-hot') y.re[i * columns + c] = 1;
    else [y.re[i], y.im[i]] = [Math.cos((2 * Math.PI * c) / classes), Math.sin((2 * Math.PI * c) / classes)];
  });
  for (let k = 0; k < columns; k++) {
    for (const part of [y.re, y.im]) {
      let mean = 0;
      for (let i = 0; i < of.length; i++) mean += part[i * columns + k]! / of.length;
      for (let i = 0; i < of.length; i++) part[i * columns + k]! -= mean;
    }
  }
  return y;
}

/** f - y at time t from f = 0: d(f - y)/dt = -Theta (f - y) / 2 by Runge and Kutta's fourth order in `steps` steps. */
function integrated(theta: ComplexMatrix, y: Block, t: number, steps: number): Block {
  let r: Block = { columns: y.columns, re: y.re.map((v) => -v), im: y.im.map((v) => -v) };
  const h = t / steps;
  const plus = (a: Block, s: number, b: Block): Block => ({ columns: a.columns, re: a.re.map((v, i) => v + s * b.re[i]!), im: a.im.map((v, i) => v + s * b.im[i]!) });
  const slope = (x: Block): Block => plus({ ...x, re: new Float64Array(x.re.length), im: new Float64Array(x.im.length) }, -0.5, times(theta, x));
  for (let k = 0; k < steps; k++) {
    const a = slope(r);
    const b = slope(plus(r, h / 2, a));
    const c = slope(plus(r, h / 2, b));
    const d = slope(plus(r, h, c));
    r = plus(plus(plus(plus(r, h / 6, a), h / 3, b), h / 3, c), h / 6, d);
  }
  return r;
}

const size = (b: Block) => frobenius(b.re, b.im);
const minus = (a: Block, b: Block): Block => ({ columns: a.columns, re: a.re.map((v, i) => v - b.re[i]!), im: a.im.map((v, i) => v - b.im[i]!) });

test('curves and trajectory gap are those of the flow integrated in small steps, for both kinds of targets', async () => {
  const n = 9;
  const theta = gramOf(n, 14, 21);
  const labels = labelled(0, 1, 2, 0, 1, 2, 2, 2, 1);
  const { curves, rate } = await study(await modal(theta), await modal(real(theta)), labels);
  assert.equal(rate, 1 / 2);
  assert.deepEqual(curves.map((c) => [c.targets, c.outputs]), [['one-hot', 3], ['phases', 1]]);
  for (const curve of curves) {
    const y = written(curve.targets, labels.of, labels.classes);
    for (const at of [5, 14, 21, 26]) {
      const t = curve.times[at]!;
      const steps = Math.ceil(40 + 60 * t);
      const own = integrated(theta, y, t, steps);
      const twin = integrated(real(theta), y, t, steps);
      assert.ok(Math.abs(size(own) / size(y) - curve.network[at]!) < 1e-7, `${curve.targets} at ${t}`);
      assert.ok(Math.abs(size(twin) / size(y) - curve.twin![at]!) < 1e-7, `${curve.targets} at ${t}`);
      assert.ok(Math.abs(size(minus(own, twin)) / size(y) - curve.distance![at]!) < 1e-7, `${curve.targets} at ${t}`);
    }
    // The supremum over a finer grid than the curve's.
    let top = 0;
    for (let k = 0; k <= 120; k++) {
      const t = curve.times[0]! * (curve.times.at(-1)! / curve.times[0]!) ** (k / 120);
      if (Math.abs(Math.log(t / curve.gapTime!)) > 0.5) continue;
      top = Math.max(top, size(minus(integrated(theta, y, t, 400), integrated(real(theta), y, t, 400))) / size(y));
    }
    assert.ok(Math.abs(top - curve.trajectoryGap.value!) <= curve.trajectoryGap.error! + 1e-4, `${top} against ${curve.trajectoryGap.value}`);
    assert.ok(curve.trajectoryGap.value! >= Math.max(...curve.distance!) - 1e-12);
  }
});

test('residuals fall, shares sum to 1, and the time constant is where the residual is 1/e', async () => {
  const theta = gramOf(24, 40, 22);
  const { curves } = await study(await modal(theta), await modal(real(theta)), labelled(...Array.from({ length: 24 }, (_, i) => i % 4)));
  for (const c of curves) {
    for (let k = 1; k < c.times.length; k++) assert.ok(c.network[k]! <= c.network[k - 1]! && c.twin![k]! <= c.twin![k - 1]!);
    for (const m of [c.modes.network, c.modes.twin!]) assert.ok(Math.abs(m.shares.reduce((s, v) => s + v, 0) - 1) < 1e-12);
    const tau = c.timeConstant.network.value!;
    const residual = Math.sqrt(c.modes.network.shares.reduce((s, v, k) => s + v * Math.exp(-tau * c.modes.network.eigenvalues[k]!), 0));
    assert.ok(Math.abs(residual - Math.exp(-1)) < 1e-9);
  }
});

test('a kernel that is its own twin has no gap; the errors bound what a perturbation of the stated size does', async () => {
  const theta = gramOf(12, 20, 23);
  const twin = await modal(real(theta));
  const same = await study(twin, twin, labelled(0, 0, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1));
  assert.equal(same.curves[0]!.trajectoryGap.value, 0);
  const largest = Math.max(...theta.re.map((v, i) => Math.hypot(v, theta.im[i]!)));
  const moved = { ...theta, re: theta.re.map((v, i) => (i % 13 === 0 ? v + 1e-5 * largest : v)) };
  const labels = labelled(0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1);
  const [one, two] = [await study(await modal(theta, 1e-5), await modal(real(theta), 1e-5), labels), await study(await modal(moved, 1e-5), await modal(real(theta), 1e-5), labels)];
  one.curves.forEach((c, k) => {
    assert.ok(Math.abs(c.trajectoryGap.value! - two.curves[k]!.trajectoryGap.value!) <= c.trajectoryGap.error!);
    assert.ok(Math.abs(c.timeConstant.network.value! - two.curves[k]!.timeConstant.network.value!) <= c.timeConstant.network.error!);
  });
});

test('Krylov spaces, for kernels too large for all modes, stay within their stated error of all modes', async () => {
  const n = 140;
  const g = gramOf(n, 10, 24);
  const factor = g.re.map((x, i) => 1 + (x * x + g.im[i]! ** 2) / 4);
  const theta = { ...g, re: g.re.map((x, i) => x * factor[i]!), im: g.im.map((x, i) => x * factor[i]!) };
  const labels = labelled(...Array.from({ length: n }, (_, i) => i % 3));
  const [own, twin] = [await modal(theta), await modal(real(theta))];
  const exact = (await study(own, twin, labels)).curves.find((c) => c.targets === 'phases')!;
  const krylov = (await trainingOf({ ...own, diagonal: null }, { ...twin, diagonal: null }, labels, '', 'complex', unhurried));
  assert.match(krylov.reason!, /Krylov/);
  const [curve] = krylov.value!.curves as [TrainingCurve];
  assert.equal(curve.targets, 'phases');
  assert.ok(curve.error <= 0.02);
  assert.ok(Math.abs(curve.trajectoryGap.value! - exact.trajectoryGap.value!) <= curve.trajectoryGap.error! + exact.trajectoryGap.error!);
  const at = (c: TrainingCurve, t: number) => Math.sqrt(c.modes.network.shares.reduce((s, v, k) => s + v * Math.exp(-t * c.modes.network.eigenvalues[k]!), 0));
  curve.times.forEach((t, k) => assert.ok(Math.abs(curve.network[k]! - at(exact, t)) <= curve.error + 1e-12, `at ${t}`));
});

test('targets: random where there are no labels or one class, the phases alone for many classes; labels need not start at 0', async () => {
  const theta = gramOf(40, 60, 25);
  const [own, twin] = [await modal(theta), await modal(real(theta))];
  const random = await study(own, twin, labelsOf(null));
  assert.deepEqual(random.curves.map((c) => c.targets), ['random']);
  assert.match(random.curves[0]!.description, /circular complex normal numbers, seed 0 \(no labels\)/);
  assert.equal(labelsOf(new Int32Array(40).fill(3)), null);
  const many = await study(own, twin, labelled(...Array.from({ length: 40 }, (_, i) => i)));
  assert.deepEqual(many.curves.map((c) => c.targets), ['phases']);
  const shifted = labelsOf(Int32Array.from({ length: 40 }, (_, i) => 5 + 3 * (i % 2)))!;
  const plain = labelsOf(Int32Array.from({ length: 40 }, (_, i) => i % 2))!;
  assert.deepEqual(shifted, plain);
});

test('edges: one sample, a zero kernel, equal samples, no twin', async () => {
  const one = await study(await modal(gramOf(1, 2, 26)), null, null);
  assert.equal(one.curves[0]!.twin, null);
  assert.match(one.curves[0]!.trajectoryGap.reason!, /no real twin/);
  const zero = await trainingOf(await modal({ rows: 4, cols: 4, re: new Float64Array(16) }), null, null, '', 'complex', unhurried);
  assert.equal(zero.value, null);
  assert.match(zero.reason!, /nothing moves/);
  // Equal samples of two classes: their difference is never learnt.
  const equal = await modal({ rows: 4, cols: 4, re: new Float64Array(16).fill(2) }, 1e-13);
  const { curves } = await study(equal, equal, labelled(0, 1, 0, 1));
  assert.ok(curves[0]!.network.every((v) => Math.abs(v - 1) < 1e-3 + curves[0]!.error));
  assert.match(curves[0]!.timeConstant.network.reason!, /later than the last time/);
  assert.ok(curves.every((c) => [...c.times, ...c.network, c.error].every(Number.isFinite)));
});
