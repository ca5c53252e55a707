// From a model graph to the steps of its kernel. What has no Gaussian limit or no kernel is refused here, before any computing, with the layer and the reason.
import { activationOf, numbersOf } from '../catalog/activations/index.ts';
import type { Activation } from '../catalog/activations/activation.ts';
import { joinsChannels } from '../catalog/layers/form.ts';
import { positive } from '../catalog/layers/layer.ts';
import { adaptiveWindow, checkInput, convolutionWindow, poolWindow } from '../catalog/layers/taps.ts';
import { Fault } from '../contract/fault.ts';
import type { Field, GraphNode, LayerKind, ModelGraph, ParameterValue } from '../contract/graph.ts';
import { endingOf, inOrder, refuse, sourcesOf, whereIs } from '../contract/order.ts';
import { dualAt } from './dual-at.ts';
import type { Network, Rule, Step } from './network.ts';

export interface VarianceOverrides {
  weightVariance: number | null;
  biasVariance: number | null;
}

/** What a neuron of a signal is a sum of: an own weighted layer's output (centred, Gaussian), an activation's, or the input's. */
type Term = { kind: 'weighted'; step: number } | { kind: 'activation'; step: number; weights: Set<number>; centred: boolean } | { kind: 'input' };

/** Channels that share one kernel, and their fraction of the signal's channels. */
interface Part {
  step: number;
  weight: number;
  terms: Term[];
}

/** The output of a node: its channels in one or several parts. */
type Signal = Part[];

const WITHOUT_KERNEL: Partial<Record<LayerKind, string>> = {
  'max-pool': 'a maximum over positions is no elementwise function of Gaussians and has no dual',
  attention: 'softmax attention at a finite number of heads has no Gaussian limit',
  'conv-transpose': 'transposed convolutions have no kernel in this version',
  embedding: 'embeddings look rows up; give their vectors as inputs',
};

/**
 * The steps of `graph`, or a Fault that names the layer and says why there is no kernel.
 * @param shape shape of one sample, where it is known better than from the text
 */
export function compileNetwork(graph: ModelGraph, overrides: VarianceOverrides, shape: number[] | null = graph.inputShape): Network {
  return new Compilation(graph, overrides, shape).network();
}

/** One compilation: the steps grow while the graph is walked in order. */
class Compilation {
  private readonly steps: Step[] = [];
  private readonly signals = new Map<string, Signal>();
  private readonly sources: Map<string, string[]>;
  private readonly order: GraphNode[];
  private shape: number[];
  private channelAxis: 'first' | 'last' = 'last';

  constructor(private readonly graph: ModelGraph, private readonly overrides: VarianceOverrides, shape: number[] | null) {
    this.sources = sourcesOf(graph);
    this.order = inOrder(graph, this.sources);
    const first = this.order[0]!;
    // Where the text does not tell the shape, a vector of unknown length: the length is not needed before the inputs are there.
    this.shape = shape ?? first.input ?? [1];
  }

  network(): Network {
    const { output, after } = endingOf(this.graph, this.order, this.sources);
    const readOuts = after.filter((n) => n.kind === 'read-out' || n.kind === 'activation');
    const behind = new Set(readOuts.map((n) => n.id));
    for (const node of this.order) if (!behind.has(node.id)) this.visit(node);
    const signal = this.merged(this.signals.get(output.id)!, output);
    const last = signal.step;
    const step = this.steps[last]!;
    const loose = signal.terms.find((t) => t.kind !== 'weighted');
    if (loose) refuse(output, 'the network does not end in a layer with weights, so its output is not that of one neuron in the limit', 'Put a dense layer at its end.');
    if (positions(step.spatial) > 1) refuse(output, `the network ends in ${positions(step.spatial)} positions`, 'Add flatten or global-average-pool, then dense.');
    this.choosePairs(last);
    const weighted = this.steps.filter((s) => s.rule.kind === 'weighted' || s.rule.kind === 'rnn');
    return {
      steps: this.steps, last, output, outputField: step.field, readOuts,
      field: weighted.some((s) => s.field === 'complex') ? 'complex' : 'real',
      inputShape: this.shape, channelAxis: this.channelAxis,
      stepOf: Object.fromEntries([...this.signals].map(([id, signal]) => [id, signal[0]!.step])),
    };
  }

