// Runs a finite network forward and its cotangents back, layer by layer. Knows no kind of layer.
import { Fault } from '../contract/fault.ts';
import type { InputSet } from '../contract/inputs.ts';
import type { FiniteNetwork } from './build.ts';
import type { Device, Pace } from './device.ts';
import type { Pass, Use } from './layers/layer.ts';
import { addTo, positionsOf, transposed, type Form, type Signal } from './signal.ts';
import { draw } from './tensors.ts';

/** Draws all weights; the same seed and sizes give the same numbers on every machine and backend. */
export async function drawNetwork(network: FiniteNetwork, seed: number, pace: Pace = async () => {}): Promise<void> {
  // The sizes are part of the seed, so that networks of two widths share no numbers.
  for (const [at, t] of network.tensors.entries()) await draw(t, [seed, at, t.fan, t.out], pace);
}

/** The samples as the network takes them: channels last. */
export function inputSignal(form: Form, inputs: Pick<InputSet, 're' | 'im'>): Signal {
  const part = (x: Float64Array): Float32Array => {
    const values = Float32Array.from(x);
    return form.order === 'last' ? values : transposed(values, form.channels, positionsOf(form));
  };
  return { re: part(inputs.re), im: form.complex ? part(inputs.im) : null };
}

/** All values: the input, then each layer's output. */
export async function forward(network: FiniteNetwork, x: Signal, samples: number, device: Device): Promise<Signal[]> {
  const values: Signal[] = [x];
  const pass: Pass = { samples, device, use: async () => {} };
  for (const layer of network.layers) {
    try {
      values.push(await layer.forward(layer.from.map((k) => values[k]!), pass));
    } catch (e) {
      if (e instanceof RangeError) throw new Fault('bad-input', `${layer.id}: ${e.message}.`, layer.id);
      throw e;
    }
  }
  return values;
}

/** Takes `rows` cotangents on the output back through the network that `forward` ran last, telling of every use of a tensor. */
export async function backward(network: FiniteNetwork, g: Signal, rows: number, samples: number, device: Device, use: (u: Use) => Promise<void>): Promise<void> {
  const { layers } = network;
  const on: (Signal | null)[] = new Array<Signal | null>(layers.length + 1).fill(null);
  on[layers.length] = g;
  // What only leads to the input is not asked for.
  const needed = layers.map(() => false);
  layers.forEach((l, k) => { needed[k] = l.tensors.length > 0 || l.from.some((f) => f > 0 && needed[f - 1]); });
  for (let k = layers.length - 1; k >= 0; k--) {
    const own = on[k + 1];
    on[k + 1] = null;
    if (!own || !needed[k]) continue;
    const layer = layers[k]!;
    const back = await layer.backward(own, rows, { samples, device, use }, layer.from.map((f) => f > 0 && needed[f - 1]!));
    layer.from.forEach((f, i) => {
      const b = back[i];
      if (!b || f === 0) return;
      if (on[f]) addTo(on[f], b);
      else on[f] = b;
    });
  }
}
