// A result as a table for the terminal. Knows no file and no page; computes nothing.
import type { AnalysisResult, LayerReport, Quantity, VerdictWord } from '../contract/result.ts';

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
  for (const [name, k] of missing) out.push(...wrapped(`No ${name}${k.layer ? ` (${k.layer})` : ''}: ${k.reason ?? 'not computed'}`));
  if (result.finiteWidth) {
    const f = result.finiteWidth;
    out.push(...heading('Finite width'), ...wrapped(`Backend ${f.backend}; ${f.seeds.length} seeds.${f.fallbackReason ? ` ${f.fallbackReason}` : ''}`));
    out.push(...numberRows(f.rows.flatMap((r): [string, Quantity][] => [
      [`n = ${r.width}: distance to limit`, r.distance], [`n = ${r.width}: to the real twin`, r.twinDistance],
      [`n = ${r.width}: pseudo-kernel`, r.pseudo], [`n = ${r.width}: mean to limit`, r.meanDistance],
    ]).concat([['exponent', f.exponent]]), width));
  }
  const colour = { undecided: 33, reduces: 32, 'real-channel-reduces': 36, 'stays-complex': 35 }[verdict.word];
  out.push(...heading('Verdict'), paint(colour, `${WORDS[verdict.word]} (${verdict.word})`), ...wrapped(verdict.sentence));
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
    if (s) rows.push([`${title} condition`, s.condition], [`${title} effective rank`, s.effectiveRank]);
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

const LAYER_TITLES = ['layer', 'kind', 'line', 'fan_in E|w|²', 'E|b|²', 'E|h|²', 'structure', 'gain'];

function layerRows(layers: LayerReport[], width: number): string[] {
  const number = (q: Quantity | undefined) => (q === undefined ? '' : q.value === null ? '-' : shown(q.value));
  const known = (v: number | null | undefined) => (v === undefined ? '' : v === null ? '?' : shown(v));
  const cells = layers.map((l) => [
    l.id, l.activation ? l.label : l.kind, l.line === null ? '' : String(l.line), known(l.initialisation?.weightVariance), known(l.initialisation?.biasVariance),
    number(l.variance), l.activation?.structure.join(', ') ?? '', number(l.activation?.gain),
  ].map(plain));
  const widths = LAYER_TITLES.map((t, c) => Math.max(t.length, ...cells.map((r) => r[c]!.length)));
  // Words give way to numbers where the terminal is narrow.
  for (const c of [1, 6, 0]) {
    const over = widths.reduce((s, w) => s + w + 1, -1) - width;
    if (over > 0) widths[c] = Math.max(6, widths[c]! - over);
  }
  const right = new Set([2, 3, 4, 5, 7]);
  const line = (row: string[]) => clip(row.map((t, c) => {
    const text = clip(t, widths[c]!);
    return right.has(c) ? text.padStart(widths[c]!) : text.padEnd(widths[c]!);
  }).join(' ').trimEnd(), width);
  const reasons = layers.flatMap((l) => {
    const q = [l.variance, l.activation?.gain].find((x) => x?.value === null);
    return q ? wrap(plain(`${l.id}: ${q.reason ?? 'not computed'}`), width, '  ') : [];
  });
  return [line(LAYER_TITLES), ...cells.map(line), ...reasons];
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
