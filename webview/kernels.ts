// From a result and the user's choices to the matrices that the heatmaps show, each with its scale and colours. Pure; knows no page.
import type { ComplexMatrix } from '../src/contract/matrix.ts';
import type { AnalysisResult, KernelValue } from '../src/contract/result.ts';
import { diverging, phase, SEQUENTIAL } from './colour/index.ts';
import { complex, DASH, errorText, number, origin, sentence } from './format.ts';
import type { Field, Scale } from './paint/bitmap.ts';
import { extent, sequential, symmetric } from './paint/domain.ts';
import type { Choices } from './state.ts';

/** One heatmap. Rows and columns are in the order shown. */
export interface Panel {
  /** Its place on the page: "ntk-magnitude". */
  id: string;
  title: string;
  /** Null: there is nothing to show, for this reason. */
  image: Image | null;
  reason: string;
}

export interface Image {
  field: Field;
  /** What decides which entry a pixel shows where there are more entries than pixels. */
  weight: Field;
  scale: Scale;
  table: Uint32Array;
  masked?: (index: number) => boolean;
  /** Said under the heatmap: what the colours stand for beyond the scale. */
  note: string;
}

/** An error below which numbers are rounding, where the kernel names none. */
const ROUNDING = 1e-12;
/** An argument is shown where its error is below this many radians; of drawn networks, where the entry is two standard errors from zero. */
const PHASE_ERROR = 0.1;
const PHASE_ERROR_DRAWN = 0.5;

type Kernel = Choices['kernel'];

/** What the page calls a kernel, and what it is read against: its real twin, or as complex numbers another kernel of the network. */
const SHOWN: Record<Kernel, { name: string; other: string; against: 'twin' | 'distance' | 'beside'; apart: string }> = {
  ntk: { name: 'NTK', other: "Real twin's NTK", against: 'twin', apart: 'Re NTK − twin' },
  nngp: { name: 'NNGP', other: "Real twin's NNGP", against: 'twin', apart: 'Re NNGP − twin' },
  holomorphicNtk: { name: 'Holomorphic what-if', other: 'NTK', against: 'distance', apart: '|What-if − NTK|' },
  empirical: { name: 'Finite NTK', other: "Finite real twin's NTK", against: 'twin', apart: 'Re finite NTK − twin' },
  // Of another symmetry than the NTK: a difference would mean nothing.
  pseudo: { name: 'Pseudo-kernel', other: 'Finite NTK', against: 'beside', apart: '' },
};

export interface Pair {
  kernel: KernelValue;
  other: KernelValue;
}

const NOT_RUN: KernelValue = { matrix: null, method: 'monte-carlo', error: null, reason: 'Finite-width comparison has not been run.' };

export function pair({ kernels: k, finiteWidth }: AnalysisResult, { kernel }: Pick<Choices, 'kernel'>): Pair {
  const drawn = finiteWidth?.kernels;
  switch (kernel) {
    case 'ntk': return { kernel: k.ntk, other: k.twinNtk };
    case 'nngp': return { kernel: k.nngp, other: k.twinNngp };
    case 'holomorphicNtk': return { kernel: k.holomorphicNtk, other: k.ntk };
    case 'empirical': return { kernel: drawn?.ntk ?? NOT_RUN, other: drawn?.twinNtk ?? NOT_RUN };
    case 'pseudo': return { kernel: drawn?.pseudo ?? NOT_RUN, other: drawn?.ntk ?? NOT_RUN };
  }
}

/** The kernels to choose from. Those of infinite width are offered, existing or not, where there is nothing else to see. */
export function kernelChoices(result: AnalysisResult): { value: Kernel; text: string }[] {
  const seeds = result.finiteWidth?.kernels.seeds ?? 0;
  const exists = (kernel: Kernel): boolean => pair(result, { kernel }).kernel.matrix !== null;
  const always = !exists('empirical');
  return ([
    ['ntk', 'NTK', always], ['nngp', 'NNGP', always], ['holomorphicNtk', 'What if: holomorphic backpropagation', false],
    ['empirical', `Finite network, ${seeds === 1 ? 'one seed' : `mean of ${seeds} seeds`}`, false], ['pseudo', 'Pseudo-kernel of the finite network', false],
  ] as const).flatMap(([value, text, offered]) => (offered || exists(value) ? [{ value, text }] : []));
}

/** The kernel wanted, or where it is not offered the one to open on. */
export function kernelShown(offered: readonly { value: Kernel }[], wanted: Kernel): Kernel {
  const has = (kernel: Kernel): boolean => offered.some(({ value }) => value === kernel);
  return has(wanted) ? wanted : has('ntk') ? 'ntk' : 'empirical';
}

