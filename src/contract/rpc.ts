// The one messenger: typed calls over any line that carries structured clones (child process, webview, in-process tests).
// Knows no transport and no method. Every call ends in exactly one result or fault.
import { Fault, type FaultValue } from './fault.ts';
import type { FiniteTraining } from './finite.ts';

export const PROTOCOL = 1;

export interface Progress {
  /** 0..1, or null where the end is not known. */
  fraction: number | null;
  message: string;
  /** A part of the result as it stands: the curves of a training that goes on. */
  training?: FiniteTraining;
}

export type Frame =
  | { type: 'hello'; protocol: number; name: string; detail?: Record<string, string> }
  | { type: 'call'; id: number; method: string; query: unknown }
  | { type: 'progress'; id: number; progress: Progress }
  | { type: 'result'; id: number; value: unknown }
  | { type: 'fault'; id: number; fault: FaultValue }
  | { type: 'cancel'; id: number };

/** One end of a line. */
export interface Line {
  post(frame: Frame): void;
  /** Returns the function that stops listening. */
  listen(receive: (frame: unknown) => void): () => void;
}

/** A room's methods as `{ name: [query, result] }`; servers and clients are derived from it. */
export type Methods = Record<string, [query: unknown, result: unknown]>;

export interface CallContext {
  signal: AbortSignal;
  progress(p: Progress): void;
}

export type Server<M extends Methods> = { [K in keyof M]: (query: M[K][0], context: CallContext) => Promise<M[K][1]> | M[K][1] };

export interface CallOptions {
  signal?: AbortSignal;
  progress?: (p: Progress) => void;
}

export interface Client<M extends Methods> {
  call<K extends keyof M & string>(method: K, query: M[K][0], options?: CallOptions): Promise<M[K][1]>;
}

/** Checks the shape of a frame that came from outside; returns null for anything else. */
export function readFrame(raw: unknown): Frame | null {
  if (typeof raw !== 'object' || raw === null) return null;
  const f = raw as Record<string, unknown>;
  const hasId = Number.isSafeInteger(f.id) && (f.id as number) >= 0;
  switch (f.type) {
    case 'hello': return typeof f.protocol === 'number' && typeof f.name === 'string' ? (f as Frame) : null;
    case 'call': return hasId && typeof f.method === 'string' ? (f as Frame) : null;
    case 'progress': {
      const p = f.progress as Progress | undefined;
      return hasId && typeof p?.message === 'string' && (p.fraction === null || typeof p.fraction === 'number') ? (f as Frame) : null;
    }
    case 'result': return hasId ? (f as Frame) : null;
    case 'fault': return hasId && typeof (f.fault as FaultValue | undefined)?.message === 'string' ? (f as Frame) : null;
    case 'cancel': return hasId ? (f as Frame) : null;
    default: return null;
  }
}

/** An endpoint both calls and serves: `Theirs` are the methods it may call, `Ours` those it answers. */
export class Endpoint<Theirs extends Methods, Ours extends Methods> implements Client<Theirs> {
  private next = 1;
  private readonly waiting = new Map<number, { resolve(v: unknown): void; reject(e: Fault): void; progress?: (p: Progress) => void }>();
  private readonly serving = new Map<number, AbortController>();
  private readonly stop: () => void;
  private lost: Fault | null = null;

  /** @param hello called for each hello frame, before any call is answered. */
  constructor(
    private readonly line: Line,
    private readonly server: Server<Ours>,
    private readonly hello: (frame: Frame & { type: 'hello' }) => void = () => {},
    private readonly strange: (raw: unknown) => void = () => {},
  ) {
    this.stop = line.listen((raw) => this.receive(raw));
  }

  get openCalls(): number {
    return this.waiting.size;
  }

  greet(name: string, detail?: Record<string, string>): void {
    this.line.post({ type: 'hello', protocol: PROTOCOL, name, ...(detail ? { detail } : {}) });
  }

  call<K extends keyof Theirs & string>(method: K, query: Theirs[K][0], options: CallOptions = {}): Promise<Theirs[K][1]> {
    return new Promise((resolve, reject) => {
      if (this.lost) return reject(this.lost);
      if (options.signal?.aborted) return reject(new Fault('cancelled', 'Cancelled.'));
      const id = this.next++;
      const onAbort = () => this.line.post({ type: 'cancel', id });
      const end = () => options.signal?.removeEventListener('abort', onAbort);
      this.waiting.set(id, {
        resolve: (v) => { end(); resolve(v as Theirs[K][1]); },
        reject: (e) => { end(); reject(e); },
        progress: options.progress,
      });
      options.signal?.addEventListener('abort', onAbort, { once: true });
      try {
        this.line.post({ type: 'call', id, method, query });
      } catch (e) {
        this.settle(id)?.reject(new Fault('protocol', `The query for "${method}" could not be sent: ${(e as Error).message}`));
      }
    });
  }

  /** The line is gone: every open call faults, every call being served is aborted. */
  lose(fault: Fault): void {
    if (this.lost) return;
    this.lost = fault;
    this.stop();
    for (const id of [...this.waiting.keys()]) this.settle(id)!.reject(fault);
    for (const c of this.serving.values()) c.abort();
    this.serving.clear();
  }

  private settle(id: number) {
    const w = this.waiting.get(id);
    this.waiting.delete(id);
    return w;
  }

  private receive(raw: unknown): void {
    const frame = readFrame(raw);
    if (!frame) return this.strange(raw);
    switch (frame.type) {
      case 'hello': return this.hello(frame);
      case 'progress': return this.waiting.get(frame.id)?.progress?.(frame.progress);
      case 'result': return this.settle(frame.id)?.resolve(frame.value);
      case 'fault': return this.settle(frame.id)?.reject(Fault.fromValue(frame.fault));
      case 'cancel': return this.serving.get(frame.id)?.abort();
      case 'call': void this.serve(frame); return;
    }
  }

  private async serve(frame: Frame & { type: 'call' }): Promise<void> {
    const { id, method, query } = frame;
    if (this.serving.has(id)) return;
    const abort = new AbortController();
    this.serving.set(id, abort);
    let answer: Frame;
    try {
      const handler = Object.hasOwn(this.server, method) ? this.server[method as keyof Ours] : undefined;
      if (!handler) throw new Fault('protocol', `No method "${method}" here; the two sides are of different versions. Reload the window.`);
      const value = await handler(query as Ours[keyof Ours][0], {
        signal: abort.signal,
        progress: (progress) => { if (this.serving.get(id) === abort) this.line.post({ type: 'progress', id, progress }); },
      });
      answer = { type: 'result', id, value };
    } catch (e) {
      answer = { type: 'fault', id, fault: Fault.from(e).toValue() };
    }
    if (this.serving.get(id) !== abort) return; // the line was lost meanwhile
    this.serving.delete(id);
    try {
      this.line.post(answer);
    } catch (e) {
      // A value that cannot be cloned must still end the call.
      this.line.post({ type: 'fault', id, fault: Fault.from(e).toValue() });
    }
  }
}
