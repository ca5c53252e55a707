// All rules. A new one is a file here and a line below.
import type { Finding } from '../../contract/result.ts';
import { jump, noLimit } from './limits.ts';
import { reduction } from './reduction.ts';
import type { Evidence, Rule } from './rule.ts';
import { variance } from './variance.ts';

const rules: Rule[] = [reduction, noLimit, jump, variance];

export function findingsOf(evidence: Evidence): Finding[] {
  return rules.flatMap((rule) => rule(evidence));
}
