// Keras and tf.keras as the interpreter meets them: layers, symbolic signals, Sequential, Model(inputs, outputs), classes with a call method.
// Knows no syntax beyond call sites; what a layer is on a given input stands in keras-layers.ts.
import { kerasInitialiser, type Options } from '../../catalog/initialisers/index.ts';
import { findKerasSpelling, kerasActivation, kerasLibraryOf } from '../../catalog/libraries/index.ts';
import { plainPath } from '../../catalog/libraries/keras-paths.ts';
import type { Library, Spelling } from '../../catalog/libraries/library.ts';
import type { Field, ModelGraph, ParameterValue, ParsedFile, Problem } from '../../contract/graph.ts';
import type { Budget } from '../budget.ts';
import type { Modules } from '../python/modules.ts';
import { fieldOf, namedOf, type Syntax } from '../parser.ts';
import { memberOf, rootBase } from '../python/interpreter.ts';
import {
  asParameter, constant, listOf, NONE, truth, unknown,
  type Arguments, type ClassValue, type ContainerValue, type FunctionValue, type Item, type LayerValue, type ObjectValue, type TensorValue, type Value,
} from '../python/values.ts';
import { array, madeArray } from '../drawing/arrays.ts';
import { distinct, isWeighted, type Draft, type Drawing, type Run } from '../drawing/drawing.ts';
import { called, formulaOf, input, joined as joinedFormula, partOf, type Formula, type Part } from '../drawing/formula.ts';
import { fused } from '../drawing/fuse.ts';
import { cut, dimsAfter, replay, type Dims, type Network } from './keras-tape.ts';
import { kerasLayers } from './keras-layers.ts';
import { paired } from '../drawing/pairs.ts';
import { normalised, Reading, type Candidate, type ReadingOptions } from './reading.ts';
import { arithmetic, functionOfNumbers, step } from '../drawing/signals.ts';

const isTurned = (f: Formula): boolean => f.op === 'imaginary' || (f.op === 'call' ? f.of.some(isTurned) : 'left' in f ? isTurned(f.left) || isTurned(f.right) : f.op === 'negative' && isTurned(f.of));
const NONE_GIVEN: Arguments = { positional: [], keywords: new Map(), open: false };
const COMPLEX_TYPE = /(^|\.)(complex|complex64|complex128)$/;
const REAL_TYPE = /(^|\.)(float|half|float16|bfloat16|mixed_float16|mixed_bfloat16|float32|float64|double|int8|int16|int32|int64|uint8|bool)$/;
/** Functions of TensorFlow that leave the numbers of a signal as they are. */
const PLAIN_FUNCTIONS = new Set(['identity', 'stop_gradient', 'convert_to_tensor', 'ensure_shape', 'check_numerics', 'tensor', 'constant', 'cast_to_floatx', 'with_dependencies', 'copy']);
const PARTS: Readonly<Record<string, 're' | 'im' | 'abs' | 'arg'>> = { real: 're', imag: 'im', abs: 'abs', angle: 'arg' };
const RESHAPING = new Set(['transpose', 'permute_dimensions', 'expand_dims', 'squeeze', 'moveaxis', 'swapaxes', 'reverse_dims']);
const JOINING = new Set(['concat', 'concatenate']);
/** Modules of Keras whose classes are no layers. */
const ASIDE = /^keras\.(losses|metrics|optimizers|callbacks|regularizers|constraints|utils|datasets|preprocessing|mixed_precision|distribute|wrappers|config|random|saving|experimental|estimator|legacy)(\.|$)/;
const NO_NETWORK = /(Loss|Metric|Callback|Optimizer|Initializer|Constraint|Sequence|Regularizer|Schedule|Exception|Error|TestCase|Dataset|PyDataset|Enum)$/;

export function readKeras(modules: Modules, budget: Budget, options: ReadingOptions): ParsedFile {
  return new KerasReading(modules, budget, options).read();
}

/** A network made while the text runs, and the entry point that made it. */
interface Made {
  value: ContainerValue;
  run: Trial | null;
}

/** A function or method that nothing calls, run to see which networks it makes. */
interface Trial {
  name: string;
  node: Syntax;
  returned: Value[];
  called: Set<Syntax>;
  /** It has arguments without a default. */
  required: boolean;
  problems: Problem[];
}

class KerasReading extends Reading {
  protected readonly entries = ['call', '__call__'];
  protected readonly networkForms = 'no Sequential, no Model(inputs, outputs) and no class of Keras with a call method';
  protected override readonly mostLayers = 20_000;
  /** Of the layer made last. */
  protected axes: Drawing['axes'] = 'channels-last';
  /** Of layers that do not say. */
  private standardAxes: Drawing['axes'] = 'channels-last';
  private readonly channelsFirst = new WeakSet<LayerValue>();

  /** Stands for the text outside of any object. */
  private readonly outside = { object: null, group: '', at: this.modules.main.root, run: null };
  private readonly networksOf = new Map<ContainerValue, Network>();
  private readonly networksMade: Made[] = [];
  private run: Trial | null = null;
  /** Objects of classes that are no networks, which may build some. */
  private readonly plain: ObjectValue[] = [];
  /** What is known of the sizes of each draft's output, null where they vary. */
  private readonly dims = new WeakMap<Draft, Dims>();
  private readonly inputs = new Map<Draft, { dims: Dims; field: Field | null }>();
  /** The model or object that drew it. */
  private readonly owners = new WeakMap<Draft, Value>();
  private readonly functionsOf = new WeakMap<LayerValue, Value>();
  private readonly activationsOf = new WeakMap<LayerValue, LayerValue>();
  private readonly givenShapes = new WeakMap<Value, { dims: Dims; field: Field | null }>();
  private readonly lastOutput = new WeakMap<Value, { input: Value; output: Value }>();
  /** Models that are trained by themselves. */
  private readonly compiled = new WeakSet<Value>();
  /** Of a Sequential model with so many layers. */
  private readonly ownSignals = new WeakMap<ContainerValue, { input: Value; output: Value; items: number }>();
  private readonly prepared = new WeakSet<ObjectValue>();
  private readonly customObjects = new Map<string, Value>();
  /** Places where layers are made or applied, to tell which loops and conditions matter. */
  private readonly sites: number[] = [];
  private readonly places = new WeakMap<Problem, { start: number; end: number }>();

  constructor(modules: Modules, budget: Budget, options: ReadingOptions) {
    super(modules, budget, options);
    this.drawing = { ...this.drawing, axes: 'channels-last' };
    this.running.push(this.outside);
  }

  // ---- what is a network

  protected isBase(path: string): boolean {
    const plain = plainPath(path);
    const name = plain.slice(plain.lastIndexOf('.') + 1);
    return kerasLibraryOf(plain) !== undefined && !ASIDE.test(plain) && (/^(Model|Layer|Sequential|Functional|Module|ComplexLayer|Wrapper|Network|Container|AbstractRNNCell)$/.test(name) || findKerasSpelling(plain) !== undefined);
  }

  private isModelClass(cls: ClassValue): boolean {
    const base = rootBase(cls);
    return base?.t === 'external' && /(^|\.)(Model|Sequential|Functional|Network|Container)$/.test(base.path);
  }

  /** A layer of the user's own; what derives from a class that stands elsewhere may be a model. */
  private isLayerClass(cls: ClassValue): boolean {
    const base = rootBase(cls);
    return !this.isModelClass(cls) && base?.t === 'external' && this.isBase(base.path);
  }

  private isSequentialClass(cls: ClassValue): boolean {
    const base = rootBase(cls);
    return base?.t === 'external' && /(^|\.)Sequential$/.test(base.path);
  }

  /** A class that only trains other networks is none. */
  protected override isModule(cls: ClassValue): boolean {
    const base = rootBase(cls);
    if (!base || (base.t === 'external' && NO_NETWORK.test(base.path))) return false;
    if (this.entryOf(cls)) return base.t === 'external' ? this.isBase(base.path) || (kerasLibraryOf(base.path) === undefined && !/^(builtins|abc|typing|torch|lightning|pytorch_lightning|jax|flax|haiku|neural_tangents|netket)\b/.test(base.path)) : true;
    return this.isModelClass(cls) && (this.isSequentialClass(cls) || /__init__\s*\([^)]*\b(inputs|outputs?)\b/.test(this.python.text(cls.node)));
  }

  protected override importsFramework(): boolean {
    return [...this.python.globals.names.values()].some((v) => v.t === 'external' && kerasLibraryOf(v.path)) || this.python.globals.stars.some((s) => kerasLibraryOf(s));
  }

  protected override networks(): ModelGraph[] {
    this.runEntryPoints();
    if (this.networksMade.length > 0 || [...this.python.globals.names.values()].some((v) => v.t === 'class' && this.isModule(v) && this.isModelClass(v))) {
      // A layer of its own is a block where there are models.
      for (const v of this.python.globals.names.values()) if (v.t === 'class' && this.isModule(v) && this.isLayerClass(v)) this.blocks.add(v);
    }
    const graphs = super.networks();
    if (graphs.length === 0 && !this.unfinished) {
      for (const v of this.python.globals.names.values()) {
        if (v.t === 'class' && this.isModelClass(v) && !this.isModule(v)) this.add('no-forward', `The class ${v.name} derives from a Keras model but has no ${this.entries[0]} method in this file.`, v.node);
      }
    }
    const kept = this.problems.filter((p) => this.matters(p));
    this.problems.splice(0, this.problems.length, ...kept);
    return graphs;
  }

