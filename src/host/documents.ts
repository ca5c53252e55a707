// Reads model files as they are opened and edited, and knows which file is at hand. Loads the parser at the first file that needs it.
import * as vscode from 'vscode';
import { libraries } from '../catalog/libraries/index.ts';
import { openReader, type Reader } from '../lang/read.ts';
import { join } from 'node:path';
import type { Entry, Models } from './models.ts';

const QUIET_MS = 300;
const SCHEMES = ['file', 'untitled', 'vscode-notebook-cell', 'vscode-vfs'];

/** Not the sides of a diff, nor what other extensions show. */
export const selector: vscode.DocumentSelector = SCHEMES.flatMap((scheme) => [
  { language: 'python', scheme },
  { pattern: '**/*.ntk.json', scheme },
]);

const roots = [...new Set(libraries.flatMap((library) => library.modules.map((path) => path.split('.')[0]!)))];
const imports = new RegExp(`^\\s*(?:import|from)\\s+(?:[\\w.]+\\s*,\\s*)*(?:${['torch', ...roots].join('|')})\\b`, 'm');

export interface Documents extends vscode.Disposable {
  /** Reads this document now, whatever it imports. */
  read(document: vscode.TextDocument): Promise<Entry>;
  /** Reads every open model again: what is read of a text has come to depend on other settings. */
  reread(): void;
  /** The last active editor with a model file; it stays while the panel has the focus. */
  readonly editor: vscode.TextEditor | undefined;
}

export interface DocumentsOptions {
  /** Folder of the parser's two wasm files. */
  dist: string;
  models: Models;
  /** Given the reader once it is loaded; the store reads by it. */
  ready(reader: Reader): void;
  failed(e: unknown): void;
  /** The editor at hand changed, or the cursor in it. */
  moved(): void;
}

export function watchDocuments({ dist, models, ready, failed, moved }: DocumentsOptions): Documents {
  const timers = new Map<string, NodeJS.Timeout>();
  let loading: Promise<void> | null = null;
  let editor: vscode.TextEditor | undefined;

  const ours = (document: vscode.TextDocument) => vscode.languages.match(selector, document) > 0;

  function load(): Promise<void> {
    loading ??= openReader({ runtime: join(dist, 'web-tree-sitter.wasm'), python: join(dist, 'tree-sitter-python.wasm') }).then(ready);
    return loading;
  }

  async function read(document: vscode.TextDocument): Promise<Entry> {
    await load();
    const uri = document.uri.toString();
    clearTimeout(timers.get(uri));
    timers.delete(uri);
    return models.update({ uri, fileName: document.fileName, version: document.version, text: document.getText() });
  }

  /** Reads it where it is ours, and was read before or looks like a model. */
  function consider(document: vscode.TextDocument): void {
    if (!ours(document) || document.isClosed) return;
    if (models.get(document.uri.toString()) || document.fileName.endsWith('.ntk.json') || imports.test(document.getText())) read(document).catch(failed);
  }

  function follow(active: vscode.TextEditor | undefined): void {
    // No active text editor: the panel, or a terminal, has the focus.
    if (active) editor = ours(active.document) ? active : undefined;
    moved();
  }

  const watches = [
    vscode.workspace.onDidOpenTextDocument(consider),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length === 0 || !ours(document)) return;
      const uri = document.uri.toString();
      clearTimeout(timers.get(uri));
      timers.set(uri, setTimeout(() => consider(document), QUIET_MS));
    }),
    vscode.workspace.onDidCloseTextDocument((document) => {
      const uri = document.uri.toString();
      clearTimeout(timers.get(uri));
      timers.delete(uri);
      if (models.get(uri)) models.close(uri);
    }),
    vscode.window.onDidChangeActiveTextEditor(follow),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => { if (textEditor === editor) moved(); }),
  ];
  const active = vscode.window.activeTextEditor;
  if (active && ours(active.document)) editor = active;
  for (const document of vscode.workspace.textDocuments) consider(document);

  return {
    read,
    reread() {
      for (const document of vscode.workspace.textDocuments) {
        const entry = models.get(document.uri.toString());
        if (!entry) continue;
        entry.version = -1;
        read(document).catch(failed);
      }
    },
    get editor() { return editor; },
    dispose() {
      for (const timer of timers.values()) clearTimeout(timer);
      for (const watch of watches) watch.dispose();
    },
  };
}
