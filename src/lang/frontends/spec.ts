// Network specifications (*.ntk.json, *.ntk.yaml): each field checked, each fault a problem at its place. Knows no Python.
import type { Activation } from '../../catalog/activations/activation.ts';
import { activationOf, activations, EXPRESSION, findActivation } from '../../catalog/activations/index.ts';
import { ExpressionFault } from '../../catalog/expressions/syntax.ts';
import { layerRule } from '../../catalog/layers/index.ts';
import type { Shape } from '../../catalog/layers/layer.ts';
import type { Field, GraphNode, LayerKind, ModelGraph, ParameterValue, ParsedFile, Problem } from '../../contract/graph.ts';
import type { Budget } from '../budget.ts';
import { parseJson, type Placed } from '../json.ts';
import type { Source } from '../parser.ts';
import { problem } from '../drawing/drawing.ts';

type Entries = Map<string, { key: { start: number; end: number }; placed: Placed }>;

const LAYER_KINDS = ['dense', 'conv1d', 'conv2d', 'conv-transpose', 'average-pool', 'max-pool', 'global-average-pool', 'flatten', 'layer-norm', 'dropout', 'batch-norm', 'rnn', 'attention', 'embedding', 'residual', 'concat', 'activation', 'read-out'] as const;
/** What an attention takes the softmax of: Re S, both parts of S apart, |S|, |S| with the phase of S kept. */
const SCORES = ['real', 'split', 'modulus', 'modulus-phase'];
const READ_OUTS = ['abs', 'real', 'imag', 'angle', 'softmax', 'log-softmax', 'view-as-real'];

/** Fields of each kind beside "kind". */
const WEIGHTED = ['field', 'weightVariance', 'biasVariance', 'law', 'realShare'];
const FIELDS: Record<(typeof LAYER_KINDS)[number], string[]> = {
  dense: ['units', ...WEIGHTED],
  conv1d: ['channels', 'kernel', 'stride', 'dilation', 'padding', 'groups', ...WEIGHTED],
  conv2d: ['channels', 'kernel', 'stride', 'dilation', 'padding', 'groups', ...WEIGHTED],
  'conv-transpose': ['channels', 'kernel', 'stride', 'dilation', 'padding', 'outputPadding', 'groups', ...WEIGHTED],
  'average-pool': ['window', 'stride', 'padding'],
  'max-pool': ['window', 'stride', 'padding'],
  'global-average-pool': [],
  flatten: [],
  'layer-norm': ['power'],
  dropout: ['rate'],
  'batch-norm': ['mode', 'gamma', 'epsilon', 'scale'],
  rnn: ['cell', 'units', 'activation', 'recurrentVariance', 'recurrentBiasVariance', 'returns', ...WEIGHTED],
  attention: ['heads', 'units', 'bias', 'score', 'normalised', 'outputVariance', ...WEIGHTED],
  embedding: ['vocabulary', 'units', 'field', 'weightVariance', 'law', 'realShare'],
  residual: ['branch', 'shortcut'],
  concat: ['branches', 'weights'],
  activation: ['name', 'parameters'],
  'read-out': ['name'],
};

