// `kernel`: the kernels of a network on given inputs, as numpy arrays: one .npz, or for large ones a folder of .npy that is filled tile by tile.
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { Command } from 'commander';
import { MEMORY_LIMIT_MB } from '../../contract/engine.ts';
import { canonicalModel } from '../../contract/canonical.ts';
import type { Definitions } from '../../catalog/expressions/definitions.ts';
import { Fault } from '../../contract/fault.ts';
import type { InputSet } from '../../contract/inputs.ts';
import { KERNEL_NAMES, type KernelName } from '../../contract/result.ts';
import { loadInputs, writeNpz } from '../../data/index.ts';
import { prepareDisk, openDisk, type DiskRun } from '../../engine/disk.ts';
import { checkMemory } from '../../engine/limits.ts';
import { paceOf } from '../../engine/pace.ts';
import { defaultThreads, poolOf, sharedFloats } from '../../engine/pool.ts';
import { compileNetwork, inThisThread, itemsOf, kernelSet, kernelsOf, newJob, tilesDone, type Executor, type Job, type KernelSet, type Network } from '../../kernel/index.ts';
import { ARRAY_NAMES, kernelArrays } from '../../report/index.ts';
import { pickModel, readModelFile } from '../model-file.ts';
import { count, definition, someOf } from '../options.ts';
import { environment, productVersion } from '../place.ts';
import { context, say, telling } from '../terminal.ts';

/** Above this many bytes a result goes to a folder, matrix by matrix. */
const MOST_NPZ_BYTES = 2 ** 30;

interface Options {
  inputs: string;
  out: string;
  model?: string;
  activation: Definitions;
  only?: string[];
  memoryLimit: number;
  threads: number;
  fresh?: boolean;
}

const NAMES = Object.fromEntries(KERNEL_NAMES.map((name) => [ARRAY_NAMES[name], name])) as Record<string, KernelName>;

export function kernelCommand(): Command {
  return new Command('kernel')
    .description('NNGP, NTK, those of the real twin and the NTK of holomorphic backpropagation, as numpy arrays.')
    .argument('<file>', '*.ntk.json, *.ntk.yaml, a Keras model as JSON, or a Python file or notebook; it is read, never run')
    .requiredOption('--inputs <file>', '.npy, .npz or .csv: samples first')
    .requiredOption('--out <path>', 'the .npz to write, or a folder (name/) for one .npy a matrix')
    .option('--model <name>', 'which model of the file')
    .option('--activation <NAME=EXPRESSION>', 'what a class is that could not be read: MyAct=tanh(r), of x, r or z; may be given several times', definition, {})
    .option('--only <names>', `of ${Object.keys(NAMES).join(', ')}`, someOf(Object.keys(NAMES)))
    .option('--threads <n>', 'worker threads', count, defaultThreads())
    .option('--memory-limit <MB>', 'refuse what would take more', count, MEMORY_LIMIT_MB)
    .option('--fresh', 'start anew in a folder that holds an unfinished run')
    .action(run);
}

