// Pools: means over windows or all positions, and the value of largest modulus in each window. Knows no weights.
import { tapTable, type Window } from '../../catalog/layers/taps.ts';
import { eachPart, newSignal, positionsOf, sizeOf, type Form } from '../signal.ts';
import { plain, type Layer } from './layer.ts';

export function averagePool(id: string, from: number, input: Form, form: Form, window: Window): Layer {
  const { positions, taps, at } = tapTable(window);
  const c = form.channels;
  const [before, after] = [sizeOf(input), sizeOf(form)];
  const run = (x: Float32Array, rows: number, back: boolean): Float32Array => {
    const out = new Float32Array(rows * (back ? before : after));
    for (let r = 0; r < rows; r++) {
      for (let o = 0; o < positions; o++) {
        const factor = window.scale[o]!;
        for (let v = 0; v < taps; v++) {
          const place = at[o * taps + v]!;
          if (place < 0) continue;
          const [p, q] = [r * before + place * c, r * after + o * c];
          if (back) for (let k = 0; k < c; k++) out[p + k]! += factor * x[q + k]!;
          else for (let k = 0; k < c; k++) out[q + k]! += factor * x[p + k]!;
        }
      }
    }
    return out;
  };
  return plain(id, [from], form, ([x], n) => eachPart(x!, (a) => run(a, n, false)), (g, rows, n) => [eachPart(g, (a) => run(a, rows * n, true))]);
}

/** The mean over all positions. */
export function globalPool(id: string, from: number, input: Form, form: Form): Layer {
  const count = positionsOf(input);
  const all: Window = { axes: [{ input: count, output: 1, taps: [Array.from({ length: count }, (_, v) => v)] }], scale: [1 / count] };
  return averagePool(id, from, input, form, all);
}

/** The first value of largest modulus in each window; of real numbers the largest value. Padding never wins. */
export function maxPool(id: string, from: number, input: Form, form: Form, window: Window): Layer {
  const { positions, taps, at } = tapTable(window);
  const c = form.channels;
  const [before, after] = [sizeOf(input), sizeOf(form)];
  let chosen = new Int32Array(0);
  return plain(id, [from], form, ([x], n) => {
    chosen = new Int32Array(n * after);
    const out = newSignal(n * after, form.complex);
    const { re, im } = x!;
    for (let i = 0; i < n; i++) {
      for (let o = 0; o < positions; o++) {
        for (let k = 0; k < c; k++) {
          let [best, top] = [-1, -Infinity];
          for (let v = 0; v < taps; v++) {
            const place = at[o * taps + v]!;
            if (place < 0) continue;
            const p = place * c + k;
            const here = i * before + p;
            const size = im ? re[here]! ** 2 + im[here]! ** 2 : re[here]!;
            if (best < 0 || size > top) [best, top] = [p, size];
          }
          const to = i * after + o * c + k;
          chosen[to] = best;
          if (best < 0) continue;
          out.re[to] = re[i * before + best]!;
          if (out.im) out.im[to] = im![i * before + best]!;
        }
      }
    }
    return out;
  }, (g, rows, n) => {
    const own = newSignal(rows * n * before, input.complex);
    for (let r = 0; r < rows * n; r++) {
      for (let k = 0; k < after; k++) {
        const best = chosen[(r % n) * after + k]!;
        if (best < 0) continue;
        own.re[r * before + best]! += g.re[r * after + k]!;
        if (own.im) own.im[r * before + best]! += g.im![r * after + k]!;
      }
    }
    return [own];
  });
}
