// JAX as the interpreter meets it: modules of Flax and Haiku, layers of stax, functions of jax.numpy on signals. Knows no syntax beyond call sites.
import { findInitialiser, jaxInitialiser, type Initialiser, type Options } from '../../catalog/initialisers/index.ts';
import { findJaxSpelling, jaxLibraryOf } from '../../catalog/libraries/index.ts';
import type { Library, Spelling } from '../../catalog/libraries/library.ts';
import type { Field, ModelGraph, ParameterValue, ParsedFile } from '../../contract/graph.ts';
import type { Budget } from '../budget.ts';
import type { Modules } from '../python/modules.ts';
import { fieldOf, namedOf, type Syntax } from '../parser.ts';
import { memberOf, rootBase } from '../python/interpreter.ts';
import { standardCall } from '../python/standard.ts';
import {
  asParameter, constant, listOf, NONE, unknown,
  type Arguments, type ArrayValue, type Called, type ClassValue, type ContainerValue, type FunctionValue, type Item, type LayerValue, type ObjectValue, type TensorValue, type Value,
} from '../python/values.ts';
import { array, madeArray, ofArrays } from '../drawing/arrays.ts';
import { isWeighted, type Draft, type Drawing, type Prepared } from '../drawing/drawing.ts';
import { called, input, joined, number } from '../drawing/formula.ts';
import { axesProblem, tangentFormula } from './jax-stax.ts';
import { formsOf, keepsForm, sameForm, UNKNOWN, type Form } from './jax-shapes.ts';
import { Reading, type Candidate, type ReadingOptions } from './reading.ts';
import { arithmetic, functionOfNumbers, step } from '../drawing/signals.ts';

const MODULE = /^(flax|haiku)(\.\w+)*\.Module$/;
const SEQUENTIAL = /^(flax|haiku)(\.\w+)*\.Sequential$/;
const STAX = /^(neural_tangents(\._src)?|jax\.(example_libraries|experimental))\.stax\.(\w+\.)?(\w+)$/;
/** Functions that give on the module or function they are given. */
const WRAPPERS = /^(jax\.(jit|checkpoint|remat|named_call|ad_checkpoint\.checkpoint)|flax\.(linen|nnx|core)\.(jit|remat|checkpoint|compact|nowrap|data|static|fold_rngs)|haiku\.(remat|jit|transparent|to_module|BatchApply))$/;
const TRANSFORMS = /^haiku\.(transform|transform_with_state|without_apply_rng|without_state)$/;
const COMPLEX_TYPE = /^(jax\.numpy|numpy)\.(complex64|complex128|complex_|csingle|cdouble|complexfloating)$|^builtins\.complex$/;
const REAL_TYPE = /^(jax\.numpy|numpy|ml_dtypes)\.(float\w+|bfloat16|half|single|double|int\w+|uint\w+)$|^builtins\.(float|int)$/;
const PARTS: Readonly<Record<string, 're' | 'im' | 'abs' | 'arg'>> = { real: 're', imag: 'im', abs: 'abs', absolute: 'abs', angle: 'arg' };
/** Functions of numbers that stand in arithmetic: sin(30 x) is one activation, not a factor and a sine. */
const BY_FORMULA = /^(jax\.(numpy|lax)|numpy)\.(sin|cos|exp|square|sinh|cosh)$/;
const RESHAPING = new Set(['transpose', 'swapaxes', 'moveaxis', 'squeeze', 'expand_dims', 'permute_dims', 'matrix_transpose', 'rollaxis', 'rearrange', 'atleast_2d', 'broadcast_to', 'expand_as']);
/** Arguments of a network that say whether it is trained, and what they are in evaluation. */
const TRAINING = /^(train|training|is_training|is_train|trainable|with_dropout|use_dropout|dropout_enabled)$/;
const EVALUATING = /^(deterministic|use_running_average|eval|evaluate|evaluation|inference|test|is_test)$/;
/** What every array has. */
const ARRAY_NAMES = /^(_.*|T|mT|at|all|any|arg\w+|astype|byteswap|choose|clip|compress|conj|conjugate|copy|cum\w+|diagonal|dot|flatten|flat|item|itemsize|max|mean|min|nbytes|nonzero|prod|ptp|ravel|repeat|reshape|round|searchsorted|sort|squeeze|std|sum|swapaxes|take|to\w*|trace|transpose|var|view|block_until_ready|device|sharding|weak_type|aval|is_\w+|addressable\w*|real|imag|shape|ndim|dtype|size)$/;
/** A named tuple of the file's own. */
const RECORD = 'collections.namedtuple.made';
const KEYS = /^(rng|rngs|key|keys|prng|prng_key|rng_key|dropout_rng|seed)$/;
const SUM_OVER = 'This takes a sum or another statistic over an axis, which is not read.';

export function readJax(modules: Modules, budget: Budget, options: ReadingOptions): ParsedFile {
  return new JaxReading(modules, budget, options).read();
}

class JaxReading extends Reading {
  protected readonly entries = ['__call__'];
  protected readonly axes = 'channels-last';
  protected readonly networkForms = 'no module of Flax or Haiku, no stax.serial and no function given to hk.transform';
  /** Containers that the code makes outside of networks, with the function that was tried for them. */
  private readonly standing: { value: ContainerValue; tried: Syntax | null }[] = [];
  /** Functions given to hk.transform, as containers of themselves. */
  private readonly transformed = new Map<ContainerValue, { fn: Value; at: Syntax }>();
  private readonly staxes = new Set<ContainerValue>();
  /** stax.parallel: each layer reads its own signal. */
  private readonly branches = new Set<ContainerValue>();
  /** The field that a layer computes in, where its dtype tells it. */
  private readonly computed = new Map<LayerValue, Field>();
  private readonly madeWith = new Map<LayerValue, Arguments>();
  /** Where layers, modules and containers are made. */
  private readonly places: Syntax[] = [];
  private recording = true;
  private tried: Syntax | null = null;
  private counts = new Map<string, number>();
  private form: (t: TensorValue) => Form = () => UNKNOWN;
  private readonly complexInputs = new Set<Value>();

  protected isBase(path: string): boolean {
    return MODULE.test(path);
  }

  override isKnown(path: string): boolean {
    return jaxLibraryOf(path) !== undefined;
  }

  protected override importsFramework(): boolean {
    return [...this.python.globals.names.values()].some((v) => v.t === 'external' && jaxLibraryOf(v.path) && !/^jax(\.(numpy|random|nn|lax|scipy))?(\.\w+)?$/.test(v.path)) || this.python.globals.stars.some((s) => jaxLibraryOf(s));
  }

  /** Many things have a __call__; of the unknown bases of other files those may be modules that no library is known to have. */
  protected override isModule(cls: ClassValue): boolean {
    const base = rootBase(cls);
    if (base?.t !== 'external') return base?.t === 'unknown' && this.entryOf(cls) !== undefined;
    return this.isBase(base.path) || (this.entryOf(cls) !== undefined && !/^(builtins|typing|abc|torch|lightning|pytorch_lightning|tensorflow|keras|tf_keras|cvnn|equinox|flax\.struct|flax\.training|enum|object)\b/.test(base.path));
  }

  protected fieldOf(dtype: Value | undefined): Field | null {
    if (dtype?.t === 'const' && typeof dtype.v === 'string') return /^complex/.test(dtype.v) ? 'complex' : /^(float|bfloat)/.test(dtype.v) ? 'real' : null;
    return dtype?.t === 'external' ? (COMPLEX_TYPE.test(dtype.path) ? 'complex' : REAL_TYPE.test(dtype.path) ? 'real' : null) : null;
  }

  protected override actsOnParts(): boolean {
    return true;
  }

  part(which: 're' | 'im' | 'abs' | 'arg'): Draft {
    const name = { re: 'real', im: 'imag', abs: 'abs', arg: 'angle' }[which];
    const { library, spelling } = findJaxSpelling(`jax.numpy.${name}`)!;
    return { ...this.blank({ start: 0, end: 0 }), raw: true, formula: called(which, input()), spelling: { row: spelling, library, text: name } };
  }

  private partStep(which: 're' | 'im' | 'abs' | 'arg', of: TensorValue, at: Syntax): TensorValue {
    const { span: _span, group: _group, ...part } = this.part(which);
    return this.emit({ ...part, inputs: [of] }, at);
  }

  // ---- which networks there are

  protected override networks(): ModelGraph[] {
    this.leaveOutTraining();
    const globals = [...this.python.globals.names.entries()];
    this.timed(0.1, () => this.tryFunctions(globals));
    this.recording = false;
    this.timed(0.15, () => this.survey(globals));
    return super.networks();
  }

