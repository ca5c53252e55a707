// A bounded reading of Python: assignments, classes, functions, constant arithmetic, constant loops. It never runs Python,
// and it does not know what a layer is: the framework answers for everything that is imported.
import type { Budget } from './budget.ts';
import { TooDeep } from './budget.ts';
import { fieldOf, fieldsOf, namedOf, type Source, type Syntax } from './parser.ts';
import { Scope } from './scope.ts';
import {
  constant, listOf, NONE, truth, unknown,
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
  isInstance(v: Value, cls: Value): boolean | undefined;
  /** super().__init__ of a class whose base is imported. */
  initialiseBase(self: ObjectValue, base: Value, args: Arguments, at: Syntax): void;
  created(object: ObjectValue, inside: ObjectValue | null): void;
}

type Report = (code: string, message: string, at: Syntax) => void;

type Flow = 'next' | 'return' | 'break' | 'continue' | 'raise';

interface Frame {
  scope: Scope;
  self: ObjectValue | null;
  owner: ClassValue | null;
  result: Value;
}

/** Deepest nesting of expressions and calls that is followed: safely under the JavaScript stack. */
const DEPTH = 300;
const LONGEST_LOOP = 4096;

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

  constructor(
    readonly source: Source,
    private readonly framework: Framework,
    private readonly budget: Budget,
    private readonly report: Report,
  ) {
    this.globals.names.set('__name__', constant('__main__'));
  }

  text(node: Syntax): string {
    return this.source.text.slice(node.start, node.end);
  }

  /** All top-level statements; one that nests too deeply is reported and passed over. */
  runModule(): void {
    const frame: Frame = { scope: this.globals, self: null, owner: null, result: NONE };
    for (const statement of this.source.root.children) {
      this.guarded(statement, () => {
        this.execute(statement, frame);
      });
    }
  }

  /** Runs one piece of work; too deep a nesting in it becomes a problem. */
  guarded<T>(at: Syntax, work: () => T): T | undefined {
    const before = this.depth;
    try {
      return work();
    } catch (e) {
      if (!(e instanceof TooDeep || e instanceof RangeError)) throw e;
      this.report('nesting-too-deep', 'This code nests or calls itself deeper than is followed; what it defines is not read. Split the expression, or write the recursion as a loop.', at);
      return undefined;
    } finally {
      this.depth = before;
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
    for (const s of node.children) {
      const flow = this.execute(s, frame);
      if (flow !== 'next') return flow;
    }
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

  private importModules(node: Syntax, frame: Frame): void {
    for (const name of fieldsOf(node, 'name')) {
      if (name.type === 'aliased_import') {
        const path = this.text(fieldOf(name, 'name')!);
        frame.scope.names.set(this.text(fieldOf(name, 'alias')!), { t: 'external', path });
      } else {
        const path = this.text(name);
        const root = path.split('.', 1)[0]!;
        frame.scope.names.set(root, { t: 'external', path: root });
      }
    }
  }

  private importNames(node: Syntax, frame: Frame): void {
    const moduleName = fieldOf(node, 'module_name');
    if (!moduleName) return;
    const path = this.text(moduleName);
    if (node.children.some((c) => c.type === 'wildcard_import')) frame.scope.stars.push(path);
    for (const name of fieldsOf(node, 'name')) {
      const [of, as] = name.type === 'aliased_import' ? [fieldOf(name, 'name')!, fieldOf(name, 'alias')!] : [name, name];
      frame.scope.names.set(this.text(as), { t: 'external', path: `${path}.${this.text(of)}` });
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
      case 'identifier': frame.scope.names.set(this.text(target), value); return;
      case 'attribute': {
        const object = this.evaluate(fieldOf(target, 'object')!, frame);
        const name = this.text(fieldOf(target, 'attribute')!);
        if (object.t === 'object') object.attributes.set(name, value);
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
        const items = this.itemsOf(value);
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
        this.report('data-dependent-branch', `The condition "${clip(this.text(arm.condition!))}" is not known from the text; the analysis reads this branch only.`, arm.condition!);
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
    for (const item of items) {
      this.budget.tick();
      this.assign(target, item, frame);
      const flow = this.block(fieldOf(node, 'body'), frame);
      if (flow === 'break') return 'next';
      if (flow === 'return' || flow === 'raise') return flow;
    }
    const alternative = fieldOf(node, 'alternative');
    return alternative ? this.block(fieldOf(alternative, 'body'), frame) : 'next';
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
    const inside: Frame = { scope: own, self: null, owner: null, result: NONE };
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
      case 'identifier': return this.name(this.text(node), frame);
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
      case 'dictionary_comprehension': return unknown('a dictionary comprehension is not read');
      case 'conditional_expression': {
        const [yes, condition, no] = namedOf(node);
        if (!yes || !condition || !no) return unknown('an unfinished expression');
        const holds = truth(this.evaluate(condition, frame));
        if (holds === null) this.report('data-dependent-branch', `The condition "${clip(this.text(condition))}" is not known from the text; the analysis reads its first value only.`, condition);
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
        if (n !== null) return constant(op === '-' ? -n : op === '~' ? ~n : n);
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

  private name(name: string, frame: Frame): Value {
    return frame.scope.find(name) ?? (BUILTINS.has(name) ? { t: 'external', path: `builtins.${name}` } : unknown(`the name ${name} is not defined in this file`));
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
    if (!left || !right || operators.length !== 1) return unknown('a comparison that is not read');
    const a = this.evaluate(left, frame);
    const b = this.evaluate(right, frame);
    const op = operators[0]!.replace(/\s+/g, ' ');
    if (op === 'is' || op === 'is not') {
      const same = a.t === 'const' && b.t === 'const' ? a.v === b.v
        : a.t === 'unknown' || b.t === 'unknown' ? null
        : a.t === 'external' && b.t === 'external' ? a.path === b.path : a === b;
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
        return value !== undefined && Number.isFinite(value) ? constant(value) : unknown('arithmetic without a finite value');
      }
      if (op === '+' && typeof a.v === 'string' && typeof b.v === 'string') return constant(clipLong(a.v + b.v));
      if (op === '%' && typeof a.v === 'string') return unknown('a formatted string');
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
      case 'external': return { t: 'external', path: `${of.path}.${name}` };
      case 'object': {
        const own = of.attributes.get(name);
        if (own) return own;
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
      const text = this.text(key);
      const bounds = text.split(':').map((p) => p.trim());
      if (items && bounds.length === 2) {
        const ends = namedOf(key).map((n) => this.evaluate(n, frame));
        let next = 0;
        const bound = (i: number): number | undefined | null => {
          if (bounds[i] === '') return undefined;
          const v = ends[next++];
          return v?.t === 'const' && typeof v.v === 'number' ? v.v : null;
        };
        const [from, to] = [bound(0), bound(1)];
        if (from !== null && to !== null) {
          const slice = items.slice(from, to);
          return of.t === 'container' ? { ...of, items: of.items.slice(from, to) } : listOf(slice);
        }
      }
      return this.framework.binary('[]', of, unknown('a slice'), node) ?? unknown('a slice that is not constant');
    }
    const at = this.evaluate(key, frame);
    if (of.t === 'dict' && at.t === 'const') return of.entries.get(at.v) ?? unknown(`the dictionary has no entry ${JSON.stringify(at.v)}`);
    if (of.t === 'container' && of.kind === 'dict' && at.t === 'const') return of.items.find((i) => i.name === at.v)?.value ?? unknown(`there is no entry ${JSON.stringify(at.v)}`);
    if (items && at.t === 'const' && typeof at.v === 'number') return items.at(at.v) ?? unknown(`the list has no element ${at.v}`);
    // Generic classes are written with brackets: Layer[int].
    if (of.t === 'external' || of.t === 'class') return of;
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
    return this.call(fn, args, node, frame.self);
  }

  /** Calls any value. `inside` is the object whose method is running. */
  call(fn: Value, args: Arguments, at: Syntax, inside: ObjectValue | null = null): Value {
    switch (fn.t) {
      case 'external': return fn.path.startsWith('builtins.') ? this.builtin(fn.path.slice(9), args, at, inside) : this.framework.callExternal(fn.path, args, at);
      case 'class': return this.instantiate(fn, args, at, inside);
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
    if (self.t === 'list') {
      const [first, second] = args.positional;
      switch (name) {
        case 'append': if (first) self.items.push(first); return NONE;
        case 'extend': self.items.push(...((first && this.itemsOf(first)) ?? [unknown('a list that is not constant')])); return NONE;
        case 'insert': if (first?.t === 'const' && typeof first.v === 'number' && second) self.items.splice(first.v, 0, second); return NONE;
        case 'pop': return self.items.pop() ?? unknown('an element of an empty list');
        case 'copy': return listOf([...self.items]);
        case 'reverse': self.items.reverse(); return NONE;
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
        case 'update': {
          if (key?.t === 'dict') for (const [k, v] of key.entries) self.entries.set(k, v);
          for (const [k, v] of args.keywords) self.entries.set(k, v);
          return NONE;
        }
      }
    }
    if (self.t === 'const' && typeof self.v === 'string') {
      if (name === 'lower') return constant(self.v.toLowerCase());
      if (name === 'upper') return constant(self.v.toUpperCase());
    }
    return unknown(`the method ${name} is not read`);
  }

  /** Binds arguments and runs the body. */
  callFunction(fn: FunctionValue, args: Arguments, self: ObjectValue | null): Value {
    return this.deeper(() => {
      this.called.add(fn.node);
      const scope = new Scope(fn.closure);
      const frame: Frame = { scope, self, owner: fn.owner ?? null, result: NONE };
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
      this.block(body, frame);
      return frame.result;
    });
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
      case 'range': {
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
      case 'int': return first === null ? unknown('a number that is not constant') : constant(Math.trunc(first));
      case 'float': return first === null ? unknown('a number that is not constant') : constant(first);
      case 'round': return first === null ? unknown('a number that is not constant') : constant(Math.round(first));
      case 'str': return a?.t === 'const' ? constant(String(a.v)) : unknown('a string that is not constant');
      case 'bool': {
        const known = a ? truth(a) : false;
        return known === null ? unknown('a condition that is not constant') : constant(known);
      }
      case 'max': case 'min': case 'sum':
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
      case 'print': return NONE;
      default: return unknown(`the function ${name} is not read`);
    }
  }

  private isInstance(v: Value, cls: Value): boolean | undefined {
    if (v.t === 'object' && cls.t === 'class') return derives(v.cls, cls);
    if (cls.t === 'external' && cls.path.startsWith('builtins.')) {
      const type = cls.path.slice(9);
      if (v.t === 'const') return type === (typeof v.v === 'string' ? 'str' : typeof v.v === 'boolean' ? 'bool' : Number.isInteger(v.v) ? 'int' : v.v === null ? 'None' : 'float');
      if (v.t === 'list') return type === (v.tuple ? 'tuple' : 'list');
      if (v.t === 'dict') return type === 'dict';
      return v.t === 'unknown' ? undefined : false;
    }
    return this.framework.isInstance(v, cls);
  }
}

const BUILTINS = new Set([
  'range', 'len', 'list', 'tuple', 'reversed', 'enumerate', 'zip', 'dict', 'int', 'float', 'round', 'str', 'bool', 'max', 'min', 'sum', 'abs',
  'isinstance', 'getattr', 'setattr', 'hasattr', 'map', 'print', 'super', 'type', 'sorted', 'set', 'object', 'complex',
]);

const clip = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text).replace(/\s+/g, ' ');
const clipLong = (text: string): string => (text.length > 10_000 ? text.slice(0, 10_000) : text);

function number(text: string): Value {
  const plain = text.replace(/_/g, '');
  if (/[jJ]$/.test(plain)) return { t: 'imaginary', v: Number(plain.slice(0, -1)) };
  const value = Number(plain.replace(/[lL]$/, ''));
  return Number.isFinite(value) ? constant(value) : unknown('a number out of range');
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
