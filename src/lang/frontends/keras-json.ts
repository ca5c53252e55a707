// Keras models as JSON: what model.to_json() of Keras 2 and 3 writes, and TensorFlow.js' model.json. Knows no Python and no weights.
import { findInitialiser, kerasInitialiser } from '../../catalog/initialisers/index.ts';
import { kerasLibraries, spellingIn } from '../../catalog/libraries/index.ts';
import type { Library, Spelling } from '../../catalog/libraries/library.ts';
import type { Field, ParameterValue, ParsedFile, Problem } from '../../contract/graph.ts';
import { OutOfTime, type Budget } from '../budget.ts';
import type { Placed } from '../json.ts';
import type { Source } from '../parser.ts';
import type { Called, LayerValue, TensorValue } from '../python/values.ts';
import { distinct, graphOf, isWeighted, problem, type Draft, type Drawing } from '../drawing/drawing.ts';
import { kerasLayers } from './keras-layers.ts';
import { normalised } from './reading.ts';

type Entries = Map<string, { key: { start: number; end: number }; placed: Placed }>;
type Place = { start: number; end: number };

/** Most layers one network is drawn with; beyond, the text is taken for hostile. */
const MOST_LAYERS = 4000;
/** Largest size of a layer that is taken for one. */
const LARGEST = 2 ** 31 - 1;
const [keras, cvnn, dcn] = kerasLibraries as [Library, Library, Library];
/** Arguments that only Deep Complex Networks' layers have; cvnn's have the same names. */
const OF_DCN = ['init_criterion', 'normalize_weight', 'spectral_parametrization', 'gamma_diag_initializer'];
const SEVERAL_INPUTS = ['add', 'concat'];

const entriesOf = (p: Placed | undefined): Entries | null => (p?.value instanceof Map ? p.value : null);
const listOf = (p: Placed | undefined): Placed[] | null => (Array.isArray(p?.value) ? p.value : null);
const stringOf = (p: Placed | undefined): string | null => (typeof p?.value === 'string' ? p.value : null);
const at = (e: Entries | null, name: string): Placed | undefined => e?.get(name)?.placed;
const isPositive = (v: unknown): v is number => typeof v === 'number' && Number.isInteger(v) && v > 0 && v <= LARGEST;

/** Keras' own name of a class or function: without its package, and without the version that TensorFlow 1 gave it. */
const plainName = (name: string): string => name.slice(Math.max(name.lastIndexOf('>'), name.lastIndexOf('.')) + 1);

/** Whether a JSON value is a Keras model, whole or cut short. */
export function isKeras(root: Placed): boolean {
  const top = entriesOf(root);
  return top !== null && !top.has('complexNtk') && (['modelTopology', 'model_config', 'weightsManifest'].some((key) => top.has(key)) || (top.has('class_name') && top.has('config')) || (top.has('layers') && (top.has('input_layers') || listOf(at(top, 'layers'))?.some((l) => entriesOf(l)?.has('class_name')) === true)));
}

/** A reference to one output of one application of a layer. */
interface Ref {
  layer: string;
  node: number;
  tensor: number;
  at: Place;
}

/** One application of a layer: what goes in, and whether numbers of the text go in too. */
interface Application {
  refs: Ref[];
  constants: boolean;
  settings: Entries | null;
  at: Place;
}

interface LayerText {
  className: string;
  /** The string of the class: what its problems point at. */
  at: Place;
  entries: Entries;
  config: Entries | null;
  name: string;
  applications: Application[];
  /** A model that is used as a layer. */
  nested: ModelText | null;
  made: LayerValue | null;
}

interface ModelText {
  name: string;
  at: Place;
  layers: LayerText[];
  byName: Map<string, LayerText>;
  /** Of a chain without references. */
  sequential: boolean;
  inputs: Ref[];
  outputs: Ref[];
}

export function readKeras(source: Pick<Source, 'text' | 'span'>, root: Placed, budget: Budget): ParsedFile {
  return new KerasReading(source, budget).read(root);
}

class KerasReading {
  private readonly problems: Problem[] = [];
  private readonly drawing: Omit<Drawing, 'part'> = { drafts: [], outputs: [], axes: 'channels-last' };
  /** Of each draft's output, as far as it is known while drawing. */
  private readonly fields: Field[] = [];
  private axesSeen: { axes: Drawing['axes']; at: Place } | null = null;
  /** Keras 2, Keras 3 or TensorFlow.js, which differ in a few defaults. */
  private era: 2 | 3 | 'js' = 3;

  constructor(private readonly source: Pick<Source, 'text' | 'span'>, private readonly budget: Budget) {}

  private add(code: string, message: string, place: Place): void {
    this.problems.push(problem(code, message, this.source.span(place)));
  }

  private fault(message: string, place: Place): void {
    this.add('keras-field', message, place);
  }

