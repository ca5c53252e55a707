// The depth study and the equivalent real activation: known closed forms, finite differences, the dual itself, and the edges.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Activation } from '../../src/catalog/activations/activation.ts';
import { activations, findActivation } from '../../src/catalog/activations/index.ts';
import type { DepthMap, Quantity } from '../../src/contract/result.ts';
import { dualAt } from '../../src/kernel/dual-at.ts';
import { unhurried } from '../../src/kernel/pace.ts';
import { depthOf } from '../../src/kernel/quantities/depth.ts';
import { equivalentsOf, hermiteSum, weightsOf } from '../../src/kernel/quantities/equivalent.ts';
import { meanSquare } from '../../src/kernel/quantities/gauss.ts';
import { momentsOfCorrelations } from '../../src/kernel/quantities/moments.ts';
import type { Site } from '../../src/kernel/quantities/sites.ts';
import { GAUSS_16, GAUSS_24 } from '../../src/kernel/quadrature.ts';

const closed = (value: number): Quantity => ({ value, method: 'closed', error: 0 });
const site = (id: string, q: number, weightVariance: number, biasVariance = 0, given: Record<string, number> = {}, layer = 'activation1'): Site => {
  const activation = findActivation(id)!;
  return { layer, activation, parameters: { ...activation.parameters, ...given }, variance: closed(q), next: [{ layer: 'dense2', weightVariance, biasVariance }] };
};
const study = async (...sites: Site[]): Promise<DepthMap[]> => (await depthOf(sites, unhurried)).value!;
const near = (x: number, y: number, e: number, what = '') => assert.ok(Math.abs(x - y) <= e, `${what} ${x} against ${y}`);

test('split ReLU: critical at 2, its correlation map the arc-cosine kernel with slope 1 at 1', async () => {
  const [map] = await study(site('split-relu', 1.7, 2));
  near(map!.criticalWeightVariance.value!, 2, 1e-12);
  near(map!.gradientFactor.value!, 1, 1e-12);
  assert.equal(map!.phase, 'critical');
  map!.correlationMap.x.forEach((c, i) => near(map!.correlationMap.y[i]!, (Math.sqrt(Math.max(0, 1 - c * c)) + c * (Math.PI - Math.acos(c))) / Math.PI, 1e-12));
  // Every variance stays what it is: no single fixed point but 0.
  assert.deepEqual(map!.varianceFixedPoints.map((f) => f.value), [0]);
  map!.varianceMap.x.forEach((q, i) => near(map!.varianceMap.y[i]! / q, 1, 1e-12));
  // With a bias the slope is 2 k' q / (2 k + b) = q / (q + b).
  const [biased] = await study(site('split-relu', 1, 2, 0.25));
  near(biased!.slope.value!, 1 / 1.25, 1e-12);
  assert.equal(biased!.phase, 'ordered');
  near(biased!.depthScale.value!, 1 / Math.log(1.25), 1e-9);
});

