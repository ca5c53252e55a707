// PyTorch as the interpreter meets it: modules, containers, signals in forward(), initialisers. Knows no syntax beyond call sites.
import { initialiserAt, type Options } from '../../catalog/initialisers/index.ts';
import { findSpelling, libraryOf } from '../../catalog/libraries/index.ts';
import type { Field, ParameterValue, ParsedFile } from '../../contract/graph.ts';
import type { Budget } from '../budget.ts';
import type { Source, Syntax } from '../parser.ts';
import { memberOf } from '../python.ts';
import {
  asParameter, constant, listOf, NONE, unknown,
  type Arguments, type ContainerValue, type Item, type LayerValue, type ObjectValue, type PartValue, type TensorValue, type Value,
} from '../values.ts';
import { isWeighted } from './drawing.ts';
import { childrenOf, Reading } from './reading.ts';

const SEQUENTIAL = /(^|\.)(Sequential|CplxSequential)$/;
const MODULE_LIST = /(^|\.)ModuleList$/;
const MODULE_DICT = /(^|\.)ModuleDict$/;
const MODULE = /(^|\.)(Module|LightningModule|ScriptModule)$/;
const CONSTANT_MATH: Record<string, (x: number) => number> = { sqrt: Math.sqrt, floor: Math.floor, ceil: Math.ceil, log: Math.log, log2: Math.log2, exp: Math.exp, prod: (x) => x };
const CONSTANT_NAMES: Record<string, number> = { 'math.pi': Math.PI, 'math.e': Math.E, 'numpy.pi': Math.PI, 'torch.pi': Math.PI };
const COMPLEX_TYPE = /^torch\.(cfloat|cdouble|chalf|complex32|complex64|complex128)$/;
const REAL_TYPE = /^torch\.(float|double|half|bfloat16|float16|float32|float64)$/;
/** Signal methods that change neither its values nor its shape. */
const PLAIN_METHODS = new Set(['contiguous', 'clone', 'cuda', 'cpu', 'requires_grad_', 'float_', 'resolve_conj']);
const RESHAPING = new Set(['permute', 'transpose', 'squeeze', 'unsqueeze', 'swapaxes', 'movedim', 't', 'unflatten']);

const dtypeOf = (v: Value | undefined): Field | null =>
  v?.t === 'external' ? (COMPLEX_TYPE.test(v.path) ? 'complex' : REAL_TYPE.test(v.path) ? 'real' : null) : null;

export function readTorch(source: Source, budget: Budget): ParsedFile {
  return new TorchReading(source, budget).read();
}

class TorchReading extends Reading {
  protected readonly entries = ['forward'];
  protected readonly axes = 'channels-first';
  protected readonly networkForms = 'no class with a forward method and no nn.Sequential';

  protected isBase(path: string): boolean {
    return MODULE.test(path) || SEQUENTIAL.test(path);
  }

  protected fieldOf(dtype: Value | undefined): Field | null {
    return dtypeOf(dtype);
  }

  /** A part that is used as a signal becomes a read-out, and its activation a layer after it. */
  protected materialise(p: PartValue): TensorValue {
    if (p.part === 'turned-imag') return this.unresolved([p.of], 'Arithmetic on the imaginary part alone is not read.', p.at);
    const { library, spelling } = findSpelling(`torch.${p.part}`)!;
    const read = this.emit({ kind: 'read-out', inputs: [p.of], spelling: { row: spelling, library, text: p.part } }, p.at);
    if (!p.through) return read;
    const row = libraryOf('torch')!;
    return this.emit({ kind: 'activation', inputs: [read], activation: p.through.id, parameters: p.through.parameters, spelling: { row: { names: [p.through.text], kind: 'activation', realActivation: p.through.id }, library: row, text: p.through.text } }, p.at);
  }

  initialiseBase(self: ObjectValue, base: Value, args: Arguments, _at: Syntax): void {
    if (base.t === 'external' && SEQUENTIAL.test(base.path)) self.items = this.itemsFrom(args);
  }

  protected itemsFrom(args: Arguments): Item[] {
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

  /** A function of a library applied to signals in forward(). */
  protected function(path: string, last: string, args: Arguments, at: Syntax): Value {
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

  protected torchFunction(name: string, args: Arguments, at: Syntax): Value | undefined {
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

  protected initialise(path: string, args: Arguments, at: Syntax): void {
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
  protected joined(re: Value, im: Value, at: Syntax): Value {
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

  protected moduleMethod(self: LayerValue | ContainerValue | ObjectValue, name: string, args: Arguments, at: Syntax): Value | undefined {
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

  protected castModule(self: Value, at: Syntax): void {
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

  protected signalMethod(self: TensorValue | PartValue, name: string, args: Arguments, at: Syntax): Value | undefined {
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
  protected isMethodCall(at: Syntax): boolean {
    const callee = at.children.find((c) => c.field === 'function');
    let object = callee?.children.find((c) => c.field === 'object');
    while (object && object.type === 'attribute') object = object.children.find((c) => c.field === 'object');
    return !(object?.type === 'identifier' && this.python.globals.find(this.python.text(object))?.t === 'external');
  }

  protected reshaped(signal: TensorValue, args: Arguments, at: Syntax): Value {
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
