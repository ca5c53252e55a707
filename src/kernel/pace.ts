// How long loops let others breathe: progress and cancel come in here, so that kernels know no clock and no process.

/** Called between tiles with the work done since the last call (any unit); may wait, and throws when cancelled. */
export type Pace = (work: number) => Promise<void>;

export const unhurried: Pace = async () => {};
