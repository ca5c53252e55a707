// Reading Python whatever its framework: which networks a file offers, and how one is drawn by following its forward method.
// Knows no framework: what a module, a container or a function of a library is, a subclass tells.
import { findSpelling, libraryOf } from '../../catalog/libraries/index.ts';
import type { Library, Spelling } from '../../catalog/libraries/library.ts';
import type { Field, ModelGraph, ParameterValue, ParsedFile, Problem, Span } from '../../contract/graph.ts';
import type { Budget } from '../budget.ts';
import { OutOfTime } from '../budget.ts';
import type { Modules } from '../python/modules.ts';
import type { Syntax } from '../parser.ts';
import { Interpreter, memberOf, rootBase, type Framework } from '../python/interpreter.ts';
import {
  asParameter, constant, listOf, NONE, truth, unknown,
  type Arguments, type ClassValue, type ContainerValue, type FunctionValue, type Item, type LayerValue, type ObjectValue, type TensorValue, type Value,
} from '../python/values.ts';
import { scaled } from '../drawing/arrays.ts';
import { distinct, graphOf, isWeighted, problem, type Draft, type Drawing, type Run } from '../drawing/drawing.ts';
import { formulaOf, type Part } from '../drawing/formula.ts';
import { fused } from '../drawing/fuse.ts';
import { paired } from '../drawing/pairs.ts';
import { step } from '../drawing/signals.ts';

/** Most layers one network is drawn with; beyond, the text is taken for hostile. */
const MOST_LAYERS = 4000;

/** How two arguments are called that are the parts of one complex number. */
const REAL_NAME = /(^|_)(re|real|r)(_|$)|real|^(x|z|h|input)_?r(e)?$/i;
const IMAGINARY_NAME = /(^|_)(im|imag|i|imaginary)(_|$)|imag|^(x|z|h|input)_?i(m)?$/i;

/** A shape in words, the batch axis first. */
const DESCRIBED = /\b(?:inputs?|x|signal|image)\b[^\n()[\]]{0,40}[([]\s*(?:N|B|bs|batch\w*|batch[ _]?size|\*|-1|None)\s*[,x×]\s*(\d+(?:\s*[,x×]\s*\d+)*)\s*[)\]]/i;
/** What blocks are called: a class of such a name that needs sizes is no network by itself. */
const BLOCK_NAME = /(Block|Layer|Conv\d?d?|Cell|Attention|Norm\d?d?|Linear|Pool\w*|Unit|Up|Down|Stem|Head|Bottleneck|Gate|Embedding\w*|Embed)(\d?d)?$/;

/** Something that may be a network. `blank`: it was made without the arguments that it needs. */
export interface Candidate {
  name: string;
  value: ObjectValue | ContainerValue;
  at: Syntax;
  /** Found while it was made. */
  problems: Problem[];
  blank: boolean;
}

export interface ReadingOptions {
  /** What the whole may take. */
  milliseconds: number;
  /** Of one sample, where the text tells none. */
  shape?: ((model: string) => number[] | null) | undefined;
}

export abstract class Reading implements Framework {
  protected readonly problems: Problem[] = [];
  protected readonly python: Interpreter;
  protected readonly objects: ObjectValue[] = [];
  protected readonly blocks = new Set<ClassValue>();
  /** Modules that networks of libraries are given as arguments. */
  private readonly handed = new Set<Value>();
  protected drawing: Drawing = { drafts: [], outputs: [], axes: 'channels-first', part: (which) => this.part(which) };
  /** Objects whose forward is being followed, innermost last, with their call sites. */
  protected readonly running: { object: ObjectValue | null; group: string; at: Syntax; run: Run | null }[] = [];
  /** Shapes of one input, by network or its class, where the code shows one. */
  private readonly shapes = new Map<Value, number[]>();
  /** Those of its further inputs. */
  private readonly otherShapes = new Map<Value, (number[] | null)[]>();
  protected outOfTime = false;
  /** The text does not parse: what is missing may be there. */
  protected unfinished = false;

  /** Layers, containers and steps that were made. */
  made = 0;

  constructor(protected readonly modules: Modules, private readonly budget: Budget, protected readonly options: ReadingOptions) {
    this.python = new Interpreter(modules, this, budget, (code, message, at) => this.add(code, message, at));
  }

