// Products of large float32 matrices on a backend, in pieces that let progress and cancel in; what is uploaded is let go at the end. Knows no network.
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Backend } from './backend.ts';
import { product, transposed } from './signal.ts';

/** Awaited between pieces of work: lets others run, and throws when cancelled. */
export type Pace = () => Promise<void>;

/** Multiplications and additions of one piece: some 20 ms each. */
const PIECE: Record<Backend['id'], number> = { native: 4e9, wasm: 5e8, cpu: 2e7 };
/** Numbers summed in float32 before float64 takes over. */
const SUMMED = 2048;
/** Numbers of windows that are made at once: more leave the caches and take longer. */
const WINDOWS = 5e6;
/** After this time no thread of a backend holds what an operation was given. */
const LINGER_MS = 30;
/** Floats of the largest block of per-sample gradients that is held at once. */
const BLOCK = 1 << 23;

/** A convolution over two axes (one of them of size 1 for sequences) with zeros around. */
export interface Geometry {
  size: [number, number];
  output: [number, number];
  kernel: [number, number];
  stride: [number, number];
  dilation: [number, number];
  pad: [[number, number], [number, number]];
}

/** Rows of `columns` numbers by part. */
export interface Parts {
  re: Float32Array;
  im: Float32Array | null;
  columns: number;
}

/** Rows of x. With a geometry the arrays are images, and the rows their windows: made a few images at a time, for together they are large. */
export interface Rows extends Parts {
  geometry?: Geometry;
}

export class Device {
  private readonly resident = new Map<Float32Array, Tensor>();
  private lent: { tensor: Tensor; since: number }[] = [];
  private readonly turnedCopies = new Map<Float32Array, Float32Array>();
  private readonly piece: number;

  constructor(private readonly backend: Backend, private readonly breath: Pace) {
    this.piece = PIECE[backend.id];
  }

  /** Lets others run; throws when cancelled. */
  readonly pace = async (): Promise<void> => {
    await this.breath();
    this.settle(performance.now() - LINGER_MS);
  };

  /**
   * A tensor on the memory of an array. Where the array is aligned a native tensor shares it without a copy, and the binding frees its
   * reference in whichever thread lets go of it last, though only JavaScript's may. As a precaution it is let go of a while later.
   */
  private lend(a: Float32Array, shape: number[]): Tensor {
    const tensor = this.tf.keep(this.tf.tensor(a, shape));
    this.lent.push({ tensor, since: performance.now() });
    return tensor;
  }

  private settle(before: number): void {
    const old = this.lent.findIndex((l) => l.since > before);
    for (const { tensor } of this.lent.splice(0, old < 0 ? this.lent.length : old)) tensor.dispose();
  }

  /** Lets go of all that was kept. To be called at the end however it ends. */
  release(): void {
    for (const t of this.resident.values()) t.dispose();
    this.resident.clear();
    this.turnedCopies.clear();
    this.settle(Infinity);
  }

  /** Lets go of one array, whose numbers are about to change. */
  forget(a: Float32Array): void {
    const turned = this.turnedCopies.get(a);
    for (const x of turned ? [a, turned] : [a]) {
      const tensor = this.resident.get(x);
      if (tensor) this.lent.push({ tensor, since: performance.now() });
      this.resident.delete(x);
    }
    this.turnedCopies.delete(a);
  }

  /** On the device until `release`; an array has one shape. */
  private kept(a: Float32Array, shape: number[]): Tensor {
    const found = this.resident.get(a);
    if (found) return found;
    const t = this.tf.keep(this.tf.tensor(a, shape));
    this.resident.set(a, t);
    return t;
  }

  /** Its values, and the tensor gone. (A tidy that returned the values would look for tensors in each of them.) */
  private read(t: Tensor): Float32Array {
    const values = t.dataSync();
    t.dispose();
    return values as Float32Array;
  }

  /** A B: A rows x inner, B inner x cols stays on the device. */
  async product(a: Float32Array, b: Float32Array, rows: number, inner: number, cols: number): Promise<Float32Array> {
    return this.inPieces(a, rows, inner, cols, 2 * inner * cols, (some, count) => this.tf.matMul(this.lend(some, [count, inner]), this.kept(b, [inner, cols])));
  }

  /** A B^T: A rows x inner, B cols x inner stays on the device. No backend is fast where it is told to transpose a large factor. */
  async productTurned(a: Float32Array, b: Float32Array, rows: number, inner: number, cols: number): Promise<Float32Array> {
    if (rows >= cols) {
      let across = this.turnedCopies.get(b);
      if (!across) this.turnedCopies.set(b, (across = transposed(b, cols, inner)));
      return this.product(a, across, rows, inner, cols);
    }
    this.backend.activate();
    const left = this.kept(b, [cols, inner]);
    const values = this.read(this.tf.tidy(() => this.tf.matMul(left, this.lend(transposed(a, rows, inner), [inner, rows]))));
    await this.pace();
    return transposed(values, cols, rows);
  }

