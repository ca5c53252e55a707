// The works that are timed: networks, their inputs, and how many activation entries each asks for. Knows no clock and no engine.
import { randomStream } from '../src/data/signals/random.ts';

/** A layer and a network as a specification file (*.ntk.json) holds them. */
export type Layer = { kind: string; [field: string]: unknown };
export interface Specification {
  complexNtk: 1;
  input: number[];
  defaults: { weightVariance: number; biasVariance: number };
  layers: Layer[];
}

export interface Work {
  id: string;
  label: string;
  network: Specification;
  samples: number;
  /** Evaluations of an activation's dual that a pair of samples needs in all layers: positions, or pairs of them where a pool follows. */
  entriesAPair: number;
  /** The ratio asked for; null: none. */
  aim: number | null;
  /** Ways that the peer tries (bench/neural_tangents_peer.py); its best counts. */
  ways: string[];
}

/** One point of a curve of growth: `at` is the number on its axis. */
export interface GrowthWork extends Work {
  axis: 'samples' | 'depth' | 'pixels';
  at: number;
}

/** The peer's network written layer by layer, as most people do. */
export const UNROLLED = 'serial';

const WEIGHT_VARIANCE = 2;
const dense = (): Layer => ({ kind: 'dense' });
const activation = (name: string): Layer => ({ kind: 'activation', name });
const conv = (): Layer => ({ kind: 'conv2d', kernel: [3, 3], padding: 'same' });
const relu = () => activation('split-relu');
const times = (count: number, block: () => Layer[]): Layer[] => Array.from({ length: count }, block).flat();

function network(input: number[], layers: Layer[], biasVariance = 0): Specification {
  return { complexNtk: 1, input, defaults: { weightVariance: WEIGHT_VARIANCE, biasVariance }, layers };
}

const denseNetwork = (features: number, depth: number, name: string, biasVariance: number) =>
  network([features], [...times(depth, () => [dense(), activation(name)]), dense()], biasVariance);

function denseWork(samples: number, depth: number, biasVariance: number, aim: number | null): Work {
  return {
    id: `dense-relu-${depth}${biasVariance ? '-bias' : ''}`,
    label: `dense ReLU, depth ${depth}, n = ${samples}, 784 inputs${biasVariance ? `, bias ${biasVariance}` : ''}`,
    network: denseNetwork(784, depth, 'split-relu', biasVariance), samples, entriesAPair: depth, aim,
    ways: [UNROLLED, 'repeat'], // batches of dense networks were never the quickest
  };
}

function convNetwork(side: number, depth: number, end: 'global-average-pool' | 'flatten'): Specification {
  return network([side, side, 3], [...times(depth, () => [conv(), relu()]), { kind: end }, dense()]);
}

/** Halves the picture after the first activation, then two convolutions beside one. */
const residualNetwork = (side: number): Specification => network([side, side, 3], [
  conv(), relu(), { kind: 'average-pool', window: [2, 2] },
  { kind: 'residual', branch: [conv(), relu(), conv()], shortcut: [conv()] }, relu(),
  { kind: 'global-average-pool' }, dense(),
]);

export const works: readonly Work[] = [
  ...[0, 0.1].flatMap((bias) => [[2, 1], [8, 3], [32, 10]].map(([depth, aim]) => denseWork(2048, depth!, bias, aim!))),
  {
    id: 'dense-erf', label: 'dense erf, depth 4, n = 1024, 784 inputs, bias 0.1', network: denseNetwork(784, 4, 'split-erf', 0.1),
    samples: 1024, entriesAPair: 4, aim: null, ways: [UNROLLED, 'repeat'],
  },
  {
    id: 'conv-pool', label: 'conv 3x3 x2, ReLU, global average pool, 16x16x3, n = 32', network: convNetwork(16, 2, 'global-average-pool'),
    samples: 32, entriesAPair: 2 * 256 ** 2, aim: 10, ways: [UNROLLED, `${UNROLLED}, batches of 8`],
  },
  {
    id: 'conv-flatten', label: 'conv 3x3 x8, ReLU, flatten, 32x32x3, n = 64', network: convNetwork(32, 8, 'flatten'),
    samples: 64, entriesAPair: 8 * 1024, aim: 3, ways: [UNROLLED, 'repeat', `${UNROLLED}, batches of 16`],
  },
  {
    id: 'residual', label: 'residual conv net, ReLU, average pools, 16x16x3, n = 32', network: residualNetwork(16),
    samples: 32, entriesAPair: 256 ** 2 + 2 * 64 ** 2, aim: null, ways: [UNROLLED, `${UNROLLED}, batches of 8`],
  },
];

