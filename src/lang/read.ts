// The door of this room: a file's text in, graphs and problems out. It never throws; it knows no editor and no engine.
import type { ParsedFile } from '../contract/graph.ts';
import { budgetOf, OutOfTime, TooDeep } from './budget.ts';
import { frontends } from './frontends/index.ts';
import { problem } from './drawing/drawing.ts';
import { codeOf } from './frontends/notebook.ts';
import { openParser, spansOf } from './parser.ts';
import type { Place } from './workspace.ts';

export const LARGEST_FILE = 2 * 1024 * 1024;
export const TIME_BUDGET_MS = 1500;

export interface ReadOptions extends Place {
  timeBudgetMs?: number;
  /** Of one sample, for the networks whose text tells none. */
  shape?(model: string): number[] | null;
}

export interface Reader {
  /**
   * The networks that a file defines, and what is wrong with its text.
   * Synchronous and bounded: after `timeBudgetMs` (default 1500) it returns what it has, with the problem `time-budget`.
   */
  read(fileName: string, text: string, options?: ReadOptions): ParsedFile;
  /** The Python of a file: its text, or the code of a notebook's cells; null where it is none. Its imports are to be followed. */
  pythonOf(fileName: string, text: string): string | null;
  /** The same for bytes from disk, which must be UTF-8 without NUL. */
  readBytes(fileName: string, bytes: Uint8Array, options?: ReadOptions): ParsedFile;
}

/** Loads the parser once; `runtime` and `python` are the paths of its two wasm files. Rejects where they cannot be loaded. */
export async function openReader(wasm: { runtime: string; python: string }): Promise<Reader> {
  const parse = await openParser(wasm);

  const read: Reader['read'] = (fileName, text, options = {}) => {
    // An editor does not count the byte order mark as a column.
    const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    if (plain.trim() === '') return only('empty-file', 'This file is empty: there is no network to read.');
    const frontend = frontends.find((f) => f.reads(fileName))!;
    const largest = frontend.largest ?? LARGEST_FILE;
    if (plain.length > largest) return only('file-too-large', tooLarge(plain.length, largest));
    const nul = plain.indexOf('\0');
    if (nul >= 0) return only('binary-file', binary(nul));
    const milliseconds = options.timeBudgetMs ?? TIME_BUDGET_MS;
    const budget = budgetOf(milliseconds);
    try {
      return frontend.read(plain, budget, parse, { workspace: options.workspace, path: options.path, shape: options.shape, key: options.key }, milliseconds);
    } catch (e) {
      if (e instanceof OutOfTime) return only('time-budget', 'Reading this file took longer than allowed, nothing of it is shown. Move the model into a file of its own.');
      if (e instanceof TooDeep || e instanceof RangeError) return only('nesting-too-deep', 'This file nests deeper than is followed; it is not read.');
      return only('internal-error', `Complex NTK failed on this text: ${e instanceof Error ? e.message : String(e)}. Please report it with the file.`);
    }
  };

  return {
    read,
    pythonOf: (fileName, text) => (/\.ipynb$/i.test(fileName) ? codeOf({ text, span: spansOf(text) }) : /\.pyw?$/i.test(fileName) ? text : null),
    readBytes(fileName, bytes, options) {
      if (bytes.length === 0) return only('empty-file', 'This file is empty: there is no network to read.');
      const largest = frontends.find((f) => f.reads(fileName))!.largest ?? LARGEST_FILE;
      if (bytes.length > largest) return only('file-too-large', tooLarge(bytes.length, largest));
      const nul = bytes.indexOf(0);
      if (nul >= 0) return only('binary-file', binary(nul));
      let text: string;
      try {
        text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      } catch {
        return only('not-utf8', 'The bytes of this file are not valid UTF-8. Save it with the encoding UTF-8.');
      }
      return read(fileName, text, options);
    },
  };
}

const START = { line: 1, column: 1, endLine: 1, endColumn: 1 };
const only = (code: string, message: string): ParsedFile => ({ schema: 1, models: [], problems: [problem(code, message, START)] });
const tooLarge = (size: number, largest: number): string => `This file has ${(size / 1024 / 1024).toFixed(1)} MB; files over ${largest / 1024 / 1024} MB are not read. Move the model into a file of its own; of a notebook, clear the outputs.`;
const binary = (at: number): string => `This file is not text: there is a NUL byte at offset ${at}. Open the source file of the model.`;