  private visit(node: GraphNode): void {
    this.signals.set(node.id, this.signalOf(node));
  }

  private signalOf(node: GraphNode): Signal {
    const sources = this.sources.get(node.id)!;
    const isFirst = this.graph.graph.inputs.includes(node.id);
    const before = (): Signal => (sources.length > 0 ? this.signals.get(sources[0]!)! : this.input(node));
    switch (node.kind) {
      case 'dense': case 'conv1d': case 'conv2d': case 'conv3d': return this.weighted(node, sources.length > 0 ? before() : this.input(node));
      case 'activation': return this.activation(node, before(), node.name ?? '', node.parameters);
      case 'read-out': return this.activation(node, before(), node.name ?? '', {});
      case 'dropout': return before(); // the identity in evaluation
      case 'batch-norm': return this.batchNorm(node, before());
      case 'layer-norm': return this.layerNorm(node, before());
      case 'average-pool': return this.pool(node, before());
      case 'global-average-pool': return this.mean(node, before(), 'all');
      case 'flatten': return this.flatten(node, before(), sources.length === 0);
      case 'reshape': return this.reshape(node, sources.length === 0 ? null : before());
      case 'add': return this.sum(node, [...(isFirst ? [this.input(node)] : []), ...sources.map((s) => this.signals.get(s)!)]);
      case 'concat': return this.concat(node, [...(isFirst ? [this.input(node)] : []), ...sources.map((s) => this.signals.get(s)!)]);
      case 'rnn': return this.rnn(node, before());
      case 'unresolved': throw new Fault('not-supported', `${whereIs(node)} could not be read: ${node.reason ?? 'unknown layer'}`, node.id);
      default: return refuse(node, WITHOUT_KERNEL[node.kind] ?? `layers of kind ${node.kind} have no infinite-width kernel`);
    }
  }

  private push(step: Omit<Step, 'pairs'>): number {
    this.steps.push({ ...step, pairs: 'equal' });
    return this.steps.length - 1;
  }

  private inputSignal: Signal | null = null;

  /** The network's input as its first reader takes it: the channel axis is that reader's. */
  private input(reader: GraphNode): Signal {
    if (this.inputSignal) return this.inputSignal;
    const axis = ['dense', 'rnn', 'flatten', 'reshape'].includes(reader.kind) || this.graph.axes === 'channels-last' ? 'last' : 'first';
    checkInput(reader, this.shape);
    this.channelAxis = axis;
    const spatial = axis === 'first' ? this.shape.slice(1) : this.shape.slice(0, -1);
    const channels = axis === 'first' ? this.shape[0]! : this.shape.at(-1)!;
    const groups = reader.kind.startsWith('conv') ? (positive(reader.parameters.groups) ?? 1) : 1;
    const parts = channels % groups === 0 ? groups : 1;
    const size = channels / parts;
    this.inputSignal = Array.from({ length: parts }, (_, g) => ({
      step: this.push({ rule: { kind: 'input', from: g * size, to: (g + 1) * size }, inputs: [], node: null, field: this.graph.inputField, spatial }),
      weight: 1 / parts,
      terms: [{ kind: 'input' }],
    }));
    return this.inputSignal;
  }

  private weighted(node: GraphNode, signal: Signal): Signal {
    if (node.sharedWith) refuse(node, `it shares its weights with ${node.sharedWith}; weights used twice have a kernel only in a recurrent cell`);
    const read = node.initialisation;
    const weightVariance = this.overrides.weightVariance ?? read?.weightVariance ?? null;
    if (weightVariance === null) throw new Fault('bad-input', `${whereIs(node)}: its initial weight variance is not known from the text (sizes missing). Give a weight variance (--weight-variance, or the setting) to analyse it.`, node.id);
    // Without a bias there is nothing to override: an absent bias stays absent.
    const biasVariance = node.parameters.bias === false ? 0 : (this.overrides.biasVariance ?? read?.biasVariance ?? 0);
    const window = node.kind === 'dense' ? null : convolutionWindow(node, this.spatialOf(signal));
    if (node.kind === 'dense' && this.spatialOf(signal).length > 0 && this.channelAxis === 'first') {
      refuse(node, `a dense layer on shape ${this.shapeText(signal)} acts along an axis of positions`, 'Add flatten before it.');
    }
    const groups = positive(node.parameters.groups) ?? 1;
    const inFeatures = positive(node.parameters.inFeatures);
    if (groups > 1 && inFeatures !== null && inFeatures / groups < 2 && !signal.every((p) => p.terms.every((t) => t.kind === 'input'))) {
      refuse(node, 'a depthwise convolution sums over its window alone, and a sum of few terms is not Gaussian at any width');
    }
    return this.shares(node, signal, groups).map(({ signal: share, weight }) => {
      const part = this.merged(share, node);
      const { field, spatial: before } = this.steps[part.step]!;
      if (node.field === 'real' && field === 'complex') refuse(node, 'real weights on complex features have no kernel here', 'Put a real-valued function (abs, real) before it.');
      const spatial = window ? window.axes.map((a) => a.output) : before;
      const step = this.push({ rule: { kind: 'weighted', weightVariance, biasVariance, window }, inputs: [part.step], node, field: node.field, spatial });
      return { step, weight, terms: [{ kind: 'weighted', step }] };
    });
  }

