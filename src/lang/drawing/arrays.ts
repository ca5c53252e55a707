// Arrays that depend on no signal: parameters, buffers, example inputs. What is known of their shape, field and numbers. Knows no framework.
import { findInitialiser } from '../../catalog/initialisers/index.ts';
import type { Field } from '../../contract/graph.ts';
import { asParameter, unknown, type Arguments, type ArrayValue, type Called, type Value } from '../python/values.ts';

export const array = (more: Partial<ArrayValue>): ArrayValue => ({ t: 'array', shape: null, field: 'real', fill: null, drawn: null, trained: false, name: null, layers: new Map(), ...more });

/** What a library's function of this name makes: the numbers, and whether its arguments are the sizes. */
const MAKERS: Readonly<Record<string, { fill?: number; drawn?: string; sizes: boolean }>> = {
  zeros: { fill: 0, sizes: true }, ones: { fill: 1, sizes: true }, empty: { sizes: true }, full: { sizes: true },
  randn: { drawn: 'torch-normal', sizes: true }, rand: { drawn: 'torch-uniform', sizes: true }, Tensor: { sizes: true }, FloatTensor: { sizes: true }, randint: { sizes: true }, normal: { sizes: true },
  zeros_like: { fill: 0, sizes: false }, ones_like: { fill: 1, sizes: false }, randn_like: { sizes: false }, rand_like: { sizes: false }, empty_like: { sizes: false }, full_like: { sizes: false },
  tensor: { sizes: false }, as_tensor: { sizes: false }, from_numpy: { sizes: false }, array: { sizes: false }, asarray: { sizes: false }, eye: { sizes: false }, arange: { sizes: false }, linspace: { sizes: false },
};

const size = (v: Value): number | null => (v.t === 'const' && typeof v.v === 'number' && Number.isInteger(v.v) ? v.v : null);

/** The array that a call such as torch.zeros(2, 3) makes; undefined where the name makes none. `dtype` is the field asked for. */
export function madeArray(name: string, args: Arguments, dtype: Field | null): ArrayValue | undefined {
  const maker = Object.hasOwn(MAKERS, name) ? MAKERS[name] : undefined;
  if (!maker) return undefined;
  const [first, second] = args.positional;
  const field = dtype ?? 'real';
  if (name === 'tensor' || name === 'as_tensor' || name === 'array' || name === 'asarray') {
    const known = first && asParameter(first);
    if (first?.t === 'array') return array({ ...first, layers: new Map() });
    return array({ field, shape: typeof known === 'number' ? [] : Array.isArray(known) ? [known.length] : null, fill: typeof known === 'number' ? known : Array.isArray(known) && known.length > 0 && known.every((v) => typeof v === 'number' && v === known[0]) ? (known[0] as number) : null });
  }
  if (!maker.sizes) return array({ field: dtype ?? (first?.t === 'array' ? first.field : 'real'), shape: first?.t === 'array' ? first.shape : null, fill: maker.fill ?? (name === 'full_like' && second?.t === 'const' && typeof second.v === 'number' ? second.v : null) });
  const given = args.keywords.get('size') ?? first;
  const dimensions = name === 'randint' ? args.positional.find((v) => v.t === 'list') : given;
  const list = dimensions?.t === 'list' ? dimensions.items : name === 'full' ? (given ? [given] : []) : args.positional;
  const value = name === 'full' ? (args.keywords.get('fill_value') ?? second) : undefined;
  const row = maker.drawn ? findInitialiser(maker.drawn)! : null;
  return array({
    field, shape: list.map(size), fill: value?.t === 'const' && typeof value.v === 'number' ? value.v : (maker.fill ?? null),
    drawn: row ? { initialiser: row, options: row.defaults, field } : maker.fill !== undefined ? { initialiser: findInitialiser(maker.fill === 0 ? 'torch-zeros' : 'torch-ones')!, options: {}, field } : null,
  });
}

const numbersOf = (args: Arguments): (number | null)[] => (args.positional[0]?.t === 'list' ? args.positional[0].items : args.positional).map(size);

