// The duals of complex activations against independent integrals, at random points and at the extremes: the stated error bounds the true one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Activation, Parameters } from '../../src/catalog/activations/activation.ts';
import { findActivation } from '../../src/catalog/activations/index.ts';
import { Fault } from '../../src/contract/fault.ts';
import { scaledBesselI, scaledBesselTriple } from '../../src/kernel/bessel.ts';
import { prepareGeneral } from '../../src/kernel/duals/general.ts';
import { prepareDual, type PreparedDual } from '../../src/kernel/duals/index.ts';
import { patchwork } from '../../src/kernel/duals/patches.ts';
import { breaksWithin, legendreRule, panelRule } from '../../src/kernel/quadrature.ts';

const OPTIONS = { derivatives: true, real: false };

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Found { s: number[]; a: number[]; b: number[]; error: number }

function at(dual: PreparedDual, i: number, j: number, x: number, y: number): Found {
  const one = (v = 0) => Float64Array.of(v);
  const block = { count: 1, left: Int32Array.of(i), right: Int32Array.of(j), re: one(x), im: one(y), aRe: one(), aIm: one(), bRe: one(), bIm: one() };
  const { error } = dual(block);
  return { s: [block.re[0]!, block.im[0]!], a: [block.aRe[0]!, block.aIm[0]!], b: [block.bRe[0]!, block.bIm[0]!], error };
}

/** Largest difference, S by sqrt(S_aa S_bb), A and B by the same of A + B. */
function difference(one: Found, other: Found, dual: PreparedDual): number {
  const [aa, bb] = [at(dual, 0, 0, 1, 0), at(dual, 1, 1, 1, 0)];
  const s = Math.sqrt(aa.s[0]! * bb.s[0]!);
  const both = Math.sqrt((aa.a[0]! + aa.b[0]!) * (bb.a[0]! + bb.b[0]!));
  const off = (x: number[], y: number[]) => Math.hypot(x[0]! - y[0]!, x[1]! - y[1]!);
  return Math.max(off(one.s, other.s) / s, off(one.a, other.a) / both, off(one.b, other.b) / both);
}

const GAUSS = legendreRule(24);

/** F_m by plain panels: one radius outside, the other around the ridge inside. */
function radialIntegral(f: (r: number) => number, m: number, kinks: number[], a: number, b: number, r: number): number {
  const square = (1 - r) * (1 + r);
  const w = Math.sqrt(square);
  const outer: number[] = [];
  for (let x = 0; x < 8; x += 0.5) outer.push(x);
  for (let e = 1e-4; e < 1; e *= 3) outer.push(e);
  for (const k of kinks) for (let q = -2; q <= 3; q++) for (const sign of [-1, 0, 1]) outer.push(k / (b * r) + sign * w * 2 ** q, k / a + sign * w * 2 ** q);
  const x = panelRule(breaksWithin(0, 8, outer), GAUSS);
  let sum = 0;
  for (let i = 0; i < x.nodes.length; i++) {
    const s = x.nodes[i]!;
    const fs = f(a * s) * 2 * s * Math.exp(-s * s) * x.weights[i]!;
    if (Math.abs(fs) < 1e-18) continue;
    const inner = kinks.map((k) => k / b);
    for (let q = -6; q <= 6; q += 2) inner.push(r * s + q * w);
    for (let e = 1e-4; e < 1; e *= 3) inner.push(e);
    const y = panelRule(breaksWithin(Math.max(0, r * s - 6.5 * w), r * s + 6.5 * w, inner), GAUSS);
    let part = 0;
    for (let k = 0; k < y.nodes.length; k++) {
      const t = y.nodes[k]!;
      part += y.weights[k]! * t * Math.exp(-((t - r * s) ** 2) / square) * scaledBesselI(m, (2 * r * s * t) / square) * f(b * t);
    }
    sum += (fs * part * 2) / square;
  }
  return sum;
}

test('equivariant duals against a plain double integral, up to |rho| = 1 - 1e-7 and for unequal standard deviations', () => {
  const draw = random(1);
  const rows: [string, Parameters][] = [['modrelu', { bias: -0.1 }], ['modrelu', { bias: -0.5 }], ['siglog', { c: 1, r: 1 }], ['polar-tanh', {}]];
  for (const [id, p] of rows) {
    const activation = findActivation(id)!;
    const h = activation.radial!;
    const parts = [(r: number) => h.value(r, p), (r: number) => (h.derivative(r, p) + h.ratio(r, p)) / 2, (r: number) => (h.derivative(r, p) - h.ratio(r, p)) / 2];
    for (let k = 0; k < 4; k++) {
      const [a, b] = [0.3 * 10 ** draw(), 0.3 * 10 ** draw()];
      const r = k === 0 ? draw() : 1 - 10 ** (-1 - 2 * k * draw());
      const dual = prepareDual(activation, p, Float64Array.of(a, b), OPTIONS);
      const got = at(dual, 0, 1, r, 0);
      const [s, z, zbar] = parts.map((f, v) => radialIntegral(f, [1, 0, 2][v]!, h.kinks(p), a, b, r)) as [number, number, number];
      const off = difference(got, { s: [s, 0], a: [z, 0], b: [zbar, 0], error: 0 }, dual);
      assert.ok(off <= got.error + 1e-12, `${id} at ${a}, ${b}, 1 - ${1 - r}: off by ${off}, stated ${got.error}`);
      assert.ok(got.error <= 1e-9, `${id} states ${got.error}`);
    }
  }
});

