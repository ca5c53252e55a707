// Finite-width study: how far networks of given widths are from the infinite-width limit, and their real twins. Knows no backend's name and
// no limit's formula.
import { Fault } from '../contract/fault.ts';
import { TWIN_SIZES, type FiniteOptions, type FiniteTwin, type FiniteWidth, type FiniteWidthRow, type TwinSize } from '../contract/finite.ts';
import type { ModelGraph } from '../contract/graph.ts';
import type { InputSet } from '../contract/inputs.ts';
import type { ComplexMatrix } from '../contract/matrix.ts';
import type { KernelValue, Quantity } from '../contract/result.ts';
import type { CallContext } from '../contract/rpc.ts';
import type { Backends } from './backend.ts';
import { buildNetwork, isComplex, unknownWidth, type BuildOptions, type FiniteNetwork } from './build.ts';
import { estimateKernel, inMebibytes } from './estimate.ts';
import { empiricalKernels, type EmpiricalNtk } from './kernels.ts';
import { drawNetwork } from './run.ts';
import { distance, isFinite, MeanMatrix, missing, norm, overflowed, powerLaw, realPart, Statistic } from './statistics.ts';
import { whereIs } from '../contract/order.ts';

export interface StudyRequest {
  graph: ModelGraph;
  inputs: InputSet;
  /** Each replaces every hidden width. */
  widths: number[];
  /** Networks drawn per width, with the seeds 0, 1, ... */
  seeds: number;
  finite: FiniteOptions;
  weightVariance: number | null;
  biasVariance: number | null;
  /** The kernels to compare with; null where they do not exist, for this reason. */
  limit: { ntk: ComplexMatrix | null; twinNtk: ComplexMatrix | null; reason: string | null };
  memoryLimitBytes: number;
}

/** A network is like its limit where its kernel is within this share of it. */
const LEVEL = 0.1;

/** Lets messages of cancel in. */
export const paceOf = (context: CallContext) => async (): Promise<void> => {
  await new Promise((resume) => setImmediate(resume));
  if (context.signal.aborted) throw new Fault('cancelled', 'Cancelled.');
};

/** @throws Fault too-large with the numbers */
export function checkMemory(network: FiniteNetwork, bytes: number, samples: number, limit: number, what: string): void {
  if (bytes <= limit) return;
  throw new Fault('too-large', `${what} of width ${network.width} with ${samples} samples needs about ${inMebibytes(bytes)}, above the limit of ${inMebibytes(limit)}. `
    + 'Take smaller widths or fewer samples, or raise complexNtk.memoryLimit.');
}

/** What was built, or why this graph cannot be built at these sizes. */
export function tried(build: () => FiniteNetwork): FiniteNetwork | string {
  try {
    return build();
  } catch (e) {
    if (e instanceof Fault && e.kind === 'not-supported') return e.message;
    throw e;
  }
}

interface Plan {
  network: FiniteNetwork;
  width: number;
  asWritten: boolean;
}

/** The networks of all widths, built but not drawn; what does not fit is refused, the row of the written widths left out with a reason. */
function planned({ graph, inputs, widths, seeds, finite, weightVariance, biasVariance, memoryLimitBytes }: StudyRequest): { plans: Plan[]; asWrittenReason: string | null; options: Partial<BuildOptions>; left: string[] } {
  for (const width of widths) {
    if (!Number.isSafeInteger(width) || width < 1) throw new Fault('bad-input', `The width ${width} is not a whole number above 0. Widths are numbers of hidden units, such as 64, 256.`);
  }
  if (!Number.isSafeInteger(seeds) || seeds < 1) throw new Fault('bad-input', `The number of seeds is ${seeds}; it must be a whole number above 0.`);
  const options: Partial<BuildOptions> = { ...finite, weightVariance, biasVariance, outputs: finite.readOut ? null : 1 };
  const plans: Plan[] = [];
  const open = unknownWidth(graph);
  let asWrittenReason: string | null = open && `${whereIs(open)} has no number of units in the text.`;
  if (!open) {
    const network = buildNetwork(graph, inputs, options);
    const { bytes } = estimateKernel(network, inputs.samples);
    if (bytes > memoryLimitBytes) asWrittenReason = `The network as written needs about ${inMebibytes(bytes)}, above the limit of ${inMebibytes(memoryLimitBytes)}.`;
    else plans.push({ network, width: network.width, asWritten: true });
  }
  const left: string[] = [];
  for (const width of widths) {
    const network = tried(() => buildNetwork(graph, inputs, { ...options, width }));
    if (typeof network === 'string') {
      left.push(`Width ${width} was left out: ${network}`);
      continue;
    }
    checkMemory(network, estimateKernel(network, inputs.samples).bytes, inputs.samples, memoryLimitBytes, 'The finite-width study');
    plans.push({ network, width, asWritten: false });
  }
  if (plans.length === 0) {
    if (left.length > 0) throw new Fault('not-supported', left[0]!);
    throw new Fault(open ? 'bad-input' : 'too-large', `There is no width to study: ${asWrittenReason} Give widths (--widths, or the setting complexNtk.widths).`);
  }
  return { plans, asWrittenReason, options, left };
}

