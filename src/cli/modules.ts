// The modules that a model file imports, from disk: within its project, and never through a link that leads out of it.
import { existsSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { collect, LARGEST_MODULE, type Place } from '../lang/workspace.ts';

const MARKS = ['.git', 'pyproject.toml', 'setup.py', 'setup.cfg'];
const posix = (path: string): string => (sep === '/' ? path : path.split(sep).join('/'));

/** The nearest folder above a file that a project begins with, else the file's own. */
export function projectOf(file: string): string {
  const own = dirname(resolve(file));
  for (let folder = own; ; folder = dirname(folder)) {
    if (MARKS.some((mark) => existsSync(join(folder, mark)))) return folder;
    if (folder === dirname(folder)) return own;
  }
}

export async function modulesOf(file: string, text: string): Promise<Place> {
  const root = projectOf(file);
  const real = await realpath(root);
  const open = async (path: string): Promise<string | undefined> => {
    // Most of what is tried is not there.
    const target = await realpath(path).catch(() => null);
    if (target === null || !target.startsWith(real.endsWith(sep) ? real : real + sep)) return undefined;
    const found = await stat(target);
    return found.isFile() && found.size <= 3 * LARGEST_MODULE ? readFile(target, 'utf8') : undefined;
  };
  const path = posix(resolve(file));
  return { workspace: await collect({ path, text }, open, posix(root)), path };
}
