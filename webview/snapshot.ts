// The snapshot that a report carries as text: JSON with typed arrays as base64. Knows no page.
import { Fault } from '../src/contract/fault.ts';
import type { PanelSnapshot } from '../src/contract/view.ts';

function bytes(base64: string): DataView {
  const text = atob(base64);
  return new DataView(Uint8Array.from(text, (c) => c.charCodeAt(0)).buffer);
}

function whole(view: DataView, size: number): number {
  if (view.byteLength % size !== 0) throw new Error(`an array of ${view.byteLength} bytes is not made of ${size}-byte numbers`);
  return view.byteLength / size;
}

/** `{"$f64": base64}` and `{"$i32": base64}`, little endian, become arrays. */
function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { $f64, $i32 } = value as { $f64?: unknown; $i32?: unknown };
  if (typeof $f64 === 'string') {
    const view = bytes($f64);
    return Float64Array.from({ length: whole(view, 8) }, (_, i) => view.getFloat64(8 * i, true));
  }
  if (typeof $i32 === 'string') {
    const view = bytes($i32);
    return Int32Array.from({ length: whole(view, 4) }, (_, i) => view.getInt32(4 * i, true));
  }
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
    for (let i = 0; i < x.length; i++) if (!same(x[i], y[i])) return false;
    return true;
  }
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((k) => Object.hasOwn(b, k) && same((a as Record<string, unknown>)[k], (b as Record<string, unknown>)[k]));
}