const GROWTH_FEATURES = 256;
const growthDense = (axis: 'samples' | 'depth', samples: number, depth: number): GrowthWork => ({
  id: `growth-${axis}-${axis === 'depth' ? depth : samples}`, axis, at: axis === 'depth' ? depth : samples,
  label: `dense ReLU, depth ${depth}, n = ${samples}, ${GROWTH_FEATURES} inputs`,
  network: denseNetwork(GROWTH_FEATURES, depth, 'split-relu', 0.1), samples, entriesAPair: depth, aim: null,
  // Unrolled, the peer recomputes earlier layers and takes 16 s at depth 32; repeat is its best from depth 3 on.
  ways: depth < 3 ? [UNROLLED] : ['repeat'],
});

export const GROWTH_SAMPLES = 1024;
export const GROWTH_DEPTH = 4;
export const GROWTH_IMAGES = 8;

export const growthWorks: readonly GrowthWork[] = [
  ...[128, 256, 512, 1024, 2048, 4096].map((n) => growthDense('samples', n, GROWTH_DEPTH)),
  ...[1, 2, 4, 8, 16, 32, 64].map((depth) => growthDense('depth', GROWTH_SAMPLES, depth)),
  ...[4, 6, 8, 12, 16, 24].map((side): GrowthWork => ({
    id: `growth-pixels-${side ** 2}`, axis: 'pixels', at: side ** 2,
    label: `conv 3x3 x2, ReLU, global average pool, ${side}x${side}x3, n = ${GROWTH_IMAGES}`,
    network: convNetwork(side, 2, 'global-average-pool'), samples: GROWTH_IMAGES, entriesAPair: 2 * side ** 4, aim: null,
    ways: side >= 12 ? [UNROLLED, `${UNROLLED}, batches of 4`] : [UNROLLED],
  })),
];

/** Planes of the real and imaginary parts, samples first, channels last. */
export interface Planes {
  re: Float64Array;
  im: Float64Array;
}

const CLASSES = 10;
const SEED = 4;

/**
 * Complex samples of ten classes: a template of the class plus noise, each sample at its own scale, so that correlations
 * and norms spread as those of data do.
 */
export function inputsOf({ network: { input }, samples }: Pick<Work, 'network' | 'samples'>): Planes {
  const size = input.reduce((a, b) => a * b, 1);
  const random = randomStream(SEED);
  const normals = (count: number) => Float64Array.from({ length: count }, () => random.normal());
  const templates = normals(CLASSES * 2 * size);
  const re = normals(samples * size);
  const im = normals(samples * size);
  for (let a = 0; a < samples; a++) {
    const scale = 0.5 + random.uniform();
    const from = random.below(CLASSES) * 2 * size;
    for (let k = 0; k < size; k++) {
      re[a * size + k] = scale * (re[a * size + k]! + templates[from + k]!);
      im[a * size + k] = scale * (im[a * size + k]! + templates[from + size + k]!);
    }
  }
  return { re, im };
}

/** The real samples that a network on [Re, Im] reads: the parts stacked as channels (the last axis doubles). */
export function stacked({ re, im }: Planes, channels: number): Float64Array {
  const out = new Float64Array(2 * re.length);
  for (let at = 0; at < re.length; at += channels) {
    out.set(re.subarray(at, at + channels), 2 * at);
    out.set(im.subarray(at, at + channels), 2 * at + channels);
  }
  return out;
}
