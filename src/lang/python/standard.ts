// What is known of Python's standard library and of its usual companions: argument parsers, namespaces, partial functions, numbers.
// Knows no framework of networks.
import {
  constant, listOf, NONE, unknown,
  type Arguments, type Constant, type Value,
} from './values.ts';

type Options = Extract<Value, { t: 'options' }>;

const MATH: Readonly<Record<string, (x: number) => number>> = {
  sqrt: Math.sqrt, floor: Math.floor, ceil: Math.ceil, log: Math.log, log2: Math.log2, log10: Math.log10, exp: Math.exp, sin: Math.sin, cos: Math.cos, tan: Math.tan, fabs: Math.abs,
};
const NUMBERS: Readonly<Record<string, number>> = { 'math.pi': Math.PI, 'math.e': Math.E, 'numpy.pi': Math.PI, 'numpy.e': Math.E, 'torch.pi': Math.PI, 'jax.numpy.pi': Math.PI };
const NAMESPACE = /(^|\.)(SimpleNamespace|Namespace|EasyDict|AttrDict|edict|Box|Munch|DotMap)$/;

export function standardNumber(path: string): Value | undefined {
  const value = NUMBERS[path];
  return value === undefined ? undefined : constant(value);
}

const numberOf = (v: Value | undefined): number | null => (v?.t === 'const' && typeof v.v === 'number' ? v.v : null);

/** What a call of the standard library gives; undefined where it is none that is known. `call` calls back into the code. */
export function standardCall(path: string, args: Arguments, items: (v: Value) => Value[] | null, call: (fn: Value) => Value): Value | undefined {
  const last = path.slice(path.lastIndexOf('.') + 1);
  const first = args.positional[0];
  if (last === 'OrderedDict' || last === 'defaultdict') {
    const entries = new Map<Constant, Value>(first?.t === 'dict' ? first.entries : []);
    for (const pair of (first && items(first)) ?? []) {
      if (pair.t === 'list' && pair.items[0]?.t === 'const' && pair.items[1]) entries.set(pair.items[0].v, pair.items[1]);
    }
    for (const [name, value] of args.keywords) entries.set(name, value);
    return { t: 'dict', entries };
  }
  if (path === 'functools.partial' || path === 'partial') return first ? { t: 'partial', fn: first, args: { ...args, positional: args.positional.slice(1) } } : NONE;
  if (last === 'ArgumentParser') return { t: 'options', entries: new Map(), parses: true };
  if (NAMESPACE.test(path)) return { t: 'options', entries: new Map<Constant, Value>([...(first?.t === 'dict' ? first.entries : []), ...args.keywords]) };
  if (path === 'dataclasses.field' || path === 'attr.ib' || path === 'attrs.field') {
    const make = args.keywords.get('default_factory') ?? args.keywords.get('factory');
    return args.keywords.get('default') ?? (make ? call(make) : unknown('a field without a default'));
  }
  if (path === 'copy.deepcopy' || path === 'copy.copy') return undefined;
  if (path === 'itertools.chain') return listOf(args.positional.flatMap((v) => items(v) ?? [unknown('a list that is not constant')]));
  if (path === 'itertools.pairwise' && first) {
    const all = items(first);
    return all ? listOf(all.slice(1).map((v, i) => listOf([all[i]!, v], true))) : undefined;
  }
  if (path === 'itertools.repeat' && first) {
    const times = numberOf(args.positional[1]);
    return times !== null && times >= 0 && times <= 4096 ? listOf(Array.from({ length: times }, () => first)) : undefined;
  }
  if (path === 'operator.mul' || path === 'operator.add') return undefined;
  if (/^(math|numpy)\./.test(path)) {
    if (last === 'prod') {
      const numbers = first && (items(first) ?? [first]).map(numberOf);
      return numbers && numbers.every((n) => n !== null) ? constant(numbers.reduce((a, b) => a! * b!, 1)) : unknown('a number that is not constant');
    }
    if (last === 'pow' || last === 'power') {
      const value = (numberOf(first) ?? NaN) ** (numberOf(args.positional[1]) ?? NaN);
      return Number.isFinite(value) ? constant(value) : unknown('a number that is not constant');
    }
    if (Object.hasOwn(MATH, last)) {
      const n = numberOf(first);
      if (first?.t === 'array' || first?.t === 'tensor') return undefined;
      const value = n === null ? NaN : MATH[last]!(n);
      return Number.isFinite(value) ? constant(value) : unknown('a number that is not constant');
    }
    if (/^int(8|16|32|64)?$|^float(16|32|64)?$/.test(last)) return first?.t === 'const' ? first : undefined;
  }
  return undefined;
}

/** Methods of an argument parser and of what it gives. */
export function optionsMethod(self: Options, name: string, args: Arguments): Value | undefined {
  switch (name) {
    case 'add_argument': {
      const names = args.positional.flatMap((v) => (v.t === 'const' && typeof v.v === 'string' ? v.v : []));
      const long = names.find((n) => n.startsWith('--')) ?? names[0];
      const given = args.keywords.get('dest');
      const key = given?.t === 'const' && typeof given.v === 'string' ? given.v : long?.replace(/^-+/, '').replace(/-/g, '_');
      if (!key) return NONE;
      const action = args.keywords.get('action');
      const flag = action?.t === 'const' ? action.v : null;
      const missing = long!.startsWith('-') && !args.keywords.has('required') ? NONE : unknown(`the argument ${long} has no default`);
      self.entries.set(key, args.keywords.get('default') ?? (flag === 'store_true' ? constant(false) : flag === 'store_false' ? constant(true) : missing));
      return NONE;
    }
    case 'add_argument_group': case 'add_mutually_exclusive_group': return self;
    case 'set_defaults':
      for (const [key, v] of args.keywords) self.entries.set(key, v);
      return NONE;
    case 'parse_args': return { t: 'options', entries: self.entries };
    case 'parse_known_args': return listOf([{ t: 'options', entries: self.entries }, listOf([])], true);
    case 'get': {
      const key = args.positional[0];
      return (key?.t === 'const' ? self.entries.get(key.v) : undefined) ?? args.positional[1] ?? NONE;
    }
    case 'items': return listOf([...self.entries].map(([k, v]) => listOf([constant(k), v], true)));
    case 'keys': return listOf([...self.entries.keys()].map(constant));
    case 'values': return listOf([...self.entries.values()]);
    default: return undefined;
  }
}