  /** What each group of channels reads, neighbours that read the same taken together: parts of a signal with their shares of it. */
  private shares(node: GraphNode, signal: Signal, groups: number): { signal: Signal; weight: number }[] {
    if (groups === 1 || signal.length === 1) return [{ signal, weight: 1 }];
    const out: { signal: Signal; weight: number; key: string }[] = [];
    const rounding = 1e-9;
    for (let g = 0; g < groups; g++) {
      let end = 0;
      const share: Signal = [];
      for (const part of signal) {
        const start = end;
        end += part.weight * groups;
        const inside = Math.min(end, g + 1) - Math.max(start, g);
        if (inside <= rounding) continue;
        if (inside < end - start - rounding && part.terms.some((t) => t.kind === 'input')) refuse(node, `its ${groups} groups cut channels of the input apart that another layer reads together`);
        share.push({ ...part, weight: inside });
      }
      const key = share.map((p) => `${p.step}:${p.weight.toFixed(9)}`).join();
      const before = out.at(-1);
      if (before?.key === key) before.weight += 1 / groups;
      else out.push({ signal: share, weight: 1 / groups, key });
    }
    return out;
  }

  private activation(node: GraphNode, signal: Signal, name: string, parameters: GraphNode['parameters']): Signal {
    return signal.map((part) => {
      const { field, spatial } = this.steps[part.step]!;
      const { activation, numbers } = this.known(node, name, parameters, field);
      this.mustBeGaussian(node, part);
      if (activation.id === 'identity') return part;
      const step = this.push({ rule: { kind: 'activation', name, parameters: numbers }, inputs: [part.step], node, field: activation.output ?? activation.field, spatial });
      const weights = new Set(part.terms.map((t) => (t as Term & { kind: 'weighted' }).step));
      return { step, weight: part.weight, terms: [{ kind: 'activation', step, weights, centred: isCentred(activation, numbers) }] };
    });
  }

  private known(node: GraphNode, name: string, given: GraphNode['parameters'], field: Field): { activation: Activation; numbers: Record<string, number | string> } {
    const activation = activationOf(name, given);
    if (!activation) throw new Fault('not-supported', `${whereIs(node)}: no activation "${name}" in the catalog.`, node.id);
    if (activation.field !== field && activation.id !== 'identity') refuse(node, `${activation.label} is not an activation of ${field} features`);
    return { activation, numbers: numbersOf(node, activation, given) };
  }

  private mustBeGaussian(node: GraphNode, part: Part): void {
    const odd = part.terms.find((t) => t.kind !== 'weighted');
    if (!odd) {
      const fields = new Set(part.terms.map((t) => this.steps[(t as Term & { kind: 'weighted' }).step]!.field));
      if (fields.size > 1) refuse(node, 'it acts on a sum of real and complex features, whose real and imaginary parts differ in variance: no circular Gaussian', 'Let all summands have complex weights.');
      return;
    }
    if (odd.kind === 'input') refuse(node, 'it acts on the input itself, which no weights have mixed', 'Put a weighted layer before it, or apply it to the data.');
    const source = this.steps[(odd as Term & { kind: 'activation' }).step]!.node!;
    const what = part.terms.length > 1
      ? `it acts on a sum that holds the output of the activation ${source.id} unmixed, and that sum is not Gaussian (a residual block with its activation after the sum)`
      : `it acts on the output of the activation ${source.id} without weights between them, which is not Gaussian`;
    refuse(node, what, 'Put a weighted layer before it, or move the activation into the branch.');
  }

