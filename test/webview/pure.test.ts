// The panel's arithmetic: bitmaps, scales, colours, numbers as text, choices, embedded snapshots, and the matrices shown.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Quantity } from '../../src/contract/result.ts';
import { fromPixel, lightness, pixel, phase, PHASE_UNKNOWN, diverging, SEQUENTIAL } from '../../webview/colour/index.ts';
import { complex, duration, errorText, number, quantity } from '../../webview/format.ts';
import { kernelChoices, kernelNotes, kernelShown, panels, readout, sampleName } from '../../webview/kernels.ts';
import { gather, paint, pool, step, type Field, type Scale } from '../../webview/paint/bitmap.ts';
import { extent, sequential, symmetric } from '../../webview/paint/domain.ts';
import { readSnapshot, same } from '../../webview/snapshot.ts';
import { FIRST_CHOICES, move, readChoices, sampleOrder } from '../../webview/state.ts';
import { opaque } from '../../webview/theme.ts';
import { exampleResult, exampleSnapshot } from './example.ts';

const TABLE = Uint32Array.from({ length: 256 }, (_, i) => pixel({ r: i, g: 0, b: 0 }));
const field = (rows: number, cols: number, values: number[]): Field => ({ rows, cols, values: Float64Array.from(values) });

describe('chart colours', () => {
  it('lose the transparency that themes give some of them, however it is written', () => {
    assert.deepEqual(['#EA5C0055', 'rgba(234, 92, 0, 0.33)', 'rgba(234,92,0,.33)', '#d18616', 'rgb(1, 2, 3)', 'red'].map(opaque),
      ['#EA5C00', 'rgb(234, 92, 0)', 'rgb(234,92,0)', '#d18616', 'rgb(1, 2, 3)', 'red']);
  });
});

describe('bitmap', () => {
  it('puts the ends of a domain on the ends of the table and clamps beyond', () => {
    const scale: Scale = { kind: 'linear', low: -2, high: 6 };
    assert.deepEqual([-3, -2, 2, 6, 7, Infinity, -Infinity].map((v) => step(scale, v)), [0, 0, 128, 255, 255, 255, 0]);
    assert.equal(step(scale, NaN), -1);
  });

  it('spaces powers evenly on a logarithmic scale, and gives zero and less the lowest colour', () => {
    const scale: Scale = { kind: 'log', low: 1e-4, high: 1 };
    assert.deepEqual([1e-4, 1e-2, 1, 0, -5].map((v) => step(scale, v)), [0, 128, 255, 0, 0]);
  });

  it('paints a constant matrix in the middle colour instead of dividing by zero', () => {
    for (const kind of ['linear', 'log'] as const) assert.equal(step({ kind, low: 3, high: 3 }, 3), 128);
  });

  it('is monotone in the value', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, min: -1e3, max: 1e3 }), fc.double({ noNaN: true, min: -1e3, max: 1e3 }), (a, b) => {
      const scale: Scale = { kind: 'linear', low: -7, high: 11 };
      return a <= b ? step(scale, a) <= step(scale, b) : step(scale, a) >= step(scale, b);
    }));
  });

  it('closes the wheel: pi and -pi get one colour, and whole turns change nothing', () => {
    const scale: Scale = { kind: 'cyclic' };
    assert.equal(step(scale, Math.PI), step(scale, -Math.PI));
    for (const x of [-3, -1, 0.1, 2]) assert.equal(step(scale, x), step(scale, x + 2 * Math.PI));
    fc.assert(fc.property(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), (x) => step(scale, x) >= 0 && step(scale, x) < 256));
  });

  it('paints masked entries and NaN blank', () => {
    const out = paint(field(1, 3, [0, 1, NaN]), { kind: 'linear', low: 0, high: 1 }, TABLE, 7, (i) => i === 0);
    assert.deepEqual([...out], [7, TABLE[255], 7]);
  });

  it('keeps what stands out, with its sign, when entries are more than pixels', () => {
    const weight = field(4, 4, [0, 1, 0, 0, -9, 2, 0, 0, 0, 0, 0, 5, 0, 0, 0, -4]);
    const chosen = pool(weight, 2, 2);
    assert.deepEqual([...gather(weight, chosen, 2, 2).values], [-9, 0, 0, 5]);
  });

  it('pools every entry into exactly one block, NaN only where a block has nothing else', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 23 }), fc.integer({ min: 1, max: 23 }), fc.integer({ min: 1, max: 1e6 }), (n, wanted, seed) => {
      const m = Math.min(n, wanted);
      const values = Float64Array.from({ length: n * n }, (_, i) => ((i * seed) % 101) - 50);
      values[0] = NaN;
      const weight = { rows: n, cols: n, values };
      const chosen = pool(weight, m, m);
      const blocks = new Float64Array(m * m).fill(NaN);
      for (let r = 0; r < n; r++) {
        for (let c = 0; c < n; c++) {
          const to = Math.floor((r * m) / n) * m + Math.floor((c * m) / n);
          const size = Math.abs(values[r * n + c]!);
          if (!(blocks[to]! >= size) && !Number.isNaN(size)) blocks[to] = size;
        }
      }
      chosen.forEach((i, at) => assert.deepEqual(Math.abs(values[i]!), blocks[at]!));
    }));
  });
});

