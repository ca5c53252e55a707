// The smooth scalars and ELU: values and derivatives that neither overflow nor cancel.
import type { ScalarFunction } from '../activations/activation.ts';
import { erf as errorFunction, normalDensity, normalDistribution } from './error-function.ts';

const logistic = (x: number): number => {
  const e = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
};
const logisticDerivative = (x: number): number => {
  const e = Math.exp(-Math.abs(x));
  return e / ((1 + e) * (1 + e));
};

export const elu: ScalarFunction = {
  id: 'elu', label: 'ELU', parameters: { alpha: 1 },
  value: (x, p) => (x > 0 ? x : p.alpha! * Math.expm1(x)),
  derivative: (x, p) => (x > 0 ? 1 : p.alpha! * Math.exp(x)),
  kinks: () => [0], formula: 'x for x > 0, alpha (exp(x) - 1) otherwise',
};

export const tanh: ScalarFunction = {
  id: 'tanh', label: 'tanh', parameters: {},
  value: (x) => Math.tanh(x),
  derivative: (x) => 4 * logisticDerivative(2 * x),
  kinks: () => [], formula: 'tanh x',
};

export const sigmoid: ScalarFunction = {
  id: 'sigmoid', label: 'sigmoid', parameters: {},
  value: logistic, derivative: logisticDerivative, kinks: () => [], formula: '1 / (1 + exp(-x))',
};

export const silu: ScalarFunction = {
  id: 'silu', label: 'SiLU', parameters: {},
  value: (x) => x * logistic(x),
  derivative: (x) => logistic(x) + x * logisticDerivative(x),
  kinks: () => [], formula: 'x / (1 + exp(-x))',
};

export const gelu: ScalarFunction = {
  id: 'gelu', label: 'GELU (exact)', parameters: {},
  value: (x) => x * normalDistribution(x),
  derivative: (x) => normalDistribution(x) + x * normalDensity(x),
  kinks: () => [], closed: 'gelu', formula: 'x Phi(x), Phi the normal distribution function',
};

export const erf: ScalarFunction = {
  id: 'erf', label: 'erf', parameters: {},
  value: errorFunction,
  derivative: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x),
  kinks: () => [], closed: 'erf', formula: 'erf x',
  reference: 'Williams 1997 (erf network kernel)',
};
