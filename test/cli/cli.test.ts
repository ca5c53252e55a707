// The command line as a user runs it: results, exit codes, messages, files.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { strFromU8, unzipSync } from 'fflate';
import { encodeNpy, fromMemory, readNpy } from '../../src/data/index.ts';
import { root, run } from './run.ts';

const dir = mkdtempSync(join(tmpdir(), 'complex-ntk-cli-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const at = (name: string) => join(dir, name);
const reference = (name: string) => JSON.parse(readFileSync(join(root, 'test/reference', `${name}.json`), 'utf8'));
const spec = (r: { activation: string; parameters: object; depth: number; weightVariance: number; biasVariance: number; inputs: unknown[][] }) => ({
  complexNtk: 1, name: 'net', field: 'complex', input: [r.inputs[0]!.length],
  defaults: { weightVariance: r.weightVariance, biasVariance: r.biasVariance },
  layers: [...Array.from({ length: r.depth }, () => [{ kind: 'dense' }, { kind: 'activation', name: r.activation, parameters: r.parameters }]).flat(), { kind: 'dense' }],
});

async function readNpz(path: string) {
  const entries = unzipSync(readFileSync(path));
  return Object.fromEntries(await Promise.all(Object.entries(entries).map(async ([name, bytes]) => [name.replace(/\.npy$/, ''), await readNpy(fromMemory(name, bytes))] as const)));
}

/** Runs what a result's `command` says, and takes the result's own numbers from it. */
async function again(command: string, out: string) {
  const { code, stdout, stderr } = await run([...command.split(' ').slice(1, -1), out, '--json']);
  assert.equal(code, 0, stderr);
  return { ...JSON.parse(stdout), seconds: null };
}

test('dual: all reference rows from a file, in order; a refused row stands in its place', async () => {
  const rows = reference('duals');
  writeFileSync(at('rows.json'), JSON.stringify([...rows, { activation: 'split-relu', parameters: {}, std: [1, 1], rho: [2, 0] }, { activation: 'nothing', parameters: {}, std: [1, 1], rho: [0, 0] }, 7]));
  const { code, stdout } = await run(['dual', '--from', at('rows.json'), '--json']);
  assert.equal(code, 0);
  const got = JSON.parse(stdout);
  assert.equal(got.length, rows.length + 3);
  rows.forEach((r: { S: number[]; std: number[] }, i: number) => assert.ok(Math.hypot(got[i].S[0] - r.S[0]!, got[i].S[1] - r.S[1]!) <= 1e-8 * r.std[0]! * r.std[1]!, `row ${i}`));
  assert.match(got.at(-3).reason, /unit circle/);
  assert.match(got.at(-2).reason, /No activation is called "nothing"/);
  assert.equal(got.at(-1).S, null);
});

test('dual: values that start with a minus, both ways; parameters; text and JSON', async () => {
  const args = ['dual', '--activation', 'modrelu', '--parameter', 'bias=-0.5', '--std', '1,2', '--json'];
  const [one, two] = await Promise.all([run([...args, '--rho', '-0.3+0.4i']), run([...args, '--rho=-0.3+0.4i'])]);
  assert.equal(one.code, 0);
  assert.equal(one.stdout, two.stdout);
  const { schema, S, A, B, method, error } = JSON.parse(one.stdout);
  assert.equal(schema, 1);
  // An equivariant activation's S has the phase of rho.
  assert.ok(Math.abs(S[0] * 0.4 + S[1] * 0.3) < 1e-12 && S[0] < 0 && A[0] > 0 && B.length === 2);
  assert.ok(['closed', 'series', 'quadrature'].includes(method) && error < 1e-8);
  const text = await run(['dual', '--activation', 'split-relu', '--rho', '0.5i']);
  assert.match(text.stdout, /^S = .*\nA = .*\nB = .*\nclosed, error at most/);
});

test('dual and usage: what is wrong is named, exit code 2', async () => {
  const cases: [string[], RegExp][] = [
    [['dual', '--activation', 'modrelu', '--parameter', 'slope=1'], /no parameter slope; it has bias/],
    [['dual', '--activation', 'relu2'], /No activation is called "relu2"/],
    [['dual', '--activation', 'split-relu', '--rho', 'half'], /complex number/],
    [['dual', '--from', at('none.json')], /none\.json/],
    [['dual', '--frm', 'x'], /--frm/],
    [['nothing'], /unknown command/],
    [['analyze', '--out', at('o')], /missing required argument 'file'/],
    [['analyze', 'examples/radio_classifier.py'], /--out/],
    [['analyze', 'examples/radio_classifier.py', '--out', at('o'), '--samples', '0'], /whole number/],
    [['analyze', 'examples/radio_classifier.py', '--out', at('o'), '--only', 'everything'], /kernels, spectrum/],
    [['analyze', at('missing.py'), '--out', at('o')], /missing\.py/],
    [['analyze', 'examples/radio_classifier.py', '--out', at('o'), '--steps', '5'], /--steps is an option of training.*Add --train/],
    [['analyze', 'examples/radio_classifier.py', '--out', at('o'), '--train-twins', 'none'], /--train-twins is an option of training/],
    [['analyze', 'examples/radio_classifier.py', '--out', at('o'), '--train', 'adagrad'], /sgd, momentum, adam/],
    [['analyze', 'examples/radio_classifier.py', '--out', at('o'), '--train', '--learning-rate', '0'], /above 0/],
    [['analyze', 'examples/radio_classifier.py', '--out', at('o'), '--train', '--momentum', '0.5'], /--momentum belongs to --train momentum/],
    [['analyze', 'examples/radio_classifier.py', '--out', at('o'), '--train', 'momentum', '--momentum', '1'], /below 1/],
    [['analyze', 'examples/radio_classifier.py', '--out', at('o'), '--train', '--train-twins', 'triplets'], /same-widths, double-widths, matched-parameters/],
    [['analyze', 'examples/radio_classifier.py', '--out', at('o'), '--law', 'cauchy'], /normal, library/],
    [['analyze', dir, '--out', at('o')], /director|folder/],
  ];
  for (const [args, words] of cases) {
    const { code, stdout, stderr } = await run(args);
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, words, args.join(' '));
    assert.equal(stdout, '');
  }
  assert.equal(existsSync(at('o')), false);
  const help = await run(['kernel', '--help']);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /--inputs/);
});

