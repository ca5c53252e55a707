// A run of a network, recorded layer by layer (test/reference/package-models.json), beside the graph that the reader makes of its text:
// which layers are equal in kind, order, sizes, field and shape, which are unresolved, which differ. Knows no files.
import type { GraphNode, LayerKind, ModelGraph } from '../src/contract/graph.ts';

export interface Row {
  layer?: string;
  module?: string;
  function?: string;
  sizes?: Record<string, number | string | boolean | null | number[]>;
  weights?: string[];
  input: number[];
  inputDtype?: string;
  output: number[];
  dtype: string;
  again?: true;
}

export interface RecordedModel {
  package: string;
  name: string;
  file: string;
  import: string;
  before: string;
  expression: string;
  inputs: { shape: number[]; dtype: string }[];
  /** Path of the module ("" for a function), number of its row, and the steps that it reads: -1 is the first input. */
  steps: [string, number, number[]][];
}

export interface Recorded {
  versions: Record<string, string>;
  rows: Row[];
  models: RecordedModel[];
}

/** One layer of the run as the graph would word it: no kind where no kind of layer is this. */
export interface Run {
  kinds: LayerKind[];
  name?: string;
  parameters: Record<string, unknown>;
  real: boolean;
  input: number[] | null;
  output: number[];
  what: string;
  from: number[];
}

export interface Compared {
  run: number;
  read: number;
  equal: number;
  /** Of the equal ones, those whose shapes the reader tells, too. */
  shaped: number;
  unresolved: number;
  different: number;
  /** Layers that the reader has and the run has not. */
  extra: number;
  /** Connections between equal layers, and those of them that the graph has. */
  edges: [number, number];
  /** Each layer that is not equal: what ran, what was read. */
  notes: string[];
}

const ACTIVATIONS: Record<string, string> = {
  CReLU: 'split-relu', CGELU: 'split-gelu', CTanh: 'split-tanh', ReLU: 'relu', cGelu: 'split-gelu', Cardioid: 'cardioid', modReLU: 'modrelu',
};
const ELEMENTWISE = new Set(['clamp', 'log', 'exp', 'cos', 'sin', 'sqrt', 'relu', 'tanh', 'sigmoid', 'div', 'mul', 'truediv']);
const FORMS = new Set(['reshape', 'view', 'flatten', 'transpose', 'permute', 'squeeze', 'unsqueeze']);

const list = (v: unknown, rank: number): unknown => (typeof v === 'number' ? new Array<number>(rank).fill(v) : v);
const product = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);