  /** Whether a dotted path is a class from which networks derive. */
  protected abstract isBase(path: string): boolean;
  /** Names of the method that applies a module to signals. */
  protected abstract readonly entries: readonly string[];
  /** What a file of this framework defines where it defines a network: for the message that there is none. */
  protected abstract readonly networkForms: string;

  /** The order of axes of its signals. */
  protected abstract readonly axes: Drawing['axes'];
  protected readonly mostLayers: number = MOST_LAYERS;

  abstract callExternal(path: string, args: Arguments, at: Syntax): Value;
  abstract attribute(of: Value, name: string, at: Syntax): Value | undefined;
  abstract method(self: Value, name: string, args: Arguments, at: Syntax): Value | undefined;
  abstract binary(op: string, a: Value, b: Value, at: Syntax): Value | undefined;
  abstract unpack(of: Value, count: number, at: Syntax): Value[] | undefined;
  abstract items(of: Value): Value[] | undefined;
  abstract isInstance(v: Value, cls: Value): boolean | undefined;
  abstract initialiseBase(self: ObjectValue, base: Value, args: Arguments, at: Syntax): void;
  /** The step that takes a part of a signal. */
  abstract part(which: Part | 'pair'): Draft;
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

  /** The code applies a network to an input of this shape, the batch axis left out. */
  protected shown(network: Value, shape: number[], others: (number[] | null)[] = []): void {
    const of = network.t === 'object' ? network.cls : network;
    if (this.shapes.has(of)) return;
    this.shapes.set(of, shape);
    this.otherShapes.set(of, others);
  }

  /** The input goes into this module first: where the code shows what such a module is given, that is the input's shape. */
  protected entered(module: Value, input: Value | undefined): void {
    if (!this.drawing.open || this.drawing.inputShape || input?.t !== 'tensor' || input.from !== null || input.stream !== undefined || input.cast) return;
    const shape = this.shapes.get(module.t === 'object' ? module.cls : module);
    if (shape) this.drawing.inputShape = shape;
  }

  /** The shape that steps give for an example, batch axis left out; drawn aside, so that nothing of it belongs to a network. */
  protected measured(apply: (signal: TensorValue) => Value | undefined, shape: number[], field: Field, at: Syntax): { shape: number[]; field: Field } | null {
    const { drawing } = this;
    const problems = this.problems.splice(0);
    this.drawing = { ...drawing, drafts: [], outputs: [], axes: this.axes, streams: false, open: true, inputShape: shape, inputField: field };
    try {
      const result = apply({ t: 'tensor', from: null });
      this.drawing.outputs = result ? this.tensorsIn(result, at) : [];
      const { layers, graph } = graphOf(fused(paired(this.drawing)), '', 1, []);
      const last = graph.outputs.length === 1 ? layers.find((l) => l.id === graph.outputs[0]) : undefined;
      return last?.output ? { shape: last.output, field: last.field } : null;
    } finally {
      this.drawing = drawing;
      this.problems.splice(0, this.problems.length, ...problems);
    }
  }

  /** The place of a step. */
  protected span(at: { start: number; end: number }): Span {
    return this.modules.main.span(this.python.placeOf(at));
  }

  protected isModule(cls: ClassValue): boolean {
    const base = rootBase(cls);
    if (!base) return false;
    return this.entryOf(cls) !== undefined || (base.t === 'external' && this.isBase(base.path));
  }

  protected add(code: string, message: string, at: { start: number; end: number }): void {
    const elsewhere = this.modules.isMain(at) ? '' : (({ path, line }) => ` (${path}, line ${line})`)(this.modules.whereIs(at));
    this.problems.push(problem(code, message + elsewhere, this.span(at)));
  }

  isKnown(path: string): boolean {
    return libraryOf(path) !== undefined;
  }

