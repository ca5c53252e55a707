// Every activation: derivatives against finite differences, structure as claimed, the tabulated gains against the kernel.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { activationOf, activations, aliases, findActivation } from '../../src/catalog/activations/index.ts';
import { withDefaults, type Activation } from '../../src/catalog/activations/activation.ts';
import { everyLibrary } from '../../src/catalog/libraries/index.ts';
import { scalars } from '../../src/catalog/scalars/index.ts';
import { tabulatedGains } from '../../scripts/tabulate-gains.ts';

// Even over the square: fc.double would crowd at 0, where most activations bend.
const coordinate = fc.integer({ min: -3000, max: 3000 }).map((k) => k / 1000 + 0.0003);
const point = fc.record({ x: coordinate, y: coordinate });
const seeded = (numRuns: number) => ({ numRuns, seed: 20240531 });
const value = (a: Activation, x: number, y: number) => {
  const out = new Float64Array(6);
  a.evaluate(x, y, a.parameters, out);
  return out;
};

/** Points near a bend, a cut or a pole tell nothing about derivatives there. */
function smoothNear(a: Activation, x: number, y: number): boolean {
  const p = a.parameters;
  const far = (v: number, from: number[] = []) => from.every((k) => Math.abs(v - k) > 1e-3);
  const r = Math.hypot(x, y);
  if (a.field === 'real') return far(x, a.scalar!.kinks(p));
  const kinks = a.kinks?.(p) ?? {};
  const rays = [...(kinks.angles ?? []), ...(a.angular?.kinks(p) ?? [])];
  // Small values, not smooth functions: steep without being finite differences' friends.
  return r > 2e-2 && value(a, x, y).every((v) => Math.abs(v) < 50)
    && far(x, [...(a.scalar?.kinks(p) ?? []), ...(kinks.x ?? [])]) && far(y, [...((a.imaginary ?? a.scalar)?.kinks(p) ?? []), ...(kinks.y ?? [])])
    && far(r, [...(a.radial?.kinks(p) ?? []), ...(kinks.radii ?? [])]) && rays.every((t) => r * Math.abs(Math.sin(Math.atan2(y, x) - t)) > 1e-3);
}

for (const a of activations) {
  test(`${a.id}: phi_z and phi_zbar are its derivatives`, () => {
    fc.assert(fc.property(point, ({ x, y }) => {
      const real = a.field === 'real';
      const at = real ? 0 : y;
      fc.pre(smoothNear(a, x, at));
      const got = value(a, x, at);
      const differences = (e: number) => {
        const d = (k: 0 | 1, dx: number, dy: number) => (value(a, x + dx * e, at + dy * e)[k]! - value(a, x - dx * e, at - dy * e)[k]!) / (2 * e);
        const [xr, xi, yr, yi] = [d(0, 1, 0), d(1, 1, 0), d(0, 0, 1), d(1, 0, 1)];
        return real ? [got[0]!, 0, xr / 2, 0, xr / 2, 0] : [got[0]!, got[1]!, (xr + yi) / 2, (xi - yr) / 2, (xr - yi) / 2, (xi + yr) / 2];
      };
      // Richardson: the step's own error cancels.
      const [near, far] = [differences(1e-5), differences(2e-5)];
      got.forEach((v, k) => {
        const want = (4 * near[k]! - far[k]!) / 3;
        assert.ok(Math.abs(v - want) < 1e-7 * (1 + Math.max(...got.map(Math.abs))), `at ${x} + ${at}i, part ${k}: ${v} against ${want}`);
      });
    }), seeded(60));
  });

  test(`${a.id}: structure as claimed`, () => {
    fc.assert(fc.property(point, fc.double({ min: 0.1, max: 3, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true }), ({ x, y }, scale, turn) => {
      const f = value(a, x, a.field === 'real' ? 0 : y);
      const near = (u: number, v: number, what: string) => assert.ok(Math.abs(u - v) < 1e-9 * (1 + Math.abs(u)), `${what} at ${x} + ${y}i: ${u} against ${v}`);
      if (a.structure.includes('split')) {
        near(f[0]!, value(a, x, 0.7)[0]!, 'split');
        near(f[1]!, value(a, 0.7, y)[1]!, 'split');
        near(f[0]!, a.scalar!.value(x, a.parameters), 'split');
        near(f[1]!, (a.imaginary ?? a.scalar!).value(y, a.parameters), 'split');
      }
      if (a.structure.includes('homogeneous')) {
        const g = value(a, scale * x, scale * y);
        near(scale * f[0]!, g[0]!, 'homogeneous');
        near(scale * f[1]!, g[1]!, 'homogeneous');
      }
      if (a.structure.includes('equivariant')) {
        const [c, s] = [Math.cos(turn), Math.sin(turn)];
        const g = value(a, c * x - s * y, s * x + c * y);
        near(c * f[0]! - s * f[1]!, g[0]!, 'equivariant');
        near(s * f[0]! + c * f[1]!, g[1]!, 'equivariant');
      }
      if (a.structure.includes('holomorphic')) assert.ok(f[4] === 0 && f[5] === 0);
      if (a.output === 'real') {
        assert.equal(f[1], 0);
        near(f[4]!, f[2]!, 'phi_zbar = conj phi_z');
        near(f[5]!, -f[3]!, 'phi_zbar = conj phi_z');
      }
      if (a.holomorphic) {
        // sum_n f_n z^n, f_n sqrt(n!) as given
        let [re, im, pr, pi] = [0, 0, 1, 0];
        for (let n = 0; n < 60; n++) {
          const [cr, ci] = a.holomorphic.coefficient(n, a.parameters);
          re += cr * pr - ci * pi;
          im += cr * pi + ci * pr;
          [pr, pi] = [(pr * x - pi * y) / Math.sqrt(n + 1), (pr * y + pi * x) / Math.sqrt(n + 1)];
        }
        near(f[0]!, re, 'series');
        near(f[1]!, im, 'series');
      }
    }), seeded(60));
  });
}

