// What is known about a library: which spelling is which activation, layer or read-out, with its defaults, arguments and traps.
// Knows no syntax: lang matches these rows to the text.
import type { LayerKind, ParameterValue, Trap } from '../../contract/graph.ts';

/**
 * A safe edit of the call that a trap is about: `rename` gives its callee another last name; `argument` adds a keyword
 * argument where the call has none of that name: its value is Python text, or "=other" for the text of the argument of that name.
 */
export interface CallEdit {
  title: string;
  rename?: string;
  argument?: { name: string; value: string };
}

/** A fact that a name hides. The message says {library} where the library stands; it is shown with the version. */
export interface SpellingTrap extends Trap {
  /** On the parameters as the call gives them; always, where absent. */
  when?: (parameters: Record<string, ParameterValue>) => boolean;
  on?: 'complex' | 'real';
  /** The version it was seen in, where that is not the library's. */
  version?: string;
  fix?: CallEdit;
}

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
  parameters?: Record<string, {
    from?: string;
    /** An older name of the argument. */
    also?: string;
    default: ParameterValue;
    /** It is a class or function, known by its path, or a layer, known by what is called to make it. */
    named?: true;
    /** The parameter where the argument is known to be no Python float: the library draws a number of its own then. */
    unlessFloat?: string;
    /** That it is absent says something: null is its default and not an unknown. */
    optional?: true;
  }>;
  /** Name of the argument that gives an activation, which is a layer of its own after this one. */
  activationArgument?: string;
  /** Names of the arguments that give initialisers. */
  initialiserArguments?: { weight?: string; bias?: string; recurrent?: string };
  /** Name of the argument that says which axis holds the channels. */
  axesArgument?: string;
  /** Parameters that no argument gives: they follow from the shape of the input. */
  fromInput?: string[];
  /** Catalog id of the activation that the parameters decide, on real input; null where it is none that is known. */
  choose?(parameters: Record<string, ParameterValue>): string | null;
  /**
   * What follows from several parameters together, written over them: batch norm's factor from gamma, epsilon and what is tracked.
   * Answers why the layer is not read with these parameters, where it is not.
   */
  adjust?(parameters: Record<string, ParameterValue>): string | void;
  /** Number of spatial axes of a convolution or a pool: a single number stands for that many. */
  rank?: number;
  /** Arguments that are real activations, applied to real and imaginary part: the result is the split of the first. */
  splitOf?: string[];
  /** Facts that the name hides; raised as problems where `when` holds or is absent. */
  traps?: SpellingTrap[];
  /** The row in its place on real input, where it is another thing there. */
  onReal?: Spelling;
  /** For weighted layers: id in catalog/initialisers of the default. */
  initialiser?: string;
  /** Of a recurrent layer: id of the initialiser of the weights on its state, where it is another. */
  recurrentInitialiser?: string;
  /**
   * What its initialisers count from the shape of its weight where that is not fan_in and fan_out of the layer: fans, and columns of the weight
   * as a matrix.
   */
  counts?(parameters: Readonly<Record<string, ParameterValue>>): Record<string, ParameterValue>;
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
  /** The layer's own field; its dtype argument decides before it. */
  field?: 'complex' | 'real';
  /** The layer has the field above whatever dtype it is given. */
  dtypeIgnored?: true;
  /** Its weights are complex, and it turns real tensors into complex ones by itself. */
  takesReal?: true;
  /**
   * Makes complex numbers of real ones and has no other effect: with imaginary part 0, or reading pairs of real numbers as the parts of
   * half as many complex ones.
   */
  casts?: 'zero-imaginary' | 'pairs';
  /** Its first argument is a real layer, which it applies to both parts; the other arguments are that layer's. */
  lifts?: true;
  /** Catalog id of a read-out that it applies after this one. */
  then?: string;
  /** A whole network of the library, by itself: a file that makes one offers it, though its layers are not in the text. */
  network?: true;
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
  /** Names of its modules that are no layers: inputs, models, wrappers, modules inside. */
  others?: Readonly<Record<string, readonly string[]>>;
  /** Its complex signals are real and imaginary parts joined in the channel axis, so that real layers act on each part. */
  pairs?: true;
  /** What it does where weights and input are of different fields, and what to do; null where it casts as one would expect. PyTorch's way where absent. */
  mixes?: { realWeights: string | null; complexWeights: string | null };
  /** It makes weights of the type of their input: complex ones on complex numbers. */
  weightsOfInput?: true;
  spellings: Spelling[];
}

/** The text with the library's name and version in place of {library}. */
export const say = ({ label, version }: Pick<Library, 'label' | 'version'>, text: string): string => text.replaceAll('{library}', `${label} ${version}`);

/** The library with its name and version in place of {library} in all that its rows say. */
export function withVersions(library: Library): Library {
  return {
    ...library,
    spellings: library.spellings.map((s) => ({
      ...s,
      ...(s.reason ? { reason: say(library, s.reason) } : {}),
      ...(s.refusesComplex ? { refusesComplex: say(library, s.refusesComplex) } : {}),
      ...(s.traps ? { traps: s.traps.map((t) => ({ ...t, message: say({ ...library, version: t.version ?? library.version }, t.message) })) } : {}),
    })),
  };
}
