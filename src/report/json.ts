// A result as result.json: every number with method and error; the matrices stay in kernel.npz. Described by schema/result.schema.json.
import type { ComplexMatrix } from '../contract/matrix.ts';
import { KERNEL_NAMES, type AnalysisResult, type KernelName, type KernelValue, type Quantity } from '../contract/result.ts';

export const KERNEL_FILE = 'kernel.npz';

/** Names of the arrays in kernel.npz. */
export const ARRAY_NAMES: Record<KernelName, string> = { nngp: 'nngp', ntk: 'ntk', twinNngp: 'twin_nngp', twinNtk: 'twin_ntk', holomorphicNtk: 'holomorphic_ntk' };

/** The same for the kernels of finite networks. */
const FINITE_ARRAY_NAMES = { ntk: 'finite_ntk', pseudo: 'finite_pseudo', twinNtk: 'finite_twin_ntk' } as const;
const FINITE_KERNEL_NAMES = Object.keys(FINITE_ARRAY_NAMES) as (keyof typeof FINITE_ARRAY_NAMES)[];

type Kernels = Pick<AnalysisResult, 'kernels'> & Partial<Pick<AnalysisResult, 'finiteWidth'>>;

/** The result's existing kernels by array name. */
export function kernelArrays({ kernels, finiteWidth }: Kernels): Record<string, ComplexMatrix> {
  const all = [
    ...KERNEL_NAMES.map((n) => [ARRAY_NAMES[n], kernels[n]] as const),
    ...(finiteWidth ? FINITE_KERNEL_NAMES.map((n) => [FINITE_ARRAY_NAMES[n], finiteWidth.kernels[n]] as const) : []),
  ];
  return Object.fromEntries(all.flatMap(([name, { matrix }]) => (matrix ? [[name, matrix]] : [])));
}

/** The same result with each of its kernels changed. */
export function withKernels<T extends Kernels>(result: T, change: (kernel: KernelValue, array: string) => KernelValue): T {
  const kernels = { ...result.kernels };
  for (const n of KERNEL_NAMES) kernels[n] = change(kernels[n], ARRAY_NAMES[n]);
  if (!result.finiteWidth) return { ...result, kernels };
  const drawn = { ...result.finiteWidth.kernels };
  for (const n of FINITE_KERNEL_NAMES) drawn[n] = change(drawn[n], FINITE_ARRAY_NAMES[n]);
  return { ...result, kernels, finiteWidth: { ...result.finiteWidth, kernels: drawn } };
}

/** result.json. NaN and infinities never appear: they become null, a quantity's with a reason. */
export function resultJson(result: AnalysisResult): string {
  const described = withKernels(result, (kernel, array) => ({ ...kernel, matrix: kernel.matrix && place(kernel.matrix, array) }));
  return `${JSON.stringify(finite(described), null, 2)}\n`;
}

/** Where a matrix lies, in its place: it has the type of one, so that the tree keeps its shape, but none of its numbers. */
const place = ({ rows, cols, im }: ComplexMatrix, array: string): ComplexMatrix =>
  ({ rows, cols, dtype: im ? 'complex128' : 'float64', file: KERNEL_FILE, array }) as object as ComplexMatrix;

/** The same tree without NaN and infinities. */
export function finite(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(finite);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const out = Object.fromEntries(Object.entries(value).map(([k, v]) => [k, finite(v)]));
  const q = value as Partial<Quantity>;
  if (typeof q.value === 'number' && !Number.isFinite(q.value)) out.reason ??= `the computation gave ${q.value}, which is no finite number`;
  return out;
}
