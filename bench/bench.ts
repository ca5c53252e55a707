// Times the kernels of the works against neural-tangents and torch, turn by turn in one run, and writes bench/results.json.
// `npm run bench -- [--only id,id] [--no-growth] [--no-interactive]`, the ids those of bench/works.ts and bench/finite-works.ts; `--only finite`
// runs the whole part of finite networks and puts it into bench/results.json. Progress goes to stderr, tables to stdout.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { Failed, openContestant, type Contestant, type Tried } from './contestant.ts';
import { compareFinite, measureFinite, type FiniteSides } from './finite.ts';
import { finiteWorks } from './finite-works.ts';
import { measureFiniteInteractive, measureInteractive } from './interactive.ts';
import type { Difference, FiniteResults, GrowthResult, Results, Timing, WorkResult } from './results.ts';
import { aboutLine, agreementTable, asText, comparedTable, finiteFiguresTable, finiteTable, growthTable, interactiveTable, limitTable, ratioTable, waysTable, type Table } from './tables.ts';
import { growthWorks, inputsOf, stacked, works, type Work } from './works.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const say = (text: string) => void process.stderr.write(`bench: ${text}\n`);

/** Rounds of one work: until this time is spent, within these numbers. */
const ROUNDS = { least: 3, most: 15, seconds: 8 };
const GROWTH_ROUNDS = { least: 2, most: 7, seconds: 2 };
const COPIED_BYTES = 256e6;

const { values: chosen } = parseArgs({
  options: { only: { type: 'string' }, 'no-growth': { type: 'boolean' }, 'no-interactive': { type: 'boolean' } },
});

interface Peer {
  python: string | null;
  /** Why there is none. */
  reason: string | null;
}

