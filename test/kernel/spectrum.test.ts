// Eigenvalues of Hermitian kernels by two routes and by what must hold for them; Lanczos against all of them; the edges.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { Fault } from '../../src/contract/fault.ts';
import type { ComplexMatrix } from '../../src/contract/matrix.ts';
import type { KernelValue } from '../../src/contract/result.ts';
import { diagonalise } from '../../src/kernel/algebra/diagonalise.ts';
import { lanczos } from '../../src/kernel/algebra/lanczos.ts';
import { unhurried } from '../../src/kernel/pace.ts';
import { modalKernel, spectrumOf } from '../../src/kernel/spectrum.ts';
import { draws, frobenius, gramOf, times } from './hermitian.ts';

/** Of the doubled real matrix [[X, -Y], [Y, X]], each twice, by ml-matrix. */
function reference(a: ComplexMatrix): number[] {
  const n = a.rows;
  const m = Matrix.zeros(2 * n, 2 * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const [x, y] = [a.re[i * n + j]!, a.im?.[i * n + j] ?? 0];
      m.set(i, j, x);
      m.set(n + i, n + j, x);
      m.set(n + i, j, y);
      m.set(i, n + j, -y);
    }
  }
  return new EigenvalueDecomposition(m, { assumeSymmetric: true }).realEigenvalues.sort((p, q) => p - q).filter((_, i) => i % 2 === 0);
}

const kernel = (matrix: ComplexMatrix, error = 0): KernelValue => ({ matrix, method: 'closed', error });
const spectrum = async (a: ComplexMatrix, error = 0) => spectrumOf(await modalKernel(kernel(a, error), unhurried), 'complex', unhurried);

test('eigenvalues are those of the doubled real matrix: full, low-rank, real, diagonal and degenerate', async () => {
  const identity: ComplexMatrix = { rows: 9, cols: 9, re: Float64Array.from({ length: 81 }, (_, i) => (i % 10 === 0 ? 3 : 0)) };
  const diagonal: ComplexMatrix = { rows: 4, cols: 4, re: Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? i - 5 : 0)) };
  const ones: ComplexMatrix = { rows: 12, cols: 12, re: new Float64Array(144).fill(2) };
  const real = gramOf(20, 30, 3, false);
  for (const a of [gramOf(1, 1, 1), gramOf(2, 2, 2), gramOf(3, 9, 3), gramOf(17, 40, 4), gramOf(40, 12, 5), real, { ...real, im: undefined }, identity, diagonal, ones]) {
    const { eigenvalues } = await diagonalise(a as ComplexMatrix, false, unhurried);
    const want = reference(a as ComplexMatrix);
    const top = Math.max(...want.map(Math.abs));
    want.forEach((v, i) => assert.ok(Math.abs(v - eigenvalues[i]!) <= 1e-13 * top, `n = ${a.rows}, ${i}: ${eigenvalues[i]} against ${v}`));
  }
});

test('trace, Frobenius norm, A y = V L V* y, and V is unitary', async () => {
  const n = 90;
  for (const a of [gramOf(n, 60, 7), { ...gramOf(n, 120, 8, false), im: undefined }]) {
    const { eigenvalues, toModes, fromModes } = await diagonalise(a as ComplexMatrix, true, unhurried);
    const trace = Array.from({ length: n }, (_, i) => a.re[i * n + i]!).reduce((s, v) => s + v, 0);
    assert.ok(Math.abs(eigenvalues.reduce((s, v) => s + v, 0) - trace) < 1e-12 * trace);
    assert.ok(Math.abs(frobenius(eigenvalues) - frobenius(a.re, a.im ?? [])) < 1e-12 * trace);
    const draw = draws(9);
    const y = { columns: 3, re: Float64Array.from({ length: 3 * n }, draw), im: Float64Array.from({ length: 3 * n }, draw) };
    const z = { columns: 3, re: y.re.slice(), im: y.im.slice() };
    await toModes(z);
    assert.ok(Math.abs(frobenius(z.re, z.im) - frobenius(y.re, y.im)) < 1e-12 * frobenius(y.re, y.im));
    const back = { columns: 3, re: z.re.slice(), im: z.im.slice() };
    await fromModes(back);
    assert.ok(frobenius(back.re.map((v, i) => v - y.re[i]!), back.im.map((v, i) => v - y.im[i]!)) < 1e-12 * frobenius(y.re, y.im));
    for (let i = 0; i < 3 * n; i++) {
      z.re[i]! *= eigenvalues[Math.floor(i / 3)]!;
      z.im[i]! *= eigenvalues[Math.floor(i / 3)]!;
    }
    await fromModes(z);
    const want = times(a as ComplexMatrix, y);
    assert.ok(frobenius(z.re.map((v, i) => v - want.re[i]!), z.im.map((v, i) => v - want.im[i]!)) < 1e-12 * frobenius(want.re, want.im));
  }
});

test('scaling the matrix scales the eigenvalues, however far', async () => {
  const a = gramOf(15, 15, 11);
  const { eigenvalues } = await diagonalise(a, false, unhurried);
  for (const s of [1e-250, 1e250]) {
    const scaled = await diagonalise({ ...a, re: a.re.map((v) => s * v), im: a.im.map((v) => s * v) }, false, unhurried);
    scaled.eigenvalues.forEach((v, i) => assert.ok(Math.abs(v / s - eigenvalues[i]!) < 1e-12 * eigenvalues[14]!));
  }
});

