// The outcome of an analysis: every number with the way it was got and its error. Report, panel and hover show nothing else.
import type { FiniteTraining, FiniteWidth } from './finite.ts';
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

/**
 * Network (nngp, ntk), real twin (the same recursion from Re K0), and the what-if of holomorphic backpropagation: the kernel of
 * gradients in which df/dzbar is dropped at every layer.
 */
export const KERNEL_NAMES = ['nngp', 'ntk', 'twinNngp', 'twinNtk', 'holomorphicNtk'] as const;
export type KernelName = (typeof KERNEL_NAMES)[number];

/** A part of a result. `value` null: it does not exist or was not computed, and `reason` says why. */
export interface Part<T> {
  value: T | null;
  reason?: string;
}

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
    notes: string[];
  };
}

/**
 * Eigenvalues of a Hermitian kernel and what they say about training: under gradient flow the mode of eigenvalue lambda falls
 * like exp(-t / tau), tau = 2 / lambda in a complex network and 1 / lambda in a real one.
 */
export interface Spectrum {
  /** Ascending. All of them ('tridiagonal'), or the largest that have converged ('lanczos', which tells equal ones apart only by rounding). */
  eigenvalues: number[];
  /** Householder tridiagonalisation and implicit QL, or Lanczos with full reorthogonalisation. */
  algorithm: 'tridiagonal' | 'lanczos';
  /** Eigenvalues there are: the number of samples. */
  size: number;
  /** The smallest eigenvalue; null where Lanczos did not reach it, with an upper bound in `reason`. */
  smallest: Quantity;
  /** Largest / smallest. */
  condition: Quantity;
  /** Trace / largest. */
  effectiveRank: Quantity;
  /** Time constants of the slowest and of the fastest mode. */
  slowest: Quantity;
  fastest: Quantity;
  /** How the matrix was got. */
  method: Method;
  /** Absolute bound on each eigenvalue: that of the matrix (Weyl) and that of the solver. */
  error: number;
}

/** Targets that training curves and regression are taken on. */
export const TARGETS = ['one-hot', 'phases', 'random'] as const;
/** one-hot: real, one output a class, minus the mean. phases: class k of K is exp(2 pi i k / K), minus the mean. random: circular normal, seeded, where there are no labels. */
export type TargetName = (typeof TARGETS)[number];

/** How the squared norm of the targets is shared among the modes of a kernel, largest eigenvalue first. */
export interface ModeShares {
  eigenvalues: number[];
  /** Sums to 1. */
  shares: number[];
}

/** Predicted training at infinite width: gradient flow d(f-y)/dt = -rate Theta (f-y) from f(0) = 0, over all outputs. */
export interface TrainingCurve {
  targets: TargetName;
  /** For people: "7 classes, one output each, minus the mean". */
  description: string;
  outputs: number;
  /** Ascending, on a logarithmic grid from before the fastest mode to after the slowest that the error lets see. */
  times: number[];
  /** ||f(t) - y|| / ||y|| of the network and of its real twin (null: there is none). */
  network: number[];
  twin: number[] | null;
  /** ||f_C(t) - f_twin(t)|| / ||y||. */
  distance: number[] | null;
  /** The largest of them over all times, and the time where it is met. */
  trajectoryGap: Quantity;
  gapTime: number | null;
  /** Time until the residual is 1/e of the targets; null where that is later than the last time shown. */
  timeConstant: { network: Quantity; twin: Quantity };
  modes: { network: ModeShares; twin: ModeShares | null };
  method: Method;
  /** Absolute bound on each value of the curves. */
  error: number;
}

export interface TrainingStudy {
  /** 1/2 for a complex network, 1 for a real one. */
  rate: number;
  curves: TrainingCurve[];
}

/** Classification of held-out samples by kernel ridge regression with one kernel. */
export interface RegressionScore {
  kernel: Exclude<KernelName, 'holomorphicNtk'>;
  targets: Exclude<TargetName, 'random'>;
  /** Share of held-out samples named right: mean over the splits, error = its standard error. */
  accuracy: Quantity;
  /** Median over the splits of the ridge chosen, relative to the mean diagonal of the kernel. */
  ridge: number | null;
}

export interface KernelRegression {
  splits: number;
  seed: number;
  trainSamples: number;
  testSamples: number;
  classes: number;
  /** How ridges are chosen, for people. */
  ridgeRule: string;
  /** Accuracy of always naming the most frequent class. */
  chance: number;
  scores: RegressionScore[];
  /** Accuracy of the NTK minus that of its real twin on the same splits, one-hot targets; error = standard error of the mean difference. */
  advantage: Quantity;
}