  read(): ParsedFile {
    const models: ModelGraph[] = [];
    const syntax = this.syntaxProblems();
    this.unfinished = syntax.length > 0;
    try {
      this.python.runModule(0.4 * this.options.milliseconds);
    } catch (e) {
      if (!(e instanceof OutOfTime)) throw e;
      this.outOfTime = true;
    }
    models.push(...this.networks());
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
    const waiting: Syntax[] = [this.modules.main.root];
    while (waiting.length > 0 && found.length < 5) {
      const node = waiting.pop()!;
      if (node.type === 'ERROR' || node.missing) {
        const text = this.modules.text.slice(node.start, node.end).trim();
        const shown = text.length > 40 ? `${text.slice(0, 37)}...` : text;
        found.push(problem('syntax-error', node.missing
          ? `"${node.type}" is missing here; the statement is not finished.`
          : `This does not parse as Python${shown ? `: "${shown.replace(/\s+/g, ' ')}"` : ''}. The rest of the file is read as far as possible.`,
        this.span({ start: node.start, end: Math.max(node.end, node.start) })));
      } else {
        for (let i = node.children.length - 1; i >= 0; i--) waiting.push(node.children[i]!);
      }
    }
    return found;
  }

  /** What a class of the user's own is by the state that it keeps, where its formula is not read. */
  private knownByState(object: ObjectValue): Partial<Draft> {
    const names = [...object.attributes.keys()];
    if (!names.some((n) => /^running_(mean|covar|var)/i.test(n))) return {};
    const size = ['num_features', 'features', 'num_channels'].map((n) => object.attributes.get(n)).find((v) => v?.t === 'const' && typeof v.v === 'number');
    return { kind: 'batch-norm', reason: null, parameters: { features: size ? (asParameter(size) ?? null) : null, mode: null, evaluationScale: null } };
  }

  protected none(): Arguments {
    return { positional: [], keywords: new Map(), open: true };
  }

  /** Work that has a share of the time; null where it takes longer. */
  protected timed<T>(share: number, work: () => T): T | null {
    this.budget.renew(share * this.options.milliseconds);
    try {
      return work();
    } catch (e) {
      if (!(e instanceof OutOfTime)) throw e;
      this.outOfTime = true;
      return null;
    }
  }

  /** Whether objects of this class can be made without arguments. */
  protected isComplete(cls: ClassValue): boolean {
    const make = memberOf(cls, '__init__');
    return make?.t !== 'function' || this.python.required(make).length <= 1;
  }

