// From a model graph to a network of finite width: the form of every signal, the tensors, the layers. What cannot be built is refused with
// the layer and the reason. Knows no kernel, draws nothing.
import { activationOf, numbersOf } from '../catalog/activations/index.ts';
import type { Activation } from '../catalog/activations/activation.ts';
import { joinsChannels } from '../catalog/layers/form.ts';
import { positive } from '../catalog/layers/layer.ts';
import { adaptiveWindow, checkInput, convolutionWindow, poolWindow, transposedWindow, type Window } from '../catalog/layers/taps.ts';
import { Fault } from '../contract/fault.ts';
import type { FiniteOptions, Parameterisation, TwinSize } from '../contract/finite.ts';
import type { GraphNode, ModelGraph, ParameterValue } from '../contract/graph.ts';
import type { InputSet } from '../contract/inputs.ts';
import { endingOf, inOrder, refuse, sourcesOf, whereIs } from '../contract/order.ts';
import { attention, SCORES, type Score } from './layers/attention.ts';
import { activation } from './layers/elementwise.ts';
import { concat, parts, reshape, scale, softmax, sum } from './layers/form.ts';
import type { Layer } from './layers/layer.ts';
import { batchNorm, layerNorm, NORM_MODES, type NormMode, type NormOptions } from './layers/norm.ts';
import { averagePool, globalPool, maxPool } from './layers/pool.ts';
import { BLOCKS, firstChannels, recurrent, type Cell } from './layers/rnn.ts';
import { embedding, weighted } from './layers/weighted.ts';
import { positionsOf, product, sizeOf, type Form } from './signal.ts';
import { newTensor, numbersOf as numbersIn, type Tensor, type TensorSpec } from './tensors.ts';

export interface BuildOptions extends FiniteOptions {
  /** Channels of every hidden layer; null: as written. */
  width: number | null;
  parameterisation: Parameterisation;
  /** A real network of this size in place of the model itself. */
  twin: TwinSize | null;
  /** Units of the layer that the kernels belong to; null: as written, 1 where that is not told. */
  outputs: number | null;
  /** In place of every layer's own variance. */
  weightVariance: number | null;
  biasVariance: number | null;
}

export const BUILD_DEFAULTS: BuildOptions = {
  width: null, parameterisation: 'ntk', twin: null, outputs: null, weightVariance: null, biasVariance: null, law: 'normal', readOut: false, batchNorm: 'evaluation',
};

export interface FiniteNetwork {
  /** Of one sample. */
  input: Form;
  layers: Layer[];
  tensors: Tensor[];
  /** Of the last layer's output. */
  form: Form;
  /** The output for one sample depends on the others (batch norm in training). */
  coupled: boolean;
  /** Trained real numbers. */
  parameters: number;
  /** Channels of the narrowest hidden layer with weights, as real or complex numbers; of the output where there is none. */
  width: number;
  /** What the f of its kernels is, for people. */
  output: string;
  /** What is held fixed or left out, for people. */
  notes: string[];
}

const leastCommonMultiple = (a: number, b: number): number => {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a / x) * b;
};

const WEIGHTED = ['dense', 'conv1d', 'conv2d', 'conv3d', 'conv-transpose', 'rnn', 'attention', 'embedding'];
const isWeighted = (n: GraphNode): boolean => WEIGHTED.includes(n.kind);
/** Layers that read the last axis as channels whatever the framework's order is. */
const READ_LAST = ['dense', 'rnn', 'attention', 'embedding', 'flatten', 'reshape'];

