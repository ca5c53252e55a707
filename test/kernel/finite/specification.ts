// Graphs and inputs for tests of architectures, from specifications as a user writes them. Knows no kernel.
import assert from 'node:assert/strict';
import type { ModelGraph } from '../../../src/contract/graph.ts';
import type { InputSet } from '../../../src/contract/inputs.ts';
import { budgetOf } from '../../../src/lang/budget.ts';
import { readSpecification } from '../../../src/lang/frontends/spec.ts';
import { normalsFrom } from './random.ts';

export interface Specification {
  field?: 'complex' | 'real';
  input: number[];
  defaults?: { weightVariance?: number; biasVariance?: number };
  layers: object[];
}

const nowhere = { line: 1, column: 1, endLine: 1, endColumn: 2 };

/** The graph of a specification; one with problems fails the test. */
export function graphOf(spec: Specification): ModelGraph {
  const parsed = readSpecification({ text: JSON.stringify({ complexNtk: 1, ...spec }), span: () => nowhere }, budgetOf(10_000));
  assert.deepEqual(parsed.problems.map((p) => p.message), []);
  return parsed.models[0]!;
}

export function inputsOf(shape: number[], re: ArrayLike<number>, im: ArrayLike<number> | null): InputSet {
  const size = shape.reduce((a, b) => a * b, 1);
  return {
    samples: re.length / size, shape, re: Float64Array.from(re), im: im ? Float64Array.from(im) : new Float64Array(re.length),
    field: im ? 'complex' : 'real', description: 'given', provenance: {},
  };
}

/** Normal samples of unequal norms that share a part, so that their correlations are neither small nor real. */
export function drawnInputs(shape: number[], samples: number, field: 'complex' | 'real', seed = 7): InputSet {
  const size = shape.reduce((a, b) => a * b, 1);
  const fill = normalsFrom(seed);
  const [common, re, im] = [2 * size, samples * size, samples * size].map((n) => new Float64Array(n));
  for (const x of [common!, re!, im!]) fill(x, 1);
  const mixed = (own: Float64Array, offset: number): Float64Array => own.map((v, k) => (0.7 + 0.3 * Math.floor(k / size)) * (0.6 * common![offset + (k % size)]! + 0.8 * v) * (field === 'complex' ? Math.SQRT1_2 : 1));
  return inputsOf(shape, mixed(re!, 0), field === 'complex' ? mixed(im!, size) : null);
}
