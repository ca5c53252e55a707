// A dense network of finite width and one draw of its weights. Knows no tensor library and no kernel.
import type { Activation, Parameters } from '../catalog/activations/activation.ts';
import type { Field } from '../contract/graph.ts';
import { normals } from './normals.ts';

export interface DenseLayer {
  /** s_w^2 = fan_in E|w|^2 and s_b^2 = E|b|^2. */
  weightVariance: number;
  biasVariance: number;
  /** Applied to the layer's output; null for none, as after the last layer. */
  activation: Activation | null;
  parameters: Parameters;
}

/** h = s_w W z / sqrt(fan_in) + s_b b per layer; the last layer has one unit, f. */
export interface DenseNetwork {
  field: Field;
  layers: DenseLayer[];
}

/** Standard normals, row-major units x fanIn: W = (P + iQ)/sqrt2 and b = (p + iq)/sqrt2, or W = P and b = p in a real network. */
export interface LayerWeights {
  units: number;
  fanIn: number;
  p: Float32Array;
  q: Float32Array | null;
  biasP: Float32Array | null;
  biasQ: Float32Array | null;
}

/** Awaited between pieces of work: lets others run, and throws when cancelled. */
export type Pace = () => Promise<void>;

const DRAWS_AT_ONCE = 1 << 19;

/** [units, fanIn] of each layer, the hidden ones `width` wide. */
export function layerSizes(layers: number, inputs: number, width: number): [units: number, fanIn: number][] {
  return Array.from({ length: layers }, (_, l) => [l === layers - 1 ? 1 : width, l === 0 ? inputs : width]);
}

/** All weights and biases; the same (sizes, seed) give the same numbers on every machine and backend. */
export async function drawWeights(network: DenseNetwork, inputs: number, width: number, seed: number, pace: Pace): Promise<LayerWeights[]> {
  const complex = network.field === 'complex';
  const out: LayerWeights[] = [];
  for (const [l, [units, fanIn]] of layerSizes(network.layers.length, inputs, width).entries()) {
    // The width is part of the seed, so that studies at two widths share no numbers.
    const fill = normals([seed, width, l]);
    const draw = async (length: number): Promise<Float32Array> => {
      const values = new Float32Array(length);
      for (let at = 0; at < length; at += DRAWS_AT_ONCE) {
        fill(values.subarray(at, at + DRAWS_AT_ONCE));
        await pace();
      }
      return values;
    };
    const biased = network.layers[l]!.biasVariance > 0;
    out.push({
      units, fanIn,
      p: await draw(units * fanIn),
      q: complex ? await draw(units * fanIn) : null,
      biasP: biased ? await draw(units) : null,
      biasQ: biased && complex ? await draw(units) : null,
    });
  }
  return out;
}
