// Complex layers that code builds from two real ones: real and imaginary part travel as two signals, or as halves of one, and
// A p - B q with A q + B p is the complex layer A + iB on p + iq. Knows no Python.
import type { LayerValue, TensorValue } from '../python/values.ts';
import type { Draft, Drawing } from './drawing.ts';
import { isTurned, partOf } from './formula.ts';

type Half = 0 | 1;

type Held = NonNullable<Draft['joins']> | NonNullable<Draft['half']>['held'];

/** A complex signal, and how the code holds its two halves. */
interface Whole {
  at: TensorValue;
  /** Parts of a complex tensor, halves along its last axis or its channels, or two tensors. */
  held: Held;
  /** The tensor of both halves as the code has it, where there is one that is not complex. */
  plain: TensorValue | null;
  /** The step that put the halves together so. */
  joined?: number;
}

/** What a step is while its other half has not been met. */
type Met =
  | { t: 'half'; of: Whole; half: Half }
  /** A real layer on one half. */
  | { t: 'term'; of: Whole; half: Half; layer: LayerValue; step: number }
  | { t: 'sum'; of: Whole; left: Term; right: Term; sign: 1 | -1 }
  /** A step without weights on one half. */
  | { t: 'alone'; of: Whole[]; half: Half; step: number }
  | { t: 'whole'; of: Whole };
type Term = Extract<Met, { t: 'term' }>;

const WEIGHTED = new Set(['dense', 'conv1d', 'conv2d', 'conv3d', 'conv-transpose']);
const EACH = new Set(['activation', 'dropout', 'average-pool', 'global-average-pool', 'max-pool', 'batch-norm', 'layer-norm', 'reshape', 'flatten', 'add', 'concat', 'unresolved']);

/** Of these nothing tells the two halves apart, along whatever axis they lie. */
const ALIKE = new Set(['activation', 'dropout', 'add']);

/** Pools that do not slide along the axis of the halves, joins along another one, batch norms, and what is told to act on each number alike. */
function leavesApart(d: Draft, held: Held): boolean {
  if (d.alike) return true;
  const axis = held === 'last' ? null : Number(held.slice(5));
  if (d.kind === 'concat') return typeof d.parameters.axis === 'number' && (axis === null ? d.parameters.axis >= 0 : d.parameters.axis !== axis && d.parameters.axis > 0);
  if (d.kind === 'batch-norm') return axis !== 0;
  if ((d.kind !== 'max-pool' && d.kind !== 'average-pool') || axis === null || axis < 1) return false;
  const of = (v: unknown): unknown => (Array.isArray(v) ? v[axis - 2] : v);
  return axis === 1 || (of(d.parameters.kernel) === 1 && of(d.parameters.stride) === 1 && d.parameters.outputSize === undefined);
}

const same = (a: Whole, b: Whole): boolean => a === b || (a.at.from === b.at.from && a.held === b.held);
const identical = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const STREAMS: Whole = { at: { t: 'tensor', from: null, cast: 'complex' }, held: 'streams', plain: null };