test('kernel: reference networks through SPEC, .npy and .npz', async () => {
  const rows = reference('networks');
  for (const r of [rows[0], rows[7], rows.at(-1)]) {
    writeFileSync(at('net.ntk.json'), JSON.stringify(spec(r)));
    const [n, d] = [r.inputs.length, r.inputs[0].length];
    const flat = r.inputs.flat() as [number, number][];
    writeFileSync(at('x.npy'), encodeNpy({ shape: [n, d], re: Float64Array.from(flat, (z) => z[0]), im: Float64Array.from(flat, (z) => z[1]) }));
    const { code, stderr, stdout } = await run(['kernel', at('net.ntk.json'), '--inputs', at('x.npy'), '--out', at('k.npz')]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '');
    const arrays = await readNpz(at('k.npz'));
    assert.deepEqual(Object.keys(arrays).sort(), ['holomorphic_ntk', 'nngp', 'ntk', 'twin_nngp', 'twin_ntk']);
    for (const name of ['nngp', 'ntk']) {
      const want = r[name].flat() as [number, number][];
      const top = Math.max(...want.map((z) => Math.hypot(...z)));
      const { shape, re, im } = arrays[name]!;
      assert.deepEqual(shape, [n, n]);
      want.forEach((z, k) => assert.ok(Math.hypot(re[k]! - z[0], im![k]! - z[1]) <= 1e-8 * top, `${r.activation} ${name}`));
    }
  }
});

test('kernel: real networks write float64 and no twins; an architecture without a kernel is refused by name', async () => {
  const real = { complexNtk: 1, name: 'r', field: 'real', input: [3], layers: [{ kind: 'dense' }, { kind: 'activation', name: 'relu', parameters: {} }, { kind: 'dense' }] };
  writeFileSync(at('real.ntk.json'), JSON.stringify(real));
  writeFileSync(at('r.npy'), encodeNpy({ shape: [2, 3], re: Float64Array.of(1, 2, 3, -1, 0, 2) }));
  assert.equal((await run(['kernel', at('real.ntk.json'), '--inputs', at('r.npy'), '--out', at('r.npz')])).code, 0);
  const entries = unzipSync(readFileSync(at('r.npz')));
  assert.deepEqual(Object.keys(entries).sort(), ['nngp.npy', 'ntk.npy']);
  assert.match(strFromU8(entries['ntk.npy']!.slice(0, 128), true), /'<f8'/);
  writeFileSync(at('conv.ntk.json'), JSON.stringify({ ...real, input: [8, 1], layers: [{ kind: 'conv1d', kernel: [3] }] }));
  const conv = await run(['kernel', at('conv.ntk.json'), '--inputs', at('r.npy'), '--out', at('c.npz')]);
  assert.equal(conv.code, 1);
  assert.match(conv.stderr, /conv1d1 .*6 positions\. Add flatten or global-average-pool, then dense/);
  assert.equal(existsSync(at('c.npz')), false);
});

