// Opens the fastest tfjs backend that works here and says why not a faster one. The only file that names them; knows no network.
import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import util from 'node:util';
import type * as tfjs from '@tensorflow/tfjs-core';
import type { BackendPreference } from '../contract/engine.ts';
import { Fault } from '../contract/fault.ts';

export type Tf = typeof tfjs;

export interface Backend {
  id: 'native' | 'wasm' | 'cpu';
  /** For people: "TensorFlow 2.13.1 (native)", "WebAssembly (SIMD)", "JavaScript (CPU)". */
  label: string;
  /** Why no faster backend is used; null where none is faster or this one was asked for. */
  fallbackReason: string | null;
  /** tfjs-node brings its own copy of tfjs-core, whose classes are not those of ours: use this one. */
  tf: Tf;
  /** Makes this the one that computes: all copies of tfjs-core in a process share one engine, and the last opened would win. */
  activate(): void;
  /** Frees the memory of every backend in this process, so none may be computing; they may be opened again. */
  dispose(): void;
}

export interface BackendOptions {
  /** Directory of the package @tensorflow/tfjs-node, or one it resolves from; null: looked for beside the product. */
  tfjsNodePath: string | null;
  /** Directory of the .wasm files; inside the product, so that packages are looked for from here upwards. */
  wasmDir: string;
}

const NATIVE = '@tensorflow/tfjs-node';
const WASM_FILE = 'tfjs-backend-wasm-simd.wasm';
const PROBE_MILLISECONDS = 60_000;

/** An opened backend, or why it is not available, as the end of a sentence. */
type Attempt = Backend | { unavailable: string };

/**
 * Opens a backend; `auto` takes native TensorFlow, then WebAssembly, then plain JavaScript.
 * @throws Fault not-supported where the one asked for is not available.
 */
export async function openBackend(preference: BackendPreference, options: BackendOptions): Promise<Backend> {
  const reasons: string[] = [];
  if (preference === 'auto' || preference === 'native') {
    const native = await openNative(options);
    if (!('unavailable' in native)) return native;
    reasons.push(`Native TensorFlow is not available: ${native.unavailable}. Run \`npm run native\`, or set complexNtk.tfjsNodePath to the directory of ${NATIVE}.`);
    if (preference === 'native') throw new Fault('not-supported', reasons[0]!);
  }
  if (preference === 'auto' || preference === 'wasm') {
    const wasm = await openWasm(options.wasmDir);
    if (!('unavailable' in wasm)) return { ...wasm, fallbackReason: reasons[0] ?? null };
    reasons.push(`WebAssembly is not available: ${wasm.unavailable}.`);
    if (preference === 'wasm') throw new Fault('not-supported', `${reasons[0]} Install the product again, or choose the backend "cpu".`);
  }
  return { ...(await openCpu()), fallbackReason: reasons.length > 0 ? reasons.join(' ') : null };
}

/** The backend in use, and the next one where it fails in the middle of work. */
export class Backends {
  private constructor(private backend: Backend, private readonly options: BackendOptions, private reasons: string[]) {}

  /** @throws Fault not-supported where the one asked for is not available. */
  static async open(preference: BackendPreference, options: BackendOptions): Promise<Backends> {
    const backend = await openBackend(preference, options);
    return new Backends(backend, options, backend.fallbackReason === null ? [] : [backend.fallbackReason]);
  }

  get current(): Backend {
    return this.backend;
  }

  /** Why no faster backend did all of the work; null where the fastest did. */
  get fallbackReason(): string | null {
    return this.reasons.length > 0 ? this.reasons.join(' ') : null;
  }

  /**
   * Does `work`; where the backend itself fails (out of memory, a missing operation) the next slower one does it again from its start.
   * @throws Fault as `work` throws it, or when the last backend fails
   */
  async run<T>(what: string, work: (backend: Backend) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work(this.backend);
      } catch (e) {
        if (e instanceof Fault) throw e;
        const { id, label } = this.backend;
        const why = (e instanceof Error ? e.message : String(e)).split('\n')[0]!.slice(0, 200);
        if (id === 'cpu') throw e;
        this.backend.dispose();
        const wasm = id === 'native' ? await openWasm(this.options.wasmDir) : null;
        this.backend = wasm && !('unavailable' in wasm) ? wasm : await openCpu();
        this.reasons.push(`${label} failed at ${what} (${why}); from there on ${this.backend.label} computed, and what was done before is kept.`);
      }
    }
  }

  dispose(): void {
    this.backend.dispose();
  }
}

/** tfjs-node calls two functions that Node 23 took away and Node 22 warns about. */
function putBackRemovedFunctions(): void {
  const old = util as unknown as Record<string, unknown>;
  old.isNullOrUndefined = (x: unknown) => x === null || x === undefined;
  old.isArray = Array.isArray;
}

// Runs in a child of its own, since a binary for other processors ends the process that loads it.
const PROBE = `
const util = require('node:util');
util.isNullOrUndefined = (x) => x === null || x === undefined;
util.isArray = Array.isArray;
const tf = require(process.argv[1]);
const a = tf.tensor2d([1, 2, 3, 4], [2, 2]);
const product = String(Array.from(tf.matMul(a, a).dataSync()));
if (tf.getBackend() !== 'tensorflow' || product !== '7,10,15,22') throw new Error('a 2 x 2 product came out as ' + product);
`;