/** @param root the values of the text, where they are read already, as those of YAML are. @throws NotJson where they are not, and the text is none */
export function readSpecification(source: Pick<Source, 'text' | 'span'>, budget: Budget, root: Placed = parseJson(source.text)): ParsedFile {
  const problems: Problem[] = [];
  const fault = (message: string, at: { start: number; end: number }): void => void problems.push(problem('spec-field', message, source.span(at)));
  const top = objectOf(root);
  if (!top) {
    fault('A network specification is an object { "complexNtk": 1, "input": [..], "layers": [..] }.', root);
    return { schema: 1, models: [], problems };
  }
  const version = top.get('complexNtk');
  if (version?.placed.value !== 1) {
    fault(version ? `complexNtk is ${source.text.slice(version.placed.start, version.placed.end).slice(0, 30)}; this version reads 1.` : 'The field complexNtk is missing; write "complexNtk": 1 to mark the file as a network specification.', version?.placed ?? { start: root.start, end: root.start + 1 });
    return { schema: 1, models: [], problems };
  }
  for (const [name, e] of top) if (!['complexNtk', 'name', 'field', 'input', 'defaults', 'layers', '$schema'].includes(name)) fault(`The specification has no field ${JSON.stringify(name)}; remove it.`, e.key);

  const name = top.get('name')?.placed;
  if (name && typeof name.value !== 'string') fault('name must be a string.', name);
  const fieldAt = top.get('field')?.placed;
  if (fieldAt && fieldAt.value !== 'complex' && fieldAt.value !== 'real') fault('field must be "complex" or "real".', fieldAt);
  const field: Field = fieldAt?.value === 'real' ? 'real' : 'complex';
  const input = top.get('input')?.placed;
  const inputShape = input ? sizes(input) : null;
  if (!inputShape) fault('input must be a list of positive whole numbers, channels last: [5], [28, 28, 1].', input ?? root);
  const defaults = { weightVariance: 1, biasVariance: 0 };
  const given = top.get('defaults')?.placed;
  if (given) {
    const entries = objectOf(given);
    if (!entries) fault('defaults must be an object with weightVariance and biasVariance.', given);
    for (const [key, e] of entries ?? []) {
      if (key !== 'weightVariance' && key !== 'biasVariance') fault(`defaults has no field ${JSON.stringify(key)}; only weightVariance and biasVariance.`, e.key);
      else defaults[key] = variance(key, e.placed, defaults[key], fault);
    }
  }

  const layers: GraphNode[] = [];
  const edges: [string, string][] = [];
  const inputs: string[] = [];
  const counts = new Map<string, number>();
  const shapes = new Map<string | null, Shape>([[null, inputShape]]);

  const nodeOf = (id: string | null): GraphNode | undefined => layers.find((l) => l.id === id);
  /** The field of a signal; a sum or a concatenation is complex where one of its parts is. */
  const fieldAfter = (from: (string | null)[]): Field => (from.some((id) => (nodeOf(id)?.field ?? field) === 'complex') ? 'complex' : 'real');

  /** Adds a node after the given ones; null stands for the network's input. */
  const add = (kind: LayerKind, from: (string | null)[], at: Placed, more: Partial<GraphNode> & { inShape?: Shape } = {}): string => {
    budget.tick();
    const n = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, n);
    const id = `${kind}${n}`;
    const sources = [...new Set(from)];
    const inShapes = from.map((s) => shapes.get(s) ?? null);
    const parameters = more.parameters ?? {};
    const { shape, mismatch } = layerRule(kind)?.output(inShapes, parameters, 'channels-last') ?? { shape: null };
    if (mismatch) problems.push(problem('shape-mismatch', `This ${kind} does not fit: ${mismatch}.`, source.span(at)));
    shapes.set(id, shape);
    layers.push({
      id, kind, name: null, parameters, field: kind === 'read-out' ? 'real' : fieldAfter(from),
      input: inShapes[0] ?? null, output: shape, span: source.span(at), ...more,
    });
    for (const s of sources) {
      if (s === null) inputs.push(id);
      else edges.push([s, id]);
    }
    return id;
  };

  const walk = (list: Placed | undefined, from: string | null, what: string, owner: { start: number; end: number }): string | null => {
    if (!list || !Array.isArray(list.value)) {
      fault(`${what} must be a list of layers.`, list ?? owner);
      return from;
    }
    return list.value.reduce<string | null>((at, layer) => one(layer, at), from);
  };

  const one = (at: Placed, from: string | null): string | null => {
    const entries = objectOf(at);
    if (!entries) {
      fault('A layer is an object such as { "kind": "dense" }.', at);
      return from;
    }
    const kindAt = entries.get('kind')?.placed;
    const kind = kindAt?.value as (typeof LAYER_KINDS)[number];
    if (!kindAt || !LAYER_KINDS.includes(kind)) {
      const reason = kindAt ? `${JSON.stringify(plain(kindAt)).slice(0, 40)} is not a kind of layer` : 'A layer needs a kind';
      fault(`${reason}; the kinds are ${LAYER_KINDS.join(', ')}.`, kindAt ?? at);
      return add('unresolved', [from], at, { reason: `${reason}.` });
    }
    for (const [key, e] of entries) if (key !== 'kind' && !FIELDS[kind].includes(key)) fault(`A ${kind} layer has no field ${JSON.stringify(key)}${FIELDS[kind].length ? `; it has ${FIELDS[kind].join(', ')}` : ''}.`, e.key);
    const get = (key: string): Placed | undefined => entries.get(key)?.placed;
    if (kind !== 'read-out' && nodeOf(from)?.kind === 'read-out') {
      const { name: id } = nodeOf(from)!;
      fault(`A read-out ends the network, and this ${kind} layer follows one${findActivation(id!)?.output ? `; between layers write { "kind": "activation", "name": "${id}" }` : ''}.`, kindAt);
    }
    /** Variances, law and field of its weights, real ones only on real features. */
    const weights = (): Pick<GraphNode, 'field' | 'initialisation'> => {
      const before = fieldAfter([from]);
      const asked = get('field');
      let own = before;
      if (asked && asked.value !== 'complex' && asked.value !== 'real') fault('field must be "complex" or "real".', asked);
      else if (asked?.value === 'real' && before === 'complex') fault('Real weights cannot act on complex features; put an activation to the real numbers before this layer (abs, real, squared-modulus, ...).', asked);
      else if (asked) own = asked.value as Field;
      const law = get('law');
      if (law && law.value !== 'normal' && law.value !== 'uniform') fault('law must be "normal" or "uniform": the distribution of each real number of the weights.', law);
      const share = get('realShare');
      const given = typeof share?.value === 'number' && share.value >= 0 && share.value <= 1 ? share.value : 1 / 2;
      if (share && given !== share.value) fault('realShare must be a number from 0 to 1: the part of E|w|^2 that the real parts have.', share);
      else if (share && own === 'real') fault('realShare divides complex weights between their parts, and the weights of this layer are real.', share);
      const realShare = own === 'complex' ? given : 1 / 2;
      return {
        field: own,
        initialisation: {
          initialiser: 'given', library: null, version: null,
          weightVariance: variance('weightVariance', get('weightVariance'), defaults.weightVariance, fault),
          biasVariance: variance('biasVariance', get('biasVariance'), defaults.biasVariance, fault),
          circular: own === 'complex' && realShare === 1 / 2,
          ...(law?.value === 'uniform' ? { law: 'uniform' } : {}),
          ...(realShare === 1 / 2 ? {} : { realShare }),
          source: 'code',
        },
      };
    };
    const features = (): number | null => shapes.get(from)?.at(-1) ?? null;
    switch (kind) {
      case 'dense': case 'conv1d': case 'conv2d': {
        const sizeName = kind === 'dense' ? 'units' : 'channels';
        const parameters: Record<string, ParameterValue> = {
          inFeatures: features(),
          outFeatures: count(sizeName, get(sizeName), fault),
          bias: true,
        };
        if (kind !== 'dense') window(parameters, kind === 'conv1d' ? 1 : 2, get, 'kernel', at, fault);
        if (kind !== 'dense') parameters.groups = count('groups', get('groups'), fault) ?? 1;
        return add(kind, [from], at, { parameters, ...weights() });
      }
      case 'rnn': {
        const own = weights();
        const cell = get('cell');
        const gated = cell?.value === 'gru' || cell?.value === 'lstm' ? cell.value : null;
        if (cell && !gated && cell.value !== 'vanilla') fault('cell must be "vanilla", "gru" or "lstm".', cell);
        const [tanh, gates] = own.field === 'complex' ? ['split-tanh', 'split-sigmoid'] : ['tanh', 'sigmoid'];
        const written = get('activation');
        const inner = written && objectOf(written);
        if (written ? !inner : !gated) {
          fault(`A rnn layer needs an activation, such as { "name": "${tanh}" }.`, written ?? at);
          return add('unresolved', [from], at, { reason: 'The activation of this recurrent layer is not known.' });
        }
        for (const [key, e] of inner ?? []) if (key !== 'name' && key !== 'parameters') fault(`The activation of a rnn layer has no field ${JSON.stringify(key)}; it has name, parameters.`, e.key);
        const chosen = inner ? activation(written!, inner, own.field) : { activation: findActivation(tanh!)!, name: tanh!, parameters: {} };
        if ('reason' in chosen) return add('unresolved', [from], at, { reason: chosen.reason });
        if (chosen.activation.output) fault(`${chosen.activation.id} leads to real numbers, and the state of this layer is complex; take an activation of complex numbers.`, inner!.get('name')!.placed);
        const returns = get('returns');
        if (returns && returns.value !== 'last' && returns.value !== 'sequence') fault('returns must be "last" or "sequence".', returns);
        const more = get('recurrentBiasVariance');
        if (more && !gated) fault('recurrentBiasVariance is of a gated cell, which holds two biases; in a plain one they are one sum.', more);
        return add(kind, [from], at, {
          // What a gated cell is made of stands in its parameters: its name is no activation.
          ...own, name: gated ?? chosen.name,
          parameters: {
            ...(gated ? { cell: gated, state: chosen.name, gates: gates! } : {}),
            inFeatures: features(), outFeatures: count('units', get('units'), fault), bias: true,
            recurrentVariance: variance('recurrentVariance', get('recurrentVariance'), own.initialisation!.weightVariance!, fault),
            ...(more && gated ? { recurrentBiasVariance: variance('recurrentBiasVariance', more, 0, fault) } : {}),
            returns: returns?.value === 'sequence' ? 'sequence' : 'last',
            activationParameters: chosen.parameters,
          },
        });
      }
      case 'attention': {
        const own = weights();
        const [bias, score, normed] = [get('bias'), get('score'), get('normalised')];
        const scores = own.field === 'complex' ? SCORES : ['real'];
        if (bias && typeof bias.value !== 'boolean') fault('bias must be true or false.', bias);
        if (normed && typeof normed.value !== 'boolean') fault('normalised must be true or false.', normed);
        else if (normed?.value === true && own.field === 'real') fault('The norm of queries and keys whitens complex numbers, and the features here are real.', normed);
        if (score && !scores.includes(score.value as string)) fault(`The score of an attention on ${own.field} features is ${scores.map((s) => JSON.stringify(s)).join(', ')}.`, score);
        return add(kind, [from], at, {
          ...own,
          parameters: {
            inFeatures: features(), outFeatures: count('units', get('units'), fault), heads: count('heads', get('heads'), fault) ?? 1,
            bias: bias?.value === true, score: typeof score?.value === 'string' ? score.value : 'real', normalised: normed?.value === true, batchFirst: true,
            outputVariance: variance('outputVariance', get('outputVariance'), own.initialisation!.weightVariance!, fault),
          },
        });
      }
      case 'embedding': {
        if (from !== null) fault('An embedding looks rows up by the network\'s input: it can only be the first layer.', kindAt);
        if (!get('vocabulary')) fault('vocabulary is missing: how many rows there are to look up.', at);
        const { field: own, initialisation } = weights();
        return add(kind, [from], at, {
          field: own, initialisation: { ...initialisation!, biasVariance: 0 },
          parameters: { inFeatures: count('vocabulary', get('vocabulary'), fault), outFeatures: count('units', get('units'), fault), bias: false },
        });
      }
      case 'batch-norm': {
        const [mode, scale, gain] = [get('mode'), get('scale'), get('gamma')];
        const modes = { naive: 'each part by its own variance', whitening: 'both by their covariance', magnitude: 'the modulus by its own' };
        const chosen = mode === undefined ? 'naive' : typeof mode.value === 'string' && Object.hasOwn(modes, mode.value) ? mode.value : null;
        if (chosen === null) fault(`mode must be ${Object.entries(modes).map(([id, what]) => `"${id}", ${what}`).join('; or ')}.`, mode!);
        else if (chosen !== 'naive' && fieldAfter([from]) === 'real') fault(`${chosen === 'whitening' ? 'Whitening' : 'A norm of the modulus'} is of complex features, and those before this layer are real.`, mode!);
        if (gain && typeof gain.value !== 'number') fault('gamma must be a number: the initial gain of each part.', gain);
        if (scale && typeof scale.value !== 'number') fault('scale must be a number: what batch norm multiplies by in evaluation at initialisation.', scale);
        const gamma = typeof gain?.value === 'number' ? gain.value : 1;
        return add(kind, [from], at, {
          parameters: {
            mode: chosen ?? 'naive', gamma,
            epsilon: variance('epsilon', get('epsilon'), 1e-5, fault),
            scale: typeof scale?.value === 'number' ? scale.value : gamma,
          },
        });
      }
      case 'conv-transpose': {
        const rank = rankOf(get('kernel'), shapes.get(from));
        const axes = (name: string, absent: number, least = 1): number[] => eachAxis(name, get(name), rank, least, fault) ?? new Array<number>(rank).fill(absent);
        if (!get('kernel')) fault('kernel is missing.', at);
        const parameters: Record<string, ParameterValue> = {
          inFeatures: features(), outFeatures: count('channels', get('channels'), fault), kernel: eachAxis('kernel', get('kernel'), rank, 1, fault),
          stride: axes('stride', 1), padding: axes('padding', 0, 0), dilation: axes('dilation', 1), outputPadding: axes('outputPadding', 0, 0),
          groups: count('groups', get('groups'), fault) ?? 1, bias: true,
        };
        return add(kind, [from], at, { parameters, ...weights() });
      }
      case 'average-pool': case 'max-pool': {
        const parameters: Record<string, ParameterValue> = {};
        window(parameters, rankOf(get('window'), shapes.get(from)), get, 'window', at, fault);
        return add(kind, [from], at, { parameters });
      }
      case 'layer-norm': {
        const power = get('power');
        if (power && power.value !== 1 && power.value !== 2) fault('power must be 1 or 2: E|z|^2 after the normalisation.', power);
        const real = fieldAfter([from]) === 'real';
        const own = power?.value === 2 ? 2 : 1;
        return add(kind, [from], at, { parameters: { power: own, mode: real || own === 2 ? 'parts' : 'modulus', gamma: real ? Math.sqrt(own) : 1, epsilon: 0 } });
      }
      case 'dropout': {
        const rate = get('rate');
        if (rate && !(typeof rate.value === 'number' && rate.value >= 0 && rate.value < 1)) fault('rate must be a number from 0 to below 1.', rate);
        return add(kind, [from], at, { parameters: { rate: typeof rate?.value === 'number' ? rate.value : 0.5 } });
      }
      case 'activation': {
        const chosen = activation(at, entries, fieldAfter([from]));
        if ('reason' in chosen) return add('unresolved', [from], at, { reason: chosen.reason });
        if (chosen.activation.id === 'identity') return from;
        return add('activation', [from], at, { name: chosen.name, parameters: chosen.parameters, field: chosen.activation.output ?? chosen.activation.field });
      }
      case 'read-out': {
        const id = get('name');
        if (typeof id?.value !== 'string' || !READ_OUTS.includes(id.value)) {
          fault(`A read-out needs a name out of ${READ_OUTS.join(', ')}.`, id ?? at);
          return add('unresolved', [from], at, { reason: 'This read-out is not known.' });
        }
        return add(kind, [from], at, { name: id.value });
      }
      case 'residual': {
        const branch = walk(get('branch'), from, 'branch', at);
        const shortcut = get('shortcut') ? walk(get('shortcut'), from, 'shortcut', at) : from;
        return add('add', [branch, shortcut], at);
      }
      case 'concat': {
        const list = get('branches');
        if (!list || !Array.isArray(list.value) || list.value.length === 0) {
          fault('branches must be a list of lists of layers.', list ?? at);
          return from;
        }
        const ends = list.value.map((b) => walk(b, from, 'A branch', at));
        const weights = get('weights');
        const fractions = weights ? numbers(weights) : null;
        if (weights && (!fractions || fractions.length !== ends.length || fractions.some((f) => f < 0) || Math.abs(fractions.reduce((a, b) => a + b, 0) - 1) > 1e-9)) {
          fault('weights must hold one fraction of the channels for each branch, 1 together.', weights);
        }
        return add('concat', ends, at, { parameters: { axis: -1, ...(fractions ? { weights: fractions } : {}) } });
      }
      default: return add(kind, [from], at);
    }
  };

  /** The activation that `name` and `parameters` mean on features of this field. */
  const activation = (at: Placed, entries: Entries, on: Field): Chosen | { reason: string } => {
    const named = entries.get('name')?.placed;
    const given = entries.get('parameters')?.placed;
    const values = given && objectOf(given);
    if (given && !values) fault('parameters must be an object of numbers.', given);
    if (named?.value === EXPRESSION) return expression(named, given, values ?? new Map(), on);
    const known = typeof named?.value === 'string' ? findActivation(named.value) : undefined;
    // The identity is linear in either field.
    if (!known || (known.field !== on && known.id !== 'identity')) {
      const reason = named ? `${JSON.stringify(plain(named)).slice(0, 40)} is not ${known ? `an activation of a ${on} network` : 'a known activation'}` : 'An activation needs a name';
      fault(`${reason}. ${suggestions(named?.value, on)}`, named ?? at);
      return { reason: `${reason}.` };
    }
    const parameters: Record<string, number> = { ...known.parameters };
    for (const [key, e] of values ?? []) {
      if (!Object.hasOwn(known.parameters, key)) {
        const names = Object.keys(known.parameters);
        fault(`${known.id} has no parameter ${JSON.stringify(key)}${names.length ? `; it has ${names.join(', ')}` : ''}.`, e.key);
      } else if (typeof e.placed.value !== 'number') {
        fault(`The parameter ${key} of ${known.id} must be a number.`, e.placed);
      } else parameters[key] = e.placed.value;
    }
    return { activation: known, name: known.id, parameters };
  };

  /** A user's own activation; a scalar one acts on the parts of complex features, and is itself on real ones. */
  const expression = (named: Placed, given: Placed | undefined, values: Entries, on: Field): Chosen | { reason: string } => {
    const text = values.get('expression')?.placed;
    const form = values.get('form')?.placed;
    const refused = (message: string, place: { start: number; end: number }): { reason: string } => {
      fault(message, place);
      return { reason: message };
    };
    if (typeof text?.value !== 'string') return refused('An expression needs parameters { "form": "general", "expression": "z * exp(-abs(z)^2)" }.', text ?? given ?? named);
    const forms = on === 'real' ? ['scalar'] : ['scalar', 'radial', 'general'];
    if (typeof form?.value !== 'string' || !forms.includes(form.value)) {
      return refused(`The form of an expression on ${on} features is ${forms.map((f) => JSON.stringify(f)).join(', ')}: a function of ${on === 'real' ? 'x' : 'x, of r, or of z'}.`, form ?? given ?? named);
    }
    const parameters: Record<string, number | string> = { form: on === 'real' ? 'real' : form.value, expression: text.value };
    for (const [key, { placed }] of values) {
      if (key === 'form' || key === 'expression') continue;
      if (typeof placed.value !== 'number') return refused(`The parameter ${key} of an expression must be a number.`, placed);
      parameters[key] = placed.value;
    }
    try {
      return { activation: activationOf(EXPRESSION, parameters)!, name: EXPRESSION, parameters };
    } catch (e) {
      if (!(e instanceof ExpressionFault)) throw e;
      // Offsets in the value are offsets in the file where the string holds no escapes.
      const plainText = source.text.slice(text.start + 1, text.end - 1) === text.value;
      return refused(e.message, plainText ? { start: text.start + 1 + e.start, end: Math.min(text.start + 1 + Math.max(e.end, e.start + 1), text.end) } : text);
    }
  };

  const list = top.get('layers')?.placed;
  const end = walk(list, null, 'layers', root);
  if (Array.isArray(list?.value) && layers.length === 0) fault('layers is empty; a network needs at least a dense layer.', list!);
  const model: ModelGraph = {
    name: typeof name?.value === 'string' && name.value !== '' ? name.value : 'network',
    line: source.span(root).line,
    layers, graph: { inputs, outputs: end === null ? [] : [end], edges },
    // Rows are looked up by whole numbers, whatever the field of the rows.
    axes: 'channels-last', inputShape, inputField: layers[0]?.kind === 'embedding' ? 'real' : field,
  };
  return { schema: 1, models: layers.length > 0 ? [model] : [], problems };
}

