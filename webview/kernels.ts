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

export const KERNEL_TITLES = { ntk: 'NTK', nngp: 'NNGP' } as const;
const TWIN = { ntk: 'twinNtk', nngp: 'twinNngp' } as const;

export interface Pair {
  kernel: KernelValue;
  twin: KernelValue;
}

export const pair = (result: AnalysisResult, choices: Choices): Pair => ({
  kernel: result.kernels[choices.kernel], twin: result.kernels[TWIN[choices.kernel]],
});

export const missing = (k: KernelValue): string => `${k.reason ?? 'This kernel was not computed.'}${k.layer ? ` (layer ${k.layer})` : ''}`;

function modulus(m: ComplexMatrix): Float64Array {
  const { re, im } = m;
  return im ? re.map((x, i) => Math.hypot(x, im[i]!)) : re.map(Math.abs);
}

/** Absolute error of each entry. */
function noise(k: KernelValue): number {
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
  const { kernel, twin } = pair(result, choices);
  const name = KERNEL_TITLES[choices.kernel];
  const log = choices.scale === 'log';
  const table = SEQUENTIAL[choices.map];
  const error = noise(kernel);
  const bound = (k: KernelValue): string => `each entry ${origin({ error: k.error === null ? null : noise(k), method: k.method })}`;

  const own = kernel.matrix && !kernel.matrix.im ? 'cartesian' : choices.parts;
  const re = kernel.matrix ? ordered(kernel.matrix.re, order) : null;
  const im = kernel.matrix?.im ? ordered(kernel.matrix.im, order) : null;
  const size = kernel.matrix ? ordered(modulus(kernel.matrix), order) : null;
  const twinRe = twin.matrix ? ordered(twin.matrix.re, order) : null;

  // Kernel and twin are read against each other, so they share a scale; a magnitude has nothing to share with negative numbers.
  const first = own === 'polar' ? size : re;
  const shared = own === 'cartesian' || (extent(...(twinRe ? [twinRe.values] : []))?.low ?? 0) >= 0;
  const level = (field: Field | null, other: Field | null, k: KernelValue): Image | null => {
    if (!field) return null;
    const scale = sequential(log, ...(shared && other ? [field.values, other.values] : [field.values]));
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

  const out: Panel[] = [];
  const add = (id: string, title: string, image: Image | null, reason: string): void => void out.push({ id, title, image, reason });

  if (own === 'polar') {
    add('ntk-magnitude', `${name}, magnitude`, level(size, twinRe, kernel), missing(kernel));
    const argument = re && im && { ...re, values: re.values.map((x, i) => Math.atan2(im.values[i]!, x)) };
    add('ntk-phase', `${name}, phase`, argument && size && {
      field: argument, weight: size, scale: { kind: 'cyclic' }, table: phase,
      masked: (i) => size.values[i]! * PHASE_ERROR <= error,
      note: 'radians; grey: too small to have a phase',
    }, missing(kernel));
  } else {
    add('ntk-re', im || !re ? `${name}, real part` : name, level(re, twinRe, kernel), missing(kernel));
    if (im || !re) add('ntk-im', `${name}, imaginary part`, im && signed(im, error, 'imaginary part:'), missing(kernel));
  }
  add('twin', `Real twin's ${name}`, level(twinRe, first, twin), missing(twin));
  const difference = re && twinRe && { ...re, values: re.values.map((x, i) => x - twinRe.values[i]!) };
  add('difference', `Re ${name} − twin`, difference && signed(difference, error + noise(twin), 'difference:'), missing(kernel.matrix ? twin : kernel));
  return out;
}


/** "3 (qpsk)"; samples count from 0 as in NumPy. */
export function sampleName(inputs: AnalysisResult['inputs'], i: number): string {
  const label = inputs.labels?.[i];
  if (label === undefined) return String(i);
  return `${i} (${inputs.classes?.[label] ?? `class ${label}`})`;
}

/** All numbers of one cell in one line. */
export function readout(result: AnalysisResult, choices: Choices, [i, j]: [number, number]): string {
  const { kernel, twin } = pair(result, choices);
  const n = result.inputs.samples;
  const at = i * n + j;
  const parts = [`i = ${sampleName(result.inputs, i)}, j = ${sampleName(result.inputs, j)}`];
  const m = kernel.matrix;
  const name = KERNEL_TITLES[choices.kernel];
  if (m?.im) {
    const [re, im] = [m.re[at]!, m.im[at]!];
    const size = Math.hypot(re, im);
    parts.push(`${name} ${complex([re, im])}`, `|·| ${number(size, 6)}`, size * PHASE_ERROR <= noise(kernel) ? `arg ${DASH}` : `arg ${number(Math.atan2(im, re), 4)} rad`);
  } else parts.push(`${name} ${m ? number(m.re[at]!, 6) : DASH}`);
  const t = twin.matrix;
  parts.push(`twin ${t ? (t.im?.[at] ? complex([t.re[at]!, t.im[at]!]) : number(t.re[at]!, 6)) : DASH}`);
  parts.push(`difference ${m && t ? number(m.re[at]! - t.re[at]!, 4) : DASH}`);
  return parts.join('; ');
}
