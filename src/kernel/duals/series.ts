// Orthogonal series of one function at many standard deviations: coefficients computed when first asked, longer only where a pair needs it.

/** Coefficients of f(std x) in orthonormal polynomials, and what they leave out. */
export interface Coefficients {
  c: Float64Array;
  /** E f^2. */
  square: number;
  /** Sum of squares beyond the last coefficient, and what rounding hides of it. */
  tail: number;
}

/** `square` minus the sum of squares; never below what rounding hides. */
export function withTail(c: Float64Array, square: number): Coefficients {
  let sum = 0;
  for (let n = 0; n < c.length; n++) sum += c[n]! * c[n]!;
  return { c, square, tail: Math.max(square - sum, 0) + 1e-15 * square };
}

/** A series whose tail is below this is taken; anything else goes to the panels. */
const TOLERANCE = 1e-12;

/** Coefficients by standard deviation (an index) and by rung: each rung is a longer list. */
export type Ladder = (std: number, rung: number) => Coefficients;

export function ladder(orders: readonly number[], stds: readonly number[], compute: (std: number, order: number) => Coefficients): Ladder {
  const known = stds.map((): Coefficients[] => []);
  return (s, rung) => (known[s]![rung] ??= compute(stds[s]!, orders[rung]!));
}

/**
 * The first rung whose tails are short enough for a pair of standard deviations s, t, or -1.
 * @param ratio what one more term costs: the modulus of the correlation, or its square
 * @returns the rung, and in `tail` the largest relative tail there
 */
export function rungFor(ladders: readonly Ladder[], orders: readonly number[], s: number, t: number, ratio: number, found: { tail: number }): number {
  for (let rung = 0; rung < orders.length; rung++) {
    const reach = ratio ** orders[rung]!;
    let worst = 0;
    for (const l of ladders) {
      const [u, v] = [l(s, rung), l(t, rung)];
      if (u.square > 0 && v.square > 0) worst = Math.max(worst, reach * Math.sqrt((u.tail / u.square) * (v.tail / v.square)));
    }
    if (worst <= TOLERANCE) {
      found.tail = worst;
      return rung;
    }
  }
  return -1;
}

/** The distinct standard deviations, and for each sample the index of its own. */
export function distinctOf(std: Float64Array): { stds: number[]; index: number[] } {
  const at = new Map<number, number>();
  const index = Array.from(std, (s) => at.get(s) ?? (at.set(s, at.size), at.size - 1));
  return { stds: [...at.keys()], index };
}
