// `npm start [-- FILE] [options]`: analyses a model file, the example where none is given. Knows no option but --out.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { root, setUp } from './setup.mjs';

// npm moves into the package's folder; a path that the user typed is meant from where it was typed.
const here = process.env.npm_lifecycle_event === 'start' && process.env.INIT_CWD ? process.env.INIT_CWD : process.cwd();
const given = process.argv.slice(2);
const ours = path.relative(here, path.join(root, 'examples', 'radio_classifier.py'));
const [file, rest] = given[0] !== undefined && !given[0].startsWith('-') ? [given[0], given.slice(1)] : [ours, given];
const out = rest.some((a) => a === '--out' || a.startsWith('--out=') || a === '--help') ? [] : ['--out', 'complex-ntk-out'];

setUp();
const child = spawn(process.execPath, [path.join(root, 'dist', 'cli.js'), 'analyze', file, ...out, ...rest], { cwd: here, stdio: 'inherit' });
// The terminal sends Ctrl-C to both; the child cleans up and says the exit code.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.once('error', (e) => {
  process.stderr.write(`complex-ntk: the command line could not be started: ${e.message}\n`);
  process.exit(1);
});
child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
