// Names in scope: variables, and the modules whose names were imported with a star. Knows no syntax.
import { findSpelling } from '../catalog/libraries/index.ts';
import type { Value } from './values.ts';

export class Scope {
  readonly names = new Map<string, Value>();
  readonly stars: string[] = [];

  constructor(readonly parent: Scope | null) {}

  find(name: string): Value | undefined {
    for (let s: Scope | null = this; s; s = s.parent) {
      const v = s.names.get(name);
      if (v) return v;
      const star = s.stars.find((m) => findSpelling(`${m}.${name}`));
      if (star) return { t: 'external', path: `${star}.${name}` };
    }
    return undefined;
  }
}
