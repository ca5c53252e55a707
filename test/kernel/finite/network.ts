// A model graph as one finite network that is drawn, run forward and differentiated in reverse, layer by layer, by the
// definitions alone. Knows no infinite-width kernel: it is the other route to them.
import { activationOf } from '../../../src/catalog/activations/index.ts';
import type { Activation } from '../../../src/catalog/activations/activation.ts';
import type { GraphNode, ModelGraph } from '../../../src/contract/graph.ts';
import type { InputSet } from '../../../src/contract/inputs.ts';
import { normalsFrom } from './random.ts';
import { addShare, apply, draw, gram, newSignals, newWeights, pull, turn, type Gram, type Rows, type Signals, type Weights } from './weights.ts';

/** The values of one layer: [sample][position][channel], and the signals df/dz, df/dzbar that come back to them. */
interface Value {
  /** Sizes of the spatial axes; none for plain features. */
  sizes: number[];
  channels: number;
  real: boolean;
  re: Float64Array;
  im: Float64Array;
  signals: Signals;
}

/** One tensor's part in one layer: its input rows and the signals on its output, `each` rows a sample. */
interface Use {
  weights: Weights;
  x: Rows;
  h: Signals;
  each: number;
  bias: boolean;
}

interface Layer {
  id: string;
  from: Value[];
  to: Value;
  weights: Weights[];
  uses: Use[];
  forward(): void;
  /** From the signals on `to` to those on `from`, added. */
  backward(holomorphic: boolean): void;
}

export interface FiniteNetwork {
  samples: number;
  layers: Layer[];
  output: Value;
  /** The last dense layer, for the kernel of its output given the features before it. */
  readOut: Layer;
}

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
const positions = (v: Value): number => product(v.sizes);
const rowsOf = (v: Value): Rows => ({ re: v.re, im: v.real ? null : v.im });
const list = (v: unknown): number[] => v as number[];

/** Channels of every layer: `width`, of the output 1, of a concatenation's branches their fractions of `width`. */
function channelsWanted(graph: ModelGraph, sources: Map<string, (string | null)[]>, width: number): Map<string, number> {
  const wanted = new Map<string, number>();
  const last = graph.layers.findLast((l) => l.kind === 'dense')!;
  wanted.set(last.id, 1);
  const byId = new Map(graph.layers.map((l) => [l.id, l]));
  const ask = (id: string | null, channels: number): void => {
    if (id === null) return;
    const node = byId.get(id)!;
    if (wanted.has(id) && wanted.get(id) !== channels) throw new Error(`${id} is asked for ${wanted.get(id)} and ${channels} channels`);
    wanted.set(id, channels);
    if (node.kind === 'concat') spread(node, channels);
    else if (!['dense', 'conv1d', 'conv2d', 'rnn'].includes(node.kind)) for (const s of sources.get(id)!) ask(s, channels);
  };
  const spread = (node: GraphNode, channels: number): void => {
    const from = sources.get(node.id)!;
    const fractions = (node.parameters.weights as number[] | undefined) ?? from.map(() => 1 / from.length);
    from.forEach((s, i) => ask(s, Math.round(fractions[i]! * channels)));
  };
  for (const node of [...graph.layers].reverse()) if (node.kind === 'concat' && !wanted.has(node.id)) ask(node.id, width);
  return wanted;
}

