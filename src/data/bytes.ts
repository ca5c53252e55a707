// Bytes read by position, from an open file or from memory. Knows no format: a reader asks for the few bytes it needs.
import type { FileHandle } from 'node:fs/promises';
import { Fault } from '../contract/fault.ts';
import { ioFault } from './io-fault.ts';

export interface ByteSource {
  /** For messages: the path, or the path and the array inside it. */
  name: string;
  size: number;
  /** Exactly `length` bytes from `offset`; a Fault where the source is shorter. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export function fromFile(name: string, size: number, handle: FileHandle): ByteSource {
  return {
    name,
    size,
    async read(offset, length) {
      checkRange(name, size, offset, length);
      const out = new Uint8Array(length);
      let done = 0;
      try {
        while (done < length) {
          const { bytesRead } = await handle.read(out, done, length - done, offset + done);
          if (bytesRead === 0) throw new Fault('bad-input', `${name} became shorter while it was read. Try again when it is complete.`);
          done += bytesRead;
        }
      } catch (e) {
        throw ioFault(e, 'read', name);
      }
      return out;
    },
  };
}

export function fromMemory(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    async read(offset, length) {
      checkRange(name, bytes.length, offset, length);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** A part of another source under its own name. */
export function windowOf(source: ByteSource, name: string, start: number, size: number): ByteSource {
  return {
    name,
    size,
    read(offset, length) {
      checkRange(name, size, offset, length);
      return source.read(start + offset, length);
    },
  };
}

function checkRange(name: string, size: number, offset: number, length: number): void {
  if (offset + length <= size) return;
  throw new Fault('bad-input', `${name} is truncated: ${offset + length} bytes are needed and it has ${size}. Save it again.`);
}
