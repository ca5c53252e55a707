// Activations without an infinite-width limit, and activations that jump.
import type { Rule } from './rule.ts';

export const noLimit: Rule = ({ set }) => {
  const missing = set.network.missing;
  if (!missing) return [];
  return [{ code: 'no-limit', severity: 'warning', layer: missing.layer, message: `${missing.nngp ?? missing.ntk}.` }];
};

export const jump: Rule = ({ chain }) =>
  chain.steps.flatMap((s) =>
    s.kind === 'activation' && s.activation.jumps
      ? [{ code: 'jump-activation', severity: 'information' as const, layer: s.node.id, message: `${s.activation.label} jumps, and no gradient sees a jump: the kernel is that of its almost-everywhere derivative and need not govern training.` }]
      : [],
  );
