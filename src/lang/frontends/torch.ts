// PyTorch as the interpreter meets it: modules, containers, signals in forward(), initialisers. Knows no syntax beyond call sites.
import { initialiserAt, type Options } from '../../catalog/initialisers/index.ts';
import { findSpelling, libraryOf } from '../../catalog/libraries/index.ts';
import type { Library, Spelling } from '../../catalog/libraries/library.ts';
import type { Field, ModelGraph, ParameterValue, ParsedFile, Problem } from '../../contract/graph.ts';
import type { Budget } from '../budget.ts';
import { OutOfTime } from '../budget.ts';
import type { Source, Syntax } from '../parser.ts';
import { Interpreter, memberOf, rootBase, type Framework } from '../python.ts';
import {
  asParameter, constant, listOf, NONE, truth, unknown,
  type Arguments, type ClassValue, type ContainerValue, type FunctionValue, type Item, type LayerValue, type ObjectValue, type PartValue, type TensorValue, type Value,
} from '../values.ts';
import { graphOf, isWeighted, problem, type Draft, type Drawing } from './drawing.ts';

const SEQUENTIAL = /(^|\.)(Sequential|CplxSequential)$/;
const MODULE_LIST = /(^|\.)ModuleList$/;
const MODULE_DICT = /(^|\.)ModuleDict$/;
const MODULE = /(^|\.)(Module|LightningModule|ScriptModule)$/;
const CONSTANT_MATH: Record<string, (x: number) => number> = { sqrt: Math.sqrt, floor: Math.floor, ceil: Math.ceil, log: Math.log, log2: Math.log2, exp: Math.exp, prod: (x) => x };
const CONSTANT_NAMES: Record<string, number> = { 'math.pi': Math.PI, 'math.e': Math.E, 'numpy.pi': Math.PI, 'torch.pi': Math.PI };
const COMPLEX_TYPE = /^torch\.(cfloat|cdouble|chalf|complex32|complex64|complex128)$/;
const REAL_TYPE = /^torch\.(float|double|half|bfloat16|float16|float32|float64)$/;
/** Most layers one network is drawn with; beyond, the text is taken for hostile. */
const MOST_LAYERS = 4000;

/** Signal methods that change neither its values nor its shape. */
const PLAIN_METHODS = new Set(['contiguous', 'clone', 'cuda', 'cpu', 'requires_grad_', 'float_', 'resolve_conj']);
const RESHAPING = new Set(['permute', 'transpose', 'squeeze', 'unsqueeze', 'swapaxes', 'movedim', 't', 'unflatten']);

const dtypeOf = (v: Value | undefined): Field | null =>
  v?.t === 'external' ? (COMPLEX_TYPE.test(v.path) ? 'complex' : REAL_TYPE.test(v.path) ? 'real' : null) : null;

export function readTorch(source: Source, budget: Budget): ParsedFile {
  return new TorchReading(source, budget).read();
}

class TorchReading implements Framework {
  private readonly problems: Problem[] = [];
  private readonly python: Interpreter;
  private readonly objects: ObjectValue[] = [];
  private readonly blocks = new Set<ClassValue>();
  private drawing: Drawing = { drafts: [], outputs: [] };
  /** Objects whose forward is being followed, innermost last, with their call sites. */
  private readonly running: { object: ObjectValue | null; group: string; at: Syntax }[] = [];
  private outOfTime = false;
  /** The text does not parse: what is missing may be there. */
  private unfinished = false;

  constructor(private readonly source: Source, budget: Budget) {
    this.python = new Interpreter(source, this, budget, (code, message, at) => this.add(code, message, at));
  }

  private add(code: string, message: string, at: { start: number; end: number }): void {
    this.problems.push(problem(code, message, this.source.span(at)));
  }

  read(): ParsedFile {
    const models: ModelGraph[] = [];
    const syntax = this.syntaxProblems();
    this.unfinished = syntax.length > 0;
    try {
      this.python.runModule();
      models.push(...this.networks());
    } catch (e) {
      if (!(e instanceof OutOfTime)) throw e;
      this.outOfTime = true;
    }
    if (this.outOfTime) this.add('time-budget', 'Reading this file took longer than allowed; what was read until then is shown. Move the model into a file of its own.', { start: 0, end: 0 });
    if (models.length === 0 && !this.outOfTime && syntax.length === 0 && this.importsFramework()) {
      this.add('no-model', 'This file imports a network library but defines no network: no class with a forward method and no nn.Sequential was found.', { start: 0, end: 0 });
    }
    return { schema: 1, models, problems: [...syntax, ...unique(this.problems)] };
  }

  private importsFramework(): boolean {
    return [...this.python.globals.names.values()].some((v) => v.t === 'external' && libraryOf(v.path)) || this.python.globals.stars.some((s) => libraryOf(s));
  }

  /** The first few places that do not parse. */
  private syntaxProblems(): Problem[] {
    const found: Problem[] = [];
    const waiting: Syntax[] = [this.source.root];
    while (waiting.length > 0 && found.length < 5) {
      const node = waiting.pop()!;
      if (node.type === 'ERROR' || node.missing) {
        const text = this.source.text.slice(node.start, node.end).trim();
        const shown = text.length > 40 ? `${text.slice(0, 37)}...` : text;
        found.push(problem('syntax-error', node.missing
          ? `"${node.type}" is missing here; the statement is not finished.`
          : `This does not parse as Python${shown ? `: "${shown.replace(/\s+/g, ' ')}"` : ''}. The rest of the file is read as far as possible.`,
        this.source.span({ start: node.start, end: Math.max(node.end, node.start) })));
      } else {
        for (let i = node.children.length - 1; i >= 0; i--) waiting.push(node.children[i]!);
      }
    }
    return found;
  }

  // ---- which networks there are

  private isModule(cls: ClassValue): boolean {
    const base = rootBase(cls);
    if (!base) return false;
    if (memberOf(cls, 'forward')) return true;
    return base.t === 'external' && (MODULE.test(base.path) || SEQUENTIAL.test(base.path));
  }

