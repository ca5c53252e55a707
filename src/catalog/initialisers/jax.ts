// Initialisers as JAX, Flax, Haiku and neural-tangents draw them: E|w|^2 from the fans that they count. Knows no layer.
// Measured with jax 0.10.2, dm-haiku 0.0.17 and neural-tangents 0.6.5.
import type { Field, ParameterValue } from '../../contract/graph.ts';
import type { Initialiser, Options } from './index.ts';
import { CUT_VARIANCE } from './keras.ts';

const number = (v: ParameterValue | undefined): number | null => (typeof v === 'number' && Number.isFinite(v) ? v : null);
const squared = (v: ParameterValue | undefined): number | null => (number(v) === null ? null : (v as number) ** 2);
const always = (): boolean => true;

/**
 * A complex normal whose modulus is cut at 2 has E|z|^2 = 1 - 4 e^-4/(1 - e^-4); JAX divides by 0.95311164380491208, which is not its root:
 * what comes out is 1.9 % above what was asked for.
 */
const COMPLEX_CUT = (1 - (4 * Math.exp(-4)) / (1 - Math.exp(-4))) / 0.95311164380491208 ** 2;

type Distribution = 'truncated_normal' | 'normal' | 'uniform';

const modes = ['fan_in', 'fan_out', 'fan_avg', 'fan_geo_avg'];

function fanOf(o: Options, n: number, m: number): number | null {
  return o.mode === 'fan_in' ? n : o.mode === 'fan_out' ? m : o.mode === 'fan_avg' ? (n + m) / 2 : o.mode === 'fan_geo_avg' ? Math.sqrt(n * m) : null;
}

/** scale over the fan of the mode, and what the library makes of it on complex weights. */
function scaled(o: Options, n: number, m: number, onComplex: number): number | null {
  // As the library counts them from the shape of its weight, where that is not how the layer does.
  const [a, b] = Array.isArray(o.fans) && typeof o.fans[0] === 'number' && typeof o.fans[1] === 'number' ? [o.fans[0], o.fans[1]] : [n, m];
  const [scale, fan] = [number(o.scale), fanOf(o, a, b)];
  return scale === null || fan === null ? null : (onComplex * scale) / fan;
}

const jaxFactor = (field: Field, distribution: ParameterValue | undefined): number => (field === 'complex' && distribution === 'truncated_normal' ? COMPLEX_CUT : 1);

const row = (id: string, names: string[], library: string, more: Partial<Initialiser> & Pick<Initialiser, 'weight' | 'note'>): Initialiser => ({
  id, label: id.replace(/^\w+-/, '').replaceAll('-', '_'), names, library, arguments: [], defaults: {}, bias: () => 0, circular: always, ...more,
});

const byFan = { byFanOut: (o: Options) => o.mode !== 'fan_in', perFanIn: (o: Options) => o.mode === 'fan_in' };

const scaling = (names: string[], scale: number, mode: 'fan_in' | 'fan_avg', distribution: Distribution): Initialiser =>
  row(`jax-${names[0]!.replaceAll('_', '-')}`, names, 'jax', {
    defaults: { scale, mode, distribution }, ...byFan, ...(distribution === 'uniform' ? { law: 'uniform' as const } : {}),
    weight: (field, n, m, o) => scaled(o, n, m, jaxFactor(field, o.distribution)),
    note: distribution === 'uniform'
      ? `Variance ${scale}/${mode}: uniform on an interval, of complex weights on a disk.`
      : `A normal cut at two standard deviations and widened to variance ${scale}/${mode}; of complex weights the modulus is cut, and E|w|^2 is 1.9 % higher.`,
  });