test('duals meet their value at |rho| = 1', () => {
  for (const [id, p] of [['modrelu', { bias: -0.3 }], ['siglog', { c: 1, r: 1 }], ['zrelu', {}], ['cardioid', {}], ['half-plane-relu', {}]] as [string, Parameters][]) {
    const dual = prepareDual(findActivation(id)!, p, Float64Array.of(1.1, 0.8), OPTIONS);
    const gap = 1e-15;
    const [near, on] = [at(dual, 0, 1, 1 - gap, 0), at(dual, 0, 1, 1, 0)];
    // A jump of phi moves S by the square root of the gap.
    assert.ok(difference(near, on, dual) <= near.error + on.error + 4 * Math.sqrt(2 * gap), id);
  }
});

test('polynomials that take over where a function is asked often agree with it', () => {
  let calls = 0;
  const f = (x: number, y: number) => Math.exp(x) * Math.sqrt(x * x + 1e-3 + y * y);
  const table = patchwork({ low: [-1, 0], high: [1, 1], cells: [2, 1], points: 12, values: 1, tolerance: 1e-10, slow: (x, out) => { calls++; out[0] = f(x[0]!, x[1]!); return 0; } });
  const draw = random(2);
  const [x, out] = [new Float64Array(2), new Float64Array(1)];
  for (let k = 0; k < 60000; k++) {
    [x[0], x[1]] = [2 * draw() - 1, draw()];
    table.at(x, out);
    assert.ok(Math.abs(out[0]! - f(x[0]!, x[1]!)) <= 1e-8, `at ${x}`);
  }
  assert.ok(calls < 30000, `${calls} calls`);
});

test('a large block, tables and interpolated coefficients in use, agrees with pairs alone', () => {
  const draw = random(3);
  const std = Float64Array.from({ length: 60 }, () => 0.7 + 0.9 * draw());
  for (const [id, p] of [['modrelu', { bias: -0.5 }], ['siglog', { c: 1, r: 1 }], ['zrelu', {}]] as [string, Parameters][]) {
    const activation = findActivation(id)!;
    const count = 1500;
    const array = () => new Float64Array(count);
    const block = { count, left: Int32Array.from({ length: count }, () => 60 * draw()), right: Int32Array.from({ length: count }, () => 60 * draw()), re: array(), im: array(), aRe: array(), aIm: array(), bRe: array(), bIm: array() };
    for (let k = 0; k < count; k++) {
      const [r, t] = [k % 3 ? 0.97 * draw() : 1 - 10 ** (-2 - 0.5 * draw()), 6.28 * draw()];
      block.re[k] = r * Math.cos(t);
      block.im[k] = r * Math.sin(t);
    }
    const [x, y] = [block.re.slice(), block.im.slice()];
    const { error } = prepareDual(activation, p, std, OPTIONS)(block);
    for (let k = 0; k < count; k += 100) {
      const alone = prepareDual({ ...activation }, p, Float64Array.of(std[block.left[k]!]!, std[block.right[k]!]!), OPTIONS);
      const pair = at(alone, 0, 1, x[k]!, y[k]!);
      const off = difference(pair, { s: [block.re[k]!, block.im[k]!], a: [block.aRe[k]!, block.aIm[k]!], b: [block.bRe[k]!, block.bIm[k]!], error }, alone);
      assert.ok(off <= error + pair.error && error <= 1e-9, `${id}: ${off}, stated ${error}`);
    }
  }
});

test('entire activations: exp and a polynomial in closed form; too large a variance is refused', () => {
  const [a, b, x, y] = [1.3, 0.6, 0.4, -0.7];
  const exp = prepareDual(findActivation('exp-holomorphic')!, {}, Float64Array.of(a, b), OPTIONS);
  const grown = Math.exp(a * b * x);
  const closed = [grown * Math.cos(a * b * y), grown * Math.sin(a * b * y)];
  const got = at(exp, 0, 1, x, y);
  assert.ok(difference(got, { s: closed, a: closed, b: [0, 0], error: 0 }, exp) <= got.error);
  const square = at(prepareDual(findActivation('square-holomorphic')!, {}, Float64Array.of(a, b), OPTIONS), 0, 1, x, 0);
  assert.ok(Math.abs(square.s[0]! - 2 * (a * b * x) ** 2) < 1e-14 && Math.abs(square.a[0]! - 4 * a * b * x) < 1e-14);
  assert.throws(() => prepareDual(findActivation('exp-holomorphic')!, {}, Float64Array.of(40), OPTIONS), (e: unknown) => e instanceof Fault && e.kind === 'not-supported' && /converge/.test(e.message));
});

