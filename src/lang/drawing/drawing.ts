// A network being drawn, layer by layer, and the graph it becomes: fields, shapes, initial variances, problems. Knows no Python.
import { findActivation } from '../../catalog/activations/index.ts';
import { findInitialiser } from '../../catalog/initialisers/index.ts';
import { layerRule } from '../../catalog/layers/index.ts';
import { positive, type Shape } from '../../catalog/layers/layer.ts';
import { everyLibrary } from '../../catalog/libraries/index.ts';
import type { CallEdit, Library, Spelling } from '../../catalog/libraries/library.ts';
import { problemCodes } from '../../catalog/problems.ts';
import type { Field, Fix, GraphNode, Initialisation, LayerKind, ModelGraph, ParameterValue, Problem, Span, Trap } from '../../contract/graph.ts';
import { argumentOf, importsAs, withArgument, withName } from '../edits.ts';
import type { Called, LayerValue, TensorValue } from '../python/values.ts';
import { isOfComplex, recognise, type Formula } from './formula.ts';
import { rankAfter, widthAfter, widthMismatch, type Width } from './widths.ts';

/** How a signal holds two halves: along an axis (counted with the batch), or as two tensors. */
export type Held = 'last' | `axis ${number}` | 'streams';

/** A layer as drawn; what depends on the field of its input is decided when the graph is made. */
export interface Draft {
  kind: LayerKind;
  name: string | null;
  parameters: Record<string, ParameterValue>;
  inputs: TensorValue[];
  span: Span;
  callSpan?: Span;
  group: string | null;
  spelling: { row: Spelling; library: Library; text: string } | null;
  /** Catalog id fixed by an argument. */
  activation: string | null;
  reason: string | null;
  layer: LayerValue | null;
  sharedWith: number | null;
  /** What the step computes of each number of its inputs, where it is such a function. */
  formula?: Formula;
  /** It is no layer by itself, but arithmetic, or a part of a signal. */
  raw?: true | undefined;
  /** Its formula is the whole of the activation. */
  fused?: true;
  /** A number in its formula is trained, and held at its start. */
  trained?: true;
  /** As a class or function of the user's own is called. */
  written?: string;
  /** Half of a signal, and how its two halves are held. */
  half?: { at: 0 | 1; held: Held };
  /** It makes one signal of two halves: a complex tensor, or both along an axis. */
  joins?: 'native' | Held;
  /** It treats both halves of a signal alike, along whatever axis they lie. */
  alike?: true;
  /** Real and imaginary part along a last axis. */
  viewsReal?: true;
  /** The calls of modules that it is drawn in, innermost first, and those whose result it is. */
  runs?: Run[];
  ends?: Run[];
}

/** One call of a module of the user's own, and what stands for it where it cannot be read. */
export interface Run {
  weighted: boolean;
  step: Draft;
}

export interface Drawing {
  drafts: Draft[];
  outputs: TensorValue[];
  axes: ModelGraph['axes'];
  /** The step that takes a part of a signal, or both as real numbers. */
  part(which: 're' | 'im' | 'pair'): Draft;
  /** A network is being drawn. */
  open?: boolean;
  /** The network's two inputs are the parts of one complex number. */
  streams?: boolean;
  /** Of one sample, where the text tells it beside its layers. */
  inputShape?: number[] | null;
  /** Where the text tells it beside its layers. */
  inputField?: Field;
  /** What the framework makes of a layer once its input is known; may change the parameters. */
  prepare?(d: Draft, parameters: Record<string, ParameterValue>, inputs: Shape[], field: Field): Prepared | null;
}

export interface Prepared {
  /** In place of the draft's row. */
  row?: Spelling;
  /** Why it is not read on this input. */
  reason?: string;
  /** Of a layer that is not read, where its output is known all the same. */
  output?: { shape: Shape; field: Field };
}

export const problem = (code: string, message: string, span: Span, fix?: Fix): Problem => ({
  code, severity: problemCodes[code]?.severity ?? 'warning', message, span, ...(fix ? { fix } : {}),
});

