// What the bulb at a problem offers: the safe edit that mends it, and to have its code silenced. Knows no editor API.
import { settableCodes } from '../catalog/problems.ts';
import type { Fix, Problem } from '../contract/graph.ts';

export type Place = 'workspace' | 'user';

export type Offer =
  | { kind: 'fix'; title: string; edits: Fix['edits'] }
  | { kind: 'silence'; title: string; code: string; place: Place };

/** The best first. @param hasWorkspace whether there is a workspace whose settings can hold the choice */
export function offersFor({ code, fix }: Pick<Problem, 'code' | 'fix'>, hasWorkspace: boolean): Offer[] {
  const places: Place[] = settableCodes.includes(code) ? (hasWorkspace ? ['workspace', 'user'] : ['user']) : [];
  return [
    ...(fix ? [{ kind: 'fix' as const, title: fix.title, edits: fix.edits }] : []),
    ...places.map((place): Offer => ({ kind: 'silence', title: `Silence ${code} ${place === 'workspace' ? 'in this workspace' : 'for the user'}`, code, place })),
  ];
}
