// Lets a long computation breathe: hears cancel, lets messages in and tells progress, every few milliseconds. Knows no kernel.
import type { CallContext } from '../contract/rpc.ts';
import { Fault } from '../contract/fault.ts';
import type { Pace } from '../kernel/index.ts';

/** Cancel is heard within this time, plus one tile. */
const BREATH_MS = 20;
const REPORT_MS = 80;

/**
 * @param work total work that will be reported
 * @param range the part of the whole call that this stage is, as fractions
 */
export function paceOf(context: CallContext, message: string, work: number, range: readonly [number, number]): Pace {
  let done = 0;
  let breath = performance.now();
  let report = -Infinity;
  return async (amount) => {
    done += amount;
    const now = performance.now();
    if (now - breath < BREATH_MS) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (context.signal.aborted) throw new Fault('cancelled', 'Cancelled.');
    breath = performance.now();
    if (breath - report < REPORT_MS) return;
    report = breath;
    context.progress({ fraction: range[0] + (range[1] - range[0]) * Math.min(1, done / work), message });
  };
}
