// Reads model files as they are opened and edited, and knows which file is at hand. Loads the parser at the first file that needs it.
import * as vscode from 'vscode';
import { jaxLibraries, kerasLibraries, libraries } from '../catalog/libraries/index.ts';
import type { openReader, Reader } from '../lang/read.ts';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Entry, Models } from './models.ts';
import { importing } from '../lang/workspace.ts';
import { watchModules } from './modules.ts';
import { CELL_SCHEME, cellText } from './notebooks.ts';

const QUIET_MS = 300;
const SCHEMES = ['file', 'untitled', CELL_SCHEME, 'vscode-vfs'];

/** Not the sides of a diff, nor what other extensions show. */
export const selector: vscode.DocumentSelector = SCHEMES.flatMap((scheme) => [
  { language: 'python', scheme },
  { pattern: '**/*.ntk.{json,yaml,yml}', scheme },
]);

const SPECIFICATION = /\.ntk\.(?:json|ya?ml)$/i;
const imports = importing(['torch', 'tf_keras', 'pytorch_lightning', 'lightning', 'einops', ...new Set([...libraries, ...kerasLibraries, ...jaxLibraries].flatMap((library) => library.modules.map((path) => path.split('.')[0]!)))]);

/** A cell without any of these words defines no network; those of a notebook are many, and each is read with the ones before it. */
const mayDefine = /\b(?:class|def|Sequential|Model|serial|transform|MLP)\b/;

export interface Documents extends vscode.Disposable {
  /** Reads this document now, whatever it imports. */
  read(document: vscode.TextDocument): Promise<Entry>;
  /** Reads one model again: what is read of it has come to depend on an answer of the user's. */
  again(uri: string): Promise<Entry>;
  /** Reads every open model again: what is read of a text has come to depend on other settings. */
  reread(): void;
  /** The last active editor with a model file; it stays while the panel has the focus. */
  readonly editor: vscode.TextEditor | undefined;
}

export interface DocumentsOptions {
  /** Folder of the reader's bundle and of the parser's two wasm files. */
  dist: string;
  models: Models;
  /** Given the reader once it is loaded; the store reads by it. */
  ready(reader: Reader): void;
  failed(e: unknown): void;
  /** The editor at hand changed, or the cursor in it. */
  moved(): void;
}

/** From a bundle of its own: what reads models is half of the program, and most windows show none. */
const bundledReader = (dist: string): typeof openReader =>
  (createRequire(join(dist, 'extension.cjs'))('./reader.cjs') as { openReader: typeof openReader }).openReader;

