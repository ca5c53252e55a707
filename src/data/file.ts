// Samples from a file of the user's: .npy, .npz or .csv, checked at the door. Knows no network but its input's shape and field.
import { open, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { Fault } from '../contract/fault.ts';
import type { InputQuery, InputSet } from '../contract/inputs.ts';
import { fromFile, type ByteSource } from './bytes.ts';
import { readCsv, type CsvTable } from './csv.ts';
import { fitShape, product, shapeText, type Fit, type Parts } from './fit.ts';
import { ioFault } from './io-fault.ts';
import { checkMemory, targetShape, type DataLimits, type ModelInput } from './limits.ts';
import { normalise } from './normalise.ts';
import { looksLikeNpy, checkComplete, readNpyHeader, readNpyRows, type NpyHeader } from './npy.ts';
import { openEntry, readDirectory, type ZipEntry } from './npz.ts';

const INPUT_NAMES = ['inputs', 'x', 'X'];
const LABEL_NAMES = ['y', 'labels'];

/** What a format's reader hands over: numbers as they lie in the file, and how they are to be taken. */
interface Found {
  samples: number;
  re: Float64Array;
  im?: Float64Array;
  fit: Fit;
  labels?: Int32Array;
  array: string | null;
}

type FileQuery = InputQuery & { kind: 'file' };

/** Faults: bad-input, too-large, io, cancelled; each names the file. */
export async function loadFile(query: FileQuery, model: ModelInput, limits: DataLimits, signal: AbortSignal): Promise<InputSet> {
  const { path } = query;
  if (query.samples !== null && !(Number.isSafeInteger(query.samples) && query.samples > 0)) {
    throw new Fault('bad-input', `The number of samples is ${query.samples}; give a whole number from 1 up.`);
  }
  const target = targetShape(query.shape, model.inputShape);
  const found = await readAny(query, target, model, limits, signal);
  const { re, im } = separate(found);
  const { shape, parts } = found.fit;
  checkFinite(path, found.samples, shape, re, im);
  const set = { samples: found.samples, re, im };
  normalise(set, query.normalise, path);
  const isComplex = found.im !== undefined || parts !== null;
  const name = basename(path) + (found.array === null ? '' : `, array "${found.array}"`);
  return {
    ...set,
    shape,
    field: isComplex ? 'complex' : 'real',
    ...(found.labels ? { labels: found.labels } : {}),
    description: `${name}: ${found.samples} ${isComplex ? 'complex' : 'real'} samples of shape ${shapeText(shape)}${parts ? ' from real and imaginary parts' : ''}`,
    provenance: { file: path, array: found.array, samples: found.samples, parts },
  };
}

async function readAny(query: FileQuery, target: number[] | null, model: ModelInput, limits: DataLimits, signal: AbortSignal): Promise<Found> {
  const { path } = query;
  let handle;
  try {
    if ((await stat(path)).isDirectory()) throw new Fault('bad-input', `${path} is a folder. Name a .npy, .npz or .csv file in it.`);
    handle = await open(path, 'r');
  } catch (e) {
    throw ioFault(e, 'read', path);
  }
  try {
    const info = await handle.stat();
    if (!info.isFile()) throw new Fault('bad-input', `${path} is not a regular file. Name a .npy, .npz or .csv file.`);
    if (info.size === 0) throw new Fault('bad-input', `${path} is empty (0 bytes). Save the samples again.`);
    const source = fromFile(path, info.size, handle);
    switch (await formatOf(source)) {
      case 'npy': return await fromNpy(source, null, query, target, model, limits, signal);
      case 'npz': return await fromNpz(source, query, target, model, limits, signal);
      case 'csv': return await fromCsv(query, target, model, limits, signal);
    }
  } finally {
    await handle.close();
  }
}

async function formatOf(source: ByteSource): Promise<'npy' | 'npz' | 'csv'> {
  const extension = extname(source.name).toLowerCase();
  if (extension === '.npy') return 'npy';
  if (extension === '.npz') return 'npz';
  if (extension === '.csv' || extension === '.tsv' || extension === '.txt') return 'csv';
  const start = await source.read(0, Math.min(6, source.size));
  if (looksLikeNpy(start)) return 'npy';
  if (start[0] === 0x50 && start[1] === 0x4b) return 'npz';
  throw new Fault('bad-input', `${source.name} is of a kind that is not read ("${extension}"). Save the samples as .npy, .npz or .csv.`);
}

async function fromNpy(source: ByteSource, array: string | null, query: FileQuery, target: number[] | null, model: ModelInput, limits: DataLimits, signal: AbortSignal): Promise<Found> {
  const header = await readNpyHeader(source);
  const { shape } = header;
  if (shape.length === 0) throw new Fault('bad-input', `${source.name} holds a single number. Save an array of samples, samples first.`);
  if (shape[0] === 0) throw new Fault('bad-input', `${source.name} has zero rows: shape ${shapeText(shape)}. Save at least one sample.`);
  if (header.items === 0) throw new Fault('bad-input', `${source.name} holds no numbers: shape ${shapeText(shape)}. Save samples with at least one value.`);
  checkComplete(source, header);
  const isComplex = header.type.kind === 'complex';
  const fit = fitShape({ name: source.name, rest: shape.slice(1), isComplex, parts: null, flatPairs: false }, target, model.inputField);
  const samples = Math.min(query.samples ?? Infinity, shape[0]!);
  checkMemory(source.name, samples, bytesNeeded(header, samples), limits);
  const { re, im } = await readNpyRows(source, header, samples, signal);
  return { samples, re, ...(im ? { im } : {}), fit, array };
}

/** Peak while reading: the numbers as they lie, and the two parts that leave the room. */
function bytesNeeded(header: NpyHeader, samples: number): number {
  const wanted = (header.items / header.shape[0]!) * samples;
  const held = header.fortran ? header.items : wanted;
  return 16 * wanted + (header.type.kind === 'complex' ? 16 : 8) * held;
}

async function fromNpz(source: ByteSource, query: FileQuery, target: number[] | null, model: ModelInput, limits: DataLimits, signal: AbortSignal): Promise<Found> {
  const entries = await readDirectory(source);
  const entry = pickEntry(source.name, entries);
  const found = await fromNpy(await openEntry(source, entry, limits.memoryBytes), entry.name, query, target, model, limits, signal);
  const labels = entries.find((e) => LABEL_NAMES.includes(e.name));
  if (labels) found.labels = await readLabels(await openEntry(source, labels, limits.memoryBytes), found.samples, signal);
  return found;
}

function pickEntry(name: string, entries: ZipEntry[]): ZipEntry {
  if (entries.length === 0) throw new Fault('bad-input', `${name} holds no arrays. Save one named "inputs", e.g. numpy.savez(file, inputs=x).`);
  for (const wanted of INPUT_NAMES) {
    const entry = entries.find((e) => e.name === wanted);
    if (entry) return entry;
  }
  const others = entries.filter((e) => !LABEL_NAMES.includes(e.name));
  if (others.length === 1) return others[0]!;
  const names = entries.slice(0, 20).map((e) => JSON.stringify(e.name.slice(0, 40))).join(', ');
  throw new Fault('bad-input', `${name} holds the arrays ${names}${entries.length > 20 ? ' and more' : ''}, and it is not clear which are the samples. Name one "inputs".`);
}

async function readLabels(source: ByteSource, samples: number, signal: AbortSignal): Promise<Int32Array> {
  const header = await readNpyHeader(source);
  const bad = (what: string) => new Fault('bad-input', `${source.name} should hold one integer label a sample: ${what}. Mend it or leave it out.`);
  if (header.type.kind === 'complex') throw bad(`its dtype is ${header.descr}`);
  if (product(header.shape.slice(1)) !== 1 || header.shape.length === 0) throw bad(`its shape is ${shapeText(header.shape)}`);
  if (header.shape[0]! < samples) throw bad(`it has ${header.shape[0]} for ${samples} samples`);
  // A vector in Fortran order lies like one in C order, so only the wanted rows are held.
  const { re } = await readNpyRows(source, { ...header, fortran: false }, samples, signal);
  const wrong = re.findIndex((v) => v !== Math.trunc(v) || Math.abs(v) > 0x7fffffff);
  if (wrong >= 0) throw bad(`entry ${wrong} is ${re[wrong]}`);
  return Int32Array.from(re);
}

async function fromCsv(query: FileQuery, target: number[] | null, model: ModelInput, limits: DataLimits, signal: AbortSignal): Promise<Found> {
  const table = await readCsv(query.path, query.samples, limits.memoryBytes, signal);
  if (table.rows === 0) throw new Fault('bad-input', `${query.path} has zero rows of numbers. Write one sample a row.`);
  const isComplex = table.im !== undefined;
  const { parts, order } = isComplex ? { parts: null, order: null } : headerParts(table.header);
  const fit = fitShape({ name: query.path, rest: [table.cols], isComplex, parts, flatPairs: true }, target, model.inputField);
  checkMemory(query.path, table.rows, table.rows * table.cols * 32, limits);
  return { samples: table.rows, re: order ? reordered(table, order) : table.re, ...(table.im ? { im: table.im } : {}), fit, array: null };
}

/** Columns named re/im (or i/q, real/imag): `order` brings each real part before its imaginary one. */
function headerParts(header: string[] | null): { parts: Parts | null; order: number[] | null } {
  const kind = (h: string) => (/(^|[^a-z])(re|real|i)[^a-z]*$/i.test(h) ? 're' : /(^|[^a-z])(im|imag|q)[^a-z]*$/i.test(h) ? 'im' : null);
  const kinds = header?.map(kind) ?? [];
  const re = kinds.flatMap((k, i) => (k === 're' ? [i] : []));
  const im = kinds.flatMap((k, i) => (k === 'im' ? [i] : []));
  if (re.length === 0 || re.length !== im.length || re.length + im.length !== kinds.length) return { parts: null, order: null };
  return { parts: 'interleaved', order: re.flatMap((c, k) => [c, im[k]!]) };
}

function reordered(table: CsvTable, order: number[]): Float64Array {
  const out = new Float64Array(table.re.length);
  for (let row = 0; row < table.rows; row++) {
    for (let j = 0; j < order.length; j++) out[row * table.cols + j] = table.re[row * table.cols + order[j]!]!;
  }
  return out;
}

/** Real and imaginary parts as two arrays, whichever way they lay in the file. */
function separate(found: Found): { re: Float64Array; im: Float64Array } {
  const { fit, samples } = found;
  if (fit.parts === null) return { re: found.re, im: found.im ?? new Float64Array(found.re.length) };
  const size = product(fit.shape);
  const re = new Float64Array(samples * size);
  const im = new Float64Array(samples * size);
  const [step, apart] = fit.parts === 'interleaved' ? [2, 1] : [1, size];
  for (let a = 0; a < samples; a++) {
    for (let j = 0; j < size; j++) {
      re[a * size + j] = found.re[2 * a * size + j * step]!;
      im[a * size + j] = found.re[2 * a * size + j * step + apart]!;
    }
  }
  return { re, im };
}

function checkFinite(path: string, samples: number, shape: number[], re: Float64Array, im: Float64Array): void {
  const size = re.length / samples;
  for (let i = 0; i < re.length; i++) {
    if (Number.isFinite(re[i]!) && Number.isFinite(im[i]!)) continue;
    const index: number[] = [];
    let within = i % size;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index.unshift(within % shape[axis]!);
      within = Math.floor(within / shape[axis]!);
    }
    const value = Number.isFinite(re[i]!) ? `an imaginary part ${im[i]}` : String(re[i]);
    throw new Fault('bad-input', `${path}: sample ${Math.floor(i / size)} has ${value} at index ${shapeText(index)} (counted from 0). Remove or replace that sample.`);
  }
}
