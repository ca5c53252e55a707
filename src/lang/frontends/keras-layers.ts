// What a layer of Keras is once its input is known: sizes that no argument gives, axes, and which function an activation is on these
// numbers. Knows no source language.
import { isChannelAxis } from '../../catalog/libraries/keras-rows.ts';
import type { Shape } from '../../catalog/layers/layer.ts';
import { layerRule } from '../../catalog/layers/index.ts';
import type { Library, Spelling } from '../../catalog/libraries/library.ts';
import type { Field, ParameterValue } from '../../contract/graph.ts';
import { isWeighted, type Draft, type Drawing, type Prepared } from '../drawing/drawing.ts';
import { normalised } from './reading.ts';

type Values = Record<string, ParameterValue>;

/** What is known of a signal whose positions may not be: variable sizes leave the channels. */
interface Known {
  channels: number | null;
  rank: number | null;
}

const NOTHING: Known = { channels: null, rank: null };

/**
 * The `prepare` of a drawing of Keras layers. `input` is what the text says of the network's input, sizes that vary being null.
 * Called once for each draft, in order.
 */
export function kerasLayers(drawing: Pick<Drawing, 'drafts' | 'axes'>, input: readonly (number | null)[] | null): NonNullable<Drawing['prepare']> {
  const { axes } = drawing;
  const pairs = drawing.drafts.some((d) => d.spelling?.library.pairs);
  const after: Known[] = [];
  const ofShape = (shape: readonly (number | null)[] | null): Known =>
    shape ? { rank: shape.length, channels: (axes === 'channels-last' ? shape.at(-1) : shape[0]) ?? null } : NOTHING;

  return (d, p, inputs, field) => {
    const shape = inputs[0] ?? null;
    const from = d.inputs[0]?.from;
    const before: Known = shape ? ofShape(shape) : from == null ? ofShape(input) : (after[from] ?? NOTHING);
    const readsLast = ['dense', 'rnn', 'attention'].includes(d.kind);
    const channels = readsLast && shape ? shape.at(-1)! : readsLast && axes === 'channels-first' && before.rank !== 1 ? null : before.channels;
    const prepared = d.reason === null && d.spelling ? onInput({ d, row: d.spelling.row, library: d.spelling.library, p, inputs, shape, channels, rank: before.rank, field, axes, pairs }) : null;
    // Before: reasons above must not hide a shape that is known.
    const output = prepared?.output ?? (d.kind === 'unresolved' || prepared?.reason !== undefined ? unreadOutput(d, p, inputs, field, axes) : undefined);
    const all = d.inputs.map((t) => (t.from === null ? ofShape(input) : (after[t.from] ?? NOTHING)).channels);
    // Number by number: of the widest signal.
    const joint = d.raw && all.every((n) => n !== null) ? { ...before, channels: Math.max(...(all as number[])) } : null;
    after.push(joint ?? knownAfter(d, p, before));
    return prepared || output ? { ...prepared, ...(output ? { output } : {}) } : null;
  };
}

function knownAfter(d: Draft, p: Values, before: Known): Known {
  if (typeof p.outFeatures === 'number' && isWeighted(d.kind)) return { channels: p.outFeatures, rank: d.kind === 'rnn' && p.returns === 'last' ? 1 : before.rank };
  switch (d.kind) {
    case 'activation': case 'dropout': case 'batch-norm': case 'layer-norm': case 'average-pool': case 'max-pool': case 'read-out': case 'add': return before;
    case 'global-average-pool': return p.keepAxes === true ? before : { channels: before.channels, rank: before.channels === null ? null : 1 };
    default: return NOTHING;
  }
}

interface Asked {
  d: Draft;
  row: Spelling;
  library: Library;
  p: Values;
  inputs: Shape[];
  shape: Shape;
  channels: number | null;
  rank: number | null;
  field: Field;
  axes: Drawing['axes'];
  pairs: boolean;
}

