// Layers without weights of their own: flatten, reshape, sums, concatenation, and what leaves the shape as it is.
import { positive, type LayerRule, type Parameters, type Shape } from './layer.ts';

const same = (a: number[], b: number[]): boolean => a.length === b.length && a.every((x, i) => x === b[i]);
const show = (s: Shape): string => (s ? `[${s.join(', ')}]` : '[?]');

export const flatten: LayerRule = {
  kinds: ['flatten'],
  output([input], p) {
    const declared = positive(p.size);
    if (!input) return { shape: declared === null ? null : [declared] };
    // Axes count with the batch axis, as the code writes them; axis 0 is the batch.
    const rank = input.length + 1;
    const axis = (v: unknown, absent: number): number => (typeof v === 'number' ? (v < 0 ? v + rank : v) : absent);
    const [from, to] = [axis(p.startAxis, 1) - 1, axis(p.endAxis, rank - 1) - 1];
    if (from < 0 || to >= input.length || from > to) return { shape: null };
    const size = input.slice(from, to + 1).reduce((a, b) => a * b, 1);
    const shape = [...input.slice(0, from), size, ...input.slice(to + 1)];
    return declared !== null && declared !== size ? { shape: [declared], mismatch: `it asks for ${declared} values a sample, its input has ${size}` } : { shape };
  },
};

export const reshape: LayerRule = {
  kinds: ['reshape'],
  output([input], p) {
    if (!Array.isArray(p.shape) || !p.shape.every((n) => typeof n === 'number')) return { shape: null };
    const target = p.shape as number[];
    if (target.filter((n) => n < 0).length === 0) return { shape: target };
    if (!input) return { shape: null };
    const whole = input.reduce((a, b) => a * b, 1);
    const known = target.filter((n) => n > 0).reduce((a, b) => a * b, 1);
    return { shape: whole % known === 0 ? target.map((n) => (n < 0 ? whole / known : n)) : null };
  },
};

export const sum: LayerRule = {
  kinds: ['add'],
  output(inputs) {
    const known = inputs.filter((s): s is number[] => s !== null);
    const first = known[0];
    if (!first) return { shape: null };
    const other = known.find((s) => !same(s, first));
    // Broadcasting over axes of size 1 is allowed.
    const fits = (a: number[], b: number[]): boolean => a.length === b.length && a.every((n, i) => n === b[i] || n === 1 || b[i] === 1);
    if (other && !fits(first, other)) return { shape: first, mismatch: `its parts have shapes ${show(first)} and ${show(other)}` };
    return { shape: other ? first.map((n, i) => Math.max(n, other[i]!)) : inputs.length === known.length ? first : null };
  },
};

/** Whether a concatenation joins channels, where they are this axis of samples of `rank` axes. */
export function joinsChannels({ axis }: Parameters, rank: number, channels: 'first' | 'last'): boolean {
  if (typeof axis !== 'number' || rank <= 1) return true;
  return (axis < 0 ? rank + axis : axis - 1) === (channels === 'first' ? 0 : rank - 1);
}

export const concatenation: LayerRule = {
  kinds: ['concat'],
  output(inputs, p) {
    if (inputs.some((s) => s === null) || typeof p.axis !== 'number') return { shape: null };
    const shapes = inputs as number[][];
    const first = shapes[0]!;
    const axis = p.axis < 0 ? first.length + p.axis : p.axis - 1;
    if (axis < 0 || axis >= first.length) return { shape: null };
    if (shapes.some((s) => s.length !== first.length || s.some((n, i) => i !== axis && n !== first[i]))) {
      return { shape: null, mismatch: `its parts have shapes ${shapes.map(show).join(' and ')}` };
    }
    return { shape: first.map((n, i) => (i === axis ? shapes.reduce((a, s) => a + s[i]!, 0) : n)) };
  },
};

export const unchanged: LayerRule = {
  kinds: ['activation', 'dropout', 'batch-norm', 'layer-norm'],
  output([input], p) {
    const features = positive(p.features);
    if (input && features !== null && input.length > 0 && input[0] !== features && input[input.length - 1] !== features) {
      return { shape: input, mismatch: `it expects ${features} features, its input has shape ${show(input)}` };
    }
    return { shape: input ?? null };
  },
};

export const readOut: LayerRule = {
  kinds: ['read-out'],
  output: ([input], p) => ({ shape: input ? (p.pairs === true ? [...input, 2] : input) : null }),
};
