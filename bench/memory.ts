// Peak resident memory of this process, as bench/peer.py takes it. Knows no work.
import { readFileSync } from 'node:fs';

export function peakBytes(): number {
  try {
    return Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}