  private networks(): ModelGraph[] {
    const globals = [...this.python.globals.names.entries()];
    const classes = globals.filter((e): e is [string, ClassValue] => e[1].t === 'class' && e[1].name === e[0] && this.isModule(e[1])).map((e) => e[1]);
    const none: Arguments = { positional: [], keywords: new Map(), open: true };
    const roots = new Map<ClassValue, ObjectValue>();
    // A class that nothing makes is made here without arguments; what is found then counts only if it is a network.
    const found = new Map<ClassValue, Problem[]>();
    for (const cls of classes) {
      const before = this.problems.splice(0);
      const made = this.objects.find((o) => o.cls === cls) ?? this.python.guarded(cls.node, () => this.python.instantiate(cls, none, cls.node));
      found.set(cls, this.problems.splice(0));
      this.problems.push(...before);
      if (made) roots.set(cls, made);
      else this.problems.push(...found.get(cls)!);
    }
    const inner = new Set<Value>();
    const containers = globals.filter((e): e is [string, ContainerValue] => e[1].t === 'container' && e[1].kind === 'sequential');
    for (const v of [...containers.map((c) => c[1]), ...this.objects]) this.enter(v, (child) => {
      inner.add(child);
      if (child.t === 'object') this.blocks.add(child.cls);
    });
    const candidates: { name: string; value: ObjectValue | ContainerValue; at: Syntax; block: boolean }[] = [];
    for (const [cls, object] of roots) candidates.push({ name: cls.name, value: object, at: cls.node, block: this.blocks.has(cls) });
    for (const [name, value] of containers) candidates.push({ name, value, at: value.at, block: inner.has(value) });
    if (candidates.length === 0) candidates.push(...this.builders(globals));
    candidates.sort((a, b) => a.at.start - b.at.start);
    const drawn = candidates.some((c) => !c.block) ? candidates.filter((c) => !c.block) : candidates;
    const graphs: { graph: ModelGraph; problems: Problem[]; weighted: boolean }[] = [];
    for (const c of drawn) {
      const before = this.problems.splice(0);
      const own: Problem[] = [];
      try {
        const drawing = this.python.guarded(c.at, () => this.draw(c.value, c.at));
        if (drawing && (drawing.drafts.length > 0 || c.value.t === 'container')) {
          const graph = graphOf(drawing, c.name, this.source.span(c.at).line, own);
          const making = c.value.t === 'object' ? (found.get(c.value.cls) ?? []) : [];
          graphs.push({ graph, problems: [...making, ...this.problems, ...own], weighted: drawing.drafts.some((d) => isWeighted(d.kind) || d.kind === 'unresolved') });
        } else if (this.problems.length > 0) {
          before.push(...this.problems);
        }
      } catch (e) {
        if (!(e instanceof OutOfTime)) throw e;
        this.outOfTime = true;
      }
      this.problems.splice(0, this.problems.length, ...before);
      if (this.outOfTime) break;
    }
    // A class without weights beside real networks is an activation or a loss.
    const kept = graphs.some((g) => g.weighted) ? graphs.filter((g) => g.weighted) : graphs;
    for (const g of kept) this.problems.push(...g.problems);
    return kept.map((g) => g.graph);
  }

  /** Functions that nothing calls and that return a network. */
  private builders(globals: [string, Value][]): { name: string; value: ObjectValue | ContainerValue; at: Syntax; block: boolean }[] {
    const out: { name: string; value: ObjectValue | ContainerValue; at: Syntax; block: boolean }[] = [];
    for (const [name, fn] of globals) {
      if (fn.t !== 'function' || this.python.called.has(fn.node) || !/Sequential/.test(this.python.text(fn.node))) continue;
      const value = this.python.guarded(fn.node, () => this.python.call(fn, { positional: [], keywords: new Map(), open: false }, fn.node));
      if (value && (value.t === 'container' || value.t === 'object')) out.push({ name, value, at: fn.node, block: false });
    }
    return out;
  }

