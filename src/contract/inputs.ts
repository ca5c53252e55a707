// The inputs of an analysis: samples and where they came from. Knows no file format.

/** n samples of one shape; imaginary parts are zero for real data. Samples first, row-major. */
export interface InputSet {
  samples: number;
  /** Shape of one sample, without batch axis; its product is the row length. */
  shape: number[];
  re: Float64Array;
  im: Float64Array;
  field: 'complex' | 'real';
  /** Class index of each sample and the classes' names, where the set has them. */
  labels?: Int32Array;
  classes?: string[];
  /** One line for people: "modulations: 64 samples of shape [128], SNR 10 dB, seed 0". */
  description: string;
  /** Everything needed to make it again: generator, options, seed, or file name and array name. */
  provenance: Record<string, string | number | boolean | null>;
}

export const SIGNALS = ['modulations', 'noise', 'real-noise'] as const;
export type SignalName = (typeof SIGNALS)[number];
export const NORMALISATIONS = ['none', 'unit', 'standard'] as const;
export type Normalisation = (typeof NORMALISATIONS)[number];

/** What the user asked for; data/index.ts turns it into an InputSet. */
export type InputQuery =
  | { kind: 'file'; path: string; samples: number | null; shape: number[] | null; normalise: Normalisation }
  | { kind: 'signals'; name: SignalName; options: Record<string, number>; samples: number; shape: number[]; normalise: Normalisation };

/** What is taken where the user names nothing. */
export const DEFAULT_SAMPLES = 64;
export const defaultSignals = (field: 'complex' | 'real'): SignalName => (field === 'complex' ? 'modulations' : 'real-noise');
