// What a hover says about one layer, as Markdown: facts from the catalog and, where there is one, this network's stored result. Computes nothing.
import { activationOf } from '../catalog/activations/index.ts';
import { withDefaults, type Activation } from '../catalog/activations/activation.ts';
import { gainAt } from '../catalog/gains.ts';
import { everyLibrary } from '../catalog/libraries/index.ts';
import { problemCodes } from '../catalog/problems.ts';
import type { GraphNode } from '../contract/graph.ts';
import type { AnalysisResult, DepthMap, DepthPhase, EquivalentActivation, LayerReport, Quantity } from '../contract/result.ts';
import { TELL_ALL, type Told } from './severities.ts';

export interface HoverFacts {
  node: GraphNode;
  /** The network's last result, and whether it is that of the text as it stands. */
  result: AnalysisResult | null;
  fresh: boolean;
  /** Target of the link on a problem's code. */
  linkTo(code: string): string | null;
  /** Which facts are to be told. */
  told?: Told;
}

const STRUCTURES: Record<string, string> = {
  split: 'split: acts on real and imaginary part apart',
  homogeneous: 'homogeneous: scales with its input',
  equivariant: 'phase-equivariant: turning the input turns the output',
  holomorphic: 'holomorphic: complex differentiable',
  general: 'general: neither split nor phase-equivariant nor holomorphic',
};

const PHASES: Record<DepthPhase, string> = {
  ordered: 'ordered: near inputs grow alike with depth',
  critical: 'critical: near inputs keep their distance',
  chaotic: 'chaotic: near inputs separate with depth',
};