test('kernel and analyze: a specification with errors is refused, not computed with defaults', async () => {
  const wrong = { complexNtk: 1, name: 'w', field: 'complex', input: [2], defaults: { weightVariance: -2 }, layers: [{ kind: 'dense' }, { kind: 'activation', name: 'modrelu', parameters: { bais: -0.9 } }, { kind: 'dense' }] };
  writeFileSync(at('wrong.ntk.json'), JSON.stringify(wrong));
  for (const args of [['kernel', at('wrong.ntk.json'), '--inputs', at('x.npy'), '--out', at('w.npz')], ['analyze', at('wrong.ntk.json'), '--out', at('w')]]) {
    const { code, stderr } = await run(args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /weightVariance/);
    assert.match(stderr, /bais/);
  }
  assert.equal(existsSync(at('w.npz')) || existsSync(at('w')), false);
});

test('analyze: the example, its three files, and the command line that makes it again', async () => {
  const out = at('example');
  const first = await run(['analyze', 'examples/radio_classifier.py', '--samples', '16', '--out', out]);
  assert.equal(first.code, 0, first.stderr);
  assert.deepEqual(readdirSync(out).sort(), ['kernel.npz', 'report.html', 'result.json']);
  const result = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'));
  assert.match(first.stdout, new RegExp(result.verdict.sentence.slice(0, 30)));
  assert.match(first.stderr, /Wrote .*report\.html/);
  assert.match(result.command, / --out complex-ntk-out$/);
  assert.deepEqual(await again(result.command, at('again')), { ...result, seconds: null });
  assert.deepEqual(readFileSync(join(at('again'), 'kernel.npz')), readFileSync(join(out, 'kernel.npz')));
});

test('analyze: a training with nothing as usual, and the command line that makes it again', async () => {
  const out = at('trained');
  const options = ['--samples', '8', '--widths', '16', '--seeds', '2', '--backend', 'wasm', '--law', 'library', '--read-out', '--batch-norm', 'training'];
  const training = ['--train', 'momentum', '--steps', '6', '--learning-rate', '0.0001', '--momentum', '0.5', '--train-width', '12', '--parameterisation', 'standard', '--train-twins', 'same-widths,double-widths'];
  const first = await run(['analyze', 'examples/radio_classifier.py', ...options, ...training, '--out', out, '--json']);
  assert.equal(first.code, 0, first.stderr);
  const result = JSON.parse(first.stdout);
  const { finiteTraining, finiteWidth, command } = result;
  assert.deepEqual(finiteTraining.options, {
    optimizer: 'momentum', steps: 6, learningRate: 0.0001, momentum: 0.5, width: 12, parameterisation: 'standard', twins: ['same-widths', 'double-widths'],
  });
  assert.deepEqual(finiteTraining.curves.map((c: { network: string }) => c.network), ['network', 'same-widths', 'double-widths']);
  assert.deepEqual([finiteTraining.law, finiteWidth.law, finiteTraining.seeds.length], ['library', 'library', 2]);
  for (const words of [options.slice(2), training]) assert.ok(command.includes(words.join(' ')), command);
  assert.deepEqual(await again(command, at('trained-again')), { ...result, seconds: null });
  assert.deepEqual(readFileSync(join(at('trained-again'), 'kernel.npz')), readFileSync(join(out, 'kernel.npz')));
});

