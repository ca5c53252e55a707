// Functions from complex to real numbers: what leads from complex layers into real ones. phi_zbar = conj(phi_z), since phi is real.
import { logistic, logisticDerivative } from '../scalars/smooth.ts';
import type { Activation } from './activation.ts';
import { homogeneous } from './homogeneous.ts';

export const modulus = homogeneous({
  id: 'abs',
  label: 'modulus',
  output: 'real',
  parameters: {},
  angular: { value: () => [1, 0], derivative: () => [0, 0], kinks: () => [], jumps: false },
  formula: '|z|',
  notes: ['Complex in, real out. Forgets the phase; not smooth at 0.'],
});

export const realPart = homogeneous({
  id: 'real',
  label: 'real part',
  output: 'real',
  parameters: {},
  angular: { value: (theta) => [Math.cos(theta), 0], derivative: (theta) => [-Math.sin(theta), 0], kinks: () => [], jumps: false },
  formula: 'Re z',
  notes: ['Complex in, real out. Linear over the real numbers.'],
});

export const imaginaryPart = homogeneous({
  id: 'imag',
  label: 'imaginary part',
  output: 'real',
  parameters: {},
  angular: { value: (theta) => [Math.sin(theta), 0], derivative: (theta) => [Math.cos(theta), 0], kinks: () => [], jumps: false },
  formula: 'Im z',
  notes: ['Complex in, real out. Linear over the real numbers.'],
});

export const squaredModulus: Activation = {
  id: 'squared-modulus',
  label: 'squared modulus',
  field: 'complex',
  output: 'real',
  parameters: {},
  structure: ['general'],
  kinks: () => ({}),
  evaluate(x, y, _p, out) {
    out[0] = x * x + y * y;
    out[1] = 0;
    // phi_z = conj z
    out[2] = x;
    out[3] = -y;
    out[4] = x;
    out[5] = y;
  },
  limit: () => ({ exists: 'ntk' }),
  formula: '|z|^2',
  jumps: false,
  notes: ['Complex in, real out: the power.'],
};

export const argument: Activation = {
  id: 'angle',
  label: 'argument',
  field: 'complex',
  output: 'real',
  parameters: {},
  structure: ['general'],
  kinks: () => ({ angles: [Math.PI] }),
  evaluate(x, y, _p, out) {
    const square = x * x + y * y;
    out[0] = Math.atan2(y, x);
    out[1] = 0;
    // phi_z = 1/(2 i z)
    const scale = square > 0 ? 1 / (2 * square) : 0;
    out[2] = -y * scale;
    out[3] = -x * scale;
    out[4] = -y * scale;
    out[5] = x * scale;
  },
  limit: () => ({ exists: 'nngp', reason: 'The argument has phi_z = 1/(2 i z): E|phi_z|^2 diverges at 0 and the NTK\'s diagonal grows like log(width)' }),
  formula: 'arg z, in (-pi, pi]',
  jumps: true,
  notes: ['Complex in, real out. Jumps by 2 pi on the negative real axis.'],
};

export const sigmoidOfParts: Activation = {
  id: 'sigmoid-of-parts',
  label: 'sigmoid of a sum of the parts',
  field: 'complex',
  output: 'real',
  parameters: { real: 0.5, imaginary: 0.5 },
  structure: ['general'],
  kinks: () => ({}),
  evaluate(x, y, p, out) {
    const u = p.real! * x + p.imaginary! * y;
    const slope = logisticDerivative(u) / 2;
    out[0] = logistic(u);
    out[1] = 0;
    out[2] = out[4] = slope * p.real!;
    out[3] = -slope * p.imaginary!;
    out[5] = slope * p.imaginary!;
  },
  limit: () => ({ exists: 'ntk' }),
  formula: '1 / (1 + exp(-(real Re z + imaginary Im z)))',
  jumps: false,
  notes: ['Complex in, real out.'],
};