/** Text from a file or a message, so that Markdown shows it as it is. */
export const escaped = (text: string): string => text.replace(/[\\`*_{}[\]()<>#+\-.!|~$&:@]/g, '\\$&').replace(/\s+/g, ' ');

/** Text in a code span; a backtick in it would end the span. */
const code = (text: string): string => `\`${text.replaceAll('`', "'").replace(/\s+/g, ' ')}\``;

/** Four significant digits, as people write them. */
export function figure(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const size = Math.abs(value);
  return size >= 1e5 || size < 1e-3 ? value.toExponential(3) : String(Number(value.toPrecision(4)));
}

export function quantity(q: Quantity): string {
  if (q.value === null) return `— (${escaped(q.reason ?? 'not computed')})`;
  return `${figure(q.value)}${q.error ? ` ± ${q.error.toExponential(0)}` : ''} (${q.method})`;
}

/** Markdown, paragraphs separated by empty lines. */
export function hoverText({ node, result, fresh, linkTo, told = TELL_ALL }: HoverFacts): string {
  const activation = node.kind === 'activation' && node.name ? activationOf(node.name, node.parameters) : undefined;
  const parts = activation ? activationFacts(activation, node) : layerFacts(node);
  const traps = (node.traps ?? []).map((trap) => ({ ...trap, severity: problemCodes[trap.code]?.severity ?? 'warning' }));
  for (const trap of told(traps)) {
    const link = linkTo(trap.code);
    parts.push(`$(warning) ${escaped(trap.message)} ${link ? `[${escaped(trap.code)}](${link})` : escaped(trap.code)}`);
  }
  parts.push(...resultFacts(result?.layers.find((layer) => layer.id === node.id), result, fresh));
  return parts.filter((part) => part !== '').join('\n\n');
}

function origin(node: GraphNode): string {
  const library = everyLibrary.find((one) => one.id === node.library);
  const from = library ? `${escaped(library.label)} ${escaped(library.version)}` : node.library ? escaped(node.library) : '';
  return [node.spelling ? code(node.spelling) : '', from].filter(Boolean).join(' of ');
}

function activationFacts(activation: Activation, node: GraphNode): string[] {
  const given = Object.entries(node.parameters).filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[0] in activation.parameters);
  const unknown = Object.keys(activation.parameters).filter((name) => node.parameters[name] === null);
  const parameters = withDefaults(activation, Object.fromEntries(given));
  const values = Object.entries(parameters).map(([name, value]) => (unknown.includes(name) ? `${escaped(name)} unknown` : `${escaped(name)} = ${figure(value)}`));
  const structure = activation.structure.map((word) => STRUCTURES[word] ?? escaped(word)).join('; ');
  const limit = activation.limit(parameters);
  const parts = [
    `**${escaped(activation.label)}** — ${activation.field} activation${origin(node) ? `, ${origin(node)}` : ''}`,
    `${code(activation.formula)}${values.length > 0 ? ` with ${values.join(', ')}` : ''}`,
    structure ? `${structure[0]!.toUpperCase()}${structure.slice(1)}.` : '',
    limit.exists === 'ntk' ? '' : `Infinite-width limit: ${limit.exists === 'nngp' ? 'NNGP only' : 'none'}${limit.reason ? `: ${escaped(limit.reason)}` : ''}`,
  ];
  const gain = unknown.length === 0 && limit.exists !== 'none' ? gainAt(activation.id, parameters) : null;
  if (gain) {
    const derivative = gain.derivativeGain === null ? '' : `, of its derivative ${figure(gain.derivativeGain)}`;
    parts.push(`Gain at variance 1: ${figure(gain.gain)}${derivative}. Variance is kept by weights with fan\\_in E|w|² = ${figure(1 / gain.gain)} in the next layer.`);
  }
  return [...parts, ...activation.notes.map(escaped)];
}

function layerFacts(node: GraphNode): string[] {
  const shape = (sizes: number[] | null) => (sizes ? sizes.join(' × ') : 'unknown');
  const parts = [`**${escaped(node.kind)}** ${escaped(node.id)}${origin(node) ? `, ${origin(node)}` : ''}`];
  if (node.kind === 'unresolved') parts.push(`Not read: ${escaped(node.reason ?? 'unknown to this version')}. No kernel is computed through it.`);
  if (node.input || node.output) parts.push(`Shape ${shape(node.input)} → ${shape(node.output)}, ${node.field}`);
  const start = node.initialisation;
  if (start) {
    const value = (variance: number | null) => (variance === null ? 'unknown' : figure(variance));
    const source = start.source === 'code' ? 'given in the code' : start.source === 'setting' ? 'given by a setting' : `default of ${escaped([start.library ?? 'the library', start.version].filter(Boolean).join(' '))}`;
    parts.push(`Starts with fan\\_in E|w|² = ${value(start.weightVariance)}, bias variance ${value(start.biasVariance)}: ${escaped(start.initialiser)}, ${source}${start.circular ? '' : '; not circular'}.`);
  }
  return parts;
}

function resultFacts(layer: LayerReport | undefined, result: AnalysisResult | null, fresh: boolean): string[] {
  if (!result) return ['[Analyze NTK](command:complexNtk.analyze)'];
  const lines: string[] = [];
  if (layer) {
    lines.push(`Variance after it: ${quantity(layer.variance)}`);
    if (layer.activation) {
      const { gain, derivativeGain, criticalWeightVariance } = layer.activation;
      lines.push(`Gain there: ${quantity(gain)}; of the derivative: ${quantity(derivativeGain)}; critical fan\\_in E|w|²: ${quantity(criticalWeightVariance)}`);
    }
    lines.push(...depthFacts(layer, result.depth.value ?? []), ...equivalentFacts(layer, result.equivalents.value ?? []));
  }
  lines.push(`Verdict: **${escaped(result.verdict.word)}**`);
  const heading = fresh ? 'In this network' : 'In this network, before the last edit';
  return ['---', `${heading} (${escaped(result.inputs.description)}):`, lines.map((line) => `* ${line}`).join('\n'), `[${fresh ? 'Show the kernels' : 'Analyze again'}](command:complexNtk.analyze)`];
}

/** Of an activation: order or chaos. Of a weighted layer: its variance against the critical one. */
function depthFacts({ id, initialisation }: LayerReport, depth: DepthMap[]): string[] {
  const own = depth.find(({ layers }) => layers.includes(id));
  if (own) return [`Slope χ of the correlation at 1: ${quantity(own.slope)}${own.phase ? `, ${PHASES[own.phase]}` : ''}`];
  const before = depth.find(({ next }) => next.includes(id));
  const given = initialisation?.weightVariance ?? null;
  const critical = before?.criticalWeightVariance.value ?? null;
  if (!before || given === null || critical === null) return [];
  return [`fan\\_in E|w|² is ${figure(given / critical)} of the ${figure(critical)} that would keep the variance after ${escaped(before.label)}`];
}

const TERMS = 4;

function equivalentFacts({ id }: LayerReport, equivalents: EquivalentActivation[]): string[] {
  const e = equivalents.find(({ layers }) => layers.includes(id));
  if (!e) return [];
  if (e.formula !== null) return [`Equivalent real activation: ${code(e.formula)}`];
  if (e.coefficients.length === 0) return [];
  const terms = e.coefficients.slice(0, TERMS).map((a, n) => (n === 0 ? figure(a) : `${figure(a)} he${n}(x)`));
  return [`Equivalent real activation: ${code(`${figure(e.std)} x → ${terms.join(' + ')}${e.coefficients.length > TERMS ? ' + …' : ''}`)}, ± ${e.error.toExponential(0)} (${e.method})`];
}