  protected networks(): ModelGraph[] {
    const globals = [...this.python.globals.names.entries()];
    const classes = globals.filter((e): e is [string, ClassValue] => e[1].t === 'class' && e[1].name === e[0] && this.modules.isMain(e[1].node) && this.isModule(e[1])).map((e) => e[1]);
    // What a class needs may stand in the functions that make it: ResNet(BasicBlock, [2, 2, 2, 2]). The first is the class's network.
    const before = new Set(this.objects);
    const factories = new Map<ClassValue, Candidate[]>();
    for (const c of this.timed(0.25, () => this.built(globals, classes)) ?? []) {
      if (c.value.t === 'object') factories.set(c.value.cls, [...(factories.get(c.value.cls) ?? []), c]);
    }
    const share = 0.4 / Math.max(1, Math.min(classes.length, 8));
    const candidates: Candidate[] = [];
    // A class that nothing makes is made here without arguments; what is found then counts only if it is a network.
    for (const cls of classes) {
      const problemsBefore = this.problems.splice(0);
      const own = this.objects.filter((o) => o.cls === cls && before.has(o));
      const byFunction = factories.get(cls) ?? [];
      const shown = own.find((o) => o.outermost) ?? own[0] ?? (byFunction[0]?.value as ObjectValue | undefined) ?? this.objects.find((o) => o.cls === cls);
      const made = shown ?? this.timed(share, () => this.python.guarded(cls.node, () => this.python.instantiate(cls, this.none(), cls.node)));
      const problems = this.problems.splice(0, this.problems.length, ...problemsBefore);
      if (byFunction[0] && made === byFunction[0].value) candidates.push({ ...byFunction[0], name: cls.name, at: cls.node }, ...byFunction.slice(1));
      else if (made) candidates.push({ name: cls.name, value: made, at: cls.node, problems, blank: !shown && !this.isComplete(cls) });
      else this.problems.push(...problems);
    }
    const inner = new Set<Value>();
    const containers = this.containers(globals);
    for (const v of [...containers.map((c) => c.value), ...this.objects]) this.enter(v, (child) => {
      inner.add(child);
      if (child.t === 'object') this.blocks.add(child.cls);
    });
    const isBlock = (v: Value): boolean => !this.standsAlone(v) && (this.handed.has(v) || inner.has(v) || (v.t === 'object' && this.blocks.has(v.cls)));
    candidates.push(...containers);
    // A network of a library stands for itself, with the modules that it is given inside.
    for (const [name, value] of globals) {
      if (value.t !== 'layer' || !value.spelling.network || inner.has(value)) continue;
      candidates.push({ name, value: { t: 'container', kind: 'sequential', items: [{ name, value }], at: value.at, path: '' }, at: value.at, problems: [], blank: false });
    }
    // Networks of other files, made here.
    for (const [, value] of globals) {
      if (value.t === 'object' && !this.modules.isMain(value.cls.node) && this.isModule(value.cls)) candidates.push({ name: value.cls.name, value, at: value.at, problems: [], blank: false });
    }
    // Classes whose __new__ gives a network.
    for (const [name, value] of globals) {
      if (value.t !== 'class' || value.name !== name || !this.modules.isMain(value.node) || this.isModule(value)) continue;
      const make = memberOf(value, '__new__');
      if (make?.t !== 'function' || this.python.required(make).length > 1) continue;
      const made = this.timed(share, () => this.python.guarded(value.node, () => this.python.call(value, { positional: [], keywords: new Map(), open: false }, value.node)));
      if (made?.t === 'container' || (made?.t === 'object' && this.isModule(made.cls))) candidates.push({ name, value: made, at: value.node, problems: [], blank: false });
    }
    const all = [...candidates];
    if (all.length === 0) all.push(...(this.timed(0.2, () => this.builders(globals)) ?? []));
    all.sort((a, b) => a.at.start - b.at.start);
    const open = all.filter((c) => !isBlock(c.value));
    // Where the network that holds it is never made with its sizes, a block that the file makes by itself is what the file shows.
    if (open.every((c) => c.blank)) {
      for (const [, value] of globals) {
        if (value.t === 'object' && value.outermost && this.isModule(value.cls) && this.modules.isMain(value.cls.node) && !inner.has(value) && !this.handed.has(value)) open.push({ name: value.cls.name, value, at: value.at, problems: [], blank: false });
      }
      if (open.some((c) => !c.blank)) open.splice(0, open.length, ...open.filter((c) => !c.blank));
    }
    const drawn = open.length > 0 ? open : all;
    const graphs: { graph: ModelGraph; problems: Problem[]; weights: number; layers: number; of: Value | null; blank: boolean }[] = [];
    for (const c of drawn) {
      const before = this.problems.splice(0);
      const own: Problem[] = [];
      const drawing = this.timed(share, () => this.python.guarded(c.at, () => this.draw(c.value, c.at)) ?? this.unfollowed(c));
      if (drawing && (drawing.drafts.length > 0 || c.value.t === 'container')) {
        const graph = this.graphOf(drawing, c, own);
        graphs.push({ graph, problems: [...c.problems, ...this.problems, ...own], weights: drawing.drafts.filter((d) => isWeighted(d.kind) || d.kind === 'unresolved').length, layers: drawing.drafts.filter((d) => isWeighted(d.kind)).length, of: c.value.t === 'object' ? c.value.cls : null, blank: c.blank });
      } else {
        before.push(...this.problems);
      }
      this.problems.splice(0, this.problems.length, ...before);
    }
    // A class without weights beside real networks is an activation or a loss; one layer that needs sizes is a block, and a class
    // that needs sizes, from which one is derived that has them, is what such classes share.
    const weighted = graphs.filter((g) => g.weights > 0);
    const isBaseHere = (of: Value | null, among = drawn): boolean => among.some((c) => c.value.t === 'object' && c.value.cls.bases.some((b) => b === of));
    const whole = weighted.filter((g) => g.layers > 0 || !isBaseHere(g.of)).filter((g) => !g.blank || g.weights > 1 && !BLOCK_NAME.test(g.graph.name) && !isBaseHere(g.of, drawn.filter((c) => !c.blank)));
    const kept = whole.length > 0 ? whole : weighted.length > 0 ? weighted : graphs;
    for (const g of kept) this.problems.push(...g.problems);
    return kept.map((g) => g.graph);
  }

