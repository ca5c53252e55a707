// PyTorch as the interpreter meets it: modules, containers, signals in forward(), initialisers. Knows no syntax beyond call sites.
import { initialiserAt, type Options } from '../../catalog/initialisers/index.ts';
import { findSpelling, libraryOf } from '../../catalog/libraries/index.ts';
import type { Library, Spelling } from '../../catalog/libraries/library.ts';
import type { Field, ParameterValue, ParsedFile } from '../../contract/graph.ts';
import type { Budget } from '../budget.ts';
import type { Modules } from '../python/modules.ts';
import type { Syntax } from '../parser.ts';
import { memberOf, rootBase } from '../python/interpreter.ts';
import {
  asParameter, constant, listOf, NONE, unknown,
  type Arguments, type ArrayValue, type Called, type Constant, type ContainerValue, type Item, type LayerValue, type ObjectValue, type TensorValue, type Value,
} from '../python/values.ts';
import { array, complexOf, flattened, madeArray, ofArrays, reshapedTo } from '../drawing/arrays.ts';
import { isWeighted, type Draft, type Held } from '../drawing/drawing.ts';
import { reduced, rearranged } from '../drawing/einops.ts';
import { called, input, joined, number, type Part } from '../drawing/formula.ts';
import { childrenOf, Reading, type ReadingOptions } from './reading.ts';
import { arithmetic, functionOfNumbers, step } from '../drawing/signals.ts';

const SEQUENTIAL = /(^|\.)(Sequential|CplxSequential)$/;
const MODULE_LIST = /(^|\.)ModuleList$/;
const MODULE_DICT = /(^|\.)ModuleDict$/;
const MODULE = /(^|\.)(Module|LightningModule|ScriptModule)$/;
const COMPLEX_TYPE = /^torch\.(cfloat|cdouble|chalf|complex32|complex64|complex128)$/;
const REAL_TYPE = /^torch\.(float|double|half|bfloat16|float16|float32|float64)$/;
/** Signal methods that change neither its values nor its shape. */
const PLAIN_METHODS = new Set(['contiguous', 'clone', 'cuda', 'cpu', 'requires_grad_', 'float_', 'resolve_conj']);
const RESHAPING = new Set(['permute', 'transpose', 'squeeze', 'unsqueeze', 'swapaxes', 'movedim', 't', 'unflatten']);

const PARTS: Readonly<Record<string, Part>> = { real: 're', imag: 'im', abs: 'abs', absolute: 'abs', angle: 'arg' };
/** How code takes a half of a signal: an index of 0 or 1, or the part before or behind one bound, at an axis. */
const INDEX = /^((?::,)*)([01])(?:,(?:\.\.\.|:))*$/;
const LAST = /^(?:\.\.\.|:(?:,:)+),([01])$/;
const BEFORE = /^((?::,)*)0?:([^:,]+)(?:,(?:\.\.\.|:))*$/;
const BEHIND = /^((?::,)*)([^:,]+):(?:[^:,]*)(?:,(?:\.\.\.|:))*$/;

function halfAt(key: string): { at: 0 | 1; held: Held } | null {
  if (/^[01]$/.test(key)) return { at: key === '0' ? 0 : 1, held: 'streams' };
  const last = LAST.exec(key);
  if (last && (key.startsWith('...') || key.length > 3)) return { at: last[1] === '0' ? 0 : 1, held: 'last' };
  for (const [form, at] of [[INDEX, null], [BEFORE, 0], [BEHIND, 1]] as const) {
    const m = form.exec(key);
    if (m) return { at: at ?? (m[2] === '0' ? 0 : 1), held: `axis ${m[1]!.length / 2}` };
  }
  return null;
}
type Form = 'sequential' | 'list' | 'dict' | 'initialiser' | 'nothing' | 'same' | 'rescaled' | 'called' | 'copied' | 'clones' | 'parameter' | 'array' | 'summary' | 'device' | 'other';

/** What calling this path does, beside making layers. */
function formOf(path: string): Form {
  const last = path.slice(path.lastIndexOf('.') + 1);
  if (SEQUENTIAL.test(path)) return 'sequential';
  if (MODULE_LIST.test(path)) return 'list';
  if (MODULE_DICT.test(path)) return 'dict';
  if (/(^|\.)init(ialization)?\.\w+_$/.test(path)) return 'initialiser';
  if (last === 'init' || path.startsWith('torch.manual_seed')) return 'nothing';
  if (/^torch\.(jit\.(script|ignore|export)|compile)$|(^|\.)(DataParallel|DistributedDataParallel|weight_norm|remove_weight_norm)$/.test(path)) return 'same';
  if (/(^|\.)spectral_norm$/.test(path)) return 'rescaled';
  if (/(^|\.)checkpoint$/.test(path)) return 'called';
  if (/^torch\.(cuda|xpu|mps|backends\.\w+)\.is_available$/.test(path)) return 'device';
  if (path === 'copy.deepcopy' || path === 'copy.copy') return 'copied';
  if (/(^|\.)_get_clones$/.test(path)) return 'clones';
  if (/^torch(\.nn)?(\.parameter)?\.(Parameter|Buffer)$/.test(path)) return 'parameter';
  if (/^(torch|numpy)\.\w+$/.test(path)) return 'array';
  return /(^|\.)summary$/.test(path) ? 'summary' : 'other';
}

/** Copies of one module that are made. */
const MOST_CLONES = 512;

