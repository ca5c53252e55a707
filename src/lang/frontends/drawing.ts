// A network being drawn, layer by layer, and the graph it becomes: fields, shapes, initial variances, problems. Knows no Python.
import { findActivation } from '../../catalog/activations/index.ts';
import { findInitialiser } from '../../catalog/initialisers/index.ts';
import { layerRule } from '../../catalog/layers/index.ts';
import type { Shape } from '../../catalog/layers/layer.ts';
import { libraries } from '../../catalog/libraries/index.ts';
import type { Library, Spelling } from '../../catalog/libraries/library.ts';
import { problemCodes } from '../../catalog/problems.ts';
import type { Field, GraphNode, Initialisation, LayerKind, ModelGraph, ParameterValue, Problem, Span, Trap } from '../../contract/graph.ts';
import type { Called, LayerValue, TensorValue } from '../values.ts';

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
}

export interface Drawing {
  drafts: Draft[];
  outputs: TensorValue[];
  axes: ModelGraph['axes'];
  /** Of one sample, where the text tells it beside its layers. */
  inputShape?: number[] | null;
}

export const problem = (code: string, message: string, span: Span): Problem => ({
  code, severity: problemCodes[code]?.severity ?? 'warning', message, span,
});

const isWeighted = (kind: LayerKind): boolean => ['dense', 'attention', 'embedding', 'rnn'].includes(kind) || kind.startsWith('conv');

/** The field of the network's input: that of the first weights it meets, else complex where something asks for it. */
function inputFieldOf(drafts: Draft[]): Field {
  const first = drafts.find((d) => isWeighted(d.kind));
  const before = first ? drafts.slice(0, drafts.indexOf(first)) : drafts;
  const asks = before.some((d) => (d.kind === 'activation' && !d.spelling?.row.realActivation) || (d.kind === 'read-out' && ['abs', 'angle', 'real', 'imag', 'view-as-real'].includes(d.spelling?.row.activation ?? '')));
  return asks || (first && first.kind !== 'embedding' && fieldOfWeights(first) === 'complex') ? 'complex' : 'real';
}

const fieldOfWeights = (d: Draft): Field => (d.layer?.cast ? 'complex' : (d.layer?.field ?? 'real'));

/** Where layers read sequences, a dense layer before them acts on each time: its input is not known to be a vector. */
const hasSequences = (drafts: Draft[]): boolean => drafts.some((d) => ['attention', 'embedding', 'rnn'].includes(d.kind));

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
  const real = (layer.cast || made === 'complex') && !circular && (weight.field === 'real' || law === 'constant');
  const e = weight.initialiser && n !== null ? weight.initialiser.weight(weight.field, n, m ?? n, weight.options) : null;
  const needsFanOut = weight.initialiser?.id.includes('xavier') || weight.initialiser?.id.includes('trabelsi') || weight.initialiser?.id === 'torch-recurrent' || weight.options.mode === 'fan_out';
  const bias = parameters.bias === false ? 0
    : parameters.bias !== true ? null
    : layer.bias ? (layer.bias.initialiser?.weight(layer.bias.field, 1, 1, layer.bias.options) ?? null)
    : n === null ? null : (standard.bias?.(made, n, m ?? n) ?? 0);
  const library = layer.weight?.initialiser ? libraries.find((l) => l.id === layer.weight!.initialiser!.library)! : layer.library;
  return {
    initialiser: weight.initialiser ? `${weight.initialiser.label}, ${weight.field}` : 'not known',
    library: library.id,
    version: library.version,
    weightVariance: e === null || fanIn === null || (needsFanOut && m === null) ? null : fanIn * e,
    biasVariance: bias,
    circular,
    ...(law ? { law } : {}),
    ...(real ? { realShare: 1 } : {}),
    source: layer.weight || layer.bias ? 'code' : 'library default',
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
  const row = findInitialiser(layer.spelling.initialiser!)!;
  const n = typeof p.outFeatures === 'number' ? p.outFeatures : null;
  const e = n && row.weight(layer.field ?? 'real', n, n, row.defaults);
  p.recurrentVariance = e && n! * e;
  const bias = p.bias === false ? 0 : n && p.bias === true ? row.bias!(layer.field ?? 'real', n, n) : null;
  if (p.cell !== undefined) p.recurrentBiasVariance = bias;
  return p.cell === undefined && initial.biasVariance !== null ? { ...initial, biasVariance: bias === null ? null : initial.biasVariance + bias } : initial;
}

