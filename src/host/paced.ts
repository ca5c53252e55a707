// When the panel is told: of a change at once, of progress alone no more often than it is worth drawing. Knows neither.

export type News = 'progress' | 'all';

/** Milliseconds between two tellings of progress, which may carry the curves of a training. */
export const PROGRESS_MS = 150;

export interface Paced {
  tell(what: News): void;
  /** What still waits is not told. */
  end(): void;
}

export function paced(send: (what: News) => void): Paced {
  let later: NodeJS.Timeout | undefined;
  let last = -Infinity;
  function end(): void {
    clearTimeout(later);
    later = undefined;
  }
  function now(what: News): void {
    end();
    last = Date.now();
    send(what);
  }
  return {
    tell(what) {
      const wait = what === 'progress' ? last + PROGRESS_MS - Date.now() : 0;
      if (wait <= 0) now(what);
      else later ??= setTimeout(() => now('progress'), wait);
    },
    end,
  };
}