/** Where each window reads: [output position][tap], an input position or -1 for a padded zero. */
function reads(sizes: number[], kernel: number[], stride: number[], dilation: number[], padding: unknown): { sizes: number[]; at: Int32Array } {
  const axes = sizes.map((size, a) => {
    const span = dilation[a]! * (kernel[a]! - 1) + 1;
    const total = padding === 'valid' ? 0 : Array.isArray(padding) ? list(padding[a])[0]! + list(padding[a])[1]! : Math.max((Math.ceil(size / stride[a]!) - 1) * stride[a]! + span - size, 0);
    const before = Array.isArray(padding) ? list(padding[a])[0]! : Math.floor(total / 2);
    const count = Math.floor((size + total - span) / stride[a]!) + 1;
    return { count, read: (u: number, v: number): number => {
      const at = u * stride[a]! + v * dilation[a]! - before;
      return padding === 'circular' ? ((at % size) + size) % size : at < 0 || at >= size ? -1 : at;
    } };
  });
  const out = axes.map((a) => a.count);
  const taps = product(kernel);
  const at = new Int32Array(product(out) * taps);
  for (let u = 0; u < product(out); u++) {
    for (let v = 0; v < taps; v++) {
      let place = 0;
      let [restU, restV, strideU, strideV] = [u, v, product(out), taps];
      for (const [a, axis] of axes.entries()) {
        strideU /= axis.count;
        strideV /= kernel[a]!;
        const r = axis.read(Math.floor(restU / strideU), Math.floor(restV / strideV));
        restU %= strideU;
        restV %= strideV;
        place = r < 0 || place < 0 ? -1 : place * sizes[a]! + r;
      }
      at[u * taps + v] = place;
    }
  }
  return { sizes: out, at };
}

/**
 * The network of `graph` for these inputs, every hidden layer `width` channels wide, in NTK parameterisation:
 * complex tensors (P + iQ)/sqrt2, real ones P, all standard normal, times the root of the layer's variance over its fan-in.
 */
export function buildFinite(graph: ModelGraph, inputs: InputSet, width: number): FiniteNetwork {
  const n = inputs.samples;
  const sources = new Map<string, (string | null)[]>(graph.layers.map((l) => [l.id, graph.graph.inputs.includes(l.id) ? [null] : []]));
  for (const [from, to] of graph.graph.edges) sources.get(to)!.push(from);
  const wanted = channelsWanted(graph, sources, width);

  const newValue = (sizes: number[], channels: number, real: boolean): Value => {
    const count = n * product(sizes) * channels;
    return { sizes, channels, real, re: new Float64Array(count), im: new Float64Array(count), signals: newSignals(count) };
  };
  const input: Value = { ...newValue(inputs.shape.slice(0, -1), inputs.shape.at(-1)!, inputs.field === 'real'), re: inputs.re, im: inputs.im };
  const values = new Map<string | null, Value>([[null, input]]);
  const layers: Layer[] = [];
  const last = graph.layers.findLast((l) => l.kind === 'dense')!;
  for (const node of graph.layers) {
    const from = sources.get(node.id)!.map((s) => values.get(s)!);
    const layer = makeLayer(node, from, wanted.get(node.id) ?? width, n, newValue);
    values.set(node.id, layer.to);
    layers.push(layer);
    if (node === last) break;
  }
  const readOut = layers.at(-1)!;
  if (positions(readOut.to) !== 1) throw new Error('the last dense layer must see one position');
  return { samples: n, layers, output: readOut.to, readOut };
}

type NewValue = (sizes: number[], channels: number, real: boolean) => Value;

