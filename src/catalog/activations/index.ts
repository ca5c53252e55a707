// All activations, by id. A new one is a file here and a line below.
import type { Activation } from './activation.ts';

export const activations: readonly Activation[] = [];

const byId = new Map(activations.map((a) => [a.id, a]));

export function findActivation(id: string): Activation | undefined {
  return byId.get(id);
}
