// Initialisers whose weight variance is far from the one that keeps the signal's variance through the activation before.
import { digits, type Rule } from './rule.ts';

/** Off by this factor, either way. */
const OFF = 2;

export const initialiser: Rule = ({ studies, layers }) => {
  // Equal numbers are told once, at the first layer, with the others named.
  const groups = new Map<string, { layers: string[]; has: number; needs: number; label: string; called: string }>();
  for (const map of studies.depth.value ?? []) {
    const needs = map.criticalWeightVariance.value;
    if (needs === null) continue;
    for (const id of map.next) {
      const given = layers.find((l) => l.id === id)?.initialisation;
      const has = given?.weightVariance ?? null;
      if (!given || has === null || has === 0 || Math.abs(Math.log(has / needs)) < Math.log(OFF)) continue;
      const called = given.source === 'setting' ? 'the variance set' : `${given.initialiser}${given.library === null ? '' : ` of ${given.library}`}`;
      const key = `${digits(has)} ${digits(needs)} ${map.label} ${called}`;
      const group = groups.get(key) ?? { layers: [], has, needs, label: map.label, called };
      group.layers.push(id);
      groups.set(key, group);
    }
  }
  return [...groups.values()].map(({ layers: ids, has, needs, label, called }) => ({
    code: 'initialiser-off-critical', severity: 'information' as const, layer: ids[0]!,
    message: `${ids.join(', ')}: ${called} gives fan_in E|w|^2 = ${digits(has)}; after ${label} ${digits(needs)} would keep the variance of the signal (here it ${has < needs ? 'falls' : 'grows'} by ${digits(has / needs)} a layer, but for biases).`,
  }));
};
