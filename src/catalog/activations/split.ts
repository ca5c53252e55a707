// From a scalar g: the real activation g(x), and the split complex one g(Re z) + i g(Im z).
import type { Activation, ScalarFunction } from './activation.ts';

/** phi = g(x) + i g(y): phi_z = (g'(x) + g'(y))/2, phi_zbar = (g'(x) - g'(y))/2, both real. */
export function split(g: ScalarFunction): Activation {
  const homogeneous = g.closed === 'arc-cosine';
  return {
    id: `split-${g.id}`,
    label: `split ${g.label}`,
    field: 'complex',
    parameters: g.parameters,
    structure: homogeneous ? ['split', 'homogeneous'] : ['split'],
    scalar: g,
    evaluate(x, y, p, out) {
      const dx = g.derivative(x, p);
      const dy = g.derivative(y, p);
      out[0] = g.value(x, p);
      out[1] = g.value(y, p);
      out[2] = (dx + dy) / 2;
      out[3] = 0;
      out[4] = (dx - dy) / 2;
      out[5] = 0;
    },
    limit: () => ({ exists: 'ntk' }),
    formula: `g(Re z) + i g(Im z), g(x) = ${g.formula}`,
    jumps: false,
    notes: ['Acts on real and imaginary part apart: on equal footing with the real network on [Re x, Im x]; not phase-equivariant.'],
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
    jumps: false,
    notes: [],
    ...(g.reference ? { reference: g.reference } : {}),
  };
}
