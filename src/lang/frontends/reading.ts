// Reading Python whatever its framework: which networks a file offers, and how one is drawn by following its forward method.
// Knows no framework: what a module, a container or a function of a library is, a subclass tells.
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

/** Most layers one network is drawn with; beyond, the text is taken for hostile. */
const MOST_LAYERS = 4000;

export abstract class Reading implements Framework {
  protected readonly problems: Problem[] = [];
  protected readonly python: Interpreter;
  protected readonly objects: ObjectValue[] = [];
  protected readonly blocks = new Set<ClassValue>();
  protected drawing: Drawing = { drafts: [], outputs: [], axes: 'channels-first' };
  /** Objects whose forward is being followed, innermost last, with their call sites. */
  protected readonly running: { object: ObjectValue | null; group: string; at: Syntax }[] = [];
  protected outOfTime = false;
  /** The text does not parse: what is missing may be there. */
  protected unfinished = false;

  constructor(protected readonly source: Source, budget: Budget) {
    this.python = new Interpreter(source, this, budget, (code, message, at) => this.add(code, message, at));
  }

  /** Whether a dotted path is a class from which networks derive. */
  protected abstract isBase(path: string): boolean;
  /** Names of the method that applies a module to signals. */
  protected abstract readonly entries: readonly string[];
  /** What a file of this framework defines where it defines a network: for the message that there is none. */
  protected abstract readonly networkForms: string;

  /** The order of axes of its signals. */
  protected abstract readonly axes: Drawing['axes'];

  abstract callExternal(path: string, args: Arguments, at: Syntax): Value;
  abstract attribute(of: Value, name: string, at: Syntax): Value | undefined;
  abstract method(self: Value, name: string, args: Arguments, at: Syntax): Value | undefined;
  abstract binary(op: string, a: Value, b: Value, at: Syntax): Value | undefined;
  abstract unary(op: string, a: Value, at: Syntax): Value | undefined;
  abstract items(of: Value): Value[] | undefined;
  abstract isInstance(v: Value, cls: Value): boolean | undefined;
  abstract initialiseBase(self: ObjectValue, base: Value, args: Arguments, at: Syntax): void;
  protected abstract materialise(p: PartValue): TensorValue;
  abstract call(fn: Value, args: Arguments, at: Syntax): Value | undefined;
  /** The field that a dtype argument asks for; null where it is none that is known. */
  protected abstract fieldOf(dtype: Value | undefined): Field | null;

  /** The method that applies objects of this class to signals. */
  protected entryOf(cls: ClassValue): FunctionValue | undefined {
    for (const name of this.entries) {
      const member = memberOf(cls, name);
      if (member?.t === 'function') return member;
    }
    return undefined;
  }

  protected isModule(cls: ClassValue): boolean {
    const base = rootBase(cls);
    if (!base) return false;
    return this.entryOf(cls) !== undefined || (base.t === 'external' && this.isBase(base.path));
  }

