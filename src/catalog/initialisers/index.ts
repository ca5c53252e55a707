// Initialisers as the libraries really do them: E|w|^2 from the fans. Measured or derived, see each row's note. Knows no layer.
import type { Field, ParameterValue } from '../../contract/graph.ts';

/** What the call gives beside the tensor; null where the text does not tell. */
export type Options = Readonly<Record<string, ParameterValue>>;

export interface Initialiser {
  id: string;
  label: string;
  /** Dotted names of the function, without the trailing module: "init.kaiming_normal_". Empty for a library's default. */
  names: string[];
  /** Package of the function; of a default the first that has it. */
  library: string;
  /** Positional arguments after the tensor, and defaults. */
  arguments: string[];
  defaults: Record<string, ParameterValue>;
  /** E|w|^2 of one weight (E w^2 for a real one), or null where the options are not known. */
  weight(field: Field, fanIn: number, fanOut: number, o: Options): number | null;
  /** E|b|^2 of one bias, where the initialiser sets biases by itself. */
  bias?(field: Field, fanIn: number, fanOut: number): number;
  /** E w^2 = 0 for a complex weight. */
  circular(o: Options): boolean;
  /** Distribution of each real number where it is not normal. A constant is real, on complex weights too. */
  law?: 'uniform' | 'constant';
  note: string;
  /** Raised where the row is used on complex weights. */
  trap?: { code: string; message: string };
}

const gains: Record<string, number> = { linear: 1, conv1d: 1, conv2d: 1, conv3d: 1, sigmoid: 1, tanh: 5 / 3, relu: Math.SQRT2, selu: 3 / 4 };

/** torch.nn.init.calculate_gain, squared. */
function gainSquared(o: Options): number | null {
  if (o.nonlinearity === 'leaky_relu') return typeof o.a === 'number' ? 2 / (1 + o.a * o.a) : null;
  const gain = typeof o.nonlinearity === 'string' ? gains[o.nonlinearity] : undefined;
  return gain === undefined ? null : gain * gain;
}

const number = (v: ParameterValue | undefined): number | null => (typeof v === 'number' ? v : null);
const times = (factor: number, v: number | null): number | null => (v === null ? null : factor * v);
const always = (): boolean => true;

/** gain^2 / fan of the asked mode. */
function kaiming(o: Options, fanIn: number, fanOut: number): number | null {
  const g = gainSquared(o);
  if (g === null || (o.mode !== 'fan_in' && o.mode !== 'fan_out')) return null;
  return g / (o.mode === 'fan_in' ? fanIn : fanOut);
}

function xavier(o: Options, fanIn: number, fanOut: number): number | null {
  const gain = number(o.gain);
  return gain === null ? null : (2 * gain * gain) / (fanIn + fanOut);
}

const kaimingArguments = { arguments: ['a', 'mode', 'nonlinearity'], defaults: { a: 0, mode: 'fan_in', nonlinearity: 'leaky_relu' } };
const xavierArguments = { arguments: ['gain'], defaults: { gain: 1 } };
const lawOf = (form: 'normal' | 'uniform'): Pick<Initialiser, 'law'> => (form === 'uniform' ? { law: form } : {});
const doubled = {
  code: 'uniform-doubles-variance',
  message: "On a complex weight PyTorch's uniform initialisers draw each part with the full variance: E|w|^2 is twice that of the normal one.",
};
const halved = {
  code: 'initialiser-halved',
  message: "torchcvnn's normal initialisers divide by sqrt 2 and PyTorch's complex normal_ halves the variance again: E|w|^2 is half of what their documentation says.",
};

