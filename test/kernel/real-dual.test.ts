// The real and the split duals against adaptive integrals over the plane written here, at seeded random points with extremes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Activation, ScalarFunction } from '../../src/catalog/activations/activation.ts';
import { findActivation } from '../../src/catalog/activations/index.ts';
import { realActivation, split } from '../../src/catalog/activations/split.ts';
import { scalars } from '../../src/catalog/scalars/index.ts';
import { prepareDual, type DualBlock, type DualOutcome } from '../../src/kernel/duals/index.ts';

const GAUSS = ((n: number) => {
  const out: [number, number][] = [];
  for (let i = 0; i < n; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 0;
    for (let step = 0; step < 50; step++) {
      let [p0, p1] = [1, x];
      for (let k = 2; k <= n; k++) [p0, p1] = [p1, ((2 * k - 1) * x * p1 - (k - 1) * p0) / k];
      slope = (n * (x * p1 - p0)) / (x * x - 1);
      x -= p1 / slope;
    }
    out.push([x, 2 / ((1 - x * x) * slope * slope)]);
  }
  return out;
})(12);

/** Two integrals at once, halving where 12 Gauss points and twice 12 differ. */
function adaptive(f: (x: number, out: [number, number]) => void, breaks: number[], tolerance: number): [number, number] {
  const value: [number, number] = [0, 0];
  const panel = (a: number, b: number): [number, number] => {
    const sum: [number, number] = [0, 0];
    for (const [x, w] of GAUSS) {
      f((a + b) / 2 + ((b - a) / 2) * x, value);
      sum[0] += ((b - a) / 2) * w * value[0];
      sum[1] += ((b - a) / 2) * w * value[1];
    }
    return sum;
  };
  const total: [number, number] = [0, 0];
  const sorted = [...new Set(breaks)].sort((x, y) => x - y);
  const visit = (a: number, b: number, whole: [number, number], depth: number): void => {
    const m = (a + b) / 2;
    const [l, r] = [panel(a, m), panel(m, b)];
    const off = Math.max(Math.abs(l[0] + r[0] - whole[0]), Math.abs(l[1] + r[1] - whole[1]));
    if (off <= tolerance || depth >= 40) {
      total[0] += l[0] + r[0];
      total[1] += l[1] + r[1];
      return;
    }
    visit(a, m, l, depth + 1);
    visit(m, b, r, depth + 1);
  };
  for (let i = 0; i + 1 < sorted.length; i++) visit(sorted[i]!, sorted[i + 1]!, panel(sorted[i]!, sorted[i + 1]!), 0);
  return total;
}

const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
const FAR = 14;

/** E[f(aX) g(bY)] and E[f'(aX) g'(bY)] to about 1e-12 of the given units. */
function brute(f: ScalarFunction, g: ScalarFunction, p: Record<string, number>, a: number, b: number, c: number, units: [number, number]): [number, number] {
  const s = Math.sqrt((1 - c) * (1 + c));
  const around = (list: number[]): number[] => list.filter((x) => Math.abs(x) < FAR);
  const kinksF = [0, ...f.kinks(p)];
  const kinksG = [0, ...g.kinks(p)];
  const whole = [-FAR, -8, -3, 3, 8, FAR];
  // Around 0 a scalar bends over distances of about 1, which at a large standard deviation adaptive panels would step over.
  const near: number[] = [-100, -32, -12, -4, -1, 1, 4, 12, 32, 100];
  const ridge = [...kinksG.flatMap((t) => [-6, 0, 6].map((w) => (t / b + w * s) / c)), ...near.map((t) => t / (b * c))];
  const outer = around([...[...kinksF, ...near].map((t) => t / a), ...(c === 0 ? [] : ridge)]);
  return adaptive((x, out) => {
    const [u, du] = [f.value(a * x, p) * density(x) / units[0], f.derivative(a * x, p) * density(x) / units[1]];
    if (s === 0) {
      out[0] = u * g.value(b * c * x, p);
      out[1] = du * g.derivative(b * c * x, p);
      return;
    }
    const cuts = around([...kinksG, ...(b * s > 0.5 ? near : [])].map((t) => (t / b - c * x) / s));
    const size = Math.max(Math.abs(u), Math.abs(du));
    if (size === 0) {
      out[0] = out[1] = 0;
      return;
    }
    const inner = adaptive((v, at) => {
      const y = b * (c * x + s * v);
      at[0] = u * g.value(y, p) * density(v);
      at[1] = du * g.derivative(y, p) * density(v);
    }, [...whole, ...cuts], 1e-13);
    [out[0], out[1]] = inner;
  }, [...whole, ...outer], 1e-12);
}

