// Which dual an activation has, by its structure. A new structure is a file here and a line below.
import type { Activation, Parameters } from '../../catalog/activations/activation.ts';
import { Fault } from '../../contract/fault.ts';
import { byPairs, type DualOptions, type PreparedDual, type PreparedPair } from './dual.ts';
import { prepareEquivariant } from './equivariant.ts';
import { prepareHomogeneous } from './homogeneous.ts';
import { prepareReal, prepareSplit } from './split.ts';

export { METHOD_RANK, newDual, worseMethod, type Dual, type DualBlock, type DualOptions, type DualOutcome, type PreparedDual } from './dual.ts';

/**
 * The dual maps of `activation` for the standard deviations of one layer.
 * @param std standard deviation of each preactivation of the layer (samples x positions)
 * @throws Fault not-supported where not even the NNGP exists; where only it exists A and B are NaN.
 */
export function prepareDual(activation: Activation, p: Parameters, std: Float64Array, options: DualOptions): PreparedDual {
  if (std.some((s) => !Number.isFinite(s))) throw new Fault('bad-input', `A standard deviation before ${activation.label} is not a finite number.`);
  const limit = activation.limit(p);
  if (limit.exists === 'none') throw new Fault('not-supported', `${limit.reason}.`);
  if (activation.field === 'real') return prepareReal(activation, p, std, options);
  if (activation.scalar) return prepareSplit(activation, p, std, options);
  return byPairs(pairOf(activation, p, std, limit.exists === 'ntk'), options);
}

function pairOf(activation: Activation, p: Parameters, std: Float64Array, derivatives: boolean): PreparedPair {
  if (activation.angular) return prepareHomogeneous(activation, p, std);
  if (activation.radial) return prepareEquivariant(activation, p, std, derivatives);
  throw new Fault('not-supported', `${activation.label} has no dual in this version.`);
}