/** The graph of a drawing; what does not fit is appended to `problems`, the graph is made all the same. */
export function graphOf(drawing: Drawing, name: string, line: number, problems: Problem[]): ModelGraph {
  const { drafts, axes } = drawing;
  const inputField = inputFieldOf(drafts);
  const inputShape = drawing.inputShape ?? inputShapeOf(drafts);
  const vectors = !hasSequences(drafts);
  const layers: GraphNode[] = [];
  const counts = new Map<LayerKind, number>();
  const edges: [string, string][] = [];
  const inputs: string[] = [];
  const fields: Field[] = [];
  const shapes: Shape[] = [];
  const add = (code: string, message: string, span: Span): void => void problems.push(problem(code, message, span));

  for (const d of drafts) {
    const incoming = d.inputs.map((t): Field => t.cast ?? (t.from === null ? inputField : fields[t.from]!));
    const from: Field = incoming.includes('complex') ? 'complex' : 'real';
    const inShapes = d.inputs.map((t): Shape => (t.from === null ? inputShape : shapes[t.from]!));
    const row = d.spelling?.row;
    const written = d.spelling?.text ?? d.name ?? (d.kind === 'unresolved' ? 'This step' : d.kind);
    let kind = d.kind;
    let id: string | null = d.name;
    let reason = d.reason;
    const parameters = { ...d.parameters };
    const traps: Trap[] = [];
    for (const t of row?.traps ?? []) {
      if ((t.on === undefined || t.on === from) && (t.when === undefined || t.when(d.layer?.parameters ?? d.parameters))) {
        traps.push({ code: t.code, message: t.message });
        add(t.code, t.message, d.span);
      }
    }
    // Layers whose code names no input size take it from what comes in.
    if (isWeighted(kind) && kind !== 'embedding' && parameters.inFeatures === undefined) {
      const known = inShapes[0];
      parameters.inFeatures = (known && (axes === 'channels-last' || kind === 'dense' ? known.at(-1) : known[0])) ?? null;
    }
    let refused = false;
    if (row?.refusesComplex && from === 'complex') {
      kind = 'unresolved';
      reason = `${row.refusesComplex}.`;
      refused = true;
      add('torch-refuses-complex', `${written}: ${row.refusesComplex}.`, d.span);
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
      parameters.returns = last > 0 ? 'last' : 'sequence';
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
      if (field !== from && d.layer && kind !== 'embedding') {
        add('dtype-mismatch', field === 'real'
          ? `The weights of ${written} are real but its input is complex: PyTorch raises an error. Give dtype=torch.cfloat.`
          : `The weights of ${written} are complex but its input is real: PyTorch raises an error. Turn the input into complex numbers first.`, d.span);
      }
    } else if (kind === 'read-out') field = 'real';
    if (kind === 'read-out' && id === 'view-as-real') parameters.pairs = true;
    const { shape: told, mismatch } = layerRule(kind)?.output(inShapes, parameters, axes) ?? { shape: null };
    const shape = kind === 'dense' && !inShapes[0] && !vectors ? null : told;
    delete parameters.pairs;
    if (mismatch) {
      const source = d.inputs.find((t) => t.from !== null);
      const before = source ? layers[source.from!] : undefined;
      add('shape-mismatch', `${written} does not fit: ${mismatch}${before?.span ? ` (from ${before.spelling ?? before.kind}, line ${before.span.line})` : ''}. Change one of the two sizes.`, d.span);
    }
    const n = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, n);
    // A dense layer whose input is not known is given vectors.
    const input = inShapes[0] ?? (kind === 'dense' && vectors && typeof parameters.inFeatures === 'number' ? [parameters.inFeatures] : null);
    let initialisation = d.layer && isWeighted(kind) ? initialisationOf(d.layer, kind, parameters) : undefined;
    if (kind === 'rnn' && d.layer && initialisation) initialisation = recurrentWeights(d.layer, parameters, initialisation);
    if (kind === 'attention' && d.layer) parameters.outputVariance = outputVarianceOf(d.layer, parameters);
    const node: GraphNode = {
      id: `${kind}${n}`, kind, name: id, parameters, field, input, output: shape, span: d.span,
      ...(d.callSpan && (d.callSpan.line !== d.span.line || d.callSpan.column !== d.span.column) ? { callSpan: d.callSpan } : {}),
      ...(d.group ? { group: d.group } : {}),
      ...(d.sharedWith !== null ? { sharedWith: layers[d.sharedWith]!.id } : {}),
      ...(d.spelling ? { spelling: d.spelling.text, library: d.spelling.library.id } : {}),
      ...(traps.length > 0 ? { traps } : {}),
      ...(initialisation ? { initialisation } : {}),
      ...(kind === 'unresolved' ? { reason: reason! } : {}),
    };
    layers.push(node);
    fields.push(field);
    shapes.push(shape);
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