  private get tf(): Backend['tf'] {
    return this.backend.tf;
  }

  /** f on as many rows at a time as one piece allows. */
  private async inPieces(a: Float32Array, rows: number, columns: number, columnsOut: number, operations: number, f: (some: Float32Array, count: number) => Tensor): Promise<Float32Array> {
    if (rows === 0 || columnsOut === 0) return new Float32Array(rows * columnsOut);
    const step = Math.max(1, Math.floor(this.piece / operations));
    let out: Float32Array | null = null;
    for (let r = 0; r < rows; r += step) {
      const some = Math.min(step, rows - r);
      this.backend.activate();
      const values = this.read(this.tf.tidy(() => f(a.subarray(r * columns, (r + some) * columns), some)));
      await this.pace();
      if (some === rows) return values;
      out ??= new Float32Array(rows * columnsOut);
      out.set(values, r * columnsOut);
    }
    return out!;
  }

  /** Convolution of `samples` images, or its transpose (from outputs to inputs); the weights stay on the device. */
  async convolve(x: Float32Array, w: Float32Array, samples: number, g: Geometry, channels: number, out: number): Promise<Float32Array> {
    const filter = [...g.kernel, channels, out] as [number, number, number, number];
    return this.inPieces(x, samples, g.size[0] * g.size[1] * channels, g.output[0] * g.output[1] * out, 2 * g.output[0] * g.output[1] * product(filter), (some, count) => {
      const image = this.lend(some, [count, ...g.size, channels]) as Tensor4D;
      return this.tf.conv2d(padded(this.tf, image, g), this.kept(w, filter) as Tensor4D, g.stride, 'valid', 'NHWC', g.dilation);
    });
  }

  async convolveBack(y: Float32Array, w: Float32Array, samples: number, g: Geometry, channels: number, out: number): Promise<Float32Array> {
    const operations = 2 * product(g.output) * product(g.kernel) * channels * out;
    const [columns, columnsOut] = [product(g.output) * out, product(g.size) * channels];
    const around = turnedPadding(g);
    if (around) {
      // Without strides the transpose is a convolution by the turned kernel, which every backend is fast at.
      let turned = this.turnedCopies.get(w);
      if (!turned) this.turnedCopies.set(w, (turned = turnedKernel(w, product(g.kernel), channels, out)));
      const kernel = turned;
      return this.inPieces(y, samples, columns, columnsOut, operations, (some, count) => this.tf.conv2d(
        padded(this.tf, this.lend(some, [count, ...g.output, out]) as Tensor4D, around), this.kept(kernel, [...g.kernel, out, channels]) as Tensor4D, 1, 'valid', 'NHWC', g.dilation));
    }
    const [[top, bottom], [left, right]] = g.pad;
    const whole: [number, number] = [g.size[0] + top + bottom, g.size[1] + left + right];
    return this.inPieces(y, samples, columns, columnsOut, operations, (some, count) => {
      const image = this.lend(some, [count, ...g.output, out]) as Tensor4D;
      const back = this.tf.conv2dTranspose(image, this.kept(w, [...g.kernel, channels, out]) as Tensor4D, [count, ...whole, channels], g.stride, 'valid');
      return top + bottom + left + right === 0 ? back : this.tf.slice(back, [0, top, left, 0], [count, ...g.size, channels]);
    });
  }

  /** A^T B summed over all rows of all sets: one part of x, and b of `right` columns. Nothing stays. */
  async across(x: Rows, part: 're' | 'im', b: Float32Array, sets: number, each: number, right: number): Promise<Float32Array> {
    const left = x.columns;
    const step = Math.max(1, Math.min(Math.floor(this.piece / (2 * each * left * right)), x.geometry ? Math.floor(WINDOWS / (each * left)) : Infinity));
    const own = x[part]!.length / sets;
    let out: Float32Array | null = null;
    for (let i = 0; i < sets; i += step) {
      const rows = Math.min(step, sets - i) * each;
      this.backend.activate();
      const values = this.read(this.tf.tidy(() => {
        const a = x[part]!.subarray(i * own, Math.min(sets, i + step) * own);
        const back = this.lend(b.subarray(i * each * right, (i * each + rows) * right), [rows, right]);
        return x.geometry ? this.tf.matMul(this.tf.reshape(this.windows(a, x.geometry, left), [rows, left]), back, true, false)
          : this.tf.matMul(this.lend(transposed(a, rows, left), [left, rows]), back);
      }));
      await this.pace();
      if (!out) out = values;
      else for (let k = 0; k < out.length; k++) out[k]! += values[k]!;
    }
    return out ?? new Float32Array(left * right);
  }

