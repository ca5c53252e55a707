// How the user wants each problem shown: the setting complexNtk.problems. Knows no editor API.
import { settableCodes } from '../catalog/problems.ts';
import type { Severity } from '../contract/graph.ts';
import { TOLD_AS, type ToldAs } from './tables.ts';

interface Row {
  code: string;
  severity: Severity;
}

/** The same rows with the severities that the user wants, without those that are off. */
export type Told = <T extends Row>(rows: readonly T[]) => T[];

export const TELL_ALL: Told = (rows) => [...rows];

/** What is wrong with one entry is said, and leaves the others as they are. */
export function readTold(setting: Record<string, unknown>): { told: Told; complaints: string[] } {
  const complaints: string[] = [];
  const wanted = new Map<string, ToldAs>();
  for (const [code, value] of Object.entries(setting)) {
    if (!settableCodes.includes(code)) complaints.push(`there is no problem code ${JSON.stringify(code).slice(0, 60)} that can be set.`);
    else if (!TOLD_AS.includes(value as ToldAs)) complaints.push(`${code} is ${JSON.stringify(value)?.slice(0, 60)}; allowed are ${TOLD_AS.join(', ')}.`);
    else wanted.set(code, value as ToldAs);
  }
  return {
    complaints,
    told: (rows) => rows.flatMap((row) => {
      const as = wanted.get(row.code) ?? 'default';
      return as === 'off' ? [] : as === 'default' ? [row] : [{ ...row, severity: as }];
    }),
  };
}

/** The setting's value in one place (workspace or user) with this code switched off; what else stands there stays. */
export function withSilenced(before: unknown, code: string): Record<string, unknown> {
  const rest = typeof before === 'object' && before !== null && !Array.isArray(before) ? before : {};
  return { ...rest, [code]: 'off' };
}
