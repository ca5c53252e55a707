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
    // The arrays of the last time are written over: new ones cost more than what is put into them.
    const again = (a: Float32Array | null): Float32Array => (a?.length === count ? a : new Float32Array(count));
    this.ux = again(this.ux);
    this.vy = z.im && again(this.vy);
    this.uy = this.kind === 'complex' || this.kind === 'to-real' ? again(this.uy) : null;
    this.vx = this.kind === 'complex' ? again(this.vx) : null;
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

  /** From the cotangents on z to those on h, one or several times as many as the values; in their place, since large arrays are dear to make. */
  backward(g: Signal): Signal {
    const { ux, uy, vx, vy } = this;
    const [count, all] = [ux.length, g.re.length];
    const im = this.kind === 'real' ? null : (g.im ?? new Float32Array(all));
    for (let start = 0; start < all; start += count) {
      const part = (a: Float32Array): Float32Array => (all === count ? a : a.subarray(start, start + count));
      const gr = part(g.re);
      if (uy) mixed(gr, part(im!), ux, uy, vx, vy);
      else {
        scaled(gr, ux);
        if (vy) scaled(part(im!), vy);
      }
    }
    return { re: g.re, im };
  }
}

function scaled(g: Float32Array, slope: Float32Array): void {
  for (let k = 0; k < g.length; k++) g[k]! *= slope[k]!;
}

/** Without vx and vy z is real, and its cotangent has no imaginary part. */
function mixed(gr: Float32Array, gi: Float32Array, ux: Float32Array, uy: Float32Array, vx: Float32Array | null, vy: Float32Array | null): void {
  for (let k = 0; k < gr.length; k++) {
    const a = gr[k]!;
    const b = gi[k]!;
    gr[k] = a * ux[k]! + (vx ? b * vx[k]! : 0);
    gi[k] = a * uy[k]! + (vy ? b * vy[k]! : 0);
  }
}

function scalarPart(g: NonNullable<Activation['scalar']>, p: Parameters, h: Float32Array, z: Float32Array, slope: Float32Array, start: number, end: number): void {
  if (g.closed === 'arc-cosine') {
    // Linear on each side of 0: the catalog's function tells the two slopes. Signs are random, and a branch on them would be guessed wrong
    // half of the time: of the bits v of a float, v | (v - 1) is negative where the float is not above 0.
    const slopes = Float32Array.of(g.value(1, p), -g.value(-1, p));
    const bits = new Int32Array(h.buffer, h.byteOffset, h.length);
    for (let k = start; k < end; k++) {
      const v = bits[k]!;
      const s = slopes[((v | (v - 1)) >> 31) & 1]!;
      z[k] = s * h[k]!;
      slope[k] = s;
    }
    return;
  }
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