test('real and complex field, output and the way to the dual fit together', () => {
  for (const a of activations) {
    const ways = [a.scalar, a.radial, a.angular, a.holomorphic].filter((w) => w !== undefined).length;
    assert.ok(ways <= 1, a.id);
    if (a.field === 'real') assert.ok(a.scalar && !a.output, a.id);
    if (a.imaginary) assert.ok(a.scalar, a.id);
    // Only what has another way to its dual may leave its bends unsaid.
    if (ways === 0 && a.limit(a.parameters).exists !== 'none') assert.ok(a.kinks, a.id);
    assert.ok(a.label && a.formula, a.id);
    for (const v of Object.values(a.parameters)) assert.ok(Number.isFinite(v), a.id);
    assert.ok(a.evaluate.length === 4);
    assert.ok(value(a, 0, 0).slice(0, 2).every((v) => !Number.isNaN(v)) || a.limit(a.parameters).exists !== 'ntk', `${a.id} at 0`);
  }
});

test('ids are unique and resolve, aliases too; every limit that is missing has a reason', () => {
  assert.equal(new Set(activations.map((a) => a.id)).size, activations.length);
  for (const a of activations) {
    assert.equal(findActivation(a.id), a);
    assert.equal(activationOf(a.id, {}), a);
    const limit = a.limit(a.parameters);
    if (limit.exists !== 'ntk') assert.ok(limit.reason && limit.reason.length > 20, a.id);
  }
  for (const [alias, id] of Object.entries(aliases)) {
    assert.equal(findActivation(alias), findActivation(id), alias);
    assert.ok(!activations.some((a) => a.id === alias), `${alias} is an id too`);
  }
  assert.equal(findActivation('constructor'), undefined);
});

test('every row of every library names an activation and parameters that exist', () => {
  for (const library of everyLibrary) {
    for (const row of library.spellings) {
      if (row.kind !== 'activation') continue;
      for (const id of [row.activation, row.realActivation]) if (id) assert.ok(findActivation(id), `${library.id} ${row.names[0]}: ${id}`);
      const known = Object.assign({}, ...[row.activation, row.realActivation].map((id) => (id ? findActivation(id)!.parameters : {})));
      for (const key of Object.keys(row.parameters ?? {})) if (!row.adjust && row.activation && !['approximate', 'learnable'].includes(key)) assert.ok(Object.hasOwn(known, key), `${library.id} ${row.names[0]}: ${key}`);
    }
    const names = library.spellings.flatMap((s) => s.names);
    assert.equal(new Set(names).size, names.length, `a name stands twice in ${library.id}`);
  }
});

const limitOf = (id: string, parameters: Record<string, number> = {}) => {
  const a = findActivation(id)!;
  return a.limit(withDefaults(a, parameters));
};

