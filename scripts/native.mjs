// Makes @tensorflow/tfjs-node run natively from package registries alone, where its own installer cannot download:
// TensorFlow's libraries from a Python wheel, the binding compiled here. Knows nothing of the product that uses it.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const TFJS_NODE = '4.22.0'; // the last release
const TENSORFLOW = '2.13.1'; // newer ones (2.18 on) compute `round` of int32 wrongly under this binding
const API_HEADERS = '1.5.0';
const NAPI = 8;
// Any CPython that the wheel exists for: only libraries and headers are taken out of it.
const WHEEL_PYTHON = '3.11';
const WHEELS = {
  x64: { project: 'tensorflow-cpu', machine: 'x86_64' },
  arm64: { project: 'tensorflow-cpu-aws', machine: 'aarch64' },
};

const UNPACK = `
import os, shutil, sys, zipfile
wheel, out = sys.argv[1:3]
include = "tensorflow/include/"
folders = tuple(include + f for f in ("tensorflow/c/", "tensorflow/core/platform/", "tensorflow/tsl/", "tsl/", "xla/"))
libraries = ("tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2")
found = 0
with zipfile.ZipFile(wheel) as z:
    for name in z.namelist():
        if name in libraries:
            to = os.path.join(out, "lib", os.path.basename(name)); found += 1
        elif name.startswith(folders) and name.endswith((".h", ".inc")):
            to = os.path.join(out, "include", name[len(include):])
        elif name.endswith(("dist-info/LICENSE", "THIRD_PARTY_NOTICES.txt")):
            to = os.path.join(out, os.path.basename(name))
        else:
            continue
        os.makedirs(os.path.dirname(to), exist_ok=True)
        with z.open(name) as source, open(to, "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
if found != len(libraries):
    sys.exit("the wheel holds %d of the %d libraries" % (found, len(libraries)))
`;

// What a working copy must do. The two functions were taken out of Node 23, and the binding's JavaScript still calls them.
const SMOKE = `
const util = require('node:util');
util.isNullOrUndefined ??= (x) => x === null || x === undefined;
util.isArray ??= Array.isArray;
const tf = require(process.argv[1]);
const a = tf.tensor2d([1, 2, 3, 4], [2, 2]);
const product = String(Array.from(tf.matMul(a, a).dataSync()));
if (tf.getBackend() !== 'tensorflow' || product !== '7,10,15,22') throw new Error('backend ' + tf.getBackend() + ' multiplied to ' + product);
process.stdout.write('TensorFlow ' + tf.backend().binding.TF_Version);
`;

const checkout = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const started = performance.now();

class Refusal extends Error {}
const say = (text) => console.log(`[${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s] ${text}`);

/** Runs a tool; its output is shown only where it fails. */
function run(what, command, args, cwd) {
  const r = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (r.error?.code === 'ENOENT') throw new Refusal(`${what}: the program "${command}" is not installed or not on the PATH.`);
  if (r.error) throw new Refusal(`${what}: ${r.error.message}`);
  if (r.status !== 0) {
    const told = `${r.stdout}\n${r.stderr}`.trim().split('\n').slice(-25).join('\n');
    throw new Refusal(`${what} failed (${command}, ${r.signal ?? `exit code ${r.status}`}):\n${told}`);
  }
  return r.stdout;
}

/** TensorFlow's name and version where the package in this directory loads and multiplies; else why not. In a child: a wrong binary may end its process. */
function smoke(directory) {
  const r = spawnSync(process.execPath, ['-e', SMOKE, directory], {
    encoding: 'utf8', timeout: 60_000, env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', NODE_OPTIONS: '' },
  });
  if (r.status === 0) return { works: r.stdout, why: null };
  const line = (r.stderr ?? '').split('\n').find((l) => /Error/.test(l));
  return { works: null, why: r.signal ? `ended by ${r.signal}` : (line ?? r.error?.message ?? `exit code ${r.status}`).trim() };
}

