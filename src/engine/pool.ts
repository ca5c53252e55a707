// Worker threads that share the items of a job over shared memory, so that this thread stays free for messages and cancel. Knows no kernel's formula.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { CallContext } from '../contract/rpc.ts';
import { Fault } from '../contract/fault.ts';
import { itemsOf, type Executor, type Job } from '../kernel/index.ts';
import type { Disk } from './disk.ts';
import { queueJobs } from './jobs.ts';
import { CONTROL, type Answer, type Order } from './kernel-worker.ts';

export interface Pool {
  threads: number;
  /** Runs jobs on the pool, one after the other in the order they came; progress covers `range` of the whole call. */
  executor(context: CallContext, message: string, range: readonly [number, number], disk?: Disk): Executor;
  /** After the jobs that came before. */
  close(): Promise<void>;
}

/** A Float64Array that threads share. */
export const sharedFloats = (length: number): Float64Array => new Float64Array(new SharedArrayBuffer(8 * length));

/** Beyond this many threads the memory they share is the limit. */
const MOST_THREADS = 16;
export const defaultThreads = (): number => Math.min(MOST_THREADS, availableParallelism());

const REPORT_MS = 80;

interface Hand {
  worker: Worker;
  /** The order it is at. */
  answer: ((a: Answer | { lost: Error }) => void) | null;
}

export function openPool(workerFile: string, threads: number): Pool {
  const hands: (Hand | null)[] = new Array<Hand | null>(threads).fill(null);
  const inTurn = queueJobs();

  const hire = (at: number): Hand => {
    const known = hands[at];
    if (known) return known;
    const worker = new Worker(workerFile);
    const hand: Hand = { worker, answer: null };
    const settle = (a: Answer | { lost: Error }) => {
      const { answer } = hand;
      hand.answer = null;
      worker.unref(); // an idle worker keeps no process alive
      answer?.(a);
    };
    worker.on('message', (a: Answer) => settle(a));
    const lose = (error: Error) => {
      if (hands[at] === hand) hands[at] = null;
      settle({ lost: error });
    };
    worker.on('error', lose);
    worker.on('messageerror', lose);
    worker.on('exit', (code) => lose(new Error(`a worker thread ended with code ${code}`)));
    worker.unref();
    hands[at] = hand;
    return hand;
  };

  const run = async (job: Job, context: CallContext, message: string, range: readonly [number, number], disk: Disk | null): Promise<void> => {
    const { measure, tiles } = itemsOf(job);
    const all = measure + tiles;
    const workers = Math.max(1, Math.min(threads, Math.max(measure, tiles)));
    const control = new Int32Array(new SharedArrayBuffer(4 * CONTROL.length));
    const stop = () => {
      Atomics.store(control, CONTROL.stop, 1);
      Atomics.notify(control, CONTROL.measured);
    };
    context.signal.addEventListener('abort', stop, { once: true });
    const timer = setInterval(() => {
      const done = Atomics.load(control, CONTROL.done);
      context.progress({ fraction: range[0] + (range[1] - range[0]) * (done / all), message });
    }, REPORT_MS);
    try {
      const answers = await Promise.all(Array.from({ length: workers }, (_, i) => new Promise<Answer | { lost: Error }>((resolve) => {
        const hand = hire(i);
        hand.answer = (a) => {
          // One that fails ends the others' work too.
          if ('lost' in a || a.fault) stop();
          resolve(a);
        };
        hand.worker.ref();
        hand.worker.postMessage({ job, disk, control, workers } satisfies Order);
      })));
      for (const a of answers) {
        if ('lost' in a) throw new Fault('engine-lost', `A worker thread of the engine ended in the middle of the computation (${a.lost.message}). Run it again; if it happens again, take fewer samples.`, undefined, a.lost.stack);
        if (a.fault) throw Fault.fromValue(a.fault);
      }
      if (context.signal.aborted) throw new Fault('cancelled', 'Cancelled.');
    } finally {
      clearInterval(timer);
      context.signal.removeEventListener('abort', stop);
    }
  };

  return {
    threads,
    executor: (context, message, range, disk) => (job) => inTurn(context.signal, () => run(job, context, message, range, disk ?? null)),
    close: () => inTurn(new AbortController().signal, async () => {
      await Promise.all(hands.map((h) => h?.worker.terminate()));
    }),
  };
}

let kept: { file: string; threads: number; pool: Pool } | null = null;

/** The pool of this process, warm between calls; null where there is no worker file (a run from sources). */
export function poolOf(workerFile: string | null, threads = defaultThreads()): Pool | null {
  if (workerFile === null) return null;
  if (kept && kept.file === workerFile && kept.threads === threads) return kept.pool;
  void kept?.pool.close();
  kept = { file: workerFile, threads, pool: openPool(workerFile, threads) };
  return kept.pool;
}
