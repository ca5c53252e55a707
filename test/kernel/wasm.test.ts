// The assembled loops against plain ones in TypeScript, on random sizes and values, and at the values where formulas turn.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { openWorkspace, type TwoSided, type Workspace } from '../../src/kernel/wasm/index.ts';

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
      const work = openWorkspace(8 * (3 * (rows + columns) * features + 5 * rows * columns) + 1000);
      const [xr, xi] = [1, 2].map((seed) => planeOf(work, numbers(rows * features, seed)));
      const [yr, yi] = [3, 4].map((seed) => planeOf(work, numbers(columns * features, seed)));
      const [real, re, im] = [0, 1, 2].map(() => guarded(work, rows * columns));
      work.gram(rows, columns, features, 0.3, xr!, yr!, real!.view);
      const [sums, part] = [work.plane((rows + columns) * features), work.plane(rows * columns)];
      work.hermitianGram(rows, columns, features, 0.3, xr!, xi!, yr!, yi!, sums, part, re!.view, im!.view);
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
          // Three products stand for four: their sums are larger than what is left of them.
          for (const [got, want, factor] of [[real!, p, 1], [re!, r, 1], [im!, m, 3]] as const) assert.ok(Math.abs(got.view[i * columns + j]! - 0.3 * want) <= factor * bound, `${i}, ${j}`);
        }
      }
    });
  }
  it('of rows with themselves are real on the diagonal, but for rounding', () => {
    const [n, features] = [5, 515];
    const work = openWorkspace(8 * (4 * n * features + 3 * n * n) + 1000);
    const [xr, xi] = [planeOf(work, numbers(n * features, 1)), planeOf(work, numbers(n * features, 2))];
    const [re, im] = [work.plane(n * n), work.plane(n * n)];
    work.hermitianGram(n, n, features, 1 / 7, xr, xi, xr, xi, work.plane(2 * n * features), work.plane(n * n), re, im);
    for (let i = 0; i < n; i++) assert.ok(Math.abs(im[i * n + i]!) <= 6 * ROUNDING * Math.sqrt(features) * re[i * n + i]!);
  });
});

describe('correlations unfolded', () => {
  it('are square roots of the distance from either end, with the nearest told', () => {
    const work = openWorkspace(4096);
    const cov = planeOf(work, [2, 1, 0, -0.5, -2, 2 * (1 - 1e-15), 1.98]);
    const roots = planeOf(work, [1, 1, 1, 1, 1, 1, 1]);
    const out = work.plane(7);
    const nearest = work.unfold(7, cov, 2, roots, 8e-15, out);
    const want = [0, Math.sqrt(0.5), 1, 2 - Math.sqrt(0.75), 2, 0, Math.sqrt(0.01)];
    want.forEach((w, i) => assert.ok(Math.abs(out[i]! - w) < 1e-15, `${i}: ${out[i]}`));
    assert.ok(Math.abs(nearest - 0.1) < 1e-14);
    assert.equal(work.unfold(1, cov, 2, roots, 8e-15, out), 2);
  });
});

