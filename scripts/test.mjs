// `npm test`: set-up, type check, unit tests. `backends`: the finite-width tests, which then fail where tfjs-node does not
// load. `editor`: the packaged extension in a real editor. Knows no single test.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { mustRun, root, say, setUp } from './setup.mjs';

/** Test files under a folder of test/, in a fixed order. */
function testsIn(folder, leaveOut = []) {
  const top = path.join(root, 'test', folder);
  return readdirSync(top, { recursive: true })
    .filter((name) => name.endsWith('.test.ts') && !leaveOut.some((f) => name.startsWith(f + path.sep)))
    .map((name) => path.join('test', folder, name))
    .sort();
}

/** Runs test files with the runner of Node; the exit code of this process is then the runner's. */
function runTests(files, { concurrency, env = {} }) {
  if (files.length === 0) {
    say('no test files found: nothing was tested.');
    process.exit(1);
  }
  const done = spawnSync(process.execPath, ['--import', 'tsx', '--test', `--test-concurrency=${concurrency}`, ...files], {
    cwd: root, stdio: 'inherit', env: { ...process.env, ...env },
  });
  process.exitCode = done.status ?? 1;
}

const [what = 'all'] = process.argv.slice(2);
switch (what) {
  case 'all':
    setUp();
    mustRun('npm', ['run', '--silent', 'typecheck'], 'checking types');
    say('unit tests');
    // More than the cores of a small machine: browser and command-line tests mostly wait.
    runTests(testsIn('', ['editor']), { concurrency: 3 });
    break;
  case 'backends':
    setUp();
    say('finite-width tests, tfjs-node required');
    runTests(testsIn('network'), { concurrency: 1, env: { COMPLEX_NTK_REQUIRE_NATIVE: '1' } });
    break;
  case 'editor':
    setUp();
    mustRun('npm', ['run', '--silent', 'package'], 'packaging the extension');
    mustRun('bash', [path.join('test', 'editor', 'setup.sh')], 'preparing a real editor');
    say('tests in a real editor');
    runTests(testsIn('editor', ['vscode']), { concurrency: 1 });
    break;
  default:
    say(`there is no test set "${what}"; there are: (none), backends, editor.`);
    process.exitCode = 2;
}
