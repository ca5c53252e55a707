// The loops that the assembled module exports. Knows none of their insides.
export { arcCosine, splitArcCosine } from './arc-cosine';
export { erfDual, geluDual } from './erf-gelu';
export { gram, hermitianGram } from './gram';
export { chain, chainReal, correlate, weigh } from './planes';
export { seriesProducts } from './series';
export { tabulated, unfold } from './table';
export { poolPairs, sums, windowEqual, windowPairs, windowPlane } from './windows';

/** First byte that the module does not use itself. */
export function heapBase(): usize {
  return __heap_base;
}
