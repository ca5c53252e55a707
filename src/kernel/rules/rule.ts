// What a rule is: one diagnostic, found in the numbers of an analysis. Its code has a row in catalog/problems.ts.
import type { Finding, LayerReport, Verdict } from '../../contract/result.ts';
import type { KernelSet } from '../kernels.ts';
import type { Network } from '../network.ts';
import type { Studies } from '../verdict.ts';

export interface Evidence {
  network: Network;
  set: KernelSet;
  layers: LayerReport[];
  studies: Studies;
  verdict: Verdict;
}

export type Rule = (evidence: Evidence) => Finding[];

export const percent = (x: number): string => `${(100 * x).toPrecision(2)} %`;
export const digits = (x: number): string => String(Number(x.toPrecision(3)));