/** The model as a network of finite width for these inputs; `drawNetwork` gives it weights. @throws Fault */
export function buildNetwork(graph: ModelGraph, inputs: Pick<InputSet, 'shape' | 'field'>, options: Partial<BuildOptions> = {}): FiniteNetwork {
  const o = { ...BUILD_DEFAULTS, ...options };
  const plan = new Plan(graph, o);
  if (o.twin !== 'matched-parameters') return new Build(graph, inputs, o, plan, o.twin === 'same-widths' ? 0.5 : 1).network();
  // The number of trained numbers grows with the scale of the widths: halve the interval until the widths no longer change.
  const wanted = new Build(graph, inputs, { ...o, twin: null }, plan, 1).network().parameters;
  const at = (s: number) => new Build(graph, inputs, o, plan, s).network();
  let [low, high] = [at(0.25), at(1)];
  let [from, to] = [0.25, 1];
  for (let step = 0; step < 12 && low.parameters < wanted && high.parameters > wanted; step++) {
    const middle = (from + to) / 2;
    const built = at(middle);
    if (built.parameters >= wanted) [to, high] = [middle, built];
    else [from, low] = [middle, built];
  }
  return Math.abs(low.parameters - wanted) < Math.abs(high.parameters - wanted) ? low : high;
}

/** Channels of each layer with weights. */
class Plan {
  readonly sources: Map<string, string[]>;
  readonly order: GraphNode[];
  readonly output: GraphNode;
  readonly after: GraphNode[];
  private readonly wanted = new Map<string, number>();
  /** Every written width times this, where branches are joined in fixed shares. */
  private readonly factor: number | null;
  /** Widths that are not the written ones are multiples of this: of all groups and heads, so that what is added or read in groups fits. */
  private readonly multiple: number;

  constructor(graph: ModelGraph, private readonly o: BuildOptions) {
    this.sources = sourcesOf(graph);
    this.order = inOrder(graph, this.sources);
    const { output, after } = endingOf(graph, this.order, this.sources);
    this.output = output;
    this.after = after;
    const hidden = this.order.filter((n) => isWeighted(n) && n !== output).map((n) => positive(n.parameters.outFeatures));
    this.multiple = this.order.map((n) => positive(n.parameters.groups) ?? positive(n.parameters.heads) ?? 1).reduce(leastCommonMultiple, 1);
    const joins = this.order.some((n) => n.kind === 'concat');
    const known = hidden.length > 0 && hidden.every((m) => m !== null);
    this.factor = o.width !== null && joins && known ? o.width / Math.min(...(hidden as number[])) : null;
    if (o.width !== null && joins && this.factor === null) for (const n of [...this.order].reverse()) if (n.kind === 'concat' && !this.wanted.has(n.id)) this.ask(n.id, o.width);
  }

  private ask(id: string, channels: number): void {
    const node = this.order.find((n) => n.id === id)!;
    const before = this.wanted.get(id);
    if (before !== undefined && before !== channels) refuse(node, `it would need ${before} and ${channels} channels at once, since joined branches share ${this.o.width} channels`, 'Write the widths in the model.');
    this.wanted.set(id, channels);
    const from = this.sources.get(id)!;
    if (node.kind === 'concat') {
      const given = node.parameters.weights;
      const shares = Array.isArray(given) && given.length === from.length ? (given as number[]) : from.map(() => 1 / from.length);
      from.forEach((s, i) => this.ask(s, Math.max(1, Math.round(shares[i]! * channels))));
    } else if (!isWeighted(node)) for (const s of from) this.ask(s, channels);
  }

  channels(node: GraphNode, scaled: number): number {
    const own = positive(node.parameters.outFeatures);
    if (node === this.output && (this.o.outputs !== null || own === null)) return this.o.outputs ?? 1;
    const base = this.wanted.get(node.id) ?? (this.factor !== null && own !== null && node !== this.output ? own * this.factor : this.o.width !== null && node !== this.output ? this.o.width : own);
    if (base === null) return refuse(node, 'its number of units is not known from the text', 'Give widths (--widths, or the setting complexNtk.widths).');
    // Outputs are not scaled: a twin has as many.
    if (node === this.output || (base === own && scaled === 1)) return base;
    return Math.max(this.multiple, Math.round((base * scaled) / this.multiple) * this.multiple);
  }
}

