// Self-attention over the positions: of each head's scores S = q conj k / sqrt d a matrix A, row by row, and A times the values. Knows no masks.
import { addTo, newSignal, positionsOf, type Form, type Signal } from '../signal.ts';
import { apply, pull, rowwise, type Tensor } from '../tensors.ts';
import { softmaxOf } from './form.ts';
import type { Layer, Pass } from './layer.ts';
import { OverRows } from './norm.ts';

/** A = softmax(Re S), softmax(Re S) + i softmax(Im S), softmax|S|, or softmax|S| S/|S|. */
export const SCORES = ['real', 'split', 'modulus', 'modulus-phase'] as const;
export type Score = (typeof SCORES)[number];

/** Queries and keys of all heads whitened over samples and times, by the unbiased covariance: torchcvnn's LayerNorm at its start. */
const WHITENED = { mode: 'whitening', gamma: Math.SQRT1_2, epsilon: 1e-5, unbiased: true } as const;

/**
 * From the cotangents on one row of A, at `from`, to those on its row of S, in their place. The softmax p of v has dv = p (dp - sum p dp).
 */
function onScores(score: Score, a: Signal, s: Signal, from: number, g: { re: Float64Array; im: Float64Array | null }): void {
  const count = g.re.length;
  if (score === 'real' || score === 'split') {
    for (const part of ['re', 'im'] as const) {
      const [p, on] = [a[part], g[part]];
      if (!p || !on) continue;
      let mean = 0;
      for (let k = 0; k < count; k++) mean += p[from + k]! * on[k]!;
      for (let k = 0; k < count; k++) on[k] = p[from + k]! * (on[k]! - mean);
    }
    return;
  }
  // By the modulus m of S and e = S/m: A = p(m), or p(m) e, so that the way to m takes Re(g conj e), the one to the phase Im(g conj e) p/m.
  let mean = 0;
  for (let k = 0; k < count; k++) {
    const [x, y] = [s.re[from + k]!, s.im![from + k]!];
    const m = Math.hypot(x, y);
    const p = a.im ? Math.hypot(a.re[from + k]!, a.im[from + k]!) : a.re[from + k]!;
    const along = !a.im ? g.re[k]! : m > 0 ? (g.re[k]! * x + g.im![k]! * y) / m : 0;
    const across = a.im && m > 0 ? (p * (g.im![k]! * x - g.re[k]! * y)) / (m * m) : 0;
    mean += p * along;
    g.re[k] = along;
    g.im![k] = across;
  }
  for (let k = 0; k < count; k++) {
    const [x, y] = [s.re[from + k]!, s.im![from + k]!];
    const m = Math.hypot(x, y);
    const p = a.im ? Math.hypot(a.re[from + k]!, a.im[from + k]!) : a.re[from + k]!;
    const [along, across] = [p * (g.re[k]! - mean), g.im![k]!];
    g.re[k] = m > 0 ? (along * x - across * y) / m : 0;
    g.im![k] = m > 0 ? (along * y + across * x) / m : 0;
  }
}

/**
 * @param tensors query, key, value, output
 * @param normalised whether queries and keys are whitened over the samples, which couples them
 */
