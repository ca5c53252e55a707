// What holds for every answer of the reader, whatever the text was.
import assert from 'node:assert/strict';
import { LAYER_KINDS, type ParsedFile, type Span } from '../../src/contract/graph.ts';
import { problemCodes } from '../../src/catalog/problems.ts';

function isSpan({ line, column, endLine, endColumn }: Span): boolean {
  return line >= 1 && column >= 1 && (endLine > line || (endLine === line && endColumn >= column));
}

export function sound(parsed: ParsedFile): void {
  for (const p of parsed.problems) {
    assert.ok(problemCodes[p.code], `code ${p.code} is not in the catalog`);
    assert.notEqual(p.code, 'internal-error', p.message);
    assert.ok(p.message.length > 0 && isSpan(p.span), `${p.code} ${JSON.stringify(p.span)}`);
  }
  for (const m of parsed.models) {
    const ids = new Set(m.layers.map((l) => l.id));
    assert.equal(ids.size, m.layers.length);
    for (const [a, b] of m.graph.edges) assert.ok(ids.has(a) && ids.has(b));
    for (const id of [...m.graph.inputs, ...m.graph.outputs]) assert.ok(ids.has(id));
    for (const l of m.layers) {
      assert.ok(LAYER_KINDS.includes(l.kind));
      if (l.kind === 'unresolved') assert.ok(l.reason);
      if (l.sharedWith !== undefined) assert.ok(ids.has(l.sharedWith));
      for (const shape of [l.input, l.output]) assert.ok(shape === null || shape.every((n) => typeof n === 'number' && !Number.isNaN(n)), `${l.id}: ${JSON.stringify(shape)}`);
      if (l.span) assert.ok(isSpan(l.span), `${l.id}: ${JSON.stringify(l.span)}`);
    }
  }
}
