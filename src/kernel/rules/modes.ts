// Modes of the tangent kernel so slow that training will not reach them.
import { digits, type Rule } from './rule.ts';

/** Slowest over fastest time constant from which it is told. */
const SLOW = 1e4;

export const slowModes: Rule = ({ studies }) => {
  const { ntk } = studies.spectra;
  if (!ntk || ntk.fastest.value === null) return [];
  const found = (message: string) => [{ code: 'slow-modes', severity: 'information' as const, layer: null, message }];
  const { condition } = ntk;
  if (condition.value === null) {
    if (ntk.algorithm === 'lanczos') return [];
    return found(`The tangent kernel is singular within its error on these inputs (${condition.reason}): there are targets that training does not reach.`);
  }
  if (condition.value < SLOW) return [];
  return found(`The slowest mode of the tangent kernel trains ${digits(condition.value)} times more slowly than the fastest (time constants ${digits(ntk.slowest.value!)} and ${digits(ntk.fastest.value)}): what lies in it is not learnt in practice.`);
};