/** Why a value is not known, after a comma. */
const reasonOf = (v: Value): string | null => (v.t === 'unknown' ? `: ${v.reason}` : null);

const dtypeOf = (v: Value | undefined): Field | null =>
  v?.t === 'external' ? (COMPLEX_TYPE.test(v.path) ? 'complex' : REAL_TYPE.test(v.path) ? 'real' : null) : null;

export function readTorch(modules: Modules, budget: Budget, options: ReadingOptions): ParsedFile {
  return new TorchReading(modules, budget, options).read();
}

class TorchReading extends Reading {
  private readonly forms = new Map<string, Form>();
  protected readonly entries = ['forward'];
  protected readonly axes = 'channels-first';
  protected readonly networkForms = 'no class with a forward method and no nn.Sequential';

  protected isBase(path: string): boolean {
    return MODULE.test(path) || SEQUENTIAL.test(path);
  }

  protected fieldOf(dtype: Value | undefined): Field | null {
    return dtypeOf(dtype);
  }

  part(which: Part | 'pair'): Draft {
    const name = { re: 'real', im: 'imag', abs: 'abs', arg: 'angle', pair: 'view_as_real' }[which];
    const { library, spelling } = findSpelling(`torch.${name}`)!;
    if (which === 'pair') return { ...this.blank({ start: 0, end: 0 }), kind: 'read-out', spelling: { row: spelling, library, text: name } };
    return { ...this.blank({ start: 0, end: 0 }), raw: true, formula: called(which, input()), spelling: { row: spelling, library, text: name } };
  }

  /** The part of a signal as a step at this place. */
  private partStep(which: Part, of: TensorValue, at: Syntax): TensorValue {
    const { span: _span, group: _group, ...part } = this.part(which);
    return this.emit({ ...part, inputs: [of] }, at);
  }

  initialiseBase(self: ObjectValue, base: Value, args: Arguments, _at: Syntax): void {
    if (base.t === 'external' && SEQUENTIAL.test(base.path)) self.items = this.itemsFrom(args);
  }

  protected itemsFrom(args: Arguments): Item[] {
    const first = args.positional[0];
    if (args.positional.length === 1 && first?.t === 'dict') return [...first.entries].map(([k, value]) => ({ name: String(k), value }));
    // Pairs of name and module, as OrderedDict and ModuleDict take them.
    if (args.positional.length === 1 && first?.t === 'list' && first.items.every((v) => v.t === 'list' && v.items.length === 2 && v.items[0]!.t === 'const')) {
      return first.items.map((v) => ({ name: String(((v as { items: Value[] }).items[0] as { v: unknown }).v), value: (v as { items: Value[] }).items[1]! }));
    }
    return args.positional.map((value, i) => ({ name: String(i), value }));
  }

  callExternal(path: string, args: Arguments, at: Syntax): Value {
    const last = path.slice(path.lastIndexOf('.') + 1);
    const first = args.positional[0];
    let form = this.forms.get(path);
    if (form === undefined) this.forms.set(path, (form = formOf(path)));
    switch (first?.t === 'weight' ? 'initialiser' : form) {
      case 'sequential': return { t: 'container', kind: 'sequential', items: this.itemsFrom(args), at, path: '' };
      case 'list': {
        const items = first ? this.python.itemsOf(first) : [];
        return { t: 'container', kind: 'list', items: (items ?? [unknown('a list that is not constant')]).map((value, i) => ({ name: String(i), value })), at, path: '' };
      }
      case 'dict': return { t: 'container', kind: 'dict', items: first?.t === 'dict' || first?.t === 'list' ? this.itemsFrom(args) : [], at, path: '' };
      case 'initialiser':
        this.initialise(path, args, at);
        return first ?? NONE;
      case 'nothing': return NONE;
      case 'same': return first ?? args.keywords.get('module') ?? NONE;
      case 'rescaled':
        // The weights are divided by a norm that training estimates.
        if (first?.t === 'layer') {
          first.weight = { initialiser: null, options: {}, field: first.field ?? 'real' };
          this.add('unknown-initialiser', `${this.written(at)} divides the weights of this layer by an estimate of their norm; their variance is unknown.`, at);
        }
        return first ?? NONE;
      case 'called': return first ? this.python.call(first, { ...args, positional: args.positional.slice(1), keywords: new Map() }, at) : NONE;
      case 'copied': return first ? this.copied(first) : NONE;
      case 'clones': {
        // torch.nn.modules.transformer's list of copies, which others import from there.
        const count = args.positional[1] ?? args.keywords.get('N');
        if (!first || count?.t !== 'const' || typeof count.v !== 'number' || count.v < 0 || count.v > MOST_CLONES) break;
        const items = Array.from({ length: count.v }, (_, i): Item => ({ name: String(i), value: this.copied(first) }));
        return { t: 'container', kind: 'list', items, at, path: '' };
      }
      case 'parameter': return first?.t === 'array' ? array({ ...first, trained: last === 'Parameter', layers: new Map() }) : array({ trained: true });
      case 'array': {
        const dtype = args.keywords.get('dtype');
        const made = madeArray(last, args, dtypeOf(dtype) ?? (dtype?.t === 'external' && /complex/.test(dtype.path) ? 'complex' : null));
        if (made) return made;
        if (last === 'complex' && first?.t === 'array' && args.positional[1]?.t === 'array') return complexOf(first, args.positional[1]);
        break;
      }
      case 'summary':
        this.summarised(args, path);
        return NONE;
      // Networks are read as they are made without one: a device changes nothing of them.
      case 'device': return constant(false);
    }
    // The layers of einops are its functions with the pattern given beforehand.
    if (/^einops\.layers\.torch\.(Rearrange|Reduce)$/.test(path)) {
      const [pattern, how] = args.positional;
      const keywords = new Map([...(pattern ? [['pattern', pattern] as const] : []), ...(how ? [['reduction', how] as const] : []), ...args.keywords]);
      return { t: 'partial', fn: { t: 'external', path: `einops.${last.toLowerCase()}` }, args: { positional: [], keywords, open: args.open } };
    }
    const signals = args.positional.flatMap((v) => (v.t === 'tensor' || v.t === 'list' ? this.signals(v) : []));
    const named = args.keywords.get('input');
    if (signals.length > 0 || named?.t === 'tensor') return this.function(path, last, args, at);
    const found = findSpelling(path);
    if (found?.spelling.lifts) return this.lifted(found, path, args, at);
    if (found && first?.t === 'array' && !isWeighted(found.spelling.kind)) return this.ofExample((x) => this.function(path, last, { ...args, positional: [x, ...args.positional.slice(1)] }, at), first, at) ?? array({});
    if (found) return this.makeLayer(found, path, args, at);
    const library = libraryOf(path);
    if (library && /^[A-Z]/.test(last) && !/^(torch\.(Tensor|Size)|torch\.utils|torch\.optim)/.test(path)) {
      // A class of the library that is in no row: a layer that is not known.
      return this.makeLayer({ library, spelling: { names: [last], kind: 'unresolved', reason: `${library.label} ${library.version} as known here has no layer of this name` } }, path, args, at);
    }
    return unknown(`${path} is not read`);
  }

