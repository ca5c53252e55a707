// Every activation: derivatives against finite differences, structure as claimed, the tabulated gains against the kernel.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { activations } from '../../src/catalog/activations/index.ts';
import type { Activation } from '../../src/catalog/activations/activation.ts';
import { tabulatedGains } from '../../scripts/tabulate-gains.ts';

// Even over the square: fc.double would crowd at 0, where most activations bend.
const coordinate = fc.integer({ min: -3000, max: 3000 }).map((k) => k / 1000 + 0.0003);
const point = fc.record({ x: coordinate, y: coordinate });
const value = (a: Activation, x: number, y: number) => {
  const out = new Float64Array(6);
  a.evaluate(x, y, a.parameters, out);
  return out;
};

/** Points near a bend or a jump, or a pole, tell nothing about derivatives there. */
function smoothNear(a: Activation, x: number, y: number): boolean {
  const far = (v: number, from: number[]) => from.every((k) => Math.abs(v - k) > 1e-4);
  const r = Math.hypot(x, y);
  if (r < 1e-2) return false;
  if (a.scalar) return far(x, a.scalar.kinks(a.parameters)) && far(y, a.scalar.kinks(a.parameters));
  if (a.radial) return far(r, a.radial.kinks(a.parameters));
  if (a.angular) return Math.abs(x) > 1e-4 && Math.abs(y) > 1e-4;
  return Math.abs(Math.abs(y) - Math.PI / 2) > 0.1 && Math.abs(Math.abs(y) - Math.PI) > 0.2;
}

for (const a of activations) {
  test(`${a.id}: phi_z and phi_zbar are its derivatives`, () => {
    fc.assert(fc.property(point, ({ x, y }) => {
      const real = a.field === 'real';
      const at = real ? 0 : y;
      fc.pre(smoothNear(a, x, real ? 1 : at));
      const e = 1e-6;
      const d = (k: 0 | 1, dx: number, dy: number) => (value(a, x + dx * e, at + dy * e)[k]! - value(a, x - dx * e, at - dy * e)[k]!) / (2 * e);
      const [xr, xi, yr, yi] = [d(0, 1, 0), d(1, 1, 0), d(0, 0, 1), d(1, 0, 1)];
      const got = value(a, x, at);
      const want = real ? [got[0], 0, xr / 2, 0, xr / 2, 0] : [got[0], got[1], (xr + yi) / 2, (xi - yr) / 2, (xr - yi) / 2, (xi + yr) / 2];
      got.forEach((v, k) => assert.ok(Math.abs(v - want[k]!) < 1e-6 * (1 + Math.abs(v)), `at ${x} + ${at}i, part ${k}: ${v} against ${want[k]}`));
    }), { numRuns: 80 });
  });

  test(`${a.id}: structure as claimed`, () => {
    fc.assert(fc.property(point, fc.double({ min: 0.1, max: 3, noNaN: true }), fc.double({ min: -3, max: 3, noNaN: true }), ({ x, y }, scale, turn) => {
      const f = value(a, x, a.field === 'real' ? 0 : y);
      const near = (u: number, v: number, what: string) => assert.ok(Math.abs(u - v) < 1e-9 * (1 + Math.abs(u)), `${what} at ${x} + ${y}i: ${u} against ${v}`);
      if (a.structure.includes('split')) {
        near(f[0]!, value(a, x, 0.7)[0]!, 'split');
        near(f[1]!, value(a, y, x)[0]!, 'split');
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
    }), { numRuns: 60 });
  });
}

test('ids are unique, every limit that is missing has a reason', () => {
  assert.equal(new Set(activations.map((a) => a.id)).size, activations.length);
  for (const a of activations) {
    const limit = a.limit(a.parameters);
    if (limit.exists !== 'ntk') assert.ok(limit.reason && limit.reason.length > 20, a.id);
  }
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