  read(root: Placed): ParsedFile {
    const none: ParsedFile = { schema: 1, models: [], problems: this.problems };
    try {
      const top = this.topOf(root);
      if (!top) return none;
      const model = this.modelOf(top.entries, top.at);
      if (!model) return none;
      if (this.axesSeen) this.drawing.axes = this.axesSeen.axes;
      const { inputs, shape } = this.inputsOf(model);
      this.drawing.outputs = this.run(model, inputs, '');
      const { drafts } = this.drawing;
      if (drafts.length === 0) {
        this.add('no-model', 'This file holds a Keras model without layers.', model.at);
        return none;
      }
      const whole = this.pairedInput(shape);
      this.drawing.inputShape = whole && whole.every((n) => n !== null) ? (whole as number[]) : null;
      this.drawing.prepare = kerasLayers(this.drawing, whole);
      const graph = graphOf(this.drawing, model.name, this.source.span(model.at).line, this.problems);
      return { ...none, models: [graph] };
    } catch (e) {
      if (!(e instanceof OutOfTime)) throw e;
      this.add('time-budget', 'Reading this model took longer than allowed, or it has too many layers; nothing of it is shown.', { start: root.start, end: root.start + 1 });
      return none;
    }
  }

  // ---- the text

  private topOf(root: Placed): { entries: Entries; at: Place } | null {
    const start = { start: root.start, end: root.start + 1 };
    let entries = entriesOf(root)!;
    const format = at(entries, 'format');
    const topology = at(entries, 'modelTopology');
    if (format?.value === 'graph-model' || entriesOf(topology)?.has('node')) {
      this.fault('This is a TensorFlow.js graph model: operations of TensorFlow, not layers. Convert the Keras model with tensorflowjs_converter --output_format=tfjs_layers_model.', format ?? start);
      return null;
    }
    if (topology || entries.has('weightsManifest')) {
      const inner = entriesOf(topology);
      if (!inner) {
        this.fault(topology ? 'modelTopology must be an object that holds the layers.' : 'The field modelTopology, which holds the layers, is missing: this file tells weights only.', topology ?? start);
        return null;
      }
      entries = inner;
    }
    this.era = this.eraOf(entries);
    const config = at(entries, 'model_config');
    if (config) {
      const inner = entriesOf(config);
      if (!inner) {
        this.fault('model_config must be an object that holds the layers.', config);
        return null;
      }
      entries = inner;
      if (!inner.has('keras_version') && inner.has('module')) this.era = 3;
    }
    const className = at(entries, 'class_name');
    return { entries, at: className ?? start };
  }

  private eraOf(entries: Entries): 2 | 3 | 'js' {
    const version = stringOf(at(entries, 'keras_version'));
    if (version === null) return 3;
    return /tfjs/.test(version) ? 'js' : /^[12]\./.test(version) ? 2 : 3;
  }

  /** A model of its own, or one that stands where a layer would. */
  private modelOf(entries: Entries, place: Place): ModelText | null {
    const given = at(entries, 'config');
    const className = stringOf(at(entries, 'class_name'));
    // The configuration alone, as get_config() gives it; Keras 1 wrote the list of layers alone.
    const config: Entries | null = entriesOf(given) ?? (listOf(given) ? new Map([['layers', { key: given!, placed: given! }]]) : entries.has('layers') ? entries : null);
    const list = at(config, 'layers');
    const layers = listOf(list);
    if (!config || !layers) {
      this.fault(list ? 'layers must be a list of layers.' : `${className === null ? 'This model' : `The model ${className}`} has no list of layers in its config; a subclassed model is not written as JSON by Keras.`, list ?? given ?? place);
      return null;
    }
    const sequential = className === null ? !config.has('input_layers') : plainName(className) === 'Sequential' || (!config.has('input_layers') && !config.has('output_layers'));
    const name = stringOf(at(config, 'name')) ?? className ?? 'model';
    const model: ModelText = { name, at: place, layers: [], byName: new Map(), sequential, inputs: [], outputs: [] };
    for (const layer of layers) {
      const read = this.layerOf(layer);
      if (!read) continue;
      model.layers.push(read);
      if (sequential) continue;
      if (model.byName.has(read.name)) this.fault(`Two layers of this model are called ${JSON.stringify(read.name)}; references mean the first.`, read.at);
      else model.byName.set(read.name, read);
    }
    if (!sequential) {
      model.inputs = this.refsOf(at(config, 'input_layers'));
      model.outputs = this.refsOf(at(config, 'output_layers'));
      if (model.outputs.length === 0) this.fault('output_layers names no layer: what leaves the model is not known.', at(config, 'output_layers') ?? place);
    }
    return model;
  }

  private layerOf(layer: Placed): LayerText | null {
    this.budget.tick();
    const entries = entriesOf(layer);
    const className = at(entries, 'class_name');
    const text = stringOf(className);
    if (!entries || text === null) {
      this.fault(entries ? (className ? 'class_name must be a string.' : 'This layer has no class_name.') : 'A layer must be an object { "class_name": .., "config": .. }.', className ?? { start: layer.start, end: layer.start + 1 });
      return null;
    }
    const given = at(entries, 'config');
    const config = entriesOf(given);
    if (!config && !listOf(given)) this.fault(given ? `The config of ${text} must be an object.` : `${text} has no config.`, given ?? className!);
    const nested = this.isModel(text, entries) ? this.modelOf(entries, className!) : null;
    const name = stringOf(at(entries, 'name')) ?? stringOf(at(config, 'name')) ?? text;
    this.seeAxes(text, config, className!);
    return { className: text, at: className!, entries, config, name, applications: this.applicationsOf(at(entries, 'inbound_nodes')), nested, made: null };
  }