function makeLayer(node: GraphNode, from: Value[], channels: number, n: number, newValue: NewValue): Layer {
  const x = from[0]!;
  const plain = (to: Value, forward: () => void, backward: (holomorphic: boolean) => void): Layer => ({ id: node.id, from, to, weights: [], uses: [], forward, backward });
  /** A real linear map of values, entry by entry of a sparse table [to, from, factor] per channel row. */
  const linear = (to: Value, rows: Int32Array, factor: number, taps: number): Layer => {
    const c = x.channels;
    const each = (a: Float64Array, b: Float64Array, turned: boolean): void => {
      for (let i = 0; i < n; i++) {
        for (let u = 0; u < positions(to); u++) {
          for (let v = 0; v < taps; v++) {
            const read = rows[u * taps + v]!;
            if (read < 0) continue;
            const [p, q] = [(i * positions(x) + read) * c, (i * positions(to) + u) * c];
            for (let k = 0; k < c; k++) {
              if (turned) a[p + k]! += factor * b[q + k]!;
              else b[q + k]! += factor * a[p + k]!;
            }
          }
        }
      }
    };
    return plain(to, () => {
      each(x.re, to.re, false);
      each(x.im, to.im, false);
    }, () => {
      for (const part of ['dRe', 'dIm', 'eRe', 'eIm'] as const) each(x.signals[part], to.signals[part], true);
    });
  };
  const real = node.field === 'real';
  switch (node.kind) {
    case 'dense': {
      const ofSample = x.sizes.length === 0 ? [] : x.sizes;
      return weighted(node, from, newValue(ofSample, channels, real), n, 1, null);
    }
    case 'conv1d': case 'conv2d': {
      const p = node.parameters;
      const { sizes, at } = reads(x.sizes, list(p.kernel), list(p.stride), list(p.dilation), p.padding);
      return weighted(node, from, newValue(sizes, channels, real), n, p.groups as number, at);
    }
    case 'average-pool': {
      const p = node.parameters;
      const window = list(p.window);
      const { sizes, at } = reads(x.sizes, window, list(p.stride), window.map(() => 1), p.padding);
      return linear(newValue(sizes, x.channels, x.real), at, 1 / product(window), product(window));
    }
    case 'global-average-pool': {
      const count = positions(x);
      return linear(newValue([], x.channels, x.real), Int32Array.from({ length: count }, (_, v) => v), 1 / count, count);
    }
    case 'flatten': {
      const to = newValue([], positions(x) * x.channels, x.real);
      return plain(to, () => {
        to.re.set(x.re);
        to.im.set(x.im);
      }, () => addAll(x.signals, to.signals, 1));
    }
    case 'dropout': case 'batch-norm': {
      const factor = node.kind === 'dropout' ? 1 : ((node.parameters.scale as number | undefined) ?? 1);
      const to = newValue(x.sizes, x.channels, x.real);
      return plain(to, () => {
        to.re.forEach((_, k) => {
          to.re[k] = factor * x.re[k]!;
          to.im[k] = factor * x.im[k]!;
        });
      }, () => addAll(x.signals, to.signals, factor));
    }
    case 'add': {
      if (from.some((v) => v.channels !== x.channels)) throw new Error(`${node.id} is asked for ${from.map((v) => v.channels).join(' and ')} channels`);
      const to = newValue(x.sizes, x.channels, from.every((v) => v.real));
      return plain(to, () => {
        for (const v of from) {
          for (let k = 0; k < to.re.length; k++) {
            to.re[k]! += v.re[k]!;
            to.im[k]! += v.im[k]!;
          }
        }
      }, () => from.forEach((v) => addAll(v.signals, to.signals, 1)));
    }
    case 'concat': {
      const total = from.reduce((sum, v) => sum + v.channels, 0);
      const to = newValue(x.sizes, total, from.every((v) => v.real));
      const each = (visit: (v: Value, own: number, joint: number) => void): void => {
        for (let row = 0, joint = 0; row < n * positions(to); row++) {
          for (const v of from) for (let k = 0; k < v.channels; k++, joint++) visit(v, row * v.channels + k, joint);
        }
      };
      return plain(to, () => each((v, own, joint) => {
        to.re[joint] = v.re[own]!;
        to.im[joint] = v.im[own]!;
      }), () => each((v, own, joint) => {
        for (const part of ['dRe', 'dIm', 'eRe', 'eIm'] as const) v.signals[part][own]! += to.signals[part][joint]!;
      }));
    }
    case 'layer-norm': return layerNorm(node, from, newValue(x.sizes, x.channels, x.real), n);
    case 'activation': {
      const phi = namedBy(node, node.parameters);
      const to = newValue(x.sizes, x.channels, phi.field === 'real' || phi.output === 'real');
      const bend = elementwise(phi, node.parameters as Record<string, number>, to.re.length);
      return plain(to, () => bend.forward(x.re, x.im, to.re, to.im), (holomorphic) => bend.backward(to.signals, x.signals, holomorphic));
    }
    case 'rnn': return recurrent(node, from, channels, n, newValue);
    default: throw new Error(`no finite layer of kind ${node.kind}`);
  }
}

function namedBy(node: GraphNode, parameters: GraphNode['parameters']): Activation {
  const found = activationOf(node.name ?? '', parameters);
  if (!found) throw new Error(`no activation ${node.name}`);
  return found;
}