describe('domains', () => {
  it('ignores what is not finite', () => {
    assert.deepEqual(extent(Float64Array.of(NaN, 2, -Infinity), Float64Array.of(Infinity, -1)), { low: -1, high: 2 });
    assert.equal(extent(Float64Array.of(NaN)), null);
  });

  it('is symmetric about zero for signed numbers, and never narrower than the floor', () => {
    assert.deepEqual(symmetric(Float64Array.of(-3, 1), 0), { kind: 'linear', low: -3, high: 3 });
    assert.deepEqual(symmetric(Float64Array.of(1e-17), 1e-9), { kind: 'linear', low: -1e-9, high: 1e-9 });
  });

  it('is logarithmic only for positive numbers', () => {
    assert.equal(sequential(true, Float64Array.of(1, 10)).kind, 'log');
    assert.equal(sequential(true, Float64Array.of(0, 10)).kind, 'linear');
    assert.deepEqual(sequential(true, Float64Array.of(1e-300, 1)), { kind: 'log', low: 1e-8, high: 1 });
  });
});

describe('colours', () => {
  const light = (table: Uint32Array): number[] => Array.from(table, (w) => lightness(fromPixel(w)));

  for (const [name, table] of Object.entries(SEQUENTIAL)) {
    it(`${name} rises in lightness all the way`, () => {
      assert.equal(table.length, 256);
      // A byte of rounding is allowed from one row to the next, none over four.
      const l = light(table);
      for (let i = 1; i < 256; i++) assert.ok(l[i]! > l[i - 1]! - 2e-3, `row ${i}`);
      for (let i = 4; i < 256; i++) assert.ok(l[i]! > l[i - 4]!, `row ${i}`);
      assert.ok(l[255]! - l[0]! > 0.5);
    });
  }

  it('the phase wheel has one lightness, many hues and no seam', () => {
    const l = light(phase);
    assert.ok(Math.max(...l) - Math.min(...l) < 0.01);
    assert.ok(Math.abs(lightness(fromPixel(PHASE_UNKNOWN)) - l[0]!) < 0.01);
    const apart = (a: number, b: number): number => {
      const [p, q] = [fromPixel(a), fromPixel(b)];
      return Math.hypot(p.r - q.r, p.g - q.g, p.b - q.b);
    };
    for (let i = 0; i < 256; i++) assert.ok(apart(phase[i]!, phase[(i + 1) % 256]!) < 9, `step ${i}`);
    for (let i = 0; i < 256; i++) assert.ok(apart(phase[i]!, phase[(i + 128) % 256]!) > 60 && apart(phase[i]!, PHASE_UNKNOWN) > 30, `row ${i}`);
  });

  it('the diverging map is equally light at equal distance from zero, blue below, red above', () => {
    const l = light(diverging);
    for (let i = 0; i < 128; i++) assert.ok(Math.abs(l[i]! - l[255 - i]!) < 0.02, `row ${i}`);
    for (let i = 1; i < 128; i++) assert.ok(l[i]! >= l[i - 1]! - 2e-3);
    assert.ok(l[127]! > 0.95 && l[0]! < 0.5);
    const [first, last] = [fromPixel(diverging[0]!), fromPixel(diverging[255]!)];
    assert.ok(first.b > first.r && last.r > last.b);
  });
});

