// The plots in their groups, in the order of the page. A new plot is a file beside this one and a line here.
import { activationChoice } from './activations.ts';
import { correlationMap } from './correlation-map.ts';
import { equivalent } from './equivalent.ts';
import { finiteTraining, kernelDrift } from './finite-training.ts';
import { finiteTwins } from './finite-twins.ts';
import { finiteWidth } from './finite-width.ts';
import { modes } from './modes.ts';
import type { Group } from './plot.ts';
import { regression } from './regression.ts';
import { spectrum } from './spectrum.ts';
import { targetChoice, training } from './training.ts';
import { varianceMap } from './variance-map.ts';
import { variances } from './variances.ts';

export const GROUPS: readonly Group[] = [
  { id: 'training-group', title: 'Training at infinite width', plots: [training, modes], choice: targetChoice },
  { id: 'spectrum-group', title: 'Modes and held-out samples', plots: [spectrum, regression] },
  { id: 'depth-group', title: 'Depth, and the equivalent real activation', plots: [correlationMap, varianceMap, equivalent, variances], choice: activationChoice },
  { id: 'finite-width-group', title: 'Finite networks', plots: [finiteWidth, finiteTwins] },
  { id: 'finite-training-group', title: 'Finite networks in training', plots: [finiteTraining, kernelDrift] },
];

/** What is shown where `wanted` is not offered: the first; empty where nothing is. */
export function picked({ choice }: Group, wanted: string, offered: readonly { value: string }[]): string {
  if (!choice) return '';
  return offered.some((o) => o.value === wanted) ? wanted : offered[0]?.value ?? '';
}
