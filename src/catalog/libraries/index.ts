// All libraries, and the search of a dotted path among them. A new one is a file here and a line below.
import { complexnn } from './complexnn.ts';
import { complexpytorch } from './complexpytorch.ts';
import { complextorch } from './complextorch.ts';
import { cplxmodule } from './cplxmodule.ts';
import { cvnn } from './cvnn.ts';
import { jax } from './jax.ts';
import type { Library, Spelling } from './library.ts';
import { nvidia } from './nvidia.ts';
import { torch } from './torch.ts';
import { torchcomplex } from './torchcomplex.ts';
import { torchcvnn } from './torchcvnn.ts';

export const libraries: readonly Library[] = [torch, complextorch, torchcvnn, complexpytorch];

/** Libraries whose models no front end reads; what they call the activations is known. */
export const unreadLibraries: readonly Library[] = [cvnn, cplxmodule, complexnn, torchcomplex, jax, nvidia];

const rows = new Map<Library, Map<string, Spelling>>(
  libraries.map((l) => [l, new Map(l.spellings.flatMap((s) => s.names.map((n) => [n, s] as const)))]),
);

/** The library whose package a dotted path starts with. */
export function libraryOf(path: string): Library | undefined {
  const root = path.split('.', 1)[0];
  return libraries.find((l) => l.modules[0] === root);
}

/** The row of "torchcvnn.nn.modReLU"; the last two names decide where a module changes the meaning. */
export function findSpelling(path: string): { library: Library; spelling: Spelling } | undefined {
  const library = libraryOf(path);
  if (!library) return undefined;
  const names = path.split('.');
  const byName = rows.get(library)!;
  const spelling = byName.get(names.slice(-2).join('.')) ?? byName.get(names[names.length - 1]!);
  return spelling && { library, spelling };
}
