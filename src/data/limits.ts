// What every source of inputs is held to: the model's input and the memory limit. Knows neither files nor signals.
import { Fault } from '../contract/fault.ts';
import type { Field } from '../contract/graph.ts';
import { product, shapeText } from './fit.ts';

/** What the data must fit. */
export interface ModelInput {
  /** Null: the code does not tell it. */
  inputShape: number[] | null;
  inputField: Field;
}

export interface DataLimits {
  memoryBytes: number;
}

/** The shape of one sample that the user or else the model asks for. */
export function targetShape(asked: number[] | null, model: number[] | null): number[] | null {
  if (asked !== null) {
    if (!asked.every((d) => Number.isSafeInteger(d) && d > 0)) throw new Fault('bad-input', `The shape ${shapeText(asked)} contains something else than whole numbers from 1 up.`);
    if (model !== null && product(asked) !== product(model)) {
      throw new Fault('bad-input', `The asked shape ${shapeText(asked)} has ${product(asked)} numbers and the model takes samples of shape ${shapeText(model)} (${product(model)}). Leave the shape out or make them agree.`);
    }
  }
  return asked ?? model;
}

/** Faults before anything is allocated. @param bytes peak use. */
export function checkMemory(name: string, samples: number, bytes: number, limits: DataLimits): void {
  if (bytes <= limits.memoryBytes) return;
  throw new Fault('too-large', `${name}: ${samples} samples need ${amount(bytes)} and the memory limit is ${amount(limits.memoryBytes)}. Take fewer samples (--samples) or raise the limit (setting complexNtk.memoryLimit).`);
}

function amount(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toPrecision(3)} GB` : bytes >= 1e6 ? `${(bytes / 1e6).toPrecision(3)} MB` : `${bytes} bytes`;
}