  private isModel(className: string, entries: Entries): boolean {
    const config = at(entries, 'config');
    return ['Sequential', 'Functional', 'Model'].includes(plainName(className)) || (Array.isArray(at(entriesOf(config), 'layers')?.value) && entriesOf(config)!.has('output_layers'));
  }

  /** The first layer with positions decides where the channels are. */
  private seeAxes(className: string, config: Entries | null, place: Placed): void {
    const { row } = this.rowOf(className, config, null);
    if (!row?.axesArgument || row.kind === 'flatten') return;
    // Keras writes it always; where it is left out its default holds.
    const told = at(config, row.axesArgument);
    const given = told ?? place;
    const written = told && told.value !== null ? stringOf(told) : 'channels_last';
    if (written !== 'channels_last' && written !== 'channels_first') {
      this.fault(`${row.axesArgument} must be "channels_last" or "channels_first".`, given);
      return;
    }
    const axes = written === 'channels_last' ? 'channels-last' : 'channels-first';
    this.axesSeen ??= { axes, at: given };
    if (axes !== this.axesSeen.axes) this.add('mixed-axes', `${className} has its channels ${axes === 'channels-last' ? 'last' : 'first'}, and a layer before it (line ${this.source.span(this.axesSeen.at).line}) ${axes === 'channels-last' ? 'first' : 'last'}. Only one order in a model is read; use the same data_format everywhere.`, given);
  }

  private applicationsOf(nodes: Placed | undefined): Application[] {
    const list = listOf(nodes);
    if (!list) {
      if (nodes && nodes.value !== null) this.fault('inbound_nodes must be a list.', nodes);
      return [];
    }
    return list.map((node) => {
      const application: Application = { refs: [], constants: false, settings: null, at: { start: node.start, end: node.start + 1 } };
      this.collect(node, application, 0);
      return application;
    });
  }

  private refsOf(given: Placed | undefined): Ref[] {
    const into: Application = { refs: [], constants: false, settings: null, at: given ?? { start: 0, end: 0 } };
    if (given) this.collect(given, into, 0);
    return into.refs;
  }

  /** References, wherever they stand: Keras 2 writes ["name", 0, 0, {..}] in lists of lists, Keras 3 tensors with a history. */
  private collect(p: Placed, into: Application, depth: number): void {
    this.budget.tick();
    const list = listOf(p);
    if (list) {
      const [name, node, tensor, more] = list;
      if (typeof name?.value === 'string' && typeof node?.value === 'number' && list.length >= 3) {
        if (name.value === '_CONSTANT_VALUE') into.constants = true;
        else if (this.isIndex(node) && this.isIndex(tensor!)) into.refs.push({ layer: name.value, node: node.value, tensor: tensor!.value as number, at: name });
        else this.fault('A reference to a layer must be ["name", index of the application, index of the tensor].', p);
        const settings = entriesOf(more);
        if (settings && settings.size > 0) {
          into.settings ??= settings;
          for (const [, e] of settings) this.collectSetting(e.placed, into, depth + 1);
        }
        return;
      }
      for (const item of list) this.collect(item, into, depth + 1);
      return;
    }
    const entries = entriesOf(p);
    if (entries) {
      const history = at(entriesOf(at(entries, 'config')), 'keras_history');
      if (history) {
        this.collect(history, into, depth + 1);
        return;
      }
      const settings = entriesOf(at(entries, 'kwargs'));
      if (settings && settings.size > 0) into.settings ??= settings;
      for (const [, e] of entries) this.collect(e.placed, into, depth + 1);
      return;
    }
    if (depth > 0 && typeof p.value === 'number') into.constants = true;
  }

  /** Arguments beside the first: a tensor among them is a reference, all else is a setting. */
  private collectSetting(p: Placed, into: Application, depth: number): void {
    const list = listOf(p);
    if (!list) {
      if (typeof p.value === 'number') into.constants = true;
      return;
    }
    if (typeof list[0]?.value === 'string' && typeof list[1]?.value === 'number' && typeof list[2]?.value === 'number') this.collect(p, into, depth);
    else for (const item of list) if (listOf(item)) this.collectSetting(item, into, depth + 1);
  }

  private isIndex(p: Placed): p is Placed & { value: number } {
    return typeof p.value === 'number' && Number.isSafeInteger(p.value) && p.value >= 0;
  }

  // ---- the input

  /** The network's inputs, and the shape of its only one; null stands for sizes that vary. */
  private inputsOf(model: ModelText): { inputs: TensorValue[]; shape: (number | null)[] | null } {
    const layers = model.sequential ? model.layers.slice(0, 1) : model.inputs.map((ref) => model.byName.get(ref.layer)).filter((l) => l !== undefined);
    const told = layers.map((l) => ({ shape: this.shapeOf(l), field: this.isInput(l) ? fieldOf(at(l.config, 'dtype')) : null }));
    if (model.sequential && told[0] && !told[0].shape) told[0].shape = this.sizesOf(entriesOf(at(model.layers[0]?.entries ?? null, 'build_config')) ? at(entriesOf(at(model.layers[0]!.entries, 'build_config')), 'input_shape') : undefined);
    const fields = new Set(told.map((t) => t.field));
    if (fields.size === 1 && told[0]!.field !== null) this.drawing.inputField = told[0]!.field;
    const shapes = told.map((t) => t.shape);
    const one = shapes.length <= 1 || shapes.every((s) => JSON.stringify(s) === JSON.stringify(shapes[0]));
    const inputs = told.map(({ shape, field }): TensorValue => ({
      t: 'tensor', from: null,
      ...(fields.size > 1 && field ? { cast: field } : {}),
      ...(!one && shape && shape.every((n) => n !== null) ? { shape: shape as number[] } : {}),
    }));
    return { inputs: inputs.length > 0 ? inputs : [{ t: 'tensor', from: null }], shape: one ? (shapes[0] ?? null) : null };
  }

