// Phase-equivariant activations phi(z) = h(|z|) z/|z|: a turn of the input's phase turns the output's by the same angle.
import { logistic, logisticDerivative } from '../scalars/smooth.ts';
import { normalDensity, normalDistribution } from '../scalars/error-function.ts';
import { modulusOf } from './analytic.ts';
import type { Activation, Parameters, RadialFunction } from './activation.ts';

interface Description {
  id: string;
  label: string;
  parameters: Record<string, number>;
  radial: RadialFunction;
  formula: string;
  notes: string[];
  reference?: string;
  limit?: Activation['limit'];
  /** Where it is more than phase-equivariant. */
  structure?: Activation['structure'];
  jumps?: boolean;
}

/** phi_z = (h' + h/r)/2 and phi_zbar = e^{2 i theta} (h' - h/r)/2. */
export function equivariant(d: Description): Activation {
  const { radial: h, limit, ...rest } = d;
  return {
    ...rest,
    field: 'complex',
    structure: d.structure ?? ['equivariant'],
    radial: h,
    evaluate(x, y, p, out) {
      const r = modulusOf(x, y);
      const slope = h.derivative(r, p);
      // Where h(0) is not 0 there is no value at 0; libraries give 0 or NaN.
      const there = h.ratio(r, p);
      const ratio = there === Infinity || there === -Infinity ? slope : there;
      // e^{2 i theta}; at 0 any phase will do, since h' = h/r there for a regular h.
      const c = r > 0 ? (x * x - y * y) / (r * r) : 1;
      const s = r > 0 ? (2 * x * y) / (r * r) : 0;
      out[0] = ratio * x;
      out[1] = ratio * y;
      out[2] = (slope + ratio) / 2;
      out[3] = 0;
      out[4] = (c * (slope - ratio)) / 2;
      out[5] = (s * (slope - ratio)) / 2;
    },
    limit: limit ?? (() => ({ exists: 'ntk' })),
    jumps: d.jumps === true,
  };
}

export const modrelu = equivariant({
  id: 'modrelu',
  label: 'modReLU',
  parameters: { bias: -0.1 },
  radial: {
    value: (r, p) => Math.max(r + p.bias!, 0),
    derivative: (r, p) => (r + p.bias! > 0 ? 1 : 0),
    ratio: (r, p) => (r + p.bias! > 0 ? (p.bias === 0 ? 1 : 1 + p.bias! / r) : 0),
    kinks: (p) => (p.bias! < 0 ? [-p.bias!] : []),
  },
  limit: (p: Parameters) =>
    p.bias! > 0
      ? { exists: 'nngp', reason: `modReLU with bias ${p.bias} > 0 has phi_z ~ bias/(2|z|) at 0: E|phi_z|^2 diverges and the NTK's diagonal grows like log(width)` }
      : { exists: 'ntk' },
  formula: 'max(|z| + bias, 0) z/|z|',
  notes: ['Keeps the phase; shrinks the modulus and zeroes a disc of radius -bias.', 'With bias 0 it is the identity.'],
  reference: 'Arjovsky, Shah and Bengio 2016',
});

export const polarTanh = equivariant({
  id: 'polar-tanh',
  label: 'polar tanh',
  parameters: {},
  radial: {
    value: (r) => Math.tanh(r),
    derivative: (r) => {
      const e = Math.exp(-2 * r);
      return (4 * e) / ((1 + e) * (1 + e));
    },
    ratio: (r) => (r < 1e-4 ? 1 - (r * r) / 3 : Math.tanh(r) / r),
    kinks: () => [],
  },
  formula: 'tanh|z| z/|z|',
  notes: ['Keeps the phase and saturates the modulus.'],
  reference: 'Hirose 1992',
});

/** Where a function of r/scale turns sharply near 0: for quadrature as good as a kink. Nothing where the scale is an ordinary one. */
const turns = (scale: number): number[] => (scale > 0 && scale < 0.2 ? [scale / 4, scale, 4 * scale, 16 * scale, 64 * scale] : []);

/** Finite, but phi_z ~ h(0)/(2r): the reason for a name. */
const blunt = (what: string): ReturnType<Activation['limit']> => ({
  exists: 'nngp', reason: `${what} does not vanish as |z| goes to 0, so phi_z ~ h(0)/(2|z|): E|phi_z|^2 diverges there and the NTK's diagonal grows like log(width)`,
});

const sigLogLimit = (p: Parameters): ReturnType<Activation['limit']> =>
  p.c! > 0
    ? { exists: 'ntk' }
    : p.c === 0
      ? { exists: 'nngp', reason: 'SigLog with c = 0 is r z/|z|: E|phi_z|^2 diverges at 0' }
      : { exists: 'none', reason: `SigLog with c = ${p.c} < 0 has a pole on the circle |z| = ${-p.c! * p.r!}: E|phi|^2 diverges` };