/** Whether there is a real network to set beside it. */
export const isComplex = ({ form, tensors }: FiniteNetwork): boolean => form.complex || tensors.some((t) => t.field === 'complex');

/** The first layer whose units the text does not tell; null where it tells all. A last dense layer or convolution may leave them open. */
export function unknownWidth(graph: ModelGraph): GraphNode | null {
  const sources = sourcesOf(graph);
  const order = inOrder(graph, sources);
  const { output } = endingOf(graph, order, sources);
  const needed = (n: GraphNode): boolean => isWeighted(n) && (n !== output || n.kind === 'rnn' || n.kind === 'attention');
  return order.find((n) => needed(n) && positive(n.parameters.outFeatures) === null) ?? null;
}

/** One building: values are numbered, 0 is the input. */
class Build {
  private readonly layers: Layer[] = [];
  private readonly forms: Form[] = [];
  private readonly value = new Map<string, number>();
  private readonly tensors = new Map<string, Tensor[]>();
  private readonly notes = new Set<string>();
  private readonly widths: number[] = [];

  constructor(
    private readonly graph: ModelGraph, private readonly inputs: Pick<InputSet, 'shape' | 'field'>, private readonly o: BuildOptions, private readonly plan: Plan, private readonly scaled: number,
  ) {}

  network(): FiniteNetwork {
    const { order, output, after } = this.plan;
    // Before a layer of it is found not to take complex numbers.
    if (this.inputs.field === 'complex' && !order.some((n) => isWeighted(n) && n.field === 'complex')) {
      throw new Fault('bad-input', 'The network is real and the inputs are complex. Give real inputs (--signals real-noise, or a file of real numbers).');
    }
    this.forms.push(this.inputForm(order[0]!));
    const behind = new Set(after.map((n) => n.id));
    for (const node of order) if (!behind.has(node.id)) this.value.set(node.id, this.add(node));
    if (this.o.readOut) for (const node of after) this.value.set(node.id, this.add(node));
    const form = this.forms.at(-1)!;
    const end = this.o.readOut && after.length > 0 ? after.at(-1)! : output;
    const tensors = [...new Set(this.layers.flatMap((l) => l.tensors))];
    const p = positionsOf(form);
    return {
      input: this.forms[0]!, layers: this.layers, tensors, form,
      coupled: this.layers.some((l) => l.couples),
      parameters: tensors.reduce((s, t) => s + numbersIn(t), 0),
      width: this.widths.length > 0 ? Math.min(...this.widths) : form.channels,
      output: `${form.complex ? 'complex' : 'real'} output ${form.channels > 1 ? '1 of ' + form.channels : 'of one unit'} of ${end.id}${p > 1 ? `, at position ${Math.floor(p / 2) + 1} of ${p}` : ''}`,
      notes: [...this.notes],
    };
  }

  private inputForm(reader: GraphNode): Form {
    const { shape } = this.inputs;
    const complex = this.inputs.field === 'complex';
    // Embeddings read one integer at each position.
    if (reader.kind === 'embedding') return { sizes: shape, channels: 1, complex, order: 'last' };
    const order = READ_LAST.includes(reader.kind) && !this.readsFirst(reader) || this.graph.axes === 'channels-last' ? 'last' : 'first';
    checkInput(reader, shape);
    return order === 'first' ? { sizes: shape.slice(1), channels: shape[0]!, complex, order } : { sizes: shape.slice(0, -1), channels: shape.at(-1)!, complex, order };
  }

  /** A flatten or reshape reads the framework's own order, which only matters where it is channels first. */
  private readsFirst(reader: GraphNode): boolean {
    return (reader.kind === 'flatten' || reader.kind === 'reshape') && this.graph.axes === 'channels-first' && this.inputs.shape.length > 1;
  }