test('slopes are those of the maps by finite differences, and fixed points are fixed, for activations of every structure', async () => {
  for (const [id, q, s, b] of [['split-tanh', 1.3, 3, 0.05], ['cardioid', 1, 2.5, 0.1], ['modrelu', 0.8, 2, 0.1], ['polar-tanh', 1, 3, 0], ['split-gelu', 2, 2, 0.2], ['relu', 1, 1.5, 0.3], ['erf', 0.7, 2, 0.1]] as const) {
    const { activation, parameters } = site(id, q, s, b);
    const [map] = await study(site(id, q, s, b));
    const S = (v: number, c: number) => dualAt(activation, parameters, [Math.sqrt(v), Math.sqrt(v)], [c, 0]).S[0];
    const dual = momentsOfCorrelations(activation, parameters, q);
    const correlate = (c: number) => (s * dual([c]).s[0]! + b) / (s * dual([1]).s[0]! + b);
    // One-sided at 1, where a kink of phi leaves a term in (1 - c)^{3/2}: two steps of a factor 4 take it out.
    const d = (h: number) => (1 - correlate(1 - h)) / h;
    const h = 1e-5;
    near(2 * d(h / 4) - d(h), map!.slope.value!, 3e-5, `${id} slope at 1`);
    for (const f of map!.correlationFixedPoints) {
      near(correlate(f.value), f.value, f.error + 1e-9, `${id} correlation`);
      if (f.value < 0.99 && f.value > -0.99) near((correlate(f.value + 1e-5) - correlate(f.value - 1e-5)) / 2e-5, f.slope!, 1e-6, `${id} slope at ${f.value}`);
    }
    for (const f of map!.varianceFixedPoints.filter((v) => v.value > 0)) {
      near(s * S(f.value, 1) + b, f.value, f.error + 1e-9 * f.value, `${id} variance`);
      near((s * (S(1.001 * f.value, 1) - S(0.999 * f.value, 1))) / (0.002 * f.value), f.slope!, 1e-4, `${id} slope of the variance map`);
    }
    assert.equal(map!.phase, map!.slope.value! > 1 ? 'chaotic' : 'ordered', id);
    assert.equal(map!.correlationFixedPoints.at(-1)!.value, 1);
    // Iterating the map goes to the stable fixed point.
    let c = 0.5;
    for (let k = 0; k < 400; k++) c = correlate(c);
    assert.ok(map!.correlationFixedPoints.some((f) => f.stable && Math.abs(f.value - c) < 1e-3), `${id}: iterated to ${c}`);
  }
});

test('equal layers are one map; a long network costs as much as a short one', async () => {
  const layers = Array.from({ length: 40 }, (_, k) => site('split-tanh', 1.3, 3, 0.05, {}, `activation${k + 1}`));
  const maps = await study(...layers, site('split-tanh', 0.9, 3, 0.05, {}, 'activation41'));
  assert.deepEqual(maps.map((m) => m.layers.length), [40, 1]);
  assert.deepEqual(maps[0]!.next, ['dense2']);
});

test('jumps and missing derivatives make an infinite slope: chaotic, and said', async () => {
  const [jump] = await study(site('zrelu', 1, 4));
  assert.equal(jump!.slope.value, null);
  assert.match(jump!.slope.reason!, /jumps/);
  assert.equal(jump!.phase, 'chaotic');
  const [noNtk] = await study(site('modrelu', 1, 2, 0, { bias: 0.3 }));
  assert.match(noNtk!.slope.reason!, /diverges/);
  assert.equal(noNtk!.gradientFactor.value, null);
  assert.equal(noNtk!.correlationFixedPoints.at(-1)!.slope, null);
  const [none] = await study(site('tanh-holomorphic', 1, 2));
  assert.match(none!.gain.reason!, /poles/);
  assert.deepEqual([none!.phase, none!.varianceMap.x.length], [null, 0]);
});

test('edges: no activation, no variance, the identity, an activation that is 0 here', async () => {
  assert.match((await depthOf([], unhurried)).reason!, /no activation/);
  const [zero] = await study(site('split-relu', 0, 2));
  assert.match(zero!.slope.reason!, /variance before it is 0/);
  const [identity] = await study(site('identity', 1, 1));
  assert.deepEqual([identity!.phase, identity!.correlationFixedPoints.length], ['critical', 1]);
  const dead = site('modrelu', 1e-8, 2, 0, { bias: -1 });
  const [off] = await study(dead);
  assert.equal(off!.criticalWeightVariance.value, null);
  assert.equal(off!.phase, null);
  const [equivalent] = (await equivalentsOf([dead], unhurried)).value!;
  assert.match(equivalent!.truncation.reason!, /0 here/);
});

test('E|phi|^2 by quadrature is the dual at rho = 1, for every activation that has one', () => {
  for (const a of activations.filter((x) => x.limit(x.parameters).exists !== 'none')) {
    for (const q of [0.04, 1, 9]) {
      let want: number;
      let error: number;
      try {
        ({ S: [want], error } = dualAt(a, {}, [Math.sqrt(q), Math.sqrt(q)], [1, 0]));
      } catch {
        continue; // refused at this variance
      }
      const got = meanSquare(a, a.parameters, q);
      assert.ok(Math.abs(got.value - want) <= got.error + (1e-9 + error) * want, `${a.id} at ${q}: ${got.value} against ${want}`);
    }
  }
});