  /** A network whose code nests deeper than is followed: one step that says so. */
  private unfollowed(c: Candidate): Drawing {
    const step: Draft = { ...this.blank(c.at), name: c.name, reason: 'Its code nests or calls itself deeper than is followed.' };
    return { ...this.drawing, drafts: [{ ...step, inputs: [{ t: 'tensor', from: null }] }], outputs: [{ t: 'tensor', from: 0 }], axes: this.axes, streams: false, open: false, inputShape: null };
  }

  /** The graph; where neither its layers nor the text tell the input's shape, with the one that the user gives. */
  private graphOf(drawing: Drawing, c: Candidate, problems: Problem[]): ModelGraph {
    const made = (inputShape: number[] | null | undefined, found: Problem[]): ModelGraph =>
      graphOf({ ...drawing, inputShape: inputShape ?? null }, c.name, this.span(c.at).line, found, this.modules.main.text);
    const plain: Problem[] = [];
    const graph = made(drawing.inputShape, plain);
    const described = graph.inputShape ? null : this.describedShape(c);
    if (described) {
      // What a comment says counts where the layers do not contradict it.
      const found: Problem[] = [];
      const so = made(described, found);
      if (!found.some((p) => p.code === 'shape-mismatch')) {
        problems.push(...found);
        return so;
      }
    }
    const shape = graph.inputShape ? null : (this.options.shape?.(c.name) ?? null);
    if (!shape) {
      problems.push(...plain);
      return graph;
    }
    return { ...made(shape, problems), shapeGiven: true };
  }

  /** The shape that the docstring of the class or of its method gives: "Input: (B, 1, 28, 28)". */
  private describedShape(c: Candidate): number[] | null {
    if (c.value.t !== 'object') return null;
    const bodies = [c.value.cls.node, this.entryOf(c.value.cls)?.node].flatMap((node) => node?.children.find((child) => child.field === 'body') ?? []);
    for (const body of bodies) {
      const first = body.children[0];
      if (first?.type !== 'expression_statement' || first.children[0]?.type !== 'string') continue;
      const m = DESCRIBED.exec(this.python.text(first).slice(0, 5000));
      const sizes = m?.[1]!.split(/[,x×]/).map((n) => Number(n.trim()));
      if (sizes?.every((n) => Number.isInteger(n) && n > 0)) return sizes;
    }
    return null;
  }

  /** Whether it is a network of its own even within another. */
  protected standsAlone(_: Value): boolean {
    return false;
  }

  /** The containers that may be networks. */
  protected containers(globals: [string, Value][]): Candidate[] {
    return globals.flatMap(([name, value]) => (value.t === 'container' && value.kind === 'sequential' ? [{ name, value, at: value.at, problems: [], blank: false }] : []));
  }

  /** Networks that functions make which nothing calls and which need no arguments: def resnet18(): return ResNet(Block, [2, 2]). */
  private built(globals: [string, Value][], classes: ClassValue[]): Candidate[] {
    const names = classes.filter((c) => !this.isComplete(c) && !this.objects.some((o) => o.cls === c)).map((c) => c.name);
    if (names.length === 0) return [];
    const made = new RegExp(`\\b(?:${names.join('|')})\\s*\\(`);
    const out: Candidate[] = [];
    for (const [name, fn] of globals) {
      if (fn.t !== 'function' || !this.modules.isMain(fn.node) || this.python.called.has(fn.node) || this.python.required(fn).length > 0 || !made.test(this.python.text(fn.node))) continue;
      const before = this.problems.splice(0);
      const first = this.objects.length;
      const value = this.python.guarded(fn.node, () => this.python.call(fn, { positional: [], keywords: new Map(), open: false }, fn.node));
      const problems = this.problems.splice(0, this.problems.length, ...before);
      // Where it returns something else, what it made and tried.
      const object = value?.t === 'object' && this.isModule(value.cls) ? value : this.objects.slice(first).find((o) => names.includes(o.cls.name) && o.outermost);
      if (object) out.push({ name: value === object ? name : object.cls.name, value: object, at: fn.node, problems, blank: false });
    }
    return out;
  }