/** jax.nn.initializers, which flax.linen.initializers and flax.nnx.initializers give on. */
const jax: Initialiser[] = [
  scaling(['lecun_normal'], 1, 'fan_in', 'truncated_normal'),
  scaling(['lecun_uniform'], 1, 'fan_in', 'uniform'),
  scaling(['he_normal', 'kaiming_normal'], 2, 'fan_in', 'truncated_normal'),
  scaling(['he_uniform', 'kaiming_uniform'], 2, 'fan_in', 'uniform'),
  scaling(['glorot_normal', 'xavier_normal', 'glorot'], 1, 'fan_avg', 'truncated_normal'),
  scaling(['glorot_uniform', 'xavier_uniform'], 1, 'fan_avg', 'uniform'),
  row('jax-variance-scaling', ['variance_scaling'], 'jax', {
    arguments: ['scale', 'mode', 'distribution'], defaults: { scale: null, mode: null, distribution: null }, ...byFan,
    weight: (field, n, m, o) => (['truncated_normal', 'normal', 'uniform'].includes(o.distribution as string) && modes.includes(o.mode as string) ? scaled(o, n, m, jaxFactor(field, o.distribution)) : null),
    note: 'Variance scale/fan; a normal cut at two standard deviations is widened to it.',
  }),
  row('jax-normal', ['normal', 'randn'], 'jax', { arguments: ['stddev'], defaults: { stddev: 0.01 }, weight: (_f, _n, _m, o) => squared(o.stddev), note: 'E|w|^2 = stddev^2, of complex weights too; stddev is 0.01 by default.' }),
  row('jax-truncated-normal', ['truncated_normal'], 'jax', {
    arguments: ['stddev'], defaults: { stddev: 0.01 }, weight: (field, _n, _m, o) => (field === 'complex' || squared(o.stddev) === null ? null : CUT_VARIANCE * squared(o.stddev)!),
    note: 'Cut at two standard deviations and not widened: of the variance written 0.774 is left. It refuses complex weights.',
  }),
  row('jax-uniform', ['uniform'], 'jax', {
    arguments: ['scale'], defaults: { scale: 0.01 }, law: 'uniform', circular: () => false, weight: (field, _n, _m, o) => (field === 'complex' || squared(o.scale) === null ? null : squared(o.scale)! / 3),
    note: 'Uniform on [0, scale), so not of mean 0. It refuses complex weights.',
  }),
  row('jax-constant', ['constant'], 'jax', { arguments: ['value'], defaults: { value: null }, law: 'constant', circular: (o) => o.value === 0, weight: (_f, _n, _m, o) => squared(o.value), note: 'All weights equal: the network does not behave as a Gaussian process.' }),
  row('jax-zeros', ['zeros', 'zeros_init'], 'jax', { law: 'constant', weight: () => 0, note: 'All zero.' }),
  row('jax-ones', ['ones', 'ones_init'], 'jax', { law: 'constant', circular: () => false, weight: () => 1, note: 'All one.' }),
  row('jax-orthogonal', ['orthogonal'], 'jax', {
    arguments: ['scale'], defaults: { scale: 1 }, byFanOut: always, weight: (_f, n, m, o) => (squared(o.scale) === null ? null : squared(o.scale)! / Math.max(number(o.rows) ?? n, number(o.columns) ?? m)),
    note: 'E|w|^2 = scale^2/max(rows, columns) of the weight as a matrix. The weights of one matrix are not independent.',
  }),
  // One row of fan_out numbers is looked up, and they are drawn with fan_out for a fan.
  row('jax-embedding', [], 'jax', { label: 'variance_scaling(1, fan_in, normal)', byFanOut: always, weight: (_f, _n, m) => 1 / m, note: "Flax's embeddings start with variance 1/features." }),
];