const piecewise = (id: string, kinks: number[], value: (x: number) => number, derivative: (x: number) => number): ScalarFunction => ({
  id, label: id, parameters: {}, value, derivative, kinks: () => kinks, formula: id,
});
const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x));
const extras: ScalarFunction[] = [
  piecewise('hard-tanh-here', [-1, 1], (x) => clamp(x, -1, 1), (x) => (Math.abs(x) < 1 ? 1 : 0)),
  piecewise('hard-sigmoid-here', [-3, 3], (x) => clamp(x / 6 + 0.5, 0, 1), (x) => (Math.abs(x) < 3 ? 1 / 6 : 0)),
  piecewise('soft-shrink-here', [-0.5, 0.5], (x) => x - clamp(x, -0.5, 0.5), (x) => (Math.abs(x) > 0.5 ? 1 : 0)),
  piecewise('hard-shrink-here', [-0.5, 0.5], (x) => (Math.abs(x) > 0.5 ? x : 0), (x) => (Math.abs(x) > 0.5 ? 1 : 0)),
  piecewise('threshold-here', [0.3], (x) => (x > 0.3 ? x : -2), (x) => (x > 0.3 ? 1 : 0)),
  piecewise('step-here', [0], (x) => (x > 0 ? 1 : 0), () => 0),
  piecewise('hard-swish-here', [-3, 3], (x) => x * clamp(x / 6 + 0.5, 0, 1), (x) => (x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5)),
  piecewise('elu-scaled', [0], (x) => 1.0507 * (x > 0 ? x : 1.6733 * Math.expm1(x)), (x) => 1.0507 * (x > 0 ? 1 : 1.6733 * Math.exp(x))),
  piecewise('soft-sign-here', [0], (x) => x / (1 + Math.abs(x)), (x) => 1 / (1 + Math.abs(x)) ** 2),
  piecewise('bump', [], (x) => x * Math.exp(-x * x), (x) => (1 - 2 * x * x) * Math.exp(-x * x)),
];
const own = ['relu', 'leaky-relu', 'elu', 'tanh', 'sigmoid', 'gelu', 'silu', 'erf'].map((id) => scalars.find((g) => g.id === id)!);

function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Point { i: number; j: number; re: number; im: number }
interface Answer extends DualOutcome { block: DualBlock }

function ask(activation: Activation, p: Record<string, number>, std: number[], points: Point[]): Answer {
  const plane = (): Float64Array => new Float64Array(points.length);
  const block: DualBlock = {
    count: points.length,
    left: Int32Array.from(points, (q) => q.i), right: Int32Array.from(points, (q) => q.j),
    re: Float64Array.from(points, (q) => q.re), im: Float64Array.from(points, (q) => q.im),
    aRe: plane(), aIm: plane(), bRe: plane(), bIm: plane(),
  };
  const real = points.every((q) => q.im === 0);
  return { block, ...prepareDual(activation, p, Float64Array.from(std), { derivatives: true, real })(block) };
}

/** A correlation of one of several kinds: anywhere, near 1, near -1, at the ends. */
function correlation(next: () => number): number {
  const kind = next();
  if (kind < 0.35) return 2 * next() - 1;
  const near = 1 - 10 ** (-1 - 14 * next());
  if (kind < 0.75) return near;
  if (kind < 0.9) return -near;
  return kind < 0.95 ? 1 : -1;
}

const WIDE = [1e-3, 0.01, 0.04, 0.1, 0.4, 0.9, 1.3, 3, 10, 100, 1e3];
/** Points a scalar; more on request, for a longer look. */
const POINTS = Number(process.env.COMPLEX_NTK_POINTS ?? 3);
/** What the integrals here are good to. */
const BRUTE = 2e-11;