test('analyze: a training as usual needs no words of its own; no twins are `none`', async () => {
  const narrow = { complexNtk: 1, name: 'narrow', field: 'complex', input: [6], layers: [{ kind: 'dense', units: 8 }, { kind: 'activation', name: 'cardioid' }, { kind: 'dense', units: 7 }] };
  writeFileSync(at('narrow.ntk.json'), JSON.stringify(narrow));
  const common = [at('narrow.ntk.json'), '--samples', '8', '--seeds', '1', '--backend', 'cpu', '--train'];
  const { code, stdout, stderr } = await run(['analyze', ...common, '--out', at('usual'), '--json']);
  assert.equal(code, 0, stderr);
  const { command, finiteTraining, finiteWidth } = JSON.parse(stdout);
  assert.match(command, / --seeds 1 --backend cpu --train sgd --tolerance /);
  assert.equal(finiteWidth, null);
  assert.deepEqual(finiteTraining.curves.map((c: { network: string }) => c.network), ['network', 'matched-parameters']);
  const alone = await run(['analyze', ...common, 'adam', '--train-twins', 'none', '--steps', '3', '--out', at('alone'), '--json']);
  assert.equal(alone.code, 0, alone.stderr);
  const result = JSON.parse(alone.stdout);
  assert.match(result.command, / --train adam --steps 3 --train-twins none /);
  assert.deepEqual(result.finiteTraining.curves.map((c: { network: string }) => c.network), ['network']);
  assert.deepEqual(await again(result.command, at('alone-again')), { ...result, seconds: null });
});

test('analyze: a network without a kernel is refused with what can be done, and then analysed by drawn ones', async () => {
  const pooled = {
    complexNtk: 1, name: 'pooled', field: 'complex', input: [8, 1],
    layers: [{ kind: 'conv1d', kernel: [3], channels: 6 }, { kind: 'activation', name: 'cardioid' }, { kind: 'max-pool', window: [2] }, { kind: 'flatten' }, { kind: 'dense', units: 7 }],
  };
  writeFileSync(at('pooled.ntk.json'), JSON.stringify(pooled));
  const common = ['analyze', at('pooled.ntk.json'), '--samples', '7', '--seeds', '2', '--backend', 'wasm'];
  const refused = await run([...common, '--out', at('o')]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /max-pool1 .*add --widths 64,256 or --train\.\n$/);
  const drawn = await run([...common, '--widths', '8', '--train', '--steps', '3', '--out', at('pooled'), '--json']);
  assert.equal(drawn.code, 0, drawn.stderr);
  const { kernels, finiteWidth, finiteTraining } = JSON.parse(drawn.stdout);
  assert.match(kernels.ntk.reason, /maximum/);
  assert.deepEqual(finiteWidth.rows.map((r: { width: number; asWritten: boolean }) => [r.width, r.asWritten]), [[6, true], [8, false]]);
  assert.ok(finiteTraining.curves[0].residual.at(-1) < 1);
  assert.ok(Object.keys(await readNpz(join(at('pooled'), 'kernel.npz'))).includes('finite_ntk'));
  // What can not be drawn either is not advised.
  writeFileSync(at('unread.py'), 'from torch import nn\nimport torch\nnet = nn.Sequential(nn.Linear(4, 4, dtype=torch.cfloat), Mystery(), nn.Linear(4, 2, dtype=torch.cfloat))\n');
  const unread = await run(['analyze', at('unread.py'), '--shape', '4', '--out', at('o')]);
  assert.equal(unread.code, 1);
  assert.match(unread.stderr, /could not be read/);
  assert.doesNotMatch(unread.stderr, /--widths/);
  const layers = ['a', 'b', 'c'].map((name) => `        self.${name} = nn.Linear(4, 4, dtype=torch.cfloat)\n`).join('');
  writeFileSync(at('apart.py'), `from torch import nn\nimport torch\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n${layers}    def forward(self, x):\n        h = self.a(x)\n        y = self.c(h)\n        return self.b(h)\n`);
  const apart = await run(['analyze', at('apart.py'), '--out', at('o')]);
  assert.equal(apart.code, 1, apart.stderr);
  assert.match(apart.stderr, /not on the way from the input to the output\.\n$/);
});

test('analyze: finite widths are drawn from seeds and told with their backend', async () => {
  const args = ['analyze', 'examples/radio_classifier.py', '--samples', '8', '--widths', '16,64', '--seeds', '2', '--backend', 'wasm', '--json'];
  const { code, stdout, stderr } = await run([...args, '--out', at('finite')]);
  assert.equal(code, 0, stderr);
  const { finiteWidth } = JSON.parse(stdout);
  assert.deepEqual(finiteWidth.rows.map((r: { width: number; asWritten: boolean }) => [r.width, r.asWritten]), [[16, false], [64, false], [512, true]]);
  assert.match(finiteWidth.backend, /WebAssembly/);
  assert.ok(finiteWidth.rows[1].distance.value < finiteWidth.rows[0].distance.value);
  assert.equal(finiteWidth.rows[0].distance.method, 'monte-carlo');
});

