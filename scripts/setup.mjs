// Makes a checkout ready to run: dependencies as locked, bundles as the sources. Knows nothing of what the bundles do.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const OLDEST_NODE = [20, 15];
const stampFile = path.join(root, 'out', 'build-stamp');

/** Puts a line of progress on stderr: stdout belongs to the result. */
export const say = (text) => process.stderr.write(`complex-ntk: ${text}\n`);

/** Runs a program with its whole output on our stderr; ends this process with its exit code where it fails. */
export function mustRun(command, args, what) {
  say(what);
  // On Windows npm is a .cmd file, which only a shell starts.
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (done.error) {
    say(`${what}: "${command}" could not be started (${done.error.message}). Install it and run this again.`);
    process.exit(1);
  }
  if (done.status !== 0) {
    say(`${what}: "${command} ${args.join(' ')}" ${done.signal ? `was ended by ${done.signal}` : `failed with exit code ${done.status}`}; its output is above.`);
    process.exit(done.status || 1);
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  say(`this is Node ${process.versions.node}; Node ${OLDEST_NODE.join('.')} or newer is needed.`);
  process.exit(1);
}

/** Whether every package of the lockfile stands in node_modules in the locked version; optional ones may be missing. */
export function dependenciesMatch(lock, installed) {
  return Object.entries(lock.packages).every(([place, locked]) => {
    if (place === '' || locked.link) return true;
    const found = installed.packages[place];
    return found ? found.version === locked.version : Boolean(locked.optional || locked.devOptional);
  });
}

function ensureDependencies() {
  // npm keeps its own record of what it put into node_modules; it is there after `npm ci` and `npm install` alike.
  const record = path.join(root, 'node_modules', '.package-lock.json');
  const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
  if (existsSync(record) && dependenciesMatch(read(path.join(root, 'package-lock.json')), read(record))) return;
  // No package's install script is needed to run: tfjs-node's would download, and where that fails npm takes the
  // package away again, which `npm run native` builds on.
  mustRun('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], 'installing dependencies');
}

const filesUnder = (folder) => readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((e) => e.isFile()).map((e) => path.join(e.parentPath ?? e.path, e.name)).sort();

/** Hash of all that goes into the bundles, and of the bundles' times, so that an edit on either side is seen. */
function buildState() {
  const hash = createHash('sha256');
  const sources = ['package.json', 'package-lock.json', 'esbuild.mjs', 'tsconfig.json'].map((f) => path.join(root, f));
  for (const room of ['src', 'webview']) sources.push(...filesUnder(path.join(root, room)));
  for (const file of sources) hash.update(path.relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  const dist = path.join(root, 'dist');
  for (const file of existsSync(dist) ? filesUnder(dist) : []) hash.update(`${path.relative(dist, file)} ${statSync(file).mtimeMs}\0`);
  return hash.digest('hex');
}

function ensureBuild() {
  const built = existsSync(path.join(root, 'dist', 'cli.js')) && existsSync(stampFile);
  if (built && readFileSync(stampFile, 'utf8') === buildState()) return;
  mustRun('npm', ['run', '--silent', 'build'], 'building');
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, buildState());
}

/** Installs and builds what is missing or older than its source; does nothing where all is in order. */
export function setUp() {
  checkNode();
  ensureDependencies();
  ensureBuild();
}

if (process.argv[1] && fileURLToPath(import.meta.url) === path.resolve(process.argv[1])) setUp();
