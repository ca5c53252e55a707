// The patterns of einops ("b c h w -> b (h w) c"): which step of a network they are. Knows no Python and no graph.
import type { LayerKind, ParameterValue } from '../../contract/graph.ts';

/** One axis of a side: the names that it is made of; none is an axis of size 1. */
type Axis = string[];

type Step = { kind: LayerKind; parameters: Record<string, ParameterValue> } | { reason: string };

function axesOf(side: string): Axis[] | null {
  const axes: Axis[] = [];
  let group: Axis | null = null;
  for (const token of side.replace(/…/g, '...').match(/\.\.\.|[()]|[\w]+|\S/g) ?? []) {
    if (token === '(' && !group) axes.push(group = []);
    else if (token === ')' && group) group = null;
    else if (/^(\w+|\.\.\.)$/.test(token)) {
      const names = token === '1' ? [] : [token];
      if (group) group.push(...names);
      else axes.push(names);
    } else return null;
  }
  return group ? null : axes;
}

const sidesOf = (pattern: string): [Axis[], Axis[]] | null => {
  const [left, right, more] = pattern.split('->').map(axesOf);
  return left && right && more === undefined ? [left, right] : null;
};

const same = (a: Axis, b: Axis): boolean => a.join(' ') === b.join(' ');
const unread = { reason: 'This pattern of einops is not read.' };

/** `sizes` are those that the call names. Only where all numbers keep their order is the new shape told: a permutation has none that says what it does. */
export function rearranged(pattern: string, sizes: ReadonlyMap<string, number>): Step {
  const sides = sidesOf(pattern);
  if (!sides) return unread;
  const [left, right] = sides;
  const unknownShape: Step = { kind: 'reshape', parameters: { shape: null } };
  if (!left[0] || !right[0] || !same(left[0], right[0]) || left.flat().join(' ') !== right.flat().join(' ')) return unknownShape;
  if (right.length === 2) return { kind: 'flatten', parameters: { startAxis: 1, endAxis: -1 } };
  const known = right.slice(1).map((axis) => axis.reduce<number | null>((n, name) => (n === null || !sizes.has(name) ? null : n * sizes.get(name)!), 1));
  if (known.filter((n) => n === null).length > 1) return unknownShape;
  return { kind: 'reshape', parameters: { shape: known.map((n) => n ?? -1) } };
}

/** A mean over all axes behind that of the channels. */
export function reduced(pattern: string, how: string): Step {
  const sides = sidesOf(pattern);
  if (!sides) return unread;
  const [left, right] = sides;
  const kept = right.findIndex((axis) => axis.length === 0);
  const own = kept < 0 ? right : right.slice(0, kept);
  const places = left.length - own.length;
  const plain = left.every((axis) => axis.length === 1) && own.length === 2 && own.every((axis, i) => same(axis, left[i]!)) && places > 0 && !left.flat().includes('...');
  const ones = right.slice(own.length);
  if (how !== 'mean' || !plain || ones.some((axis) => axis.length > 0) || (ones.length > 0 && ones.length !== places)) {
    return { reason: `This reduction of einops (${how}) is not a mean over all places of each channel.` };
  }
  return { kind: 'global-average-pool', parameters: { keepAxes: ones.length > 0 } };
}