/** Where a map meets the diagonal. Stable: |slope| < 1. A slope of null is infinite. */
export interface FixedPoint {
  value: number;
  slope: number | null;
  stable: boolean;
  /** Absolute bound on `value`. */
  error: number;
}

/** A curve for plotting: y[i] = f(x[i]). */
export interface PlotCurve {
  x: number[];
  y: number[];
}

export type DepthPhase = 'ordered' | 'critical' | 'chaotic';

/** What depth does to signals at one activation and the weighted layer after it, alone, at the variance that the network has there. */
export interface DepthMap {
  /** Activation layers for which all this is the same, in forward order. */
  layers: string[];
  /** The weighted layers after them; empty for an activation that no weighted layer follows (then s_w^2 = 1, s_b^2 = 0 are taken). */
  next: string[];
  label: string;
  weightVariance: number;
  biasVariance: number;
  /** q = E|h|^2 before the activation, mean over the samples. */
  variance: Quantity;
  /** q -> s_w^2 E|phi|^2 + s_b^2. */
  varianceMap: PlotCurve;
  varianceFixedPoints: FixedPoint[];
  /** c -> c' for two inputs of variance q and real correlation c. */
  correlationMap: PlotCurve;
  correlationFixedPoints: FixedPoint[];
  /** Slope of the correlation map at c = 1: below 1 near samples grow alike with depth (ordered), above 1 they separate (chaotic). */
  slope: Quantity;
  /** Null where the slope does not exist and nothing can be said. */
  phase: DepthPhase | null;
  /** s_w^2 (E|phi_z|^2 + E|phi_zbar|^2): factor of a back-propagated gradient's squared norm. */
  gradientFactor: Quantity;
  /** Layers over which correlations approach the stable fixed point by a factor e: 1 / |log slope there|. */
  depthScale: Quantity;
  /** E|phi|^2 / E|z|^2 here and the s_w^2 that would keep the variance (s_b^2 = 0); compare weightVariance. */
  gain: Quantity;
  criticalWeightVariance: Quantity;
}

/**
 * The real activation sigma whose real network has the kernels of the real twin, for inputs of variance std^2 at this layer (weights of
 * std s_w, biases of std s_b). The signs of the coefficients of a `series` are free; all are taken positive.
 */
export interface EquivalentActivation {
  /** Activation layers for which it is the same, in forward order. */
  layers: string[];
  label: string;
  /** Root of the mean variance before the activation. */
  std: number;
  /** exact: sigma is known in closed form, `formula`. series: by its Hermite coefficients. */
  kind: 'exact' | 'series';
  formula: string | null;
  /** sigma(std x) = sum_n coefficients[n] he_n(x), he_n orthonormal under N(0, 1). */
  coefficients: number[];
  /** Absolute bound on each coefficient. */
  error: number;
  method: Method;
  /** Share of E|phi|^2 beyond the coefficients given. */
  truncation: Quantity;
  /** sigma(std x) over x in [-4, 4]. */
  curve: PlotCurve;
  /** What limits it: inputs of unequal norm, a complex S on real rho. */
  notes: string[];
}

export type VerdictWord = 'undecided' | 'reduces' | 'real-channel-reduces' | 'stays-complex';

/** One statement of the verdict with the number behind it. */
export interface VerdictClause {
  topic: 'inputs' | 'kernel' | 'training' | 'held-out' | 'depth' | 'backpropagation' | 'finite-width';
  text: string;
  quantity: Quantity | null;
}

export interface Verdict {
  word: VerdictWord;
  /** The verdict in one plain sentence, with its numbers. */
  sentence: string;
  /** What the other numbers add, one plain statement each. */
  clauses: VerdictClause[];
  /** Said with it: jumps, read-outs, missing limits, parameterisation. */
  caveats: string[];
  tolerance: number;
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
  /** ||Theta_hol - Theta|| / ||Theta||: what dropping df/dzbar in backpropagation would change. */
  holomorphicGap: Quantity;
  /** `reason` where there are none. */
  spectra: { ntk: Spectrum | null; twinNtk: Spectrum | null; reason?: string };
  training: Part<TrainingStudy>;
  regression: Part<KernelRegression>;
  /** One for each different block, in forward order. */
  depth: Part<DepthMap[]>;
  equivalents: Part<EquivalentActivation[]>;
  finiteWidth: FiniteWidth | null;
  /** Null where training was not asked for. */
  finiteTraining: FiniteTraining | null;
  verdict: Verdict;
  findings: Finding[];
  /** Seconds spent, by stage; not part of the result's identity. */
  seconds: Record<string, number>;
}
