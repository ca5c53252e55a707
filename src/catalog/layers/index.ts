// All layer kinds with their shape rules. A new one is a file here and a line below.
import type { LayerKind } from '../../contract/graph.ts';
import { dense } from './dense.ts';
import { concatenation, flatten, readOut, reshape, sum, unchanged } from './form.ts';
import type { LayerRule } from './layer.ts';
import { recurrent } from './rnn.ts';
import { convolutions, globalPool, pools, transposed } from './window.ts';

const rules: readonly LayerRule[] = [dense, ...convolutions, transposed, pools, globalPool, flatten, reshape, sum, concatenation, unchanged, readOut, recurrent];

const byKind = new Map(rules.flatMap((r) => r.kinds.map((k) => [k, r] as const)));

/** The rule of a kind; none for kinds whose shape is never known (unresolved, attention). */
export function layerRule(kind: LayerKind): LayerRule | undefined {
  return byKind.get(kind);
}