  private push(layer: Layer): number {
    this.layers.push(layer);
    this.forms.push(layer.form);
    return this.layers.length;
  }

  private add(node: GraphNode): number {
    const sources = this.plan.sources.get(node.id)!.map((id) => this.value.get(id)!);
    const from = this.graph.graph.inputs.includes(node.id) ? [0, ...sources] : sources;
    const first = from[0]!;
    const x = this.forms[first]!;
    switch (node.kind) {
      case 'dense': case 'conv1d': case 'conv2d': case 'conv3d': case 'conv-transpose': return this.weighted(node, first, x);
      case 'embedding': return this.embedding(node, first, x);
      case 'activation': return this.activation(node, first, x, node.name ?? '', node.parameters);
      case 'read-out': return this.readOut(node, first, x);
      case 'dropout':
        this.notes.add('Dropout is left out, as in evaluation.');
        return first;
      case 'batch-norm': return this.batchNorm(node, first, x);
      case 'layer-norm': return this.layerNorm(node, first, x);
      case 'average-pool': case 'max-pool': return this.pool(node, first, x);
      case 'global-average-pool': {
        if (x.sizes.length === 0) return first;
        return this.push(globalPool(node.id, first, x, { ...x, sizes: node.parameters.keepAxes === true ? x.sizes.map(() => 1) : [] }));
      }
      case 'flatten': case 'reshape': return this.reshape(node, first, x);
      case 'add': return this.sum(node, from);
      case 'concat': return this.concat(node, from);
      case 'rnn': return this.rnn(node, first, x);
      case 'attention': return this.attention(node, first, x);
      case 'unresolved': throw new Fault('not-supported', `${whereIs(node)} could not be read: ${node.reason ?? 'unknown layer'}`, node.id);
      default: return refuse(node, `layers of kind ${node.kind} are not built at finite width`);
    }
  }

  /** Whether the output of a complex layer is complex: the output of a real twin is one real number. */
  private complexOut(node: GraphNode, x: Form): boolean {
    if (node.field === 'real') return x.complex;
    return !(this.o.twin && node === this.plan.output && !this.o.readOut);
  }

  private tensor(node: GraphNode, name: string, s: Pick<TensorSpec, 'fan' | 'out' | 'complexIn' | 'complexOut'> & { weightVariance?: number | null; bias?: boolean }): Tensor {
    const read = node.initialisation;
    const weightVariance = this.o.weightVariance ?? s.weightVariance ?? read?.weightVariance ?? null;
    if (weightVariance === null) throw new Fault('bad-input', `${whereIs(node)}: its initial weight variance is not known from the text. Give a weight variance (--weight-variance, or the setting).`, node.id);
    const given = node.parameters.bias === false || s.bias === false ? null : (this.o.biasVariance ?? read?.biasVariance ?? 0);
    // A bias that starts at 0 is trained all the same; one that the limit counts with variance 0 has no part in it, so it is left out there.
    const biasVariance = given === 0 && this.o.parameterisation === 'ntk' ? null : given;
    return newTensor({
      layer: node.id, name, field: node.field, law: read?.law ?? 'normal', realShare: read?.realShare ?? 0.5, ...s, weightVariance, biasVariance,
    }, { law: this.o.law, parameterisation: this.o.parameterisation, free: this.o.twin !== null });
  }

  /** The tensors of a layer, or those of the layer whose weights it shares. */
  private owned(node: GraphNode, make: () => Tensor[]): Tensor[] {
    const made = make();
    const shared = node.sharedWith ? this.tensors.get(node.sharedWith) : undefined;
    const fits = shared && shared.length === made.length && shared.every((t, k) => t.fan === made[k]!.fan && t.out === made[k]!.out && t.field === made[k]!.field);
    if (node.sharedWith && !fits) refuse(node, `it shares the weights of ${node.sharedWith}, whose sizes are others`);
    const own = shared ?? made;
    this.tensors.set(node.id, own);
    return own;
  }

