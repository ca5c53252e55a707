// Keeps one engine child alive and hands it one call at a time. Plain Node: knows no editor, no document and no method's meaning.
import { fork, type ChildProcess } from 'node:child_process';
import type { EngineMethods, NoMethods } from '../contract/engine.ts';
import { Fault } from '../contract/fault.ts';
import { Endpoint, PROTOCOL, type CallOptions, type Frame, type Line } from '../contract/rpc.ts';

export type EngineState = 'off' | 'starting' | 'idle' | 'busy' | 'broken';

/** Milliseconds. */
export interface Patience {
  hello: number;
  /** From a cancel to the kill. */
  cancel: number;
  idle: number;
  /** Waits before a restart: after the first crash in a row, the second, and all later ones. */
  restart: readonly number[];
  /** `crashes` within `window` mean broken. */
  window: number;
  crashes: number;
}

export const PATIENCE: Patience = { hello: 10_000, cancel: 1_500, idle: 300_000, restart: [200, 1_000, 5_000], window: 60_000, crashes: 3 };

/** More frames than this that cannot be read: the child is not ours, or confused. */
const STRANGE_FRAMES = 100;
/** Characters of the child's stderr kept for a fault's detail. */
const TAIL = 2_000;

export interface EngineLog {
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

export interface EngineOptions {
  /** The engine's bundle, and what it is told on its command line; asked at each start. */
  path: string;
  args(): string[];
  execArgv?: string[];
  log: EngineLog;
  onState(state: EngineState): void;
  patience?: Partial<Patience>;
}

export interface EngineCallOptions extends CallOptions {
  /** Calls of one document replace each other while they wait. */
  document?: string;
}

export interface Engine {
  readonly state: EngineState;
  /** Why it is broken, and the versions it told in its hello. */
  readonly broken: Fault | null;
  readonly detail: Readonly<Record<string, string>>;
  /** Ends in one result or one Fault. Starts the child where none runs. */
  call<K extends keyof EngineMethods & string>(method: K, query: EngineMethods[K][0], options?: EngineCallOptions): Promise<EngineMethods[K][1]>;
  /** Ends the child and forgets its crashes. The running call faults, waiting ones go on. */
  restart(): void;
  dispose(): void;
}

interface Job {
  method: keyof EngineMethods & string;
  query: unknown;
  options: EngineCallOptions;
  resolve(value: unknown): void;
  reject(fault: Fault): void;
}

interface Child {
  process: ChildProcess;
  endpoint: Endpoint<EngineMethods, NoMethods>;
  greeted: boolean;
  strange: number;
  tail: string;
  hello: NodeJS.Timeout;
}

const cancelled = (message = 'Cancelled.') => new Fault('cancelled', message);

export function superviseEngine(options: EngineOptions): Engine {
  const patience = { ...PATIENCE, ...options.patience };
  const { log } = options;
  const waiting: Job[] = [];
  let running: Job | null = null;
  let child: Child | null = null;
  let state: EngineState = 'off';
  let broken: Fault | null = null;
  let disposed = false;
  let detail: Record<string, string> = {};
  let crashes: number[] = [];
  let inARow = 0;
  let notBefore = 0;
  let startTimer: NodeJS.Timeout | undefined;
  let idleTimer: NodeJS.Timeout | undefined;

  function publish(): void {
    const now: EngineState = broken ? 'broken' : !child ? (startTimer ? 'starting' : 'off') : !child.greeted ? 'starting' : running ? 'busy' : 'idle';
    if (now === state) return;
    state = now;
    if (!disposed) options.onState(now);
  }

  function start(): void {
    const processOf = fork(options.path, options.args(), {
      serialization: 'advanced', silent: true, execArgv: options.execArgv ?? [], env: environment(),
    });
    const line: Line = {
      // A closed channel also ends in `exit` or `disconnect`, which fault the call: nothing is lost by not throwing here.
      post: (frame) => void processOf.send(frame, () => {}),
      listen(receive) {
        processOf.on('message', receive);
        return () => processOf.off('message', receive);
      },
    };
    const one: Child = {
      process: processOf, greeted: false, strange: 0, tail: '',
      endpoint: new Endpoint<EngineMethods, NoMethods>(line, {}, (frame) => greet(one, frame), (raw) => puzzle(one, raw)),
      hello: setTimeout(() => crash(one, new Fault('engine-lost', `The engine did not answer within ${patience.hello / 1000} s of its start. Run "Complex NTK: Show Log" to see why.`)), patience.hello),
    };
    child = one;
    for (const stream of ['stdout', 'stderr'] as const) {
      processOf[stream]?.setEncoding('utf8').on('data', (text: string) => {
        one.tail = (one.tail + text).slice(-TAIL);
        log.info(`engine ${stream}: ${text.trimEnd()}`);
      });
    }
    processOf.on('error', (e) => crash(one, new Fault('engine-lost', `The engine could not be started or reached: ${e.message}. Run "Complex NTK: Restart Engine"; if it happens again, "Show Log".`, undefined, e.stack)));
    processOf.on('exit', (code, signal) => crash(one, exitFault(code, signal, one.tail)));
    processOf.on('disconnect', () => {
      // An exit follows an ordinary disconnect and knows more; only a child that closes its line and lives on is ended here.
      setTimeout(() => crash(one, new Fault('engine-lost', 'The engine closed its line. Run the analysis again.')), 200).unref();
    });
    log.info(`engine: started, process ${processOf.pid ?? 'none'}`);
    publish();
  }

  function greet(one: Child, frame: Frame & { type: 'hello' }): void {
    if (child !== one) return;
    if (frame.protocol !== PROTOCOL) {
      return ruin(one, new Fault('protocol', `The engine speaks protocol ${frame.protocol}, and this window ${PROTOCOL}: the extension was updated under it. Run "Developer: Reload Window".`));
    }
    clearTimeout(one.hello);
    one.greeted = true;
    detail = { ...frame.detail };
    log.info(`engine: ready ${JSON.stringify(detail)}`);
    publish();
    advance();
  }

  function puzzle(one: Child, raw: unknown): void {
    if (child !== one) return;
    one.strange++;
    if (one.strange <= 3) log.warn(`engine: a message that is no frame, of type ${typeof raw}`);
    if (one.strange > STRANGE_FRAMES) crash(one, new Fault('protocol', 'The engine sends messages that cannot be read. Run "Developer: Reload Window"; if it happens again, reinstall the extension.'));
  }

  /** Takes the child away at once, whether it is dead already or not. */
  function drop(one: Child, fault: Fault): void {
    child = null;
    clearTimeout(one.hello);
    clearTimeout(idleTimer);
    if (one.process.exitCode === null && one.process.signalCode === null) one.process.kill('SIGKILL');
    one.endpoint.lose(fault);
  }

  /** An end nobody asked for. */
  function crash(one: Child, fault: Fault): void {
    if (child !== one) return;
    log.error(`engine: ${fault.message}${fault.detail ? `\n${fault.detail}` : ''}`);
    const now = Date.now();
    crashes = [...crashes.filter((time) => now - time < patience.window), now];
    if (crashes.length >= patience.crashes) {
      return ruin(one, new Fault('engine-lost', `The engine ended ${crashes.length} times within ${patience.window / 1000} s, the last time so: ${fault.message} It stays off until "Complex NTK: Restart Engine".`, undefined, fault.detail), fault);
    }
    notBefore = now + patience.restart[Math.min(inARow, patience.restart.length - 1)]!;
    inARow++;
    drop(one, fault);
    publish();
    advance();
  }

  function ruin(one: Child, fault: Fault, last = fault): void {
    broken = fault;
    drop(one, last);
    for (const job of waiting.splice(0)) job.reject(fault);
    publish();
  }

  function advance(): void {
    if (disposed || broken) return;
    clearTimeout(idleTimer);
    if (running) return;
    if (waiting.length === 0) {
      if (child?.greeted) {
        idleTimer = setTimeout(() => {
          log.info('engine: stopped after a time without work');
          if (child) drop(child, new Fault('engine-lost', 'The engine was stopped.'));
          publish();
        }, patience.idle);
        idleTimer.unref();
      }
      return;
    }
    if (!child) {
      const wait = notBefore - Date.now();
      if (wait <= 0) start();
      else startTimer ??= setTimeout(() => { startTimer = undefined; if (!child) advance(); publish(); }, wait);
      publish();
      return;
    }
    if (child.greeted) void run(child, waiting.shift()!);
  }

  async function run(one: Child, job: Job): Promise<void> {
    running = job;
    publish();
    const { signal, progress } = job.options;
    let killTimer: NodeJS.Timeout | undefined;
    const onAbort = () => {
      killTimer = setTimeout(() => {
        if (child !== one) return;
        log.warn(`engine: cancel not heard within ${patience.cancel} ms, ended`);
        drop(one, cancelled());
        publish();
      }, patience.cancel);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      job.resolve(await one.endpoint.call(job.method, job.query as never, { signal, progress }));
      inARow = 0;
    } catch (e) {
      const fault = Fault.from(e);
      job.reject(signal?.aborted ? cancelled() : fault);
    } finally {
      clearTimeout(killTimer);
      signal?.removeEventListener('abort', onAbort);
      running = null;
      publish();
      advance();
    }
  }

  return {
    get state() { return state; },
    get broken() { return broken; },
    get detail() { return detail; },
    call(method, query, callOptions = {}) {
      return new Promise((resolve, reject) => {
        const { signal, document } = callOptions;
        if (disposed) return reject(new Fault('engine-lost', 'The extension is shutting down.'));
        if (broken) return reject(broken);
        if (signal?.aborted) return reject(cancelled());
        const job: Job = { method, query, options: callOptions, resolve: resolve as Job['resolve'], reject };
        const leave = (fault: Fault) => {
          const at = waiting.indexOf(job);
          if (at < 0) return;
          waiting.splice(at, 1);
          reject(fault);
        };
        const older = document === undefined ? undefined : waiting.find((other) => other.options.document === document && other.method === method);
        if (older) {
          waiting.splice(waiting.indexOf(older), 1);
          older.reject(cancelled('Replaced by a newer query for the same file.'));
        }
        waiting.push(job);
        signal?.addEventListener('abort', () => leave(cancelled()), { once: true });
        advance();
      });
    },
    restart() {
      broken = null;
      crashes = [];
      inARow = 0;
      notBefore = 0;
      clearTimeout(startTimer);
      startTimer = undefined;
      log.info('engine: restart asked for');
      if (child) drop(child, new Fault('engine-lost', 'The engine was restarted. Run the analysis again.'));
      publish();
      advance();
    },
    dispose() {
      disposed = true;
      clearTimeout(startTimer);
      clearTimeout(idleTimer);
      const fault = new Fault('engine-lost', 'The extension is shutting down.');
      if (child) drop(child, fault);
      for (const job of waiting.splice(0)) job.reject(fault);
    },
  };
}

/** The editor's own switches for Node would reach the child: debugging ports, preloaded files. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, ...rest } = process.env;
  // Under desktop VS Code the running program is Electron, which is Node only when told so.
  return { ...rest, ELECTRON_RUN_AS_NODE: '1' };
}

function exitFault(code: number | null, signal: string | null, tail: string): Fault {
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
  const memory = signal === 'SIGKILL' || code === 137 || /out of memory|bad_alloc/i.test(tail) ? ' It may have run out of memory: take fewer samples or smaller widths.' : '';
  return new Fault('engine-lost', `The engine ${how} during its work.${memory} Run the analysis again; "Complex NTK: Show Log" tells more.`, undefined, tail || undefined);
}
