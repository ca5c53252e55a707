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
  const normal = normalsFrom(seed);
  const size = shape.reduce((a, b) => a * b, 1);
  const common = Array.from({ length: 2 * size }, normal);
  const entry = (i: number, k: number): number => (0.7 + 0.3 * i) * (0.6 * common[k]! + 0.8 * normal()) * (field === 'complex' ? Math.SQRT1_2 : 1);
  const re = Array.from({ length: samples * size }, (_, k) => entry(Math.floor(k / size), k % size));
  const im = Array.from({ length: samples * size }, (_, k) => entry(Math.floor(k / size), size + (k % size)));
  return inputsOf(shape, re, field === 'complex' ? im : null);
}