  /** A module made anew with the same sizes, as deepcopy makes one. */
  private copied(v: Value): Value {
    switch (v.t) {
      case 'layer': return { ...v, parameters: { ...v.parameters }, drawn: null };
      case 'container': return { ...v, items: v.items.map((i) => ({ name: i.name, value: this.copied(i.value) })) };
      case 'list': return listOf(v.items.map((i) => this.copied(i)), v.tuple);
      case 'dict': return { ...v, entries: new Map([...v.entries].map(([k, e]) => [k, this.copied(e)])) };
      case 'array': return array({ ...v, layers: new Map() });
      case 'object': {
        const made: ObjectValue = { ...v, attributes: new Map([...v.attributes].map(([k, e]) => [k, e === v ? v : this.copied(e)])), items: v.items?.map((i) => ({ name: i.name, value: this.copied(i.value) })) ?? null, written: new Map() };
        this.created(made, v);
        return made;
      }
      default: return v;
    }
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
    if (path === 'einops.rearrange' || path === 'einops.reduce') return this.rearranged(last, args, at);
    const found = findSpelling(path);
    if (found && !isWeighted(found.spelling.kind)) {
      return this.applyLayer(this.makeLayer(found, path, rest, at), found.spelling.kind === 'unresolved' ? args.positional : [signal], at);
    }
    const inputs = args.positional.flatMap((v) => this.tensorsIn(v, at));
    const reason = `${this.written(at)} is not one of the functions that are read.`;
    // Padding and resizing act on each channel.
    return last === 'pad' || last === 'interpolate' ? this.emit({ kind: 'unresolved', inputs, reason, alike: true }, at) : this.unresolved(inputs, reason, at);
  }

  protected torchFunction(name: string, args: Arguments, at: Syntax): Value | undefined {
    const first = args.positional[0];
    switch (name) {
      case 'cat': case 'concat': case 'concatenate': case 'stack': case 'hstack': {
        const axis = name === 'hstack' ? constant(1) : (args.keywords.get('dim') ?? args.keywords.get('axis') ?? args.positional[1] ?? constant(0));
        const inputs = first ? this.tensorsIn(first, at) : [];
        const known = asParameter(axis) ?? null;
        const joins: Held | null = inputs.length !== 2 ? null : known === -1 ? 'last' : typeof known === 'number' && known > 0 ? `axis ${known}` : known === null ? 'axis 1' : null;
        if (name === 'stack') return this.emit({ kind: 'unresolved', raw: true, inputs, reason: 'Stacking signals along a new axis is not read.', ...(joins ? { joins } : {}) }, at);
        // A class token and its like: numbers that come from no signal.
        const others = first?.t === 'list' ? first.items.filter((v) => v.t === 'array' || v.t === 'weight' || v.t === 'const').length : 0;
        if (others > 0) return this.unresolved(inputs, `Joining the signal with ${others === 1 ? 'an array' : 'arrays'} of the module, which ${others === 1 ? 'is' : 'are'} the same for all inputs, is not read.`, at);
        return this.emit({ kind: 'concat', inputs, parameters: { axis: known }, ...(joins ? { joins } : {}) }, at);
      }
      case 'view_as_complex': {
        if (first?.t !== 'tensor') return undefined;
        const drawn = first.from === null ? null : this.drawing.drafts[first.from]!;
        if (drawn?.joins === 'last') return { ...first, cast: 'complex' };
        return { ...this.emit({ kind: 'reshape', inputs: [first], parameters: { shape: null } }, at), cast: 'complex' };
      }
      case 'view_as_real':
        return first?.t === 'tensor' ? this.emit({ kind: 'read-out', inputs: [first], viewsReal: true, spelling: { row: findSpelling('torch.view_as_real')!.spelling, library: libraryOf('torch')!, text: this.written(at) } }, at) : undefined;
      case 'linear': case 'conv1d': case 'conv2d': case 'conv3d': case 'conv_transpose1d': case 'conv_transpose2d': case 'conv_transpose3d': return this.functional(name, args, at);
      case 'matmul': case 'mm': return args.positional.length === 2 ? this.product(first!, args.positional[1]!, at) : undefined;
      default: return undefined;
    }
  }