test('analyze: several models, no model, no shape, text that cannot be read', async () => {
  const block = (name: string) => `import torch\nfrom torch import nn\nclass ${name}(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(4, 2, dtype=torch.cfloat)\n    def forward(self, x):\n        return self.a(x)\n`;
  writeFileSync(at('two.py'), block('First') + block('Second'));
  writeFileSync(at('none.py'), 'print("hello")\n');
  writeFileSync(at('binary.py'), Uint8Array.of(0, 1, 2, 0xff, 0xfe));
  writeFileSync(at('empty.py'), '');
  for (const [file, words] of [['two.py', /2 models.*--model.*First \(line 3\), Second/], ['none.py', /No model was found/], ['binary.py', /No model was found.*binary/], ['empty.py', /empty/]] as const) {
    const { code, stderr } = await run(['analyze', at(file), '--out', at('o')]);
    assert.equal(code, 2, `${file}: ${stderr}`);
    assert.match(stderr, words);
  }
  assert.equal((await run(['analyze', at('two.py'), '--model', 'Second', '--samples', '4', '--out', at('second')])).code, 0);
  const wrong = await run(['analyze', at('two.py'), '--model', 'Third', '--out', at('o')]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /no model Third/);
});

test('analyze: inputs that do not fit, too many samples for the memory', async () => {
  writeFileSync(at('small.npy'), encodeNpy({ shape: [3, 5], re: new Float64Array(15).fill(1) }));
  const misfit = await run(['analyze', 'examples/radio_classifier.py', '--inputs', at('small.npy'), '--out', at('o')]);
  assert.equal(misfit.code, 2);
  assert.match(misfit.stderr, /128/);
  const large = await run(['analyze', 'examples/radio_classifier.py', '--samples', '3000', '--memory-limit', '100', '--out', at('o')]);
  assert.equal(large.code, 1);
  assert.match(large.stderr, /3000 samples.*--samples/s);
  assert.equal(existsSync(at('o')), false);
});

test('analyze: an output folder that cannot be written leaves no half-written file', async () => {
  writeFileSync(at('file'), 'in the way');
  const { code, stderr } = await run(['analyze', 'examples/radio_classifier.py', '--samples', '4', '--out', at('file')]);
  assert.equal(code, 1);
  assert.match(stderr, /file/);
  assert.equal(readFileSync(at('file'), 'utf8'), 'in the way');
  if (process.getuid?.() === 0) return; // root may write anywhere
  mkdirSync(at('locked'));
  chmodSync(at('locked'), 0o500);
  const locked = await run(['analyze', 'examples/radio_classifier.py', '--samples', '4', '--out', at('locked')]);
  assert.equal(locked.code, 1);
  assert.deepEqual(readdirSync(at('locked')), []);
});

test('analyze: Ctrl-C ends with 130 and leaves nothing', async () => {
  const { code, stderr } = await run(['analyze', 'examples/radio_classifier.py', '--samples', '700', '--out', at('stopped')], { interruptOn: /Kernels/ });
  assert.equal(code, 130, stderr);
  assert.match(stderr, /interrupted/);
  assert.equal(existsSync(join(at('stopped'), 'result.json')), false);
});

test('parse and activations: JSON of the documented shape', async () => {
  const { code, stdout } = await run(['parse', 'examples/radio_classifier.py', '--json']);
  assert.equal(code, 0);
  const { schema, models, problems } = JSON.parse(stdout);
  assert.equal(schema, 1);
  assert.ok(models[0].layers.some((l: { kind: string }) => l.kind === 'activation'));
  assert.ok(models[0].graph.edges.length > 0 && Array.isArray(problems));
  assert.equal((await run(['parse', 'README.md'])).code, 0);
  const list = JSON.parse((await run(['activations', '--json'])).stdout);
  const modrelu = list.find((a: { id: string }) => a.id === 'modrelu');
  assert.deepEqual([modrelu.field, modrelu.limit, modrelu.structure], ['complex', 'ntk', ['equivariant']]);
  assert.ok(modrelu.libraries.length >= 2);
});

const BLOCK = `import torch
from torch import nn
import complextorch.nn as cnn
class Block(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.fc = nn.Linear(8, size, dtype=torch.cfloat)
        self.act = cnn.modReLU(-0.1)
    def forward(self, x):
        return self.act(self.fc(x))
`;