  private batchNorm(node: GraphNode, signal: Signal): Signal {
    const { scale = node.parameters.evaluationScale === undefined ? 1 : node.parameters.evaluationScale } = node.parameters;
    if (typeof scale !== 'number') refuse(node, 'the factor by which this batch norm multiplies in evaluation at initialisation is not known');
    const factor = (scale as number) ** 2;
    if (factor === 1) return signal;
    return this.each(node, signal, { kind: 'scale', variance: factor });
  }

  private layerNorm(node: GraphNode, signal: Signal): Signal {
    const power = node.parameters.power ?? 1;
    if (power !== 1 && power !== 2) refuse(node, `its power is ${JSON.stringify(power)}, not 1 or 2`);
    if (node.traps?.some((t) => t.code === 'layer-norm-over-samples')) refuse(node, 'this layer norm takes its statistics over the samples of the batch, as batch norm in training does');
    const over = node.parameters.shape;
    const spatial = this.spatialOf(signal);
    if (positions(spatial) > 1 && Array.isArray(over) && over.length > 1) refuse(node, 'it normalises over positions and channels together; only norms over the channels of each position have a kernel here');
    const part = signal.length === 1 ? signal[0]! : refuse(node, 'it normalises joined branches together', 'Normalise each branch.');
    const odd = part.terms.filter((t) => t.kind !== 'weighted');
    if (odd.some((t) => t.kind === 'input')) refuse(node, 'it normalises the input, whose channels are few', 'Normalise the data (--normalise unit).');
    const turned = odd.find((t) => t.kind === 'activation' && !this.isEquivariant(t.step));
    if (node.parameters.whitening === true && turned) refuse(node, 'it whitens features whose real and imaginary parts correlate, which the activation before it makes so');
    const first = odd[0] as (Term & { kind: 'activation' }) | undefined;
    const centre = first && !first.centred ? first.step : null;
    if (centre !== null && (part.terms.length > 1 || part.step !== centre)) refuse(node, 'it normalises a sum or a pool of activations, whose mean is not known here');
    return this.each(node, [part], { kind: 'norm', power: power as number, centre });
  }

  private isEquivariant(step: number): boolean {
    const { rule } = this.steps[step]!;
    return (rule.kind === 'activation' || rule.kind === 'rnn') && activationOf(rule.name, rule.parameters)!.structure.includes('equivariant');
  }

  private pool(node: GraphNode, signal: Signal): Signal {
    const spatial = this.spatialOf(signal);
    const window = node.parameters.outputSize != null ? adaptiveWindow(node, spatial) : poolWindow(node, spatial);
    return this.each(node, signal, { kind: 'pool', window }, window.axes.map((a) => a.output));
  }

  private mean(node: GraphNode, signal: Signal, over: 'all' | 'equal'): Signal {
    if (this.spatialOf(signal).length === 0) return signal;
    return this.each(node, signal, { kind: 'mean', over }, []);
  }

  private flatten(node: GraphNode, signal: Signal, atInput: boolean): Signal {
    const rank = node.output?.length ?? 1;
    if (rank > 1) {
      if (!atInput && positions(this.spatialOf(signal)) > 1) refuse(node, 'it joins some axes only');
      return signal;
    }
    if (!atInput) return this.mean(node, signal, 'equal');
    // Of the input: one vector, whatever its axes were.
    this.inputSignal = null;
    this.steps.length = 0;
    this.shape = [this.shape.reduce((a, b) => a * b, 1)];
    return this.input(node);
  }

  private reshape(node: GraphNode, signal: Signal | null): Signal {
    if (signal === null) {
      // Before the first layer only the reading of the input changes; its next reader decides the axes.
      const size = (s: number[]) => s.reduce((a, b) => a * b, 1);
      if (node.output && size(node.output) === size(this.shape)) this.shape = node.output;
      const next = this.graph.graph.edges.find(([from]) => from === node.id)?.[1];
      const reader = this.graph.layers.find((n) => n.id === next);
      return reader && reader.kind !== 'reshape' ? this.input(reader) : this.input(node);
    }
    if (positions(this.spatialOf(signal)) === 1 && (node.output?.length ?? 1) === 1) return signal;
    if (node.input && node.output && JSON.stringify(node.input) === JSON.stringify(node.output)) return signal;
    return refuse(node, 'it reorders features between layers');
  }

