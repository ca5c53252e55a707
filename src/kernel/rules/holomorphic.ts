// Backpropagation written as if every layer were holomorphic.
import { percent, type Rule } from './rule.ts';

export const holomorphic: Rule = ({ set, verdict }) => {
  const { value } = set.holomorphicGap;
  if (value === null || value <= verdict.tolerance) return [];
  return [{
    code: 'holomorphic-differs', severity: 'hint', layer: null,
    message: `Holomorphic backpropagation, which keeps df/dz and drops df/dzbar, would change the tangent kernel of this network by ${percent(value)}. Automatic differentiation in PyTorch, TensorFlow and JAX (without holomorphic=True) keeps both.`,
  }];
};