function addAll(to: Signals, from: Signals, factor: number): void {
  for (const part of ['dRe', 'dIm', 'eRe', 'eIm'] as const) for (let k = 0; k < to[part].length; k++) to[part][k]! += factor * from[part][k]!;
}

/** z = phi(h) with its Wirtinger derivatives kept: df/dh = df/dz phi_z + df/dzbar conj phi_zbar, df/dhbar likewise. */
function elementwise(phi: Activation, parameters: Record<string, number>, count: number) {
  const kept = new Float64Array(4 * count);
  const one = new Float64Array(6);
  const p = { ...phi.parameters, ...parameters };
  return {
    /** Entries from `start` to `end` of the arrays; the derivatives of each are kept. */
    forward(hr: Float64Array, hi: Float64Array, zr: Float64Array, zi: Float64Array, start = 0, end = count): void {
      for (let k = start; k < end; k++) {
        phi.evaluate(hr[k]!, hi[k]!, p, one);
        zr[k] = one[0]!;
        zi[k] = one[1]!;
        for (let q = 0; q < 4; q++) kept[4 * k + q] = one[2 + q]!;
      }
    },
    backward(z: Signals, h: Signals, holomorphic: boolean, start = 0, end = count): void {
      for (let k = start; k < end; k++) {
        const [ar, ai, br, bi] = [kept[4 * k]!, kept[4 * k + 1]!, kept[4 * k + 2]!, kept[4 * k + 3]!];
        const [dr, di, er, ei] = [z.dRe[k]!, z.dIm[k]!, z.eRe[k]!, z.eIm[k]!];
        h.dRe[k]! += dr * ar - di * ai;
        h.dIm[k]! += dr * ai + di * ar;
        if (holomorphic) continue;
        h.dRe[k]! += er * br + ei * bi;
        h.dIm[k]! += ei * br - er * bi;
        h.eRe[k]! += dr * br - di * bi + er * ar + ei * ai;
        h.eIm[k]! += dr * bi + di * br + ei * ar - er * ai;
      }
    },
  };
}

/** Dense layers (no `at`) and convolutions: one tensor for each group, rows of patches [tap][channel of the group]. */
function weighted(node: GraphNode, from: Value[], to: Value, n: number, groups: number, at: Int32Array | null): Layer {
  const x = from[0]!;
  const complex = !to.real;
  if (!complex && !x.real) throw new Error(`${node.id}: a real layer on complex values`);
  const { weightVariance, biasVariance } = node.initialisation!;
  const each = positions(to);
  const taps = at ? at.length / each : 1;
  const [inner, outer] = [x.channels / groups, to.channels / groups];
  if (!Number.isInteger(inner) || !Number.isInteger(outer)) throw new Error(`${node.id}: ${groups} groups of ${x.channels} to ${to.channels} channels`);
  const fan = taps * inner;
  const rows = n * each;
  const parts = Array.from({ length: groups }, (_, g) => {
    const weights = newWeights(fan, outer, complex, weightVariance!, node.parameters.bias === false ? 0 : biasVariance!);
    const patches = at || groups > 1 ? { re: new Float64Array(rows * fan), im: x.real ? null : new Float64Array(rows * fan) } : rowsOf(x);
    return { g, weights, patches, back: newSignals(rows * fan), hr: new Float64Array(rows * outer), hi: new Float64Array(rows * outer), h: newSignals(rows * outer) };
  });
  /** Copies x into the patches of group g, or adds the patches' signals to those of x. */
  const move = (g: number, patches: Float64Array, values: Float64Array, back: boolean): void => {
    for (let row = 0; row < rows; row++) {
      const sample = Math.floor(row / each);
      for (let v = 0; v < taps; v++) {
        const read = at ? at[(row % each) * taps + v]! : row % each;
        if (read < 0) continue;
        const place = (sample * positions(x) + read) * x.channels + g * inner;
        const patch = row * fan + v * inner;
        if (back) for (let k = 0; k < inner; k++) values[place + k]! += patches[patch + k]!;
        else for (let k = 0; k < inner; k++) patches[patch + k] = values[place + k]!;
      }
    }
  };
  /** Copies the channels of group g out of all channels, or into them. */
  const share = (g: number, own: Float64Array, joint: Float64Array, into: boolean): void => {
    for (let row = 0; row < rows; row++) {
      for (let o = 0; o < outer; o++) {
        const place = row * to.channels + g * outer + o;
        if (into) joint[place] = own[row * outer + o]!;
        else own[row * outer + o] = joint[place]!;
      }
    }
  };
  const gathered = at !== null || groups > 1;
  return {
    id: node.id, from, to,
    weights: parts.map((p) => p.weights),
    uses: parts.map(({ weights, patches, h }) => ({ weights, x: patches, h, each, bias: true })),
    forward() {
      for (const { g, weights, patches, hr, hi } of parts) {
        if (gathered) {
          move(g, patches.re, x.re, false);
          if (patches.im) move(g, patches.im, x.im, false);
        }
        hr.fill(0);
        hi.fill(0);
        apply(weights, patches, rows, hr, hi);
        share(g, hr, to.re, true);
        share(g, hi, to.im, true);
      }
    },
    backward() {
      for (const { g, weights, back, h } of parts) {
        const names = ['dRe', 'dIm', 'eRe', 'eIm'] as const;
        for (const part of names) share(g, h[part], to.signals[part], false);
        if (!gathered) {
          pull(weights, h, rows, x.signals);
          continue;
        }
        for (const part of names) back[part].fill(0);
        pull(weights, h, rows, back);
        for (const part of names) move(g, back[part], x.signals[part], true);
      }
    },
  };
}

