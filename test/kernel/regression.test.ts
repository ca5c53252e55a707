// Kernel regression against a direct solve, on kernels whose answer is known, and its edges.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComplexMatrix } from '../../src/contract/matrix.ts';
import type { KernelRegression, KernelValue } from '../../src/contract/result.ts';
import { cholesky, newCholesky, solve } from '../../src/kernel/algebra/cholesky.ts';
import { unhurried } from '../../src/kernel/pace.ts';
import { fitsOf, regressionOf, REGRESSION_SAMPLES } from '../../src/kernel/quantities/regression.ts';
import { labelsOf } from '../../src/kernel/quantities/targets.ts';
import { draws, frobenius, gramOf, times } from './hermitian.ts';

const value = (matrix: ComplexMatrix | null, reason?: string): KernelValue => ({ matrix, method: 'closed', error: 1e-14, ...(reason ? { reason } : {}) });
const real = (a: Required<ComplexMatrix>): ComplexMatrix => ({ rows: a.rows, cols: a.cols, re: a.re });
const cycle = (n: number, classes: number) => labelsOf(Int32Array.from({ length: n }, (_, i) => i % classes))!;
const both = (own: KernelValue, twin: KernelValue) => ({ ntk: own, nngp: own, twinNtk: twin, twinNngp: twin });
const score = (r: KernelRegression, kernel: string, targets = 'one-hot') => r.scores.find((s) => s.kernel === kernel && s.targets === targets)!.accuracy;

test('the factors solve complex and real systems, and say where there is no solution', () => {
  for (const a of [gramOf(25, 40, 31), real(gramOf(25, 40, 32, false))] as ComplexMatrix[]) {
    const draw = draws(33);
    const y = { columns: 2, re: Float64Array.from({ length: 50 }, draw), im: Float64Array.from({ length: 50 }, draw) };
    const x = { columns: 2, re: y.re.slice(), im: y.im.slice() };
    const factor = newCholesky(25, a.im !== undefined);
    assert.ok(cholesky(a.re, a.im ?? null, 0.1, factor));
    solve(factor, x);
    const back = times(a, x);
    assert.ok(frobenius(back.re.map((v, i) => v + 0.1 * x.re[i]! - y.re[i]!), back.im.map((v, i) => v + 0.1 * x.im[i]! - y.im[i]!)) < 1e-10);
  }
  assert.equal(cholesky(Float64Array.of(1, 2, 2, 1), null, 0, newCholesky(2, false)), false);
  assert.equal(cholesky(Float64Array.of(0), null, 0, newCholesky(1, false)), false);
});

test('predictions are K(test, train) (K + ridge)^{-1} y by Gaussian elimination', () => {
  const n = 14;
  const k = gramOf(n, 30, 34);
  const labels = cycle(n, 2);
  const split = { train: [0, 1, 2, 3, 6, 7, 8, 11, 12, 13], test: [4, 5, 9, 10] };
  const ridge = 1e-2;
  const got = fitsOf(k, split, labels)(ridge)!;
  // The real system [[Re, -Im], [Im, Re]] of the training samples, eliminated with pivots.
  const m = split.train.length;
  const scale = split.train.reduce((s, i) => s + k.re[i * n + i]! / m, 0);
  const means = [0, 1].map((c) => split.train.filter((i) => i % 2 === c).length / m);
  for (const c of [0, 1]) {
    const rows = Array.from({ length: 2 * m }, (_, r) => {
      const i = split.train[r % m]!;
      const row = Array.from({ length: 2 * m }, (_, q) => {
        const at = i * n + split.train[q % m]!;
        const entry = (r < m) === (q < m) ? k.re[at]! : r < m ? -k.im[at]! : k.im[at]!;
        return entry + (r === q ? ridge * scale : 0);
      });
      return [...row, r < m ? (i % 2 === c ? 1 : 0) - means[c]! : 0];
    });
    for (let p = 0; p < 2 * m; p++) {
      const best = rows.slice(p).reduce((b, row, r) => (Math.abs(row[p]!) > Math.abs(rows[b]![p]!) ? p + r : b), p);
      [rows[p], rows[best]] = [rows[best]!, rows[p]!];
      for (let r = 0; r < 2 * m; r++) {
        if (r === p) continue;
        const f = rows[r]![p]! / rows[p]![p]!;
        for (let q = p; q <= 2 * m; q++) rows[r]![q]! -= f * rows[p]![q]!;
      }
    }
    const alpha = rows.map((row, p) => row[2 * m]! / row[p]!);
    split.test.forEach((i, at) => {
      let [re, im] = [means[c]!, 0];
      split.train.forEach((j, q) => {
        const [a, b] = [k.re[i * n + j]!, k.im[i * n + j]!];
        re += a * alpha[q]! - b * alpha[m + q]!;
        im += a * alpha[m + q]! + b * alpha[q]!;
      });
      assert.ok(Math.hypot(re - got.re[at * 2 + c]!, im - got.im[at * 2 + c]!) < 1e-12);
    });
  }
});