describe('the arc-cosine dual', () => {
  const F = (c: number) => (Math.sqrt(Math.max(0, (1 - c) * (1 + c))) + c * (Math.PI - Math.acos(c))) / (2 * Math.PI);
  const P = (c: number) => (Math.PI - Math.acos(c)) / (2 * Math.PI);
  const dual = (c: number, { same, crossed }: TwoSided) => ({ k: same * F(c) - crossed * F(-c), kd: same * P(c) + crossed * P(-c) });
  const TOLERANCE = 1e-15; // of this reference and the loop together, relative to the slopes
  const special = [0, -0, 1, -1, 0.5, -0.5, 1 - 2 ** -53, 2 ** -53 - 1, 0.5 + 2 ** -53, 1e-300, -1e-20];
  const correlation = fc.oneof(fc.constantFrom(...special), fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: 0, max: 1e-6, noNaN: true }).map((d) => 1 - d));
  const slope = fc.oneof(fc.constantFrom(0, 1, -1, 0.01), fc.integer({ min: -2000, max: 2000 }).map((n) => n / 1000));
  const std = [0, 0.3, 1, 7];
  const lists = (count: number): [number[], number[]] => [Array.from({ length: count }, (_, t) => t % 4), Array.from({ length: count }, (_, t) => (3 * t + 2) % 4)];

  it('of two real functions', () => {
    const slopes = fc.tuple(slope, slope, slope).map(([p, q, r]): TwoSided => ({ same: p + q * r, crossed: p * r + q }));
    fc.assert(fc.property(fc.array(correlation, { maxLength: 9 }), slopes, fc.boolean(), fc.boolean(), (c, both, derivatives, inPlace) => {
      const work = openWorkspace(4000);
      const list = planeOf(work, std);
      const [left, right] = lists(c.length);
      const [k, kd] = [guarded(work, c.length), guarded(work, c.length)];
      const from = inPlace ? k.view : work.plane(c.length);
      from.set(c);
      work.arcCosine(c.length, indicesOf(work, left), indicesOf(work, right), list, both, from, k.view, kd.view, derivatives);
      assert.ok(k.intact() && kd.intact());
      const bound = TOLERANCE * (Math.abs(both.same) + Math.abs(both.crossed));
      c.forEach((x, t) => {
        const [want, ab] = [dual(x, both), std[left[t]!]! * std[right[t]!]!];
        assert.ok(Math.abs(k.view[t]! - ab * want.k) <= bound * ab, `k(${x})`);
        if (derivatives) assert.ok(Math.abs(kd.view[t]! - want.kd) <= bound, `kd(${x})`);
        else assert.equal(kd.view[t], Math.E);
      });
    }), { numRuns: 300 });
  });

  it('is exact at the ends and keeps small values near them', () => {
    const work = openWorkspace(4000);
    const near = 2 ** -40;
    const c = planeOf(work, [1, -1, 1 - near, near - 1]);
    const [k, kd] = [work.plane(4), work.plane(4)];
    const none = indicesOf(work, [0, 0, 0, 0]);
    work.arcCosine(4, none, none, planeOf(work, [1]), { same: 1, crossed: 0 }, c, k, kd, true);
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
      const [left, right] = lists(rho.length);
      const [re, im, a, b] = [0, 1, 2, 3].map(() => guarded(work, rho.length)) as [Guarded, Guarded, Guarded, Guarded];
      re.view.set(rho.map((z) => z[0]));
      if (!real) im.view.set(rho.map((z) => z[1]));
      const both: TwoSided = { same: 1 + s * s, crossed: 2 * s };
      work.splitArcCosine(rho.length, indicesOf(work, left), indicesOf(work, right), list, both, re.view, im.view, a.view, b.view, derivatives, real);
      for (const plane of [re, im, a, b]) assert.ok(plane.intact());
      if (real) assert.ok(im.view.every((v) => v === Math.E));
      const bound = TOLERANCE * (1 + Math.abs(s)) ** 2;
      rho.forEach(([x, y0], t) => {
        const y = real ? 0 : y0;
        const half = std[left[t]!]! * std[right[t]!]! / 2;
        const [one, plus, minus] = [dual(x, both), dual(y, both), dual(-y, both)];
        assert.ok(Math.abs(re.view[t]! - half * 2 * one.k) <= 2 * half * bound, `Re S(${x}, ${y}), slope ${s}`);
        if (!real) assert.ok(Math.abs(im.view[t]! - half * (plus.k - minus.k)) <= 2 * half * bound, `Im S(${x}, ${y}), slope ${s}`);
        if (!derivatives) return;
        const cross = plus.kd + minus.kd;
        assert.ok(Math.abs(a.view[t]! - (2 * one.kd + cross) / 4) <= bound, `A(${x}, ${y}), slope ${s}`);
        assert.ok(Math.abs(b.view[t]! - (2 * one.kd - cross) / 4) <= bound, `B(${x}, ${y}), slope ${s}`);
      });
    }), { numRuns: 300 });
  });
});

