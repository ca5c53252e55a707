// stdout for results, stderr for progress and faults, exit codes, Ctrl-C. Knows no command.
import { Fault } from '../contract/fault.ts';
import type { CallContext, Progress } from '../contract/rpc.ts';

const interrupted = new AbortController();
const onInterrupt = () => {
  if (interrupted.signal.aborted) process.exit(130); // asked twice
  interrupted.abort();
};
process.once('SIGTERM', onInterrupt);
process.on('SIGINT', onInterrupt);
// A reader that closes early (head) is no fault of ours.
process.stderr.on('error', () => {});
process.stdout.on('error', (e: NodeJS.ErrnoException) => process.exit(e.code === 'EPIPE' ? 0 : 1));

/** A log gets a line of what goes on in steps this often. */
const LOG_MS = 5000;

let shown = false;
let lastMessage = '';
let lastStep = -Infinity;

function progress({ fraction, message, training }: Progress): void {
  if (process.stderr.isTTY) {
    const share = fraction === null ? '' : ` ${Math.round(100 * fraction)} %`;
    process.stderr.write(`\r\x1b[2K${message}${share}`);
    shown = true;
  } else if (message !== lastMessage) {
    // A log wants each stage once, and not each step of a training.
    const now = performance.now();
    if (training && now - lastStep < LOG_MS) return;
    if (training) lastStep = now;
    process.stderr.write(`${message}\n`);
  }
  lastMessage = message;
}

function clear(): void {
  if (shown) process.stderr.write('\r\x1b[2K');
  shown = false;
}

export const context: CallContext = { signal: interrupted.signal, progress };

/** Tells a long stage's progress in its own words: always to a terminal, every few seconds to a log. */
export function telling(describe: (fraction: number, seconds: number) => string): CallContext {
  const start = performance.now();
  let told = -Infinity;
  return {
    signal: interrupted.signal,
    progress({ fraction }) {
      const now = performance.now();
      if (!process.stderr.isTTY && now - told < LOG_MS) return;
      told = now;
      progress({ fraction, message: describe(fraction ?? 0, (now - start) / 1000) });
    },
  };
}

/** Lets the process end by itself: no listener of ours holds it. */
export function stopped(): void {
  clear();
  process.removeListener('SIGINT', onInterrupt);
  process.removeListener('SIGTERM', onInterrupt);
}

export function say(line: string): void {
  clear();
  process.stderr.write(`${line}\n`);
}

/** Writes a result; waits until the pipe has taken it, for a long result must not be cut. */
export function answer(text: string): Promise<void> {
  clear();
  return new Promise((resolve) => process.stdout.write(text.endsWith('\n') ? text : `${text}\n`, () => resolve()));
}

export function sayFault(e: unknown): void {
  const fault = Fault.from(e);
  const nothing = fault.kind === 'cancelled' && fault.message === 'Cancelled.';
  say(nothing ? 'complex-ntk: interrupted; nothing was written.' : `complex-ntk: ${fault.message}`);
  if (fault.kind === 'bug' && fault.detail) say(fault.detail);
}

export function exitCodeOf(e: unknown): number {
  const { kind } = Fault.from(e);
  if (kind === 'cancelled') return 130;
  return kind === 'bad-input' ? 2 : 1;
}
