// What a run of the benchmark found: the shape of bench/results.json. Knows no clock.
import type { Tried } from './contestant.ts';

/** The timed runs of one side on one work; `seconds` is the least, `cpuSeconds` the least processor time of all threads. */
export interface Timing {
  way: string;
  seconds: number;
  cpuSeconds: number;
  runs: number[];
  /** What the first run took beyond a warm one: compiling (theirs), tables and workers (ours). */
  compileSeconds: number;
}

export interface WorkResult {
  id: string;
  label: string;
  samples: number;
  /** Evaluations of an activation's dual by Hermitian symmetry: pairs of samples times entries a pair. */
  entries: number;
  aim: number | null;
  theirs: Timing | null;
  /** Every way the peer tried once, so that its best is known to be its best. */
  theirsTried: Tried[];
  /** The complex network alone, and with its real twin. */
  ours: Timing | null;
  oursWithTwin: Timing | null;
  /** Peak resident memory of each process and, before the work, with its libraries and inputs loaded. */
  memory: { theirs: Memory | null; ours: Memory | null };
  difference: { nngp: Difference; ntk: Difference } | null;
  /** Seconds of the inputs' one Gram product by each route; dense works only. */
  gram: Record<string, number>;
  /** Seconds in which the result's matrices could be written once at the measured bandwidth of copying. */
  trafficSeconds: number;
  /** Why a side has no times. */
  failed: { theirs?: string; ours?: string };
}

/** Largest |Re ours / 2 - theirs| over the largest |theirs|. On the diagonal the peer takes an arccos next to 1, which costs half its digits. */
export interface Difference {
  everywhere: number;
  offDiagonal: number;
}

export interface Memory {
  peakBytes: number;
  idleBytes: number;
}

export interface GrowthResult {
  axis: 'samples' | 'depth' | 'pixels';
  at: number;
  label: string;
  theirs: number | null;
  ours: number | null;
  oursWithTwin: number | null;
}

/** The interactive job through the engine's child process, from query to result. */
export interface InteractiveResult {
  label: string;
  /** The first call of a child just started, its start included. */
  coldSeconds: number | null;
  /** Least and greatest of the warm calls. */
  seconds: number | null;
  slowestSeconds: number | null;
  /** Of the least: seconds of each stage of the analysis. */
  stages: Record<string, number> | null;
  method: string | null;
  error: number | null;
  failed?: string;
}

/** One way of one side on a finite network's work; times of a way that failed are null. */
export interface FiniteWayResult {
  side: 'ours' | 'neural-tangents' | 'torch';
  way: string;
  aim: number | null;
  seconds: number | null;
  cpuSeconds: number | null;
  runs: number[];
  /** What the first run took beyond a warm one. */
  compileSeconds: number | null;
  memory: Memory | null;
  /** Largest difference of its kernel from ours over the largest entry of ours, all blocks. */
  difference: number | null;
  failed: string | null;
}

export interface FiniteWorkResult {
  id: string;
  label: string;
  samples: number;
  /** Trained real numbers. */
  parameters: number;
  ways: FiniteWayResult[];
}

/** Ours in float32 against torch's autograd in float64 from the same float32 numbers: largest difference over torch's largest number. */
export interface ComparedResult {
  id: string;
  label: string;
  kernels: number | null;
  gradients: number | null;
  failed: string | null;
}

/** The part of finite networks. It may be run alone, so it says where and by what it was run. */
export interface FiniteResults {
  machine: Machine;
  versions: Record<string, string>;
  works: FiniteWorkResult[];
  compared: ComparedResult[];
  /** The whole analysis with a study of finite widths, as the editor asks for it. */
  interactive: InteractiveResult;
}

export interface Machine {
  cpu: string;
  cores: number;
  memoryBytes: number;
  /** Load average of the last minute at the start. */
  load: number;
}

export interface Results {
  schema: 1;
  machine: Machine;
  versions: Record<string, string>;
  /** Why the peer took no part; null where it did. */
  withoutPeer: string | null;
  /** Bytes a second of copying 256 MB, one thread. */
  copyBytesPerSecond: number;
  /** Seconds of one entry of the split ReLU's dual with its derivatives in our loop, in one thread. */
  entrySeconds: number | null;
  works: WorkResult[];
  interactive: InteractiveResult[];
  growth: GrowthResult[];
  /** Null in a run that left it out. */
  finite: FiniteResults | null;
}

/** Their time over ours: above 1 we are faster. */
export const ratio = (theirs: number | null | undefined, ours: number | null | undefined): number | null => (theirs != null && ours != null ? theirs / ours : null);
