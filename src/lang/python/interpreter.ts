// A bounded reading of Python: assignments, classes, functions, constant arithmetic, constant loops. It never runs Python,
// and it does not know what a layer is: the framework answers for everything that is imported.
import type { Budget } from '../budget.ts';
import { OutOfTime, TooDeep } from '../budget.ts';
import { boundNames } from './bound.ts';
import type { Modules, OpenedModule } from './modules.ts';
import { fieldOf, fieldsOf, namedOf, type Syntax } from '../parser.ts';
import { Scope } from './scope.ts';
import { optionsMethod, standardCall, standardNumber } from './standard.ts';
import {
  constant, float, listOf, NONE, truth, unknown,
  type Arguments, type ClassValue, type Constant, type FunctionValue, type ObjectValue, type Value,
} from './values.ts';

/** What the interpreter asks about values it does not own. `undefined` means: not mine. */
export interface Framework {
  callExternal(path: string, args: Arguments, at: Syntax): Value;
  call(fn: Value, args: Arguments, at: Syntax): Value | undefined;
  attribute(of: Value, name: string, at: Syntax): Value | undefined;
  method(self: Value, name: string, args: Arguments, at: Syntax): Value | undefined;
  binary(op: string, a: Value, b: Value, at: Syntax): Value | undefined;
  unary(op: string, a: Value, at: Syntax): Value | undefined;
  items(of: Value): Value[] | undefined;
  /** What `count` names on the left of an assignment get, where the value is no list. */
  unpack(of: Value, count: number, at: Syntax): Value[] | undefined;
  /** What a comparison of values gives that are no constants. */
  compared?(op: string, a: Value, b: Value): boolean | undefined;
  isInstance(v: Value, cls: Value): boolean | undefined;
  /** super().__init__ of a class whose base is imported. */
  initialiseBase(self: ObjectValue, base: Value, args: Arguments, at: Syntax): void;
  created(object: ObjectValue, inside: ObjectValue | null): void;
  /** Whether names of this dotted path belong to a library that is known: its own files are not followed. */
  isKnown(path: string): boolean;
  /** How much has been made so far: layers, containers, steps. */
  readonly made: number;
}

type Report = (code: string, message: string, at: Syntax) => void;

type Flow = 'next' | 'return' | 'break' | 'continue' | 'raise';

interface Frame {
  scope: Scope;
  /** The block of statements that runs. */
  block: Syntax | null;
  self: ObjectValue | null;
  owner: ClassValue | null;
  result: Value;
}