  private isInput = (l: LayerText): boolean => ['InputLayer', 'ComplexInput', 'Input'].includes(plainName(l.className));

  /** Of one sample: Keras 2 writes batch_input_shape, Keras 3 batch_shape, both with the batch first. */
  private shapeOf(l: LayerText): (number | null)[] | null {
    const inner = l.nested && (l.nested.sequential ? l.nested.layers[0] : l.nested.byName.get(l.nested.inputs[0]?.layer ?? ''));
    if (l.nested) return inner ? this.shapeOf(inner) : null;
    const whole = at(l.config, 'batch_input_shape') ?? at(l.config, 'batch_shape');
    if (whole && whole.value !== null) return this.sizesOf(whole);
    const given = at(l.config, 'input_shape') ?? (this.isInput(l) ? at(l.config, 'shape') : undefined);
    return given && given.value !== null ? this.sizesOf(given, 0) : null;
  }

  private sizesOf(given: Placed | undefined, skip = 1): (number | null)[] | null {
    if (!given) return null;
    const list = listOf(given);
    if (!list || list.length < skip || list.length > 8 || !list.every((n) => n.value === null || isPositive(n.value))) {
      this.fault('The shape of an input must be a list of positive whole numbers, null where a size varies.', given);
      return null;
    }
    return list.slice(skip).map((n) => n.value as number | null);
  }

  /** Where the first layer with weights reads pairs of channels as complex numbers, that is what the input is. */
  private pairedInput(shape: (number | null)[] | null): (number | null)[] | null {
    const first = this.drawing.drafts.find((d) => isWeighted(d.kind));
    if (!first?.spelling?.library.pairs) return shape;
    const before = this.drawing.drafts.slice(0, this.drawing.drafts.indexOf(first));
    if (before.some((d) => d.kind === 'concat')) return shape;
    this.drawing.inputField = 'complex';
    if (!shape) return null;
    const axis = this.drawing.axes === 'channels-last' ? shape.length - 1 : 0;
    const channels = shape[axis];
    if (typeof channels === 'number' && channels % 2 !== 0) {
      this.problems.push(problem('shape-mismatch', `${first.spelling.text} takes half of its input channels for real and half for imaginary parts, and its input has ${channels}. Give an even number.`, first.span));
      return null;
    }
    return shape.map((n, k) => (k === axis && n !== null ? n! / 2 : n!));
  }

  // ---- drawing

  private run(model: ModelText, inputs: TensorValue[], group: string): TensorValue[] {
    this.budget.tick();
    if (!model.sequential) return this.runGraph(model, inputs, group);
    let x: TensorValue[] = inputs.slice(0, 1);
    for (const layer of model.layers) if (!this.isInput(layer)) x = this.apply(layer, { refs: [], constants: false, settings: null, at: layer.at }, x, group);
    return x;
  }

  private runGraph(model: ModelText, inputs: TensorValue[], group: string): TensorValue[] {
    const done = new Map<string, TensorValue[]>();
    const entering = new Set<string>();
    const told = new Set<string>();
    model.inputs.forEach((ref, i) => done.set(`${ref.layer}\0${0}`, inputs[i] ? [inputs[i]!] : []));
    // A model used as a layer has an application from when it was made, which Keras counts and does not write.
    const offsets = new Map<string, number>();
    const all = [...model.layers.flatMap((l) => l.applications.flatMap((a) => a.refs)), ...model.outputs];
    for (const ref of all) {
      const layer = model.byName.get(ref.layer);
      if (layer?.nested && ref.node === layer.applications.length) offsets.set(ref.layer, 1);
    }
    const find = (ref: Ref): { layer: LayerText; index: number; key: string } | null => {
      const layer = model.byName.get(ref.layer);
      const index = ref.node - (offsets.get(ref.layer) ?? 0);
      const known = layer && (done.has(`${ref.layer}\0${index}`) || layer.applications[index] !== undefined || (this.isInput(layer) && index === 0));
      if (known) return { layer, index, key: `${ref.layer}\0${index}` };
      const place = `${ref.at.start}`;
      if (!told.has(place)) {
        told.add(place);
        this.fault(layer ? `This refers to application ${ref.node} of ${JSON.stringify(ref.layer)}, which has ${layer.applications.length}.` : `This refers to ${JSON.stringify(ref.layer)}, which is no layer of this model.`, ref.at);
      }
      return null;
    };
    const visit = (first: Ref): TensorValue | null => {
      const start = find(first);
      if (!start) return null;
      const stack = [start];
      while (stack.length > 0) {
        this.budget.tick();
        const { layer, index, key } = stack.at(-1)!;
        if (done.has(key)) {
          stack.pop();
          continue;
        }
        entering.add(key);
        const application = layer.applications[index];
        const waiting = (application?.refs ?? []).flatMap((ref) => {
          const next = find(ref);
          if (!next || done.has(next.key)) return [];
          if (entering.has(next.key)) {
            if (!told.has(`${ref.at.start}`)) {
              told.add(`${ref.at.start}`);
              this.fault(`The inputs of ${JSON.stringify(layer.name)} lead back to itself; a network has no cycles.`, ref.at);
            }
            return [];
          }
          return [next];
        });
        if (waiting.length > 0) {
          stack.push(...waiting.reverse());
          continue;
        }
        stack.pop();
        entering.delete(key);
        const from = (application?.refs ?? []).flatMap((ref) => {
          const source = find(ref);
          const out = source && done.get(source.key);
          if (!out) return [];
          const one = out[ref.tensor] ?? (source.layer.nested ? undefined : out[0]);
          return one ? [one] : [];
        });
        // An input that no one gives: the model names it as a layer and not as an input.
        done.set(key, application ? this.apply(layer, application, from, group) : this.isInput(layer) ? [{ t: 'tensor', from: null }] : []);
      }
      const out = done.get(start.key) ?? [];
      return out[first.tensor] ?? out[0] ?? null;
    };
    const reached = this.reached(model, offsets);
    for (const layer of model.layers) {
      if (this.isInput(layer)) continue;
      layer.applications.forEach((_, index) => {
        if (reached.has(`${layer.name}\0${index}`)) visit({ layer: layer.name, node: index + (offsets.get(layer.name) ?? 0), tensor: 0, at: layer.at });
      });
    }
    return model.outputs.flatMap((ref) => visit(ref) ?? []);
  }

