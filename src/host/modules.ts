// The texts of the workspace's modules that open models import: from open documents, saved or not, else from disk, and which
// documents have to be read again when one of them changes. Reads no model.
import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import * as vscode from 'vscode';
import { collect, LARGEST_MODULE, type Place } from '../lang/workspace.ts';

/** Texts from disk that are kept: together, in characters, and files, most of which are known not to exist. */
const MOST_KEPT_TEXT = 32e6;
const MOST_KEPT = 5000;

export interface Modules extends vscode.Disposable {
  /**
   * What the imports of a text mean.
   * @param reader the document that is read again when one of its modules changes, or one of `also`
   * @param at the file that the text is in, or stands for
   */
  placeOf(reader: string, at: vscode.Uri, text: string, also: readonly string[]): Promise<Place>;
  /** This document is read no longer. */
  forget(reader: string): void;
}

/** @param changed told of the documents that use something that changed */
export function watchModules(changed: (readers: string[]) => void): Modules {
  const uses = new Map<string, Set<string>>();
  /** By URI; null where there is no file. Only what is watched: elsewhere a change would not be heard. */
  const kept = new Map<string, string | null>();
  let keptText = 0;
  /** Counts what was heard, so that a text read meanwhile is not kept. */
  let heard = 0;

  function tell(uri: string): void {
    const readers = [...uses].flatMap(([reader, used]) => (used.has(uri) ? [reader] : []));
    if (readers.length > 0) changed(readers);
  }

  function drop(uri: string): void {
    heard++;
    keptText -= kept.get(uri)?.length ?? 0;
    kept.delete(uri);
  }

  function dropAll(): void {
    heard++;
    kept.clear();
    keptText = 0;
  }

  async function fromDisk(uri: vscode.Uri, root: vscode.Uri): Promise<string | undefined> {
    const { type, size } = await vscode.workspace.fs.stat(uri);
    if (!(type & vscode.FileType.File) || size > 3 * LARGEST_MODULE) return undefined;
    if (uri.scheme === 'file') {
      // A link may lead out of the workspace.
      const [target, top] = await Promise.all([realpath(uri.fsPath), realpath(root.fsPath)]);
      if (!target.startsWith(top.endsWith(sep) ? top : top + sep)) return undefined;
    }
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  }

  async function textOf(uri: vscode.Uri, root: vscode.Uri, open: ReadonlyMap<string, vscode.TextDocument>): Promise<string | undefined> {
    const key = uri.toString();
    const document = open.get(key);
    if (document && !document.isClosed) return document.getText();
    const known = kept.get(key);
    if (known !== undefined) return known ?? undefined;
    const before = heard;
    const text = await fromDisk(uri, root).catch(() => undefined);
    if (heard === before && vscode.workspace.getWorkspaceFolder(uri)) {
      if (kept.size >= MOST_KEPT || keptText > MOST_KEPT_TEXT) dropAll();
      kept.set(key, text ?? null);
      keptText += text?.length ?? 0;
    }
    return text;
  }

  const isOpen = (uri: string): boolean => vscode.workspace.textDocuments.some((document) => document.uri.toString() === uri);
  const onDisk = (uri: vscode.Uri): void => {
    const key = uri.toString();
    drop(key);
    // An open document's own text counts, and its edits were told of.
    if (!isOpen(key)) tell(key);
  };
  const moved = (): void => {
    dropAll();
    if (uses.size > 0) changed([...uses.keys()]);
  };
  const watcher = vscode.workspace.createFileSystemWatcher('**/*.py');
  const parts = [
    watcher, watcher.onDidChange(onDisk), watcher.onDidCreate(onDisk), watcher.onDidDelete(onDisk),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => { if (contentChanges.length > 0) tell(document.uri.toString()); }),
    // What was not saved is gone.
    vscode.workspace.onDidCloseTextDocument((document) => { drop(document.uri.toString()); tell(document.uri.toString()); }),
    // Whole folders: the watcher hears of files.
    vscode.workspace.onDidRenameFiles(moved), vscode.workspace.onDidDeleteFiles(moved), vscode.workspace.onDidChangeWorkspaceFolders(moved),
  ];

  return {
    async placeOf(reader, at, text, also) {
      const used = new Set(also);
      uses.set(reader, used);
      if (at.scheme === 'untitled') return {};
      const root = vscode.workspace.getWorkspaceFolder(at)?.uri ?? vscode.Uri.joinPath(at, '..');
      const open = new Map(vscode.workspace.textDocuments.map((document) => [document.uri.toString(), document]));
      const workspace = await collect({ path: at.path, text }, (path) => {
        const uri = at.with({ path, query: '', fragment: '' });
        used.add(uri.toString());
        return textOf(uri, root, open);
      }, root.path);
      return { workspace, path: at.path };
    },
    forget(reader) {
      uses.delete(reader);
    },
    dispose() {
      for (const part of parts) part.dispose();
    },
  };
}