interface Chosen {
  activation: Activation;
  name: string;
  parameters: Record<string, number | string>;
}

/** Ids of the field that share a word with what was written. */
function suggestions(written: unknown, on: Field): string {
  const there = activations.filter((a) => a.field === on).map((a) => a.id);
  const words = typeof written === 'string' ? written.toLowerCase().split(/[^a-z0-9]+/).filter((w) => w.length > 2) : [];
  const like = there.filter((id) => words.some((w) => id.includes(w) || w.includes(id))).slice(0, 8);
  return like.length > 0
    ? `For a ${on} network there are, among others: ${like.join(', ')}.`
    : `For a ${on} network there are, among others: ${there.slice(0, 12).join(', ')}; the command activations lists all, and "${EXPRESSION}" takes your own.`;
}

type Fault = (message: string, at: { start: number; end: number }) => void;

const objectOf = (p: Placed): Entries | null => (p.value instanceof Map ? p.value : null);
const plain = (p: Placed): unknown => (p.value instanceof Map ? '{..}' : Array.isArray(p.value) ? '[..]' : p.value);

function numbers(p: Placed): number[] | null {
  return Array.isArray(p.value) && p.value.every((v) => typeof v.value === 'number') ? p.value.map((v) => v.value as number) : null;
}

function sizes(p: Placed): number[] | null {
  const list = numbers(p);
  return list && list.length > 0 && list.length <= 4 && list.every((n) => Number.isSafeInteger(n) && n > 0) ? list : null;
}