/** phi by its values alone. */
const general = (evaluate: Activation['evaluate'], kinks: Activation['kinks'] = () => ({})): Activation => {
  const { radial: _r, angular: _a, scalar: _s, holomorphic: _h, ...rest } = findActivation('polar-tanh')!;
  return { ...rest, id: 'phi', label: 'phi', structure: ['general'], evaluate, kinks };
};

test('an activation by its values alone has the dual of its structure; with kinks the stated error bounds what is off', () => {
  const rows: [string, Parameters, ReturnType<NonNullable<Activation['kinks']>>, number[]][] = [
    ['polar-tanh', {}, {}, [0.5, 0.99, 1]], ['cardioid', {}, {}, [0.9999, 1]], ['split-tanh', {}, {}, [0.97]], ['exp-holomorphic', {}, {}, [0.9]],
    ['zrelu', {}, { angles: [0, Math.PI / 2] }, [0.3, 1]], ['modrelu', { bias: -0.5 }, { radii: [0.5] }, [0.3, 0.99, 1]],
  ];
  const draw = random(4);
  for (const [id, p, kinks, moduli] of rows) {
    const activation = findActivation(id)!;
    const std = Float64Array.of(0.7 + 0.9 * draw(), 0.7 + 0.9 * draw());
    const dual = prepareDual(activation, p, std, OPTIONS);
    const values = prepareGeneral(general((x, y, q, out) => activation.evaluate(x, y, q, out), () => kinks), p, std, OPTIONS);
    for (const r of moduli) {
      const t = 6.28 * draw();
      const [known, got] = [at(dual, 0, 1, r * Math.cos(t), r * Math.sin(t)), at(values, 0, 1, r * Math.cos(t), r * Math.sin(t))];
      const off = difference(got, known, dual);
      assert.ok(off <= got.error + known.error, `${id} at ${r}: off by ${off}, stated ${got.error}`);
      const smooth = Object.keys(kinks).length === 0;
      assert.ok(got.error <= (smooth ? 1e-9 : 1e-2), `${id} states ${got.error}`);
    }
  }
});

test('z exp(i |z|^2) has a complex S on real rho, as in closed form', () => {
  const phi = general((x, y, _p, out) => {
    const t = x * x + y * y;
    const [c, s] = [Math.cos(t), Math.sin(t)];
    out[0] = c * x - s * y;
    out[1] = c * y + s * x;
    // phi_z = e^{it}(1 + it), phi_zbar = i z^2 e^{it}
    out[2] = c - t * s;
    out[3] = s + t * c;
    const [p, q] = [x * x - y * y, 2 * x * y];
    out[4] = -(c * q + s * p);
    out[5] = c * p - s * q;
  });
  const [a, b, rho] = [1.2, 0.5, 0.6];
  const dual = prepareDual(phi, {}, Float64Array.of(a, b), { derivatives: true, real: true });
  // E u conj(v) e^{i(|u|^2 - |v|^2)} = rho a b / D^2, D = (1 - i a^2)(1 + i b^2) + i a^2 i b^2 ... : D = det(I - Sigma diag(i, -i))
  const [dr, di] = [1 + a * a * b * b * (1 - rho * rho), b * b - a * a];
  const square = [dr * dr - di * di, 2 * dr * di];
  const modulus = square[0]! ** 2 + square[1]! ** 2;
  const got = at(dual, 0, 1, rho, 0);
  const expected = [(rho * a * b * square[0]!) / modulus, (-rho * a * b * square[1]!) / modulus];
  assert.ok(Math.hypot(got.s[0]! - expected[0]!, got.s[1]! - expected[1]!) < 1e-10, `${got.s} against ${expected}`);
});

test('moments that do not exist are refused', () => {
  const refused = (phi: Activation, what: RegExp) => assert.throws(() => prepareGeneral(phi, {}, Float64Array.of(1), { derivatives: false, real: false }), (e: unknown) => e instanceof Fault && e.kind === 'not-supported' && what.test(e.message));
  refused(general((x, y, _p, out) => { out.fill(0); out[0] = Math.exp(0.6 * (x * x + y * y)); }), /grows with the radius/);
  refused(general((x, y, _p, out) => { out.fill(0); out[0] = 1 / Math.hypot(x - 0.5, y - 0.3); }), /refined/);
});

test('three Bessel functions at once', () => {
  const out = new Float64Array(3);
  for (let x = 1e-3; x < 1e5; x *= 1.3) {
    scaledBesselTriple(x, out);
    for (let m = 0; m < 3; m++) assert.ok(Math.abs(out[m]! - scaledBesselI(m, x)) < 2e-14 * scaledBesselI(0, x), `I_${m}(${x})`);
  }
});
