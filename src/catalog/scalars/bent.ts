// Scalars that bend at a point and curve elsewhere: the exponential linear units, softsign, hard swish and the like.
import type { ScalarFunction } from '../activations/activation.ts';

export const elu: ScalarFunction = {
  id: 'elu', label: 'ELU', parameters: { alpha: 1 },
  value: (x, p) => (x > 0 ? x : p.alpha! * Math.expm1(x)),
  derivative: (x, p) => (x > 0 ? 1 : p.alpha! * Math.exp(x)),
  kinks: () => [0], formula: 'x for x > 0, alpha (exp(x) - 1) otherwise',
};

const SELU = { scale: 1.0507009873554804934, alpha: 1.6732632423543772848 };
export const selu: ScalarFunction = {
  id: 'selu', label: 'SELU', parameters: {},
  value: (x) => SELU.scale * (x > 0 ? x : SELU.alpha * Math.expm1(x)),
  derivative: (x) => SELU.scale * (x > 0 ? 1 : SELU.alpha * Math.exp(x)),
  kinks: () => [0], formula: '1.0507 x for x > 0, 1.7581 (exp(x) - 1) otherwise',
  reference: 'Klambauer et al. 2017',
};

export const celu: ScalarFunction = {
  id: 'celu', label: 'CELU', parameters: { alpha: 1 },
  value: (x, p) => (x > 0 ? x : p.alpha! * Math.expm1(x / p.alpha!)),
  derivative: (x, p) => (x > 0 ? 1 : Math.exp(x / p.alpha!)),
  kinks: () => [0], formula: 'x for x > 0, alpha (exp(x/alpha) - 1) otherwise',
  reference: 'Barron 2017',
};

export const softsign: ScalarFunction = {
  id: 'softsign', label: 'softsign', parameters: {},
  value: (x) => x / (1 + Math.abs(x)), derivative: (x) => 1 / (1 + Math.abs(x)) ** 2,
  kinks: () => [0], formula: 'x / (1 + |x|)',
};

export const hardSwish: ScalarFunction = {
  id: 'hard-swish', label: 'hard swish', parameters: {},
  value: (x) => (x <= -3 ? 0 : x >= 3 ? x : (x * (x + 3)) / 6),
  derivative: (x) => (x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6),
  kinks: () => [-3, 3], formula: 'x min(max(x + 3, 0), 6) / 6',
};

export const squaredRelu: ScalarFunction = {
  id: 'squared-relu', label: 'squared ReLU', parameters: {},
  value: (x) => (x > 0 ? x * x : 0), derivative: (x) => (x > 0 ? 2 * x : 0),
  kinks: () => [0], formula: 'max(x, 0)^2',
};

export const sparsePlus: ScalarFunction = {
  id: 'sparse-plus', label: 'sparse plus', parameters: {},
  value: (x) => (x <= -1 ? 0 : x >= 1 ? x : (x + 1) ** 2 / 4),
  derivative: (x) => (x <= -1 ? 0 : x >= 1 ? 1 : (x + 1) / 2),
  kinks: () => [-1, 1], formula: '0, (x + 1)^2/4, x for x below, within, above [-1, 1]',
};
