// What is known about a library: which spelling is which activation, layer or read-out, with its defaults, arguments and traps.
import type { LayerKind, ParameterValue, Trap } from '../../contract/graph.ts';

/** How a class or function of a library maps to the catalog. */
export interface Spelling {
  /** Names as written: class ("modReLU") and function ("complex_relu"). */
  names: string[];
  kind: LayerKind;
  /** Catalog id of the activation or read-out. */
  activation?: string;
  /** Positional argument names, in order, in the library's own words. */
  arguments?: string[];
  /** Catalog parameter <- library argument, with the library's default: `{ bias: { from: "bias", default: -0.1 } }`. */
  parameters?: Record<string, { from?: string; default: ParameterValue }>;
  /** Facts that the name hides; raised as problems where `when` (on the resolved parameters) holds or is absent. */
  traps?: (Trap & { when?: (parameters: Record<string, ParameterValue>) => boolean })[];
  /** For weighted layers: id in catalog/initialisers of the default. */
  initialiser?: string;
  /** The layer's own field, where the class fixes it. */
  field?: 'complex' | 'real';
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