export const siglog = equivariant({
  id: 'siglog',
  label: 'SigLog',
  parameters: { c: 1, r: 1 },
  radial: {
    value: (r, p) => r / (p.c! + r / p.r!),
    derivative: (r, p) => p.c! / (p.c! + r / p.r!) ** 2,
    ratio: (r, p) => 1 / (p.c! + r / p.r!),
    kinks: (p) => turns(p.c! * p.r!),
  },
  limit: sigLogLimit,
  formula: 'z / (c + |z|/r)',
  notes: ['Keeps the phase; the modulus saturates at r. Libraries differ in c by a factor of 1000.'],
  reference: 'Georgiou and Koutsougeras 1992',
});

export const georgiou: Activation = {
  ...siglog,
  id: 'georgiou',
  label: 'Georgiou and Koutsougeras',
  parameters: { c: 1e-3, r: 1 },
  notes: ['SigLog with c = 0.001: almost r z/|z|, so its NTK is large and rests on the few preactivations near 0.'],
};

export const modreluThreshold = equivariant({
  id: 'modrelu-threshold',
  label: 'modReLU by threshold',
  parameters: { threshold: 0.5 },
  radial: {
    value: (r, p) => Math.max(r - p.threshold!, 0),
    derivative: (r, p) => (r > p.threshold! ? 1 : 0),
    ratio: (r, p) => (r > p.threshold! ? (p.threshold === 0 ? 1 : 1 - p.threshold! / r) : 0),
    kinks: (p) => (p.threshold! > 0 ? [p.threshold!] : []),
  },
  limit: (p) => (p.threshold! < 0 ? blunt(`max(|z| - threshold, 0) with threshold ${p.threshold} < 0`) : { exists: 'ntk' }),
  formula: 'max(|z| - threshold, 0) z/|z|',
  notes: ['modReLU with the sign of its parameter turned: bias = -threshold.'],
  reference: 'Arjovsky, Shah and Bengio 2016',
});

/** h = r max(r + b, 0)/(r + c), h/r = max(r + b, 0)/(r + c). */
export const modreluRegular = equivariant({
  id: 'modrelu-regular',
  label: 'modReLU over |z| + c',
  parameters: { bias: 1, c: 1e-3 },
  radial: {
    value: (r, p) => (r > 0 && r + p.bias! > 0 ? (r * (r + p.bias!)) / (r + p.c!) : 0),
    derivative: (r, p) => (r + p.bias! > 0 ? (r * r + 2 * r * p.c! + p.bias! * p.c!) / (r + p.c!) ** 2 : 0),
    ratio: (r, p) => (r + p.bias! > 0 ? (r + p.bias!) / (r + p.c!) : 0),
    kinks: (p) => [...(p.bias! < 0 ? [-p.bias!] : []), ...turns(p.c!)],
  },
  limit(p) {
    if (p.c! < 0 && p.bias! > p.c!) return { exists: 'none', reason: `max(|z| + bias, 0)/(|z| + c) with c = ${p.c} < 0 has a pole on the circle |z| = ${-p.c!}: E|phi|^2 diverges` };
    return p.c === 0 && p.bias! > 0 ? blunt(`max(|z| + ${p.bias}, 0) with c = 0`) : { exists: 'ntk' };
  },
  formula: 'max(|z| + bias, 0) z / (|z| + c)',
  notes: ['Regular at 0, at the scale c. With bias > 0 it never clips.'],
});

export const hirose = equivariant({
  id: 'hirose',
  label: 'Hirose',
  parameters: { mSquared: 1 },
  radial: {
    value: (r, p) => Math.tanh(r / p.mSquared!),
    derivative: (r, p) => (4 * logisticDerivative((2 * r) / p.mSquared!)) / p.mSquared!,
    ratio: (r, p) => (r < 1e-4 * p.mSquared! ? (1 - (r / p.mSquared!) ** 2 / 3) / p.mSquared! : Math.tanh(r / p.mSquared!) / r),
    kinks: () => [],
  },
  limit: (p) => (p.mSquared! === 0 ? { exists: 'none', reason: 'Hirose\'s activation divides by mSquared, which is 0' } : { exists: 'ntk' }),
  formula: 'tanh(|z|/mSquared) z/|z|',
  notes: ['Keeps the phase and saturates the modulus; mSquared sets where.'],
  reference: 'Hirose 1992',
});

export const polarSigmoid = equivariant({
  id: 'polar-sigmoid',
  label: 'polar sigmoid',
  parameters: {},
  radial: {
    value: logistic,
    derivative: logisticDerivative,
    ratio: (r) => logistic(r) / r,
    kinks: () => [],
  },
  limit: () => blunt('The sigmoid of the modulus'),
  formula: 'z/|z| / (1 + exp(-|z|))',
  notes: ['Not continuous at 0, where the modulus is 1/2 with every phase.'],
});