describe('the duals of erf and gelu', () => {
  type Dual = (a: number, b: number, c: number) => { k: number; kd: number };
  const erf: Dual = (a, b, c) => {
    const [A, B] = [2 * a * a, 2 * b * b];
    const root = Math.sqrt(1 + A + B + A * B * (1 - c) * (1 + c));
    return { k: (2 / Math.PI) * Math.atan2(2 * a * b * c, root), kd: 4 / Math.PI / root };
  };
  const gelu: Dual = (a, b, c) => {
    const [A, B, C] = [a * a, b * b, a * b * c];
    const gap = A * B * (1 - c) * (1 + c);
    const D = 1 + A + B + gap;
    const p = 1 / (2 * Math.PI * Math.sqrt(D));
    const t = 0.25 + Math.atan2(C, Math.sqrt(D)) / (2 * Math.PI);
    return { k: p * ((A * (B + gap)) / (1 + A) + (C * C) / (1 + B)) + C * t, kd: t + C * p * (1 / (1 + A) + 1 / (1 + B) + 1 / D) };
  };
  const correlation = fc.oneof(fc.constantFrom(0, 1, -1, 0.5, -0.5, 1 - 2 ** -53), fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: 0, max: 1e-6, noNaN: true }).map((d) => d - 1));
  const std = [0, 1e-3, 0.4, 1, 30, 1e4];
  const entry = fc.tuple(fc.nat(5), fc.nat(5), correlation);

  for (const [name, dual] of [['erfDual', erf], ['geluDual', gelu]] as const) {
    it(name, () => {
      fc.assert(fc.property(fc.array(entry, { maxLength: 7 }), fc.boolean(), fc.boolean(), (entries, derivatives, inPlace) => {
        const work = openWorkspace(4000);
        const n = entries.length;
        const [k, kd] = [guarded(work, n), guarded(work, n)];
        const c = inPlace ? k.view : work.plane(n);
        c.set(entries.map((e) => e[2]));
        const [left, right] = [indicesOf(work, entries.map((e) => e[0])), indicesOf(work, entries.map((e) => e[1]))];
        work[name](n, left, right, planeOf(work, std), c, k.view, kd.view, derivatives);
        assert.ok(k.intact() && kd.intact());
        entries.forEach(([i, j, x], t) => {
          const [want, one, other] = [dual(std[i]!, std[j]!, x), dual(std[i]!, std[i]!, 1), dual(std[j]!, std[j]!, 1)];
          assert.ok(Math.abs(k.view[t]! - want.k) <= 1e-15 * Math.sqrt(one.k * other.k), `k(${x}) at ${std[i]}, ${std[j]}`);
          if (derivatives) assert.ok(Math.abs(kd.view[t]! - want.kd) <= 1e-15 * Math.sqrt(one.kd * other.kd), `kd(${x}) at ${std[i]}, ${std[j]}`);
          else assert.equal(kd.view[t], Math.E);
        });
      }), { numRuns: 300 });
    });
  }
});

