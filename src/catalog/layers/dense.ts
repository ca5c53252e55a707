// Dense layers: the last axis changes from inFeatures to outFeatures.
import { positive, type LayerRule } from './layer.ts';

export const dense: LayerRule = {
  kinds: ['dense'],
  output([input], p) {
    const [n, m] = [positive(p.inFeatures), positive(p.outFeatures)];
    if (!input) return { shape: n !== null && m !== null ? [m] : null };
    const last = input[input.length - 1]!;
    const shape = m === null ? null : [...input.slice(0, -1), m];
    return n !== null && n !== last ? { shape, mismatch: `it expects ${n} features, its input has ${last}` } : { shape };
  },
  fanIn: (p) => positive(p.inFeatures),
  fans: (p) => [positive(p.inFeatures), positive(p.outFeatures)],
};
