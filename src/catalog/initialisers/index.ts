// Initialisers as the libraries really do them: E|w|^2 from the fans. Measured or derived, see each row's note. Knows no layer.
import type { Field, LayerKind, ParameterValue } from '../../contract/graph.ts';
import { everyLibrary } from '../libraries/index.ts';
import { say } from '../libraries/library.ts';
import { jaxInitialiser, jaxInitialisers } from './jax.ts';
import { kerasInitialiserId, kerasInitialisers } from './keras.ts';

/** What the call gives beside the tensor; null where the text does not tell. */
export type Options = Readonly<Record<string, ParameterValue>>;

/** The layer of a weight: some initialisers read the sizes of its axes their own way. `rows` is the weight's first axis. */
export interface Weight {
  kind: LayerKind;
  rows: number | null;
}

export interface Initialiser {
  id: string;
  label: string;
  /** Dotted names of the function, without the trailing module: "init.kaiming_normal_". Empty for a library's default. */
  names: string[];
  /** Package of the function; of a default the first that has it. */
  library: string;
  /** Positional arguments after the tensor, and defaults. */
  arguments: readonly string[];
  defaults: Record<string, ParameterValue>;
  /** E|w|^2 of one weight (E w^2 for a real one), or null where the options or the sizes are not known. */
  weight(field: Field, fanIn: number, fanOut: number, o: Options, of?: Weight): number | null;
  /** The weight's variance, or the bias's, follows from fan_out too. */
  byFanOut?: true | ((o: Options) => boolean);
  biasByFanOut?: true;
  /** E|w|^2 is a number over fan_in, so that what it makes of the variance of signals is known where fan_in is not. */
  perFanIn?(o: Options): boolean;
  /** E|b|^2 of one bias, where the initialiser sets biases by itself. */
  bias?(field: Field, fanIn: number, fanOut: number): number;
  /** E w^2 = 0 for a complex weight. */
  circular(o: Options): boolean;
  /** Distribution of each real number where it is not normal. A constant is real, on complex weights too. */
  law?: 'uniform' | 'constant';
  /** A constant that both parts of a complex weight are filled with. */
  bothParts?: true;
  note: string;
  /** Raised where complex weights are drawn by it, for a default where the code does not draw them anew; where `when` holds. The message says {library} for name and version. */
  trap?: { code: string; message: string; when?(o: Options, kind: LayerKind | null): boolean };
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
const xavierArguments = { arguments: ['gain'], defaults: { gain: 1 }, byFanOut: true } as const;
const lawOf = (form: 'normal' | 'uniform'): Pick<Initialiser, 'law'> => (form === 'uniform' ? { law: form } : {});
const doubled = {
  code: 'uniform-doubles-variance',
  message: "On a complex weight {library}'s uniform initialisers draw each part with the full variance: E|w|^2 is twice that of the normal one.",
};
const halved = {
  code: 'initialiser-halved',
  message: "{library}'s normal initialisers divide by sqrt 2 and PyTorch's complex normal_ halves the variance again: E|w|^2 is half of what their documentation says.",
};

const isGlorot = (kind: ParameterValue | undefined): boolean => kind === 'glorot' || kind === 'xavier';
const isHe = (kind: ParameterValue | undefined): boolean => kind === 'he' || kind === 'kaiming';
const trabelsiArguments = { arguments: ['kind'], defaults: { kind: 'glorot' }, byFanOut: true } as const;
const trabelsi = (o: Options, n: number, m: number): number | null => (isGlorot(o.kind) ? 1 / (n + m) : isHe(o.kind) ? 1 / n : null);
/** Mean square of a number that is uniform on [a, b], or null. */
const uniformSquare = (o: Options): number | null => {
  const [a, b] = [number(o.a), number(o.b)];
  return a === null || b === null ? null : (a * a + a * b + b * b) / 3;
};
const halfOfStandard = {
  code: 'independent-initialiser-halved',
  message: "{library}'s independent (semi-unitary) initialiser gives E|w|^2 = 1/(fan_in + fan_out) or 1/fan, half of what its standard one gives.",
};

const rows: readonly Initialiser[] = [
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
    byFanOut: true, biasByFanOut: true, circular: always,
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
    weight: (field, _n, _m, o) => times(field === 'complex' ? 2 : 1, uniformSquare(o)),
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
    id: 'torchcvnn-xavier-normal', label: 'complex_xavier_normal', names: ['init.complex_xavier_normal_'], library: 'torchcvnn', byFanOut: true,
    arguments: ['a', 'nonlinearity'], defaults: { a: 0, nonlinearity: 'leaky_relu' },
    weight: (_f, n, m, o) => times(1 / (n + m), gainSquared(o)), circular: always, trap: halved,
    note: 'E|w|^2 = gain^2/(fan_in + fan_out), half of the documented value.',
  },
  {
    id: 'torchcvnn-xavier-uniform', label: 'complex_xavier_uniform', names: ['init.complex_xavier_uniform_'], law: 'uniform', library: 'torchcvnn', byFanOut: true,
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
    id: 'complextorch-trabelsi', label: 'trabelsi_standard', names: ['init.trabelsi_standard_'], library: 'complextorch', ...trabelsiArguments,
    weight: (_f, n, m, o) => times(2, trabelsi(o, n, m)), circular: always,
    note: 'Rayleigh modulus and uniform phase (Trabelsi et al. 2018).',
  },
  {
    id: 'complextorch-trabelsi-independent', label: 'trabelsi_independent', names: ['init.trabelsi_independent_'], library: 'complextorch', ...trabelsiArguments,
    // A semi-unitary matrix of `rows` rows and fan_in columns has E|u|^2 = 1/max(rows, fan_in).
    weight: (_f, n, m, o, of) => (of?.rows == null ? null : times(1 / Math.max(of.rows, n), trabelsi(o, n, m))), circular: always,
    trap: {
      code: 'independent-initialiser-tiny',
      message: "{library}'s trabelsi_independent_ multiplies a semi-unitary matrix by the Glorot or He scale of single weights: E|w|^2 is smaller than documented by about the number of inputs, and the signal vanishes.",
    },
    note: 'A semi-unitary matrix times 1/sqrt(fan_in + fan_out) or 1/sqrt(fan_in). Drawn here with independent normal numbers of the same variance.',
  },
  {
    id: 'cplxmodule-linear', label: 'cplx_kaiming_uniform(a = sqrt 5)', names: [], law: 'uniform', library: 'cplxmodule', arguments: [], defaults: {},
    weight: (_f, n) => 1 / (3 * n),
    bias: (_f, _n, m) => 2 / (3 * m),
    biasByFanOut: true, circular: always,
    trap: {
      code: 'default-initialiser-halved',
      message: "{library}'s CplxLinear starts with E|w|^2 = 1/(3 fan_in), half of what PyTorch's own complex layers start with. The bound of its bias is 1/sqrt(fan_out), where 1/sqrt(fan_in) was meant.",
    },
    note: 'Each part of variance 1/(6 fan_in); the bias is uniform on +-1/sqrt(fan_out).',
  },
  {
    id: 'cplxmodule-convolution', label: 'cplx_kaiming_uniform(a = sqrt 5)', names: [], law: 'uniform', library: 'cplxmodule', arguments: [], defaults: {},
    weight: (_f, n) => 1 / (3 * n),
    bias: (_f, n) => 2 / (3 * n),
    circular: always,
    trap: { code: 'default-initialiser-halved', message: "{library}'s convolutions start with E|w|^2 = 1/(3 fan_in), half of what PyTorch's own complex layers start with." },
    note: 'Each part of variance 1/(6 fan_in); the bias is uniform on +-1/sqrt(fan_in).',
  },
  {
    id: 'complexnn-linear', label: 'xavier_uniform', names: [], law: 'uniform', library: 'complexnn', arguments: [], defaults: {},
    weight: (_f, n, m) => 4 / (n + m),
    // The bias is a matrix of one row to xavier_uniform_.
    bias: (_f, _n, m) => 4 / (1 + m),
    byFanOut: true, biasByFanOut: true, circular: always,
    trap: {
      code: 'uniform-doubles-variance',
      message: "{library}'s cLinear draws its weights by PyTorch's xavier_uniform_, which gives each part the full variance: E|w|^2 = 4/(fan_in + fan_out), twice the usual.",
    },
    note: "PyTorch's xavier_uniform_ on complex weights, and on the bias as a matrix of one row.",
  },
  {
    id: 'complexnn-convolution', label: 'randn', names: [], library: 'complexnn', arguments: [], defaults: {},
    weight: () => 1,
    bias: () => 1,
    circular: always,
    trap: {
      code: 'initialiser-without-fan',
      message: "{library}'s convolutions draw their weights by randn: E|w|^2 = 1 whatever the number of inputs, so the signal grows by that number.",
    },
    note: 'E|w|^2 = 1, whatever the sizes.',
  },
  // torchcomplex has taken over these initialisers of cplxmodule's.
  ...([['cplxmodule', 'cplx_'], ['torchcomplex', '']] as const).flatMap(([library, prefix]): Initialiser[] => [
    ...(['normal', 'uniform'] as const).flatMap((form): Initialiser[] => [
      {
        id: `${library}-kaiming-${form}`, label: `complex kaiming_${form}`, names: [`init.${prefix}kaiming_${form}_`], library, ...lawOf(form), ...kaimingArguments,
        weight: (_f, n, m, o) => times(o.nonlinearity === 'leaky_relu' ? 1 : 2, kaiming(o, n, m)), circular: always,
        trap: {
          code: 'initialiser-uncorrected', when: (o) => o.nonlinearity !== 'leaky_relu',
          message: `{library}'s ${prefix}kaiming_${form}_ corrects for complex weights through the slope a, which only nonlinearity="leaky_relu" reads: with any other E|w|^2 is 2 gain^2/fan, twice the usual.`,
        },
        note: 'E|w|^2 = gain^2/fan with leaky_relu, twice that with any other nonlinearity.',
      },
      {
        id: `${library}-xavier-${form}`, label: `complex xavier_${form}`, names: [`init.${prefix}xavier_${form}_`], library, ...lawOf(form), ...xavierArguments,
        weight: (_f, n, m, o) => xavier(o, n, m), circular: always, note: 'E|w|^2 = 2 gain^2/(fan_in + fan_out) for both forms.',
      },
    ]),
  ]),
  {
    id: 'cplxmodule-trabelsi', label: 'cplx_trabelsi_standard', names: ['init.cplx_trabelsi_standard_'], library: 'cplxmodule', ...trabelsiArguments,
    weight: (_f, n, m, o, of) => times(2, of?.kind === 'dense' ? trabelsi(o, m, n) : trabelsi(o, n, m)), circular: always,
    trap: {
      code: 'initialiser-fans-swapped', when: (o, kind) => kind === 'dense' && isHe(o.kind),
      message: "{library}'s cplx_trabelsi_standard_ takes fan_out for fan_in on the weight of a linear layer: with kind=\"he\" E|w|^2 is 2/fan_out.",
    },
    note: 'Rayleigh modulus and uniform phase; on the weight of a linear layer fan_in and fan_out are swapped.',
  },
  {
    id: 'cplxmodule-trabelsi-independent', label: 'cplx_trabelsi_independent', names: ['init.cplx_trabelsi_independent_'], library: 'cplxmodule', ...trabelsiArguments,
    weight: (_f, n, m, o, of) => (of?.kind === 'dense' ? trabelsi(o, m, n) : trabelsi(o, n, m)), circular: always, trap: halfOfStandard,
    note: 'A semi-unitary matrix scaled to the variance 1/(fan_in + fan_out) or 1/fan. Drawn here with independent normal numbers of the same variance.',
  },
  {
    id: 'cplxmodule-uniform', label: 'cplx_uniform_independent', names: ['init.cplx_uniform_independent_'], law: 'uniform', library: 'cplxmodule', arguments: ['a', 'b'], defaults: { a: 0, b: 1 },
    weight: (_f, _n, _m, o) => times(2, uniformSquare(o)), circular: (o) => number(o.a) !== null && o.a === -(o.b as number),
    note: 'Each part is uniform on [a, b].',
  },
  {
    id: 'torchcomplex-trabelsi', label: 'trabelsi_standard', names: ['init.trabelsi_standard_'], library: 'torchcomplex', ...trabelsiArguments,
    weight: (_f, n, m, o) => times(2, trabelsi(o, n, m)), circular: always,
    note: 'Rayleigh modulus and uniform phase.',
  },
  {
    id: 'torchcomplex-trabelsi-independent', label: 'trabelsi_independent', names: ['init.trabelsi_independent_'], library: 'torchcomplex', ...trabelsiArguments,
    weight: (_f, n, m, o) => trabelsi(o, n, m), circular: always, trap: halfOfStandard,
    note: 'A semi-unitary matrix scaled to the variance 1/(fan_in + fan_out) or 1/fan_in. Drawn here with independent normal numbers of the same variance.',
  },
  {
    id: 'torchcomplex-normal', label: 'normal of both parts', names: ['init.normal_'], library: 'torchcomplex', arguments: ['mean', 'std'], defaults: { mean: 0, std: 1 },
    weight: (_f, _n, _m, o) => (number(o.std) === null || number(o.mean) === null ? null : 2 * ((o.std as number) ** 2 + (o.mean as number) ** 2)),
    circular: (o) => o.mean === 0,
    trap: { code: 'normal-doubles-variance', message: "{library}'s normal_ draws each part with the full variance std^2: E|w|^2 is 2 std^2, twice what PyTorch's normal_ gives on a complex weight." },
    note: 'Each part has variance std^2.',
  },
  {
    id: 'torchcomplex-uniform', label: 'uniform', names: ['init.uniform_'], law: 'uniform', library: 'torchcomplex', arguments: ['a', 'b'], defaults: { a: 0, b: 1 },
    weight: (_f, _n, _m, o) => times(2, uniformSquare(o)), circular: (o) => number(o.a) !== null && o.a === -(o.b as number), trap: doubled,
    note: 'Each part is uniform on [a, b].',
  },
  {
    id: 'torchcomplex-constant', label: 'constant', names: ['init.constant_'], law: 'constant', bothParts: true, library: 'torchcomplex', arguments: ['val'], defaults: { val: null },
    weight: (_f, _n, _m, o) => (number(o.val) === null ? null : 2 * (o.val as number) ** 2), circular: (o) => o.val === 0,
    note: 'Both parts equal the value: the network does not behave as a Gaussian process.',
  },
  {
    id: 'torchcomplex-zeros', label: 'zeros', names: ['init.zeros_'], law: 'constant', library: 'torchcomplex', arguments: [], defaults: {},
    weight: () => 0, circular: always, note: 'All zero.',
  },
  {
    id: 'torchcomplex-ones', label: 'ones', names: ['init.ones_'], law: 'constant', bothParts: true, library: 'torchcomplex', arguments: [], defaults: {},
    weight: () => 2, circular: () => false, note: 'All 1 + i.',
  },
  ...kerasInitialisers,
  ...jaxInitialisers,
];

export const initialisers: readonly Initialiser[] = rows.map((row) => {
  const library = everyLibrary.find((l) => l.id === row.library)!;
  return row.trap ? { ...row, trap: { ...row.trap, message: say(library, row.trap.message) } } : row;
});

const byId = new Map(initialisers.map((i) => [i.id, i]));
const byPath = new Map(initialisers.flatMap((i) => i.names.map((n) => [`${i.library}:${n}`, i] as const)));

export { jaxInitialiser };

export function findInitialiser(id: string): Initialiser | undefined {
  return byId.get(id);
}

/** The row of an initialiser by the name that a Keras text gives it, for a layer of this library and kind. */
export function kerasInitialiser(...named: Parameters<typeof kerasInitialiserId>): Initialiser | undefined {
  return byId.get(kerasInitialiserId(...named) ?? '');
}

/** The row of a call such as "torch.nn.init.kaiming_normal_". */
export function initialiserAt(path: string): Initialiser | undefined {
  const names = path.split('.');
  const library = names[0]!.toLowerCase();
  const direct = byPath.get(`${library}:${names.slice(-2).join('.')}`);
  // torchcvnn's module is spelled init or initialization.
  return direct ?? byPath.get(`${library}:init.${names[names.length - 1]}`);
}