  /** Applications that the outputs depend on; layers beside them are no part of the network. */
  private reached(model: ModelText, offsets: ReadonlyMap<string, number>): Set<string> {
    const seen = new Set<string>();
    const waiting = [...model.outputs];
    for (let ref = waiting.pop(); ref; ref = waiting.pop()) {
      this.budget.tick();
      const index = ref.node - (offsets.get(ref.layer) ?? 0);
      const key = `${ref.layer}\0${index}`;
      if (seen.has(key)) continue;
      seen.add(key);
      waiting.push(...(model.byName.get(ref.layer)?.applications[index]?.refs ?? []));
    }
    return seen;
  }

  private emit(d: Partial<Draft> & Pick<Draft, 'kind' | 'inputs'>, place: Place, group: string): TensorValue {
    const { drafts } = this.drawing;
    if (drafts.length >= MOST_LAYERS) throw new OutOfTime();
    drafts.push({ name: null, parameters: {}, span: this.source.span(place), group: group || null, spelling: null, activation: null, reason: null, layer: null, sharedWith: null, ...d });
    const before = d.inputs.map((t) => this.fieldAt(t));
    this.fields.push(d.kind === 'read-out' ? 'real' : isWeighted(d.kind) && d.layer ? (d.layer.field ?? 'real') : before.includes('complex') ? 'complex' : 'real');
    return { t: 'tensor', from: drafts.length - 1 };
  }

  private fieldAt(t: TensorValue): Field {
    return t.cast ?? (t.from === null ? (this.drawing.inputField ?? 'real') : this.fields[t.from]!);
  }

  private unread(inputs: TensorValue[], reason: string, layer: LayerText, group: string, name: string | null = plainName(layer.className)): TensorValue[] {
    return [this.emit({ kind: 'unresolved', inputs: distinct(inputs), name, reason }, layer.at, group)];
  }

  private apply(layer: LayerText, application: Application, inputs: TensorValue[], group: string): TensorValue[] {
    this.budget.tick();
    const { className } = layer;
    if (layer.nested) return this.run(layer.nested, inputs, group ? `${group}.${layer.name}` : layer.name);
    if (inputs.length === 0) return this.unread([], `No input of ${className} is known.`, layer, group);
    const name = plainName(className);
    if (name === 'TimeDistributed') return this.timeDistributed(layer, inputs, group);
    const operation = this.operationOf(layer);
    if (operation !== null) return this.operation(layer, operation, application, inputs, group);
    const { library, row } = this.rowOf(className, layer.config, stringOf(at(layer.entries, 'registered_name')) ?? stringOf(at(layer.entries, 'module')));
    if (!row) {
      return this.unread(inputs, this.isModel(className, layer.entries) ? `The model ${className} holds no layers that could be read.`
        : `${className} is not a layer of Keras ${keras.version}, cvnn ${cvnn.version} or Deep Complex Networks as known here; its code does not stand in this file.`, layer, group);
    }
    return this.applyRow(layer, layer.config, library, row, inputs, group);
  }

  /** Keras' TimeDistributed applies a layer at each position; a dense layer does so by itself. */
  private timeDistributed(layer: LayerText, inputs: TensorValue[], group: string): TensorValue[] {
    const inner = entriesOf(at(layer.config, 'layer'));
    const className = stringOf(at(inner, 'class_name'));
    const config = entriesOf(at(inner, 'config'));
    const { library, row } = className === null ? { library: keras, row: undefined } : this.rowOf(className, config, stringOf(at(inner, 'registered_name')));
    if (!row || !['dense', 'activation', 'dropout'].includes(row.kind)) return this.unread(inputs, `TimeDistributed is read around dense layers only, and this holds ${className ?? 'no layer'}.`, layer, group);
    const wrapped: LayerText = (layer as LayerText & { wrapped?: LayerText }).wrapped ??= { ...layer, className: className!, at: at(inner, 'class_name')!, config, made: null };
    return this.applyRow(wrapped, config, library, row, inputs, group);
  }

