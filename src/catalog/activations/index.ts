// All activations, by id. A new one is a file here and a line below.
import { Fault } from '../../contract/fault.ts';
import type { GraphNode, ParameterValue } from '../../contract/graph.ts';
import { whereIs } from '../../contract/order.ts';
import { expressionActivation } from '../expressions/activation.ts';
import { identity, scalars } from '../scalars/index.ts';
import type { Activation } from './activation.ts';
import * as equivariant from './equivariant.ts';
import { halfPlaneElu, halfPlaneSelu } from './half-plane.ts';
import * as holomorphic from './holomorphic.ts';
import { cardioid, halfPlaneLeakyRelu, halfPlaneRelu, sectorRelu, zleakyRelu, zrelu } from './homogeneous.ts';
import { realActivation, realPartRelu, split, splitPrelu } from './split.ts';
import { argument, imaginaryPart, modulus, realPart, sigmoidOfParts, squaredModulus } from './to-real.ts';

const e = equivariant;
const h = holomorphic;

export const activations: readonly Activation[] = [
  ...scalars.map(split), splitPrelu, realPartRelu,
  zrelu, zleakyRelu, sectorRelu, halfPlaneRelu, halfPlaneLeakyRelu, cardioid,
  e.modrelu, e.modreluThreshold, e.modreluRegular, e.polarTanh, e.hirose, e.siglog, e.georgiou, e.polarSquash, e.polarLog, e.polarSigmoid, e.polarSelu,
  e.igaussian, e.csilu, e.magnitudeGelu, e.phaseOnly, e.zabsrelu, e.zabsreluInside,
  { ...split(identity), id: 'identity', label: 'identity', structure: ['split', 'homogeneous', 'equivariant', 'holomorphic'], formula: 'z', notes: ['No nonlinearity.'] },
  halfPlaneElu, halfPlaneSelu,
  h.exponentialHolomorphic, h.sineHolomorphic, h.cosineHolomorphic, h.sinhHolomorphic, h.coshHolomorphic, h.squareHolomorphic, h.polynomialHolomorphic,
  h.tanhHolomorphic, h.tanHolomorphic, h.sigmoidHolomorphic, h.sigmoidReflected, h.siluHolomorphic, h.geluHolomorphic, h.geluTanhHolomorphic, h.tanhshrinkHolomorphic,
  h.asinHolomorphic, h.acosHolomorphic, h.acoshHolomorphic, h.asinhHolomorphic, h.atanHolomorphic, h.atanhHolomorphic, h.logHolomorphic, h.softplusHolomorphic,
  modulus, realPart, imaginaryPart, squaredModulus, sigmoidOfParts, argument,
  ...scalars.map(realActivation),
];

/** Other names in use for the same function. */
export const aliases: Readonly<Record<string, string>> = {
  crelu: 'split-relu', 'split-abs': 'split-absolute', 'split-swish': 'split-silu', 'split-exp': 'split-exponential',
  swish: 'silu', exp: 'exponential', mod: 'abs', modulus: 'abs', power: 'squared-modulus', 'softsign-complex': 'siglog',
};

const byId = new Map(activations.map((a) => [a.id, a]));

export function findActivation(id: string): Activation | undefined {
  return byId.get(id) ?? (Object.hasOwn(aliases, id) ? byId.get(aliases[id]!) : undefined);
}

/** The name under which users write activations of their own. */
export const EXPRESSION = 'expression';

/**
 * The activation of a node: by its catalog id, or the user's own where the name is `expression` (see catalog/expressions).
 * Undefined for a name that is not known. @throws ExpressionFault where the user's text is no activation.
 */
export function activationOf(name: string, parameters: Readonly<Record<string, ParameterValue>>): Activation | undefined {
  return name === EXPRESSION ? expressionActivation(parameters) : findActivation(name);
}

/**
 * Numbers (and texts of expressions) of an activation, over its defaults.
 * @throws Fault bad-input for what is not known from the text
 */
export function numbersOf(node: GraphNode, activation: Activation, given: GraphNode['parameters']): Record<string, number | string> {
  const out: Record<string, number | string> = { ...activation.parameters };
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'string' && (name === 'form' || name === 'expression')) out[name] = value;
    else if (!Object.hasOwn(activation.parameters, name)) continue;
    else if (typeof value === 'number' && Number.isFinite(value)) out[name] = value;
    else throw new Fault('bad-input', `${whereIs(node)}: the parameter ${name} of ${activation.label} is ${JSON.stringify(value)}, not a number known from the text.`, node.id);
  }
  return out;
}
