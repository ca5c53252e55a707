// The real activation whose real network has the kernels of the real twin: its graph, and its Hermite coefficients as the table.
import { errorText, methodText, number, quantity, sentence } from '../format.ts';
import { equivalentOf, layerNames } from './activations.ts';
import { draw, line } from './chart.ts';
import { pointsOf } from './iterated-map.ts';
import type { Plot } from './plot.ts';

export const equivalent: Plot = {
  id: 'equivalent',
  title: 'Equivalent real activation',
  needs(result, pick) {
    const found = equivalentOf(result, pick);
    if (found && found.curve.x.length > 0) return null;
    return `There is no equivalent real activation. ${sentence(found?.truncation.reason ?? result.equivalents.reason ?? 'there is none for this one')}`;
  },
  draw(canvas, result, theme, pick) {
    const { curve, std } = equivalentOf(result, pick)!;
    const path = pointsOf(curve);
    return draw(canvas, theme, { title: `x, for input ${number(std, 3)} x`, kind: 'linear', min: path[0]!.x, max: path.at(-1)!.x }, { title: 'σ', kind: 'linear' }, [
      line('input as it is', [path[0]!, path.at(-1)!].map(({ x }) => ({ x, y: std * x })), theme.muted, [6, 4]),
      line('σ', path, theme.series[0]),
    ]);
  },
  table(result, pick) {
    const { coefficients, error, method, std, label, layers } = equivalentOf(result, pick)!;
    return {
      caption: `σ(${number(std, 6)} x) = Σ aₙ heₙ(x) for ${label} (${layerNames(layers)}); heₙ orthonormal under N(0, 1); each ± ${errorText(error)} ${methodText(method)}`,
      columns: ['n', 'aₙ', 'aₙ² / Σ aₙ²'],
      rows: coefficients.map((a, n) => [String(n), number(a, 8), number(a * a / total(coefficients), 4)]),
    };
  },
  describe(result, pick) {
    const e = equivalentOf(result, pick)!;
    const known = e.formula !== null ? `σ = ${e.formula}, exact` : `σ by its first ${e.coefficients.length} Hermite coefficients`;
    const notes = e.notes.map((n) => ` ${sentence(n)}`).join('');
    return `A real network with σ in the place of ${e.label} has the kernels of the real twin, for inputs of std ${number(e.std)} here: ${known}. ` +
      `Left out: ${quantity(e.truncation)} of E|φ|². Coefficients ± ${errorText(e.error)} ${methodText(e.method)}.${notes}`;
  },
};

const total = (coefficients: readonly number[]): number => coefficients.reduce((s, a) => s + a * a, 0);
