// What host and panel call on each other. The panel is rebuilt from a whole snapshot whenever it says `ready`; only progress comes without one.
import type { FaultValue } from './fault.ts';
import type { AnalysisResult } from './result.ts';
import type { Progress } from './rpc.ts';

export type ViewState = 'empty' | 'computing' | 'fresh' | 'stale' | 'failed';

/** All that the panel shows. A stale or failed state keeps the last result beside it. */
export interface PanelSnapshot {
  /** "radio.py - ComplexClassifier". */
  title: string;
  state: ViewState;
  progress: Progress | null;
  fault: FaultValue | null;
  result: AnalysisResult | null;
  /** Parse problems that concern the shown model: message and line. */
  problems: { code: string; severity: string; message: string; line: number }[];
  /** Models of the file, for the select; the shown one is `model`. */
  models: string[];
  model: string | null;
  /** Where it runs: a report has no host behind it, and offers no commands. */
  live: boolean;
  /** Layer at the editor's cursor, to be marked in the table. */
  activeLayer: string | null;
}

/** The panel calls these on the host. The host checks each query: the panel is the least trusted side. */
export type HostMethods = {
  ready: [null, PanelSnapshot];
  analyze: [{ finiteWidth: boolean; training: boolean }, null];
  cancel: [null, null];
  reveal: [{ layer: string }, null];
  pickModel: [{ model: string }, null];
  exportReport: [null, null];
  copy: [{ text: string }, null];
  showLog: [null, null];
};

/** The host calls these on the panel. */
export type ViewMethods = {
  show: [PanelSnapshot, null];
  /** The snapshot that is shown, with this progress: a running training tells of itself often, and kernels are large. */
  progress: [Progress, null];
  /** The editor's cursor moved to another layer. */
  mark: [{ layer: string | null }, null];
};
