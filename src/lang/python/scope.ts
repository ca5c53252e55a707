// Names in scope: variables, and the modules whose names were imported with a star. Knows no syntax.
import { isImportedName } from '../../catalog/libraries/index.ts';
import type { Value } from './values.ts';

export class Scope {
  readonly names = new Map<string, Value>();
  readonly stars: string[] = [];
  /** Names declared `global` or `nonlocal`, and the scope that they are set in. */
  readonly elsewhere = new Map<string, Scope>();

  constructor(readonly parent: Scope | null) {}

  /** Sets a name in this scope, or in the one that it was declared of. */
  set(name: string, value: Value): void {
    (this.elsewhere.get(name) ?? this).names.set(name, value);
  }

  declare(name: string, kind: 'global' | 'nonlocal'): void {
    let scope = this.parent;
    while (scope?.parent && (kind === 'global' || !scope.names.has(name))) scope = scope.parent;
    if (scope) this.elsewhere.set(name, scope);
  }

  find(name: string): Value | undefined {
    for (let s: Scope | null = this; s; s = s.parent) {
      const v = s.names.get(name);
      if (v) return v;
      const star = s.stars.find((m) => isImportedName(`${m}.${name}`));
      if (star) return { t: 'external', path: `${star}.${name}` };
    }
    return undefined;
  }
}