/** What ran, in the words of the graph; elementwise functions of one signal, one after the other, are one activation there. */
export function runOf(model: RecordedModel, rows: Row[]): Run[] {
  const out: Run[] = [];
  /** Of each step: the run that it is (part of), or the ones that it passes on. */
  const at: number[][] = [];
  const sources = (from: number[]): number[] => [...new Set(from.flatMap((f) => (f < 0 ? [] : at[f]!)))];
  const uses = new Map<number, number>();
  for (const [, , from] of model.steps) for (const f of from) uses.set(f, (uses.get(f) ?? 0) + 1);
  model.steps.forEach(([path, number, from], i) => {
    const row = rows[number]!;
    const push = (run: Pick<Run, 'kinds'> & Partial<Run>): void => {
      const before = sources(from);
      out.push({ parameters: {}, real: !row.dtype.startsWith('complex'), input: row.input, output: row.output, what: path ? `${path} (${row.layer})` : row.function!, from: before, ...run });
      at[i] = [out.length - 1];
    };
    const name = row.layer ?? row.function!;
    if (row.function) {
      const elementwise = ELEMENTWISE.has(name);
      const previous = from.length === 1 && from[0]! >= 0 ? rows[model.steps[from[0]!]![1]]! : null;
      if (elementwise && previous?.function && ELEMENTWISE.has(previous.function) && uses.get(from[0]!) === 1 && at[from[0]!]!.length === 1) {
        const joined = out[at[from[0]!]![0]!]!;
        at[i] = at[from[0]!]!;
        Object.assign(joined, { what: `${joined.what}, ${name}`, output: row.output, name: undefined });
      } else if (elementwise) push({ kinds: ['activation'], ...(name === 'cos' || name === 'sin' || name === 'relu' || name === 'tanh' ? { name } : {}) });
      else if (FORMS.has(name)) {
        const flat = row.output.length === 1 && row.input.length > 1;
        push({ kinds: name === 'flatten' ? ['flatten'] : flat ? ['flatten'] : ['reshape'] });
      } else if (name === 'real' || name === 'imag' || name === 'abs' || name === 'angle') push({ kinds: ['read-out'], name });
      else if (name === 'cat') push({ kinds: from.length === 1 ? [] : ['concat'] });
      // One signal alone: something that is no signal is added.
      else if (name === 'add' || name === 'iadd') push({ kinds: from.length === 1 ? [] : ['add'] });
      else if (name === 'mean') {
        const kept = row.output.length === row.input.length ? row.output : [...row.output, ...new Array<number>(row.input.length - row.output.length).fill(1)];
        push({ kinds: row.input[0] === kept[0] && product(kept.slice(1)) === 1 ? ['global-average-pool'] : [] });
      } else if (name === 'complex' && from.length === 2) {
        // Halves of one signal put together again are that signal.
        const halves = from.map((f) => (f < 0 ? null : rows[model.steps[f]![1]]!));
        if (halves.every((h) => h?.function === 'getitem')) {
          // The two halves were pushed as steps of their own; they and this one are no layers.
          const whole = model.steps[from[0]!]![2];
          at[i] = sources(whole);
        } else push({ kinds: [] });
      } else if (name === 'getitem') {
        const joins = model.steps.some(([, n, f]) => rows[n]!.function === 'complex' && f.includes(i));
        if (joins) at[i] = sources(from);
        else push({ kinds: [] });
      } else push({ kinds: [] });
      return;
    }
    const s = row.sizes!;
    const rank = Number(/(\d)d$/.exec(name)?.[1] ?? 0);
    const real = row.weights!.length > 0 ? !row.weights!.some((w) => w.startsWith('complex')) : !row.dtype.startsWith('complex');
    if (/^c?Linear$/.test(name)) push({ kinds: ['dense'], real, parameters: { inFeatures: row.input.at(-1), outFeatures: row.output.at(-1), bias: s.bias } });
    else if (/^Conv\dd$/.test(name)) {
      push({
        kinds: [`conv${rank}d` as LayerKind], real,
        parameters: { inFeatures: s.in_channels, outFeatures: s.out_channels, kernel: s.kernel_size, stride: s.stride, padding: s.padding, dilation: s.dilation, groups: s.groups, bias: s.bias, ...(s.padding_mode === 'zeros' ? {} : { paddingMode: s.padding_mode }) },
      });
    } else if (/BatchNorm\dd$/.test(name)) push({ kinds: ['batch-norm'], parameters: { features: s.num_features, epsilon: s.eps } });
    else if (name === 'LayerNorm') push({ kinds: ['layer-norm'], parameters: { shape: s.normalized_shape, epsilon: s.eps } });
    else if (/^Dropout/.test(name)) push({ kinds: ['dropout'], parameters: { rate: s.p } });
    else if (/MaxPool\dd$/.test(name)) push({ kinds: ['max-pool'], parameters: { kernel: list(s.kernel_size, rank), stride: list(s.stride, rank), padding: list(s.padding, rank) } });
    else if (name === 'MultiheadAttention') {
      const more = row.module!.startsWith('complextorch') ? { heads: s.n_heads ?? s.num_heads } : { heads: s.num_heads, bias: s.bias };
      push({ kinds: ['attention'], parameters: { inFeatures: row.input.at(-1), outFeatures: row.output.at(-1), ...more } });
      if (row.module!.startsWith('complextorch')) {
        // It adds its input and normalises the sum, which are layers of the graph.
        const attention = out.length - 1;
        out.push({ ...out[attention]!, kinds: ['add'], parameters: {}, what: `${path} (its sum)`, from: [attention, ...out[attention]!.from] });
        out.push({ ...out[attention]!, kinds: ['layer-norm'], parameters: { shape: [row.output.at(-1)], epsilon: 1e-6 }, what: `${path} (its LayerNorm)`, from: [attention + 1] });
        at[i] = [attention + 2];
      }
    } else if (ACTIVATIONS[name]) push({ kinds: ['activation'], name: ACTIVATIONS[name] });
    else push({ kinds: [] });
  });
  return out;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b) || (typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) <= 1e-12);