  private note(node: GraphNode, channels: number): void {
    if (node !== this.plan.output) this.widths.push(this.o.twin && node.field === 'complex' ? 2 * channels : channels);
  }

  private weighted(node: GraphNode, from: number, x: Form): number {
    const groups = positive(node.parameters.groups) ?? 1;
    if (x.channels % groups !== 0) refuse(node, `its ${groups} groups do not divide the ${x.channels} channels before it`, 'Take a width that they divide.');
    if (node.kind === 'dense' && x.sizes.length > 0 && x.order === 'first' && positionsOf(x) > 1) refuse(node, 'it acts along an axis of positions', 'Add flatten before it.');
    const channels = this.plan.channels(node, this.scaled);
    this.note(node, channels);
    const window: Window | null = node.kind === 'dense' ? null : node.kind === 'conv-transpose' ? transposedWindow(node, x.sizes) : convolutionWindow(node, x.sizes);
    const taps = window ? window.axes.reduce((t, a) => t * (a.taps[0]?.length ?? 0), 1) : 1;
    const complexOut = this.complexOut(node, x);
    const form: Form = { sizes: window ? window.axes.map((a) => a.output) : x.sizes, channels, complex: complexOut, order: x.order };
    const tensors = this.owned(node, () => Array.from({ length: groups }, (_, g) =>
      this.tensor(node, groups === 1 ? 'weights' : `group${g + 1}`, { fan: (taps * x.channels) / groups, out: channels / groups, complexIn: x.complex, complexOut })));
    return this.push(weighted(node.id, from, x, form, window, tensors));
  }

  private embedding(node: GraphNode, from: number, x: Form): number {
    const rows = positive(node.parameters.inFeatures);
    if (rows === null) return refuse(node, 'its number of rows is not known from the text');
    if (from !== 0 || x.complex || x.channels !== 1) refuse(node, 'it reads integers, which only the network\'s input holds');
    const channels = this.plan.channels(node, this.scaled);
    this.note(node, channels);
    const complexOut = node.field === 'complex';
    const tensors = this.owned(node, () => {
      const read = node.initialisation;
      // A row is one connection: E|w|^2 is the variance itself.
      return [this.tensor(node, 'weights', { fan: rows, out: channels, complexIn: false, complexOut, bias: false, weightVariance: read?.weightVariance == null ? null : read.weightVariance * rows })];
    });
    return this.push(embedding(node.id, from, x, { sizes: x.sizes, channels, complex: complexOut, order: 'last' }, tensors[0]!));
  }

  private known(node: GraphNode, x: Form, name: string, given: GraphNode['parameters']): { phi: Activation; numbers: Record<string, number> } {
    const phi = activationOf(name, given);
    if (!phi) throw new Fault('not-supported', `${whereIs(node)}: no activation "${name}" in the catalog.`, node.id);
    if (phi.field !== (x.complex ? 'complex' : 'real') && phi.id !== 'identity') refuse(node, `${phi.label} is not an activation of ${x.complex ? 'complex' : 'real'} features`);
    return { phi, numbers: numbersOf(node, phi, given) as Record<string, number> };
  }

  private activation(node: GraphNode, from: number, x: Form, name: string, given: GraphNode['parameters']): number {
    if (name === 'identity') return from;
    const { phi, numbers } = this.known(node, x, name, given);
    return this.push(activation(node.id, from, x, phi, numbers));
  }

  private readOut(node: GraphNode, from: number, x: Form): number {
    switch (node.name) {
      case 'softmax': case 'log-softmax':
        if (x.complex) refuse(node, 'softmax of complex numbers is not defined', 'Take their modulus or real part first.');
        return this.push(softmax(node.id, from, x, node.name === 'log-softmax'));
      case 'view-as-real': return this.push(parts(node.id, from, x));
      default: {
        // Of real numbers |.| is the absolute value, and Re is the number itself.
        if (!x.complex && node.name === 'real') return from;
        return this.activation(node, from, x, !x.complex && node.name === 'abs' ? 'absolute' : (node.name ?? ''), {});
      }
    }
  }

