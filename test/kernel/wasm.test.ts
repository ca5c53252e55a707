// The assembled loops against plain ones in TypeScript, on random sizes and values, and at the values where formulas turn.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { openWorkspace, type Workspace } from '../../src/kernel/wasm/index.ts';

const ROUNDING = 2 ** -53;

/** Numbers in (-1, 1), the same for the same seed. */
function numbers(count: number, seed: number): Float64Array {
  let state = (seed * 2654435761 + 1) >>> 0;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  });
}

function planeOf(work: Workspace, values: ArrayLike<number>): Float64Array {
  const view = work.plane(values.length);
  view.set(values);
  return view;
}

function indicesOf(work: Workspace, values: ArrayLike<number>): Int32Array {
  const view = work.indices(values.length);
  view.set(values);
  return view;
}

/** A plane with a mark behind its last value, to see that nothing is written there. */
function guarded(work: Workspace, count: number): { view: Float64Array; intact: () => boolean } {
  const whole = work.plane(count + 2).fill(Math.E);
  return { view: whole.subarray(0, count), intact: () => whole[count] === Math.E && whole[count + 1] === Math.E };
}

describe('a workspace', () => {
  it('gives aligned planes that do not overlap, and takes them back', () => {
    const work = openWorkspace(1000);
    const [a, b] = [work.plane(3), work.indices(5)];
    const mark = work.mark();
    const c = work.plane(7);
    for (const view of [a, b, c]) assert.equal(view.byteOffset % 16, 0);
    assert.ok(b.byteOffset >= a.byteOffset + a.byteLength && c.byteOffset >= b.byteOffset + b.byteLength);
    work.release(mark);
    assert.equal(work.plane(1).byteOffset, c.byteOffset);
  });
  it('has room for what was asked and says when it is used up', () => {
    const work = openWorkspace(80_000);
    for (let k = 0; k < 10; k++) work.plane(1000);
    assert.throws(() => work.plane(100_000), RangeError);
  });
});

describe('products of rows', () => {
  const shapes = [[0, 3, 4], [3, 0, 4], [2, 3, 0], [1, 1, 1], [4, 2, 2], [5, 3, 7], [49, 2, 3], [50, 9, 256], [3, 5, 257], [7, 7, 1031]] as const;
  for (const [rows, columns, features] of shapes) {
    it(`${rows} x ${columns} of ${features} features`, () => {
      const work = openWorkspace(8 * (2 * (rows + columns) * features + 4 * rows * columns) + 1000);
      const [xr, xi] = [1, 2].map((seed) => planeOf(work, numbers(rows * features, seed)));
      const [yr, yi] = [3, 4].map((seed) => planeOf(work, numbers(columns * features, seed)));
      const [real, re, im] = [0, 1, 2].map(() => guarded(work, rows * columns));
      work.gram(rows, columns, features, xr!, yr!, real!.view);
      work.hermitianGram(rows, columns, features, xr!, xi!, yr!, yi!, re!.view, im!.view);
      for (const out of [real, re, im]) assert.ok(out!.intact());
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          let [p, r, m, size] = [0, 0, 0, 0];
          for (let k = 0; k < features; k++) {
            const [a, b, c, d] = [xr![i * features + k]!, xi![i * features + k]!, yr![j * features + k]!, yi![j * features + k]!];
            p += a * c;
            r += a * c + b * d;
            m += b * c - a * d;
            size += Math.hypot(a, b) * Math.hypot(c, d);
          }
          const bound = 2 * ROUNDING * (2 + Math.sqrt(features)) * size;
          for (const [got, want] of [[real!, p], [re!, r], [im!, m]] as const) assert.ok(Math.abs(got.view[i * columns + j]! - want) <= bound, `${i}, ${j}`);
        }
      }
    });
  }
  it('of rows with themselves are real on the diagonal', () => {
    const [n, features] = [5, 515];
    const work = openWorkspace(8 * (2 * n * features + 2 * n * n) + 1000);
    const [xr, xi] = [planeOf(work, numbers(n * features, 1)), planeOf(work, numbers(n * features, 2))];
    const [re, im] = [work.plane(n * n), work.plane(n * n)];
    work.hermitianGram(n, n, features, xr, xi, xr, xi, re, im);
    for (let i = 0; i < n; i++) assert.equal(im[i * n + i], 0);
  });
});

