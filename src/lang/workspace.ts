// The modules of the workspace that a file imports, loaded beforehand so that reading stays synchronous, and what a module's name
// means in each of them. Paths have "/" inside. Knows no file system and no editor: it is given a way to open a path.
import { everyLibrary } from '../catalog/libraries/index.ts';

/** Whether a text imports one of these packages, or a copy of one beside it. Linear in the text. */
export const importing = (roots: readonly string[]): RegExp =>
  new RegExp(`^[ \\t]{0,200}(?:from[ \\t]{1,20}\\.{0,32}(?:${roots.join('|')})\\b|import[ \\t]{1,20}(?:[\\w.]{1,300}(?:[ \\t]{1,20}as[ \\t]{1,20}\\w{1,100})?[ \\t]{0,20},[ \\t]{0,20}){0,50}(?:${roots.join('|')})\\b)`, 'm');

export interface Module {
  path: string;
  text: string;
}

/** What `name` ("layers", "models.blocks", ".conv", "..nn") imported by the file `from` means, among modules loaded beforehand. */
export type Workspace = (name: string, from: string) => Module | undefined;

/** Where a text stands among others: imports of the workspace's own modules are followed by it. */
export interface Place {
  workspace?: Workspace;
  /** The path that the text has in `workspace`. */
  path?: string | undefined;
  /** Of a text that is edited: the tree of its last version is used for the next one. */
  key?: string | undefined;
  /** Shape of one sample, as the user gives it for networks whose text tells none. */
  shape?: ((model: string) => number[] | null) | undefined;
}

export const MOST_MODULES = 64;
/** Characters of one module, and of all together. */
export const LARGEST_MODULE = 2 * 1024 * 1024;
export const MOST_TEXT = 4 * 1024 * 1024;
/** Paths that are tried, most of which do not exist. */
const MOST_TRIES = 2000;
/** Import statements of one file that are looked at, and names of one statement. */
const MOST_IMPORTS = 400;
const MOST_NAMES = 100;

/** Of Python itself, as far as people import them and do not call their own files so. */
const STANDARD = 'abc argparse array ast asyncio atexit base64 bisect builtins bz2 calendar cmath collections concurrent configparser contextlib contextvars copy csv ctypes dataclasses datetime decimal difflib dis email enum errno faulthandler fileinput fnmatch fractions functools gc getopt getpass glob gzip hashlib heapq html http importlib inspect io itertools json keyword linecache locale logging lzma marshal math mimetypes mmap multiprocessing numbers operator optparse os pathlib pdb pickle pkgutil platform pprint pstats random re reprlib sched secrets select shelve shlex shutil socket sqlite3 ssl stat statistics string struct subprocess sys sysconfig tarfile tempfile textwrap threading time timeit tkinter tomllib traceback tracemalloc typing unicodedata unittest urllib uuid warnings weakref xml zipfile zipimport zlib zoneinfo __future__';
/** Packages that files with models import often, beside those of the catalog. */
const PACKAGES = 'numpy scipy pandas matplotlib seaborn sklearn skimage torchvision torchaudio torchmetrics torchsummary torchinfo pytorch_lightning lightning tensorflow tensorflow_addons keras jaxlib flax haiku optax neural_tangents einops tqdm timm transformers h5py cv2 PIL wandb yaml omegaconf hydra tensorboard tensorboardX typing_extensions absl click pytest';
const FOREIGN = new Set([...STANDARD.split(' '), ...PACKAGES.split(' '), ...everyLibrary.flatMap((library) => library.modules.map((path) => path.split('.', 1)[0]!))]);

const NAME = /^\.{0,32}(?:[\p{L}\p{N}_]+(?:\.[\p{L}\p{N}_]+)*)?$/u;
// What stands in brackets, or one line (also where a bracket is not closed, so that each statement is looked at once only).
const REST = String.raw`\(([^)]{0,8000})\)|((?:[^\n#;\\]|\\\r?\n){1,2000})`;
const IMPORT = new RegExp(String.raw`^[ \t]{0,200}(?:from(?:[ \t]{1,20}|(?=\.))([\p{L}\p{N}_.]{1,300})[ \t]{1,20}import(?:[ \t]{1,20}|(?=\())(?:${REST})|import[ \t]{1,20}([^\n#;]{1,1000}))`, 'gmu');

/** A module as it is written in an import, and whether it may also be a name within the module before it. */
interface Imported {
  name: string;
  /** Of `from a import b`: b may be a module a.b, where a is a package. */
  within: string | null;
}