  private rowOf(className: string, config: Entries | null, registered: string | null): { library: Library; row: Spelling | undefined } {
    const name = plainName(className);
    const isDcn = OF_DCN.some((key) => config?.has(key)) || /(^|[^a-z])complexnn[.>]/.test(registered ?? '') || (dcnOnly(name) && !/^Layer/.test(name));
    const order = isDcn ? [dcn, cvnn, keras] : /cvnn/.test(registered ?? '') || /^cvnn>/.test(className) ? [cvnn, keras] : [keras, cvnn];
    for (const library of order) {
      const row = spellingIn(library, name);
      // Strings of activations are no classes of layers.
      if (row && /^[A-Z]/.test(name)) return { library, row };
    }
    return { library: keras, row: undefined };
  }

  private applyRow(layer: LayerText, config: Entries | null, library: Library, row: Spelling, inputs: TensorValue[], group: string): TensorValue[] {
    const argument = row.activationArgument ? at(config, row.activationArgument) : undefined;
    if (row.names[0] === 'Activation') {
      if (argument) return this.activate(argument, library, inputs[0]!, layer, group);
      this.fault('Activation has no field activation.', layer.at);
      return this.unread(inputs, 'Which activation this is does not stand in the file.', layer, group);
    }
    if (row.activation === 'identity' && row.realActivation === 'identity') return inputs.slice(0, 1);
    const value = (layer.made ??= this.make(layer, config, library, row));
    const several = SEVERAL_INPUTS.includes(row.kind);
    let { kind, parameters, reason } = value.reason !== null ? { kind: 'unresolved' as const, parameters: {}, reason: value.reason } : normalised(value);
    if (several && inputs.length < 2) {
      this.fault(`${layer.className} joins two signals or more, and is given ${inputs.length}.`, layer.at);
    } else if (!several && kind !== 'unresolved' && inputs.length > 1) {
      ({ kind, parameters, reason } = { kind: 'unresolved', parameters: {}, reason: `${layer.className} is given ${inputs.length} signals here and reads one${row.kind === 'rnn' ? '; an initial state is not read' : ''}.` });
    }
    if (kind === 'reshape' && Array.isArray(parameters.shape) && parameters.shape.length === 1) {
      const [size] = parameters.shape;
      ({ kind, parameters } = { kind: 'flatten', parameters: { startAxis: 1, endAxis: -1, ...(isPositive(size) ? { size } : {}) } });
    }
    const field = this.fieldAt(inputs[0]!);
    const text = plainName(layer.className);
    const shared = isWeighted(kind) && value.drawn?.drawing === this.drawing ? value.drawn.index : null;
    let out = row.kind === 'read-out' && row.realActivation === 'identity' && field === 'real' ? inputs[0]! : this.emit({
      kind, parameters, inputs: several || kind === 'unresolved' ? (several ? inputs : distinct(inputs)) : inputs.slice(0, 1),
      name: kind === 'activation' ? null : layer.name, spelling: { row, library, text }, reason, layer: value, sharedWith: shared,
    }, layer.at, group);
    if (shared === null && out.from !== null) value.drawn = { drawing: this.drawing, index: out.from };
    // The drawing speaks of a library's default.
    const trap = shared === null && value.field === 'complex' && isWeighted(kind) ? value.weight?.initialiser?.trap : undefined;
    if (trap) this.add(trap.code, trap.message, layer.at);
    if (argument && argument.value !== null && row.kind !== 'rnn') [out] = this.activate(argument, library, out, layer, group) as [TensorValue];
    return [out];
  }

  // ---- activations

  /** An activation by string, by function or by a layer of its own; a row that reads out may apply another after it. */
  private activate(given: Placed, library: Library, input: TensorValue, layer: LayerText, group: string): [TensorValue] {
    const { name, config, place } = namedAt(given);
    if (name === null) {
      this.fault('An activation must be a name, or an object with a class_name.', given);
      return this.unread([input], 'Which activation this is does not stand in the file.', layer, group, null) as [TensorValue];
    }
    const plain = plainName(name);
    if (plain === 'linear' || plain === 'Identity') return [input];
    const order = /^cvnn[>.]/.test(name) || library === cvnn ? [cvnn, keras] : [keras, cvnn];
    const of = order.find((l) => ['activation', 'read-out', 'unresolved'].includes(spellingIn(l, plain)?.kind ?? ''));
    const row = of && spellingIn(of, plain);
    if (!of || !row) {
      return [this.emit({ kind: 'unresolved', inputs: [input], name: plain, reason: `${plain} is no activation of Keras ${keras.version} or cvnn ${cvnn.version} as known here. Its formula can be given by its name.` }, place, group)];
    }
    const field = this.fieldAt(input);
    let out = input;
    if (!(row.kind === 'read-out' && row.realActivation === 'identity' && field === 'real')) {
      const parameters = this.parametersOf(row, config, plain, place);
      if (plain === 'hard_sigmoid' && this.era !== 3) parameters.slope = 0.2;
      const reason = row.adjust?.(parameters);
      out = this.emit({ kind: row.kind, inputs: [input], parameters, spelling: { row, library: of, text: plain }, reason: reason ? `${plain}: ${reason}.` : null }, place, group);
    }
    if (row.then) out = this.emit({ kind: 'read-out', inputs: [out], spelling: { row: spellingIn(keras, row.then)!, library: keras, text: plain } }, place, group);
    return [out];
  }

