// How an array's axes become samples of the shape that a model takes. Knows no file format and reads no numbers.
import { Fault } from '../contract/fault.ts';
import type { Field } from '../contract/graph.ts';

/** Where the two parts of a complex number lie in a row of real numbers: side by side, or all real parts first. */
export type Parts = 'interleaved' | 'planes';

export interface Fit {
  /** Shape of one sample. */
  shape: number[];
  /** Null: the numbers are taken as they are. */
  parts: Parts | null;
}

export interface ArrayFound {
  /** For messages. */
  name: string;
  /** Axes after the samples' one. */
  rest: number[];
  isComplex: boolean;
  /** Parts that the source itself announces (a header "re,im"). */
  parts: Parts | null;
  /** A flat row of twice the model's inputs may be taken as parts side by side. */
  flatPairs: boolean;
}

/**
 * Decides how to read an array for a model whose input has the shape `target` (null: unknown). Faults: bad-input, naming both shapes.
 * Real numbers become complex ones only where nothing else fits: an axis of 2 at the end, or one right after the samples.
 */
export function fitShape(found: ArrayFound, target: number[] | null, field: Field): Fit {
  const { name, rest, isComplex } = found;
  const size = product(rest);
  if (field === 'real' && (isComplex || found.parts)) {
    throw new Fault('bad-input', `${name} holds complex numbers and the network takes real ones. Give real inputs, e.g. the real and imaginary parts as two features.`);
  }
  if (found.parts) {
    if (target && product(target) !== size / 2) throw mismatch(found, target, field);
    return { shape: target ?? [size / 2], parts: found.parts };
  }
  if (target === null) return { shape: rest.length === 0 ? [1] : rest, parts: null };
  if (sameButOnes(rest, target) || (size === product(target) && (rest.length === 1 || target.length === 1))) return { shape: target, parts: null };
  if (field === 'complex' && !isComplex && size === 2 * product(target)) {
    if (rest.length > 1 && rest.at(-1) === 2 && fits(rest.slice(0, -1), target)) return { shape: target, parts: 'interleaved' };
    if (rest.length > 1 && rest[0] === 2 && fits(rest.slice(1), target)) return { shape: target, parts: 'planes' };
    if (found.flatPairs && rest.length === 1) return { shape: target, parts: 'interleaved' };
  }
  throw mismatch(found, target, field);
}

const fits = (rest: number[], target: number[]): boolean => sameButOnes(rest, target) || rest.length === 1 || target.length === 1;

function sameButOnes(a: number[], b: number[]): boolean {
  const [x, y] = [a.filter((d) => d !== 1), b.filter((d) => d !== 1)];
  return x.length === y.length && x.every((d, i) => d === y[i]);
}

function mismatch(found: ArrayFound, target: number[], field: Field): Fault {
  const size = product(found.rest);
  const wanted = product(target);
  const asked = `the model takes samples of shape ${shapeText(target)}`;
  let advice = `Reshape the array to ${shapeText(['samples', ...target])}.`;
  if (found.rest.length === 0 && wanted > 1) advice = `For one sample, reshape the array to ${shapeText([1, ...target])}.`;
  else if (size === wanted) advice = `The sizes agree and the axes do not: transpose the array to ${shapeText(['samples', ...target])}.`;
  else if (field === 'complex' && !found.isComplex && size === 2 * wanted) {
    advice = `For complex samples save a complex dtype, or real parts and imaginary parts as a last axis: ${shapeText(['samples', ...target, 2])}.`;
  }
  return new Fault('bad-input', `${found.name} has samples of shape ${shapeText(found.rest)} (${size} ${found.isComplex ? 'complex' : 'real'} numbers each); ${asked} (${wanted}). ${advice}`);
}

export const product = (shape: number[]): number => shape.reduce((p, d) => p * d, 1);

export const shapeText = (shape: (number | string)[]): string => `[${shape.join(', ')}]`;
