// The packaged extension in a real VS Code, as a user meets it: from a model file to a verdict beside the code, and what
// happens when things break. Knows the page's test ids and the commands; computes the expected numbers with the command line.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { FrameLocator, Locator } from 'playwright-core';
import { Editor, THEMES, type Complaint, type ThemeName } from './editor.ts';
import { waitFor } from './server.ts';

const here = import.meta.dirname;
const root = path.join(here, '..', '..');
const artifacts = path.join(here, 'artifacts');
const ID = 'complex-ntk.complex-ntk';
const EXAMPLE = 'radio_classifier.py';
/** Samples whose kernels take long enough to be caught at work. */
const SLOW = 800;

/** What VS Code and code-server themselves say. */
const THEIRS = [
  /\/vsda(_bg\.wasm|\.js)$/, // a closed module of Microsoft's that code-server has not
  /Timed out waiting for authentication provider 'github'/, // an account look-up on a slow start
  /Long running operations during shutdown are unsupported in the web/, // at a reload
];
const ours = (all: readonly Complaint[]) => all.filter((c) => !THEIRS.some((t) => t.test(c.text) || t.test(c.url)));

interface Layer { id: string; kind: string; name: string | null; span: { line: number; column: number } | null; spelling?: string }
interface Expected { verdict: { word: string; sentence: string }; layers: { id: string }[]; findings: { code: string }[] }

/** Answer of the command line built from the same sources: JSON from stdout. */
async function cli<T>(...args: string[]): Promise<T> {
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(root, 'dist', 'cli.js'), ...args], { maxBuffer: 1 << 28 });
  return JSON.parse(stdout) as T;
}

/** The part of a browser's canvas that is read here: these tests are checked without the browser's types. */
interface Canvas {
  width: number;
  height: number;
  getContext(kind: '2d'): { getImageData(x: number, y: number, width: number, height: number): { data: { buffer: ArrayBuffer } } };
}

/** RGBA of a canvas as it was painted, before the page stretches it. */
async function painted(canvas: Locator): Promise<{ width: number; height: number; pixels: Uint32Array }> {
  const { width, height, data } = await canvas.evaluate((c: Canvas) => ({
    width: c.width, height: c.height, data: Array.from(new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)),
  }));
  return { width, height, pixels: Uint32Array.from(data) };
}

