// Files written whole or not at all, one or several together. Knows no format.
import { randomUUID } from 'node:crypto';
import { copyFile, link, mkdir, open, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Fault } from '../contract/fault.ts';
import { checkCancelled, ioFault } from './io-fault.ts';

/** Bytes written between two looks at the abort signal. */
const CHUNK = 1 << 22;

/**
 * Writes one file: a temporary file in the same folder, flushed, then renamed over the target.
 * On an error or abort the target is as it was and no temporary file is left. Faults: io, cancelled.
 */
export async function writeWhole(path: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  await placeAll([[resolve(path), bytes]], signal);
}

/**
 * Writes several files into a folder, which is made where it does not exist. All are written in full beside their targets before
 * the first is renamed; when a later rename fails, the earlier ones are taken back. Faults: io, cancelled.
 * @returns the absolute paths, in the order of `files`.
 */
export async function writeSet(dir: string, files: Record<string, Uint8Array>, signal?: AbortSignal): Promise<string[]> {
  checkCancelled(signal);
  const folder = resolve(dir);
  let made: string | undefined;
  try {
    made = await makeFolder(folder);
  } catch (e) {
    throw ioFault(e, 'create the folder', folder);
  }
  const targets = Object.entries(files).map(([name, bytes]): [string, Uint8Array] => [join(folder, name), bytes]);
  try {
    await placeAll(targets, signal);
  } catch (e) {
    if (made !== undefined) await removeEmpty(folder, made);
    throw e;
  }
  return targets.map(([path]) => path);
}

/**
 * Makes a folder and those above it; returns the outermost one made. (Node's own recursive mkdir never returns on a file
 * system that answers "does not exist" for every new name, as /proc does.)
 */
async function makeFolder(path: string): Promise<string | undefined> {
  if (await isFolder(path)) return undefined;
  const parent = dirname(path);
  const outermost = parent === path ? undefined : await makeFolder(parent);
  try {
    await mkdir(path);
  } catch (e) {
    if (outermost !== undefined) await removeEmpty(parent, outermost);
    // Another program may have made it meanwhile.
    if (await isFolder(path)) return undefined;
    throw e;
  }
  return outermost ?? path;
}

/** Removes the folders that we made, innermost first, stopping at one that is in use. */
async function removeEmpty(innermost: string, outermost: string): Promise<void> {
  for (let at = innermost; at.length >= outermost.length; at = dirname(at)) {
    try {
      await rmdir(at);
    } catch {
      return;
    }
  }
}

async function placeAll(targets: [string, Uint8Array][], signal: AbortSignal | undefined): Promise<void> {
  const mark = randomUUID().slice(0, 8);
  const temporary = (path: string) => `${path}.${mark}.part`;
  const former = (path: string) => `${path}.${mark}.former`;
  const placed: string[] = [];
  let at = '';
  try {
    for (const [path, bytes] of targets) {
      checkCancelled(signal);
      at = path;
      if (await isFolder(path)) throw new Fault('io', `Could not write ${path}: a folder of that name is in the way. Remove it or choose another place.`);
      await writeFlushed(temporary(path), bytes, signal);
    }
    checkCancelled(signal);
    for (const [path] of targets) {
      at = path;
      if (targets.length > 1) await keepFormer(path, former(path));
      await rename(temporary(path), path);
      placed.push(path);
    }
  } catch (e) {
    for (const path of placed) {
      // Renaming the former file back also removes the new one; where there was none, the new one goes.
      await rename(former(path), path).catch(() => rm(path, { force: true }).catch(() => {}));
    }
    throw ioFault(e, 'write', at);
  } finally {
    for (const [path] of targets) {
      await rm(temporary(path), { force: true }).catch(() => {});
      await rm(former(path), { force: true }).catch(() => {});
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then((s) => s.isDirectory(), () => false);
}

/** A second name for an existing target, so that it can be taken back; a copy where the file system has no hard links. */
async function keepFormer(path: string, second: string): Promise<void> {
  try {
    await link(path, second);
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'ENOENT') return;
    await copyFile(path, second);
  }
}

async function writeFlushed(path: string, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    for (let at = 0; at < bytes.length;) {
      checkCancelled(signal);
      at += (await handle.write(bytes, at, Math.min(CHUNK, bytes.length - at))).bytesWritten;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}