describe('entry by entry', () => {
  for (const count of [0, 1, 2, 7]) {
    it(`the chain rule and weights of ${count} entries`, () => {
      const work = openWorkspace(10_000);
      const random = (seed: number) => planeOf(work, numbers(count, seed));
      const [aRe, aIm, bRe, bIm] = [1, 2, 3, 4].map(random) as [Float64Array, Float64Array, Float64Array, Float64Array];
      const [x, y] = [numbers(count, 5), numbers(count, 6)];
      const fresh = (values: Float64Array): Guarded => {
        const made = guarded(work, count);
        made.view.set(values);
        return made;
      };
      const check = (made: Guarded, want: (t: number) => number): void => {
        assert.ok(made.intact());
        made.view.forEach((v, t) => assert.ok(Math.abs(v - want(t)) <= 8 * ROUNDING, `${v} is not ${want(t)}`));
      };
      let [tRe, tIm] = [fresh(x), fresh(y)];
      work.chain(count, tRe.view, tIm.view, aRe, aIm, bRe, bIm);
      check(tRe, (t) => aRe[t]! * x[t]! - aIm[t]! * y[t]! + bRe[t]! * x[t]! + bIm[t]! * y[t]!);
      check(tIm, (t) => aRe[t]! * y[t]! + aIm[t]! * x[t]! - bRe[t]! * y[t]! + bIm[t]! * x[t]!);
      for (const real of [false, true]) {
        [tRe, tIm] = [fresh(x), fresh(y)];
        work.chainReal(count, tRe.view, tIm.view, aRe, bRe, real);
        check(tRe, (t) => (aRe[t]! + bRe[t]!) * x[t]!);
        check(tIm, (t) => (real ? y[t]! : (aRe[t]! - bRe[t]!) * y[t]!));
      }
      for (const tangent of [false, true]) {
        [tRe, tIm] = [fresh(x), fresh(y)];
        work.weigh(count, 1.7, 0.2, tRe.view, tIm.view, tangent);
        check(tRe, (t) => 1.7 * x[t]! + 0.2);
        check(tIm, (t) => (tangent ? 1.7 * x[t]! + 0.2 + 1.7 * y[t]! : y[t]!));
      }
    });
  }

  it('covariances to correlations, onto the circle within the snap', () => {
    const std = [2, 0, 0.5];
    const snap = 1e-12;
    const inside = fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.double({ min: -4, max: 4, noNaN: true })).map(([r, a]) => [r * Math.cos(a), r * Math.sin(a)] as const);
    const edge = fc.tuple(fc.constantFrom(1, 1 - 1e-13, 1 + 1e-13), fc.constantFrom(0, 1e-13, Math.PI / 2, Math.PI, -Math.PI / 2, 1, -2)).map(([r, a]) => [r * Math.cos(a), r * Math.sin(a)] as const);
    fc.assert(fc.property(fc.array(fc.oneof(inside, edge), { maxLength: 9 }), fc.boolean(), (rho, real) => {
      const work = openWorkspace(4000);
      const n = rho.length;
      const [left, right] = [rho.map((_, t) => t % 3), rho.map((_, t) => (2 * t) % 3)];
      const [re, im] = [guarded(work, n), guarded(work, n)];
      const scale = rho.map((_, t) => std[left[t]!]! * std[right[t]!]!);
      re.view.set(rho.map((z, t) => z[0] * scale[t]!));
      if (!real) im.view.set(rho.map((z, t) => z[1] * scale[t]!));
      const largest = work.correlate(n, indicesOf(work, left), indicesOf(work, right), planeOf(work, std), re.view, im.view, real, snap);
      assert.ok(re.intact() && im.intact());
      let want = 0;
      rho.forEach(([x0, y0], t) => {
        const [x, y] = scale[t] === 0 ? [0, 0] : real ? [x0, 0] : [x0, y0];
        const [gotX, gotY] = [re.view[t]!, real ? 0 : im.view[t]!];
        const square = x * x + y * y;
        if (square < 1 - 1.5 * snap) {
          want = Math.max(want, square);
          assert.ok(Math.abs(gotX - x) <= 2 * ROUNDING && Math.abs(gotY - y) <= 2 * ROUNDING);
          return;
        }
        const modulus = Math.sqrt(square);
        assert.ok(Math.abs(gotX - x / modulus) <= snap && Math.abs(gotY - y / modulus) <= snap);
        if (Math.abs(y) < 1e-12) assert.ok(gotX === Math.sign(x) && gotY === 0);
        else if (Math.abs(x) < 1e-12) assert.ok(gotX === 0 && gotY === Math.sign(y));
        else assert.ok(Math.abs(Math.hypot(gotX, gotY) - 1) <= 2 * ROUNDING);
      });
      assert.ok(Math.abs(largest - want) <= 8 * ROUNDING, `${largest} is not ${want}`);
    }), { numRuns: 300 });
  });
});