  /** a^T b of each set: sets x rows x columns. WebAssembly is fast at single products alone. */
  private eachAcross(a: Tensor, b: Tensor): Tensor {
    const { tf } = this;
    const [sets, rows, left] = a.shape as [number, number, number];
    const right = b.shape[2]!;
    if (this.backend.id === 'native') return tf.matMul(a, b, true, false);
    const turned = tf.transpose(a, [0, 2, 1]);
    return tf.stack(Array.from({ length: sets }, (_, s) => tf.matMul(
      tf.reshape(tf.slice(turned, [s, 0, 0], [1, left, rows]), [left, rows]), tf.reshape(tf.slice(b, [s, 0, 0], [1, rows, right]), [rows, right]))));
  }

  /** With their windows as rows in place of the images. */
  async unfolded({ re, im, columns, geometry }: Rows): Promise<Rows> {
    const rows = async (a: Float32Array): Promise<Float32Array> => {
      this.backend.activate();
      const values = this.read(this.tf.tidy(() => this.windows(a, geometry!, columns)));
      await this.pace();
      return values;
    };
    return { re: await rows(re), im: im && (await rows(im)), columns };
  }

  /** The windows of images as rows [tap][channel]: images x positions x (taps x channels). */
  private windows(x: Float32Array, g: Geometry, columns: number): Tensor {
    const { tf } = this;
    const channels = columns / product(g.kernel);
    const images = x.length / (product(g.size) * channels);
    const image = padded(tf, this.lend(x, [images, ...g.size, channels]) as Tensor4D, g);
    const taps: Tensor[] = [];
    for (let a = 0; a < g.kernel[0]; a++) {
      for (let b = 0; b < g.kernel[1]; b++) {
        const [top, left] = [a * g.dilation[0], b * g.dilation[1]];
        const spans = [(g.output[0] - 1) * g.stride[0] + 1, (g.output[1] - 1) * g.stride[1] + 1] as const;
        const cut = g.stride[0] === 1 && g.stride[1] === 1
          ? tf.slice(image, [0, top, left, 0], [images, ...g.output, channels])
          : tf.stridedSlice(image, [0, top, left, 0], [images, top + spans[0], left + spans[1], channels], [1, ...g.stride, 1]);
        taps.push(tf.reshape(cut, [images, product(g.output), channels]));
      }
    }
    return taps.length === 1 ? taps[0]! : tf.concat(taps, 2);
  }

  /** A B^T (of A alone: A A^T), rows x rows, in float64 over pieces of the columns. */
  async gram(a: Float32Array, rows: number, columns: number, b = a): Promise<Float64Array> {
    const out = new Float64Array(rows * rows);
    for (let c = 0; c < columns; c += SUMMED) {
      const some = Math.min(SUMMED, columns - c);
      const cut = (x: Float32Array): Float32Array => {
        if (some === columns) return x;
        const piece = new Float32Array(rows * some);
        for (let r = 0; r < rows; r++) piece.set(x.subarray(r * columns + c, r * columns + c + some), r * some);
        return piece;
      };
      const left = cut(a);
      const step = Math.max(16, Math.floor(this.piece / (2 * some * rows)));
      this.backend.activate();
      const right = this.lend(transposed(b === a ? left : cut(b), rows, some), [some, rows]);
      for (let r = 0; r < rows; r += step) {
        const count = Math.min(step, rows - r);
        this.backend.activate();
        const values = this.read(this.tf.matMul(this.lend(left.subarray(r * some, (r + count) * some), [count, some]), right));
        for (let k = 0, at = r * rows; k < values.length; k++, at++) out[at]! += values[k]!;
        await this.pace();
      }
    }
    return out;
  }

