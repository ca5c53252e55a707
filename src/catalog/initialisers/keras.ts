// Initialisers as Keras, cvnn and Deep Complex Networks draw them: E|w|^2 from the fans that they count. Knows no layer.
import type { Field, LayerKind, ParameterValue } from '../../contract/graph.ts';
import type { Initialiser, Options } from './index.ts';

const number = (v: ParameterValue | undefined): number | null => (typeof v === 'number' && Number.isFinite(v) ? v : null);
const always = (): boolean => true;

/**
 * Fans as the library counts them from the shape of its weight, where they are not those of the layer: a depthwise convolution's. `columns` is
 * the number of columns of the weight as a matrix, where it is not fan_out: a convolution's, which has its taps among the rows.
 */
const fansOf = (n: number, m: number, { fans }: Options): [number, number] =>
  Array.isArray(fans) && typeof fans[0] === 'number' && typeof fans[1] === 'number' ? [fans[0], fans[1]] : [n, m];

/** Variance of a normal that is cut at two standard deviations, over that of the whole one: 1 - 4 phi(2)/(2 Phi(2) - 1). */
export const CUT_VARIANCE = 0.87962566103423978 ** 2;

/** scale over the fan of the mode. All of Keras' distributions have this variance: a normal that is cut is widened to it, but not by TensorFlow.js ("cut"). */
function scaled(n: number, m: number, o: Options): number | null {
  const scale = number(o.scale);
  const [fanIn, fanOut] = fansOf(n, m, o);
  const fan = o.mode === 'fan_in' ? fanIn : o.mode === 'fan_out' ? fanOut : o.mode === 'fan_avg' ? (fanIn + fanOut) / 2 : null;
  return scale === null || fan === null ? null : ((o.distribution === 'cut' ? CUT_VARIANCE : 1) * scale) / Math.max(1, fan);
}

/** Keras draws real numbers; a complex layer of cvnn or Deep Complex Networks given one of its initialisers draws each part by it. */
const parts = (field: Field, each: number | null): number | null => (each === null ? null : field === 'complex' ? 2 * each : each);

/** Names as Keras writes them: the class, and the string in lower case. */
const called = (name: string): string[] => [name, name.replace(/(?!^)([A-Z])/g, '_$1').toLowerCase()];

const row = (id: string, names: string[], more: Partial<Initialiser> & Pick<Initialiser, 'weight' | 'note'>): Initialiser => ({
  id: `keras-${id}`, label: id.replaceAll('-', '_'), names, library: 'keras', arguments: [], defaults: {}, bias: () => 0, circular: always, ...more,
});

const scaling = (id: string, name: string, scale: number, mode: 'fan_in' | 'fan_avg', form: 'normal' | 'uniform'): Initialiser =>
  row(id, called(name), {
    defaults: { scale, mode }, ...(form === 'uniform' ? { law: 'uniform' as const } : {}), byFanOut: (o) => o.mode !== 'fan_in',
    weight: (field, n, m, o) => parts(field, scaled(n, m, o)),
    note: form === 'uniform' ? `Uniform, of variance ${scale}/${mode}.` : `A normal cut at two standard deviations and widened to variance ${scale}/${mode}.`,
  });

/** One number for each weight, whatever the fans are. */
const plain = (id: string, name: string, given: string[], defaults: Record<string, ParameterValue>, of: (numbers: number[]) => number, more: Partial<Initialiser> & Pick<Initialiser, 'note'>): Initialiser =>
  row(id, called(name), {
    arguments: given, defaults,
    weight: (field, _n, _m, o) => {
      const numbers = given.map((g) => number(o[g]));
      return numbers.every((v) => v !== null) ? parts(field, of(numbers as number[])) : null;
    },
    ...more,
  });

