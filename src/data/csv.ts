// Numbers and complex literals in .csv text, read row by row. Knows no network; the tokens are csv-parse's.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { Fault } from '../contract/fault.ts';
import { checkCancelled, ioFault } from './io-fault.ts';

export interface CsvTable {
  rows: number;
  cols: number;
  re: Float64Array;
  /** Where a cell is a complex literal. */
  im?: Float64Array;
  header: string[] | null;
}

/** Characters of one row; a row this long is no table of samples. */
const LONGEST_ROW = 1 << 21;
/** Characters of one number; also keeps the patterns below from working long on hostile text. */
const LONGEST_CELL = 100;

const DIGITS = '(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?';
const REAL = new RegExp(`^[+-]?${DIGITS}$`);
const COMPLEX = new RegExp(`^(?:([+-]?${DIGITS})(?=[+-]))?([+-]?)(${DIGITS})?[ijIJ]$`);
const NOT_FINITE = /^[+-]?(nan|inf|infinity)[ij]?$/i;

/** A cell's number as `[re, im | null]`; null where it is none. Accepts 3, -1.5e3, 1+2j, 2i, -j, (1-2j). */
export function readNumber(cell: string): [number, number | null] | null {
  let text = cell.trim();
  if (text.length > LONGEST_CELL) return null;
  if (text.startsWith('(') && text.endsWith(')')) text = text.slice(1, -1).trim();
  if (REAL.test(text)) return [Number(text), null];
  if (NOT_FINITE.test(text)) return [NaN, null];
  const m = COMPLEX.exec(text.replace(/\s+/g, ''));
  if (!m) return null;
  return [m[1] === undefined ? 0 : Number(m[1]), (m[2] === '-' ? -1 : 1) * (m[3] === undefined ? 1 : Number(m[3]))];
}

/**
 * At most `most` rows (null: all). A first row without any number is a header (i and j alone are names there); lines that begin with # are comments.
 * Columns are separated by ";" or tabs where the first line has one, else by ",". Faults: bad-input, too-large, io, cancelled.
 */
export async function readCsv(path: string, most: number | null, memoryBytes: number, signal: AbortSignal): Promise<CsvTable> {
  const delimiter = await readDelimiter(path);
  const stream = createReadStream(path, { signal });
  const parser = parse({
    delimiter, bom: true, trim: true, skip_empty_lines: true, relax_column_count: true,
    comment: '#', comment_no_infix: true, max_record_size: LONGEST_ROW, info: true,
  });
  stream.on('error', (e) => parser.destroy(e));
  stream.pipe(parser);
  const table = { rows: 0, cols: 0, re: new Float64Array(1024), im: undefined as Float64Array | undefined, header: null as string[] | null };
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (table.rows === 0 && table.header === null && record.every((c) => readNumber(c) === null || /^[ij]$/i.test(c)) && record.some((c) => c !== '')) {
        if (record.some((c) => c.includes('\0'))) throw notText(path);
        table.header = record;
        continue;
      }
      addRow(table, record, path, info.lines, memoryBytes);
      if (table.rows === most) break;
    }
  } catch (e) {
    if (e instanceof CsvError) throw new Fault('bad-input', `${path} cannot be read as CSV: ${e.message}. Mend that line or save it as .npy.`);
    throw ioFault(e, 'read', path);
  } finally {
    stream.destroy();
    await finished(stream).catch(() => {});
  }
  checkCancelled(signal);
  const count = table.rows * table.cols;
  return {
    rows: table.rows, cols: table.cols, header: table.header, re: table.re.subarray(0, count),
    ...(table.im ? { im: table.im.subarray(0, count) } : {}),
  };
}

async function readDelimiter(path: string): Promise<string> {
  const start = Buffer.alloc(65536);
  let length: number;
  try {
    const handle = await open(path, 'r');
    try {
      length = (await handle.read(start, 0, start.length, 0)).bytesRead;
    } finally {
      await handle.close();
    }
  } catch (e) {
    throw ioFault(e, 'read', path);
  }
  if (length === 0) throw new Fault('bad-input', `${path} is empty (0 bytes). Save the samples again, one a row.`);
  const text = start.toString('latin1', 0, length);
  if (text.includes('\0')) throw notText(path);
  const line = text.split(/\r?\n/).find((l) => l.trim() !== '' && !l.startsWith('#')) ?? '';
  return line.includes(';') ? ';' : line.includes('\t') ? '\t' : ',';
}

const notText = (path: string) =>
  new Fault('bad-input', `${path} is not UTF-8 text: it contains zero bytes, as binary files and UTF-16 text do. Save it as UTF-8 CSV or as .npy.`);

function addRow(table: CsvTable, record: string[], path: string, line: number, memoryBytes: number): void {
  if (table.rows === 0) table.cols = record.length;
  if (table.header && table.header.length !== record.length || record.length !== table.cols) {
    throw new Fault('bad-input', `${path}, line ${line}: ${record.length} columns where ${table.header?.length ?? table.cols} were expected. Every row must have the same number.`);
  }
  const at = table.rows * table.cols;
  const end = at + table.cols;
  const perNumber = table.im ? 16 : 8;
  if (end > table.re.length) {
    if (end * 2 * perNumber > memoryBytes) {
      throw new Fault('too-large', `${path} needs more than the memory limit of ${memoryBytes} bytes, at line ${line}. Take fewer samples (--samples) or raise the limit (setting complexNtk.memoryLimit).`);
    }
    table.re = grown(table.re, end);
    if (table.im) table.im = grown(table.im, end);
  }
  for (let j = 0; j < record.length; j++) {
    const cell = record[j]!;
    const where = `${path}, line ${line}, column ${j + 1}${table.header ? ` (${shown(table.header[j]!)})` : ''}`;
    const number = readNumber(cell);
    if (number === null) {
      const found = cell === '' ? 'the cell is empty' : `${shown(cell)} is not a number`;
      throw new Fault('bad-input', `${where}: ${found}. ${/\d\s+[-+.\d]/.test(cell) ? 'Separate the columns by commas, semicolons or tabs.' : 'Write numbers like -1.5 or complex literals like 1+2j, or remove the column.'}`);
    }
    const [re, im] = number;
    if (!Number.isFinite(re) || !Number.isFinite(im ?? 0)) throw new Fault('bad-input', `${where}: ${shown(cell)} is not finite. Remove or replace the sample.`);
    table.re[at + j] = re;
    if (im === null) continue;
    table.im ??= new Float64Array(table.re.length);
    table.im[at + j] = im;
  }
  table.rows++;
}

const shown = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

function grown(values: Float64Array, atLeast: number): Float64Array {
  const out = new Float64Array(Math.max(2 * values.length, atLeast));
  out.set(values);
  return out;
}
