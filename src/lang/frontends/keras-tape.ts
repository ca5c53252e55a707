// The record of every layer that a Keras text applies to a signal, in order, and the networks cut out of it: what lies between the inputs and
// the outputs of a model. Knows no Python.
import { layerRule } from '../../catalog/layers/index.ts';
import type { Field, ParameterValue, Span } from '../../contract/graph.ts';
import type { TensorValue } from '../python/values.ts';
import { added, times } from './keras-layers.ts';
import { isWeighted, type Draft, type Drawing, type Run } from '../drawing/drawing.ts';

/** Sizes without batch axis, null where they vary; null as a whole where not even their number is known. */
export type Dims = (number | null)[] | null;

export interface Network {
  drawing: Drawing;
  /** The signals that its drafts name as inputs, in the model's order. */
  inputs: TensorValue[];
  dims: Map<TensorValue, Dims>;
  /** The places on the tape that it was cut from. */
  sources: Set<Draft>;
}

interface Cut {
  tape: Draft[];
  inputs: TensorValue[];
  outputs: TensorValue[];
  /** Places on the tape that are inputs, and what is known of them. */
  given: ReadonlyMap<Draft, { dims: Dims; field: Field | null }>;
  channelsFirst(d: Draft): boolean;
  part: Drawing['part'];
}

export function cut({ tape, inputs, outputs, given, channelsFirst, part }: Cut): Network {
  const dims = new Map<TensorValue, Dims>();
  const stops = new Map<number, TensorValue>();
  const stopAt = (i: number): void => {
    const known = given.get(tape[i]!);
    const whole = known?.dims && known.dims.every((n) => n !== null) ? (known.dims as number[]) : null;
    const t: TensorValue = { t: 'tensor', from: null, ...(whole ? { shape: whole } : {}), ...(known?.field ? { cast: known.field } : {}) };
    stops.set(i, t);
    dims.set(t, known?.dims ?? null);
  };
  for (const t of inputs) if (t.from !== null && !stops.has(t.from)) stopAt(t.from);
  const wanted = new Set<number>();
  const waiting = outputs.flatMap((t) => (t.from === null ? [] : [t.from]));
  for (let i = waiting.pop(); i !== undefined; i = waiting.pop()) {
    if (stops.has(i) || wanted.has(i)) continue;
    // An input that the model does not name: Keras would refuse it, what comes after it is read all the same.
    if (given.has(tape[i]!)) {
      stopAt(i);
      continue;
    }
    wanted.add(i);
    for (const t of tape[i]!.inputs) if (t.from !== null) waiting.push(t.from);
  }
  const order = [...wanted].sort((a, b) => a - b);
  const places = new Map(order.map((i, k) => [i, k]));
  const mapped = (t: TensorValue): TensorValue => {
    if (t.from === null) return t;
    const stop = stops.get(t.from);
    if (stop) return t.cast && t.cast !== stop.cast ? { ...stop, cast: t.cast } : stop;
    return { ...t, from: places.get(t.from)! };
  };
  const drafts = order.map((i): Draft => ({ ...tape[i]!, parameters: { ...tape[i]!.parameters }, inputs: tape[i]!.inputs.map(mapped) }));
  const axes = drafts.some(channelsFirst) ? 'channels-first' : 'channels-last';
  halvePairs(drafts, stops.values(), dims, axes);
  drafts.forEach((d, k) => {
    d.sharedWith = null;
    if (!isWeighted(d.kind) || !d.layer) return;
    const first = drafts.findIndex((o) => o.layer === d.layer && isWeighted(o.kind));
    if (first < k) d.sharedWith = first;
  });
  const all = [...stops.values()];
  const fields = all.map((t) => t.cast);
  const field = fields.includes('complex') ? 'complex' : all.length > 0 && fields.every((f) => f === 'real') ? 'real' : undefined;
  const shapes = all.map((t) => t.shape);
  const same = shapes[0] && shapes.every((s) => s && s.join() === shapes[0]!.join()) ? shapes[0] : null;
  return {
    drawing: { drafts, outputs: outputs.map(mapped), axes, part, inputShape: same, ...(field ? { inputField: field } : {}) },
    inputs: all, dims, sources: new Set(order.map((i) => tape[i]!)),
  };
}

/** Where complex numbers are pairs of channels, an input that complex layers read has half as many of them. */
function halvePairs(drafts: Draft[], inputs: Iterable<TensorValue>, dims: Map<TensorValue, Dims>, axes: Drawing['axes']): void {
  for (const t of inputs) {
    const readers = drafts.filter((d) => d.inputs.includes(t));
    if (readers.length === 0 || !readers.every((d) => d.spelling?.library.pairs)) continue;
    const known = dims.get(t) ?? null;
    const half = known?.map((n, i) => (i === (axes === 'channels-first' ? 0 : known.length - 1) && n !== null ? n / 2 : n)) ?? null;
    if (half?.some((n) => n !== null && !Number.isInteger(n))) continue;
    dims.set(t, half);
    t.cast = 'complex';
    if (half && half.every((n) => n !== null)) t.shape = half as number[];
  }
}