const isWeighted = (kind: LayerKind): boolean => ['dense', 'attention', 'embedding', 'rnn'].includes(kind) || kind.startsWith('conv');

/** The field of the network's input: that of the first weights it meets, else complex where something asks for it. */
function inputFieldOf(drafts: Draft[]): Field {
  const first = drafts.find((d) => isWeighted(d.kind));
  const before = first ? drafts.slice(0, drafts.indexOf(first)) : drafts;
  const asks = before.some((d) => (d.kind === 'activation' && (d.fused ? isOfComplex(d.formula!) : !d.spelling?.row.realActivation)) || (d.kind === 'read-out' && ['abs', 'angle', 'real', 'imag', 'view-as-real'].includes(d.spelling?.row.activation ?? '')));
  return asks || (first && first.kind !== 'embedding' && fieldOfWeights(first) === 'complex') ? 'complex' : 'real';
}

export const distinct = (inputs: TensorValue[]): TensorValue[] => inputs.filter((t, i) => inputs.findIndex((o) => o.from === t.from) === i);

const fieldOfWeights = (d: Draft): Field => (d.layer?.cast ? 'complex' : (d.layer?.field ?? 'real'));

/** What PyTorch does where weights and input are of different fields. */
const TORCH_MIXES = {
  realWeights: 'PyTorch raises an error. Give dtype=torch.cfloat.',
  complexWeights: 'PyTorch raises an error. Turn the input into complex numbers first.',
};

/** Where layers read sequences, a dense layer before them acts on each time: its input is not known to be a vector. */
const hasSequences = (drafts: Draft[]): boolean => drafts.some((d) => [d.kind, d.spelling?.row.kind].some((kind) => kind && ['attention', 'embedding', 'rnn'].includes(kind)));

/** Shape of the input where the first layer that knows its size is reached through layers that keep the shape. */
function inputShapeOf(drafts: Draft[]): number[] | null {
  for (let at = drafts.findIndex((d) => d.inputs.some((t) => t.from === null)); at >= 0; ) {
    const d = drafts[at]!;
    if (d.kind === 'dense') return !hasSequences(drafts) && typeof d.parameters.inFeatures === 'number' ? [d.parameters.inFeatures] : null;
    if (!['activation', 'dropout', 'layer-norm'].includes(d.kind)) return null;
    const here = at;
    at = drafts.findIndex((next) => next.inputs.some((t) => t.from === here));
  }
  return null;
}

/** Of a formula that may depend on sizes that are not known. */
const known = (v: number): number | null => (Number.isNaN(v) ? null : v);

