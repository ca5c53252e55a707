// A result as a table for the terminal. Knows no file and no page; computes nothing.
import type { FiniteTraining, FiniteWidth } from '../contract/finite.ts';
import type { AnalysisResult, DepthMap, EquivalentActivation, KernelRegression, LayerReport, Part, Quantity, TrainingStudy, VerdictWord } from '../contract/result.ts';

export interface TableOptions {
  /** ANSI colours. */
  colour: boolean;
  /** Columns of the terminal. */
  width: number;
}

const WORDS: Record<VerdictWord, string> = {
  undecided: 'undecided', reduces: 'reduces to a real network', 'real-channel-reduces': 'real channel reduces', 'stays-complex': 'stays complex',
};

/** All numbers of a result with method and error; what is missing with its reason. Ends without a newline. */
export function renderTable(result: AnalysisResult, options: TableOptions): string {
  const width = Math.max(40, options.width);
  const paint = (code: number, text: string) => (options.colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const heading = (text: string) => ['', paint(1, text)];
  const wrapped = (text: string, indent = '') => wrap(plain(text), width, indent);
  const { model, inputs, verdict } = result;
  const out = [
    paint(1, clip(`${plain(model.name)} (${model.field})`, width)),
    ...(model.file === null ? [] : wrapped(`${model.file}:${model.line}`)),
    ...wrapped(`Inputs: ${inputs.description}; normalised: ${inputs.normalise}`),
    ...heading('Layers'),
    ...layerRows(result.layers, width),
    ...heading('Network'),
    ...wrapped(`Kernel of ${result.kernelOf}${result.outputUnits === null ? '' : `, one of ${result.outputUnits} units`}.`),
    ...numberRows(networkNumbers(result), width),
  ];
  const missing = Object.entries(result.kernels).filter(([, k]) => k.matrix === null);
  for (const [reason, names] of byReason(missing)) {
    const { layer } = result.kernels[names[0] as keyof typeof result.kernels];
    out.push(...wrapped(`No ${names.join(', ')}${layer ? ` (${layer})` : ''}: ${reason}`));
  }
  const section = <T>(title: string, part: Part<T>, rows: (value: T) => string[]) => {
    out.push(...heading(title), ...(part.value === null ? wrapped(`none: ${part.reason ?? 'not computed'}`) : [...rows(part.value), ...(part.reason ? wrapped(part.reason) : [])]));
  };
  section('Training by gradient flow', result.training, (t) => trainingRows(t, width));
  section('Held-out samples', result.regression, (r) => regressionRows(r, width));
  section('Depth', result.depth, (d) => depthRows(d, width));
  section('Equivalent real activations', result.equivalents, (e) => equivalentRows(e, width));
  if (result.finiteWidth) out.push(...heading('Finite width'), ...finiteRows(result.finiteWidth, width));
  if (result.finiteTraining) out.push(...heading('Training of finite networks'), ...finiteTrainingRows(result.finiteTraining, width));
  const colour = { undecided: 33, reduces: 32, 'real-channel-reduces': 36, 'stays-complex': 35 }[verdict.word];
  out.push(...heading('Verdict'), paint(colour, `${WORDS[verdict.word]} (${verdict.word})`), ...wrapped(verdict.sentence));
  for (const c of verdict.clauses) out.push(...wrapped(`- ${c.text}`, '  '));
  if (verdict.caveats.length > 0) out.push('', ...wrapped('To be said with it:'));
  for (const c of verdict.caveats) out.push(...wrapped(`- ${c}`, '  '));
  if (result.findings.length > 0) {
    out.push(...heading('Findings'));
    for (const f of result.findings) out.push(...wrapped(`${f.severity} ${f.code}${f.layer ? ` (${f.layer})` : ''}: ${f.message}`, '  '));
  }
  return out.join('\n');
}

function networkNumbers(r: AnalysisResult): [string, Quantity][] {
  const rows: [string, Quantity][] = [
    ['real-channel gap', r.realChannelGap], ['phase coupling', r.phaseCoupling], ["inputs' phase content", r.inputs.phaseContent],
    ['triple phase', r.inputs.triplePhase], ['circularity', r.inputs.circularity],
    ['holomorphic backpropagation', r.holomorphicGap],
  ];
  for (const [name, title] of [['nngp', 'NNGP mean diagonal'], ['ntk', 'NTK mean diagonal'], ['twinNtk', 'twin NTK mean diagonal']] as const) {
    const { matrix, method, error } = r.kernels[name];
    if (!matrix) continue;
    let [sum, top] = [0, 0];
    for (let i = 0; i < matrix.rows; i++) sum += matrix.re[i * matrix.cols + i]!;
    for (let i = 0; i < matrix.re.length; i++) top = Math.max(top, Math.hypot(matrix.re[i]!, matrix.im?.[i] ?? 0));
    rows.push([title, { value: sum / matrix.rows, method, error: error === null ? null : error * top }]);
  }
  for (const [title, s] of [['NTK', r.spectra.ntk], ['twin NTK', r.spectra.twinNtk]] as const) {
    if (!s) continue;
    rows.push([`${title} condition`, s.condition], [`${title} effective rank`, s.effectiveRank], [`${title} slowest mode`, s.slowest], [`${title} fastest mode`, s.fastest]);
  }
  return rows;
}

function numberRows(rows: [string, Quantity][], width: number): string[] {
  const left = Math.max(...rows.map(([t]) => t.length));
  return rows.flatMap(([title, q]) => {
    const text = q.value === null ? `none: ${plain(q.reason ?? 'not computed')}` : `${shown(q.value)}${q.error === null ? '' : ` ± ${q.error === 0 ? '0' : q.error.toExponential(1)}`}  ${q.method}`;
    return wrap(`${title.padEnd(left)}  ${text}`, width, ' '.repeat(Math.min(left + 2, width - 20)));
  });
}

function trainingRows({ curves }: TrainingStudy, width: number): string[] {
  return curves.flatMap((c) => [
    ...wrap(plain(`${c.targets}: ${c.description}`), width, '  '),
    ...numberRows([
      ['  trajectory gap', c.trajectoryGap],
      ['  time constant', c.timeConstant.network],
      ...(c.twin ? [["  real twin's", c.timeConstant.twin] as [string, Quantity]] : []),
    ], width),
  ]);
}

const KERNEL_TITLES = { ntk: 'NTK', twinNtk: 'twin NTK', nngp: 'NNGP', twinNngp: 'twin NNGP' } as const;

function regressionRows(r: KernelRegression, width: number): string[] {
  const rate = (q: Quantity) => (q.value === null ? '-' : `${(100 * q.value).toFixed(1)}${q.error === null ? '' : ` ± ${(100 * q.error).toFixed(1)}`} %`);
  const kinds = [...new Set(r.scores.map((s) => s.targets))];
  const kernels = [...new Set(r.scores.map((s) => s.kernel))];
  const rows = kernels.map((k) => [KERNEL_TITLES[k], ...kinds.map((t) => rate(r.scores.find((s) => s.kernel === k && s.targets === t)!.accuracy))]);
  const reasons = r.scores.flatMap((s) => (s.accuracy.value === null ? wrap(plain(`${KERNEL_TITLES[s.kernel]}, ${s.targets}: ${s.accuracy.reason ?? 'not computed'}`), width, '  ') : []));
  return [
    ...wrap(`${r.classes} classes; ${r.trainSamples} samples trained on, ${r.testSamples} held out, ${r.splits} splits; chance ${(100 * r.chance).toFixed(1)} %`, width, ''),
    ...grid([['accuracy', ...kinds], ...rows], width, [0]),
    ...reasons,
    ...numberRows([['NTK minus twin', r.advantage]], width),
  ];
}

const LAWS = { normal: 'Normal weights', library: "Weights by the library's law" } as const;

const ranOn = (f: FiniteWidth | FiniteTraining) => `${LAWS[f.law]}; ${f.seeds.length} ${f.seeds.length === 1 ? 'seed' : 'seeds'}; backend ${f.backend}.${f.fallbackReason ? ` ${f.fallbackReason}` : ''}`;

/** With its standard error, and no more digits than that allows to be read. */
const measured = (v: number | null | undefined, error: number | null | undefined) =>
  (v === null || v === undefined ? '-' : `${shown(Number(v.toPrecision(3)))}${error === null || error === undefined ? '' : ` ± ${shown(Number(error.toPrecision(1)))}`}`);

/** A grid where it fits, otherwise row by row: no number is cut. */
function numberGrid(rows: string[][], width: number): string[] {
  const [titles, ...rest] = rows as [string[], ...string[][]];
  const natural = titles.reduce((s, _, c) => s + 1 + Math.max(...rows.map((r) => plain(r[c]!).length)), -1);
  if (natural <= width) return grid(rows, width, [0]);
  return rest.flatMap((r) => wrap(plain(`${titles[0]} ${r[0]}: ${titles.slice(1).map((t, c) => `${t} ${r[c + 1]}`).join(', ')}`), width, '  '));
}

/** Each reason once, with what it explains. */
function byReason(all: [string, { reason?: string }][]): [string, string[]][] {
  const of = new Map<string, Set<string>>();
  for (const [title, { reason = 'not computed' }] of all) of.set(reason, (of.get(reason) ?? new Set()).add(title));
  return [...of].map(([reason, titles]) => [reason, [...titles]]);
}

function reasons(all: [string, Quantity][], width: number): string[] {
  return byReason(all.filter(([, q]) => q.value === null)).flatMap(([reason, titles]) => wrap(plain(`No ${titles.join(', ')}: ${reason}`), width, '  '));
}

function finiteRows(f: FiniteWidth, width: number): string[] {
  const cell = (q: Quantity) => measured(q.value, q.error);
  const measures = [['from limit', 'distance'], ['Re from twin', 'twinDistance'], ['pseudo-kernel', 'pseudo'], ['mean from limit', 'meanDistance']] as const;
  const rows = f.rows.map((r) => [`${r.width}${r.asWritten ? '*' : ''}`, String(r.parameters), ...measures.map(([, key]) => cell(r[key]))]);
  const twins = f.twins.map((t) => [t.size, String(t.width), String(t.parameters), cell(t.distance), cell(t.toNetwork)]);
  return [
    ...wrap(plain(f.sentence), width, ''),
    ...wrap(plain(ranOn(f)), width, ''),
    ...numberGrid([['width', 'parameters', ...measures.map(([title]) => title)], ...rows], width),
    ...(f.rows.some((r) => r.asWritten) ? ['* widths as written'] : []),
    ...reasons(f.rows.flatMap((r) => measures.map(([title, key]): [string, Quantity] => [title, r[key]])), width),
    ...(f.asWrittenReason ? wrap(plain(`No row of the widths as written: ${f.asWrittenReason}`), width, '  ') : []),
    ...numberRows([
      ['exponent', f.exponent], ['of the pseudo-kernel', f.pseudoExponent], ['of the mean', f.meanExponent], [`width within ${shown(100 * f.limitWidth.level)} %`, f.limitWidth.width],
    ], width),
    '',
    ...(twins.length > 0 ? numberGrid([['real twin', 'width', 'parameters', 'from its limit', 'from the network'], ...twins], width) : []),
    ...reasons(f.twins.flatMap((t): [string, Quantity][] => [[`${t.size} from its limit`, t.distance], [`${t.size} from the network`, t.toNetwork]]), width),
    ...(f.twinsReason ? wrap(plain(`Real twins: ${f.twinsReason}`), width, '  ') : []),
  ];
}

/** Steps told of a training, from the first to the last. */
const STEPS = 6;

function finiteTrainingRows(t: FiniteTraining, width: number): string[] {
  const table = (title: string, columns: { name: string; at: (i: number) => string }[]) => {
    const taken = t.steps.map((_, i) => i).filter((i) => columns.some((c) => c.at(i) !== '-'));
    const told = [...new Set(Array.from({ length: STEPS }, (_, k) => taken[Math.round((k * (taken.length - 1)) / (STEPS - 1))]!))];
    return taken.length === 0 ? [] : ['', ...numberGrid([[title, ...columns.map((c) => c.name)], ...told.map((i) => [String(t.steps[i]), ...columns.map((c) => c.at(i))])], width)];
  };
  const { optimizer, parameterisation, learningRate } = t.options;
  return [
    ...wrap(plain(t.sentence), width, ''),
    ...(t.stopped ? wrap(plain(`Ended early: ${t.stopped}`), width, '') : []),
    ...wrap(plain(`${optimizer}, ${parameterisation} parameterisation, learning rate ${shown(learningRate)}: ${t.learningRateRule}`), width, ''),
    ...wrap(plain(`Targets: ${t.targets.description}. ${ranOn(t)}`), width, ''),
    ...t.curves.flatMap((c) => wrap(`${c.network}: width ${c.width}, ${c.parameters} real parameters`, width, '  ')),
    ...table('residual, step', t.curves.map((c) => ({ name: c.network, at: (i) => measured(c.residual[i], c.residualError[i]) }))),
    ...table('predicted, step', t.predicted.map((p) => ({ name: p.kernel, at: (i) => measured(p.residual[i], null) }))),
    ...table('drift, step', t.curves.map((c) => ({ name: c.network, at: (i) => measured(c.drift[i], c.driftError[i]) }))),
    ...table('named right, step', t.curves.flatMap((c) => (c.accuracy ? [{ name: c.network, at: (i: number) => measured(c.accuracy![i], null) }] : []))),
    '',
    ...(t.twinsReason ? wrap(plain(`Twins: ${t.twinsReason}`), width, '  ') : []),
    ...(t.predictedReason ? wrap(plain(`Predicted: ${t.predictedReason}`), width, '  ') : []),
    ...numberRows([['largest distance from prediction', t.gap], ['drift of the kernel', t.drift]], width),
  ];
}

function depthRows(maps: DepthMap[], width: number): string[] {
  const number = (q: Quantity) => (q.value === null ? '-' : shown(q.value));
  // Layers that show the same numbers share a line.
  const lines = new Map<string, { ids: string[]; cells: string[] }>();
  for (const m of maps) {
    const cells = [
      m.label, shown(m.weightVariance), number(m.criticalWeightVariance), number(m.slope), m.phase ?? '-', number(m.depthScale),
      m.correlationFixedPoints.filter((f) => f.stable).map((f) => shown(f.value)).join(', ') || '-',
    ];
    const line = lines.get(cells.join(' ')) ?? { ids: [], cells };
    line.ids.push(...m.layers);
    lines.set(cells.join(' '), line);
  }
  const rows = [...lines.values()].map(({ ids, cells }) => [span(ids), ...cells]);
  return grid([['layers', 'activation', 's_w²', 'critical', 'slope at 1', 'phase', 'scale', 'stable c'], ...rows], width, [1, 0, 5]);
}

const COEFFICIENTS = 6;

function equivalentRows(all: EquivalentActivation[], width: number): string[] {
  const rows = all.map((e) => [
    span(e.layers), e.label, shown(e.std), e.coefficients.length === 0 ? '-' : e.coefficients.slice(0, COEFFICIENTS).map((c) => (Math.abs(c) < 1e-9 ? '0' : shown(Number(c.toPrecision(3))))).join(' '),
    e.truncation.value === null ? '-' : e.truncation.value.toExponential(1), e.kind,
  ]);
  const formulas = [...new Set(all.flatMap((e) => (e.formula === null ? [] : [`${e.label}: ${e.formula}`])))];
  return [
    ...grid([['layers', 'activation', 'std', 'Hermite coefficients 0, 1, ...', 'beyond 31', 'kind'], ...rows], width, [3, 1, 0, 5]),
    ...formulas.flatMap((f) => wrap(plain(f), width, '  ')),
  ];
}

/** "activation1", or "activation1..9 (9)". */
function span(ids: string[]): string {
  if (ids.length === 1) return ids[0]!;
  const last = /\d+$/.exec(ids.at(-1)!)?.[0] ?? ids.at(-1)!;
  return `${ids[0]!}..${last} (${ids.length})`;
}

/** Rows of cells under their titles; the columns `words` are set left and give way where the terminal is narrow. */
function grid(rows: string[][], width: number, words: number[]): string[] {
  const cells = rows.map((r) => r.map(plain));
  const widths = cells[0]!.map((_, c) => Math.max(...cells.map((r) => r[c]!.length)));
  for (const c of words) {
    const over = widths.reduce((s, w) => s + w + 1, -1) - width;
    if (over > 0) widths[c] = Math.max(6, widths[c]! - over);
  }
  return cells.map((r) => clip(r.map((t, c) => {
    const text = clip(t, widths[c]!);
    return words.includes(c) ? text.padEnd(widths[c]!) : text.padStart(widths[c]!);
  }).join(' ').trimEnd(), width));
}

const LAYER_TITLES = ['layer', 'kind', 'line', 'fan_in E|w|²', 'E|b|²', 'E|h|²', 'structure', 'gain'];

function layerRows(layers: LayerReport[], width: number): string[] {
  const number = (q: Quantity | undefined) => (q === undefined ? '' : q.value === null ? '-' : shown(q.value));
  const known = (v: number | null | undefined) => (v === undefined ? '' : v === null ? '?' : shown(v));
  const cells = layers.map((l) => [
    l.id, l.activation ? l.label : l.kind, l.line === null ? '' : String(l.line), known(l.initialisation?.weightVariance), known(l.initialisation?.biasVariance),
    number(l.variance), l.activation?.structure.join(', ') ?? '', number(l.activation?.gain),
  ]);
  const unknown = layers.flatMap((l): [string, Quantity][] => {
    const q = [l.variance, l.activation?.gain].find((x) => x?.value === null);
    return q ? [[l.id, q]] : [];
  });
  return [...grid([LAYER_TITLES, ...cells], width, [1, 6, 0]), ...byReason(unknown).flatMap(([reason, ids]) => wrap(plain(`${ids.join(', ')}: ${reason}`), width, '  '))];
}

function shown(v: number): string {
  const size = Math.abs(v);
  return v !== 0 && (size < 1e-3 || size >= 1e5) ? v.toExponential(3) : String(Number(v.toPrecision(4)));
}

/** Names and messages come from the user's files: no control character reaches the terminal. */
const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, ' ');

const clip = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);

function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const at = space > indent.length ? space : width;
    lines.push(rest.slice(0, at).trimEnd());
    rest = indent + rest.slice(at).trimStart();
  }
  return [...lines, rest];
}
