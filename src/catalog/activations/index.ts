// All activations, by id. A new one is a file here and a line below.
import { identity, scalars } from '../scalars/index.ts';
import type { Activation } from './activation.ts';
import { modrelu, polarTanh, siglog } from './equivariant.ts';
import { sigmoidHolomorphic, siluHolomorphic, tanhHolomorphic } from './holomorphic.ts';
import { cardioid, zrelu } from './homogeneous.ts';
import { realActivation, split } from './split.ts';

export const activations: readonly Activation[] = [
  ...scalars.map(split),
  zrelu, cardioid, modrelu, polarTanh, siglog,
  { ...split(identity), id: 'identity', label: 'identity', structure: ['split', 'homogeneous', 'equivariant', 'holomorphic'], formula: 'z', notes: ['No nonlinearity.'] },
  tanhHolomorphic, sigmoidHolomorphic, siluHolomorphic,
  ...scalars.map(realActivation),
];

const byId = new Map(activations.map((a) => [a.id, a]));

export function findActivation(id: string): Activation | undefined {
  return byId.get(id);
}

/** The activation of a layer: a catalog id, with the parameters that the text gives. */
export function activationOf(name: string, _parameters: Readonly<Record<string, unknown>>): Activation | undefined {
  return findActivation(name);
}
