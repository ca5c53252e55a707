// NumPy's .npz format: a zip of .npy files. Reads by position and checks every size before inflating; knows no network.
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { zipSync } from 'fflate';
import { Fault } from '../contract/fault.ts';
import type { ComplexMatrix } from '../contract/matrix.ts';
import { fromMemory, windowOf, type ByteSource } from './bytes.ts';
import { encodeNpy } from './npy.ts';
import { writeWhole } from './write.ts';

export interface ZipEntry {
  /** Array name: the file name without ".npy". */
  name: string;
  method: number;
  encrypted: boolean;
  crc: number;
  packed: number;
  unpacked: number;
  headerOffset: number;
}

const MOST_ENTRIES = 4096;
const LARGEST_DIRECTORY = 1 << 22;
const UNKNOWN = 0xffffffff;

/** The .npy files in a zip's directory; nothing is inflated. Faults: bad-input. */
export async function readDirectory(source: ByteSource): Promise<ZipEntry[]> {
  const { name, size } = source;
  if (size === 0) throw new Fault('bad-input', `${name} is empty (0 bytes). Save the arrays again, e.g. with numpy.savez.`);
  const damaged = (what: string) => new Fault('bad-input', `${name} is not a whole .npz (zip) file: ${what}. Save it again, e.g. with numpy.savez.`);
  const tailLength = Math.min(size, 22 + 65535);
  const tail = view(await source.read(size - tailLength, tailLength));
  let end = tailLength - 22;
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw damaged('its directory is missing, as in a truncated file');
  let count = tail.getUint16(end + 10, true);
  let length = tail.getUint32(end + 12, true);
  let offset = tail.getUint32(end + 16, true);
  if (count === 0xffff || length === UNKNOWN || offset === UNKNOWN) {
    const locator = end - 20;
    if (locator < 0 || tail.getUint32(locator, true) !== 0x07064b50) throw damaged('its zip64 directory is missing');
    const at = Number(tail.getBigUint64(locator + 8, true));
    if (at + 56 > size) throw damaged('its zip64 directory lies outside the file');
    const wide = view(await source.read(at, 56));
    if (wide.getUint32(0, true) !== 0x06064b50) throw damaged('its zip64 directory is damaged');
    count = Number(wide.getBigUint64(32, true));
    length = Number(wide.getBigUint64(40, true));
    offset = Number(wide.getBigUint64(48, true));
  }
  if (count > MOST_ENTRIES || length > LARGEST_DIRECTORY) throw damaged(`it lists ${count} entries in ${length} bytes; at most ${MOST_ENTRIES} are read`);
  if (offset + length > size) throw damaged('its directory lies outside the file');
  const directory = view(await source.read(offset, length));
  const entries: ZipEntry[] = [];
  for (let at = 0, k = 0; k < count; k++) {
    if (at + 46 > length || directory.getUint32(at, true) !== 0x02014b50) throw damaged(`directory entry ${k + 1} of ${count} is damaged`);
    const nameLength = directory.getUint16(at + 28, true);
    const extraLength = directory.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + directory.getUint16(at + 32, true);
    if (next > length) throw damaged(`directory entry ${k + 1} of ${count} is cut off`);
    const fileName = new TextDecoder().decode(new Uint8Array(directory.buffer, directory.byteOffset + at + 46, nameLength));
    const sizes = wideSizes(directory, at, at + 46 + nameLength, extraLength);
    if (!sizes) throw damaged(`the sizes of entry ${k + 1} are missing`);
    if (fileName.endsWith('.npy')) {
      entries.push({
        name: fileName.slice(0, -4),
        method: directory.getUint16(at + 10, true),
        encrypted: (directory.getUint16(at + 8, true) & 1) === 1,
        crc: directory.getUint32(at + 16, true),
        ...sizes,
      });
    }
    at = next;
  }
  return entries;
}

/** The three sizes of a directory entry, from its zip64 extra field where the short ones say so; null where that is missing. */
function wideSizes(d: DataView, at: number, extra: number, extraLength: number): Pick<ZipEntry, 'packed' | 'unpacked' | 'headerOffset'> | null {
  const short = [d.getUint32(at + 24, true), d.getUint32(at + 20, true), d.getUint32(at + 42, true)];
  let field = extra;
  const end = extra + extraLength;
  while (short.includes(UNKNOWN) && field + 4 <= end && d.getUint16(field, true) !== 1) field += 4 + d.getUint16(field + 2, true);
  let from = field + 4;
  const sizes: number[] = [];
  for (const s of short) {
    if (s !== UNKNOWN) { sizes.push(s); continue; }
    if (from + 8 > end) return null;
    sizes.push(Number(d.getBigUint64(from, true)));
    from += 8;
  }
  return { unpacked: sizes[0]!, packed: sizes[1]!, headerOffset: sizes[2]! };
}

