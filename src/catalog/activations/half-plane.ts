// ELU and SELU as they act on complex numbers where "greater than 0" means the right half-plane: another formula on each side.
import type { Activation } from './activation.ts';

function halfPlane(d: { id: string; label: string; parameters: Record<string, number>; formula: string }, scale: number, alpha: (p: Readonly<Record<string, number>>) => number): Activation {
  return {
    ...d,
    field: 'complex',
    structure: ['general'],
    kinks: () => ({ x: [0] }),
    evaluate(x, y, p, out) {
      out[4] = out[5] = 0;
      if (x > 0 || (x === 0 && y > 0)) {
        out[0] = scale * x;
        out[1] = scale * y;
        out[2] = scale;
        out[3] = 0;
        return;
      }
      const gain = scale * alpha(p);
      const e = Math.exp(x);
      out[2] = gain * e * Math.cos(y);
      out[3] = gain * e * Math.sin(y);
      // e^z - 1 = expm1(x) cos y - 2 sin^2(y/2) + i e^x sin y
      out[0] = gain * (Math.expm1(x) * Math.cos(y) - 2 * Math.sin(y / 2) ** 2);
      out[1] = out[3];
    },
    limit: () => ({ exists: 'ntk' }),
    jumps: true,
    notes: ['Holomorphic on each side of the imaginary axis, where it jumps: the kernel is that of the almost-everywhere derivative.'],
  };
}

export const halfPlaneElu = halfPlane({ id: 'half-plane-elu', label: 'half-plane ELU', parameters: { alpha: 1 }, formula: 'z where Re z > 0, else alpha (exp(z) - 1)' }, 1, (p) => p.alpha!);

export const halfPlaneSelu = halfPlane({ id: 'half-plane-selu', label: 'half-plane SELU', parameters: {}, formula: '1.0507 z where Re z > 0, else 1.7581 (exp(z) - 1)' }, 1.0507009873554804934, () => 1.6732632423543772848);