describe('windows', () => {
  /** Taps of a window of odd size around each place, -1 outside. */
  function taps(input: number, size: number, stride: number, dilation: number, circular: boolean): { output: number; taps: number[] } {
    const output = Math.ceil(input / stride);
    const at = (o: number, v: number): number => {
      const u = o * stride + (v - (size - 1) / 2) * dilation;
      if (circular) return ((u % input) + input) % input;
      return u >= 0 && u < input ? u : -1;
    };
    return { output, taps: Array.from({ length: output * size }, (_, e) => at(Math.floor(e / size), e % size)) };
  }

  const shape = fc.record({
    pairs: fc.integer({ min: 0, max: 2 }), outer: fc.integer({ min: 1, max: 3 }), inner: fc.integer({ min: 1, max: 3 }), input: fc.integer({ min: 1, max: 9 }),
    size: fc.constantFrom(1, 3, 5, 7), stride: fc.integer({ min: 1, max: 3 }), dilation: fc.integer({ min: 1, max: 2 }), circular: fc.boolean(),
  });

  it('over pairs of positions', () => {
    fc.assert(fc.property(shape, ({ pairs, outer, inner, input, size, stride, dilation, circular }) => {
      const list = taps(input, size, stride, dilation, circular);
      const [rowIn, rowOut] = [outer * input * inner, outer * list.output * inner];
      const work = openWorkspace(8 * pairs * (rowIn ** 2 + rowOut ** 2) + 4000);
      const from = planeOf(work, numbers(pairs * rowIn ** 2, 3));
      const to = guarded(work, pairs * rowOut ** 2);
      const window = work.window({ outer, input, inner, size, ...list });
      work.windowPairs(pairs, window, 0.7, from, to.view);
      assert.ok(to.intact());
      const place = (u: number): [number, number, number] => [Math.floor(u / (list.output * inner)), Math.floor(u / inner) % list.output, u % inner];
      for (let p = 0; p < pairs; p++) {
        for (let u = 0; u < rowOut; u++) {
          for (let w = 0; w < rowOut; w++) {
            const [[r, o, i], [c, q, j]] = [place(u), place(w)];
            let sum = 0;
            for (let v = 0; v < size; v++) {
              const [a, b] = [list.taps[o * size + v]!, list.taps[q * size + v]!];
              if (a >= 0 && b >= 0) sum += from[(p * rowIn + (r * input + a) * inner + i) * rowIn + (c * input + b) * inner + j]!;
            }
            assert.ok(Math.abs(to.view[(p * rowOut + u) * rowOut + w]! - 0.7 * sum) <= 8 * size * ROUNDING);
          }
        }
      }
    }), { numRuns: 200 });
  });

  it('over both positions apart', () => {
    fc.assert(fc.property(shape, fc.boolean(), ({ pairs, input, size, stride, dilation, circular }, equal) => {
      const list = taps(input, size, stride, dilation, circular);
      const { output } = list;
      const work = openWorkspace(20_000);
      const from = planeOf(work, numbers(pairs * input ** 2, 3));
      const weights = planeOf(work, numbers(output, 4));
      const to = guarded(work, pairs * (equal ? output : output ** 2));
      const mark = work.mark();
      work.poolPairs(pairs, input, output, size, indicesOf(work, list.taps), weights, equal, from, to.view);
      assert.ok(to.intact());
      work.release(mark);
      let at = 0;
      for (let p = 0; p < pairs; p++) {
        for (let o = 0; o < output; o++) {
          for (let q = equal ? o : 0; q < (equal ? o + 1 : output); q++) {
            let sum = 0;
            for (let v = 0; v < size; v++) {
              for (let w = 0; w < size; w++) {
                const [a, b] = [list.taps[o * size + v]!, list.taps[q * size + w]!];
                if (a >= 0 && b >= 0) sum += from[(p * input + a) * input + b]!;
              }
            }
            assert.ok(Math.abs(to.view[at++]! - weights[o]! * weights[q]! * sum) <= 8 * size * size * ROUNDING);
          }
        }
      }
    }), { numRuns: 200 });
  });

  it('over whole planes', () => {
    for (const entries of [0, 1, 7, 8, 100]) {
      const work = openWorkspace(8000);
      const from = planeOf(work, numbers(3 * entries, 1));
      const to = guarded(work, 3);
      work.sums(3, entries, 0.25, from, to.view);
      assert.ok(to.intact());
      to.view.forEach((v, p) => {
        const want = from.subarray(p * entries, (p + 1) * entries).reduce((a, b) => a + b, 0) / 4;
        assert.ok(Math.abs(v - want) <= entries * ROUNDING);
      });
    }
  });
});