describe('numbers as text', () => {
  it('writes value, error and method', () => {
    const q: Quantity = { value: 0.03123, method: 'quadrature', error: 2e-10 };
    assert.equal(quantity(q), '0.03123 ± 2e-10 quadrature');
    assert.equal(quantity({ ...q, error: null }), '0.03123 quadrature, error unknown');
    assert.equal(quantity({ value: null, method: 'closed', error: null, reason: 'all inputs are zero' }), '— (all inputs are zero)');
    assert.equal(quantity({ value: null, method: 'closed', error: null }), '— (not computed)');
  });

  it('keeps significant digits and leaves out trailing zeros', () => {
    const cases: [number, string][] = [[0, '0'], [-0, '0'], [1 / 3, '0.3333'], [1e-7, '1e-7'], [-1.2344e-9, '-1.234e-9'], [123456, '123500'], [1.5e8, '1.5e8'], [2, '2'], [1e300, '1e300'], [NaN, 'not a number'], [-Infinity, '-infinite']];
    for (const [value, text] of cases) assert.equal(number(value), text);
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => Math.abs(Number(number(x, 6)) - x) <= 1e-5 * Math.abs(x)));
  });

  it('writes an error with one digit, two if it begins with 1', () => {
    assert.deepEqual([2.34e-10, 1.26e-10, 0.0312, 0.0149, 0].map(errorText), ['2e-10', '1.3e-10', '0.03', '0.015', '0']);
  });

  it('writes complex numbers and durations', () => {
    assert.equal(complex([1.25, -0.5]), '1.25 - 0.5i');
    assert.equal(complex([-1, 0]), '-1 + 0i');
    assert.equal(duration(0.42), '0.42 s');
    assert.equal(duration(125), '2 min 5 s');
  });
});

describe('choices', () => {
  it('reads back what it saved, and takes first values for what it does not know', () => {
    const saved = { ...FIRST_CHOICES, kernel: 'nngp', cell: [3, 4], targets: 'phases', activation: 'activation2', tables: ['twin'] } as const;
    assert.deepEqual(readChoices(JSON.parse(JSON.stringify(saved))), saved);
    for (const raw of [null, undefined, 7, 'x', [], { kernel: 'none', cell: 'a', tables: [1, {}] }, { cell: [-1, 1e99] }, { cell: [0.5] }]) {
      assert.deepEqual(readChoices(raw), FIRST_CHOICES);
    }
    fc.assert(fc.property(fc.anything(), (raw) => {
      const c = readChoices(raw);
      return c.cell.every((x) => Number.isSafeInteger(x) && x >= 0);
    }));
  });

  it('moves inside the matrix only', () => {
    assert.deepEqual(move([0, 0], 'ArrowUp', false, 5), [0, 0]);
    assert.deepEqual(move([1, 2], 'ArrowRight', false, 5), [1, 3]);
    assert.deepEqual(move([1, 2], 'Home', false, 5), [1, 0]);
    assert.deepEqual(move([1, 2], 'End', true, 5), [4, 4]);
    assert.deepEqual(move([1, 2], 'PageDown', false, 5), [4, 2]);
    assert.equal(move([1, 2], 'a', false, 5), null);
  });

  it('orders by class, stable, samples without a class last', () => {
    assert.deepEqual([...sampleOrder('class', 6, [2, 0, -1, 0, 2, 1])], [1, 3, 5, 0, 4, 2]);
    assert.deepEqual([...sampleOrder('given', 3, [2, 1, 0])], [0, 1, 2]);
    assert.deepEqual([...sampleOrder('class', 3, null)], [0, 1, 2]);
    assert.deepEqual([...sampleOrder('class', 3, [1])], [0, 1, 2]);
  });
});

