// NumPy's .npy format, read and written. Knows no network; never unpickles. Format: numpy.lib.format, versions 1 to 3.
import { Fault } from '../contract/fault.ts';
import { checkCancelled } from './io-fault.ts';
import type { ByteSource } from './bytes.ts';

export interface NpyType {
  kind: 'float' | 'signed' | 'unsigned' | 'boolean' | 'complex';
  /** Bytes of one item; of both parts for complex. */
  bytes: number;
  littleEndian: boolean;
}

export interface NpyHeader {
  descr: string;
  type: NpyType;
  fortran: boolean;
  shape: number[];
  /** Product of the shape. */
  items: number;
  dataOffset: number;
}

/** An array in C order; `im` only for complex dtypes. */
export interface NpyArray {
  shape: number[];
  re: Float64Array;
  im?: Float64Array;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** numpy itself refuses more than 10000 bytes of header unless told otherwise. */
const LONGEST_HEADER = 65536;
const MOST_AXES = 64;
/** Bytes decoded between two looks at the abort signal. */
const CHUNK = 1 << 23;

export const looksLikeNpy = (start: Uint8Array): boolean => MAGIC.every((b, i) => start[i] === b);

/** Reads and checks the header only. Faults: bad-input, naming the source and what was found. */
export async function readNpyHeader(source: ByteSource): Promise<NpyHeader> {
  const { name, size } = source;
  if (size === 0) throw new Fault('bad-input', `${name} is empty (0 bytes). Save the array again, e.g. with numpy.save.`);
  const start = await source.read(0, Math.min(12, size));
  if (!looksLikeNpy(start)) {
    throw new Fault('bad-input', `${name} is not a .npy file: it does not begin with the bytes \\x93NUMPY. Save the array with numpy.save.`);
  }
  const major = start[6];
  if (size < 10 || (major !== 1 && size < 12)) throw new Fault('bad-input', `${name} is truncated: it ends inside its header, at ${size} bytes. Save it again.`);
  if (major !== 1 && major !== 2 && major !== 3) throw new Fault('bad-input', `${name} has .npy version ${major}; versions 1 to 3 are read. Save it with a released numpy.`);
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const textOffset = major === 1 ? 10 : 12;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > LONGEST_HEADER) throw new Fault('bad-input', `${name} has a header of ${length} bytes; at most ${LONGEST_HEADER} are read. Save a plain numeric array.`);
  const text = new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(await source.read(textOffset, length));
  return { ...parseHeader(name, text), dataOffset: textOffset + length };
}