  // ---- operations that stand in the graph without a layer

  private operationOf(layer: LayerText): string | null {
    const name = plainName(layer.className);
    if (name === 'TFOpLambda') return stringOf(at(layer.config, 'function')) ?? '';
    if (name === 'SlicingOpLambda') return 'slicing';
    return /\.ops\b/.test(stringOf(at(layer.entries, 'module')) ?? '') ? name : null;
  }

  private operation(layer: LayerText, operation: string, application: Application, inputs: TensorValue[], group: string): TensorValue[] {
    const name = operation.slice(operation.lastIndexOf('.') + 1).toLowerCase();
    if (name === 'add' && inputs.length >= 2 && !application.constants) return [this.emit({ kind: 'add', inputs, name: layer.name }, layer.at, group)];
    const row = spellingIn(keras, name);
    if (row?.kind === 'activation' && inputs.length === 1 && !application.constants) {
      return [this.emit({ kind: 'activation', inputs, parameters: this.parametersOf(row, null, name, layer.at), spelling: { row, library: keras, text: name } }, layer.at, group)];
    }
    return this.unread(inputs, `The operation ${operation || layer.name} on signals is not read.`, layer, group);
  }

  // ---- layers from their configurations

  private make(layer: LayerText, config: Entries | null, library: Library, row: Spelling): LayerValue {
    const parameters = this.parametersOf(row, config, plainName(layer.className), layer.at);
    const field: Field | null = isWeighted(row.kind) ? (fieldOf(at(config, 'dtype')) ?? row.field ?? 'real') : null;
    const value: LayerValue = {
      t: 'layer', spelling: row, library, text: plainName(layer.className), parameters, activation: null, reason: null, field, cast: false,
      weight: null, bias: null, at: { type: 'json', named: true, missing: false, field: null, start: layer.at.start, end: layer.at.end, children: [] }, span: this.source.span(layer.at), name: layer.name, group: null, drawn: null,
    };
    // cvnn's configurations name the type of the weights; other libraries' that of a part.
    if (library === keras && field === 'complex') value.field = 'real';
    if (library.pairs) value.field = row.field ?? 'real';
    this.startWeights(value, config);
    const written = row.axesArgument && row.kind !== 'flatten' ? (stringOf(at(config, row.axesArgument)) ?? 'channels_last') : null;
    if (written !== null && this.axesSeen && written !== this.axesSeen.axes.replace('-', '_') && /^channels_(first|last)$/.test(written)) {
      value.reason = `${value.text} has its channels on another axis than the layers before it.`;
    }
    return value;
  }

  /** The initialisers that are written; those that are the library's own defaults count as such. */
  private startWeights(value: LayerValue, config: Entries | null): void {
    const { spelling: row, library, parameters } = value;
    const field = value.field ?? 'real';
    const names = row.initialiserArguments;
    if (!names || !isWeighted(row.kind)) return;
    const { criterion } = parameters;
    delete parameters.criterion;
    const standard = findInitialiser(row.initialiser ?? '');
    const called = (given: Placed | undefined, own: Called['initialiser'] | undefined, bias: boolean): Called | null => {
      if (!given || given.value === null) return null;
      const { name, config: inner, place } = namedAt(given);
      const options: Record<string, ParameterValue> = {};
      for (const [key, e] of inner ?? []) if (['number', 'string'].includes(typeof e.placed.value)) options[key] = e.placed.value as number | string;
      const found = name === null ? undefined : kerasInitialiser(name, library.id, row.kind, options);
      // A bias has one axis: fans are not what its initialisers count.
      const usable = found && !(bias && (found.byFanOut || ['keras-he-normal', 'keras-he-uniform', 'keras-lecun-normal', 'keras-lecun-uniform'].includes(found.id))) && !(library === dcn && !bias && row.kind !== 'dense' && found.library !== 'dcn') ? found : null;
      if (!usable) {
        this.add('unknown-initialiser', `${name ?? 'This'} is not an initialiser whose variance is known here; the variance of ${bias ? 'this bias' : 'these weights'} is unknown.`, place);
        return { initialiser: null, options: {}, field };
      }
      const whole: Record<string, ParameterValue> = { ...usable.defaults };
      for (const key of Object.keys(whole)) if (options[key] !== undefined) whole[key] = options[key];
      // TensorFlow.js does not widen a normal that it cuts.
      if (this.era === 'js' && whole.distribution === 'normal') whole.distribution = 'cut';
      if (usable.library === 'dcn' && criterion !== undefined) whole.criterion = criterion;
      const isOwn = bias ? usable.id === 'keras-zeros' : usable === own && Object.entries(usable.defaults).every(([k, v]) => whole[k] === v);
      return isOwn ? null : { initialiser: usable, options: whole, field };
    };
    if (names.weight) value.weight = called(at(config, names.weight), standard, false);
    if (names.bias && parameters.bias !== false) value.bias = called(at(config, names.bias), undefined, true);
    if (names.recurrent) value.recurrent = called(at(config, names.recurrent), findInitialiser(row.recurrentInitialiser ?? ''), false);
    if (library === dcn && criterion !== undefined && criterion !== 'he' && !value.weight && standard) value.weight = { initialiser: standard, options: { ...standard.defaults, criterion }, field };
  }