describe('embedded snapshots', () => {
  const encode = (_: string, v: unknown): unknown => {
    if (v instanceof Float64Array) return { $f64: Buffer.from(v.buffer, v.byteOffset, v.byteLength).toString('base64') };
    if (v instanceof Int32Array) return { $i32: Buffer.from(v.buffer, v.byteOffset, v.byteLength).toString('base64') };
    return v;
  };

  it('come back as they were, NaN and -0 included', () => {
    const snapshot = exampleSnapshot(exampleResult({ samples: 5 }));
    snapshot.result!.kernels.ntk.matrix!.re.set([NaN, -0, Infinity]);
    assert.ok(same(readSnapshot(JSON.stringify(snapshot, encode)), snapshot));
  });

  it('are refused in words when cut, empty or something else', () => {
    const good = JSON.stringify(exampleSnapshot(exampleResult({ samples: 3 })), encode);
    for (const text of ['', '{', 'null', '[]', '{"title":1}', good.slice(0, -20), good.replace(/"\$f64":"..../, '"$f64":"!!!!'), '{"title":"a","state":"fresh","result":{"$f64":"AAAA"}}']) {
      assert.throws(() => readSnapshot(text), (e: Error) => e.name === 'Fault' && /make the report again/.test(e.message), text.slice(0, 60));
    }
  });

  it('are equal by value only', () => {
    const a = exampleSnapshot(exampleResult({ samples: 4 }));
    const b = structuredClone(a);
    assert.ok(same(a, b));
    b.result!.kernels.ntk.matrix!.im![7]! += 1e-16 + Number.EPSILON;
    assert.ok(!same(a, b));
    assert.ok(!same({ a: undefined }, { b: undefined }));
    assert.ok(!same([1], { 0: 1, length: 1 }));
    assert.ok(!same(Float64Array.of(1), Int32Array.of(1)));
  });
});

describe('the matrices shown', () => {
  const result = exampleResult({ samples: 6 });
  const given = sampleOrder('given', 6, null);
  const byId = (list: ReturnType<typeof panels>) => Object.fromEntries(list.map((p) => [p.id, p]));

  it('are magnitude, phase, twin and difference, each entry from the kernels', () => {
    const p = byId(panels(result, FIRST_CHOICES, given));
    assert.deepEqual(Object.keys(p), ['ntk-magnitude', 'ntk-phase', 'twin', 'difference']);
    const { ntk, twinNtk } = result.kernels;
    for (let i = 0; i < 36; i++) {
      const [re, im, t] = [ntk.matrix!.re[i]!, ntk.matrix!.im![i]!, twinNtk.matrix!.re[i]!];
      assert.equal(p['ntk-magnitude']!.image!.field.values[i], Math.hypot(re, im));
      assert.equal(p['ntk-phase']!.image!.field.values[i], Math.atan2(im, re));
      assert.equal(p.difference!.image!.field.values[i], re - t);
    }
  });

  it('share one scale between kernel and twin, but not between magnitudes and negative numbers', () => {
    const cartesian = byId(panels(result, { ...FIRST_CHOICES, parts: 'cartesian' }, given));
    assert.deepEqual(cartesian['ntk-re']!.image!.scale, cartesian.twin!.image!.scale);
    assert.ok(result.kernels.twinNtk.matrix!.re.some((x) => x < 0));
    const { scale } = byId(panels(result, FIRST_CHOICES, given))['ntk-magnitude']!.image!;
    assert.ok(scale.kind === 'linear' && scale.low >= 0);
    const positive = structuredClone(result);
    positive.kernels.twinNtk.matrix!.re = positive.kernels.twinNtk.matrix!.re.map(Math.abs);
    const p = byId(panels(positive, FIRST_CHOICES, given));
    assert.deepEqual(p['ntk-magnitude']!.image!.scale, p.twin!.image!.scale);
  });

  it('follow kernel, parts and order', () => {
    const order = Int32Array.of(5, 4, 3, 2, 1, 0);
    const p = byId(panels(result, { ...FIRST_CHOICES, kernel: 'nngp', parts: 'cartesian' }, order));
    assert.deepEqual(Object.keys(p), ['ntk-re', 'ntk-im', 'twin', 'difference']);
    assert.match(p['ntk-im']!.title, /NNGP/);
    assert.equal(p['ntk-im']!.image!.field.values[1], result.kernels.nngp.matrix!.im![5 * 6 + 4]);
  });

  it('say so where the difference is rounding, and do not colour it', () => {
    const equal = structuredClone(result);
    equal.kernels.twinNtk.matrix!.re = equal.kernels.ntk.matrix!.re.map((x, i) => x + (i % 2 ? 1e-15 : -1e-15));
    const { image } = byId(panels(equal, FIRST_CHOICES, given)).difference!;
    assert.match(image!.note, /zero within the error/);
    for (const v of image!.field.values) assert.ok(Math.abs(step(image!.scale, v) - 127.5) <= 1);
  });

  it('mask the phase where the magnitude is noise', () => {
    const quiet = structuredClone(result);
    quiet.kernels.ntk.matrix!.re[1] = 1e-14;
    quiet.kernels.ntk.matrix!.im![1] = -1e-14;
    const { image } = byId(panels(quiet, FIRST_CHOICES, given))['ntk-phase']!;
    assert.equal(image!.masked!(1), true);
    assert.equal(image!.masked!(2), false);
    assert.match(readout(quiet, FIRST_CHOICES, [0, 1]), /arg —/);
  });

  it('give the reason and the layer of a kernel that does not exist', () => {
    const poor = structuredClone(result);
    poor.kernels.ntk = { matrix: null, method: 'closed', error: null, reason: 'The derivative of zReLU has no limit.', layer: 'activation1' };
    const p = byId(panels(poor, FIRST_CHOICES, given));
    assert.equal(p['ntk-magnitude']!.image, null);
    assert.equal(p['ntk-magnitude']!.reason, 'The derivative of zReLU has no limit. (layer activation1)');
    assert.ok(p.twin!.image);
    assert.equal(p.difference!.image, null);
    assert.match(readout(poor, FIRST_CHOICES, [0, 1]), /NTK —; twin .*difference —/);
  });

  it('are one heatmap for a real network', () => {
    const real = structuredClone(result);
    delete real.kernels.ntk.matrix!.im;
    real.kernels.twinNtk = { matrix: null, method: 'closed', error: null, reason: 'A real network is its own twin.' };
    const list = panels(real, FIRST_CHOICES, given);
    assert.deepEqual(list.filter((p) => p.image).map((p) => p.id), ['ntk-re']);
  });

  it('set the holomorphic what-if against the NTK itself, as complex numbers', () => {
    const p = byId(panels(result, { ...FIRST_CHOICES, kernel: 'holomorphicNtk' }, given));
    assert.deepEqual(Object.keys(p), ['ntk-magnitude', 'ntk-phase', 'plain', 'what-if-difference']);
    const [w, k] = [result.kernels.holomorphicNtk.matrix!, result.kernels.ntk.matrix!];
    for (let i = 0; i < 36; i++) {
      assert.equal(p['ntk-magnitude']!.image!.field.values[i], Math.hypot(w.re[i]!, w.im![i]!));
      assert.equal(p.plain!.image!.field.values[i], Math.hypot(k.re[i]!, k.im![i]!));
      assert.equal(p['what-if-difference']!.image!.field.values[i], Math.hypot(w.re[i]! - k.re[i]!, w.im![i]! - k.im![i]!));
    }
    assert.deepEqual(p['ntk-magnitude']!.image!.scale, p.plain!.image!.scale);
    assert.match(readout(result, { ...FIRST_CHOICES, kernel: 'holomorphicNtk' }, [0, 1]), /Holomorphic what-if .*; NTK .*; distance /);
    const equal = { ...result, kernels: { ...result.kernels, holomorphicNtk: result.kernels.ntk } };
    const { image } = byId(panels(equal, { ...FIRST_CHOICES, kernel: 'holomorphicNtk' }, given))['what-if-difference']!;
    assert.match(image!.note, /zero within the error/);
    for (const v of image!.field.values) assert.equal(step(image!.scale, v), 0);
  });

  it('set a finite network against its finite real twin, and its pseudo-kernel beside its NTK', () => {
    const drawn = result.finiteWidth!.kernels;
    const empirical = byId(panels(result, { ...FIRST_CHOICES, kernel: 'empirical' }, given));
    assert.deepEqual(Object.keys(empirical), ['ntk-magnitude', 'ntk-phase', 'twin', 'difference']);
    const pseudo = byId(panels(result, { ...FIRST_CHOICES, kernel: 'pseudo' }, given));
    assert.deepEqual(Object.keys(pseudo), ['ntk-magnitude', 'ntk-phase', 'plain']);
    for (let i = 0; i < 36; i++) {
      assert.equal(empirical.difference!.image!.field.values[i], drawn.ntk.matrix!.re[i]! - drawn.twinNtk.matrix!.re[i]!);
      assert.equal(pseudo['ntk-magnitude']!.image!.field.values[i], Math.hypot(drawn.pseudo.matrix!.re[i]!, drawn.pseudo.matrix!.im![i]!));
    }
    assert.deepEqual(pseudo['ntk-magnitude']!.image!.scale, pseudo.plain!.image!.scale, 'how small it is shows on one scale only');
    assert.match(empirical['ntk-magnitude']!.image!.note, /each entry ± \S+ Monte Carlo/);
    assert.match(empirical.difference!.image!.note, /standard error of an entry up to \d/);
    assert.match(readout(result, { ...FIRST_CHOICES, kernel: 'empirical' }, [0, 1]), /Finite NTK .*; twin .*; difference /);
    assert.match(readout(result, { ...FIRST_CHOICES, kernel: 'pseudo' }, [0, 1]), /Pseudo-kernel .*; Finite NTK [^;]+$/);
    const one = structuredClone(result);
    Object.assign(one.finiteWidth!.kernels.ntk, { error: null });
    assert.match(byId(panels(one, { ...FIRST_CHOICES, kernel: 'empirical' }, given)).difference!.image!.note, /unknown error/);
  });

  it('grey the phase of a drawn entry that is within two standard errors of zero', () => {
    const { ntk } = result.finiteWidth!.kernels;
    const { masked } = byId(panels(result, { ...FIRST_CHOICES, kernel: 'empirical' }, given))['ntk-phase']!.image!;
    const sizes = Array.from(ntk.matrix!.re, (x, i) => Math.hypot(x, ntk.matrix!.im![i]!));
    const error = ntk.error! * Math.max(...sizes);
    assert.deepEqual(sizes.map((_, i) => masked!(i)), sizes.map((s) => s <= 2 * error));
  });

  it('are of the finite network where the limit has none', () => {
    assert.deepEqual(kernelChoices(result).map((c) => c.value), ['ntk', 'nngp', 'holomorphicNtk', 'empirical', 'pseudo']);
    assert.equal(kernelChoices(result)[3]!.text, 'Finite network, mean of 4 seeds');
    const none = { matrix: null, method: 'closed', error: null, reason: 'Max pooling has no Gaussian limit.', layer: 'pool1' } as const;
    const poor: typeof result = { ...result, kernels: { nngp: none, ntk: none, twinNngp: none, twinNtk: none, holomorphicNtk: none } };
    const offered = kernelChoices(poor);
    assert.deepEqual(offered.map((c) => c.value), ['empirical', 'pseudo']);
    assert.deepEqual((['ntk', 'nngp', 'pseudo'] as const).map((k) => kernelShown(offered, k)), ['empirical', 'empirical', 'pseudo']);
    assert.deepEqual(kernelChoices({ ...poor, finiteWidth: null }).map((c) => c.value), ['ntk', 'nngp']);
    assert.equal(kernelShown(kernelChoices({ ...result, finiteWidth: null }), 'empirical'), 'ntk');
    assert.match(kernelNotes(poor, 'empirical'), /^Kernel of one output of dense3, in networks of width 24 \(as written\), mean over 4 seeds; .*Each weight behind/);
    assert.equal(kernelNotes(poor, 'ntk'), '');
  });

  it('name samples by class, also when classes are missing', () => {
    assert.equal(sampleName(result.inputs, 1), '1 (qpsk)');
    assert.equal(sampleName({ ...result.inputs, classes: null }, 1), '1 (class 1)');
    assert.equal(sampleName({ ...result.inputs, labels: null }, 1), '1');
  });
});