/** E|w|^2 fan_in and E|b|^2 of a weighted layer, from the initialiser that its code or its library uses. */
export function initialisationOf(layer: LayerValue, kind: LayerKind, parameters: Record<string, ParameterValue>): Initialisation | undefined {
  const standard = layer.spelling.initialiser ? findInitialiser(layer.spelling.initialiser) : undefined;
  const made = layer.field ?? 'real';
  const rule = layerRule(kind);
  const fanIn = rule?.fanIn?.(parameters) ?? null;
  const [n, m] = rule?.fans?.(parameters) ?? [null, null];
  if (!standard) return undefined;
  const weight: Called = layer.weight ?? { initialiser: standard, options: standard.defaults, field: made };
  const law = weight.initialiser?.law;
  const circular = weight.field === 'complex' && (weight.initialiser?.circular(weight.options) ?? true);
  // Real numbers that became complex weights: drawn before the cast, or one constant.
  const real = (layer.cast || made === 'complex') && !circular && (weight.field === 'real' || (law === 'constant' && !weight.initialiser?.bothParts));
  const rows = positive(kind === 'conv-transpose' ? parameters.inFeatures : parameters.outFeatures);
  const drawnBy = ({ initialiser, options, field }: Called): number | null => (initialiser && n !== null ? initialiser.weight(field, n, m ?? n, { ...options, ...layer.spelling.counts?.(parameters) }, { kind, rows }) : null);
  const e = drawnBy(weight);
  if (layer.imaginary) return ofTwo(layer, layer.imaginary, e, drawnBy(layer.imaginary.weight ?? { initialiser: standard, options: standard.defaults, field: 'real' }), fanIn, n, parameters, weight);
  const byFanOut = weight.initialiser?.byFanOut;
  const needsFanOut = byFanOut === true || byFanOut?.(weight.options) || weight.options.mode === 'fan_out';
  const bias = parameters.bias === false ? 0
    : parameters.bias !== true ? null
    : layer.bias ? (layer.bias.initialiser?.weight(layer.bias.field, 1, 1, layer.bias.options) ?? null)
    : standard.biasByFanOut && m === null ? null
    : standard.bias ? known(standard.bias(made, n ?? NaN, m ?? n ?? NaN)) : n === null ? null : 0;
  const library = layer.weight?.initialiser ? everyLibrary.find((l) => l.id === layer.weight!.initialiser!.library)! : layer.library;
  return {
    initialiser: weight.initialiser ? `${weight.initialiser.label}, ${weight.field}` : 'not known',
    library: library.id,
    version: library.version,
    weightVariance: weight.initialiser?.perFanIn?.(weight.options) ? weight.initialiser.weight(weight.field, 1, 1, weight.options)
      : e === null || fanIn === null || (needsFanOut && m === null) ? null : fanIn * e,
    biasVariance: bias,
    circular,
    ...(law ? { law } : {}),
    ...(real ? { realShare: 1 } : {}),
    source: layer.weight || layer.bias ? 'code' : 'library default',
  };
}

/** Of a complex layer made of two real ones A + iB: E|w|^2 = E a^2 + E b^2, and both biases enter both parts. */
function ofTwo(re: LayerValue, im: LayerValue, a: number | null, b: number | null, fanIn: number | null, n: number | null, parameters: Record<string, ParameterValue>, weight: Called): Initialisation {
  const total = a === null || b === null ? null : a + b;
  const biasOf = (l: LayerValue): number | null => (l.bias ? (l.bias.initialiser?.weight(l.bias.field, 1, 1, l.bias.options) ?? null) : n === null ? null : (findInitialiser(l.spelling.initialiser!)?.bias?.('real', n, n) ?? 0));
  const [biasA, biasB] = [biasOf(re), biasOf(im)];
  const law = weight.initialiser?.law;
  const even = a === b;
  return {
    initialiser: weight.initialiser ? `${weight.initialiser.label}, two real layers` : 'not known',
    library: re.library.id,
    version: re.library.version,
    weightVariance: total === null || fanIn === null ? null : fanIn * total,
    biasVariance: parameters.bias === false ? 0 : parameters.bias !== true || biasA === null || biasB === null ? null : 2 * (biasA + biasB),
    circular: even && total !== null,
    ...(law ? { law } : {}),
    ...(even || total === null || total === 0 ? {} : { realShare: a! / total }),
    source: re.weight || re.bias ? 'code' : 'library default',
  };
}

/** The same of the projection of an attention's output, from as many features as it gives. */
function outputVarianceOf(layer: LayerValue, { outFeatures: n }: Record<string, ParameterValue>): number | null {
  const row = findInitialiser(layer.spelling.outputInitialiser!)!;
  const e = typeof n === 'number' ? row.weight(layer.field ?? 'real', n, n, row.defaults) : null;
  return e && (n as number) * e;
}

/**
 * The weights on the state of a recurrent layer, over its parameters. The biases of input and state are added in a plain cell;
 * a gated one holds them apart.
 */
