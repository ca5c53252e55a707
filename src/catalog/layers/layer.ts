// What a layer kind is to the shapes: its output from its input and parameters, and its fans. Knows no framework and no kernel.
import type { LayerKind, ModelGraph, ParameterValue } from '../../contract/graph.ts';

export type Parameters = Readonly<Record<string, ParameterValue>>;
export type Axes = ModelGraph['axes'];
export type Shape = number[] | null;

/** `mismatch` says in words what does not fit; the shape is then the one the layer itself declares, where it does. */
export interface ShapeOutcome {
  shape: Shape;
  mismatch?: string;
}

export interface LayerRule {
  kinds: LayerKind[];
  /** Shapes without batch axis; null where unknown. */
  output(inputs: Shape[], p: Parameters, axes: Axes): ShapeOutcome;
  /** Connections into one output unit, null where the sizes are unknown; of a transposed convolution all its taps, of which a stride leaves some out. */
  fanIn?(p: Parameters): number | null;
  /** fan_in and fan_out as initialisers count them, from the shape of the weight. */
  fans?(p: Parameters): [number | null, number | null];
}

export const positive = (v: ParameterValue | undefined): number | null => (typeof v === 'number' && Number.isInteger(v) && v > 0 ? v : null);

/** A parameter that holds one number for each spatial axis. */
export function eachAxis(v: ParameterValue | undefined, rank: number): number[] | null {
  if (typeof v === 'number') return new Array<number>(rank).fill(v);
  return Array.isArray(v) && v.length === rank && v.every((x) => typeof x === 'number') ? (v as number[]) : null;
}