function findPeer(name: string, setup: string): Peer {
  try {
    say(`preparing ${name}`);
    return { python: execFileSync('bash', [here(setup)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim(), reason: null };
  } catch (e) {
    const said = String((e as { stderr?: string }).stderr || (e as Error).message).trim().split('\n').at(-1)!.replace(/^ERROR: /, '').replace(/\.$/, '');
    return { python: null, reason: said };
  }
}

/** Our side runs as shipped: bundled, without the loader of TypeScript. */
async function bundleOurs(): Promise<void> {
  await build({
    entryPoints: { ours: here('ours.ts'), 'ours-finite': here('ours-finite.ts'), worker: here('../src/engine/kernel-worker.ts') }, outdir: folder, outExtension: { '.js': '.mjs' },
    bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning',
    // The libraries inside the bundle expect what an ES module lacks.
    banner: {
      js: [
        "import { createRequire as __createRequire } from 'node:module';",
        "import { fileURLToPath as __fileURLToPath } from 'node:url';",
        "import { dirname as __dirnameOf } from 'node:path';",
        'const require = __createRequire(import.meta.url), __filename = __fileURLToPath(import.meta.url), __dirname = __dirnameOf(__filename);',
      ].join('\n'),
    },
  });
}

function copySpeed(): number {
  const from = new Float64Array(COPIED_BYTES / 8).fill(1.5);
  const to = new Float64Array(from.length);
  let least = Infinity;
  for (let round = 0; round < 7; round++) {
    const start = performance.now();
    to.set(from);
    least = Math.min(least, performance.now() - start);
  }
  return COPIED_BYTES / (least / 1000);
}

const reasonOf = (e: unknown): string => {
  if (!(e instanceof Failed)) throw e;
  return e.message;
};
const floats = (file: string): Float64Array => {
  const bytes = readFileSync(file);
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
};

/** Largest |Re ours / 2 - theirs| over the largest |theirs|, for n x n matrices. */
function differenceOf(ours: Float64Array, theirs: Float64Array, n: number): Difference {
  let top = 0;
  const apart = { everywhere: 0, offDiagonal: 0 };
  for (let k = 0; k < theirs.length; k++) {
    top = Math.max(top, Math.abs(theirs[k]!));
    const d = Math.abs(ours[k]! / 2 - theirs[k]!);
    apart.everywhere = Math.max(apart.everywhere, d); // a NaN stays
    if (k % (n + 1) !== 0) apart.offDiagonal = Math.max(apart.offDiagonal, d);
  }
  return { everywhere: apart.everywhere / top, offDiagonal: apart.offDiagonal / top };
}

const folder = mkdtempSync(join(tmpdir(), 'complex-ntk-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.on('SIGINT', () => process.exit(130));
const file = (name: string) => join(folder, name);
const peer = findPeer('neural-tangents', 'setup.sh');
if (peer.reason !== null) say(`without neural-tangents: ${peer.reason}. Only our own times follow.`);
await bundleOurs();
const openOurs = () => openContestant(process.execPath, ['--expose-gc', file('ours.mjs'), file('worker.mjs')]);
const openPython = ({ python, reason }: Peer, program: string) => {
  if (python === null) throw new Failed(reason!);
  return openContestant(python, ['-B', here(program)]); // -B: nothing is written beside the programs
};
const openTheirs = () => openPython(peer, 'neural_tangents_peer.py');
const copyBytesPerSecond = copySpeed();

/** The peer's ways, each tried in one process; the quickest is taken in a fresh one, whose memory is then its own. */
async function tryWays(work: Work, inputs: { file: string; shape: number[] }): Promise<Tried[]> {
  const trial = openTheirs();
  try {
    return (await trial.ask('load', { network: work.network, inputs, ways: work.ways })).tried;
  } finally {
    await trial.close();
  }
}

async function measure(work: Work, rounds: typeof ROUNDS, deep: boolean): Promise<WorkResult> {
  say(work.label);
  const planes = inputsOf(work);
  const { samples, network } = work;
  const channels = network.input.at(-1)!;
  writeFileSync(file('ours.in'), Buffer.concat([planes.re, planes.im].map((p) => Buffer.from(p.buffer))));
  writeFileSync(file('theirs.in'), stacked(planes, channels));
  const ourInputs = { file: file('ours.in'), shape: [samples, ...network.input] };
  const theirInputs = { file: file('theirs.in'), shape: [samples, ...network.input.slice(0, -1), 2 * channels] };
  const out: WorkResult = {
    id: work.id, label: work.label, samples, entries: ((samples * (samples + 1)) / 2) * work.entriesAPair, aim: work.aim,
    theirs: null, theirsTried: [], ours: null, oursWithTwin: null, memory: { theirs: null, ours: null }, difference: null, gram: {},
    trafficSeconds: (2 * 16 * samples ** 2) / copyBytesPerSecond, failed: {},
  };
  const open: Contestant[] = [];
  const enter = (side: Contestant) => (open.push(side), side);
  try {
    // The three runners of this work: whoever cannot do it is left out, with the reason.
    const runners: { run: () => Promise<{ seconds: number; cpuSeconds: number }>; timing: Timing }[] = [];
    const runner = (side: Contestant, { way, seconds, compileSeconds }: Tried): Timing => {
      const timing: Timing = { way, seconds, cpuSeconds: Infinity, runs: [], compileSeconds };
      runners.push({ timing, run: () => side.ask('run', { way }) });
      return timing;
    };
    let ours: Contestant | null = enter(openOurs());
    try {
      const loaded = await ours.ask('load', { network, inputs: ourInputs, ways: ['with twin', 'alone'] });
      out.oursWithTwin = runner(ours, loaded.tried[0]!);
      out.ours = runner(ours, loaded.tried[1]!);
      out.memory.ours = { idleBytes: loaded.idleBytes, peakBytes: 0 };
    } catch (e) {
      out.failed.ours = reasonOf(e);
      ours = null;
    }
    let theirs: Contestant | null = null;
    if (peer.python !== null) {
      try {
        const tried = work.ways.length > 1 ? await tryWays(work, theirInputs) : null;
        const best = tried?.reduce((a, b) => (b.seconds < a.seconds ? b : a)).way ?? work.ways[0]!;
        theirs = enter(openTheirs());
        const loaded = await theirs.ask('load', { network, inputs: theirInputs, ways: [best] });
        out.theirsTried = tried ?? loaded.tried;
        out.theirs = runner(theirs, loaded.tried[0]!);
        // A warm run of the trial counts too: its best is its best.
        out.theirs.seconds = Math.min(out.theirs.seconds, ...out.theirsTried.map((t) => t.seconds));
        out.memory.theirs = { idleBytes: loaded.idleBytes, peakBytes: 0 };
      } catch (e) {
        out.failed.theirs = reasonOf(e);
        theirs = null;
      }
    }
    const start = performance.now();
    for (let round = 0; round < rounds.most; round++) {
      if (round >= rounds.least && performance.now() - start > 1000 * rounds.seconds) break;
      for (const { run, timing } of runners) {
        const { seconds, cpuSeconds } = await run();
        timing.runs.push(seconds);
        timing.seconds = Math.min(timing.seconds, seconds);
        timing.cpuSeconds = Math.min(timing.cpuSeconds, cpuSeconds);
      }
    }
    if (ours) out.memory.ours!.peakBytes = (await ours.ask('write', { nngp: file('ours.nngp'), ntk: file('ours.ntk') })).peakBytes;
    if (theirs) out.memory.theirs!.peakBytes = (await theirs.ask('write', { nngp: file('theirs.nngp'), ntk: file('theirs.ntk') })).peakBytes;
    if (ours && theirs) {
      const apart = (name: string) => differenceOf(floats(file(`ours.${name}`)), floats(file(`theirs.${name}`)), samples);
      out.difference = { nngp: apart('nngp'), ntk: apart('ntk') };
    }
    if (deep && network.input.length === 1) {
      const features = 2 * network.input[0]!;
      for (const side of [theirs, ours]) if (side) Object.assign(out.gram, await side.ask('gram', { samples, features }));
    }
  } finally {
    for (const side of open) await side.close();
  }
  for (const [side, reason] of Object.entries(out.failed)) say(`  ${side}: ${reason}`);
  const told = (t: Timing | null) => (t ? `${t.seconds.toFixed(4)} s (${t.cpuSeconds.toFixed(3)} s of processors)` : '-');
  say(`  theirs ${told(out.theirs)}, ours ${told(out.ours)}, with twin ${told(out.oursWithTwin)}`);
  return out;
}

/** One question to a side opened for it. */
async function once<T>(side: Contestant, ask: (side: Contestant) => Promise<T>): Promise<T> {
  try {
    return await ask(side);
  } finally {
    await side.close();
  }
}
const versionsOf = (side: Contestant) => once(side, async () => (await side.ask('about', {})).versions);

const machine = { cpu: cpus()[0]!.model.trim(), cores: cpus().length, memoryBytes: totalmem(), load: loadavg()[0]! };
const ids = chosen.only?.split(',') ?? null;
const wanted = (id: string) => !ids || ids.includes(id);

/** The part of finite networks, as far as it is asked for. */
async function measureFinites(): Promise<FiniteResults | null> {
  const chosenWorks = finiteWorks.filter(({ id }) => wanted('finite') || wanted(id));
  if (chosenWorks.length === 0) return null;
  const torch = findPeer('torch', 'setup-torch.sh');
  const sides: FiniteSides = {
    file, say,
    open: ({ side, way }) => (side === 'torch' ? openPython(torch, 'torch_peer.py')
      : side === 'neural-tangents' ? openPython(peer, 'empirical_neural_tangents_peer.py')
        : openContestant(process.execPath, ['--expose-gc', file('ours-finite.mjs'), here('../dist'), way])),
  };
  const versions: Record<string, string> = {};
  let backend: string | null = null;
  for (const way of finiteWorks.flatMap((w) => w.ways).filter((w, k, all) => all.findIndex((v) => v.side === w.side && (w.side !== 'ours' || v.way === w.way)) === k)) {
    try {
      Object.assign(versions, await versionsOf(sides.open(way)));
      if (way.side === 'ours') backend ??= way.way;
    } catch (e) {
      say(`without ${way.side} ${way.side === 'ours' ? way.way : ''}: ${reasonOf(e)}`);
    }
  }
  const out: Omit<FiniteResults, 'compared' | 'interactive'> = { machine, versions, works: [] };
  for (const work of chosenWorks) out.works.push(await measureFinite(work, sides));
  return { ...out, compared: backend === null ? [] : await compareFinite(sides, backend), interactive: await measureFiniteInteractive(say) };
}

const results: Results = {
  schema: 1, machine,
  versions: { ...(await versionsOf(openOurs())), ...(peer.python ? await versionsOf(openTheirs()) : {}) },
  withoutPeer: peer.reason, copyBytesPerSecond,
  entrySeconds: await once(openOurs(), async (side) => (await side.ask('entry', {})).seconds), works: [], interactive: [], growth: [], finite: null,
};
for (const work of works) if (wanted(work.id)) results.works.push(await measure(work, ROUNDS, true));
if (!chosen['no-interactive'] && !ids) results.interactive = await measureInteractive(say);
if (!chosen['no-growth']) {
  for (const work of growthWorks) {
    if (!wanted(work.id)) continue;
    const { theirs, ours, oursWithTwin, label } = await measure(work, GROWTH_ROUNDS, false);
    const found: GrowthResult = { axis: work.axis, at: work.at, label, theirs: theirs?.seconds ?? null, ours: ours?.seconds ?? null, oursWithTwin: oursWithTwin?.seconds ?? null };
    results.growth.push(found);
  }
}
results.finite = await measureFinites();

const print = (title: string, table: Table) => table.rows.length > 0 && console.log(`\n${title}\n\n${asText(table)}`);
console.log(aboutLine(results));
if (peer.reason !== null) console.log(`neural-tangents took no part: ${peer.reason}.`);
print('Both sides warm, the least of alternating runs; ratio = their time / our time', ratioTable(results.works));
print('Agreement, |Re ours / 2 - theirs| over the largest |theirs|, and the time of one entry of one activation', agreementTable(results.works));
print('Limits, memory and compiling', limitTable(results));
print('What neural-tangents tried', waysTable(results.works));
print('From query to result through the engine, n = 128, depth 4', interactiveTable(results.interactive));
print('Growth', growthTable(results.growth));
for (const { label, failed } of results.works) for (const [side, reason] of Object.entries(failed)) console.log(`\n${label}: no times of ${side}: ${reason}`);
const { finite } = results;
if (finite) {
  console.log(`\nFinite networks: ${aboutLine(finite)}`);
  print('Tangent kernel of one finite network, float32, warm, the least of alternating runs', finiteTable(finite.works));
  print('Figures of finite networks', finiteFiguresTable(finite));
  print("Ours in float32 against torch's autograd in float64, largest difference over the largest number", comparedTable(finite.compared));
}
const write = (found: Results): void => writeFileSync(here('results.json'), `${JSON.stringify(found, null, 1)}\n`);
if (!ids) write(results);
else if (wanted('finite')) write({ ...(JSON.parse(readFileSync(here('results.json'), 'utf8')) as Results), finite });
else say('only some works ran: bench/results.json is left as it is');