  private normOptions(node: GraphNode, x: Form, absent: NormMode): NormOptions {
    const { mode = absent, gamma = 1, epsilon = 0, unbiased = false } = node.parameters;
    const named = mode === 'naive' ? 'parts' : mode;
    if (!NORM_MODES.includes(named as NormMode) || (named === 'magnitude' && node.kind !== 'batch-norm')) refuse(node, `what it normalises by (${JSON.stringify(mode)}) is not built at finite width`);
    if (typeof gamma !== 'number' || typeof epsilon !== 'number') refuse(node, 'its gain or epsilon is not known from the text');
    this.notes.add('Gains and shifts of normalisations, slopes and thresholds of activations are held at their start and not counted as trained.');
    return { mode: x.complex ? (named as NormMode) : 'parts', gamma: gamma as number, epsilon: epsilon as number, unbiased: unbiased === true };
  }

  private batchNorm(node: GraphNode, from: number, x: Form): number {
    const { scale: given, evaluationScale } = node.parameters;
    const factor = given ?? (evaluationScale === undefined ? 1 : evaluationScale);
    if (this.o.batchNorm === 'evaluation' && typeof factor === 'number') {
      this.notes.add('Batch norm multiplies by the factor it has before it has seen data.');
      return factor === 1 ? from : this.push(scale(node.id, from, x, factor));
    }
    this.notes.add('Batch norm takes the statistics of all samples together, so that every output depends on every sample.');
    return this.push(batchNorm(node.id, from, x, { ...this.normOptions(node, x, 'parts'), epsilon: typeof node.parameters.epsilon === 'number' ? node.parameters.epsilon : 1e-5 }));
  }

  private layerNorm(node: GraphNode, from: number, x: Form): number {
    const { shape, power, whitening } = node.parameters;
    const options = this.normOptions(node, x, whitening === true ? 'whitening' : power === 2 ? 'parts' : 'modulus');
    if (node.traps?.some((t) => t.code === 'layer-norm-over-samples')) return this.push(batchNorm(node.id, from, x, options));
    const whole = Array.isArray(shape) && shape.length > 1;
    if (whole && shape.length !== x.sizes.length + 1) refuse(node, `it normalises over ${shape.length} axes together, and its input has ${x.sizes.length + 1}`);
    return this.push(layerNorm(node.id, from, x, whole, options));
  }

  private pool(node: GraphNode, from: number, x: Form): number {
    if (node.parameters.apart === true) refuse(node, 'it takes the maxima of real and imaginary part apart, and max pools are built by modulus', 'Take an average pool, or a max pool of the modulus.');
    const window = node.parameters.outputSize != null ? adaptiveWindow(node, x.sizes) : poolWindow(node, x.sizes);
    const form: Form = { ...x, sizes: window.axes.map((a) => a.output) };
    return this.push((node.kind === 'max-pool' ? maxPool : averagePool)(node.id, from, x, form, window));
  }

  private reshape(node: GraphNode, from: number, x: Form): number {
    const size = sizeOf(x);
    const whole = node.kind === 'flatten' && (node.output?.length ?? 1) === 1;
    const target = whole ? [size] : node.output && this.sized(node, x);
    if (!target) {
      if (positionsOf(x) === 1) return this.push(reshape(node.id, from, x, { ...x, sizes: [], order: 'last' }));
      return refuse(node, 'how it reorders the signal is not known from the text');
    }
    const next = this.graph.graph.edges.filter(([id]) => id === node.id).map(([, to]) => this.graph.layers.find((n) => n.id === to)!);
    const order = target.length === 1 || next.some((n) => ['dense', 'rnn', 'attention'].includes(n.kind)) ? 'last' : this.graph.axes === 'channels-first' ? 'first' : 'last';
    const form: Form = order === 'last' ? { sizes: target.slice(0, -1), channels: target.at(-1)!, complex: x.complex, order } : { sizes: target.slice(1), channels: target[0]!, complex: x.complex, order };
    return this.push(reshape(node.id, from, x, form));
  }