/** hk.initializers: classes. On complex weights each part of a cut normal has the whole variance. */
const haiku: Initialiser[] = [
  row('haiku-default', [], 'haiku', {
    label: 'truncated_normal(1/sqrt(fan_in))', perFanIn: always, weight: (field, n) => ((field === 'complex' ? 2 : 1) * CUT_VARIANCE) / n,
    note: 'A normal of standard deviation 1/sqrt(fan_in), cut at two of them and not widened: 0.774/fan_in. Of complex weights each part is drawn so.',
  }),
  row('haiku-embedding', [], 'haiku', { label: 'truncated_normal(1)', weight: (field) => (field === 'complex' ? 2 : 1) * CUT_VARIANCE, note: 'A normal cut at two standard deviations: variance 0.774.' }),
  row('haiku-truncated-normal', ['TruncatedNormal'], 'haiku', {
    arguments: ['stddev', 'mean'], defaults: { stddev: 1, mean: 0 }, circular: (o) => o.mean === 0,
    weight: (field, _n, _m, o) => (squared(o.stddev) === null || squared(o.mean) === null ? null : (field === 'complex' ? 2 : 1) * CUT_VARIANCE * squared(o.stddev)! + squared(o.mean)!),
    note: 'Cut at two standard deviations and not widened: 0.774 stddev^2, of complex weights in each part.',
  }),
  row('haiku-random-normal', ['RandomNormal'], 'haiku', {
    arguments: ['stddev', 'mean'], defaults: { stddev: 1, mean: 0 }, circular: (o) => o.mean === 0,
    weight: (_f, _n, _m, o) => (squared(o.stddev) === null || squared(o.mean) === null ? null : squared(o.stddev)! + squared(o.mean)!), note: 'E|w|^2 = stddev^2 + mean^2.',
  }),
  row('haiku-random-uniform', ['RandomUniform'], 'haiku', {
    arguments: ['minval', 'maxval'], defaults: { minval: 0, maxval: 1 }, law: 'uniform', circular: (o) => o.minval === -(o.maxval as number),
    weight: (field, _n, _m, o) => {
      const [a, b] = [number(o.minval), number(o.maxval)];
      return field === 'complex' || a === null || b === null ? null : (a * a + a * b + b * b) / 3;
    },
    note: 'Uniform on [minval, maxval). It refuses complex weights.',
  }),
  row('haiku-uniform-scaling', ['UniformScaling'], 'haiku', {
    arguments: ['scale'], defaults: { scale: 1 }, law: 'uniform', perFanIn: always, weight: (field, n, _m, o) => (field === 'complex' || squared(o.scale) === null ? null : squared(o.scale)! / n),
    note: 'Uniform of variance scale^2/fan_in. It refuses complex weights.',
  }),
  row('haiku-variance-scaling', ['VarianceScaling'], 'haiku', {
    arguments: ['scale', 'mode', 'distribution'], defaults: { scale: 1, mode: 'fan_in', distribution: 'truncated_normal' }, ...byFan,
    weight: (field, n, m, o) => (o.distribution === 'uniform' && field === 'complex' ? null : scaled(o, n, m, field === 'complex' && o.distribution === 'truncated_normal' ? 2 : 1)),
    note: 'Variance scale/fan; a normal cut at two standard deviations is widened to it, of complex weights in each part, so that E|w|^2 is twice that.',
  }),
  row('haiku-orthogonal', ['Orthogonal'], 'haiku', {
    arguments: ['scale'], defaults: { scale: 1 }, byFanOut: always, weight: (_f, n, m, o) => (squared(o.scale) === null ? null : squared(o.scale)! / Math.max(number(o.rows) ?? n, number(o.columns) ?? m)),
    note: 'E|w|^2 = scale^2/max(rows, columns) of the weight as a matrix. The weights of one matrix are not independent.',
  }),
  row('haiku-constant', ['Constant'], 'haiku', { arguments: ['constant'], defaults: { constant: null }, law: 'constant', circular: (o) => o.constant === 0, weight: (_f, _n, _m, o) => squared(o.constant), note: 'All weights equal: the network does not behave as a Gaussian process.' }),
];

/** neural-tangents: weights of variance W_std^2/fan_in in both parameterisations, biases of variance b_std^2. */
const tangents: Initialiser[] = [
  row('nt-weight', [], 'neural-tangents', { label: 'normal(W_std/sqrt(fan_in))', arguments: ['W_std'], defaults: { W_std: 1 }, perFanIn: always, weight: (_f, n, _m, o) => (squared(o.W_std) === null ? null : squared(o.W_std)! / n), note: 'W_std^2/fan_in.' }),
  row('nt-bias', [], 'neural-tangents', { label: 'normal(b_std)', arguments: ['b_std'], defaults: { b_std: 0 }, weight: (_f, _n, _m, o) => squared(o.b_std), note: 'b_std^2.' }),
];

/** jax.example_libraries.stax: biases start at small numbers. */
const stax: Initialiser[] = [
  row('stax-dense', [], 'jax', { label: 'glorot_normal', byFanOut: always, weight: (_f, n, m) => 2 / (n + m), bias: () => 1e-4, note: 'glorot_normal; biases normal of standard deviation 0.01.' }),
  row('stax-conv', [], 'jax', { label: 'glorot_normal', byFanOut: always, weight: (_f, n, m) => 2 / (n + m), bias: () => 1e-12, note: 'glorot_normal; biases normal of standard deviation 1e-6.' }),
];

export const jaxInitialisers: readonly Initialiser[] = [...jax, ...haiku, ...tangents, ...stax];

const byName = new Map(jaxInitialisers.flatMap((i) => i.names.map((name) => [`${i.library}:${name}`, i] as const)));

/** The row of "jax.nn.initializers.he_normal", also where Flax or stax gives it on, or of "haiku.initializers.RandomNormal". */
export function jaxInitialiser(path: string): Initialiser | undefined {
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (path.startsWith('haiku.')) return byName.get(`haiku:${name}`);
  // jnp.zeros and jnp.ones are used for initialisers too.
  return /(^|\.)initializers\./.test(path) || /^jax\.(example_libraries|experimental)\.stax\./.test(path) || /^jax\.numpy\.(zeros|ones)$/.test(path) ? byName.get(`jax:${name}`) : undefined;
}
