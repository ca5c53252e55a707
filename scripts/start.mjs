// `npm start [-- FILE] [options]`: analyses a model file, the example where none is given. Knows no option but --out and --help.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, setUp } from './setup.mjs';

/**
 * Arguments of `complex-ntk` for what was typed after `npm start --`: a first word that is no option is the file.
 * @param {string[]} given @param {string} here the folder that relative paths are meant from
 */
export function argumentsFor(given, here) {
  const hasFile = given[0] !== undefined && !given[0].startsWith('-');
  const file = hasFile ? given[0] : path.relative(here, path.join(root, 'examples', 'radio_classifier.py'));
  const rest = hasFile ? given.slice(1) : given;
  const saysWhere = rest.some((a) => a === '--out' || a.startsWith('--out=') || a === '--help');
  return ['analyze', file, ...(saysWhere ? [] : ['--out', 'complex-ntk-out']), ...rest];
}

function start() {
  // npm moves into the package's folder; a path that the user typed is meant from where it was typed.
  const here = process.env.npm_lifecycle_event === 'start' && process.env.INIT_CWD ? process.env.INIT_CWD : process.cwd();
  setUp();
  const child = spawn(process.execPath, [path.join(root, 'dist', 'cli.js'), ...argumentsFor(process.argv.slice(2), here)], { cwd: here, stdio: 'inherit' });
  // The terminal sends Ctrl-C to both; the child cleans up and says the exit code.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.once('error', (e) => {
    process.stderr.write(`complex-ntk: the command line could not be started: ${e.message}\n`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

if (process.argv[1] && fileURLToPath(import.meta.url) === path.resolve(process.argv[1])) start();
