// One computation of kernels as plain data that several threads share, and the work of each of its items. Knows no thread, no file and no clock.
import { activationOf } from '../catalog/activations/index.ts';
import type { KernelName, Method } from '../contract/result.ts';
import { METHOD_RANK } from './duals/index.ts';
import { bytesOfGrams, openGrams } from './gram.ts';
import { packInputs, type PackedInputs } from './inputs.ts';
import { newMeasures, type Measures } from './measures.ts';
import { isFlat, positionsOf, type Network } from './network.ts';
import { blockTile, measureStride, tileSide, tiling, type Plane, type State } from './tile.ts';
import { openProfile, type Profile } from './profile.ts';
import { bytesOfSpace, gramTile, imaginaryOf, openRunner, type Runner, type Variant, type Wanted } from './runner.ts';
import type { InputSet } from '../contract/inputs.ts';

/** Where the kernels' limit ends, and why. */
export interface Missing {
  layer: string;
  /** Why there is no NNGP either; then nothing after the layer can be computed. */
  nngp?: string;
  ntk: string;
}

/** How the real twin comes about: not at all (a real network), as the real part of the network's kernels, or by its own recursion. */
export type TwinWay = 'none' | 'real-part' | 'recursion';

/** What each thread is given. Its arrays are shared, and every item writes places of its own. */
export interface Job {
  network: Network;
  inputs: PackedInputs;
  measures: { network: Measures; twin: Measures | null };
  wanted: Wanted;
  twin: TwinWay;
  until: number;
  side: number;
  /** Samples that one item of the measuring phase takes. */
  stride: number;
  kernels: KernelName[];
  /** n x n each, or null where tiles go to a sink. */
  matrices: Partial<Record<KernelName, Plane>> | null;
  /** Numbers of each tile, in the order of STATISTICS. */
  statistics: Float64Array;
}

export const STATISTICS = [
  'inputRe', 'inputIm', 'inputTrace', 'ntkRe', 'ntkIm', 'twin', 'gap', 'holomorphic',
  'ntkLargest',
  'nngpError', 'ntkError', 'twinNngpError', 'twinNtkError', 'method', 'twinMethod', 'tiles',
] as const;
export type Statistic = (typeof STATISTICS)[number];

/** First activation without an NTK, or without any limit: known before computing. */
export function missingOf(network: Network): { missing: Missing | null; until: number } {
  let missing: Missing | null = null;
  for (const [i, { rule, node }] of network.steps.entries()) {
    if (rule.kind !== 'activation' && rule.kind !== 'rnn') continue;
    const limit = activationOf(rule.name, rule.parameters)!.limit(rule.parameters as Record<string, number>);
    if (limit.exists === 'none') {
      return { missing: { layer: missing?.layer ?? node!.id, nngp: limit.reason!, ntk: missing?.ntk ?? limit.reason! }, until: i };
    }
    if (limit.exists === 'nngp') missing ??= { layer: node!.id, ntk: limit.reason! };
  }
  return { missing, until: network.steps.length };
}

/** Split activations act on Re Sigma and Im Sigma apart, so that the twin's kernels are the real parts of the network's; real inputs have no other part. */
function twinWay(network: Network, inputs: Pick<InputSet, 'field'>): TwinWay {
  if (network.field === 'real') return 'none';
  if (inputs.field === 'real') return imaginaryOf(network, false, 'network').some(Boolean) ? 'recursion' : 'real-part';
  const apart = network.steps.every(({ rule, field }) => {
    if (rule.kind !== 'activation' && rule.kind !== 'rnn') return true;
    const activation = activationOf(rule.name, rule.parameters)!;
    // A function from complex to real numbers mixes the two.
    return field === 'real' ? activation.field === 'real' : activation.scalar !== undefined && activation.imaginary === undefined;
  });
  return apart ? 'real-part' : 'recursion';
}

/** Where only equal positions meet, the diagonal is real throughout, and the twin's is the network's. */
const sameDiagonal = (network: Network): boolean => network.steps.every((s) => s.pairs === 'equal' || s.spatial.length === 0);

/** Holomorphic backpropagation is a question for networks that are complex throughout. */
export const asksHolomorphic = (network: Network): boolean => network.field === 'complex' && network.steps.every((s) => s.rule.kind === 'input' || s.field === 'complex');

