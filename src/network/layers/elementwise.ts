// Activations, one number at a time, by the catalog's own formulas in float64. Knows no activation by name.
import type { Activation, Parameters } from '../../catalog/activations/activation.ts';
import type { Form, Signal } from '../signal.ts';
import type { Layer } from './layer.ts';

/** Entries between two pauses. */
const AT_ONCE = 1 << 18;

/** z = phi(h) with the four real derivatives of (Re z, Im z) by (Re h, Im h) kept, as many as do not vanish by structure. */
export class Bend {
  private ux: Float32Array = new Float32Array(0);
  private uy: Float32Array | null = null;
  private vx: Float32Array | null = null;
  private vy: Float32Array | null = null;
  private readonly kind: 'real' | 'split' | 'to-real' | 'complex';

  constructor(private readonly phi: Activation, private readonly p: Parameters, complexIn: boolean) {
    this.kind = !complexIn ? 'real' : phi.output === 'real' ? 'to-real' : phi.scalar && phi.structure.includes('split') ? 'split' : 'complex';
  }

  async forward(h: Signal, pace: () => Promise<void>): Promise<Signal> {
    const count = h.re.length;
    const z: Signal = { re: new Float32Array(count), im: this.kind === 'split' || this.kind === 'complex' ? new Float32Array(count) : null };
    this.ux = new Float32Array(count);
    this.vy = z.im && new Float32Array(count);
    this.uy = this.kind === 'complex' || this.kind === 'to-real' ? new Float32Array(count) : null;
    this.vx = this.kind === 'complex' ? new Float32Array(count) : null;
    for (let start = 0; start < count; start += AT_ONCE) {
      this.run(h, z, start, Math.min(count, start + AT_ONCE));
      if (count > AT_ONCE) await pace();
    }
    return z;
  }

  private run(h: Signal, z: Signal, start: number, end: number): void {
    const { phi, p, ux, uy, vx, vy } = this;
    if (this.kind === 'split') {
      scalarPart(phi.scalar!, p, h.re, z.re, ux, start, end);
      scalarPart(phi.imaginary ?? phi.scalar!, p, h.im!, z.im!, vy!, start, end);
      return;
    }
    if (this.kind === 'real' && phi.scalar) {
      scalarPart(phi.scalar, p, h.re, z.re, ux, start, end);
      return;
    }
    const at = new Float64Array(6);
    const { re, im } = h;
    for (let k = start; k < end; k++) {
      phi.evaluate(re[k]!, im ? im[k]! : 0, p, at);
      z.re[k] = at[0]!;
      ux[k] = at[2]! + at[4]!;
      if (uy) uy[k] = at[5]! - at[3]!;
      if (z.im) z.im[k] = at[1]!;
      if (vx) vx[k] = at[3]! + at[5]!;
      if (vy) vy[k] = at[2]! - at[4]!;
    }
  }

  /** From the cotangents on z to those on h: entry k of the cotangents belongs to entry k + offset (mod the kept ones) of the values. */
  backward(g: Signal, offset = 0): Signal {
    const { ux, uy, vx, vy } = this;
    const [count, all] = [ux.length, g.re.length];
    const out: Signal = { re: new Float32Array(all), im: this.kind === 'real' ? null : new Float32Array(all) };
    const { re, im } = out;
    const gr = g.re;
    const gi = g.im;
    for (let k = 0, at = offset % count; k < all; k++) {
      const a = gr[k]!;
      if (this.kind === 'complex') {
        const b = gi![k]!;
        re[k] = a * ux[at]! + b * vx![at]!;
        im![k] = a * uy![at]! + b * vy![at]!;
      } else {
        re[k] = a * ux[at]!;
        if (vy) im![k] = gi![k]! * vy[at]!;
        else if (uy) im![k] = a * uy[at]!;
      }
      if (++at === count) at = 0;
    }
    return out;
  }
}

function scalarPart(g: NonNullable<Activation['scalar']>, p: Parameters, h: Float32Array, z: Float32Array, slope: Float32Array, start: number, end: number): void {
  for (let k = start; k < end; k++) {
    const x = h[k]!;
    z[k] = g.value(x, p);
    slope[k] = g.derivative(x, p);
  }
}

export function activation(id: string, from: number, input: Form, phi: Activation, parameters: Parameters): Layer {
  const bend = new Bend(phi, parameters, input.complex);
  const complex = input.complex && phi.output !== 'real';
  return {
    id, from: [from], form: { ...input, complex }, tensors: [], couples: false,
    forward: async ([h], { device }) => bend.forward(h!, device.pace),
    async backward(g, _rows, { device }) {
      const out = bend.backward(g);
      await device.pace();
      return [out];
    },
  };
}
