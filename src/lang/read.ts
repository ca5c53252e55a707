// The door of this room: a file's text in, graphs and problems out. It never throws; it knows no editor and no engine.
import type { ParsedFile } from '../contract/graph.ts';
import { budgetOf, OutOfTime, TooDeep } from './budget.ts';
import { frontends } from './frontends/index.ts';
import { problem } from './frontends/drawing.ts';
import { openParser } from './parser.ts';

export const LARGEST_FILE = 2 * 1024 * 1024;
export const TIME_BUDGET_MS = 1000;

export interface Reader {
  /**
   * The networks that a file defines, and what is wrong with its text.
   * Synchronous and bounded: after `timeBudgetMs` (default 1000) it returns what it has, with the problem `time-budget`.
   */
  read(fileName: string, text: string, options?: { timeBudgetMs?: number }): ParsedFile;
  /** The same for bytes from disk, which must be UTF-8 without NUL. */
  readBytes(fileName: string, bytes: Uint8Array, options?: { timeBudgetMs?: number }): ParsedFile;
}

/** Loads the parser once; `runtime` and `python` are the paths of its two wasm files. Rejects where they cannot be loaded. */
export async function openReader(wasm: { runtime: string; python: string }): Promise<Reader> {
  const parse = await openParser(wasm);

  const read: Reader['read'] = (fileName, text, options = {}) => {
    // An editor does not count the byte order mark as a column.
    const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    if (plain.trim() === '') return only('empty-file', 'This file is empty: there is no network to read.');
    if (plain.length > LARGEST_FILE) return only('file-too-large', tooLarge(plain.length));
    const nul = plain.indexOf('\0');
    if (nul >= 0) return only('binary-file', binary(nul));
    const budget = budgetOf(options.timeBudgetMs ?? TIME_BUDGET_MS);
    try {
      return frontends.find((f) => f.reads(fileName))!.read(plain, budget, parse);
    } catch (e) {
      if (e instanceof OutOfTime) return only('time-budget', 'Reading this file took longer than allowed, nothing of it is shown. Move the model into a file of its own.');
      if (e instanceof TooDeep || e instanceof RangeError) return only('nesting-too-deep', 'This file nests deeper than is followed; it is not read.');
      return only('internal-error', `Complex NTK failed on this text: ${e instanceof Error ? e.message : String(e)}. Please report it with the file.`);
    }
  };

  return {
    read,
    readBytes(fileName, bytes, options) {
      if (bytes.length === 0) return only('empty-file', 'This file is empty: there is no network to read.');
      if (bytes.length > LARGEST_FILE) return only('file-too-large', tooLarge(bytes.length));
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
const tooLarge = (size: number): string => `This file has ${(size / 1024 / 1024).toFixed(1)} MB; files over ${LARGEST_FILE / 1024 / 1024} MB are not read. Move the model into a file of its own.`;
const binary = (at: number): string => `This file is not text: there is a NUL byte at offset ${at}. Open the source file of the model.`;
