// What the window shows and what the user chose: the file in the panel, each file's inputs, the settings at hand. Remembered across reloads.
import { dirname, resolve } from 'node:path';
import * as vscode from 'vscode';
import { readDefinitions, type Definitions } from '../catalog/expressions/definitions.ts';
import type { AnalyzeQuery } from '../contract/engine.ts';
import type { ModelGraph } from '../contract/graph.ts';
import type { Entry } from './models.ts';
import { notebookOf } from './notebooks.ts';
import { inputsFor, NO_CHOICE, queryFor, type Asked, type InputChoice } from './query.ts';
import { readSettings, type Settings } from './settings.ts';
import { readTold, type Told } from './severities.ts';

const SHOWN = 'shown';
const inputsOf = (uri: string) => `inputs ${uri}`;

export interface Shown {
  uri: string;
  model: string | null;
}

export interface Session {
  /** The file that the panel shows. */
  readonly shown: string | null;
  show(uri: string): void;
  /** What the panel showed when it was last told. */
  remembered(): Shown | null;
  remember(shown: Shown): void;
  settings(uri: string | null): Settings;
  /** The activations that the settings define; what is wrong with one is told once. */
  definitions(): Definitions;
  /** How the problems of this file are to be shown; what is wrong with the setting is told once. */
  told(uri: string): Told;
  choice(uri: string): InputChoice;
  choose(uri: string, choice: InputChoice): Promise<void>;
  /** Null where the shape of the inputs must be asked for. */
  queryOf(entry: Entry, model: ModelGraph, asked: Asked): AnalyzeQuery | null;
}

export interface SessionOptions {
  memory: vscode.Memento;
  shown(): void;
  complain(text: string): void;
}

export function openSession({ memory, shown, complain }: SessionOptions): Session {
  let current: string | null = null;
  const complaints = new Set<string>();

  function settings(uri: string | null): Settings {
    const configuration = vscode.workspace.getConfiguration('complexNtk', uri === null ? undefined : vscode.Uri.parse(uri));
    const read = readSettings((name) => configuration.get(name));
    complainOnce(read.complaints);
    return read.settings;
  }

  function complainOnce(texts: string[]): void {
    for (const text of texts) {
      if (!complaints.has(text)) complain(text);
      complaints.add(text);
    }
  }

  function definitions(): Definitions {
    const read = readDefinitions(settings(null).activations);
    complainOnce(read.complaints.map((text) => `The setting complexNtk.activations: ${text}`));
    return read.definitions;
  }

  function told(uri: string): Told {
    const read = readTold(settings(uri).problems);
    complainOnce(read.complaints.map((text) => `The setting complexNtk.problems: ${text}`));
    return read.told;
  }

  const choice = (uri: string): InputChoice => ({ ...NO_CHOICE, ...memory.get<Partial<InputChoice>>(inputsOf(uri)) });

  return {
    get shown() { return current; },
    show(uri) {
      current = uri;
      shown();
    },
    remembered: () => memory.get<Shown>(SHOWN) ?? null,
    remember(what) {
      const old = memory.get<Shown>(SHOWN);
      if (old?.uri !== what.uri || old.model !== what.model) void memory.update(SHOWN, what);
    },
    settings,
    definitions,
    told,
    choice,
    choose: async (uri, what) => memory.update(inputsOf(uri), what),
    queryOf(entry, model, asked) {
      const found = settings(entry.uri);
      const file = found['inputs.file'] && fromFolder(entry.uri, found['inputs.file']);
      const own = { ...found, 'inputs.file': file };
      const inputs = inputsFor(model, own, choice(entry.uri));
      return inputs && queryFor(model, vscode.workspace.asRelativePath(vscode.Uri.parse(entry.uri), false), inputs, own, asked);
    },
  };
}

/** A relative path starts at the workspace folder of the model, or beside the model where there is none. */
function fromFolder(uri: string, path: string): string {
  const document = vscode.Uri.parse(uri);
  const model = notebookOf(document)?.uri ?? document;
  const folder = vscode.workspace.getWorkspaceFolder(model)?.uri;
  if (folder?.scheme === 'file') return resolve(folder.fsPath, path);
  return model.scheme === 'file' ? resolve(dirname(model.fsPath), path) : path;
}
