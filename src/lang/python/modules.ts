// Files of the user's own that a file imports, as they stand in its workspace: parsed once, one behind the other in one text.
// Knows no disk and no editor: what a name means was found beforehand.
import { findSpelling, libraries } from '../../catalog/libraries/index.ts';
import type { Budget } from '../budget.ts';
import type { Parse, Source, Syntax } from '../parser.ts';
import type { Workspace } from '../workspace.ts';

export interface OpenedModule {
  path: string;
  root: Syntax;
}

/** Packages within known libraries: "torchcvnn.nn.modules". A folder that only bears a library's name is none. */
const PACKAGES = new Set(libraries.flatMap((l) => l.modules).filter((name) => name.includes('.')));

/** The main text and, behind it, those of the modules: an offset tells the file. */
export class Modules {
  private readonly opened = new Map<string, OpenedModule>();
  private readonly starts: { path: string; from: number; source: Source }[];
  text: string;

  constructor(readonly main: Source, private readonly path: string, private readonly workspace: Workspace | undefined, private readonly parse: Parse, private readonly budget: Budget) {
    this.text = main.text;
    this.starts = [{ path, from: 0, source: main }];
  }

  /** Whether a node stands in the file that is read. */
  isMain(at: { start: number }): boolean {
    return at.start <= this.main.text.length;
  }

  /** File and line of a node of another file. */
  whereIs(at: { start: number; end: number }): { path: string; line: number } {
    const file = this.starts.findLast((f) => f.from <= at.start)!;
    return { path: file.path, line: file.source.span({ start: at.start - file.from, end: at.end - file.from }).line };
  }

  /**
   * In a library's own files, what a relative import names by the library's rows: `from .activation import CReLU` in torchcvnn/nn/modules
   * is "torchcvnn.nn.modules.activation.CReLU", as it would be with its full name.
   */
  inLibrary(module: string, name: string, at: { start: number }): string | undefined {
    const dots = /^\.*/.exec(module)![0].length;
    if (dots === 0) return undefined;
    const parts = (this.starts.findLast((f) => f.from <= at.start)?.path ?? this.path).split('/').slice(0, -1);
    const first = parts.findLastIndex((_, i) => PACKAGES.has(parts.slice(i).join('.')));
    if (first < 0) return undefined;
    const inside = parts.slice(first);
    if (dots > inside.length) return undefined;
    const path = [...inside.slice(0, inside.length - dots + 1), ...module.slice(dots).split('.'), name].filter((p) => p !== '').join('.');
    return findSpelling(path) && path;
  }

  /** What `name` means where it is imported at `at`; undefined where it is no file of the workspace. */
  find(name: string, at: { start: number }): OpenedModule | undefined {
    const from = this.starts.findLast((f) => f.from <= at.start)?.path ?? this.path;
    const module = this.workspace?.(name, from);
    if (!module) return undefined;
    const known = this.opened.get(module.path);
    if (known) return known;
    const start = this.text.length + 1;
    const text = module.text.charCodeAt(0) === 0xfeff ? module.text.slice(1) : module.text;
    const source = this.parse(text, this.budget, start);
    this.text += `\n${text}`;
    this.starts.push({ path: module.path, from: start, source });
    const opened = { path: module.path, root: source.root };
    this.opened.set(module.path, opened);
    return opened;
  }
}