const equivalent = async (id: string, q: number, given: Record<string, number> = {}) => (await equivalentsOf([site(id, q, 1, 0, given)], unhurried)).value![0]!;

test('the squares of the Hermite coefficients are the power series of S on real rho', async () => {
  for (const [id, q] of [['split-relu', 1.3], ['split-tanh', 2], ['cardioid', 0.7], ['zrelu', 1], ['modrelu', 0.5], ['polar-tanh', 1], ['siglog', 3], ['split-prelu', 1], ['sin-holomorphic', 0.8]] as const) {
    const e = await equivalent(id, q);
    const { activation, parameters } = site(id, q, 1);
    for (const rho of [-0.5, 0.2, 0.5]) {
      const want = dualAt(activation, parameters, [Math.sqrt(q), Math.sqrt(q)], [rho, 0]).S[0];
      near(e.coefficients.reduce((s, c, n) => s + c * c * rho ** n, 0), want, 1e-9 * q, `${id} at ${rho}`);
    }
    assert.equal(e.kind, activation.scalar && !activation.imaginary ? 'exact' : 'series');
    assert.ok(e.truncation.value! >= 0 && e.truncation.value! < 0.06);
    assert.ok(e.error < 1e-9, `${id}: ${e.error}`);
  }
});

test('by phi alone the coefficients are the same as by its structure', async () => {
  const equivalents = (await equivalentsOf([site('split-hard-tanh', 1.21, 1)], unhurried)).value!;
  const bare = (a: Activation, kinks: Activation['kinks']): Activation => ({ ...a, scalar: undefined, radial: undefined, angular: undefined, holomorphic: undefined, kinks });
  const quadrants = () => ({ angles: [-Math.PI / 2, 0, Math.PI / 2, Math.PI] });
  const cases: [string, Record<string, number>, Activation['kinks']][] = [
    ['cardioid', {}, () => ({})], ['modrelu', { bias: -0.5 }, () => ({ radii: [0.5] })], ['zrelu', {}, quadrants], ['polar-tanh', {}, () => ({})], ['sin-holomorphic', {}, () => ({})], ['split-hard-tanh', {}, () => ({ x: [-1, 1], y: [-1, 1] })],
  ];
  for (const [id, given, kinks] of cases) {
    const a = findActivation(id)!;
    const p = { ...a.parameters, ...given };
    const two = weightsOf(bare(a, kinks), p, 1.1, GAUSS_16);
    const one = a.scalar ? Float64Array.from(equivalents.find((e) => e.label === a.label)!.coefficients, (c) => c * c) : weightsOf(a, p, 1.1, GAUSS_24);
    one.forEach((w, n) => near(w, two[n]!, 1e-11, `${id} ${n}`));
  }
});

test('split: the curve is sqrt(2) g(x / sqrt(2)), and the series goes to it', async () => {
  const e = await equivalent('split-tanh', 0.8);
  assert.match(e.formula!, /tanh/);
  e.curve.x.forEach((x, i) => {
    near(e.curve.y[i]!, Math.SQRT2 * Math.tanh((Math.sqrt(0.8) * x) / Math.SQRT2), 1e-14);
    if (Math.abs(x) < 2) near(hermiteSum(e.coefficients, x), e.curve.y[i]!, 1e-3);
  });
  assert.match((await equivalentsOf([site('relu', 1, 1)], unhurried)).reason!, /real already/);
  // Homogeneous: the same at every variance but for the scale.
  const [one, four] = [await equivalent('cardioid', 1), await equivalent('cardioid', 4)];
  one.coefficients.forEach((c, n) => near(2 * c, four.coefficients[n]!, 1e-12));
});
