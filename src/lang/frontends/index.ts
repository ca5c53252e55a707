// The frontends: how each kind of source becomes a ParsedFile. A new one is a file here and a line below.
import type { ParsedFile } from '../../contract/graph.ts';
import type { Budget } from '../budget.ts';
import { spansOf, type Parse } from '../parser.ts';
import { readSpecification } from './spec.ts';
import { readTorch } from './torch.ts';

interface Frontend {
  /** Whether a file of this name is its own. */
  reads(fileName: string): boolean;
  read(text: string, budget: Budget, parse: Parse): ParsedFile;
}

export const frontends: readonly Frontend[] = [
  { reads: (name) => /\.json$/i.test(name), read: (text, budget) => readSpecification({ text, span: spansOf(text) }, budget) },
  { reads: () => true, read: (text, budget, parse) => readTorch(parse(text, budget), budget) },
];
