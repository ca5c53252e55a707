// From a result and the user's choices to the matrices that the heatmaps show, each with its scale and colours. Pure; knows no page.
import type { ComplexMatrix } from '../src/contract/matrix.ts';
import type { AnalysisResult, KernelValue } from '../src/contract/result.ts';
import { diverging, phase, SEQUENTIAL } from './colour/index.ts';
import { complex, DASH, errorText, number, origin } from './format.ts';
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
/** An argument is shown where its error is below this many radians. */
const PHASE_ERROR = 0.1;

export const KERNEL_CHOICES = [
  { value: 'ntk', text: 'NTK' },
  { value: 'nngp', text: 'NNGP' },
  { value: 'holomorphicNtk', text: 'What if: holomorphic backpropagation' },
] as const satisfies readonly { value: Choices['kernel']; text: string }[];

const TITLES = { ntk: 'NTK', nngp: 'NNGP', holomorphicNtk: 'Holomorphic what-if' } as const;
/** What each is read against: its real twin, or for the what-if the NTK itself. */
const OTHER = { ntk: 'twinNtk', nngp: 'twinNngp', holomorphicNtk: 'ntk' } as const;

export interface Pair {
  kernel: KernelValue;
  other: KernelValue;
}

export const pair = (result: AnalysisResult, choices: Choices): Pair => ({
  kernel: result.kernels[choices.kernel], other: result.kernels[OTHER[choices.kernel]],
});

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
  const whatIf = choices.kernel === 'holomorphicNtk';
  const name = TITLES[choices.kernel];
  const log = choices.scale === 'log';
  const table = SEQUENTIAL[choices.map];
  const error = noise(kernel);
  const bound = (k: KernelValue): string => `each entry ${origin({ error: k.error === null ? null : noise(k), method: k.method })}`;

  const parts = kernel.matrix && !kernel.matrix.im ? 'cartesian' : choices.parts;
  const re = kernel.matrix ? ordered(kernel.matrix.re, order) : null;
  const im = kernel.matrix?.im ? ordered(kernel.matrix.im, order) : null;
  const size = kernel.matrix ? ordered(modulus(kernel.matrix), order) : null;
  // Of a twin its real part; the NTK as the what-if beside it is.
  const otherRe = other.matrix ? ordered(whatIf && parts === 'polar' ? modulus(other.matrix) : other.matrix.re, order) : null;

  // Both are read against each other, so they share a scale; a magnitude has nothing to share with negative numbers.
  const first = parts === 'polar' ? size : re;
  const shared = parts === 'cartesian' || (extent(...(otherRe ? [otherRe.values] : []))?.low ?? 0) >= 0;
  const level = (field: Field | null, beside: Field | null, k: KernelValue): Image | null => {
    if (!field) return null;
    const scale = sequential(log, ...(shared && beside ? [field.values, beside.values] : [field.values]));
    return { field, weight: field, scale, table, note: `${bound(k)}${log && scale.kind === 'linear' ? '; linear, for some entries are not positive' : ''}` };
  };
  const signed = (field: Field, floor: number, what: string): Image => {
    const scale = symmetric(field.values, 0);
    const within = scale.kind !== 'cyclic' && scale.high <= floor;
    return {
      field, weight: field, table: diverging,
      // Where all is rounding, the scale is wide enough to paint none of it.
      scale: within ? symmetric(field.values, Math.max(1e3 * floor, Number.MIN_VALUE)) : scale,
      note: within ? `${what} zero within the error (${errorText(floor)}) everywhere` : `${what} largest ${number(scale.kind === 'cyclic' ? 0 : scale.high)}`,
    };
  };

  const away = (field: Field, floor: number): Image => {
    const high = extent(field.values)?.high ?? 0;
    const within = high <= floor;
    return {
      field, weight: field, table, scale: { kind: 'linear', low: 0, high: within ? Math.max(1e3 * floor, Number.MIN_VALUE) : high },
      note: `distance: ${within ? `zero within the error (${errorText(floor)}) everywhere` : `largest ${number(high)}`}`,
    };
  };

  const out: Panel[] = [];
  const add = (id: string, title: string, image: Image | null, reason: string): void => void out.push({ id, title, image, reason });

  if (parts === 'polar') {
    add('ntk-magnitude', `${name}, magnitude`, level(size, otherRe, kernel), missing(kernel));
    const argument = re && im && { ...re, values: re.values.map((x, i) => Math.atan2(im.values[i]!, x)) };
    add('ntk-phase', `${name}, phase`, argument && size && {
      field: argument, weight: size, scale: { kind: 'cyclic' }, table: phase,
      masked: (i) => size.values[i]! * PHASE_ERROR <= error,
      note: 'radians; grey: too small to have a phase',
    }, missing(kernel));
  } else {
    add('ntk-re', im || !re ? `${name}, real part` : name, level(re, otherRe, kernel), missing(kernel));
    if (im || !re) add('ntk-im', `${name}, imaginary part`, im && signed(im, error, 'imaginary part:'), missing(kernel));
  }
  const floor = error + noise(other);
  const why = missing(kernel.matrix ? other : kernel);
  if (whatIf) {
    add('plain', parts === 'polar' ? 'NTK, magnitude' : 'NTK, real part', level(otherRe, first, other), missing(other));
    const apart = kernel.matrix && other.matrix && ordered(modulus(difference(kernel.matrix, other.matrix)), order);
    add('what-if-difference', '|What-if − NTK|', apart && away(apart, floor), why);
  } else {
    add('twin', `Real twin's ${name}`, level(otherRe, first, other), missing(other));
    const apart = re && otherRe && { ...re, values: re.values.map((x, i) => x - otherRe.values[i]!) };
    add('difference', `Re ${name} − twin`, apart && signed(apart, floor, 'difference:'), why);
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
  const whatIf = choices.kernel === 'holomorphicNtk';
  const n = result.inputs.samples;
  const at = i * n + j;
  const parts = [`i = ${sampleName(result.inputs, i)}, j = ${sampleName(result.inputs, j)}`];
  const m = kernel.matrix;
  const name = TITLES[choices.kernel];
  if (m?.im) {
    const [re, im] = [m.re[at]!, m.im[at]!];
    const size = Math.hypot(re, im);
    parts.push(`${name} ${complex([re, im])}`, `|·| ${number(size, 6)}`, size * PHASE_ERROR <= noise(kernel) ? `arg ${DASH}` : `arg ${number(Math.atan2(im, re), 4)} rad`);
  } else parts.push(`${name} ${m ? number(m.re[at]!, 6) : DASH}`);
  const t = other.matrix;
  parts.push(`${whatIf ? TITLES.ntk : 'twin'} ${t ? (t.im?.[at] ? complex([t.re[at]!, t.im[at]!]) : number(t.re[at]!, 6)) : DASH}`);
  const apart = m && t ? [m.re[at]! - t.re[at]!, (m.im?.[at] ?? 0) - (t.im?.[at] ?? 0)] as const : null;
  parts.push(whatIf ? `distance ${apart ? number(Math.hypot(...apart), 4) : DASH}` : `difference ${apart ? number(apart[0], 4) : DASH}`);
  return parts.join('; ');
}
