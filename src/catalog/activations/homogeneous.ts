// Positively homogeneous activations phi(z) = |z| g(arg z): scaling the input scales the output.
import { modulusOf } from './analytic.ts';
import type { Activation, AngularFunction, Parameters } from './activation.ts';

interface Description {
  id: string;
  label: string;
  parameters: Record<string, number>;
  angular: AngularFunction;
  formula: string;
  notes: string[];
  reference?: string;
  output?: Activation['output'];
}

/** phi_z = e^{-i theta} (g - i g')/2 and phi_zbar = e^{i theta} (g + i g')/2. */
export function homogeneous(d: Description): Activation {
  const { angular } = d;
  const four = new Float64Array(4);
  return {
    ...d,
    field: 'complex',
    structure: ['homogeneous'],
    evaluate(x, y, p, out) {
      const r = modulusOf(x, y);
      const c = r > 0 ? x / r : 1;
      const s = r > 0 ? y / r : 0;
      if (angular.unit) angular.unit(c, s, p, four);
      else {
        const theta = Math.atan2(y, x);
        four.set(angular.value(theta, p));
        four.set(angular.derivative(theta, p), 2);
      }
      const gr = four[0]!;
      const gi = four[1]!;
      const dr = four[2]!;
      const di = four[3]!;
      out[0] = r * gr;
      out[1] = r * gi;
      // g - i g' and g + i g'
      const ar = gr + di;
      const ai = gi - dr;
      const br = gr - di;
      const bi = gi + dr;
      out[2] = (c * ar + s * ai) / 2;
      out[3] = (c * ai - s * ar) / 2;
      out[4] = (c * br - s * bi) / 2;
      out[5] = (c * bi + s * br) / 2;
    },
    limit: () => ({ exists: 'ntk' }),
    jumps: angular.jumps,
  };
}

const turn = (theta: number): [number, number] => [Math.cos(theta), Math.sin(theta)];
const inFirstQuadrant = (theta: number): boolean => {
  const t = theta - 2 * Math.PI * Math.floor(theta / (2 * Math.PI));
  return t > 0 && t < Math.PI / 2;
};

export const zrelu = homogeneous({
  id: 'zrelu',
  label: 'zReLU',
  parameters: {},
  angular: {
    value: (theta) => (inFirstQuadrant(theta) ? turn(theta) : [0, 0]),
    derivative: (theta) => (inFirstQuadrant(theta) ? [-Math.sin(theta), Math.cos(theta)] : [0, 0]),
    kinks: () => [0, Math.PI / 2],
    jumps: true,
  },
  formula: 'z where Re z > 0 and Im z > 0, else 0',
  notes: ['Jumps on the positive axes: the kernel is that of the almost-everywhere derivative, and training also moves by jumps that no gradient sees.'],
  reference: 'Guberman 2016',
});

export const cardioid = homogeneous({
  id: 'cardioid',
  label: 'cardioid',
  parameters: {},
  angular: {
    value: (theta) => {
      const gain = (1 + Math.cos(theta)) / 2;
      return [gain * Math.cos(theta), gain * Math.sin(theta)];
    },
    // d/dtheta of (e^{i theta} + e^{2 i theta}/2 + 1/2)/2
    derivative: (theta) => [-(Math.sin(theta) + Math.sin(2 * theta)) / 2, (Math.cos(theta) + Math.cos(2 * theta)) / 2],
    unit(c, s, _p, out) {
      out[0] = ((1 + c) * c) / 2;
      out[1] = ((1 + c) * s) / 2;
      out[2] = -(s + 2 * s * c) / 2;
      out[3] = (c + c * c - s * s) / 2;
    },
    kinks: () => [],
    jumps: false,
  },
  formula: '(1 + cos arg z) z / 2',
  notes: ['Passes the positive real axis, damps with the angle from it; on real numbers it is ReLU.'],
  reference: 'Virtue, Yu and Lustig 2017',
});

const wrapped = (theta: number): number => theta - 2 * Math.PI * Math.floor(theta / (2 * Math.PI));

/** z where `keeps`, slope z elsewhere: g = e^{i theta} times 1 or the slope. */
const sector = (keeps: (theta: number, p: Parameters) => boolean, kinks: (p: Parameters) => number[], slope: (p: Parameters) => number): AngularFunction => ({
  value(theta, p) {
    const gain = keeps(theta, p) ? 1 : slope(p);
    return [gain * Math.cos(theta), gain * Math.sin(theta)];
  },
  derivative(theta, p) {
    const gain = keeps(theta, p) ? 1 : slope(p);
    return [-gain * Math.sin(theta), gain * Math.cos(theta)];
  },
  kinks,
  jumps: true,
});
const quadrantEdges = (): number[] => [0, Math.PI / 2];
const halfPlaneEdges = (): number[] => [Math.PI / 2, -Math.PI / 2];
const jumpNote = (where: string): string => `Jumps on ${where}: the kernel is that of the almost-everywhere derivative, and training also moves by jumps that no gradient sees.`;

export const zleakyRelu = homogeneous({
  id: 'zleaky-relu',
  label: 'zLeakyReLU',
  parameters: { slope: 0.01 },
  angular: sector(inFirstQuadrant, quadrantEdges, (p) => p.slope!),
  formula: 'z where Re z > 0 and Im z > 0, else slope z',
  notes: [jumpNote('the positive axes')],
});

export const sectorRelu = homogeneous({
  id: 'sector-relu',
  label: 'quadrant ReLU, turned',
  parameters: { bias: 1, slope: 0 },
  angular: sector((theta, p) => wrapped(theta - p.bias!) < Math.PI / 2, (p) => [p.bias!, p.bias! + Math.PI / 2], (p) => p.slope!),
  formula: 'z where 0 <= arg z - bias < pi/2, else slope z',
  notes: [jumpNote('the rays arg z = bias and bias + pi/2')],
});

const inHalfPlane = (theta: number): boolean => Math.abs(wrapped(theta + Math.PI) - Math.PI) < Math.PI / 2;

export const halfPlaneRelu = homogeneous({
  id: 'half-plane-relu',
  label: 'half-plane ReLU',
  parameters: {},
  angular: sector(inHalfPlane, halfPlaneEdges, () => 0),
  formula: 'z where Re z > 0, else 0',
  notes: ["What a maximum with 0 in the lexicographic order of complex numbers gives, as in jax.nn.relu.", jumpNote('the imaginary axis')],
});

export const halfPlaneLeakyRelu = homogeneous({
  id: 'half-plane-leaky-relu',
  label: 'half-plane leaky ReLU',
  parameters: { slope: 0.01 },
  angular: sector(inHalfPlane, halfPlaneEdges, (p) => p.slope!),
  formula: 'z where Re z > 0, else slope z',
  notes: [jumpNote('the imaginary axis')],
});
