// The angular parts of a homogeneous activation and the kernels that are left when the radii have been integrated. Knows no quadrature.
import type { AngularFunction, Parameters } from '../../catalog/activations/activation.ts';

export type Trace = (theta: number) => [number, number];

/** g and the angular parts of phi_z and phi_zbar, each a function of theta alone. */
export function traces(g: AngularFunction, p: Parameters): { g: Trace; z: Trace; zbar: Trace } {
  return {
    g: (t) => g.value(t, p),
    z: (t) => {
      const [gr, gi] = g.value(t, p);
      const [dr, di] = g.derivative(t, p);
      const [x, y] = [(gr + di) / 2, (gi - dr) / 2];
      const [c, s] = [Math.cos(t), Math.sin(t)];
      return [c * x + s * y, c * y - s * x];
    },
    zbar: (t) => {
      const [gr, gi] = g.value(t, p);
      const [dr, di] = g.derivative(t, p);
      const [x, y] = [(gr - di) / 2, (gi + dr) / 2];
      const [c, s] = [Math.cos(t), Math.sin(t)];
      return [c * x - s * y, c * y + s * x];
    },
  };
}

// Taylor coefficients in w^2 of J1 and J2 about w = pi - arccos c = 0, where their closed forms cancel.
const J1_TAYLOR = [0.08333333333333333, 0.03333333333333333, 0.007936507936507936, 0.0014814814814814814, 0.0002405002405002405, 3.5712670633305554e-5, 4.988153136301285e-6, 6.664382636993904e-7, 8.609251292679439e-8, 1.0832446822181287e-8, 1.3343964825924015e-9, 1.615407770567917e-10, 1.9273326637689844e-11, 2.2712522489975784e-12, 2.6482750006736914e-13, 3.0595373176013375e-14, 3.5062041061637186e-15, 3.9894693862914997e-16];
const J2_TAYLOR = [0.03333333333333333, 0.02142857142857143, 0.007738095238095238, 0.00207972582972583, 0.0004648600407528979, 9.155166372428277e-5, 1.6441696169316385e-5, 2.7527856753434045e-6, 4.3621035734837516e-7, 6.612707748147254e-8, 9.666141022583553e-9, 1.3706057256548073e-9, 1.893941561594989e-10, 2.559771817662864e-11, 3.3938292439723917e-12, 4.4245620233222856e-13, 5.683271443130401e-14, 7.204254492105158e-15];

function horner(coefficients: number[], x: number): number {
  let sum = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) sum = sum * x + coefficients[k]!;
  return sum;
}

/**
 * J1 and J2 at c = r cos psi: what the integrals over both radii leave under the angle psi - arg rho.
 * @param gap 1 - r^2, given apart for it may be far below the rounding of r
 */
export function radialKernels(r: number, gap: number, psi: number): { j1: number; j2: number } {
  const c = r * Math.cos(psi);
  const sine = r * Math.sin(psi);
  const t2 = gap + sine * sine; // 1 - c^2 without cancellation
  const t = Math.sqrt(t2);
  const w = Math.atan2(t, -c); // pi - arccos c
  if (w < 1) return { j1: horner(J1_TAYLOR, w * w), j2: horner(J2_TAYLOR, w * w) };
  return { j1: (1 + (c * w) / t) / (4 * t2), j2: (((1 + 2 * c * c) * w) / t + 3 * c) / (8 * t2 * t2) };
}
