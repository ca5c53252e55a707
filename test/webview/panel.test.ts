// The panel in a real browser, under the strict policy of the editor, with a host played by the test: what is painted, spoken and
// called. Without Chromium these tests are skipped; COMPLEX_NTK_REQUIRE_BROWSER=1 makes that a failure.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import type { AnalysisResult } from '../../src/contract/result.ts';
import type { PanelSnapshot } from '../../src/contract/view.ts';
import { PHASE_UNKNOWN } from '../../webview/colour/index.ts';
import { panels } from '../../webview/kernels.ts';
import { paint } from '../../webview/paint/bitmap.ts';
import { GROUPS } from '../../webview/plots/index.ts';
import { FIRST_CHOICES, sampleOrder, type Choices } from '../../webview/state.ts';
import { exampleResult, exampleSnapshot } from './example.ts';
import { upTo } from './example-finite.ts';
import { THEMES, type ThemeName } from './themes.ts';

const CHROMIUM = process.env.COMPLEX_NTK_CHROMIUM ?? '/usr/bin/chromium';
const SKIP = existsSync(CHROMIUM) || process.env.COMPLEX_NTK_REQUIRE_BROWSER === '1' ? false : `no browser at ${CHROMIUM}; set COMPLEX_NTK_CHROMIUM`;
const ARTIFACTS = fileURLToPath(new URL('artifacts/', import.meta.url));
const NONCE = 'dGVzdG5vbmNl';
const BUDGET = 500_000;

let script = '';
let styles = '';
let browser: Browser;

/** Typed arrays do not pass from the test into the page as such: the report's encoding does it. */
const encode = (_: string, v: unknown): unknown => {
  if (v instanceof Float64Array) return { $f64: Buffer.from(v.buffer, v.byteOffset, v.byteLength).toString('base64') };
  if (v instanceof Int32Array) return { $i32: Buffer.from(v.buffer, v.byteOffset, v.byteLength).toString('base64') };
  return v;
};
const encoded = (snapshot: PanelSnapshot): string => JSON.stringify(snapshot, encode).replaceAll('<', '\\u003c');

/** Runs in the page before its scripts: an editor that answers each call with null, and `ready` with the snapshot. */
const HOST = `
  window.calls = []; window.saved = window.saved || null; window.violations = []; window.refuse = null;
  document.addEventListener('securitypolicyviolation', (e) => window.violations.push(e.violatedDirective + ' ' + e.blockedURI));
  window.decode = (text) => JSON.parse(text, (k, v) => {
    const b = v && (v.$f64 || v.$i32);
    if (!b) return v;
    const bytes = Uint8Array.from(atob(b), (c) => c.charCodeAt(0));
    return v.$f64 ? new Float64Array(bytes.buffer) : new Int32Array(bytes.buffer);
  });
  window.snapshot = window.decode(document.getElementById('given').textContent);
  window.show = (s) => window.postMessage({ type: 'call', id: Date.now() + Math.floor(Math.random() * 1e6), method: 'show', query: s }, '*');
  window.acquireVsCodeApi = () => ({
    getState: () => window.saved,
    setState: (s) => { window.saved = s; },
    postMessage: (frame) => {
      if (frame.type !== 'call') return;
      window.calls.push([frame.method, frame.query]);
      const answer = window.refuse && frame.method !== 'ready'
        ? { type: 'fault', id: frame.id, fault: window.refuse }
        : { type: 'result', id: frame.id, value: frame.method === 'ready' ? window.snapshot : null };
      setTimeout(() => window.postMessage(answer, '*'), 0);
    },
  });`;

interface PageOptions {
  theme?: ThemeName;
  saved?: object;
  width?: number;
}

async function open(snapshot: PanelSnapshot, { theme = 'light', saved, width = 1000 }: PageOptions = {}): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, reducedMotion: 'reduce' });
  page.setDefaultTimeout(10_000);
  page.on('pageerror', (e) => errors(page).push(String(e)));
  const { classes, kind, variables } = THEMES[theme];
  const root = Object.entries(variables).map(([name, value]) => `--vscode-${name}: ${value};`).join(' ');
  await page.setContent(`<!doctype html><html lang="en"><head><meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'nonce-${NONCE}'; script-src 'nonce-${NONCE}'; font-src 'none'">
    <meta property="csp-nonce" content="${NONCE}">
    <style nonce="${NONCE}">:root { ${root} } body { background: var(--vscode-editor-background); color: var(--vscode-foreground); font: var(--vscode-font-size) var(--vscode-font-family); }</style>
    <style nonce="${NONCE}">${styles}</style></head>
    <body class="${classes}" data-vscode-theme-kind="${kind}">
    <script nonce="${NONCE}" type="application/json" id="given">${encoded(snapshot)}</script>
    <script nonce="${NONCE}">${saved ? `window.saved = ${JSON.stringify(saved)};` : ''}${HOST}</script>
    <script nonce="${NONCE}">${script}</script></body></html>`);
  await page.locator('body[data-ready="true"]').waitFor();
  return page;
}

