// What the tests of finite networks share: backends, inputs, networks by name.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findActivation } from '../../src/catalog/activations/index.ts';
import { FINITE_DEFAULTS } from '../../src/contract/finite.ts';
import { Fault } from '../../src/contract/fault.ts';
import type { ModelGraph } from '../../src/contract/graph.ts';
import type { InputSet } from '../../src/contract/inputs.ts';
import type { Progress } from '../../src/contract/rpc.ts';
import { compileNetwork, kernelsOf } from '../../src/kernel/index.ts';
import { buildNetwork, drawNetwork, empiricalKernels, type Backend, type BuildOptions, type StudyRequest } from '../../src/network/index.ts';
import { normals } from '../../src/network/normals.ts';
import { graphOf } from '../kernel/finite/specification.ts';

export const wasmDir = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
export const options = { tfjsNodePath: null, wasmDir };

/** Where native has to work, a missing one is a failure and not a skipped test. */
export const nativeRequired = process.env.COMPLEX_NTK_REQUIRE_NATIVE === '1';
/** The package alone may be there without its compiled part, as npm leaves it where no install script runs. */
const compiled = join(wasmDir, '../../tfjs-node/lib');
export const nativeInstalled = existsSync(compiled) && readdirSync(compiled).some((d) => existsSync(join(compiled, d, 'tfjs_binding.node')));
export const skipNative = nativeRequired || nativeInstalled ? false : '@tensorflow/tfjs-node is not installed here: npm run native';

export const immediately = async (): Promise<void> => {};

/** A context that keeps what it hears. */
export function listening() {
  const abort = new AbortController();
  const heard: Progress[] = [];
  return { abort, heard, signal: abort.signal, progress: (p: Progress) => { heard.push(p); } };
}

export function gaussianInputs(samples: number, length: number, field: 'complex' | 'real', seed = 1): InputSet {
  const draw = (part: number): Float64Array => {
    const out = new Float32Array(samples * length);
    normals([seed, part])(out);
    return Float64Array.from(out);
  };
  const complex = field === 'complex';
  return { samples, shape: [length], field, re: draw(0), im: complex ? draw(1) : new Float64Array(samples * length), description: 'normals', provenance: {} };
}

/** `depth` hidden layers of one activation, and a linear last one. */
export function chainOf(id: string, depth: number, weightVariance: number, biasVariance: number, inputs: number[], parameters: Record<string, number> = {}): ModelGraph {
  const field = findActivation(id)!.field;
  const hidden = Array.from({ length: depth }, () => [{ kind: 'dense' }, { kind: 'activation', name: id, parameters }]).flat();
  return graphOf({ field, input: inputs, defaults: { weightVariance, biasVariance }, layers: [...hidden, { kind: 'dense' }] });
}

/** Largest difference over largest modulus. */
export function relative(got: ArrayLike<number>, want: ArrayLike<number>, scale: ArrayLike<number> = want): number {
  let worst = 0;
  let largest = 0;
  if (got.length !== want.length) return Infinity;
  for (let i = 0; i < want.length; i++) worst = Math.max(worst, Number.isNaN(got[i]!) ? Infinity : Math.abs(got[i]! - want[i]!));
  for (let i = 0; i < scale.length; i++) largest = Math.max(largest, Math.abs(scale[i]!));
  return worst / largest;
}

export const NO_LIMIT: StudyRequest['limit'] = { ntk: null, twinNtk: null, reason: null };

/** The infinite-width kernels of a graph. */
export async function limitOf(graph: ModelGraph, inputs: InputSet): Promise<StudyRequest['limit']> {
  const { kernels } = await kernelsOf(compileNetwork(graph, { weightVariance: null, biasVariance: null }, inputs.shape), inputs);
  return { ntk: kernels.ntk.matrix, twinNtk: kernels.twinNtk.matrix, reason: kernels.ntk.reason ?? null };
}

export const studyOf = (graph: ModelGraph, inputs: InputSet, more: Partial<StudyRequest> = {}): StudyRequest => ({
  graph, inputs, widths: [16, 32], seeds: 3, finite: FINITE_DEFAULTS, weightVariance: null, biasVariance: null, limit: NO_LIMIT, memoryLimitBytes: 1e9, ...more,
});

/** The kernels of one drawn network. */
export async function drawn(graph: ModelGraph, inputs: InputSet, more: Partial<BuildOptions>, seed: number, backend: Backend) {
  const network = buildNetwork(graph, inputs, { outputs: 1, ...more });
  await drawNetwork(network, seed);
  return { network, ...(await empiricalKernels(network, inputs, backend, immediately)) };
}

/** The Fault that `p` ends in. */
export const faultOf = async (p: Promise<unknown>): Promise<Fault> => {
  try {
    await p;
  } catch (e) {
    assert.ok(e instanceof Fault, String(e));
    return e;
  }
  return assert.fail('not refused');
};
