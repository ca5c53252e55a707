// Backends: that they agree, which is taken, and what is said where one is missing.
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { BackendPreference } from '../../src/contract/engine.ts';
import { Fault } from '../../src/contract/fault.ts';
import { FINITE_DEFAULTS, TRAINING_DEFAULTS, type FiniteWidth } from '../../src/contract/finite.ts';
import type { ModelGraph } from '../../src/contract/graph.ts';
import type { InputSet } from '../../src/contract/inputs.ts';
import type { CallContext } from '../../src/contract/rpc.ts';
import { Backends, openBackend, studyFiniteWidth, trainFinite, type Backend, type BuildOptions, type TrainingRequest } from '../../src/network/index.ts';
import { uniforms } from '../../src/network/normals.ts';
import { conv, dense, globalPool, phi } from '../kernel/finite/architectures.ts';
import { drawnInputs, graphOf } from '../kernel/finite/specification.ts';
import { chainOf, drawn, gaussianInputs, listening, NO_LIMIT, options, relative, skipNative, studyOf } from './networks.ts';

const listeners = (): number[] => [process.listenerCount('uncaughtException'), process.listenerCount('unhandledRejection')];

async function kernelsOn(preference: BackendPreference) {
  const backend = await openBackend(preference, options);
  try {
    const out: { re: Float64Array; im: Float64Array }[] = [];
    const add = async (graph: ModelGraph, inputs: InputSet, width: number, more: Partial<BuildOptions> = {}) => {
      const { ntk } = await drawn(graph, inputs, { width, ...more }, 11, backend);
      out.push({ re: ntk.re, im: ntk.im ?? new Float64Array(ntk.re.length) });
    };
    for (const [id, width] of [['cardioid', 72], ['split-relu', 72], ['modrelu', 64], ['relu', 130]] as const) {
      await add(chainOf(id, 3, 2, 0.2, [17]), gaussianInputs(20, 17, id === 'relu' ? 'real' : 'complex'), width);
    }
    const image = graphOf({ input: [5, 4, 2], layers: [conv([3, 3]), phi('cardioid'), conv([2, 2], { stride: [2, 2] }), phi('split-relu'), globalPool, dense] });
    await add(image, drawnInputs([5, 4, 2], 7, 'complex'), 24);
    await add(image, drawnInputs([5, 4, 2], 7, 'complex'), 24, { twin: 'double-widths' });
    const norm = graphOf({ input: [6], layers: [dense, { kind: 'batch-norm' }, phi('split-tanh'), dense] });
    await add(norm, gaussianInputs(9, 6, 'complex'), 40, { batchNorm: 'training' });
    assert.equal(backend.tf.memory().numTensors, 0, 'no tensor is left');
    return { id: backend.id, label: backend.label, fallbackReason: backend.fallbackReason, out };
  } finally {
    backend.dispose();
  }
}

function assertAgree(a: Awaited<ReturnType<typeof kernelsOn>>, b: Awaited<ReturnType<typeof kernelsOn>>, note: (s: string) => void): void {
  const worst = a.out.map((k, i) => Math.max(relative(k.re, b.out[i]!.re), relative(k.im, b.out[i]!.im, b.out[i]!.re)));
  note(`${a.label} and ${b.label} differ by ${worst.map((w) => w.toExponential(1)).join(', ')}`);
  for (const w of worst) assert.ok(w < 3e-6, `${a.label} and ${b.label} differ by ${w}`);
}

const before_ = listeners();

test('WebAssembly and JavaScript agree to float32 accuracy', async (t) => {
  const [wasm, cpu] = [await kernelsOn('wasm'), await kernelsOn('cpu')];
  assert.equal(wasm.label, 'WebAssembly (SIMD)');
  assert.equal(cpu.label, 'JavaScript (CPU)');
  assert.equal(wasm.fallbackReason, null);
  assertAgree(wasm, cpu, (s) => t.diagnostic(s));
});

test('native and WebAssembly agree to float32 accuracy', { skip: skipNative }, async (t) => {
  const [native, wasm] = [await kernelsOn('native'), await kernelsOn('wasm')];
  assert.match(native.label, /^TensorFlow \d+\.\d+\.\d+ \(native\)$/);
  assertAgree(native, wasm, (s) => t.diagnostic(s));
});

test('auto takes native where it is installed', { skip: skipNative }, async () => {
  const backend = await openBackend('auto', options);
  assert.equal(backend.id, 'native');
  assert.equal(backend.fallbackReason, null);
  backend.dispose();
});

test('two backends opened at once: each computes with its own', async () => {
  const [wasm, cpu] = [await openBackend('wasm', options), await openBackend('cpu', options)];
  const product = (b: typeof wasm) => {
    b.activate();
    return b.tf.tidy(() => {
      b.tf.tensor1d([1]);
      return b.tf.getBackend();
    });
  };
  assert.deepEqual([product(wasm), product(cpu), product(wasm)], ['wasm', 'cpu', 'wasm']);
  wasm.dispose();
});