describe('series of products of rows', () => {
  for (const [count, terms] of [[0, 8], [1, 8], [5, 48], [9, 640]] as const) {
    it(`at ${count} arguments, ${terms} terms`, () => {
      const work = openWorkspace(200_000);
      const [uRow, vRow] = [terms, terms + 3];
      const [u, v] = [planeOf(work, numbers(4 * uRow, 1)), planeOf(work, numbers(4 * vRow, 2))];
      const special = [0, 1, -1, 1 - 2 ** -53, -0.5, 0.999, 1e-200, -0.03, 0.8];
      const x = planeOf(work, special.slice(0, count));
      const [left, right] = [special.map((_, t) => t % 4), special.map((_, t) => (3 * t + 1) % 4)];
      for (const both of [true, false]) {
        const [plus, minus] = [guarded(work, count), guarded(work, count)];
        work.seriesProducts(count, indicesOf(work, left), indicesOf(work, right), x, u, uRow, v, vRow, terms, plus.view, minus.view, both);
        assert.ok(plus.intact() && minus.intact());
        for (let t = 0; t < count; t++) {
          let [p, m, uu, vv] = [0, 0, 0, 0];
          for (let n = terms - 1; n >= 0; n--) {
            const [a, b] = [u[left[t]! * uRow + n]!, v[right[t]! * vRow + n]!];
            p = p * x[t]! + a * b;
            m = m * -x[t]! + a * b;
            uu += a * a;
            vv += b * b;
          }
          const bound = 1e-16 * (10 + terms / 4) * Math.sqrt(uu * vv);
          assert.ok(Math.abs(plus.view[t]! - p) <= bound, `at ${x[t]}`);
          if (both) assert.ok(Math.abs(minus.view[t]! - m) <= bound, `at minus ${x[t]}`);
          else assert.equal(minus.view[t], Math.E);
        }
      }
    });
  }
});

describe('piecewise polynomials', () => {
  for (const [count, cells, outputs, terms] of [[0, 1, 1, 2], [1, 1, 1, 2], [6, 3, 2, 8], [7, 10, 3, 10]] as const) {
    it(`${outputs} of ${terms} terms on ${cells} cells at ${count} places`, () => {
      const work = openWorkspace(10_000);
      const table = planeOf(work, numbers(cells * outputs * terms, 1));
      const [low, perUnit] = [-1, cells / 2];
      const x = planeOf(work, [-1, 1, 0, 0.3, -0.999, -1.01, 1.01].slice(0, count));
      const outRow = count + 1;
      const out = guarded(work, outputs * outRow);
      out.view.fill(Math.E);
      work.tabulated(count, x, low, perUnit, cells, outputs, terms, table, out.view, outRow);
      assert.ok(out.intact());
      for (let o = 0; o < outputs; o++) {
        assert.equal(out.view[o * outRow + count], Math.E);
        for (let t = 0; t < count; t++) {
          const place = (x[t]! - low) * perUnit;
          const cell = Math.min(cells - 1, Math.max(0, Math.floor(place)));
          const z = 2 * (place - cell) - 1;
          let want = 0;
          for (let n = terms - 1; n >= 0; n--) want = want * z + table[(cell * outputs + o) * terms + n]!;
          assert.ok(Math.abs(out.view[o * outRow + t]! - want) <= 50 * ROUNDING, `${x[t]}`);
        }
      }
    });
  }

  it('meet a function that they were made of', () => {
    // exp on [0, 2] by its Taylor series around the middles of 8 cells.
    const [cells, terms] = [8, 10];
    const half = 1 / 8;
    const work = openWorkspace(10_000);
    const table = work.plane(cells * terms);
    for (let cell = 0; cell < cells; cell++) {
      let c = Math.exp((2 * cell + 1) * half);
      for (let n = 0; n < terms; n++, c *= half / n) table[cell * terms + n] = c;
    }
    const x = planeOf(work, Float64Array.from({ length: 101 }, (_, t) => t / 50));
    const out = work.plane(101);
    work.tabulated(101, x, 0, cells / 2, cells, 1, terms, table, out, 101);
    out.forEach((v, t) => assert.ok(Math.abs(v / Math.exp(x[t]!) - 1) < 1e-14));
  });
});

type Guarded = ReturnType<typeof guarded>;