export interface JobOptions {
  kernels: readonly KernelName[];
  /** Float64Arrays of this length: shared between threads, or not. */
  make(length: number): Float64Array;
  /** Whether whole matrices are kept; if not, tiles go to the sink of each thread. */
  inMemory: boolean;
}

export function newJob(network: Network, inputs: InputSet, options: JobOptions): Job {
  const { make } = options;
  const packed = packInputs(network, inputs, make);
  const { missing, until } = missingOf(network);
  const n = packed.samples;
  const asked = (name: KernelName) => options.kernels.includes(name);
  const ntk = missing === null && (asked('ntk') || asked('twinNtk') || asked('holomorphicNtk'));
  const holomorphic = ntk && asked('holomorphicNtk') && asksHolomorphic(network);
  const twin = asked('twinNngp') || asked('twinNtk') ? twinWay(network, inputs) : 'none';
  const kernels = until < network.steps.length ? [] : options.kernels.filter((name) => {
    if (name === 'holomorphicNtk') return holomorphic;
    if (name.startsWith('twin') && twin === 'none') return false;
    return name === 'nngp' || name === 'twinNngp' || ntk;
  });
  const side = tileSide(network);
  const complex = imaginaryOf(network, packed.im !== null, 'network')[network.last]!;
  const twinComplex = imaginaryOf(network, packed.im !== null, 'twin')[network.last]!;
  const matrices: Partial<Record<KernelName, Plane>> = {};
  if (options.inMemory) {
    for (const name of kernels) {
      const own = name.startsWith('twin') ? twinComplex && twin === 'recursion' : complex;
      matrices[name] = { re: make(n * n), im: own ? make(n * n) : null };
    }
  }
  const measures = newMeasures(network, n, make);
  return {
    network, inputs: packed, wanted: { ntk, holomorphic }, twin, until, side, kernels,
    stride: measureStride(network),
    measures: { network: measures, twin: twin !== 'recursion' ? null : sameDiagonal(network) ? measures : newMeasures(network, n, make) },
    matrices: options.inMemory ? matrices : null,
    statistics: make(tiling(n, side).count * STATISTICS.length),
  };
}

/** Where a tile's numbers stand in `statistics`. */
export const statisticsOf = (job: Job, tile: number): Float64Array => job.statistics.subarray(tile * STATISTICS.length, (tile + 1) * STATISTICS.length);

/** Tiles that are finished, by whatever thread or earlier run. */
export function tilesDone(job: Job): number {
  let done = 0;
  for (let at = STATISTICS.indexOf('tiles'); at < job.statistics.length; at += STATISTICS.length) done += job.statistics[at]!;
  return done;
}

/** Items of the two phases: chunks of samples to measure, then tiles. All of a phase come before the next. */
export const itemsOf = (job: Job): { measure: number; tiles: number } => ({
  measure: Math.ceil(job.inputs.samples / job.stride),
  tiles: job.kernels.length > 0 ? tiling(job.inputs.samples, job.side).count : 0,
});

/** Takes a finished block of one kernel: rows x columns, row-major. */
export type Sink = (name: KernelName, rows: [number, number], columns: [number, number], block: Plane) => void;

/** A thread's bytes beside its planes: its engine, its copy of the program, tables of duals. */
const THREAD_BYTES = 24 * 2 ** 20;

const inputBytes = (network: Network, samples: number): number => 16 * samples * network.inputShape.reduce((a, b) => a * b, 1);

/** Bytes of the largest piece of memory that a thread asks for. */
export function largestWorkspace(network: Network, samples: number): number {
  return Math.max(bytesOfSpace(network, samples, asksHolomorphic(network)), gramBytes(network, samples));
}

function gramBytes(network: Network, samples: number): number {
  const positions = Math.max(...network.steps.filter((s) => s.rule.kind === 'input').map(positionsOf));
  return bytesOfGrams(network, { samples, positions, channels: inputBytes(network, 1) / 16 / positions });
}

