// The activations that depth and the equivalent activation are shown for, each different one once.
import type { AnalysisResult, DepthMap, EquivalentActivation } from '../../src/contract/result.ts';
import type { Choice } from './plot.ts';

export const depthOf = (result: AnalysisResult, layer: string): DepthMap | undefined => result.depth.value?.find((d) => d.layers.includes(layer));
export const equivalentOf = (result: AnalysisResult, layer: string): EquivalentActivation | undefined => result.equivalents.value?.find((e) => e.layers.includes(layer));

const NAMED = 2;

/** "activation1, activation3 and 4 more". */
export function layerNames(layers: readonly string[]): string {
  return layers.length <= NAMED + 1 ? layers.join(', ') : `${layers.slice(0, NAMED).join(', ')} and ${layers.length - NAMED} more`;
}

export const activationChoice: Choice = {
  id: 'activation',
  label: 'Activation',
  options(result) {
    const depth = result.depth.value ?? [];
    const equivalents = result.equivalents.value ?? [];
    const forward = new Map(result.layers.map(({ id }, i) => [id, i]));
    const known = new Set([...depth, ...equivalents].flatMap(({ layers }) => layers));
    const groups = new Map<string, { label: string; layers: string[] }>();
    for (const id of [...known].sort((a, b) => (forward.get(a) ?? Infinity) - (forward.get(b) ?? Infinity))) {
      const [d, e] = [depthOf(result, id), equivalentOf(result, id)];
      const key = `${d ? depth.indexOf(d) : -1}/${e ? equivalents.indexOf(e) : -1}`;
      const group = groups.get(key);
      if (group) group.layers.push(id);
      else groups.set(key, { label: (d ?? e)!.label, layers: [id] });
    }
    return [...groups.values()].map(({ label, layers }) => ({ value: layers[0]!, text: `${label} (${layerNames(layers)})` }));
  },
};