/** The shape that view() gives, -1 worked out; null where it is not known. */
export function reshapedTo(shape: number[], args: Arguments): number[] | null {
  const target = numbersOf(args);
  if (target.some((n) => n === null)) return null;
  const whole = shape.reduce((a, b) => a * b, 1);
  const rest = (target as number[]).filter((n) => n >= 0).reduce((a, b) => a * b, 1);
  return (target as number[]).map((n) => (n < 0 ? whole / rest : n));
}

export function flattened(shape: number[], args: Arguments): number[] | null {
  const [from, to] = [args.keywords.get('start_dim') ?? args.positional[0], args.keywords.get('end_dim') ?? args.positional[1]].map((v, i) => (v ? size(v) : i === 0 ? 0 : -1));
  if (from == null || to == null) return null;
  const [first, last] = [from, to].map((n) => (n < 0 ? n + shape.length : n)) as [number, number];
  return [...shape.slice(0, first), shape.slice(first, last + 1).reduce((a, b) => a * b, 1), ...shape.slice(last + 1)];
}

/** c times the array: its numbers, and the scale of those that are drawn. */
export function scaled(a: ArrayValue, c: number): ArrayValue {
  const drawn = (called: Called | null): Called | null => {
    const o = called?.options;
    if (!called || !o) return null;
    if (typeof o.std === 'number' && typeof o.mean === 'number') return { ...called, options: { ...o, std: Math.abs(c) * o.std, mean: c * o.mean } };
    if (typeof o.a === 'number' && typeof o.b === 'number') return { ...called, options: { ...o, a: c * o.a, b: c * o.b } };
    return null;
  };
  return array({ ...a, fill: a.fill === null ? null : c * a.fill, drawn: drawn(a.drawn), layers: new Map(), ...(a.parts ? { parts: [scaled(a.parts[0], c), scaled(a.parts[1], c)] } : {}) });
}

export const complexOf = (re: ArrayValue, im: ArrayValue): ArrayValue =>
  array({ shape: re.shape, field: 'complex', parts: [re, im], trained: re.trained || im.trained, name: re.name, fill: im.fill === 0 ? re.fill : null });

/** Arithmetic between arrays and numbers; what its result holds is often not known, its shape is. */
export function ofArrays(op: string, a: Value, b: Value): Value {
  const [x, y] = [a, b].map((v) => (v.t === 'array' ? v.fill : v.t === 'const' && typeof v.v === 'number' ? v.v : null));
  const [of, by] = a.t === 'array' ? [a, y] : [b as ArrayValue, x];
  // 2 u - 1 and the like: a uniform law stays one.
  const shifted = (u: ArrayValue, c: number): ArrayValue => {
    const o = u.drawn?.options;
    const law = u.drawn && typeof o?.a === 'number' && typeof o.b === 'number' ? { ...u.drawn, options: { ...o, a: o.a + c, b: o.b + c } }
      : u.drawn && typeof o?.mean === 'number' ? { ...u.drawn, options: { ...o, mean: o.mean + c } } : null;
    return array({ ...u, fill: u.fill === null ? null : u.fill + c, drawn: law, layers: new Map() });
  };
  const turned = (v: Value): ArrayValue | null => (v.t === 'array' && v.name === '1j' ? v : null);
  if (op === '+' && a.t === 'array' && b.t === 'array' && turned(b)?.parts) return complexOf(a, b.parts![1]);
  if (op === '*' && (a.t === 'imaginary' || b.t === 'imaginary')) {
    return array({ ...complexOf(array({ shape: of.shape, fill: 0 }), of), name: '1j', fill: null });
  }
  if (typeof by === 'number') {
    if (op === '*') return scaled(of, by);
    if (op === '/' && of === a && by !== 0) return scaled(of, 1 / by);
    if (op === '+') return shifted(of, by);
    if (op === '-') return of === a ? shifted(of, -by) : shifted(scaled(of, -1), by);
    if (op === '**' && of === a && of.fill !== null) return array({ ...of, fill: of.fill ** by, drawn: null });
  }
  // bias[None, :, None, None] is another shape of the same numbers, and an element of equal ones is one of them.
  if (op === '[]') return of.fill === null ? unknown('an element of an array') : array({ ...of, shape: null, layers: new Map() });
  return array({ shape: of.shape, field: of.field, trained: of.trained, name: of.name });
}