const thrown = new WeakMap<Page, string[]>();
function errors(page: Page): string[] {
  if (!thrown.has(page)) thrown.set(page, []);
  return thrown.get(page)!;
}

async function close(page: Page): Promise<void> {
  const violations = await page.evaluate(() => (window as unknown as { violations: string[] }).violations ?? []);
  await page.close();
  assert.deepEqual(violations, [], 'policy violations');
  assert.deepEqual(errors(page), [], 'errors in the page');
}

const calls = (page: Page): Promise<[string, unknown][]> => page.evaluate(() => (window as unknown as { calls: [string, unknown][] }).calls);
const saved = (page: Page): Promise<Choices> => page.evaluate(() => (window as unknown as { saved: Choices }).saved);
const send = (page: Page, snapshot: PanelSnapshot): Promise<void> => page.evaluate((text) => {
  const w = window as unknown as { show(s: unknown): void; decode(t: string): unknown };
  w.show(w.decode(text));
}, encoded(snapshot));

/** The canvas' own pixels, one for each entry, and its zoom. */
function pixels(canvas: Locator, n: number): Promise<{ zoom: number; words: number[]; uniform: boolean }> {
  return canvas.evaluate((element, count) => {
    const c = element as HTMLCanvasElement;
    const zoom = c.width / count;
    const data = new Uint32Array(c.getContext('2d')!.getImageData(0, 0, c.width, c.height).data.buffer);
    const words: number[] = [];
    let uniform = true;
    for (let r = 0; r < count; r++) {
      for (let k = 0; k < count; k++) {
        const word = data[r * zoom * c.width + k * zoom]!;
        words.push(word);
        const last = data[((r + 1) * zoom - 1) * c.width + (k + 1) * zoom - 1];
        if (last !== word) uniform = false;
      }
    }
    return { zoom, words, uniform };
  }, n);
}

function bitmap(result: AnalysisResult, id: string, part: Partial<Choices> = {}): number[] {
  const choices = { ...FIRST_CHOICES, ...part };
  const order = sampleOrder(choices.order, result.inputs.samples, result.inputs.labels);
  const { image } = panels(result, choices, order).find((p) => p.id === id)!;
  return [...paint(image!.field, image!.scale, image!.table, PHASE_UNKNOWN, image!.masked)];
}

const small = exampleResult({ samples: 12 });

