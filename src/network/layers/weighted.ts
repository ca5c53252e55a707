// Layers with weights: dense ones at every position, and convolutions and their transposes over windows. Knows no law of weights.
import { tapTable, type Window } from '../../catalog/layers/taps.ts';
import { turnedPadding, type Device, type Geometry } from '../device.ts';
import { newSignal, positionsOf, product, sizeOf, type Form, type Signal } from '../signal.ts';
import { apply, pull, rowwise, type Linear, type Tensor } from '../tensors.ts';
import type { Layer } from './layer.ts';

/** Rows [tap][channel of the group] gathered by a table of taps; -1 reads zero. */
class Gather {
  private readonly table: { positions: number; taps: number; at: Int32Array };
  /** Every position reads itself: nothing to gather. */
  private readonly trivial: boolean;

  constructor(window: Window | null, private readonly inPositions: number, private readonly channels: number, private readonly first: number, private readonly own: number) {
    this.table = window ? tapTable(window) : { positions: inPositions, taps: 1, at: Int32Array.from({ length: inPositions }, (_, u) => u) };
    this.trivial = own === channels && this.table.taps === 1 && this.table.positions === inPositions && this.table.at.every((v, k) => v === k);
  }

  get fan(): number {
    return this.table.taps * this.own;
  }

  get positions(): number {
    return this.table.positions;
  }

  read(x: Float32Array, samples: number): Float32Array {
    if (this.trivial) return x;
    const { channels, first, own, inPositions } = this;
    const { at } = this.table;
    const out = new Float32Array(samples * at.length * own);
    for (let i = 0, to = 0; i < samples; i++) {
      for (let k = 0; k < at.length; k++, to += own) {
        const place = at[k]!;
        if (place < 0) continue;
        const start = (i * inPositions + place) * channels + first;
        for (let c = 0; c < own; c++) out[to + c] = x[start + c]!;
      }
    }
    return out;
  }

  /** The transpose: adds rows back to where they were read. */
  scatter(rows: Float32Array, to: Float32Array, samples: number): void {
    const { channels, first, own, inPositions } = this;
    const { at } = this.table;
    for (let i = 0, from = 0; i < samples; i++) {
      for (let k = 0; k < at.length; k++, from += own) {
        const place = at[k]!;
        if (place < 0) continue;
        const start = (i * inPositions + place) * channels + first;
        for (let c = 0; c < own; c++) to[start + c]! += rows[from + c]!;
      }
    }
  }

  pulled(rows: Float32Array, samples: number): Float32Array {
    if (this.trivial) return rows;
    const out = new Float32Array(samples * inputSize(this.inPositions, this.channels));
    this.scatter(rows, out, samples);
    return out;
  }
}

const inputSize = (positions: number, channels: number): number => positions * channels;

/** A window that the backend's own convolution can do: zeros around, at most two axes. */
function geometryOf({ axes }: Window): Geometry | null {
  if (axes.length > 2) return null;
  const each = axes.map((a) => {
    const taps = a.taps[0]!.length;
    // Taps step by the dilation and windows by the stride, wherever they are inside.
    const place = (o: number, v: number, start: number, stride: number, dilation: number): number => {
      const at = start + o * stride + v * dilation;
      return at >= 0 && at < a.input ? at : -1;
    };
    const inside = a.taps.flatMap((t, o) => t.map((at, v) => ({ o, v, at }))).filter((x) => x.at >= 0);
    const first = inside[0];
    if (!first) return null;
    const beside = inside.find((x) => x.o === first.o && x.v === first.v + 1);
    const dilation = beside ? beside.at - first.at : 1;
    const after = inside.find((x) => x.o === first.o + 1);
    const stride = after ? after.at - first.at - (after.v - first.v) * dilation : 1;
    const start = first.at - first.o * stride - first.v * dilation;
    const end = start + (a.output - 1) * stride + (taps - 1) * dilation;
    const fits = dilation > 0 && stride > 0 && start <= 0 && a.taps.every((t, o) => t.every((at, v) => at === place(o, v, start, stride, dilation)));
    return fits ? { size: a.input, output: a.output, kernel: taps, stride, dilation, pad: [-start, Math.max(0, end - a.input + 1)] as [number, number] } : null;
  });
  if (each.some((e) => e === null)) return null;
  const [h, w] = each.length === 2 ? each : [{ size: 1, output: 1, kernel: 1, stride: 1, dilation: 1, pad: [0, 0] as [number, number] }, each[0]];
  // A convolution knows strides or dilation, not both.
  if (h!.dilation * w!.dilation > 1 && h!.stride * w!.stride > 1) return null;
  const pair = <K extends 'size' | 'output' | 'kernel' | 'stride' | 'dilation'>(k: K): [number, number] => [h![k], w![k]];
  const geometry: Geometry = { size: pair('size'), output: pair('output'), kernel: pair('kernel'), stride: pair('stride'), dilation: pair('dilation'), pad: [h!.pad, w!.pad] };
  // With dilation there is a way back only as a convolution by the turned kernel.
  return h!.dilation * w!.dilation > 1 && !turnedPadding(geometry) ? null : geometry;
}

