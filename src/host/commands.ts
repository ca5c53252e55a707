// What each command does. Knows the store and the panel by their doors; keeps no result itself.
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { Fault } from '../contract/fault.ts';
import type { ModelGraph } from '../contract/graph.ts';
import { readBundle, writeReport } from '../report/index.ts';
import type { Documents } from './documents.ts';
import type { Log } from './log.ts';
import { modelAt, shownModel, type Entry, type Models } from './models.ts';
import { inputShapeOf, LIMIT_ALONE, readShape, type Asked, type InputChoice } from './query.ts';
import type { Session } from './session.ts';
import type { Engine } from './supervise.ts';
import { AGAIN, commandTable, EXTENSION_ID, type CommandId } from './tables.ts';

export interface CommandParts {
  dist: string;
  version: string;
  models: Models;
  documents: Documents;
  engine: Engine;
  session: Session;
  log: Log & { show(): void };
}

/** The panel asks for the model that it shows; everyone else for the one at the cursor. */
export interface AnalyzeRequest {
  /** Beside what the last analysis had. */
  more: Asked;
  from: 'editor' | 'panel';
  /** After a failure: for all that failed. */
  again?: boolean;
  uri?: vscode.Uri;
}

export interface Actions {
  /** Shows the panel and, unless the result is there already, computes it. Faults of the analysis are shown in the panel. */
  analyze(request: AnalyzeRequest): Promise<void>;
  exportReport(): Promise<void>;
}

const NO_FILE = 'Open the Python file that defines the network, then run "Complex NTK: Analyze NTK".';