/** A size, null where it is absent or wrong. */
function count(name: string, p: Placed | undefined, fault: Fault): number | null {
  if (!p) return null;
  if (typeof p.value === 'number' && Number.isSafeInteger(p.value) && p.value > 0) return p.value;
  fault(`${name} must be a positive whole number.`, p);
  return null;
}

function variance(name: string, p: Placed | undefined, absent: number, fault: Fault): number {
  if (!p) return absent;
  if (typeof p.value === 'number' && p.value >= 0) return p.value;
  fault(`${name} must be a number from 0 up.`, p);
  return absent;
}

/** Number of spatial axes: as many as the window lists, else those of the features. */
const rankOf = (window: Placed | undefined, shape: Shape | undefined): number =>
  Array.isArray(window?.value) ? window.value.length : Math.max((shape?.length ?? 2) - 1, 1);

/** One whole number for each axis, from one number or a list; null where it is absent or wrong. */
function eachAxis(name: string, p: Placed | undefined, rank: number, least: number, fault: Fault): number[] | null {
  if (!p) return null;
  const list = typeof p.value === 'number' ? new Array<number>(rank).fill(p.value) : numbers(p);
  if (list && list.length === rank && list.every((n) => Number.isSafeInteger(n) && n >= least)) return list;
  const what = `${least > 0 ? 'positive ' : ''}whole number${rank === 1 ? '' : 's'}${least > 0 ? '' : ' from 0 up'}`;
  fault(`${name} must hold ${rank === 1 ? 'one' : rank} ${what}.`, p);
  return null;
}

