// The extension's log: goes to one channel, and keeps its last lines for the diagnostic information. Knows no editor API.
import type { EngineLog } from './supervise.ts';

const KEPT = 100;
const LONGEST_LINE = 2_000;

export interface Log extends EngineLog {
  /** The last lines, oldest first. */
  tail(): string[];
}

/** @param now gives the time in the lines kept */
export function openLog(channel: EngineLog, now: () => Date = () => new Date()): Log {
  const lines: string[] = [];
  const say = (level: keyof EngineLog) => (text: string) => {
    channel[level](text);
    lines.push(`${now().toISOString()} ${level} ${text.slice(0, LONGEST_LINE)}`);
    if (lines.length > KEPT) lines.shift();
  };
  return { info: say('info'), warn: say('warn'), error: say('error'), tail: () => [...lines] };
}