const namesOf = (list: string): string[] =>
  list.replace(/#[^\n]{0,1000}/g, '').split(',').slice(0, MOST_NAMES).map((part) => part.replace(/\\\r?\n/g, ' ').trim().split(/\s+/, 1)[0]!).filter((name) => name !== '' && NAME.test(name));

/** The modules that import statements of a text name, strings and comments not told apart. */
export function importsOf(text: string): Imported[] {
  const found = new Map<string, Imported>();
  const add = (name: string, within: string | null): void => {
    if (NAME.test(name) && !found.has(name)) found.set(name, { name, within });
  };
  let count = 0;
  for (const [, module, bracketed, line, plain] of text.matchAll(IMPORT)) {
    if (++count > MOST_IMPORTS) break;
    if (module !== undefined) {
      add(module, null);
      for (const name of namesOf(bracketed ?? line ?? '')) add(module.endsWith('.') ? module + name : `${module}.${name}`, module);
    } else {
      // `import a.b` runs a, then a.b.
      for (const name of namesOf(plain!)) name.split('.').forEach((_, at, parts) => add(parts.slice(0, at + 1).join('.'), null));
    }
  }
  return [...found.values()].filter(({ name }) => name.startsWith('.') || !FOREIGN.has(name.split('.', 1)[0]!));
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

/** Where a module of this name may stand, seen from a file: all within `root`, the likeliest first. */
function candidatesOf(name: string, from: string, root: string): string[] {
  if (!NAME.test(name) || name === '') return [];
  const within = (folder: string): boolean => folder === root || folder.startsWith(`${root}/`);
  const dots = /^\.*/.exec(name)![0].length;
  const parts = name.slice(dots).split('.').filter((part) => part !== '');
  const folders: string[] = [];
  if (dots > 0) {
    let folder = parentOf(from);
    for (let up = 1; up < dots && within(folder); up++) folder = folder === root ? '\0' : parentOf(folder);
    folders.push(folder);
  } else {
    for (let folder = parentOf(from); within(folder); folder = parentOf(folder)) {
      folders.push(folder);
      if (folder === root) break;
    }
    folders.push(`${root}/src`);
  }
  return [...new Set(folders.filter(within))].flatMap((folder) => {
    const path = [folder, ...parts].join('/');
    return parts.length === 0 ? [`${path}/__init__.py`] : [`${path}.py`, `${path}/__init__.py`];
  }).filter((path) => path !== from);
}

/**
 * Loads what `main` imports, and what that imports, as far as `open` finds it below `root`. Known libraries are left alone.
 * Bounded: 64 modules, 2 MB of text each, 4 MB together; what lies beyond is not loaded. `open` may reject: that is no file.
 */
export async function collect(main: Module, open: (path: string) => Promise<string | undefined>, root: string): Promise<Workspace> {
  const top = root.replace(/\/+$/, '');
  const loaded = new Map<string, Module>([[main.path, main]]);
  const tried = new Set<string>([main.path]);
  let room = MOST_TEXT;
  const find: Workspace = (name, from) => candidatesOf(name, from, top).flatMap((path) => loaded.get(path) ?? [])[0];

  async function load(path: string): Promise<Module | undefined> {
    if (tried.has(path)) return loaded.get(path);
    if (tried.size > MOST_TRIES || loaded.size > MOST_MODULES) return undefined;
    tried.add(path);
    const text = await open(path).catch(() => undefined);
    if (text === undefined || text.length > Math.min(room, LARGEST_MODULE) || text.includes('\0')) return undefined;
    room -= text.length;
    const module = { path, text: text.charCodeAt(0) === 0xfeff ? text.slice(1) : text };
    loaded.set(path, module);
    waiting.push(module);
    return module;
  }

  let names = 0;
  const waiting = main.text.length > LARGEST_MODULE ? [] : [main];
  for (let module = waiting.shift(); module; module = waiting.shift()) {
    for (const { name, within } of importsOf(module.text)) {
      // A name within a plain module is no module.
      const outer = within === null ? undefined : find(within, module.path);
      if (outer && !outer.path.endsWith('/__init__.py')) continue;
      if (tried.size > MOST_TRIES || loaded.size > MOST_MODULES || ++names > MOST_TRIES) return find;
      for (const path of candidatesOf(name, module.path, top)) if (await load(path)) break;
    }
  }
  return find;
}
