// The dual maps of an activation as the recursion uses them. Knows no structure: each structure has a file of its own.
import type { Method } from '../../contract/result.ts';

/**
 * For u ~ CN(0, a^2), v ~ CN(0, b^2), E[u conj v] = rho a b:
 * S = E[phi(u) conj phi(v)], A = E[phi_z(u) conj phi_z(v)], B = E[phi_zbar(u) conj phi_zbar(v)].
 * For a real activation and real normals: S = E[g(u) g(v)], A = E[g'(u) g'(v)], B = 0.
 */
export interface Dual {
  sRe: number; sIm: number;
  aRe: number; aIm: number;
  bRe: number; bIm: number;
  /** Bound on |error| / sqrt(S_aa S_bb) of S, and likewise of A and B: the worst of the three. */
  error: number;
  method: Method;
}

export const newDual = (): Dual => ({ sRe: 0, sIm: 0, aRe: 0, aIm: 0, bRe: 0, bIm: 0, error: 0, method: 'closed' });

/**
 * A dual prepared for the standard deviations of one layer: i and j are indices into them.
 * |rho| <= 1; rho exactly 1 is exact. Writes into `out`.
 */
export type PreparedDual = (i: number, j: number, rhoRe: number, rhoIm: number, out: Dual) => void;

const RANK: Record<Method, number> = { closed: 0, series: 1, quadrature: 2, 'monte-carlo': 3 };

/** The worse of two methods, for a matrix whose entries took several routes. */
export const worseMethod = (a: Method, b: Method): Method => (RANK[a] >= RANK[b] ? a : b);

/** |rho|, taken as exactly 1 where rounding alone separates it from the unit circle. */
export function unitModulus(rhoRe: number, rhoIm: number): number {
  const modulus = Math.hypot(rhoRe, rhoIm);
  return modulus > 1 - 4e-16 ? 1 : modulus;
}
