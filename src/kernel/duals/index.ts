// Which dual an activation has, by its structure. A new structure is a file here and a line below.
import type { Activation, Parameters } from '../../catalog/activations/activation.ts';
import { Fault } from '../../contract/fault.ts';
import type { PreparedDual } from './dual.ts';
import { prepareEquivariant } from './equivariant.ts';
import { prepareHomogeneous } from './homogeneous.ts';
import { prepareReal, prepareSplit } from './split.ts';

export { newDual, worseMethod, type Dual, type PreparedDual } from './dual.ts';

/**
 * The dual maps of `activation` for the standard deviations of one layer's samples.
 * @param std standard deviation of each sample's preactivation
 * A and B are NaN where only the NNGP exists.
 */
export function prepareDual(activation: Activation, p: Parameters, std: Float64Array): PreparedDual {
  if (std.some((s) => !Number.isFinite(s))) throw new Fault('bad-input', `A standard deviation before ${activation.label} is not a finite number.`);
  const limit = activation.limit(p);
  if (limit.exists === 'none') throw new Fault('not-supported', `${limit.reason}.`);
  if (activation.field === 'real') return prepareReal(activation, p, std);
  if (activation.scalar) return prepareSplit(activation, p, std);
  if (activation.angular) return prepareHomogeneous(activation, p, std);
  if (activation.radial) return prepareEquivariant(activation, p, std, limit.exists === 'ntk');
  throw new Fault('not-supported', `${activation.label} has no dual in this version.`);
}