/** Deepest nesting of expressions and calls that is followed: safely under the JavaScript stack. */
const DEPTH = 300;
const LONGEST_LOOP = 4096;
/** After so many rounds that make nothing a loop is taken for numbers or training: it is left. */
const IDLE_ROUNDS = 24;
/** What a loop that makes layers has in its body. */
const MAKES = /\b[A-Z]\w*\s*\(|append|extend|insert|add_module|setattr|register_|\bself\.\w+\s*(?:\(|=)|\bnn\.|layers?\b|\+=\s*\[/;
/** Statements that define names. */
const DEFINES = /_definition$|^import/;

const arithmetic: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b, '-': (a, b) => a - b, '*': (a, b) => a * b, '/': (a, b) => a / b,
  '//': (a, b) => Math.floor(a / b), '%': (a, b) => a - b * Math.floor(a / b), '**': (a, b) => a ** b,
  '<<': (a, b) => a * 2 ** b, '>>': (a, b) => Math.floor(a / 2 ** b),
};

const toNumber = (v: Constant): number | null => (typeof v === 'number' ? v : typeof v === 'boolean' ? Number(v) : null);

export class Interpreter {
  readonly globals = new Scope(null);
  /** Functions that were called, to tell entry points from the rest. */
  readonly called = new Set<Syntax>();
  private depth = 0;
  private given: ReadonlyMap<string, Value> = new Map();
  /** Calls and imports of the main file that are being followed, innermost last. */
  private readonly sites: Syntax[] = [];
  private readonly scopes = new Map<string, Scope>();
  /** Names that the main file binds anywhere; null where they cannot all be seen. */
  private bound: Set<string> | null | undefined;

  constructor(
    readonly modules: Modules,
    private readonly framework: Framework,
    private readonly budget: Budget,
    private readonly report: Report,
  ) {
    this.globals.names.set('__name__', constant('__main__'));
  }

  text(node: Syntax): string {
    return this.modules.text.slice(node.start, node.end);
  }

  /** The node, or the call of the main file that led into another file. */
  placeOf(at: { start: number; end: number }): { start: number; end: number } {
    return this.modules.isMain(at) ? at : (this.sites.at(-1) ?? { start: 0, end: 0 });
  }

  private within<T>(site: Syntax, work: () => T): T {
    if (!this.modules.isMain(site)) return work();
    this.sites.push(site);
    const value = work();
    this.sites.pop();
    return value;
  }

  /** All top-level statements; one that nests too deeply is reported and passed over, and without time only definitions are read. */
  runModule(milliseconds: number): void {
    this.budget.renew(milliseconds);
    const frame: Frame = { scope: this.globals, block: null, self: null, owner: null, result: NONE };
    let hurried = false;
    for (const statement of this.modules.main.root.children) {
      if (hurried && !DEFINES.test(statement.type)) continue;
      try {
        this.guarded(statement, () => this.execute(statement, frame));
      } catch (e) {
        if (!(e instanceof OutOfTime) || hurried) throw e;
        hurried = true;
        this.report('time-budget', 'Running through this statement takes longer than is allowed; it is passed over, and after it only classes, functions and imports are read.', statement);
        this.budget.renew(milliseconds / 2);
      }
    }
  }

  /** The names of a module of the user's own, which is read at its first import. */
  private namesOf(module: OpenedModule, at: Syntax): Scope {
    const known = this.scopes.get(module.path);
    if (known) return known;
    const scope = new Scope(null);
    scope.names.set('__name__', constant(module.path));
    this.scopes.set(module.path, scope);
    const frame: Frame = { scope, block: null, self: null, owner: null, result: NONE };
    this.within(at, () => {
      for (const statement of module.root.children) this.guarded(statement, () => this.execute(statement, frame));
    });
    return scope;
  }

  /** Runs one piece of work; too deep a nesting in it becomes a problem. */
  guarded<T>(at: Syntax, work: () => T): T | undefined {
    const before = this.depth;
    const sites = this.sites.length;
    try {
      return work();
    } catch (e) {
      if (!(e instanceof TooDeep || e instanceof RangeError)) throw e;
      this.report('nesting-too-deep', 'This code nests or calls itself deeper than is followed; what it defines is not read. Split the expression, or write the recursion as a loop.', at);
      return undefined;
    } finally {
      this.depth = before;
      this.sites.length = sites;
    }
  }

  private deeper<T>(work: () => T): T {
    this.budget.tick();
    if (++this.depth > DEPTH) throw new TooDeep();
    const value = work();
    this.depth--;
    return value;
  }

  // ---- statements

  private block(node: Syntax | undefined, frame: Frame): Flow {
    if (!node) return 'next';
    const outer = frame.block;
    for (const s of node.children) {
      frame.block = node;
      const flow = this.execute(s, frame);
      if (flow !== 'next') return flow;
    }
    frame.block = outer;
    return 'next';
  }

  private execute(node: Syntax, frame: Frame): Flow {
    return this.deeper(() => this.statement(node, frame));
  }

  private statement(node: Syntax, frame: Frame): Flow {
    switch (node.type) {
      case 'import_statement': this.importModules(node, frame); return 'next';
      case 'import_from_statement': this.importNames(node, frame); return 'next';
      case 'expression_statement': {
        for (const child of namedOf(node)) {
          if (child.type === 'assignment') this.assignment(child, frame);
          else if (child.type === 'augmented_assignment') this.augmented(child, frame);
          else this.evaluate(child, frame);
        }
        return 'next';
      }
      case 'class_definition': this.defineClass(node, frame, []); return 'next';
      case 'function_definition': this.defineFunction(node, frame, []); return 'next';
      case 'decorated_definition': {
        const decorators = node.children.filter((c) => c.type === 'decorator').map((d) => this.text(d).slice(1).trim());
        const definition = fieldOf(node, 'definition');
        if (definition?.type === 'class_definition') this.defineClass(definition, frame, decorators);
        else if (definition) this.defineFunction(definition, frame, decorators);
        return 'next';
      }
      case 'return_statement': {
        const value = namedOf(node)[0];
        frame.result = value ? this.evaluate(value, frame) : NONE;
        return 'return';
      }
      case 'if_statement': return this.branch(node, frame);
      case 'for_statement': return this.loop(node, frame);
      case 'while_statement': return this.whileLoop(node, frame);
      case 'with_statement': {
        for (const item of node.children.filter((c) => c.type === 'with_clause').flatMap(namedOf)) {
          const value = fieldOf(item, 'value');
          if (value?.type === 'as_pattern') {
            const target = fieldOf(value, 'alias');
            if (target) for (const t of namedOf(target)) this.assign(t, unknown('a context manager'), frame);
          }
        }
        return this.block(fieldOf(node, 'body'), frame);
      }
      case 'try_statement': {
        const flow = this.block(fieldOf(node, 'body'), frame);
        const last = node.children.find((c) => c.type === 'finally_clause');
        if (last) for (const b of last.children.filter((c) => c.type === 'block')) this.block(b, frame);
        return flow === 'raise' ? 'next' : flow;
      }
      case 'global_statement': case 'nonlocal_statement':
        for (const name of namedOf(node)) frame.scope.declare(this.text(name), node.type === 'global_statement' ? 'global' : 'nonlocal');
        return 'next';
      case 'break_statement': return 'break';
      case 'continue_statement': return 'continue';
      case 'raise_statement': return 'raise';
      case 'match_statement':
        this.report('data-dependent-branch', 'A match statement is not followed; none of its cases is read.', node);
        return 'next';
      case 'ERROR':
        // What the parser could save of a half-typed statement.
        for (const child of node.children) if (/_statement$|_definition$/.test(child.type)) this.execute(child, frame);
        return 'next';
      default: return 'next';
    }
  }

  /** The module of this name among the user's files. */
  private moduleAt(path: string, at: Syntax): Value | undefined {
    if (this.framework.isKnown(path)) return undefined;
    const module = this.modules.find(path, at);
    return module && { t: 'module', path, names: this.namesOf(module, at), at };
  }

  private importModules(node: Syntax, frame: Frame): void {
    for (const name of fieldsOf(node, 'name')) {
      const aliased = name.type === 'aliased_import';
      const path = this.text(aliased ? fieldOf(name, 'name')! : name);
      const bound = aliased ? path : path.split('.', 1)[0]!;
      // A package that is a folder without a file of its own still leads to its modules.
      const inside = !aliased && bound !== path && !this.framework.isKnown(path) && this.modules.find(path, node) ? { t: 'module' as const, path: bound, names: new Scope(null), at: node } : undefined;
      frame.scope.names.set(aliased ? this.text(fieldOf(name, 'alias')!) : bound, this.moduleAt(bound, node) ?? inside ?? { t: 'external', path: bound });
    }
  }

  private importNames(node: Syntax, frame: Frame): void {
    const moduleName = fieldOf(node, 'module_name');
    if (!moduleName) return;
    const path = this.text(moduleName).replace(/\s+/g, '');
    const module = this.moduleAt(path, node);
    const below = (name: string): string => (path.endsWith('.') ? `${path}${name}` : `${path}.${name}`);
    if (node.children.some((c) => c.type === 'wildcard_import')) {
      if (module?.t === 'module') {
        for (const [name, value] of module.names.names) if (!name.startsWith('_')) frame.scope.names.set(name, value);
        frame.scope.stars.push(...module.names.stars);
      } else frame.scope.stars.push(path);
    }
    for (const name of fieldsOf(node, 'name')) {
      const [of, as] = name.type === 'aliased_import' ? [fieldOf(name, 'name')!, fieldOf(name, 'alias')!] : [name, name];
      const wanted = this.text(of);
      const known = this.modules.inLibrary(path, wanted, node);
      const value = known !== undefined ? { t: 'external' as const, path: known } : (module?.t === 'module' ? module.names.find(wanted) : undefined) ?? this.moduleAt(below(wanted), node)
        ?? (module ? unknown(`${wanted} is not defined in ${path}`) : undefined) ?? { t: 'external', path: below(wanted).replace(/^\.+/, '') };
      frame.scope.names.set(this.text(as), value);
    }
  }

  private assignment(node: Syntax, frame: Frame): Value {
    const left = fieldOf(node, 'left');
    const right = fieldOf(node, 'right');
    const value = !right ? undefined : right.type === 'assignment' ? this.deeper(() => this.assignment(right, frame)) : this.evaluate(right, frame);
    if (left && value) this.assign(left, value, frame);
    return value ?? NONE;
  }

  private augmented(node: Syntax, frame: Frame): void {
    const left = fieldOf(node, 'left')!;
    const right = fieldOf(node, 'right');
    const op = this.text(fieldOf(node, 'operator')!).slice(0, -1);
    if (!right) return;
    const before = this.evaluate(left, frame);
    const by = this.evaluate(right, frame);
    if (op === '+' && before.t === 'list') {
      // In place: other names of the list see it too.
      const more = this.itemsOf(by);
      before.items.push(...(more ?? [unknown('a list that is not constant')]));
    } else {
      this.assign(left, this.operate(op, before, by, node), frame);
    }
  }

  private assign(target: Syntax, value: Value, frame: Frame): void {
    switch (target.type) {
      case 'identifier': frame.scope.set(this.text(target), value); return;
      case 'attribute': {
        const object = this.evaluate(fieldOf(target, 'object')!, frame);
        const name = this.text(fieldOf(target, 'attribute')!);
        if (object.t === 'options') object.entries.set(name, value);
        if (object.t === 'object') this.setAttribute(object, name, value, target, frame);
        return;
      }
      case 'subscript': {
        const of = this.evaluate(fieldOf(target, 'value')!, frame);
        const key = fieldOf(target, 'subscript');
        const at = key && this.evaluate(key, frame);
        if (!at || at.t !== 'const') return;
        if (of.t === 'dict') of.entries.set(at.v, value);
        else if (of.t === 'list' && typeof at.v === 'number') of.items[at.v < 0 ? at.v + of.items.length : at.v] = value;
        else if (of.t === 'container') {
          const name = String(at.v);
          const item = of.items.find((i) => i.name === name);
          if (item) item.value = value;
          else of.items.push({ name, value });
        }
        return;
      }
      case 'pattern_list': case 'tuple_pattern': case 'list_pattern': case 'tuple': case 'list': case 'expression_list': {
        const targets = namedOf(target);
        if (value.t === 'shape') {
          targets.forEach((t, i) => this.assign(t, { t: 'size', axis: i }, frame));
          return;
        }
        const items = this.itemsOf(value) ?? this.framework.unpack(value, targets.length, target) ?? null;
        const star = targets.findIndex((t) => t.type === 'list_splat_pattern');
        targets.forEach((t, i) => {
          if (star >= 0 && i === star && items) {
            this.assign(namedOf(t)[0]!, listOf(items.slice(star, items.length - (targets.length - 1 - star))), frame);
          } else {
            const from = star >= 0 && i > star && items ? items.length - (targets.length - i) : i;
            this.assign(t, items?.[from] ?? unknown('its value is not constant'), frame);
          }
        });
        return;
      }
    }
  }

  /** An attribute that gets a second layer in the same block, before anything used the first, is a slip; in an if it replaces a default. */
  private setAttribute(object: ObjectValue, name: string, value: Value, target: Syntax, frame: Frame): void {
    const before = object.attributes.get(name);
    const isLayer = (v: Value | undefined): boolean => v?.t === 'layer' || v?.t === 'object' || v?.t === 'container';
    const written = object.written?.get(name);
    if (before !== value && isLayer(before) && isLayer(value) && written && written.in === frame.block && written.at !== target) {
      this.report('assigned-twice', `self.${name} is assigned a second time here: the layer assigned before (${clip(this.text(written.at))}) is lost without having been used. Give one of them another name.`, target);
    }
    object.attributes.set(name, value);
    (object.written ??= new Map()).set(name, { at: target, in: frame.block });
  }

  private branch(node: Syntax, frame: Frame): Flow {
    const arms: { condition: Syntax | null; body: Syntax | undefined }[] = [{ condition: fieldOf(node, 'condition') ?? null, body: fieldOf(node, 'consequence') }];
    for (const a of fieldsOf(node, 'alternative')) {
      arms.push(a.type === 'elif_clause'
        ? { condition: fieldOf(a, 'condition') ?? null, body: fieldOf(a, 'consequence') }
        : { condition: null, body: fieldOf(a, 'body') });
    }
    for (const arm of arms) {
      const holds = arm.condition ? truth(this.evaluate(arm.condition, frame)) : true;
      if (holds === false) continue;
      if (holds === null) {
        // A branch that only raises guards against bad input: the model runs past it.
        const only = arm.body?.children ?? [];
        if (only.length > 0 && only[only.length - 1]!.type === 'raise_statement') continue;
        const rest = arms.slice(arms.indexOf(arm) + 1).flatMap((a) => a.body?.children[0] ?? []);
        this.report('data-dependent-branch', `The condition "${clip(this.text(arm.condition!))}" is not known from the text; the analysis reads this branch (${clip(this.text(only[0] ?? node))})${rest.length > 0 ? `, not the other (${rest.map((s) => clip(this.text(s))).join('; ')})` : ''}.`, arm.condition!);
      }
      return this.block(arm.body, frame);
    }
    return 'next';
  }

  private loop(node: Syntax, frame: Frame): Flow {
    const over = fieldOf(node, 'right');
    const target = fieldOf(node, 'left');
    if (!over || !target) return 'next';
    let items = this.itemsOf(this.evaluate(over, frame));
    if (!items) {
      this.report('unknown-loop', `How often "${clip(this.text(over))}" repeats is not known from the text; the body is read as if it ran once.`, over);
      items = [unknown('the element of a loop that is not constant')];
    }
    const body = fieldOf(node, 'body');
    const longest = items.length <= IDLE_ROUNDS ? Infinity : body && MAKES.test(this.text(body)) ? IDLE_ROUNDS : 1;
    let before = this.framework.made;
    let idle = 0;
    for (const item of items) {
      this.budget.tick();
      if (this.framework.made !== before) [before, idle] = [this.framework.made, 0];
      else if (++idle > longest) {
        this.forget(node, frame);
        break;
      }
      this.assign(target, item, frame);
      const flow = this.block(fieldOf(node, 'body'), frame);
      if (flow === 'break') return 'next';
      if (flow === 'return' || flow === 'raise') return flow;
    }
    const alternative = fieldOf(node, 'alternative');
    return alternative ? this.block(fieldOf(alternative, 'body'), frame) : 'next';
  }

  /** What a loop assigns, once it is left before its end. */
  private forget(loop: Syntax, frame: Frame): void {
    const waiting = [...loop.children];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      if (node.type === 'assignment' || node.type === 'augmented_assignment') {
        const left = fieldOf(node, 'left');
        const name = left?.type === 'subscript' ? fieldOf(left, 'value') : left;
        if (name?.type === 'identifier' || name?.type === 'attribute') this.assign(name, unknown('it is computed in a long loop'), frame);
      }
      waiting.push(...node.children);
    }
  }

  private whileLoop(node: Syntax, frame: Frame): Flow {
    const condition = fieldOf(node, 'condition')!;
    for (let n = 0; n < LONGEST_LOOP; n++) {
      const holds = truth(this.evaluate(condition, frame));
      if (holds === false) return 'next';
      if (holds === null) {
        this.report('unknown-loop', `How often "while ${clip(this.text(condition))}" repeats is not known from the text; the body is read as if it ran once.`, condition);
        n = LONGEST_LOOP;
      }
      const flow = this.block(fieldOf(node, 'body'), frame);
      if (flow === 'break') return 'next';
      if (flow === 'return' || flow === 'raise') return flow;
    }
    return 'next';
  }

  private defineFunction(node: Syntax, frame: Frame, decorators: string[], owner?: ClassValue): FunctionValue {
    const name = this.text(fieldOf(node, 'name') ?? node);
    const fn: FunctionValue = { t: 'function', name, node, closure: frame.scope, defaults: this.defaultsOf(fieldOf(node, 'parameters'), frame), decorators, ...(owner ? { owner } : {}) };
    if (owner) owner.members.set(name, fn);
    else frame.scope.names.set(name, fn);
    return fn;
  }

  /** Arguments without a default, self among them. */
  required(fn: FunctionValue): string[] {
    const names: string[] = [];
    for (const p of namedOf(fieldOf(fn.node, 'parameters') ?? fn.node)) {
      if (p.type === 'keyword_separator' || p.type === 'positional_separator') continue;
      const inner = p.type === 'typed_parameter' ? namedOf(p)[0] : p;
      if (inner?.type === 'identifier' && !fn.defaults.has(this.text(inner))) names.push(this.text(inner));
    }
    return names;
  }

  private defaultsOf(parameters: Syntax | undefined, frame: Frame): Map<string, Value> {
    const defaults = new Map<string, Value>();
    for (const p of parameters ? namedOf(parameters) : []) {
      const value = fieldOf(p, 'value');
      if (value) defaults.set(this.text(fieldOf(p, 'name')!), this.evaluate(value, frame));
    }
    return defaults;
  }

  private defineClass(node: Syntax, frame: Frame, decorators: string[]): void {
    const name = this.text(fieldOf(node, 'name') ?? node);
    const supers = fieldOf(node, 'superclasses');
    const bases = (supers ? namedOf(supers) : []).filter((b) => b.type !== 'keyword_argument').map((b) => this.evaluate(b, frame));
    const cls: ClassValue = { t: 'class', name, node, bases, members: new Map(), fields: [] };
    frame.scope.names.set(name, cls);
    // Class-level names are seen by the class body itself, not by its methods.
    const own = new Scope(frame.scope);
    const inside: Frame = { scope: own, block: null, self: null, owner: null, result: NONE };
    for (const s of fieldOf(node, 'body')?.children ?? []) {
      this.guarded(s, () => {
        const inner = s.type === 'decorated_definition' ? fieldOf(s, 'definition') : s;
        if (inner?.type === 'function_definition') {
          const marks = s === inner ? [] : s.children.filter((c) => c.type === 'decorator').map((d) => this.text(d).slice(1).trim());
          const fn = this.defineFunction(inner, inside, marks, cls);
          fn.closure = frame.scope;
        } else {
          const assigned = s.type === 'expression_statement' ? namedOf(s)[0] : undefined;
          if (assigned?.type === 'assignment' && fieldOf(assigned, 'type')) cls.fields.push(this.text(fieldOf(assigned, 'left')!));
          this.execute(s, inside);
        }
      });
    }
    for (const [k, v] of own.names) if (!cls.members.has(k)) cls.members.set(k, v);
    if (!decorators.some((d) => d.includes('dataclass'))) cls.fields = [];
  }

  // ---- expressions

  evaluate(node: Syntax, frame: Frame): Value {
    return this.deeper(() => this.expression(node, frame));
  }

  private expression(node: Syntax, frame: Frame): Value {
    switch (node.type) {
      case 'identifier': return this.name(this.text(node), frame, node);
      case 'integer': case 'float': return number(this.text(node));
      case 'true': return constant(true);
      case 'false': return constant(false);
      case 'none': return NONE;
      case 'string': return this.string(node, frame);
      case 'concatenated_string': {
        const parts = namedOf(node).map((n) => this.evaluate(n, frame));
        return parts.every((p) => p.t === 'const') ? constant(parts.map((p) => String((p as { v: Constant }).v)).join('')) : unknown('a string that is not constant');
      }
      case 'parenthesized_expression': {
        const inner = namedOf(node)[0];
        return inner ? this.evaluate(inner, frame) : NONE;
      }
      case 'list': case 'tuple': case 'expression_list': case 'set':
        return listOf(this.elements(namedOf(node), frame), node.type !== 'list');
      case 'dictionary': return this.dictionary(node, frame);
      case 'list_comprehension': case 'generator_expression': case 'set_comprehension': return this.comprehension(node, frame);
      case 'dictionary_comprehension': {
        const pairs = this.comprehension(node, frame);
        if (pairs.t !== 'list') return pairs;
        const entries = new Map<Constant, Value>();
        for (const pair of pairs.items) if (pair.t === 'list' && pair.items[0]?.t === 'const') entries.set(pair.items[0].v, pair.items[1]!);
        return { t: 'dict', entries };
      }
      case 'pair': return listOf([this.evaluate(fieldOf(node, 'key')!, frame), this.evaluate(fieldOf(node, 'value')!, frame)], true);
      case 'conditional_expression': {
        const [yes, condition, no] = namedOf(node);
        if (!yes || !condition || !no) return unknown('an unfinished expression');
        const holds = truth(this.evaluate(condition, frame));
        if (holds === null) this.report('data-dependent-branch', `The condition "${clip(this.text(condition))}" is not known from the text; the analysis reads ${clip(this.text(yes))}, not ${clip(this.text(no))}.`, condition);
        return this.evaluate(holds === false ? no : yes, frame);
      }
      case 'boolean_operator': {
        const left = this.evaluate(fieldOf(node, 'left')!, frame);
        const isAnd = this.text(fieldOf(node, 'operator')!) === 'and';
        const known = truth(left);
        if (known !== null && known !== isAnd) return left;
        const right = this.evaluate(fieldOf(node, 'right')!, frame);
        if (known !== null) return right;
        // Unknown and False is False; unknown or True is True.
        return truth(right) === !isAnd ? right : unknown('a condition that is not constant');
      }
      case 'not_operator': {
        const known = truth(this.evaluate(fieldOf(node, 'argument')!, frame));
        return known === null ? unknown('a condition that is not constant') : constant(!known);
      }
      case 'comparison_operator': return this.comparison(node, frame);
      case 'unary_operator': {
        const argument = this.evaluate(fieldOf(node, 'argument')!, frame);
        const op = this.text(fieldOf(node, 'operator')!);
        const n = argument.t === 'const' ? toNumber(argument.v) : null;
        if (n !== null) return (argument.t === 'const' && argument.float ? float : constant)(op === '-' ? -n : op === '~' ? ~n : n);
        if (argument.t === 'imaginary') return { t: 'imaginary', v: op === '-' ? -argument.v : argument.v };
        return this.framework.unary(op, argument, node) ?? unknown('arithmetic on a value that is not constant');
      }
      case 'binary_operator':
        return this.operate(this.text(fieldOf(node, 'operator')!), this.evaluate(fieldOf(node, 'left')!, frame), this.evaluate(fieldOf(node, 'right')!, frame), node);
      case 'attribute': return this.attribute(this.evaluate(fieldOf(node, 'object')!, frame), this.text(fieldOf(node, 'attribute') ?? node), node);
      case 'subscript': return this.subscript(node, frame);
      case 'call': return this.callExpression(node, frame);
      case 'lambda': return { t: 'function', name: 'lambda', node, closure: frame.scope, defaults: this.defaultsOf(fieldOf(node, 'parameters'), frame), decorators: [] };
      case 'named_expression': {
        const value = this.evaluate(fieldOf(node, 'value')!, frame);
        frame.scope.names.set(this.text(fieldOf(node, 'name')!), value);
        return value;
      }
      case 'assignment': return this.assignment(node, frame);
      case 'await': return namedOf(node)[0] ? this.evaluate(namedOf(node)[0]!, frame) : NONE;
      default: return unknown(`this expression is not read: ${clip(this.text(node))}`);
    }
  }

  /** Nothing in the text could define it: no statement binds it, and no import may bring it along unseen. */
  private isNowhere(name: string, scope: Scope): boolean {
    for (let s: Scope | null = scope; s; s = s.parent) if (s.stars.length > 0) return false;
    if (this.bound === undefined) this.bound = boundNames(this.modules.main.root, (node) => this.text(node));
    return this.bound !== null && !this.bound.has(name);
  }

  private name(name: string, frame: Frame, at: Syntax): Value {
    const known = frame.scope.find(name);
    if (known) return known;
    if (BUILTINS.has(name)) return { t: 'external', path: `builtins.${name}` };
    if (this.modules.isMain(at) && this.isNowhere(name, frame.scope)) this.report('undefined-name', `The name ${name} is used here and defined nowhere in this file: Python would stop with a NameError. Define or import it.`, at);
    return unknown(`the name ${name} is not defined in this file`);
  }

  private string(node: Syntax, frame: Frame): Value {
    let out = '';
    for (const part of node.children) {
      if (part.type === 'string_content') out += this.text(part);
      else if (part.type === 'interpolation') {
        const inner = fieldOf(part, 'expression');
        const value = inner ? this.evaluate(inner, frame) : NONE;
        if (value.t !== 'const') return unknown('a string that is not constant');
        out += String(value.v);
      }
    }
    return constant(out);
  }

  private elements(nodes: Syntax[], frame: Frame): Value[] {
    const out: Value[] = [];
    for (const n of nodes) {
      if (n.type !== 'list_splat') out.push(this.evaluate(n, frame));
      else {
        const inner = namedOf(n)[0];
        const items = inner && this.itemsOf(this.evaluate(inner, frame));
        out.push(...(items ?? [unknown('a list that is not constant')]));
      }
    }
    return out;
  }

  private dictionary(node: Syntax, frame: Frame): Value {
    const entries = new Map<Constant, Value>();
    for (const n of namedOf(node)) {
      if (n.type === 'pair') {
        const key = this.evaluate(fieldOf(n, 'key')!, frame);
        const value = this.evaluate(fieldOf(n, 'value')!, frame);
        if (key.t === 'const') entries.set(key.v, value);
      } else if (n.type === 'dictionary_splat') {
        const inner = this.evaluate(namedOf(n)[0]!, frame);
        if (inner.t === 'dict') for (const [k, v] of inner.entries) entries.set(k, v);
      }
    }
    return { t: 'dict', entries };
  }

  private comprehension(node: Syntax, frame: Frame): Value {
    const body = fieldOf(node, 'body')!;
    const clauses = namedOf(node).filter((c) => c !== body);
    const inner: Frame = { ...frame, scope: new Scope(frame.scope) };
    const out: Value[] = [];
    const run = (at: number): boolean => {
      this.budget.tick();
      const clause = clauses[at];
      if (!clause) {
        out.push(this.evaluate(body, inner));
        return out.length <= LONGEST_LOOP;
      }
      if (clause.type === 'if_clause') {
        const holds = truth(this.evaluate(namedOf(clause)[0]!, inner));
        return holds === null ? false : holds ? run(at + 1) : true;
      }
      const items = this.itemsOf(this.evaluate(fieldOf(clause, 'right')!, inner));
      if (!items) return false;
      return items.every((item) => {
        this.assign(fieldOf(clause, 'left')!, item, inner);
        return run(at + 1);
      });
    };
    return run(0) ? listOf(out) : unknown('a comprehension whose elements are not known from the text');
  }

  private comparison(node: Syntax, frame: Frame): Value {
    const [left, right] = namedOf(node);
    const operators = fieldsOf(node, 'operators').map((o) => this.text(o));
    if (!left || !right) return unknown('a comparison that is not read');
    if (operators.length !== 1) {
      // a < b < c: each pair of neighbours.
      const all = namedOf(node);
      const each = operators.map((op, k) => this.compared(op, this.evaluate(all[k]!, frame), this.evaluate(all[k + 1]!, frame), node));
      const known = each.map(truth);
      return known.includes(false) ? constant(false) : known.includes(null) ? unknown('a comparison with an unknown value') : constant(true);
    }
    const a = this.evaluate(left, frame);
    const b = this.evaluate(right, frame);
    return this.compared(operators[0]!, a, b, node);
  }

  private compared(operator: string, a: Value, b: Value, at: Syntax): Value {
    const op = operator.replace(/\s+/g, ' ');
    if (a.t === 'tensor' || b.t === 'tensor') return this.framework.binary(op, a, b, at) ?? unknown('a comparison of signals');
    if (op === 'is' || op === 'is not') {
      const same = a.t === 'const' && b.t === 'const' ? a.v === b.v
        : a.t === 'unknown' || b.t === 'unknown' ? null
        : a.t === 'external' && b.t === 'external' ? a.path === b.path : a.t === 'class' || b.t === 'class' ? a === b : a === b;
      return same === null ? unknown('a comparison with an unknown value') : constant(same === (op === 'is'));
    }
    if (op === 'in' || op === 'not in') {
      if (a.t !== 'const') return unknown('a comparison with an unknown value');
      const found = b.t === 'dict' ? b.entries.has(a.v)
        : b.t === 'list' && b.items.every((i) => i.t === 'const') ? b.items.some((i) => i.t === 'const' && i.v === a.v)
        : b.t === 'const' && typeof b.v === 'string' && typeof a.v === 'string' ? b.v.includes(a.v) : null;
      return found === null ? unknown('a comparison with an unknown value') : constant(found === (op === 'in'));
    }
    if (a.t !== 'const' || b.t !== 'const') {
      if (a.t === 'external' && b.t === 'external' && (op === '==' || op === '!=')) return constant((a.path === b.path) === (op === '=='));
      const known = this.framework.compared?.(op, a, b);
      if (known !== undefined) return constant(known);
      if (a.t === 'list' && b.t === 'list' && (op === '==' || op === '!=')) {
        const same = a.items.length === b.items.length && a.items.every((v, k) => v.t === 'const' && b.items[k]!.t === 'const' && v.v === (b.items[k] as { v: Constant }).v);
        if ([...a.items, ...b.items].every((v) => v.t === 'const')) return constant(same === (op === '=='));
      }
      if ((op === '==' || op === '!=') && a.t !== 'unknown' && b.t !== 'unknown' && a.t !== b.t && ![a.t, b.t].some((t) => t === 'size' || t === 'array' || t === 'bound')) return constant(op === '!=');
      return unknown('a comparison with an unknown value');
    }
    switch (op) {
      case '==': return constant(a.v === b.v);
      case '!=': return constant(a.v !== b.v);
    }
    const [x, y] = [a.v, b.v];
    if (x === null || y === null || typeof x !== typeof y) return unknown('a comparison that is not read');
    switch (op) {
      case '<': return constant(x < y);
      case '<=': return constant(x <= y);
      case '>': return constant(x > y);
      case '>=': return constant(x >= y);
      default: return unknown('a comparison that is not read');
    }
  }

  operate(op: string, a: Value, b: Value, at: Syntax): Value {
    const own = this.framework.binary(op, a, b, at);
    if (own) return own;
    if (a.t === 'const' && b.t === 'const') {
      const [x, y] = [toNumber(a.v), toNumber(b.v)];
      if (x !== null && y !== null) {
        const value = arithmetic[op]?.(x, y);
        if (value === undefined || !Number.isFinite(value)) return unknown('arithmetic without a finite value');
        return (op === '/' || a.float || b.float ? float : constant)(value);
      }
      if (op === '+' && typeof a.v === 'string' && typeof b.v === 'string') return constant(clipLong(a.v + b.v));

    }
    if (op === '%' && a.t === 'const' && typeof a.v === 'string') {
      const given = b.t === 'list' ? b.items : [b];
      if (!given.every((v) => v.t === 'const')) return unknown('a string that is not constant');
      let next = 0;
      return constant(clipLong(a.v.replace(/%(?:0?(\d+))?([dsifr%])/g, (_, width: string | undefined, kind: string) => {
        if (kind === '%') return '%';
        const v = given[next++];
        return String(v?.t === 'const' ? v.v : '').padStart(Number(width ?? 0) <= 40 ? Number(width ?? 0) : 0, '0');
      })));
    }
    if (a.t === 'list' && b.t === 'list' && op === '+') return listOf([...a.items, ...b.items], a.tuple);
    const [list, times] = a.t === 'list' ? [a, b] : [b, a];
    if (op === '*' && list.t === 'list' && times.t === 'const' && typeof times.v === 'number') {
      if (list.items.length * times.v > LONGEST_LOOP) return unknown('a list too long to be read');
      return listOf(Array.from({ length: Math.max(0, times.v) }, () => list.items).flat(), list.tuple);
    }
    return unknown('arithmetic on a value that is not constant');
  }

  attribute(of: Value, name: string, at: Syntax): Value {
    switch (of.t) {
      case 'external': return name === '__dict__' ? of : (standardNumber(`${of.path}.${name}`) ?? this.framework.attribute(of, name, at) ?? { t: 'external', path: `${of.path}.${name}` });
      case 'module': return of.names.find(name) ?? this.moduleAt(`${of.path}.${name}`, of.at) ?? unknown(`${of.path} defines no ${name}`);
      case 'dict': {
        const own = of.entries.get(name);
        if (own) return own;
        break;
      }
      case 'options': return of.entries.get(name) ?? { t: 'bound', self: of, name };
      case 'object': {
        const own = of.attributes.get(name);
        if (own) {
          of.written?.delete(name);
          return own;
        }
        const member = memberOf(of.cls, name);
        if (member?.t === 'function') {
          if (member.decorators.includes('property')) return this.callFunction(member, { positional: [of], keywords: new Map(), open: false }, of);
          return member.decorators.includes('staticmethod') ? member : { t: 'method', self: of, fn: member };
        }
        if (member) return member;
        break;
      }
      case 'class': {
        const member = memberOf(of, name);
        if (member) return member;
        if (name === '__name__') return constant(of.name);
        break;
      }
    }
    return this.framework.attribute(of, name, at) ?? { t: 'bound', self: of, name };
  }

  private subscript(node: Syntax, frame: Frame): Value {
    const of = this.evaluate(fieldOf(node, 'value')!, frame);
    const keys = fieldsOf(node, 'subscript');
    const key = keys[0];
    if (!key) return unknown('an unfinished expression');
    if (of.t === 'shape') {
      const at = key.type === 'slice' ? NONE : this.evaluate(key, frame);
      return { t: 'size', axis: at.t === 'const' && typeof at.v === 'number' ? at.v : null };
    }
    const items = this.itemsOf(of);
    if (key.type === 'slice') {
      // Its parts in order, where an absent one is between the colons.
      const parts: (number | null | undefined)[] = [undefined, undefined, undefined];
      let part = 0;
      for (const child of key.children) {
        if (!child.named) part++;
        else {
          const v = this.evaluate(child, frame);
          parts[part] = v.t === 'const' && typeof v.v === 'number' ? v.v : v.t === 'const' && v.v === null ? undefined : null;
        }
      }
      const [from, to, stride = 1] = parts;
      if (items && from !== null && to !== null && stride) {
        const taken = (all: unknown[]): number[] => {
          const order = stride > 0 ? [...all.keys()].slice(from, to) : [...all.keys()].slice(to === undefined ? 0 : to + 1, from === undefined ? undefined : from + 1).reverse();
          return order.filter((_, k) => k % Math.abs(stride) === 0);
        };
        if (of.t === 'const' && typeof of.v === 'string') return constant(taken([...of.v]).map((k) => (of.v as string)[k]).join(''));
        return of.t === 'container' ? { ...of, items: taken(of.items).map((k) => of.items[k]!) } : listOf(taken(items).map((k) => items[k]!), of.t === 'list' && of.tuple);
      }
      return this.framework.binary('[]', of, unknown('a slice'), node) ?? unknown('a slice that is not constant');
    }
    const at = this.evaluate(key, frame);
    if (of.t === 'dict' && at.t === 'const') return of.entries.get(at.v) ?? unknown(`the dictionary has no entry ${JSON.stringify(at.v)}`);
    if (of.t === 'container' && of.kind === 'dict' && at.t === 'const') return of.items.find((i) => i.name === at.v)?.value ?? unknown(`there is no entry ${JSON.stringify(at.v)}`);
    if (items && at.t === 'const' && typeof at.v === 'number') return items.at(at.v) ?? unknown(`the list has no element ${at.v}`);
    if (of.t === 'options' && at.t === 'const') return of.entries.get(at.v) ?? unknown(`there is no entry ${JSON.stringify(at.v)}`);
    // nn.__dict__["ReLU"]
    if (of.t === 'external' && at.t === 'const' && typeof at.v === 'string') return { t: 'external', path: `${of.path}.${at.v}` };
    // Generic classes are written with brackets: Layer[int].
    if (of.t === 'external' || of.t === 'class') return this.framework.binary('[]', of, at, node) ?? of;
    return this.framework.binary('[]', of, at, node) ?? unknown('an element that is not constant');
  }

  private argumentsOf(node: Syntax | undefined, frame: Frame): Arguments {
    const args: Arguments = { positional: [], keywords: new Map(), open: false };
    if (!node) return args;
    if (node.type === 'generator_expression') return { ...args, positional: [this.evaluate(node, frame)] };
    for (const n of namedOf(node)) {
      if (n.type === 'keyword_argument') {
        args.keywords.set(this.text(fieldOf(n, 'name')!), this.evaluate(fieldOf(n, 'value')!, frame));
      } else if (n.type === 'list_splat') {
        const items = this.itemsOf(this.evaluate(namedOf(n)[0]!, frame));
        if (items) args.positional.push(...items);
        else {
          args.open = true;
          args.positional.push(unknown(`the elements of ${clip(this.text(n))} are not known from the text`));
        }
      } else if (n.type === 'dictionary_splat') {
        const inner = this.evaluate(namedOf(n)[0]!, frame);
        if (inner.t === 'dict') for (const [k, v] of inner.entries) args.keywords.set(String(k), v);
        else args.open = true;
      } else {
        args.positional.push(this.evaluate(n, frame));
      }
    }
    return args;
  }

  private callExpression(node: Syntax, frame: Frame): Value {
    const callee = fieldOf(node, 'function');
    if (!callee) return unknown('an unfinished call');
    if (callee.type === 'identifier' && this.text(callee) === 'super' && frame.self) {
      return frame.owner ? { t: 'super', self: frame.self, owner: frame.owner } : NONE;
    }
    const fn = this.evaluate(callee, frame);
    const args = this.argumentsOf(fieldOf(node, 'arguments'), frame);
    return this.within(node, () => this.call(fn, args, node, frame.self));
  }

  /** Calls any value. `inside` is the object whose method is running. */
  call(fn: Value, args: Arguments, at: Syntax, inside: ObjectValue | null = null): Value {
    switch (fn.t) {
      case 'external': return fn.path.startsWith('builtins.') ? this.builtin(fn.path.slice(9), args, at, inside)
        : (standardCall(fn.path, args, (v) => this.itemsOf(v), (v) => this.call(v, { positional: [], keywords: new Map(), open: false }, at)) ?? this.framework.callExternal(fn.path, args, at));
      case 'class': {
        const make = fn.bases.some((b) => b.t === 'external' && b.path.startsWith('torch')) ? undefined : memberOf(fn, '__new__');
        if (make?.t === 'function') {
          const value = this.callFunction(make, { ...args, positional: [fn, ...args.positional] }, null);
          if (value.t !== 'unknown') return value;
        }
        return this.instantiate(fn, args, at, inside);
      }
      case 'function': return this.callFunction(fn, args, null);
      case 'method': return this.callFunction(fn.fn, { ...args, positional: [fn.self, ...args.positional] }, fn.self);
      case 'partial': return this.call(fn.fn, { positional: [...fn.args.positional, ...args.positional], keywords: new Map([...fn.args.keywords, ...args.keywords]), open: fn.args.open || args.open }, at, inside);
      case 'bound': return this.callBound(fn.self, fn.name, args, at);
      default: return this.framework.call(fn, args, at) ?? unknown('what is called here is not known from the text');
    }
  }

  private callBound(self: Value, name: string, args: Arguments, at: Syntax): Value {
    if (self.t === 'super') {
      const bases = self.owner.bases;
      for (const base of bases) {
        const member = base.t === 'class' ? memberOf(base, name) : undefined;
        if (member?.t === 'function') return this.callFunction(member, { ...args, positional: [self.self, ...args.positional] }, self.self);
      }
      if (name === '__init__') {
        const external = rootBase(self.owner);
        if (external) this.framework.initialiseBase(self.self, external, args, at);
        return NONE;
      }
    }
    const own = this.framework.method(self, name, args, at);
    if (own) return own;
    if (self.t === 'options') return optionsMethod(self, name, args) ?? unknown(`the method ${name} is not read`);
    if (self.t === 'list') {
      const [first, second] = args.positional;
      switch (name) {
        case 'append': if (first) self.items.push(first); return NONE;
        case 'extend': self.items.push(...((first && this.itemsOf(first)) ?? [unknown('a list that is not constant')])); return NONE;
        case 'insert': if (first?.t === 'const' && typeof first.v === 'number' && second) self.items.splice(first.v, 0, second); return NONE;
        case 'pop': return (first?.t === 'const' && typeof first.v === 'number' ? self.items.splice(first.v, 1)[0] : self.items.pop()) ?? unknown('an element of an empty list');
        case 'copy': return listOf([...self.items]);
        case 'reverse': self.items.reverse(); return NONE;
        case 'index': {
          const at = self.items.findIndex((i) => i.t === 'const' && first?.t === 'const' && i.v === first.v);
          return at >= 0 ? constant(at) : unknown('an index that is not constant');
        }
        case 'count': return first?.t === 'const' && self.items.every((i) => i.t === 'const') ? constant(self.items.filter((i) => i.t === 'const' && i.v === first.v).length) : unknown('a count that is not constant');
      }
    }
    if (self.t === 'dict') {
      const key = args.positional[0];
      switch (name) {
        case 'items': return listOf([...self.entries].map(([k, v]) => listOf([constant(k), v], true)));
        case 'values': return listOf([...self.entries.values()]);
        case 'keys': return listOf([...self.entries.keys()].map(constant));
        case 'get': return (key?.t === 'const' ? self.entries.get(key.v) : undefined) ?? args.positional[1] ?? NONE;
        case 'pop': return (key?.t === 'const' ? self.entries.get(key.v) : undefined) ?? args.positional[1] ?? unknown('an entry that is not known');
        case 'copy': return { t: 'dict', entries: new Map(self.entries) };
        case 'setdefault': {
          if (key?.t !== 'const') break;
          const known = self.entries.get(key.v) ?? args.positional[1] ?? NONE;
          self.entries.set(key.v, known);
          return known;
        }
        case 'update': {
          if (key?.t === 'dict') for (const [k, v] of key.entries) self.entries.set(k, v);
          for (const [k, v] of args.keywords) self.entries.set(k, v);
          return NONE;
        }
      }
    }
    if (self.t === 'const' && typeof self.v === 'string') {
      const text = self.v;
      const [p, q] = args.positional.map((v) => (v.t === 'const' && typeof v.v === 'string' ? v.v : null));
      switch (name) {
        case 'lower': return constant(text.toLowerCase());
        case 'upper': return constant(text.toUpperCase());
        case 'strip': return constant(text.trim());
        case 'title': case 'capitalize': return constant(text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase());
        case 'startsWith': case 'startswith': if (typeof p === 'string') return constant(text.startsWith(p)); break;
        case 'endswith': if (typeof p === 'string') return constant(text.endsWith(p)); break;
        case 'replace': if (typeof p === 'string' && typeof q === 'string' && text.length < 10_000 && q.length < 1000) return constant(clipLong(text.split(p).join(q))); break;
        case 'split': return listOf((typeof p === 'string' && p !== '' ? text.split(p) : text.trim().split(/\s+/)).slice(0, LONGEST_LOOP).map(constant));
        case 'isdigit': return constant(/^\d+$/.test(text));
        case 'format': {
          let next = 0;
          const known = args.positional.every((v) => v.t === 'const') && [...args.keywords.values()].every((v) => v.t === 'const');
          if (known) return constant(clipLong(text.replace(/\{(\w*)(?::[^}]*)?\}/g, (_, key: string) => {
            const v = key === '' ? args.positional[next++] : /^\d+$/.test(key) ? args.positional[Number(key)] : args.keywords.get(key);
            return v?.t === 'const' ? String(v.v) : '';
          })));
          break;
        }
        case 'join': {
          const parts = args.positional[0] && this.itemsOf(args.positional[0]);
          if (parts?.every((v) => v.t === 'const')) return constant(clipLong(parts.map((v) => String((v as { v: Constant }).v)).join(text)));
          break;
        }
      }
    }
    return unknown(`the method ${name} is not read`);
  }

  /** Binds arguments and runs the body. */
  callFunction(fn: FunctionValue, args: Arguments, self: ObjectValue | null): Value {
    return this.deeper(() => {
      this.called.add(fn.node);
      const scope = new Scope(fn.closure);
      const frame: Frame = { scope, block: null, self, owner: fn.owner ?? null, result: NONE };
      const positional = [...args.positional];
      const keywords = new Map(args.keywords);
      let keywordOnly = false;
      for (const p of namedOf(fieldOf(fn.node, 'parameters') ?? fn.node)) {
        if (fieldOf(fn.node, 'parameters') === undefined) break;
        const splat = p.type === 'typed_parameter' ? namedOf(p)[0]! : p;
        if (splat.type === 'list_splat_pattern') {
          scope.names.set(this.text(namedOf(splat)[0]!), listOf(positional.splice(0), true));
          keywordOnly = true;
        } else if (splat.type === 'dictionary_splat_pattern') {
          scope.names.set(this.text(namedOf(splat)[0]!), { t: 'dict', entries: new Map(keywords) });
        } else if (splat.type === 'keyword_separator') {
          keywordOnly = true;
        } else if (splat.type !== 'positional_separator') {
          const name = this.text(splat.type === 'identifier' ? splat : (fieldOf(p, 'name') ?? splat));
          const given = keywords.get(name) ?? (keywordOnly ? undefined : positional.shift());
          keywords.delete(name);
          scope.names.set(name, given ?? fn.defaults.get(name) ?? unknown(`the argument ${name} is not given in this file`));
        }
      }
      const body = fieldOf(fn.node, 'body');
      if (fn.node.type === 'lambda') return body ? this.evaluate(body, frame) : NONE;
      const outer = this.given;
      this.given = new Map(scope.names);
      try {
        this.block(body, frame);
      } finally {
        this.given = outer;
      }
      return frame.result;
    });
  }

  /** What the function that is running was given, by parameter. */
  parametersHere(): ReadonlyMap<string, Value> {
    return this.given;
  }

  instantiate(cls: ClassValue, args: Arguments, at: Syntax, inside: ObjectValue | null = null): ObjectValue {
    const object: ObjectValue = { t: 'object', cls, attributes: new Map(), items: null, at, path: '' };
    const make = memberOf(cls, '__init__');
    if (make?.t === 'function') {
      this.callFunction(make, { ...args, positional: [object, ...args.positional] }, object);
    } else {
      const base = rootBase(cls);
      if (base) this.framework.initialiseBase(object, base, args, at);
      cls.fields.forEach((f, i) => {
        const given = args.keywords.get(f) ?? args.positional[i];
        if (given) object.attributes.set(f, given);
      });
      const after = memberOf(cls, '__post_init__');
      if (after?.t === 'function') this.callFunction(after, { positional: [object], keywords: new Map(), open: false }, object);
    }
    this.framework.created(object, inside);
    return object;
  }

  /** The elements of anything that can be looped over, or null. */
  itemsOf(v: Value): Value[] | null {
    switch (v.t) {
      case 'list': return [...v.items];
      case 'dict': return [...v.entries.keys()].map(constant);
      case 'const': return typeof v.v === 'string' ? [...v.v].map(constant) : null;
      default: return this.framework.items(v) ?? null;
    }
  }

  private builtin(name: string, args: Arguments, at: Syntax, inside: ObjectValue | null): Value {
    const [a, b, c] = args.positional;
    const items = a && this.itemsOf(a);
    const numbers = (args.positional.length === 1 && items ? items : args.positional).map((v) => (v.t === 'const' ? toNumber(v.v) : null));
    const first = a?.t === 'const' ? toNumber(a.v) : null;
    switch (name) {
      case 'range': case 'xrange': {
        const bounds = args.positional.map((v) => (v.t === 'const' ? toNumber(v.v) : null));
        if (bounds.length === 0 || bounds.some((n) => n === null)) return unknown('a range that is not constant');
        const [from, to, step] = bounds.length === 1 ? [0, bounds[0]!, 1] : [bounds[0]!, bounds[1]!, bounds[2] ?? 1];
        const n = step === 0 ? 0 : Math.max(0, Math.ceil((to - from) / step));
        if (n > LONGEST_LOOP) return unknown('a range too long to be read');
        return listOf(Array.from({ length: n }, (_, i) => constant(from + i * step)));
      }
      case 'len': return items ? constant(items.length) : a?.t === 'tensor' ? { t: 'size', axis: 0 } : unknown('a length that is not constant');
      case 'list': case 'tuple': return a ? (items ? listOf(items, name === 'tuple') : unknown('a list that is not constant')) : listOf([], name === 'tuple');
      case 'reversed': return items ? listOf(items.reverse()) : unknown('a list that is not constant');
      case 'enumerate': {
        const start = b?.t === 'const' && typeof b.v === 'number' ? b.v : 0;
        return items ? listOf(items.map((v, i) => listOf([constant(i + start), v], true))) : unknown('a list that is not constant');
      }
      case 'zip': {
        const all = args.positional.map((v) => this.itemsOf(v));
        if (all.length === 0 || all.some((l) => l === null)) return unknown('a list that is not constant');
        const n = Math.min(...all.map((l) => l!.length));
        return listOf(Array.from({ length: n }, (_, i) => listOf(all.map((l) => l![i]!), true)));
      }
      case 'dict': {
        const entries = new Map<Constant, Value>(a?.t === 'dict' ? a.entries : []);
        for (const [k, v] of args.keywords) entries.set(k, v);
        return { t: 'dict', entries };
      }
      case 'int': return a?.t === 'const' && typeof a.v === 'string' && /^\s*[-+]?\d+\s*$/.test(a.v) ? constant(Number(a.v)) : first === null ? unknown('a number that is not constant') : constant(Math.trunc(first));
      case 'float': return first === null ? unknown('a number that is not constant') : float(first);
      case 'round': return first === null ? unknown('a number that is not constant') : constant(Math.round(first));
      case 'str': return a?.t === 'const' ? constant(String(a.v)) : unknown('a string that is not constant');
      case 'bool': {
        const known = a ? truth(a) : false;
        return known === null ? unknown('a condition that is not constant') : constant(known);
      }
      case 'max': case 'min': case 'sum':
        // A sum of signals.
        if (name === 'sum' && items?.some((v) => v.t === 'tensor')) return items.reduce((x, y) => this.operate('+', x, y, at), b ?? constant(0));
        if (numbers.length === 0 || numbers.some((n) => n === null)) return unknown('a number that is not constant');
        return constant(name === 'sum' ? (numbers as number[]).reduce((x, y) => x + y, 0) : Math[name](...(numbers as number[])));
      case 'abs':
        if (first !== null) return constant(Math.abs(first));
        return a ? (this.framework.method(a, 'abs', { ...args, positional: [] }, at) ?? unknown('a number that is not constant')) : NONE;
      case 'isinstance': {
        const classes = b?.t === 'list' ? b.items : b ? [b] : [];
        const known = a ? classes.map((k) => this.isInstance(a, k)) : [];
        return known.includes(true) ? constant(true) : known.every((k) => k === false) ? constant(false) : unknown('a type that is not known');
      }
      case 'issubclass': {
        const classes = b?.t === 'list' ? b.items : b ? [b] : [];
        if (a?.t !== 'class' || !classes.every((k) => k.t === 'class')) return unknown('a class that is not known');
        return constant(classes.some((k) => k.t === 'class' && derives(a, k)));
      }
      case 'getattr': {
        if (!a || b?.t !== 'const' || typeof b.v !== 'string') return unknown('an attribute whose name is not constant');
        const value = this.attribute(a, b.v, at);
        return value.t === 'bound' && a.t === 'object' && c ? c : value;
      }
      case 'setattr':
        if (a?.t === 'object' && b?.t === 'const' && typeof b.v === 'string' && c) a.attributes.set(b.v, c);
        return NONE;
      case 'hasattr':
        return a?.t === 'object' && b?.t === 'const' ? constant(a.attributes.has(String(b.v)) || memberOf(a.cls, String(b.v)) !== undefined) : unknown('an attribute that is not known');
      case 'map':
        return a && b ? ((): Value => {
          const over = this.itemsOf(b);
          return over ? listOf(over.map((v) => this.call(a, { positional: [v], keywords: new Map(), open: false }, at, inside))) : unknown('a list that is not constant');
        })() : NONE;
      case 'type':
        if (a?.t === 'object') return a.cls;
        if (a?.t === 'const' || a?.t === 'list' || a?.t === 'dict') return { t: 'external', path: `builtins.${typeName(a)}` };
        return unknown('a type that is not known');
      case 'callable': return a && a.t !== 'unknown' ? constant(['class', 'function', 'method', 'external', 'layer', 'partial', 'container'].includes(a.t) || (a.t === 'object' && memberOf(a.cls, '__call__') !== undefined)) : unknown('a value that is not known');
      case 'any': case 'all': {
        const known = (items ?? [unknown('')]).map(truth);
        if (known.includes(name === 'any')) return constant(name === 'any');
        return known.includes(null) ? unknown('a condition that is not constant') : constant(name === 'all');
      }
      case 'sorted': {
        const plain = items?.map((v) => (v.t === 'const' ? v.v : null)) ?? [null];
        if (plain.some((v) => v === null) || args.keywords.size > 0) return unknown('a list that is not constant');
        return listOf((plain as (number | string)[]).sort((x, y) => (x < y ? -1 : x > y ? 1 : 0)).map(constant));
      }
      case 'set': case 'frozenset': {
        if (!a) return listOf([]);
        if (!items?.every((v) => v.t === 'const')) return unknown('a set that is not constant');
        return listOf([...new Set(items.map((v) => (v as { v: Constant }).v))].map(constant));
      }
      case 'pow': return a && b ? this.operate('**', a, b, at) : NONE;
      case 'divmod': return a && b ? listOf([this.operate('//', a, b, at), this.operate('%', a, b, at)], true) : NONE;
      case 'iter': return a ?? NONE;
      case 'next': return items?.[0] ?? b ?? unknown('the next element of an iterator');
      case 'eval':
        // A dotted name in a string, as options name layers: never more.
        if (a?.t === 'const' && typeof a.v === 'string' && /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*(\(\))?$/.test(a.v)) {
          const [root, ...rest] = a.v.replace('()', '').split('.');
          let value: Value = this.globals.find(root!) ?? unknown(`the name ${root} is not defined in this file`);
          for (const part of rest) value = this.attribute(value, part, at);
          return a.v.endsWith('()') ? this.call(value, { positional: [], keywords: new Map(), open: false }, at, inside) : value;
        }
        return unknown('the text given to eval is not read');
      case 'complex': {
        const [re, im] = [first, b?.t === 'const' ? toNumber(b.v) : 0];
        return re === 0 && im !== null ? { t: 'imaginary', v: im } : re !== null && im === 0 ? constant(re) : unknown('a complex constant');
      }
      case 'print': return NONE;
      default: return unknown(`the function ${name} is not read`);
    }
  }

  private isInstance(v: Value, cls: Value): boolean | undefined {
    if (v.t === 'object' && cls.t === 'class') return derives(v.cls, cls);
    if (cls.t === 'external' && /^numbers\.(Integral|Real|Number)$/.test(cls.path)) {
      if (v.t === 'list' || v.t === 'dict') return false;
      if (v.t !== 'const') return undefined;
      const type = typeName(v);
      return type === 'int' || type === 'bool' || (type === 'float' && !cls.path.endsWith('Integral'));
    }
    if (cls.t === 'external' && cls.path.startsWith('builtins.')) {
      const type = cls.path.slice(9);
      if (v.t === 'const' || v.t === 'list' || v.t === 'dict') return type === typeName(v) || (type === 'int' && typeName(v) === 'bool');
      return v.t === 'unknown' ? undefined : false;
    }
    return this.framework.isInstance(v, cls);
  }
}

