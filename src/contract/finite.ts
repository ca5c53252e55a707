// Networks of finite width: their kernels beside the limit, their real twins, and what training does to them. Knows no tensor library.
import type { KernelValue, Quantity } from './result.ts';

/** What the weights are drawn from: normal numbers, or the law of the initialiser that the code uses, of the same variance. */
export const LAWS = ['normal', 'library'] as const;
export type Law = (typeof LAWS)[number];

/**
 * What gradient descent moves. ntk: standard normal numbers behind fixed factors, so that the limit's kernel governs it.
 * standard: the weights themselves with one learning rate, as a library trains them.
 */
export const PARAMETERISATIONS = ['ntk', 'standard'] as const;
export type Parameterisation = (typeof PARAMETERISATIONS)[number];

export const OPTIMIZERS = ['sgd', 'momentum', 'adam'] as const;
export type Optimizer = (typeof OPTIMIZERS)[number];

/**
 * A real network of the same layers with free real weights on [Re, Im]: with as many real channels a layer as the complex one has
 * complex ones, with twice as many, or with as many as give it the same number of trained real numbers.
 */
export const TWIN_SIZES = ['same-widths', 'double-widths', 'matched-parameters'] as const;
export type TwinSize = (typeof TWIN_SIZES)[number];

export const BATCH_NORM_MODES = ['evaluation', 'training'] as const;
export type BatchNormMode = (typeof BATCH_NORM_MODES)[number];

/** How finite networks are drawn and read, whatever is then done with them. */
export interface FiniteOptions {
  law: Law;
  /** Whether a read-out at the end (|.|, Re, softmax of |.|) belongs to the output; otherwise the output is that of the layer before. */
  readOut: boolean;
  /** evaluation: the factor it has before it has seen data, as the limit takes it. training: the statistics of the batch, which is all samples. */
  batchNorm: BatchNormMode;
}

export const FINITE_DEFAULTS: FiniteOptions = { law: 'normal', readOut: false, batchNorm: 'evaluation' };

export interface TrainingOptions {
  optimizer: Optimizer;
  /** Null: chosen from the largest eigenvalue of the network's kernel (Adam: a fixed one). */
  learningRate: number | null;
  /** Of `momentum`. */
  momentum: number;
  steps: number;
  /** Channels of every hidden layer; null: as written, or the largest of the widths asked for where the text leaves sizes open. */
  width: number | null;
  parameterisation: Parameterisation;
  /** Real networks that are trained beside it. */
  twins: TwinSize[];
}

export const TRAINING_DEFAULTS: TrainingOptions = { optimizer: 'sgd', learningRate: null, momentum: 0.9, steps: 200, width: null, parameterisation: 'ntk', twins: ['matched-parameters'] };

/** Distance of finite networks from the limit, at one width, over seeds. */
export interface FiniteWidthRow {
  /** Channels of every hidden layer, or of the narrowest one in the row of the widths as written. */
  width: number;
  /** True for the row of the widths that the model's text gives. */
  asWritten: boolean;
  /** Trained real numbers of one network. */
  parameters: number;
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

/** A real network of finite width beside the complex one, on the same inputs. Its kernels are taken twice, so that both have one scale. */
export interface FiniteTwin {
  size: TwinSize;
  /** Real channels of every hidden layer, or of the narrowest one where the widths are those of the text. */
  width: number;
  parameters: number;
  /** ||2 K_n - Theta_twin|| / ||Theta_twin||, mean over the seeds. */
  distance: Quantity;
  /** ||mean 2 K_n - mean Re Theta_n|| / ||mean Re Theta_n||; error = standard error of the difference. */
  toNetwork: Quantity;
}

/** Mean over the seeds of networks of one width: what is looked at where no limit exists. `error` is relative, one standard error. */
export interface EmpiricalKernels {
  width: number;
  asWritten: boolean;
  seeds: number;
  /** sum df conj df' over the real parameters. */
  ntk: KernelValue;
  /** sum df df'; null matrix for a real network. */
  pseudo: KernelValue;
  /** Twice the kernel of the real twin of double widths. */
  twinNtk: KernelValue;
  /** What one number of the output is the f of these kernels, for people. */
  output: string;
  /** How the weights' numbers are counted, and what is held fixed, for people. */
  notes: string[];
}

/** From the fitted line: the width at which one network's kernel is within `level` of its limit. */
export interface LimitWidth {
  level: number;
  width: Quantity;
}

export interface FiniteWidth {
  /** "TensorFlow 2.13.1 (native)", "WebAssembly (SIMD)", "JavaScript (CPU)". */
  backend: string;
  /** Why no faster backend ran it; null where the fastest did. */
  fallbackReason: string | null;
  law: Law;
  seeds: number[];
  /** By width. */
  rows: FiniteWidthRow[];
  /** Why there is no row of the widths as written; null where there is one. */
  asWrittenReason: string | null;
  /** Slope of log distance against log width; about -1/2. Null with fewer than two widths. */
  exponent: Quantity;
  /** The same of the pseudo-kernel (-1/2) and of the mean over the seeds (-1, until the scatter of the seeds hides it). */
  pseudoExponent: Quantity;
  meanExponent: Quantity;
  limitWidth: LimitWidth;
  /** At which width this network behaves like its limit, in one plain sentence with its numbers. */
  sentence: string;
  twins: FiniteTwin[];
  /** Why a twin is missing; null where all are there. */
  twinsReason: string | null;
  /** Of the widths as written where they were run, otherwise of the largest. */
  kernels: EmpiricalKernels;
}

/** One network, or one of its real twins, trained from each seed. All arrays follow `steps` of the training. */
export interface FiniteCurve {
  network: 'network' | TwinSize;
  width: number;
  parameters: number;
  /** ||f - y|| / ||f_0 - y||, mean over the seeds, and its standard error (null with one seed). */
  residual: number[];
  residualError: (number | null)[];
  /** Share of samples whose largest output is that of their class; null where the targets are no classes. */
  accuracy: number[] | null;
  /** ||Theta_t - Theta_0|| / ||Theta_0|| of the kernel of one output, mean over the seeds; null at steps where it was not taken. */
  drift: (number | null)[];
  driftError: (number | null)[];
}

/** What gradient descent under a fixed kernel would do from the same start, step by step; one mode at a time. */
export interface PredictedCurve {
  /** limit: the NTK at infinite width. initial: the kernel of the drawn network at its start. */
  kernel: 'limit' | 'twin-limit' | 'initial';
  residual: number[];
}

export interface FiniteTraining {
  backend: string;
  fallbackReason: string | null;
  options: TrainingOptions & { learningRate: number };
  law: Law;
  /** How the learning rate was chosen, for people. */
  learningRateRule: string;
  seeds: number[];
  targets: { description: string; outputs: number; classes: boolean };
  /** Steps of gradient descent after which numbers were taken; begins with 0. */
  steps: number[];
  curves: FiniteCurve[];
  /** Why a twin that was asked for is missing; null where all are there. */
  twinsReason: string | null;
  predicted: PredictedCurve[];
  /** Why a prediction is missing; null where all are there. */
  predictedReason: string | null;
  /** Largest distance of the network's residual curve from the limit's prediction (or from the initial kernel's where there is no limit). */
  gap: Quantity;
  /** Drift of the network's kernel at the last step: near 0 is lazy, as the limit supposes. */
  drift: Quantity;
  /** Why it ended before its last step: a number that is not finite, with layer and step; null where it did not. */
  stopped: string | null;
  /** Whether the network trained lazily and followed its kernel, in one plain sentence with its numbers. */
  sentence: string;
}