const keras: Initialiser[] = [
  scaling('glorot-uniform', 'GlorotUniform', 1, 'fan_avg', 'uniform'),
  scaling('glorot-normal', 'GlorotNormal', 1, 'fan_avg', 'normal'),
  scaling('he-uniform', 'HeUniform', 2, 'fan_in', 'uniform'),
  scaling('he-normal', 'HeNormal', 2, 'fan_in', 'normal'),
  scaling('lecun-uniform', 'LecunUniform', 1, 'fan_in', 'uniform'),
  scaling('lecun-normal', 'LecunNormal', 1, 'fan_in', 'normal'),
  ...(['normal', 'uniform'] as const).map((form) => row(`variance-scaling${form === 'uniform' ? '-uniform' : ''}`, form === 'normal' ? called('VarianceScaling') : [], {
    label: 'variance_scaling', arguments: ['scale', 'mode', 'distribution'], defaults: { scale: 1, mode: 'fan_in', distribution: form === 'uniform' ? form : 'truncated_normal' },
    ...(form === 'uniform' ? { law: 'uniform' as const } : {}), byFanOut: (o) => o.mode !== 'fan_in',
    weight: (field, n, m, o) => (typeof o.distribution === 'string' ? parts(field, scaled(n, m, o)) : null),
    note: 'Variance scale/fan; a normal cut at two standard deviations is widened to it.',
  })),
  plain('random-normal', 'RandomNormal', ['mean', 'stddev'], { mean: 0, stddev: 0.05 }, ([mean, s]) => s! ** 2 + mean! ** 2, { circular: (o) => o.mean === 0, note: 'Standard deviation 0.05 by default.' }),
  plain('truncated-normal', 'TruncatedNormal', ['mean', 'stddev'], { mean: 0, stddev: 0.05 }, ([mean, s]) => CUT_VARIANCE * s! ** 2 + mean! ** 2, {
    circular: (o) => o.mean === 0, note: 'Cut at two standard deviations and not widened: of the variance written 0.774 is left.',
  }),
  plain('random-uniform', 'RandomUniform', ['minval', 'maxval'], { minval: -0.05, maxval: 0.05 }, ([a, b]) => (a! * a! + a! * b! + b! * b!) / 3, { law: 'uniform', circular: (o) => o.minval === -(o.maxval as number), note: 'Uniform on [-0.05, 0.05] by default.' }),
  plain('constant', 'Constant', ['value'], { value: 0 }, ([v]) => v! * v!, { law: 'constant', circular: (o) => o.value === 0, note: 'All weights equal: the network does not behave as a Gaussian process.' }),
  plain('zeros', 'Zeros', [], {}, () => 0, { law: 'constant', note: 'All zero.' }),
  plain('ones', 'Ones', [], {}, () => 1, { law: 'constant', circular: () => false, note: 'All one.' }),
  row('orthogonal', called('Orthogonal'), {
    arguments: ['gain'], defaults: { gain: 1 }, byFanOut: always,
    weight: (field, n, m, o) => {
      const gain = number(o.gain);
      const columns = number(o.columns) ?? m;
      return gain === null ? null : parts(field, gain ** 2 / Math.max(n, columns));
    },
    note: 'The longer side of the matrix has length 1 in each row or column: E w^2 = gain^2/max(rows, columns). The weights of one matrix are not independent.',
  }),
];

const forms = (['Uniform', 'Normal'] as const).flatMap((form) => (['Glorot', 'He'] as const).map((name) => ({ form, name, id: `${name.toLowerCase()}-${form.toLowerCase()}` })));
const law = (form: 'Uniform' | 'Normal'): Pick<Initialiser, 'law'> => (form === 'Uniform' ? { law: 'uniform' } : {});