export const initialisers: readonly Initialiser[] = [
  {
    id: 'torch-default', label: 'kaiming_uniform(a = sqrt 5)', names: [], law: 'uniform', library: 'torch', arguments: [], defaults: {},
    weight: (field, n) => (field === 'complex' ? 2 : 1) / (3 * n),
    bias: (field, n) => (field === 'complex' ? 2 : 1) / (3 * n),
    circular: always,
    note: 'Each part uniform on +-1/sqrt(fan_in), so of variance 1/(3 fan_in).',
  },
  {
    id: 'two-real-modules', label: 'two real kaiming_uniform(a = sqrt 5)', names: [], law: 'uniform', library: 'complexpytorch', arguments: [], defaults: {},
    weight: (_f, n) => 2 / (3 * n),
    bias: (_f, n) => 4 / (3 * n),
    circular: always,
    note: 'Real and imaginary part are two real modules of variance 1/(3 fan_in); both biases enter both parts.',
  },
  {
    id: 'torch-recurrent', label: 'uniform(1/sqrt(hidden size))', names: [], library: 'torch', law: 'uniform', arguments: [], defaults: {},
    weight: (field, _n, m) => (field === 'complex' ? 2 : 1) / (3 * m),
    bias: (field, _n, m) => (field === 'complex' ? 2 : 1) / (3 * m),
    circular: always,
    note: 'Each part uniform on +-1/sqrt(hidden size), input weights too.',
  },
  {
    id: 'torch-kaiming-normal', label: 'kaiming_normal', names: ['init.kaiming_normal_', 'init.kaiming_normal'], library: 'torch', ...kaimingArguments,
    weight: (_f, n, m, o) => kaiming(o, n, m), circular: always,
    note: "PyTorch's normal_ splits the variance over the two parts: E|w|^2 = gain^2/fan.",
  },
  {
    id: 'torch-kaiming-uniform', label: 'kaiming_uniform', names: ['init.kaiming_uniform_', 'init.kaiming_uniform'], law: 'uniform', library: 'torch', ...kaimingArguments,
    weight: (field, n, m, o) => times(field === 'complex' ? 2 : 1, kaiming(o, n, m)), circular: always, trap: doubled,
    note: 'Each part has variance gain^2/fan: E|w|^2 is twice that of kaiming_normal.',
  },
  {
    id: 'torch-xavier-normal', label: 'xavier_normal', names: ['init.xavier_normal_', 'init.xavier_normal'], library: 'torch', ...xavierArguments,
    weight: (_f, n, m, o) => xavier(o, n, m), circular: always,
    note: 'E|w|^2 = 2 gain^2/(fan_in + fan_out).',
  },
  {
    id: 'torch-xavier-uniform', label: 'xavier_uniform', names: ['init.xavier_uniform_', 'init.xavier_uniform'], law: 'uniform', library: 'torch', ...xavierArguments,
    weight: (field, n, m, o) => times(field === 'complex' ? 2 : 1, xavier(o, n, m)), circular: always, trap: doubled,
    note: 'On complex weights E|w|^2 is twice that of xavier_normal.',
  },
  {
    id: 'torch-normal', label: 'normal', names: ['init.normal_', 'normal_'], library: 'torch', arguments: ['mean', 'std'], defaults: { mean: 0, std: 1 },
    weight: (_f, _n, _m, o) => (number(o.std) === null || number(o.mean) === null ? null : (o.std as number) ** 2 + (o.mean as number) ** 2),
    circular: (o) => o.mean === 0,
    note: 'std^2 is split over the two parts; the mean is real.',
  },
  {
    id: 'torch-uniform', label: 'uniform', names: ['init.uniform_', 'uniform_'], law: 'uniform', library: 'torch', arguments: ['a', 'b'], defaults: { a: 0, b: 1 },
    weight: (field, _n, _m, o) => {
      const [a, b] = [number(o.a), number(o.b)];
      return a === null || b === null ? null : ((field === 'complex' ? 2 : 1) * (a * a + a * b + b * b)) / 3;
    },
    circular: (o) => number(o.a) !== null && o.a === -(o.b as number), trap: doubled,
    note: 'Each part is uniform on [a, b].',
  },
  {
    id: 'torch-constant', label: 'constant', names: ['init.constant_', 'fill_'], law: 'constant', library: 'torch', arguments: ['val'], defaults: { val: null },
    weight: (_f, _n, _m, o) => (number(o.val) === null ? null : (o.val as number) ** 2), circular: (o) => o.val === 0,
    note: 'All weights equal: the network does not behave as a Gaussian process.',
  },
  {
    id: 'torch-zeros', label: 'zeros', names: ['init.zeros_', 'zero_'], law: 'constant', library: 'torch', arguments: [], defaults: {},
    weight: () => 0, circular: always, note: 'All zero.',
  },
  {
    id: 'torch-ones', label: 'ones', names: ['init.ones_'], law: 'constant', library: 'torch', arguments: [], defaults: {},
    weight: () => 1, circular: () => false, note: 'All one.',
  },
  {
    id: 'torchcvnn-kaiming-normal', label: 'complex_kaiming_normal', names: ['init.complex_kaiming_normal_'], library: 'torchcvnn', ...kaimingArguments,
    weight: (_f, n, m, o) => times(0.5, kaiming(o, n, m)), circular: always, trap: halved,
    note: 'E|w|^2 = gain^2/(2 fan), half of the documented value.',
  },
  {
    id: 'torchcvnn-kaiming-uniform', label: 'complex_kaiming_uniform', names: ['init.complex_kaiming_uniform_'], law: 'uniform', library: 'torchcvnn', ...kaimingArguments,
    weight: (_f, n, m, o) => kaiming(o, n, m), circular: always, note: 'E|w|^2 = gain^2/fan.',
  },
  {
    id: 'torchcvnn-xavier-normal', label: 'complex_xavier_normal', names: ['init.complex_xavier_normal_'], library: 'torchcvnn',
    arguments: ['a', 'nonlinearity'], defaults: { a: 0, nonlinearity: 'leaky_relu' },
    weight: (_f, n, m, o) => times(1 / (n + m), gainSquared(o)), circular: always, trap: halved,
    note: 'E|w|^2 = gain^2/(fan_in + fan_out), half of the documented value.',
  },
  {
    id: 'torchcvnn-xavier-uniform', label: 'complex_xavier_uniform', names: ['init.complex_xavier_uniform_'], law: 'uniform', library: 'torchcvnn',
    arguments: ['a', 'nonlinearity'], defaults: { a: 0, nonlinearity: 'leaky_relu' },
    weight: (_f, n, m, o) => times(2 / (n + m), gainSquared(o)), circular: always,
    note: 'E|w|^2 = 2 gain^2/(fan_in + fan_out).',
  },
  ...(['normal', 'uniform'] as const).flatMap((form): Initialiser[] => [
    {
      id: `complextorch-kaiming-${form}`, label: `complex kaiming_${form}`, names: [`init.kaiming_${form}_`], library: 'complextorch', ...lawOf(form), ...kaimingArguments,
      weight: (_f, n, m, o) => kaiming(o, n, m), circular: always, note: 'E|w|^2 = gain^2/fan for both forms.',
    },
    {
      id: `complextorch-xavier-${form}`, label: `complex xavier_${form}`, names: [`init.xavier_${form}_`], library: 'complextorch', ...lawOf(form), ...xavierArguments,
      weight: (_f, n, m, o) => xavier(o, n, m), circular: always, note: 'E|w|^2 = 2 gain^2/(fan_in + fan_out) for both forms.',
    },
  ]),
  {
    id: 'complextorch-trabelsi', label: 'trabelsi_standard', names: ['init.trabelsi_standard_'], library: 'complextorch', arguments: ['kind'], defaults: { kind: 'glorot' },
    weight: (_f, n, m, o) => (o.kind === 'glorot' ? 2 / (n + m) : o.kind === 'he' ? 2 / n : null), circular: always,
    note: 'Rayleigh modulus and uniform phase (Trabelsi et al. 2018).',
  },
];

const byId = new Map(initialisers.map((i) => [i.id, i]));
const byPath = new Map(initialisers.flatMap((i) => i.names.map((n) => [`${i.library}:${n}`, i] as const)));

export function findInitialiser(id: string): Initialiser | undefined {
  return byId.get(id);
}

/** The row of a call such as "torch.nn.init.kaiming_normal_". */
export function initialiserAt(path: string): Initialiser | undefined {
  const names = path.split('.');
  const library = names[0] === 'complexPyTorch' ? 'complexpytorch' : names[0]!;
  const direct = byPath.get(`${library}:${names.slice(-2).join('.')}`);
  // torchcvnn's module is spelled init or initialization.
  return direct ?? byPath.get(`${library}:init.${names[names.length - 1]}`);
}
