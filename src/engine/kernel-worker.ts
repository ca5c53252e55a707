// Entry of one worker thread of the pool: takes items of a job from a shared counter until none is left. Knows no other thread.
import { parentPort } from 'node:worker_threads';
import { Fault, type FaultValue } from '../contract/fault.ts';
import { ioFault } from '../data/index.ts';
import { workThrough, type Job } from '../kernel/index.ts';
import { openDisk, type Disk } from './disk.ts';

/** Places in the shared control array. */
export const CONTROL = { nextMeasure: 0, nextTile: 1, measured: 2, done: 3, stop: 4, length: 5 } as const;

/** What the pool sends. */
export interface Order {
  job: Job;
  /** Where finished tiles go; null: into the job's matrices. */
  disk: Disk | null;
  control: Int32Array;
  /** Workers at this job: all of them finish measuring before the first tile. */
  workers: number;
}

/** What a worker answers, once an order. */
export interface Answer {
  fault: FaultValue | null;
}

function obey({ job, disk, control, workers }: Order): Answer {
  try {
    const stopped = () => Atomics.load(control, CONTROL.stop) !== 0;
    const next = (phase: 'measure' | 'tile') => (stopped() ? Infinity : Atomics.add(control, phase === 'measure' ? CONTROL.nextMeasure : CONTROL.nextTile, 1));
    // All standard deviations are known before the first tile.
    const barrier = () => {
      Atomics.add(control, CONTROL.measured, 1);
      Atomics.notify(control, CONTROL.measured);
      for (let seen; !stopped() && (seen = Atomics.load(control, CONTROL.measured)) < workers; ) Atomics.wait(control, CONTROL.measured, seen, 50);
    };
    const hands = disk && openDisk(disk, job);
    try {
      for (const _ of workThrough(job, hands ?? {}, next, barrier)) Atomics.add(control, CONTROL.done, 1);
    } finally {
      hands?.close();
    }
    return { fault: null };
  } catch (e) {
    Atomics.store(control, CONTROL.stop, 1);
    Atomics.notify(control, CONTROL.measured);
    return { fault: (disk ? ioFault(e, 'write to', disk.folder) : Fault.from(e)).toValue() };
  }
}

parentPort?.on('message', (order: Order) => parentPort!.postMessage(obey(order)));
