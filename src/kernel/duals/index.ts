// Which dual an activation has, by its structure. A new structure is a file here and a line below.
import type { Activation, Parameters } from '../../catalog/activations/activation.ts';
import { Fault } from '../../contract/fault.ts';
import { type DualOptions, type PreparedDual } from './dual.ts';
import { prepareEquivariant } from './equivariant.ts';
import { prepareGeneral } from './general.ts';
import { prepareHolomorphic } from './holomorphic.ts';
import { prepareHomogeneous } from './homogeneous.ts';
import { prepareReal, prepareSplit } from './split.ts';

export { METHOD_RANK, worseMethod, type DualBlock, type DualOptions, type DualOutcome, type PreparedDual } from './dual.ts';

/**
 * The dual maps of `activation` for the standard deviations of one layer.
 * @param std standard deviation of each preactivation of the layer (samples x positions)
 * @throws Fault not-supported where not even the NNGP exists; where only it exists A and B are NaN.
 */
export function prepareDual(activation: Activation, p: Parameters, std: Float64Array, options: DualOptions): PreparedDual {
  if (std.some((s) => !Number.isFinite(s))) throw new Fault('bad-input', `A standard deviation before ${activation.label} is not a finite number.`);
  const limit = activation.limit(p);
  if (limit.exists === 'none') throw new Fault('not-supported', `${limit.reason}.`);
  const exists = limit.exists === 'ntk';
  const prepared = prepareAny(activation, p, std, { ...options, derivatives: options.derivatives && exists });
  return exists || !options.derivatives ? prepared : withoutDerivatives(prepared);
}

function prepareAny(activation: Activation, p: Parameters, std: Float64Array, options: DualOptions): PreparedDual {
  if (activation.field === 'real') return prepareReal(activation, p, std, options);
  if (activation.scalar) return prepareSplit(activation, p, std, options);
  if (activation.angular) return prepareHomogeneous(activation, p, std, options);
  if (activation.radial) return prepareEquivariant(activation, p, std, options);
  if (activation.holomorphic) return prepareHolomorphic(activation, p, std, options);
  return prepareGeneral(activation, p, std, options);
}

function withoutDerivatives(prepared: PreparedDual): PreparedDual {
  return (block) => {
    for (const part of [block.aRe, block.aIm, block.bRe, block.bIm]) part.fill(NaN, 0, block.count);
    return prepared(block);
  };
}