/** What is kept of the kernels of one width. */
interface Measured {
  row: FiniteWidthRow;
  ntk: MeanMatrix;
  pseudo: MeanMatrix | null;
}

/**
 * Draws `seeds` networks at the widths as written and at each width asked for, and measures their NTKs against the limit; distances are
 * relative, in the Frobenius norm. Then the real twins at one width.
 * @throws Fault bad-input, too-large before any work; cancelled between pieces
 */
export async function studyFiniteWidth(request: StudyRequest, backends: Backends, context: CallContext): Promise<FiniteWidth> {
  const { graph, inputs, seeds, limit, finite, widths } = request;
  const { plans, asWrittenReason, options, left } = planned(request);
  const pace = paceOf(context);
  const shown = plans.find((p) => p.asWritten) ?? plans.reduce((a, b) => (b.width > a.width ? b : a));
  const complex = isComplex(shown.network);
  const twins: { size: TwinSize; network: FiniteNetwork }[] = [];
  let twinsReason = complex ? null : 'A real network has no real twin.';
  for (const size of complex ? TWIN_SIZES : []) {
    const network = tried(() => buildNetwork(graph, inputs, { ...options, width: shown.asWritten ? null : shown.width, twin: size }));
    if (typeof network === 'string') twinsReason = network;
    else if (estimateKernel(network, inputs.samples).bytes > request.memoryLimitBytes) twinsReason = `The real twin (${size}) does not fit into the memory limit.`;
    else twins.push({ size, network });
  }
  const share = (n: FiniteNetwork): number => estimateKernel(n, inputs.samples).operations;
  const total = [...plans, ...twins].reduce((s, p) => s + seeds * share(p.network), 0);
  let done = 0;
  const kernelsOf = async (network: FiniteNetwork, what: string, each: (k: EmpiricalNtk) => void): Promise<void> => {
    for (let seed = 0; seed < seeds; seed++) {
      context.progress({ fraction: done / total, message: `${what}: network ${seed + 1} of ${seeds}, ${backends.current.label}` });
      await pace();
      await drawNetwork(network, seed, pace);
      // A backend that fails here is left for the next one, which does this network again; those before are kept.
      each(await backends.run(`${what}, seed ${seed}`, (backend) => empiricalKernels(network, inputs, backend, pace)));
      done += share(network);
    }
  };
  const noLimit = limit.reason ?? 'The infinite-width NTK does not exist or was not computed.';
  const measured: Measured[] = [];
  for (const { network, width, asWritten } of plans) {
    const [distances, twinDistances, pseudos] = [new Statistic(), new Statistic(), new Statistic()];
    const ntk = new MeanMatrix();
    const pseudoMean = network.form.complex ? new MeanMatrix() : null;
    await kernelsOf(network, asWritten ? 'Widths as written' : `Finite width ${width}`, (k) => {
      ntk.add(k.ntk);
      if (limit.ntk) distances.add(distance(k.ntk, limit.ntk) / norm(limit.ntk));
      if (limit.twinNtk) twinDistances.add(distance(realPart(k.ntk), realPart(limit.twinNtk)) / norm(realPart(limit.twinNtk)));
      if (k.pseudo) {
        pseudos.add(norm(k.pseudo) / norm(k.ntk));
        pseudoMean!.add(k.pseudo);
      }
    });
    measured.push({
      ntk, pseudo: pseudoMean,
      row: {
        width, asWritten, seeds, parameters: network.parameters,
        distance: distances.quantity(noLimit),
        twinDistance: twinDistances.quantity(complex ? 'The NTK of the real twin does not exist or was not computed.' : 'A real network has no real twin.'),
        pseudo: pseudos.quantity('The pseudo-kernel of a real output is its kernel.'),
        meanDistance: limit.ntk ? meanDistance(ntk, limit.ntk) : missing(noLimit),
      },
    });
  }
  const at = measured[plans.indexOf(shown)]!;
  const network = shown.network;
  const finiteTwins: FiniteTwin[] = [];
  let twinKernel: MeanMatrix | null = null;
  for (const { size, network: twin } of twins) {
    const distances = new Statistic();
    const mean = new MeanMatrix();
    await kernelsOf(twin, `Real twin, ${size}`, ({ ntk }) => {
      // Its output is one real number where the network's is complex: twice its kernel is in the network's scale.
      const scaled = twin.form.complex === network.form.complex ? ntk : { ...ntk, re: ntk.re.map((v) => 2 * v) };
      mean.add(scaled);
      if (limit.twinNtk) distances.add(distance(realPart(scaled), realPart(limit.twinNtk)) / norm(realPart(limit.twinNtk)));
    });
    if (size === 'double-widths') twinKernel = mean;
    finiteTwins.push({ size, width: twin.width, parameters: twin.parameters, distance: distances.quantity(noLimit), toNetwork: between(mean, at.ntk) });
  }
  context.progress({ fraction: 1, message: 'Finite width: done' });
  const rows = measured.map((m) => m.row).sort((a, b) => a.width - b.width);
  // The line is that of widths that replace every hidden width; the written ones may differ from layer to layer.
  const fitted = rows.filter((r) => !r.asWritten || widths.length < 2);
  const law = (of: 'distance' | 'pseudo' | 'meanDistance') => powerLaw(fitted.map((r) => ({ width: r.width, value: r[of] })));
  const byWidth = law('distance');
  const limitWidth = { level: LEVEL, width: limit.ntk ? byWidth.widthAt(LEVEL) : missing(noLimit) };
  return {
    backend: backends.current.label, fallbackReason: backends.fallbackReason, law: finite.law,
    seeds: Array.from({ length: seeds }, (_, i) => i),
    rows, asWrittenReason,
    exponent: limit.ntk ? byWidth.exponent : missing(noLimit),
    pseudoExponent: network.form.complex ? law('pseudo').exponent : missing('The pseudo-kernel of a real output is its kernel.'),
    meanExponent: limit.ntk ? law('meanDistance').exponent : missing(noLimit),
    limitWidth,
    sentence: sentenceOf(at.row, shown, rows, limitWidth.width, limit.ntk ? null : noLimit),
    twins: finiteTwins,
    twinsReason,
    kernels: {
      width: shown.width, asWritten: shown.asWritten, seeds,
      ntk: valueOf(at.ntk),
      pseudo: at.pseudo ? valueOf(at.pseudo) : { matrix: null, method: 'monte-carlo', error: null, reason: 'The pseudo-kernel of a real output is its kernel.' },
      twinNtk: twinKernel ? valueOf(twinKernel) : { matrix: null, method: 'monte-carlo', error: null, reason: twinsReason ?? 'The real twin of double widths was not run.' },
      output: network.output, notes: [...network.notes, ...left],
    },
  };
}