function recurrentWeights(layer: LayerValue, p: Record<string, ParameterValue>, initial: Initialisation): Initialisation {
  const standard = findInitialiser(layer.spelling.recurrentInitialiser ?? layer.spelling.initialiser!)!;
  const { initialiser: row, options } = layer.recurrent ?? { initialiser: standard, options: standard.defaults };
  const n = typeof p.outFeatures === 'number' ? p.outFeatures : null;
  const e = n && row ? row.weight(layer.field ?? 'real', n, n, { ...options, ...layer.spelling.counts?.({ ...p, inFeatures: n }) }) : null;
  p.recurrentVariance = e && n! * e;
  const bias = p.bias === false ? 0 : n && p.bias === true ? (standard.bias?.(layer.field ?? 'real', n, n) ?? 0) : null;
  if (p.cell !== undefined) p.recurrentBiasVariance = bias;
  return p.cell === undefined && initial.biasVariance !== null ? { ...initial, biasVariance: bias === null ? null : initial.biasVariance + bias } : initial;
}

/** The edit of a row as edits of this text, where the call is there as it was read. */
function fixOf({ title, rename, argument }: CallEdit, { text: callee, row }: NonNullable<Draft['spelling']>, span: Span, text: string): Fix | undefined {
  if (rename) {
    const edits = withName(text, span, callee, rename);
    return edits ? { title, edits } : undefined;
  }
  if (!argument) return undefined;
  const copied = argument.value.startsWith('=') ? argument.value.slice(1) : null;
  const value = copied === null ? argument.value : argumentOf(text, span, callee, copied, row.arguments?.indexOf(copied) ?? -1);
  const edits = value === null ? null : withArgument(text, span, callee, argument.name, value);
  return edits ? { title, edits } : undefined;
}

/** Gives PyTorch's own layer complex weights, where the text it is written in can be edited so. */
function withComplexWeights({ kind, spelling, span }: Draft, text: string): Fix | undefined {
  if (spelling?.library.id !== 'torch' || !(kind === 'dense' || kind.startsWith('conv')) || !importsAs(text, 'torch')) return undefined;
  const edits = withArgument(text, span, spelling.text, 'dtype', 'torch.cfloat');
  return edits ? { title: 'Give it complex weights: dtype=torch.cfloat', edits } : undefined;
}

/**
 * The graph of a drawing; what does not fit is appended to `problems`, the graph is made all the same.
 * @param text that the layers' spans are places in, for safe edits of it
 */