/** y = sqrt(c) (z - m)/sigma over the channels of each position, sigma^2 = mean |z - m|^2. */
function layerNorm(node: GraphNode, from: Value[], to: Value, n: number): Layer {
  const x = from[0]!;
  const c = x.channels;
  const root = Math.sqrt((node.parameters.power as number | undefined) ?? 1);
  const sigma = new Float64Array(n * positions(x));
  return {
    id: node.id, from, to, weights: [], uses: [],
    forward() {
      for (let row = 0; row < sigma.length; row++) {
        let [mr, mi, square] = [0, 0, 0];
        for (let k = row * c; k < (row + 1) * c; k++) {
          mr += x.re[k]! / c;
          mi += x.im[k]! / c;
        }
        for (let k = row * c; k < (row + 1) * c; k++) square += ((x.re[k]! - mr) ** 2 + (x.im[k]! - mi) ** 2) / c;
        sigma[row] = Math.sqrt(square);
        for (let k = row * c; k < (row + 1) * c; k++) {
          to.re[k] = (root * (x.re[k]! - mr)) / sigma[row]!;
          to.im[k] = (root * (x.im[k]! - mi)) / sigma[row]!;
        }
      }
    },
    backward() {
      const { dRe, dIm, eRe, eIm } = to.signals;
      const s = x.signals;
      for (let row = 0; row < sigma.length; row++) {
        const start = row * c;
        const mean = [dRe, dIm, eRe, eIm].map((part) => part.subarray(start, start + c).reduce((a, b) => a + b, 0) / c);
        // The sum of d u + e conj(u), over sigma^2 and the channels; u = y sigma / sqrt c.
        let [ar, ai] = [0, 0];
        for (let k = start; k < start + c; k++) {
          const [ur, ui] = [to.re[k]! / root, to.im[k]! / root];
          ar += dRe[k]! * ur - dIm[k]! * ui + eRe[k]! * ur + eIm[k]! * ui;
          ai += dRe[k]! * ui + dIm[k]! * ur + eIm[k]! * ur - eRe[k]! * ui;
        }
        const f = root / sigma[row]!;
        for (let k = start; k < start + c; k++) {
          const [ur, ui] = [to.re[k]! / root, to.im[k]! / root];
          // d sigma = (conj(u) dz + u dzbar) / (2 c), u already over sigma.
          s.dRe[k]! += f * (dRe[k]! - mean[0]! - (ar * ur + ai * ui) / (2 * c));
          s.dIm[k]! += f * (dIm[k]! - mean[1]! - (ai * ur - ar * ui) / (2 * c));
          s.eRe[k]! += f * (eRe[k]! - mean[2]! - (ar * ur - ai * ui) / (2 * c));
          s.eIm[k]! += f * (eIm[k]! - mean[3]! - (ar * ui + ai * ur) / (2 * c));
        }
      }
    },
  };
}

