// Every dual map against independent reference values, and against what must hold for any activation.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { activations, findActivation } from '../../src/catalog/activations/index.ts';
import { Fault } from '../../src/contract/fault.ts';
import type { Complex } from '../../src/contract/matrix.ts';
import { dualAt } from '../../src/kernel/index.ts';

interface Row { activation: string; parameters: Record<string, number>; std: [number, number]; rho: Complex; S: Complex; A: Complex; B: Complex }
const rows: Row[] = JSON.parse(readFileSync(new URL('../reference/duals.json', import.meta.url), 'utf8'));
const at = (r: Pick<Row, 'activation' | 'parameters'>, std: [number, number], rho: Complex) => dualAt(findActivation(r.activation)!, r.parameters, std, rho);
const off = (x: Complex, y: Complex) => Math.hypot(x[0] - y[0], x[1] - y[1]);

test('all rows of the reference, within 1e-8 of sqrt(S_aa S_bb) and likewise for A and B', () => {
  const worst: Record<string, number> = {};
  for (const r of rows) {
    const got = at(r, r.std, r.rho);
    const [a, b] = r.std;
    const [aa, bb] = [at(r, [a, a], [1, 0]), at(r, [b, b], [1, 0])];
    // B vanishes for some activations: measure it in A's units.
    const derivatives = Math.sqrt((aa.A![0] + aa.B![0]) * (bb.A![0] + bb.B![0]));
    const errors = [off(got.S, r.S) / Math.sqrt(aa.S[0] * bb.S[0]), off(got.A!, r.A) / derivatives, off(got.B!, r.B) / derivatives];
    const worstOf = Math.max(...errors);
    worst[r.activation] = Math.max(worst[r.activation] ?? 0, worstOf);
    assert.ok(worstOf <= 1e-8, `${JSON.stringify({ ...r, S: undefined })}: errors ${errors}`);
    assert.ok(got.error <= 1e-8, `${r.activation}: states the error ${got.error}`);
  }
  assert.equal(rows.length, 320);
  if (process.env.COMPLEX_NTK_PRINT) console.table(worst);
});

const withNtk = activations.filter((a) => a.field === 'complex' && a.limit(a.parameters).exists === 'ntk');
/** Where neither a structure nor smoothness helps, a pair near |rho| = 1 takes a second and its error is 1e-3 to 1e-6: see complex-dual.test.ts. */
const byQuadrature = (a: (typeof activations)[number]): boolean => !a.scalar && !a.radial && !a.angular && !a.holomorphic && Object.keys(a.kinks?.(a.parameters) ?? {}).length > 0;
const fast = withNtk.filter((a) => !byQuadrature(a));
const spread = fc.record({
  activation: fc.constantFrom(...fast),
  a: fc.double({ min: 0.05, max: 4, noNaN: true }),
  b: fc.double({ min: 0.05, max: 4, noNaN: true }),
  modulus: fc.double({ min: 0, max: 0.97, noNaN: true }),
  angle: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
});

test('exchanging the two inputs conjugates S, A and B', () => {
  fc.assert(fc.property(spread, ({ activation, a, b, modulus, angle }) => {
    const rho: Complex = [modulus * Math.cos(angle), modulus * Math.sin(angle)];
    const one = dualAt(activation, {}, [a, b], rho);
    const other = dualAt(activation, {}, [b, a], [rho[0], -rho[1]]);
    for (const k of ['S', 'A', 'B'] as const) {
      assert.ok(off(one[k]!, [other[k]![0], -other[k]![1]]) <= 1e-9 * (1 + a * b), `${activation.id} ${k}`);
    }
  }), { numRuns: 60 });
});

test('|S|^2 <= S_aa S_bb, and the diagonal is E|phi|^2 by a plain sum over a polar grid', () => {
  const out = new Float64Array(6);
  for (const activation of withNtk) {
    const std = 1.3;
    const { S, A, B } = dualAt(activation, {}, [std, std], [1, 0]);
    const cross = dualAt(activation, {}, [std, std], [0.4, -0.6]);
    assert.ok(Math.hypot(...cross.S) <= S[0] * (1 + 1e-12), activation.id);
    const n = 700;
    const m = 720;
    let [s, a, b] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      // Cubes of equal steps: fine at the origin, where a derivative may run like 1/|z|.
      const x = (i + 0.5) / n;
      const r = 8 * std * x ** 3;
      const w = ((2 * r) / std ** 2) * Math.exp(-((r / std) ** 2)) * ((24 * std * x * x) / n);
      for (let k = 0; k < m; k++) {
        const t = (2 * Math.PI * (k + 0.37)) / m;
        activation.evaluate(r * Math.cos(t), r * Math.sin(t), activation.parameters, out);
        s += w * (out[0]! ** 2 + out[1]! ** 2);
        a += w * (out[2]! ** 2 + out[3]! ** 2);
        b += w * (out[4]! ** 2 + out[5]! ** 2);
      }
    }
    const close = (x: number, y: number, what: string) => assert.ok(Math.abs(x / m - y) <= 6e-3 * Math.max(S[0], A![0]), `${activation.id} ${what}: ${x / m} against ${y}`);
    close(s, S[0], 'S');
    close(a, A![0], 'A');
    close(b, B![0], 'B');
  }
});

