// A model as the product sees it: layers, the edges between them, and what is wrong with the text. Knows no source language.

/** Lines and columns count from 1, columns in UTF-16 units, the end is exclusive. */
export interface Span {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

export const SEVERITIES = ['error', 'warning', 'information', 'hint'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A safe edit of the text that mends a problem: each span is replaced by its text. The spans do not overlap. */
export interface Fix {
  /** What the edit does, as the entry of a menu: "Add dtype=torch.cfloat". */
  title: string;
  edits: { span: Span; text: string }[];
}

/** Something in the user's model or text. Its code is stable and has a page in docs/problems.md. */
export interface Problem {
  code: string;
  severity: Severity;
  /** What was found and what to do. One or two sentences, naming the text found. */
  message: string;
  span: Span;
  fix?: Fix;
}

export type Field = 'complex' | 'real';

export const LAYER_KINDS = [
  'dense', 'conv1d', 'conv2d', 'conv3d', 'conv-transpose', 'batch-norm', 'layer-norm', 'dropout',
  'average-pool', 'max-pool', 'global-average-pool', 'flatten', 'activation', 'add', 'concat', 'rnn',
  'attention', 'embedding', 'reshape', 'read-out', 'unresolved',
] as const;
export type LayerKind = (typeof LAYER_KINDS)[number];

export type ParameterValue = number | string | boolean | null | ParameterValue[] | { [name: string]: ParameterValue };

/** The variances a weighted layer starts with, and how they are known. */
export interface Initialisation {
  /** e.g. "kaiming_uniform(a=sqrt5), complex" or "given". */
  initialiser: string;
  library: string | null;
  /** The library's version in which the fact was seen. */
  version: string | null;
  /** s_w^2 = fan_in E|w|^2; null where the sizes it depends on are unknown. */
  weightVariance: number | null;
  /** s_b^2 = E|b|^2; 0 without a bias. */
  biasVariance: number | null;
  /** E w^2 = 0: the real and imaginary parts are uncorrelated and of equal variance. */
  circular: boolean;
  /** The distribution of one real number of the weights where it is not normal. A Rayleigh modulus with uniform phase is a complex normal. */
  law?: 'uniform' | 'constant';
  /** Share of E|w|^2 that the real parts have, where it is not 1/2: 1 for real weights that were made complex. */
  realShare?: number;
  source: 'code' | 'library default' | 'setting';
}

/** A fact about this library's version of a layer that its name hides. `code` is a Problem code. */
export interface Trap {
  code: string;
  message: string;
}

/** One layer, in forward order. An identity is not listed; what cannot be read is kind `unresolved`. */
export interface GraphNode {
  /** Unique in the model: "dense1", "activation2". */
  id: string;
  kind: LayerKind;
  /** Catalog id of an activation, read-out or rnn; otherwise the attribute's name in the code. */
  name: string | null;
  /** Sizes (inFeatures, outFeatures, kernel, stride, padding, dilation, groups, bias) and an activation's parameters. */
  parameters: Record<string, ParameterValue>;
  /** The field of the layer's output. */
  field: Field;
  /** Shapes without batch axis, in the framework's own axis order; null where unknown. */
  input: number[] | null;
  output: number[] | null;
  /** Where it is written (the call that makes it); null for models that have no text. */
  span: Span | null;
  /** Where it is applied in forward(), when that is another place. */
  callSpan?: Span;
  /** The class or container instance it came out of: "encoder.block1". */
  group?: string;
  /** Id of the layer whose weights it shares. */
  sharedWith?: string;
  /** The spelling in the code ("c_nn.modReLU") and the library it belongs to. */
  spelling?: string;
  library?: string;
  traps?: Trap[];
  /** For weighted layers. */
  initialisation?: Initialisation;
  /** For `unresolved`: why, in one sentence. */
  reason?: string;
}

export interface ModelGraph {
  /** Class or variable name. */
  name: string;
  /** 1-based line where the model is defined. */
  line: number;
  layers: GraphNode[];
  graph: {
    /** Ids of the layers that read the network's input, and those whose output leaves it. */
    inputs: string[];
    outputs: string[];
    /** `[from, to]` ids. */
    edges: [string, string][];
  };
  /** Axis order of the shapes above. */
  axes: 'channels-first' | 'channels-last';
  /** The input's shape where the text tells it, or the user; and its field. */
  inputShape: number[] | null;
  /** The shape was given by the user, not by the text. */
  shapeGiven?: true;
  inputField: Field;
}

export interface ParsedFile {
  schema: 1;
  /** Networks, not blocks. */
  models: ModelGraph[];
  problems: Problem[];
}
