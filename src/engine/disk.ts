// Kernels written to a folder tile by tile, so that an interrupted run goes on from its finished tiles. Knows no formula and no thread.
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statfsSync, writeFileSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Fault } from '../contract/fault.ts';
import type { KernelName } from '../contract/result.ts';
import { createNpyMatrix, describeNpyMatrix, ioFault, npyMatrixBytes, openNpyMatrix, type NpyMatrix } from '../data/index.ts';
import { itemsOf, statisticsOf, type Job, type TileHooks } from '../kernel/index.ts';

const PROGRESS = '.complex-ntk-progress';
/** Bytes before the first record: the run that they belong to, as padded text. */
const HEAD = 256;

/** What each thread is told: plain data. */
export interface Disk {
  folder: string;
  progress: string;
  matrices: Partial<Record<KernelName, NpyMatrix>>;
  /** One byte a tile, 1 where it is on the disk; shared by the threads. */
  done: Uint8Array;
}

/** A finished tile's record: 1, then its statistics. A record that was not written is zeros. */
const recordLength = (job: Job): number => 1 + statisticsOf(job, 0).length;

/** A thread's hands on the files. */
export interface DiskHands extends TileHooks {
  close(): void;
}

export function openDisk(disk: Disk, job: Job): DiskHands {
  const writers = Object.fromEntries(Object.entries(disk.matrices).map(([name, m]) => [name, openNpyMatrix(m)]));
  const progress = openSync(disk.progress, 'r+');
  const record = new Float64Array(recordLength(job));
  return {
    sink: (name, rows, columns, { re, im }) => writers[name]!.write(rows, columns, re, im),
    isDone: (tile) => disk.done[tile] === 1,
    finished(tile) {
      record[0] = 1;
      record.set(statisticsOf(job, tile), 1);
      writeSync(progress, new Uint8Array(record.buffer), 0, record.byteLength, HEAD + tile * record.byteLength);
      disk.done[tile] = 1;
    },
    close() {
      for (const w of Object.values(writers)) w.close();
      closeSync(progress);
    },
  };
}

export interface DiskRun {
  disk: Disk;
  /** Tiles that an earlier run left finished; their statistics are back in the job. */
  resumed: number;
  tiles: number;
  /** Gives the files their names. */
  finish(): string[];
}

/**
 * Makes the folder and its files at full size, or finds those of an interrupted run.
 * @param run what the files belong to; another run's unfinished files are refused unless `fresh`
 * @throws Fault too-large where the disk has not the room, io
 */
export function prepareDisk(folder: string, job: Job, names: Record<string, KernelName>, complex: boolean, run: string, fresh: boolean): DiskRun {
  const dir = resolve(folder);
  const tiles = itemsOf(job).tiles;
  const n = job.inputs.samples;
  const progress = join(dir, PROGRESS);
  const matrices: Partial<Record<KernelName, NpyMatrix>> = {};
  for (const [array, name] of Object.entries(names)) matrices[name] = describeNpyMatrix(join(dir, `${array}.npy.part`), n, complex);
  const disk: Disk = { folder: dir, progress, matrices, done: new Uint8Array(new SharedArrayBuffer(Math.max(1, tiles))) };
  let made: string | undefined;
  try {
    made = mkdirSync(dir, { recursive: true });
    if (fresh && existsSync(progress)) clear(dir);
    const resumed = existsSync(progress) ? goOn(disk, job, tiles, run, dir) : start(disk, job, tiles, run, dir);
    return {
      disk, resumed, tiles,
      finish() {
        const written = Object.values(matrices).map(({ path }) => {
          const final = path.slice(0, -'.part'.length);
          renameSync(path, final);
          return final;
        });
        rmSync(progress, { force: true });
        return written;
      },
    };
  } catch (e) {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
    throw ioFault(e, 'write to', dir);
  }
}

/** Removes an unfinished run, whichever kernels it was to have. */
function clear(dir: string): void {
  for (const name of readdirSync(dir)) if (name === PROGRESS || /^\w+\.npy\.part$/.test(name)) rmSync(join(dir, name));
}

function start(disk: Disk, job: Job, tiles: number, run: string, dir: string): number {
  const needed = Object.values(disk.matrices).reduce((sum, m) => sum + npyMatrixBytes(m), 0) + tiles * 8 * recordLength(job);
  const { bavail, bsize } = statfsSync(dir);
  const giga = (x: number) => `${(x / 2 ** 30).toFixed(2)} GB`;
  if (needed > bavail * bsize) {
    throw new Fault('too-large', `The kernels of ${job.inputs.samples} samples take ${giga(needed)} on disk, and ${dir} has ${giga(bavail * bsize)} free. Free some space, choose another place (--out), or ask for fewer kernels (--only ntk).`);
  }
  for (const m of Object.values(disk.matrices)) createNpyMatrix(m);
  const bytes = new Uint8Array(HEAD + tiles * 8 * recordLength(job));
  new TextEncoder().encodeInto(`complex-ntk 1 ${run}`.padEnd(HEAD - 1) + '\n', bytes);
  writeFileSync(disk.progress, bytes);
  return 0;
}

function goOn(disk: Disk, job: Job, tiles: number, run: string, dir: string): number {
  const bytes = readFileSync(disk.progress);
  const length = recordLength(job);
  const mine = bytes.length === HEAD + tiles * 8 * length && bytes.subarray(0, HEAD).toString('latin1').trimEnd() === `complex-ntk 1 ${run}`;
  if (!mine || Object.values(disk.matrices).some(({ path }) => !existsSync(path))) {
    throw new Fault('bad-input', `${dir} holds an unfinished run of other inputs or options. Run that one to its end, choose another folder, or start anew with --fresh.`);
  }
  const records = new Float64Array(bytes.buffer.slice(bytes.byteOffset + HEAD, bytes.byteOffset + bytes.length));
  let resumed = 0;
  for (let t = 0; t < tiles; t++) {
    if (records[t * length] !== 1) continue;
    statisticsOf(job, t).set(records.subarray(t * length + 1, (t + 1) * length));
    disk.done[t] = 1;
    resumed++;
  }
  return resumed;
}
