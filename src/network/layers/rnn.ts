// Recurrent cells over the positions as times, from zero states: vanilla, h_t = phi(W x_t + U h_(t-1) + b); GRU as torch and, with gates that
// multiply as complex numbers, complextorch run it; LSTM. Knows no law of weights.
import type { Activation, Parameters } from '../../catalog/activations/activation.ts';
import { addTo, copied, eachPart, newSignal, positionsOf, type Form, type Signal } from '../signal.ts';
import { apply, pull, rowwise, type Tensor } from '../tensors.ts';
import { Bend } from './elementwise.ts';
import { plain, type Layer } from './layer.ts';

export type Cell = 'vanilla' | 'gru' | 'lstm';

/** Blocks of units of both tensors, in torch's order. GRU: reset, update, new. LSTM: input, forget, new, output. */
export const BLOCKS: Record<Cell, number> = { vanilla: 1, gru: 3, lstm: 4 };

/** The function of the gates, which a vanilla cell has none of, and that of the state. */
export interface Bends {
  gates: Bends['state'] | null;
  state: { phi: Activation; numbers: Parameters };
}

/** What a step hands on, or the cotangents on it; the memory is the LSTM's. */
interface State {
  h: Signal;
  memory: Signal | null;
}

/** One step that was taken, and its transpose. */
interface Step {
  after: State;
  /** From cotangents on what it handed on to those on its terms by block, W x + b and U h + b, and on the state before, U h apart. */
  back(on: State): { onInput: Signal[]; onState: Signal[]; before: State };
}

/** a b, or with the cotangents a on a product those on its other factor: a conj b, b repeated for each of them. */
function multiply(a: Signal, b: Signal, conjugate = false): Signal {
  const out = newSignal(a.re.length, a.im !== null);
  const count = b.re.length;
  const sign = conjugate ? -1 : 1;
  for (let k = 0, at = 0; k < out.re.length; k++, at = at + 1 === count ? 0 : at + 1) {
    const [x, u] = [a.re[k]!, b.re[at]!];
    if (!out.im) {
      out.re[k] = x * u;
      continue;
    }
    const [y, v] = [a.im![k]!, sign * b.im![at]!];
    out.re[k] = x * u - y * v;
    out.im[k] = x * v + y * u;
  }
  return out;
}

function sum(a: Signal, b: Signal): Signal {
  const out = copied(a);
  addTo(out, b);
  return out;
}

/** a - b. */
function less(a: Signal, b: Signal): Signal {
  const part = (x: Float32Array, y: Float32Array): Float32Array => x.map((v, k) => v - y[k]!);
  return { re: part(a.re, b.re), im: a.im && part(a.im, b.im!) };
}

const lessFromOne = (z: Signal): Signal => ({ re: z.re.map((v) => 1 - v), im: z.im && z.im.map((v) => -v) });

/** The bends of one step, made anew for each. */
interface Fresh {
  gate(): Bend;
  state(): Bend;
}

type Stepping = (a: Signal[], u: Signal[], before: State, fresh: Fresh, pace: () => Promise<void>) => Promise<Step>;

/** h' = t(a + u). */
const vanilla: Stepping = async (a, u, _before, fresh, pace) => {
  const bend = fresh.state();
  return {
    after: { h: await bend.forward(sum(a[0]!, u[0]!), pace), memory: null },
    back({ h: on }) {
      const onTerm = [bend.backward(on)];
      return { onInput: onTerm, onState: onTerm, before: { h: newSignal(on.re.length, on.im !== null), memory: null } };
    },
  };
};

/** r = s(a + u), z = s(a + u), n = t(a + r u), h' = (1 - z) n + z h. */
const gru: Stepping = async (a, u, { h }, bends, pace) => {
  const [toReset, toUpdate, toNew] = [bends.gate(), bends.gate(), bends.state()];
  const reset = await toReset.forward(sum(a[0]!, u[0]!), pace);
  const update = await toUpdate.forward(sum(a[1]!, u[1]!), pace);
  const fresh = await toNew.forward(sum(a[2]!, multiply(reset, u[2]!)), pace);
  const rest = lessFromOne(update);
  const change = less(h, fresh);
  return {
    after: { h: sum(multiply(rest, fresh), multiply(update, h)), memory: null },
    back({ h: on }) {
      const onNew = toNew.backward(multiply(on, rest, true));
      const onUpdate = toUpdate.backward(multiply(on, change, true));
      const onReset = toReset.backward(multiply(onNew, u[2]!, true));
      return { onInput: [onReset, onUpdate, onNew], onState: [onReset, onUpdate, multiply(onNew, reset, true)], before: { h: multiply(on, update, true), memory: null } };
    },
  };
};