  /** Functions that nothing calls and that return a network. */
  protected builders(globals: [string, Value][]): Candidate[] {
    const out: Candidate[] = [];
    for (const [name, fn] of globals) {
      if (fn.t !== 'function' || this.python.called.has(fn.node) || !/Sequential/.test(this.python.text(fn.node))) continue;
      const value = this.python.guarded(fn.node, () => this.python.call(fn, { positional: [], keywords: new Map(), open: false }, fn.node));
      if (value && (value.t === 'container' || value.t === 'object')) out.push({ name, value, at: fn.node, problems: [], blank: false });
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
    this.drawing = { ...this.drawing, drafts: [], outputs: [], axes: this.axes, streams: false, open: true, inputShape: this.shapes.get(root.t === 'object' ? root.cls : root) ?? null };
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
      result = forward ? this.runForward(root, forward, { positional: this.inputsFor(forward, this.otherShapes.get(root.cls)), keywords: this.namedFor(forward), open: false }, at) : this.runItems(root.items!, input, at);
    } else {
      result = this.runItems(root.items, input, at);
    }
    this.drawing.outputs = this.tensorsIn(result, at);
    this.drawing.open = false;
    return fused(paired(this.drawing));
  }

  /** One input signal for each argument of forward that has no default; two that are named as parts are those of one number. */
  protected inputsFor(forward: FunctionValue, others: (number[] | null)[] = []): Value[] {
    const parameters = forward.node.children.find((c) => c.field === 'parameters')?.children.filter((c) => c.named) ?? [];
    const given = parameters.slice(forward.decorators.includes('staticmethod') ? 0 : 1).filter((p) => p.type === 'identifier' || (p.type === 'typed_parameter' && !this.python.text(p).startsWith('*')));
    const [re, im] = given.map((p) => this.python.text(p).split(':')[0]!.trim());
    this.drawing.streams = given.length === 2 && REAL_NAME.test(re!) && IMAGINARY_NAME.test(im!);
    return given.map((_, i): Value => {
      const shape = i > 0 && !this.drawing.streams ? others[i - 1] : null;
      return { t: 'tensor', from: null, ...(shape ? { shape } : {}), ...(this.drawing.streams ? { stream: i as 0 | 1 } : {}) };
    });
  }

  /** What forward is given by name. */
  protected namedFor(_forward: FunctionValue): Map<string, Value> {
    return new Map();
  }

  unary(op: string, a: Value, at: Syntax): Value | undefined {
    if (a.t === 'array') return op === '-' ? scaled(a, -1) : a;
    if (a.t !== 'tensor') return undefined;
    if (op === '+') return a;
    return (op === '-' && step(this, (z) => ({ op: 'negative', of: z }), [a], 'Arithmetic on the signal is not read.', at)) || this.unresolved([a], 'Arithmetic on the signal is not read.', at);
  }

  protected tensorsIn(v: Value, at: Syntax): TensorValue[] {
    if (v.t === 'tensor') return [v];
    if (v.t === 'list') return v.items.flatMap((i) => this.tensorsIn(i, at));
    if (v.t === 'dict') return [...v.entries.values()].flatMap((i) => this.tensorsIn(i, at));
    return [];
  }

  emit(d: Partial<Draft> & Pick<Draft, 'kind' | 'inputs'>, at: Syntax): TensorValue {
    this.made++;
    if (this.drawing.drafts.length >= this.mostLayers) throw new OutOfTime();
    const group = this.running.at(-1)?.group;
    const runs = this.runs();
    if (isWeighted(d.kind)) for (const run of runs) run.weighted = true;
    this.drawing.drafts.push({ ...this.blank(at), group: group || null, ...(runs.length > 0 ? { runs } : {}), ...d });
    return { t: 'tensor', from: this.drawing.drafts.length - 1 };
  }

  /** The calls that are being followed, innermost first. All steps of one call share the list. */
  private runs(): Run[] {
    const innermost = this.running.findLast(({ run }) => run)?.run ?? null;
    if (this.ofInnermost?.innermost !== innermost || this.ofInnermost?.depth !== this.running.length) {
      this.ofInnermost = { innermost, depth: this.running.length, runs: this.running.flatMap(({ run }) => run ?? []).reverse() };
    }
    return this.ofInnermost!.runs;
  }
  private ofInnermost: { innermost: Run | null; depth: number; runs: Run[] } | null = null;

  /** A step at this place of which nothing is known yet. */
  protected blank(at: { start: number; end: number }): Draft {
    return { kind: 'unresolved', name: null, parameters: {}, inputs: [], span: this.span(at), group: null, spelling: null, activation: null, reason: null, layer: null, sharedWith: null };
  }