for (const g of [...own, ...extras]) {
  test(`${g.id}: k and kd within the stated error of integrals over the plane, at any correlation and std 1e-3 .. 1e3`, () => {
    const next = random(7);
    const p = g.parameters;
    const ends = ask(realActivation(g), p, WIDE, WIDE.map((_, i) => ({ i, j: i, re: 1, im: 0 })));
    for (let n = 0; n < POINTS; n++) {
      const [i, j] = [Math.floor(next() * WIDE.length), Math.floor(next() * WIDE.length)];
      const c = correlation(next);
      const [a, b] = [WIDE[i]!, WIDE[j]!];
      const { block, error, method } = ask(realActivation(g), p, [a, b], [{ i: 0, j: 1, re: c, im: 0 }]);
      const units: [number, number] = [Math.sqrt(ends.block.re[i]! * ends.block.re[j]!) || 1, Math.sqrt(ends.block.aRe[i]! * ends.block.aRe[j]!) || 1];
      const [k, kd] = brute(g, g, p, a, b, c, units);
      const off = Math.max(Math.abs(block.re[0]! / units[0] - k), Math.abs(block.aRe[0]! / units[1] - kd));
      const what = `${g.id} at std ${a}, ${b}, c = ${c}, ${method}: off by ${off}, stated ${error}`;
      assert.ok(off <= error + BRUTE, what);
      assert.ok(error <= (method === 'closed' ? 1e-10 : 1e-9), what);
    }
  });
}

/** A block of pairs among `count` standard deviations between low and high. */
function crowd(count: number, low: number, high: number, seed: number, rho: (next: () => number) => [number, number]): { std: number[]; points: Point[] } {
  const next = random(seed);
  const std = Array.from({ length: count }, () => low + (high - low) * next());
  const points: Point[] = [];
  for (let i = 0; i < count; i++) for (let j = i; j < count; j++) {
    const [re, im] = i === j ? [1, 0] : rho(next);
    points.push({ i, j, re, im });
  }
  return { std, points };
}

test('a large block, whose entries share interpolated coefficients and tables, gives what each pair gives alone', () => {
  const near = (next: () => number): [number, number] => [(next() < 0.2 ? -1 : 1) * (1 - 10 ** (-0.7 - 9 * next())), 0];
  const cases: [string, number, number][] = [['elu-scaled', 0.5, 1.1], ['soft-sign-here', 0.6, 1], ['tanh', 3, 3], ['hard-swish-here', 0.5, 1.1], ['silu', 0.2, 0.9]];
  for (const [id, low, high] of cases) {
    const g = [...own, ...extras].find((x) => x.id === id)!;
    const { std, points } = crowd(26, low, high, 3, near);
    const all = ask(realActivation(g), g.parameters, std, points);
    assert.ok(all.error <= 1e-9, `${id}: states ${all.error}`);
    const next = random(11);
    for (let n = 0; n < 6; n++) {
      const t = Math.floor(next() * points.length);
      const { i, j, re } = points[t]!;
      const one = ask(realActivation(g), g.parameters, [std[i]!, std[j]!], [{ i: 0, j: 1, re, im: 0 }]);
      const ends = ask(realActivation(g), g.parameters, [std[i]!, std[j]!], [{ i: 0, j: 0, re: 1, im: 0 }, { i: 1, j: 1, re: 1, im: 0 }]).block;
      const off = Math.max(Math.abs(all.block.re[t]! - one.block.re[0]!) / Math.sqrt(ends.re[0]! * ends.re[1]!), Math.abs(all.block.aRe[t]! - one.block.aRe[0]!) / Math.sqrt(ends.aRe[0]! * ends.aRe[1]!));
      assert.ok(off <= all.error + one.error + 1e-14, `${id} at std ${std[i]}, ${std[j]}, c = ${re}: ${off} apart, stated ${all.error} (${all.method}) and ${one.error} (${one.method})`);
    }
  }
});