export function attention(id: string, from: number, input: Form, form: Form, heads: number, score: Score, normalised: boolean, tensors: [Tensor, Tensor, Tensor, Tensor]): Layer {
  const [query, key, value, output] = tensors;
  const times = positionsOf(input);
  const inner = value.field === 'free' ? value.out / (form.complex ? 2 : 1) : value.out;
  const size = inner / heads;
  const root = 1 / Math.sqrt(size);
  const complex = form.complex;
  const turned = complex && score !== 'real';
  const mixes = score === 'split' || score === 'modulus-phase';
  const norms = normalised ? { query: new OverRows(size, WHITENED), key: new OverRows(size, WHITENED) } : null;
  let kept: { x: Signal; q: Signal; k: Signal; v: Signal; a: Signal; scores: Signal; mixed: Signal } | null = null;

  /** Rows (sample, time) of `inner` channels: start of head h. */
  const at = (i: number, t: number, h: number): number => (i * times + t) * inner + h * size;

  async function mix(q: Signal, k: Signal, v: Signal, { samples, device }: Pass): Promise<{ a: Signal; scores: Signal; mixed: Signal }> {
    const count = samples * heads * times * times;
    const scores = newSignal(count, turned);
    const a = newSignal(count, turned && mixes);
    const mixed = newSignal(samples * times * inner, complex);
    for (let i = 0; i < samples; i++) {
      for (let h = 0; h < heads; h++) {
        for (let t = 0; t < times; t++) {
          const row = ((i * heads + h) * times + t) * times;
          for (let s = 0; s < times; s++) {
            let [re, im] = [0, 0];
            for (let c = 0, m = at(i, t, h), n = at(i, s, h); c < size; c++, m++, n++) {
              re += q.re[m]! * k.re[n]!;
              if (!complex) continue;
              re += q.im![m]! * k.im![n]!;
              if (turned) im += q.im![m]! * k.re[n]! - q.re[m]! * k.im![n]!;
            }
            scores.re[row + s] = re * root;
            if (turned) scores.im![row + s] = im * root;
            a.re[row + s] = turned && score !== 'split' ? Math.hypot(re, im) * root : re * root;
            if (a.im) a.im[row + s] = im * root;
          }
          softmaxOf(a.re, row, times);
          if (a.im && score === 'split') softmaxOf(a.im, row, times);
          for (let s = 0; s < times; s++) {
            if (a.im && score === 'modulus-phase') {
              const [p, x, y] = [a.re[row + s]!, scores.re[row + s]!, scores.im![row + s]!];
              const m = Math.hypot(x, y);
              [a.re[row + s], a.im[row + s]] = m > 0 ? [(p * x) / m, (p * y) / m] : [0, 0];
            }
            const [re, im] = [a.re[row + s]!, a.im ? a.im[row + s]! : 0];
            for (let c = 0, m = at(i, t, h), n = at(i, s, h); c < size; c++, m++, n++) {
              mixed.re[m]! += re * v.re[n]!;
              if (!complex) continue;
              mixed.im![m]! += re * v.im![n]!;
              if (!a.im) continue;
              mixed.re[m]! -= im * v.im![n]!;
              mixed.im![m]! += im * v.re[n]!;
            }
          }
        }
      }
      await device.pace();
    }
    return { a, scores, mixed };
  }

  return {
    id, from: [from], form, tensors, couples: normalised, keeps: 2 * heads * times * times + 8 * times * inner,
    async forward([x], pass) {
      const by = rowwise(times, pass.device);
      const run = (t: Tensor) => apply(t, x!, pass.samples, complex, by);
      const rows = pass.samples * times * heads;
      let [q, k] = [await run(query), await run(key)];
      const v = await run(value);
      if (norms) [q, k] = [norms.query.forward(q, rows), norms.key.forward(k, rows)];
      kept = { x: x!, q, k, v, ...(await mix(q, k, v, pass)) };
      return apply(output, kept.mixed, pass.samples, complex, by);
    },
    async backward(g, rows, pass, [wanted]) {
      const { x, q, k, v, a, scores, mixed } = kept!;
      const { samples, device } = pass;
      const all = rows * samples * times;
      await pass.use({ tensor: output, x: mixed, g, each: times, fan: inner, out: form.channels, bias: true });
      const onMixed = await pull(output, g, rows * samples, complex, rowwise(times, device));
      let [onQ, onK] = [newSignal(all * inner, complex), newSignal(all * inner, complex)];
      const onV = newSignal(all * inner, complex);
      // Cotangents on one row of A, then of S; the imaginary part also where only S has one.
      const on = { re: new Float64Array(times), im: turned ? new Float64Array(times) : null };
      for (let r = 0; r < rows; r++) {
        for (let i = 0; i < samples; i++) {
          for (let h = 0; h < heads; h++) {
            for (let t = 0; t < times; t++) {
              const row = ((i * heads + h) * times + t) * times;
              for (let s = 0; s < times; s++) {
                let [re, im] = [0, 0];
                const [p, o] = [a.re[row + s]!, a.im ? a.im[row + s]! : 0];
                for (let c = 0, m = at(r * samples + i, t, h), n = at(i, s, h), d = at(r * samples + i, s, h); c < size; c++, m++, n++, d++) {
                  re += onMixed.re[m]! * v.re[n]!;
                  onV.re[d]! += p * onMixed.re[m]!;
                  if (!complex) continue;
                  re += onMixed.im![m]! * v.im![n]!;
                  onV.im![d]! += p * onMixed.im![m]!;
                  if (!a.im) continue;
                  im += onMixed.im![m]! * v.re[n]! - onMixed.re[m]! * v.im![n]!;
                  onV.re[d]! += o * onMixed.im![m]!;
                  onV.im![d]! -= o * onMixed.re[m]!;
                }
                on.re[s] = re;
                if (on.im) on.im[s] = im;
              }
              onScores(turned ? score : 'real', a, scores, row, on);
              for (let s = 0; s < times; s++) {
                const [re, im] = [on.re[s]! * root, on.im ? on.im[s]! * root : 0];
                for (let c = 0, m = at(i, t, h), n = at(i, s, h), dm = at(r * samples + i, t, h), dn = at(r * samples + i, s, h); c < size; c++, m++, n++, dm++, dn++) {
                  onQ.re[dm]! += re * k.re[n]!;
                  onK.re[dn]! += re * q.re[m]!;
                  if (!complex) continue;
                  // S_r = q_r k_r + q_i k_i, S_i = q_i k_r - q_r k_i
                  onQ.re[dm]! -= im * k.im![n]!;
                  onQ.im![dm]! += re * k.im![n]! + im * k.re[n]!;
                  onK.re[dn]! += im * q.im![m]!;
                  onK.im![dn]! += re * q.im![m]! - im * q.re[m]!;
                }
              }
            }
          }
          await device.pace();
        }
      }
      if (norms) [onQ, onK] = [norms.query.backward(onQ), norms.key.backward(onK)];
      let back: Signal | null = null;
      for (const [tensor, onIt] of [[query, onQ], [key, onK], [value, onV]] as const) {
        await pass.use({ tensor, x, g: onIt, each: times, fan: input.channels, out: inner, bias: true });
        if (!wanted) continue;
        const own = await pull(tensor, onIt, rows * samples, input.complex, rowwise(times, device));
        if (back) addTo(back, own);
        else back = own;
      }
      return [back];
    },
  };
}