test('limits: what diverges decides, by parameter where one matters', () => {
  const none = ['tanh-holomorphic', 'tan-holomorphic', 'sigmoid-holomorphic', 'sigmoid-reflected', 'silu-holomorphic', 'gelu-holomorphic', 'gelu-tanh-holomorphic', 'tanhshrink-holomorphic'];
  const nngp = ['atan-holomorphic', 'atanh-holomorphic', 'softplus-holomorphic', 'log-holomorphic', 'polar-sigmoid', 'phase-only', 'angle'];
  for (const id of none) assert.equal(limitOf(id).exists, 'none', id);
  for (const id of nngp) assert.equal(limitOf(id).exists, 'nngp', id);
  for (const a of activations) if (!none.includes(a.id) && !nngp.includes(a.id)) assert.equal(a.limit(a.parameters).exists, 'ntk', a.id);
  assert.equal(limitOf('modrelu', { bias: 0.1 }).exists, 'nngp');
  assert.equal(limitOf('modrelu-threshold', { threshold: -0.1 }).exists, 'nngp');
  assert.equal(limitOf('modrelu-regular', { bias: 1, c: 0 }).exists, 'nngp');
  assert.equal(limitOf('modrelu-regular', { bias: -1, c: 0 }).exists, 'ntk');
  assert.equal(limitOf('siglog', { c: 0 }).exists, 'nngp');
  assert.equal(limitOf('siglog', { c: -0.5 }).exists, 'none');
});

test('names of one function for another: the turned sign, the reflected argument, both zAbsReLU', () => {
  const at = (id: string, p: Record<string, number>, x: number, y: number) => {
    const a = findActivation(id)!;
    const out = new Float64Array(6);
    a.evaluate(x, y, withDefaults(a, p), out);
    return [...out];
  };
  assert.deepEqual(at('modrelu-threshold', { threshold: 0.4 }, 0.8, -0.3), at('modrelu', { bias: -0.4 }, 0.8, -0.3));
  const [re, im] = at('sigmoid-reflected', {}, 0.8, -0.3);
  const [ure, uim] = at('sigmoid-holomorphic', {}, -0.8, 0.3);
  assert.deepEqual([re, im], [ure, uim]);
  assert.deepEqual(at('zabsrelu', { threshold: 1 }, 0.3, 0.4).slice(0, 2), [0, 0]);
  assert.deepEqual(at('zabsrelu-inside', { threshold: 1 }, 0.3, 0.4).slice(0, 2), [0.3, 0.4]);
  assert.deepEqual(at('split-prelu', { slope: 0.5, imaginarySlope: 0.1 }, -2, -2).slice(0, 2), [-1, -0.2]);
  assert.deepEqual(at('half-plane-relu', {}, 0.3, -5).slice(0, 2).map((v) => Math.round(v * 1e12) / 1e12), [0.3, -5]);
  assert.equal(at('real-part-relu', {}, -0.3, -5)[1], -5);
});

test('scalars stay finite and keep their relative precision far out and near 0', () => {
  for (const g of scalars) {
    for (const x of [-1e5, -745, -38, -1e-7, 1e-7, 38, 700, 1e5]) {
      if (g.id === 'exponential' && x > 709) continue;
      assert.ok(Number.isFinite(g.value(x, g.parameters)) && Number.isFinite(g.derivative(x, g.parameters)), `${g.id} at ${x}`);
    }
  }
  const near = (id: string, x: number, want: number): void => {
    const got = scalars.find((g) => g.id === id)!.value(x, scalars.find((g) => g.id === id)!.parameters);
    assert.ok(Math.abs(got - want) <= 1e-14 * Math.abs(want), `${id}(${x}) = ${got}, not ${want}`);
  };
  near('softplus', -40, Math.exp(-40));
  near('log-sigmoid', 40, -Math.exp(-40));
  near('mish', -40, -40 * Math.exp(-40));
  near('tanhshrink', 1e-4, 1e-12 / 3 - (2e-20) / 15);
  near('celu', -1e-9, Math.expm1(-1e-9));
  near('squareplus', -1e5, 4 / (2 * (Math.sqrt(1e10 + 4) + 1e5)));
});

test('the tabulated gains are the kernel\'s (node --import tsx scripts/gains.ts writes them)', () => {
  const stored = JSON.parse(readFileSync(new URL('../../src/catalog/gains.json', import.meta.url), 'utf8'));
  const now = tabulatedGains();
  assert.deepEqual(Object.keys(stored), Object.keys(now));
  for (const [key, { gain, derivativeGain }] of Object.entries(now)) {
    assert.ok(Math.abs(stored[key].gain - gain) <= 1e-9 * gain, key);
    assert.ok(Math.abs((stored[key].derivativeGain ?? 0) - (derivativeGain ?? 0)) <= 1e-9 * (derivativeGain ?? 1), key);
  }
});
