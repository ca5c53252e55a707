// Held-out samples that the real twin names as well as the complex network.
import { toldApart } from '../verdict.ts';
import type { Rule } from './rule.ts';

const points = (x: number): string => (100 * x).toFixed(1);

export const twinAsGood: Rule = ({ studies }) => {
  const r = studies.regression.value;
  if (!r || r.advantage.value === null) return [];
  const twin = r.scores.find((s) => s.kernel === 'twinNtk' && s.targets === 'one-hot')!.accuracy;
  // Where the twin does not beat chance there is nothing to be as good as.
  if (twin.value === null || twin.value - r.chance <= 2 * (twin.error ?? 0)) return [];
  if (toldApart(r.advantage) && r.advantage.value > 0) return [];
  const difference = `${points(r.advantage.value)} ± ${points(r.advantage.error ?? 0)} points`;
  return [{
    code: 'twin-as-good', severity: 'information', layer: null,
    message: `On held-out samples of these inputs kernel regression with the real twin (${points(twin.value)} %) does as well as with the complex network's NTK (difference ${difference} over ${r.splits} splits): a real network of this kind may do.`,
  }];
};