export function watchDocuments({ dist, models, ready, failed, moved }: DocumentsOptions): Documents {
  const timers = new Map<string, NodeJS.Timeout>();
  /** The last reading of each document, done or under way. */
  const readings = new Map<string, { turn: number; entry: Promise<Entry> }>();
  let turns = 0;
  /** Documents that mean something else now though their own text is the same. */
  const outdated = new Set<string>();
  let loading: Promise<void> | null = null;
  let editor: vscode.TextEditor | undefined;

  const ours = (document: vscode.TextDocument) => vscode.languages.match(selector, document) > 0;

  function load(): Promise<void> {
    loading ??= bundledReader(dist)({ runtime: join(dist, 'web-tree-sitter.wasm'), python: join(dist, 'tree-sitter-python.wasm') }).then(ready);
    return loading;
  }

  function stopTimer(uri: string): void {
    clearTimeout(timers.get(uri));
    timers.delete(uri);
  }

  function read(document: vscode.TextDocument): Promise<Entry> {
    const uri = document.uri.toString();
    stopTimer(uri);
    const turn = ++turns;
    const entry = readNow(document, turn);
    readings.set(uri, { turn, entry });
    return entry;
  }

  async function readNow(document: vscode.TextDocument, turn: number): Promise<Entry> {
    await load();
    const uri = document.uri.toString();
    for (;;) {
      const { version, fileName } = document;
      const cell = cellText(document);
      const text = cell?.joined.text ?? document.getText();
      const place = SPECIFICATION.test(fileName) ? {} : await modules.placeOf(uri, cell?.notebook.uri ?? document.uri, text, cell?.before ?? []);
      // A later reading knows the modules as they are now.
      const newest = readings.get(uri);
      if (newest && newest.turn !== turn) return newest.entry;
      // Typing went on while modules were opened: they are kept, so the next round is quick.
      if (document.version !== version && !document.isClosed) continue;
      const old = models.get(uri);
      if (outdated.delete(uri) && old) old.version = -1;
      const entry = models.update({ uri, fileName, version, text, place, ...(cell ? { cell } : {}) });
      if (document.isClosed) closed(uri);
      return entry;
    }
  }

  /** Reads it where it is ours, and was read before or looks like a model. */
  function consider(document: vscode.TextDocument): void {
    if (!ours(document) || document.isClosed) return;
    if (models.get(document.uri.toString()) || looksLikeModel(document)) read(document).catch(failed);
  }

  function looksLikeModel(document: vscode.TextDocument): boolean {
    if (SPECIFICATION.test(document.fileName)) return true;
    if (document.uri.scheme !== CELL_SCHEME) return imports.test(document.getText());
    return mayDefine.test(document.getText()) && imports.test(cellText(document)?.joined.text ?? document.getText());
  }

  function later(uri: string, what: () => void): void {
    stopTimer(uri);
    timers.set(uri, setTimeout(what, QUIET_MS));
  }

  /** Reads an open model again though its own text is the same: what it imports has changed, or what is read depends on a setting. */
  function again(uri: string): void {
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri);
    if (!document || document.isClosed) return;
    outdated.add(uri);
    consider(document);
  }

  /** The same, once it has been quiet. Whoever reads it sooner reads it anew. */
  function againLater(uri: string): void {
    outdated.add(uri);
    later(uri, () => again(uri));
  }

  function closed(uri: string): void {
    stopTimer(uri);
    readings.delete(uri);
    outdated.delete(uri);
    modules.forget(uri);
    if (models.get(uri)) models.close(uri);
  }

  function considerCells(notebook: vscode.NotebookDocument): void {
    for (const { document } of notebook.getCells()) againLater(document.uri.toString());
  }

  function follow(active: vscode.TextEditor | undefined): void {
    // No active text editor: the panel, or a terminal, has the focus.
    if (active) editor = ours(active.document) ? active : undefined;
    moved();
  }

  const modules = watchModules((readers) => readers.forEach(againLater));
  const watches = [
    modules,
    vscode.workspace.onDidOpenTextDocument(consider),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length === 0 || !ours(document)) return;
      later(document.uri.toString(), () => consider(document));
    }),
    vscode.workspace.onDidCloseTextDocument((document) => closed(document.uri.toString())),
    vscode.workspace.onDidOpenNotebookDocument(considerCells),
    vscode.workspace.onDidChangeNotebookDocument(({ notebook, contentChanges }) => { if (contentChanges.length > 0) considerCells(notebook); }),
    vscode.window.onDidChangeActiveTextEditor(follow),
    vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => { if (textEditor === editor) moved(); }),
  ];
  const active = vscode.window.activeTextEditor;
  if (active && ours(active.document)) editor = active;
  for (const document of vscode.workspace.textDocuments) consider(document);

  return {
    read,
    async again(uri) {
      outdated.add(uri);
      return read(await vscode.workspace.openTextDocument(vscode.Uri.parse(uri)));
    },
    reread() {
      for (const { uri } of vscode.workspace.textDocuments) if (models.get(uri.toString())) again(uri.toString());
    },
    get editor() { return editor; },
    dispose() {
      for (const timer of timers.values()) clearTimeout(timer);
      for (const watch of watches) watch.dispose();
    },
  };
}
