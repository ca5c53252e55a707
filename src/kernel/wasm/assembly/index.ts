// The loops that the assembled module exports. Knows none of their insides.
export { gram, hermitianGram } from './gram';
export { arcCosine, splitArcCosine } from './arc-cosine';

/** First byte that the module does not use itself. */
export function heapBase(): usize {
  return __heap_base;
}
