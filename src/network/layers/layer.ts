// What a layer of a finite network is: a map forward, and its transpose on cotangents. Knows no kind of layer.
import type { Device, Geometry } from '../device.ts';
import type { Form, Signal } from '../signal.ts';
import type { Tensor } from '../tensors.ts';

/** A signal whose windows are the rows. */
export interface Images {
  image: Signal;
  geometry: Geometry;
}

/**
 * One tensor's part in one layer: df/dW = sum over the rows of (cotangent on h)^H x.
 * `x` holds samples x each rows of `fan` channels, or images whose windows they are; `g` as many rows for each of the cotangents that
 * came back.
 */
export interface Use {
  tensor: Tensor;
  x: Signal | Images;
  g: Signal;
  /** Rows of one sample: positions, or steps in time. */
  each: number;
  /** Channels of x and of g. */
  fan: number;
  out: number;
  bias: boolean;
}

/** One way forward and the ways back that follow it. */
export interface Pass {
  samples: number;
  device: Device;
  /** Told of every tensor's use on the way back. */
  use(u: Use): Promise<void>;
}

export interface Layer {
  id: string;
  /** Indices of the values it reads: 0 is the network's input, k the output of layer k - 1. */
  from: number[];
  form: Form;
  tensors: Tensor[];
  /** Its output for one sample depends on the others. */
  couples: boolean;
  /** Numbers a sample that it keeps beside its input and output: states and gates of all times, shares of attention. */
  keeps?: number;
  /** Keeps what `backward` needs of it. */
  forward(x: Signal[], pass: Pass): Promise<Signal>;
  /**
   * From the cotangents on the output to those on each input that is `wanted`. There are `rows` of them, each with numbers for all
   * samples: g = df/d(Re h) + i df/d(Im h) of real numbers f.
   */
  backward(g: Signal, rows: number, pass: Pass, wanted: boolean[]): Promise<(Signal | null)[]>;
}

/** A layer from two synchronous maps without weights. */
export function plain(
  id: string, from: number[], form: Form, forward: (x: Signal[], samples: number) => Signal, backward: (g: Signal, rows: number, samples: number) => (Signal | null)[], couples = false,
): Layer {
  return {
    id, from, form, tensors: [], couples,
    forward: async (x, { samples, device }) => {
      const out = forward(x, samples);
      await device.pace();
      return out;
    },
    backward: async (g, rows, { samples, device }) => {
      const out = backward(g, rows, samples);
      await device.pace();
      return out;
    },
  };
}
