// From a scalar g: the real activation g(x), and the split complex one g(Re z) + i g(Im z).
import { identity, leakyRelu } from '../scalars/linear-pieces.ts';
import type { Activation, ScalarFunction } from './activation.ts';

/** What g(x) + i h(y) does: phi_z = (g'(x) + h'(y))/2, phi_zbar = (g'(x) - h'(y))/2, both real. */
function parts(g: ScalarFunction, h: ScalarFunction): Pick<Activation, 'field' | 'structure' | 'scalar' | 'evaluate' | 'limit' | 'jumps'> {
  const homogeneous = g.closed === 'arc-cosine' && h.closed === 'arc-cosine';
  return {
    field: 'complex',
    structure: homogeneous ? ['split', 'homogeneous'] : ['split'],
    scalar: g,
    evaluate(x, y, p, out) {
      const dx = g.derivative(x, p);
      const dy = h.derivative(y, p);
      out[0] = g.value(x, p);
      out[1] = h.value(y, p);
      out[2] = (dx + dy) / 2;
      out[3] = 0;
      out[4] = (dx - dy) / 2;
      out[5] = 0;
    },
    limit: () => ({ exists: 'ntk' }),
    jumps: g.jumps === true || h.jumps === true,
  };
}

/** phi = g(x) + i g(y). */
export function split(g: ScalarFunction): Activation {
  return {
    ...parts(g, g),
    id: `split-${g.id}`,
    label: `split ${g.label}`,
    parameters: g.parameters,
    formula: `g(Re z) + i g(Im z), g(x) = ${g.formula}`,
    notes: ['Acts on real and imaginary part apart: on equal footing with the real network on [Re x, Im x]; not phase-equivariant.', ...(g.notes ?? [])],
    ...(g.reference ? { reference: g.reference } : {}),
  };
}

/** g on the real line. phi_z and phi_zbar stand for g'/2 each, so that their sum is g'. */
export function realActivation(g: ScalarFunction): Activation {
  return {
    id: g.id,
    label: g.label,
    field: 'real',
    parameters: g.parameters,
    structure: [],
    scalar: g,
    evaluate(x, _y, p, out) {
      out.fill(0);
      out[0] = g.value(x, p);
      out[2] = out[4] = g.derivative(x, p) / 2;
    },
    limit: () => ({ exists: 'ntk' }),
    formula: g.formula,
    jumps: g.jumps === true,
    notes: g.notes ?? [],
    ...(g.reference ? { reference: g.reference } : {}),
  };
}

interface Unlike {
  id: string;
  label: string;
  parameters: Record<string, number>;
  formula: string;
  notes: string[];
}

/** phi = g(x) + i h(y) with two functions; both read their parameters by the names they have. */
export function splitOfTwo(d: Unlike, g: ScalarFunction, h: ScalarFunction): Activation {
  return { ...d, ...parts(g, h), imaginary: h };
}

const imaginaryLeaky: ScalarFunction = {
  ...leakyRelu,
  parameters: { imaginarySlope: 0.25 },
  value: (x, p) => (x > 0 ? x : p.imaginarySlope! * x),
  derivative: (x, p) => (x > 0 ? 1 : p.imaginarySlope!),
};

export const splitPrelu = splitOfTwo({
  id: 'split-prelu', label: 'split PReLU', parameters: { slope: 0.25, imaginarySlope: 0.25 },
  formula: 'g(Re z) + i h(Im z), leaky ReLUs of slope and imaginarySlope',
  notes: ['Both slopes are trained; the analysis holds them where they start.'],
}, leakyRelu, imaginaryLeaky);

export const realPartRelu = splitOfTwo({
  id: 'real-part-relu', label: 'ReLU of the real part', parameters: { slope: 0 },
  formula: 'g(Re z) + i Im z, g a leaky ReLU of the slope',
  notes: ['The imaginary part passes unchanged.'],
}, leakyRelu, identity);