test('a kernel that knows the classes names all, one that does not is at chance, and the difference is told with its error', async () => {
  const n = 60;
  const labels = cycle(n, 3);
  // Phases 2 pi k / 3 between classes in the complex kernel; nothing but noise in its twin.
  const noise = gramOf(n, 200, 35);
  const own = { ...noise, re: noise.re.slice(), im: noise.im.slice() };
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) {
    const t = (2 * Math.PI * ((i % 3) - (j % 3))) / 3;
    own.re[i * n + j]! += Math.cos(t);
    own.im[i * n + j]! += Math.sin(t);
  }
  const { value: r } = await regressionOf(both(value(own), value(real(gramOf(n, 200, 36, false)))), labels, '', true, unhurried);
  assert.equal(r!.trainSamples + r!.testSamples, n);
  assert.ok(score(r!, 'ntk', 'phases').value! > 0.95, `${score(r!, 'ntk', 'phases').value}`);
  assert.ok(Math.abs(score(r!, 'twinNtk').value! - 1 / 3) < 0.15);
  assert.ok(Math.abs(r!.chance - 1 / 3) < 1e-12);
  assert.ok(Math.abs(r!.advantage.value! - (score(r!, 'ntk').value! - score(r!, 'twinNtk').value!)) < 1e-12);
  assert.ok(r!.advantage.error! > 0 && r!.advantage.error! < 0.1);
  assert.equal(r!.scores.length, 8);
});

test('a kernel times a constant names the same: ridges are relative to it; equal kernels differ by 0', async () => {
  const k = gramOf(40, 30, 37);
  const scaled = { ...k, re: k.re.map((v) => 1e6 * v), im: k.im.map((v) => 1e6 * v) };
  const one = (await regressionOf(both(value(k), value(k)), cycle(40, 2), '', true, unhurried)).value!;
  const two = (await regressionOf(both(value(scaled), value(scaled)), cycle(40, 2), '', true, unhurried)).value!;
  assert.deepEqual(one.scores.map((s) => s.accuracy.value), two.scores.map((s) => s.accuracy.value));
  assert.deepEqual([one.advantage.value, one.advantage.error], [0, 0]);
});

test('large sets are thinned, the same share of each class, and it is said', async () => {
  const n = REGRESSION_SAMPLES + 200;
  const re = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) re[i * n + j] = (i === j ? 0.1 : 0) + (i % 4 === j % 4 ? 1 : 0);
  const missing = value(null, 'too large for memory');
  const { value: r, reason } = await regressionOf({ ...both(missing, missing), nngp: value({ rows: n, cols: n, re }) }, cycle(n, 4), '', false, unhurried);
  assert.match(reason!, /on 384 of the 584 samples/);
  assert.deepEqual([r!.trainSamples, r!.testSamples], [256, 128]);
  assert.equal(score(r!, 'nngp').value, 1);
  assert.match(score(r!, 'ntk').reason!, /too large for memory/);
  assert.match(r!.advantage.reason!, /own twin/);
});

test('edges: no labels, one sample a class, a zero kernel, a real network', async () => {
  const k = gramOf(6, 9, 38);
  const none = await regressionOf(both(value(k), value(k)), null, 'the inputs have no labels', true, unhurried);
  assert.deepEqual(none, { value: null, reason: 'the inputs have no labels' });
  const each = await regressionOf(both(value(k), value(k)), cycle(6, 6), '', true, unhurried);
  assert.match(each.reason!, /one sample only/);
  const zero = value({ rows: 6, cols: 6, re: new Float64Array(36) });
  const nothing = (await regressionOf(both(zero, zero), cycle(6, 2), '', true, unhurried)).value!;
  assert.match(score(nothing, 'ntk').reason!, /not positive definite/);
  assert.match(nothing.advantage.reason!, /no accuracy/);
  const absent = value(null, 'the network is real: it is its own twin');
  const lone = (await regressionOf(both(value(real(k)), absent), cycle(6, 2), '', false, unhurried)).value!;
  assert.deepEqual(lone.scores.map((s) => `${s.kernel} ${s.targets}`), ['ntk one-hot', 'nngp one-hot']);
});