/** Bytes that a job holds at its peak, in `threads` threads. */
export function bytesOfJob(network: Network, samples: number, kernels: number, threads: number): number {
  const runners = (['real', 'complex'] as const).some((field) => twinWay(network, { field }) === 'recursion') ? 2 : 1;
  const measures = 16 * samples * network.steps.reduce((sum, s) => sum + positionsOf(s) + 2, 0);
  return 2 * inputBytes(network, samples) + measures + kernels * 16 * samples ** 2 + threads * (runners * bytesOfSpace(network, samples, asksHolomorphic(network)) + gramBytes(network, samples) + THREAD_BYTES);
}

/** The work of one thread: opens what it needs and does single items. */
export interface Work {
  measure(item: number): void;
  tile(item: number): void;
}

export function openWork(job: Job, sink: Sink = memorySink(job)): Work {
  const { network, inputs, measures, wanted, until } = job;
  const grams = openGrams(network, inputs);
  const duals = measures.twin === measures.network ? new Map() : undefined;
  const open = (variant: Variant, m: Measures): Runner => openRunner({ network, variant, inputs, grams, duals, measures: m, wanted: { ...wanted, holomorphic: wanted.holomorphic && variant === 'network' }, until });
  const own = open('network', measures.network);
  const twin = measures.twin ? open('twin', measures.twin) : null;
  const tiles = tiling(inputs.samples, job.side);
  // Opened at the first tile, when the samples have been measured.
  let profile: Profile | null | undefined;
  const flat = isFlat(network);
  return {
    measure(item) {
      const [from, to] = [item * job.stride, Math.min(inputs.samples, (item + 1) * job.stride)];
      own.measure(from, to);
      if (measures.twin !== measures.network) twin?.measure(from, to);
    },
    tile(item) {
      const { rows, columns } = tiles.at(item);
      const k0 = gramTile(network, grams, blockTile(rows, columns));
      const statistics = new TileStatistics(rows, columns);
      statistics.inputs(flat && k0.planes.size === 1 ? [...k0.planes.values()][0]! : grams.samples(rows, columns));
      if (profile === undefined) profile = twin ? null : openProfile(network, measures.network, inputs.im !== null, wanted, job.side);
      const state = profile ? profile.run([...k0.planes.values()][0]!, k0.tile) : own.run(k0);
      statistics.network(state);
      const blocks: Partial<Record<KernelName, Plane | null>> = { nngp: state.k, ntk: state.t, holomorphicNtk: state.h };
      if (job.twin === 'real-part') {
        blocks.twinNngp = { re: state.k.re, im: null };
        blocks.twinNtk = state.t && { re: state.t.re, im: null };
        statistics.twinIsRealPart(state);
      } else if (twin) {
        const other = twin.run(k0);
        blocks.twinNngp = other.k;
        blocks.twinNtk = other.t;
        statistics.twin(state, other);
      }
      for (const name of job.kernels) sink(name, rows, columns, blocks[name]!);
      job.statistics.set(statistics.values, item * STATISTICS.length);
    },
  };
}

/** What happens around the tiles where they do not stay in memory. */
export interface TileHooks {
  /** Takes each block; absent: into the job's matrices. */
  sink?: Sink;
  /** Tiles of an earlier run, passed over. */
  isDone?(tile: number): boolean;
  /** After the last block of a tile. */
  finished?(tile: number): void;
}

/**
 * Both phases of a job, as far as `next` gives items; yields after each.
 * @param measured called between the phases: all standard deviations must be known before the first tile
 */
export function* workThrough(job: Job, hooks: TileHooks, next: (phase: 'measure' | 'tile') => number, measured: () => void): Generator<'measure' | 'tile'> {
  const work = openWork(job, hooks.sink);
  const { measure, tiles } = itemsOf(job);
  for (let i; (i = next('measure')) < measure; ) {
    work.measure(i);
    yield 'measure';
  }
  measured();
  for (let i; (i = next('tile')) < tiles; ) {
    if (!hooks.isDone?.(i)) {
      work.tile(i);
      hooks.finished?.(i);
    }
    yield 'tile';
  }
}

