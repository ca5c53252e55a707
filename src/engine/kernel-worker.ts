// Entry of one worker thread of the pool: takes items of a job from a shared counter until none is left. Knows no other thread.
import { parentPort } from 'node:worker_threads';
import { Fault, type FaultValue } from '../contract/fault.ts';
import { itemsOf, openWork, type Job } from '../kernel/index.ts';

/** Places in the shared control array. */
export const CONTROL = { nextMeasure: 0, nextTile: 1, measured: 2, done: 3, stop: 4, length: 5 } as const;

/** What the pool sends. */
export interface Order {
  id: number;
  job: Job;
  control: Int32Array;
  /** Workers at this job: all of them finish measuring before the first tile. */
  workers: number;
}

/** What a worker answers, once an order. */
export interface Answer {
  id: number;
  fault: FaultValue | null;
}

function obey({ id, job, control, workers }: Order): Answer {
  try {
    const work = openWork(job);
    const { measure, tiles } = itemsOf(job);
    const stopped = () => Atomics.load(control, CONTROL.stop) !== 0;
    for (let i; !stopped() && (i = Atomics.add(control, CONTROL.nextMeasure, 1)) < measure; ) {
      work.measure(i);
      Atomics.add(control, CONTROL.done, 1);
    }
    Atomics.add(control, CONTROL.measured, 1);
    Atomics.notify(control, CONTROL.measured);
    for (let seen; !stopped() && (seen = Atomics.load(control, CONTROL.measured)) < workers; ) Atomics.wait(control, CONTROL.measured, seen, 50);
    for (let i; !stopped() && (i = Atomics.add(control, CONTROL.nextTile, 1)) < tiles; ) {
      work.tile(i);
      Atomics.add(control, CONTROL.done, 1);
    }
    return { id, fault: null };
  } catch (e) {
    Atomics.store(control, CONTROL.stop, 1);
    return { id, fault: Fault.from(e).toValue() };
  }
}

parentPort?.on('message', (order: Order) => parentPort!.postMessage(obey(order)));
