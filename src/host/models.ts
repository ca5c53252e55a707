// The single store: for each file its networks, and for each network its last result and whether that still holds. Knows no editor API and no engine.
import type { AnalyzeQuery } from '../contract/engine.ts';
import { Fault } from '../contract/fault.ts';
import type { GraphNode, ModelGraph, ParsedFile } from '../contract/graph.ts';
import type { AnalysisResult } from '../contract/result.ts';
import type { CallOptions, Progress } from '../contract/rpc.ts';
import type { ViewState } from '../contract/view.ts';

export interface SourceText {
  uri: string;
  fileName: string;
  version: number;
  text: string;
}

/** One network's analysis. `key` is that of the query it belongs to. */
export interface Analysis {
  finiteWidth: boolean;
  result: { key: string; value: AnalysisResult } | null;
  fault: { key: string; value: Fault } | null;
  running: { key: string; abort: AbortController; progress: Progress | null } | null;
}

export interface Entry {
  uri: string;
  fileName: string;
  version: number;
  parsed: ParsedFile;
  /** The network that the panel shows; by name, which survives edits. */
  selected: string | null;
  analyses: Map<string, Analysis>;
}

export interface ModelsOptions {
  read(fileName: string, text: string): ParsedFile;
  analyze(query: AnalyzeQuery, options: CallOptions & { document: string }): Promise<AnalysisResult>;
  /** Null where the query cannot be made without asking the user. */
  queryOf(entry: Entry, model: ModelGraph, finiteWidth: boolean): AnalyzeQuery | null;
  keyOf(query: AnalyzeQuery): string;
  /** Something of this file changed; `progress` where it is nothing but the progress. */
  changed(uri: string, what: 'progress' | 'all'): void;
}

/** Results of more files than this are dropped, oldest first, unless they are open. */
const KEPT = 20;

const READ_NOTHING: ParsedFile = { schema: 1, models: [], problems: [] };

export interface Models {
  get(uri: string): Entry | undefined;
  /** Reads the text anew unless this version was read already. */
  update(source: SourceText): Entry;
  /** The file is shown no longer: its results stay while there is room. */
  close(uri: string): void;
  select(uri: string, model: string): void;
  /** Ends in the result or a Fault; a running analysis of the same file is cancelled first. */
  analyze(uri: string, model: string, query: AnalyzeQuery, finiteWidth: boolean): Promise<AnalysisResult>;
  /** Cancels what runs for this file, or for all. Tells whether anything ran. */
  cancel(uri?: string): boolean;
  /** Settings changed: what was fresh may be stale. */
  touch(): void;
  readonly busy: boolean;
  state(entry: Entry, model: ModelGraph | null): ViewState;
}

export function openModels(options: ModelsOptions): Models {
  const entries = new Map<string, Entry>();
  const open = new Set<string>();

  const running = (entry: Entry) => [...entry.analyses.values()].flatMap((a) => (a.running ? [a.running] : []));

  function forget(): void {
    for (const [uri, entry] of entries) {
      if (entries.size <= KEPT) return;
      if (!open.has(uri) && running(entry).length === 0) entries.delete(uri);
    }
  }

  function cancel(uri?: string): boolean {
    const all = [...entries.values()].filter((entry) => uri === undefined || entry.uri === uri).flatMap(running);
    for (const { abort } of all) abort.abort();
    return all.length > 0;
  }

  return {
    get: (uri) => entries.get(uri),
    update({ uri, fileName, version, text }) {
      open.add(uri);
      const old = entries.get(uri);
      if (old?.version === version) return old;
      const entry: Entry = old ?? { uri, fileName, version, parsed: READ_NOTHING, selected: null, analyses: new Map() };
      entry.version = version;
      entry.parsed = options.read(fileName, text);
      entries.delete(uri);
      entries.set(uri, entry);
      forget();
      options.changed(uri, 'all');
      return entry;
    },
    close(uri) {
      open.delete(uri);
      const entry = entries.get(uri);
      // A document that is opened again starts counting its versions anew.
      if (entry) entry.version = -1;
      forget();
      options.changed(uri, 'all');
    },
    select(uri, model) {
      const entry = entries.get(uri);
      if (!entry || entry.selected === model) return;
      entry.selected = model;
      options.changed(uri, 'all');
    },
    async analyze(uri, model, query, finiteWidth) {
      const entry = entries.get(uri);
      if (!entry) throw new Fault('bad-input', 'This file is not open any longer.');
      cancel(uri);
      const analysis = entry.analyses.get(model) ?? { finiteWidth, result: null, fault: null, running: null };
      entry.analyses.set(model, analysis);
      const key = options.keyOf(query);
      const own: NonNullable<Analysis['running']> = { key, abort: new AbortController(), progress: null };
      analysis.finiteWidth = finiteWidth;
      analysis.fault = null;
      analysis.running = own;
      options.changed(uri, 'all');
      // A newer analysis of the same network may have taken over before this one ended.
      const mine = () => analysis.running === own;
      try {
        const value = await options.analyze(query, {
          document: uri,
          signal: own.abort.signal,
          progress(progress) {
            if (!mine()) return;
            own.progress = progress;
            options.changed(uri, 'progress');
          },
        });
        if (mine()) analysis.result = { key, value };
        return value;
      } catch (e) {
        const fault = Fault.from(e);
        if (mine() && fault.kind !== 'cancelled') analysis.fault = { key, value: fault };
        throw fault;
      } finally {
        if (mine()) analysis.running = null;
        options.changed(uri, 'all');
      }
    },
    cancel,
    touch() {
      for (const uri of entries.keys()) options.changed(uri, 'all');
    },
    get busy() {
      return [...entries.values()].some((entry) => running(entry).length > 0);
    },
    state(entry, model) {
      const analysis = model ? entry.analyses.get(model.name) : undefined;
      if (!model || !analysis) return 'empty';
      if (analysis.running) return 'computing';
      const query = options.queryOf(entry, model, analysis.finiteWidth);
      const key = query && options.keyOf(query);
      if (analysis.fault && (analysis.fault.key === key || !analysis.result)) return 'failed';
      if (!analysis.result) return 'empty';
      return analysis.result.key === key ? 'fresh' : 'stale';
    },
  };
}

/** The network that the panel shows: the selected one while it exists, else the first. */
export function shownModel(entry: Entry): ModelGraph | null {
  const { models } = entry.parsed;
  return models.find((model) => model.name === entry.selected) ?? models[0] ?? null;
}

/** The network whose text the cursor is in: the last one that begins at or before this 1-based line. */
export function modelAt(entry: Entry, line: number): ModelGraph | null {
  const before = entry.parsed.models.filter((model) => model.line <= line);
  return before.reduce<ModelGraph | null>((best, model) => (best && best.line > model.line ? best : model), null);
}

/** The layer at a 1-based place: the one with the smallest span around it. */
export function layerAt(model: ModelGraph, line: number, column: number): GraphNode | null {
  let best: GraphNode | null = null;
  let size = Infinity;
  for (const node of model.layers) {
    for (const span of [node.span, node.callSpan]) {
      if (!span) continue;
      const after = line > span.line || (line === span.line && column >= span.column);
      const before = line < span.endLine || (line === span.endLine && column <= span.endColumn);
      const extent = (span.endLine - span.line) * 1e6 + span.endColumn - span.column;
      if (after && before && extent < size) [best, size] = [node, extent];
    }
  }
  return best;
}
