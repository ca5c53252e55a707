// The table behind src/catalog/gains.json, computed by the kernel. Knows no file.
import { activations, findActivation } from '../src/catalog/activations/index.ts';
import { gainKey, type Gain } from '../src/catalog/gains.ts';
import { everyLibrary } from '../src/catalog/libraries/index.ts';
import { dualAt } from '../src/kernel/index.ts';

/** Values that people write in models, by the parameter's name. */
const COMMON: Record<string, number[]> = {
  bias: [-1, -0.9, -0.8, -0.75, -0.7, -0.6, -0.5, -0.4, -0.3, -0.25, -0.2, -0.15, -0.1, -0.05, -0.02, -0.01, 0, 0.01, 0.05, 0.1, 0.2, 0.5, 1],
  slope: [0, 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.3, 0.5],
  alpha: [0.1, 0.2, 0.5, 1, 2],
  threshold: [0.1, 0.125, 0.2, 0.25, 0.5, 1],
  beta: [0.5, 1, 2],
};

/** Parameter sets worth a row: the catalog's defaults, common values, and those that the libraries start with. */
function parameterSets(): { id: string; parameters: Record<string, number> }[] {
  const own = activations.map((a) => ({ id: a.id, parameters: a.parameters }));
  const theirs = everyLibrary.flatMap((l) => l.spellings).flatMap((s) => {
    const activation = s.activation === undefined ? undefined : findActivation(s.activation);
    if (!activation || !s.parameters) return [];
    const given = Object.entries(s.parameters).flatMap(([name, { default: value }]) => (typeof value === 'number' ? [[name, value] as const] : []));
    return [{ id: activation.id, parameters: { ...activation.parameters, ...Object.fromEntries(given.filter(([name]) => Object.hasOwn(activation.parameters, name))) } }];
  });
  const common = own.flatMap(({ id, parameters }) => Object.keys(parameters).flatMap((name) =>
    (id === 'sector-relu' ? [] : (COMMON[name] ?? [])).map((value) => ({ id, parameters: { ...parameters, [name]: value } }))));
  return [...own, ...common, ...theirs];
}

export function tabulatedGains(): Record<string, Gain> {
  const out: Record<string, Gain> = {};
  for (const { id, parameters } of parameterSets()) {
    const activation = findActivation(id)!;
    if (activation.limit(parameters).exists === 'none') continue;
    const { S, A, B, method, error } = dualAt(activation, parameters, [1, 1], [1, 0]);
    out[gainKey(id, parameters)] = { gain: S[0], derivativeGain: A && B ? A[0] + B[0] : null, method, error };
  }
  return Object.fromEntries(Object.entries(out).sort(([a], [b]) => (a < b ? -1 : 1)));
}
