// The engine as the editor runs it: where its bundle lies and what it is told. The supervision itself knows no editor and stands in supervise.ts.
import { join } from 'node:path';
import { superviseEngine, type Engine, type EngineLog, type EngineState } from './supervise.ts';

export interface EngineClientOptions {
  dist: string;
  version: string;
  /** Asked at each start of the child; empty: none given. */
  tfjsNodePath(): string;
  log: EngineLog;
  onState(state: EngineState): void;
}

export function openEngine({ dist, version, tfjsNodePath, log, onState }: EngineClientOptions): Engine {
  return superviseEngine({
    path: join(dist, 'engine.cjs'),
    args: () => [JSON.stringify({ workerFile: join(dist, 'kernel-worker.cjs'), wasmDir: dist, tfjsNodePath: tfjsNodePath() || null, version })],
    log, onState,
  });
}
