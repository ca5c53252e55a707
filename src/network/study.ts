// Finite-width study: how far networks of given widths are from the infinite-width limit. Knows no backend's name and no limit's formula.
import { Fault } from '../contract/fault.ts';
import type { InputSet } from '../contract/inputs.ts';
import type { ComplexMatrix } from '../contract/matrix.ts';
import type { FiniteWidth, FiniteWidthRow, Quantity } from '../contract/result.ts';
import type { CallContext } from '../contract/rpc.ts';
import type { Backend } from './backend.ts';
import { drawWeights, layerSizes, type DenseNetwork } from './dense.ts';
import { empiricalNtk } from './empirical.ts';

export interface StudyRequest {
  network: DenseNetwork;
  inputs: InputSet;
  /** Each replaces every hidden width. */
  widths: number[];
  /** Networks drawn per width, with the seeds 0, 1, ... */
  seeds: number;
  /** The kernels to compare with; null where they do not exist. */
  limit: { ntk: ComplexMatrix | null; twinNtk: ComplexMatrix | null };
  memoryLimitBytes: number;
}

export interface Estimate {
  /** Peak of the largest width, since one network lives at a time. */
  bytes: number;
  /** Float32 multiplications and additions, all widths and seeds. */
  operations: number;
}

/** Tiles in flight on the backend, and what the runtime needs around the arrays. */
const WORKSPACE_BYTES = 64 * 2 ** 20;

/** Memory and work of a study, from the sizes alone. */
export function estimateFiniteWidth({ network, inputs, widths, seeds }: Pick<StudyRequest, 'network' | 'inputs' | 'widths' | 'seeds'>): Estimate {
  const n = inputs.samples;
  const row = rowLength(inputs);
  const parts = network.field === 'complex' ? 2 : 1;
  const signals = parts * parts * n; // columns of delta and eps
  let bytes = 0;
  let operations = 0;
  for (const width of widths) {
    const sizes = layerSizes(network.layers.length, row, width);
    let kept = 0;
    let live = 0;
    for (const [l, [units, fanIn]] of sizes.entries()) {
      const last = l === sizes.length - 1;
      kept += 4 * parts * units * fanIn + 8 * (parts * n) ** 2 + (last ? 0 : 4 * units * signals);
      operations += seeds * 2 * (fanIn * (parts * n) ** 2 + units * signals ** 2);
      if (!last) operations += seeds * 2 * parts * units * fanIn * parts * n;
      if (l > 0) operations += seeds * 2 * parts * signals * units * fanIn;
      // Forward: z, W z by part and the right factor on the backend. Backward: signal^T W by part, the signals above and below.
      const forward = 4 * parts * n * (2 * fanIn + parts * units);
      const backward = l > 0 ? 8 * parts * signals * fanIn + 4 * signals * (units + fanIn) : 0;
      live = Math.max(live, forward, backward, 12 * signals ** 2 + 4 * signals * units);
    }
    bytes = Math.max(bytes, kept + live);
  }
  const compared = 8 * 2 * n * n * 5; // Theta_n, pseudo-kernel, sum over seeds, two limits
  return { bytes: bytes + compared + WORKSPACE_BYTES, operations };
}

const rowLength = (inputs: InputSet): number => inputs.shape.reduce((a, b) => a * b, 1);
const inMebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

function check(request: StudyRequest): void {
  const { network, inputs, widths, seeds, memoryLimitBytes } = request;
  for (const width of widths) {
    if (!Number.isSafeInteger(width) || width < 1) throw new Fault('bad-input', `The width ${width} is not a whole number above 0. Widths are numbers of hidden units, such as 64, 256.`);
  }
  if (!Number.isSafeInteger(seeds) || seeds < 1) throw new Fault('bad-input', `The number of seeds is ${seeds}; it must be a whole number above 0.`);
  if (network.field === 'real' && inputs.im.some((v) => v !== 0)) {
    throw new Fault('bad-input', 'The network is real and the inputs have imaginary parts. Give real inputs.');
  }
  const { bytes } = estimateFiniteWidth(request);
  if (bytes > memoryLimitBytes) {
    throw new Fault('too-large', `The finite-width study at width ${Math.max(...widths)} with ${inputs.samples} samples needs about ${inMebibytes(bytes)}, `
      + `above the limit of ${inMebibytes(memoryLimitBytes)}. Take smaller widths or fewer samples, or raise complexNtk.memoryLimit.`);
  }
}

/**
 * Draws `seeds` networks at each width and measures their NTKs against the limit; distances are relative, in the Frobenius norm.
 * @throws Fault bad-input, too-large before any work; cancelled between tiles.
 */
