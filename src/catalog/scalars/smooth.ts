// The smooth scalars: values and derivatives that neither overflow nor cancel for |x| up to 1e5, except exp itself.
import type { ScalarFunction } from '../activations/activation.ts';
import { erf as errorFunction, normalDensity, normalDistribution } from './error-function.ts';

export const logistic = (x: number): number => {
  const e = Math.exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
};
export const logisticDerivative = (x: number): number => {
  const e = Math.exp(-Math.abs(x));
  return e / ((1 + e) * (1 + e));
};
/** ln(1 + e^x) = max(x, 0) + ln(1 + e^{-|x|}). */
export const softplusOf = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const tanhDerivative = (x: number): number => 4 * logisticDerivative(2 * x);

export const tanh: ScalarFunction = {
  id: 'tanh', label: 'tanh', parameters: {},
  value: (x) => Math.tanh(x), derivative: tanhDerivative,
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

/** (1 + tanh w)/2 = s(2 w) with w = sqrt(2/pi) (x + 0.044715 x^3). */
const TWICE_ROOT = 2 * Math.sqrt(2 / Math.PI);
export const geluTanh: ScalarFunction = {
  id: 'gelu-tanh', label: 'GELU (tanh approximation)', parameters: {},
  value: (x) => x * logistic(TWICE_ROOT * (x + 0.044715 * x * x * x)),
  derivative(x) {
    const u = TWICE_ROOT * (x + 0.044715 * x * x * x);
    return logistic(u) + x * logisticDerivative(u) * TWICE_ROOT * (1 + 3 * 0.044715 * x * x);
  },
  kinks: () => [], formula: 'x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2',
};

export const quickGelu: ScalarFunction = {
  id: 'quick-gelu', label: 'quick GELU', parameters: {},
  value: (x) => x * logistic(1.702 * x),
  derivative: (x) => logistic(1.702 * x) + 1.702 * x * logisticDerivative(1.702 * x),
  kinks: () => [], formula: 'x / (1 + exp(-1.702 x))',
};

export const softplus: ScalarFunction = {
  id: 'softplus', label: 'softplus', parameters: { beta: 1 },
  value: (x, p) => softplusOf(p.beta! * x) / p.beta!,
  derivative: (x, p) => logistic(p.beta! * x),
  kinks: () => [], formula: 'ln(1 + exp(beta x)) / beta',
};

export const logSigmoid: ScalarFunction = {
  id: 'log-sigmoid', label: 'log sigmoid', parameters: {},
  value: (x) => -softplusOf(-x), derivative: (x) => logistic(-x),
  kinks: () => [], formula: '-ln(1 + exp(-x))',
};

/** tanh(ln(1 + e^x)) = ((1 + e^x)^2 - 1)/((1 + e^x)^2 + 1), from whichever exponential is small. */
function tanhOfSoftplus(x: number): number {
  const e = Math.exp(-Math.abs(x));
  return x > 0 ? (1 + 2 * e) / (1 + 2 * e + 2 * e * e) : (e * (2 + e)) / (2 + 2 * e + e * e);
}
export const mish: ScalarFunction = {
  id: 'mish', label: 'Mish', parameters: {},
  value: (x) => x * tanhOfSoftplus(x),
  derivative: (x) => tanhOfSoftplus(x) + x * logistic(x) * tanhDerivative(softplusOf(x)),
  kinks: () => [], formula: 'x tanh(ln(1 + exp x))',
  reference: 'Misra 2019',
};

export const exponential: ScalarFunction = {
  id: 'exponential', label: 'exponential', parameters: {},
  value: Math.exp, derivative: Math.exp, kinks: () => [], formula: 'exp x',
  notes: ['Its moments grow like exp(variance): variances explode with depth.'],
};

/** x - tanh x; near 0 from tanh's continued fraction, where the difference would cancel. */
function tanhRemainder(x: number): number {
  if (Math.abs(x) > 0.7) return x - Math.tanh(x);
  // tanh x = x/(1 + x^2/(3 + x^2/(5 + ...))), so x - tanh x = x t/(1 + t), t = x^2/(3 + ...).
  let tail = 21;
  for (let odd = 19; odd >= 3; odd -= 2) tail = odd + (x * x) / tail;
  const t = (x * x) / tail;
  return (x * t) / (1 + t);
}
export const tanhshrink: ScalarFunction = {
  id: 'tanhshrink', label: 'tanh shrink', parameters: {},
  value: tanhRemainder, derivative: (x) => Math.tanh(x) ** 2,
  kinks: () => [], formula: 'x - tanh x',
};

export const sine: ScalarFunction = {
  id: 'sin', label: 'sine', parameters: { frequency: 1 },
  value: (x, p) => Math.sin(p.frequency! * x), derivative: (x, p) => p.frequency! * Math.cos(p.frequency! * x),
  kinks: () => [], formula: 'sin(frequency x)',
};

export const cosine: ScalarFunction = {
  id: 'cos', label: 'cosine', parameters: { frequency: 1 },
  value: (x, p) => Math.cos(p.frequency! * x), derivative: (x, p) => -p.frequency! * Math.sin(p.frequency! * x),
  kinks: () => [], formula: 'cos(frequency x)',
};

export const gaussian: ScalarFunction = {
  id: 'gaussian', label: 'Gaussian', parameters: {},
  value: (x) => Math.exp(-x * x), derivative: (x) => -2 * x * Math.exp(-x * x),
  kinks: () => [], formula: 'exp(-x^2)',
};

export const square: ScalarFunction = {
  id: 'square', label: 'square', parameters: {},
  value: (x) => x * x, derivative: (x) => 2 * x, kinks: () => [], formula: 'x^2',
};

export const squareplus: ScalarFunction = {
  id: 'squareplus', label: 'squareplus', parameters: { b: 4 },
  // (x + sqrt(x^2 + b))/2, for x < 0 as b/(2 (sqrt(x^2 + b) - x)).
  value: (x, p) => (x >= 0 ? (x + Math.sqrt(x * x + p.b!)) / 2 : p.b! / (2 * (Math.sqrt(x * x + p.b!) - x))),
  derivative(x, p) {
    const root = Math.sqrt(x * x + p.b!);
    return x >= 0 ? (1 + x / root) / 2 : p.b! / (2 * root * (root - x));
  },
  kinks: (p) => (p.b! > 0 ? [] : [0]), formula: '(x + sqrt(x^2 + b)) / 2',
  reference: 'Barron 2021',
};
