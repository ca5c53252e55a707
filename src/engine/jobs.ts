// One job at a time, in the order they came. Knows no method: the numeric backends hold state that two jobs must not share.
import { Fault } from '../contract/fault.ts';

/** Runs each job after all earlier ones. A job cancelled while it waits ends at once as a `cancelled` fault and never starts. */
export function queueJobs(): <T>(signal: AbortSignal, work: () => Promise<T> | T) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (signal, work) => {
    const turn = last;
    const job = (async () => {
      await heard(turn, signal);
      return work();
    })();
    // The next job waits for this one's end however it ended, and for the earlier ones where this one left the queue early.
    // It keeps no result: those are large.
    last = Promise.allSettled([turn, job]).then(() => undefined);
    return job;
  };
}

/** Waits for the turn or for the cancel, whichever is first. */
function heard(turn: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(new Fault('cancelled', 'Cancelled.'));
    if (signal.aborted) return leave();
    signal.addEventListener('abort', leave, { once: true });
    void turn.then(() => {
      signal.removeEventListener('abort', leave);
      resolve();
    });
  });
}
