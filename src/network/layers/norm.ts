// Normalisations by statistics of the values themselves: batch norm in training (over samples and positions), layer norm (over channels).
// Their gains are held at the start; what they multiply by is `gamma`. Knows no running averages.
import { eachPart, newSignal, positionsOf, sizeOf, transposed, type Form, type Signal } from '../signal.ts';
import { plain, type Layer } from './layer.ts';

/**
 * parts: each part to variance 1. modulus: E|z|^2 = 1. whitening: the 2 x 2 covariance of the parts to the identity. magnitude, of batch norm:
 * |z| to mean 0 and variance 1, the phase kept.
 */
export const NORM_MODES = ['parts', 'modulus', 'whitening', 'magnitude'] as const;
export type NormMode = (typeof NORM_MODES)[number];

export interface NormOptions {
  mode: NormMode;
  epsilon: number;
  gamma: number;
  /** Variances are sums over N - 1 in place of N. */
  unbiased?: boolean;
}

/** Groups of `length` numbers beside each other, each normalised by its own statistics. */
class Groups {
  /** Normalised values before gamma; for whitening the centred ones. */
  private y: Signal = newSignal(0, false);
  /** Of each group: 1/sigma of each part, or the whitening's Vrr, Vii, Vri. */
  private statistics = new Float64Array(0);

  /** What the sums of squares are divided by. */
  private readonly over: number;

  constructor(private readonly length: number, private readonly o: NormOptions) {
    this.over = o.unbiased ? length - 1 : length;
  }

  forward(x: Signal): Signal {
    const { length, over, o } = this;
    const groups = x.re.length / length;
    this.statistics = new Float64Array(3 * groups);
    this.y = newSignal(x.re.length, x.im !== null);
    const out = newSignal(x.re.length, x.im !== null);
    const { y } = this;
    for (let g = 0; g < groups; g++) {
      const [from, to] = [g * length, (g + 1) * length];
      const [mr, mi] = [mean(x.re, from, to), x.im ? mean(x.im, from, to) : 0];
      let [rr, ii, ri] = [0, 0, 0];
      for (let k = from; k < to; k++) {
        const a = y.re[k] = x.re[k]! - mr;
        rr += a * a;
        if (!x.im) continue;
        const b = y.im![k] = x.im[k]! - mi;
        ii += b * b;
        ri += a * b;
      }
      [rr, ii, ri] = [rr / over, ii / over, ri / over];
      if (o.mode === 'whitening' && x.im) {
        this.statistics.set([rr + o.epsilon, ii + o.epsilon, ri], 3 * g);
        const w = inverseRoot(rr + o.epsilon, ii + o.epsilon, ri);
        for (let k = from; k < to; k++) {
          out.re[k] = o.gamma * (w.rr * y.re[k]! + w.ri * y.im![k]!);
          out.im![k] = o.gamma * (w.ri * y.re[k]! + w.ii * y.im![k]!);
        }
        continue;
      }
      const whole = o.mode === 'modulus';
      const [sr, si] = whole ? [1 / Math.sqrt(rr + ii + o.epsilon), 1 / Math.sqrt(rr + ii + o.epsilon)] : [1 / Math.sqrt(rr + o.epsilon), 1 / Math.sqrt(ii + o.epsilon)];
      this.statistics.set([sr, si, 0], 3 * g);
      for (let k = from; k < to; k++) {
        y.re[k]! *= sr;
        out.re[k] = o.gamma * y.re[k]!;
        if (!x.im) continue;
        y.im![k]! *= si;
        out.im![k] = o.gamma * y.im![k]!;
      }
    }
    return out;
  }

  /** `rows` times as many cotangents as there were values. */
  backward(g: Signal): Signal {
    const { length, over, o, y, statistics } = this;
    const out = newSignal(g.re.length, g.im !== null);
    const count = y.re.length;
    for (let from = 0; from < g.re.length; from += length) {
      const at = from % count;
      const s = 3 * (at / length);
      if (o.mode === 'whitening' && g.im) {
        whitened(g, out, y, from, at, length, over, o.gamma, statistics[s]!, statistics[s + 1]!, statistics[s + 2]!);
        continue;
      }
      let [gr, gi, pr, pi] = [0, 0, 0, 0];
      for (let k = 0; k < length; k++) {
        gr += g.re[from + k]!;
        pr += g.re[from + k]! * y.re[at + k]!;
        if (!g.im) continue;
        gi += g.im[from + k]!;
        pi += g.im[from + k]! * y.im![at + k]!;
      }
      if (o.mode === 'modulus') pr = pi = pr + pi;
      for (let k = 0; k < length; k++) {
        out.re[from + k] = o.gamma * statistics[s]! * (g.re[from + k]! - gr / length - (y.re[at + k]! * pr) / over);
        if (g.im) out.im![from + k] = o.gamma * statistics[s + 1]! * (g.im[from + k]! - gi / length - (y.im![at + k]! * pi) / over);
      }
    }
    return out;
  }
}

function mean(x: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let k = from; k < to; k++) sum += x[k]!;
  return sum / (to - from);
}

/** V^(-1/2) of [[rr, ri], [ri, ii]]: with s = sqrt det V, t = sqrt(tr V + 2 s) it is [[ii + s, -ri], [-ri, rr + s]] / (s t). */
function inverseRoot(rr: number, ii: number, ri: number): { rr: number; ii: number; ri: number; s: number; t: number } {
  const s = Math.sqrt(rr * ii - ri * ri);
  const t = Math.sqrt(rr + ii + 2 * s);
  return { rr: (ii + s) / (s * t), ii: (rr + s) / (s * t), ri: -ri / (s * t), s, t };
}