/** i, f, o = s(a + u), g = t(a + u), c' = f c + i g, h' = o t(c'). */
const lstm: Stepping = async (a, u, { h, memory: held }, bends, pace) => {
  const memory = held ?? newSignal(h.re.length, h.im !== null);
  const by = [bends.gate(), bends.gate(), bends.state(), bends.gate()];
  const toOut = bends.state();
  const values: Signal[] = [];
  for (const [k, bend] of by.entries()) values.push(await bend.forward(sum(a[k]!, u[k]!), pace));
  const [write, keep, fresh, show] = values as [Signal, Signal, Signal, Signal];
  const next = sum(multiply(keep, memory), multiply(write, fresh));
  const shown = await toOut.forward(next, pace);
  return {
    after: { h: multiply(show, shown), memory: next },
    back({ h: on, memory: later }) {
      const onNext = toOut.backward(multiply(on, show, true));
      if (later) addTo(onNext, later);
      const onValues = [multiply(onNext, fresh, true), multiply(onNext, memory, true), multiply(onNext, write, true), multiply(on, shown, true)];
      const onGates = onValues.map((g, k) => by[k]!.backward(g));
      return { onInput: onGates, onState: onGates, before: { h: newSignal(on.re.length, on.im !== null), memory: multiply(onNext, keep, true) } };
    },
  };
};

const STEPPING: Record<Cell, Stepping> = { vanilla, gru, lstm };
/** Signals of the state's size that a step keeps. */
const KEPT: Record<Cell, number> = { vanilla: 12, gru: 24, lstm: 24 };

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

function take(s: Signal, t: number, times: number, channels: number): Signal {
  const out = newSignal(s.re.length / times, s.im !== null);
  step(s.re, out.re, t, times, channels, false);
  if (s.im) step(s.im, out.im!, t, times, channels, false);
  return out;
}

function put(s: Signal, part: Signal, t: number, times: number, channels: number): void {
  step(s.re, part.re, t, times, channels, true);
  if (s.im && part.im) step(s.im, part.im, t, times, channels, true);
}

/** @param onInput, onState of as many units as the cell has blocks of channels */
export function recurrent(id: string, from: number, input: Form, form: Form, cell: Cell, bends: Bends, onInput: Tensor, onState: Tensor, sequence: boolean): Layer {
  const times = positionsOf(input);
  const { channels, complex } = form;
  const blocks = BLOCKS[cell];
  const units = blocks * channels;
  const cut = (s: Signal): Signal[] => Array.from({ length: blocks }, (_, k) => take(s, k, blocks, channels));
  const joined = (parts: Signal[]): Signal => {
    const out = newSignal(blocks * parts[0]!.re.length, complex);
    parts.forEach((p, k) => put(out, p, k, blocks, channels));
    return out;
  };
  const bendOf = ({ phi, numbers }: Bends['state']): Bend => new Bend(phi, numbers, complex);
  const fresh: Fresh = { gate: () => bendOf(bends.gates!), state: () => bendOf(bends.state) };
  let steps: Step[] = [];
  let kept: { x: Signal; before: Signal } | null = null;
  return {
    id, from: [from], form, tensors: [onInput, onState], couples: false, keeps: KEPT[cell] * times * channels,
    async forward([x], { samples, device }) {
      const driven = await apply(onInput, x!, samples, complex, rowwise(times, device));
      const before = newSignal(samples * times * channels, complex); // h_(t-1)
      const all = newSignal(samples * times * channels, complex);
      let state: State = { h: newSignal(samples * channels, complex), memory: null };
      steps = [];
      for (let t = 0; t < times; t++) {
        put(before, state.h, t, times, channels);
        const [a, u] = [take(driven, t, times, units), await apply(onState, state.h, samples, complex, rowwise(1, device))];
        const step = await STEPPING[cell](cut(a), cut(u), state, fresh, device.pace);
        steps.push(step);
        state = step.after;
        put(all, state.h, t, times, channels);
      }
      kept = { x: x!, before };
      return sequence ? all : state.h;
    },
    async backward(g, rows, { samples, device, use }, [wanted]) {
      const [onA, onU] = [newSignal(rows * samples * times * units, complex), newSignal(rows * samples * times * units, complex)];
      let carried: State | null = null;
      for (let t = times - 1; t >= 0; t--) {
        const onH = sequence ? take(g, t, times, channels) : t === times - 1 ? copied(g) : newSignal(rows * samples * channels, complex);
        if (carried) addTo(onH, carried.h);
        const back = steps[t]!.back({ h: onH, memory: carried && carried.memory });
        put(onA, joined(back.onInput), t, times, units);
        const onTerm = joined(back.onState);
        put(onU, onTerm, t, times, units);
        if (t > 0) addTo(back.before.h, await pull(onState, onTerm, rows * samples, complex, rowwise(1, device)));
        carried = back.before;
        await device.pace();
      }
      await use({ tensor: onInput, x: kept!.x, g: onA, each: times, fan: input.channels, out: units, bias: true });
      await use({ tensor: onState, x: kept!.before, g: onU, each: times, fan: channels, out: units, bias: true });
      return [wanted ? await pull(onInput, onA, rows * samples, input.complex, rowwise(times, device)) : null];
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
