// The values that the bounded interpreter passes around: what is known of a Python object from the text alone. Knows no evaluation.
import type { Initialiser, Options } from '../../catalog/initialisers/index.ts';
import type { Library, Spelling } from '../../catalog/libraries/library.ts';
import type { Field, ParameterValue, Span } from '../../contract/graph.ts';
import type { Syntax } from '../parser.ts';
import type { Scope } from './scope.ts';

export type Constant = number | string | boolean | null;

export interface ClassValue {
  t: 'class';
  name: string;
  node: Syntax;
  bases: Value[];
  members: Map<string, Value>;
  /** Names with annotations, in order: a dataclass's fields. */
  fields: string[];
}

export interface FunctionValue {
  t: 'function';
  name: string;
  node: Syntax;
  closure: Scope;
  defaults: Map<string, Value>;
  /** "property", "staticmethod" and the like. */
  decorators: string[];
  /** The class it is defined in, for super(). */
  owner?: ClassValue;
}

export interface ObjectValue {
  t: 'object';
  cls: ClassValue;
  attributes: Map<string, Value>;
  /** Children of a class derived from nn.Sequential. */
  items: Item[] | null;
  at: Syntax;
  path: string;
  /** No other module made it. */
  outermost?: boolean;
  /** Where attributes that nothing has read yet were assigned, and in which block. */
  written?: Map<string, { at: Syntax; in: Syntax | null }>;
}

export interface Item {
  name: string;
  value: Value;
}

/** nn.Sequential, nn.ModuleList or nn.ModuleDict. */
export interface ContainerValue {
  t: 'container';
  kind: 'sequential' | 'list' | 'dict';
  items: Item[];
  at: Syntax;
  path: string;
}

/** An initialiser that the code calls on a weight. */
export interface Called {
  initialiser: Initialiser | null;
  options: Options;
  /** Of the weight when it was drawn. */
  field: Field;
}

/** One layer object of a library, before it is applied to anything. */
export interface LayerValue {
  t: 'layer';
  spelling: Spelling;
  library: Library;
  /** As written: "c_nn.modReLU". */
  text: string;
  parameters: Record<string, ParameterValue>;
  /** Catalog id that an argument decides (a split of a given activation). */
  activation: string | null;
  reason: string | null;
  /** The field its weights are made in; null where it has none. */
  field: Field | null;
  /** .to(torch.cfloat) on real weights. */
  cast: boolean;
  /** Of a complex layer made of two real ones: this one holds the real parts, that one the imaginary ones. */
  imaginary?: LayerValue;
  weight: Called | null;
  bias: Called | null;
  /** On the weights of a recurrent layer's state. */
  recurrent?: Called | null;
  at: Syntax;
  span: Span;
  name: string | null;
  group: string | null;
  /** Its weights are parameters that the user's own module holds. */
  held?: true;
  /** Index of the layer drawn at its first application. */
  drawn: { drawing: object; index: number } | null;
}

/** A signal in forward(): the output of a drawn layer, or the network's input (null). */
export interface TensorValue {
  t: 'tensor';
  from: number | null;
  cast?: Field;
  /** Of an input that has a shape of its own. */
  shape?: number[];
  /** It is read as complex numbers whose parts lie along an axis: its shape is not that of the step it comes from. */
  folded?: true;
  /** Of the network's input: the first or second of two arguments that are parts of one number. */
  stream?: 0 | 1;
  /** Of a recurrent layer: all its states, time on this axis of the tensor, or the last one. */
  states?: 'first-axis' | 'second-axis' | 'last';
}

/** An array that depends on no signal: a parameter, a buffer, an example input. */
export interface ArrayValue {
  t: 'array';
  /** With the batch axis, where it has one; null where the text does not tell. */
  shape: (number | null)[] | null;
  field: Field;
  /** The value of all its numbers, where they are equal. */
  fill: number | null;
  /** How its numbers are drawn at first. */
  drawn: Called | null;
  /** Two real arrays that are its real and imaginary part. */
  parts?: [ArrayValue, ArrayValue];
  trained: boolean;
  /** The attribute that holds it. */
  name: string | null;
  /** Layers that use it as their weight, by kind. */
  layers: Map<string, LayerValue>;
}

export type Value =
  /** `float`: a number that Python holds as a float though it is whole. */
  | { t: 'const'; v: Constant; float?: true }
  | { t: 'imaginary'; v: number }
  | { t: 'list'; items: Value[]; tuple: boolean }
  | { t: 'dict'; entries: Map<Constant, Value> }
  | { t: 'external'; path: string }
  /** A file of the user's own. */
  | { t: 'module'; path: string; names: Scope; at: Syntax }
  /** What an argument parser or a namespace holds. */
  | { t: 'options'; entries: Map<Constant, Value>; parses?: true }
  | { t: 'bound'; self: Value; name: string }
  | { t: 'method'; self: ObjectValue; fn: FunctionValue }
  | { t: 'super'; self: ObjectValue; owner: ClassValue }
  | { t: 'partial'; fn: Value; args: Arguments }
  | { t: 'weight'; layer: LayerValue; which: 'weight' | 'bias' }
  | { t: 'size'; axis: number | null }
  | { t: 'shape' }
  | { t: 'unknown'; reason: string }
  | ClassValue | FunctionValue | ObjectValue | ContainerValue | LayerValue | TensorValue | ArrayValue;

export interface Arguments {
  positional: Value[];
  keywords: Map<string, Value>;
  /** A star argument of unknown content was given: what is absent is not known to be default. */
  open: boolean;
}

export const NONE: Value = { t: 'const', v: null };
export const constant = (v: Constant): Value => ({ t: 'const', v });
/** A Python float: whole ones are told from ints. */
export const float = (v: number): Value => ({ t: 'const', v, float: true });
export const unknown = (reason: string): Value => ({ t: 'unknown', reason });
export const listOf = (items: Value[], tuple = false): Value => ({ t: 'list', items, tuple });

/** A value as a parameter of the graph: constants and lists of them; undefined where it is not known. */
export function asParameter(v: Value): ParameterValue | undefined {
  if (v.t === 'const') return v.v;
  if (v.t !== 'list') return undefined;
  const items = v.items.map(asParameter);
  return items.every((i) => i !== undefined) ? (items as ParameterValue[]) : undefined;
}

/** Python's truth of a value; null where it is not known. */
export function truth(v: Value): boolean | null {
  switch (v.t) {
    case 'const': return v.v !== null && v.v !== false && v.v !== 0 && v.v !== '';
    case 'list': return v.items.length > 0;
    case 'dict': return v.entries.size > 0;
    case 'container': return v.items.length > 0;
    case 'object': case 'layer': case 'class': case 'function': case 'method': case 'external': case 'module': return true;
    default: return null;
  }
}