/**
 * One array's .npy bytes. A stored entry is read in place; a deflated one is inflated to at most the size that the directory gives.
 * Faults: bad-input (damaged, encrypted), too-large (its size is above `memoryBytes`; nothing is inflated then).
 */
export async function openEntry(source: ByteSource, entry: ZipEntry, memoryBytes: number): Promise<ByteSource> {
  const name = `${source.name} (array "${entry.name}")`;
  const damaged = (what: string) => new Fault('bad-input', `${name} is damaged: ${what}. Save it again, e.g. with numpy.savez.`);
  if (entry.encrypted) throw new Fault('bad-input', `${name} is encrypted. Save it without a password.`);
  if (entry.method !== 0 && entry.method !== 8) throw new Fault('bad-input', `${name} is packed by zip method ${entry.method}; stored and deflated are read. Save it with numpy.savez.`);
  if (entry.headerOffset + 30 > source.size) throw damaged('it lies outside the file');
  const header = view(await source.read(entry.headerOffset, 30));
  if (header.getUint32(0, true) !== 0x04034b50) throw damaged('its header is missing');
  const start = entry.headerOffset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  if (start + entry.packed > source.size) throw damaged('it is cut off');
  if (entry.method === 0) {
    if (entry.packed !== entry.unpacked) throw damaged('its two sizes differ');
    return windowOf(source, name, start, entry.packed);
  }
  if (entry.packed + entry.unpacked > memoryBytes) {
    throw new Fault('too-large', `${name} unpacks to ${entry.unpacked} bytes, above the memory limit of ${memoryBytes}. Save fewer samples, use numpy.savez without compression, or raise the limit.`);
  }
  let bytes: Uint8Array;
  try {
    bytes = await promisify(inflateRaw)(await source.read(start, entry.packed), { maxOutputLength: Math.max(1, entry.unpacked) });
  } catch (e) {
    if (e instanceof Fault) throw e;
    const code = (e as NodeJS.ErrnoException).code;
    throw damaged(code === 'ERR_BUFFER_TOO_LARGE' ? `it unpacks to more than the ${entry.unpacked} bytes that it announces` : 'its compressed data does not unpack');
  }
  if (bytes.length !== entry.unpacked) throw damaged(`it unpacks to ${bytes.length} bytes and announces ${entry.unpacked}`);
  if (crc32(bytes) !== entry.crc) throw damaged('its checksum does not match');
  return fromMemory(name, bytes);
}

const view = (b: Uint8Array): DataView => new DataView(b.buffer, b.byteOffset, b.byteLength);

/**
 * The bytes of a .npz: each matrix 2-D in C order, complex128 where it has `im`, else float64; stored, so that readers can map it.
 * The same matrices give the same bytes. Faults: too-large above what a plain zip can hold (4 GiB).
 */
export function encodeNpz(entries: Record<string, ComplexMatrix>): Uint8Array {
  const bytes = Object.values(entries).reduce((s, m) => s + m.rows * m.cols * (m.im ? 16 : 8) + 1024, 0);
  if (bytes >= 2 ** 32) throw new Fault('too-large', `The matrices take ${bytes} bytes and a .npz file holds at most ${2 ** 32}. Use fewer samples.`);
  const files: Record<string, Uint8Array> = {};
  for (const [name, m] of Object.entries(entries)) {
    files[`${name}.npy`] = encodeNpy({ shape: [m.rows, m.cols], re: m.re, ...(m.im ? { im: m.im } : {}) });
  }
  return zipSync(files, { level: 0, mtime: new Date(1980, 0, 1) });
}

/** Writes a .npz whole or not at all; see encodeNpz. Faults: io, too-large, cancelled. */
export async function writeNpz(path: string, entries: Record<string, ComplexMatrix>, signal?: AbortSignal): Promise<void> {
  await writeWhole(path, encodeNpz(entries), signal);
}