/** A study and a training that take all kinds of pieces: dense, windows, batches, twins. */
const image = graphOf({ input: [4, 3, 2], defaults: { weightVariance: 2, biasVariance: 0.1 }, layers: [conv([3, 3]), phi('cardioid'), globalPool, dense] });
const study = () => studyOf(image, drawnInputs([4, 3, 2], 5, 'complex'), { widths: [6, 12], seeds: 2 });
const training = (): TrainingRequest => ({
  graph: image, inputs: drawnInputs([4, 3, 2], 5, 'complex'), widths: [], seeds: 2, finite: FINITE_DEFAULTS, weightVariance: null, biasVariance: null, limit: NO_LIMIT, memoryLimitBytes: 1e9,
  targets: { re: Float64Array.from({ length: 10 }, (_, k) => k % 2), im: null, outputs: 2, classes: null, description: 'bits' },
  options: { ...TRAINING_DEFAULTS, optimizer: 'momentum', width: 8, steps: 3, twins: ['double-widths'] },
});

describe('a backend that fails in the middle', () => {
  /** Whatever work is told to fail does so, on the backends named. */
  function failing(backends: Backends, fails: (what: string, backend: Backend) => boolean): void {
    const run = backends.run.bind(backends);
    backends.run = (what, work) => run(what, async (backend) => {
      const done = await work(backend);
      // At its end, when tensors have been made and read.
      if (fails(what, backend)) throw new Error('memory access out of bounds\n  at wasm-function[12]');
      return done;
    });
  }

  test('is left for the next one, which does the work again and says why', async () => {
    const backends = await Backends.open('wasm', options);
    const tried: string[] = [];
    const work = async (backend: Backend): Promise<number> => {
      tried.push(backend.id);
      if (backend.id !== 'cpu') throw new Error('out of memory');
      backend.activate();
      return backend.tf.tidy(() => backend.tf.square(backend.tf.tensor1d([2])).dataSync()[0]!);
    };
    assert.equal(await backends.run('a piece of work', work), 4);
    assert.deepEqual(tried, ['wasm', 'cpu']);
    assert.equal(backends.current.id, 'cpu');
    assert.match(backends.fallbackReason!, /^WebAssembly \(SIMD\) failed at a piece of work \(out of memory\); from there on JavaScript \(CPU\) computed/);
    await backends.run('more', work);
    assert.deepEqual(tried, ['wasm', 'cpu', 'cpu'], 'and stays left');
    backends.dispose();
  });

  test('of native TensorFlow, WebAssembly is next', { skip: skipNative }, async () => {
    const backends = await Backends.open('native', options);
    assert.equal(backends.fallbackReason, null);
    assert.equal(await backends.run('work', async (b) => {
      if (b.id === 'native') throw new Error('no kernel for this operation');
      return b.id;
    }), 'wasm');
    assert.match(backends.fallbackReason!, /^TensorFlow .*\(native\) failed at work \(no kernel for this operation\); from there on WebAssembly/);
    backends.dispose();
  });

  test('a fault is passed on, and so is what fails on the last backend', async () => {
    const backends = await Backends.open('wasm', options);
    await assert.rejects(backends.run('x', async () => { throw new Fault('too-large', 'no'); }), (e) => e instanceof Fault && e.kind === 'too-large');
    assert.equal(backends.current.id, 'wasm');
    assert.equal(backends.fallbackReason, null);
    await assert.rejects(backends.run('x', async (b) => { throw new Error(`not on ${b.id}`); }), /not on cpu/);
    backends.dispose();
  });

  for (const preference of ['native', 'wasm'] as const) {
    test(`keeps the rows of a study that ${preference} did before`, { skip: preference === 'native' ? skipNative : false }, async () => {
      const whole = await Backends.open(preference, options);
      const want = await studyFiniteWidth(study(), whole, listening());
      const wantTraining = await trainFinite(training(), whole, listening());
      whole.dispose();
      const backends = await Backends.open(preference, options);
      failing(backends, (what, b) => b.id === preference && /width 12, seed 1/.test(what));
      const got = await studyFiniteWidth(study(), backends, listening());
      assert.match(got.fallbackReason!, /failed at Finite width 12, seed 1 \(memory access out of bounds\); from there on .* computed, and what was done before is kept/);
      assert.equal(got.backend, preference === 'native' ? 'WebAssembly (SIMD)' : 'JavaScript (CPU)');
      assert.deepEqual(got.rows[0], want.rows[0], 'done before the failure');
      const near = (a: FiniteWidth, b: FiniteWidth) => a.rows.every((r, k) => Math.abs(r.pseudo.value! / b.rows[k]!.pseudo.value! - 1) < 1e-4);
      assert.ok(near(got, want));
      assert.ok(relative(got.kernels.twinNtk.matrix!.re, want.kernels.twinNtk.matrix!.re) < 1e-5);
      assert.equal(backends.current.tf.memory().numTensors, 0);
      // A training of the second seed begins again from its start.
      const next = await Backends.open(preference, options);
      failing(next, (what, b) => b.id === preference && /seed 1/.test(what));
      const trained = await trainFinite(training(), next, listening());
      assert.match(trained.fallbackReason!, /failed at training, seed 1/);
      for (const [k, c] of trained.curves.entries()) {
        assert.equal(c.residual.length, 4);
        assert.ok(relative(c.residual, wantTraining.curves[k]!.residual) < 1e-4);
      }
      assert.equal(next.current.tf.memory().numTensors, 0);
      next.dispose();
    });
  }
});