  /** Loops and conditions of a script that trains have nothing to say where no layer is made in them. */
  private leaveOutTraining(): void {
    const about = new Map<string, Syntax>();
    const waiting: Syntax[] = [this.modules.main.root];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      waiting.push(...node.children);
      const on = node.type === 'for_statement' ? fieldOf(node, 'right') : node.type === 'conditional_expression' ? namedOf(node)[1] : /^(if|while)_statement$|^elif_clause$/.test(node.type) ? fieldOf(node, 'condition') : undefined;
      if (on) about.set(JSON.stringify(this.span(on)), node);
    }
    const idle = (p: { code: string; span: unknown }): boolean => {
      const node = p.code === 'unknown-loop' || p.code === 'data-dependent-branch' ? about.get(JSON.stringify(p.span)) : undefined;
      return node !== undefined && !this.places.some((m) => m.start < node.end && node.start < m.end);
    };
    this.problems.splice(0, this.problems.length, ...this.problems.filter((p) => !idle(p)));
  }

  /** Runs functions that nothing calls and that make networks: what they make, they make with their own numbers. */
  private tryFunctions(globals: [string, Value][]): void {
    const classes = globals.flatMap(([, v]) => (v.t === 'class' && this.isModule(v) ? [v.name] : []));
    // What is done with a network that stands already may show its input.
    const standing = globals.flatMap(([name, v]) => (v.t === 'bound' && v.self.t === 'container' && v.name === 'init' ? [name] : v.t === 'container' || (v.t === 'object' && this.isModule(v.cls)) ? [`${name}\\.init`, `${name}\\.init_with_output`] : []));
    const makes = new RegExp(`\\b(?:serial|Sequential|transform|transform_with_state|nets\\.MLP${[...classes, ...standing].map((c) => `|${c}`).join('')})\\s*\\(`);
    const functions = globals.flatMap(([, v]): FunctionValue[] => (v.t === 'function' ? [v] : v.t === 'class' && !this.isModule(v) ? [...v.members.values()].filter((m): m is FunctionValue => m.t === 'function' && m.name === '__init__') : []));
    for (const fn of functions) {
      if (!this.modules.isMain(fn.node) || this.python.called.has(fn.node) || !makes.test(this.python.text(fn.node))) continue;
      if ([...this.transformed.values()].some((t) => t.fn === fn)) continue;
      const before = this.problems.splice(0);
      this.tried = fn.node;
      this.python.guarded(fn.node, () => {
        const self: Value[] = fn.owner ? [{ t: 'object', cls: fn.owner, attributes: new Map(), items: null, at: fn.node, path: '' }] : [];
        this.python.callFunction(fn, { positional: self, keywords: new Map(), open: false }, self[0]?.t === 'object' ? self[0] : null);
      });
      this.tried = null;
      // Called by another one that is tried, it was no network of its own.
      this.python.called.delete(fn.node);
      this.problems.splice(0, this.problems.length, ...before);
    }
  }

  /** Draws everything once: what makes blocks in its __call__ shows only then. */
  private survey(globals: [string, Value][]): void {
    const { problems, objects } = this;
    const before = problems.splice(0);
    const count = objects.length;
    for (const root of this.transformed.keys()) this.python.guarded(root.at, () => this.draw(root, root.at));
    for (const object of objects.splice(count)) this.blocks.add(object.cls);
    for (const [name, cls] of globals) {
      if (cls.t !== 'class' || cls.name !== name || !this.modules.isMain(cls.node) || !this.isModule(cls) || this.blocks.has(cls)) continue;
      this.python.guarded(cls.node, () => {
        const object = objects.find((o) => o.cls === cls) ?? this.python.instantiate(cls, this.none(), cls.node);
        this.draw(object, cls.node);
      });
      objects.length = count;
    }
    problems.splice(0, problems.length, ...before);
  }

  protected override isComplete(cls: ClassValue): boolean {
    if (memberOf(cls, '__init__')?.t === 'function') {
      // Keys of random numbers are no sizes.
      const make = memberOf(cls, '__init__') as FunctionValue;
      return this.python.required(make).slice(1).every((name) => KEYS.test(name) || name === 'name');
    }
    return this.fieldsOf(cls).every((f) => cls.members.has(f) || memberOf(cls, f) !== undefined);
  }

  protected override builders(): Candidate[] {
    return [];
  }

  protected override containers(globals: [string, Value][]): Candidate[] {
    const inner = new Set<Value>();
    const within = (v: Value): void => this.enter(v, (child) => inner.add(child));
    for (const { value } of this.standing) within(value);
    for (const o of this.objects) within(o);
    const names = this.assigned();
    const out: Candidate[] = [];
    const add = (name: string, value: ContainerValue, at: Syntax): void => void out.push({ name, value, at, problems: [], blank: false });
    for (const { value, tried } of this.standing) {
      if (inner.has(value) || (tried && this.python.called.has(tried))) continue;
      add(names(value.at), value, value.at);
    }
    for (const [value, { fn, at }] of this.transformed) {
      const only = this.onlyObject.get(value);
      if (only) add(only.name, value, only.node);
      else if (fn.t === 'function' && fn.name !== 'lambda') add(fn.name, value, fn.node);
      else add(names(at), value, at);
    }
    // ResNet50 = partial(ResNet, stage_sizes=[3, 4, 6, 3])
    for (const [name, value] of globals) {
      if (value.t !== 'partial' || value.fn.t !== 'class' || !this.isModule(value.fn) || this.blocks.has(value.fn)) continue;
      const object = this.python.guarded(value.fn.node, () => this.python.call(value, { positional: [], keywords: new Map(), open: false }, value.fn.t === 'class' ? value.fn.node : this.modules.main.root));
      const at = names.place(name);
      if (object?.t === 'object' && at) add(name, this.sequence([{ name: '', value: object }], at), at);
    }
    return out;
  }

  /** Names by the places of what is assigned to them; of several, init_fn, apply_fn, kernel_fn = ..., that of the function that applies. */
  private assigned(): ((at: Syntax) => string) & { place(name: string): Syntax | undefined } {
    const found: { start: number; end: number; name: string }[] = [];
    const places = new Map<string, Syntax>();
    const waiting: Syntax[] = [this.modules.main.root];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      waiting.push(...node.children);
      if (node.type === 'function_definition' || node.type === 'class_definition') found.push({ start: node.start, end: node.end, name: this.python.text(fieldOf(node, 'name') ?? node) });
      const [left, right] = node.type === 'assignment' ? [fieldOf(node, 'left'), fieldOf(node, 'right')] : [];
      if (!left || !right) continue;
      const names = left.type === 'identifier' || left.type === 'attribute' ? [this.python.text(left)] : namedOf(left).map((n) => this.python.text(n));
      const chosen = (names.length > 1 ? [names[1]!, ...names] : names).find((n) => !/^_+$/.test(n));
      if (chosen) found.push({ start: right.start, end: right.end, name: chosen.replace(/^self\./, '') });
      if (left.type === 'identifier') places.set(names[0]!, node);
    }
    const nearest = (at: Syntax): string => found.filter((f) => f.start <= at.start && f.end >= at.end).sort((a, b) => a.end - a.start - (b.end - b.start))[0]?.name ?? 'network';
    return Object.assign(nearest, { place: (name: string) => places.get(name) });
  }

  // ---- drawing

  /** The class whose network a transformed function does no more than apply. */
  private readonly onlyObject = new Map<ContainerValue, ClassValue>();

  protected override draw(root: ObjectValue | ContainerValue, at: Syntax): Drawing {
    this.counts = new Map();
    this.drawing.prepare = (d, _parameters, inputs, field) => this.prepared(d, field) ?? (keepsForm(d) ? { output: { shape: inputs[0] ?? null, field } } : null);
    if (this.complexInputs.has(root.t === 'object' ? root.cls : root)) this.drawing.inputField = 'complex';
    else delete this.drawing.inputField;
    const first = this.objects.length;
    const drawing = withoutLooseEnds(this.followed(root, at));
    if (root.t === 'container' && this.transformed.has(root)) {
      const own = this.objects.slice(first).filter((o) => o.outermost);
      const path = own[0]?.path;
      if (own.length === 1 && path && drawing.drafts.length > 0 && drawing.drafts.every((d) => d.group === path || d.group?.startsWith(`${path}.`))) {
        this.onlyObject.set(root, own[0]!.cls);
        for (const d of drawing.drafts) d.group = d.group === path ? null : d.group!.slice(path.length + 1);
      }
    }
    return drawing;
  }

  private followed(root: ObjectValue | ContainerValue, at: Syntax): Drawing {
    // The drawing is another object once it is begun.
    let begun: Drawing | null = null;
    let forms: ((t: TensorValue) => Form) | null = null;
    this.form = (t) => {
      if (begun !== this.drawing || !forms) [begun, forms] = [this.drawing, formsOf(this.drawing)];
      return forms(t);
    };
    return super.draw(root, at);
  }

  /** What a layer's weights are on an input of this field; Haiku makes them of the type of the input. */
  private prepared(d: Draft, field: Field): Prepared | null {
    const { layer } = d;
    if (!layer) return null;
    const computed = this.computed.get(layer);
    if (computed === 'real' && (field === 'complex' || layer.field === 'complex')) return { reason: `${layer.text} computes in real numbers by its dtype: imaginary parts are dropped.` };
    if (!isWeighted(d.kind)) return null;
    if (layer.library.weightsOfInput) {
      layer.field = field;
      for (const drawn of [layer.weight, layer.bias]) if (drawn) drawn.field = field;
    } else layer.cast = layer.field === 'real' && (field === 'complex' || computed === 'complex');
    return null;
  }

  /** Arguments of evaluation, keys of random numbers, and signals. */
  protected override inputsFor(forward: FunctionValue): Value[] {
    const names = this.signalNames(forward);
    const inputs = super.inputsFor(forward);
    return names.map((name, i) => this.known(name) ?? inputs[i] ?? { t: 'tensor', from: null });
  }

  private known(name: string): Value | undefined {
    return TRAINING.test(name) ? constant(false) : EVALUATING.test(name) ? constant(true) : KEYS.test(name) ? unknown(`the key ${name} is known only when the network runs`) : undefined;
  }

  private parametersOf(fn: FunctionValue): { name: string; required: boolean; named: boolean }[] {
    let named = false;
    return (fieldOf(fn.node, 'parameters')?.children ?? []).filter((c) => c.named).flatMap((p) => {
      if (p.type === 'keyword_separator' || this.python.text(p).startsWith('*')) named = true;
      const inner = p.type === 'typed_parameter' ? namedOf(p)[0]! : (fieldOf(p, 'name') ?? p);
      return inner.type === 'identifier' ? [{ name: this.python.text(inner), required: !fieldOf(p, 'value'), named }] : [];
    });
  }

  private signalNames(forward: FunctionValue): string[] {
    return this.parametersOf(forward).slice(1).filter((p) => p.required && !p.named).map((p) => p.name);
  }

  protected override namedFor(forward: FunctionValue): Map<string, Value> {
    const out = new Map<string, Value>();
    for (const p of this.parametersOf(forward)) {
      const value = p.required && !p.named ? undefined : this.known(p.name);
      if (value?.t === 'const') out.set(p.name, value);
      if (value?.t === 'const' && new RegExp(`\\bif\\s+(not\\s+)?${p.name}\\b`).test(this.python.text(forward.node))) {
        this.add('evaluation-mode', `The code tests ${p.name}; the network is read as it is evaluated.`, forward.node);
      }
    }
    return out;
  }

  protected override runForward(object: ObjectValue, forward: FunctionValue, args: Arguments, at: Syntax): Value {
    // A class that a container or a function stands for is given what it needs by itself.
    if (this.running.length > 0 || !this.drawing.open) return super.runForward(object, forward, args, at);
    const signals = this.inputsFor(forward);
    const more = signals.map((v, i) => args.positional[i] ?? v);
    return super.runForward(object, forward, { positional: more, keywords: new Map([...this.namedFor(forward), ...args.keywords]), open: false }, at);
  }

  override created(object: ObjectValue, inside: ObjectValue | null): void {
    const parent = this.running.at(-1)?.object ?? inside;
    super.created(object, parent);
    if (this.isModule(object.cls)) this.places.push(object.at);
    if (!this.drawing.open || !this.isModule(object.cls)) return;
    // As Flax and Haiku name modules that are made while they run: ResNetBlock_0, res_net_block.
    const label = object.attributes.get('name');
    const path = rootBase(object.cls);
    const name = label?.t === 'const' && typeof label.v === 'string' ? label.v
      : path?.t === 'external' && path.path.startsWith('haiku') ? this.numbered(object.cls.name.replace(/([a-z0-9])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$2_').toLowerCase(), false)
      : this.numbered(object.cls.name, true);
    const group = this.running.at(-1)?.group;
    object.path = group ? `${group}.${name}` : name;
    this.enter(object, (child, childName, inner) => {
      const below = inner ? `${object.path}.${inner}` : object.path;
      if (child.t === 'layer') {
        child.name = childName;
        child.group = below;
      } else if (child.t === 'object' || child.t === 'container') child.path = `${below}.${childName}`;
    });
  }

  private numbered(name: string, first: boolean): string {
    const key = `${this.running.at(-1)?.group ?? ''}/${name}`;
    const n = this.counts.get(key) ?? 0;
    this.counts.set(key, n + 1);
    return n > 0 || first ? `${name}_${n}` : name;
  }

  /** What a network gives may be a tuple or a dataclass of the file's own. */
  protected override tensorsIn(v: Value, at: Syntax): TensorValue[] {
    return v.t === 'object' && !this.isModule(v.cls) ? [...v.attributes.values()].flatMap((a) => this.tensorsIn(a, at)) : super.tensorsIn(v, at);
  }

  /** Names with annotations in the order in which a dataclass takes them, those of bases first. */
  private fieldsOf(cls: ClassValue): string[] {
    const own: string[] = [];
    for (const base of cls.bases) if (base.t === 'class' && base !== cls) for (const f of this.fieldsOf(base)) own.push(f);
    for (const s of fieldOf(cls.node, 'body')?.children ?? []) {
      const assigned = s.type === 'expression_statement' ? namedOf(s)[0] : undefined;
      const type = assigned?.type === 'assignment' ? fieldOf(assigned, 'type') : undefined;
      if (!type || /ClassVar/.test(this.python.text(type))) continue;
      const name = this.python.text(fieldOf(assigned!, 'left')!);
      if (!own.includes(name)) own.push(name);
    }
    return own;
  }

  initialiseBase(self: ObjectValue, base: Value, args: Arguments, _at: Syntax): void {
    const isTuple = base.t === 'external' && /^typing\.NamedTuple$/.test(base.path);
    const label = args.keywords.get('name');
    if (label) self.attributes.set('name', label);
    if (memberOf(self.cls, '__init__')?.t === 'function' || !(isTuple || this.isModule(self.cls)) || base.t === 'class') return;
    this.fieldsOf(self.cls).forEach((name, i) => {
      const value = args.keywords.get(name) ?? args.positional[i] ?? memberOf(self.cls, name);
      self.attributes.set(name, value ?? unknown(`the field ${name} of ${self.cls.name} is not given in this file`));
    });
    for (const name of ['__post_init__', 'setup']) {
      const member = memberOf(self.cls, name);
      if (member?.t === 'function') this.python.callFunction(member, { positional: [self], keywords: new Map(), open: false }, self);
    }
  }

  // ---- calls

  callExternal(path: string, args: Arguments, at: Syntax): Value {
    const last = path.slice(path.lastIndexOf('.') + 1);
    const first = args.positional[0];
    if (!args.positional.some((v) => v.t === 'tensor' || v.t === 'array')) {
      const standard = path.startsWith('jax.numpy.') ? standardCall(path.slice(4), args, (v) => this.python.itemsOf(v), () => NONE) : undefined;
      if (standard && standard.t !== 'unknown') return standard;
    }
    if (/^(flax\.struct|flax\.linen|chex)\.field$/.test(path)) {
      const made = args.keywords.get('default_factory');
      return args.keywords.get('default') ?? (made ? this.python.call(made, { positional: [], keywords: new Map(), open: false }, at) : unknown('a field without a default'));
    }
    if (WRAPPERS.test(path)) return first ?? unknown(`${path} is given nothing`);
    if (TRANSFORMS.test(path)) return this.transform(first, at);
    if (/^(jax|flax\.(linen|nnx)|haiku)\.(vmap|pmap|scan|while_loop|switch|cond)$/.test(path) && !args.positional.some((v) => v.t === 'tensor')) return unknown(`${this.written(at)} makes several modules or calls of one, which is not read`);
    const stax = STAX.exec(path);
    const combined = stax && this.combinator(stax.at(-1)!, args, at);
    if (combined) return combined;
    if (SEQUENTIAL.test(path)) {
      const listed = first ?? args.keywords.get('layers');
      const several = path.startsWith('flax.nnx') || path.startsWith('flax.experimental');
      const items = several ? args.positional : ((listed && this.python.itemsOf(listed)) ?? [unknown('a list that is not constant')]);
      return this.container(this.asLayers(items, this.nodesOf(at, !several), at), at);
    }
    if (path === 'haiku.nets.MLP') return this.perceptron(args, at);
    if (/^flax\.nnx\.(List|Sequence)$/.test(path)) return listOf((first && this.python.itemsOf(first)) ?? []);
    if (path === 'flax.nnx.Dict') return first?.t === 'dict' ? first : { t: 'dict', entries: new Map([...args.keywords]) };
    if (last === 'merge_param') return args.positional.slice(1).find((v) => v.t === 'const' && v.v !== null) ?? NONE;
    if (path === 'collections.namedtuple') return { t: 'external', path: RECORD };
    const all = [...args.positional, ...args.keywords.values()];
    if (path === RECORD) return listOf(all, true);
    if (all.some((v) => this.tensorsIn(v, at).length > 0)) {
      const mapped = /^jax(\.tree_util|\.tree)?\.(tree_map|map)$/.test(path) && args.positional.length === 2 && args.positional[1]!.t === 'tensor';
      return mapped ? this.python.call(first!, { positional: [args.positional[1]!], keywords: new Map(), open: false }, at) : this.function(path, last, args, at);
    }
    if (jaxInitialiser(path) && !/^jax\.numpy\./.test(path)) return { t: 'partial', fn: { t: 'external', path }, args };
    const made = this.example(path, last, args);
    if (made) return made;
    const found = findJaxSpelling(path);
    if (found && !/^jax\.(?!example_libraries|experimental)/.test(path)) return this.makeLayer(found, path, args, at);
    const library = jaxLibraryOf(path);
    if (library && library.id !== 'jax' && /^[A-Z]/.test(last) && !/\.(Rngs|Module|TrainState|Optimizer|ModelAndOptimizer|Param|Variable|Metric|MultiMetric|Array|PRNGSequence|State|ExponentialMovingAverage|LSTMState)$/.test(path) && !/^(neural_tangents\.(?!stax)|netket\.(?!nn|models)|flax\.(?!linen|nnx))/.test(path)) {
      return this.makeLayer({ library, spelling: { names: [last], kind: 'unresolved', reason: `${library.label} ${library.version} as known here has no layer of this name` } }, path, args, at);
    }
    return unknown(`${path} is not read`);
  }

  /** jnp.ones((1, 28, 28, 1)), jax.random.normal(key, (8, 32)): an example that shows a shape. */
  private example(path: string, last: string, args: Arguments): ArrayValue | undefined {
    const dtype = args.keywords.get('dtype') ?? args.positional[path.startsWith('jax.random') ? 2 : 1];
    if (/^jax\.random\.(normal|uniform|truncated_normal|randint|bernoulli|ball)$/.test(path)) {
      const shape = args.keywords.get('shape') ?? args.positional[path.endsWith('bernoulli') ? 2 : 1];
      const sizes = shape && asParameter(shape);
      return array({ field: this.fieldOf(dtype) ?? 'real', shape: Array.isArray(sizes) ? sizes.map((n) => (typeof n === 'number' ? n : null)) : null });
    }
    return /^(jax\.numpy|numpy)\.\w+$/.test(path) && last !== 'tensor' ? madeArray(last, args, this.fieldOf(dtype)) : undefined;
  }

  private container(items: Item[], at: Syntax): ContainerValue {
    const value = this.sequence(items, at);
    this.places.push(at);
    if (this.recording && !this.drawing.open && this.modules.isMain(at)) this.standing.push({ value, tried: this.tried });
    return value;
  }

  private sequence(items: Item[], at: Syntax): ContainerValue {
    return { t: 'container', kind: 'sequential', items, at, path: '' };
  }

  /** The places of the arguments of a call, or of the elements of its first one; none where stars hide them. */
  private nodesOf(at: Syntax, inList: boolean): Syntax[] {
    const given = namedOf(fieldOf(at, 'arguments') ?? at).filter((n) => n.type !== 'keyword_argument');
    const nodes = inList ? (given[0]?.type === 'list' || given[0]?.type === 'tuple' ? namedOf(given[0]) : []) : given;
    return nodes.some((n) => n.type === 'list_splat' || n.type === 'dictionary_splat') ? [] : nodes;
  }

  /** Functions among layers become layers by themselves, at their own places where those are known. */
  private asLayers(values: Value[], nodes: Syntax[], at: Syntax): Item[] {
    return values.map((value, i) => {
      const node = nodes.length === values.length ? nodes[i]! : null;
      const [fn, args] = value.t === 'partial' ? [value.fn, value.args] : [value, { positional: [], keywords: new Map<string, Value>(), open: false }];
      const found = fn.t === 'external' && !SEQUENTIAL.test(fn.path) && STAX.exec(fn.path)?.at(-1) !== 'FanOut' ? findJaxSpelling(fn.path) : undefined;
      if (fn.t !== 'external' || !found || isWeighted(found.spelling.kind) || found.spelling.kind === 'unresolved' || PARTS[found.spelling.names[0]!] || BY_FORMULA.test(fn.path)) return { name: String(i), value };
      const layer = this.makeLayer(found, fn.path, args, node ?? at);
      layer.text = node?.type === 'call' ? this.written(node) : node ? this.python.text(node).slice(0, 50) : fn.path.slice(fn.path.lastIndexOf('.') + 1);
      return { name: String(i), value: layer };
    });
  }

  private combinator(name: string, args: Arguments, at: Syntax): Value | null {
    switch (name) {
      case 'serial': case 'parallel': {
        // A layer that stands twice has weights for each place.
        const items = this.asLayers(args.positional, this.nodesOf(at, false), at).map((i) => ({ ...i, value: this.anew(i.value) }));
        const value = this.container(items, at);
        this.staxes.add(value);
        if (name === 'parallel') this.branches.add(value);
        return value;
      }
      case 'repeat': {
        const [layer, times] = args.positional;
        if (!layer || times?.t !== 'const' || typeof times.v !== 'number' || times.v > 1000) return unknown('how often a layer is repeated is not known from the text');
        const value = this.container(Array.from({ length: times.v }, (_, i) => ({ name: String(i), value: this.anew(layer) })), at);
        this.staxes.add(value);
        return value;
      }
      case 'FanOut': return { t: 'partial', fn: { t: 'external', path: 'stax.fanned' }, args: { positional: [args.positional[0] ?? args.keywords.get('num') ?? NONE], keywords: new Map(), open: false } };
      case 'elementwise': case 'Elementwise': case 'ElementwiseNumerical': {
        const fn = args.positional[0] ?? args.keywords.get('fn') ?? args.keywords.get('fun');
        const keywords = new Map(name === 'elementwise' ? [...args.keywords].filter(([k]) => k !== 'fun') : []);
        return fn ? { t: 'partial', fn, args: { positional: [], keywords, open: false } } : null;
      }
      default: return null;
    }
  }

  private anew(value: Value): Value {
    if (value.t === 'layer') {
      const copy: LayerValue = { ...value, drawn: null };
      const [computed, given] = [this.computed.get(value), this.madeWith.get(value)];
      if (computed) this.computed.set(copy, computed);
      if (given) this.madeWith.set(copy, given);
      return copy;
    }
    if (value.t !== 'container') return value;
    const copy: ContainerValue = { ...value, items: value.items.map((i) => ({ ...i, value: this.anew(i.value) })) };
    if (this.staxes.has(value)) this.staxes.add(copy);
    if (this.branches.has(value)) this.branches.add(copy);
    const stood = this.standing.findIndex((s) => s.value === value);
    if (stood >= 0) this.standing.splice(stood, 1);
    return copy;
  }

  /** hk.transform(f): the network is what f does with its arguments. */
  private transform(fn: Value | undefined, at: Syntax): Value {
    if (!fn) return unknown('hk.transform is given nothing');
    if (fn.t === 'container' && this.transformed.has(fn)) return fn;
    const known = [...this.transformed].find(([, t]) => t.fn === fn && fn.t === 'function');
    if (known) return known[0];
    const value = this.sequence([{ name: '', value: fn }], at);
    if (this.modules.isMain(at) && ['function', 'method', 'partial', 'class'].includes(fn.t)) this.transformed.set(value, { fn, at });
    return value;
  }

  private perceptron(args: Arguments, at: Syntax): Value {
    const given = (name: string, i: number): Value | undefined => args.keywords.get(name) ?? args.positional[i];
    const sizes = given('output_sizes', 0);
    const items = sizes && this.python.itemsOf(sizes);
    const activation = given('activation', 4) ?? { t: 'external' as const, path: 'jax.nn.relu' };
    const final = given('activate_final', 5);
    if (!items) return unknown('the sizes of an MLP are not known from the text');
    const out: Item[] = [];
    items.forEach((size, i) => {
      const keywords = new Map([['output_size', size], ...['with_bias', 'w_init', 'b_init'].flatMap((name): [string, Value][] => {
        const value = given(name, name === 'with_bias' ? 3 : name === 'w_init' ? 1 : 2);
        return value ? [[name, value]] : [];
      })]);
      out.push({ name: `linear_${i}`, value: this.makeLayer(findJaxSpelling('haiku.Linear')!, 'haiku.Linear', { positional: [], keywords, open: false }, at) });
      if (i < items.length - 1 || (final?.t === 'const' && final.v === true)) {
        const found = activation.t === 'external' ? findJaxSpelling(activation.path) : undefined;
        out.push({ name: `activation_${i}`, value: found ? { ...this.makeLayer(found, activation.t === 'external' ? activation.path : '', { positional: [], keywords: new Map(), open: false }, at), text: found.spelling.names[0]! } : activation });
      }
    });
    return this.container(out, at);
  }

  /** A function of a library applied to signals. */
  private function(path: string, last: string, args: Arguments, at: Syntax): Value {
    if (path === 'stax.fanned') {
      const [count, signal] = args.positional;
      return count?.t === 'const' && typeof count.v === 'number' && count.v <= 64 && signal ? listOf(Array.from({ length: count.v }, () => signal)) : this.unresolved(this.tensorsIn(signal ?? NONE, at), 'How many branches a FanOut makes is not known from the text.', at);
    }
    if (path === 'haiku.dropout') {
      const x = args.positional[2] ?? args.keywords.get('x') ?? NONE;
      return this.applyLayer(this.makeLayer(findJaxSpelling(path)!, path, { positional: args.positional.slice(1, 2), keywords: args.keywords, open: args.open }, at), [x], at);
    }
    const named = ['x', 'inputs', 'a', 'value', 'arrays', 'operand'].find((name) => args.keywords.has(name) && args.positional.length === 0);
    const positional = named ? [args.keywords.get(named)!] : args.positional;
    const [signal, ...others] = positional;
    const rest: Arguments = { ...args, positional: others };
    if (!signal) return this.unresolved([...args.keywords.values()].flatMap((v) => this.tensorsIn(v, at)), `${this.written(at)} is not one of the functions that are read.`, at);
    if (/^(jax\.(numpy|lax|numpy\.linalg|nn|scipy\.special)|numpy|einops)\.\w+$/.test(path)) {
      const known = this.arrayFunction(last, signal, rest, at);
      if (known) return known;
    }
    const found = findJaxSpelling(path);
    if (found && found.spelling.kind === 'read-out' && PARTS[last] && signal.t === 'tensor') return this.partStep(PARTS[last], signal, at);
    if (found && last === 'log_cosh' && signal.t === 'tensor') {
      const made = step(this, (z) => called('log', called('cosh', z)), [signal], 'log cosh is not read here.', at, { spelling: { row: found.spelling, library: found.library, text: this.written(at) } });
      if (made) return made;
    }
    if (BY_FORMULA.test(path)) {
      const formula = functionOfNumbers(this, last, { ...args, positional }, at);
      if (formula) return formula;
    }
    if (found && !isWeighted(found.spelling.kind)) return this.applyLayer(this.makeLayer(found, path, rest, at), [signal], at);
    const made = /^(jax\.(numpy|lax|nn|scipy\.special)|numpy)\.\w+$/.test(path) ? functionOfNumbers(this, last, { ...args, positional }, at) : null;
    if (made) return made;
    return this.unresolved([...positional, ...args.keywords.values()].flatMap((v) => this.tensorsIn(v, at)), `${this.written(at)} is not one of the functions that are read.`, at);
  }

  /** Functions of jax.numpy and jax.lax that are no function of single numbers. */
  private arrayFunction(name: string, signal: Value, args: Arguments, at: Syntax): Value | undefined {
    const first = args.positional[0];
    switch (name) {
      case 'concatenate': case 'concat': case 'hstack': case 'append': {
        const axis = name === 'hstack' ? constant(1) : (args.keywords.get('axis') ?? (name === 'append' ? args.positional[1] : first) ?? constant(0));
        const inputs = name === 'append' ? [...this.tensorsIn(signal, at), ...(first ? this.tensorsIn(first, at) : [])] : this.tensorsIn(signal, at);
        return this.emit({ kind: 'concat', inputs, parameters: { axis: asParameter(axis) ?? null }, ...(inputs.length === 2 && axis.t === 'const' && axis.v === -1 ? { joins: 'last' as const } : {}) }, at);
      }
      case 'complex': return this.joined(signal, first ?? NONE, at);
      case 'matmul': case 'dot': return first ? this.product(signal, first, at) : undefined;
      case 'asarray': case 'array': case 'astype': case 'convert_element_type': case 'stop_gradient': case 'device_put': {
        if (name === 'stop_gradient') return this.unresolved(this.tensorsIn(signal, at), 'stop_gradient lets the values pass and not the gradient; that is not read.', at);
        const asked = this.fieldOf(args.keywords.get('dtype') ?? args.keywords.get('new_dtype') ?? first);
        return signal.t === 'tensor' ? this.castTo(signal, asked, at) : undefined;
      }
      case 'zeros_like': case 'ones_like': return array({ fill: name === 'zeros_like' ? 0 : 1 });
      case 'complex64': case 'complex128': return signal.t === 'tensor' ? this.castTo(signal, 'complex', at) : undefined;
      case 'float32': case 'float64': case 'bfloat16': return signal.t === 'tensor' ? this.castTo(signal, 'real', at) : undefined;
      case 'clip': {
        const [low, high] = [args.keywords.get('min') ?? args.keywords.get('a_min') ?? first, args.keywords.get('max') ?? args.keywords.get('a_max') ?? args.positional[1]].map((v) => (v?.t === 'const' && typeof v.v === 'number' ? v.v : null));
        return signal.t === 'tensor' ? (step(this, (z) => {
          const above = low === null || low === undefined ? z : called('max', z, number(low));
          return high === null || high === undefined ? above : called('min', above, number(high));
        }, [signal], 'Clipping the signal is not read here.', at) ?? undefined) : undefined;
      }
      case 'shape': return signal.t === 'tensor' ? this.attribute(signal, 'shape', at) : undefined;
      case 'ndim': case 'iscomplexobj': case 'size': return unknown(`the ${name} of a signal`);
      case 'sum': case 'max': case 'min': case 'var': case 'std': case 'prod': case 'cumsum': case 'einsum': case 'argmax': case 'linalg.norm': case 'norm': case 'logsumexp':
        return this.unresolved([signal, ...args.positional].flatMap((v) => this.tensorsIn(v, at)), name === 'einsum' ? 'An einsum is not read.' : SUM_OVER, at);
    }
    if (signal.t === 'tensor' && (RESHAPING.has(name) || ['reshape', 'ravel', 'mean', 'flatten', 'average'].includes(name))) return this.signalMethod(signal, name === 'average' ? 'mean' : name, args, at);
    return undefined;
  }

  private castTo(signal: TensorValue, asked: Field | null, at: Syntax): TensorValue {
    if (asked === 'complex') return { ...signal, cast: 'complex' };
    // Real data stay what they are; of complex numbers the imaginary part would be dropped, which the code says by real().
    if (asked === 'real' && signal.cast === 'complex') return this.unresolved([signal], 'A cast to real numbers drops the imaginary part; write jnp.real.', at);
    return signal;
  }

  private joined(re: Value, im: Value, at: Syntax): Value {
    if (re.t === 'tensor' && im.t !== 'tensor') return im.t === 'array' && im.fill === 0 ? { ...re, cast: 'complex' } : this.unresolved([re], 'The imaginary part given here is not known from the text.', at);
    return step(this, (a, b) => joined(a, b!), [re, im], 'These real and imaginary parts do not come from one signal.', at, { joins: 'native' }) ?? this.unresolved([...this.tensorsIn(re, at), ...this.tensorsIn(im, at)], 'These real and imaginary parts are not known from the text.', at);
  }

  /** x @ W with a parameter of the module itself. */
  private product(a: Value, b: Value, at: Syntax): Value {
    if (a.t === 'tensor' && b.t === 'array' && b.shape?.length === 2) {
      const known = b.layers.get('Dense');
      if (known) return this.applyLayer(known, [a], at);
      const { library, spelling } = findJaxSpelling('flax.linen.Dense')!;
      const layer: LayerValue = {
        t: 'layer', spelling, library, text: this.written(at), parameters: { ...(b.shape[0] === null ? {} : { inFeatures: b.shape[0]! }), outFeatures: b.shape[1]!, bias: false }, activation: null, reason: null, field: b.field, cast: false,
        weight: b.drawn ?? { initialiser: null, options: {}, field: b.field }, bias: null, at, span: this.span(at), name: b.name, group: null, drawn: null,
      };
      b.layers.set('Dense', layer);
      return this.applyLayer(layer, [a], at);
    }
    return this.unresolved([...this.tensorsIn(a, at), ...this.tensorsIn(b, at)], 'A product that is not of a signal and a matrix of weights is not read.', at);
  }

  call(fn: Value, args: Arguments, at: Syntax): Value | undefined {
    const all = [...args.positional, ...args.keywords.values()];
    if (fn.t !== 'layer' && fn.t !== 'container' && fn.t !== 'object') {
      const signals = all.flatMap((v) => this.tensorsIn(v, at));
      return signals.length > 0 ? this.unresolved(signals, `What is called here is not known from the text${fn.t === 'unknown' ? `: ${fn.reason}` : ''}.`, at) : undefined;
    }
    if (!this.drawing.open) {
      for (const v of all) this.shows(fn, v);
      return unknown('the output of a network');
    }
    if (fn.t === 'object') {
      const forward = memberOf(fn.cls, '__call__');
      if (forward?.t === 'function' && this.isModule(fn.cls)) return this.runForward(fn, forward, args, at);
      if (forward?.t === 'function') return this.python.callFunction(forward, { ...args, positional: [fn, ...args.positional] }, fn);
      return this.apply(fn, args.positional, at);
    }
    const inputs = all.filter((v) => v.t === 'tensor' || v.t === 'list');
    return this.apply(fn, inputs.length > 0 ? inputs : args.positional, at);
  }

  /** An example given to a network tells the shape of its input. */
  private shows(network: Value, example: Value | undefined): void {
    const shape = example?.t === 'array' ? example.shape?.slice(1) : undefined;
    if (shape && shape.length > 0 && shape.every((n): n is number => n !== null && n > 0)) this.shown(network, shape);
    if (example?.t === 'array' && example.field === 'complex') this.complexInputs.add(network.t === 'object' ? network.cls : network);
  }

  protected override apply(fn: Value, inputs: Value[], at: Syntax): Value {
    if (fn.t === 'container' && this.branches.has(fn)) {
      const given = inputs[0]?.t === 'list' ? inputs[0].items : inputs;
      if (given.length !== fn.items.length) return this.unresolved(given.flatMap((v) => this.tensorsIn(v, at)), `This stax.parallel has ${fn.items.length} branches and is given ${given.length} signals.`, at);
      return listOf(fn.items.map((item, i) => this.apply(item.value, [given[i]!], at)));
    }
    if (fn.t === 'container' && this.transformed.has(fn)) return this.applyTransformed(this.transformed.get(fn)!.fn, inputs, at);
    // A layer of stax that the file writes itself: a pair or a triple of functions.
    if (fn.t === 'list' && fn.items.length >= 2 && fn.items.every((f) => f.t === 'function' || f.t === 'bound')) {
      return this.python.call(fn.items[1]!, { positional: [unknown('the parameters of a layer'), ...inputs], keywords: new Map(), open: false }, at);
    }
    return super.apply(fn, inputs, at);
  }

  private applyTransformed(fn: Value, inputs: Value[], at: Syntax): Value {
    if (fn.t !== 'function') return super.apply(fn, inputs, at);
    const names = this.parametersOf(fn);
    const required = names.filter((p) => p.required && !p.named).map((p): Value => this.known(p.name) ?? { t: 'tensor', from: null });
    // A function without arguments of its own is given what it is called with.
    return this.python.call(fn, { positional: required.length > 0 ? required : inputs.slice(0, names.length), keywords: this.namedFor(fn), open: false }, at);
  }

  protected override applyLayer(layer: LayerValue, inputs: Value[], at: Syntax, refusal?: string | null): Value {
    const tensors = inputs.flatMap((v) => this.tensorsIn(v, at));
    const spelling = { row: layer.spelling, library: layer.library, text: layer.text };
    const where = { span: layer.span, ...(this.running.length > 0 ? { callSpan: this.span(at) } : {}), group: layer.group ?? (this.running.at(-1)?.group || null) };
    if (layer.spelling.kind === 'add' && tensors.length > 0) return this.emit({ kind: 'add', inputs: tensors, spelling, ...where }, at);
    if (layer.spelling.kind === 'concat' && tensors.length > 0) return this.emit({ kind: 'concat', inputs: tensors, parameters: { ...layer.parameters }, spelling, ...where }, at);
    if (layer.library.id === 'neural-tangents' && tensors.length === 1 && (layer.spelling.kind === 'unresolved' || layer.spelling.adjust?.({ ...layer.parameters }))) {
      const args = this.madeWith.get(layer);
      const name = layer.spelling.names.length === 1 ? layer.spelling.names[0]! : layer.text.slice(layer.text.lastIndexOf('.') + 1);
      const formula = args && tangentFormula(name, (argument, i) => args.keywords.get(argument) ?? args.positional[i]);
      if (formula) return this.emit({ kind: 'unresolved', raw: true, inputs: tensors, formula, reason: `${layer.text} is not read here.`, spelling, ...where }, at);
    }
    const channels = tensors[0] ? this.form(tensors[0]).channels : null;
    const out = super.applyLayer(layer, inputs, at, refusal);
    // The number of features is known before the sizes of the input are.
    const d = out.t === 'tensor' && out.from !== null ? this.drawing.drafts[out.from]! : null;
    if (d?.layer === layer && isWeighted(d.kind) && d.kind !== 'embedding' && d.parameters.inFeatures === undefined && channels !== null) d.parameters.inFeatures = channels;
    return out;
  }

  // ---- layers

  protected override makeLayer(found: { library: Library; spelling: Spelling }, path: string, args: Arguments, at: Syntax): LayerValue {
    const { library } = found;
    let { spelling } = found;
    const given = (name: string): Value | undefined => {
      const i = (spelling.arguments ?? []).indexOf(name);
      return args.keywords.get(name) ?? (i >= 0 ? args.positional[i] : undefined);
    };
    const approximate = spelling.names.includes('gelu') || spelling.names.includes('Gelu') ? (given('approximate') ?? (spelling.names[0] === 'gelu' ? args.positional[0] : undefined)) : undefined;
    const other = approximate?.t === 'const' && typeof approximate.v === 'boolean' ? findJaxSpelling(`${library.modules[0]}.${spelling.names[0]}(approximate=${approximate.v ? 'True' : 'False'})`)?.spelling : undefined;
    if (other) spelling = other;
    let reason: string | null = null;
    if (spelling.kind === 'conv2d' && spelling.rank === undefined) {
      const kernel = given(spelling.parameters!.kernel!.from!);
      const sizes = kernel?.t === 'list' ? kernel.items.length : kernel?.t === 'const' ? 1 : null;
      if (sizes !== null && sizes >= 1 && sizes <= 3) spelling = { ...spelling, kind: `conv${sizes as 1 | 2 | 3}d`, rank: sizes };
      else reason = `Its kernel is not known from the text, nor over how many axes ${path.slice(path.lastIndexOf('.') + 1)} slides.`;
    }
    this.places.push(at);
    const types = this.plainly(spelling, args);
    const layer = super.makeLayer({ library, spelling }, path, types.args, at);
    layer.reason ??= reason;
    if (reason) layer.spelling = { ...spelling, kind: 'unresolved', reason };
    const axes = axesProblem(given('dimension_numbers'));
    if (axes) layer.spelling = { ...spelling, kind: 'unresolved', reason: axes };
    this.madeWith.set(layer, args);
    const label = args.keywords.get('name');
    if (label?.t === 'const' && typeof label.v === 'string') layer.name = label.v;
    if (isWeighted(layer.spelling.kind)) this.typed(layer, types.param, types.dtype, at);
    this.weighed(layer, given, args.open, at);
    if ('gain' in layer.parameters) {
      const scale = given('scale_init') ?? args.keywords.get('scale_init');
      const value = scale && this.initialiserOf(scale);
      if (scale && scale.t !== 'const') layer.parameters.gain = value?.initialiser?.id === 'jax-ones' ? 1 : value?.initialiser?.id === 'jax-zeros' ? 0 : null;
    }
    return layer;
  }

  /** dtype is the type of the computation, param_dtype that of the weights: both are taken out of what the shared reading looks at. */
  private plainly(spelling: Spelling, args: Arguments): { args: Arguments; dtype: Value | undefined; param: Value | undefined } {
    const at = (name: string): number => (spelling.arguments ?? []).indexOf(name);
    const take = (name: string): Value | undefined => args.keywords.get(name) ?? (at(name) >= 0 ? args.positional[at(name)] : undefined);
    const [dtype, param] = [take('dtype'), take('param_dtype')];
    const keywords = new Map([...args.keywords].filter(([k]) => k !== 'dtype' && k !== 'param_dtype'));
    return { args: { ...args, keywords, positional: args.positional.map((v, i) => (i === at('dtype') || i === at('param_dtype') ? NONE : v)) }, dtype, param };
  }

  private typed(layer: LayerValue, param: Value | undefined, dtype: Value | undefined, at: Syntax): void {
    const asked = this.fieldOf(param);
    layer.field = asked ?? 'real';
    if (param && asked === null && !(param.t === 'const' && param.v === null)) this.add('unknown-parameter', `The param_dtype of ${layer.text} is not known from the text; its weights are taken as real.`, at);
    const computed = this.fieldOf(dtype);
    if (computed) this.computed.set(layer, computed);
  }

  private initialiserOf(value: Value): { initialiser: Initialiser | null; options: Options } {
    const [fn, args] = value.t === 'partial' ? [value.fn, value.args] : [value, null];
    const row = fn.t === 'external' ? jaxInitialiser(fn.path) : undefined;
    if (!row) return { initialiser: null, options: {} };
    const options: Record<string, ParameterValue> = { ...row.defaults };
    row.arguments.forEach((name, i) => {
      const v = args?.keywords.get(name) ?? args?.positional[i];
      if (v) options[name] = asParameter(v) ?? null;
    });
    return { initialiser: row, options };
  }

  /** Initialisers that the code gives, and the numbers that neural-tangents takes for them. */
  private weighed(layer: LayerValue, given: (name: string) => Value | undefined, open: boolean, at: Syntax): void {
    const names = layer.spelling.initialiserArguments;
    if (!names || !isWeighted(layer.spelling.kind)) return;
    const field = layer.field ?? 'real';
    if (layer.library.id === 'neural-tangents') {
      const [w, b] = [given('W_std'), given('b_std')];
      const std = (v: Value, id: 'nt-weight' | 'nt-bias', key: string): Called => ({ initialiser: findInitialiser(id) ?? null, options: { [key]: asParameter(v) ?? null }, field });
      if (w) layer.weight = std(w, 'nt-weight', 'W_std');
      if (!b || (b.t === 'const' && b.v === null)) return;
      layer.parameters.bias = true;
      layer.bias = std(b, 'nt-bias', 'b_std');
      if ((w && typeof asParameter(w) !== 'number') || typeof asParameter(b) !== 'number') this.add('unknown-parameter', `W_std or b_std of ${layer.text} is not a number known from the text; the variances that follow are unknown.`, at);
      return;
    }
    for (const which of ['weight', 'bias'] as const) {
      const value = names[which] ? given(names[which]!) : undefined;
      // What a star argument holds may be an initialiser.
      if (!names[which] || (!value && !open) || (value?.t === 'const' && value.v === null)) continue;
      const drawn: Called = { ...(value ? this.initialiserOf(value) : { initialiser: null, options: {} }), field };
      layer[which] = drawn;
      if (!drawn.initialiser || Object.values(drawn.options).some((v) => v === null)) {
        this.add('unknown-initialiser', `The ${names[which]} of ${layer.text} is not an initialiser whose variance is known from the text; the variance of its ${which} is unknown.`, at);
      }
    }
  }

  // ---- attributes and operators

  attribute(of: Value, name: string, at: Syntax): Value | undefined {
    if (of.t === 'tensor') {
      if (name === 'shape') return { t: 'bound', self: of, name };
      if (name === 'real') return this.partStep('re', of, at);
      if (name === 'imag') return this.partStep('im', of, at);
      if (name === 'T' || name === 'mT') return this.emit({ kind: 'reshape', inputs: [of], parameters: { shape: null } }, at);
      if (name === 'ndim') {
        const { rank } = this.form(of);
        return rank === null ? unknown('the ndim of a signal') : constant(rank);
      }
      if (name === 'dtype' || name === 'size' || name === 'device') return unknown(`the ${name} of a signal`);
      // An entry of a record that is the network's input: x.observation.
      if (of.from === null && !ARRAY_NAMES.test(name)) return of;
    }
    if (of.t === 'layer') {
      const parameter = Object.entries(of.spelling.parameters ?? {}).find(([, p]) => p.from === name);
      const value = parameter && of.parameters[parameter[0]];
      if (parameter) return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? constant(value) : unknown('a size that is not known');
    }
    if (of.t === 'array') {
      if (name === 'shape') return of.shape ? listOf(of.shape.map(constant), true) : unknown('the shape of an array');
      if (name === 'ndim') return of.shape ? constant(of.shape.length) : unknown('the rank of an array');
      if (name === 'value') return of;
      if (name === 'T') return of.shape?.length === 2 ? array({ ...of, shape: [of.shape[1]!, of.shape[0]!], layers: new Map() }) : array({ field: of.field });
    }
    if (of.t === 'container') return name === 'layers' ? listOf(of.items.map((i) => i.value)) : of.items.find((i) => i.name === name)?.value;
    return undefined;
  }

  /** Size of one axis of a signal, counted with the batch axis. */
  private sizeOf(of: TensorValue, axis: number | null): Value {
    const { shape, channels } = this.form(of);
    if (axis === null) return unknown('sizes of the signal');
    if (axis === 0) return { t: 'size', axis: 0 };
    const known = axis === -1 ? channels : shape ? (axis < 0 ? shape.at(axis) : shape[axis - 1]) : null;
    return typeof known === 'number' && (axis > 0 || -axis <= (shape?.length ?? 1)) ? constant(known) : { t: 'size', axis };
  }

  private isShape(v: Value): v is { t: 'bound'; self: TensorValue; name: string } {
    return v.t === 'bound' && v.name === 'shape' && v.self.t === 'tensor';
  }

  compared(op: string, a: Value, b: Value): boolean | undefined {
    if (!this.isShape(a) || !this.isShape(b) || (op !== '==' && op !== '!=')) return undefined;
    const same = sameForm(this.form(a.self), this.form(b.self));
    return same === null ? undefined : same === (op === '==');
  }

  unpack(of: Value, count: number, at: Syntax): Value[] | undefined {
    if (this.isShape(of)) return Array.from({ length: count }, (_, i) => this.sizeOf(of.self, i === count - 1 ? -1 : i));
    if (of.t !== 'tensor') return undefined;
    const out = this.unresolved([of], 'Taking a signal apart is not read.', at);
    return Array.from({ length: count }, () => out);
  }

  items(of: Value): Value[] | undefined {
    if (of.t === 'container' && (this.staxes.has(of) || this.transformed.has(of))) return ['init', 'apply', 'kernel'].map((name): Value => ({ t: 'bound', self: of, name }));
    if (this.isShape(of)) {
      const { rank } = this.form(of.self);
      return rank === null ? undefined : Array.from({ length: rank }, (_, i) => this.sizeOf(of.self, i === rank - 1 && i > 0 ? -1 : i));
    }
    return undefined;
  }

  isInstance(v: Value, cls: Value): boolean | undefined {
    if (cls.t !== 'external') return v.t === 'layer' || v.t === 'container' ? false : undefined;
    if (MODULE.test(cls.path)) return v.t === 'layer' || v.t === 'object' || v.t === 'container';
    if (v.t === 'tensor') return /Array|ndarray/.test(cls.path);
    return v.t === 'unknown' ? undefined : false;
  }

  binary(op: string, a: Value, b: Value, at: Syntax): Value | undefined {
    if (op === '[]' && this.isShape(a)) return b.t === 'const' && typeof b.v === 'number' ? this.sizeOf(a.self, b.v) : unknown('sizes of the signal');
    if (a.t === 'size' || b.t === 'size') return unknown('a size of the signal');
    if (a.t !== 'tensor' && b.t !== 'tensor') return a.t === 'array' || b.t === 'array' ? ofArrays(op, a, b) : undefined;
    if (op === '[]') return a.t === 'tensor' ? this.element(a, b, at) : undefined;
    if (op === '@') return this.product(a, b, at);
    if (op === '+' && (a.t === 'array' || b.t === 'array')) {
      const shifted = this.withBias(a, b);
      if (shifted) return shifted;
    }
    const neutral = (v: Value, n: number): boolean => (v.t === 'const' && v.v === n) || (v.t === 'array' && v.fill === n && !v.trained);
    if ((op === '*' && neutral(a, 1)) || (op === '+' && neutral(a, 0))) return b;
    if ((op === '*' && neutral(b, 1)) || ((op === '+' || op === '-') && neutral(b, 0)) || (op === '/' && neutral(b, 1))) return a;
    // What is not known for a sure number must not be taken for one.
    const trained = [a, b].some((v) => v.t === 'array' && v.trained);
    return (trained ? null : arithmetic(this, op, a, b, at)) ?? this.unresolved([...this.tensorsIn(a, at), ...this.tensorsIn(b, at)], trained ? `Arithmetic ("${op}") with a parameter of the module itself is not read.` : `Arithmetic on the signal ("${op}") is not read${a.t === 'unknown' ? `: ${a.reason}` : b.t === 'unknown' ? `: ${b.reason}` : ''}.`, at);
  }

  /** x @ kernel + bias, both parameters of the module itself: the bias belongs to the layer just drawn. */
  private withBias(a: Value, b: Value): TensorValue | null {
    const [signal, bias] = a.t === 'tensor' ? [a, b] : [b, a];
    if (signal.t !== 'tensor' || bias.t !== 'array' || !bias.trained || signal.from === null || signal.from !== this.drawing.drafts.length - 1) return null;
    const d = this.drawing.drafts[signal.from]!;
    if (!d.layer || !isWeighted(d.kind) || d.parameters.bias !== false) return null;
    d.layer.parameters.bias = d.parameters.bias = true;
    d.layer.bias = bias.drawn ?? { initialiser: null, options: {}, field: bias.field };
    return signal;
  }

  private element(a: TensorValue, key: Value, at: Syntax): Value {
    // batch["image"]: the entry that is the network's input.
    if (key.t === 'const' && typeof key.v === 'string') return a;
    const text = this.python.text(at).replace(/\s+/g, '').match(/\[([^[\]]*)\]$/)?.[1] ?? '';
    if (/^(?:(?:None|jnp\.newaxis|np\.newaxis|:|\.\.\.),?)+$/.test(text) && /None|newaxis/.test(text)) return this.emit({ kind: 'reshape', inputs: [a], parameters: { shape: null } }, at);
    return this.unresolved([a], 'Taking an element or slice of the signal is not read.', at);
  }

  method(self: Value, name: string, args: Arguments, at: Syntax): Value | undefined {
    switch (self.t) {
      case 'tensor': return this.signalMethod(self, name, args, at);
      case 'array': return /^(astype|copy|block_until_ready)$/.test(name) ? array({ ...self, field: this.fieldOf(args.positional[0] ?? args.keywords.get('dtype')) ?? self.field, layers: new Map() }) : array({ field: self.field });
      case 'container': case 'object': case 'layer': return this.moduleMethod(self, name, args, at);
      default: return undefined;
    }
  }

  private moduleMethod(self: ContainerValue | ObjectValue | LayerValue, name: string, args: Arguments, at: Syntax): Value | undefined {
    const signal = args.positional.find((v) => this.tensorsIn(v, at).length > 0);
    switch (name) {
      case 'init': case 'init_with_output': case 'lazy_init': case 'tabulate': case 'apply': case 'kernel': case 'eval_shape': {
        if (signal && name === 'apply' && this.drawing.open) return this.apply(self, [signal], at);
        if (self.t === 'container' && this.staxes.has(self)) {
          const shaped = args.positional[1] ?? args.keywords.get('input_shape');
          const sizes = name === 'init' && shaped ? asParameter(shaped) : undefined;
          const batch = this.batchAxis(self);
          const sample = Array.isArray(sizes) ? sizes.filter((_, i) => i !== batch) : [];
          if (sample.length > 0 && sample.every((n): n is number => typeof n === 'number' && n > 0)) this.shown(self, sample);
        } else for (const v of [...args.positional.slice(1), ...args.keywords.values()]) this.shows(self, v);
        return name === 'init_with_output' || self.t === 'container' ? listOf([unknown('the output of a network'), unknown('the parameters of a network')], true) : unknown('the parameters of a network');
      }
      case 'param': return this.parameter(args);
      case 'variable': case 'make_rng': case 'sow': case 'get_variable': case 'put_variable': case 'perturb': return unknown(`what self.${name} gives is known only when the network runs`);
      case 'has_variable': case 'is_mutable_collection': return constant(true);
      case 'is_initializing': return constant(false);
      case 'bind': case 'clone': case 'copy': case 'replace': case 'eval': case 'train': case 'unbind': return self;
      case 'append': case 'attend': return undefined;
      case '__call__': return this.call(self, args, at);
      default: return undefined;
    }
  }

  /** Where the samples are counted in the input of a stax network: as its first convolution is told, else first. */
  private batchAxis(of: Value): number {
    if (of.t === 'container') return of.items[0] ? this.batchAxis(of.items[0].value) : 0;
    const dimensions = of.t === 'layer' ? this.madeWith.get(of)?.keywords.get('dimension_numbers') ?? (/General/.test(of.spelling.names[0]!) ? this.madeWith.get(of)?.positional[0] : undefined) : undefined;
    const before = dimensions && asParameter(dimensions);
    return Array.isArray(before) && typeof before[0] === 'string' ? Math.max(0, before[0].indexOf('N')) : 0;
  }

  /** self.param(name, init, shape, dtype) */
  private parameter(args: Arguments): Value {
    const [label, init, shape, dtype] = args.positional;
    const sizes = shape?.t === 'list' ? shape.items.map((v) => (v.t === 'const' && typeof v.v === 'number' ? v.v : null)) : null;
    const field = this.fieldOf(dtype) ?? 'real';
    const drawn = init ? this.initialiserOf(init) : null;
    const fill = drawn?.initialiser?.id === 'jax-zeros' ? 0 : drawn?.initialiser?.id === 'jax-ones' ? 1 : null;
    return array({ shape: sizes, field, trained: true, fill, drawn: drawn ? { ...drawn, field } : null, name: label?.t === 'const' && typeof label.v === 'string' ? label.v : null });
  }

  private signalMethod(self: TensorValue, name: string, args: Arguments, at: Syntax): Value | undefined {
    const first = args.positional[0];
    switch (name) {
      case 'astype': return this.castTo(self, this.fieldOf(first ?? args.keywords.get('dtype')), at);
      case 'copy': case 'block_until_ready': return self;
      case 'reshape': case 'view': return this.reshaped(self, args, at);
      // Code that merges all axes is written for one sample.
      case 'ravel': case 'flatten': return this.emit({ kind: 'flatten', inputs: [self], parameters: { startAxis: 1, endAxis: -1 } }, at);
      case 'mean': {
        const axes = args.keywords.get('axis') ?? first;
        const known = axes && asParameter(axes);
        const list = (Array.isArray(known) ? known : [known]).map((a) => (typeof a === 'number' ? a : NaN)).sort((x, y) => x - y);
        const forwards = list.every((a, i) => a === i + 1);
        const backwards = list.every((a, i) => a === i - list.length - 1);
        const { rank } = this.form(self);
        // Counted from the front, which axis is the last one follows from their number: (1, 2) is taken for the two of an image.
        const whole = rank === null ? backwards || (forwards && list.length === 2) : (forwards || backwards) && rank === list.length + 2;
        if (!whole) return this.unresolved([self], 'This mean is not over all places of each channel.', at);
        const keep = args.keywords.get('keepdims');
        return this.emit({ kind: 'global-average-pool', inputs: [self], parameters: { keepAxes: keep?.t === 'const' && keep.v === true } }, at);
      }
      case 'sum': case 'max': case 'min': case 'var': case 'std': case 'prod': return this.unresolved([self], SUM_OVER, at);
      case 'dot': return first ? this.product(self, first, at) : undefined;
    }
    if (RESHAPING.has(name)) return this.emit({ kind: 'reshape', inputs: [self], parameters: { shape: null } }, at);
    const made = functionOfNumbers(this, name, { ...args, positional: [self, ...args.positional] }, at);
    return made ?? this.unresolved([self], `The method ${name} of a signal is not read.`, at);
  }

  private reshaped(signal: TensorValue, args: Arguments, at: Syntax): Value {
    const first = args.positional[0] ?? args.keywords.get('shape') ?? args.keywords.get('newshape');
    const target = args.positional.length <= 1 && first?.t === 'list' ? first.items : args.positional.length === 0 && first ? [first] : args.positional;
    const [batch, ...rest] = target;
    const isMinusOne = (v: Value | undefined): boolean => v?.t === 'const' && v.v === -1;
    const isBatch = (v: Value | undefined): boolean => v?.t === 'size' && v.axis === 0;
    if (rest.length === 1 && (isBatch(batch) || isMinusOne(batch) || (batch?.t !== 'const' && isMinusOne(rest[0])))) {
      const size = asParameter(rest[0]!);
      return this.emit({ kind: 'flatten', inputs: [signal], parameters: { startAxis: 1, endAxis: -1, ...(typeof size === 'number' && size > 0 ? { size } : {}) } }, at);
    }
    if (target.length === 1 && isMinusOne(batch)) return this.signalMethod(signal, 'ravel', args, at)!;
    const shape = rest.map((v) => asParameter(v));
    const known = rest.length > 0 && (isBatch(batch) || isMinusOne(batch)) && shape.every((n) => typeof n === 'number');
    return this.emit({ kind: 'reshape', inputs: [signal], parameters: { shape: known ? (shape as number[]) : null } }, at);
  }
}

/** A loss or a sample that is computed on the way and leads nowhere is no part of the network; layers with weights are. */
function withoutLooseEnds(drawing: Drawing): Drawing {
  const { drafts, outputs } = drawing;
  if (outputs.length === 0) return drawing;
  const kept = new Set<number>();
  const keep = (t: TensorValue): void => {
    for (const waiting = [t.from]; waiting.length > 0; ) {
      const i = waiting.pop()!;
      if (i === null || kept.has(i)) continue;
      kept.add(i);
      waiting.push(...drafts[i]!.inputs.map((s) => s.from));
    }
  };
  outputs.forEach(keep);
  drafts.forEach((d, i) => { if (isWeighted(d.kind)) keep({ t: 'tensor', from: i }); });
  if (kept.size === drafts.length) return drawing;
  const now = new Map([...kept].sort((a, b) => a - b).map((i, k) => [i, k]));
  const moved = (t: TensorValue): TensorValue => (t.from === null ? t : { ...t, from: now.get(t.from)! });
  return {
    ...drawing, outputs: outputs.map(moved),
    drafts: drafts.flatMap((d, i) => (kept.has(i) ? [{ ...d, inputs: d.inputs.map(moved), sharedWith: d.sharedWith === null ? null : (now.get(d.sharedWith) ?? null) }] : [])),
  };
}
