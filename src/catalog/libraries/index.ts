// All libraries, and the search of a dotted path among them. A new one is a file here and a line below.
import { complexnn } from './complexnn.ts';
import { complexpytorch } from './complexpytorch.ts';
import { complextorch } from './complextorch.ts';
import { cplxmodule } from './cplxmodule.ts';
import { cvnn } from './cvnn.ts';
import { dcn } from './dcn.ts';
import { flax, nnx } from './flax.ts';
import { haiku } from './haiku.ts';
import { jax } from './jax.ts';
import { plainPath } from './keras-paths.ts';
import { keras } from './keras.ts';
import { withVersions, type Library, type Spelling } from './library.ts';
import { netket } from './netket.ts';
import { nvidia } from './nvidia.ts';
import { neuralTangents, stax } from './stax.ts';
import { torch } from './torch.ts';
import { torchcomplex } from './torchcomplex.ts';
import { torchcvnn } from './torchcvnn.ts';

export const libraries: readonly Library[] = [torch, complextorch, torchcvnn, complexpytorch, cplxmodule, complexnn, torchcomplex].map(withVersions);

/** Libraries whose layers are Keras layers. */
export const kerasLibraries: readonly Library[] = [keras, cvnn, dcn].map(withVersions);

const ofKeras = kerasLibraries[0]!;

/** Libraries on JAX. */
export const jaxLibraries: readonly Library[] = [jax, flax, nnx, haiku, neuralTangents, stax, netket].map(withVersions);

/** Libraries whose models no front end reads; what they call the activations is known. */
export const unreadLibraries: readonly Library[] = [nvidia].map(withVersions);

/** All that anything is known of. */
export const everyLibrary: readonly Library[] = [...libraries, ...kerasLibraries, ...jaxLibraries, ...unreadLibraries];

const rows = new Map<Library, Map<string, Spelling>>(
  [...libraries, ...kerasLibraries, ...jaxLibraries].map((l) => [l, new Map(l.spellings.flatMap((s) => s.names.map((n) => [n, s] as const)))]),
);

const byRoot = new Map(libraries.map((l) => [l.modules[0]!, l]));

/** The library whose package a dotted path starts with. */
export function libraryOf(path: string): Library | undefined {
  const end = path.indexOf('.');
  return byRoot.get(end < 0 ? path : path.slice(0, end));
}

/** Paths that were asked for; those of one file are few. */
const asked = new Map<string, { library: Library; spelling: Spelling } | undefined>();
const MOST_ASKED = 5000;

/** The row of "torchcvnn.nn.modReLU"; the last two names decide where a module changes the meaning. */
export function findSpelling(path: string): { library: Library; spelling: Spelling } | undefined {
  if (asked.has(path)) return asked.get(path);
  const found = searched(path);
  if (asked.size >= MOST_ASKED) asked.clear();
  asked.set(path, found);
  return found;
}

function searched(path: string): { library: Library; spelling: Spelling } | undefined {
  const library = libraryOf(path);
  if (!library) return undefined;
  const names = path.split('.');
  const byName = rows.get(library)!;
  const spelling = byName.get(names.slice(-2).join('.')) ?? byName.get(names[names.length - 1]!);
  return spelling && { library, spelling };
}

/** The row of a class or function of this library, by its own name. */
export const spellingIn = (library: Library, name: string): Spelling | undefined => rows.get(library)?.get(name);

/** The library on JAX that has the longest module in front of a dotted path: jax.example_libraries.stax is none of jax.nn. */
export function jaxLibraryOf(path: string): Library | undefined {
  let best: Library | undefined;
  let longest = 0;
  for (const l of jaxLibraries) {
    for (const m of l.modules) {
      if (m.length <= longest || !(path === m || path.startsWith(`${m}.`))) continue;
      best = l;
      longest = m.length;
    }
  }
  return best;
}

/** The row of "flax.linen.Dense"; the last two names decide where a module changes the meaning. */
export function findJaxSpelling(path: string): { library: Library; spelling: Spelling } | undefined {
  const library = jaxLibraryOf(path);
  if (!library) return undefined;
  const names = path.split('.');
  const byName = rows.get(library)!;
  const spelling = byName.get(names.slice(-2).join('.')) ?? byName.get(names.at(-1)!);
  return spelling && { library, spelling };
}

const kerasRoots = new Map(kerasLibraries.flatMap((l) => l.modules.map((m) => [m.split('.', 1)[0]!, l] as const)));

/** The library of Keras layers whose package a dotted path starts with. */
export function kerasLibraryOf(path: string): Library | undefined {
  return kerasRoots.get(plainPath(path).split('.', 1)[0]!);
}

/**
 * The row of "tensorflow.keras.layers.Dense" or "cvnn.layers.ComplexDense". TensorFlow hands out much else under names of layers
 * (tensorflow.data.Dataset.concatenate): what counts there is the module.
 */
export function findKerasSpelling(path: string): { library: Library; spelling: Spelling } | undefined {
  const plain = plainPath(path);
  const dot = plain.lastIndexOf('.');
  const library = kerasLibraryOf(plain);
  if (!library || dot < 0 || (library === ofKeras && !library.modules.includes(plain.slice(0, dot)))) return undefined;
  const spelling = spellingIn(library, plain.slice(dot + 1));
  return spelling && { library, spelling };
}

/** What a string of an activation means to a layer of this library: its own functions, else those of Keras. */
export function kerasActivation(name: string, library: Library): { library: Library; spelling: Spelling } | undefined {
  for (const of of library === ofKeras ? [ofKeras] : [library, ofKeras]) {
    const spelling = spellingIn(of, name);
    if (spelling && /^[a-z]/.test(name)) return { library: of, spelling };
  }
  return undefined;
}

/** Whether a module imported with a star hands out this name: a row, or what a library has beside its layers. */
export function isImportedName(path: string): boolean {
  if (findSpelling(path) || findKerasSpelling(path) || findJaxSpelling(path)) return true;
  const cut = path.lastIndexOf('.');
  if (jaxLibraryOf(path)?.others?.[path.slice(0, cut)]?.includes(path.slice(cut + 1))) return true;
  const plain = plainPath(path);
  const dot = plain.lastIndexOf('.');
  return kerasLibraryOf(plain)?.others?.[plain.slice(0, dot)]?.includes(plain.slice(dot + 1)) ?? false;
}