function parseHeader(name: string, text: string): Omit<NpyHeader, 'dataOffset'> {
  const bad = (what: string) => new Fault('bad-input', `${name} has a damaged .npy header: ${what}. Save it again with numpy.save.`);
  if (/['"]descr['"]\s*:\s*\[/.test(text)) {
    throw new Fault('bad-input', `${name} holds a structured array (records with named fields). Save one numeric array instead.`);
  }
  const descr = /['"]descr['"]\s*:\s*['"]([^'"]{1,32})['"]/.exec(text)?.[1];
  if (descr === undefined) throw bad('no "descr"');
  const type = readType(name, descr);
  const order = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  if (order === undefined) throw bad('no "fortran_order"');
  const axes = /['"]shape['"]\s*:\s*\(([^()]*)\)/.exec(text)?.[1];
  if (axes === undefined) throw bad('no "shape"');
  const parts = axes.split(',').map((t) => t.trim());
  if (parts.at(-1) === '') parts.pop();
  if (parts.length > MOST_AXES) throw bad(`${parts.length} axes`);
  const shape = parts.map((t) => {
    if (!/^\d{1,15}L?$/.test(t)) throw bad(`the shape contains "${t.slice(0, 20)}"`);
    return Number.parseInt(t, 10);
  });
  const items = shape.reduce((p, d) => p * d, 1);
  if (!Number.isSafeInteger(items * type.bytes)) throw bad(`the shape [${shape.join(', ')}] is larger than any file`);
  return { descr, type, fortran: order === 'True', shape, items };
}

function readType(name: string, descr: string): NpyType {
  const match = /^([<>|=])([a-zA-Z?])(\d{0,9})/.exec(descr);
  const code = match?.[2];
  const bytes = Number(match?.[3]);
  const refuse = (found: string, advice: string) => new Fault('bad-input', `${name} holds ${found} (dtype ${descr}). ${advice}`);
  if (code === 'O') throw refuse('pickled Python objects', 'These are never opened, since unpickling runs code; save a numeric array.');
  if (code === 'U' || code === 'S' || code === 'a') throw refuse('strings', 'Save a numeric array.');
  if (code === 'M' || code === 'm') throw refuse('dates or durations', 'Save a numeric array.');
  const littleEndian = match?.[1] !== '>';
  if (code === 'f' && (bytes === 2 || bytes === 4 || bytes === 8)) return { kind: 'float', bytes, littleEndian };
  if (code === 'c' && (bytes === 8 || bytes === 16)) return { kind: 'complex', bytes, littleEndian };
  if ((code === 'i' || code === 'u') && [1, 2, 4, 8].includes(bytes)) return { kind: code === 'i' ? 'signed' : 'unsigned', bytes, littleEndian };
  if (code === 'b' && bytes === 1) return { kind: 'boolean', bytes, littleEndian };
  throw refuse('numbers of a kind that is not read', 'Save it as float64 or complex128, e.g. with array.astype(numpy.complex128).');
}

/** Faults unless the source holds all the items that its header announces. */
export function checkComplete(source: ByteSource, header: NpyHeader): void {
  const needed = header.dataOffset + header.items * header.type.bytes;
  if (source.size >= needed) return;
  throw new Fault('bad-input', `${source.name} is truncated: shape [${header.shape.join(', ')}] of ${header.descr} needs ${needed} bytes and it has ${source.size}. Save it again.`);
}

/**
 * The first `rows` rows (along the first axis) in C order. The caller has checked that they fit memory:
 * 8 or 16 bytes a number, and for Fortran order the whole array besides, because its rows are spread over it.
 */
export async function readNpyRows(source: ByteSource, header: NpyHeader, rows: number, signal?: AbortSignal): Promise<NpyArray> {
  checkComplete(source, header);
  const { type, shape } = header;
  const isComplex = type.kind === 'complex';
  const rowItems = shape.slice(1).reduce((p, d) => p * d, 1);
  const wanted = shape.length === 0 ? 1 : rows * rowItems;
  const permute = header.fortran && shape.length > 1;
  const count = permute ? header.items : wanted;
  const re = new Float64Array(count);
  const im = isComplex ? new Float64Array(count) : undefined;
  const perChunk = Math.floor(CHUNK / type.bytes);
  for (let at = 0; at < count; at += perChunk) {
    checkCancelled(signal);
    const n = Math.min(perChunk, count - at);
    decode(await source.read(header.dataOffset + at * type.bytes, n * type.bytes), type, n, re, im, at);
  }
  const outShape = shape.length === 0 ? [] : [rows, ...shape.slice(1)];
  if (!permute) return { shape: outShape, re, ...(im ? { im } : {}) };
  return { shape: outShape, re: rowMajor(re, shape, wanted), ...(im ? { im: rowMajor(im, shape, wanted) } : {}) };
}

/** The whole array. Faults: bad-input. */
export async function readNpy(source: ByteSource, signal?: AbortSignal): Promise<NpyArray> {
  const header = await readNpyHeader(source);
  return readNpyRows(source, header, header.shape[0] ?? 1, signal);
}

/** The first `count` items in C order of an array that lies in Fortran order. */
function rowMajor(values: Float64Array, shape: number[], count: number): Float64Array {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((p, d) => p * d, 1));
  const index = new Array<number>(shape.length).fill(0);
  const out = new Float64Array(count);
  let from = 0;
  for (let i = 0; i < count; i++) {
    out[i] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

function decode(bytes: Uint8Array, type: NpyType, n: number, re: Float64Array, im: Float64Array | undefined, at: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const part = type.kind === 'complex' ? type.bytes / 2 : type.bytes;
  const read = reader(view, type, part);
  for (let i = 0; i < n; i++) re[at + i] = read(i * type.bytes);
  if (im) for (let i = 0; i < n; i++) im[at + i] = read(i * type.bytes + part);
}

function reader(view: DataView, type: NpyType, bytes: number): (offset: number) => number {
  const le = type.littleEndian;
  if (type.kind === 'boolean') return (o) => (view.getUint8(o) === 0 ? 0 : 1);
  if (type.kind === 'float' || type.kind === 'complex') {
    if (bytes === 8) return (o) => view.getFloat64(o, le);
    if (bytes === 4) return (o) => view.getFloat32(o, le);
    return (o) => half(view.getUint16(o, le));
  }
  const signed = type.kind === 'signed';
  switch (bytes) {
    case 1: return signed ? (o) => view.getInt8(o) : (o) => view.getUint8(o);
    case 2: return signed ? (o) => view.getInt16(o, le) : (o) => view.getUint16(o, le);
    case 4: return signed ? (o) => view.getInt32(o, le) : (o) => view.getUint32(o, le);
    default: return signed ? (o) => Number(view.getBigInt64(o, le)) : (o) => Number(view.getBigUint64(o, le));
  }
}

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Everything of a .npy file before its numbers: version 1, C order. Its length is a multiple of 64. */
export function npyHeader(descr: '<c16' | '<f8', shape: readonly number[]): Uint8Array {
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${axes}), }`;
  // Magic, version, length, text and its newline together.
  const length = Math.ceil((10 + dict.length + 1) / 64) * 64 - 10;
  const out = new Uint8Array(10 + length);
  out.set([...MAGIC, 1, 0]);
  new DataView(out.buffer).setUint16(8, length, true);
  out.set(new TextEncoder().encode(dict.padEnd(length - 1) + '\n'), 10);
  return out;
}

/** The bytes of a .npy file, version 1, C order, little endian: complex128 where `im` is given, else float64. */
export function encodeNpy(array: NpyArray): Uint8Array {
  const { shape, re, im } = array;
  const header = npyHeader(im ? '<c16' : '<f8', shape);
  const offset = header.length;
  const out = new Uint8Array(offset + re.length * (im ? 16 : 8));
  const view = new DataView(out.buffer);
  out.set(header);
  if (im) {
    for (let i = 0; i < re.length; i++) {
      view.setFloat64(offset + 16 * i, re[i]!, true);
      view.setFloat64(offset + 16 * i + 8, im[i]!, true);
    }
  } else {
    for (let i = 0; i < re.length; i++) view.setFloat64(offset + 8 * i, re[i]!, true);
  }
  return out;
}
