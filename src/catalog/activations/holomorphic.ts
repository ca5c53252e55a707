// Holomorphic activations met in model files whose poles leave no infinite-width limit: known by name, evaluated, refused by the kernel.
import type { Activation } from './activation.ts';

type C = [number, number];
const mul = (a: C, b: C): C => [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]];
const div = (a: C, b: C): C => {
  const d = b[0] * b[0] + b[1] * b[1];
  return [(a[0] * b[0] + a[1] * b[1]) / d, (a[1] * b[0] - a[0] * b[1]) / d];
};

function sigmoid(z: C): C {
  // 1/(1 + e^-z), from whichever exponential is small.
  const flip = z[0] < 0;
  const e = Math.exp(-Math.abs(z[0]));
  const w: C = [e * Math.cos(z[1]), flip ? e * Math.sin(z[1]) : -e * Math.sin(z[1])];
  const one: C = [1 + w[0], w[1]];
  return flip ? div(w, one) : div([1, 0], one);
}

function withPoles(id: string, label: string, formula: string, poles: string, f: (z: C) => { value: C; derivative: C }): Activation {
  return {
    id, label, formula,
    field: 'complex',
    parameters: {},
    structure: ['holomorphic'],
    evaluate(x, y, _p, out) {
      const { value, derivative } = f([x, y]);
      out[0] = value[0];
      out[1] = value[1];
      out[2] = derivative[0];
      out[3] = derivative[1];
      out[4] = out[5] = 0;
    },
    limit: () => ({ exists: 'none', reason: `${label} on complex numbers has poles at ${poles}: E|phi|^2 diverges, so neither the NNGP nor the NTK has a limit as widths grow. Use the split or the polar form` }),
    jumps: false,
    notes: ['Holomorphic: unbounded near its poles, which a Gaussian preactivation meets.'],
  };
}

export const tanhHolomorphic = withPoles('tanh-holomorphic', 'tanh', 'tanh z', 'i pi (k + 1/2)', (z) => {
  const s = sigmoid([2 * z[0], 2 * z[1]]);
  const value: C = [2 * s[0] - 1, 2 * s[1]];
  const square = mul(value, value);
  return { value, derivative: [1 - square[0], -square[1]] };
});

export const sigmoidHolomorphic = withPoles('sigmoid-holomorphic', 'sigmoid', '1 / (1 + exp(-z))', 'i pi (2k + 1)', (z) => {
  const value = sigmoid(z);
  return { value, derivative: mul(value, [1 - value[0], -value[1]]) };
});

export const siluHolomorphic = withPoles('silu-holomorphic', 'SiLU', 'z / (1 + exp(-z))', 'i pi (2k + 1)', (z) => {
  const s = sigmoid(z);
  const slope = mul(s, [1 - s[0], -s[1]]);
  const turned = mul(z, slope);
  return { value: mul(z, s), derivative: [s[0] + turned[0], s[1] + turned[1]] };
});