test('Lanczos: residuals bound the distance to an eigenvalue, the largest converge, the smallest is bounded from above', async () => {
  const n = 150;
  // A spectrum that falls like those of kernels: |K|^2 K / 4 + K, entry by entry.
  const g = gramOf(n, 12, 13);
  const factor = g.re.map((x, i) => 1 + (x * x + g.im[i]! ** 2) / 4);
  const a: Required<ComplexMatrix> = { ...g, re: g.re.map((x, i) => x * factor[i]!), im: g.im.map((x, i) => x * factor[i]!) };
  const all = (await diagonalise(a, false, unhurried)).eigenvalues;
  const draw = draws(14);
  const start = () => Float64Array.from({ length: n }, draw);
  const { ritz, residuals, steps } = await lanczos(a, start(), start(), 40, unhurried);
  assert.equal(steps, 40);
  ritz.forEach((v, k) => assert.ok(Math.min(...Array.from(all, (l) => Math.abs(l - v))) <= residuals[k]! + 1e-12 * all[n - 1]!));
  const modal = { ...(await modalKernel(kernel(a, 1e-12), unhurried)), diagonal: null };
  const s = await spectrumOf(modal, 'complex', unhurried);
  assert.equal(s.algorithm, 'lanczos');
  assert.ok(s.eigenvalues.length >= 5 && s.eigenvalues.length <= 10);
  s.eigenvalues.slice().reverse().forEach((v, k) => assert.ok(Math.abs(v - all[n - 1 - k]!) <= s.error, `${k}: ${v} against ${all[n - 1 - k]}`));
  assert.equal(s.smallest.value, null);
  const most = Number(/at most (\S+)/.exec(s.smallest.reason!)![1]);
  assert.ok(most >= all[0]! * 0.99, `${most} against ${all[0]}`);
  assert.match(s.condition.reason!, /at least/);
  assert.ok(Math.abs(s.fastest.value! - 2 / all[n - 1]!) <= s.fastest.error!);
  const trace = all.reduce((t, v) => t + v, 0);
  assert.ok(Math.abs(s.effectiveRank.value! - trace / all[n - 1]!) <= s.effectiveRank.error! + 1e-10);
});

test('condition, effective rank and time constants, with errors that hold under a perturbation of the stated size', async () => {
  const n = 20;
  const a = gramOf(n, 60, 15);
  const s = await spectrum(a, 1e-6);
  const [low, high] = [s.eigenvalues[0]!, s.eigenvalues[n - 1]!];
  assert.equal(s.condition.value, high / low);
  assert.equal(s.slowest.value, 2 / low);
  assert.equal(s.fastest.value, 2 / high);
  assert.equal((await spectrumOf(await modalKernel(kernel(a), unhurried), 'real', unhurried)).fastest.value, 1 / high);
  const draw = draws(16);
  const largest = Math.max(...a.re.map((v, i) => Math.hypot(v, a.im[i]!)));
  const moved = { ...a, re: a.re.slice(), im: a.im.slice() };
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) {
    const [e, t] = [1e-6 * largest, 3 * draw()];
    moved.re[i * n + j]! += e * Math.cos(t);
    moved.im[i * n + j]! += i === j ? 0 : e * Math.sin(t);
    moved.re[j * n + i] = moved.re[i * n + j]!;
    moved.im[j * n + i] = -moved.im[i * n + j]!;
  }
  const other = await spectrum(moved);
  other.eigenvalues.forEach((v, k) => assert.ok(Math.abs(v - s.eigenvalues[k]!) <= s.error));
  for (const name of ['condition', 'effectiveRank', 'slowest', 'fastest'] as const) assert.ok(Math.abs(other[name].value! - s[name].value!) <= s[name].error!, name);
});

test('edges: one sample, a zero kernel, equal samples, numbers that are not finite', async () => {
  const one = await spectrum(gramOf(1, 3, 17));
  assert.equal(one.condition.value, 1);
  assert.equal(one.effectiveRank.value, 1);
  const zero = await spectrum({ rows: 3, cols: 3, re: new Float64Array(9) });
  assert.deepEqual(zero.eigenvalues, [0, 0, 0]);
  assert.match(zero.condition.reason!, /zero/);
  assert.match(zero.slowest.reason!, /nothing moves/);
  const equal = await spectrum({ rows: 5, cols: 5, re: new Float64Array(25).fill(1) }, 1e-12);
  assert.ok(Math.abs(equal.eigenvalues[4]! - 5) < 1e-12);
  assert.equal(equal.condition.value, null);
  assert.match(equal.condition.reason!, /within its error.*at least/);
  await assert.rejects(spectrum({ rows: 2, cols: 2, re: Float64Array.of(1, NaN, NaN, 1) }), (e: unknown) => e instanceof Fault && e.kind === 'bug');
});

test('a cancel is heard between the reflections', async () => {
  let calls = 0;
  const pace = async () => {
    if (++calls === 20) throw new Fault('cancelled', 'Cancelled.');
  };
  await assert.rejects(diagonalise(gramOf(64, 64, 18), true, pace), (e: unknown) => e instanceof Fault && e.kind === 'cancelled');
  assert.equal(calls, 20);
});