describe('the panel in a browser', { skip: SKIP }, () => {
  before(async () => {
    const out = await build({
      entryPoints: [fileURLToPath(new URL('../../webview/main.ts', import.meta.url))], bundle: true, minify: true, format: 'iife', target: 'es2022', outdir: 'unwritten', write: false, logLevel: 'silent',
    });
    script = out.outputFiles.find((f) => f.path.endsWith('.js'))!.text;
    styles = out.outputFiles.find((f) => f.path.endsWith('.css'))!.text;
    mkdirSync(ARTIFACTS, { recursive: true });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  after(() => browser?.close());

  it('is within its budget and can stand inside a script element', () => {
    assert.ok(script.length < BUDGET, `${script.length} bytes`);
    assert.ok(!/<\/script/i.test(script));
    assert.ok(!/<\/style/i.test(styles));
  });

  it('paints each heatmap as the bitmap of its matrix, entry by entry', async () => {
    const page = await open(exampleSnapshot(small));
    for (const id of ['ntk-magnitude', 'ntk-phase', 'twin', 'difference']) {
      const seen = await pixels(page.getByTestId(`heatmap-${id}`), 12);
      assert.ok(seen.zoom >= 10 && Number.isInteger(seen.zoom) && seen.uniform, `${id} zoom ${seen.zoom}`);
      assert.deepEqual(seen.words, bitmap(small, id), id);
    }
    await close(page);
  });

  it('follows the choices, and saves them', async () => {
    const page = await open(exampleSnapshot(small));
    const choose = async (control: string, option: string): Promise<void> => {
      await page.getByTestId(control).click();
      await page.getByTestId(control).getByRole('option', { name: option }).click();
    };
    await choose('choose-parts', 'Real and imaginary');
    await choose('choose-kernel', 'NNGP');
    await choose('choose-map', 'Cividis');
    await page.getByTestId('choose-order').click();
    const part = { kernel: 'nngp', parts: 'cartesian', map: 'cividis', order: 'class' } as const;
    for (const id of ['ntk-re', 'ntk-im', 'twin', 'difference']) assert.deepEqual((await pixels(page.getByTestId(`heatmap-${id}`), 12)).words, bitmap(small, id, part), id);
    await page.getByTestId('choose-log').click();
    assert.deepEqual(await saved(page), { ...FIRST_CHOICES, ...part, scale: 'log' });
    await close(page);
    const again = await open(exampleSnapshot(small), { saved: { ...part, cell: [2, 7] } });
    assert.match(await again.getByTestId('cell-readout').innerText(), /^i = 2 \(fm\), j = 7 \(qpsk\); NNGP /);
    assert.equal(await again.getByTestId('heatmap-ntk-re').count(), 1);
    await close(again);
  });

  it('moves one cell cursor over all heatmaps, by keys and by pointer', async () => {
    const page = await open(exampleSnapshot(small));
    const readout = page.getByTestId('cell-readout');
    assert.equal(await readout.getAttribute('aria-live'), 'polite');
    const canvas = page.getByTestId('heatmap-ntk-phase');
    await canvas.focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowUp', 'ArrowLeft', 'ArrowLeft']) await page.keyboard.press(key);
    assert.match(await readout.innerText(), /^i = 1 \(qpsk\), j = 0 \(bpsk\);/);
    await page.keyboard.press('End');
    assert.match(await readout.innerText(), /^i = 1 \(qpsk\), j = 11 \(fm\);/);
    await page.keyboard.press('Control+End');
    await page.keyboard.press('PageUp');
    const text = await readout.innerText();
    assert.match(text, /^i = 1 \(qpsk\), j = 11 \(fm\);/);
    const at = 12 + 11;
    const { ntk, twinNtk } = small.kernels;
    assert.ok(text.includes(`|·| ${Number(Math.hypot(ntk.matrix!.re[at]!, ntk.matrix!.im![at]!).toPrecision(6))}`), text);
    assert.ok(text.includes(`twin ${Number(twinNtk.matrix!.re[at]!.toPrecision(6))}`), text);
    const places = await page.locator('.cell-cursor').evaluateAll((all) => all.map((e) => `${(e as HTMLElement).style.left} ${(e as HTMLElement).style.top}`));
    assert.equal(new Set(places).size, 1);
    const box = (await page.getByTestId('heatmap-twin').boundingBox())!;
    await page.mouse.move(box.x + box.width * (4.5 / 12), box.y + box.height * (9.5 / 12));
    assert.match(await readout.innerText(), /^i = 9 \(bpsk\), j = 4 \(qpsk\);/);
    await close(page);
  });

  it('gives every picture a name, and a table on demand', async () => {
    const large = exampleResult({ samples: 40 });
    const page = await open(exampleSnapshot(large));
    for (const id of ['heatmap-ntk-magnitude', 'heatmap-difference', ...GROUPS.flatMap((g) => g.plots.map((p) => `${p.id}-canvas`))]) {
      const canvas = page.getByTestId(id);
      assert.equal(await canvas.getAttribute('role'), 'img');
      assert.ok((await canvas.getAttribute('aria-label'))!.length > 40, id);
    }
    const press = page.getByTestId('table-ntk-magnitude-button');
    assert.equal(await press.getAttribute('aria-expanded'), 'false');
    await press.focus();
    await page.keyboard.press('Enter');
    assert.equal(await press.getAttribute('aria-expanded'), 'true');
    const table = page.locator('#table-ntk-magnitude table');
    assert.equal(await table.locator('tbody tr').count(), 32);
    assert.match(await table.locator('caption').innerText(), /first 32 of 40 samples/);
    const m = large.kernels.ntk.matrix!;
    assert.equal(await table.locator('tbody tr').nth(2).locator('td').nth(5).innerText(), String(Number(Math.hypot(m.re[85]!, m.im![85]!).toPrecision(4))));
    await page.getByTestId('table-spectrum-button').click();
    assert.equal(await page.locator('#table-spectrum tbody tr').count(), 44);
    await page.getByTestId('table-finite-width-button').click();
    assert.match(await page.locator('#table-finite-width').innerText(), /± .* Monte Carlo/);
    assert.deepEqual((await saved(page)).tables, ['ntk-magnitude', 'spectrum', 'finite-width']);
    await close(page);
  });

  it('shows the verdict with every number, its error and its method', async () => {
    const page = await open(exampleSnapshot(small));
    assert.equal(await page.getByTestId('verdict-word').innerText(), 'Stays complex');
    const text = await page.getByTestId('verdict').innerText();
    assert.ok(text.includes(small.verdict.sentence) && text.includes(small.verdict.caveats[0]!));
    assert.equal((text.match(/± \S+ (quadrature|closed form)/g) ?? []).length, 8);
    const layers = await page.getByTestId('layers').innerText();
    assert.match(layers, /the layer before it has none/);
    const { slope, criticalWeightVariance } = small.depth.value![0]!;
    assert.ok(layers.includes(String(Number(slope.value!.toPrecision(4)))) && layers.includes('ordered'));
    assert.ok(layers.includes(`of the critical ${Number(criticalWeightVariance.value!.toPrecision(4))}`));
    const clauses = await page.getByTestId('clauses').innerText();
    for (const { text: said, quantity } of small.verdict.clauses) {
      assert.ok(clauses.includes(said) && (quantity?.value == null || clauses.includes(String(Number(quantity.value.toPrecision(4))))), said);
    }
    assert.match(layers, /library default: kaiming_uniform\(a=sqrt5\), complex \(complextorch 2\.1\)/);
    assert.equal(await page.locator('tr[aria-current]').getAttribute('data-layer'), 'activation1');
    assert.match(await page.getByTestId('findings').innerText(), /^Findings\s+warning/);
    await close(page);
  });

  it('shows the targets and the activation chosen, and keeps them', async () => {
    const page = await open(exampleSnapshot(small));
    const choose = async (control: string, option: string | RegExp): Promise<void> => {
      await page.getByTestId(control).click();
      await page.getByTestId(control).getByRole('option', { name: option }).click();
    };
    const words = (id: string): Promise<string> => page.getByTestId(id).locator('p').innerText();
    const look = (id: string): Promise<string> => page.getByTestId(`${id}-canvas`).evaluate((c) => (c as HTMLCanvasElement).toDataURL());
    const before = [await look('training'), await look('equivalent')];
    assert.match(await words('training'), /one output each/);
    await page.getByTestId('table-training-button').click();
    await choose('choose-targets', 'Classes as phases, complex');
    assert.match(await words('training'), /classes as phases/);
    assert.match(await page.getByTestId('training-canvas').getAttribute('aria-label') ?? '', /classes as phases/);
    assert.match(await page.locator('#table-training caption').innerText(), /classes as phases/);
    await choose('choose-activation', /modReLU/);
    for (const id of ['correlation-map', 'variance-map', 'equivalent']) assert.match(await words(id), /modReLU/);
    assert.notEqual(await look('training'), before[0]);
    assert.notEqual(await look('equivalent'), before[1]);
    const { targets, activation } = await saved(page);
    assert.deepEqual([targets, activation], ['phases', 'activation2']);
    await close(page);
  });

  it('paints what was drawn on every canvas, and names each line beside it', async () => {
    const page = await open(exampleSnapshot(small));
    for (const id of GROUPS.flatMap((g) => g.plots.map((p) => p.id))) {
      const colours = await page.getByTestId(`${id}-canvas`).evaluate((c) => {
        const e = c as HTMLCanvasElement;
        return new Set(new Uint32Array(e.getContext('2d')!.getImageData(0, 0, e.width, e.height).data.buffer)).size;
      });
      assert.ok(colours > 20, `${id}: ${colours}`);
      assert.ok(await page.getByTestId(id).locator('.legend-item').count() >= 2, id);
    }
    await close(page);
  });

  it('says once that kernels are too large to be shown, and shows all else', async () => {
    const result = structuredClone(small);
    const drawn = result.finiteWidth!.kernels;
    for (const k of [...Object.values(result.kernels), drawn.ntk, drawn.pseudo, drawn.twinNtk]) Object.assign(k, { matrix: null, reason: 'Too large for this panel (900 MB).' });
    const page = await open(exampleSnapshot(result));
    assert.equal(await page.getByText('Too large for this panel (900 MB).', { exact: true }).count(), 1);
    assert.equal(await page.getByTestId('cell-readout').isVisible(), false);
    assert.equal(await page.locator('.heatmap').count(), 0);
    assert.equal(await page.getByTestId('spectrum-canvas').count(), 1);
    await close(page);
  });

  it('offers the holomorphic what-if where there is one, and says why where not', async () => {
    const page = await open(exampleSnapshot(small), { saved: { kernel: 'holomorphicNtk' } });
    assert.match(await page.getByTestId('cell-readout').innerText(), /Holomorphic what-if/);
    assert.equal(await page.getByTestId('heatmap-what-if-difference').count(), 1);
    await close(page);
    const none = structuredClone(small);
    none.kernels.holomorphicNtk = { matrix: null, method: 'closed', error: null, reason: 'There is no NTK.' };
    const other = await open(exampleSnapshot(none), { saved: { kernel: 'holomorphicNtk' } });
    assert.equal(await other.getByTestId('heatmap-difference').count(), 1);
    assert.equal(await other.getByText('What if backpropagation were holomorphic: There is no NTK.').count(), 1);
    await close(other);
  });

  it('calls the host, and nobody else', async () => {
    const page = await open(exampleSnapshot({ ...small, finiteWidth: null, finiteTraining: null }));
    assert.match(await page.getByTestId('finite-width-group').innerText(), /has not been run/);
    await page.getByTestId('run-finite-width').click();
    assert.match(await page.getByTestId('finite-training-group').innerText(), /have not been trained/);
    await page.getByTestId('run-finite-training').click();
    await page.getByRole('link', { name: /^Line 21/ }).click();
    await page.getByTestId('copy').click();
    await page.getByTestId('export').click();
    await page.getByTestId('choose-model').click();
    await page.getByRole('option', { name: 'SmallClassifier' }).click();
    assert.deepEqual(await calls(page), [
      ['ready', null], ['analyze', { finiteWidth: true, training: false }], ['analyze', { finiteWidth: false, training: true }], ['reveal', { layer: 'activation2' }], ['copy', { text: small.command }], ['exportReport', null], ['pickModel', { model: 'SmallClassifier' }],
    ]);
    await page.evaluate(() => { (window as unknown as { refuse: object }).refuse = { kind: 'io', message: 'The report cannot be written: no space.' }; });
    await page.getByTestId('export').click();
    await page.getByText('The report cannot be written: no space.').waitFor();
    await close(page);
  });

  it('goes through its states without losing the last result or the focus', async () => {
    const page = await open(exampleSnapshot(null));
    assert.equal(await page.getByTestId('state').getAttribute('data-state'), 'empty');
    await page.getByTestId('analyze').click();
    const computing = (fraction: number | null, message: string, result: AnalysisResult | null) => exampleSnapshot(result, { state: 'computing', progress: { fraction, message } });
    await send(page, computing(0.25, 'kernels, layer 1 of 4', null));
    await page.getByText('kernels, layer 1 of 4').waitFor();
    assert.equal(await page.getByTestId('progress').evaluate((e) => (e as HTMLProgressElement).value), 0.25);
    await page.getByTestId('cancel').focus();
    await send(page, computing(null, 'spectrum', null));
    await page.getByText('Computing: spectrum').waitFor();
    assert.ok(await page.getByTestId('cancel').evaluate((e) => e === document.activeElement));
    await page.keyboard.press('Enter');
    assert.deepEqual((await calls(page)).at(-1), ['cancel', null]);
    await send(page, exampleSnapshot(small));
    await page.getByTestId('heatmap-twin').waitFor();
    assert.equal(await page.getByTestId('state').isVisible(), false);
    await page.getByTestId('heatmap-twin').focus();
    await send(page, exampleSnapshot(structuredClone(small), { state: 'stale' }));
    await page.getByTestId('recompute').waitFor();
    assert.ok(await page.getByTestId('heatmap-twin').evaluate((e) => e === document.activeElement), 'an unchanged result is not drawn again');
    await send(page, exampleSnapshot(small, { state: 'failed', fault: { kind: 'engine-lost', message: 'The engine ended with code 3.', layer: 'dense2' } }));
    await page.getByText('The engine ended with code 3. (layer dense2)').waitFor();
    await page.getByTestId('show-log').click();
    assert.deepEqual((await calls(page)).at(-1), ['showLog', null]);
    assert.equal(await page.getByTestId('verdict').count(), 1);
    await page.evaluate(() => window.postMessage({ type: 'call', id: 5e7, method: 'mark', query: { layer: 'dense2' } }, '*'));
    await page.locator('tr[data-layer="dense2"][aria-current]').waitFor();
    assert.equal(await page.locator('tr[aria-current]').count(), 1);
    await close(page);
  });

  it('offers one part of finite networks without giving up the other', async () => {
    const page = await open(exampleSnapshot({ ...small, finiteTraining: null }));
    await page.getByTestId('run-finite-training').click();
    await send(page, exampleSnapshot(small, { state: 'stale' }));
    await page.getByTestId('recompute').click();
    assert.deepEqual((await calls(page)).slice(1), [['analyze', { finiteWidth: true, training: true }], ['analyze', { finiteWidth: true, training: true }]]);
    await close(page);
  });

  it('opens on the finite network where the limit has no kernel, and says why', async () => {
    const result = structuredClone(small);
    const none = { matrix: null, method: 'closed', error: null, reason: 'Max pooling has no Gaussian limit.', layer: 'pool1' } as const;
    result.kernels = { nngp: none, ntk: none, twinNngp: none, twinNtk: none, holomorphicNtk: none };
    const page = await open(exampleSnapshot(result));
    assert.equal(await page.getByTestId('no-limit').innerText(), 'NTK at infinite width: Max pooling has no Gaussian limit. (layer pool1)');
    assert.match(await page.getByTestId('kernel-notes').innerText(), /width 24 \(as written\)/);
    assert.deepEqual((await pixels(page.getByTestId('heatmap-ntk-phase'), 12)).words, bitmap(result, 'ntk-phase', { kernel: 'empirical' }));
    await page.getByTestId('heatmap-ntk-magnitude').focus();
    await page.keyboard.press('ArrowDown');
    assert.match(await page.getByTestId('cell-readout').innerText(), /^i = 1 .*Finite NTK /);
    await page.getByTestId('choose-kernel').click();
    await page.getByTestId('choose-kernel').getByRole('option', { name: 'Pseudo-kernel of the finite network' }).click();
    assert.deepEqual((await pixels(page.getByTestId('heatmap-plain'), 12)).words, bitmap(result, 'plain', { kernel: 'pseudo' }));
    assert.equal((await saved(page)).kernel, 'pseudo');
    await close(page);
  });

  it('draws a training as it runs, above the old result, without moving the reader or the focus', async () => {
    const training = small.finiteTraining!;
    const running = (steps: number | null): PanelSnapshot => exampleSnapshot(small, {
      state: 'computing', progress: { fraction: null, message: `training, step ${steps}`, ...(steps === null ? {} : { training: upTo(training, steps) }) },
    });
    const page = await open(exampleSnapshot(small));
    const chart = page.getByTestId('live-finite-training-canvas');
    const looks = (): Promise<string> => chart.evaluate((c) => (c as HTMLCanvasElement).toDataURL());
    const frame = (): Promise<void> => page.evaluate(() => new Promise<void>((r) => { requestAnimationFrame(() => requestAnimationFrame(() => r())); }));
    assert.equal(await page.getByTestId('live-training').isVisible(), false);
    const press = page.getByTestId('table-spectrum-button');
    await press.focus();
    await press.evaluate((e) => e.scrollIntoView({ block: 'center' }));
    const place = (await press.boundingBox())!.y;
    await send(page, running(4));
    await chart.waitFor();
    await frame();
    assert.ok(Math.abs((await press.boundingBox())!.y - place) < 2, 'the page stays under its reader');
    assert.ok(await press.evaluate((e) => e === document.activeElement));
    assert.match((await chart.getAttribute('aria-label'))!, /^Training of finite networks\. .*after step 3: /);
    const first = await looks();

    // The charts are the same elements from step to step, and an open table gets new rows.
    await page.getByTestId('table-live-finite-training-button').click();
    const table = page.locator('#table-live-finite-training .table-frame');
    await table.focus();
    const nodes = await Promise.all([chart.elementHandle(), table.elementHandle()]);
    await send(page, running(21));
    await page.waitForFunction(([c, before]) => (c as HTMLCanvasElement).toDataURL() !== before, [nodes[0], first] as const);
    assert.equal(await table.locator('tbody tr').count(), 21);
    assert.ok(await nodes[1]!.evaluate((e) => e === document.activeElement && e.isConnected));
    assert.ok(await nodes[0]!.evaluate((e) => e.isConnected));
    assert.match((await page.getByTestId('live-kernel-drift-canvas').getAttribute('aria-label'))!, /after step 20/);

    // News of another kind leaves it; many at once are one drawing.
    await send(page, running(null));
    assert.ok(await chart.isVisible());
    const drawn = await chart.evaluate(async (canvas, text) => {
      const w = window as unknown as { show(s: unknown): void; decode(t: string): { progress: { training: object } } };
      let clears = 0;
      const context = (canvas as HTMLCanvasElement).getContext('2d')!;
      const clear = context.clearRect.bind(context);
      context.clearRect = (...a) => { clears++; clear(...a); };
      for (let i = 0; i < 8; i++) w.show({ ...w.decode(text), title: document.title, progress: { fraction: null, message: `${i}`, training: { ...w.decode(text).progress.training, sentence: `Step ${i}.` } } });
      await new Promise((r) => { setTimeout(r, 300); });
      return clears;
    }, encoded(running(30)));
    assert.ok(drawn >= 1 && drawn <= 4, `${drawn} drawings of 8 news`);
    await page.screenshot({ path: `${ARTIFACTS}live.png`, fullPage: true });
    await page.getByTestId('table-live-finite-training-button').focus();
    await send(page, exampleSnapshot({ ...small, command: 'another' }));
    await page.getByTestId('live-training').waitFor({ state: 'hidden' });
    assert.ok(await page.getByTestId('table-finite-training-button').evaluate((e) => e === document.activeElement), 'the focus goes on with the finished figure');
    await close(page);
  });

  it('draws a training without an earlier result, and lets it go with a cancel', async () => {
    const page = await open(exampleSnapshot(null));
    await send(page, exampleSnapshot(null, { state: 'computing', progress: { fraction: 0.5, message: 'training', training: upTo(small.finiteTraining!, 1) } }));
    await page.getByTestId('live-kernel-drift-canvas').waitFor();
    await send(page, exampleSnapshot(null, { state: 'failed', fault: { kind: 'cancelled', message: 'Cancelled.' } }));
    await page.getByTestId('live-training').waitFor({ state: 'hidden' });
    await close(page);
  });

  it('takes progress without a snapshot, while something is being computed and at no other time', async () => {
    const training = small.finiteTraining!;
    const page = await open(exampleSnapshot(small));
    const progress = (message: string, steps: number): Promise<void> => page.evaluate(([text, id]) => {
      window.postMessage({ type: 'call', id, method: 'progress', query: (window as unknown as { decode(t: string): unknown }).decode(text as string) }, '*');
    }, [JSON.stringify({ fraction: 0.5, message, training: upTo(training, steps) }, encode), 1000 + steps] as const);
    const banner = page.getByTestId('state');
    await progress('early', 2);
    await send(page, exampleSnapshot(small, { state: 'computing', progress: null }));
    await page.getByTestId('progress').waitFor();
    assert.match(await banner.innerText(), /Computing\./, 'progress of nothing is dropped');
    const heatmap = await page.getByTestId('heatmap-ntk-magnitude').elementHandle();
    await progress('training, step 4', 5);
    await banner.getByText('Computing: training, step 4').waitFor();
    assert.equal(await page.getByTestId('progress').getAttribute('value'), '0.5');
    const chart = page.getByTestId('live-finite-training-canvas');
    await chart.waitFor();
    await page.waitForFunction((c) => /after step 4: /.test(c?.getAttribute('aria-label') ?? ''), await chart.elementHandle());
    assert.ok(await heatmap!.evaluate((e) => e.isConnected), 'the old result is not drawn again');
    await send(page, exampleSnapshot(small));
    await page.getByTestId('live-training').waitFor({ state: 'hidden' });
    await progress('late', 6);
    await send(page, exampleSnapshot(small, { activeLayer: 'dense1' }));
    assert.equal(await page.getByTestId('live-training').isVisible(), false);
    assert.equal(await banner.isVisible(), false);
    await close(page);
  });

  it('takes names as text, whatever they contain', async () => {
    const evil = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>"\'&lt;';
    const result = exampleResult({ samples: 6, name: evil, classes: [evil, 'b'] });
    result.verdict.sentence = evil;
    result.verdict.caveats = [evil];
    result.verdict.clauses[0]!.text = evil;
    result.training.value!.curves[0]!.description = evil;
    Object.assign(result.depth.value![0]!, { label: evil, layers: [evil, 'activation1'] });
    Object.assign(result.equivalents.value![0]!, { label: evil, formula: evil, notes: [evil] });
    result.regression = { value: null, reason: evil };
    Object.assign(result.finiteWidth!, { sentence: evil, asWrittenReason: evil, twinsReason: evil, backend: evil });
    Object.assign(result.finiteWidth!.kernels, { output: evil, notes: [evil] });
    Object.assign(result.finiteTraining!, { sentence: evil, stopped: evil, learningRateRule: evil });
    result.findings[0]!.message = evil;
    result.inputs.description = evil;
    Object.assign(result.layers[0]!, { id: evil, label: evil });
    Object.assign(result.layers[3]!.activation!, { structure: [evil], notes: [evil] });
    result.kernels.twinNtk = { matrix: null, method: 'closed', error: null, reason: evil, layer: evil };
    const page = await open(exampleSnapshot(result, { title: evil, models: [evil, 'b'], model: evil, state: 'failed', fault: { kind: 'bug', message: evil }, activeLayer: evil, problems: [{ code: evil, severity: evil, message: evil, line: 1 }] }));
    await page.getByTestId('table-ntk-magnitude-button').click();
    assert.equal(await page.locator('img, main script').count(), 0);
    assert.equal(await page.evaluate(() => (window as unknown as { hit?: number }).hit), undefined);
    assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), evil);
    await close(page);
  });

  it('stays whole with nothing to show: no kernels, no layers, nulls everywhere', async () => {
    const result = structuredClone(small);
    const none = { matrix: null, method: 'closed', error: null, reason: 'The activation has no limit.' } as const;
    result.kernels = { nngp: none, ntk: none, twinNngp: none, twinNtk: none, holomorphicNtk: none };
    result.spectra = { ntk: null, twinNtk: null };
    Object.assign(result, { finiteWidth: null, finiteTraining: null });
    for (const part of ['training', 'regression', 'depth', 'equivalents'] as const) result[part] = { value: null, reason: 'the kernel does not exist' };
    result.verdict.clauses = [];
    result.layers = [];
    result.findings = [];
    result.realChannelGap = { value: null, method: 'closed', error: null, reason: 'there is no NTK' };
    result.seconds = {};
    Object.assign(result.inputs, { labels: null, classes: null });
    const page = await open(exampleSnapshot(result, { problems: [], activeLayer: 'gone' }));
    assert.equal(await page.locator('canvas').count(), 0);
    assert.match(await page.getByTestId('spectrum').innerText(), /no spectrum. The activation has no limit/);
    assert.match(await page.getByTestId('verdict').innerText(), /— there is no NTK/);
    assert.equal(await page.getByText('There are no training curves. The kernel does not exist.').count(), 1);
    assert.equal(await page.getByTestId('findings').count(), 0);
    await close(page);
  });

  it('paints 512 x 512 by pooling, says so, and within a moment', async (test) => {
    const result = exampleResult({ samples: 512, dimension: 4, finiteWidth: false });
    // The test's way into the page is text: the matrices not looked at stay at home.
    const kept = { matrix: null, method: 'closed', error: null, reason: 'left out' } as const;
    Object.assign(result.kernels, { nngp: kept, twinNngp: kept, holomorphicNtk: kept });
    delete result.kernels.twinNtk.matrix!.im;
    const page = await open(exampleSnapshot(result));
    const canvas = page.getByTestId('heatmap-ntk-magnitude');
    const { width, room } = await canvas.evaluate((e) => ({ width: (e as HTMLCanvasElement).width, room: e.clientWidth * devicePixelRatio }));
    assert.ok(Math.abs(width - room) <= 1 && width < 512, `${width} of ${room}`);
    assert.match(await page.locator('figure').first().innerText(), /largest of up to \d+ entries/);
    await canvas.focus();
    await page.keyboard.press('Control+End');
    assert.match(await page.getByTestId('cell-readout').innerText(), /^i = 511 .*j = 511 /);
    const spent = await page.getByTestId('choose-log').evaluate(async (box) => {
      const from = performance.now();
      (box as HTMLElement).click();
      await new Promise((r) => requestAnimationFrame(() => setTimeout(r)));
      return performance.now() - from;
    });
    test.diagnostic(`choices changed and four heatmaps painted in ${Math.round(spent)} ms`);
    assert.ok(spent < 1500, `${spent} ms`);
    await close(page);
  });

  it('looks right in all themes, and repaints when the theme changes', async () => {
    const result = exampleResult({ samples: 24 });
    for (const theme of Object.keys(THEMES) as ThemeName[]) {
      const page = await open(exampleSnapshot(result), { theme });
      await page.screenshot({ path: `${ARTIFACTS}${theme}.png`, fullPage: true });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, `${theme}: wider than the window`);
      await close(page);
    }
    const page = await open(exampleSnapshot(result), { theme: 'light' });
    const chart = page.getByTestId('spectrum-canvas');
    const look = (): Promise<string> => chart.evaluate((c) => (c as HTMLCanvasElement).toDataURL());
    const light = await look();
    const map = await pixels(page.getByTestId('heatmap-twin'), 24);
    await page.evaluate(({ classes, kind, variables }) => {
      for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(`--vscode-${name}`, value);
      document.body.className = classes;
      document.body.dataset.vscodeThemeKind = kind;
    }, THEMES.dark);
    await page.waitForFunction(([c, before]) => (c as HTMLCanvasElement).toDataURL() !== before, [await chart.elementHandle(), light] as const);
    assert.deepEqual(await pixels(page.getByTestId('heatmap-twin'), 24), map, 'colours of data do not follow the theme');
    await page.screenshot({ path: `${ARTIFACTS}dark-after-light.png`, fullPage: true });
    await close(page);
  });

  it('shows a real network as one heatmap and says why there is no twin', async () => {
    const result = structuredClone(small);
    for (const name of ['ntk', 'nngp'] as const) delete result.kernels[name].matrix!.im;
    result.kernels.twinNtk = result.kernels.twinNngp = { matrix: null, method: 'closed', error: null, reason: 'A real network is its own twin.' };
    result.kernels.holomorphicNtk = { matrix: null, method: 'closed', error: null, reason: 'This network is real.' };
    result.model.field = 'real';
    result.finiteWidth = null;
    result.phaseCoupling = { value: 0, method: 'closed', error: 0 };
    const page = await open(exampleSnapshot(result));
    assert.equal(await page.locator('.heatmap canvas').count(), 1);
    assert.deepEqual((await pixels(page.getByTestId('heatmap-ntk-re'), 12)).words, bitmap(result, 'ntk-re'));
    assert.equal(await page.getByText('A real network is its own twin.').count(), 2);
    assert.equal(await page.getByTestId('choose-parts').count(), 0);
    assert.match(await page.getByTestId('cell-readout').innerText(), /NTK [\d.]+; twin —; difference —$/);
    await close(page);
  });

  it('fits a narrow panel, old results and open tables', async () => {
    const page = await open(exampleSnapshot(exampleResult({ samples: 24 }), { state: 'computing', progress: { fraction: 0.4, message: 'kernels, layer 2 of 5' } }), { width: 360, theme: 'dark', saved: { tables: ['ntk-magnitude', 'finite-width'] } });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
    await page.screenshot({ path: `${ARTIFACTS}narrow.png`, fullPage: true });
    await close(page);
  });

  for (const scheme of ['light', 'dark'] as const) {
    it(`is a report of its own without an editor, ${scheme}`, async () => {
      const page = await browser.newPage({ viewport: { width: 1000, height: 900 }, colorScheme: scheme });
      page.on('pageerror', (e) => errors(page).push(String(e)));
      await page.setContent(`<!doctype html><html lang="en"><head><meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${NONCE}'; script-src 'nonce-${NONCE}'"><meta property="csp-nonce" content="${NONCE}">
        <style nonce="${NONCE}">${styles}</style></head><body data-report>
        <script nonce="${NONCE}">window.violations = []; document.addEventListener('securitypolicyviolation', (e) => window.violations.push(e.violatedDirective));</script>
        <script nonce="${NONCE}">${script}</script>
        <script type="application/json" id="snapshot">${encoded(exampleSnapshot(small, { live: false }))}</script></body></html>`);
      await page.locator('body[data-ready="true"]').waitFor();
      assert.deepEqual((await pixels(page.getByTestId('heatmap-difference'), 12)).words, bitmap(small, 'difference'));
      for (const id of ['export', 'copy', 'run-finite-width', 'cancel', 'choose-model']) assert.equal(await page.getByTestId(id).count(), 0, id);
      assert.equal(await page.getByTestId('layers').locator('a').count(), 0);
      await page.screenshot({ path: `${ARTIFACTS}report-${scheme}.png`, fullPage: true });
      await close(page);
    });
  }

  it('says so when a report is damaged', async () => {
    const page = await browser.newPage();
    await page.setContent(`<body data-report><style>${styles}</style><script type="application/json" id="snapshot">{"title"</script><script>${script}</script>`);
    await page.getByText('make the report again').waitFor();
    await page.close();
  });
});