/** What of a layer that was read is not as it ran; null where all is. */
function differs(run: Run, node: GraphNode): string | null {
  const { parameters: p } = node;
  for (const [key, value] of Object.entries(run.parameters)) if (value !== undefined && !same(p[key] ?? null, value)) return `${key} ${JSON.stringify(p[key] ?? null)} instead of ${JSON.stringify(value)}`;
  if (run.name !== undefined && node.name !== run.name) return `${node.name} instead of ${run.name}`;
  if ((node.field === 'real') !== run.real) return `${node.field} instead of ${run.real ? 'real' : 'complex'}`;
  if (node.output && !same(node.output, run.output)) return `shape ${JSON.stringify(node.output)} instead of ${JSON.stringify(run.output)}`;
  return null;
}

type Move = 'pair' | 'covers' | 'missing' | 'extra';

/** Pairs layers in order, with as few differences as possible. An unresolved layer may stand for several that ran one after the other. */
export function compare(model: RecordedModel, rows: Row[], graph: ModelGraph | undefined): Compared {
  const run = runOf(model, rows);
  const read = graph?.layers ?? [];
  const [n, m] = [run.length, read.length];
  const cost = Array.from({ length: n + 1 }, () => new Float64Array(m + 1).fill(Infinity));
  const came: Move[][] = Array.from({ length: n + 1 }, () => []);
  cost[0]![0] = 0;
  const price = (r: Run, g: GraphNode): number =>
    g.kind === 'unresolved' ? (r.kinds.length === 0 ? 0 : 0.6) : r.kinds.includes(g.kind) ? (differs(r, g) === null ? 0 : 0.2) : 1.4;
  const go = (i: number, j: number, to: number, move: Move): void => {
    if (to < cost[i]![j]!) {
      cost[i]![j] = to;
      came[i]![j] = move;
    }
  };
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j <= m; j++) {
      if (i > 0 && j > 0) {
        go(i, j, cost[i - 1]![j - 1]! + price(run[i - 1]!, read[j - 1]!), 'pair');
        if (read[j - 1]!.kind === 'unresolved' && (came[i - 1]![j] === 'pair' || came[i - 1]![j] === 'covers')) go(i, j, cost[i - 1]![j]! + 0.7, 'covers');
      }
      if (i > 0) go(i, j, cost[i - 1]![j]! + 1, 'missing');
      if (j > 0) go(i, j, cost[i]![j - 1]! + 1, 'extra');
    }
  }
  const out: Compared = { run: n, read: m, equal: 0, shaped: 0, unresolved: 0, different: 0, extra: 0, edges: [0, 0], notes: [] };
  const notes: string[] = [];
  const equal = new Map<number, GraphNode>();
  for (let i = n, j = m; i > 0 || j > 0; ) {
    const move = came[i]![j]!;
    const r = run[i - 1];
    const g = read[j - 1];
    if (move === 'extra') {
      out.extra++;
      notes.push(`read only: ${g!.kind} ${g!.spelling ?? g!.name ?? ''}${g!.reason ? `: ${g!.reason}` : ''}`);
      j--;
      continue;
    }
    if (move === 'missing') {
      out.different++;
      notes.push(`${r!.what}: not read`);
    } else if (g!.kind === 'unresolved') {
      out.unresolved++;
      notes.push(`${r!.what}: ${move === 'covers' ? 'within the next one' : `unresolved, "${g!.reason}"`}`);
    } else {
      const what = r!.kinds.includes(g!.kind) ? differs(r!, g!) : `read as ${g!.kind}${g!.reason ? `, "${g!.reason}"` : ''}`;
      if (what === null) {
        out.equal++;
        if (g!.output) out.shaped++;
        equal.set(i - 1, g!);
      } else {
        out.different++;
        notes.push(`${r!.what}: ${what}`);
      }
    }
    i--;
    if (move === 'pair') j--;
  }
  out.notes = notes.reverse();
  const edges = new Set((graph?.graph.edges ?? []).map(([from, to]) => `${from} ${to}`));
  for (const [i, node] of equal) {
    for (const from of run[i]!.from) {
      const before = equal.get(from);
      if (!before) continue;
      out.edges[0]++;
      if (edges.has(`${before.id} ${node.id}`)) out.edges[1]++;
      else out.notes.push(`${run[from]!.what} to ${run[i]!.what}: this connection is not in the graph`);
    }
  }
  return out;
}

/** The text that makes the model, and applies it to one input of its shape. */
export function made(model: RecordedModel): string {
  const inputs = model.inputs.map(({ shape, dtype }) => `torch.randn(1, ${shape.join(', ')}, dtype=torch.${dtype})`);
  return `${model.before}net = ${model.expression}\nout = net(${inputs.join(', ')})\n`;
}
