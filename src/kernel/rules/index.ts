// All rules. A new one is a file here and a line below.
import type { Finding } from '../../contract/result.ts';
import { depth } from './depth.ts';
import { twinAsGood } from './held-out.ts';
import { holomorphic } from './holomorphic.ts';
import { initialiser } from './initialiser.ts';
import { jump, noLimit } from './limits.ts';
import { slowModes } from './modes.ts';
import { reduction } from './reduction.ts';
import type { Evidence, Rule } from './rule.ts';
import { variance } from './variance.ts';

const rules: Rule[] = [reduction, twinAsGood, noLimit, jump, variance, initialiser, depth, slowModes, holomorphic];

export function findingsOf(evidence: Evidence): Finding[] {
  return rules.flatMap((rule) => rule(evidence));
}