function onInput(a: Asked): Prepared | null {
  const { d, row, p, field } = a;
  const text = d.spelling!.text;
  const refuse = (why: string): Prepared => ({ reason: `${text}: ${why}.` });
  if (row.onReal && field === 'real' && d.layer) {
    for (const key of Object.keys(p)) delete p[key];
    Object.assign(p, normalised({ ...d.layer, spelling: row.onReal }).parameters);
  }
  sizesFromInput(a);
  const odd = oddAxis(a);
  if (odd !== null) return refuse(odd);
  if (a.pairs) {
    const why = a.library.pairs ? (field === 'real' && d.kind !== 'unresolved' ? joinedFrom(a) : null) : onParts(a);
    if (why !== null) return refuse(why);
    const whole = d.kind === 'concat' && field === 'real' ? becomesComplex(a) : null;
    if (whole) return whole;
  }
  if (d.kind !== 'activation') return null;
  const chosen = row.choose ? row.choose(p) : row.realActivation;
  if (chosen === null) return refuse('with these arguments it is not in the catalog of activations');
  if (chosen === undefined) return null;
  if (a.pairs && field === 'complex' && !a.library.pairs) {
    const { refusesComplex: _, traps: __, ...rest } = row;
    return { row: { ...rest, activation: `split-${chosen}` } };
  }
  return chosen === row.realActivation ? null : { row: { ...row, realActivation: chosen } };
}

function sizesFromInput({ d, row, p, shape, channels, axes }: Asked): void {
  if (isWeighted(d.kind) && d.kind !== 'embedding' && channels !== null) p.inFeatures = channels;
  if (row.fromInput?.includes('groups')) {
    const { multiplier } = p;
    delete p.multiplier;
    p.groups = channels;
    p.outFeatures = channels !== null && typeof multiplier === 'number' ? channels * multiplier : null;
  }
  // The features of each position; over all axes, the whole shape.
  if (row.fromInput?.includes('shape')) p.shape = overAll(p.axis, shape) ? shape : channels === null || axes === 'channels-first' ? null : [channels];
}

const overAll = (axis: ParameterValue | undefined, shape: Shape): shape is number[] =>
  shape !== null && Array.isArray(axis) && axis.length === shape.length && axis.length > 1 && axis.every((x, k) => x === k + 1 || x === k - axis.length);

/** Why the axis of a norm is none that is read; takes it out of the parameters. */
function oddAxis({ d, p, shape, rank, axes }: Asked): string | null {
  if ((d.kind !== 'batch-norm' && d.kind !== 'layer-norm') || p.axis === undefined) return null;
  const { axis } = p;
  delete p.axis;
  if (d.kind === 'layer-norm' && overAll(axis, shape)) return null;
  const is = isChannelAxis(axis, rank, axes);
  if (is === true) return null;
  return is === null ? `which axis it normalises (axis=${JSON.stringify(axis)}) is not known, since the shape of its input is not` : `axis=${JSON.stringify(axis)} is not the axis of the channels, and no other is read`;
}

/** Why a layer of complex numbers does not read real ones, where complex numbers are pairs of channels. */
function joinedFrom({ d }: Asked): string | null {
  return d.kind === 'activation' || d.kind === 'dropout' ? null : 'its input is real channels here, of which it takes one half for real and the other for imaginary parts; how they came to be that is not read';
}

/** Why a real layer is not read on complex numbers that are pairs of channels. */
function onParts({ d, p, shape, field, axes }: Asked): string | null {
  if (field === 'real') return null;
  if (isWeighted(d.kind)) return 'it takes the real and imaginary parts of its complex input for real channels of their own, which is not read; take the modulus or a part first (GetAbs, GetReal)';
  if (d.kind === 'max-pool') return 'it takes the largest real part and the largest imaginary part apart, which is not read';
  if (d.kind === 'layer-norm' || d.kind === 'read-out') return 'it acts on real and imaginary parts as on one list of real numbers, which is not read';
  if (d.kind === 'flatten' && axes === 'channels-last' && shape?.length !== 1) return 'after it the real and imaginary parts are no longer the two halves of the features, as complex layers take them to be';
  if (d.kind === 'concat' && joinsChannels(p.axis, shape, axes)) return 'joined this way the real and imaginary parts of the signals are no longer the two halves of the channels, as complex layers take them to be';
  return null;
}

const joinsChannels = (axis: ParameterValue | undefined, shape: Shape, axes: Drawing['axes']): boolean => isChannelAxis(axis, shape?.length ?? null, axes) !== false;

