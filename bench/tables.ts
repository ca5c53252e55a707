// The benchmark's results as tables, for a terminal and for Markdown. Knows no clock.
import { COMPLEX_OVER_REAL_AIM, DENSE_COMPLEX, DENSE_REAL } from './finite-works.ts';
import { ratio, type ComparedResult, type FiniteResults, type FiniteWayResult, type FiniteWorkResult, type GrowthResult, type InteractiveResult, type Results, type WorkResult } from './results.ts';
import { UNROLLED } from './works.ts';

/** Column heads and rows of text; the first column is left-aligned, the others right. */
export interface Table {
  heads: string[];
  rows: string[][];
}

export const seconds = (x: number | null | undefined): string =>
  x == null ? '-' : x < 0.01 ? `${(1000 * x).toFixed(2)} ms` : x < 1 ? `${(1000 * x).toFixed(0)} ms` : `${x.toFixed(2)} s`;
const times = (x: number | null): string => (x === null ? '-' : x < 0.995 ? x.toFixed(2) : x.toFixed(1));
const megabytes = (bytes: number | undefined): string => (bytes === undefined ? '-' : (bytes / 1e6).toFixed(0));
const power = (x: number | null | undefined): string => (x == null ? '-' : x.toExponential(1));
const least = (found: Record<string, number>): [string, number] | null => Object.entries(found).sort((a, b) => a[1] - b[1])[0] ?? null;

export function ratioTable(works: readonly WorkResult[]): Table {
  return {
    heads: ['work', 'theirs', 'ours', 'ratio', 'aim', 'with twin', 'ratio', 'theirs unrolled', 'ratio'],
    rows: works.map((w) => {
      const unrolled = w.theirsTried.find((t) => t.way === UNROLLED)?.seconds;
      return [
        w.label, seconds(w.theirs?.seconds), seconds(w.ours?.seconds), times(ratio(w.theirs?.seconds, w.ours?.seconds)), w.aim === null ? '' : String(w.aim),
        seconds(w.oursWithTwin?.seconds), times(ratio(w.theirs?.seconds, w.oursWithTwin?.seconds)), seconds(unrolled), times(ratio(unrolled, w.ours?.seconds)),
      ];
    }),
  };
}

/** How far the two sides' kernels are apart, and the time of one entry of one activation. */
export function agreementTable(works: readonly WorkResult[]): Table {
  return {
    heads: ['work', 'largest difference', 'off the diagonal', 'entries', 'ns an entry: theirs', 'ours'],
    rows: works.map((w) => {
      const each = (t: number | undefined) => (t === undefined ? '-' : ((1e9 * t) / w.entries).toFixed(1));
      const apart = (['everywhere', 'offDiagonal'] as const).map((where) => (w.difference ? power(Math.max(w.difference.nngp[where], w.difference.ntk[where])) : '-'));
      return [w.label, ...apart, `${Number((w.entries / 1e6).toPrecision(3))} M`, each(w.theirs?.seconds), each(w.ours?.seconds)];
    }),
  };
}

export function limitTable({ works, entrySeconds, machine }: Results): Table {
  return {
    heads: ['work', 'Gram product, fastest', 'by', 'ours', 'entries in our loop', 'writing the result', 'peak MB: theirs', 'ours', 'before the work: theirs', 'ours', 'compiling: theirs', 'ours'],
    rows: works.map((w) => {
      const gram = least(w.gram);
      return [
        w.label, seconds(gram?.[1]), gram?.[0] ?? '', seconds(w.gram.WebAssembly),
        seconds(entrySeconds !== null && w.id !== 'dense-erf' ? (entrySeconds * w.entries) / machine.cores : null), seconds(w.trafficSeconds),
        megabytes(w.memory.theirs?.peakBytes), megabytes(w.memory.ours?.peakBytes), megabytes(w.memory.theirs?.idleBytes), megabytes(w.memory.ours?.idleBytes),
        seconds(w.theirs?.compileSeconds), seconds(w.ours?.compileSeconds),
      ];
    }),
  };
}