test('A and B are the derivatives of S with respect to rho and its conjugate, where phi does not jump', () => {
  const e = 1e-5;
  for (const activation of withNtk) {
    if (activation.jumps) continue;
    const std: [number, number] = [1.1, 0.7];
    const rho: Complex = [0.3, -0.45];
    const S = (dx: number, dy: number) => dualAt(activation, {}, std, [rho[0] + dx, rho[1] + dy]).S;
    const d = (p: Complex, q: Complex): Complex => [(p[0] - q[0]) / (2 * e), (p[1] - q[1]) / (2 * e)];
    const dx = d(S(e, 0), S(-e, 0));
    const dy = d(S(0, e), S(0, -e));
    const ab = std[0] * std[1];
    const { A, B } = dualAt(activation, {}, std, rho);
    assert.ok(off([(dx[0] + dy[1]) / 2 / ab, (dx[1] - dy[0]) / 2 / ab], A!) < 1e-7, `${activation.id} A`);
    assert.ok(off([(dx[0] - dy[1]) / 2 / ab, (dx[1] + dy[0]) / 2 / ab], B!) < 1e-7, `${activation.id} B`);
  }
});

test('a turn of the input turns the dual of an equivariant activation', () => {
  for (const activation of withNtk.filter((a) => a.structure.includes('equivariant'))) {
    const { S, A, B } = dualAt(activation, {}, [1, 2], [0.6, 0]);
    const angle = 1.1;
    const turned = dualAt(activation, {}, [1, 2], [0.6 * Math.cos(angle), 0.6 * Math.sin(angle)]);
    const by = (z: Complex, t: number): Complex => [z[0] * Math.cos(t) - z[1] * Math.sin(t), z[0] * Math.sin(t) + z[1] * Math.cos(t)];
    assert.ok(off(turned.S, by(S, angle)) < 1e-12 && off(turned.A!, A!) < 1e-12 && off(turned.B!, by(B!, 2 * angle)) < 1e-12, activation.id);
  }
});

test('S on real rho of one variance is convex: series, quadrature and the unit circle meet without a step', () => {
  const points = 40;
  for (const activation of fast) {
    const S = Array.from({ length: points + 1 }, (_, k) => dualAt(activation, {}, [1.2, 1.2], [0.9 + (0.1 * k) / points, 0]).S[0]);
    for (let k = 1; k < points; k++) {
      const bend = S[k + 1]! - 2 * S[k]! + S[k - 1]!;
      assert.ok(bend >= -1e-11 * S[points]!, `${activation.id} near ${0.9 + (0.1 * k) / points}: ${bend}`);
    }
  }
});

test('degenerate and forbidden arguments', () => {
  for (const activation of withNtk) {
    const zero = dualAt(activation, {}, [0, 1], [0, 0]);
    for (const z of [zero.S, zero.A!, zero.B!]) assert.ok(Number.isFinite(z[0]) && Number.isFinite(z[1]), `${activation.id} at std 0`);
  }
  const relu = findActivation('split-relu')!;
  const refused = (f: () => unknown, what: RegExp) => assert.throws(f, (e: unknown) => e instanceof Fault && what.test(e.message));
  refused(() => dualAt(relu, {}, [1, 1], [1, 0.1]), /unit circle/);
  refused(() => dualAt(relu, {}, [-1, 1], [0, 0]), /standard deviations/);
  refused(() => dualAt(relu, {}, [NaN, 1], [0, 0]), /standard deviations/);
  refused(() => dualAt(relu, {}, [1, 1], [NaN, 0]), /modulus/);
  refused(() => dualAt(findActivation('tanh-holomorphic')!, {}, [1, 1], [0, 0]), /poles/);
  refused(() => dualAt(findActivation('relu')!, {}, [1, 1], [0, 0.5]), /real/);
  const growing = dualAt(findActivation('modrelu')!, { bias: 0.5 }, [1, 1], [0.2, 0.1]);
  assert.equal(growing.A, null);
  assert.match(growing.reason!, /diverges/);
  assert.ok(growing.S[0] > 0);
});
