// Gains of activations at unit variance, for hovers that may not compute: read from a table that scripts/gains.ts makes with the kernel.
import table from './gains.json' with { type: 'json' };

export interface Gain {
  /** E|phi(z)|^2 for z ~ CN(0, 1); for a real activation z ~ N(0, 1). */
  gain: number;
  /** E|phi_z|^2 + E|phi_zbar|^2 there; null where it diverges. */
  derivativeGain: number | null;
  method: string;
  /** Relative. */
  error: number;
}

export const gainKey = (activation: string, parameters: Readonly<Record<string, number>>): string =>
  [activation, ...Object.keys(parameters).sort().map((name) => `${name}=${parameters[name]}`)].join(' ');

/** The tabulated gain, or null where these parameters are not in the table or no limit exists. */
export function gainAt(activation: string, parameters: Readonly<Record<string, number>>): Gain | null {
  const key = gainKey(activation, parameters);
  return Object.hasOwn(table, key) ? (table as Record<string, Gain>)[key]! : null;
}