  private each(node: GraphNode, signal: Signal, rule: Rule, spatial?: number[]): Signal {
    return signal.map((part) => {
      const from = this.steps[part.step]!;
      return { ...part, step: this.push({ rule, inputs: [part.step], node, field: from.field, spatial: spatial ?? from.spatial }) };
    });
  }

  private sum(node: GraphNode, signals: Signal[]): Signal {
    if (signals.length < 2) refuse(node, 'it adds a signal to itself', 'Scale the layer before it instead.');
    return signals.reduce((a, b) => {
      if (a.length > 1 && b.length > 1 && (a.length !== b.length || a.some((p, i) => p.weight !== b[i]!.weight))) {
        refuse(node, 'its summands are joined out of different branches');
      }
      const many = a.length >= b.length ? a : b;
      return many.map((_, i) => this.plus(node, a[a.length > 1 ? i : 0]!, b[b.length > 1 ? i : 0]!, many[i]!.weight));
    });
  }

  /** Kernels add where the summands are uncorrelated; what correlates is refused by name. */
  private plus(node: GraphNode, a: Part, b: Part, weight: number): Part {
    const [from, other] = [this.steps[a.step]!, this.steps[b.step]!];
    if (JSON.stringify(from.spatial) !== JSON.stringify(other.spatial)) refuse(node, `its summands have ${positions(from.spatial)} and ${positions(other.spatial)} positions`);
    for (const s of a.terms) {
      for (const t of b.terms) {
        const why = correlation(s, t);
        if (why) refuse(node, why, 'Let each summand end in a weighted layer of its own.');
      }
    }
    const field = from.field === 'complex' || other.field === 'complex' ? 'complex' : 'real';
    const step = this.push({ rule: { kind: 'combine', weights: [1, 1] }, inputs: [a.step, b.step], node, field, spatial: from.spatial });
    return { step, weight, terms: [...a.terms, ...b.terms] };
  }

  private concat(node: GraphNode, signals: Signal[]): Signal {
    const shapes = signals.map((s) => JSON.stringify(this.spatialOf(s)));
    if (!joinsChannels(node.parameters, this.spatialOf(signals[0]!).length + 1, this.channelAxis)) refuse(node, 'it joins positions, not channels');
    if (shapes.some((s) => s !== shapes[0])) refuse(node, 'its branches have different positions');
    const fractions = this.fractions(node, signals.length);
    return signals.flatMap((signal, i) => signal.map((part) => ({ ...part, weight: part.weight * fractions[i]! })));
  }

  /** Shares of the channels: as given, or as the widths in the text say; equal where neither tells. */
  private fractions(node: GraphNode, count: number): number[] {
    const given = node.parameters.weights;
    if (Array.isArray(given) && given.length === count) return given as number[];
    const channels = this.sources.get(node.id)!.map((id) => {
      const shape = this.graph.layers.find((n) => n.id === id)!.output;
      return shape ? (this.channelAxis === 'first' ? shape[0]! : shape.at(-1)!) : null;
    });
    if (channels.length === count && channels.every((c) => typeof c === 'number' && c > 0)) {
      const all = (channels as number[]).reduce((a, b) => a + b, 0);
      return (channels as number[]).map((c) => c / all);
    }
    return new Array<number>(count).fill(1 / count);
  }

