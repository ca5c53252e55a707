// Layers of sequences [times, features]: recurrent ones, attention, and the embedding that makes one. Knows no cell and no score.
import { positive, type LayerRule, type Parameters, type Shape, type ShapeOutcome } from './layer.ts';

/** Checks the input; `after` gives the output's shape from the number of times and of features. */
function reads(input: Shape | undefined, p: Parameters, after: (times: number, features: number) => number[]): ShapeOutcome {
  if (!input) return { shape: null };
  if (input.length !== 2) return { shape: null, mismatch: `it reads a sequence of shape [times, features], its input has shape [${input.join(', ')}]` };
  const [n, m] = [positive(p.inFeatures), positive(p.outFeatures)];
  const shape = m === null ? null : after(input[0]!, m);
  return n !== null && n !== input[1] ? { shape, mismatch: `it expects ${n} features, its input has ${input[1]}` } : { shape };
}

export const recurrent: LayerRule = {
  kinds: ['rnn'],
  output: ([input], p) => reads(input, p, (times, m) => (p.returns === 'sequence' ? [times, m] : [m])),
  fanIn: (p) => positive(p.inFeatures),
  fans: (p) => [positive(p.inFeatures), positive(p.outFeatures)],
};

export const attention: LayerRule = {
  kinds: ['attention'],
  output([input], p) {
    const [m, heads] = [positive(p.outFeatures), positive(p.heads)];
    if (m !== null && heads !== null && m % heads !== 0) return { shape: null, mismatch: `its ${heads} heads do not divide ${m} features` };
    return reads(input, p, (times, all) => [times, all]);
  },
  fanIn: (p) => positive(p.inFeatures),
  // The projections to queries, keys and values are one weight.
  fans(p) {
    const [n, m] = [positive(p.inFeatures), positive(p.outFeatures)];
    return [n, m && 3 * m];
  },
};

export const embedding: LayerRule = {
  kinds: ['embedding'],
  output([input], p) {
    const m = positive(p.outFeatures);
    return { shape: input && m !== null ? [...input, m] : null };
  },
  // A row is looked up: one weight for each output.
  fanIn: () => 1,
  fans: (p) => [1, positive(p.outFeatures)],
};