describe('cancelled at twenty moments', () => {
  /** Cancelled at the k-th time that it asks. */
  const until = (k: number): CallContext & { asked: () => number } => {
    let asked = 0;
    return { signal: { get aborted() { return ++asked > k; } } as AbortSignal, progress() {}, asked: () => asked };
  };
  for (const preference of ['wasm', 'native'] as const) {
    for (const [what, run] of [['study', (b: Backends, c: CallContext) => studyFiniteWidth(study(), b, c)], ['training', (b: Backends, c: CallContext) => trainFinite(training(), b, c)]] as const) {
      test(`a ${what} on ${preference}: no tensor is left, and the next run is whole`, { skip: preference === 'native' ? skipNative : false }, async () => {
        const backends = await Backends.open(preference, options);
        const whole = until(Infinity);
        const want = await run(backends, whole);
        const moments = new Float32Array(20);
        uniforms([7])(moments);
        for (const u of moments) {
          const moment = Math.floor((u / Math.sqrt(12) + 0.5) * whole.asked());
          await assert.rejects(run(backends, until(moment)), (e) => e instanceof Fault && e.kind === 'cancelled', `at ${moment} of ${whole.asked()}`);
          assert.equal(backends.current.tf.memory().numTensors, 0, `cancelled at ${moment} of ${whole.asked()}`);
        }
        assert.deepEqual(await run(backends, until(Infinity)), want);
        assert.equal(backends.current.id, preference, 'cancelling is no failure of the backend');
        backends.dispose();
      });
    }
  }
});

test('opening backends leaves no listener on the process', () => {
  assert.deepEqual(listeners(), before_);
});

describe('what is missing is said', () => {
  let folder: string;
  before(() => { folder = mkdtempSync(join(tmpdir(), 'backends-')); });
  after(() => rmSync(folder, { recursive: true }));

  const refused = (preference: BackendPreference, o: typeof options | { tfjsNodePath: string; wasmDir: string }, words: RegExp) =>
    assert.rejects(openBackend(preference, o), (e) => e instanceof Fault && e.kind === 'not-supported' && words.test(e.message) || assert.fail(String(e)));

  test('a path that does not exist', async () => {
    const tfjsNodePath = join(folder, 'nowhere');
    await refused('native', { ...options, tfjsNodePath }, /nowhere.*not a directory.*npm run native.*complexNtk\.tfjsNodePath/);
    const auto = await openBackend('auto', { ...options, tfjsNodePath });
    assert.equal(auto.id, 'wasm');
    assert.match(auto.fallbackReason!, /nowhere/);
    auto.dispose();
  });

  test('a directory without the package', () => refused('native', { ...options, tfjsNodePath: folder }, /no @tensorflow\/tfjs-node is found there/));

  test('no package beside the product', () => refused('native', { tfjsNodePath: null, wasmDir: folder } as never, /not installed.*npm run native/));

  for (const [name, script, words] of [
    ['throws', 'throw new Error("no binding here")', /no binding here/],
    ['is killed like by an illegal instruction', 'process.kill(process.pid, "SIGILL")', /SIGILL/],
    ['ends its process', 'process.exit(3)', /exit code 3/],
    ['is something else', 'module.exports = {}', /TypeError/],
  ] as const) {
    test(`a package that ${name}`, async () => {
      const packaged = join(folder, 'node_modules', '@tensorflow', 'tfjs-node');
      mkdirSync(packaged, { recursive: true });
      writeFileSync(join(packaged, 'package.json'), '{ "name": "@tensorflow/tfjs-node", "main": "index.cjs" }');
      writeFileSync(join(packaged, 'index.cjs'), script);
      await refused('native', { ...options, tfjsNodePath: packaged }, words);
      await refused('native', { ...options, tfjsNodePath: join(folder, 'node_modules') }, words);
      rmSync(join(folder, 'node_modules'), { recursive: true });
    });
  }

  test('no .wasm files: refused where asked for, JavaScript where not', async () => {
    await refused('wasm', { tfjsNodePath: folder, wasmDir: folder }, /tfjs-backend-wasm-simd\.wasm/);
    const auto = await openBackend('auto', { tfjsNodePath: folder, wasmDir: folder });
    assert.equal(auto.id, 'cpu');
    assert.match(auto.fallbackReason!, /tfjs-node.*WebAssembly is not available/);
    auto.dispose();
  });
});
