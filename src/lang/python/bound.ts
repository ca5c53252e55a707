// Which names a text binds at all: assigned, imported, parameters, loop variables, definitions. Knows no scopes and no values.
import { fieldOf, type Syntax } from '../parser.ts';

/** Node types whose field `left`, `name` or `alias` binds what stands in it. */
const BINDS: Readonly<Record<string, string[]>> = {
  assignment: ['left'], augmented_assignment: ['left'], for_statement: ['left'], for_in_clause: ['left'], named_expression: ['name'],
  class_definition: ['name'], function_definition: ['name'], aliased_import: ['alias'], as_pattern: ['alias'], type_alias_statement: ['left'],
};
/** All identifiers in these are taken for bound: they bind most of them, or cannot be told apart. */
const WHOLE = new Set(['lambda_parameters', 'parameters', 'import_statement', 'import_from_statement', 'global_statement', 'nonlocal_statement', 'delete_statement', 'case_pattern', 'ERROR']);

/** The identifiers below a node; what attributes and subscripts are of, defaults and annotations bind nothing. */
function identifiers(node: Syntax, text: (node: Syntax) => string, into: Set<string>): void {
  const waiting = [node];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next.type === 'identifier') into.add(text(next));
    else if (next.type !== 'attribute' && next.type !== 'subscript') waiting.push(...next.children.filter((c) => c.field !== 'value' && c.field !== 'type'));
  }
}

/** null where code may bind names that the text does not show. */
export function boundNames(root: Syntax, text: (node: Syntax) => string): Set<string> | null {
  const names = new Set<string>();
  const waiting = [root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node.type === 'wildcard_import') return null;
    if (node.type === 'call' && /^(?:exec|globals|locals)$/.test(text(fieldOf(node, 'function') ?? node))) return null;
    if (WHOLE.has(node.type)) identifiers(node, text, names);
    for (const field of BINDS[node.type] ?? []) {
      const target = fieldOf(node, field);
      if (target) identifiers(target, text, names);
    }
    waiting.push(...node.children);
  }
  return names;
}
