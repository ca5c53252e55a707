// The single store: for each file its networks, and for each network its last result and whether that still holds. Knows no editor API and no engine.
import type { AnalyzeQuery } from '../contract/engine.ts';
import { Fault } from '../contract/fault.ts';
import type { GraphNode, ModelGraph, ParsedFile } from '../contract/graph.ts';
import { mayBeDrawn } from '../contract/order.ts';
import type { AnalysisResult } from '../contract/result.ts';
import type { CallOptions, Progress } from '../contract/rpc.ts';
import type { ViewState } from '../contract/view.ts';
import { ofCell, type JoinedCells } from '../lang/cells.ts';
import type { Place } from '../lang/workspace.ts';
import { drawsNetworks, together, type Asked } from './query.ts';

export interface SourceText {
  uri: string;
  fileName: string;
  version: number;
  text: string;
  /** What the text's imports mean. */
  place?: Place;
  /** Of a notebook's cell: `text` is that of the cells up to it. */
  cell?: { joined: JoinedCells; index: number };
}

/** The name by which cells are read: they are Python, whatever the notebook's file is. */
const CELL_FILE = 'cell.py';

/** What was asked for, and the key of the query that asked. */
interface Question {
  key: string;
  asked: Asked;
}

/** One network's analysis. */
export interface Analysis {
  result: (Question & { value: AnalysisResult }) | null;
  fault: (Question & { value: Fault }) | null;
  running: (Question & { abort: AbortController; progress: Progress | null }) | null;
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
  read(fileName: string, text: string, place: Place, uri: string): ParsedFile;
  analyze(query: AnalyzeQuery, options: CallOptions & { document: string }): Promise<AnalysisResult>;
  /** Null where the query cannot be made without asking the user. */
  queryOf(entry: Entry, model: ModelGraph, asked: Asked): AnalyzeQuery | null;
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
  analyze(uri: string, model: string, query: AnalyzeQuery, asked: Asked): Promise<AnalysisResult>;
  /**
   * What to ask for so that the parts of the last analysis are computed again too. After a failure nothing is added, which is
   * the way out of a part that fails, unless it is tried `again`.
   */
  next(entry: Entry, model: ModelGraph, more: Asked, again: boolean): Asked;
  /** Cancels what runs for this file, or for all. Tells whether anything ran. */
  cancel(uri?: string): boolean;
  /** Settings changed: what was fresh may be stale. */
  touch(): void;
  readonly busy: boolean;
  state(entry: Entry, model: ModelGraph | null): ViewState;
  /** Why the network as it stands could not be analysed. */
  refusal(entry: Entry, model: ModelGraph): Fault | null;
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

  /** Whether the same question would be asked of the text and the settings as they are now. */
  function holds(entry: Entry, model: ModelGraph, question: Question | null | undefined): boolean {
    const query = question && options.queryOf(entry, model, question.asked);
    return !!query && options.keyOf(query) === question.key;
  }

  function state(entry: Entry, model: ModelGraph | null): ViewState {
    const analysis = model ? entry.analyses.get(model.name) : undefined;
    if (!model || !analysis) return 'empty';
    if (analysis.running) return 'computing';
    if (analysis.fault && (!analysis.result || holds(entry, model, analysis.fault))) return 'failed';
    if (!analysis.result) return 'empty';
    return holds(entry, model, analysis.result) ? 'fresh' : 'stale';
  }

  return {
    get: (uri) => entries.get(uri),
    update({ uri, fileName, version, text, place = {}, cell }) {
      open.add(uri);
      const old = entries.get(uri);
      if (old?.version === version) return old;
      const entry: Entry = old ?? { uri, fileName, version, parsed: READ_NOTHING, selected: null, analyses: new Map() };
      entry.version = version;
      const parsed = options.read(cell ? CELL_FILE : fileName, text, place, uri);
      entry.parsed = cell ? ofCell(parsed, cell.joined, cell.index) : parsed;
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
    async analyze(uri, model, query, asked) {
      const entry = entries.get(uri);
      if (!entry) throw new Fault('bad-input', 'This file is not open any longer.');
      cancel(uri);
      const analysis = entry.analyses.get(model) ?? { result: null, fault: null, running: null };
      entry.analyses.set(model, analysis);
      const key = options.keyOf(query);
      const own: NonNullable<Analysis['running']> = { key, asked, abort: new AbortController(), progress: null };
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
        if (mine()) analysis.result = { key, asked, value };
        return value;
      } catch (e) {
        const fault = advised(Fault.from(e), query);
        if (mine() && fault.kind !== 'cancelled') analysis.fault = { key, asked, value: fault };
        throw fault;
      } finally {
        if (mine()) analysis.running = null;
        options.changed(uri, 'all');
      }
    },
    next(entry, model, more, again) {
      const { running, result, fault } = entry.analyses.get(model.name) ?? {};
      const before = state(entry, model) === 'failed' ? again && fault : running ?? result;
      return before ? together(before.asked, more) : more;
    },
    cancel,
    touch() {
      for (const uri of entries.keys()) options.changed(uri, 'all');
    },
    get busy() {
      return [...entries.values()].some((entry) => running(entry).length > 0);
    },
    state,
    refusal(entry, model) {
      const fault = entry.analyses.get(model.name)?.fault;
      return fault && holds(entry, model, fault) ? fault.value : null;
    },
  };
}

/** A layer without a kernel may still be drawn: says so where that was not tried. */
function advised(fault: Fault, query: AnalyzeQuery): Fault {
  if (fault.kind !== 'not-supported' || drawsNetworks(query) || !mayBeDrawn(query.graph, fault.layer)) return fault;
  return new Fault(fault.kind, `${fault.message} To go by drawn networks instead, run Analyze NTK with Finite Widths.`, fault.layer, fault.detail);
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