export function registerCommands(parts: CommandParts): vscode.Disposable & { actions: Actions } {
  const { models, documents, engine, session, log } = parts;

  async function target(request: { from: 'editor' | 'panel'; uri?: vscode.Uri }): Promise<Entry | null> {
    const shown = session.shown === null ? undefined : vscode.Uri.parse(session.shown);
    const uri = request.uri ?? (request.from === 'panel' ? shown : documents.editor?.document.uri ?? shown);
    if (!uri) {
      void vscode.window.showInformationMessage(NO_FILE);
      return null;
    }
    return documents.read(await vscode.workspace.openTextDocument(uri));
  }

  async function pick(entry: Entry, from: 'editor' | 'panel'): Promise<ModelGraph | null> {
    const all = entry.parsed.models;
    if (all.length === 0) {
      const first = entry.parsed.problems[0];
      const why = first ? ` Line ${first.span.line}: ${first.message}` : ' It needs a class derived from nn.Module, or an nn.Sequential.';
      void vscode.window.showWarningMessage(`No network was found in ${basename(entry.fileName)}.${why}`);
      return null;
    }
    if (from === 'panel') return shownModel(entry);
    const editor = documents.editor?.document.uri.toString() === entry.uri ? documents.editor : undefined;
    const here = editor && modelAt(entry, editor.selection.active.line + 1);
    if (here ?? all.length === 1) return here ?? all[0]!;
    const chosen = await vscode.window.showQuickPick(
      all.map((model) => ({ label: model.name, description: `line ${model.line}`, model })),
      { title: 'Complex NTK: which network?', placeHolder: `${basename(entry.fileName)} defines several` },
    );
    return chosen?.model ?? null;
  }

  async function askShape(model: ModelGraph): Promise<number[] | null> {
    const text = await vscode.window.showInputBox({
      title: 'Complex NTK: shape of one input',
      prompt: `The text of ${model.name} does not tell the shape of its input. Give it without the batch axis, for example 128 or 1,28,28.`,
      value: '128',
      validateInput: (value) => (readShape(value) ? undefined : 'Whole numbers above 0, separated by commas: 1,28,28'),
    });
    return text === undefined ? null : readShape(text);
  }

  /** With a shape of its inputs, the sizes of a network's layers can be checked. */
  async function reread(entry: Entry, model: ModelGraph): Promise<[Entry, ModelGraph]> {
    const now = await documents.again(entry.uri);
    return [now, now.parsed.models.find(({ name }) => name === model.name) ?? model];
  }

  /** Null where the user was asked for the shape and gave none. */
  async function queryOf(entry: Entry, model: ModelGraph, asked: Asked) {
    const query = session.queryOf(entry, model, asked);
    if (query) return query;
    const shape = await askShape(model);
    if (!shape) return null;
    const choice = session.choice(entry.uri);
    await session.choose(entry.uri, { ...choice, shapes: { ...choice.shapes, [model.name]: shape } });
    return session.queryOf(...(await reread(entry, model)), asked);
  }

  async function analyze(request: AnalyzeRequest): Promise<void> {
    const entry = await target(request);
    const model = entry && (await pick(entry, request.from));
    if (!model) return;
    const asked = models.next(entry, model, request.more, request.again ?? false);
    const query = await queryOf(entry, model, asked);
    if (!query) return;
    models.select(entry.uri, model.name);
    session.show(entry.uri);
    const has = entry.analyses.get(model.name)?.result?.asked;
    if (models.state(entry, model) === 'fresh' && has!.finiteWidth === asked.finiteWidth && has!.training === asked.training) return;
    try {
      await models.analyze(entry.uri, model.name, query, asked);
    } catch (e) {
      const fault = Fault.from(e);
      if (fault.kind === 'cancelled') return;
      // The panel shows it, with a way to the log.
      log.error(`analysis of ${model.name}: ${fault.kind}: ${fault.message}${fault.detail ? `\n${fault.detail}` : ''}`);
    }
  }

  async function chooseInputs(): Promise<void> {
    const entry = await target({ from: 'editor' });
    const model = entry && (await pick(entry, 'editor'));
    if (!model) return;
    const row = (label: string, detail: string, signals: 'modulations' | 'noise' | 'real-noise' | null) => ({ label, detail, signals });
    const chosen = await vscode.window.showQuickPick([
      row('Modulations', 'Radio signals of seven modulations, 10 dB above noise', 'modulations'),
      row('Complex noise', 'White, without structure', 'noise'),
      row('Real noise', 'For real networks', 'real-noise'),
      row('A file…', '.npy, .npz or .csv, samples first', null),
    ], { title: `Complex NTK: inputs of ${model.name}` });
    if (!chosen) return;
    let source: InputChoice['source'] = chosen.signals && { signals: chosen.signals };
    if (!chosen.signals) {
      const files = await vscode.window.showOpenDialog({ title: 'Inputs', openLabel: 'Analyze on this file', filters: { Arrays: ['npy', 'npz', 'csv'], 'All files': ['*'] } });
      if (!files?.[0]) return;
      source = { file: files[0].fsPath };
    }
    const typed = await vscode.window.showInputBox({
      title: 'Complex NTK: number of samples',
      prompt: chosen.signals ? 'Memory and time grow with its square.' : 'The first so many rows; empty: all.',
      value: chosen.signals ? String(session.settings(entry.uri)['inputs.samples']) : '',
      validateInput: (value) => ((value === '' && !chosen.signals) || readShape(value)?.length === 1 ? undefined : 'A whole number above 0'),
    });
    if (typed === undefined) return;
    const shape = chosen.signals && (model.shapeGiven || !inputShapeOf(model)) ? await askShape(model) : null;
    const { shapes } = session.choice(entry.uri);
    await session.choose(entry.uri, { source, samples: typed === '' ? null : Number(typed), shapes: shape ? { ...shapes, [model.name]: shape } : shapes });
    if (shape) await reread(entry, model);
    await analyze({ more: LIMIT_ALONE, from: 'editor', again: true });
  }

  async function exportReport(): Promise<void> {
    const entry = session.shown === null ? undefined : models.get(session.shown);
    const model = entry && shownModel(entry);
    const result = model && entry.analyses.get(model.name)?.result?.value;
    if (!result) {
      void vscode.window.showInformationMessage('There is no result to export yet. Run "Complex NTK: Analyze NTK" first.');
      return;
    }
    const uri = vscode.Uri.parse(entry.uri);
    const start = vscode.workspace.getWorkspaceFolder(uri)?.uri ?? (uri.scheme === 'file' ? vscode.Uri.file(dirname(uri.fsPath)) : undefined);
    const folders = await vscode.window.showOpenDialog({
      title: `Report of ${model.name}: result.json, kernel.npz and report.html`, openLabel: 'Export here', canSelectFolders: true, canSelectFiles: false, defaultUri: start,
    });
    const folder = folders?.[0];
    if (!folder) return;
    if (folder.scheme !== 'file') throw new Fault('io', `The report can be written to a folder on disk only, not to ${folder.scheme}.`);
    const name = model.name.replace(/[^\w.-]/g, '_');
    const directory = join(folder.fsPath, `${name}-ntk`);
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: 'Writing the NTK report' }, async () =>
      writeReport(directory, result, await readBundle(parts.dist)));
    const open = await vscode.window.showInformationMessage(`Report written to ${directory}`, 'Open Report');
    if (open) await vscode.env.openExternal(vscode.Uri.file(join(directory, 'report.html')));
  }

  async function copyDiagnostics(): Promise<void> {
    const settings = session.settings(session.shown);
    const info = engine.broken ? engine.broken.message : await engine.call('info', { backend: settings.backend }, { signal: AbortSignal.timeout(5_000) }).then(
      ({ backend, fallbackReason }) => `${backend}${fallbackReason ? ` (${fallbackReason})` : ''}`,
      (e: unknown) => `not known: ${Fault.from(e).message}`,
    );
    await vscode.env.clipboard.writeText([
      `${EXTENSION_ID} ${parts.version}, VS Code ${vscode.version}, Node ${process.version}, ${process.platform} ${process.arch}${vscode.env.remoteName ? `, remote ${vscode.env.remoteName}` : ''}`,
      `engine: ${engine.state} ${JSON.stringify(engine.detail)}, backend ${info}`,
      `settings: ${JSON.stringify(settings)}`,
      'log:', ...log.tail(), '',
    ].join('\n'));
    vscode.window.setStatusBarMessage('Complex NTK: diagnostic information copied; look it over for file names before you share it', 6_000);
  }

  const handlers: Record<CommandId, (argument?: unknown) => unknown> = {
    'complexNtk.analyze': (argument) => analyze({ more: LIMIT_ALONE, from: 'editor', ...given(argument) }),
    'complexNtk.analyzeFiniteWidth': (argument) => analyze({ more: { ...LIMIT_ALONE, finiteWidth: true }, from: 'editor', ...given(argument) }),
    'complexNtk.train': (argument) => analyze({ more: { ...LIMIT_ALONE, training: true }, from: 'editor', ...given(argument) }),
    'complexNtk.chooseInputs': chooseInputs,
    'complexNtk.cancel': () => models.cancel(),
    'complexNtk.exportReport': exportReport,
    'complexNtk.restartEngine': () => engine.restart(),
    'complexNtk.showLog': () => log.show(),
    'complexNtk.copyDiagnostics': copyDiagnostics,
  };

  const registered = commandTable.map(({ id }) => vscode.commands.registerCommand(id, async (argument?: unknown) => {
    try {
      await handlers[id](argument);
    } catch (e) {
      const fault = Fault.from(e);
      if (fault.kind === 'cancelled') return;
      log.error(`${id}: ${fault.kind}: ${fault.message}${fault.detail ? `\n${fault.detail}` : ''}`);
      const choice = await vscode.window.showErrorMessage(fault.message, 'Show Log');
      if (choice) log.show();
    }
  }));
  return { actions: { analyze, exportReport }, dispose: () => registered.forEach((one) => one.dispose()) };
}

/** The editor's title icon hands over the file it belongs to, the status of a failure that it is to be tried again. */
const given = (argument: unknown): { uri?: vscode.Uri; again?: boolean } => (argument instanceof vscode.Uri ? { uri: argument } : { again: argument === AGAIN });