/** What is to be known of the kernel shown beside its numbers; empty for those of infinite width. */
export function kernelNotes({ finiteWidth }: AnalysisResult, kernel: Kernel): string {
  if (!finiteWidth || (kernel !== 'empirical' && kernel !== 'pseudo')) return '';
  const { width, asWritten, seeds, output, notes } = finiteWidth.kernels;
  return [
    `Kernel of ${output}, in networks of width ${width}${asWritten ? ' (as written)' : ''}, ${seeds === 1 ? 'one seed' : `mean over ${seeds} seeds`}; errors are one standard error.`,
    ...(kernel === 'pseudo' ? ['The pseudo-kernel, the sum of ∂f ∂f′, vanishes in the limit of a circular complex network.'] : []),
    ...notes.map(sentence),
  ].join(' ');
}

export const missing = (k: KernelValue): string => `${k.reason ?? 'This kernel was not computed.'}${k.layer ? ` (layer ${k.layer})` : ''}`;

function modulus(m: ComplexMatrix): Float64Array {
  const { re, im } = m;
  return im ? re.map((x, i) => Math.hypot(x, im[i]!)) : re.map(Math.abs);
}

const noises = new WeakMap<KernelValue, number>();

/** Absolute error of each entry. Asked for at each move of the cell cursor, so kept. */
function noise(k: KernelValue): number {
  const known = noises.get(k);
  if (known !== undefined) return known;
  const found = entryError(k);
  noises.set(k, found);
  return found;
}

function entryError(k: KernelValue): number {
  if (!k.matrix) return 0;
  let top = 0;
  for (const v of modulus(k.matrix)) if (v > top && v < Infinity) top = v;
  return Math.max(k.error ?? 0, ROUNDING) * top;
}

function ordered(values: Float64Array, order: Int32Array): Field {
  const n = order.length;
  const out = new Float64Array(n * n);
  for (let i = 0, at = 0; i < n; i++) {
    const row = order[i]! * n;
    for (let j = 0; j < n; j++) out[at++] = values[row + order[j]!]!;
  }
  return { rows: n, cols: n, values: out };
}

/** The heatmaps for these choices, in the order of the page. */
export function panels(result: AnalysisResult, choices: Choices, order: Int32Array): Panel[] {
  const { kernel, other } = pair(result, choices);
  const { name, other: otherName, against, apart: apartName } = SHOWN[choices.kernel];
  const whole = against !== 'twin';
  const drawn = kernel.method === 'monte-carlo';
  const log = choices.scale === 'log';
  const table = SEQUENTIAL[choices.map];
  const error = noise(kernel);
  const bound = (k: KernelValue): string => `each entry ${origin({ error: k.error === null ? null : noise(k), method: k.method })}`;

  const parts = kernel.matrix && !kernel.matrix.im ? 'cartesian' : choices.parts;
  const re = kernel.matrix ? ordered(kernel.matrix.re, order) : null;
  const im = kernel.matrix?.im ? ordered(kernel.matrix.im, order) : null;
  const size = kernel.matrix ? ordered(modulus(kernel.matrix), order) : null;
  // Of a twin its real part; another kernel of the network as the one beside it is.
  const otherRe = other.matrix ? ordered(whole && parts === 'polar' ? modulus(other.matrix) : other.matrix.re, order) : null;

  // Both are read against each other, so they share a scale; a magnitude has nothing to share with negative numbers.
  const first = parts === 'polar' ? size : re;
  const shared = parts === 'cartesian' || (extent(...(otherRe ? [otherRe.values] : []))?.low ?? 0) >= 0;
  const level = (field: Field | null, beside: Field | null, k: KernelValue): Image | null => {
    if (!field) return null;
    const scale = sequential(log, ...(shared && beside ? [field.values, beside.values] : [field.values]));
    return { field, weight: field, scale, table, note: `${bound(k)}${log && scale.kind === 'linear' ? '; linear, for some entries are not positive' : ''}` };
  };
  // A difference of drawn kernels is noise in part, and its colours must not pass for a finding.
  const scatter = (floor: number): string => {
    if (!drawn) return '';
    return kernel.error === null || (other.matrix && other.error === null) ? '; of unknown error, for one seed shows none' : `; standard error of an entry up to ${errorText(floor)}`;
  };
  const signed = (field: Field, floor: number, what: string): Image => {
    const scale = symmetric(field.values, 0);
    const within = scale.kind !== 'cyclic' && scale.high <= floor;
    return {
      field, weight: field, table: diverging,
      // Where all is rounding, the scale is wide enough to paint none of it.
      scale: within ? symmetric(field.values, Math.max(1e3 * floor, Number.MIN_VALUE)) : scale,
      note: within ? `${what} zero within the error (${errorText(floor)}) everywhere` : `${what} largest ${number(scale.kind === 'cyclic' ? 0 : scale.high)}${scatter(floor)}`,
    };
  };

  const away = (field: Field, floor: number): Image => {
    const high = extent(field.values)?.high ?? 0;
    const within = high <= floor;
    return {
      field, weight: field, table, scale: { kind: 'linear', low: 0, high: within ? Math.max(1e3 * floor, Number.MIN_VALUE) : high },
      note: `distance: ${within ? `zero within the error (${errorText(floor)}) everywhere` : `largest ${number(high)}${scatter(floor)}`}`,
    };
  };

  const out: Panel[] = [];
  const add = (id: string, title: string, image: Image | null, reason: string): void => void out.push({ id, title, image, reason });

  if (parts === 'polar') {
    add('ntk-magnitude', `${name}, magnitude`, level(size, otherRe, kernel), missing(kernel));
    const argument = re && im && { ...re, values: re.values.map((x, i) => Math.atan2(im.values[i]!, x)) };
    add('ntk-phase', `${name}, phase`, argument && size && {
      field: argument, weight: size, scale: { kind: 'cyclic' }, table: phase,
      masked: (i) => size.values[i]! * (drawn ? PHASE_ERROR_DRAWN : PHASE_ERROR) <= error,
      note: `radians; grey: ${drawn ? 'less than two standard errors from zero' : 'too small to have a phase'}`,
    }, missing(kernel));
  } else {
    add('ntk-re', im || !re ? `${name}, real part` : name, level(re, otherRe, kernel), missing(kernel));
    if (im || !re) add('ntk-im', `${name}, imaginary part`, im && signed(im, error, 'imaginary part:'), missing(kernel));
  }
  const floor = error + noise(other);
  const why = missing(kernel.matrix ? other : kernel);
  if (whole) {
    add('plain', `${otherName}, ${parts === 'polar' ? 'magnitude' : 'real part'}`, level(otherRe, first, other), missing(other));
    const apart = against === 'distance' && kernel.matrix && other.matrix && ordered(modulus(difference(kernel.matrix, other.matrix)), order);
    if (against === 'distance') add('what-if-difference', apartName, apart ? away(apart, floor) : null, why);
  } else {
    add('twin', otherName, level(otherRe, first, other), missing(other));
    const apart = re && otherRe && { ...re, values: re.values.map((x, i) => x - otherRe.values[i]!) };
    add('difference', apartName, apart && signed(apart, floor, 'difference:'), why);
  }
  return out;
}

