// The dual maps of an activation as the recursion uses them. Knows no structure: each structure has a file of its own.
import type { Method } from '../../contract/result.ts';
import type { Workspace } from '../wasm/index.ts';

/**
 * Entries of one layer to be sent through its activation, struct of arrays. Correlations come in, S goes out in their place.
 * For u ~ CN(0, a^2), v ~ CN(0, b^2), E[u conj v] = rho a b:
 * S = E[phi(u) conj phi(v)], A = E[phi_z(u) conj phi_z(v)], B = E[phi_zbar(u) conj phi_zbar(v)].
 * For a real activation and real normals: S = E[g(u) g(v)], A = E[g'(u) g'(v)], B = 0.
 */
export interface DualBlock {
  /** Number of entries; the arrays may be longer. */
  count: number;
  /** For each entry the indices of its two standard deviations in the list the dual was prepared for. */
  left: Int32Array;
  right: Int32Array;
  /** rho, |rho| <= 1, where exactly 1 is exact; replaced by S. */
  re: Float64Array;
  im: Float64Array;
  /** A and B, where derivatives were asked for; else left alone (may be empty). */
  aRe: Float64Array;
  aIm: Float64Array;
  bRe: Float64Array;
  bIm: Float64Array;
}

/** The worst of a block. */
export interface DualOutcome {
  /** Bound on |error| / sqrt(S_aa S_bb) of S; of A and B relative to the same of A + B, since B may vanish. */
  error: number;
  method: Method;
}

/** What the caller knows beforehand and will not use: work that need not be done. */
export interface DualOptions {
  /** A and B are wanted. */
  derivatives: boolean;
  /** Every rho of every block has imaginary part 0, as in a real twin. S may still be complex (theory: z exp(i|z|^2)). */
  real: boolean;
  /** The memory that the standard deviations and every block's arrays lie in, for loops that work in it. */
  workspace?: Workspace;
}

/** A dual prepared for the standard deviations of one layer. */
export type PreparedDual = (block: DualBlock) => DualOutcome;

/** From the surest to the least. */
export const METHOD_RANK: Record<Method, number> = { closed: 0, series: 1, quadrature: 2, 'monte-carlo': 3 };

/** The worse of two methods, for a matrix whose entries took several routes. */
export const worseMethod = (a: Method, b: Method): Method => (METHOD_RANK[a] >= METHOD_RANK[b] ? a : b);

/** |rho|, taken as exactly 1 where rounding alone separates it from the unit circle. */
export function unitModulus(rhoRe: number, rhoIm: number): number {
  const modulus = Math.hypot(rhoRe, rhoIm);
  return modulus > 1 - 4e-16 ? 1 : modulus;
}