function build(directory, wheel) {
  writeFileSync(join(directory, 'package.json'), '{ "name": "complex-ntk-native", "version": "1.0.0", "private": true }\n');
  say(`npm: @tensorflow/tfjs-node ${TFJS_NODE}, without its install script`);
  run('Fetching the npm packages', 'npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact',
    `@tensorflow/tfjs-node@${TFJS_NODE}`, `node-api-headers@${API_HEADERS}`], directory);

  say(`pip: ${wheel.project} ${TENSORFLOW}`);
  const download = join(directory, 'wheel');
  const platforms = ['manylinux2014', 'manylinux_2_17', 'manylinux_2_27', 'manylinux_2_28'].flatMap((p) => ['--platform', `${p}_${wheel.machine}`]);
  run('Fetching the TensorFlow wheel', 'python3', ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:',
    '--implementation', 'cp', '--python-version', WHEEL_PYTHON, ...platforms, '--dest', download, `${wheel.project}==${TENSORFLOW}`], directory);
  const file = readdirSync(download).find((f) => f.endsWith('.whl'));
  if (!file) throw new Refusal('Fetching the TensorFlow wheel: pip reported success but left no wheel.');

  say('unpacking libraries and headers');
  const packaged = join(directory, 'node_modules', '@tensorflow', 'tfjs-node');
  const deps = join(packaged, 'deps');
  run('Unpacking the wheel', 'python3', ['-c', UNPACK, join(download, file), deps]);
  rmSync(download, { recursive: true });
  const lib = join(deps, 'lib');
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
    run('Stripping symbols', 'strip', ['--strip-all', join(lib, name)]);
  }
  symlinkSync('libtensorflow_cc.so.2', join(lib, 'libtensorflow.so'));
  symlinkSync('libtensorflow_framework.so.2', join(lib, 'libtensorflow_framework.so'));

  say('compiling the binding');
  const out = join(packaged, 'lib', `napi-v${NAPI}`);
  mkdirSync(out, { recursive: true });
  run('Compiling the binding', 'g++', ['-O2', '-std=gnu++17', '-fPIC', '-shared', '-fvisibility=hidden', '-DNDEBUG',
    `-DNAPI_VERSION=${NAPI}`, '-DNODE_GYP_MODULE_NAME=tfjs_binding',
    `-I${join(directory, 'node_modules', 'node-api-headers', 'include')}`, `-I${join(deps, 'include')}`,
    join(packaged, 'binding', 'tfjs_backend.cc'), join(packaged, 'binding', 'tfjs_binding.cc'),
    '-o', join(out, 'tfjs_binding.node'), `-L${lib}`, '-ltensorflow', '-ltensorflow_framework',
    // Relative to the binding, so that the whole directory can be moved.
    '-Wl,-rpath,$ORIGIN/../../deps/lib'], directory);
}

/** The finished directory in the cache, built where it is not there yet. */
function cached() {
  const wheel = WHEELS[process.arch];
  if (process.platform !== 'linux' || !wheel) {
    throw new Refusal(`This script builds for Linux on x64 and arm64; this is ${process.platform} on ${process.arch}. `
      + 'There, `npm install @tensorflow/tfjs-node` downloads a ready binary. Without it the product computes with WebAssembly.');
  }
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'complex-ntk');
  const directory = join(cache, `native-${TFJS_NODE}-${TENSORFLOW}-${process.arch}`);
  const stamp = join(directory, 'finished.json');
  const packaged = join(directory, 'node_modules', '@tensorflow', 'tfjs-node');
  if (existsSync(stamp)) {
    const { works, why } = smoke(packaged);
    if (works) return { packaged, works };
    say(`the cached build does not load (${why}); building it again`);
    rmSync(directory, { recursive: true });
  }
  mkdirSync(cache, { recursive: true });
  const stale = readdirSync(cache).filter((name) => name.includes('.part-') && Date.now() - statSync(join(cache, name)).mtimeMs > 3_600_000);
  for (const name of stale) rmSync(join(cache, name), { recursive: true, force: true });
  // Built beside its place and renamed whole: an interrupted run leaves nothing that looks finished.
  const part = mkdtempSync(join(cache, `${basename(directory)}.part-`));
  const abandon = () => rmSync(part, { recursive: true, force: true });
  // Ctrl-C reaches the tool that runs as well: it fails, and the catch below clears up.
  process.on('SIGINT', () => {});
  try {
    build(part, wheel);
    say('checking');
    const { works, why } = smoke(join(part, 'node_modules', '@tensorflow', 'tfjs-node'));
    if (!works) throw new Refusal(`The compiled binding does not run: ${why}`);
    writeFileSync(join(part, 'finished.json'), `${JSON.stringify({ tfjsNode: TFJS_NODE, tensorflow: TENSORFLOW, arch: process.arch }, null, 2)}\n`);
    if (existsSync(stamp)) abandon(); // another run was faster
    else {
      rmSync(directory, { recursive: true, force: true });
      renameSync(part, directory);
    }
    return { packaged, works };
  } catch (e) {
    abandon();
    throw e;
  }
}

/** Puts a link to the cached package where the checkout's own code looks for it. */
function link(packaged, place) {
  mkdirSync(dirname(place), { recursive: true });
  if (lstatSync(place, { throwIfNoEntry: false })) rmSync(place, { recursive: true });
  symlinkSync(packaged, place);
}

function main() {
  const place = join(checkout, 'node_modules', '@tensorflow', 'tfjs-node');
  const version = existsSync(join(place, 'package.json')) ? JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')).version : null;
  if (version === TFJS_NODE) {
    const { works } = smoke(place);
    if (works) return say(`already in place: ${works}, native`);
  }
  const { packaged, works } = cached();
  link(packaged, place);
  const check = smoke(place);
  if (!check.works) throw new Refusal(`@tensorflow/tfjs-node was built, but does not load from ${place}: ${check.why}`);
  say(`${works}, native, in ${place}`);
  console.log(`For an installed extension set complexNtk.tfjsNodePath to ${packaged}`);
}

try {
  main();
} catch (e) {
  if (!(e instanceof Refusal)) throw e;
  console.error(e.message);
  process.exit(1);
}
