// Gated recurrent cells over the positions as times, from zero states: GRU as torch and, with gates that multiply as complex numbers,
// complextorch run it, and LSTM. Knows no law of weights.
import type { Activation, Parameters } from '../../catalog/activations/activation.ts';
import { addTo, newSignal, positionsOf, type Form, type Signal } from '../signal.ts';
import { apply, pull, rowwise, type Tensor } from '../tensors.ts';
import { Bend } from './elementwise.ts';
import type { Layer } from './layer.ts';
import { put, take } from './rnn.ts';

export type Cell = 'gru' | 'lstm';

/** Blocks of units of both tensors, in torch's order. GRU: reset, update, new. LSTM: input, forget, new, output. */
export const GATES: Record<Cell, number> = { gru: 3, lstm: 4 };

/** The function of the gates and that of the state. */
export interface Bends {
  gates: { phi: Activation; numbers: Parameters };
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

const copy = (s: Signal): Signal => ({ re: s.re.slice(), im: s.im && s.im.slice() });

function sum(a: Signal, b: Signal): Signal {
  const out = copy(a);
  addTo(out, b);
  return out;
}

/** a - b. */
function less(a: Signal, b: Signal): Signal {
  const part = (x: Float32Array, y: Float32Array): Float32Array => x.map((v, k) => v - y[k]!);
  return { re: part(a.re, b.re), im: a.im && part(a.im, b.im!) };
}

const lessFromOne = (z: Signal): Signal => ({ re: z.re.map((v) => 1 - v), im: z.im && z.im.map((v) => -v) });

/** r = s(a + u), z = s(a + u), n = t(a + r u), h' = (1 - z) n + z h. */
async function gru(a: Signal[], u: Signal[], { h }: State, bends: () => { gate: Bend; state: Bend }, pace: () => Promise<void>): Promise<Step> {
  const [toReset, toUpdate, toNew] = [bends().gate, bends().gate, bends().state];
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
}

/** i, f, o = s(a + u), g = t(a + u), c' = f c + i g, h' = o t(c'). */
async function lstm(a: Signal[], u: Signal[], { h, memory: held }: State, bends: () => { gate: Bend; state: Bend }, pace: () => Promise<void>): Promise<Step> {
  const memory = held ?? newSignal(h.re.length, h.im !== null);
  const by = [bends().gate, bends().gate, bends().state, bends().gate];
  const toOut = bends().state;
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
}

/** @param onInput, onState of as many units as the cell has blocks of channels */
export function gated(id: string, from: number, input: Form, form: Form, cell: Cell, bends: Bends, onInput: Tensor, onState: Tensor, sequence: boolean): Layer {
  const times = positionsOf(input);
  const { channels, complex } = form;
  const blocks = GATES[cell];
  const units = blocks * channels;
  const cut = (s: Signal): Signal[] => Array.from({ length: blocks }, (_, k) => take(s, k, blocks, channels));
  const joined = (parts: Signal[]): Signal => {
    const out = newSignal(blocks * parts[0]!.re.length, complex);
    parts.forEach((p, k) => put(out, p, k, blocks, channels));
    return out;
  };
  const fresh = () => ({ gate: new Bend(bends.gates.phi, bends.gates.numbers, complex), state: new Bend(bends.state.phi, bends.state.numbers, complex) });
  let steps: Step[] = [];
  let kept: { x: Signal; before: Signal } | null = null;
  return {
    id, from: [from], form, tensors: [onInput, onState], couples: false, keeps: 24 * times * channels,
    async forward([x], { samples, device }) {
      const driven = await apply(onInput, x!, samples, complex, rowwise(times, device));
      const before = newSignal(samples * times * channels, complex); // h_(t-1)
      const all = newSignal(samples * times * channels, complex);
      let state: State = { h: newSignal(samples * channels, complex), memory: null };
      steps = [];
      for (let t = 0; t < times; t++) {
        put(before, state.h, t, times, channels);
        const [a, u] = [take(driven, t, times, units), await apply(onState, state.h, samples, complex, rowwise(1, device))];
        const step = await (cell === 'gru' ? gru : lstm)(cut(a), cut(u), state, fresh, device.pace);
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
        const onH = sequence ? take(g, t, times, channels) : t === times - 1 ? copy(g) : newSignal(rows * samples * channels, complex);
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
