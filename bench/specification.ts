// A specification as the model graph that the engine takes, by the product's own reader. Knows no engine.
import type { ModelGraph } from '../src/contract/graph.ts';
import { budgetOf } from '../src/lang/budget.ts';
import { readSpecification } from '../src/lang/frontends/spec.ts';

const READING_MS = 10_000;
const NOWHERE = { line: 1, column: 1, endLine: 1, endColumn: 1 };

/** @throws Error with the reader's sentence where the specification is refused. */
export function graphOf(specification: object): ModelGraph {
  const { models, problems } = readSpecification({ text: JSON.stringify(specification), span: () => NOWHERE }, budgetOf(READING_MS));
  const wrong = problems.find((p) => p.severity === 'error');
  if (wrong) throw new Error(wrong.message);
  return models[0]!;
}