export function graphOf(drawing: Omit<Drawing, 'part'>, name: string, line: number, problems: Problem[], text = ''): ModelGraph {
  const { drafts, axes } = drawing;
  const inputField = drawing.inputField ?? inputFieldOf(drafts);
  const inputShape = drawing.inputShape ?? inputShapeOf(drafts);
  // An input that the text tells nothing of is taken for a vector where a dense layer reads it first.
  const vectors = !hasSequences(drafts);
  /** How many axes a sample of each signal has, as far as it is known. */
  const ranks: (number | null)[] = [];
  const layers: GraphNode[] = [];
  const counts = new Map<LayerKind, number>();
  const edges: [string, string][] = [];
  const inputs: string[] = [];
  const fields: Field[] = [];
  const shapes: Shape[] = [];
  const widths: Width[] = [];
  const add = (code: string, message: string, span: Span, fix?: Fix): void => void problems.push(problem(code, message, span, fix));

  for (const d of drafts) {
    const incoming = d.inputs.map((t): Field => t.cast ?? (t.from === null ? inputField : fields[t.from]!));
    const from: Field = incoming.includes('complex') ? 'complex' : 'real';
    const inShapes = d.inputs.map((t): Shape => (t.from === null ? (t.shape ?? inputShape) : t.folded ? null : shapes[t.from]!));
    const written = d.written ?? d.spelling?.text ?? d.name ?? (d.kind === 'unresolved' ? 'This step' : d.kind);
    let kind = d.kind;
    let id: string | null = d.name;
    let reason = d.reason;
    const parameters = { ...d.parameters };
    const prepared = drawing.prepare?.(d, parameters, inShapes, from) ?? null;
    const row = prepared?.row ?? d.spelling?.row;
    if (prepared?.reason !== undefined) {
      kind = 'unresolved';
      reason = prepared.reason;
    }
    const traps: Trap[] = [];
    for (const t of row?.traps ?? []) {
      if ((t.on === undefined || t.on === from) && (t.when === undefined || t.when(d.layer?.parameters ?? d.parameters))) {
        traps.push({ code: t.code, message: t.message });
        add(t.code, t.message, d.span, t.fix && d.spelling ? fixOf(t.fix, d.spelling, d.span, text) : undefined);
      }
    }
    // Layers whose code names no input size take it from what comes in.
    if (isWeighted(kind) && kind !== 'embedding' && parameters.inFeatures === undefined) {
      const known = inShapes[0];
      parameters.inFeatures = (known && (axes === 'channels-last' || ['dense', 'rnn', 'attention'].includes(kind) ? known.at(-1) : known[0])) ?? null;
    }
    let refused = false;
    let real = false;
    if (row?.refusesComplex && from === 'complex' && kind !== 'unresolved') {
      kind = 'unresolved';
      reason = `${row.refusesComplex}.`;
      refused = true;
      add(d.spelling?.library.mixes ? 'refuses-complex' : 'torch-refuses-complex', `${written}: ${row.refusesComplex}.`, d.span);
    } else if (d.fused) {
      const known = recognise(d.formula!, from);
      if ('reason' in known) {
        kind = 'unresolved';
        reason = `${known.reason}.`;
        id = null;
      } else {
        id = known.name;
        Object.assign(parameters, known.parameters);
        if (d.trained) add('learnable-slope', `${written === 'activation' ? 'This formula' : written} holds a number that is trained; the analysis keeps it at the value that it starts with.`, d.span);
        real = known.output === 'real';
      }
    } else if (kind === 'activation') {
      id = d.activation ?? (from === 'complex' ? row?.activation : row?.realActivation) ?? null;
      const known = id === null ? undefined : findActivation(id);
      if (!known) {
        kind = 'unresolved';
        reason = id === null && from === 'real'
          ? `${written} acts on complex numbers, but its input is real here.`
          : `${written} is not in the catalog of activations.`;
        id = null;
      } else {
        for (const key of Object.keys(parameters)) if (!Object.hasOwn(known.parameters, key)) delete parameters[key];
        for (const [key, value] of Object.entries(parameters)) {
          if (typeof value !== 'number') {
            parameters[key] = null;
            add('unknown-parameter', `The ${key} of ${written} is not known from the text; write it as a number to have its kernel computed.`, d.span);
          }
        }
      }
    } else if (kind === 'read-out') {
      id = row?.activation ?? id;
    }
    if (kind === 'rnn') {
      const uses = [...drafts.flatMap((user) => user.inputs), ...drawing.outputs].filter((t) => t.from === layers.length);
      const last = uses.filter((t) => t.states === 'last').length;
      if (row?.realOnly && (from === 'complex' || fieldOfWeights(d) === 'complex')) {
        kind = 'unresolved';
        reason = `${written} is read on real numbers; what it does on complex ones is not known here.`;
      } else if (last > 0 && last < uses.length) {
        kind = 'unresolved';
        reason = `Both the last state and all states of ${written} are used, which is not read.`;
      }
      parameters.returns ??= last > 0 ? 'last' : 'sequence';
      id = parameters.cell === undefined ? (parameters.state as string | null) : String(parameters.cell);
      if (parameters.cell === undefined) delete parameters.state;
    }
    if (kind === 'unresolved') {
      reason ??= row?.reason ? `${written}: ${row.reason}.` : `${written} is not read.`;
      // The refusal above has said it already.
      if (!refused) add('unresolved-layer', `${written} could not be read as a layer: ${reason}`, d.span);
      id = d.layer?.name ?? (d.spelling ? null : id);
    }
    let field: Field = from;
    if (isWeighted(kind)) {
      field = fieldOfWeights(d);
      if (field !== from && d.layer && kind !== 'embedding' && !row?.takesReal) {
        const { realWeights, complexWeights } = d.spelling?.library.mixes ?? TORCH_MIXES;
        const then = field === 'real' ? realWeights : complexWeights;
        if (then !== null) add('dtype-mismatch', `The weights of ${written} are ${field} but its input is ${from}: ${then}`, d.span, field === 'real' ? withComplexWeights(d, text) : undefined);
      }
    } else if (kind === 'read-out' || real) field = 'real';
    if (kind === 'read-out' && id === 'view-as-real') parameters.pairs = true;
    const { shape: told, mismatch: ofShapes } = layerRule(kind)?.output(inShapes, parameters, axes) ?? { shape: null };
    const inWidths = d.inputs.map((t): Width => (t.from === null ? null : widths[t.from]!));
    const mismatch = ofShapes ?? (inShapes[0] ? undefined : widthMismatch(kind, parameters, inWidths));
    const isVector = d.inputs.every((t) => (t.from === null ? vectors : ranks[t.from] === 1));
    const shape = kind === 'dense' && !inShapes[0] && !isVector ? null : (told ?? prepared?.output?.shape ?? null);
    if (kind === 'unresolved') field = prepared?.output?.field ?? field;
    delete parameters.pairs;
    if (mismatch) {
      const source = d.inputs.find((t) => t.from !== null);
      const before = source ? layers[source.from!] : undefined;
      add('shape-mismatch', `${written} does not fit: ${mismatch}${before?.span ? ` (from ${before.spelling ?? before.kind}, line ${before.span.line})` : ''}. Change one of the two sizes.`, d.span);
    }
    const n = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, n);
    ranks.push(shape ? shape.length : rankAfter(kind, parameters, d.inputs.map((t) => (t.from === null ? (vectors ? 1 : null) : ranks[t.from]!))));
    const input = inShapes[0] ?? (kind === 'dense' && isVector && typeof parameters.inFeatures === 'number' ? [parameters.inFeatures] : null);
    let initialisation = d.layer && isWeighted(kind) ? initialisationOf(d.layer, kind, parameters) : undefined;
    if (kind === 'rnn' && d.layer && initialisation) initialisation = recurrentWeights(d.layer, parameters, initialisation);
    const drawn = initialisation && !d.layer!.weight && field === 'complex' ? findInitialiser(row!.initialiser!)?.trap : undefined;
    if (drawn) {
      traps.push({ code: drawn.code, message: drawn.message });
      add(drawn.code, drawn.message, d.span);
    }
    if (kind === 'attention' && d.layer) parameters.outputVariance = outputVarianceOf(d.layer, parameters);
    const node: GraphNode = {
      id: `${kind}${n}`, kind, name: id, parameters, field, input, output: shape, span: d.span,
      ...(d.callSpan && (d.callSpan.line !== d.span.line || d.callSpan.column !== d.span.column) ? { callSpan: d.callSpan } : {}),
      ...(d.group ? { group: d.group } : {}),
      ...(d.sharedWith !== null ? { sharedWith: layers[d.sharedWith]!.id } : {}),
      ...(d.written !== undefined ? { spelling: d.written } : d.spelling ? { spelling: d.spelling.text, library: d.spelling.library.id } : {}),
      ...(traps.length > 0 ? { traps } : {}),
      ...(initialisation ? { initialisation } : {}),
      ...(kind === 'unresolved' ? { reason: reason! } : {}),
    };
    layers.push(node);
    fields.push(field);
    shapes.push(shape);
    widths.push(widthAfter(kind, parameters, inWidths, shape, axes));
    const sources = new Set(d.inputs.map((t) => t.from));
    for (const s of sources) {
      if (s === null) inputs.push(node.id);
      else edges.push([layers[s]!.id, node.id]);
    }
  }
  const outputs = [...new Set(drawing.outputs.map((t) => t.from).filter((f) => f !== null))].map((f) => layers[f]!.id);
  return { name, line, layers, graph: { inputs, outputs, edges }, axes, inputShape, inputField };
}

export { isWeighted };
