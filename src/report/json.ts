// A result as result.json: every number with method and error; the matrices stay in kernel.npz. Described by schema/result.schema.json.
import type { ComplexMatrix } from '../contract/matrix.ts';
import { KERNEL_NAMES, type AnalysisResult, type KernelName, type KernelValue, type Quantity } from '../contract/result.ts';

export const KERNEL_FILE = 'kernel.npz';

/** Names of the arrays in kernel.npz. */
export const ARRAY_NAMES: Record<KernelName, string> = { nngp: 'nngp', ntk: 'ntk', twinNngp: 'twin_nngp', twinNtk: 'twin_ntk', holomorphicNtk: 'holomorphic_ntk' };

/** The result's existing kernels by array name. */
export function kernelArrays(result: Pick<AnalysisResult, 'kernels'>): Record<string, ComplexMatrix> {
  return Object.fromEntries(KERNEL_NAMES.flatMap((n) => {
    const { matrix } = result.kernels[n];
    return matrix ? [[ARRAY_NAMES[n], matrix]] : [];
  }));
}

/** result.json. NaN and infinities never appear: they become null, a quantity's with a reason. */
export function resultJson(result: AnalysisResult): string {
  const kernels = Object.fromEntries(KERNEL_NAMES.map((n) => [n, described(n, result.kernels[n])]));
  return `${JSON.stringify(finite({ ...result, kernels }), null, 2)}\n`;
}

function described(name: KernelName, kernel: KernelValue): unknown {
  const { matrix } = kernel;
  return {
    ...kernel,
    matrix: matrix && {
      rows: matrix.rows, cols: matrix.cols, dtype: matrix.im ? 'complex128' : 'float64', file: KERNEL_FILE, array: ARRAY_NAMES[name],
    },
  };
}

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
