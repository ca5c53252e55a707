// A vanilla recurrent cell over the positions as times: h_t = U x_t + W z_(t-1) + b, z_t = phi(h_t), z_0 = 0. Knows no gates.
import type { Activation, Parameters } from '../../catalog/activations/activation.ts';
import { eachPart, newSignal, positionsOf, sizeOf, type Form, type Signal } from '../signal.ts';
import { apply, pull, rowwise, type Tensor } from '../tensors.ts';
import { Bend } from './elementwise.ts';
import { plain, type Layer } from './layer.ts';

/** Step t of rows [.][time][channel], or back into its place. */
function step(whole: Float32Array, part: Float32Array, t: number, times: number, channels: number, back: boolean): void {
  for (let r = 0; r < part.length / channels; r++) {
    const [a, b] = [(r * times + t) * channels, r * channels];
    for (let c = 0; c < channels; c++) {
      if (back) whole[a + c] = part[b + c]!;
      else part[b + c] = whole[a + c]!;
    }
  }
}

export function take(s: Signal, t: number, times: number, channels: number): Signal {
  const out = newSignal(s.re.length / times, s.im !== null);
  step(s.re, out.re, t, times, channels, false);
  if (s.im) step(s.im, out.im!, t, times, channels, false);
  return out;
}

export function put(s: Signal, part: Signal, t: number, times: number, channels: number): void {
  step(s.re, part.re, t, times, channels, true);
  if (s.im && part.im) step(s.im, part.im, t, times, channels, true);
}

export function recurrent(id: string, from: number, input: Form, form: Form, phi: Activation, parameters: Parameters, onInput: Tensor, onState: Tensor, sequence: boolean): Layer {
  const times = positionsOf(input);
  const { channels, complex } = form;
  let bends: Bend[] = [];
  let kept: { x: Signal; before: Signal } | null = null;
  return {
    id, from: [from], form, tensors: [onInput, onState], couples: false, keeps: 12 * times * channels,
    async forward([x], { samples, device }) {
      const driven = await apply(onInput, x!, samples, complex, rowwise(times, device));
      const before = newSignal(samples * times * channels, complex); // z_(t-1)
      const all = newSignal(samples * times * channels, complex);
      bends = Array.from({ length: times }, () => new Bend(phi, parameters, complex));
      let z: Signal | null = null;
      for (let t = 0; t < times; t++) {
        const h = take(driven, t, times, channels);
        if (z) {
          put(before, z, t, times, channels);
          const more = await apply(onState, z, samples, complex, rowwise(1, device));
          for (let k = 0; k < h.re.length; k++) h.re[k]! += more.re[k]!;
          if (h.im) for (let k = 0; k < h.im.length; k++) h.im[k]! += more.im![k]!;
        }
        z = await bends[t]!.forward(h, device.pace);
        put(all, z, t, times, channels);
      }
      kept = { x: x!, before };
      return sequence ? all : z!;
    },
    async backward(g, rows, { samples, device, use }, [wanted]) {
      const onH = newSignal(rows * samples * times * channels, complex);
      let carried: Signal | null = null;
      for (let t = times - 1; t >= 0; t--) {
        const onZ = sequence ? take(g, t, times, channels) : t === times - 1 ? { re: g.re.slice(), im: g.im && g.im.slice() } : newSignal(rows * samples * channels, complex);
        if (carried) {
          for (let k = 0; k < onZ.re.length; k++) onZ.re[k]! += carried.re[k]!;
          if (onZ.im) for (let k = 0; k < onZ.im.length; k++) onZ.im[k]! += carried.im![k]!;
        }
        const h = bends[t]!.backward(onZ);
        put(onH, h, t, times, channels);
        carried = t > 0 ? await pull(onState, h, rows * samples, complex, rowwise(1, device)) : null;
      }
      await use({ tensor: onInput, x: kept!.x, g: onH, each: times, fan: input.channels, out: channels, bias: true });
      await use({ tensor: onState, x: kept!.before, g: onH, each: times, fan: channels, out: channels, bias: false });
      if (!wanted) return [null];
      const back = await pull(onInput, onH, rows * samples, input.complex, rowwise(times, device));
      return [back.re.length === rows * samples * sizeOf(input) ? back : null];
    },
  };
}

/** The first `count` channels at each position. */
export function firstChannels(id: string, from: number, input: Form, count: number): Layer {
  const form: Form = { ...input, channels: count };
  const blocks = (x: Float32Array, own: number, other: number): Float32Array => {
    const out = new Float32Array((x.length / own) * other);
    for (let r = 0; r < x.length / own; r++) for (let c = 0; c < count; c++) out[r * other + c] = x[r * own + c]!;
    return out;
  };
  return plain(id, [from], form, ([x]) => eachPart(x!, (a) => blocks(a, input.channels, count)), (g) => [eachPart(g, (a) => blocks(a, count, input.channels))]);
}