  protected unresolved(inputs: TensorValue[], reason: string, at: Syntax, name: string | null = null): TensorValue {
    return this.emit({ kind: 'unresolved', inputs: distinct(inputs), reason, name }, at);
  }

  /** Whether code applies this real activation to the parts of complex numbers. */
  protected actsOnParts(layer: LayerValue): boolean {
    return layer.library.id === 'torch';
  }

  /** Layers that read several signals say in `refusal` why they do not read these. */
  protected applyLayer(layer: LayerValue, inputs: Value[], at: Syntax, refusal: string | null = layer.spelling.attention ? `${layer.text} is called with queries, keys and values, and here it is given one signal.` : null): Value {
    const tensors = inputs.flatMap((v) => this.tensorsIn(v, at));
    if (tensors.length === 0) return this.unresolved([], `${layer.text} is applied to something that is not a signal known from the text.`, at);
    if (layer.spelling.activation === 'identity') return this.passed(layer, tensors[0]!, at);
    const { kind, parameters, reason } = refusal === null ? normalised(layer) : { kind: 'unresolved' as const, parameters: {}, reason: refusal };
    const real = kind === 'activation' && this.actsOnParts(layer) ? layer.spelling.realActivation : undefined;
    const formula = real && formulaOf(real, parameters);
    const shared = isWeighted(kind) && layer.drawn?.drawing === this.drawing ? layer.drawn.index : null;
    const out = this.emit({
      kind, parameters, inputs: refusal === null && kind !== 'unresolved' ? tensors.slice(0, 1) : distinct(tensors), name: isWeighted(kind) || kind !== 'activation' ? layer.name : null,
      span: layer.span, ...(this.running.length > 0 ? { callSpan: this.span(at) } : {}), group: layer.group ?? (this.running.at(-1)?.group || null),
      spelling: { row: layer.spelling, library: layer.library, text: layer.text }, activation: layer.activation, reason: layer.reason ?? reason, layer, sharedWith: shared, ...(formula ? { formula } : {}),
    }, at);
    if (shared === null) layer.drawn = { drawing: this.drawing, index: out.from! };
    const norm = kind === 'unresolved' ? undefined : layer.spelling.residualNorm;
    if (!norm) return out;
    const sum = this.emit({ kind: 'add', inputs: [tensors[0]!, out] }, at);
    const after = this.makeLayer(findSpelling(norm.path)!, norm.path, { positional: [constant(parameters.outFeatures as number)], keywords: new Map([['eps', constant(norm.epsilon)]]), open: false }, layer.at);
    return this.applyLayer({ ...after, text: norm.path.slice(norm.path.lastIndexOf('.') + 1), group: layer.group }, [sum], at);
  }

