// The tangent kernels of finite networks, ours and the peers', turn by turn from the same weights and inputs. Knows no library.
import { readFileSync, writeFileSync } from 'node:fs';
import { Failed, type Contestant } from './contestant.ts';
import { comparedWorks, finiteInputs, finiteWeights, parametersOf, type FiniteWay, type FiniteWork } from './finite-works.ts';
import type { ComparedResult, FiniteWayResult, FiniteWorkResult } from './results.ts';

/** Rounds of one way, the first warm run counted: until this time is spent, within these numbers; after `end` none follows. */
const ROUNDS = { least: 3, most: 15, seconds: 8, end: 60 };
/** A run that takes longer has failed. */
const PATIENCE_SECONDS = 120;

export interface FiniteSides {
  /** @throws Failed where the side is not there */
  open(way: Pick<FiniteWay, 'side' | 'way'>): Contestant;
  file(name: string): string;
  say(text: string): void;
}

type Placed = Pick<FiniteWork, 'network' | 'samples'>;

function place(work: Placed, { file }: FiniteSides, precision: 'float32' | 'float64') {
  return { network: work.network, inputs: { file: file('finite.in'), shape: [work.samples, ...work.network.input] }, weights: file('finite.weights'), precision };
}

function writeFiles(work: Placed, { file }: FiniteSides): void {
  writeFileSync(file('finite.in'), new Uint8Array(finiteInputs(work).buffer));
  writeFileSync(file('finite.weights'), new Uint8Array(finiteWeights(work.network).buffer));
}

const floats = (file: string): Float64Array => {
  const bytes = readFileSync(file);
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
};

/** Largest |a - b| over the largest |b|; a number that is not finite makes it NaN. */
export function apart(a: Float64Array, b: Float64Array): number {
  if (a.length !== b.length) return NaN;
  let [difference, top] = [0, 0];
  for (let k = 0; k < b.length; k++) {
    difference = Math.max(difference, Math.abs(a[k]! - b[k]!)); // a NaN stays
    top = Math.max(top, Math.abs(b[k]!));
  }
  return difference / top;
}

export async function measureFinite(work: FiniteWork, sides: FiniteSides): Promise<FiniteWorkResult> {
  const { file, say } = sides;
  say(work.label);
  writeFiles(work, sides);
  const ways = work.ways.map(({ side, way, aim }): FiniteWayResult => (
    { side, way, aim, seconds: null, cpuSeconds: null, runs: [], compileSeconds: null, memory: null, difference: null, failed: null }));
  const running = new Map<FiniteWayResult, Contestant>();
  /** A way that fails is left out from there on, without its times. */
  const attempt = async (w: FiniteWayResult, what: () => Promise<void>): Promise<void> => {
    try {
      await what();
    } catch (e) {
      if (!(e instanceof Failed)) throw e;
      Object.assign(w, { failed: e.message, seconds: null, cpuSeconds: null, compileSeconds: null });
      await running.get(w)?.close();
      running.delete(w);
    }
  };
  const run = async (w: FiniteWayResult): Promise<number> => {
    const { seconds, cpuSeconds } = await running.get(w)!.ask('run', { way: w.way }, PATIENCE_SECONDS);
    w.runs.push(seconds);
    w.seconds = Math.min(w.seconds ?? Infinity, seconds);
    w.cpuSeconds = Math.min(w.cpuSeconds ?? Infinity, cpuSeconds);
    return seconds;
  };
  try {
    for (const w of ways) {
      await attempt(w, async () => {
        const side = sides.open(w);
        running.set(w, side);
        const { idleBytes } = await side.ask('place', place(work, sides, 'float32'));
        w.memory = { idleBytes, peakBytes: 0 };
        const first = await side.ask('run', { way: w.way }, PATIENCE_SECONDS);
        w.compileSeconds = Math.max(0, first.seconds - (await run(w)));
      });
    }
    for (let round = 1; round < ROUNDS.most; round++) {
      for (const w of [...running.keys()]) {
        const spent = w.runs.reduce((a, b) => a + b, 0);
        if (spent < ROUNDS.end && (w.runs.length < ROUNDS.least || spent < ROUNDS.seconds)) await attempt(w, async () => void (await run(w)));
      }
    }
    let ours: Float64Array | null = null;
    for (const w of [...running.keys()]) {
      await attempt(w, async () => {
        w.memory!.peakBytes = (await running.get(w)!.ask('kernel_blocks', { file: file('finite.kernel') })).peakBytes;
        const kernel = floats(file('finite.kernel'));
        if (w.side === 'ours') ours ??= kernel;
        if (ours) w.difference = apart(kernel, ours);
      });
    }
  } finally {
    for (const side of running.values()) await side.close();
  }
  for (const w of ways) say(`  ${w.side}, ${w.way}: ${w.failed ?? `${w.seconds!.toFixed(4)} s (${w.cpuSeconds!.toFixed(3)} s of processors), apart ${w.difference?.toExponential(1) ?? '-'}`}`);
  return { id: work.id, label: work.label, samples: work.samples, parameters: parametersOf(work.network), ways };
}

/** Our kernel blocks and gradients on `backend` against torch's. */
export async function compareFinite(sides: FiniteSides, backend: string): Promise<ComparedResult[]> {
  const { file, say } = sides;
  const found: ComparedResult[] = [];
  for (const work of comparedWorks) {
    const out: ComparedResult = { id: work.id, label: work.label, kernels: null, gradients: null, failed: null };
    found.push(out);
    writeFiles(work, sides);
    const open: Contestant[] = [];
    try {
      for (const [way, precision] of [[{ side: 'ours', way: backend }, 'float32'], [{ side: 'torch', way: 'Jacobian contraction' }, 'float64']] as const) {
        const contestant = sides.open(way);
        open.push(contestant);
        await contestant.ask('place', place(work, sides, precision));
        await contestant.ask('run', { way: way.way }, PATIENCE_SECONDS);
        await contestant.ask('kernel_blocks', { file: file(`compared.${way.side}.kernel`) });
        await contestant.ask('gradients', { file: file(`compared.${way.side}.gradients`) });
      }
      for (const what of ['kernel', 'gradients']) out[what === 'kernel' ? 'kernels' : 'gradients'] = apart(floats(file(`compared.ours.${what}`)), floats(file(`compared.torch.${what}`)));
    } catch (e) {
      if (!(e instanceof Failed)) throw e;
      out.failed = e.message;
    } finally {
      for (const contestant of open) await contestant.close();
    }
    say(`${work.label}: ${out.failed ?? `kernels ${out.kernels!.toExponential(1)}, gradients ${out.gradients!.toExponential(1)} from torch's`}`);
  }
  return found;
}