/** Blocks into whole matrices, mirrored below the diagonal. */
function memorySink({ matrices, inputs }: Job): Sink {
  const n = inputs.samples;
  return (name, rows, columns, block) => {
    const { re, im } = matrices![name]!;
    const width = columns[1] - columns[0];
    const diagonal = rows[0] === columns[0];
    for (let i = rows[0]; i < rows[1]; i++) {
      const from = (i - rows[0]) * width - columns[0];
      for (let j = diagonal ? i : columns[0]; j < columns[1]; j++) {
        re[i * n + j] = re[j * n + i] = block.re[from + j]!;
        if (im) {
          const y = i === j ? 0 : (block.im?.[from + j] ?? 0);
          im[i * n + j] = y;
          if (i !== j) im[j * n + i] = -y;
        }
      }
    }
  };
}

/** Sums of one tile; entries off the diagonal count twice, for their mirror. */
class TileStatistics {
  readonly values = new Float64Array(STATISTICS.length);
  private readonly weight: Float64Array;

  constructor(rows: [number, number], columns: [number, number]) {
    const width = columns[1] - columns[0];
    const diagonal = rows[0] === columns[0];
    this.weight = new Float64Array((rows[1] - rows[0]) * width).map((_, t) => {
      const [i, j] = [Math.floor(t / width), t % width];
      return !diagonal ? 2 : i === j ? 1 : j > i ? 2 : 0;
    });
    this.set('tiles', 1);
  }

  private set(name: Statistic, value: number): void {
    this.values[STATISTICS.indexOf(name)] = value;
  }

  private squares(x: Float64Array | null, y: Float64Array | null = null): number {
    let sum = 0;
    if (!x) return 0;
    for (let t = 0; t < this.weight.length; t++) sum += this.weight[t]! * (x[t]! - (y ? y[t]! : 0)) ** 2;
    return sum;
  }

  private largest({ re, im }: Plane): number {
    let most = 0;
    for (let t = 0; t < this.weight.length; t++) {
      const square = re[t]! * re[t]! + (im ? im[t]! * im[t]! : 0);
      if (!(square <= most)) most = square; // a NaN stays to be seen
    }
    return Math.sqrt(most);
  }

  inputs({ re, im }: Plane): void {
    this.set('inputRe', this.squares(re));
    this.set('inputIm', this.squares(im));
    let trace = 0;
    for (let t = 0; t < this.weight.length; t++) if (this.weight[t] === 1) trace += re[t]!;
    this.set('inputTrace', trace);
  }

  network({ t, h, kError, tError, method }: State): void {
    this.set('nngpError', kError);
    this.set('method', METHOD_RANK[method]);
    if (!t) return;
    this.set('ntkRe', this.squares(t.re));
    this.set('ntkIm', this.squares(t.im));
    this.set('ntkLargest', this.largest(t));
    this.set('ntkError', tError);
    if (!h) return;
    this.set('holomorphic', this.squares(h.re, t.re) + this.squares(h.im, t.im));
  }

  twinIsRealPart(state: State): void {
    const real = { ...state, k: { re: state.k.re, im: null }, t: state.t && { re: state.t.re, im: null } };
    this.twin(state, real);
  }

  twin(own: State, twin: State): void {
    this.set('twinNngpError', twin.kError);
    this.set('twinMethod', METHOD_RANK[twin.method]);
    if (!twin.t || !own.t) return;
    this.set('twin', this.squares(twin.t.re) + this.squares(twin.t.im));
    this.set('gap', this.squares(own.t.re, twin.t.re) + this.squares(twin.t.im));
    this.set('twinNtkError', twin.tError);
  }
}

/** Sums and largest values over all tiles. */
export function totals(job: Job): Record<Statistic, number> {
  const summed: ReadonlySet<Statistic> = new Set(['inputRe', 'inputIm', 'inputTrace', 'ntkRe', 'ntkIm', 'twin', 'gap', 'holomorphic', 'tiles']);
  const out = Object.fromEntries(STATISTICS.map((s) => [s, 0])) as Record<Statistic, number>;
  for (let at = 0; at < job.statistics.length; at += STATISTICS.length) {
    STATISTICS.forEach((s, i) => {
      const v = job.statistics[at + i]!;
      out[s] = summed.has(s) ? out[s] + v : Math.max(out[s], v);
    });
  }
  return out;
}

export const methodAt = (rank: number): Method => (Object.keys(METHOD_RANK) as Method[]).find((m) => METHOD_RANK[m] === rank)!;