  /**
   * Gram matrix of gradients that are never held together. Output q has the gradient sum over its rows of g^T x, a matrix of
   * g.columns x x.columns for each pair of parts; `combine` makes of the four (rr, ri, ir, ii: part of g, part of x) its numbers.
   * @param g outputs x each rows
   * @param x `sets` x each rows, set s for the outputs q with q mod sets = s
   * @returns outputs x outputs, in float64
   */
  async gradientGram(g: Parts, x: Rows, outputs: number, sets: number, each: number, combine: Combine): Promise<Float64Array> {
    const { tf } = this.backend;
    const total = new Float64Array(outputs * outputs);
    const [out, fan] = [g.columns, x.columns];
    const numbers = fan * (g.im ? 2 : 1) * (x.im ? 2 : 1);
    const slab = Math.max(1, Math.min(out, Math.floor(BLOCK / (outputs * numbers))));
    const kinds = outputs / sets;
    const together = Math.max(1, Math.min(sets, Math.floor(WINDOWS / (each * fan))));
    const own = x.re.length / sets;
    for (let from = 0; from < out; from += slab) {
      const some = Math.min(slab, out - from);
      // In the order of the outputs: by kind, a piece for each few sets.
      const steps = Math.ceil(sets / together);
      const pieces = new Array<Tensor | null>(kinds * steps).fill(null);
      let jacobian: Tensor | null = null;
      try {
        for (let step = 0, s = 0; step < steps; step++, s += together) {
          const count = Math.min(together, sets - s);
          this.backend.activate();
          const rows = (a: Float32Array): Tensor => {
            const some = a.subarray(s * own, (s + count) * own);
            const { geometry } = x;
            return geometry ? tf.tidy(() => tf.keep(tf.reshape(this.windows(some, geometry, fan), [count, each, fan]))) : this.lend(some, [count, each, fan]);
          };
          const made: [Tensor, Tensor | null] = [rows(x.re), x.im && rows(x.im)];
          try {
            for (let o = 0; o < kinds; o++) {
              const at = (o * sets + s) * each * out;
              pieces[o * steps + step] = tf.tidy(() => {
                const take = (a: Float32Array | null): Tensor | null => {
                  if (!a) return null;
                  const whole = this.lend(a.subarray(at, at + count * each * out), [count, each, out]);
                  return some === out ? whole : tf.slice(whole, [0, 0, from], [count, each, some]);
                };
                const [gr, gi] = [take(g.re)!, take(g.im)];
                const times = (a: Tensor | null, b: Tensor | null): Tensor | null => a && b && tf.reshape(this.eachAcross(a, b), [count, some * fan]);
                return tf.keep(tf.concat(combine(tf, times(gr, made[0]), times(gr, made[1]), times(gi, made[0]), times(gi, made[1])), 1));
              });
            }
          } finally {
            if (x.geometry) for (const t of made) t?.dispose();
          }
          await this.pace();
        }
        jacobian = tf.keep(tf.concat(pieces as Tensor[], 0));
        const length = jacobian.shape[1]!;
        for (let c = 0; c < length; c += SUMMED) {
          this.backend.activate();
          const values = this.read(tf.tidy(() => {
            const piece = tf.slice(jacobian!, [0, c], [outputs, Math.min(SUMMED, length - c)]) as Tensor2D;
            return tf.matMul(piece, tf.transpose(piece));
          }));
          for (let k = 0; k < values.length; k++) total[k]! += values[k]!;
          await this.pace();
        }
      } finally {
        for (const t of [...pieces, jacobian]) t?.dispose();
      }
    }
    return total;
  }

  /** The windows of images as rows [tap][channel]: samples x positions x (taps x channels). */
}

/** The real numbers of a gradient from g^T x by parts: null where a part is missing. */
export type Combine = (tf: Backend['tf'], rr: Tensor | null, ri: Tensor | null, ir: Tensor | null, ii: Tensor | null) => Tensor[];

function padded(tf: Backend['tf'], image: Tensor4D, { pad }: Pick<Geometry, 'pad'>): Tensor4D {
  return pad.flat().some((p) => p > 0) ? tf.pad(image, [[0, 0], ...pad, [0, 0]]) : image;
}

/** Zeros around the outputs of a convolution without strides, so that the turned kernel leads back to its inputs; null where there is no such way. */
export function turnedPadding({ size, output, kernel, stride, dilation, pad }: Geometry): Pick<Geometry, 'pad'> | null {
  const around = [0, 1].map((a): [number, number] => {
    const span = dilation[a]! * (kernel[a]! - 1);
    const before = span - pad[a]![0];
    return [before, size[a]! - output[a]! - before + span];
  });
  return stride[0] === 1 && stride[1] === 1 && around.flat().every((p) => p >= 0) ? { pad: around as Geometry['pad'] } : null;
}

/** [tap][channel][out] to [tap from the end][out][channel]. */
function turnedKernel(w: Float32Array, taps: number, channels: number, out: number): Float32Array {
  const to = new Float32Array(w.length);
  const size = channels * out;
  for (let v = 0; v < taps; v++) to.set(transposed(w.subarray(v * size, (v + 1) * size), channels, out), (taps - 1 - v) * size);
  return to;
}
