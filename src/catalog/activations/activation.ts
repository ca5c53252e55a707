// What an activation is: its formula, its Wirtinger derivatives and the structure that decides how its dual is computed.
// Knows no kernel and no library spelling.
import type { Field } from '../../contract/graph.ts';

export type Structure = 'split' | 'homogeneous' | 'equivariant' | 'holomorphic' | 'general';
export type Parameters = Readonly<Record<string, number>>;

/** A real function of a real variable with its derivative almost everywhere. */
export interface ScalarFunction {
  id: string;
  label: string;
  parameters: Record<string, number>;
  value(x: number, p: Parameters): number;
  derivative(x: number, p: Parameters): number;
  /** Points where the function or its derivative is not smooth. */
  kinks(p: Parameters): number[];
  /** Name of the closed form of its real dual, where kernel/duals has one. */
  closed?: 'arc-cosine' | 'erf' | 'gelu';
  /** True where g itself jumps. */
  jumps?: boolean;
  /** Short facts for the hover. */
  notes?: string[];
  /** g(x) as text, with parameter names. */
  formula: string;
  reference?: string;
}

/** phi(z) = h(|z|) z/|z|. */
export interface RadialFunction {
  value(r: number, p: Parameters): number;
  derivative(r: number, p: Parameters): number;
  /** h(r)/r, finite at 0 where h(0) = 0. */
  ratio(r: number, p: Parameters): number;
  kinks(p: Parameters): number[];
}

/** phi(z) = |z| g(arg z), g of period 2 pi, piecewise smooth between the given angles. */
export interface AngularFunction {
  value(theta: number, p: Parameters): [number, number];
  derivative(theta: number, p: Parameters): [number, number];
  /** The same by cos and sin of theta, for loops over many numbers: out[0..3] = Re, Im of g and of g'. */
  unit?(cos: number, sin: number, p: Parameters, out: Float64Array): void;
  kinks(p: Parameters): number[];
  /** g itself jumps at a kink: the a.e. derivative misses it. */
  jumps: boolean;
}

/**
 * An entire phi(z) = sum_n f_n z^n whose moments under a circular Gaussian are finite: S = sum_n n! |f_n|^2 (a b rho)^n.
 * Poles and branch cuts are not for here.
 */
export interface HolomorphicFunction {
  /** f_n sqrt(n!), as [Re, Im], which stays in range where f_n alone would not. */
  coefficient(n: number, p: Parameters): [number, number];
}

/** Where phi or its derivatives are not smooth, so that quadrature breaks there. Empty for a smooth phi. */
export interface Kinks {
  /** Circles |z| = r. */
  radii?: number[];
  /** Rays arg z = theta, in radians. */
  angles?: number[];
  /** Lines Re z = x and Im z = y. */
  x?: number[];
  y?: number[];
}

/** phi, phi_z, phi_zbar at one point: out[0..5] = Re, Im of each, in this order. */
export type Wirtinger = (x: number, y: number, p: Parameters, out: Float64Array) => void;

export interface Activation {
  /** Catalog id: "split-relu", "modrelu". */
  id: string;
  label: string;
  field: Field;
  parameters: Record<string, number>;
  structure: Structure[];
  /** Field of phi's values where it is not that of its argument: |z|, Re z ... are complex in and real out. */
  output?: Field;
  /** At most one of these says how the dual is computed; none of them: by phi alone, with `kinks`. */
  scalar?: ScalarFunction;
  /** phi = g(Re z) + i h(Im z) with h another function than g = `scalar`. */
  imaginary?: ScalarFunction;
  radial?: RadialFunction;
  angular?: AngularFunction;
  holomorphic?: HolomorphicFunction;
  /** For phi without one of the structures above. */
  kinks?(p: Parameters): Kinks;
  /** Value and Wirtinger derivatives, a.e.; at 0 and on kinks the value autograd would take. */
  evaluate: Wirtinger;
  /** What exists as widths grow; `limitReason` where it is not "ntk". Depends on parameters (modReLU with bias > 0). */
  limit(p: Parameters): { exists: 'ntk' | 'nngp' | 'none'; reason?: string };
  /** Formula for people, with parameter names. */
  formula: string;
  /** True where phi itself jumps: the kernel need not govern training. */
  jumps: boolean;
  /** Short facts for the hover. */
  notes: string[];
  reference?: string;
}

/** Parameters given by the code over the defaults; unknown names and non-numbers are refused by the caller. */
export function withDefaults(a: { parameters: Record<string, number> }, given: Readonly<Record<string, number>>): Record<string, number> {
  return { ...a.parameters, ...given };
}
