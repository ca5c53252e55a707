// What the engine (the child process) answers. Client and server types derive from EngineMethods.
import type { FiniteOptions, TrainingOptions } from './finite.ts';
import type { ModelGraph, ParameterValue } from './graph.ts';
import type { InputQuery } from './inputs.ts';
import type { AnalysisResult } from './result.ts';

export const BACKEND_PREFERENCES = ['auto', 'native', 'wasm', 'cpu'] as const;
export type BackendPreference = (typeof BACKEND_PREFERENCES)[number];

/** Defaults of the command line and of the settings. */
export const MEMORY_LIMIT_MB = 2048;
export const VERDICT_TOLERANCE = 0.01;

export interface AnalyzeQuery {
  graph: ModelGraph;
  /** Activation classes that the user defined, already in the graph: for the reproducing command line. */
  activations?: Readonly<Record<string, Readonly<Record<string, ParameterValue>>>>;
  /** File name for people and for the reproducing command line; never opened. */
  file: string | null;
  inputs: InputQuery;
  /** Override every layer's variance; null keeps what the code says. */
  weightVariance: number | null;
  biasVariance: number | null;
  /** Widths that replace every hidden width in the finite-width part; empty: the part does not run. */
  widths: number[];
  seeds: number;
  finite: FiniteOptions;
  /** Training of the drawn network and its real twins; null: none. */
  training: TrainingOptions | null;
  /** Floor of the verdict's tolerance. */
  tolerance: number;
  /** Parts to compute; null: all. */
  only: AnalysisPart[] | null;
  memoryLimitBytes: number;
  backend: BackendPreference;
}

export const ANALYSIS_PARTS = ['kernels', 'spectrum', 'training', 'regression', 'depth', 'finite-width', 'finite-training'] as const;
export type AnalysisPart = (typeof ANALYSIS_PARTS)[number];

export interface EngineInfo {
  node: string;
  /** The backend that would run a finite-width study, and why not a faster one. */
  backend: string;
  fallbackReason: string | null;
}

export type EngineMethods = {
  analyze: [AnalyzeQuery, AnalysisResult];
  info: [{ backend: BackendPreference }, EngineInfo];
};

/** The engine calls nothing on the host. */
export type NoMethods = Record<never, never>;