  /** What an identity gives: its input, which some make complex. */
  protected passed(layer: LayerValue, signal: TensorValue, at: Syntax): TensorValue {
    switch (layer.spelling.casts) {
      case 'zero-imaginary': return { ...signal, cast: 'complex' };
      case 'pairs':
        if (signal.from !== null) return this.unresolved([signal], `${layer.text} reads pairs of real numbers as complex ones, which is read at the network's input only.`, at, layer.name);
        this.add('pairs-as-complex', `${layer.text} reads pairs of real numbers as complex ones. Inputs of the analysis are the complex numbers, half as many as the real ones that the code is given.`, layer.at);
        return signal;
      default: return signal;
    }
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
    const zero = (v: Value): boolean => (v.t === 'array' && v.fill === 0) || (v.t === 'list' && v.items.every(zero));
    const given = start !== undefined && truth(start) !== false && !zero(start);
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

  /** Work inside a call of a module; it is left whatever happens. */
  protected within<T>(call: { object: ObjectValue | null; group: string; at: Syntax; run: Run | null }, work: () => T): T {
    const outer = this.running.length;
    this.running.push(call);
    try {
      return work();
    } finally {
      this.running.length = outer;
    }
  }

  protected runForward(object: ObjectValue, forward: FunctionValue, args: Arguments, at: Syntax): Value {
    const isRoot = this.running.length === 0;
    const run: Run | null = isRoot ? null : {
      weighted: false,
      step: {
        ...this.blank(object.at), name: object.cls.name, callSpan: this.span(at), group: object.path || null,
        reason: `The class ${object.cls.name} of this file computes a formula that is not recognised`,
        ...this.knownByState(object),
      },
    };
    const own = forward.decorators.includes('staticmethod') ? [] : [object];
    const result = this.within({ object, group: object.path, at, run }, () => this.python.callFunction(forward, { ...args, positional: [...own, ...args.positional] }, object));
    const made = result.t === 'tensor' && result.from !== null ? this.drawing.drafts[result.from]! : null;
    if (run && made) (made.ends ??= []).push(run);
    if (result.t === 'unknown' || (result.t === 'const' && !isRoot)) {
      const signals = args.positional.flatMap((v) => this.tensorsIn(v, at));
      return this.unresolved(signals, `What forward of ${object.cls.name} returns is not known from the text.`, object.at, object.cls.name);
    }
    return result;
  }

  created(object: ObjectValue, inside: ObjectValue | null): void {
    if (!this.isModule(object.cls)) return;
    this.objects.push(object);
    this.made++;
    object.outermost = inside === null;
    if (inside && inside.cls !== object.cls && this.isModule(inside.cls)) this.blocks.add(object.cls);
  }

  protected signals(v: Value): Value[] {
    if (v.t === 'tensor') return [v];
    return v.t === 'list' ? v.items.flatMap((i) => (i.t === 'tensor' ? [i] : [])) : [];
  }

  protected written(at: Syntax): string {
    const callee = at.children.find((c) => c.field === 'function') ?? at;
    const text = this.python.text(callee).replace(/\s+/g, ' ');
    return text.length > 50 ? `${text.slice(0, 47)}...` : text;
  }

  /** A layer object from its row and arguments. */
  protected makeLayer(found: { library: Library; spelling: Spelling }, path: string, args: Arguments, at: Syntax): LayerValue {
    this.made++;
    const { library, spelling } = found;
    const text = at.type === 'call' ? this.written(at) : path;
    const given = (name: string): Value | undefined => {
      const i = (spelling.arguments ?? []).indexOf(name);
      return args.keywords.get(name) ?? (i >= 0 ? args.positional[i] : undefined);
    };
    const parameters: Record<string, ParameterValue> = {};
    for (const [key, { from, also, default: standard, named, optional, unlessFloat }] of Object.entries(spelling.parameters ?? {})) {
      const value = (from ? given(from) : undefined) ?? (also ? given(also) : undefined);
      const known = named && value?.t === 'external' ? value.path : named && value?.t === 'layer' ? value.text : value ? asParameter(value) : undefined;
      parameters[key] = value ? (known ?? null) : standard;
      if (unlessFloat !== undefined && value?.t === 'const' && !value.float && !(typeof value.v === 'number' && !Number.isInteger(value.v))) parameters[key] = unlessFloat;
      const required = standard === null && key !== 'stride' && optional !== true;
      if ((value && known === undefined) || (!value && required)) {
        const why = value?.t === 'unknown' ? value.reason : value ? 'it is not a constant' : args.open ? 'it comes from a star argument' : 'it is missing';
        if (spelling.kind !== 'activation') this.add('unknown-parameter', `The ${from} of ${text} is not known from the text: ${why}. Sizes and variances that follow from it are unknown.`, at);
      }
    }
    if (spelling.network) {
      for (const v of [...args.positional, ...args.keywords.values()]) {
        this.handed.add(v);
        if (v.t === 'object') this.blocks.add(v.cls);
      }
    }
    const dtype = given('dtype') ?? args.keywords.get('dtype');
    const asked = spelling.dtypeIgnored ? null : this.fieldOf(dtype);
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
    return { t: 'layer', spelling, library, text, parameters, activation, reason, field, cast: false, weight: null, bias: null, at, span: this.span(at), name: null, group: null, drawn: null };
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
export function normalised(layer: LayerValue): { kind: Draft['kind']; parameters: Record<string, ParameterValue>; reason: string | null } {
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

/** One message a place. */
function unique(problems: Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter((p) => {
    const key = `${p.code}\0${p.span.line}:${p.span.column}\0${p.message}`;
    return !seen.has(key) && seen.add(key);
  });
}
