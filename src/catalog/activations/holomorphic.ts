// Holomorphic activations: entire ones with their series, and those whose poles, cuts or growth leave less of a limit, each with its reason.
import type { Activation, HolomorphicFunction, Kinks, Parameters } from './activation.ts';
import * as analytic from './analytic.ts';
import type { Analytic } from './analytic.ts';

interface Description {
  id: string;
  label: string;
  formula: string;
  notes: string[];
  parameters?: Record<string, number>;
  reference?: string;
}

const scratch = new Float64Array(4);

function holomorphic(d: Description, f: (p: Parameters) => Analytic, limit: Activation['limit'], more: Partial<Activation> = {}): Activation {
  return {
    parameters: {},
    ...d,
    field: 'complex',
    structure: ['holomorphic'],
    evaluate(x, y, p, out) {
      f(p)(x, y, scratch);
      out.set(scratch);
      out[4] = out[5] = 0;
    },
    limit,
    jumps: false,
    ...more,
  };
}

const whole: Activation['limit'] = () => ({ exists: 'ntk' });

/** f_n sqrt(n!) for f_n = sign(n)/n!. */
const roots: number[] = [1];
function inverseRootFactorial(n: number): number {
  while (roots.length <= n) roots.push(roots[roots.length - 1]! / Math.sqrt(roots.length));
  return roots[n]!;
}

const entire = (d: Omit<Description, 'notes'>, f: Analytic, sign: (n: number) => number): Activation =>
  holomorphic({ ...d, notes: ['Entire: complex-differentiable everywhere, so phi_zbar is 0. Its moments grow like exp(variance): variances explode with depth.'] }, () => f, whole, {
    holomorphic: { coefficient: (n) => [sign(n) === 0 ? 0 : sign(n) * inverseRootFactorial(n), 0] },
  });

const alternating = (n: number): number => (n % 4 < 2 ? 1 : -1);
const odd = (n: number): number => n % 2;
const even = (n: number): number => 1 - (n % 2);

export const exponentialHolomorphic = entire({ id: 'exp-holomorphic', label: 'exponential', formula: 'exp z' }, analytic.exp, () => 1);
export const sineHolomorphic = entire({ id: 'sin-holomorphic', label: 'sine', formula: 'sin z' }, analytic.sin, (n) => odd(n) * alternating(n));
export const cosineHolomorphic = entire({ id: 'cos-holomorphic', label: 'cosine', formula: 'cos z' }, analytic.cos, (n) => even(n) * alternating(n));
export const sinhHolomorphic = entire({ id: 'sinh-holomorphic', label: 'hyperbolic sine', formula: 'sinh z' }, analytic.sinh, odd);
export const coshHolomorphic = entire({ id: 'cosh-holomorphic', label: 'hyperbolic cosine', formula: 'cosh z' }, analytic.cosh, even);

/** sum_n c_n z^n, by Horner's rule. */
const DEGREE = 5;
const polynomialAt = (p: Parameters): Analytic => (x, y, out) => {
  let [vr, vi, dr, di] = [0, 0, 0, 0];
  for (let n = DEGREE; n >= 0; n--) {
    [dr, di] = [dr * x - di * y + vr, dr * y + di * x + vi];
    [vr, vi] = [vr * x - vi * y + (p[`c${n}`] ?? 0), vr * y + vi * x];
  }
  out[0] = vr;
  out[1] = vi;
  out[2] = dr;
  out[3] = di;
};
const polynomialSeries: HolomorphicFunction = {
  coefficient: (n, p) => [n > DEGREE ? 0 : (p[`c${n}`] ?? 0) / inverseRootFactorial(n), 0],
};
const squared: Parameters = { c2: 1 };

export const squareHolomorphic = holomorphic(
  { id: 'square-holomorphic', label: 'complex square', formula: 'z^2', notes: ['Entire: phi_zbar is 0.'] },
  () => polynomialAt(squared), whole, { holomorphic: { coefficient: (n) => polynomialSeries.coefficient(n, squared) } },
);

export const polynomialHolomorphic = holomorphic(
  { id: 'polynomial-holomorphic', label: 'polynomial', formula: 'c0 + c1 z + ... + c5 z^5', parameters: { c0: 0, c1: 1, c2: 0.5, c3: 0, c4: 0, c5: 0 }, notes: ['Entire: phi_zbar is 0. Coefficients are real.'] },
  polynomialAt, whole, { holomorphic: polynomialSeries },
);

function withPoles(id: string, label: string, formula: string, poles: string, f: Analytic, notes: string[] = []): Activation {
  return holomorphic({ id, label, formula, notes: ['Holomorphic: unbounded near its poles, which a Gaussian preactivation meets.', ...notes] }, () => f, () => ({
    exists: 'none',
    reason: `${label} on complex numbers has poles at ${poles}: E|phi|^2 diverges, so neither the NNGP nor the NTK has a limit as widths grow. Use the split or the polar form`,
  }));
}