  private rearranged(name: string, args: Arguments, at: Syntax): Value {
    const [signal, ...rest] = args.positional;
    const [pattern, how] = [args.keywords.get('pattern') ?? rest[0], args.keywords.get('reduction') ?? rest.at(-1)].map((v) => (v?.t === 'const' && typeof v.v === 'string' ? v.v : null));
    const inputs = signal ? this.tensorsIn(signal, at) : [];
    if (signal?.t !== 'tensor' || pattern == null) return this.unresolved(inputs, 'The pattern given to einops is not known from the text, or it is given several signals.', at);
    const sizes = new Map([...args.keywords].flatMap(([key, v]): [string, number][] => (v.t === 'const' && typeof v.v === 'number' ? [[key, v.v]] : [])));
    const made = name === 'reduce' ? reduced(pattern, how ?? 'not known') : rearranged(pattern, sizes);
    return 'reason' in made ? this.unresolved(inputs, made.reason, at) : this.emit({ ...made, inputs }, at);
  }

  /** F.conv2d(x, W, b, ...): a layer whose weights are given. */
  private functional(name: string, args: Arguments, at: Syntax): Value | undefined {
    const given = (key: string, i: number): Value | undefined => args.keywords.get(key) ?? args.positional[i];
    const [x, weight, bias] = [given('input', 0), given('weight', 1), given('bias', 2)];
    if (x?.t !== 'tensor') return undefined;
    if (weight?.t === 'weight') {
      if (weight.layer.spelling.kind === 'dense' && name === 'linear') return this.applyLayer(weight.layer, [x], at);
      return this.unresolved([x], `${this.written(at)} is given the weights of another layer, which is not read.`, at);
    }
    const transposes = name.startsWith('conv_t');
    const rank = name === 'linear' ? 0 : Number(name.at(-2));
    if (weight?.t !== 'array' || weight.shape?.length !== rank + 2) return this.unresolved([x], `The weights given to ${this.written(at)} are not known from the text.`, at);
    if (name === 'linear') return this.applyLayer(this.layerOf(weight, 'Linear', { inFeatures: weight.shape[1]!, outFeatures: weight.shape[0]! }, bias ?? null, at), [x], at);
    const names = transposes ? ['stride', 'padding', 'outputPadding', 'groups', 'dilation'] : ['stride', 'padding', 'dilation', 'groups'];
    const standard: Record<string, number> = { stride: 1, padding: 0, outputPadding: 0, groups: 1, dilation: 1 };
    const more = Object.fromEntries(names.map((key, i) => {
      const v = given(key === 'outputPadding' ? 'output_padding' : key, 3 + i);
      return [key, v ? (asParameter(v) ?? null) : standard[key]!];
    }));
    const groups = typeof more.groups === 'number' ? more.groups : null;
    const times = (n: number | null): number | null => (n === null || groups === null ? null : n * groups);
    const [first, second] = weight.shape;
    const sizes = transposes ? { inFeatures: first!, outFeatures: times(second!) } : { inFeatures: times(second!), outFeatures: first! };
    return this.applyLayer(this.layerOf(weight, `Conv${transposes ? 'Transpose' : ''}${rank}d`, { ...sizes, kernel: weight.shape.slice(2), ...more }, bias ?? null, at), [x], at);
  }

  private arrayMethod(self: ArrayValue, name: string, args: Arguments, at: Syntax): Value | undefined {
    if (/^(uniform|normal|fill|zero|constant)_$/.test(name)) {
      this.initialise(`torch.nn.init.${name}`, { ...args, positional: [self, ...args.positional] }, at);
      return self;
    }
    // Another shape of the same numbers, as a bias of channels is added to images.
    if (self.trained && /^(view|reshape|unsqueeze|squeeze|expand|repeat|view_as)$/.test(name)) return array({ ...self, shape: null, layers: new Map() });
    switch (name) {
      case 'to': case 'cfloat': case 'cdouble': case 'type': {
        const asked = name.startsWith('c') ? 'complex' : (dtypeOf(args.keywords.get('dtype')) ?? args.positional.map(dtypeOf).find((d) => d !== null) ?? null);
        return asked && asked !== self.field ? array({ ...self, field: asked, layers: new Map(), drawn: null }) : self;
      }
      case 'cuda': case 'cpu': case 'float': case 'clone': case 'detach': case 'requires_grad_': case 'contiguous': case 'expand_as': return self;
      case 'view': case 'reshape': case 'flatten': case 'numel': case 'nelement': {
        const whole = self.shape?.every((n): n is number => n !== null) ? (self.shape as number[]) : null;
        if (name.startsWith('n')) return whole ? constant(whole.reduce((a, b) => a * b, 1)) : unknown('the number of entries of an array');
        return array({ field: self.field, trained: self.trained, name: self.name, shape: whole && (name === 'flatten' ? flattened(whole, args) : reshapedTo(whole, args)) });
      }
      case 'size': return self.shape && args.positional[0]?.t === 'const' ? constant(self.shape.at(Number(args.positional[0].v)) ?? null) : self.shape ? listOf(self.shape.map(constant), true) : unknown('the shape of an array');
      case 't': case 'transpose': case 'T': return self.shape?.length === 2 ? array({ ...self, shape: [self.shape[1]!, self.shape[0]!] }) : array({ field: self.field, trained: self.trained });
      default: return array({ field: self.field, trained: self.trained, name: self.name });
    }
  }

