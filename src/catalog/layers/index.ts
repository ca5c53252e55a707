// All layer kinds with their shape rules. A new one is a file here and a line below.
import type { LayerKind } from '../../contract/graph.ts';
import { dense } from './dense.ts';
import { concatenation, flatten, readOut, reshape, sum, unchanged } from './form.ts';
import type { LayerRule } from './layer.ts';
import { attention, embedding, recurrent } from './sequence.ts';
import { convolutions, globalPool, pools, transposed } from './window.ts';

const rules: readonly LayerRule[] = [dense, ...convolutions, transposed, pools, globalPool, flatten, reshape, sum, concatenation, unchanged, readOut, recurrent, attention, embedding];

const byKind = new Map(rules.flatMap((r) => r.kinds.map((k) => [k, r] as const)));

/** The rule of a kind; none for what is unresolved, whose shape is never known. */
export function layerRule(kind: LayerKind): LayerRule | undefined {
  return byKind.get(kind);
}