  private rnn(node: GraphNode, signal: Signal): Signal {
    const { cell = 'vanilla', recurrentVariance, returns, activationParameters } = node.parameters as Record<string, ParameterValue> & { activationParameters?: GraphNode['parameters'] };
    if (cell !== 'vanilla') refuse(node, 'gates multiply their inputs, so the state is not Gaussian in this theory and no kernel is computed here', 'Finite widths can be studied.');
    const read = node.initialisation;
    const inputVariance = this.overrides.weightVariance ?? read?.weightVariance ?? null;
    const recurrent = this.overrides.weightVariance ?? (typeof recurrentVariance === 'number' ? recurrentVariance : null);
    if (inputVariance === null || recurrent === null) throw new Fault('bad-input', `${whereIs(node)}: the variances of its weights are not known from the text. Give a weight variance (--weight-variance, or the setting) to analyse it.`, node.id);
    const part = this.merged(signal, node);
    const spatial = this.spatialOf(signal);
    if (spatial.length !== 1 || this.channelAxis !== 'last') refuse(node, `a recurrent layer reads a sequence of shape [times, channels], and its input has shape ${this.shapeText(signal)}`);
    const { activation, numbers } = this.known(node, node.name ?? '', activationParameters ?? {}, node.field);
    if (activation.output) refuse(node, `${activation.label} is not an activation of a recurrent cell`);
    const step = this.push({
      rule: {
        kind: 'rnn', inputVariance, recurrentVariance: recurrent, biasVariance: node.parameters.bias === false ? 0 : (this.overrides.biasVariance ?? read?.biasVariance ?? 0),
        name: node.name ?? '', parameters: numbers, returns: returns === 'sequence' ? 'sequence' : 'last',
      },
      inputs: [part.step], node, field: node.field, spatial: returns === 'sequence' ? spatial : [],
    });
    return [{ step, weight: 1, terms: [{ kind: 'activation', step, weights: new Set([step]), centred: isCentred(activation, numbers) }] }];
  }

  /** One kernel for all channels, as a weighted layer sees them. */
  private merged(signal: Signal, node: GraphNode): Part {
    if (signal.length === 1) return signal[0]!;
    const from = this.steps[signal[0]!.step]!;
    const step = this.push({
      rule: { kind: 'combine', weights: signal.map((p) => p.weight) }, inputs: signal.map((p) => p.step), node,
      field: signal.some((p) => this.steps[p.step]!.field === 'complex') ? 'complex' : 'real', spatial: from.spatial,
    });
    return { step, weight: 1, terms: signal.flatMap((p) => p.terms) };
  }

  private spatialOf(signal: Signal): number[] {
    return this.steps[signal[0]!.step]!.spatial;
  }

  private shapeText(signal: Signal): string {
    const spatial = this.spatialOf(signal);
    return `[${(this.channelAxis === 'first' ? ['channels', ...spatial] : [...spatial, 'channels']).join(', ')}]`;
  }

  /** Walks back from the end: pools need all pairs of positions before them, everything else as many as are asked of it. */
  private choosePairs(last: number): void {
    for (let at = last; at >= 0; at--) {
      const { rule, inputs, pairs } = this.steps[at]!;
      const all = rule.kind === 'pool' || (rule.kind === 'mean' && rule.over === 'all')
        || (rule.kind !== 'mean' && pairs === 'all');
      for (const i of inputs) if (all && this.steps[i]!.spatial.length > 0) this.steps[i]!.pairs = 'all';
    }
  }
}

const positions = (spatial: number[]): number => spatial.reduce((a, b) => a * b, 1);

/** E phi = 0 under a circular Gaussian (rho = 0 makes S the product of the means). */
function isCentred(activation: Activation, parameters: Record<string, number | string>): boolean {
  const p = parameters as Record<string, number>;
  if (activation.limit(p).exists === 'none') return true;
  const std: [number, number] = [1, 1.5];
  const mean = dualAt(activation, p, std, [0, 0]).S;
  const power = dualAt(activation, p, [1, 1], [1, 0]).S[0];
  return Math.hypot(...mean) <= 1e-12 * power;
}

/** Why two terms of a sum are correlated, or null where they are not. */
function correlation(s: Term, t: Term): string | null {
  if (s.kind === 'weighted' && t.kind === 'weighted') return s.step === t.step ? 'it adds a signal to itself, or one layer\'s output on two ways' : null;
  const [weighted, other] = s.kind === 'weighted' ? [s, t] : [t, s];
  if (weighted.kind === 'weighted') {
    // Weights of its own have mean 0, unless the other summand is a function of just this output.
    return other.kind === 'activation' && other.weights.has(weighted.step) ? 'it adds a layer\'s output and an activation of the same output' : null;
  }
  if (s.kind === 'input' && t.kind === 'input') return 'it adds the input to itself';
  if (s.kind === 'activation' && t.kind === 'activation') {
    if (s.step === t.step) return 'it adds an activation\'s output to itself';
    if ([...s.weights].some((w) => t.weights.has(w))) return 'it adds two activations of one and the same layer';
  }
  if ((s.kind === 'activation' && s.centred) || (t.kind === 'activation' && t.centred)) return null;
  return 'it adds two signals neither of which ends in a weighted layer of its own, and their means correlate';
}
