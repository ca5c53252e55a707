// The works of finite networks: the networks, their weights and inputs, who takes part and what is asked for. Knows no clock and no engine.
import type { Field } from '../src/contract/graph.ts';
import type { InputSet } from '../src/contract/inputs.ts';
import { randomStream } from '../src/data/signals/random.ts';
import type { Layer } from './works.ts';

export interface FiniteSpecification {
  complexNtk: 1;
  field: Field;
  input: number[];
  layers: Layer[];
}

/** One way of one side: `way` is a backend of ours, or a name that bench/*_peer.py knows. */
export interface FiniteWay {
  side: 'ours' | 'neural-tangents' | 'torch';
  way: string;
  /** The ratio asked for, their time / ours; null: none. */
  aim: number | null;
}

export interface FiniteWork {
  id: string;
  label: string;
  network: FiniteSpecification;
  samples: number;
  ways: FiniteWay[];
}

const dense = (units: number): Layer => ({ kind: 'dense', units });
const conv = (channels: number): Layer => ({ kind: 'conv2d', channels, kernel: [3, 3], padding: 'same' });
const activation = (name: string): Layer => ({ kind: 'activation', name });
const network = (field: Field, input: number[], layers: Layer[]): FiniteSpecification => ({ complexNtk: 1, field, input, layers });

const denseNetwork = (field: Field, features: number, width: number, name: string) =>
  network(field, [features], [dense(width), activation(name), dense(width), activation(name), dense(1)]);
const convNetwork = (field: Field, side: number, channels: number, depth: number, name: string) =>
  network(field, [side, side, 3], [...Array.from({ length: depth }, () => [conv(channels), activation(name)]).flat(), { kind: 'global-average-pool' }, dense(1)]);

const OURS: FiniteWay[] = [{ side: 'ours', way: 'native', aim: null }, { side: 'ours', way: 'wasm', aim: null }];
const [STRUCTURED, PRODUCTS, JACOBIANS] = ['structured derivatives', 'NTK-vector products', 'Jacobian contraction'];
const tangents = (way: string, aim: number | null): FiniteWay => ({ side: 'neural-tangents', way, aim });
const torch = (way: string, aim: number | null): FiniteWay => ({ side: 'torch', way, aim });

export const DENSE_REAL = 'finite-dense-real';
export const DENSE_COMPLEX = 'finite-dense-complex';
/** Our time of the complex network over that of the real one, at most. */
export const COMPLEX_OVER_REAL_AIM = 4;

export const finiteWorks: readonly FiniteWork[] = [
  {
    id: DENSE_REAL, label: 'dense ReLU, real, 784-2048-2048-1, n = 64', network: denseNetwork('real', 784, 2048, 'relu'), samples: 64,
    ways: [...OURS, tangents(STRUCTURED, 1), tangents(PRODUCTS, 20), tangents(JACOBIANS, 20), torch(JACOBIANS, 20), torch(PRODUCTS, 20)],
  },
  {
    id: DENSE_COMPLEX, label: 'dense split ReLU, complex, 784-2048-2048-1, n = 64', network: denseNetwork('complex', 784, 2048, 'split-relu'), samples: 64,
    ways: [...OURS, tangents(STRUCTURED, null), torch(JACOBIANS, null), torch(PRODUCTS, null)],
  },
  {
    id: 'finite-conv-real', label: 'conv 3x3 x4, ReLU, 64 channels, global average pool, 32x32x3, n = 32', network: convNetwork('real', 32, 64, 4, 'relu'), samples: 32,
    ways: [...OURS, tangents(STRUCTURED, 1), tangents(PRODUCTS, 1), tangents(JACOBIANS, 1), torch(JACOBIANS, 1), torch(PRODUCTS, 1)],
  },
];

/** Small networks whose kernels and gradients are held against torch's, which takes the same float32 numbers in float64. */
export const comparedWorks: readonly Omit<FiniteWork, 'ways'>[] = [
  { id: 'compared-dense-real', label: 'dense ReLU, real, 20-32-32-1', network: denseNetwork('real', 20, 32, 'relu'), samples: 12 },
  { id: 'compared-dense-complex', label: 'dense split ReLU, complex, 20-32-32-1', network: denseNetwork('complex', 20, 32, 'split-relu'), samples: 12 },
  { id: 'compared-dense-tanh', label: 'dense split tanh, complex, 20-32-32-1', network: denseNetwork('complex', 20, 32, 'split-tanh'), samples: 12 },
  { id: 'compared-dense-cardioid', label: 'dense cardioid, complex, 20-32-32-1', network: denseNetwork('complex', 20, 32, 'cardioid'), samples: 12 },
  { id: 'compared-conv-real', label: 'conv 3x3 x2, ReLU, real, 8 channels, 6x6x3', network: convNetwork('real', 6, 8, 2, 'relu'), samples: 8 },
  { id: 'compared-conv-complex', label: 'conv 3x3 x2, cardioid, complex, 8 channels, 6x6x3', network: convNetwork('complex', 6, 8, 2, 'cardioid'), samples: 8 },
];

const planesOf = ({ field }: FiniteSpecification): number => (field === 'real' ? 1 : 2);
const SEED = { inputs: 4, weights: 5 };

/** [fan, units] of each layer with weights. */
export function weightShapes({ input, layers }: FiniteSpecification): [fan: number, units: number][] {
  let channels = input.at(-1)!;
  return layers.flatMap((layer): [number, number][] => {
    const units = (layer.units ?? layer.channels) as number | undefined;
    if (units === undefined) return [];
    const taps = ((layer.kernel as number[] | undefined) ?? []).reduce((a, b) => a * b, 1);
    const fan = taps * channels;
    channels = units;
    return [[fan, units]];
  });
}

/** Trained real numbers: there are no biases. */
export const parametersOf = (network: FiniteSpecification): number => planesOf(network) * weightShapes(network).reduce((sum, [fan, units]) => sum + fan * units, 0);

/** All weights, by layer, the plane of real parts before that of imaginary ones, each fan x units: normal, fan E|w|^2 = 2. */
export function finiteWeights(network: FiniteSpecification): Float32Array {
  const random = randomStream(SEED.weights);
  const out = new Float32Array(parametersOf(network));
  let at = 0;
  for (const [fan, units] of weightShapes(network)) {
    const scale = Math.sqrt(2 / (fan * planesOf(network)));
    for (const end = at + planesOf(network) * fan * units; at < end; at++) out[at] = scale * random.normal();
  }
  return out;
}

/** Standard normal samples, the plane of real parts before that of imaginary ones. */
export function finiteInputs({ network, samples }: Pick<FiniteWork, 'network' | 'samples'>): Float32Array {
  const random = randomStream(SEED.inputs);
  return Float32Array.from({ length: planesOf(network) * samples * network.input.reduce((a, b) => a * b, 1) }, () => random.normal());
}

export function inputSetOf({ input, field }: FiniteSpecification, samples: number, planes: Float32Array): InputSet {
  const size = samples * input.reduce((a, b) => a * b, 1);
  const im = field === 'real' ? new Float64Array(size) : Float64Array.from(planes.subarray(size));
  return { samples, shape: input, re: Float64Array.from(planes.subarray(0, size)), im, field, description: 'given', provenance: {} };
}
