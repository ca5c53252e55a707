// The door of the data room: inputs from files and built-in signals, and files written whole. Knows no network but its input's shape and field.
import type { InputQuery, InputSet } from '../contract/inputs.ts';
import { loadFile } from './file.ts';
import type { DataLimits, ModelInput } from './limits.ts';
import { generateSignals } from './signals/index.ts';

export type { DataLimits, ModelInput } from './limits.ts';
export { fromMemory } from './bytes.ts';
export { ioFault } from './io-fault.ts';
export { encodeNpy, readNpy, type NpyArray } from './npy.ts';
export { createNpyMatrix, describeNpyMatrix, npyMatrixBytes, openNpyMatrix, type NpyMatrix, type NpyMatrixWriter } from './npy-matrix.ts';
export { encodeNpz, writeNpz } from './npz.ts';
export { SIGNAL_OPTIONS } from './signals/index.ts';
export { writeSet, writeWhole } from './write.ts';

/**
 * The samples that a query asks for, checked against the model's input and scaled: samples first, row-major, finite.
 * Faults: bad-input, too-large, io, cancelled; each names the file or set, what was found and what to do.
 */
export function loadInputs(query: InputQuery, model: ModelInput, limits: DataLimits, signal: AbortSignal): Promise<InputSet> {
  return query.kind === 'file' ? loadFile(query, model, limits, signal) : generateSignals(query, model, limits, signal);
}
