// Recurrent layers: a sequence [times, features] in; its last state or all of them out.
import { positive, type LayerRule } from './layer.ts';

export const recurrent: LayerRule = {
  kinds: ['rnn'],
  output([input], p) {
    if (!input) return { shape: null };
    if (input.length !== 2) return { shape: null, mismatch: `it reads a sequence of shape [times, features], its input has shape [${input.join(', ')}]` };
    const [n, m] = [positive(p.inFeatures), positive(p.outFeatures)];
    const shape = m === null ? null : p.returns === 'sequence' ? [input[0]!, m] : [m];
    return n !== null && n !== input[1] ? { shape, mismatch: `it expects ${n} features, its input has ${input[1]}` } : { shape };
  },
  fanIn: (p) => positive(p.inFeatures),
  fans: (p) => [positive(p.inFeatures), positive(p.outFeatures)],
};