  /** summary(model, (1, 28, 28)): torchsummary leaves the batch axis out, torchinfo counts it. */
  private summarised(args: Arguments, path: string): void {
    const model = args.positional[0] ?? args.keywords.get('model');
    const given = args.keywords.get('input_size') ?? args.keywords.get('input_shape') ?? args.positional[1];
    const sizes = given && asParameter(given);
    if (!model || !Array.isArray(sizes) || !sizes.every((n): n is number => typeof n === 'number' && n > 0)) return;
    this.shown(model, /torchinfo/.test(path) ? sizes.slice(1) : sizes);
  }

  /** A real layer applied to both parts: a split activation, or a layer that acts on each number or place apart anyway. */
  protected lifted(found: { library: Library; spelling: Spelling }, path: string, args: Arguments, at: Syntax): Value {
    const inner = args.positional[0];
    const made = inner?.t === 'external' ? this.callExternal(inner.path, { ...args, positional: args.positional.slice(1) }, at) : undefined;
    const other = (what: string): LayerValue => this.makeLayer(findSpelling(path.replace(/\[\]$/, `[${what}]`))!, path, { positional: [], keywords: new Map(), open: false }, at);
    if (made?.t !== 'layer') return other('other');
    if (made.library === found.library || made.spelling.activation === 'identity') return made;
    const { kind, realActivation } = made.spelling;
    if (isWeighted(kind)) return other('weights');
    if (kind === 'activation' && realActivation) return { ...made, library: found.library, spelling: found.spelling, activation: `split-${realActivation}` };
    if (!['flatten', 'dropout', 'average-pool'].includes(kind)) return other('other');
    const { refusesComplex: _refused, traps: _ofComplex, ...spelling } = made.spelling;
    return { ...made, spelling };
  }

  protected initialise(path: string, args: Arguments, at: Syntax): void {
    const target = args.positional[0] ?? args.keywords.get('tensor');
    if (target?.t !== 'weight' && target?.t !== 'array') return;
    const row = initialiserAt(path);
    const options: Record<string, ParameterValue> = { ...row?.defaults };
    row?.arguments.forEach((name, i) => {
      const value = args.keywords.get(name) ?? args.positional[i + 1];
      if (value) options[name] = asParameter(value) ?? null;
    });
    const field = target.t === 'array' ? target.field : target.layer.cast ? 'complex' : (target.layer.field ?? 'real');
    const drawn = { initialiser: row ?? null, options: options as Options, field };
    const which = target.t === 'array' ? 'weight' : target.which;
    if (target.t === 'weight') target.layer[target.which] = drawn;
    else {
      target.drawn = drawn;
      const value = row?.id === 'torch-zeros' ? 0 : row?.id === 'torch-ones' ? 1 : row?.id === 'torch-constant' ? options.val : null;
      target.fill = typeof value === 'number' ? value : null;
    }
    if (!row || Object.values(options).some((v) => v === null)) {
      this.add('unknown-initialiser', `${this.written(at)} is not an initialiser whose variance is known from the text; the variance of this ${which} is unknown.`, at);
    } else if (row.trap && which === 'weight' && field === 'complex' && (row.trap.when?.(options as Options, target.t === 'weight' ? target.layer.spelling.kind : null) ?? true)) {
      this.add(row.trap.code, row.trap.message, at);
    }
  }

  call(fn: Value, args: Arguments, at: Syntax): Value | undefined {
    if (fn.t !== 'layer' && fn.t !== 'container' && fn.t !== 'object') {
      const signals = args.positional.flatMap((v) => this.tensorsIn(v, at));
      if (signals.length > 0) return this.unresolved(signals, `What is called here is not known from the text${fn.t === 'unknown' ? `: ${fn.reason}` : ''}.`, at);
      return undefined;
    }
    if (this.running.length === 0 && !this.drawing.open) {
      // Outside of forward: a call with an example tells the shape of the input.
      const examples = args.positional.flatMap((v) => (v.t === 'array' ? [v] : []));
      const [shape, ...others] = examples.map((v) => {
        const [batch, ...sizes] = v.shape ?? [];
        return batch !== undefined && sizes.every((n): n is number => n !== null && n > 0) ? (sizes as number[]) : null;
      });
      if (shape) this.shown(fn, shape, others);
      if (args.positional.every((v) => v.t !== 'tensor')) {
        return (args.positional.length === 1 && this.ofExample((x) => this.call(fn, { ...args, positional: [x] }, at), args.positional[0]!, at)) || unknown('the output of a network');
      }
    }
    this.entered(fn, args.positional[0]);
    if (fn.t === 'layer' && fn.spelling.attention) return this.attend(fn, args, at);
    if (fn.t === 'layer' && fn.spelling.kind === 'rnn') return this.recur(fn, args, at);
    const inputs = [...args.positional, ...args.keywords.values()];
    if (fn.t === 'object') {
      const forward = memberOf(fn.cls, 'forward') ?? memberOf(fn.cls, '__call__');
      if (forward?.t === 'function' && this.isModule(fn.cls)) return this.runForward(fn, forward, args, at);
      if (forward?.t === 'function') return this.python.callFunction(forward, { ...args, positional: [fn, ...args.positional] }, fn);
    }
    return this.apply(fn, inputs.filter((v) => fn.t !== 'layer' || v.t === 'tensor'), at);
  }

