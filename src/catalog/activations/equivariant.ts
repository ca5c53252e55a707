// Phase-equivariant activations phi(z) = h(|z|) z/|z|: a turn of the input's phase turns the output's by the same angle.
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
}

/** phi_z = (h' + h/r)/2 and phi_zbar = e^{2 i theta} (h' - h/r)/2. */
export function equivariant(d: Description): Activation {
  const { radial: h, limit, ...rest } = d;
  return {
    ...rest,
    field: 'complex',
    structure: ['equivariant'],
    radial: h,
    evaluate(x, y, p, out) {
      const r = Math.hypot(x, y);
      const ratio = h.ratio(r, p);
      const slope = h.derivative(r, p);
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
    jumps: false,
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

export const siglog = equivariant({
  id: 'siglog',
  label: 'SigLog',
  parameters: { c: 1, r: 1 },
  radial: {
    value: (r, p) => r / (p.c! + r / p.r!),
    derivative: (r, p) => p.c! / (p.c! + r / p.r!) ** 2,
    ratio: (r, p) => 1 / (p.c! + r / p.r!),
    kinks: () => [],
  },
  limit: (p) =>
    p.c! > 0
      ? { exists: 'ntk' }
      : { exists: 'nngp', reason: 'SigLog with c = 0 is r z/|z|: E|phi_z|^2 diverges at 0' },
  formula: 'z / (c + |z|/r)',
  notes: ['Keeps the phase; the modulus saturates at r. Libraries differ in c by a factor of 1000.'],
  reference: 'Georgiou and Koutsougeras 1992',
});