/** h_t = U x_t + W z_{t-1} + b, z_t = phi(h_t), z_0 = 0, with the same tensors at every step. */
function recurrent(node: GraphNode, from: Value[], channels: number, n: number, newValue: NewValue): Layer {
  const x = from[0]!;
  const steps = positions(x);
  const last = node.parameters.returns === 'last';
  const real = node.field === 'real';
  const to = newValue(last ? [] : [steps], channels, real);
  const { weightVariance, biasVariance } = node.initialisation!;
  const u = newWeights(x.channels, channels, !real, weightVariance!, biasVariance!);
  const w = newWeights(channels, channels, !real, node.parameters.recurrentVariance as number, 0);
  const parameters = (node.parameters.activationParameters ?? {}) as unknown as GraphNode['parameters'];
  const phi = namedBy(node, parameters);
  const step = n * channels;
  // Time first, so that the rows of one step stand together.
  const zeros = (): Float64Array => new Float64Array(steps * step);
  const [hr, hi, zr, zi] = [zeros(), zeros(), zeros(), zeros()];
  const bend = elementwise(phi, parameters as Record<string, number>, steps * step);
  const onZ = newSignals(steps * step);
  const onH = newSignals(steps * step);
  const names = ['dRe', 'dIm', 'eRe', 'eIm'] as const;
  const cut = (s: Signals, t: number): Signals => Object.fromEntries(names.map((p) => [p, s[p].subarray(t * step, (t + 1) * step)])) as unknown as Signals;
  const xAt = (t: number): Rows => {
    const c = x.channels;
    const take = (a: Float64Array): Float64Array => Float64Array.from({ length: n * c }, (_, k) => a[(Math.floor(k / c) * steps + t) * c + (k % c)]!);
    return { re: take(x.re), im: x.real ? null : take(x.im) };
  };
  // The same with samples first, for the shares of a kernel.
  const before: Rows = { re: zeros(), im: real ? null : zeros() };
  const signals = newSignals(steps * step);
  return {
    id: node.id, from, to, weights: [u, w],
    uses: [
      { weights: u, x: rowsOf(x), h: signals, each: steps, bias: true },
      { weights: w, x: before, h: signals, each: steps, bias: false },
    ],
    forward() {
      hr.fill(0);
      hi.fill(0);
      for (let t = 0; t < steps; t++) {
        const [a, b] = [hr.subarray(t * step, (t + 1) * step), hi.subarray(t * step, (t + 1) * step)];
        apply(u, xAt(t), n, a, b);
        if (t > 0) {
          const part = (z: Float64Array): Float64Array => z.subarray((t - 1) * step, t * step);
          apply(w, { re: part(zr), im: real ? null : part(zi) }, n, a, b, false);
        }
        bend.forward(hr, hi, zr, zi, t * step, (t + 1) * step);
      }
      for (let i = 0; i < n; i++) {
        for (let t = 0; t < steps; t++) {
          for (let k = 0; k < channels; k++) {
            const at = t * step + i * channels + k;
            const place = (i * steps + t) * channels + k;
            if (t + 1 < steps) {
              before.re[place + channels] = zr[at]!;
              if (before.im) before.im[place + channels] = zi[at]!;
            }
            if (last && t + 1 < steps) continue;
            const out = last ? i * channels + k : place;
            to.re[out] = zr[at]!;
            to.im[out] = zi[at]!;
          }
        }
      }
    },
    backward(holomorphic) {
      for (const part of names) {
        onZ[part].fill(0);
        onH[part].fill(0);
        for (let i = 0; i < n; i++) {
          for (let t = last ? steps - 1 : 0; t < steps; t++) {
            for (let k = 0; k < channels; k++) onZ[part][t * step + i * channels + k] = to.signals[part][last ? i * channels + k : (i * steps + t) * channels + k]!;
          }
        }
      }
      for (let t = steps - 1; t >= 0; t--) {
        bend.backward(onZ, onH, holomorphic, t * step, (t + 1) * step);
        const h = cut(onH, t);
        if (real) joinReal(h);
        if (t > 0) pull(w, h, n, cut(onZ, t - 1));
        const c = x.channels;
        const back = newSignals(n * c);
        pull(u, h, n, back);
        for (const part of names) {
          for (let k = 0; k < n * c; k++) x.signals[part][(Math.floor(k / c) * steps + t) * c + (k % c)]! += back[part][k]!;
          for (let i = 0; i < n; i++) for (let k = 0; k < channels; k++) signals[part][(i * steps + t) * channels + k] = h[part][i * channels + k]!;
        }
      }
    },
  };
}