/** The transpose of y = gamma V^(-1/2) c, c the centred values, V their covariance; by the chain rule through s and t. */
function whitened(g: Signal, out: Signal, c: Signal, from: number, at: number, length: number, over: number, gamma: number, rr: number, ii: number, ri: number): void {
  const w = inverseRoot(rr, ii, ri);
  const [ci, gi, oi] = [c.im!, g.im!, out.im!];
  let [a, b, d] = [0, 0, 0]; // df/dW: rr, ii, and both ri together
  for (let k = 0; k < length; k++) {
    const [x, y, u, v] = [c.re[at + k]!, ci[at + k]!, gamma * g.re[from + k]!, gamma * gi[from + k]!];
    a += u * x;
    b += v * y;
    d += u * y + v * x;
  }
  const inverse = 1 / (w.s * w.t);
  const byInverse = a * (ii + w.s) + b * (rr + w.s) - d * ri;
  const byT = (-byInverse * inverse) / w.t;
  const byS = (a + b) * inverse - (byInverse * inverse) / w.s + byT / w.t;
  const byRr = b * inverse + byT / (2 * w.t) + (byS * ii) / (2 * w.s);
  const byIi = a * inverse + byT / (2 * w.t) + (byS * rr) / (2 * w.s);
  const byRi = -d * inverse - (byS * ri) / w.s;
  let [mr, mi] = [0, 0];
  for (let k = 0; k < length; k++) {
    const [x, y, u, v] = [c.re[at + k]!, ci[at + k]!, gamma * g.re[from + k]!, gamma * gi[from + k]!];
    const p = w.rr * u + w.ri * v + (2 * byRr * x + byRi * y) / over;
    const q = w.ri * u + w.ii * v + (2 * byIi * y + byRi * x) / over;
    out.re[from + k] = p;
    oi[from + k] = q;
    mr += p;
    mi += q;
  }
  for (let k = 0; k < length; k++) {
    out.re[from + k]! -= mr / length;
    oi[from + k]! -= mi / length;
  }
}

/** Over the channels of each position, or (`whole`) over all numbers of a sample. */
export function layerNorm(id: string, from: number, form: Form, whole: boolean, options: NormOptions): Layer {
  const groups = new Groups(whole ? sizeOf(form) : form.channels, options);
  return plain(id, [from], form, ([x]) => groups.forward(x!), (g) => [groups.backward(g)]);
}

/** Rows of channels, each channel normalised by the statistics of all rows. */
export class OverRows {
  private groups: Groups;
  private rows = 1;

  constructor(private readonly channels: number, private readonly o: NormOptions) {
    this.groups = new Groups(1, o);
  }

  forward(x: Signal, rows: number): Signal {
    this.rows = rows;
    this.groups = new Groups(rows, this.o);
    return this.byRow(this.groups.forward(this.byChannel(x)));
  }

  backward(g: Signal): Signal {
    return this.byRow(this.groups.backward(this.byChannel(g)));
  }

  /** [row][channel] to [channel][row], in blocks of as many rows, and back. */
  private byChannel(s: Signal): Signal {
    return eachPart(s, (x) => transposed(x, this.rows, this.channels));
  }

  private byRow(s: Signal): Signal {
    return eachPart(s, (x) => transposed(x, this.channels, this.rows));
  }
}

/** Over samples and positions of each channel: the batch is all samples. */
export function batchNorm(id: string, from: number, form: Form, options: NormOptions): Layer {
  if (options.mode === 'magnitude') return magnitudeNorm(id, from, form, options);
  const norm = new OverRows(form.channels, options);
  return plain(id, [from], form, ([x], n) => norm.forward(x!, n * positionsOf(form)), (g) => [norm.backward(g)], true);
}

/** z y/(r + epsilon) with r = |z| and y its batch norm: complextorch's MagBatchNorm. */
function magnitudeNorm(id: string, from: number, form: Form, options: NormOptions): Layer {
  const norm = new OverRows(form.channels, { ...options, mode: 'parts' });
  let [z, r, factor] = [newSignal(0, true), new Float32Array(0), new Float32Array(0)];
  return plain(id, [from], form, ([x], n) => {
    z = x!;
    r = z.re.map((v, k) => Math.hypot(v, z.im![k]!));
    factor = norm.forward({ re: r, im: null }, n * positionsOf(form)).re.map((y, k) => y / (r[k]! + options.epsilon));
    return eachPart(z, (x) => x.map((v, k) => factor[k]! * v));
  }, (g) => {
    const count = r.length;
    // On y, which multiplies z/(r + epsilon).
    const onY = g.re.map((v, k) => (v * z.re[k % count]! + g.im![k]! * z.im![k % count]!) / (r[k % count]! + options.epsilon));
    const onR = norm.backward({ re: onY, im: null }).re;
    const own = newSignal(g.re.length, true);
    for (let k = 0; k < onR.length; k++) {
      const at = k % count;
      const along = r[at]! > 0 ? (onR[k]! - onY[k]! * factor[at]!) / r[at]! : 0;
      own.re[k] = factor[at]! * g.re[k]! + along * z.re[at]!;
      own.im![k] = factor[at]! * g.im![k]! + along * z.im![at]!;
    }
    return [own];
  }, true);
}