const BUILTINS = new Set(('abs all any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex delattr dict dir divmod enumerate eval exec filter '
  + 'float format frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter len list locals map max memoryview min next object oct open ord pow print '
  + 'property range repr reversed round set setattr slice sorted staticmethod str sum super tuple type vars zip __import__ NotImplementedError ValueError TypeError KeyError IndexError '
  + 'RuntimeError AssertionError Exception AttributeError ImportError ModuleNotFoundError StopIteration NotImplemented Ellipsis Warning UserWarning FileNotFoundError OSError __file__ __doc__').split(' '));

/** Python's name of a constant's type. */
function typeName(v: Extract<Value, { t: 'const' | 'list' | 'dict' }>): string {
  if (v.t === 'list') return v.tuple ? 'tuple' : 'list';
  if (v.t === 'dict') return 'dict';
  return typeof v.v === 'string' ? 'str' : typeof v.v === 'boolean' ? 'bool' : v.v === null ? 'NoneType' : v.float || !Number.isInteger(v.v) ? 'float' : 'int';
}

const clip = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text).replace(/\s+/g, ' ');
const clipLong = (text: string): string => (text.length > 10_000 ? text.slice(0, 10_000) : text);

function number(text: string): Value {
  const plain = text.replace(/_/g, '');
  if (/[jJ]$/.test(plain)) return { t: 'imaginary', v: Number(plain.slice(0, -1)) };
  const value = Number(plain.replace(/[lL]$/, ''));
  if (!Number.isFinite(value)) return unknown('a number out of range');
  return /^(\d*\.|\d+[eE])/.test(plain) ? float(value) : constant(value);
}

/** A member of a class or of the first base in this file that has it. Cyclic bases end the search. */
export function memberOf(cls: ClassValue, name: string, seen = new Set<ClassValue>()): Value | undefined {
  if (seen.has(cls)) return undefined;
  seen.add(cls);
  const own = cls.members.get(name);
  if (own) return own;
  for (const base of cls.bases) {
    const found = base.t === 'class' ? memberOf(base, name, seen) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** The imported (or unknown) class that a class of this file finally derives from. */
export function rootBase(cls: ClassValue, seen = new Set<ClassValue>()): Value | undefined {
  if (seen.has(cls)) return undefined;
  seen.add(cls);
  for (const base of cls.bases) {
    const found = base.t === 'class' ? rootBase(base, seen) : base;
    if (found) return found;
  }
  return undefined;
}

function derives(cls: ClassValue, from: ClassValue, seen = new Set<ClassValue>()): boolean {
  if (cls === from) return true;
  if (seen.has(cls)) return false;
  seen.add(cls);
  return cls.bases.some((b) => b.t === 'class' && derives(b, from, seen));
}
