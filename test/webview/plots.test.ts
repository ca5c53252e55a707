// What the charts are given: points a logarithmic axis can show, the guide line, ticks, words and tables.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { FiniteWidthRow, Quantity } from '../../src/contract/result.ts';
import { logTicks } from '../../webview/plots/chart.ts';
import { finiteWidth, guide, points as distances } from '../../webview/plots/finite-width.ts';
import { PLOTS } from '../../webview/plots/index.ts';
import { points as eigenvalues, spectrum } from '../../webview/plots/spectrum.ts';
import { exampleResult } from './example.ts';

const mc = (value: number | null, error: number | null = 0.01): Quantity => ({ value, method: 'monte-carlo', error });
const row = (width: number, distance: Quantity): FiniteWidthRow => ({ width, seeds: 3, distance, twinDistance: mc(null), pseudo: mc(0.1), meanDistance: mc(0.05) });

describe('plots', () => {
  const result = exampleResult({ samples: 8 });

  it('have ids of their own, and a table as long as the data', () => {
    assert.equal(new Set(PLOTS.map((p) => p.id)).size, PLOTS.length);
    for (const plot of PLOTS) {
      assert.equal(plot.needs(result), null);
      const { columns, rows } = plot.table(result);
      assert.ok(rows.length > 0 && rows.every((r) => r.length === columns.length));
    }
    assert.equal(spectrum.table(result).rows.length, 8);
  });

  it('show eigenvalues largest first, without those that are not positive, and count them', () => {
    const s = { ...result.spectra.ntk!, eigenvalues: [-1e-17, 0, 1e-16, 2, 5], error: 1e-13 };
    assert.deepEqual(eigenvalues(s), [{ x: 1, y: 5 }, { x: 2, y: 2 }, { x: 3, y: 1e-16 }]);
    assert.match(spectrum.describe({ ...result, spectra: { ntk: s, twinNtk: null } }), /5 eigenvalues from -1e-17 to 5 .*3 of them not above their error/);
  });

  it('say why they cannot be drawn', () => {
    const kernels = { ...result.kernels, ntk: { matrix: null, method: 'closed', error: null, reason: 'No limit.' } as const };
    assert.match(spectrum.needs({ ...result, kernels, spectra: { ntk: null, twinNtk: null } })!, /No limit\./);
    assert.match(finiteWidth.needs({ ...result, finiteWidth: null })!, /has not been run/);
    assert.match(finiteWidth.needs({ ...result, finiteWidth: { ...result.finiteWidth!, rows: [row(64, mc(null)), row(128, mc(0))] } })!, /no distance above zero/);
  });

  it('sort widths, and keep only distances that a logarithm can show', () => {
    assert.deepEqual(distances([row(256, mc(0.1)), row(64, mc(0.2, null)), row(128, mc(null)), row(32, mc(0))], 'distance'), [{ x: 64, y: 0.2, error: 0 }, { x: 256, y: 0.1, error: 0.01 }]);
  });

  it('draw the guide through points that follow it, with slope -1/2', () => {
    assert.deepEqual(guide([]), []);
    assert.deepEqual(guide([{ x: 64, y: 1 }]), []);
    fc.assert(fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (c) => {
      const line = guide([16, 64, 256].map((x) => ({ x, y: c / Math.sqrt(x) })));
      return line.length === 2 && line.every((p) => Math.abs(p.y * Math.sqrt(p.x) - c) < 1e-9 * c);
    }));
  });

  it('label a logarithmic axis of any length with a few ticks inside it', () => {
    assert.deepEqual(logTicks(0.12, 0.5), [0.15, 0.2, 0.3, 0.4, 0.5]);
    assert.deepEqual(logTicks(1e-3, 1e3), [1e-3, 1e-2, 0.1, 1, 10, 100, 1000]);
    for (const [low, high] of [[0, 1], [1, 1], [2, 1], [NaN, 1], [1, Infinity]] as const) assert.deepEqual(logTicks(low, high), []);
    fc.assert(fc.property(fc.double({ min: -250, max: 250, noNaN: true }), fc.double({ min: 0.31, max: 40, noNaN: true }), (from, decades) => {
      const [low, high] = [10 ** from, 10 ** (from + decades)];
      const ticks = logTicks(low, high);
      return ticks.length >= 2 && ticks.length <= 12 && ticks.every((t) => t >= low && t <= high);
    }));
  });
});
