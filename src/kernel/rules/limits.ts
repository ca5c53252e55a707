// Activations without an infinite-width limit, and activations that jump.
import { activationOf } from '../../catalog/activations/index.ts';
import type { Rule } from './rule.ts';

export const noLimit: Rule = ({ set }) => {
  const { missing } = set;
  if (!missing) return [];
  return [{ code: 'no-limit', severity: 'warning', layer: missing.layer, message: `${missing.nngp ?? missing.ntk}.` }];
};

export const jump: Rule = ({ network }) =>
  network.steps.flatMap(({ rule, node }) => {
    const activation = rule.kind === 'activation' || rule.kind === 'rnn' ? activationOf(rule.name, rule.parameters)! : null;
    return activation?.jumps
      ? [{ code: 'jump-activation', severity: 'information' as const, layer: node!.id, message: `${activation.label} jumps, and no gradient sees a jump: the kernel is that of its almost-everywhere derivative and need not govern training.` }]
      : [];
  });