/** Kernel (or window), stride, dilation and padding of a sliding layer. */
function window(parameters: Record<string, ParameterValue>, rank: number, get: (key: string) => Placed | undefined, main: 'kernel' | 'window', at: Placed, fault: Fault): void {
  const axes = (key: string): number[] | null => eachAxis(key, get(key), rank, 1, fault);
  const kernel = axes(main);
  if (!get(main)) fault(`${main} is missing.`, at);
  parameters[main] = kernel;
  parameters.stride = axes('stride') ?? (main === 'window' ? kernel : new Array<number>(rank).fill(1));
  if (main === 'kernel') parameters.dilation = axes('dilation') ?? new Array<number>(rank).fill(1);
  const padding = get('padding');
  const pairs = Array.isArray(padding?.value) ? padding.value.map(numbers) : null;
  if (!padding) parameters.padding = 'valid';
  else if (padding.value === 'same' || padding.value === 'valid' || padding.value === 'circular') parameters.padding = padding.value;
  else if (pairs && pairs.length === rank && pairs.every((p) => p?.length === 2 && p.every((n) => Number.isSafeInteger(n) && n >= 0))) parameters.padding = pairs as number[][];
  else {
    fault(`padding must be "same", "valid", "circular" or a list of ${rank} pairs [before, after].`, padding);
    parameters.padding = 'valid';
  }
}
