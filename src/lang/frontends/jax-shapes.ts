// Sizes of signals while a network on JAX is drawn: code there asks for them (x.shape[-1], residual.shape != y.shape). Knows no Python.
import { layerRule } from '../../catalog/layers/index.ts';
import type { Shape } from '../../catalog/layers/layer.ts';
import type { ParameterValue } from '../../contract/graph.ts';
import type { TensorValue } from '../python/values.ts';
import type { Draft, Drawing } from '../drawing/drawing.ts';

/** What is known of a signal's shape. `way` says how its positions came out of those of the input: equal ways are equal sizes. */
export interface Form {
  shape: Shape;
  channels: number | null;
  way: string | null;
  /** Number of axes, the batch axis among them. */
  rank: number | null;
}

export const UNKNOWN: Form = { shape: null, channels: null, way: null, rank: null };

const rankOf = (shape: Shape): number | null => (shape ? shape.length + 1 : null);

/** Axes that a layer gives, where sizes are not known. */
function rankAfter(d: Draft, before: number | null): number | null {
  switch (d.kind) {
    case 'conv1d': return 3;
    case 'conv2d': return 4;
    case 'conv3d': return 5;
    case 'average-pool': case 'max-pool': case 'conv-transpose': return Array.isArray(d.parameters.kernel) ? d.parameters.kernel.length + 2 : before;
    case 'flatten': return 2;
    case 'global-average-pool': return d.parameters.keepAxes === true ? before : 2;
    // Of a row of numbers for each sample.
    case 'embedding': return (before ?? 2) + 1;
    case 'activation': case 'dropout': case 'batch-norm': case 'layer-norm': case 'read-out': case 'dense': case 'add': case 'concat': return before;
    case 'unresolved': return (d.raw && d.formula) || keepsForm(d) ? before : null;
    default: return null;
  }
}

/** Norms and attention that are not read give the shape that they are given. */
export const keepsForm = (d: Draft): boolean => d.kind === 'unresolved' && d.layer !== null && d.spelling?.row.names.some((n) => /Norm$|^SelfAttention$/.test(n)) === true;

const each = (v: ParameterValue | undefined): string => JSON.stringify(Array.isArray(v) ? v : [v ?? 1]);
const isOnes = (v: ParameterValue | undefined): boolean => [v ?? 1].flat().every((n) => n === 1);

/** Positions after a window: with "same" what counts is the stride, whatever the kernel is. */
function after(way: string | null, p: Record<string, ParameterValue>): string | null {
  if (way === null) return null;
  if (p.padding === 'same' || p.padding === 'circular') return isOnes(p.stride) ? way : `${way}/${each(p.stride)}`;
  return `${way}|${each(p.kernel)}${each(p.stride)}${each(p.dilation)}${JSON.stringify(p.padding ?? 0)}`;
}

const size = (v: ParameterValue | undefined): number | null => (typeof v === 'number' ? v : null);

/** Channels of a sum: those that are known, where one that is not known can only be broadcast to them. */
function whole(channels: (number | null)[]): number | null {
  const most = Math.max(...channels.map((c) => c ?? 0));
  return most > 1 || (most === 1 && !channels.includes(null)) ? most : null;
}

/** Forms of the signals of one drawing, each worked out once. */
export function formsOf(drawing: Drawing): (t: TensorValue) => Form {
  const known: Form[] = [];
  const { inputShape = null, axes } = drawing;

  const of = (t: TensorValue): Form => (t.from === null ? { shape: t.shape ?? inputShape, channels: (t.shape ?? inputShape)?.at(-1) ?? null, way: 'input', rank: rankOf(t.shape ?? inputShape) } : (known[t.from] ?? UNKNOWN));

  function step(d: Draft): Form {
    const inputs = d.inputs.map(of);
    const first = inputs[0] ?? UNKNOWN;
    const p = d.parameters;
    const told = layerRule(d.kind)?.output(inputs.map((f) => f.shape), p, axes).shape ?? null;
    const form = ((): Omit<Form, 'shape' | 'rank'> => {
      switch (d.kind) {
        case 'activation': case 'dropout': case 'batch-norm': case 'layer-norm': case 'read-out': return first;
        case 'embedding': return { channels: size(p.outFeatures), way: first.way };
        case 'dense': return { channels: size(p.outFeatures), way: first.way };
        case 'conv1d': case 'conv2d': case 'conv3d': return { channels: size(p.outFeatures), way: after(first.way, p) };
        case 'conv-transpose': return { channels: size(p.outFeatures), way: first.way && `${first.way}*${each(p.kernel)}${each(p.stride)}${each(p.padding)}` };
        case 'average-pool': case 'max-pool': return { channels: first.channels, way: after(first.way, p) };
        case 'global-average-pool': return { channels: first.channels, way: 'whole' };
        case 'add': return { channels: whole(inputs.map((f) => f.channels)), way: inputs.find((f) => f.way !== null)?.way ?? null };
        case 'concat': return { channels: p.axis === -1 ? inputs.reduce<number | null>((c, f) => (c === null || f.channels === null ? null : c + f.channels), 0) : null, way: p.axis === -1 ? first.way : null };
        case 'flatten': return { channels: size(p.size), way: 'flat' };
        // Arithmetic number by number.
        case 'unresolved': return (d.raw && d.formula) || keepsForm(d) ? first : UNKNOWN;
        default: return UNKNOWN;
      }
    })();
    const shape = told ?? ((d.kind === 'unresolved' && d.raw && d.formula) || keepsForm(d) ? first.shape : null);
    return { ...form, shape, channels: form.channels ?? (d.kind === 'reshape' ? null : shape?.at(-1) ?? null), rank: rankOf(shape) ?? rankAfter(d, first.rank) };
  }

  return (t) => {
    for (let i = known.length; i < drawing.drafts.length; i++) known.push(step(drawing.drafts[i]!));
    return of(t);
  };
}

/** Whether two signals have one shape; null where that is not known. */
export function sameForm(a: Form, b: Form): boolean | null {
  if (a.shape && b.shape) return a.shape.length === b.shape.length && a.shape.every((n, i) => n === b.shape![i]);
  if (a.channels !== null && b.channels !== null && a.channels !== b.channels) return false;
  if (a.way === null || b.way === null) return null;
  if (a.way !== b.way) return false;
  // The input's own channels are what they are.
  return a.channels === b.channels ? (a.channels === null ? null : true) : null;
}