/** A real value sees df/dz + df/dzbar only. */
function joinReal(s: Signals): void {
  for (let k = 0; k < s.dRe.length; k++) {
    s.dRe[k]! += s.eRe[k]!;
    s.dIm[k]! += s.eIm[k]!;
  }
  s.eRe.fill(0);
  s.eIm.fill(0);
}

export function drawNetwork(network: FiniteNetwork, seed: number): void {
  const fill = normalsFrom(seed);
  for (const layer of network.layers) for (const w of layer.weights) draw(w, fill);
}

export function runForward(network: FiniteNetwork): void {
  for (const layer of network.layers) {
    layer.to.re.fill(0);
    layer.to.im.fill(0);
    layer.forward();
  }
}

/** Signals of f, the network's one output unit, on every layer's output; `holomorphic` drops df/dzbar on the way. */
export function runBackward(network: FiniteNetwork, holomorphic: boolean): void {
  for (const layer of network.layers) {
    for (const w of layer.weights) turn(w);
    for (const v of [...layer.from, layer.to]) for (const s of Object.values(v.signals) as Float64Array[]) s.fill(0);
  }
  network.output.signals.dRe.fill(1);
  for (const layer of [...network.layers].reverse()) {
    if (layer.to.real) joinReal(layer.to.signals);
    layer.backward(holomorphic);
  }
}

export interface EmpiricalKernels {
  /** s K + s_b^2 with K the last features' Gram over their number: the covariance of f given the layers before. */
  nngp: Gram;
  ntk: Gram;
  /** sum df df' over the real parameters. */
  pseudo: Gram;
  /** The NTK with df/dzbar dropped; for networks that are complex throughout. */
  holomorphicNtk: Gram;
}

export type KernelChoice = keyof EmpiricalKernels;

/** The kernels of the network as drawn: n x n, one output unit. What is not asked for stays zero; NNGP and NTK are always there. */
export function empiricalKernels(network: FiniteNetwork, asked: readonly KernelChoice[]): EmpiricalKernels {
  const n = network.samples;
  const empty = (): Gram => ({ re: new Float64Array(n * n), im: new Float64Array(n * n) });
  runForward(network);
  const [last] = network.readOut.uses;
  const { square, biasVariance, fan } = last!.weights;
  const k = gram(last!.x, n, fan);
  const nngp: Gram = { re: k.re.map((v) => square * v + biasVariance), im: k.im.map((v) => square * v) };
  const [ntk, pseudo, holomorphicNtk] = [empty(), empty(), empty()];
  const shares = (to: Gram, also: Gram | null): void => {
    for (const layer of network.layers) for (const u of layer.uses) addShare(u.weights, u.x, u.h, n, u.each, to, also, u.bias);
  };
  runBackward(network, false);
  shares(ntk, asked.includes('pseudo') ? pseudo : null);
  if (asked.includes('holomorphicNtk')) {
    runBackward(network, true);
    shares(holomorphicNtk, null);
  }
  return { nngp, ntk, pseudo, holomorphicNtk };
}