/** Two real signals joined for complex layers to read: not a layer that is known, but what comes after it is. */
function becomesComplex({ d, p, inputs, shape, axes }: Asked): Prepared | null {
  if (inputs.length !== 2 || !joinsChannels(p.axis, shape, axes)) return null;
  const [a, b] = inputs;
  if (!a || !b || a.length !== b.length || a.some((n, k) => n !== b[k])) return null;
  return {
    reason: `${d.spelling!.text} puts the real and imaginary parts of a complex signal together from two real signals, which is not read in this version.`,
    output: { shape: a, field: 'complex' },
  };
}

const SAME_SHAPE = new Set(['Average', 'average', 'Multiply', 'multiply', 'Subtract', 'subtract', 'Maximum', 'maximum', 'Minimum', 'minimum', 'Rescaling', 'Normalization', 'Masking', 'GroupNormalization', 'RMSNormalization', 'UnitNormalization', 'ComplexLayerNorm']);

/** Shape of the output of a layer that is not read, where its input and arguments tell it, so that the layers after it have sizes. */
function unreadOutput(d: Draft, p: Values, inputs: Shape[], field: Field, axes: Drawing['axes']): Prepared['output'] {
  const shape = inputs[0];
  if (!shape) return undefined;
  const name = d.spelling?.row.names[0] ?? '';
  const rule = d.spelling && d.spelling.row.kind !== 'unresolved' ? layerRule(d.spelling.row.kind) : undefined;
  const made = d.layer?.parameters;
  if (d.spelling?.row.kind === 'rnn' && typeof made?.outFeatures === 'number' && made.states === false && typeof made.sequences === 'boolean') {
    return { field, shape: made.sequences ? [shape[0]!, made.outFeatures] : [made.outFeatures] };
  }
  if (rule && isWeighted(d.spelling!.row.kind)) return undefined;
  if (d.raw) return { field, shape: broadcast(inputs) };
  const spatial = axes === 'channels-last' ? shape.slice(0, -1) : shape.slice(1);
  const channel = axes === 'channels-last' ? shape.at(-1)! : shape[0]!;
  const whole = (sizes: (number | null)[]): Prepared['output'] =>
    sizes.length > 0 && sizes.every((n) => n !== null && n > 0) ? { field, shape: axes === 'channels-last' ? [...(sizes as number[]), channel] : [channel, ...(sizes as number[])] } : undefined;
  if (SAME_SHAPE.has(name)) return { field, shape: broadcast(inputs) };
  if (name.startsWith('GlobalMaxPooling')) return { field, shape: p.keepAxes === true ? whole(spatial.map(() => 1))?.shape ?? null : [channel] };
  if (name.startsWith('Cropping')) return whole(spatial.map((n, k) => { const more = added(n, p.cropping, k, spatial.length); return more === null ? null : 2 * n - more; }));
  if (name.startsWith('ZeroPadding')) return whole(spatial.map((n, k) => added(n, p.padding, k, spatial.length)));
  if (/^(Complex)?UpSampling/.test(name)) return whole(spatial.map((n, k) => times(n, p.size, k)));
  return undefined;
}

/** Of signals that are put together number by number: axes of size 1 are repeated. */
function broadcast(inputs: Shape[]): Shape {
  const rank = Math.max(...inputs.map((s) => s?.length ?? 0));
  const out: number[] = [];
  for (let k = 0; k < rank; k++) {
    const sizes = new Set(inputs.map((s) => s?.[s.length - rank + k] ?? (s ? 1 : -1)).filter((n) => n !== 1));
    if (sizes.size > 1 || sizes.has(-1)) return null;
    out.push(sizes.size === 0 ? 1 : [...sizes][0]!);
  }
  return out;
}

export const times = (n: number, size: ParameterValue | undefined, axis: number): number | null => {
  const by = Array.isArray(size) ? size[axis] : size;
  return typeof by === 'number' ? n * by : null;
};

/** One number, one for each axis, or a pair for each; one axis has a plain pair too. */
export function added(n: number, padding: ParameterValue | undefined, axis: number, rank: number): number | null {
  if (typeof padding === 'number') return n + 2 * padding;
  if (!Array.isArray(padding)) return null;
  if (rank === 1 && padding.length === 2 && padding.every((x) => typeof x === 'number')) return n + (padding[0] as number) + (padding[1] as number);
  const own = padding[axis];
  if (typeof own === 'number') return n + 2 * own;
  return Array.isArray(own) && typeof own[0] === 'number' && typeof own[1] === 'number' ? n + own[0] + own[1] : null;
}