export async function studyFiniteWidth(request: StudyRequest, backend: Backend, context: CallContext): Promise<FiniteWidth> {
  check(request);
  const { network, inputs, widths, seeds, limit } = request;
  const total = estimateFiniteWidth(request).operations;
  const pace = async (): Promise<void> => {
    await new Promise((resume) => setImmediate(resume)); // messages of cancel come in here
    if (context.signal.aborted) throw new Fault('cancelled', 'Cancelled.');
  };
  let done = 0;
  const rows: FiniteWidthRow[] = [];
  for (const width of widths) {
    const distances = new Statistic();
    const twinDistances = new Statistic();
    const pseudos = new Statistic();
    let sum: ComplexMatrix | null = null;
    const share = estimateFiniteWidth({ ...request, widths: [width], seeds: 1 }).operations;
    for (let seed = 0; seed < seeds; seed++) {
      context.progress({ fraction: done / total, message: `Finite width ${width}: network ${seed + 1} of ${seeds}, ${backend.label}` });
      await pace();
      const weights = await drawWeights(network, rowLength(inputs), width, seed, pace);
      const { ntk, pseudo } = await empiricalNtk(network, weights, inputs, backend, pace);
      if (limit.ntk) distances.add(distance(ntk, limit.ntk) / norm(limit.ntk));
      if (limit.twinNtk) twinDistances.add(distance({ ...ntk, im: undefined }, { ...limit.twinNtk, im: undefined }) / norm(limit.twinNtk));
      if (pseudo) pseudos.add(norm(pseudo) / norm(ntk));
      sum = sum ? plus(sum, ntk) : ntk;
      done += share;
    }
    const noLimit = 'The infinite-width NTK does not exist or was not computed.';
    rows.push({
      width,
      seeds,
      distance: distances.quantity(noLimit),
      twinDistance: twinDistances.quantity(network.field === 'real' ? 'A real network has no real twin.' : 'The NTK of the real twin does not exist or was not computed.'),
      pseudo: pseudos.quantity('The pseudo-kernel of a real network is its kernel.'),
      meanDistance: limit.ntk ? meanDistance(sum!, limit.ntk, distances) : missing(noLimit),
    });
  }
  context.progress({ fraction: 1, message: 'Finite width: done' });
  return { backend: backend.label, fallbackReason: backend.fallbackReason, seeds: Array.from({ length: seeds }, (_, i) => i), rows, exponent: slope(rows) };
}

const missing = (reason: string): Quantity => ({ value: null, method: 'monte-carlo', error: null, reason });
const overflowed = 'The kernel of a drawn network is not finite: its activations overflow.';

/** Values over the seeds. */
class Statistic {
  readonly values: number[] = [];

  add(value: number): void {
    this.values.push(value);
  }

  /** Mean with its standard error, which one value alone does not have. */
  quantity(reason: string): Quantity {
    const k = this.values.length;
    if (k === 0) return missing(reason);
    const mean = this.values.reduce((a, b) => a + b, 0) / k;
    if (!Number.isFinite(mean)) return missing(overflowed);
    const squares = this.values.reduce((a, b) => a + (b - mean) ** 2, 0);
    return { value: mean, method: 'monte-carlo', error: k > 1 ? Math.sqrt(squares / (k * (k - 1))) : null };
  }
}

/**
 * Distance of the mean kernel. Its error is the standard error of that mean matrix, by
 * sum ||Theta_k - mean||^2 = sum ||Theta_k - Theta||^2 - k ||mean - Theta||^2.
 */
function meanDistance(sum: ComplexMatrix, ntk: ComplexMatrix, distances: Statistic): Quantity {
  const k = distances.values.length;
  const mean: ComplexMatrix = { ...sum, re: sum.re.map((v) => v / k), ...(sum.im ? { im: sum.im.map((v) => v / k) } : {}) };
  const value = distance(mean, ntk) / norm(ntk);
  if (!Number.isFinite(value)) return missing(overflowed);
  const squares = distances.values.reduce((a, d) => a + d * d, 0) - k * value * value;
  return { value, method: 'monte-carlo', error: k > 1 ? Math.sqrt(Math.max(0, squares) / (k * (k - 1))) : null };
}

/**
 * Slope of log distance against log width by least squares. Its error is the larger of what the rows' standard errors
 * carry into it and what the scatter about the line tells.
 */
function slope(rows: FiniteWidthRow[]): Quantity {
  const points = rows.flatMap(({ width, distance: d }) => (d.value !== null && d.value > 0
    ? [{ x: Math.log(width), y: Math.log(d.value), error: d.error === null ? null : d.error / d.value }] : []));
  const mean = points.reduce((a, p) => a + p.x, 0) / points.length;
  const spread = points.reduce((a, p) => a + (p.x - mean) ** 2, 0);
  if (!(spread > 0)) return missing('A slope needs distances at two different widths.');
  const value = points.reduce((a, p) => a + (p.x - mean) * p.y, 0) / spread;
  const level = points.reduce((a, p) => a + p.y, 0) / points.length;
  const errors: number[] = [];
  if (points.every((p) => p.error !== null)) errors.push(Math.sqrt(points.reduce((a, p) => a + ((p.x - mean) * p.error!) ** 2, 0)) / spread);
  if (points.length > 2) {
    const residual = points.reduce((a, p) => a + (p.y - level - value * (p.x - mean)) ** 2, 0);
    errors.push(Math.sqrt(residual / (points.length - 2) / spread));
  }
  return { value, method: 'monte-carlo', error: errors.length > 0 ? Math.max(...errors) : null };
}

/** Frobenius norms over all entries. */
function distance(a: ComplexMatrix, b: ComplexMatrix): number {
  let sum = 0;
  for (let i = 0; i < a.re.length; i++) sum += (a.re[i]! - b.re[i]!) ** 2 + ((a.im?.[i] ?? 0) - (b.im?.[i] ?? 0)) ** 2;
  return Math.sqrt(sum);
}

function norm(a: ComplexMatrix): number {
  let sum = 0;
  for (let i = 0; i < a.re.length; i++) sum += a.re[i]! ** 2 + (a.im?.[i] ?? 0) ** 2;
  return Math.sqrt(sum);
}

/** Adds into the first. */
function plus(a: ComplexMatrix, b: ComplexMatrix): ComplexMatrix {
  for (let i = 0; i < a.re.length; i++) {
    a.re[i]! += b.re[i]!;
    if (a.im && b.im) a.im[i]! += b.im[i]!;
  }
  return a;
}
