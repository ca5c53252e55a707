// What is known about a library: which spelling is which activation, layer or read-out, with its defaults, arguments and traps.
// Knows no syntax: lang matches these rows to the text.
import type { LayerKind, ParameterValue, Trap } from '../../contract/graph.ts';

/** How a class or function of a library maps to the catalog. */
export interface Spelling {
  /** Names as written: class ("modReLU") and function ("complex_relu"); "gauss.Linear" where the module decides. */
  names: string[];
  kind: LayerKind;
  /** Catalog id of the activation (on complex input) or read-out. */
  activation?: string;
  /** Catalog id of the activation on real input, where the library accepts one. */
  realActivation?: string;
  /** Why it cannot act on a complex tensor, where the library raises there. */
  refusesComplex?: string;
  /** Positional argument names, in order, in the library's own words. */
  arguments?: string[];
  /** Catalog parameter <- library argument, with the library's default: `{ bias: { from: "bias", default: -0.1 } }`. */
  parameters?: Record<string, { from?: string; default: ParameterValue; /** It is a class or function, known by its path. */ named?: true }>;
  /**
   * What follows from several parameters together, written over them: batch norm's factor from gamma, epsilon and what is tracked.
   * Answers why the layer is not read with these parameters, where it is not.
   */
  adjust?(parameters: Record<string, ParameterValue>): string | void;
  /** Number of spatial axes of a convolution or a pool: a single number stands for that many. */
  rank?: number;
  /** Arguments that are real activations, applied to real and imaginary part: the result is the split of the first. */
  splitOf?: string[];
  /** Facts that the name hides; raised as problems where `when` (on the resolved parameters) holds or is absent. */
  traps?: (Trap & { when?: (parameters: Record<string, ParameterValue>) => boolean; on?: 'complex' | 'real' })[];
  /** For weighted layers: id in catalog/initialisers of the default. */
  initialiser?: string;
  /** Id of the initialiser of the output's projection, of an attention. */
  outputInitialiser?: string;
  /** Of an attention: argument names of its call, and whether the call gives the weights beside the output. */
  attention?: { call: string[]; pair(parameters: Record<string, ParameterValue>, needWeights: boolean): boolean };
  /** Of a recurrent layer. */
  cell?: 'vanilla' | 'gru' | 'lstm';
  /** Read on real tensors; what it does on complex ones is not known. */
  realOnly?: true;
  /** The layer norm that it applies to the sum of its input and output, by its path, and that norm's epsilon. */
  residualNorm?: { path: string; epsilon: number };
  /** The layer's own field, where the class fixes it; otherwise its dtype argument decides. */
  field?: 'complex' | 'real';
  /** For kind `unresolved`: why. */
  reason?: string;
  /** Shown in the hover. */
  note?: string;
}

export interface Library {
  id: string;
  label: string;
  /** The version the facts were seen in. */
  version: string;
  /** Module paths whose names these are: "torchcvnn.nn", "torchcvnn.nn.modules". */
  modules: string[];
  spellings: Spelling[];
}