/**
 * @param window null: a dense layer at every position
 * @param tensors one for each group of channels
 */
export function weighted(id: string, from: number, input: Form, form: Form, window: Window | null, tensors: Tensor[]): Layer {
  const groups = tensors.length;
  const [own, out] = [input.channels / groups, form.channels / groups];
  const geometry = window && groups === 1 ? geometryOf(window) : null;
  const gathers = geometry ? [] : tensors.map((_, g) => new Gather(window, positionsOf(input), input.channels, g * own, own));
  const each = positionsOf(form);
  let kept: Signal[] = [];
  const taps = geometry ? product(geometry.kernel) : 0;
  const convolution = (device: Device): Linear => ({
    rowsIn: positionsOf(input), rowsOut: each,
    forward: (a, w, samples, t) => device.convolve(a, w, samples, geometry!, t.fan / taps, t.out),
    back: (g, w, samples, t) => device.convolveBack(g, w, samples, geometry!, t.fan / taps, t.out),
  });
  /** Columns of group g among all channels, or back. */
  const columns = (s: Signal, g: number, count: number): Signal => {
    if (groups === 1) return s;
    const part = (a: Float32Array): Float32Array => {
      const cut = new Float32Array(count * out);
      for (let r = 0; r < count; r++) for (let c = 0; c < out; c++) cut[r * out + c] = a[r * form.channels + g * out + c]!;
      return cut;
    };
    return { re: part(s.re), im: s.im && part(s.im) };
  };
  return {
    id, from: [from], form, tensors, couples: false,
    async forward([x], { samples, device }) {
      if (geometry) {
        kept = [x!];
        return apply(tensors[0]!, x!, samples, form.complex, convolution(device));
      }
      const whole = groups === 1 ? null : newSignal(samples * sizeOf(form), form.complex);
      kept = [];
      for (const [g, t] of tensors.entries()) {
        const patches: Signal = { re: gathers[g]!.read(x!.re, samples), im: x!.im && gathers[g]!.read(x!.im, samples) };
        kept.push(patches);
        const h = await apply(t, patches, samples, form.complex, rowwise(each, device));
        if (!whole) return h;
        const place = (to: Float32Array, part: Float32Array): void => {
          for (let r = 0; r < samples * each; r++) for (let c = 0; c < out; c++) to[r * form.channels + g * out + c] = part[r * out + c]!;
        };
        place(whole.re, h.re);
        if (whole.im && h.im) place(whole.im, h.im);
      }
      return whole!;
    },
    async backward(g, rows, { samples, device, use }, [wanted]) {
      if (geometry) {
        const [t] = tensors;
        await use({ tensor: t!, x: { image: kept[0]!, geometry }, g, each, fan: taps * input.channels, out, bias: true });
        return [wanted ? await pull(t!, g, rows * samples, input.complex, convolution(device)) : null];
      }
      let back: Signal | null = null;
      for (const [k, t] of tensors.entries()) {
        const part = columns(g, k, rows * samples * each);
        await use({ tensor: t, x: kept[k]!, g: part, each, fan: gathers[k]!.fan, out, bias: true });
        if (!wanted) continue;
        const pulled = await pull(t, part, rows * samples, input.complex, rowwise(each, device));
        if (groups === 1) back = { re: gathers[k]!.pulled(pulled.re, rows * samples), im: pulled.im && gathers[k]!.pulled(pulled.im, rows * samples) };
        else {
          back ??= newSignal(rows * samples * sizeOf(input), input.complex);
          gathers[k]!.scatter(pulled.re, back.re, rows * samples);
          if (back.im && pulled.im) gathers[k]!.scatter(pulled.im, back.im, rows * samples);
        }
      }
      return [back];
    },
  };
}

/** Integers look up rows of the table: the product with one-hot rows, by which it is also differentiated. */
export function embedding(id: string, from: number, input: Form, form: Form, tensor: Tensor): Layer {
  const rows = tensor.fan;
  const count = sizeOf(input);
  let kept: Signal = { re: new Float32Array(0), im: null };
  return {
    id, from: [from], form, tensors: [tensor], couples: false,
    async forward([x], { samples, device }) {
      kept = newSignal(samples * count * rows, false);
      for (let k = 0; k < samples * count; k++) {
        const index = x!.re[k]!;
        if (Number.isInteger(index) && index >= 0 && index < rows) kept.re[k * rows + index] = 1;
        else throw new RangeError(`sample ${Math.floor(k / count)} holds ${index}, and the table has the rows 0 to ${rows - 1}`);
      }
      return apply(tensor, kept, samples, form.complex, rowwise(count, device));
    },
    async backward(g, _rows, { use }) {
      await use({ tensor, x: kept, g, each: count, fan: rows, out: form.channels, bias: false });
      return [null];
    },
  };
}
