// The time and depth a text may cost. Knows nothing of what is being read.

/** Thrown inside lang when the budget is spent; read.ts turns it into a problem. */
export class OutOfTime extends Error {}

/** Thrown when code nests or recurses deeper than is followed. */
export class TooDeep extends Error {}

export interface Budget {
  spent(): boolean;
  /** Called for each step; throws OutOfTime. */
  tick(): void;
  /** So many milliseconds from now on. */
  renew(milliseconds: number): void;
}

export function budgetOf(milliseconds: number): Budget {
  let end = performance.now() + milliseconds;
  let steps = 0;
  const spent = (): boolean => performance.now() >= end;
  return {
    spent,
    renew(more) { end = performance.now() + more; },
    tick() {
      // Reading the clock costs more than a step.
      if ((++steps & 255) === 0 && spent()) throw new OutOfTime();
    },
  };
}