  /** Calls what nobody calls, to see the networks that it makes: functions, and methods of classes that are no networks. */
  private runEntryPoints(): void {
    const runs: Trial[] = [];
    const globals = [...this.python.globals.names.entries()];
    // Functions that make a model, and those that call one that does.
    const makers = new Set<string>();
    const builds = (node: Syntax): boolean => {
      const text = this.python.text(node);
      return /Sequential|Model|Functional|model/.test(text) || [...makers].some((name) => text.includes(`${name}(`));
    };
    for (let before = -1; before < makers.size; ) {
      before = makers.size;
      for (const [name, v] of globals) if ((v.t === 'function' || v.t === 'class') && this.modules.isMain(v.node) && builds(v.node)) makers.add(name);
    }
    // One after the other, within six tenths of the time together.
    const start = performance.now();
    const attempt = (name: string, node: Syntax, required: boolean, work: () => Value): Value | undefined => {
      const before = this.problems.splice(0);
      const earlier = [...this.python.called];
      this.python.called.clear();
      const run: Trial = { name, node, returned: [], called: new Set(), required, problems: [] };
      this.run = run;
      // Without time the rest is not run; what was found stays.
      const value = this.outOfTime ? undefined : (this.timed(Math.max(0.05, 0.6 - (performance.now() - start) / this.options.milliseconds), () => this.python.guarded(node, work)) ?? undefined);
      this.running.splice(0, this.running.length, this.outside);
      this.run = null;
      run.called = new Set([...this.python.called].filter((n) => n !== node));
      for (const n of earlier) this.python.called.add(n);
      run.returned = value ? this.flattened(value) : [];
      run.problems = this.problems.splice(0);
      this.problems.push(...before);
      runs.push(run);
      return value;
    };
    for (const [name, fn] of globals) {
      if (fn.t === 'function' && fn.node.type === 'function_definition' && this.modules.isMain(fn.node) && !this.python.called.has(fn.node) && builds(fn.node)) attempt(name, fn.node, this.python.required(fn).length > 0, () => this.python.call(fn, NONE_GIVEN, fn.node));
    }
    for (const [, cls] of globals) {
      if (cls.t !== 'class' || !this.modules.isMain(cls.node) || this.isModule(cls) || !builds(cls.node)) continue;
      let object = this.plain.find((o) => o.cls === cls);
      if (!object) attempt(cls.name, cls.node, false, () => (object = this.python.instantiate(cls, { ...NONE_GIVEN, open: true }, cls.node)));
      const own = new Set<string>();
      const makesOne = (node: Syntax): boolean => {
        const text = this.python.text(node);
        return /(Sequential|Model)\s*\(/.test(text) || [...own].some((name) => text.includes(`.${name}(`));
      };
      for (let before = -1; before < own.size; ) {
        before = own.size;
        for (const [name, fn] of cls.members) if (fn.t === 'function' && !name.startsWith('__') && makesOne(fn.node)) own.add(name);
      }
      for (const [name, fn] of cls.members) {
        if (!object || fn.t !== 'function' || this.python.called.has(fn.node) || !own.has(name)) continue;
        const self = object;
        const given = fn.decorators.includes('staticmethod') ? [] : [self];
        attempt(name, fn.node, this.python.required(fn).length > given.length, () => this.python.callFunction(fn, { ...NONE_GIVEN, positional: given }, self));
      }
    }
    // Models that their class makes of the signals it is given.
    for (const [name, cls] of globals) {
      if (cls.t !== 'class' || !this.modules.isMain(cls.node) || !this.isModelClass(cls) || !this.isModule(cls) || this.entryOf(cls) || this.objects.some((o) => o.cls === cls)) continue;
      const make = memberOf(cls, '__init__');
      const given = make?.t === 'function' ? this.python.required(make).filter((p) => /^(inputs?|input_tensor|x)$/.test(p)) : [];
      if (given.length === 0) continue;
      attempt(name, cls.node, false, () => this.python.instantiate(cls, { ...NONE_GIVEN, open: true, keywords: new Map(given.map((p) => [p, this.newInput(null, null, cls.node)])) }, cls.node));
    }
    // What another entry point calls is not one, unless it is better known by its own defaults.
    const dropped = new Set<Trial>();
    const makes = (r: Trial): boolean => this.networksMade.some((m) => m.run === r) || r.returned.some((v) => v.t === 'object');
    for (const run of runs) {
      const callers = runs.filter((r) => r !== run && r.called.has(run.node) && makes(r));
      if (callers.length === 0 || !makes(run)) continue;
      if (run.required || callers.some((r) => r.problems.length <= run.problems.length)) dropped.add(run);
      else for (const r of callers) dropped.add(r);
    }
    const kept = this.networksMade.filter((m) => m.run === null || !dropped.has(m.run));
    this.networksMade.splice(0, this.networksMade.length, ...kept);
    for (const run of runs) if (!dropped.has(run) && (kept.some((m) => m.run === run) || run.returned.some((v) => v.t === 'object'))) this.problems.push(...run.problems);
  }

  private flattened(v: Value): Value[] {
    if (v.t === 'list') return v.items.flatMap((i) => this.flattened(i));
    if (v.t === 'dict') return [...v.entries.values()].flatMap((i) => this.flattened(i));
    return [v];
  }

  protected override containers(globals: [string, Value][]): (Candidate & { value: ContainerValue })[] {
    const names = new Map<Value, string>();
    for (const [name, v] of globals) if (!names.has(v)) names.set(v, name);
    const attributes = new Map<Value, string>();
    for (const o of [...this.plain, ...this.objects]) for (const [name, v] of o.attributes) if (!attributes.has(v)) attributes.set(v, name);
    const out: (Candidate & { value: ContainerValue; key: string })[] = [];
    for (const { value, run } of this.networksMade) {
      if (value.items.length === 0 && this.networksMade.length > 1) continue;
      const global = names.get(value);
      const returned = run?.returned.includes(value) ? run : null;
      const around = this.functionAround(value.at);
      const name = global ?? (returned ? (returned.returned.filter((v) => v.t === 'container').length > 1 ? (this.assignedName(value.at) ?? returned.name) : returned.name) : null) ?? attributes.get(value) ?? (around ? this.nameOf(around) : 'model');
      out.push({ name, value, at: !global && returned ? returned.node : value.at, problems: [], blank: false, key: global !== undefined ? `global ${global}` : `${returned ? name : ''} ${value.at.start}` });
    }
    // One place that makes several models (in a loop over folds, say) offers one.
    const first = out.filter((c, i) => out.findIndex((o) => o.key === c.key) === i);
    return first.filter((c) => !first.some((o) => o !== c && this.isPartOf(c.value, o.value)));
  }

  /** Whether its layers are some of the layers of the other: a feature extractor, or an encoder of an autoencoder. */
  private isPartOf(a: ContainerValue, b: ContainerValue): boolean {
    if (this.standsAlone(a)) return false;
    const [inner, outer] = [this.networksOf.get(a), this.networksOf.get(b)];
    if (!inner || !outer || inner.sources.size === 0) return false;
    return inner.sources.size < outer.sources.size && [...inner.sources].every((d) => outer.sources.has(d));
  }

  protected override standsAlone(v: Value): boolean {
    return this.compiled.has(v);
  }

  private functionAround(at: Syntax): Syntax | null {
    let found: Syntax | null = null;
    for (let node: Syntax | undefined = this.modules.main.root; node; node = node.children.find((c) => c.start <= at.start && c.end >= at.end)) {
      if (node === at) break;
      if (node.type === 'function_definition') found = node;
    }
    return found;
  }

  /** The variable that the innermost assignment around it sets. */
  private assignedName(at: Syntax): string | null {
    let found: string | null = null;
    for (let node: Syntax | undefined = this.modules.main.root; node; node = node.children.find((c) => c.start <= at.start && c.end >= at.end)) {
      const left = node.type === 'assignment' ? fieldOf(node, 'left') : undefined;
      if (left?.type === 'identifier') found = this.python.text(left);
      if (node === at) break;
    }
    return found;
  }

  private nameOf(definition: Syntax): string {
    const name = fieldOf(definition, 'name');
    return name ? this.python.text(name) : 'model';
  }

  /** Networks come from `containers`; none is left for the way of PyTorch files. */
  protected override builders(): Candidate[] {
    return [];
  }

  override isKnown(path: string): boolean {
    return kerasLibraryOf(path) !== undefined || super.isKnown(path);
  }

  protected override add(code: string, message: string, at: { start: number; end: number }): void {
    super.add(code, message, at);
    this.places.set(this.problems.at(-1)!, { start: at.start, end: at.end });
  }

  /** A loop or condition matters where layers are made or applied in it, not where data are loaded. */
  private matters(p: Problem): boolean {
    const place = this.places.get(p);
    if (!place || (p.code !== 'unknown-loop' && p.code !== 'data-dependent-branch')) return true;
    let statement: Syntax = this.modules.main.root;
    for (let node: Syntax | undefined = this.modules.main.root; node; node = node.children.find((c) => c.start <= place.start && c.end >= place.end)) {
      if (/_statement$|_clause$/.test(node.type) && node.start <= place.start) statement = node;
    }
    const within = (node: { start: number; end: number }): boolean => this.sites.some((s) => s >= node.start && s < node.end);
    if (statement === this.modules.main.root || within(statement)) return true;
    const names = new Set([...this.python.text(statement).matchAll(/\b(\w{1,100})[ \t]{0,8}\(/g)].map((m) => m[1]));
    for (const called of this.python.called) if (within(called) && names.has(this.nameOf(called).replace(/\W/g, ''))) return true;
    return false;
  }

  override created(object: ObjectValue, inside: ObjectValue | null): void {
    if (this.isModule(object.cls)) this.sites.push(object.at.start);
    else this.plain.push(object);
    super.created(object, inside);
  }

  // ---- drawing

  protected override draw(root: ObjectValue | ContainerValue, at: Syntax): Drawing {
    const network = root.t === 'container' ? this.networkOf(root, at) : this.networkOfObject(root, at);
    const drawing = network.drawing;
    const [first, ...others] = network.inputs;
    const only = first && others.every((t) => JSON.stringify(network.dims.get(t)) === JSON.stringify(network.dims.get(first))) ? network.dims.get(first) ?? null : null;
    this.checkAxes(drawing);
    const whole = fused(paired(drawing));
    // A graph may be made again with another shape: each time from the first layer on.
    let prepare = kerasLayers(whole, only);
    return {
      ...whole,
      prepare: (d, ...rest) => {
        if (d === whole.drafts[0]) prepare = kerasLayers(whole, only);
        return prepare(d, ...rest);
      },
    };
  }

  /** Layers whose channels stand on another axis than those of the network are not read. */
  private checkAxes(drawing: Drawing): void {
    if (drawing.axes !== 'channels-first') return;
    for (const d of drawing.drafts) {
      const { layer } = d;
      if (!layer?.spelling.axesArgument || layer.spelling.kind === 'flatten' || this.channelsFirst.has(layer) || d.kind === 'unresolved') continue;
      this.add('mixed-axes', `${layer.text} has its channels last, and other layers of this network have them first. Only one order in a model is read; use the same data_format everywhere.`, layer.at);
      Object.assign(d, { kind: 'unresolved', reason: `${layer.text} has its channels on another axis than other layers of this network.` });
    }
  }

  private networkOf(container: ContainerValue, at: Syntax): Network {
    const known = this.networksOf.get(container);
    if (known) return known;
    const { input, output } = this.sequentialOn(container, at);
    return this.cutOut([input], this.tensorsIn(output, at));
  }

  /** The signals of a Sequential model's own input and output. */
  private sequentialOn(container: ContainerValue, at: Syntax): { input: Value; output: Value } {
    const known = this.ownSignals.get(container);
    if (known && known.items === container.items.length) return known;
    const first = container.items[0]?.value;
    const given = this.givenShapes.get(container) ?? this.firstShape(first);
    const input = this.newInput(given?.dims ?? null, given?.field ?? null, container.at);
    const output = this.runItems(container.items, input, at);
    const own = { input, output, items: container.items.length };
    this.ownSignals.set(container, own);
    return own;
  }

  private firstShape(v: Value | undefined): { dims: Dims; field: Field | null } | undefined {
    // A model can be put into itself.
    const seen = new Set<Value>();
    for (let value = v; value && !seen.has(value); ) {
      seen.add(value);
      const given = this.givenShapes.get(value);
      if (given) return given;
      const network = value.t === 'container' ? this.networksOf.get(value) : undefined;
      if (network) return { dims: network.dims.get(network.inputs[0]!) ?? null, field: network.inputs[0]?.cast ?? null };
      value = value.t === 'container' || (value.t === 'object' && value.items) ? value.items?.[0]?.value : undefined;
    }
    return undefined;
  }

  private networkOfObject(root: ObjectValue, at: Syntax): Network {
    const forward = this.entryOf(root.cls);
    this.enter(root, (child, name, group) => {
      if (child.t === 'layer') {
        child.name = name;
        child.group = group || null;
      } else if (child.t === 'object' || child.t === 'container') child.path = group ? `${group}.${name}` : name;
    });
    root.path = '';
    const given = this.givenShapes.get(root);
    const inputs = forward && !root.items ? this.inputsOf(forward, given, at) : [this.newInput(given?.dims ?? this.firstShape(root)?.dims ?? null, given?.field ?? null, at)];
    const tensors = inputs.flatMap((v) => this.tensorsIn(v, at));
    this.running.length = 0;
    try {
      if (forward) this.prepare(root, tensors[0]);
      const result = forward ? this.runForward(root, forward, { positional: inputs, keywords: new Map(), open: false }, at)
        : root.items ? this.runItems(root.items, inputs[0]!, at) : NONE;
      return this.cutOut(tensors, this.tensorsIn(result, at));
    } finally {
      this.running.splice(0, this.running.length, this.outside);
    }
  }

  /** What `call` is given: a signal for each argument, and evaluation. */
  private inputsOf(forward: FunctionValue, given: { dims: Dims; field: Field | null } | undefined, at: Syntax): Value[] {
    const signal = (): TensorValue => this.newInput(given?.dims ?? null, given?.field ?? null, at);
    const parameters = namedOf(fieldOf(forward.node, 'parameters') ?? forward.node).slice(1);
    const out: Value[] = [];
    for (const p of parameters) {
      const text = this.python.text(p);
      if (text.startsWith('*')) break;
      const name = /^\w+/.exec(text)?.[0] ?? '';
      if (name === 'training' || name === 'is_training') out.push(constant(false));
      else if (name === 'mask') out.push(NONE);
      else if (fieldOf(p, 'value')) break;
      else {
        // x, y = inputs
        const body = this.python.text(forward.node);
        const names = new RegExp(`^[ \\t]{0,200}[(\\[]?(\\w{1,80}(?:[ \\t]{0,8},[ \\t]{0,8}\\w{1,80}){1,15})[)\\]]?[ \\t]{0,8}=[ \\t]{0,8}${name}[ \\t]*$`, 'm').exec(body);
        const indices = [...body.matchAll(new RegExp(`\\b${name}\\[(\\d+)\\]`, 'g'))].map((m) => Number(m[1]));
        const n = names ? names[1]!.split(',').length : indices.length > 0 ? Math.min(16, Math.max(...indices) + 1) : 0;
        out.push(n > 0 ? listOf(Array.from({ length: n }, signal)) : signal());
      }
    }
    return out;
  }

  /** Runs `build` once, before the first application. */
  private prepare(object: ObjectValue, input: TensorValue | undefined): void {
    const build = memberOf(object.cls, 'build');
    if (build?.t !== 'function' || this.prepared.has(object)) return;
    this.prepared.add(object);
    const dims = input ? this.dimsOf(input) : null;
    const shape = dims ? listOf([NONE, ...dims.map((n) => constant(n))], true) : unknown('the shape of the input is not known from the text');
    const before = this.problems.length;
    this.python.callFunction(build, { positional: [object, shape], keywords: new Map(), open: false }, object);
    if (!dims) this.problems.length = before;
    this.enter(object, (child, name, group) => {
      if (child.t !== 'layer') return;
      child.name ??= name;
      child.group ??= [object.path, group].filter(Boolean).join('.') || null;
    });
  }

  private cutOut(inputs: Value[], outputs: TensorValue[]): Network {
    return cut({
      tape: this.drawing.drafts, inputs: inputs.filter((v): v is TensorValue => v.t === 'tensor'), outputs, given: this.inputs,
      channelsFirst: (d) => d.layer !== null && this.channelsFirst.has(d.layer), part: (which) => this.part(which),
    });
  }

  private newInput(dims: Dims, field: Field | null, at: Syntax): TensorValue {
    const out = super.emit({ kind: 'reshape', inputs: [], name: 'Input' }, at);
    const draft = this.drawing.drafts.at(-1)!;
    this.inputs.set(draft, { dims, field });
    this.dims.set(draft, dims);
    return out;
  }

  override emit(d: Partial<Draft> & Pick<Draft, 'kind' | 'inputs'>, at: Syntax): TensorValue {
    const out = super.emit(d, at);
    this.sites.push(at.start);
    this.settle(this.drawing.drafts.at(-1)!);
    return out;
  }

  private settle(draft: Draft): void {
    this.dims.set(draft, dimsAfter(draft, draft.inputs.map((t) => this.dimsOf(t)), this.axes));
  }

  private dimsOf(t: TensorValue): Dims {
    const draft = t.from === null ? undefined : this.drawing.drafts[t.from];
    return draft ? (this.dims.get(draft) ?? null) : null;
  }

  /** Complex or real where the drafts before tell it; null where it depends on the input. */
  private fieldAt(t: TensorValue): Field | null {
    if (t.cast) return t.cast;
    const draft = t.from === null ? undefined : this.drawing.drafts[t.from];
    if (!draft) return null;
    const given = this.inputs.get(draft);
    if (given) return given.field;
    if (isWeighted(draft.kind)) return draft.layer?.field ?? null;
    if (draft.kind === 'read-out' || partOf(draft.formula)) return 'real';
    if (draft.formula && isTurned(draft.formula)) return 'complex';
    const from = draft.inputs.map((i) => this.fieldAt(i));
    return from.includes('complex') ? 'complex' : from.length > 0 && from.every((f) => f === 'real') ? 'real' : null;
  }

  // ---- layers

  protected fieldOf(dtype: Value | undefined): Field | null {
    const name = dtype?.t === 'external' ? dtype.path : dtype?.t === 'const' && typeof dtype.v === 'string' ? dtype.v : '';
    return COMPLEX_TYPE.test(name) ? 'complex' : REAL_TYPE.test(name) ? 'real' : null;
  }

  protected override makeLayer(found: { library: Library; spelling: Spelling }, path: string, args: Arguments, at: Syntax): LayerValue {
    const { spelling } = found;
    const own: Arguments = { ...args, keywords: new Map(args.keywords), positional: [...args.positional] };
    const given = (name: string | undefined): Value | undefined => (name === undefined ? undefined : args.keywords.get(name) ?? args.positional[(spelling.arguments ?? []).indexOf(name)]);
    const set = (name: string, value: Value): void => {
      const i = (spelling.arguments ?? []).indexOf(name);
      if (!own.keywords.has(name) && i >= 0 && own.positional[i]) own.positional[i] = value;
      else own.keywords.set(name, value);
    };
    for (const name of [...args.keywords.keys(), ...(spelling.arguments ?? [])]) {
      const value = given(name);
      if (!value) continue;
      // An initialiser, or the activation of a recurrent cell, by its name.
      if (name.endsWith('initializer') && (value.t === 'external' || value.t === 'partial') && this.initialiserName(value)) set(name, constant(this.initialiserName(value)));
      else if (spelling.kind === 'rnn' && name.endsWith('activation') && value.t === 'external') set(name, constant(value.path.slice(value.path.lastIndexOf('.') + 1)));
      else if (name === 'padding' && value.t === 'const' && typeof value.v === 'string') set(name, constant(value.v.toLowerCase()));
    }
    const layer = super.makeLayer(found, path, own, at);
    this.sites.push(at.start);
    const dtype = given('dtype');
    if (layer.field !== null && this.fieldOf(dtype) === null) layer.field = spelling.field ?? 'real';
    const name = args.keywords.get('name');
    if (name?.t === 'const' && typeof name.v === 'string') layer.name = name.v;
    if (spelling.axesArgument) {
      const format = given(spelling.axesArgument);
      this.axes = format?.t === 'const' && typeof format.v === 'string' ? (format.v === 'channels_first' ? 'channels-first' : 'channels-last') : this.standardAxes;
      if (this.axes === 'channels-first') this.channelsFirst.add(layer);
    }
    const shape = this.shapeArgument(args, spelling);
    if (shape !== undefined) this.givenShapes.set(layer, { dims: shape, field: args.keywords.has('dtype') ? this.fieldOf(dtype) : (spelling.field ?? null) });
    this.initialisers(layer, given, at);
    delete layer.parameters.criterion;
    if (spelling.activationArgument && spelling.kind !== 'rnn') {
      const asked = this.activation(given(spelling.activationArgument), layer.library, at);
      if (spelling.kind === 'activation') return asked ?? this.identity(layer);
      if (asked) this.activationsOf.set(layer, asked);
    }
    return layer;
  }

  private identity(like: LayerValue): LayerValue {
    return { ...like, spelling: { names: like.spelling.names, kind: 'activation', activation: 'identity', realActivation: 'identity' }, field: null };
  }

  private initialiserName(v: Value): string {
    const fn = v.t === 'partial' ? v.fn : v;
    // tf.random_normal_initializer is keras.initializers.random_normal.
    return fn.t === 'external' ? fn.path.slice(fn.path.lastIndexOf('.') + 1).replace(/_initializer$/, '') : '';
  }

  private initialisers(layer: LayerValue, given: (name: string | undefined) => Value | undefined, at: Syntax): void {
    const { spelling, library, field } = layer;
    const criterion = layer.parameters.criterion;
    for (const which of ['weight', 'bias', 'recurrent'] as const) {
      const argument = spelling.initialiserArguments?.[which];
      const value = given(argument);
      const standard = which === 'weight' && criterion !== undefined && criterion !== 'he';
      if ((!value || (value.t === 'const' && value.v === null)) && !standard) continue;
      const options: Record<string, ParameterValue> = {};
      const config = value?.t === 'dict' ? value.entries.get('config') : undefined;
      const className = value?.t === 'dict' ? value.entries.get('class_name') : undefined;
      const name = value === undefined ? 'complex' : value.t === 'const' ? String(value.v) : className?.t === 'const' ? String(className.v) : this.initialiserName(value);
      const partial: Arguments = value?.t === 'partial' ? value.args : { ...NONE_GIVEN, keywords: new Map(config?.t === 'dict' ? [...config.entries].map(([k, v]) => [String(k), v]) : []) };
      for (const [k, v] of partial.keywords) options[k] = asParameter(v) ?? null;
      const row = name ? kerasInitialiser(name, library.id, spelling.kind, options) : undefined;
      row?.arguments.forEach((argumentName, i) => {
        const v = partial.keywords.get(argumentName) ?? partial.positional[i];
        options[argumentName] = v ? (asParameter(v) ?? null) : (row.defaults[argumentName] ?? null);
      });
      if (row?.library === 'dcn' && criterion !== undefined && !partial.keywords.has('criterion')) options.criterion = criterion;
      const all: Record<string, ParameterValue> = { ...row?.defaults, ...options };
      // A bias has one axis: fans are not what its initialisers count. Complex convolutions of pairs take other initialisers apart.
      const odd = (which === 'bias' && row && (row.byFanOut || /^keras-(he|lecun)-/.test(row.id))) || (which === 'weight' && library.pairs && spelling.kind !== 'dense' && row?.library !== 'dcn');
      const known = row && !odd && !row.arguments.some((k) => all[k] === null) ? row : null;
      layer[which] = { initialiser: known, options: all as Options, field: field ?? 'real' };
      if (known?.trap && which === 'weight' && field === 'complex') this.add(known.trap.code, known.trap.message, at);
      if (!known) this.add('unknown-initialiser', `The ${argument} of ${layer.text} is not an initialiser whose variance is known from the text; the variance of this ${which === 'bias' ? 'bias' : 'weight'} is unknown.`, at);
    }
  }

  /** The layer of an activation argument; null for none. */
  private activation(value: Value | undefined, library: Library, at: Syntax): LayerValue | null {
    if (!value || (value.t === 'const' && value.v === null)) return null;
    const made = (row: Spelling, of: Library, text: string): LayerValue => ({ ...this.emptyLayer(row, of, text, at) });
    if (value.t === 'const') {
      const custom = this.customObjects.get(String(value.v));
      if (custom) return this.activation(custom, library, at);
      const row = kerasActivation(String(value.v), library);
      if (row?.spelling.activation === 'identity') return null;
      if (row) return { ...super.makeLayer(row, String(value.v), NONE_GIVEN, at), text: `'${value.v}'` };
      return made({ names: [String(value.v)], kind: 'unresolved', reason: `no activation of this name is known of ${library.label} ${library.version}` }, library, `'${value.v}'`);
    }
    if (value.t === 'external') {
      const found = findKerasSpelling(value.path);
      const name = value.path.slice(value.path.lastIndexOf('.') + 1);
      if (found?.spelling.activation === 'identity') return null;
      if (found && found.spelling.activationArgument === undefined) return { ...this.makeLayer(found, value.path, NONE_GIVEN, at), text: name };
      return made({ names: [name], kind: 'unresolved', reason: `${value.path} is not an activation that is known` }, library, name);
    }
    if (value.t === 'layer') return value.spelling.activation === 'identity' ? null : value;
    if (value.t === 'unknown' || value.t === 'bound') return made({ names: ['activation'], kind: 'unresolved', reason: `which activation it is, is not known from the text${value.t === 'unknown' ? `: ${value.reason}` : ''}` }, library, 'activation');
    const name = value.t === 'function' ? value.name : value.t === 'object' ? value.cls.name : value.t === 'partial' && value.fn.t === 'external' ? value.fn.path.slice(value.fn.path.lastIndexOf('.') + 1) : 'activation';
    const layer = made({ names: [name], kind: 'unresolved', reason: 'its formula is not recognised' }, library, name);
    this.functionsOf.set(layer, value);
    return layer;
  }

  private emptyLayer(spelling: Spelling, library: Library, text: string, at: Syntax): LayerValue {
    return { t: 'layer', spelling, library, text, parameters: {}, activation: null, reason: null, field: null, cast: false, weight: null, bias: null, at, span: this.span(at), name: null, group: null, drawn: null };
  }

  /** input_shape, batch_input_shape, input_dim and the like; undefined where there is none. */
  private shapeArgument(args: Arguments, spelling: Spelling): Dims | undefined {
    const whole = args.keywords.get('batch_input_shape') ?? args.keywords.get('batch_shape');
    if (whole) return this.dimsIn(whole)?.slice(1) ?? null;
    const shape = args.keywords.get('input_shape');
    if (shape) return this.dimsIn(shape);
    const length = args.keywords.get('input_length');
    const size = (v: Value | undefined): number | null => (v?.t === 'const' && typeof v.v === 'number' ? v.v : null);
    if (spelling.kind === 'embedding') return length ? [size(length)] : undefined;
    const dim = args.keywords.get('input_dim');
    if (!dim) return undefined;
    return spelling.kind === 'rnn' || spelling.kind === 'conv1d' ? [size(length), size(dim)] : [size(dim)];
  }

  private dimsIn(v: Value): Dims {
    if (v.t === 'const' && typeof v.v === 'number') return [v.v];
    const items = this.python.itemsOf(v);
    return items && v.t === 'list' ? items.map((i) => (i.t === 'const' && typeof i.v === 'number' ? i.v : null)) : null;
  }

  // ---- calls of imported names

  callExternal(path: string, args: Arguments, at: Syntax): Value {
    const plain = plainPath(path);
    const last = plain.slice(plain.lastIndexOf('.') + 1);
    const first = args.positional[0];
    const structure = this.structure(plain, last, args, at);
    if (structure) return structure;
    if (/^keras\.initializers\./.test(plain) || (/^(cvnn|tensorflow)\..*initializer/.test(plain) && /^[A-Za-z]/.test(last)) || /^complexnn\.(init\.)?\w*(Init|Filters)$/.test(plain)) return { t: 'partial', fn: { t: 'external', path: plain }, args };
    const found = findKerasSpelling(plain);
    const signals = [...args.positional, ...args.keywords.values()].flatMap((v) => this.signals(v));
    if (signals.length > 0 && !(found && /^[A-Z]/.test(last) && first?.t !== 'tensor' && first?.t !== 'list')) return this.function(plain, last, args, found, at);
    if (found && /^SeparableConv(olution)?[12]D$/.test(last)) return this.separable(Number(last.at(-2)) as 1 | 2, args, at);
    if (found) return this.makeLayer(found, path, args, at);
    const array = /^(tensorflow|numpy)\.(\w+\.)?\w+$/.test(plain) ? this.arrayOf(last, args) : undefined;
    if (array) return array;
    if (/^_?obtain_input_shape$/.test(last)) {
      // The shape that is given, or the size that the network was made for.
      const size = args.keywords.get('default_size') ?? args.positional[1];
      return first && truth(first) !== false ? first : size?.t === 'const' ? listOf([size, size, constant(3)], true) : unknown('the standard size of the input');
    }
    const settled = this.settings(plain, last, args);
    if (settled) return settled;
    const library = kerasLibraryOf(plain);
    if (library && /^[A-Z]/.test(last) && (/^keras\.layers\./.test(plain) || library.id !== 'keras')) {
      const spelling: Spelling = { names: [last], kind: 'unresolved', reason: `${library.label} ${library.version} as known here has no layer of this name` };
      return this.makeLayer({ library, spelling }, path, args, at);
    }
    return unknown(`${path} is not read`);
  }

  /** A depthwise and a pointwise convolution, one after the other. */
  private separable(rank: 1 | 2, args: Arguments, at: Syntax): ContainerValue {
    const order = ['filters', 'kernel_size', 'strides', 'padding', 'data_format', 'dilation_rate', 'depth_multiplier', 'activation', 'use_bias', 'depthwise_initializer', 'pointwise_initializer', 'bias_initializer'];
    const all = new Map(args.keywords);
    args.positional.forEach((v, i) => { if (order[i]) all.set(order[i], v); });
    const make = (name: string, ...given: (string | [string, Value | undefined])[]): LayerValue => {
      const keywords = new Map<string, Value>();
      for (const g of given) {
        const [key, value] = typeof g === 'string' ? [g, all.get(g)] : g;
        if (value) keywords.set(key, value);
      }
      return this.makeLayer(findKerasSpelling(`keras.layers.${name}`)!, name, { ...NONE_GIVEN, open: args.open, keywords }, at);
    };
    const depthwise = make(`DepthwiseConv${rank}D`, 'kernel_size', 'strides', 'padding', 'data_format', 'dilation_rate', 'depth_multiplier', 'depthwise_initializer', ['use_bias', constant(false)], 'name');
    const pointwise = make(`Conv${rank}D`, 'filters', ['kernel_size', constant(1)], 'data_format', 'activation', 'use_bias', ['kernel_initializer', all.get('pointwise_initializer')], 'bias_initializer', 'name');
    const value: ContainerValue = { t: 'container', kind: 'sequential', items: [{ name: 'depthwise', value: depthwise }, { name: 'pointwise', value: pointwise }], at, path: '' };
    const shape = this.shapeArgument(args, depthwise.spelling);
    if (shape !== undefined) this.givenShapes.set(value, { dims: shape, field: null });
    return value;
  }

  /** Inputs, models, and what wraps a layer. */
  private structure(plain: string, last: string, args: Arguments, at: Syntax): Value | undefined {
    if (!kerasLibraryOf(plain) || ASIDE.test(plain)) return undefined;
    const first = args.positional[0];
    const given = (name: string, i: number): Value | undefined => args.keywords.get(name) ?? args.positional[i];
    const keras = /^keras\./.test(plain);
    if (/^keras\.applications\./.test(plain) && /^[A-Z]/.test(last)) return this.published(last, args, at);
    if ((keras && last === 'Input') || last === 'complex_input') {
      const existing = args.keywords.get('tensor');
      if (existing?.t === 'tensor') return existing;
      return this.newInput(this.inputDims(args, at), this.fieldOf(args.keywords.get('dtype')) ?? (last === 'Input' ? 'real' : args.keywords.has('dtype') ? null : 'complex'), at);
    }
    if ((keras && last === 'InputLayer') || last === 'ComplexInput') {
      const layer = this.identity(this.emptyLayer({ names: [last], kind: 'activation' }, kerasLibraryOf(plain)!, last, at));
      const field = this.fieldOf(args.keywords.get('dtype')) ?? (last === 'ComplexInput' ? 'complex' : 'real');
      this.givenShapes.set(layer, { dims: this.inputDims(args, at), field });
      return layer;
    }
    if (!keras) return undefined;
    switch (last) {
      case 'Sequential': {
        const items = given('layers', 0);
        const value: ContainerValue = { t: 'container', kind: 'sequential', items: [], at, path: '' };
        for (const v of (items && truth(items) !== false && this.python.itemsOf(items)) || (items && items.t !== 'const' ? [unknown('a list that is not constant')] : [])) this.addItem(value, v, at);
        this.networksMade.push({ value, run: this.run });
        return value;
      }
      case 'Model': case 'Functional': {
        const inputs = args.keywords.get('inputs') ?? args.keywords.get('input') ?? first;
        const outputs = args.keywords.get('outputs') ?? args.keywords.get('output') ?? args.positional[1];
        if (!inputs || !outputs) return unknown('a model without inputs and outputs');
        return this.newModel(inputs, outputs, at) ?? unknown('a model whose outputs are not known from the text');
      }
      case 'TimeDistributed': {
        const layer = given('layer', 0);
        if (layer?.t === 'layer' && ['dense', 'activation', 'dropout', 'batch-norm', 'layer-norm', 'read-out'].includes(layer.spelling.kind)) {
          const shape = this.shapeArgument(args, { names: [], kind: 'unresolved' });
          if (shape !== undefined) this.givenShapes.set(layer, { dims: shape, field: null });
          return layer;
        }
        return this.makeLayer({ library: kerasLibraryOf(plain)!, spelling: { names: [last], kind: 'unresolved', reason: 'a layer applied to each time apart is not read in this version, unless it is dense' } }, plain, { ...args, positional: [] }, at);
      }
      case 'Lambda': {
        const fn = given('function', 0);
        const layer = this.makeLayer(findKerasSpelling('keras.layers.Lambda')!, plain, { ...args, positional: [] }, at);
        if (!fn) return layer;
        const extra = args.keywords.get('arguments');
        const keywords = new Map(extra?.t === 'dict' ? [...extra.entries].map(([k, v]) => [String(k), v] as const) : []);
        this.functionsOf.set(layer, keywords.size > 0 ? { t: 'partial', fn, args: { ...NONE_GIVEN, keywords } } : fn);
        return layer;
      }
    }
    return undefined;
  }

  private inputDims(args: Arguments, at: Syntax): Dims {
    const whole = args.keywords.get('batch_shape') ?? args.keywords.get('batch_input_shape');
    const shape = whole ?? args.keywords.get('shape') ?? args.keywords.get('input_shape') ?? args.positional[0];
    if (!shape) return null;
    const items = this.python.itemsOf(shape);
    if (shape.t === 'unknown' || items?.some((i) => i.t === 'unknown')) {
      const why = shape.t === 'unknown' ? shape.reason : items!.map((i) => (i.t === 'unknown' ? i.reason : '')).find((r) => r !== '')!;
      this.add('unknown-parameter', `The shape of the input is not known from the text: ${why}. Sizes and variances that follow from it are unknown.`, at);
    }
    const dims = this.dimsIn(shape);
    return whole ? (dims?.slice(1) ?? null) : dims;
  }

  private newModel(inputs: Value, outputs: Value, at: Syntax): ContainerValue | null {
    const from = this.tensorsIn(inputs, at);
    const to = this.tensorsIn(outputs, at);
    if (to.length === 0) return null;
    const network = this.cutOut(from, to);
    const parts = [...new Set([...network.sources].flatMap((d): Value[] => {
      const part = this.owners.get(d) ?? d.layer;
      return part ? [part] : [];
    }))];
    const items: Item[] = parts.map((value, i) => ({ name: (value.t === 'layer' ? value.name : null) ?? String(i), value }));
    const value: ContainerValue = { t: 'container', kind: 'sequential', items, at, path: '' };
    this.networksOf.set(value, network);
    this.lastOutput.set(value, { input: inputs, output: outputs });
    this.networksMade.push({ value, run: this.run });
    return value;
  }

  /** A network of keras.applications: known by name, its layers stand in the library and not in this file. */
  private published(name: string, args: Arguments, at: Syntax): Value {
    const spelling: Spelling = { names: [name], kind: 'unresolved', reason: 'its layers stand in keras.applications and not in this file' };
    const layer = this.emptyLayer(spelling, kerasLibraryOf('keras')!, name, at);
    const shape = args.keywords.get('input_shape');
    this.givenShapes.set(layer, { dims: shape ? this.dimsIn(shape) : null, field: 'real' });
    const tensor = args.keywords.get('input_tensor');
    if (tensor?.t === 'tensor') this.lastOutput.set(layer, { input: tensor, output: this.applyLayer(layer, [tensor], at) });
    return layer;
  }

  /** Settings and sizes that the text asks Keras for. */
  private settings(plain: string, last: string, args: Arguments): Value | undefined {
    const first = args.positional[0];
    switch (last) {
      case 'image_data_format': return constant(this.standardAxes === 'channels-first' ? 'channels_first' : 'channels_last');
      case 'image_dim_ordering': return constant(this.standardAxes === 'channels-first' ? 'th' : 'tf');
      case 'set_image_data_format': case 'set_image_dim_ordering':
        if (first?.t === 'const') this.axes = this.standardAxes = first.v === 'channels_first' || first.v === 'th' ? 'channels-first' : 'channels-last';
        return NONE;
      case 'backend': return plain === 'keras.backend.backend' ? constant('tensorflow') : undefined;
      case 'epsilon': return constant(1e-7);
      case 'floatx': return constant('float32');
      case 'get_custom_objects': return { t: 'bound', self: { t: 'external', path: 'keras.custom_objects' }, name: 'custom' };
      case 'get': return /^keras\.(activations|initializers|layers)\./.test(plain) ? first : undefined;
      case 'is_keras_tensor': return constant(first?.t === 'tensor');
      case 'TensorShape': return first ?? NONE;
      case 'function': return plain === 'tensorflow.function' ? first : undefined;
    }
    return undefined;
  }

  /** Data made on the spot: tf.zeros((1, 28, 28, 1)), tf.random.normal([8, 16]). */
  private arrayOf(name: string, args: Arguments): Value | undefined {
    const known: Readonly<Record<string, string>> = { normal: 'randn', uniform: 'rand', rand: 'rand', randn: 'randn', random: 'rand', truncated_normal: 'randn' };
    const shape = args.keywords.get('shape') ?? args.keywords.get('size');
    const made = madeArray(known[name] ?? name, { ...args, positional: shape ? [shape] : args.positional }, this.fieldOf(args.keywords.get('dtype')));
    return made && { ...made, drawn: null };
  }

  private addItem(container: { items: Item[] | null }, value: Value, at: Syntax): void {
    const { items } = container;
    if (!items) return;
    this.sites.push(at.start);
    items.push({ name: String(items.length), value });
  }

  // ---- functions on signals

  private function(plain: string, last: string, args: Arguments, found: { library: Library; spelling: Spelling } | undefined, at: Syntax): Value {
    const given = (...names: string[]): Value | undefined => names.map((n) => args.keywords.get(n)).find((v) => v !== undefined);
    const keyword = [...args.keywords].find(([, v]) => this.signals(v).length > 0)?.[0];
    const signal = args.positional[0] ?? (keyword === undefined ? NONE : args.keywords.get(keyword)!);
    const rest: Arguments = { ...args, positional: args.positional.slice(1), keywords: new Map([...args.keywords].filter(([k]) => k !== keyword || args.positional.length > 0)) };
    const tensors = this.tensorsIn(signal, at);
    const one = tensors[0];
    if (PLAIN_FUNCTIONS.has(last)) return signal;
    switch (last) {
      case 'shape': case 'int_shape': return one ? this.shapeOf(one) : unknown('a shape that is not known');
      case 'ndim': case 'rank': {
        const dims = one ? this.dimsOf(one) : null;
        return dims ? constant(dims.length + 1) : unknown('the number of axes of a signal');
      }
      case 'cast': case 'saturate_cast': case 'to_complex64': return one ? this.castTo(one, this.fieldOf(rest.positional[0] ?? given('dtype')), at) : signal;
      case 'zeros_like': case 'ones_like': case 'zeros': case 'ones': return unknown(last.startsWith('zeros') ? 'zeros' : 'ones');
      case 'is_keras_tensor': return constant(true);
      case 'dtype': return unknown('the dtype of a signal');
      case 'complex': return this.complex(signal, rest.positional[0] ?? given('imag') ?? NONE, at);
      case 'abs': case 'real': case 'imag': case 'angle':
        if (/^(tensorflow|keras)\.(math\.|backend\.|ops\.(numpy\.)?)?\w+$/.test(plain) && one) return this.readOut(last, one, at);
        break;
      case 'reshape': {
        const target = rest.positional[0] ?? given('shape', 'newshape', 'target_shape');
        if (one && target) return this.reshaped(one, target, false, at);
        break;
      }
      case 'flatten': case 'batch_flatten':
        if (one) return this.emit({ kind: 'flatten', inputs: [one], parameters: { startAxis: 1, endAxis: -1 } }, at);
        break;
      case 'mean': case 'reduce_mean':
        if (one) return this.mean(one, rest.positional[0] ?? given('axis'), rest.positional[1] ?? given('keepdims', 'keep_dims'), at);
        break;
      case 'clip': case 'clip_by_value': {
        const bounds = [rest.positional[0] ?? given('min_value', 'clip_value_min', 'x_min'), rest.positional[1] ?? given('max_value', 'clip_value_max', 'x_max')];
        const clipped = one && bounds[0] && bounds[1] ? step(this, (x, low, high) => called('min', called('max', x, low!), high!), [one, bounds[0], bounds[1]], 'This clipping is not read.', at) : null;
        if (clipped) return clipped;
        break;
      }
      case 'dropout': if (plain.startsWith('tensorflow.nn') && one) return this.emit({ kind: 'dropout', inputs: [one] }, at);
        break;
      case 'add': case 'add_n': {
        const all = [signal, ...rest.positional].flatMap((v) => this.tensorsIn(v, at));
        if (all.length > 1) return this.emit({ kind: 'add', inputs: all }, at);
        break;
      }
    }
    if (JOINING.has(last) && tensors.length > 0) {
      const axis = given('axis', 'concat_dim') ?? rest.positional[0] ?? (plain.startsWith('keras.layers') || plain.startsWith('keras.backend') ? constant(-1) : constant(null));
      return this.joined(tensors, asParameter(axis) ?? null, null, at);
    }
    if (RESHAPING.has(last) && one) return this.emit({ kind: 'reshape', inputs: [one], parameters: { shape: this.moved(last, one, rest.positional[0] ?? given('axis', 'perm', 'pattern')) } }, at);
    if (last === 'is_tensor' || last.startsWith('assert') || last === 'print') return NONE;
    if (found && !isWeighted(found.spelling.kind) && found.spelling.kind !== 'unresolved') {
      return this.applyLayer(this.makeLayer(found, plain, rest, at), [signal], at);
    }
    const computed = /^(tensorflow(\.math)?|keras\.(backend|ops(\.numpy)?)|numpy)\.\w+$/.test(plain) ? functionOfNumbers(this, last, args, at) : null;
    if (computed) return computed;
    const all = distinct([...args.positional, ...args.keywords.values()].flatMap((v) => this.tensorsIn(v, at)));
    if (found?.spelling.kind === 'unresolved') {
      const layer = this.makeLayer(found, plain, rest, at);
      return this.emit({ kind: 'unresolved', inputs: all, parameters: layer.parameters, ...this.wordsOf(layer, at) }, at);
    }
    return this.unresolved(all, `${this.written(at)} is not one of the functions that are read.`, at);
  }

  private shapeOf(t: TensorValue): Value {
    const dims = this.dimsOf(t);
    return dims ? listOf([{ t: 'size', axis: 0 }, ...dims.map((n, i): Value => (n === null ? { t: 'size', axis: i + 1 } : constant(n)))], true) : { t: 'shape' };
  }

  private castTo(t: TensorValue, field: Field | null, at: Syntax): Value {
    if (field === 'complex') return { ...t, cast: 'complex' };
    return field === 'real' && this.fieldAt(t) === 'complex' ? this.readOut('real', t, at) : t;
  }

  private readOut(name: string, t: TensorValue, at: Syntax): TensorValue {
    const part = PARTS[name]!;
    return this.fieldAt(t) === 'real' && part === 're' ? t : step(this, (z) => called(part, z), [t], `The ${name} of a signal is not read here.`, at)!;
  }

  /** tf.complex: a real signal and zeros are it made complex; of what the parts come from, the arithmetic tells. */
  private complex(re: Value, im: Value, at: Syntax): Value {
    if (re.t === 'tensor' && im.t !== 'tensor') {
      if (im.t === 'unknown' && im.reason === 'zeros') return { ...re, cast: 'complex' };
      return im.t === 'const' && im.v === 0 ? { ...re, cast: 'complex' } : this.unresolved([re], 'The imaginary part is not known from the text.', at);
    }
    return step(this, (x, y) => joinedFormula(x, y!), [re, im], 'These real and imaginary parts do not come from one signal.', at)
      ?? this.unresolved(distinct([re, im].flatMap((v) => this.tensorsIn(v, at))), 'These real and imaginary parts do not come from one signal.', at);
  }

  private mean(t: TensorValue, axis: Value | undefined, keep: Value | undefined, at: Syntax): TensorValue {
    const known = axis ? asParameter(axis) : undefined;
    const dims = this.dimsOf(t);
    const list = (Array.isArray(known) ? known : [known]).map((a) => (typeof a === 'number' && a < 0 && dims ? a + dims.length + 1 : a));
    const spatial = dims ? dims.map((_, i) => i + 1).filter((i) => i !== (this.axes === 'channels-first' ? 1 : dims.length)) : null;
    const all = spatial ? spatial.length === list.length && spatial.every((i) => list.includes(i))
      : this.axes === 'channels-first' ? list.length > 1 && list.every((a) => typeof a === 'number' && a >= 2) : list.length > 1 && list.every((a, i) => a === i + 1);
    if (!all || (spatial && spatial.length === 0)) return this.unresolved([t], 'This mean is not over all places of each channel.', at);
    return this.emit({ kind: 'global-average-pool', inputs: [t], parameters: { keepAxes: keep?.t === 'const' && keep.v === true } }, at);
  }

  /** Without the batch axis where `whole` is false: then the target's first number is the batch. */
  private reshaped(t: TensorValue, target: Value, whole: boolean, at: Syntax, draft: Partial<Draft> = {}): TensorValue {
    const items = target.t === 'list' ? target.items : null;
    const rest = items && !whole ? items.slice(1) : items;
    const sizes = rest?.map((v) => asParameter(v));
    if (rest?.length === 1) {
      const size = sizes![0];
      return this.emit({ ...draft, kind: 'flatten', inputs: [t], parameters: { startAxis: 1, endAxis: -1, ...(typeof size === 'number' && size > 0 ? { size } : {}) } }, at);
    }
    const known = sizes && sizes.length > 0 && sizes.every((n) => typeof n === 'number');
    return this.emit({ ...draft, kind: 'reshape', inputs: [t], parameters: { shape: known ? (sizes as number[]) : null } }, at);
  }

  /** The shape after a change of axes, where the shape before is known. */
  private moved(name: string, t: TensorValue, by: Value | undefined): number[] | null {
    const dims = this.dimsOf(t);
    const given = by ? asParameter(by) : undefined;
    if (!dims || dims.some((n) => n === null)) return null;
    const sizes = dims as number[];
    if ((name === 'transpose' || name === 'permute_dimensions') && Array.isArray(given) && given.length === sizes.length + 1 && given[0] === 0) return given.slice(1).map((a) => sizes[(a as number) - 1]!);
    if (typeof given !== 'number') return null;
    const rank = sizes.length + 1;
    if (name === 'expand_dims') {
      const axis = given < 0 ? given + rank + 1 : given;
      return axis > 0 ? [...sizes.slice(0, axis - 1), 1, ...sizes.slice(axis - 1)] : null;
    }
    if (name === 'squeeze') {
      const axis = given < 0 ? given + rank : given;
      return axis > 0 && sizes[axis - 1] === 1 ? sizes.filter((_, i) => i !== axis - 1) : null;
    }
    return null;
  }

  private joined(tensors: TensorValue[], axis: ParameterValue, layer: LayerValue | null, at: Syntax): TensorValue {
    if (tensors.length === 1) return tensors[0]!;
    const whole = this.joinedParts(tensors);
    if (whole && layer) {
      // Of whole complex numbers, as its own library would join them.
      const words = this.wordsOf(layer, at);
      return this.emit({ kind: 'concat', inputs: whole, parameters: { axis }, ...words, spelling: { ...words.spelling!, library: kerasLibraryOf('complexnn')! } }, at);
    }
    return this.emit({ kind: 'concat', inputs: tensors, parameters: { axis }, ...(layer ? this.wordsOf(layer, at) : {}) }, at);
  }

  /** [Re a, Re b] and [Im a, Im b] joined are the complex signals a and b joined, where complex numbers are pairs of channels. */
  private joinedParts(tensors: TensorValue[]): TensorValue[] | null {
    if (tensors.length !== 2) return null;
    const partsOf = (t: TensorValue, part: string): TensorValue[] | null => {
      const draft = t.from === null ? undefined : this.drawing.drafts[t.from];
      const ins = draft?.kind === 'concat' ? draft.inputs.map((i) => (i.from === null ? undefined : this.drawing.drafts[i.from])) : [];
      if (ins.length < 2 || !ins.every((d) => d?.kind === 'read-out' && d.spelling?.library.pairs && d.spelling.row.activation === part)) return null;
      return ins.map((d) => d!.inputs[0]!);
    };
    const [re, im] = [partsOf(tensors[0]!, 'real'), partsOf(tensors[1]!, 'imag')];
    return re && im && re.length === im.length && re.every((t, i) => t.from === im[i]!.from) ? re : null;
  }

  private wordsOf(layer: LayerValue, at: Syntax): Partial<Draft> {
    return {
      name: layer.name, span: layer.span, callSpan: this.span(at), group: layer.group ?? (this.running.at(-1)?.group || null), layer,
      spelling: { row: layer.spelling, library: layer.library, text: layer.text },
    };
  }

  // ---- applying

  protected override applyLayer(layer: LayerValue, inputs: Value[], at: Syntax, refusal: string | null = null): Value {
    const out = this.applied(layer, inputs, at, refusal);
    const activation = this.activationsOf.get(layer);
    const after = activation && out.t === 'tensor' ? this.applyLayer(activation, [out], activation.at) : out;
    const then = layer.spelling.then;
    const last = then && after.t === 'tensor' ? this.emit({ kind: 'read-out', inputs: [after], spelling: { row: { names: [then], kind: 'read-out', activation: then }, library: layer.library, text: layer.text } }, at) : after;
    this.lastOutput.set(layer, { input: inputs.length === 1 ? inputs[0]! : listOf(inputs), output: last });
    return last;
  }

  private applied(layer: LayerValue, inputs: Value[], at: Syntax, refusal: string | null): Value {
    const fn = this.functionsOf.get(layer);
    if (fn) return this.applyFunction(layer, fn, inputs, at);
    const tensors = inputs.flatMap((v) => this.tensorsIn(v, at));
    if (tensors.length === 0 || refusal !== null) return super.applyLayer(layer, inputs, at, refusal);
    const { kind } = layer.spelling;
    if (kind === 'read-out' && layer.spelling.realActivation === 'identity' && this.fieldAt(tensors[0]!) === 'real') return tensors[0]!;
    if (kind === 'add') return tensors.length === 1 ? tensors[0]! : this.emit({ kind, inputs: tensors, ...this.wordsOf(layer, at) }, at);
    if (kind === 'concat') return this.joined(tensors, layer.parameters.axis ?? null, layer, at);
    if (kind === 'reshape' && layer.spelling.names[0] === 'Reshape') {
      const shape = layer.parameters.shape;
      return this.reshaped(tensors[0]!, typeof shape === 'number' ? listOf([constant(shape)]) : Array.isArray(shape) ? listOf(shape.map((n) => (typeof n === 'number' ? constant(n) : unknown('a size')))) : NONE, true, at, this.wordsOf(layer, at));
    }
    if (kind === 'unresolved' && tensors.length > 1) {
      return this.emit({ kind, inputs: distinct(tensors), parameters: normalised(layer).parameters, ...this.wordsOf(layer, at), reason: layer.reason }, at);
    }
    const out = super.applyLayer(layer, [tensors[0]!], at, null);
    const draft = out.t === 'tensor' && out.from !== null && out.from !== tensors[0]!.from ? this.drawing.drafts[out.from] : undefined;
    if (draft && kind === 'activation' && layer.library.id === 'keras') {
      const id = layer.spelling.choose ? layer.spelling.choose(layer.parameters) : layer.spelling.realActivation;
      const formula = id ? formulaOf(id, layer.parameters) : undefined;
      if (formula) draft.formula = formula;
    }
    return kind === 'rnn' && out.t === 'tensor' && this.drawing.drafts[out.from ?? -1]?.parameters.returns === 'last' ? { ...out, states: 'last' } : out;
  }

  /** A function of the user's: what it does where that is all read, else one step that is not. */
  private applyFunction(layer: LayerValue, fn: Value, inputs: Value[], at: Syntax): Value {
    const first = this.drawing.drafts.length;
    const before = this.problems.length;
    const name = fn.t === 'function' && fn.name !== 'lambda' ? fn.name : fn.t === 'object' ? fn.cls.name : null;
    const words = { ...this.wordsOf(layer, at), layer: null, spelling: null };
    const run: Run = {
      weighted: false,
      step: { ...this.blank(at), ...words, name: name ?? layer.name, reason: `${name ? `The function ${name}` : `The function in ${layer.text}`} computes a formula that is not recognised` },
    };
    const result = this.within({ object: null, group: this.running.at(-1)?.group ?? '', at, run }, () => this.python.call(fn, { positional: inputs, keywords: new Map(), open: false }, at));
    const drawn = this.drawing.drafts.slice(first);
    const odd = drawn.find((d) => d.kind === 'unresolved' && !d.raw);
    if (result.t === 'tensor' && !odd) {
      if (result.from !== null && result.from >= first) (this.drawing.drafts[result.from]!.ends ??= []).push(run);
      return result;
    }
    this.drawing.drafts.length = first;
    this.problems.length = Math.min(before, this.problems.length);
    return this.emit({
      kind: 'unresolved', inputs: distinct(inputs.flatMap((v) => this.tensorsIn(v, at))), ...words, name: name ?? layer.name,
      reason: odd ? `${name ? `The function ${name}` : `The function in ${layer.text}`} computes what is not read: ${odd.reason ?? (odd.spelling?.row.reason ? `${odd.spelling.text}: ${odd.spelling.row.reason}.` : `line ${odd.span.line}`)}`
        : `What ${name ? `the function ${name}` : layer.text} gives is not known from the text.`,
    }, at);
  }

  protected override apply(fn: Value, inputs: Value[], at: Syntax): Value {
    if (fn.t === 'container' || fn.t === 'object') {
      const given = inputs[0];
      const tensor = inputs.flatMap((v) => this.tensorsIn(v, at))[0];
      const dims = tensor ? this.dimsOf(tensor) : given?.t === 'array' && given.shape ? given.shape.slice(1) : null;
      if (dims && !this.givenShapes.has(fn)) this.givenShapes.set(fn, { dims, field: tensor ? this.fieldAt(tensor) : null });
      if (!tensor && this.running.length === 1) return unknown('what a network gives for data');
    }
    const first = this.drawing.drafts.length;
    const out = this.applyAny(fn, inputs, at);
    if (fn.t === 'container' || fn.t === 'object') for (const d of this.drawing.drafts.slice(first)) this.owners.set(d, fn);
    if (fn.t === 'container' || fn.t === 'object') this.lastOutput.set(fn, this.lastOutput.get(fn) ?? { input: inputs[0] ?? NONE, output: out });
    return out;
  }

  private applyAny(fn: Value, inputs: Value[], at: Syntax): Value {
    const network = fn.t === 'container' ? this.networksOf.get(fn) : undefined;
    if (fn.t === 'container' && network) {
      const tensors = inputs.flatMap((v) => this.tensorsIn(v, at));
      if (tensors.length < network.inputs.length) return this.unresolved(tensors, `This model has ${network.inputs.length} inputs and is given ${tensors.length}.`, at);
      const outputs = replay(network, this.drawing.drafts, tensors, { group: fn.path || this.running.at(-1)?.group || null, callSpan: this.span(at) }, (d) => this.settle(d));
      this.sites.push(at.start);
      return outputs.length === 1 ? outputs[0]! : listOf(outputs);
    }
    if (fn.t === 'object') {
      const forward = this.entryOf(fn.cls);
      const tensors = inputs.flatMap((v) => this.tensorsIn(v, at));
      if (forward) {
        this.prepare(fn, tensors[0]);
        return this.runForward(fn, forward, { positional: inputs, keywords: new Map(), open: false }, at);
      }
    }
    return super.apply(fn, inputs, at);
  }

  call(fn: Value, args: Arguments, at: Syntax): Value | undefined {
    const named = args.keywords.get('inputs') ?? args.keywords.get('x');
    const inputs = args.positional.length > 0 ? args.positional : named ? [named] : [];
    if (fn.t === 'layer') return this.applyLayer(fn, inputs.slice(0, 1), at);
    if (fn.t === 'container') return this.apply(fn, inputs.slice(0, 1), at);
    if (fn.t === 'object') {
      const forward = this.entryOf(fn.cls);
      if (forward && !this.isModule(fn.cls)) return this.python.callFunction(forward, { ...args, positional: [fn, ...args.positional] }, fn);
      if (forward || fn.items) {
        // Arguments beside the signals: training and masks are left out.
        const rest = args.positional.slice(1).filter((v) => v.t === 'tensor' || v.t === 'list');
        return this.apply(fn, [...inputs.slice(0, 1), ...rest], at);
      }
    }
    const signals = args.positional.flatMap((v) => this.tensorsIn(v, at));
    if (signals.length > 0) return this.unresolved(distinct(signals), `What is called here is not known from the text${fn.t === 'unknown' ? `: ${fn.reason}` : ''}.`, at);
    return undefined;
  }

  part(which: Part | 'pair'): Draft {
    const name = { re: 'real', im: 'imag', abs: 'abs', arg: 'angle', pair: 'view-as-real' }[which];
    const spelling = { row: { names: [name], kind: 'read-out' as const, activation: name }, library: kerasLibraryOf('keras')!, text: name };
    return { ...this.blank({ start: 0, end: 0 }), spelling, ...(which === 'pair' ? { kind: 'read-out' } : { raw: true, formula: called(which, input()) }) };
  }

  // ---- attributes and methods

  attribute(of: Value, name: string, at: Syntax): Value | undefined {
    if (of.t === 'tensor') {
      if (name === 'shape' || name === '_keras_shape') return this.shapeOf(of);
      if (name === 'dtype' || name === 'name' || name === 'device') return unknown(`the ${name} of a signal`);
      return undefined;
    }
    if (of.t === 'list' && (name === 'rank' || name === 'ndims')) return constant(of.items.length);
    if (of.t === 'container' || of.t === 'layer' || of.t === 'object') return this.moduleAttribute(of, name, at);
    return undefined;
  }

  private moduleAttribute(of: ContainerValue | LayerValue | ObjectValue, name: string, at: Syntax): Value | undefined {
    switch (name) {
      case 'layers':
        if (of.t === 'container') return listOf(of.items.map((i) => i.value));
        return of.t === 'layer' ? listOf([]) : undefined;
      case 'input': case 'inputs': case 'output': case 'outputs': {
        if (of.t === 'layer' && of.spelling.kind === 'unresolved' && !this.lastOutput.has(of)) {
          const given = this.givenShapes.get(of);
          const input = this.newInput(given?.dims ?? null, given?.field ?? null, of.at);
          this.applyLayer(of, [input], of.at);
        }
        const last = of.t === 'container' && !this.networksOf.has(of) && of.items.length > 0 ? this.sequentialOn(of, at) : this.lastOutput.get(of);
        if (!last) return undefined;
        const value = name.startsWith('input') ? last.input : last.output;
        return name.endsWith('s') && value.t !== 'list' ? listOf([value]) : value;
      }
      case 'input_shape': case 'output_shape': {
        const last = this.lastOutput.get(of);
        const t = last && (name === 'input_shape' ? last.input : last.output);
        return t?.t === 'tensor' ? this.shapeOf(t) : unknown(`the ${name} of a layer`);
      }
      case 'name': return of.t === 'layer' && of.name !== null ? constant(of.name) : unknown('the name of a layer');
      case 'units': case 'filters': return of.t === 'layer' && typeof of.parameters.outFeatures === 'number' ? constant(of.parameters.outFeatures) : undefined;
      case 'training': return constant(false);
    }
    return undefined;
  }

  method(self: Value, name: string, args: Arguments, at: Syntax): Value | undefined {
    const first = args.positional[0];
    if (self.t === 'list' && name === 'as_list') return self;
    if (self.t === 'shape') return name === 'as_list' ? self : undefined;
    if (self.t === 'tensor') {
      if (name === 'get_shape') return this.shapeOf(self);
      if (name === 'set_shape') return NONE;
      return this.unresolved([self], `The method ${name} of a signal is not read.`, at);
    }
    if (self.t === 'external' && self.path.startsWith('keras.custom_objects')) {
      if (name === 'update' && first?.t === 'dict') for (const [k, v] of first.entries) this.customObjects.set(String(k), v);
      return NONE;
    }
    if (self.t === 'bound' && self.name === 'custom') return this.method(self.self, name, args, at);
    if (self.t === 'super') {
      if (name === 'add') this.addItem(self.self, first ?? NONE, at);
      if (name === 'call' && self.self.items) return this.runItems(self.self.items, first ?? NONE, at);
      return name === 'call' || name === '__call__' ? unknown('what the base class computes') : NONE;
    }
    if (self.t === 'container' || self.t === 'object' || self.t === 'layer') return this.moduleMethod(self, name, args, at);
    return undefined;
  }

  private moduleMethod(self: ContainerValue | ObjectValue | LayerValue, name: string, args: Arguments, at: Syntax): Value | undefined {
    const first = args.positional[0];
    switch (name) {
      case 'add': {
        const value = first ?? args.keywords.get('layer');
        if (self.t !== 'layer' && value && !(self.t === 'container' && this.networksOf.has(self))) this.addItem(self, value, at);
        return NONE;
      }
      case 'pop':
        if (self.t !== 'layer') return self.items?.pop()?.value ?? NONE;
        return undefined;
      case 'build': {
        const shape = first ?? args.keywords.get('input_shape') ?? args.keywords.get('batch_input_shape');
        const dims = shape ? this.dimsIn(shape) : null;
        if (dims) this.givenShapes.set(self, { dims: dims.slice(1), field: this.givenShapes.get(self)?.field ?? null });
        return NONE;
      }
      case 'call': case '__call__': return this.call(self, args, at);
      case 'get_layer': {
        const which = args.keywords.get('name') ?? args.keywords.get('index') ?? first;
        if (self.t === 'layer') return self;
        const items = self.items ?? [];
        if (which?.t !== 'const') return unknown('a layer whose name is not constant');
        if (self.t === 'container') this.moduleAttribute(self, 'output', at);
        const found = typeof which.v === 'number' ? items.at(which.v) : items.find((i) => i.value.t === 'layer' && i.value.name === which.v);
        return found?.value ?? unknown(`no layer of this model is called ${JSON.stringify(which.v)}`);
      }
      case 'add_weight': case 'add_variable': {
        const shape = args.keywords.get('shape') ?? (first?.t === 'list' ? first : args.positional[1]);
        const start = args.keywords.get('initializer');
        const name = start?.t === 'const' ? String(start.v) : start ? this.initialiserName(start) : '';
        const value = start?.t === 'partial' ? (start.args.keywords.get('value') ?? start.args.positional[0]) : undefined;
        const fill = /^zeros?/i.test(name) ? 0 : /^ones?/i.test(name) ? 1 : /^constant/i.test(name) && value?.t === 'const' && typeof value.v === 'number' ? value.v : null;
        return array({ shape: shape ? this.dimsIn(shape) : null, fill, trained: true });
      }
      case 'get_output_at': return this.lastOutput.get(self)?.output;
      case 'compile':
        this.compiled.add(self);
        return NONE;
      case 'summary': case 'fit': case 'fit_generator': case 'evaluate': case 'save': case 'save_weights': case 'load_weights': case 'set_weights': case 'add_loss': case 'add_metric': case 'add_update': case 'reset_states': return NONE;
      case 'train_on_batch': case 'test_on_batch': case 'predict_on_batch': case 'predict': case 'get_weights': case 'get_config': case 'to_json': case 'count_params': return unknown(`what ${name} gives`);
      default: {
        const signals = self.t === 'object' ? args.positional.flatMap((v) => this.tensorsIn(v, at)) : [];
        return signals.length > 0 ? this.unresolved(distinct(signals), `The method ${name} of ${(self as ObjectValue).cls.name} is not defined in this file.`, at) : undefined;
      }
    }
  }

  // ---- the rest of what the interpreter asks

  initialiseBase(self: ObjectValue, base: Value, args: Arguments, at: Syntax): void {
    if (base.t !== 'external') return;
    const name = base.path.slice(base.path.lastIndexOf('.') + 1);
    if (name === 'Sequential') {
      self.items ??= [];
      const layers = args.positional[0] ?? args.keywords.get('layers');
      for (const v of (layers && this.python.itemsOf(layers)) ?? []) this.addItem(self, v, at);
      return;
    }
    const inputs = args.keywords.get('inputs') ?? args.keywords.get('input') ?? args.positional[0];
    const outputs = args.keywords.get('outputs') ?? args.keywords.get('output') ?? args.positional[1];
    if (/^(Model|Functional)$/.test(name) && inputs && outputs && this.signals(inputs).length > 0) {
      const model = this.newModel(inputs, outputs, at);
      if (!model) return;
      this.networksMade.pop();
      self.items = [{ name: '', value: model }];
    }
  }

  items(of: Value): Value[] | undefined {
    if (of.t === 'container') return of.items.map((i) => i.value);
    if (of.t === 'object' && of.items) return of.items.map((i) => i.value);
    return undefined;
  }

  isInstance(v: Value, cls: Value): boolean | undefined {
    if (cls.t !== 'external') return v.t === 'layer' || v.t === 'container' || v.t === 'tensor' ? false : undefined;
    const plain = plainPath(cls.path);
    const name = plain.slice(plain.lastIndexOf('.') + 1);
    if (v.t === 'tensor') return /Tensor$/.test(name);
    if (v.t === 'container') return name === 'Model' || name === 'Layer' || (name === 'Sequential' && !this.networksOf.has(v));
    if (v.t === 'object') return this.isModule(v.cls) ? name === 'Layer' || (name === 'Model' && this.isModelClass(v.cls)) : false;
    if (v.t !== 'layer') return v.t === 'unknown' ? undefined : false;
    if (name === 'Layer') return true;
    return findKerasSpelling(plain)?.spelling === v.spelling;
  }

  /** a, b = tf.split(x, 2): parts of what is not read. */
  unpack(of: Value, count: number, at: Syntax): Value[] | undefined {
    if (of.t !== 'tensor') return undefined;
    const draft = of.from === null ? undefined : this.drawing.drafts[of.from];
    const part = draft?.kind === 'unresolved' ? of : this.unresolved([of], 'Taking a signal apart is not read.', at);
    return new Array<Value>(count).fill(part);
  }

  binary(op: string, a: Value, b: Value, at: Syntax): Value | undefined {
    if (a.t === 'size' || b.t === 'size') return unknown('a size of the signal');
    if (a.t !== 'tensor' && b.t !== 'tensor') return undefined;
    if (['is', 'is not', '==', '!=', 'in', 'not in'].includes(op)) {
      const same = a.t === b.t ? (a as TensorValue).from === (b as TensorValue).from : [a, b].some((v) => v.t === 'unknown') ? null : false;
      return same === null || /in/.test(op) ? unknown('a comparison of signals') : constant(same === (op === 'is' || op === '=='));
    }
    const neutral = (v: Value, n: number): boolean => v.t === 'const' && v.v === n;
    if ((op === '*' && (neutral(a, 1) || neutral(b, 1))) || (op === '+' && (neutral(a, 0) || neutral(b, 0))) || (op === '/' && neutral(b, 1))) return a.t === 'tensor' ? a : b;
    const made = op === '[]' ? null : arithmetic(this, op, a, b, at);
    if (made) return made;
    const tensors = [a, b].flatMap((v) => this.tensorsIn(v, at));
    return this.unresolved(distinct(tensors), op === '[]' ? 'Taking an element or slice of the signal is not read.' : `Arithmetic on the signal ("${op}") is not read.`, at);
  }
}