test('a split of two scalars joins its four real duals; Re z and one scalar on both parts are among them', () => {
  const named = (id: string): ScalarFunction => [...own, ...extras].find((g) => g.id === id)!;
  const zero = piecewise('zero', [], () => 0, () => 0);
  const line = piecewise('line', [], (x) => x, () => 1);
  const mixtures: [ScalarFunction, ScalarFunction][] = [
    [named('tanh'), named('elu')], [named('relu'), zero], [line, zero], [named('gelu'), named('erf')], [named('relu'), named('hard-tanh-here')], [named('silu'), named('silu')],
  ];
  const [a, b] = [1.3, 0.8];
  for (const [g, h] of mixtures) {
    const activation: Activation = { ...split(g), parameters: { ...g.parameters, ...h.parameters }, imaginary: h };
    const p = activation.parameters;
    for (const [re, im] of [[0.55, -0.4], [0.93, 0.3], [-0.2, 0.97], [1, 0]] as const) {
      const { block, error } = ask(activation, p, [a, b], [{ i: 0, j: 1, re, im }]);
      const [s, t] = [a * Math.SQRT1_2, b * Math.SQRT1_2];
      const real = (u: ScalarFunction, v: ScalarFunction, c: number): [number, number] => brute(u, v, p, s, t, c, [1, 1]);
      const [gg, hh, hg, gh] = [real(g, g, re), real(h, h, re), real(h, g, im), real(g, h, -im)];
      const what = `${g.id} and ${h.id} at ${re} + ${im}i`;
      const tolerance = 1e-10 + 4 * error;
      assert.ok(Math.abs(block.re[0]! - gg[0] - hh[0]) <= tolerance, `${what}: Re S`);
      assert.ok(Math.abs(block.im[0]! - hg[0] + gh[0]) <= tolerance, `${what}: Im S`);
      assert.ok(Math.abs(block.aRe[0]! - (gg[1] + hh[1] + hg[1] + gh[1]) / 4) <= tolerance, `${what}: A`);
      assert.ok(Math.abs(block.bRe[0]! - (gg[1] + hh[1] - hg[1] - gh[1]) / 4) <= tolerance, `${what}: B`);
      assert.ok(block.aIm[0] === 0 && block.bIm[0] === 0);
    }
  }
});

test('the whole complex dual of a split activation is E phi(u) conj phi(v) by its Wirtinger derivatives', () => {
  // One function on both parts against the general formula with `imaginary` given: two routes to one number.
  for (const id of ['split-relu', 'split-gelu', 'split-tanh', 'split-elu']) {
    const plain = findActivation(id)!;
    const { std, points } = crowd(6, 0.5, 2, 5, (next) => {
      const [r, t] = [Math.sqrt(next()), 2 * Math.PI * next()];
      return [r * Math.cos(t), r * Math.sin(t)];
    });
    const copy: ScalarFunction = { ...plain.scalar!, id: 'copy' };
    const one = ask(plain, plain.parameters, std, points);
    const two = ask({ ...plain, imaginary: copy }, plain.parameters, std, points);
    const planes = ['re', 'im', 'aRe', 'aIm', 'bRe', 'bIm'] as const;
    for (const plane of planes) for (let t = 0; t < points.length; t++) {
      assert.ok(Math.abs(one.block[plane][t]! - two.block[plane][t]!) <= 1e-10 + 4 * (one.error + two.error), `${id} ${plane} ${t}`);
    }
    const twin = ask(plain, plain.parameters, std, points.map((q) => ({ ...q, im: 0 })));
    for (let t = 0; t < points.length; t++) assert.equal(twin.block.im[t], 0);
  }
});

test('a standard deviation of 0 is a constant, and underflow is 0', () => {
  for (const g of [...own, ...extras]) {
    const { block } = ask(realActivation(g), g.parameters, [0, 1], [{ i: 0, j: 1, re: 0, im: 0 }, { i: 0, j: 0, re: 0, im: 0 }]);
    const [mean] = brute({ ...g, value: () => 1, derivative: () => 0, kinks: () => [] }, g, g.parameters, 1, 1, 0, [1, 1]);
    const at0 = g.value(0, g.parameters);
    assert.ok(Math.abs(block.re[0]! - at0 * mean) <= 1e-12, `${g.id} against a constant`);
    assert.ok(Math.abs(block.re[1]! - at0 * at0) <= 1e-14, g.id);
  }
  const shrink = extras.find((g) => g.id === 'soft-shrink-here')!;
  const { block } = ask(realActivation(shrink), {}, [1e-3, 1], [{ i: 0, j: 1, re: 0.5, im: 0 }, { i: 0, j: 0, re: 1, im: 0 }]);
  assert.deepEqual([...block.re], [0, 0]);
});

test('a jump that is not told is met by a large stated error, never by silence', () => {
  const hidden = piecewise('hidden', [], (x) => (x > 0.37 ? 1 : x), (x) => (x > 0.37 ? 0 : 1));
  const told: ScalarFunction = { ...hidden, id: 'told', kinks: () => [0.37] };
  for (const c of [0.5, 0.95]) {
    const [bad, good] = [hidden, told].map((g) => ask(realActivation(g), {}, [1, 0.7], [{ i: 0, j: 1, re: c, im: 0 }]));
    assert.ok(good!.error <= 1e-10);
    assert.ok(Math.abs(bad!.block.re[0]! - good!.block.re[0]!) <= bad!.error, `off by ${bad!.block.re[0]! - good!.block.re[0]!}, stated ${bad!.error}`);
  }
});
