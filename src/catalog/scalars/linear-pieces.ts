// The piecewise linear scalars: identity, relu, leaky relu. At 0 the derivative is 0 or the slope, as autograd takes it.
import type { ScalarFunction } from '../activations/activation.ts';

export const identity: ScalarFunction = {
  id: 'identity', label: 'identity', parameters: {},
  value: (x) => x, derivative: () => 1, kinks: () => [],
  closed: 'arc-cosine', formula: 'x',
};

export const relu: ScalarFunction = {
  id: 'relu', label: 'ReLU', parameters: {},
  value: (x) => (x > 0 ? x : 0), derivative: (x) => (x > 0 ? 1 : 0), kinks: () => [0],
  closed: 'arc-cosine', formula: 'max(x, 0)',
  reference: 'Cho and Saul 2009 (arc-cosine kernel)',
};

export const leakyRelu: ScalarFunction = {
  id: 'leaky-relu', label: 'leaky ReLU', parameters: { slope: 0.01 },
  value: (x, p) => (x > 0 ? x : p.slope! * x), derivative: (x, p) => (x > 0 ? 1 : p.slope!), kinks: () => [0],
  closed: 'arc-cosine', formula: 'x for x > 0, slope x otherwise',
  reference: 'Cho and Saul 2009 (arc-cosine kernel)',
};

/** Slope on the negative side, for the arc-cosine closed form. */
export function negativeSlope(g: ScalarFunction, parameters: Readonly<Record<string, number>>): number {
  return g.value(-1, parameters) * -1;
}
