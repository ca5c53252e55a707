// The wiring of the extension: opens each part and tells them of each other. Decides nothing.
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { Fault } from './contract/fault.ts';
import { registerCommands } from './host/commands.ts';
import { selector, watchDocuments } from './host/documents.ts';
import { openEngine } from './host/engineClient.ts';
import { provideFixes } from './host/fixes.ts';
import { provideHovers } from './host/hover.ts';
import { openLog } from './host/log.ts';
import { layerAt, openModels, shownModel, type Entry } from './host/models.ts';
import { revealInNotebook } from './host/notebooks.ts';
import { createPanel } from './host/panel.ts';
import { listProblems, problemPage, rangeOf } from './host/problems.ts';
import { LIMIT_ALONE, resultKey } from './host/query.ts';
import { openSession } from './host/session.ts';
import { EMPTY, progressOf, snapshotOf } from './host/snapshot.ts';
import { showStatus } from './host/status.ts';
import { HAS_MODEL, HAS_RESULT, IS_BUSY } from './host/tables.ts';
import { withDefinitions } from './lang/defined.ts';
import type { Reader } from './lang/read.ts';

export function activate(context: vscode.ExtensionContext): void {
  const version = String(context.extension.packageJSON.version);
  const distUri = vscode.Uri.joinPath(context.extensionUri, 'dist');
  const media = (name: string) => vscode.Uri.joinPath(context.extensionUri, 'media', name);
  const channel = vscode.window.createOutputChannel('Complex NTK', { log: true });
  const log = { ...openLog(channel), show: () => channel.show(true) };
  const keep = <T extends vscode.Disposable>(part: T): T => (context.subscriptions.push(part), part);
  keep(channel);

  const session = openSession({ memory: context.workspaceState, complain: (text) => log.warn(text), shown: () => { panel.open(); refresh(); } });
  const engine = openEngine({
    dist: distUri.fsPath, version, log,
    tfjsNodePath: () => session.settings(null).tfjsNodePath,
    onState: () => status.show(entryAtHand()),
  });
  keep(engine);
  let reader: Reader | null = null;
  const models = openModels({
    read: (fileName, text, place, uri) => withDefinitions(reader!.read(fileName, text, { ...place, key: uri, shape: (model) => session.choice(uri).shapes[model] ?? null }), session.definitions()),
    analyze: (query, options) => engine.call('analyze', query, options),
    queryOf: session.queryOf,
    keyOf: (query) => resultKey(query, version),
    changed(uri, what) {
      if (uri === session.shown) panel.show(what);
      if (what === 'all') problems.show(uri);
      refresh();
    },
  });

  let activeLayer: string | null = null;
  /** Context keys as the editor has them. */
  const told = new Map<string, boolean>();
  const snapshot = () => { const entry = shownEntry(); return entry ? snapshotOf(models, entry, activeLayer, session.told(entry.uri)) : EMPTY; };
  const shownEntry = (): Entry | undefined => (session.shown === null ? undefined : models.get(session.shown));
  const entryAtHand = (): Entry | undefined => {
    const uri = documents.editor?.document.uri.toString();
    return uri === undefined ? shownEntry() : models.get(uri);
  };

  const linkTo = problemPage(vscode.Uri.joinPath(context.extensionUri, 'docs', 'problems.md'), pageText(context, (e) => log.warn(String(e))));
  const isOpen = (uri: string) => vscode.workspace.textDocuments.some((document) => !document.isClosed && document.uri.toString() === uri);
  const problems = keep(listProblems(models, isOpen, linkTo, session.told));
  const status = keep(showStatus(selector, models, engine));
  const panel = keep(createPanel({
    dist: distUri,
    icon: { light: media('analyze-light.svg'), dark: media('analyze-dark.svg') },
    snapshot,
    progress: () => { const entry = shownEntry(); return entry ? progressOf(entry) : null; },
    log: (text) => log.warn(text),
    async restored() {
      try {
        const remembered = session.remembered();
        if (!remembered) return;
        const entry = await documents.read(await vscode.workspace.openTextDocument(vscode.Uri.parse(remembered.uri)));
        if (remembered.model) models.select(entry.uri, remembered.model);
        session.show(entry.uri);
        // Results are not kept on disk; the panel would come back empty.
        await actions.analyze({ more: LIMIT_ALONE, from: 'panel' });
      } catch (e) {
        log.warn(`The panel could not be restored: ${e instanceof Error ? e.message : String(e)}`);
      }
    },
    server: {
      ready: snapshot,
      analyze(more) {
        actions.analyze({ more, from: 'panel', again: true }).catch((e: unknown) => log.error(Fault.from(e).message));
        return null;
      },
      cancel() {
        if (session.shown !== null) models.cancel(session.shown);
        return null;
      },
      async reveal({ layer }) {
        const entry = shownEntry();
        const span = entry && shownModel(entry)?.layers.find((node) => node.id === layer)?.span;
        if (!span) throw new Fault('bad-input', `The layer ${layer} is not in the text any longer. Recompute.`);
        const uri = vscode.Uri.parse(entry.uri);
        const selection = rangeOf(span);
        if (await revealInNotebook(uri, selection)) return null;
        const visible = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === entry.uri);
        const document = visible?.document ?? (await vscode.workspace.openTextDocument(uri));
        await vscode.window.showTextDocument(document, { viewColumn: visible?.viewColumn ?? vscode.ViewColumn.One, selection });
        return null;
      },
      pickModel({ model }) {
        const entry = shownEntry();
        if (!entry?.parsed.models.some(({ name }) => name === model)) throw new Fault('bad-input', `There is no network ${model} in this file any longer.`);
        models.select(entry.uri, model);
        return null;
      },
      async exportReport() {
        await vscode.commands.executeCommand('complexNtk.exportReport');
        return null;
      },
      async copy({ text }) {
        await vscode.env.clipboard.writeText(text);
        return null;
      },
      showLog() {
        log.show();
        return null;
      },
    },
  }));
  const documents = keep(watchDocuments({
    dist: distUri.fsPath, models,
    ready: (loaded) => { reader = loaded; },
    failed: (e) => log.error(`A file could not be read: ${e instanceof Error ? e.stack ?? e.message : String(e)}`),
    moved: () => follow(),
  }));
  const { actions } = keep(registerCommands({ dist: distUri.fsPath, version, models, documents, engine, session, log }));
  keep(provideHovers(selector, models, linkTo, session.told));
  keep(provideFixes(selector, models));
  keep(vscode.workspace.onDidChangeConfiguration((event) => {
    if (!event.affectsConfiguration('complexNtk')) return;
    if (event.affectsConfiguration('complexNtk.tfjsNodePath')) engine.restart();
    if (event.affectsConfiguration('complexNtk.activations')) documents.reread();
    models.touch();
  }));
  follow();

  /** The panel follows the editor to another file with a network, and marks the layer at the cursor. */
  function follow(): void {
    const editor = documents.editor;
    const entry = editor && models.get(editor.document.uri.toString());
    if (entry && panel.visible && entry.uri !== session.shown && entry.parsed.models.length > 0) session.show(entry.uri);
    if (entry && entry.uri === session.shown) {
      const model = shownModel(entry);
      const { line, character } = editor.selection.active;
      const layer = (model && layerAt(model, line + 1, character + 1)?.id) ?? null;
      if (layer !== activeLayer) panel.mark((activeLayer = layer));
    }
    refresh();
  }

  function tell(key: string, value: boolean): void {
    if (told.get(key) === value) return;
    told.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }

  function refresh(): void {
    const entry = entryAtHand();
    const shown = shownEntry();
    const model = shown ? shownModel(shown) : null;
    const result = model ? shown!.analyses.get(model.name)?.result ?? null : null;
    status.show(entry);
    tell(HAS_MODEL, (entry?.parsed.models.length ?? 0) > 0);
    tell(IS_BUSY, models.busy);
    tell(HAS_RESULT, result !== null);
    if (shown) session.remember({ uri: shown.uri, model: model?.name ?? null });
  }
}

/** The page of problems that comes with the extension; without it codes have no links. */
function pageText(context: vscode.ExtensionContext, complain: (e: unknown) => void): string {
  try {
    return readFileSync(vscode.Uri.joinPath(context.extensionUri, 'docs', 'problems.md').fsPath, 'utf8');
  } catch (e) {
    complain(e);
    return '';
  }
}
