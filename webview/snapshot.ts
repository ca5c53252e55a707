// The snapshot that a report carries as text: JSON with typed arrays as base64. Knows no page.
import { Fault } from '../src/contract/fault.ts';
import type { PanelSnapshot } from '../src/contract/view.ts';

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The bytes of numbers of `size` bytes each, in this machine's order. A large kernel has tens of millions: no call for each. */
function numbers(base64: string, size: number): ArrayBuffer {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  if (bytes.length % size !== 0) throw new Error(`an array of ${bytes.length} bytes is not made of ${size}-byte numbers`);
  if (!LITTLE_ENDIAN) for (let i = 0; i < bytes.length; i += size) bytes.subarray(i, i + size).reverse();
  return bytes.buffer;
}

/** `{"$f64": base64}` and `{"$i32": base64}`, little endian, become arrays. */
function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { $f64, $i32 } = value as { $f64?: unknown; $i32?: unknown };
  if (typeof $f64 === 'string') return new Float64Array(numbers($f64, 8));
  if (typeof $i32 === 'string') return new Int32Array(numbers($i32, 4));
  return value;
}

/** @throws Fault bad-input for text that is no snapshot. */
export function readSnapshot(text: string): PanelSnapshot {
  try {
    const snapshot = JSON.parse(text, revive) as PanelSnapshot;
    if (typeof snapshot?.title !== 'string' || typeof snapshot.state !== 'string') throw new Error('title or state is missing');
    return snapshot;
  } catch (e) {
    throw new Fault('bad-input', `The data inside this report cannot be read (${(e as Error).message}). The file may have been cut off: make the report again.`);
  }
}

/** Equal by value, typed arrays included: the host sends whole snapshots, and an unchanged result need not be drawn again. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (ArrayBuffer.isView(a) || ArrayBuffer.isView(b) || Array.isArray(a) || Array.isArray(b)) {
    const [x, y] = [a as ArrayLike<unknown>, b as ArrayLike<unknown>];
    if (a.constructor !== b.constructor || x.length !== y.length) return false;
    // Kernels have millions of numbers, and are compared whenever progress arrives: a call for each only where it is needed.
    for (let i = 0; i < x.length; i++) if (!Object.is(x[i], y[i]) && !same(x[i], y[i])) return false;
    return true;
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((k) => Object.hasOwn(b, k) && same((a as Record<string, unknown>)[k], (b as Record<string, unknown>)[k]));
}
