// Checks each query that comes from the panel, the least trusted side, before anything is done with it. Knows no editor API.
import { Fault } from '../contract/fault.ts';
import type { CallContext, Server } from '../contract/rpc.ts';
import type { HostMethods } from '../contract/view.ts';

const LONGEST_NAME = 1_000;
const LONGEST_COPY = 5_000_000;

type Check<Q> = (query: unknown) => Q;

const nothing: Check<null> = () => null;

/** An object with exactly these fields. */
function only<K extends string, V>(names: readonly K[], check: (value: unknown) => value is V): Check<Record<K, V>> {
  return (query) => {
    const fields: Record<string, unknown> = typeof query === 'object' && query !== null ? { ...query } : {};
    const wrong = names.find((name) => !check(fields[name]));
    if (wrong !== undefined) throw new Fault('protocol', `The panel sent a query without a proper "${wrong}". Close the panel and run "Complex NTK: Analyze NTK" again.`);
    if (Object.keys(fields).length > names.length) throw new Fault('protocol', `The panel sent a query with more than "${names.join('" and "')}". Close the panel and run "Complex NTK: Analyze NTK" again.`);
    return fields as Record<K, V>;
  };
}

const text = (longest: number) => (value: unknown): value is string => typeof value === 'string' && value.length <= longest;
const flag = (value: unknown): value is boolean => typeof value === 'boolean';

const checks: { [K in keyof HostMethods]: Check<HostMethods[K][0]> } = {
  ready: nothing,
  analyze: only(['finiteWidth', 'training'], flag),
  cancel: nothing,
  reveal: only(['layer'], text(LONGEST_NAME)),
  pickModel: only(['model'], text(LONGEST_NAME)),
  exportReport: nothing,
  copy: only(['text'], text(LONGEST_COPY)),
  showLog: nothing,
};

/** The same server, each of whose methods is reached by proper queries only. */
export function checked(server: Server<HostMethods>): Server<HostMethods> {
  const entries = Object.entries(server).map(([name, answer]) => {
    const check = checks[name as keyof HostMethods];
    return [name, (query: unknown, context: CallContext) => (answer as (q: unknown, c: CallContext) => unknown)(check(query), context)];
  });
  return Object.fromEntries(entries) as Server<HostMethods>;
}
