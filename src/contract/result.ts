// The outcome of an analysis: every number with the way it was got and its error. Report, panel and hover show nothing else.
import type { Field, Initialisation, Severity } from './graph.ts';
import type { ComplexMatrix } from './matrix.ts';

export const METHODS = ['closed', 'quadrature', 'series', 'monte-carlo'] as const;
export type Method = (typeof METHODS)[number];

/** One number. `value` null means it does not exist or was not computed: `reason` says why. */
export interface Quantity {
  value: number | null;
  method: Method;
  /** Absolute error bound (monte-carlo: one standard error); null where none is known. */
  error: number | null;
  reason?: string;
}

/** A kernel and how well it is known. `matrix` null: it does not exist, see `reason`. */
export interface KernelValue {
  matrix: ComplexMatrix | null;
  method: Method;
  /** Bound on |error| / largest modulus in the matrix. */
  error: number | null;
  reason?: string;
  /** The layer that causes a missing kernel. */
  layer?: string;
}

export const KERNEL_NAMES = ['nngp', 'ntk', 'twinNngp', 'twinNtk'] as const;
export type KernelName = (typeof KERNEL_NAMES)[number];

/** What the analysis knows of one layer, in forward order. */
export interface LayerReport {
  id: string;
  kind: string;
  name: string | null;
  label: string;
  field: Field;
  line: number | null;
  /** Weighted layers only. */
  initialisation?: Initialisation;
  /** Mean over the samples of E|h|^2 at the layer's output. */
  variance: Quantity;
  /** Activations only. */
  activation?: {
    parameters: Record<string, number>;
    /** split, homogeneous, equivariant, holomorphic, general, ... */
    structure: string[];
    limit: 'ntk' | 'nngp' | 'none';
    /** E|phi|^2 / E|z|^2 at the layer's mean variance. */
    gain: Quantity;
    /** E|phi_z|^2 + E|phi_zbar|^2 there. */
    derivativeGain: Quantity;
    /** The E|w|^2 fan_in of the next layer that keeps the variance: 1 / gain. */
    criticalWeightVariance: Quantity;
    /** Share of S carried by pairs of inputs that differ in phase only, and so on, are quantities of later releases. */
    notes: string[];
  };
}

/** Ascending eigenvalues of a Hermitian kernel, with its condition number and effective rank (trace / largest). */
export interface Spectrum {
  eigenvalues: number[];
  condition: Quantity;
  effectiveRank: Quantity;
  method: Method;
  /** Absolute bound on each eigenvalue. */
  error: number;
}

export type VerdictWord = 'undecided' | 'reduces' | 'real-channel-reduces' | 'stays-complex';

export interface Verdict {
  word: VerdictWord;
  /** The verdict in one plain sentence, with its numbers. */
  sentence: string;
  /** Said with it: jumps, read-outs, missing limits, parameterisation. */
  caveats: string[];
  tolerance: number;
}

/** Distance of finite networks from the limit, at one width, over seeds. */
export interface FiniteWidthRow {
  width: number;
  seeds: number;
  /** ||Theta_n - Theta|| / ||Theta||, mean over the seeds; error = its standard error. */
  distance: Quantity;
  /** ||Re Theta_n - Theta_twin|| / ||Theta_twin||. */
  twinDistance: Quantity;
  /** ||pseudo-kernel|| / ||Theta_n||. */
  pseudo: Quantity;
  /** ||mean over seeds of Theta_n - Theta|| / ||Theta||. */
  meanDistance: Quantity;
}

export interface FiniteWidth {
  /** "tensorflow 2.13.1 (native)", "wasm (SIMD)", "cpu (JavaScript)". */
  backend: string;
  /** Why no faster backend ran it; null where the fastest did. */
  fallbackReason: string | null;
  seeds: number[];
  rows: FiniteWidthRow[];
  /** Slope of log distance against log width; about -1/2. Null with fewer than two widths. */
  exponent: Quantity;
}

/** One diagnostic that a rule found: shown in the Problems panel at the layer's place. */
export interface Finding {
  code: string;
  severity: Severity;
  message: string;
  /** Layer it belongs to; null for the whole network. */
  layer: string | null;
}

export interface AnalysisResult {
  schema: 1;
  product: { name: string; version: string };
  /** The command line that reproduces it. */
  command: string;
  model: { name: string; file: string | null; line: number; hash: string; field: Field };
  inputs: {
    description: string;
    samples: number;
    shape: number[];
    normalise: string;
    provenance: Record<string, string | number | boolean | null>;
    labels: number[] | null;
    classes: string[] | null;
    /** ||Im K0|| / ||K0||. */
    phaseContent: Quantity;
    /** sum |Im(K12 K23 K31)| / sum |K12 K23 K31|: does not change when each sample's phase is turned. */
    triplePhase: Quantity;
    /** ||E x x^T|| / E||x||^2. */
    circularity: Quantity;
  };
  layers: LayerReport[];
  /** The layer whose output the kernels belong to; a read-out after it is not part of them. */
  kernelOf: string;
  /** Units of that layer: the kernel is one unit's, times the identity over units. */
  outputUnits: number | null;
  kernels: Record<KernelName, KernelValue>;
  /** ||Re Theta - Theta_twin|| / ||Theta_twin|| and ||Im Theta|| / ||Theta||. */
  realChannelGap: Quantity;
  phaseCoupling: Quantity;
  /** `reason` where there are none. */
  spectra: { ntk: Spectrum | null; twinNtk: Spectrum | null; reason?: string };
  finiteWidth: FiniteWidth | null;
  verdict: Verdict;
  findings: Finding[];
  /** Seconds spent, by stage; not part of the result's identity. */
  seconds: Record<string, number>;
}