describe('Complex NTK in a real VS Code', { timeout: 600_000 }, () => {
  let ed: Editor;
  const panel = (): FrameLocator => ed.webview(ID);
  const state = (): Locator => panel().getByTestId('state');
  const ready = (): Promise<void> => panel().locator('body[data-ready="true"]').waitFor();
  const analyze = (): Promise<void> => ed.command('complexNtk.analyze', 'Complex NTK: Analyze NTK');
  /** Waits until the panel shows a finished result of this file. */
  async function fresh(title: RegExp): Promise<void> {
    await ready();
    await panel().getByRole('heading', { level: 1, name: title }).waitFor();
    await stateIs('fresh');
    await panel().getByTestId('verdict-word').waitFor();
  }
  const stateIs = (name: string): Promise<void> =>
    panel().locator(`[data-testid="state"][data-state="${name}"]`).waitFor({ state: 'attached', timeout: 60_000 });
  const samples = (n: number): Promise<void> => ed.setting('complexNtk.inputs.samples', n);
  /** Time for an edit or a setting to be noticed, where nothing on the page tells that it was. */
  const noticed = () => new Promise((r) => setTimeout(r, 2_000));
  const engines = () => ed.server.processes().filter((p) => /engine\.cjs/.test(p.command));

  before(async () => {
    const vsix = path.join(root, 'out', 'complex-ntk.vsix');
    assert.ok(existsSync(vsix), `${vsix} is missing: run npm run test:editor, which packages it`);
    const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    ed = await Editor.start({
      vsix, artifacts,
      folders: [path.join(root, 'examples'), path.join(here, 'models')],
      files: {
        'empty.py': '',
        'hostile.py': `import torch.nn as nn\nmodel = nn.Sequential(${nested})\nclass Evil(nn.Module):\n    """<img src=x onerror=alert(1)> [run](command:workbench.action.closeWindow)"""\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear("<img src=x onerror=alert(1)>", ${'9'.repeat(400)})\n    def forward(self, x):\n        return Evil()(self.a(x))\n`,
        'network.ipynb': JSON.stringify({
          nbformat: 4, nbformat_minor: 5, metadata: { language_info: { name: 'python' }, kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } },
          cells: [
            { cell_type: 'code', id: 'one', metadata: {}, outputs: [], execution_count: null, source: ['%pip install complextorch\n', 'import torch.nn as nn\n', 'import complextorch.nn as cnn'] },
            { cell_type: 'markdown', id: 'two', metadata: {}, source: ['# A network'] },
            { cell_type: 'code', id: 'three', metadata: {}, outputs: [], execution_count: null, source: ['class Cell(nn.Module):\n', '    def __init__(self):\n', '        super().__init__()\n', '        self.first = cnn.Linear(16, 32)\n', '        self.second = cnn.Linear(33, 1)\n', '    def forward(self, x):\n', '        return self.second(self.first(x))'] },
          ],
        }),
        'weights.py': Uint8Array.from({ length: 4096 }, (_, i) => (i * 37) % 256),
      },
    });
  }, { timeout: 150_000 });

  afterEach((t) => ed?.shot(`after ${(t as TestContext).name}`.replace(/\W+/g, '-')));

  after(async () => {
    if (!ed) return;
    if (ed.retries.length > 0) console.log(`tried again: ${ed.retries.join('; ')}`);
    const { server } = ed;
    await ed.stop();
    assert.deepEqual(server.processes(), [], 'processes are left');
  });

  it('offers its commands on a Python file, and one icon in the title', async () => {
    await ed.open(EXAMPLE);
    await ed.token(EXAMPLE, 'import').waitFor();
    const icon = ed.page.locator('.editor-actions .action-label[aria-label^="Analyze NTK"], .editor-actions .action-label[aria-label*="Analyze NTK"]');
    await icon.first().waitFor();
    assert.equal(await icon.count(), 1);
    const rows = await ed.paletteRows('Complex NTK: ');
    for (const title of ['Analyze NTK', 'Choose Inputs', 'Show Log']) assert.ok(rows.some((r) => r.startsWith(`Complex NTK: ${title}`)), rows.join(' | '));
    assert.ok(!rows.some((r) => /Cancel Analysis/.test(r)), 'Cancel is offered with nothing to cancel');
  });

  it('shows a verdict beside the code, leaves the focus in the code, and agrees with the command line', async () => {
    await ed.open(EXAMPLE);
    await ed.goTo(EXAMPLE, 1);
    await analyze();
    await fresh(new RegExp(EXAMPLE.replace('.', '\\.')));
    assert.ok(await ed.hasFocus(EXAMPLE), 'the focus left the code');
    const out = await mkdtemp(path.join(tmpdir(), 'cntk-out-'));
    try {
      const expected = await cli<Expected>('analyze', path.join(root, 'examples', EXAMPLE), '--out', out, '--json');
      assert.equal(await panel().getByTestId('verdict').getAttribute('data-word'), expected.verdict.word);
      assert.equal(await panel().locator('.sentence').innerText(), expected.verdict.sentence);
      assert.equal(await panel().getByTestId('layers').locator('tbody tr').count(), expected.layers.length);
    } finally {
      await rm(out, { recursive: true, force: true });
    }
  });

  it('draws the kernels: many colours, symmetric as a Hermitian kernel is, and the same on the screen', async () => {
    const canvas = panel().getByTestId('heatmap-ntk-magnitude');
    const { width, height, pixels } = await painted(canvas);
    assert.equal(width, height);
    assert.ok(width >= 64, `${width} pixels for 64 samples`);
    const colours = new Set(pixels);
    assert.ok(colours.size > 16, `${colours.size} colours`);
    assert.ok([...colours].every((c) => c >>> 24 === 255), 'some pixel is not opaque');
    let odd = 0;
    for (let r = 0; r < height; r++) for (let c = 0; c < r; c++) if (pixels[r * width + c] !== pixels[c * width + r]) odd++;
    // |Theta_ij| and |Theta_ji| may be rounded to two sides of a colour's border.
    assert.ok(odd <= pixels.length / 500, `${odd} pixels differ from their mirror image`);
    const twin = await painted(panel().getByTestId('heatmap-twin'));
    assert.notDeepEqual(twin.pixels, pixels, 'the twin is drawn as the kernel itself');

    await canvas.scrollIntoViewIfNeeded();
    const seen = await ed.pixels(canvas);
    const onScreen = new Set<number>();
    for (let i = 0; i < seen.data.length; i += 4) onScreen.add((seen.data[i]! << 16) | (seen.data[i + 1]! << 8) | seen.data[i + 2]!);
    assert.ok(onScreen.size > 16, `${onScreen.size} colours on the screen`);
    await ed.shot('panel-heatmaps');
  });

  it('moves one cell cursor through all heatmaps by keyboard', async () => {
    const readout = panel().getByTestId('cell-readout');
    await panel().getByTestId('heatmap-ntk-magnitude').focus();
    await ed.page.keyboard.press('Control+Home');
    const first = await readout.innerText();
    await ed.page.keyboard.press('ArrowRight');
    const second = await readout.innerText();
    assert.notEqual(second, first);
    await ed.page.keyboard.press('ArrowLeft');
    assert.equal(await readout.innerText(), first);
  });

  it('draws the spectrum', async () => {
    const spectrum = panel().getByTestId('spectrum');
    await spectrum.scrollIntoViewIfNeeded();
    const { pixels } = await painted(spectrum.and(panel().locator('canvas')).or(spectrum.locator('canvas')).first());
    const drawn = pixels.reduce((n, p) => n + (p >>> 24 ? 1 : 0), 0) / pixels.length;
    assert.ok(drawn > 0.005 && drawn < 0.9, `${drawn} of the plot is drawn`);
    await ed.shot('panel-spectrum');
  });

  it('says at a hover what an activation is', async () => {
    const { models } = await cli<{ models: { layers: Layer[] }[] }>('parse', path.join(root, 'examples', EXAMPLE), '--json');
    const layer = models[0]!.layers.find((l) => l.kind === 'activation' && l.span)!;
    const rows = await cli<{ id: string; label: string; structure: string[] }[]>('activations', '--json');
    const activation = rows.find((a) => a.id === layer.name)!;
    await ed.goTo(EXAMPLE, layer.span!.line);
    const token = layer.spelling!.split('.').at(-1)!;
    const text = await ed.hover(EXAMPLE, token, new RegExp(activation.label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i'));
    assert.match(text, new RegExp(activation.structure[0]!, 'i'));
    assert.match(text, /=/, 'no formula');
    assert.match(text, /gain/i);
    await ed.shot('hover');
    await ed.page.mouse.move(700, 5);
  });

  it('lists problems with their codes', async () => {
    await ed.open('half_typed.py');
    const rows = await ed.problemRows(/shape-mismatch/);
    assert.ok(rows.some((r) => /33/.test(r) && /32/.test(r) && /shape-mismatch/.test(r)), rows.join(' | '));
    assert.ok(rows.some((r) => /syntax-error/.test(r)), rows.join(' | '));
    await ed.squiggles('half_typed.py').first().waitFor();
    await ed.shot('problems');
  });

  it('is legible in four themes', async () => {
    await ed.open(EXAMPLE);
    for (const name of Object.keys(THEMES) as ThemeName[]) {
      await ed.theme(name);
      await panel().locator(`body[data-vscode-theme-kind="${THEMES[name].kind}"]`).waitFor();
      await panel().getByTestId('verdict').scrollIntoViewIfNeeded();
      await ed.shot(`panel-${name}`);
      await panel().getByTestId('spectrum').scrollIntoViewIfNeeded();
      await ed.shot(`plots-${name}`);
    }
    await ed.theme('light');
  });

  it('comes back after a reload of the window', async () => {
    const sentence = await panel().locator('.sentence').innerText();
    await ed.reload();
    await ready();
    // The result lived in the extension's memory: the panel has it again, or offers to compute it.
    await waitFor('the panel after the reload', 60_000, async () => (await panel().getByTestId('verdict-word').count()) + (await panel().getByTestId('analyze').count()) > 0);
    await ed.shot('panel-after-reload');
    if ((await panel().getByTestId('verdict-word').count()) === 0) await panel().getByTestId('analyze').click();
    await panel().getByTestId('verdict-word').waitFor({ timeout: 60_000 });
    assert.equal(await panel().locator('.sentence').innerText(), sentence);
  });

  it('keeps a result when a comment is edited and marks it stale when a width is', async () => {
    const file = 'two_layers.py';
    const lines = (await readFile(path.join(here, 'models', file), 'utf8')).split('\n');
    const lineOf = (text: string) => lines.findIndex((l) => l.includes(text)) + 1;
    await ed.open(file);
    await ed.goTo(file, lineOf('WIDTH = 32'));
    await analyze();
    await fresh(/two_layers\.py/);

    await ed.goTo(file, lineOf('# a comment'));
    await ed.page.keyboard.press('End');
    await ed.page.keyboard.type(' and edited');
    await noticed();
    assert.equal(await state().getAttribute('data-state'), 'fresh');

    await ed.goTo(file, lineOf('WIDTH = 32'), 'WIDTH = '.length + 1);
    await ed.page.keyboard.press('Delete');
    await ed.page.keyboard.type('4');
    await stateIs('stale');
    // The text is drawn a moment after it is edited.
    await ed.editor(file).locator('.view-line').filter({ hasText: /WIDTH\s=\s42/ }).waitFor();
    assert.ok(await panel().getByTestId('verdict-word').isVisible(), 'the old result is gone');
    await ed.shot('panel-stale');
    await panel().getByTestId('recompute').click();
    await fresh(/two_layers\.py/);
  });

  it('survives the loss of its engine and says so', async () => {
    await ed.open('two_layers.py');
    await analyze();
    await fresh(/two_layers\.py/);
    await samples(SLOW);
    await stateIs('stale');
    await analyze();
    await stateIs('computing');
    const victim = await waitFor('an engine at work', 20_000, () => engines()[0]);
    process.kill(victim.pid, 'SIGKILL');
    await stateIs('failed');
    assert.match(await state().innerText(), /engine/i);
    assert.ok(await panel().getByTestId('verdict-word').isVisible(), 'the last result is gone');
    await ed.shot('panel-engine-lost');
    await samples(48);
    await noticed();
    await panel().getByTestId('recompute').click();
    await fresh(/two_layers\.py/);
    assert.match(await panel().getByTestId('verdict').innerText(), /48 samples/);
    assert.ok(!engines().some((p) => p.pid === victim.pid));
  });

  it('stops a computation when asked', async () => {
    await samples(SLOW);
    await stateIs('stale');
    await analyze();
    await stateIs('computing');
    await panel().getByTestId('cancel').click();
    await waitFor('the end of the computation', 20_000, async () => (await state().getAttribute('data-state')) !== 'computing');
    assert.match(await panel().getByTestId('verdict').innerText(), /48 samples/, 'the last result is gone');
    await ed.shot('panel-cancelled');
    // Back to the inputs of the result that is still there: it is right again without any computation.
    await samples(48);
    await stateIs('fresh');
  });

  it('bears hostile, empty and binary files', async () => {
    await ed.open('hostile.py');
    const rows = await ed.problemRows(/hostile\.py|nesting|unresolved|no-model|unknown-parameter/);
    assert.ok(rows.length > 1, rows.join(' | '));
    await analyze();
    await ed.shot('hostile');
    await ed.openTab('empty.py');
    await analyze();
    // VS Code shows no text of a binary file, so there is nothing to analyse; the extension lives on.
    await ed.openTab('weights.py');
    await ed.shot('binary');
    await ed.open('two_layers.py');
    await analyze();
    await fresh(/two_layers\.py/);
    assert.equal(await panel().locator('img').count(), 0, 'markup of the file became markup of the page');
  });

  it('follows an import into another file, offers a quick fix and applies it, and reads again when that file is edited', async () => {
    const file = 'imported_layers.py';
    await ed.open(file);
    const rows = await ed.problemRows(/dtype-mismatch/);
    // Rows of the other open files stand among them.
    assert.ok(!rows.some((r) => /Block.*unresolved-layer/.test(r)), rows.join(' | '));
    await ed.goTo(file, 11, 24);
    await ed.shot('problem-with-fix');
    const offered = await ed.quickFix(file, /dtype=torch\.cfloat/);
    for (const title of [/^Give it complex weights/, /^Silence dtype-mismatch in this workspace/, /^Silence dtype-mismatch for the user/]) assert.ok(offered.some((o) => title.test(o)), offered.join(' | '));
    await ed.editor(file).locator('.view-line').filter({ hasText: /nn\.Linear\(24,\s2,\sdtype=torch\.cfloat\)/ }).waitFor();
    await ed.problemsWithout(/dtype-mismatch/);
    await analyze();
    await fresh(/imported_layers\.py/);
    assert.equal(await panel().getByTestId('layers').locator('tbody tr').count(), 3);
    await ed.shot('panel-imported-layers');

    // Not saved, and not the file that the panel shows.
    await ed.open('blocks.py');
    await ed.goTo('blocks.py', 7, '    def __init__(self, inputs, outputs=24'.length + 1);
    await ed.page.keyboard.type('0');
    await ed.problemRows(/240.*shape-mismatch|shape-mismatch.*240/s);
    await ed.goTo('blocks.py', 7);
    await ed.page.keyboard.press('Control+z');
    await ed.problemsWithout(/240/);
  });

  it('shows a problem as the setting says', async () => {
    await ed.open('half_typed.py');
    assert.ok((await ed.problemRows(/shape-mismatch/)).length > 0);
    await ed.setting('complexNtk.problems', { 'shape-mismatch': 'off' });
    const left = await ed.problemsWithout(/half_typed[^]*shape-mismatch|33.*shape-mismatch/);
    assert.ok(left.some((r) => /syntax-error/.test(r)), left.join(' | '));
    const lines = (await readFile(path.join(here, 'models', 'half_typed.py'), 'utf8')).split('\n');
    await ed.goTo('half_typed.py', lines.length - 1, 12);
    await ed.quickFix('half_typed.py', /Silence syntax-error in this workspace/);
    await ed.problemsWithout(/syntax-error/);
    const kept = JSON.parse(await readFile(path.join(ed.server.workspace, '.vscode', 'settings.json'), 'utf8')) as Record<string, unknown>;
    assert.deepEqual(kept['complexNtk.problems'], { 'shape-mismatch': 'off', 'syntax-error': 'off' });
    await ed.setting('complexNtk.problems', {});
    await ed.problemRows(/shape-mismatch/);
  });

  it('reads a cell of a notebook with the cells before it', async () => {
    await ed.openTab('network.ipynb');
    const rows = await ed.problemRows(/shape-mismatch/);
    assert.ok(rows.some((r) => /33/.test(r) && /Ln 5/.test(r)), rows.join(' | '));
    assert.ok(!rows.some((r) => /syntax-error|no-model/.test(r) && /ipynb/.test(r)), rows.join(' | '));
    await ed.shot('notebook');
  });

  it('trains the drawn network and its real twin while one watches, and keeps the finite networks beside the limit', async () => {
    await ed.open('two_layers.py');
    await ed.setting('complexNtk.training.steps', 400);
    await ed.command('complexNtk.train', 'Complex NTK: Train Drawn Networks');
    await panel().getByTestId('live-training').locator('canvas').first().waitFor({ timeout: 60_000 });
    await fresh(/two_layers\.py/);
    const plot = panel().getByTestId('finite-training');
    await plot.scrollIntoViewIfNeeded();
    const { pixels } = await painted(plot.and(panel().locator('canvas')).or(plot.locator('canvas')).first());
    const drawn = pixels.reduce((n, p) => n + (p >>> 24 ? 1 : 0), 0) / pixels.length;
    assert.ok(drawn > 0.005 && drawn < 0.9, `${drawn} of the plot is drawn`);
    await plot.getByText(/After 400 steps/).first().waitFor();
    await ed.shot('panel-training');
    await ed.command('complexNtk.analyzeFiniteWidth', 'Complex NTK: Analyze NTK with Finite Widths');
    const widths = panel().getByTestId('finite-width');
    await widths.getByText(/At the widths as written \(narrowest hidden layer \d+\) the kernel of one network is/).first().waitFor({ timeout: 60_000 });
    await widths.scrollIntoViewIfNeeded();
    await ed.shot('panel-finite-width');
    for (const name of ['dark', 'hc-dark'] as const) {
      await ed.theme(name);
      await panel().locator(`body[data-vscode-theme-kind="${THEMES[name].kind}"]`).waitFor();
      for (const plot of ['finite-width', 'finite-twins', 'finite-training', 'kernel-drift']) {
        await panel().getByTestId(plot).scrollIntoViewIfNeeded();
        await ed.shot(`${plot}-${name}`);
      }
    }
    await ed.theme('light');
  });

  it('broke no rule of the content policy and said nothing on the console', async () => {
    assert.deepEqual(ours(ed.complaints), []);
    const errors = (await ed.log('remoteexthost')).split('\n').filter((l) => /\[error\]/.test(l));
    assert.deepEqual(errors, []);
  });
});