  private parametersOf(row: Spelling, config: Entries | null, text: string, place: Place): Record<string, ParameterValue> {
    const out: Record<string, ParameterValue> = {};
    for (const [key, { from, also, default: standard, optional }] of Object.entries(row.parameters ?? {})) {
      const given = from ? (at(config, from) ?? (also ? at(config, also) : undefined)) : undefined;
      if (!given || given.value === null) {
        out[key] = standard;
        if (standard === null && !optional && from && key !== 'stride') this.fault(given ? `${from} of ${text} is null; a value is needed.` : `${text} has no field ${from}.`, given ?? place);
        continue;
      }
      const value = valueOf(given);
      const wanted = wrong(key, value, row);
      if (wanted !== null) this.fault(`${from} of ${text} must be ${wanted}.`, given);
      out[key] = wanted === null ? value : null;
    }
    if (row.fromInput?.includes('groups') === false && out.groups === null) out.groups = 1;
    return out;
  }
}

const dcnOnly = (name: string): boolean => spellingIn(dcn, name) !== undefined && spellingIn(cvnn, name) === undefined && spellingIn(keras, name) === undefined;

/** A function, class or layer that a configuration names: a string, { class_name, config }, or Keras 3's { class_name: "function", config: name }. */
function namedAt(given: Placed): { name: string | null; config: Entries | null; place: Place } {
  if (typeof given.value === 'string') return { name: given.value, config: null, place: given };
  const entries = entriesOf(given);
  const className = at(entries, 'class_name');
  const config = at(entries, 'config');
  if (stringOf(className) === 'function' && stringOf(config) !== null) return { name: stringOf(config), config: null, place: config! };
  const registered = stringOf(at(entries, 'registered_name'));
  const name = stringOf(className);
  return { name: registered !== null && name !== null && plainName(registered) === name ? registered : name, config: entriesOf(config), place: className ?? given };
}

/** A value of a configuration as a parameter; of an object its name. */
function valueOf(p: Placed): ParameterValue {
  if (p.value instanceof Map) return plainName(namedAt(p).name ?? '') || null;
  if (Array.isArray(p.value)) return p.value.map(valueOf);
  if (typeof p.value !== 'number' || Number.isInteger(p.value)) return p.value;
  // Keras keeps some numbers as float32: 0.3 is written 0.30000001192092896.
  const short = Number(p.value.toPrecision(7));
  return Math.fround(p.value) === p.value && Math.fround(short) === p.value ? short : p.value;
}

/** "complex64", or a policy of types with such a name. */
function fieldOf(p: Placed | undefined): Field | null {
  const name = stringOf(p) ?? stringOf(at(entriesOf(at(entriesOf(p), 'config')), 'name'));
  if (name === null) return null;
  return /complex/.test(name) ? 'complex' : /float|half/.test(name) ? 'real' : null;
}

const all = (v: ParameterValue, is: (x: ParameterValue) => boolean): boolean => (Array.isArray(v) ? v.length > 0 && v.every(is) : is(v));

/** What a parameter must be, where it is not. */
function wrong(key: string, v: ParameterValue, row: Spelling): string | null {
  const axes = row.rank !== undefined && Array.isArray(v) && v.length !== row.rank;
  switch (key) {
    case 'outFeatures': case 'inFeatures': case 'groups': case 'multiplier': return isPositive(v) ? null : 'a positive whole number';
    case 'kernel': case 'stride': case 'dilation': case 'size':
      return !all(v, isPositive) || axes ? `a positive whole number${row.rank === 1 ? '' : ', or one for each axis'}` : null;
    case 'outputPadding': return !all(v, (x) => x === 0 || isPositive(x)) || axes ? 'a whole number from 0 up, or one for each axis' : null;
    case 'padding':
      if (row.kind === 'unresolved') return all(v, (x) => all(x, (y) => y === 0 || isPositive(y))) ? null : 'whole numbers from 0 up';
      return v === 'valid' || v === 'same' || (v === 'causal' && row.kind === 'conv1d') ? null : `"valid"${row.kind === 'conv1d' ? ', "same" or "causal"' : ' or "same"'}`;
    case 'bias': case 'keepAxes': case 'scale': case 'sequences': case 'states': case 'backwards': case 'kept': case 'after': case 'forgetful': case 'normalised': case 'spectral': case 'approximate':
      return typeof v === 'boolean' ? null : 'true or false';
    case 'rate': return typeof v === 'number' && v >= 0 && v <= 1 ? null : 'a number from 0 to 1';
    case 'epsilon': return typeof v === 'number' && v >= 0 ? null : 'a number from 0 up';
    case 'axis': return all(v, (x) => typeof x === 'number' && Number.isSafeInteger(x)) ? null : 'a whole number, or a list of them';
    case 'shape': return Array.isArray(v) && v.every((x) => x === -1 || isPositive(x)) && v.filter((x) => x === -1).length <= 1 ? null : 'a list of positive whole numbers, one of them -1 at most';
    case 'slope': case 'alpha': case 'threshold': case 'lambda': case 'value': case 'most': case 'b': return typeof v === 'number' ? null : 'a number';
    default: return null;
  }
}