async function run(file: string, o: Options): Promise<void> {
  const graph = pickModel(file, await readModelFile(file, o.activation), o.model);
  const overrides = { weightVariance: null, biasVariance: null };
  if (graph.inputShape) compileNetwork(graph, overrides, graph.inputShape);
  const memoryBytes = o.memoryLimit * 2 ** 20;
  const inputs = await loadInputs({ kind: 'file', path: o.inputs, samples: null, shape: null, normalise: 'none' }, graph, { memoryBytes }, context.signal);
  const network = compileNetwork(graph, overrides, inputs.shape);
  const kernels = (o.only ?? Object.keys(NAMES)).map((name) => NAMES[name]!);
  const folder = isFolder(o.out);
  const bytes = kernels.length * 16 * inputs.samples ** 2;
  if (!folder && bytes > MOST_NPZ_BYTES) {
    throw new Fault('too-large', `${kernels.length} kernels of ${inputs.samples} samples are ${(bytes / 2 ** 30).toFixed(1)} GB, too much for one .npz. Give a folder, --out ${o.out.replace(/\.npz$/, '')}/, and only what you need (--only ntk).`);
  }
  checkMemory(network, inputs.samples, folder ? 0 : kernels.length, o.threads, memoryBytes, folder ? 'folder' : 'archive');
  const set = folder
    ? await toFolder(network, inputs, kernels, o, createHash('sha256').update(canonicalModel(graph)))
    : await kernelsOf(network, inputs, { kernels, make: sharedFloats, execute: executorOf(inputs, o, null) });
  for (const name of KERNEL_NAMES) {
    const { matrix, reason, method, error } = set.kernels[name];
    if (matrix || error !== null) say(`${ARRAY_NAMES[name]}: ${method}, error at most ${error!.toExponential(1)} of its largest entry`);
    else if (kernels.includes(name)) say(`${ARRAY_NAMES[name]}: none, ${reason}`);
  }
  if (folder) return;
  await writeNpz(o.out, kernelArrays(set), context.signal);
  say(`Wrote ${o.out}`);
}

function isFolder(path: string): boolean {
  if (/[\\/]$/.test(path)) return true;
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** One .npy a kernel, complete or, after an interruption, in parts that the same command goes on from. */
async function toFolder(network: Network, inputs: InputSet, kernels: KernelName[], o: Options, hash: ReturnType<typeof createHash>): Promise<KernelSet> {
  const job = newJob(network, inputs, { kernels, make: sharedFloats, inMemory: false });
  for (const part of [inputs.re, inputs.im]) hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  const run = hash.update(JSON.stringify([job.kernels, job.side, inputs.shape, inputs.field, productVersion()])).digest('hex');
  const names = Object.fromEntries(job.kernels.map((name) => [ARRAY_NAMES[name], name]));
  const prepared = prepareDisk(o.out, job, names, network.outputField === 'complex', run, o.fresh ?? false);
  if (prepared.resumed > 0) say(`Going on from ${prepared.resumed} of ${prepared.tiles} finished tiles.`);
  try {
    await executorOf(inputs, o, prepared)(job);
  } catch (e) {
    const fault = Fault.from(e);
    if (fault.kind === 'cancelled') throw new Fault('cancelled', `Interrupted; the finished tiles stay in ${o.out}, and the same command goes on from them.`);
    throw fault;
  }
  const set = kernelSet(job, kernels);
  for (const path of prepared.finish()) say(`Wrote ${path}`);
  return set;
}

function executorOf(inputs: InputSet, o: Options, onDisk: DiskRun | null): Executor {
  const message = `Kernels of ${inputs.samples} samples`;
  return async (job) => {
    const told = telling(stepsOf(job, message));
    const pool = o.threads > 1 ? poolOf(environment().workerFile, o.threads) : null;
    if (pool) return pool.executor(told, message, [0, 1], onDisk?.disk)(job);
    const hands = onDisk && openDisk(onDisk.disk, job);
    try {
      await inThisThread(paceOf(told, message, 1.1 * itemsOf(job).tiles, [0, 1]), hands ?? {})(job);
    } finally {
      hands?.close();
    }
  };
}

/** Tiles done, their rate in this run, and the time left at that rate. */
function stepsOf(job: Job, message: string): (fraction: number, seconds: number) => string {
  const { tiles } = itemsOf(job);
  const before = tilesDone(job);
  return (_, seconds) => {
    const done = tilesDone(job);
    const rate = (done - before) / seconds;
    if (!(rate > 0)) return `${message}: ${done} of ${tiles} tiles`;
    return `${message}: ${done} of ${tiles} tiles, ${rate.toPrecision(3)} a second, ${duration((tiles - done) / rate)} left`;
  };
}

function duration(seconds: number): string {
  const s = Math.ceil(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}
