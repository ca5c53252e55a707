// The piecewise linear scalars. At a bend the derivative is the one autograd takes: 0 or the outer slope.
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

export const absolute: ScalarFunction = {
  id: 'absolute', label: 'absolute value', parameters: {},
  value: Math.abs, derivative: Math.sign, kinks: () => [0],
  closed: 'arc-cosine', formula: '|x|',
};

/** min(max(x, low), high): the shape of hard tanh and of relu6. */
const clip = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x);
const inside = (x: number, low: number, high: number): number => (x > low && x < high ? 1 : 0);

export const relu6: ScalarFunction = {
  id: 'relu6', label: 'ReLU6', parameters: {},
  value: (x) => clip(x, 0, 6), derivative: (x) => inside(x, 0, 6), kinks: () => [0, 6],
  formula: 'min(max(x, 0), 6)',
};

export const hardTanh: ScalarFunction = {
  id: 'hard-tanh', label: 'hard tanh', parameters: { low: -1, high: 1 },
  value: (x, p) => clip(x, p.low!, p.high!), derivative: (x, p) => inside(x, p.low!, p.high!), kinks: (p) => [p.low!, p.high!],
  formula: 'min(max(x, low), high)',
};

export const hardSigmoid: ScalarFunction = {
  id: 'hard-sigmoid', label: 'hard sigmoid', parameters: { slope: 1 / 6 },
  value: (x, p) => clip(p.slope! * x + 0.5, 0, 1),
  derivative: (x, p) => p.slope! * inside(p.slope! * x + 0.5, 0, 1),
  kinks: (p) => (p.slope === 0 ? [] : [-0.5 / p.slope!, 0.5 / p.slope!]),
  formula: 'min(max(slope x + 1/2, 0), 1)',
  notes: ['PyTorch and Keras 3 take the slope 1/6, Keras 2 takes 0.2.'],
};

export const softshrink: ScalarFunction = {
  id: 'softshrink', label: 'soft shrink', parameters: { lambda: 0.5 },
  value: (x, p) => (x > p.lambda! ? x - p.lambda! : x < -p.lambda! ? x + p.lambda! : 0),
  derivative: (x, p) => (x > p.lambda! || x < -p.lambda! ? 1 : 0),
  kinks: (p) => [-p.lambda!, p.lambda!], formula: 'sign(x) max(|x| - lambda, 0)',
};

export const hardshrink: ScalarFunction = {
  id: 'hardshrink', label: 'hard shrink', parameters: { lambda: 0.5 },
  value: (x, p) => (x > p.lambda! || x < -p.lambda! ? x : 0),
  derivative: (x, p) => (x > p.lambda! || x < -p.lambda! ? 1 : 0),
  kinks: (p) => [-p.lambda!, p.lambda!], formula: 'x for |x| > lambda, else 0', jumps: true,
};

export const threshold: ScalarFunction = {
  id: 'threshold', label: 'threshold', parameters: { threshold: 0.1, value: 0 },
  value: (x, p) => (x > p.threshold! ? x : p.value!),
  derivative: (x, p) => (x > p.threshold! ? 1 : 0),
  kinks: (p) => [p.threshold!], formula: 'x for x > threshold, else value', jumps: true,
};