function probe(file: string): Promise<string | null> {
  // ELECTRON_RUN_AS_NODE: inside an editor the running program is Electron.
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' };
  return new Promise((done) => {
    execFile(process.execPath, ['-e', PROBE, file], { env, timeout: PROBE_MILLISECONDS, maxBuffer: 1 << 24 }, (error, _stdout, stderr) => {
      if (!error) return done(null);
      const line = stderr.split('\n').find((l) => /\w*Error\b/.test(l))?.trim();
      if (error.killed) return done(`${file} did not answer a trial within ${PROBE_MILLISECONDS / 1000} s`);
      done(`loading ${file} failed: ${error.signal ? `a trial process ended by ${error.signal}` : (line ?? `exit code ${error.code}`)}`.replace(/\.$/, ''));
    });
  });
}

// A trial takes half a second, and neither the file nor the processor changes while we run.
const probed = new Map<string, Promise<string | null>>();

function findNative({ tfjsNodePath, wasmDir }: BackendOptions): { file: string } | { unavailable: string } {
  if (tfjsNodePath !== null && !(existsSync(tfjsNodePath) && statSync(tfjsNodePath).isDirectory())) {
    return { unavailable: `complexNtk.tfjsNodePath is "${tfjsNodePath}", which is not a directory` };
  }
  const from = createRequire(join(resolve(tfjsNodePath ?? wasmDir), 'from.cjs'));
  try {
    if (tfjsNodePath !== null && existsSync(join(tfjsNodePath, 'package.json')) && from('./package.json').name === NATIVE) {
      return { file: from.resolve('./') };
    }
    return { file: from.resolve(NATIVE) };
  } catch {
    return { unavailable: tfjsNodePath === null ? `the package ${NATIVE} is not installed` : `complexNtk.tfjsNodePath is "${tfjsNodePath}", and no ${NATIVE} is found there` };
  }
}

async function openNative(options: BackendOptions): Promise<Attempt> {
  const found = findNative(options);
  if ('unavailable' in found) return found;
  const trial = probed.get(found.file) ?? probe(found.file);
  probed.set(found.file, trial);
  const failure = await trial;
  if (failure !== null) {
    probed.delete(found.file); // it may be mended before the next try
    return { unavailable: failure };
  }
  putBackRemovedFunctions();
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  let tf: Tf;
  try {
    tf = createRequire(found.file)(found.file) as Tf;
  } catch (e) {
    return { unavailable: `loading ${found.file} failed: ${(e as Error).message.split('\n')[0]}` };
  }
  const backend = await activated(tf, 'tensorflow', 'native', '');
  const { binding } = tf.backend() as unknown as { binding: { TF_Version: string } };
  return { ...backend, label: `TensorFlow ${binding.TF_Version} (native)` };
}

async function openWasm(wasmDir: string): Promise<Attempt> {
  // Its own complaint about a missing file is an abort that leaves the module unusable.
  if (!existsSync(join(wasmDir, WASM_FILE))) return { unavailable: `there is no ${WASM_FILE} in ${wasmDir}` };
  const before = { exception: process.listeners('uncaughtException'), rejection: process.listeners('unhandledRejection') };
  try {
    const tf = await quietCore();
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths(`${wasmDir}/`);
    const backend = await activated(tf, 'wasm', 'wasm', '');
    const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
    return { ...backend, label: simd ? 'WebAssembly (SIMD)' : 'WebAssembly' };
  } catch (e) {
    return { unavailable: (e as Error).message ?? String(e) };
  } finally {
    // The compiled module listens for uncaught errors of the whole process, only to throw them again.
    for (const l of process.listeners('uncaughtException')) if (!before.exception.includes(l)) process.off('uncaughtException', l);
    for (const l of process.listeners('unhandledRejection')) if (!before.rejection.includes(l)) process.off('unhandledRejection', l);
  }
}

async function openCpu(): Promise<Backend> {
  const tf = await quietCore();
  await import('@tensorflow/tfjs-backend-cpu');
  return activated(tf, 'cpu', 'cpu', 'JavaScript (CPU)');
}

/** tfjs-core in the mode that prints no advice on other backends, and no list of kernels that two copies register. */
async function quietCore(): Promise<Tf> {
  const tf: Tf = await import('@tensorflow/tfjs-core');
  tf.enableProdMode();
  return tf;
}

async function activated(tf: Tf, name: string, id: Backend['id'], label: string): Promise<Backend> {
  tf.enableProdMode();
  if (!(await tf.setBackend(name))) throw new Error(`the backend "${name}" did not start`);
  return {
    id, label, tf,
    fallbackReason: null,
    // Synchronous in effect: once a backend has started, setBackend awaits nothing.
    // It sets up all kernels anew, so only where another one has come between.
    activate: () => { if (tf.getBackend() !== name) void tf.setBackend(name); },
    dispose: () => {
      tf.engine().reset();
      tf.enableProdMode(); // reset forgets it
    },
  };
}
