// The standard deviations of a layer, each once: series are computed for them, not for samples. Knows no series.

/** The distinct standard deviations, and for each sample the index of its own. */
export function distinctOf(std: Float64Array): { stds: number[]; index: number[] } {
  const at = new Map<number, number>();
  const index = Array.from(std, (s) => at.get(s) ?? (at.set(s, at.size), at.size - 1));
  return { stds: [...at.keys()], index };
}
