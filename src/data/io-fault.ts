// What the file system refused, as a fault with advice. Knows no file format.
import { Fault } from '../contract/fault.ts';

const ADVICE: Record<string, string> = {
  ENOENT: 'it does not exist; check the path',
  ENOTDIR: 'a part of the path is a file, not a folder; choose another path',
  EISDIR: 'it is a folder, not a file; name a file',
  EEXIST: 'something of that name is in the way; choose another path',
  EACCES: 'permission was denied; change the permissions or choose another place',
  EPERM: 'the operation is not permitted there; change the permissions or choose another place',
  EROFS: 'the file system is read-only; choose another place',
  ENOSPC: 'the disk is full; free some space or choose another place',
  EDQUOT: 'your disk quota is used up; free some space or choose another place',
  EFBIG: 'the file system does not allow files of this size; choose another place',
  ENAMETOOLONG: 'the path is too long; choose a shorter one',
  ELOOP: 'its symbolic links go in a circle; choose another path',
  EMFILE: 'too many files are open; try again',
  ENFILE: 'too many files are open; try again',
  EBUSY: 'another program holds it; close that program and try again',
};

/**
 * A file system error as a Fault that names the path; faults and aborts pass unchanged.
 * @param action what was tried, as in "read" or "write to".
 */
export function ioFault(e: unknown, action: string, path: string): Fault {
  if (e instanceof Fault || (e instanceof Error && e.name === 'AbortError')) return Fault.from(e);
  const code = (e as NodeJS.ErrnoException | null)?.code;
  if (code === 'ERR_INVALID_ARG_VALUE') return new Fault('io', `Could not ${action} ${JSON.stringify(path)}: a path has no null bytes; check it.`);
  if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) return Fault.from(e);
  const found = ADVICE[code] ?? `the system answered ${code}; choose another place`;
  return new Fault('io', `Could not ${action} ${path}: ${found}.`, undefined, (e as Error).message);
}

/** Throws the `cancelled` fault once the signal is aborted. */
export function checkCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Fault('cancelled', 'Cancelled.');
}
