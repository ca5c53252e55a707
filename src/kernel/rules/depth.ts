// Correlations that depth drives to their fixed point: the network no longer tells its inputs apart, or forgets that they were alike.
import type { DepthMap, DepthPhase, Finding } from '../../contract/result.ts';
import { digits, type Rule } from './rule.ts';

/** After this many depth scales e^-3 = 5 % of what the inputs' correlations told is left. */
const SCALES = 3;

export const depth: Rule = ({ studies }) => (['ordered', 'chaotic'] as const).flatMap((phase) => found(studies.depth.value ?? [], phase));

function found(all: DepthMap[], phase: DepthPhase): Finding[] {
  const maps = all.filter((m) => m.phase === phase && m.depthScale.value !== null && m.depthScale.value > 0);
  const scales = maps.reduce((s, m) => s + m.layers.length / m.depthScale.value!, 0);
  const first = maps[0];
  if (!first || scales < SCALES) return [];
  const layers = maps.reduce((s, m) => s + m.layers.length, 0);
  const slopes = maps.map((m) => (m.slope.value === null ? 'infinite' : digits(m.slope.value)));
  const slope = [...new Set(slopes)].slice(0, 3).join(', ');
  const target = phase === 'ordered' ? '1: all inputs end up alike' : 'one value below 1, however alike the inputs were';
  return [{
    code: `depth-${phase}`, severity: 'information', layer: first.layers[0]!,
    message: `${layers} activation layers of ${phase} phase (slope of the correlation map at 1: ${slope}) take the correlation of any two inputs ${digits(scales)} depth scales toward ${target}. ${phase === 'ordered' ? 'Raise' : 'Lower'} the weight variance, or add skip connections.`,
  }];
}