/** The mean as a kernel: its error is one standard error, relative to the largest modulus and shared evenly among the entries. */
function valueOf(m: MeanMatrix): KernelValue {
  const matrix = m.mean;
  if (!isFinite(matrix)) return { matrix: null, method: 'monte-carlo', error: null, reason: overflowed };
  let top = 0;
  for (let k = 0; k < matrix.re.length; k++) top = Math.max(top, Math.hypot(matrix.re[k]!, matrix.im?.[k] ?? 0));
  return { matrix, method: 'monte-carlo', error: m.error === null || top === 0 ? null : m.error / Math.sqrt(matrix.re.length) / top };
}

function meanDistance(m: MeanMatrix, ntk: ComplexMatrix): Quantity {
  const value = distance(m.mean, ntk) / norm(ntk);
  return Number.isFinite(value) ? { value, method: 'monte-carlo', error: m.error === null ? null : m.error / norm(ntk) } : missing(overflowed);
}

/** Of the mean twin from the real part of the mean kernel. */
function between(twin: MeanMatrix, network: MeanMatrix): Quantity {
  const [a, b] = [realPart(twin.mean), realPart(network.mean)];
  const value = distance(a, b) / norm(b);
  if (!Number.isFinite(value)) return missing(overflowed);
  return { value, method: 'monte-carlo', error: twin.error === null || network.error === null ? null : Math.hypot(twin.error, network.error) / norm(b) };
}

const percent = (q: Quantity): string => `${number(100 * q.value!)}${q.error === null ? '' : ` ± ${number(100 * q.error)}`} %`;
const number = (v: number): string => String(Number(v.toPrecision(v >= 100 ? 3 : 2)));

function sentenceOf(row: FiniteWidthRow, { asWritten, width }: Plan, rows: FiniteWidthRow[], limitWidth: Quantity, noLimit: string | null): string {
  const where = asWritten ? `At the widths as written (narrowest hidden layer ${width})` : `At width ${width}`;
  if (noLimit) {
    const pseudo = row.pseudo.value === null ? '' : ` Its pseudo-kernel, which vanishes in wide networks, is ${percent(row.pseudo)} of its kernel.`;
    return `${where} no distance from the limit is told: ${noLimit.replace(/\.$/, '')}.${pseudo}`;
  }
  if (row.distance.value === null) return `${where} no distance was got: ${row.distance.reason ?? 'unknown'}`;
  const far = `${where} the kernel of one network is ${percent(row.distance)} away from its limit`;
  const level = `${100 * LEVEL} %`;
  if (row.distance.value <= LEVEL) return `${far}: it behaves like its limit (${level} is the mark).`;
  if (limitWidth.value === null) return `${far}${rows.length > 1 ? `; at no width studied does it come within ${level}` : `; other widths were not studied, so where it comes within ${level} is not known`}.`;
  const beyond = limitWidth.value > Math.max(...rows.map((r) => r.width)) ? ', by extrapolation' : '';
  return `${far}; it behaves like its limit (within ${level}) from a width of about ${number(limitWidth.value)}${limitWidth.error === null ? '' : ` ± ${number(limitWidth.error)}`} on${beyond}.`;
}