describe('the arc-cosine dual', () => {
  const F = (c: number) => (Math.sqrt(Math.max(0, (1 - c) * (1 + c))) + c * (Math.PI - Math.acos(c))) / (2 * Math.PI);
  const P = (c: number) => (Math.PI - Math.acos(c)) / (2 * Math.PI);
  const dual = (c: number, s: number) => ({ k: (1 + s * s) * F(c) - 2 * s * F(-c), kd: (1 + s * s) * P(c) + 2 * s * P(-c) });
  const TOLERANCE = 1e-15; // of this reference and the loop together, relative to the values at c = 1
  const special = [0, -0, 1, -1, 0.5, -0.5, 1 - 2 ** -53, 2 ** -53 - 1, 0.5 + 2 ** -53, 1e-300, -1e-20];
  const correlation = fc.oneof(fc.constantFrom(...special), fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: 0, max: 1e-6, noNaN: true }).map((d) => 1 - d));
  const slope = fc.oneof(fc.constantFrom(0, 1, -1, 0.01), fc.double({ min: -2, max: 2, noNaN: true }));
  const std = [0, 0.3, 1, 7];

  it('of real normals', () => {
    fc.assert(fc.property(fc.array(correlation, { maxLength: 9 }), slope, fc.boolean(), (c, s, derivatives) => {
      const work = openWorkspace(4000);
      const list = planeOf(work, std);
      const [left, right] = [c.map((_, t) => t % 4), c.map((_, t) => (3 * t + 2) % 4)];
      const [k, kd] = [guarded(work, c.length), guarded(work, c.length)];
      k.view.set(c);
      work.arcCosine(c.length, indicesOf(work, left), indicesOf(work, right), list, s, k.view, kd.view, derivatives);
      assert.ok(k.intact() && kd.intact());
      const bound = TOLERANCE * (1 + s * s);
      c.forEach((x, t) => {
        const [want, ab] = [dual(x, s), std[left[t]!]! * std[right[t]!]!];
        assert.ok(Math.abs(k.view[t]! - ab * want.k) <= bound * ab, `k(${x}), slope ${s}`);
        if (derivatives) assert.ok(Math.abs(kd.view[t]! - want.kd) <= bound, `kd(${x}), slope ${s}`);
        else assert.equal(kd.view[t], Math.E);
      });
    }), { numRuns: 300 });
  });

  it('is exact at the ends and keeps small values near them', () => {
    const work = openWorkspace(4000);
    const near = 2 ** -40;
    const k = planeOf(work, [1, -1, 1 - near, near - 1]);
    const kd = work.plane(4);
    const none = indicesOf(work, [0, 0, 0, 0]);
    work.arcCosine(4, none, none, planeOf(work, [1]), 0, k, kd, true);
    assert.deepEqual([...k.subarray(0, 2), ...kd.subarray(0, 2)], [0.5, 0, 0.5, 0]);
    // arccos(1 - d) = sqrt(2 d) (1 + d/12 + ...)
    const angle = Math.sqrt(2 * near) * (1 + near / 12);
    assert.ok(Math.abs(kd[3]! / (angle / (2 * Math.PI)) - 1) < 4 * ROUNDING);
    assert.equal(kd[2], 0.5 - kd[3]!);
  });

  it('of split activations', () => {
    const point = fc.tuple(correlation, correlation).map(([x, y]) => (Math.hypot(x, y) > 1 ? [x, 0] as const : [x, y] as const));
    fc.assert(fc.property(fc.array(point, { maxLength: 9 }), slope, fc.boolean(), fc.boolean(), (rho, s, derivatives, real) => {
      const work = openWorkspace(4000);
      const list = planeOf(work, std);
      const [left, right] = [rho.map((_, t) => t % 4), rho.map((_, t) => (3 * t + 2) % 4)];
      const [re, im, a, b] = [0, 1, 2, 3].map(() => guarded(work, rho.length)) as [Guarded, Guarded, Guarded, Guarded];
      re.view.set(rho.map((z) => z[0]));
      im.view.set(rho.map((z) => (real ? 0 : z[1])));
      work.splitArcCosine(rho.length, indicesOf(work, left), indicesOf(work, right), list, s, re.view, im.view, a.view, b.view, derivatives, real);
      for (const plane of [re, im, a, b]) assert.ok(plane.intact());
      const bound = TOLERANCE * (1 + s * s);
      rho.forEach(([x, y0], t) => {
        const y = real ? 0 : y0;
        const half = std[left[t]!]! * std[right[t]!]! / 2;
        const [one, plus, minus] = [dual(x, s), dual(y, s), dual(-y, s)];
        assert.ok(Math.abs(re.view[t]! - half * 2 * one.k) <= 2 * half * bound, `Re S(${x}, ${y}), slope ${s}`);
        assert.ok(Math.abs(im.view[t]! - half * (plus.k - minus.k)) <= 2 * half * bound, `Im S(${x}, ${y}), slope ${s}`);
        if (!derivatives) return;
        const cross = plus.kd + minus.kd;
        assert.ok(Math.abs(a.view[t]! - (2 * one.kd + cross) / 4) <= bound, `A(${x}, ${y}), slope ${s}`);
        assert.ok(Math.abs(b.view[t]! - (2 * one.kd - cross) / 4) <= bound, `B(${x}, ${y}), slope ${s}`);
      });
    }), { numRuns: 300 });
  });
});

type Guarded = ReturnType<typeof guarded>;