const SELU_SCALE = 1.0507009873554804934;
export const polarSelu = equivariant({
  id: 'polar-selu',
  label: 'polar SELU',
  parameters: {},
  radial: { value: (r) => SELU_SCALE * r, derivative: () => SELU_SCALE, ratio: () => SELU_SCALE, kinks: () => [] },
  structure: ['equivariant', 'homogeneous', 'holomorphic'],
  formula: '1.0507 z',
  notes: ['A modulus is never negative, so this is multiplication by 1.0507: no nonlinearity.'],
});

export const polarSquash = equivariant({
  id: 'polar-squash',
  label: 'polar squash',
  parameters: {},
  radial: {
    value: (r) => (r < 1 ? (r * r) / (1 + r * r) : 1 / (1 + 1 / (r * r))),
    derivative: (r) => (2 * r) / (1 + r * r) ** 2,
    ratio: (r) => r / (1 + r * r),
    kinks: () => [],
  },
  formula: '|z|^2 / (1 + |z|^2) z/|z|',
  notes: ['Keeps the phase; small moduli are squared.'],
});

export const polarLog = equivariant({
  id: 'polar-log',
  label: 'polar log',
  parameters: {},
  radial: {
    value: Math.log1p,
    derivative: (r) => 1 / (1 + r),
    ratio: (r) => (r < 1e-8 ? 1 - r / 2 : Math.log1p(r) / r),
    kinks: () => [],
  },
  formula: 'ln(1 + |z|) z/|z|',
  notes: ['Keeps the phase; compresses the modulus.'],
});

export const igaussian = equivariant({
  id: 'igaussian',
  label: 'iGaussian',
  parameters: { sigma: 1 },
  radial: {
    value: (r, p) => -Math.expm1(-(r * r) / (2 * p.sigma! ** 2)),
    derivative: (r, p) => (r / p.sigma! ** 2) * Math.exp(-(r * r) / (2 * p.sigma! ** 2)),
    ratio: (r, p) => (r > 0 ? -Math.expm1(-(r * r) / (2 * p.sigma! ** 2)) / r : 0),
    kinks: (p) => turns(Math.abs(p.sigma!)),
  },
  limit: (p) => (p.sigma === 0 ? { exists: 'nngp', reason: 'iGaussian with sigma = 0 is z/|z|: E|phi_z|^2 diverges at 0' } : { exists: 'ntk' }),
  formula: '(1 - exp(-|z|^2 / (2 sigma^2))) z/|z|',
  notes: ['Keeps the phase; an inverted Gaussian of the modulus.'],
});

export const csilu = equivariant({
  id: 'csilu',
  label: 'SiLU of the modulus',
  parameters: {},
  radial: {
    value: (r) => r * logistic(r),
    derivative: (r) => logistic(r) + r * logisticDerivative(r),
    ratio: logistic,
    kinks: () => [],
  },
  formula: 'z / (1 + exp(-|z|))',
  notes: ['Gated by the modulus. Not the holomorphic z / (1 + exp(-z)).'],
});

export const magnitudeGelu = equivariant({
  id: 'magnitude-gelu',
  label: 'GELU of the modulus',
  parameters: {},
  radial: {
    value: (r) => r * normalDistribution(r),
    derivative: (r) => normalDistribution(r) + r * normalDensity(r),
    ratio: normalDistribution,
    kinks: () => [],
  },
  formula: 'Phi(|z|) z, Phi the normal distribution function',
  notes: ['Keeps the phase; gated by the modulus.'],
});

export const phaseOnly = equivariant({
  id: 'phase-only',
  label: 'complex signum',
  parameters: {},
  radial: { value: () => 1, derivative: () => 0, ratio: (r) => 1 / r, kinks: () => [] },
  limit: () => blunt('z/|z|'),
  formula: 'z/|z|',
  notes: ['Keeps the phase alone.'],
});

const disc = (inside: boolean) => ({
  value: (r: number, p: Parameters) => ((r < p.threshold!) === inside ? r : 0),
  derivative: (r: number, p: Parameters) => ((r < p.threshold!) === inside ? 1 : 0),
  ratio: (r: number, p: Parameters) => ((r < p.threshold!) === inside ? 1 : 0),
  kinks: (p: Parameters) => (p.threshold! > 0 ? [p.threshold!] : []),
});

export const zabsrelu = equivariant({
  id: 'zabsrelu',
  label: 'zAbsReLU',
  parameters: { threshold: 1 },
  radial: disc(false),
  formula: 'z where |z| >= threshold, else 0',
  notes: ['Jumps on the circle |z| = threshold. With threshold 0 it is the identity.'],
  jumps: true,
});

export const zabsreluInside = equivariant({
  id: 'zabsrelu-inside',
  label: 'zAbsReLU, small values kept',
  parameters: { threshold: 1 },
  radial: disc(true),
  formula: 'z where |z| < threshold, else 0',
  notes: ['Jumps on the circle |z| = threshold; keeps what lies inside.'],
  jumps: true,
});
