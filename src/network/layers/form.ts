// Layers that only move numbers: flatten, reshape, sums, joined channels, a factor, the parts of complex numbers as two real ones. Knows no weights.
import { addTo, copied, eachPart, newSignal, positionsOf, sizeOf, transposed, type Form, type Signal } from '../signal.ts';
import { plain, type Layer } from './layer.ts';

const isPlain = (f: Form): boolean => f.order === 'last' || positionsOf(f) === 1 || f.channels === 1;

/** From one form to another of as many numbers, in the order in which the framework keeps them. */
export function reshape(id: string, from: number, input: Form, form: Form): Layer {
  const convert = (s: Signal, a: Form, b: Form): Signal => {
    let out = s;
    if (!isPlain(a)) out = eachPart(out, (x) => transposed(x, positionsOf(a), a.channels));
    if (!isPlain(b)) out = eachPart(out, (x) => transposed(x, b.channels, positionsOf(b)));
    return out;
  };
  return plain(id, [from], form, ([x]) => convert(x!, input, form), (g) => [convert(g, form, input)]);
}

/** Sums; sizes of 1 are repeated, channels and positions alike. */
export function sum(id: string, from: number[], inputs: Form[], form: Form): Layer {
  const size = sizeOf(form);
  const maps = inputs.map((f) => (sizeOf(f) === size ? null : broadcast(f, form)));
  return plain(id, from, form, (xs, n) => {
    const out = newSignal(n * size, form.complex);
    for (const [k, x] of xs.entries()) addTo(out, maps[k] ? eachPart(x, (a) => repeated(a, n, sizeOf(inputs[k]!), maps[k]!)) : x);
    return out;
  }, (g, rows, n) => inputs.map((f, k) => {
    const own = maps[k] ? eachPart(g, (a) => gathered(a, rows * n, sizeOf(f), maps[k]!)) : copied(g);
    return f.complex ? own : { re: own.re, im: null };
  }));
}

/** For each number of the output the number of the input that it takes. */
function broadcast(from: Form, to: Form): Int32Array {
  const [a, b] = [[...from.sizes, from.channels], [...to.sizes, to.channels]];
  while (a.length < b.length) a.unshift(1);
  return Int32Array.from({ length: sizeOf(to) }, (_, k) => {
    let [at, rest, stride] = [0, k, 1];
    for (let d = b.length - 1; d >= 0; d--) {
      const place = rest % b[d]!;
      rest = Math.floor(rest / b[d]!);
      if (a[d]! > 1) at += place * stride;
      stride *= a[d]!;
    }
    return at;
  });
}

function repeated(x: Float32Array, rows: number, size: number, map: Int32Array): Float32Array {
  const out = new Float32Array(rows * map.length);
  for (let r = 0; r < rows; r++) for (let k = 0; k < map.length; k++) out[r * map.length + k] = x[r * size + map[k]!]!;
  return out;
}

function gathered(g: Float32Array, rows: number, size: number, map: Int32Array): Float32Array {
  const out = new Float32Array(rows * size);
  for (let r = 0; r < rows; r++) for (let k = 0; k < map.length; k++) out[r * size + map[k]!]! += g[r * map.length + k]!;
  return out;
}

/** Joins channels at each position. */
export function concat(id: string, from: number[], inputs: Form[], form: Form): Layer {
  const each = positionsOf(form);
  const starts = inputs.map((_, k) => inputs.slice(0, k).reduce((s, f) => s + f.channels, 0));
  const move = (whole: Float32Array, part: Float32Array, k: number, rows: number, back: boolean): void => {
    const { channels } = inputs[k]!;
    for (let r = 0; r < rows * each; r++) {
      const [own, joint] = [r * channels, r * form.channels + starts[k]!];
      for (let c = 0; c < channels; c++) {
        if (back) part[own + c] = whole[joint + c]!;
        else whole[joint + c] = part[own + c]!;
      }
    }
  };
  return plain(id, from, form, (xs, n) => {
    const out = newSignal(n * sizeOf(form), form.complex);
    for (const [k, x] of xs.entries()) {
      move(out.re, x.re, k, n, false);
      if (out.im && x.im) move(out.im, x.im, k, n, false);
    }
    return out;
  }, (g, rows, n) => inputs.map((f, k) => {
    const own = newSignal(rows * n * sizeOf(f), f.complex);
    move(g.re, own.re, k, rows * n, true);
    if (g.im && own.im) move(g.im, own.im, k, rows * n, true);
    return own;
  }));
}

/** Multiplication by a real number. */
export function scale(id: string, from: number, form: Form, factor: number): Layer {
  const times = (s: Signal): Signal => eachPart(s, (x) => x.map((v) => factor * v));
  return plain(id, [from], form, ([x]) => times(x!), (g) => [times(g)]);
}

/** Complex numbers as two real channels each: Re, Im beside each other in the last axis. */
export function parts(id: string, from: number, input: Form): Layer {
  const form: Form = { ...input, channels: 2 * input.channels, complex: false };
  return plain(id, [from], form, ([x]) => {
    const out = newSignal(2 * x!.re.length, false);
    for (let k = 0; k < x!.re.length; k++) {
      out.re[2 * k] = x!.re[k]!;
      out.re[2 * k + 1] = x!.im?.[k] ?? 0;
    }
    return out;
  }, (g) => {
    const own = newSignal(g.re.length / 2, input.complex);
    for (let k = 0; k < own.re.length; k++) {
      own.re[k] = g.re[2 * k]!;
      if (own.im) own.im[k] = g.re[2 * k + 1]!;
    }
    return [own];
  });
}

/** Softmax of `count` numbers beside each other, in their place; returns the logarithm of the sum of their exponentials. */
export function softmaxOf(x: Float32Array, from: number, count: number): number {
  let top = -Infinity;
  for (let k = from; k < from + count; k++) top = Math.max(top, x[k]!);
  let total = 0;
  for (let k = from; k < from + count; k++) total += x[k] = Math.exp(x[k]! - top);
  for (let k = from; k < from + count; k++) x[k]! /= total;
  return top + Math.log(total);
}

/** Softmax over the channels at each position, or its logarithm; of real numbers. */
export function softmax(id: string, from: number, form: Form, logarithm: boolean): Layer {
  const c = form.channels;
  let shares = new Float32Array(0);
  return plain(id, [from], form, ([x]) => {
    shares = x!.re.slice();
    const out: Signal = { re: new Float32Array(shares.length), im: null };
    for (let r = 0; r < shares.length; r += c) {
      const sum = softmaxOf(shares, r, c);
      for (let k = r; k < r + c; k++) out.re[k] = logarithm ? x!.re[k]! - sum : shares[k]!;
    }
    return out;
  }, (g) => {
    const own = newSignal(g.re.length, false);
    for (let r = 0, at = 0; r < g.re.length; r += c, at = (at + c) % shares.length) {
      let sum = 0;
      for (let k = 0; k < c; k++) sum += g.re[r + k]! * (logarithm ? 1 : shares[at + k]!);
      for (let k = 0; k < c; k++) own.re[r + k] = logarithm ? g.re[r + k]! - shares[at + k]! * sum : shares[at + k]! * (g.re[r + k]! - sum);
    }
    return [own];
  });
}
