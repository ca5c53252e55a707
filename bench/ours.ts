// Our side of the benchmark: the engine's kernels in a process of its own, asked over JSON lines (bench/contestant.ts). Knows no peer.
import { readFileSync, writeFileSync } from 'node:fs';
import type { InputSet } from '../src/contract/inputs.ts';
import type { KernelName } from '../src/contract/result.ts';
import type { CallContext } from '../src/contract/rpc.ts';
import { openWorkspace } from '../src/kernel/wasm/index.ts';
import { compileNetwork, newJob, type Job } from '../src/kernel/index.ts';
import { defaultThreads, openPool, sharedFloats } from '../src/engine/pool.ts';
import type { ModelGraph } from '../src/contract/graph.ts';
import type { Inputs, Requests } from './contestant.ts';
import { peakBytes } from './memory.ts';
import { serve } from './serve.ts';
import { graphOf } from './specification.ts';

const NETWORK: readonly KernelName[] = ['nngp', 'ntk'];
/** What each way of ours computes: the complex network's kernels alone, or with its real twin's. */
const WAYS: Record<string, readonly KernelName[]> = { alone: NETWORK, 'with twin': [...NETWORK, 'twinNngp', 'twinNtk'] };

const pool = openPool(process.argv[2]!, defaultThreads());
const context: CallContext = { signal: new AbortController().signal, progress() {} };
const execute = pool.executor(context, '', [0, 1]);

let graph: ModelGraph;
let inputs: InputSet;
let job: Job | null = null;

function readInputs({ file, shape }: Inputs): InputSet {
  const bytes = readFileSync(file);
  const all = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
  const half = all.length / 2;
  return { samples: shape[0]!, shape: shape.slice(1), re: all.slice(0, half), im: all.slice(half), field: 'complex', description: 'given', provenance: {} };
}

/** From the graph and inputs in memory to the matrices and their error bounds in memory, as `kernelsOf` does it but for the quantities read off them. */
async function compute(way: string): Promise<Job> {
  const network = compileNetwork(graph, { weightVariance: null, biasVariance: null }, inputs.shape);
  const made = newJob(network, inputs, { kernels: WAYS[way]!, make: sharedFloats, inMemory: true });
  await execute(made);
  return made;
}

async function timed(way: string): Promise<{ seconds: number; cpuSeconds: number }> {
  // The last result goes first, so that the peak is one run's and not the garbage of several.
  job = null;
  globalThis.gc!();
  const [start, used] = [performance.now(), process.cpuUsage()];
  job = await compute(way);
  const { user, system } = process.cpuUsage(used);
  return { seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6 };
}

type Four = [Float64Array, Float64Array, Float64Array, Float64Array];
const LOOP_ROUNDS = 7;
const GRAM_SIDE = 256;
const ENTRIES = 4096; // within the first caches
const ROOM_FOR_ALIGNMENT = 4096;
const RELU = { same: 1, crossed: 0 };

const wave = (plane: Float64Array, phase: number): Float64Array => {
  for (let t = 0; t < plane.length; t++) plane[t] = 0.7 * Math.sin(t + phase);
  return plane;
};

function leastSeconds(work: () => void): number {
  let least = Infinity;
  for (let round = 0; round < LOOP_ROUNDS; round++) {
    const start = performance.now();
    work();
    least = Math.min(least, (performance.now() - start) / 1000);
  }
  return least;
}

/** One block in one thread, scaled to half of all pairs (the other half are their conjugates) on all threads. */
function gramSeconds(samples: number, features: number): number {
  const side = Math.min(GRAM_SIDE, samples);
  const room = openWorkspace(8 * (6 * side * features + 3 * side * side) + ROOM_FOR_ALIGNMENT);
  const [xRe, xIm, yRe, yIm] = [0, 1, 2, 3].map((k) => wave(room.plane(side * features), k)) as Four;
  const [outRe, outIm] = [room.plane(side * side), room.plane(side * side)];
  const [sums, part] = [room.plane(2 * side * features), room.plane(side * side)];
  const block = leastSeconds(() => room.hermitianGram(side, side, features, 1, xRe, xIm, yRe, yIm, sums, part, outRe, outIm));
  return (block * ((samples * (samples + 1)) / 2)) / side ** 2 / pool.threads;
}

/** The values stay correlations: S of a correlation is one at deviation 1. */
function entrySeconds(): number {
  const room = openWorkspace(8 * 6 * ENTRIES + ROOM_FOR_ALIGNMENT);
  const [re, im, aRe, bRe] = [0, 1, 2, 3].map((k) => wave(room.plane(ENTRIES), k)) as Four;
  const [left, right, std] = [room.indices(ENTRIES).fill(0), room.indices(ENTRIES).fill(0), room.plane(1).fill(1)];
  return leastSeconds(() => room.splitArcCosine(ENTRIES, left, right, std, RELU, re, im, aRe, bRe, true, false)) / ENTRIES;
}

const answers: { [K in 'about' | 'load' | 'run' | 'write' | 'gram' | 'entry']: (request: Requests[K][0]) => Promise<Requests[K][1]> | Requests[K][1] } = {
  about: () => ({ versions: { node: process.version } }),
  async load({ network, inputs: given, ways }) {
    graph = graphOf(network);
    inputs = readInputs(given);
    const idleBytes = peakBytes();
    const tried = [];
    for (const way of ways) {
      const first = await timed(way);
      const { seconds } = await timed(way);
      tried.push({ way, seconds, compileSeconds: Math.max(0, first.seconds - seconds) });
    }
    return { idleBytes, tried };
  },
  run: ({ way }) => timed(way),
  write(files) {
    for (const name of ['nngp', 'ntk'] as const) writeFileSync(files[name], job!.matrices![name]!.re);
    return { peakBytes: peakBytes() };
  },
  gram: ({ samples, features }) => ({ WebAssembly: gramSeconds(samples, features / 2) }),
  entry: () => ({ seconds: entrySeconds() }),
};

await serve(answers);
