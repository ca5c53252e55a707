// Backends: that they agree, which is taken, and what is said where one is missing.
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Fault } from '../../src/contract/fault.ts';
import type { BackendPreference } from '../../src/contract/engine.ts';
import { drawWeights, empiricalNtk, openBackend } from '../../src/network/index.ts';
import { gaussianInputs, immediately, networkOf, options, relative, skipNative } from './networks.ts';

const listeners = (): number[] => [process.listenerCount('uncaughtException'), process.listenerCount('unhandledRejection')];

async function kernelsOn(preference: BackendPreference) {
  const backend = await openBackend(preference, options);
  try {
    const out: { re: Float64Array; im: Float64Array }[] = [];
    for (const [id, width] of [['cardioid', 130], ['split-relu', 130], ['modrelu', 64], ['relu', 200]] as const) {
      const network = networkOf(id, 3, 2, 0.2);
      const weights = await drawWeights(network, 17, width, 11, immediately);
      const { ntk } = await empiricalNtk(network, weights, gaussianInputs(20, 17, network.field), backend, immediately);
      out.push({ re: ntk.re, im: ntk.im ?? new Float64Array(400) });
    }
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