test('parse: layers that stand in another file of the project', async () => {
  mkdirSync(join(dir, 'project/models'), { recursive: true });
  writeFileSync(at('project/setup.cfg'), '');
  writeFileSync(at('project/models/layers.py'), BLOCK);
  writeFileSync(at('project/net.py'), 'import torch\nfrom torch import nn\nfrom models.layers import Block\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = Block(32)\n        self.b = nn.Linear(32, 2, dtype=torch.cfloat)\n    def forward(self, x):\n        return self.b(self.a(x))\n');
  const { code, stdout } = await run(['parse', at('project/net.py'), '--json']);
  assert.equal(code, 0);
  const { models } = JSON.parse(stdout);
  assert.deepEqual(models.map((m: { name: string; layers: { kind: string; name: string; output: number[] }[] }) => [m.name, m.layers.map((l) => `${l.kind} ${l.output}`)]), [['Net', ['dense 32', 'activation 32', 'dense 2']]]);
});

test('--silence leaves messages out and the result alone; a code that is not there is refused with those near it', async () => {
  writeFileSync(at('two_problems.py'), 'import torch\nfrom torch import nn\nimport torchcvnn.nn as c_nn\nmodel = nn.Sequential(nn.Linear(8, 32, dtype=torch.cfloat), c_nn.modReLU(), nn.Linear(33, 2, dtype=torch.cfloat))\n');
  const codes = async (...more: string[]) => (JSON.parse((await run(['parse', at('two_problems.py'), '--json', ...more])).stdout) as { problems: { code: string }[] }).problems.map((p) => p.code);
  const all = await codes();
  assert.ok(all.includes('modrelu-identity') && all.includes('shape-mismatch'), all.join(' '));
  assert.deepEqual(await codes('--silence', 'modrelu-identity'), all.filter((code) => code !== 'modrelu-identity'));
  assert.deepEqual(await codes('--silence', 'modrelu-identity, shape-mismatch', '--silence', 'no-model'), all.filter((code) => !['modrelu-identity', 'shape-mismatch'].includes(code)));
  assert.doesNotMatch((await run(['parse', at('two_problems.py'), '--silence', 'shape-mismatch'])).stdout, /shape-mismatch/);

  writeFileSync(at('quiet.py'), 'import torch\nfrom torch import nn\nimport torchcvnn.nn as c_nn\nmodel = nn.Sequential(nn.Linear(8, 32, dtype=torch.cfloat), c_nn.modReLU(), nn.Linear(32, 2, dtype=torch.cfloat))\n');
  const analyze = (...more: string[]) => run(['analyze', at('quiet.py'), '--samples', '4', '--out', at('quiet'), ...more]);
  const loud = await analyze();
  const found = (JSON.parse(readFileSync(at('quiet/result.json'), 'utf8')) as { findings: { code: string }[] }).findings.map((f) => f.code);
  assert.match(loud.stderr, /modrelu-identity/);
  // The verdict's word may be that of a finding.
  const told = (code: string) => new RegExp(`(error|warning|information|hint) ${code}\\b|\\[${code}\\]`);
  assert.ok(found.length > 0);
  for (const code of found) assert.match(loud.stdout, told(code));
  const silent = await analyze('--silence', ['modrelu-identity', ...found].join(','));
  assert.equal(silent.code, 0, silent.stderr);
  for (const code of ['modrelu-identity', ...found]) assert.doesNotMatch(silent.stdout + silent.stderr, told(code));
  assert.deepEqual((JSON.parse(readFileSync(at('quiet/result.json'), 'utf8')) as { findings: { code: string }[] }).findings.map((f) => f.code), found);

  for (const [typed, words] of [['modrelu-identty', /no problem code "modrelu-identty".*modrelu-identity/s], ['zabsrelu', /zabsrelu-inverted, zabsrelu-identity|zabsrelu-identity, zabsrelu-inverted/], ['xyzzyxyzzy', /there are .*empty-file/s]] as const) {
    // Both commands read their codes by one function; analyze shows it for one of them.
    for (const args of typed === 'zabsrelu' ? [['analyze', at('quiet.py'), '--out', at('o')]] : [['parse', at('quiet.py')]]) {
      const { code, stderr, stdout } = await run([...args, '--silence', typed]);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, words);
    }
  }
});