  /** Visits what a module holds, directly or further in, and gives each child its path. */
  private enter(root: Value, visit: (child: Value, name: string, group: string) => void): void {
    const seen = new Set<Value>([root]);
    const waiting: { value: Value; path: string }[] = [{ value: root, path: '' }];
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      for (const { name, value } of childrenOf(next.value)) {
        if (seen.has(value)) continue;
        seen.add(value);
        visit(value, name, next.path);
        waiting.push({ value, path: next.path ? `${next.path}.${name}` : name });
      }
    }
  }

  // ---- drawing

  private draw(root: ObjectValue | ContainerValue, at: Syntax): Drawing {
    this.drawing = { drafts: [], outputs: [] };
    this.enter(root, (child, name, group) => {
      if (child.t === 'layer') {
        child.name = name;
        child.group = group || null;
      } else if (child.t === 'object' || child.t === 'container') {
        child.path = group ? `${group}.${name}` : name;
      }
    });
    root.path = '';
    const input: TensorValue = { t: 'tensor', from: null };
    let result: Value;
    if (root.t === 'object') {
      const forward = memberOf(root.cls, 'forward');
      if (forward?.t !== 'function' && !root.items) {
        if (!this.unfinished) this.add('no-forward', `The class ${root.cls.name} derives from a module class but has no forward method in this file.`, at);
        return this.drawing;
      }
      result = forward?.t === 'function' ? this.runForward(root, forward, { positional: this.inputsFor(forward), keywords: new Map(), open: false }, at) : this.runItems(root.items!, input, at);
    } else {
      result = this.runItems(root.items, input, at);
    }
    this.drawing.outputs = this.tensorsIn(result, at);
    return this.drawing;
  }

  /** One input signal for each argument of forward that has no default. */
  private inputsFor(forward: FunctionValue): Value[] {
    const parameters = forward.node.children.find((c) => c.field === 'parameters')?.children.filter((c) => c.named) ?? [];
    return parameters.slice(1).filter((p) => p.type === 'identifier' || (p.type === 'typed_parameter' && !this.python.text(p).startsWith('*'))).map((): Value => ({ t: 'tensor', from: null }));
  }

  private tensorsIn(v: Value, at: Syntax): TensorValue[] {
    if (v.t === 'tensor') return [v];
    if (v.t === 'part') return [this.materialise(v)];
    if (v.t === 'list') return v.items.flatMap((i) => this.tensorsIn(i, at));
    if (v.t === 'dict') return [...v.entries.values()].flatMap((i) => this.tensorsIn(i, at));
    return [];
  }

  private emit(d: Partial<Draft> & Pick<Draft, 'kind' | 'inputs'>, at: Syntax): TensorValue {
    if (this.drawing.drafts.length >= MOST_LAYERS) throw new OutOfTime();
    const group = this.running.at(-1)?.group;
    this.drawing.drafts.push({
      name: null, parameters: {}, span: this.source.span(at), group: group || null, spelling: null, activation: null, reason: null, layer: null, sharedWith: null, ...d,
    });
    return { t: 'tensor', from: this.drawing.drafts.length - 1 };
  }

  private unresolved(inputs: TensorValue[], reason: string, at: Syntax, name: string | null = null): TensorValue {
    return this.emit({ kind: 'unresolved', inputs: distinct(inputs), reason, name }, at);
  }

  /** A part that is used as a signal becomes a read-out, and its activation a layer after it. */
  private materialise(p: PartValue): TensorValue {
    if (p.part === 'turned-imag') return this.unresolved([p.of], 'Arithmetic on the imaginary part alone is not read.', p.at);
    const { library, spelling } = findSpelling(`torch.${p.part}`)!;
    const read = this.emit({ kind: 'read-out', inputs: [p.of], spelling: { row: spelling, library, text: p.part } }, p.at);
    if (!p.through) return read;
    const row = libraryOf('torch')!;
    return this.emit({ kind: 'activation', inputs: [read], activation: p.through.id, parameters: p.through.parameters, spelling: { row: { names: [p.through.text], kind: 'activation', realActivation: p.through.id }, library: row, text: p.through.text } }, p.at);
  }

  /** Layers that read several signals say in `refusal` why they do not read these. */
  private applyLayer(layer: LayerValue, inputs: Value[], at: Syntax, refusal: string | null = layer.spelling.attention ? `${layer.text} is called with queries, keys and values, and here it is given one signal.` : null): Value {
    const first = inputs[0];
    if (first?.t === 'part' && first.through === null && layer.spelling.kind === 'activation' && layer.spelling.realActivation) {
      return { ...first, through: { id: layer.spelling.realActivation, parameters: layer.parameters, text: layer.text } };
    }
    const tensors = inputs.flatMap((v) => this.tensorsIn(v, at));
    if (tensors.length === 0) return this.unresolved([], `${layer.text} is applied to something that is not a signal known from the text.`, at);
    if (layer.spelling.activation === 'identity') return layer.library.id === 'complextorch' ? { ...tensors[0]!, cast: 'complex' } : tensors[0]!;
    const { kind, parameters, reason } = refusal === null ? normalised(layer) : { kind: 'unresolved' as const, parameters: {}, reason: refusal };
    const shared = isWeighted(kind) && layer.drawn?.drawing === this.drawing ? layer.drawn.index : null;
    const out = this.emit({
      kind, parameters, inputs: refusal === null ? tensors.slice(0, 1) : distinct(tensors), name: isWeighted(kind) || kind !== 'activation' ? layer.name : null,
      span: this.source.span(layer.at), ...(this.running.length > 0 ? { callSpan: this.source.span(at) } : {}), group: layer.group ?? (this.running.at(-1)?.group || null),
      spelling: { row: layer.spelling, library: layer.library, text: layer.text }, activation: layer.activation, reason: layer.reason ?? reason, layer, sharedWith: shared,
    }, at);
    if (shared === null) layer.drawn = { drawing: this.drawing, index: out.from! };
    const norm = kind === 'unresolved' ? undefined : layer.spelling.residualNorm;
    if (!norm) return out;
    const sum = this.emit({ kind: 'add', inputs: [tensors[0]!, out] }, at);
    const after = this.makeLayer(findSpelling(norm.path)!, norm.path, { positional: [constant(parameters.outFeatures as number)], keywords: new Map([['eps', constant(norm.epsilon)]]), open: false }, layer.at);
    return this.applyLayer({ ...after, text: norm.path.slice(norm.path.lastIndexOf('.') + 1), group: layer.group }, [sum], at);
  }

  /** Queries, keys and values are read where they are one signal; some libraries give the weights beside the output. */
  private attend(layer: LayerValue, args: Arguments, at: Syntax): Value {
    const { call, pair } = layer.spelling.attention!;
    const given = (name: string): Value | undefined => args.keywords.get(name) ?? args.positional[call.indexOf(name)];
    const inputs = call.slice(0, 3).flatMap((name) => given(name) ?? []);
    const one = inputs.length === 3 && inputs.every((v) => v.t === 'tensor' && v.from === (inputs[0] as TensorValue).from);
    const masked = ['key_padding_mask', 'attn_mask', 'is_causal'].map(given).some((v) => v !== undefined && truth(v) !== false);
    const refusal = !one ? `The queries, keys and values of ${layer.text} are not one signal; only self-attention is read.` : masked ? `${layer.text} is given a mask, which is not read.` : null;
    const out = this.applyLayer(layer, inputs, at, refusal);
    const needWeights = given('need_weights');
    return pair(layer.parameters, needWeights === undefined || truth(needWeights) !== false) ? listOf([out, unknown('the weights of an attention')], true) : out;
  }

  /** A recurrent layer gives all its states and the last one; of an LSTM the last one has the memory of the cell beside it. */
  private recur(layer: LayerValue, args: Arguments, at: Syntax): Value {
    const start = args.positional[1] ?? args.keywords.get('hx');
    const given = start !== undefined && truth(start) !== false;
    const input = args.positional[0] ?? args.keywords.get('input') ?? NONE;
    const out = this.applyLayer(layer, [input], at, given ? `${layer.text} is given an initial state, which is not known from the text.` : null);
    if (out.t !== 'tensor') return out;
    const last: Value = { ...out, states: 'last' };
    const states: Value = { ...out, states: layer.parameters.batchFirst === true ? 'second-axis' : 'first-axis' };
    return listOf([states, layer.spelling.cell !== 'lstm' ? last : listOf([last, unknown('the memory of an LSTM')], true)], true);
  }

  private runItems(items: Item[], input: Value, at: Syntax): Value {
    return items.reduce<Value>((x, item) => this.apply(item.value, [x], at), input);
  }

  /** Applies a module to signals. */
  private apply(fn: Value, inputs: Value[], at: Syntax): Value {
    const args: Arguments = { positional: inputs, keywords: new Map(), open: false };
    switch (fn.t) {
      case 'layer': return this.applyLayer(fn, inputs, at);
      case 'container': return fn.kind === 'sequential' ? this.runItems(fn.items, inputs[0] ?? NONE, at) : this.unresolved(inputs.flatMap((v) => this.tensorsIn(v, at)), 'A ModuleList or ModuleDict cannot be called.', at);
      case 'object': {
        const forward = memberOf(fn.cls, 'forward');
        if (forward?.t === 'function') return this.runForward(fn, forward, args, at);
        if (fn.items) return this.runItems(fn.items, inputs[0] ?? NONE, at);
        return this.unresolved(inputs.flatMap((v) => this.tensorsIn(v, at)), `The class ${fn.cls.name} has no forward method in this file.`, fn.at, fn.cls.name);
      }
      case 'unknown': return this.unresolved(inputs.flatMap((v) => this.tensorsIn(v, at)), `This layer is not known from the text: ${fn.reason}.`, at);
      case 'const': return this.unresolved(inputs.flatMap((v) => this.tensorsIn(v, at)), `The constant ${String(fn.v)} is called as a layer here.`, at);
      default: {
        const out = this.python.call(fn, args, at);
        return out.t === 'unknown' ? this.unresolved(inputs.flatMap((v) => this.tensorsIn(v, at)), `This layer is not known from the text: ${out.reason}.`, at) : out;
      }
    }
  }

  private runForward(object: ObjectValue, forward: FunctionValue, args: Arguments, at: Syntax): Value {
    const isRoot = this.running.length === 0;
    const first = this.drawing.drafts.length;
    this.running.push({ object, group: object.path, at });
    const result = this.python.callFunction(forward, { ...args, positional: [object, ...args.positional] }, object);
    this.running.pop();
    const drawn = this.drawing.drafts.slice(first);
    const odd = drawn.find((d) => d.kind === 'unresolved' && d.layer === null);
    if (!isRoot && odd && !drawn.some((d) => isWeighted(d.kind))) {
      // A formula of the user's own: one step of the network, not one for each sign in it.
      this.drawing.drafts.length = first;
      const signals = args.positional.flatMap((v) => this.tensorsIn(v, at));
      return this.emit({
        kind: 'unresolved', inputs: signals, name: object.cls.name, span: this.source.span(object.at), callSpan: this.source.span(at), group: object.path || null,
        reason: `The class ${object.cls.name} of this file computes a formula that is not recognised (line ${odd.span.line}).`,
      }, object.at);
    }
    if (result.t === 'unknown' || (result.t === 'const' && !isRoot)) {
      const signals = args.positional.flatMap((v) => this.tensorsIn(v, at));
      return this.unresolved(signals, `What forward of ${object.cls.name} returns is not known from the text.`, object.at, object.cls.name);
    }
    return result;
  }

  // ---- the interpreter's questions

  created(object: ObjectValue, inside: ObjectValue | null): void {
    if (!this.isModule(object.cls)) return;
    this.objects.push(object);
    if (inside && inside.cls !== object.cls && this.isModule(inside.cls)) this.blocks.add(object.cls);
  }

  initialiseBase(self: ObjectValue, base: Value, args: Arguments, _at: Syntax): void {
    if (base.t === 'external' && SEQUENTIAL.test(base.path)) self.items = this.itemsFrom(args);
  }

  private itemsFrom(args: Arguments): Item[] {
    const first = args.positional[0];
    if (args.positional.length === 1 && first?.t === 'dict') return [...first.entries].map(([k, value]) => ({ name: String(k), value }));
    return args.positional.map((value, i) => ({ name: String(i), value }));
  }

  callExternal(path: string, args: Arguments, at: Syntax): Value {
    const last = path.slice(path.lastIndexOf('.') + 1);
    const first = args.positional[0];
    if (SEQUENTIAL.test(path)) return { t: 'container', kind: 'sequential', items: this.itemsFrom(args), at, path: '' };
    if (MODULE_LIST.test(path)) {
      const items = first ? this.python.itemsOf(first) : [];
      return { t: 'container', kind: 'list', items: (items ?? [unknown('a list that is not constant')]).map((value, i) => ({ name: String(i), value })), at, path: '' };
    }
    if (MODULE_DICT.test(path)) return { t: 'container', kind: 'dict', items: first?.t === 'dict' ? this.itemsFrom(args) : [], at, path: '' };
    if (last === 'OrderedDict' || last === 'defaultdict') {
      const entries = new Map(first?.t === 'dict' ? first.entries : []);
      for (const pair of (first && this.python.itemsOf(first)) ?? []) {
        if (pair.t === 'list' && pair.items[0]?.t === 'const' && pair.items[1]) entries.set(pair.items[0].v, pair.items[1]);
      }
      return { t: 'dict', entries };
    }
    if (last === 'partial' && path.startsWith('functools')) return first ? { t: 'partial', fn: first, args: { ...args, positional: args.positional.slice(1) } } : NONE;
    if (/^(math|numpy)\./.test(path) && CONSTANT_MATH[last]) {
      const items = first && (this.python.itemsOf(first) ?? [first]);
      const numbers = items?.map((v) => (v.t === 'const' && typeof v.v === 'number' ? v.v : NaN)) ?? [];
      const value = last === 'prod' ? numbers.reduce((a, b) => a * b, 1) : CONSTANT_MATH[last]!(numbers[0] ?? NaN);
      return Number.isFinite(value) ? constant(value) : unknown('a number that is not constant');
    }
    if (first?.t === 'weight' || /(^|\.)init(ialization)?\.\w+_$/.test(path)) {
      this.initialise(path, args, at);
      return first ?? NONE;
    }
    if (last === 'init' || path.startsWith('torch.manual_seed')) return NONE;
    if (path === 'torch.jit.script' || path === 'torch.compile') return first ?? NONE;
    const signals = args.positional.flatMap((v) => (v.t === 'tensor' || v.t === 'part' || v.t === 'list' ? this.signals(v) : []));
    const named = args.keywords.get('input');
    if (signals.length > 0 || named?.t === 'tensor') return this.function(path, last, args, at);
    const found = findSpelling(path);
    if (found) return this.makeLayer(found, path, args, at);
    const library = libraryOf(path);
    if (library && /^[A-Z]/.test(last) && !/^(torch\.(Tensor|Size)|torch\.utils|torch\.optim)/.test(path)) {
      // A class of the library that is in no row: a layer that is not known.
      return this.makeLayer({ library, spelling: { names: [last], kind: 'unresolved', reason: `${library.label} ${library.version} as known here has no layer of this name` } }, path, args, at);
    }
    return unknown(`${path} is not read`);
  }

  private signals(v: Value): Value[] {
    if (v.t === 'tensor' || v.t === 'part') return [v];
    return v.t === 'list' ? v.items.flatMap((i) => (i.t === 'tensor' || i.t === 'part' ? [i] : [])) : [];
  }

  /** A function of a library applied to signals in forward(). */
  private function(path: string, last: string, args: Arguments, at: Syntax): Value {
    const signal = args.positional[0] ?? args.keywords.get('input')!;
    const rest: Arguments = { ...args, positional: args.positional.slice(1) };
    if (path.startsWith('torch.')) {
      if (last === 'complex' && args.positional.length === 2) return this.joined(args.positional[0]!, args.positional[1]!, at);
      const asMethod = this.method(signal, last, rest, at);
      if (asMethod) return asMethod;
      const known = this.torchFunction(last, args, at);
      if (known) return known;
    }
    const found = findSpelling(path);
    if (found && found.spelling.kind !== 'unresolved' && !isWeighted(found.spelling.kind)) {
      return this.applyLayer(this.makeLayer(found, path, rest, at), [signal], at);
    }
    return this.unresolved(args.positional.flatMap((v) => this.tensorsIn(v, at)), `${this.written(at)} is not one of the functions that are read.`, at);
  }

  private torchFunction(name: string, args: Arguments, at: Syntax): Value | undefined {
    const first = args.positional[0];
    switch (name) {
      case 'cat': case 'concat': case 'concatenate': {
        const axis = args.keywords.get('dim') ?? args.keywords.get('axis') ?? args.positional[1] ?? constant(0);
        const inputs = first ? this.tensorsIn(first, at) : [];
        return this.emit({ kind: 'concat', inputs, parameters: { axis: asParameter(axis) ?? null } }, at);
      }
      case 'add': return args.positional[1] ? this.binary('+', first!, args.positional[1], at) : undefined;
      default: return undefined;
    }
  }

  private written(at: Syntax): string {
    const callee = at.children.find((c) => c.field === 'function') ?? at;
    const text = this.python.text(callee).replace(/\s+/g, ' ');
    return text.length > 50 ? `${text.slice(0, 47)}...` : text;
  }

  /** A layer object from its row and arguments. */
  private makeLayer(found: { library: Library; spelling: Spelling }, path: string, args: Arguments, at: Syntax): LayerValue {
    const { library, spelling } = found;
    const text = at.type === 'call' ? this.written(at) : path;
    const given = (name: string): Value | undefined => {
      const i = (spelling.arguments ?? []).indexOf(name);
      return args.keywords.get(name) ?? (i >= 0 ? args.positional[i] : undefined);
    };
    const parameters: Record<string, ParameterValue> = {};
    for (const [key, { from, default: standard, named }] of Object.entries(spelling.parameters ?? {})) {
      const value = from ? given(from) : undefined;
      const known = named && value?.t === 'external' ? value.path : value ? asParameter(value) : undefined;
      parameters[key] = value ? (known ?? null) : standard;
      const required = standard === null && key !== 'stride';
      if ((value && known === undefined) || (!value && required)) {
        const why = value?.t === 'unknown' ? value.reason : value ? 'it is not a constant' : args.open ? 'it comes from a star argument' : 'it is missing';
        if (spelling.kind !== 'activation') this.add('unknown-parameter', `The ${from} of ${text} is not known from the text: ${why}. Sizes and variances that follow from it are unknown.`, at);
      }
    }
    const dtype = given('dtype') ?? args.keywords.get('dtype');
    const asked = dtypeOf(dtype);
    // An unknown dtype is taken as complex: nobody passes one for plain real weights.
    const field: Field | null = isWeighted(spelling.kind) ? (asked ?? spelling.field ?? (dtype && !(dtype.t === 'const' && dtype.v === null) ? 'complex' : 'real')) : null;
    let activation: string | null = null;
    let reason: string | null = null;
    if (spelling.splitOf) {
      const parts = spelling.splitOf.map((name) => given(name));
      const inner = parts.map((p): LayerValue | undefined => {
        const made = p?.t === 'layer' ? p : p?.t === 'external' ? this.callExternal(p.path, { positional: [], keywords: new Map(), open: false }, at) : undefined;
        return made?.t === 'layer' ? made : undefined;
      });
      const id = inner[0]?.spelling.realActivation;
      if (id && inner.every((l) => l?.spelling.realActivation === id && JSON.stringify(l.parameters) === JSON.stringify(inner[0]!.parameters))) {
        activation = `split-${id}`;
        Object.assign(parameters, inner[0]!.parameters);
      } else {
        reason = `${text} is built from parts that are not known, or that differ.`;
      }
    }
    return { t: 'layer', spelling, library, text, parameters, activation, reason, field, cast: false, weight: null, bias: null, at, name: null, group: null, drawn: null };
  }

  private initialise(path: string, args: Arguments, at: Syntax): void {
    const target = args.positional[0];
    if (target?.t !== 'weight') return;
    const row = initialiserAt(path);
    const options: Record<string, ParameterValue> = { ...row?.defaults };
    row?.arguments.forEach((name, i) => {
      const value = args.keywords.get(name) ?? args.positional[i + 1];
      if (value) options[name] = asParameter(value) ?? null;
    });
    const field = target.layer.cast ? 'complex' : (target.layer.field ?? 'real');
    target.layer[target.which] = { initialiser: row ?? null, options: options as Options, field };
    if (!row || Object.values(options).some((v) => v === null)) {
      this.add('unknown-initialiser', `${this.written(at)} is not an initialiser whose variance is known from the text; the variance of this ${target.which} is unknown.`, at);
    } else if (row.trap && target.which === 'weight' && field === 'complex') {
      this.add(row.trap.code, row.trap.message, at);
    }
  }

  call(fn: Value, args: Arguments, at: Syntax): Value | undefined {
    if (fn.t !== 'layer' && fn.t !== 'container' && fn.t !== 'object') {
      const signals = args.positional.flatMap((v) => this.tensorsIn(v, at));
      if (signals.length > 0) return this.unresolved(signals, `What is called here is not known from the text${fn.t === 'unknown' ? `: ${fn.reason}` : ''}.`, at);
      return undefined;
    }
    if (fn.t === 'layer' && fn.spelling.attention) return this.attend(fn, args, at);
    if (fn.t === 'layer' && fn.spelling.kind === 'rnn') return this.recur(fn, args, at);
    const inputs = [...args.positional, ...args.keywords.values()];
    if (fn.t === 'object') {
      const forward = memberOf(fn.cls, 'forward') ?? memberOf(fn.cls, '__call__');
      if (forward?.t === 'function' && this.isModule(fn.cls)) return this.runForward(fn, forward, args, at);
      if (forward?.t === 'function') return this.python.callFunction(forward, { ...args, positional: [fn, ...args.positional] }, fn);
    }
    return this.apply(fn, inputs.filter((v) => fn.t !== 'layer' || v.t === 'tensor' || v.t === 'part'), at);
  }

  attribute(of: Value, name: string, at: Syntax): Value | undefined {
    if (of.t === 'tensor') {
      if (name === 'shape') return { t: 'shape' };
      if (name === 'real' || name === 'imag') return { t: 'part', part: name, of, through: null, at };
      if (name === 'dtype' || name === 'device' || name === 'ndim') return unknown(`the ${name} of a signal`);
    }
    if (of.t === 'object' && name === 'training' && this.isModule(of.cls)) {
      this.add('evaluation-mode', 'The code tests self.training; the network is read as it is evaluated.', at);
      return constant(false);
    }
    if (of.t === 'layer') {
      if (name === 'weight' || name === 'bias') return name === 'bias' && of.parameters.bias === false ? NONE : { t: 'weight', layer: of, which: name };
      const parameter = Object.entries(of.spelling.parameters ?? {}).find(([, p]) => p.from === name);
      if (parameter) {
        const value = of.parameters[parameter[0]];
        return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? constant(value) : unknown('a size that is not known');
      }
      // complextorch keeps its PyTorch layer inside.
      if (name === 'linear' || name === 'conv' || name === 'conv_transposed') return of;
    }
    if (of.t === 'weight' && name === 'data') return of;
    if (of.t === 'external') {
      const value = CONSTANT_NAMES[`${of.path}.${name}`];
      return value === undefined ? undefined : constant(value);
    }
    if (of.t === 'container') return of.items.find((i) => i.name === name)?.value;
    return undefined;
  }

  items(of: Value): Value[] | undefined {
    if (of.t === 'container') return of.kind === 'dict' ? of.items.map((i) => constant(i.name)) : of.items.map((i) => i.value);
    if (of.t === 'object' && of.items) return of.items.map((i) => i.value);
    return undefined;
  }

  isInstance(v: Value, cls: Value): boolean | undefined {
    if (cls.t !== 'external') return v.t === 'layer' || v.t === 'container' ? false : undefined;
    if (MODULE.test(cls.path)) return v.t === 'layer' || v.t === 'object' || v.t === 'container';
    if (v.t === 'container') return (v.kind === 'sequential' && SEQUENTIAL.test(cls.path)) || (v.kind === 'list' && MODULE_LIST.test(cls.path));
    if (v.t === 'object') return false;
    if (v.t !== 'layer') return v.t === 'tensor' ? /Tensor$/.test(cls.path) : undefined;
    const found = findSpelling(cls.path);
    const last = cls.path.slice(cls.path.lastIndexOf('.') + 1);
    return found?.library === v.library && (v.text === last || v.text.endsWith(`.${last}`));
  }

  unary(op: string, a: Value, at: Syntax): Value | undefined {
    if (a.t !== 'tensor' && a.t !== 'part') return undefined;
    return op === '+' ? a : this.unresolved(this.tensorsIn(a, at), 'Arithmetic on the signal is not read.', at);
  }

  binary(op: string, a: Value, b: Value, at: Syntax): Value | undefined {
    const isSignal = (v: Value): v is TensorValue | PartValue => v.t === 'tensor' || v.t === 'part';
    if (a.t === 'size' || b.t === 'size') return unknown('a size of the signal');
    if (!isSignal(a) && !isSignal(b)) return undefined;
    // 1j * part
    if (op === '*') {
      const [part, factor] = a.t === 'part' ? [a, b] : [b, a];
      if (part.t === 'part' && part.part === 'imag' && factor.t === 'imaginary' && factor.v === 1) return { ...part, part: 'turned-imag' };
    }
    if (op === '+' && a.t === 'part' && b.t === 'part') {
      const [re, im] = a.part === 'turned-imag' ? [b, a] : [a, b];
      if (re.part === 'real' && im.part === 'turned-imag') return this.joined(re, { ...im, part: 'imag' }, at);
    }
    if (op === '+' && isSignal(a) && isSignal(b)) return this.emit({ kind: 'add', inputs: [...this.tensorsIn(a, at), ...this.tensorsIn(b, at)] }, at);
    if (op === '[]' && a.t === 'tensor' && a.states) {
      const key = this.python.text(at).replace(/\s+/g, '').match(/\[([^[\]]*)\]$/)?.[1] ?? '';
      // Of the last state the first axis counts layers.
      const takesLast = a.states === 'last' ? /^(-1|0)$/ : a.states === 'first-axis' ? /^-1(,:)*$/ : /^:,-1(,:)?$/;
      if (takesLast.test(key)) return { ...a, states: 'last' };
    }
    const neutral = (v: Value, n: number): boolean => v.t === 'const' && v.v === n;
    if ((op === '*' && (neutral(a, 1) || neutral(b, 1))) || (op === '+' && (neutral(a, 0) || neutral(b, 0))) || (op === '/' && neutral(b, 1))) return isSignal(a) ? a : b;
    const what = op === '[]' ? 'Taking an element or slice of the signal is not read.' : `Arithmetic on the signal ("${op}") is not read.`;
    return this.unresolved([...this.tensorsIn(a, at), ...this.tensorsIn(b, at)], what, at);
  }

  /** Real and imaginary part put together again: a split activation where both went through the same one. */
  private joined(re: Value, im: Value, at: Syntax): Value {
    if (re.t === 'part' && im.t === 'part' && re.part === 'real' && im.part === 'imag' && re.of.from === im.of.from) {
      if (!re.through && !im.through) return re.of;
      if (re.through && im.through && re.through.id === im.through.id && JSON.stringify(re.through.parameters) === JSON.stringify(im.through.parameters)) {
        const id = `split-${re.through.id}`;
        const text = re.through.text;
        return this.emit({
          kind: 'activation', inputs: [re.of], activation: id, parameters: re.through.parameters,
          spelling: { row: { names: [text], kind: 'activation', activation: id }, library: libraryOf('torch')!, text },
        }, at);
      }
    }
    // torch.complex(x, zeros): real data made complex.
    if (re.t === 'tensor' && im.t !== 'part' && im.t !== 'tensor') return { ...re, cast: 'complex' };
    return this.unresolved([...this.tensorsIn(re, at), ...this.tensorsIn(im, at)], 'These real and imaginary parts do not come from one signal through one activation.', at);
  }

  method(self: Value, name: string, args: Arguments, at: Syntax): Value | undefined {
    switch (self.t) {
      case 'tensor': case 'part': return this.signalMethod(self, name, args, at);
      case 'weight': {
        this.initialise(`torch.nn.init.${name}`, { ...args, positional: [self, ...args.positional] }, at);
        return self;
      }
      case 'layer': case 'container': case 'object': return this.moduleMethod(self, name, args, at);
      default: return undefined;
    }
  }

  private moduleMethod(self: LayerValue | ContainerValue | ObjectValue, name: string, args: Arguments, at: Syntax): Value | undefined {
    const first = args.positional[0];
    switch (name) {
      case 'to': case 'type': case 'cfloat': case 'cdouble': case 'double': case 'float': {
        const asked = dtypeOf(args.keywords.get('dtype')) ?? args.positional.map(dtypeOf).find((d) => d !== null);
        if (asked === 'complex' || name === 'cfloat' || name === 'cdouble') this.castModule(self, at);
        return self;
      }
      case 'cuda': case 'cpu': case 'eval': case 'train': case 'requires_grad_': case 'half': return self;
      case 'apply': {
        const each: Value[] = [self];
        this.enter(self, (child) => each.push(child));
        for (const child of each.reverse()) if (first && (child.t === 'layer' || child.t === 'object' || child.t === 'container')) this.python.call(first, { positional: [child], keywords: new Map(), open: false }, at);
        return self;
      }
      case 'modules': case 'children': case 'named_modules': case 'named_children': {
        const found: { name: string; value: Value }[] = [];
        if (name.endsWith('children')) found.push(...childrenOf(self));
        else this.enter(self, (value, childName, group) => found.push({ name: group ? `${group}.${childName}` : childName, value }));
        return listOf(found.map((f) => (name.startsWith('named') ? listOf([constant(f.name), f.value], true) : f.value)));
      }
      case 'add_module': case 'register_module': {
        const value = args.positional[1] ?? args.keywords.get('module');
        const label = first?.t === 'const' ? String(first.v) : null;
        if (!value || label === null) return NONE;
        if (self.t === 'container') self.items.push({ name: label, value });
        else if (self.t === 'object') (self.items ? self.items.push({ name: label, value }) : self.attributes.set(label, value));
        return NONE;
      }
      case 'append': case 'extend': case 'insert': {
        if (self.t === 'layer') return undefined;
        const { items } = self;
        if (!items) return undefined;
        if (name === 'append' && first) items.push({ name: String(items.length), value: first });
        if (name === 'extend') for (const v of (first && this.python.itemsOf(first)) ?? [unknown('a list that is not constant')]) items.push({ name: String(items.length), value: v });
        if (name === 'insert' && first?.t === 'const' && typeof first.v === 'number' && args.positional[1]) {
          items.splice(first.v, 0, { name: '', value: args.positional[1] });
          items.forEach((item, i) => { item.name = String(i); });
        }
        return self;
      }
      case 'items': case 'values': case 'keys':
        if (self.t !== 'container') return undefined;
        return listOf(self.items.map((i) => (name === 'items' ? listOf([constant(i.name), i.value], true) : name === 'values' ? i.value : constant(i.name))));
      case 'forward': case '__call__': return this.call(self, args, at);
      case 'parameters': case 'named_parameters': case 'buffers': return unknown('the parameters of a module');
      case 'register_buffer': case 'register_parameter': case 'save_hyperparameters': return NONE;
      default: return undefined;
    }
  }

  private castModule(self: Value, at: Syntax): void {
    let real = 0;
    const cast = (v: Value): void => {
      if (v.t === 'layer' && v.field === 'real') {
        v.cast = true;
        real++;
      }
    };
    cast(self);
    this.enter(self, cast);
    if (real > 0) this.add('circularity-lost', `Converting ${real === 1 ? 'this layer' : `these ${real} layers`} to complex keeps their real initial weights: the imaginary parts start at 0, outside the circular theory. Give dtype=torch.cfloat at construction.`, at);
  }

  private signalMethod(self: TensorValue | PartValue, name: string, args: Arguments, at: Syntax): Value | undefined {
    const first = args.positional[0];
    if (PLAIN_METHODS.has(name)) return self;
    if (name === 'size') return first?.t === 'const' && typeof first.v === 'number' ? { t: 'size', axis: first.v } : { t: 'shape' };
    if (name === 'dim' || name === 'is_complex' || name === 'ndimension' || name === 'numel') return unknown(`the ${name} of a signal`);
    const signal = (): TensorValue => this.tensorsIn(self, at)[0]!;
    if (name === 'squeeze' && self.t === 'tensor' && self.states === 'last' && first?.t === 'const' && first.v === 0) return self;
    switch (name) {
      case 'to': case 'type': case 'cfloat': case 'type_as': case 'float': case 'double': case 'cdouble': {
        const asked = dtypeOf(args.keywords.get('dtype')) ?? args.positional.map(dtypeOf).find((d) => d !== null) ?? (name.startsWith('c') ? 'complex' : null);
        return self.t === 'tensor' && asked === 'complex' ? { ...self, cast: 'complex' } : self;
      }
      case 'real': case 'imag': case 'abs': case 'absolute': case 'angle':
        return self.t === 'tensor' ? { t: 'part', part: name === 'absolute' ? 'abs' : name, of: self, through: null, at } : undefined;
      case 'flatten': {
        const from = args.keywords.get('start_dim') ?? first ?? constant(0);
        const to = args.keywords.get('end_dim') ?? args.positional[1] ?? constant(-1);
        if (from.t === 'const' && from.v === 0) return this.unresolved([signal()], 'flatten without start_dim=1 merges the samples of the batch.', at);
        return this.emit({ kind: 'flatten', inputs: [signal()], parameters: { startAxis: asParameter(from) ?? null, endAxis: asParameter(to) ?? null } }, at);
      }
      case 'view': case 'reshape': return this.reshaped(signal(), args, at);
      case 'mean': {
        const axes = args.keywords.get('dim') ?? args.keywords.get('axis') ?? first;
        const known = axes && asParameter(axes);
        const list = Array.isArray(known) ? known : [known];
        const spatial = list.length > 0 && list.every((a) => typeof a === 'number' && (a >= 2 || (a < 0 && a >= -list.length)));
        if (!spatial) return this.unresolved([signal()], 'This mean is not over all places of each channel.', at);
        const keep = args.keywords.get('keepdim') ?? args.positional[1];
        return this.emit({ kind: 'global-average-pool', inputs: [signal()], parameters: { keepAxes: keep?.t === 'const' && keep.v === true } }, at);
      }
    }
    if (RESHAPING.has(name)) return this.emit({ kind: 'reshape', inputs: [signal()], parameters: { shape: null } }, at);
    const found = findSpelling(`torch.${name}`);
    if (found && ['activation', 'read-out'].includes(found.spelling.kind)) {
      return this.applyLayer(this.makeLayer(found, `torch.${name}`, args, at), [self], at);
    }
    // As a function of torch it may still be known; as a method it is not.
    if (at.children.find((c) => c.field === 'function')?.type === 'attribute' && this.isMethodCall(at)) {
      return this.unresolved([signal()], `The method ${name} of a signal is not read.`, at);
    }
    return undefined;
  }

  /** x.f(...) rather than torch.f(x, ...): the object of the attribute is not an imported name. */
  private isMethodCall(at: Syntax): boolean {
    const callee = at.children.find((c) => c.field === 'function');
    let object = callee?.children.find((c) => c.field === 'object');
    while (object && object.type === 'attribute') object = object.children.find((c) => c.field === 'object');
    return !(object?.type === 'identifier' && this.python.globals.find(this.python.text(object))?.t === 'external');
  }

  private reshaped(signal: TensorValue, args: Arguments, at: Syntax): Value {
    const first = args.positional[0];
    const target = args.positional.length === 1 && first?.t === 'list' ? first.items : args.positional;
    const [batch, ...rest] = target;
    const isMinusOne = (v: Value | undefined): boolean => v?.t === 'const' && v.v === -1;
    const isBatch = (v: Value | undefined): boolean => v?.t === 'size' && v.axis === 0;
    if (rest.length === 1 && (isBatch(batch) || isMinusOne(batch))) {
      const size = asParameter(rest[0]!);
      return this.emit({ kind: 'flatten', inputs: [signal], parameters: { startAxis: 1, endAxis: -1, ...(typeof size === 'number' && size > 0 ? { size } : {}) } }, at);
    }
    const shape = rest.map((v) => asParameter(v));
    const known = rest.length > 0 && (isBatch(batch) || isMinusOne(batch)) && shape.every((n) => typeof n === 'number');
    return this.emit({ kind: 'reshape', inputs: [signal], parameters: { shape: known ? (shape as number[]) : null } }, at);
  }
}

