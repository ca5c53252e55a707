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

/**
 * Normal samples of unequal norms that share a part, each turned by a phase of its own where they are complex, so that their
 * correlations are neither small nor real.
 */
export function drawnInputs(shape: number[], samples: number, field: 'complex' | 'real', seed = 7): InputSet {
  const size = shape.reduce((a, b) => a * b, 1);
  const fill = normalsFrom(seed);
  const [common, re, im] = [2 * size, samples * size, samples * size].map((n) => new Float64Array(n));
  for (const x of [common!, re!, im!]) fill(x, field === 'complex' ? Math.SQRT1_2 : 1);
  for (let i = 0; i < samples; i++) {
    const norm = 0.8 + 0.3 * (i % 4);
    const [c, s] = field === 'complex' ? [Math.cos(0.9 * i), Math.sin(0.9 * i)] : [1, 0];
    for (let k = 0; k < size; k++) {
      const at = i * size + k;
      const x = 0.85 * common![k]! + 0.53 * re![at]!;
      const y = 0.85 * common![size + k]! + 0.53 * im![at]!;
      re![at] = norm * (c * x - s * y);
      im![at] = norm * (s * x + c * y);
    }
  }
  return inputsOf(shape, re!, field === 'complex' ? im! : null);
}