export const tanhHolomorphic = withPoles('tanh-holomorphic', 'tanh', 'tanh z', 'i pi (k + 1/2)', analytic.tanh);
export const tanHolomorphic = withPoles('tan-holomorphic', 'tan', 'tan z', 'pi (k + 1/2)', analytic.tan);
export const sigmoidHolomorphic = withPoles('sigmoid-holomorphic', 'sigmoid', '1 / (1 + exp(-z))', 'i pi (2k + 1)', analytic.sigmoid);
export const sigmoidReflected = withPoles('sigmoid-reflected', 'reflected sigmoid', '1 / (1 + exp(z))', 'i pi (2k + 1)', (x, y, out) => {
  analytic.sigmoid(-x, -y, out);
  out[2] = -out[2]!;
  out[3] = -out[3]!;
}, ['It is sigmoid(-z).']);
export const siluHolomorphic = withPoles('silu-holomorphic', 'SiLU', 'z / (1 + exp(-z))', 'i pi (2k + 1)', analytic.silu);
export const geluTanhHolomorphic = withPoles('gelu-tanh-holomorphic', 'GELU (tanh approximation)', 'z (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))) / 2', 'the solutions of sqrt(2/pi) (z + 0.044715 z^3) = i pi (k + 1/2)', analytic.geluTanh);
export const tanhshrinkHolomorphic = withPoles('tanhshrink-holomorphic', 'tanh shrink', 'z - tanh z', 'i pi (k + 1/2)', analytic.tanhshrink);

export const geluHolomorphic = holomorphic(
  { id: 'gelu-holomorphic', label: 'GELU (exact)', formula: 'z (1 + erf(z/sqrt 2)) / 2', notes: ['Entire, and on the imaginary axis as large as exp(y^2/2).'] },
  () => analytic.gelu,
  () => ({ exists: 'none', reason: 'The exact GELU on complex numbers grows like exp(y^2/2) along the imaginary axis: E|phi|^2 is finite for variances below 1 only, and beyond there is neither NNGP nor NTK as widths grow. Use the split form' }),
);

/** Where phi is continuous but for a cut, and phi' still square-integrable. */
function withCut(d: Omit<Description, 'notes'>, f: Analytic, cut: string, kinks: Kinks): Activation {
  return holomorphic({ ...d, notes: [`Holomorphic off its branch cut ${cut}, across which it jumps.`] }, () => f, whole, { jumps: true, kinks: () => kinks });
}
export const asinHolomorphic = withCut({ id: 'asin-holomorphic', label: 'arc sine', formula: 'asin z' }, analytic.asin, 'along the real axis, |x| > 1', { x: [-1, 1], y: [0] });
export const acosHolomorphic = withCut({ id: 'acos-holomorphic', label: 'arc cosine', formula: 'acos z' }, analytic.acos, 'along the real axis, |x| > 1', { x: [-1, 1], y: [0] });
export const acoshHolomorphic = withCut({ id: 'acosh-holomorphic', label: 'area hyperbolic cosine', formula: 'acosh z' }, analytic.acosh, 'along the real axis below 1', { x: [-1, 1], y: [0] });
export const asinhHolomorphic = withCut({ id: 'asinh-holomorphic', label: 'area hyperbolic sine', formula: 'asinh z' }, analytic.asinh, 'along the imaginary axis, |y| > 1', { x: [0], y: [-1, 1] });

/** phi itself is square-integrable, its derivative has poles. */
function withPolesOfSlope(d: Omit<Description, 'notes'>, f: Analytic, poles: string, cut: string, kinks: Kinks): Activation {
  return holomorphic({ ...d, notes: [`Holomorphic off its branch cut ${cut}, across which it jumps; logarithmic at its branch points.`] }, () => f, () => ({
    exists: 'nngp',
    reason: `The derivative of ${d.label} on complex numbers has poles at ${poles}: E|phi_z|^2 diverges, so the NTK has no limit as widths grow; E|phi|^2 is finite`,
  }), { jumps: true, kinks: () => kinks });
}
export const atanHolomorphic = withPolesOfSlope({ id: 'atan-holomorphic', label: 'arc tangent', formula: 'atan z' }, analytic.atan, 'i and -i', 'along the imaginary axis, |y| > 1', { x: [0], y: [-1, 1] });
export const atanhHolomorphic = withPolesOfSlope({ id: 'atanh-holomorphic', label: 'area hyperbolic tangent', formula: 'atanh z' }, analytic.atanh, '1 and -1', 'along the real axis, |x| > 1', { x: [-1, 1], y: [0] });
export const logHolomorphic = withPolesOfSlope({ id: 'log-holomorphic', label: 'logarithm', formula: 'ln z' }, analytic.log, '0', 'along the negative real axis', { angles: [Math.PI] });
export const softplusHolomorphic = withPolesOfSlope({ id: 'softplus-holomorphic', label: 'softplus', formula: 'ln(1 + exp z)' }, analytic.softplus, 'i pi (2k + 1)', 'Re z > 0, Im z = pi (2k + 1)', { x: [0], y: [-7, -5, -3, -1, 1, 3, 5, 7].map((k) => k * Math.PI) });