/** Every way the peer tried, one warm run each. */
export function waysTable(works: readonly WorkResult[]): Table {
  return {
    heads: ['work', 'way of neural-tangents', 'warm run', 'compiling', ''],
    rows: works.flatMap((w) => w.theirsTried.map((t, i) => [
      i === 0 ? w.label : '', t.way, seconds(t.seconds), seconds(t.compileSeconds), t.way === w.theirs?.way ? 'taken' : '',
    ])),
  };
}

export function interactiveTable(found: readonly InteractiveResult[]): Table {
  return {
    heads: ['activation', 'query to result', 'slowest', 'of it kernels', 'first call, child started', 'method', 'error'],
    rows: found.map((f) => [
      f.label, seconds(f.seconds), seconds(f.slowestSeconds), seconds(f.stages?.kernels), seconds(f.coldSeconds), f.method ?? f.failed ?? '-', power(f.error),
    ]),
  };
}

export function growthTable(growth: readonly GrowthResult[]): Table {
  return { heads: ['work', 'theirs', 'ours', 'with twin'], rows: growth.map((g) => [g.label, seconds(g.theirs), seconds(g.ours), seconds(g.oursWithTwin)]) };
}

/** Ours that the others are held against: the first of our backends that ran. */
const oursOf = (work: FiniteWorkResult | undefined): FiniteWayResult | undefined => work?.ways.find((w) => w.side === 'ours' && w.seconds !== null);
const byBackend = (work: FiniteWorkResult, way: string): number | null | undefined => work.ways.find((w) => w.side === 'ours' && w.way === way)?.seconds;

export function finiteTable(works: readonly FiniteWorkResult[]): Table {
  return {
    heads: ['work', 'side', 'way', 'time', 'theirs / ours', 'aim', 'compiling', 'peak MB', 'difference'],
    rows: works.flatMap((work) => work.ways.map((w, i) => [
      i === 0 ? work.label : '', w.side, w.way, w.failed ?? seconds(w.seconds), w.side === 'ours' ? '' : times(ratio(w.seconds, oursOf(work)?.seconds)), w.aim === null ? '' : String(w.aim),
      seconds(w.compileSeconds), megabytes(w.memory?.peakBytes), w === oursOf(work) ? '' : power(w.difference),
    ])),
  };
}

export function finiteFiguresTable({ works, interactive }: FiniteResults): Table {
  const [real, complex] = [DENSE_REAL, DENSE_COMPLEX].map((id) => oursOf(works.find((w) => w.id === id)));
  return {
    heads: ['figure', 'value', 'aim'],
    rows: [
      ['our time of the complex dense network over that of the real one', times(ratio(complex?.seconds, real?.seconds)), `at most ${COMPLEX_OVER_REAL_AIM}`],
      ...works.map((w) => [`WebAssembly over native: ${w.label}`, times(ratio(byBackend(w, 'wasm'), byBackend(w, 'native'))), '']),
      [`query to result: ${interactive.label}`, interactive.failed ?? seconds(interactive.seconds), 'under 1 s'],
      ['of it the finite networks', seconds(interactive.stages?.['finite-width']), ''],
      ['the first query of all, the engine not yet started', seconds(interactive.coldSeconds), ''],
    ],
  };
}

export function comparedTable(compared: readonly ComparedResult[]): Table {
  return { heads: ['network', 'kernel blocks', 'gradients'], rows: compared.map((c) => [c.label, c.failed ?? power(c.kernels), power(c.gradients)]) };
}

export function asText({ heads, rows }: Table): string {
  const widths = heads.map((head, k) => Math.max(head.length, ...rows.map((row) => row[k]!.length)));
  const line = (cells: string[]) => cells.map((cell, k) => (k === 0 ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!))).join('  ').trimEnd();
  return [line(heads), line(widths.map((w) => '-'.repeat(w))), ...rows.map(line)].join('\n');
}

export function asMarkdown({ heads, rows }: Table): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map((_, k) => (k === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** One line about the machine and the versions. */
export function aboutLine({ machine, versions }: Pick<Results, 'machine' | 'versions'>): string {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ');
  return `${machine.cores} cores (${machine.cpu}), ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GB, load ${machine.load.toFixed(1)} at the start; ${named}`;
}