  attribute(of: Value, name: string, at: Syntax): Value | undefined {
    if (of.t === 'tensor') {
      if (name === 'shape') return { t: 'shape' };
      if (name === 'real') return this.partStep('re', of, at);
      if (name === 'imag') return this.partStep('im', of, at);
      if (name === 'T' || name === 'mT' || name === 'H' || name === 'mH') return this.emit({ kind: 'reshape', inputs: [of], parameters: { shape: null } }, at);
      if (name === 'data') return of;
      if (name === 'dtype' || name === 'device' || name === 'ndim') return unknown(`the ${name} of a signal`);
    }
    if (of.t === 'class' && name === 'apply') {
      // A function with a gradient of its own: what it computes is its forward.
      const base = rootBase(of);
      const forward = memberOf(of, 'forward');
      if (base?.t === 'external' && /autograd\.(function\.)?Function$/.test(base.path) && forward) return { t: 'partial', fn: forward, args: { positional: [unknown('the context of a gradient')], keywords: new Map(), open: false } };
    }
    if (of.t === 'object' && name === '_modules' && this.isModule(of.cls)) return { t: 'dict', entries: new Map(childrenOf(of).map((c) => [c.name, c.value])) };
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
    if ((of.t === 'weight' || of.t === 'array') && name === 'data') return of;
    if (of.t === 'array') {
      if (name === 'shape') return of.shape ? listOf(of.shape.map(constant), true) : unknown('the shape of an array');
      if (name === 'real') return of.parts?.[0] ?? of;
      if (name === 'imag') return of.parts?.[1] ?? array({ shape: of.shape });
      if (name === 'T') return this.arrayMethod(of, 't', { positional: [], keywords: new Map(), open: false }, at);
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

  binary(op: string, a: Value, b: Value, at: Syntax): Value | undefined {
    if (op === '[]' && a.t === 'shape') return undefined;
    if (op === '[]' && a.t === 'external') return findSpelling(`${a.path}[]`) && { t: 'partial', fn: { t: 'external', path: `${a.path}[]` }, args: { positional: [b], keywords: new Map(), open: false } };
    if (a.t === 'size' || b.t === 'size') return unknown('a size of the signal');
    if (a.t !== 'tensor' && b.t !== 'tensor') return a.t === 'array' || b.t === 'array' ? ofArrays(op, a, b) : undefined;
    if (op === '[]') return a.t === 'tensor' ? this.element(a, at) : undefined;
    if (op === '@') return this.product(a, b, at);
    const neutral = (v: Value, n: number): boolean => (v.t === 'const' && v.v === n) || (v.t === 'array' && v.fill === n && !v.trained);
    if ((op === '*' && neutral(a, 1)) || (op === '+' && neutral(a, 0))) return b;
    if ((op === '*' && neutral(b, 1)) || ((op === '+' || op === '-') && neutral(b, 0)) || (op === '/' && neutral(b, 1))) return a;
    if (op === '+' && this.withBias(a, b, at)) return a;
    const held = a.t === 'array' || b.t === 'array' ? ': one side is an array of the module, whose numbers are not known from the text' : null;
    return arithmetic(this, op, a, b, at) ?? this.unresolved([...this.tensorsIn(a, at), ...this.tensorsIn(b, at)], `Arithmetic on the signal ("${op}") is not read${reasonOf(a) ?? reasonOf(b) ?? held ?? ''}.`, at);
  }

  /** x[..., 0] and the like: one half of a signal that holds real and imaginary part, or the last state of a recurrent layer. */
  private element(a: TensorValue, at: Syntax): Value {
    const key = at.children.filter((c) => c.field === 'subscript').map((c) => this.python.text(c).replace(/\s+/g, '')).join(',');
    if (a.states) {
      // Of the last state the first axis counts layers.
      const takesLast = a.states === 'last' ? /^(-1|0)$/ : a.states === 'first-axis' ? /^-1(,:)*$/ : /^:,-1(,:)?$/;
      if (takesLast.test(key)) return { ...a, states: 'last' };
    }
    const reason = 'Taking an element or slice of the signal is not read.';
    const half = halfAt(key);
    return half ? this.half(a, half.at, half.held, reason, at) : this.unresolved([a], reason, at);
  }

  private half(of: TensorValue, which: 0 | 1, held: Held, reason: string, at: Syntax): TensorValue {
    return this.emit({ kind: 'unresolved', raw: true, inputs: [of], half: { at: which, held }, reason }, at);
  }

  /** Two names for one signal: its halves, as tuples of two parts are passed on. */
  unpack(of: Value, count: number, at: Syntax): Value[] | undefined {
    if (of.t !== 'tensor' || count !== 2) return undefined;
    const reason = 'Taking a signal apart into two is not read.';
    return [this.half(of, 0, 'streams', reason, at), this.half(of, 1, 'streams', reason, at)];
  }

  /** Real and imaginary part put together. */
  protected joined(re: Value, im: Value, at: Syntax): Value {
    if (re.t === 'array' && im.t === 'array') return complexOf(re, im);
    // torch.complex(x, zeros): real data made complex.
    if (re.t === 'tensor' && (im.t !== 'tensor')) return im.t === 'array' && im.fill === 0 || im.t !== 'array' ? { ...re, cast: 'complex' } : this.unresolved([re], 'The imaginary part given here is not known from the text.', at);
    return step(this, (a, b) => joined(a, b!), [re, im], 'These real and imaginary parts do not come from one signal.', at, { joins: 'native' }) ?? this.unresolved([...this.tensorsIn(re, at), ...this.tensorsIn(im, at)], 'These real and imaginary parts are not known from the text.', at);
  }

  /** x @ W + b with two parameters: the bias of the layer that the product is. A product that has a name may be used without it. */
  private withBias(a: Value, b: Value, at: Syntax): boolean {
    if (a.t !== 'tensor' || a.from === null || b.t !== 'array' || !b.trained) return false;
    const { layer, parameters } = this.drawing.drafts[a.from]!;
    const written = at.children.find((c) => c.field === 'left')?.type;
    const fits = b.shape !== null && b.shape.at(-1) === layer?.parameters.outFeatures && b.shape.slice(0, -1).every((n) => n === 1);
    const known = layer?.bias ?? null;
    if (!layer?.held || !fits || (known && known !== b.drawn) || (written !== 'call' && written !== 'binary_operator')) return false;
    parameters.bias = layer.parameters.bias = true;
    layer.bias = b.drawn ?? { initialiser: null, options: {}, field: b.field };
    return true;
  }

  /** x @ W and W @ x with a parameter. */
  private product(a: Value, b: Value, at: Syntax): Value {
    const [signal, weight] = a.t === 'tensor' ? [a, b] : [b, a];
    if (weight.t === 'array' && signal.t === 'tensor' && weight.shape?.length === 2) {
      const [n, m] = signal === a ? weight.shape : [weight.shape[1]!, weight.shape[0]!];
      return this.applyLayer(this.layerOf(weight, 'Linear', { inFeatures: n!, outFeatures: m!, bias: false }, null, at), [signal], at);
    }
    return this.unresolved([...this.tensorsIn(a, at), ...this.tensorsIn(b, at)], `A product with "@" that is not of a signal and a matrix of weights is not read${reasonOf(weight) ?? ''}.`, at);
  }

  /** A layer whose weights are a parameter of the module itself; one and the same for each use of it. */
  private layerOf(weight: ArrayValue, row: string, parameters: Record<string, ParameterValue>, bias: Value | null, at: Syntax): LayerValue {
    const known = weight.layers.get(row);
    if (known) return known;
    const { library, spelling } = findSpelling(`torch.nn.${row}`)!;
    const of = (v: ArrayValue): Called => v.drawn ?? { initialiser: null, options: {}, field: v.field };
    const own = bias?.t === 'array' ? bias : null;
    const layer: LayerValue = {
      t: 'layer', spelling, library, text: this.written(at), parameters: { ...parameters, bias: own !== null }, activation: null, reason: null, field: weight.field, cast: false,
      weight: of(weight.parts?.[0] ?? weight), bias: own ? of(own.parts?.[0] ?? own) : null, at, span: this.span(at), name: weight.name, group: this.running.at(-1)?.group || null, drawn: null, held: true,
    };
    if (weight.parts) layer.imaginary = { ...layer, weight: of(weight.parts[1]), bias: own?.parts ? of(own.parts[1]) : layer.bias };
    weight.layers.set(row, layer);
    return layer;
  }

  method(self: Value, name: string, args: Arguments, at: Syntax): Value | undefined {
    switch (self.t) {
      case 'tensor': return this.signalMethod(self, name, args, at);
      case 'array': return this.arrayMethod(self, name, args, at);
      case 'weight': {
        this.initialise(`torch.nn.init.${name}`, { ...args, positional: [self, ...args.positional] }, at);
        return self;
      }
      case 'layer': case 'container': case 'object': return this.moduleMethod(self, name, args, at);
      default: return undefined;
    }
  }

  /** What steps make of an array whose shape is known. */
  private ofExample(apply: (signal: TensorValue) => Value | undefined, example: Value, at: Syntax): ArrayValue | null {
    if (example.t !== 'array' || this.drawing.open) return null;
    const [batch, ...sizes] = example.shape ?? [];
    if (batch === undefined || !sizes.every((n): n is number => n !== null && n > 0)) return null;
    const given = this.measured(apply, sizes, example.field, at);
    return given && array({ shape: [batch, ...given.shape], field: given.field });
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
      case 'register_buffer': case 'register_parameter':
        if (self.t === 'object' && first?.t === 'const' && typeof first.v === 'string') self.attributes.set(first.v, args.positional[1] ?? args.keywords.get('tensor') ?? args.keywords.get('param') ?? NONE);
        return NONE;
      case 'save_hyperparameters':
        if (self.t === 'object') this.keepArguments(self, args);
        return NONE;
      default: return undefined;
    }
  }

  /** Lightning keeps the arguments of __init__ in self.hparams: all, those named, or what is in a dictionary that is given. */
  private keepArguments(self: ObjectValue, { positional, keywords }: Arguments): void {
    const entries = new Map<Constant, Value>();
    const names = positional.flatMap((v) => (v.t === 'const' && typeof v.v === 'string' ? [v.v] : []));
    const ignored = keywords.get('ignore');
    const left = (ignored?.t === 'list' ? ignored.items : ignored ? [ignored] : []).flatMap((v) => (v.t === 'const' ? [v.v] : []));
    const given = positional.find((v) => v.t === 'dict' || v.t === 'options');
    if (given?.t === 'dict' || given?.t === 'options') for (const [key, v] of given.entries) entries.set(key, v);
    else for (const [key, v] of this.python.parametersHere()) if (v !== self && !left.includes(key) && (names.length === 0 || names.includes(key))) entries.set(key, v);
    for (const [key, v] of keywords) if (!['ignore', 'frame', 'logger'].includes(key)) entries.set(key, v);
    self.attributes.set('hparams', { t: 'options', entries });
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

  protected signalMethod(self: TensorValue, name: string, args: Arguments, at: Syntax): Value | undefined {
    const first = args.positional[0];
    if (PLAIN_METHODS.has(name)) return self;
    if (name === 'size') return first?.t === 'const' && typeof first.v === 'number' ? { t: 'size', axis: first.v } : { t: 'shape' };
    if (name === 'dim' || name === 'is_complex' || name === 'ndimension' || name === 'numel') return unknown(`the ${name} of a signal`);
    if (name === 'squeeze' && self.states === 'last' && first?.t === 'const' && first.v === 0) return self;
    switch (name) {
      case 'to': case 'type': case 'cfloat': case 'type_as': case 'float': case 'double': case 'cdouble': {
        const asked = dtypeOf(args.keywords.get('dtype')) ?? args.positional.map(dtypeOf).find((d) => d !== null) ?? (name.startsWith('c') ? 'complex' : null);
        return asked === 'complex' ? { ...self, cast: 'complex' } : self;
      }
      case 'chunk': case 'tensor_split': case 'split': {
        const count = args.keywords.get('chunks') ?? first;
        const axis = args.keywords.get('dim') ?? args.positional[1];
        const channels: Held | null = axis?.t === 'const' && typeof axis.v === 'number' ? (axis.v < 0 ? (axis.v === -1 ? 'last' : null) : `axis ${axis.v}`) : axis ? 'axis 1' : null;
        if (channels && (name === 'split' ? count?.t !== 'list' : count?.t === 'const' && count.v === 2)) {
          const reason = 'Taking a signal apart along an axis is not read.';
          return listOf([this.half(self, 0, channels, reason, at), this.half(self, 1, channels, reason, at)], true);
        }
        return this.unresolved([self], 'Taking a signal apart along an axis is not read.', at);
      }
      case 'select': {
        const [axis, index] = args.positional.map((v) => (v.t === 'const' ? v.v : null));
        if ((axis === -1 || axis === 1) && (index === 0 || index === 1)) return this.half(self, index, axis === -1 ? 'last' : 'axis 1', 'Taking an element of the signal is not read.', at);
        break;
      }
      case 'clamp': case 'clip': case 'clamp_min': case 'clamp_max': {
        const low = name === 'clamp_max' ? undefined : (args.keywords.get('min') ?? first);
        const high = name === 'clamp_max' ? first : (args.keywords.get('max') ?? args.positional[1]);
        const bounds = [low, high].map((v) => (v?.t === 'const' && typeof v.v === 'number' ? v.v : null));
        const made = step(this, (z) => {
          const above = bounds[0] === null ? z : called('max', z, number(bounds[0]!));
          return bounds[1] === null ? above : called('min', above, number(bounds[1]!));
        }, [self], 'Clamping the signal is not read here.', at);
        if (made) return made;
        break;
      }
      case 'flatten': {
        const from = args.keywords.get('start_dim') ?? first ?? constant(0);
        const to = args.keywords.get('end_dim') ?? args.positional[1] ?? constant(-1);
        if (from.t === 'const' && from.v === 0) return this.unresolved([self], 'flatten without start_dim=1 merges the samples of the batch.', at);
        return this.emit({ kind: 'flatten', inputs: [self], parameters: { startAxis: asParameter(from) ?? null, endAxis: asParameter(to) ?? null } }, at);
      }
      case 'view': case 'reshape': return this.reshaped(self, args, at);
      case 'mean': {
        const axes = args.keywords.get('dim') ?? args.keywords.get('axis') ?? first;
        const known = axes && asParameter(axes);
        const list = Array.isArray(known) ? known : [known];
        const spatial = list.length > 0 && list.every((a) => typeof a === 'number' && (a >= 2 || (a < 0 && a >= -list.length)));
        if (!spatial) return this.unresolved([self], 'This mean is not over all places of each channel.', at);
        const keep = args.keywords.get('keepdim') ?? args.positional[1];
        return this.emit({ kind: 'global-average-pool', inputs: [self], parameters: { keepAxes: keep?.t === 'const' && keep.v === true } }, at);
      }
    }
    if (RESHAPING.has(name)) return this.emit({ kind: 'reshape', inputs: [self], parameters: { shape: null } }, at);
    const found = findSpelling(`torch.${name}`);
    if (found && found.spelling.kind === 'read-out' && PARTS[name]) return this.partStep(PARTS[name], self, at);
    if (found && ['activation', 'read-out'].includes(found.spelling.kind)) {
      return this.applyLayer(this.makeLayer(found, `torch.${name}`, args, at), [self], at);
    }
    const made = functionOfNumbers(this, name, { ...args, positional: [self, ...args.positional] }, at);
    if (made) return made;
    // As a function of torch it may still be known; as a method it is not.
    if (at.children.find((c) => c.field === 'function')?.type === 'attribute' && this.isMethodCall(at)) {
      return this.unresolved([self], `The method ${name} of a signal is not read.`, at);
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