/** Draws the network once more on the tape, applied to these signals. */
export function replay(network: Network, tape: Draft[], inputs: TensorValue[], place: { group: string | null; callSpan: Span }, drawn: (d: Draft) => void): TensorValue[] {
  const base = tape.length;
  const given = new Map(network.inputs.map((t, i) => [t, inputs[i]!]));
  const stand = (t: TensorValue): TensorValue => {
    if (t.from !== null) return { ...t, from: t.from + base };
    const known = given.get(t) ?? [...given].find(([own]) => own.shape === t.shape)?.[1] ?? inputs[0]!;
    return t.cast && !given.has(t) ? { ...known, cast: t.cast } : known;
  };
  const runs = new Map<Run, Run>();
  const own = (all: Run[] | undefined): Run[] | undefined => all?.map((r) => runs.get(r) ?? (runs.set(r, { ...r }), runs.get(r)!));
  for (const d of network.drawing.drafts) {
    const copy: Draft = { ...d, ...(d.runs ? { runs: own(d.runs)! } : {}), ...(d.ends ? { ends: own(d.ends)! } : {}), parameters: { ...d.parameters }, inputs: d.inputs.map(stand), callSpan: place.callSpan, group: [place.group, d.group].filter(Boolean).join('.') || null };
    tape.push(copy);
    drawn(copy);
  }
  return network.drawing.outputs.map(stand);
}

const SAME_SHAPE = /^(Average|Multiply|Subtract|Maximum|Minimum|Masking|Rescaling|Normalization|GroupNormalization|RMSNormalization|UnitNormalization|ComplexLayerNorm|ThresholdedReLU)$/i;

/** Sizes after a layer, as far as they are known while the text runs: for the code that asks for them. */
export function dimsAfter(d: Draft, inputs: Dims[], axes: Drawing['axes']): Dims {
  const first = inputs[0] ?? null;
  const { parameters: p, kind } = d;
  const out = number(p.outFeatures);
  const channels = first && (axes === 'channels-last' ? first.at(-1)! : first[0]!);
  const assemble = (sizes: (number | null)[], c: number | null): Dims => (axes === 'channels-last' ? [...sizes, c] : [c, ...sizes]);
  const spatial = first && (axes === 'channels-last' ? first.slice(0, -1) : first.slice(1));
  if (d.raw) return inputs.reduce((a, b) => (a && b && b.length <= a.length ? a : b ?? a), null);
  if (kind === 'unresolved') {
    const name = d.spelling?.row.names[0] ?? '';
    if (SAME_SHAPE.test(name)) return first;
    if (/^(ZeroPadding|UpSampling|ComplexUpSampling|Cropping)/.test(name) && spatial) {
      const rank = spatial.length;
      return assemble(spatial.map((n, i) => {
        if (n === null) return null;
        if (name.includes('UpSampling')) return times(n, p.size, i);
        if (name.startsWith('Zero')) return added(n, p.padding, i, rank);
        const more = added(n, p.cropping, i, rank);
        return more === null ? null : 2 * n - more;
      }), channels ?? null);
    }
    return /^GlobalMaxPool/.test(name) && first ? [channels ?? null] : null;
  }
  if (inputs.length > 0 && inputs.every((s) => s?.every((n) => n !== null))) {
    const filled = { ...p };
    if (isWeighted(kind) && kind !== 'embedding') filled.inFeatures = (kind === 'dense' || kind === 'rnn' ? first!.at(-1)! : channels)!;
    if (d.spelling?.row.fromInput?.includes('groups') && typeof channels === 'number') filled.outFeatures = channels * (number(p.multiplier) ?? 1);
    const shape = layerRule(kind)?.output(inputs as number[][], filled, axes).shape;
    if (shape) return shape;
  }
  switch (kind) {
    case 'dense': return first ? [...first.slice(0, -1), out] : null;
    case 'conv1d': case 'conv2d': case 'conv3d': return assemble(new Array<null>(Number(kind[4])).fill(null), out ?? (d.spelling?.row.fromInput?.includes('groups') && channels ? channels * (number(p.multiplier) ?? 1) : null));
    case 'conv-transpose': return assemble(new Array<null>(d.spelling?.row.rank ?? 2).fill(null), out);
    case 'average-pool': case 'max-pool': return first ? assemble(spatial!.map(() => null), channels ?? null) : null;
    case 'global-average-pool': return first ? (p.keepAxes === true ? assemble(spatial!.map(() => 1), channels ?? null) : [channels ?? null]) : null;
    case 'activation': case 'dropout': case 'batch-norm': case 'layer-norm': case 'read-out': return first;
    case 'add': return inputs.find((s) => s !== null) ?? null;
    case 'concat': return concatenated(inputs, p.axis);
    case 'flatten': return [null];
    case 'reshape': return Array.isArray(p.shape) ? p.shape.map((n) => (typeof n === 'number' && n > 0 ? n : null)) : null;
    case 'embedding': return first ? [...first, out] : null;
    case 'rnn': return p.returns === 'sequence' ? [first?.[0] ?? null, out] : [out];
    default: return null;
  }
}

const number = (v: ParameterValue | undefined): number | null => (typeof v === 'number' ? v : null);

function concatenated(inputs: Dims[], axis: ParameterValue | undefined): Dims {
  const first = inputs[0];
  if (!first || typeof axis !== 'number' || inputs.some((s) => s?.length !== first.length)) return null;
  const at = axis < 0 ? first.length + axis : axis - 1;
  return first.map((n, i) => {
    const all = inputs.map((s) => s![i]!);
    if (i === at) return all.every((x) => x !== null) ? (all as number[]).reduce((a, b) => a + b, 0) : null;
    return n ?? all.find((x) => x !== null) ?? null;
  });
}