/** Children of a module by attribute or index, in the order in which the code makes them. */
function childrenOf(v: Value): Item[] {
  const isChild = (value: Value): boolean => value.t === 'layer' || value.t === 'object' || value.t === 'container';
  if (v.t === 'container') return v.items.filter((i) => isChild(i.value));
  if (v.t !== 'object') return [];
  const own: Item[] = [...(v.items ?? [])];
  for (const [name, value] of v.attributes) {
    if (isChild(value)) own.push({ name, value });
    // Plain lists hold layers too, though PyTorch does not see them.
    else if (value.t === 'list') value.items.forEach((item, i) => { if (isChild(item)) own.push({ name: `${name}.${i}`, value: item }); });
  }
  return own.filter((i) => isChild(i.value));
}

/** Kind and parameters as the graph words them. */
function normalised(layer: LayerValue): { kind: Draft['kind']; parameters: Record<string, ParameterValue>; reason: string | null } {
  const { spelling } = layer;
  const p: Record<string, ParameterValue> = { ...layer.parameters };
  const unread = spelling.adjust?.(p);
  if (unread) return { kind: 'unresolved', parameters: {}, reason: `${layer.text}: ${unread}.` };
  const rank = spelling.rank;
  if (rank !== undefined) {
    if ('stride' in p && p.stride === null) p.stride = p.kernel ?? null;
    for (const key of ['kernel', 'stride', 'padding', 'dilation', 'outputPadding', 'outputSize']) {
      if (typeof p[key] === 'number') p[key] = new Array<number>(rank).fill(p[key] as number);
    }
    if (p.paddingMode === 'circular') p.padding = 'circular';
    if (p.paddingMode === 'zeros' || p.paddingMode === 'circular') delete p.paddingMode;
    if (p.ceilMode === false) delete p.ceilMode;
    if (Array.isArray(p.outputSize) && p.outputSize.every((n) => n === 1)) return { kind: 'global-average-pool', parameters: { keepAxes: true }, reason: null };
  }
  return { kind: spelling.kind, parameters: p, reason: null };
}

const distinct = (inputs: TensorValue[]): TensorValue[] => inputs.filter((t, i) => inputs.findIndex((o) => o.from === t.from) === i);

/** One message a place. */
function unique(problems: Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter((p) => {
    const key = `${p.code}\0${p.span.line}:${p.span.column}\0${p.message}`;
    return !seen.has(key) && seen.add(key);
  });
}