/** cvnn's ComplexDense draws both parts with the whole variance; its convolutions halve it as documented. */
const cvnn: Initialiser[] = forms.flatMap(({ form, name, id }) => ([['', 1], ['dense-', 2]] as const).map(([of, factor]): Initialiser => ({
  id: `cvnn-${of}${id}`, label: `Complex${name}${form}`, names: of === '' ? [`Complex${name}${form}`] : [], library: 'cvnn', arguments: [], defaults: {}, ...law(form),
  byFanOut: () => name === 'Glorot', bias: () => 0, circular: always,
  weight: (field, n, m) => (field === 'complex' ? factor : 1) * (2 / (name === 'Glorot' ? n + m : n)),
  note: of === '' ? 'E|w|^2 = 2/(fan_in + fan_out) of Glorot, 2/fan_in of He.' : 'ComplexDense asks for each part as a real weight, so E|w|^2 is twice what the documentation says.',
  ...(of === '' ? {} : { trap: { code: 'initialiser-doubled', message: "{library}'s ComplexDense draws the real and the imaginary part with the whole variance each: E|w|^2 is twice that of its documentation and of its convolutions." } }),
})));

const criterion = (o: Options, he: (n: number) => number, glorot: (n: number, m: number) => number) => (n: number, m: number): number | null =>
  o.criterion === 'he' ? he(n) : o.criterion === 'glorot' ? glorot(n, m) : null;
const byCriterion = { arguments: ['criterion'], defaults: { criterion: 'he' }, byFanOut: (o: Options): boolean => o.criterion !== 'he', bias: () => 0, circular: always, library: 'dcn' };

const dcn: Initialiser[] = [
  {
    id: 'dcn-dense', label: 'complex', names: [], ...byCriterion,
    weight: (_f, n, m, o) => criterion(o, (a) => 2 / a, (a, b) => 2 / (a + b))(n, m),
    note: 'Each part normal of variance 1/fan_in (he) or 1/(fan_in + fan_out) (glorot).',
  },
  {
    id: 'dcn-conv', label: 'complex', names: [], ...byCriterion,
    weight: (_f, n, m, o) => criterion(o, (a) => 2 / a ** 2, (a, b) => 2 / (a + b) ** 2)(n, m),
    note: 'Rayleigh modulus of scale 1/fan_in (he) or 1/(fan_in + fan_out) (glorot), without the square root: E|w|^2 is the square of it, doubled.',
    trap: { code: 'initialiser-without-root', message: 'The convolutions of {library} take 1/fan for the scale where its square root was meant: the weights start far too small (its issue 35).' },
  },
  {
    id: 'dcn-independent', label: 'complex_independent', names: ['complex_independent'], ...byCriterion,
    weight: (_f, n, m, o) => criterion(o, (a) => 2 / a, (a, b) => 2 / (a + b))(n, m),
    note: 'Rows of a unitary matrix, each part scaled to variance 1/fan_in (he) or 1/(fan_in + fan_out) (glorot).',
  },
];

export const kerasInitialisers: readonly Initialiser[] = [...keras, ...cvnn, ...dcn];

const byName = new Map(kerasInitialisers.flatMap((i) => i.names.map((name) => [name.toLowerCase(), i] as const)));
const OLDER: Readonly<Record<string, string>> = { uniform: 'randomuniform', normal: 'randomnormal', zero: 'zeros', one: 'ones', lecununiform: 'lecununiform' };

/**
 * The id of an initialiser by the name that a Keras text gives it: a string ("glorot_uniform") or a class ("GlorotUniformV2", with or without
 * its package), for a layer of this library and kind.
 */
export function kerasInitialiserId(name: string, library: string, kind: LayerKind, options: Options = {}): string | undefined {
  const last = name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf('>')) + 1).replace(/(V[12])$/, '');
  const small = last.toLowerCase();
  if (library === 'dcn' && (small === 'complex' || small === 'complexinit')) return kind === 'dense' ? 'dcn-dense' : 'dcn-conv';
  const found = byName.get(small) ?? byName.get(small.replaceAll('_', '')) ?? byName.get(OLDER[small] ?? '');
  if (!found) return undefined;
  if (found.library === 'cvnn' && kind === 'dense') return found.id.replace('cvnn-', 'cvnn-dense-');
  if (found.id === 'keras-variance-scaling' && options.distribution === 'uniform') return 'keras-variance-scaling-uniform';
  return found.id;
}
