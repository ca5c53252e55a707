// One side of the benchmark as a process of its own: a JSON line each way for every request, matrices in files. Knows no kernel.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { FiniteSpecification } from './finite-works.ts';

export interface Inputs {
  /** Samples first; float64, for finite networks float32. Ours, and all of finite networks, hold the plane of real parts and then that of imaginary ones. */
  file: string;
  shape: number[];
}

/** What both sides are asked, and what they answer. */
export interface Requests {
  about: [object, { versions: Record<string, string> }];
  load: [{ network: object; inputs: Inputs; ways: string[] }, { idleBytes: number; tried: Tried[] }];
  /** Wall and processor time of one run. */
  run: [{ way: string }, { seconds: number; cpuSeconds: number }];
  write: [{ nngp: string; ntk: string }, { peakBytes: number }];
  /** Seconds of the product of `samples` rows of `features` real numbers (half as many complex ones) with themselves, by route. */
  gram: [{ samples: number; features: number }, Record<string, number>];
  /** Seconds of one entry of the split ReLU's dual with its derivatives, in one thread; ours alone. */
  entry: [object, { seconds: number }];
  /** A finite network with its weights (bench/finite-works.ts says how they lie in their file); no kernel is taken yet. */
  place: [{ network: FiniteSpecification; inputs: Inputs; weights: string; precision: 'float32' | 'float64' }, { idleBytes: number }];
  /** Writes the blocks rr (of a complex network rr, ri, ir, ii) of the last run as float64. */
  kernel_blocks: [{ file: string }, { peakBytes: number }];
  /** Writes the gradients of half the sum of |f|^2 as float64, laid out as the weights. */
  gradients: [{ file: string }, object];
}

export interface Tried {
  way: string;
  seconds: number;
  compileSeconds: number;
}

export interface Contestant {
  /** Rejects with the other side's reason where it could not do it, or was ended because it took longer than `patienceSeconds`. */
  ask<K extends keyof Requests>(what: K, request: Requests[K][0], patienceSeconds?: number): Promise<Requests[K][1]>;
  close(): Promise<void>;
}

/** A side that could not do a work; the run goes on without it. */
export class Failed extends Error {}

export function openContestant(command: string, args: string[]): Contestant {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let tail = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (tail = (tail + text).slice(-2000)));
  child.stdin.on('error', () => {}); // a side that died is heard as the end of its answers
  const over = new Promise<void>((resolve) => {
    child.once('error', (e) => { tail += e.message; resolve(); });
    child.once('close', () => resolve());
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(what, request, patienceSeconds) {
      child.stdin.write(`${JSON.stringify({ do: what, ...request })}\n`);
      let late = false;
      const timer = patienceSeconds === undefined ? undefined : setTimeout(() => { late = true; child.kill('SIGKILL'); }, 1000 * patienceSeconds);
      const { value, done } = await answers.next();
      clearTimeout(timer);
      if (late) throw new Failed(`it took over ${patienceSeconds} s`);
      if (done) {
        await over;
        const said = tail.trim().split('\n');
        throw new Failed(`it ended at "${what}": ${said.findLast((line) => /Error\b/.test(line)) ?? said.at(-1)}`);
      }
      const answer = JSON.parse(value as string) as { failed?: string };
      if (answer.failed !== undefined) throw new Failed(answer.failed);
      return answer as never;
    },
    async close() {
      child.stdin.end();
      await over;
    },
  };
}
