// Signals that die out or blow up through the depth of the network under its initialisation.
import type { LayerReport } from '../../contract/result.ts';
import { percent, type Rule } from './rule.ts';

/** A network whose last preactivation has under 5 % or over 20 times the variance of its first is far from criticality. */
const FLOOR = 0.05;
const CEILING = 20;

export const variance: Rule = ({ layers }) => {
  const dense = layers.filter((l) => l.kind === 'dense' && l.variance.value !== null);
  const first = dense[0];
  const last = dense.at(-1);
  if (!first || !last || first === last || first.variance.value === 0) return [];
  const ratio = last.variance.value! / first.variance.value!;
  if (ratio >= FLOOR && ratio <= CEILING) return [];
  const vanishes = ratio < FLOOR;
  const lead = vanishes
    ? `The signal dies out: ${last.id}'s variance is ${percent(ratio)} of ${first.id}'s.`
    : `The signal blows up: ${last.id}'s variance is ${ratio.toPrecision(3)} times ${first.id}'s.`;
  return [{ code: vanishes ? 'variance-vanishes' : 'variance-explodes', severity: 'warning', layer: last.id, message: `${lead} ${advice(layers, dense)}` }];
};

/** Names the weighted layer that is farthest from keeping the variance, and the fan_in E|w|^2 that would keep it. */
function advice(layers: LayerReport[], dense: LayerReport[]): string {
  let worst: { layer: LayerReport; has: number; needs: number } | null = null;
  for (const [at, layer] of dense.entries()) {
    if (at === 0) continue;
    const between = layers.slice(layers.indexOf(dense[at - 1]!), layers.indexOf(layer));
    const needs = between.find((l) => l.activation)?.activation?.criticalWeightVariance.value ?? 1;
    const has = layer.initialisation?.weightVariance ?? needs;
    const off = (x: { has: number; needs: number }) => Math.abs(Math.log(x.has / x.needs));
    if (!worst || off({ has, needs }) > off(worst)) worst = { layer, has, needs };
  }
  return worst ? `${worst.layer.id} starts with fan_in E|w|^2 = ${worst.has.toPrecision(3)}; ${worst.needs.toPrecision(3)} keeps the variance through the activation before it.` : '';
}