function difference(a: ComplexMatrix, b: ComplexMatrix): ComplexMatrix {
  return { ...a, re: a.re.map((x, i) => x - b.re[i]!), im: Float64Array.from(a.re, (_, i) => (a.im?.[i] ?? 0) - (b.im?.[i] ?? 0)) };
}

/** "3 (qpsk)"; samples count from 0 as in NumPy. */
export function sampleName(inputs: AnalysisResult['inputs'], i: number): string {
  const label = inputs.labels?.[i];
  if (label === undefined) return String(i);
  return `${i} (${inputs.classes?.[label] ?? `class ${label}`})`;
}

/** All numbers of one cell in one line. */
export function readout(result: AnalysisResult, choices: Choices, [i, j]: [number, number]): string {
  const { kernel, other } = pair(result, choices);
  const { name, other: otherName, against } = SHOWN[choices.kernel];
  const n = result.inputs.samples;
  const at = i * n + j;
  const parts = [`i = ${sampleName(result.inputs, i)}, j = ${sampleName(result.inputs, j)}`];
  const m = kernel.matrix;
  if (m?.im) {
    const [re, im] = [m.re[at]!, m.im[at]!];
    const size = Math.hypot(re, im);
    parts.push(`${name} ${complex([re, im])}`, `|·| ${number(size, 6)}`, size * (kernel.method === 'monte-carlo' ? PHASE_ERROR_DRAWN : PHASE_ERROR) <= noise(kernel) ? `arg ${DASH}` : `arg ${number(Math.atan2(im, re), 4)} rad`);
  } else parts.push(`${name} ${m ? number(m.re[at]!, 6) : DASH}`);
  const t = other.matrix;
  parts.push(`${against === 'twin' ? 'twin' : otherName} ${t ? (t.im?.[at] ? complex([t.re[at]!, t.im[at]!]) : number(t.re[at]!, 6)) : DASH}`);
  const apart = m && t ? [m.re[at]! - t.re[at]!, (m.im?.[at] ?? 0) - (t.im?.[at] ?? 0)] as const : null;
  if (against !== 'beside') parts.push(against === 'distance' ? `distance ${apart ? number(Math.hypot(...apart), 4) : DASH}` : `difference ${apart ? number(apart[0], 4) : DASH}`);
  return parts.join('; ');
}