  /** The written shape, where it has as many numbers; at other widths that of its axes which the width changes cannot be told. */
  private sized(node: GraphNode, x: Form): number[] {
    const size = sizeOf(x);
    if (product(node.output!) === size) return node.output!;
    return refuse(node, `it makes shape ${node.output!.join(' x ')} of ${size} numbers, which does not go`, this.o.width === null && this.o.twin === null ? '' : 'Its written shape holds for the widths as written only.');
  }

  private sum(node: GraphNode, from: number[]): number {
    const forms = from.map((v) => this.forms[v]!);
    const long = forms.reduce((a, b) => (sizeOf(b) > sizeOf(a) ? b : a));
    const axes = (f: Form): number[] => [...f.sizes, f.channels];
    const fits = (f: Form): boolean => sizeOf(f) === sizeOf(long) ? axes(f).join() === axes(long).join() || positionsOf(f) === positionsOf(long)
      : axes(f).length <= axes(long).length && axes(f).every((n, i) => n === 1 || n === axes(long)[axes(long).length - axes(f).length + i]);
    const odd = forms.find((f) => !fits(f));
    if (odd) refuse(node, `its summands have shapes ${axes(odd).join(' x ')} and ${axes(long).join(' x ')}`);
    return this.push(sum(node.id, from, forms, { ...long, complex: forms.some((f) => f.complex) }));
  }

  private concat(node: GraphNode, from: number[]): number {
    const forms = from.map((v) => this.forms[v]!);
    const x = forms[0]!;
    if (!joinsChannels(node.parameters, x.sizes.length + 1, x.order)) refuse(node, 'it joins positions, not channels');
    if (forms.some((f) => f.sizes.join() !== x.sizes.join())) refuse(node, `its branches have sizes ${forms.map((f) => f.sizes.join(' x ') || 'none').join(' and ')}`);
    return this.push(concat(node.id, from, forms, { ...x, channels: forms.reduce((s, f) => s + f.channels, 0), complex: forms.some((f) => f.complex) }));
  }

  /** A layer's second kind of weights: the same law with variances of its own, null where the text does not tell them. */
  private other(node: GraphNode, weightVariance: ParameterValue | undefined, biasVariance?: ParameterValue): GraphNode {
    const known = (v: ParameterValue | undefined): number | null => (typeof v === 'number' ? v : null);
    const { initialisation } = node;
    if (!initialisation) return node;
    return {
      ...node,
      initialisation: {
        ...initialisation,
        ...(weightVariance === undefined ? {} : { weightVariance: known(weightVariance) }),
        ...(biasVariance === undefined ? {} : { biasVariance: known(biasVariance) }),
      },
    };
  }

  /**
   * Units inside a layer that has more of them than its outputs where it ends the network: as many as it would have elsewhere.
   * @param multiple what the number must be a multiple of
   */
  private inside(node: GraphNode, outputs: number, multiple: number): number {
    if (node !== this.plan.output) return outputs;
    const base = (this.o.width ?? positive(node.parameters.outFeatures) ?? outputs) * this.scaled;
    const units = Math.max(multiple, Math.round(base / multiple) * multiple);
    this.widths.push(this.o.twin && node.field === 'complex' ? 2 * units : units);
    return units;
  }

