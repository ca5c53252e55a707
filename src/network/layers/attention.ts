// Self-attention over the positions: softmax of the scores Re(q . conj k) / sqrt d of each head, times the values. Knows no masks.
import { newSignal, positionsOf, sizeOf, type Form, type Signal } from '../signal.ts';
import { apply, pull, rowwise, type Tensor } from '../tensors.ts';
import type { Layer, Pass } from './layer.ts';

/** What the softmax is taken of: the real part of the scores, or their modulus. */
export type Score = 'real' | 'modulus';

/** @param tensors query, key, value, output */
export function attention(id: string, from: number, input: Form, form: Form, heads: number, score: Score, tensors: [Tensor, Tensor, Tensor, Tensor]): Layer {
  const [query, key, value, output] = tensors;
  const times = positionsOf(input);
  const inner = value.field === 'free' ? value.out / (form.complex ? 2 : 1) : value.out;
  const size = inner / heads;
  const root = 1 / Math.sqrt(size);
  const complex = form.complex;
  let kept: { x: Signal; q: Signal; k: Signal; v: Signal; shares: Float32Array; scores: Signal | null; mixed: Signal } | null = null;

  /** Rows (sample, time) of `inner` channels: start of head h. */
  const at = (i: number, t: number, h: number): number => (i * times + t) * inner + h * size;

  async function mix(q: Signal, k: Signal, v: Signal, { samples, device }: Pass): Promise<{ shares: Float32Array; scores: Signal | null; mixed: Signal }> {
    const shares = new Float32Array(samples * heads * times * times);
    const scores = score === 'modulus' && complex ? newSignal(shares.length, true) : null;
    const mixed = newSignal(samples * times * inner, complex);
    for (let i = 0; i < samples; i++) {
      for (let h = 0; h < heads; h++) {
        for (let t = 0; t < times; t++) {
          const row = ((i * heads + h) * times + t) * times;
          let top = -Infinity;
          for (let s = 0; s < times; s++) {
            let [re, im] = [0, 0];
            for (let c = 0, a = at(i, t, h), b = at(i, s, h); c < size; c++, a++, b++) {
              re += q.re[a]! * k.re[b]!;
              if (!complex) continue;
              re += q.im![a]! * k.im![b]!;
              if (scores) im += q.im![a]! * k.re[b]! - q.re[a]! * k.im![b]!;
            }
            if (scores) [scores.re[row + s], scores.im![row + s]] = [re * root, im * root];
            shares[row + s] = scores ? Math.hypot(re, im) * root : re * root;
            top = Math.max(top, shares[row + s]!);
          }
          let total = 0;
          for (let s = 0; s < times; s++) total += shares[row + s] = Math.exp(shares[row + s]! - top);
          for (let s = 0; s < times; s++) {
            const share = shares[row + s]! /= total;
            for (let c = 0, a = at(i, t, h), b = at(i, s, h); c < size; c++, a++, b++) {
              mixed.re[a]! += share * v.re[b]!;
              if (complex) mixed.im![a]! += share * v.im![b]!;
            }
          }
        }
      }
      await device.pace();
    }
    return { shares, scores, mixed };
  }

  return {
    id, from: [from], form, tensors, couples: false,
    async forward([x], pass) {
      const by = rowwise(times, pass.device);
      const run = (t: Tensor) => apply(t, x!, pass.samples, complex, by);
      const [q, k, v] = [await run(query), await run(key), await run(value)];
      kept = { x: x!, q, k, v, ...(await mix(q, k, v, pass)) };
      return apply(output, kept.mixed, pass.samples, complex, by);
    },
    async backward(g, rows, pass, [wanted]) {
      const { x, q, k, v, shares, scores, mixed } = kept!;
      const { samples, device } = pass;
      const all = rows * samples * times;
      await pass.use({ tensor: output, x: mixed, g, each: times, fan: inner, out: form.channels, bias: true });
      const onMixed = await pull(output, g, rows * samples, complex, rowwise(times, device));
      const [onQ, onK, onV] = [0, 1, 2].map(() => newSignal(all * inner, complex)) as [Signal, Signal, Signal];
      const onShare = new Float64Array(times);
      for (let r = 0; r < rows; r++) {
        for (let i = 0; i < samples; i++) {
          for (let h = 0; h < heads; h++) {
            for (let t = 0; t < times; t++) {
              const row = ((i * heads + h) * times + t) * times;
              let mean = 0;
              for (let s = 0; s < times; s++) {
                let sum = 0;
                const share = shares[row + s]!;
                for (let c = 0, a = at(r * samples + i, t, h), b = at(i, s, h), d = at(r * samples + i, s, h); c < size; c++, a++, b++, d++) {
                  sum += onMixed.re[a]! * v.re[b]!;
                  onV.re[d]! += share * onMixed.re[a]!;
                  if (!complex) continue;
                  sum += onMixed.im![a]! * v.im![b]!;
                  onV.im![d]! += share * onMixed.im![a]!;
                }
                onShare[s] = sum;
                mean += share * sum;
              }
              for (let s = 0; s < times; s++) {
                const on = shares[row + s]! * (onShare[s]! - mean) * root;
                // Of the score p = q . conj k: on p the cotangent (on, 0), or along p where its modulus counts.
                let [re, im] = [on, 0];
                if (scores) {
                  const modulus = Math.hypot(scores.re[row + s]!, scores.im![row + s]!);
                  [re, im] = modulus > 0 ? [(on * scores.re[row + s]!) / modulus, (on * scores.im![row + s]!) / modulus] : [0, 0];
                }
                for (let c = 0, a = at(i, t, h), b = at(i, s, h), da = at(r * samples + i, t, h), db = at(r * samples + i, s, h); c < size; c++, a++, b++, da++, db++) {
                  onQ.re[da]! += re * k.re[b]!;
                  onK.re[db]! += re * q.re[a]!;
                  if (!complex) continue;
                  // p_r = q_r k_r + q_i k_i, p_i = q_i k_r - q_r k_i
                  onQ.re[da]! -= im * k.im![b]!;
                  onQ.im![da]! += re * k.im![b]! + im * k.re[b]!;
                  onK.re[db]! += im * q.im![a]!;
                  onK.im![db]! += re * q.im![a]! - im * q.re[a]!;
                }
              }
            }
          }
          await device.pace();
        }
      }
      let back: Signal | null = null;
      for (const [tensor, on] of [[query, onQ], [key, onK], [value, onV]] as const) {
        await pass.use({ tensor, x, g: on, each: times, fan: input.channels, out: inner, bias: true });
        if (!wanted) continue;
        const own = await pull(tensor, on, rows * samples, input.complex, rowwise(times, device));
        if (!back) back = own;
        else for (const part of ['re', 'im'] as const) if (back[part] && own[part]) for (let e = 0; e < own[part]!.length; e++) back[part]![e]! += own[part]![e]!;
      }
      return [back ?? (wanted ? newSignal(rows * samples * sizeOf(input), input.complex) : null)];
    },
  };
}