  protected add(code: string, message: string, at: { start: number; end: number }): void {
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
      this.add('no-model', `This file imports a network library but defines no network: ${this.networkForms} was found.`, { start: 0, end: 0 });
    }
    return { schema: 1, models, problems: [...syntax, ...unique(this.problems)] };
  }

  protected importsFramework(): boolean {
    return [...this.python.globals.names.values()].some((v) => v.t === 'external' && libraryOf(v.path)) || this.python.globals.stars.some((s) => libraryOf(s));
  }

  /** The first few places that do not parse. */
  protected syntaxProblems(): Problem[] {
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

  protected networks(): ModelGraph[] {
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
  protected builders(globals: [string, Value][]): { name: string; value: ObjectValue | ContainerValue; at: Syntax; block: boolean }[] {
    const out: { name: string; value: ObjectValue | ContainerValue; at: Syntax; block: boolean }[] = [];
    for (const [name, fn] of globals) {
      if (fn.t !== 'function' || this.python.called.has(fn.node) || !/Sequential/.test(this.python.text(fn.node))) continue;
      const value = this.python.guarded(fn.node, () => this.python.call(fn, { positional: [], keywords: new Map(), open: false }, fn.node));
      if (value && (value.t === 'container' || value.t === 'object')) out.push({ name, value, at: fn.node, block: false });
    }
    return out;
  }

  /** Visits what a module holds, directly or further in, and gives each child its path. */
  protected enter(root: Value, visit: (child: Value, name: string, group: string) => void): void {
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

  protected draw(root: ObjectValue | ContainerValue, at: Syntax): Drawing {
    this.drawing = { drafts: [], outputs: [], axes: this.axes };
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
      const forward = this.entryOf(root.cls);
      if (!forward && !root.items) {
        if (!this.unfinished) this.add('no-forward', `The class ${root.cls.name} derives from a module class but has no ${this.entries[0]} method in this file.`, at);
        return this.drawing;
      }
      result = forward ? this.runForward(root, forward, { positional: this.inputsFor(forward), keywords: new Map(), open: false }, at) : this.runItems(root.items!, input, at);
    } else {
      result = this.runItems(root.items, input, at);
    }
    this.drawing.outputs = this.tensorsIn(result, at);
    return this.drawing;
  }

  /** One input signal for each argument of forward that has no default. */
  protected inputsFor(forward: FunctionValue): Value[] {
    const parameters = forward.node.children.find((c) => c.field === 'parameters')?.children.filter((c) => c.named) ?? [];
    return parameters.slice(1).filter((p) => p.type === 'identifier' || (p.type === 'typed_parameter' && !this.python.text(p).startsWith('*'))).map((): Value => ({ t: 'tensor', from: null }));
  }

  protected tensorsIn(v: Value, at: Syntax): TensorValue[] {
    if (v.t === 'tensor') return [v];
    if (v.t === 'part') return [this.materialise(v)];
    if (v.t === 'list') return v.items.flatMap((i) => this.tensorsIn(i, at));
    if (v.t === 'dict') return [...v.entries.values()].flatMap((i) => this.tensorsIn(i, at));
    return [];
  }

  protected emit(d: Partial<Draft> & Pick<Draft, 'kind' | 'inputs'>, at: Syntax): TensorValue {
    if (this.drawing.drafts.length >= MOST_LAYERS) throw new OutOfTime();
    const group = this.running.at(-1)?.group;
    this.drawing.drafts.push({
      name: null, parameters: {}, span: this.source.span(at), group: group || null, spelling: null, activation: null, reason: null, layer: null, sharedWith: null, ...d,
    });
    return { t: 'tensor', from: this.drawing.drafts.length - 1 };
  }

  protected unresolved(inputs: TensorValue[], reason: string, at: Syntax, name: string | null = null): TensorValue {
    return this.emit({ kind: 'unresolved', inputs: distinct(inputs), reason, name }, at);
  }

  /** Layers that read several signals say in `refusal` why they do not read these. */
  protected applyLayer(layer: LayerValue, inputs: Value[], at: Syntax, refusal: string | null = layer.spelling.attention ? `${layer.text} is called with queries, keys and values, and here it is given one signal.` : null): Value {
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
  protected attend(layer: LayerValue, args: Arguments, at: Syntax): Value {
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
  protected recur(layer: LayerValue, args: Arguments, at: Syntax): Value {
    const start = args.positional[1] ?? args.keywords.get('hx');
    const given = start !== undefined && truth(start) !== false;
    const input = args.positional[0] ?? args.keywords.get('input') ?? NONE;
    const out = this.applyLayer(layer, [input], at, given ? `${layer.text} is given an initial state, which is not known from the text.` : null);
    if (out.t !== 'tensor') return out;
    const last: Value = { ...out, states: 'last' };
    const states: Value = { ...out, states: layer.parameters.batchFirst === true ? 'second-axis' : 'first-axis' };
    return listOf([states, layer.spelling.cell !== 'lstm' ? last : listOf([last, unknown('the memory of an LSTM')], true)], true);
  }

  protected runItems(items: Item[], input: Value, at: Syntax): Value {
    return items.reduce<Value>((x, item) => this.apply(item.value, [x], at), input);
  }

  /** Applies a module to signals. */
  protected apply(fn: Value, inputs: Value[], at: Syntax): Value {
    const args: Arguments = { positional: inputs, keywords: new Map(), open: false };
    switch (fn.t) {
      case 'layer': return this.applyLayer(fn, inputs, at);
      case 'container': return fn.kind === 'sequential' ? this.runItems(fn.items, inputs[0] ?? NONE, at) : this.unresolved(inputs.flatMap((v) => this.tensorsIn(v, at)), 'A ModuleList or ModuleDict cannot be called.', at);
      case 'object': {
        const forward = this.entryOf(fn.cls);
        if (forward) return this.runForward(fn, forward, args, at);
        if (fn.items) return this.runItems(fn.items, inputs[0] ?? NONE, at);
        return this.unresolved(inputs.flatMap((v) => this.tensorsIn(v, at)), `The class ${fn.cls.name} has no ${this.entries[0]} method in this file.`, fn.at, fn.cls.name);
      }
      case 'unknown': return this.unresolved(inputs.flatMap((v) => this.tensorsIn(v, at)), `This layer is not known from the text: ${fn.reason}.`, at);
      case 'const': return this.unresolved(inputs.flatMap((v) => this.tensorsIn(v, at)), `The constant ${String(fn.v)} is called as a layer here.`, at);
      default: {
        const out = this.python.call(fn, args, at);
        return out.t === 'unknown' ? this.unresolved(inputs.flatMap((v) => this.tensorsIn(v, at)), `This layer is not known from the text: ${out.reason}.`, at) : out;
      }
    }
  }

  protected runForward(object: ObjectValue, forward: FunctionValue, args: Arguments, at: Syntax): Value {
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

  created(object: ObjectValue, inside: ObjectValue | null): void {
    if (!this.isModule(object.cls)) return;
    this.objects.push(object);
    if (inside && inside.cls !== object.cls && this.isModule(inside.cls)) this.blocks.add(object.cls);
  }

  protected signals(v: Value): Value[] {
    if (v.t === 'tensor' || v.t === 'part') return [v];
    return v.t === 'list' ? v.items.flatMap((i) => (i.t === 'tensor' || i.t === 'part' ? [i] : [])) : [];
  }

  protected written(at: Syntax): string {
    const callee = at.children.find((c) => c.field === 'function') ?? at;
    const text = this.python.text(callee).replace(/\s+/g, ' ');
    return text.length > 50 ? `${text.slice(0, 47)}...` : text;
  }

  /** A layer object from its row and arguments. */
  protected makeLayer(found: { library: Library; spelling: Spelling }, path: string, args: Arguments, at: Syntax): LayerValue {
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
    const asked = this.fieldOf(dtype);
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
}

/** Children of a module by attribute or index, in the order in which the code makes them. */
export function childrenOf(v: Value): Item[] {
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

export const distinct = (inputs: TensorValue[]): TensorValue[] => inputs.filter((t, i) => inputs.findIndex((o) => o.from === t.from) === i);

/** One message a place. */
function unique(problems: Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter((p) => {
    const key = `${p.code}\0${p.span.line}:${p.span.column}\0${p.message}`;
    return !seen.has(key) && seen.add(key);
  });
}