/** Every other step stays as it is. */
export function paired(drawing: Drawing): Drawing {
  const { drafts } = drawing;
  // Nothing takes a number apart.
  if (!drawing.streams && !drafts.some((d) => d.half || d.viewsReal || partOf(d.formula) === 're' || partOf(d.formula) === 'im')) return drawing;
  const out: Draft[] = [];
  const met = new Map<number, Met>();
  const moved = new Map<number, TensorValue>();
  const waiting: Extract<Met, { t: 'sum' | 'alone' }>[] = [];
  /** First application of a complex layer, by its two real ones. */
  const applied = new Map<LayerValue, Map<LayerValue, number>>();

  /** Which of two halves the code takes of each signal. */
  const halfKey = (t: TensorValue, at: Half): string => `${t.from} ${at}`;
  const taken = new Set(drafts.flatMap((d) => (d.half?.held === 'streams' && d.inputs[0] ? [halfKey(d.inputs[0], d.half.at)] : [])));

  /** Where each new step stood. */
  const places: number[] = [];
  const push = (d: Draft, place: number): TensorValue => {
    places.push(place);
    return { t: 'tensor', from: out.push(d) - 1 };
  };

  /** A signal in the new drawing; where its other half never came, the step as it was. */
  function plain(t: TensorValue): TensorValue {
    const m = metOf(t);
    if (t.from === null) return m ? halfOf(m, t) : t;
    const known = moved.get(t.from);
    if (known) return { ...t, from: known.from, ...(known.cast ? { cast: known.cast } : {}) };
    if (m?.t === 'whole') {
      const { of } = m;
      if (of.held === 'native' || of.held === 'streams') return { ...t, ...of.at };
      if (of.plain && of.joined === undefined) return of.plain;
      // Along an axis of their own the two parts are the real form of the number; side by side they are two signals.
      const place = of.joined ?? t.from;
      const d = drafts[place]!;
      const side = of.joined !== undefined && d.kind !== 'unresolved';
      const at = push(side ? asWritten(place) : { ...drawing.part('pair'), span: d.span, group: d.group, inputs: [of.at] }, place);
      moved.set(t.from, at);
      return at;
    }
    const at = m?.t === 'half' && (m.of.held === 'native' || m.of.held === 'streams' || m.of.plain === null) ? halfOf(m, t) : push(asWritten(t.from), t.from);
    moved.set(t.from, at);
    return at;
  }

  function asWritten(i: number): Draft {
    const d = drafts[i]!;
    return { ...d, inputs: d.inputs.map(plain), sharedWith: d.sharedWith === null ? null : plain({ t: 'tensor', from: d.sharedWith }).from };
  }

  /** The part of the complex signal, as a step. */
  function halfOf(m: Met, t: TensorValue): TensorValue {
    if (m.t !== 'half') return t;
    if (m.of.at.from === null && m.of.held === 'streams') return { t: 'tensor', from: null };
    const d = t.from === null ? null : drafts[t.from]!;
    const own = d && partOf(d.formula) !== null && !d.half ? d : drawing.part(m.half === 0 ? 're' : 'im');
    return push({ ...own, inputs: [m.of.at] }, t.from ?? -1);
  }

  function metOf(t: TensorValue): Met | undefined {
    if (t.from !== null) return met.get(t.from);
    // Two arguments of forward that are named as the parts of one number.
    return t.stream === undefined || !drawing.streams ? undefined : { t: 'half', of: STREAMS, half: t.stream };
  }

  const meets = (i: number, d: Draft): Met | null => {
    const first = d.inputs[0];
    const a = first && metOf(first);
    const part = partOf(d.formula);
    // x[0] alone takes the first sample; with x[1] beside it the two are parts.
    if (d.half?.held === 'streams' && first && !taken.has(halfKey(first, d.half.at === 0 ? 1 : 0))) return null;
    if (first && (d.half || part === 're' || part === 'im')) {
      const half = d.half ? d.half.at : part === 're' ? 0 : 1;
      if (a?.t === 'whole' && (!d.half || d.half.held === a.of.held || a.of.held === 'native' && d.half.held === 'last')) return { t: 'half', of: a.of, half };
      if (a) return null;
      const held = d.half?.held ?? 'native';
      // Numbers made of two places along an axis: how many are left there, the text of a slice alone does not tell.
      const at: TensorValue = { ...plain(first), cast: 'complex', ...(first.from !== null && held !== 'native' && held !== 'streams' ? { folded: true as const } : {}) };
      return { t: 'half', half, of: { at, held: d.half ? d.half.held : 'native', plain: d.half ? plain(first) : null } };
    }
    if (d.viewsReal && first) {
      // view_as_real: its halves along the last axis are the parts.
      return { t: 'whole', of: a?.t === 'whole' ? a.of : { at: plain(first), held: 'native', plain: push({ ...d, inputs: [plain(first)] }, i) } };
    }
    if (d.inputs.length === 2) {
      const b = metOf(d.inputs[1]!);
      if (d.joins || isSum(d)) {
        const [re, im] = joinedHalves(d);
        if (re?.t === 'half' && im?.t === 'half' && re.half === 0 && im.half === 1 && same(re.of, im.of)) {
          return { t: 'whole', of: !d.joins || d.joins === 'native' ? { ...re.of, held: 'native', plain: null } : { ...re.of, held: d.joins, joined: i } };
        }
      }
      if (a?.t === 'term' && b?.t === 'term' && same(a.of, b.of) && a.half !== b.half && a.layer !== b.layer) {
        if (d.kind === 'add' && !d.raw) return complete({ t: 'sum', of: a.of, left: a, right: b, sign: 1 }, i);
        if (d.raw && d.formula?.op === '-') return complete({ t: 'sum', of: a.of, left: a, right: b, sign: -1 }, i);
      }
    }
    if (a?.t === 'half' && d.layer && WEIGHTED.has(d.kind) && d.inputs.length === 1 && d.layer.field === 'real') return { t: 'term', of: a.of, half: a.half, layer: d.layer, step: i };
    const halves = d.inputs.map(metOf);
    // Real steps on both halves at once: activations, and what acts on each channel or place alike.
    const wholes = halves.filter((h): h is Extract<Met, { t: 'whole' }> => h?.t === 'whole' && h.of.held !== 'native' && h.of.held !== 'streams');
    if ((ALIKE.has(d.kind) || (wholes[0] && leavesApart(d, wholes[0].of.held))) && !d.raw && halves.length > 0 && wholes.length === halves.length && wholes.every((h) => h.of.held === wholes[0]!.of.held)) {
      return { t: 'whole', of: each(d, wholes.map((h) => h.of), i) };
    }
    if (EACH.has(d.kind) && !d.raw && halves.length > 0 && halves.every((h): h is Extract<Met, { t: 'half' }> => h?.t === 'half') && halves.every((h) => h.half === (halves[0] as { half: Half }).half)) {
      // Parts of a complex tensor that go through one activation are for the fusion of formulas, which sees more.
      if (d.kind === 'activation' && halves.every((h) => h.of.held === 'native')) return null;
      return complete({ t: 'alone', of: halves.map((h) => h.of), half: halves[0]!.half, step: i }, i);
    }
    return null;
  };

  /** The complex tensor is the code's own, and not made of two real ones. */
  const isNative = (of: Whole): boolean => of.joined !== undefined && drafts[of.joined]!.inputs.every((t) => t.from !== null && partOf(drafts[t.from]!.formula) !== null);

  const isSum = (d: Draft): boolean => d.kind === 'add' && d.inputs.some((t) => t.from !== null && isTurned(drafts[t.from]!.formula));
  function joinedHalves(d: Draft): (Met | undefined)[] {
    if (d.joins) return d.inputs.map(metOf);
    const turned = d.inputs.findIndex((t) => t.from !== null && isTurned(drafts[t.from]!.formula));
    return [metOf(d.inputs[1 - turned]!), metOf(drafts[d.inputs[turned]!.from!]!.inputs[0]!)];
  }
  /** Where the other half was met before, the complex step; it then has the halves of its output. */
  function complete(m: Extract<Met, { t: 'sum' | 'alone' }>, i: number): Met {
    const at = waiting.findIndex((w) => matches(w, m));
    if (at < 0) {
      waiting.push(m);
      stepOf.set(m, i);
      return m;
    }
    const [other] = waiting.splice(at, 1);
    const whole = m.t === 'sum' ? layerOf(other as typeof m, m, i) : eachOf(other as typeof m, m, i);
    const half = halfMade(m);
    met.set(stepOf.get(other!)!, { t: 'half', of: whole, half: half === 0 ? 1 : 0 });
    return { t: 'half', of: whole, half };
  }
  const stepOf = new Map<Met, number>();

  const halfMade = (m: Extract<Met, { t: 'sum' | 'alone' }>): Half => (m.t === 'alone' ? m.half : m.sign === -1 ? 0 : 1);
  /** A and B of A p - B q; of A q + B p they may stand in either order. */
  function matches(w: Met, m: Met): boolean {
    if (w.t === 'alone' && m.t === 'alone') {
      const [a, b] = [drafts[w.step]!, drafts[m.step]!];
      return w.half !== m.half && a.kind === b.kind && w.of.length === m.of.length && w.of.every((x, k) => same(x, m.of[k]!))
        && a.activation === b.activation && a.spelling?.row === b.spelling?.row && identical(a.parameters, b.parameters) && (a.kind !== 'unresolved' || (a.layer !== null && b.layer !== null));
    }
    if (w.t !== 'sum' || m.t !== 'sum' || w.sign === m.sign || !same(w.of, m.of)) return false;
    const [real, turned] = w.sign === -1 ? [w, m] : [m, w];
    if (real.left.half !== 0) return false;
    const [a, b] = [real.left.layer, real.right.layer];
    const on = (half: Half): LayerValue => (turned.left.half === half ? turned.left : turned.right).layer;
    return on(1) === a && on(0) === b;
  }

  function layerOf(w: Extract<Met, { t: 'sum' }>, m: Extract<Met, { t: 'sum' }>, i: number): Whole {
    const real = w.sign === -1 ? w : m;
    const [a, b] = [real.left.layer, real.right.layer];
    const d = drafts[real.left.step]!;
    const known = applied.get(a)?.get(b) ?? null;
    // A class of the user's own that is nothing but this layer: named and placed as its object.
    const run = d.runs?.[0];
    const own = run && drafts.every((o) => o.runs?.[0] !== run || o.layer === null || !WEIGHTED.has(o.kind) || o.layer === a || o.layer === b) ? run.step : null;
    const group = own?.group ?? '';
    const cut = group.lastIndexOf('.');
    const at = push({
      ...d, inputs: [real.of.at], sharedWith: known, layer: { ...a, field: 'complex', imaginary: b },
      ...(own ? { span: own.span, callSpan: own.callSpan, name: group.slice(cut + 1) || d.name, group: cut > 0 ? group.slice(0, cut) : null } : {}),
    } as Draft, i);
    if (known === null) applied.set(a, (applied.get(a) ?? new Map()).set(b, at.from!));
    return { at, held: real.of.held, plain: null };
  }

  function eachOf(w: Extract<Met, { t: 'alone' }>, m: Extract<Met, { t: 'alone' }>, i: number): Whole {
    return each(drafts[w.half === 0 ? w.step : m.step]!, w.of, i);
  }

  /** The step acts on both halves in one tensor. */
  const wholeInput = (d: Draft): boolean => d.inputs.every((t) => metOf(t)?.t === 'whole');

  function each(d: Draft, of: Whole[], i: number): Whole {
    const inputs = of.map((o) => o.at);
    const row = d.spelling?.row;
    const id = d.kind === 'activation' ? (d.activation ?? row?.realActivation) : null;
    const spelling = d.spelling && row ? { ...d.spelling, row: { ...row, refusesComplex: undefined, traps: [], ...(id ? { activation: `split-${id}` } : {}) } } : null;
    const { features } = d.parameters;
    const split = d.kind === 'batch-norm' && of[0]!.held === 'axis 1' && of[0]!.joined !== undefined && !d.half && typeof features === 'number' && wholeInput(d);
    const more = split ? { parameters: { ...d.parameters, features: features / 2 } } : d.kind === 'max-pool' ? { parameters: { ...d.parameters, apart: true } } : {};
    const { formula: _formula, ...rest } = d;
    const at = push({ ...rest, inputs, spelling: spelling as Draft['spelling'], activation: id ? `split-${id}` : null, ...more }, i);
    return { at, held: of[0]!.held, plain: null };
  }

  drafts.forEach((d, i) => {
    const m = meets(i, d);
    if (m) met.set(i, m);
  });
  // Steps that were put off are written where they are needed; all others stay.
  drafts.forEach((_, i) => {
    if (!met.has(i)) plain({ t: 'tensor', from: i });
  });
  const outputs = drawing.outputs.map((t): TensorValue => {
    const m = metOf(t);
    return m?.t === 'half' && drawing.outputs.some((o) => { const n = metOf(o); return n?.t === 'half' && n.half !== m.half && same(n.of, m.of); }) ? m.of.at : m?.t === 'whole' && (m.of.joined === undefined || m.of.at.from !== null && !isNative(m.of)) ? m.of.at : plain(t);
  });
  return sorted({ ...drawing, drafts: out, outputs }, places);
}

/** In the order of the places, each step after those that it reads. */
function sorted(drawing: Drawing, places: number[]): Drawing {
  const { drafts } = drawing;
  const order: number[] = [];
  const state = new Map<number, boolean>();
  const visit = (i: number): void => {
    if (state.has(i)) return;
    state.set(i, true);
    for (const t of drafts[i]!.inputs) if (t.from !== null) visit(t.from);
    order.push(i);
  };
  for (const i of [...drafts.keys()].sort((a, b) => places[a]! - places[b]!)) visit(i);
  const now = new Map(order.map((i, k) => [i, k]));
  const shift = (t: TensorValue): TensorValue => (t.from === null ? t : { ...t, from: now.get(t.from)! });
  return {
    ...drawing,
    drafts: order.map((i) => ({ ...drafts[i]!, inputs: drafts[i]!.inputs.map(shift), sharedWith: drafts[i]!.sharedWith === null ? null : (now.get(drafts[i]!.sharedWith!) ?? null) })),
    outputs: drawing.outputs.map(shift),
  };
}
