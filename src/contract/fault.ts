// What our own side could not do, as a value that crosses process lines. A Problem is the user's model; a bug is an exception.

export const FAULT_KINDS = [
  'cancelled', 'bad-input', 'too-large', 'not-supported', 'protocol', 'io', 'engine-lost', 'bug',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultValue {
  kind: FaultKind;
  /** What was found, where, and what to do. */
  message: string;
  /** Id of the layer that causes it, where there is one. */
  layer?: string;
  /** For the log only. */
  detail?: string;
}

/** Thrown inside a room, sent as FaultValue between rooms. */
export class Fault extends Error {
  constructor(readonly kind: FaultKind, message: string, readonly layer?: string, readonly detail?: string) {
    super(message);
    this.name = 'Fault';
  }

  toValue(): FaultValue {
    const { kind, message, layer, detail } = this;
    return { kind, message, ...(layer === undefined ? {} : { layer }), ...(detail === undefined ? {} : { detail }) };
  }

  /** Any thrown thing as a fault: ours as it is, an abort as cancelled, the rest as a bug with its stack for the log. */
  static from(e: unknown): Fault {
    if (e instanceof Fault) return e;
    if (e instanceof Error && e.name === 'AbortError') return new Fault('cancelled', 'Cancelled.');
    const err = e instanceof Error ? e : new Error(String(e));
    return new Fault('bug', `Internal error: ${err.message}`, undefined, err.stack);
  }

  static fromValue(v: FaultValue): Fault {
    return new Fault(v.kind, v.message, v.layer, v.detail);
  }
}