  private rnn(node: GraphNode, from: number, x: Form): number {
    const { recurrentVariance, recurrentBiasVariance, returns, activationParameters, state, gates, cell = 'vanilla' } = node.parameters;
    if (!Object.hasOwn(BLOCKS, String(cell))) refuse(node, `cells of kind ${JSON.stringify(cell)} are not built at finite width`);
    if (cell !== 'vanilla' && node.field === 'complex' && this.o.twin) refuse(node, 'its gates multiply complex numbers, which a real twin has nothing in place of');
    if (x.sizes.length !== 1 || x.order !== 'last') refuse(node, 'a recurrent layer reads a sequence of shape [times, channels]');
    const outputs = this.plan.channels(node, this.scaled);
    this.note(node, outputs);
    const channels = Math.max(outputs, this.inside(node, outputs, 1));
    const complex = node.field === 'complex';
    const sequence = returns === 'sequence';
    const form: Form = { sizes: sequence ? x.sizes : [], channels, complex, order: 'last' };
    const bend = (name: ParameterValue | undefined, given: GraphNode['parameters']) => {
      const known = this.known(node, { ...x, complex }, String(name), given);
      if (known.phi.output) refuse(node, `${known.phi.label} is not an activation of a recurrent cell`);
      return known;
    };
    const given = (activationParameters ?? {}) as GraphNode['parameters'];
    const onState = this.other(node, recurrentVariance, recurrentBiasVariance);
    const twoBiases = cell !== 'vanilla' && recurrentBiasVariance !== undefined;
    const out = BLOCKS[cell as Cell] * channels;
    const [input, recurrence] = this.owned(node, () => [
      this.tensor(node, 'input', { fan: x.channels, out, complexIn: x.complex, complexOut: complex }),
      this.tensor(onState, 'recurrent', { fan: channels, out, complexIn: complex, complexOut: complex, bias: twoBiases }),
    ]);
    const bends = cell === 'vanilla' ? { gates: null, state: bend(node.name ?? '', given) } : { gates: bend(gates, {}), state: bend(state, given) };
    return this.first(node, outputs, this.push(recurrent(node.id, from, x, form, cell as Cell, bends, input!, recurrence!, sequence)));
  }

  /** The first of a state's channels, where only so many outputs are asked for. */
  private first(node: GraphNode, outputs: number, state: number): number {
    const form = this.forms[state]!;
    return form.channels === outputs ? state : this.push(firstChannels(node.id, state, form, outputs));
  }

  private attention(node: GraphNode, from: number, x: Form): number {
    const { score = 'real', normalised = false, outputVariance } = node.parameters;
    const heads = positive(node.parameters.heads) ?? 1;
    const complex = node.field === 'complex';
    if (!SCORES.includes(score as Score)) refuse(node, `a softmax of ${JSON.stringify(score)} is not built at finite width`);
    if (normalised === true && !complex) refuse(node, 'the norm of its queries and keys whitens complex numbers, and its own are real');
    if (x.sizes.length !== 1 || x.order !== 'last') refuse(node, 'attention reads a sequence of shape [times, channels]');
    const channels = this.plan.channels(node, this.scaled);
    this.note(node, channels);
    const inner = this.inside(node, channels, heads);
    if (inner % heads !== 0) refuse(node, `its ${heads} heads do not divide its ${inner} units`, 'Take a width that they divide.');
    if (normalised === true) this.notes.add('Attention whitens its queries and keys by the statistics of all samples together, so that every output depends on every sample.');
    const make = (of: GraphNode, name: string, fan: number, out: number, complexIn: boolean) => this.tensor(of, name, { fan, out, complexIn, complexOut: complex });
    const tensors = this.owned(node, () => [
      ...['query', 'key', 'value'].map((name) => make(node, name, x.channels, inner, x.complex)), make(this.other(node, outputVariance), 'output', inner, channels, complex),
    ]);
    return this.push(attention(node.id, from, x, { sizes: x.sizes, channels, complex, order: 'last' }, heads, score as Score, normalised === true, tensors as [Tensor, Tensor, Tensor, Tensor]));
  }
}
