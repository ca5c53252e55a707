// A person at a VS Code, played by a headless Chromium: opens files, runs commands, reads hovers, problems and panels.
// Knows VS Code's page, nothing of the extension under test.
import { readdir, readFile, rename, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chromium, type Browser, type ConsoleMessage, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { startServer, waitFor, type Server, type ServerOptions } from './server.ts';

/** What the browser complained about. */
export interface Complaint { kind: 'console' | 'pageerror' | 'csp' | 'requestfailed' | 'http'; text: string; url: string }

/** What is on the screen: RGBA, row by row. */
export interface Pixels { width: number; height: number; data: Uint8Array }

/** Settings under which nothing moves, blinks, asks, updates or looks something up. */
const calm: Record<string, unknown> = {
  'workbench.colorTheme': 'Light Modern',
  'window.autoDetectColorScheme': false,
  'window.autoDetectHighContrast': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.editor.enablePreview': false,
  'workbench.reduceMotion': 'on',
  'workbench.layoutControl.enabled': false,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'editor.minimap.enabled': false,
  'editor.cursorBlinking': 'solid',
  'editor.hover.delay': 100,
  'editor.occurrencesHighlight': 'off',
  'files.autoSave': 'off',
  'window.confirmBeforeClose': 'never',
};

/** The colour themes of VS Code that stand for its four kinds, and the class that tells that one is drawn. */
export const THEMES = {
  light: { id: 'Light Modern', drawn: 'light_modern-json', kind: 'vscode-light' },
  dark: { id: 'Dark Modern', drawn: 'dark_modern-json', kind: 'vscode-dark' },
  'hc-dark': { id: 'Default High Contrast', drawn: 'hc_black-json', kind: 'vscode-high-contrast' },
  'hc-light': { id: 'Default High Contrast Light', drawn: 'hc_light-json', kind: 'vscode-high-contrast-light' },
} as const;
export type ThemeName = keyof typeof THEMES;

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const drawnChromium = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export class Editor {
  readonly complaints: Complaint[] = [];
  /** Steps that had to be tried again: should be none. */
  readonly retries: string[] = [];
  private readonly workspaceSettings: Record<string, unknown> = {};
  private decoder: Page | null = null;

  private constructor(readonly server: Server, private readonly browser: Browser, readonly page: Page, readonly artifacts: string) {
    page.on('console', (m: ConsoleMessage) => {
      const broken = /Content Security Policy|CSPV /i.test(m.text());
      if (broken || m.type() === 'error') this.complaints.push({ kind: broken ? 'csp' : 'console', text: m.text(), url: m.location().url });
    });
    page.on('pageerror', (e) => this.complaints.push({ kind: 'pageerror', text: e.stack ?? String(e), url: '' }));
    page.on('requestfailed', (r) => this.complaints.push({ kind: 'requestfailed', text: String(r.failure()?.errorText), url: r.url() }));
    page.on('response', (r) => { if (r.status() >= 400) this.complaints.push({ kind: 'http', text: String(r.status()), url: r.url() }); });
  }

  static async start(options: Omit<ServerOptions, 'settings'>): Promise<Editor> {
    const server = await startServer({ ...options, settings: calm });
    let browser: Browser | undefined;
    try {
      browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: drawnChromium });
      const context = await browser.newContext({ viewport: { width: 1600, height: 1000 }, reducedMotion: 'reduce', locale: 'en-US', permissions: ['clipboard-read', 'clipboard-write'] });
      context.setDefaultTimeout(20_000);
      const editor = new Editor(server, browser, await context.newPage(), options.artifacts);
      await editor.page.goto(`${server.origin}/?folder=${encodeURIComponent(server.workspace)}`, { waitUntil: 'domcontentloaded' });
      await editor.ready();
      await editor.drawn('light');
      return editor;
    } catch (e) {
      await browser?.contexts()[0]?.pages()[0]?.screenshot({ path: path.join(options.artifacts, 'start-failed.png') }).catch(() => {});
      await browser?.close();
      await server.stop();
      throw e;
    }
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
  }

  private async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 60_000 });
    await this.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
  }

  /** Reloads the window, as "Developer: Reload Window" does. */
  async reload(): Promise<void> {
    await this.page.reload({ waitUntil: 'domcontentloaded' });
    await this.ready();
  }

  /** Types into the quick input and takes the wanted row. */
  private async quick(text: string, row: (list: Locator) => Locator): Promise<void> {
    const box = this.page.locator('.quick-input-widget');
    const input = box.locator('.quick-input-box input');
    for (let attempt = 1; ; attempt++) {
      try {
        if (!(await input.isVisible())) await this.page.keyboard.press('F1');
        await input.waitFor({ state: 'visible', timeout: 2_000 });
        await input.fill(text);
        await row(box.locator('.monaco-list')).first().click({ timeout: 5_000 });
        return;
      } catch (e) {
        this.retries.push(`quick input: ${text}`);
        await this.page.keyboard.press('Escape');
        if (attempt === 4) throw e;
      }
    }
  }

  /** Runs a command from the palette, found by its title and chosen by its id. */
  command(id: string, title: string): Promise<void> {
    return this.quick(`>${title}`, (list) => list.locator(`[data-quick-input-id="${id}"]`));
  }

  /** Titles of the palette's rows for what was typed. */
  async paletteRows(text: string): Promise<string[]> {
    await this.page.keyboard.press('F1');
    const box = this.page.locator('.quick-input-widget');
    await box.locator('.quick-input-box input').fill(`>${text}`);
    const rows = box.locator('.monaco-list-row');
    await rows.first().waitFor();
    const titles = await rows.allInnerTexts();
    await this.page.keyboard.press('Escape');
    return titles.map((t) => t.replace(/\s+/g, ' ').trim());
  }

  /** Opens a file in the first group and waits for its tab: a file opens where the focus is, and that may be a panel's group. */
  async openTab(file: string): Promise<void> {
    await this.command('workbench.action.focusFirstEditorGroup', 'View: Focus First Editor Group');
    await this.quick(file, (list) => list.getByRole('option', { name: file }));
    await this.tab(new RegExp(`^${escape(file)}`)).waitFor();
  }

  /** Opens a file of the workspace and waits for its text. */
  async open(file: string): Promise<void> {
    await this.openTab(file);
    await this.editor(file).locator('.view-line').first().waitFor();
  }

  editor(file: string): Locator {
    return this.page.locator(`.editor-instance .monaco-editor[data-uri$="/${file}"]`).first();
  }

  tab(name: string | RegExp): Locator {
    return this.page.getByRole('tab', { name });
  }

  /** Whether the keyboard is in the text of a file. */
  hasFocus(file: string): Promise<boolean> {
    return this.editor(file).and(this.page.locator('.focused')).count().then((n) => n > 0);
  }

  /** Squiggles under a file's text, of any severity. */
  squiggles(file: string): Locator {
    return this.editor(file).locator('.squiggly-error, .squiggly-warning, .squiggly-info, .squiggly-hint');
  }

  /** A token as VS Code renders it: one span each once the grammar is loaded. */
  token(file: string, text: string): Locator {
    return this.editor(file).locator('.view-line > span > span').filter({ hasText: new RegExp(`^\\s*${escape(text)}\\s*$`) }).first();
  }

  /** Puts the cursor at a place, counted from 1, and the keyboard into the text. */
  async goTo(file: string, line: number, column = 1): Promise<void> {
    await this.editor(file).click();
    await this.page.keyboard.press('Control+G');
    const input = this.page.locator('.quick-input-widget .quick-input-box input');
    await input.fill(`:${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await input.waitFor({ state: 'hidden' });
    await this.page.locator('[id="status.editor.selection"]').filter({ hasText: `Ln ${line}, Col ${column}` }).waitFor();
  }

  /** Middle of the first visible occurrence of a text within one line, wherever VS Code cuts it into tokens. */
  private async placeOf(file: string, text: string): Promise<{ x: number; y: number }> {
    await this.editor(file).locator('.view-line').filter({ hasText: text }).first().waitFor();
    // As text: this file is checked without the browser's types.
    const found = await this.page.evaluate(`(() => {
      const [file, text] = ${JSON.stringify([`/${file}`, text])};
      for (const line of document.querySelectorAll('.editor-instance .monaco-editor[data-uri$="' + file + '"] .view-line')) {
        const at = line.textContent.indexOf(text);
        if (at < 0) continue;
        const nodes = [];
        const walk = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        while (walk.nextNode()) nodes.push(walk.currentNode);
        let before = 0;
        for (const node of nodes) {
          const middle = at + Math.floor(text.length / 2);
          if (middle < before + node.length) {
            const range = document.createRange();
            range.setStart(node, middle - before);
            range.setEnd(node, middle - before + 1);
            const box = range.getBoundingClientRect();
            return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
          }
          before += node.length;
        }
      }
      return null;
    })()`);
    if (!found) throw new Error(`"${text}" is not visible in ${file}`);
    return found as { x: number; y: number };
  }

  /** Rests the mouse on a text and returns the hover that has `want` in it. */
  async hover(file: string, text: string, want: RegExp): Promise<string> {
    const popup = this.page.locator('.monaco-resizable-hover .monaco-hover:not(.hidden) .monaco-hover-content').filter({ hasText: want });
    for (let attempt = 1; ; attempt++) {
      const { x, y } = await this.placeOf(file, text);
      await this.page.mouse.move(x + 3, y); // two moves: the first alone may be taken for none
      await this.page.mouse.move(x, y);
      try {
        await popup.waitFor({ state: 'visible', timeout: 4_000 });
        return await popup.innerText();
      } catch (e) {
        this.retries.push(`hover ${text}`);
        if (attempt === 4) throw e;
        await this.page.mouse.move(700, 5);
      }
    }
  }

  /** Rows of the Problems panel, once one of them has `want` in it. The panel is closed again. */
  async problemRows(want: RegExp): Promise<string[]> {
    await this.command('workbench.actions.view.problems', 'View: Focus Problems');
    const rows = this.page.locator('.markers-panel .monaco-list-row');
    await rows.filter({ hasText: want }).first().waitFor();
    const texts = await rows.allInnerTexts();
    await this.command('workbench.action.closePanel', 'View: Hide Panel');
    await this.page.locator('.markers-panel').waitFor({ state: 'hidden' });
    return texts.map((t) => t.replace(/\s+/g, ' ').trim());
  }

  /** Takes one of the entries that the bulb offers at the cursor, and returns the titles of all. */
  async quickFix(file: string, title: RegExp): Promise<string[]> {
    const rows = this.page.locator('.action-widget .monaco-list-row.action');
    for (let attempt = 1; ; attempt++) {
      await this.editor(file).locator('.native-edit-context, textarea.inputarea').first().focus();
      await this.page.keyboard.press('Control+.');
      try {
        await rows.filter({ hasText: title }).first().waitFor({ timeout: 5_000 });
        break;
      } catch (e) {
        this.retries.push(`quick fix ${title}`);
        await this.page.keyboard.press('Escape');
        if (attempt === 4) throw e;
      }
    }
    const titles = (await rows.allInnerTexts()).map((t) => t.replace(/\s+/g, ' ').trim());
    await rows.filter({ hasText: title }).first().click();
    return titles;
  }

  /** Waits until the Problems panel has no row with `gone` in it; returns what is left. The panel is closed again. */
  async problemsWithout(gone: RegExp): Promise<string[]> {
    await this.command('workbench.actions.view.problems', 'View: Focus Problems');
    const rows = this.page.locator('.markers-panel .monaco-list-row');
    await this.page.locator('.markers-panel').waitFor();
    await waitFor(`the end of ${gone} in the Problems panel`, 20_000, async () => (await rows.filter({ hasText: gone }).count()) === 0);
    const texts = await rows.allInnerTexts();
    await this.command('workbench.action.closePanel', 'View: Hide Panel');
    await this.page.locator('.markers-panel').waitFor({ state: 'hidden' });
    return texts.map((t) => t.replace(/\s+/g, ' ').trim());
  }

  /** Changes a setting in the workspace: the user's own file is read only when the page loads. */
  async setting(key: string, value: unknown): Promise<void> {
    this.workspaceSettings[key] = value;
    const file = path.join(this.server.workspace, '.vscode', 'settings.json');
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(`${file}.part`, JSON.stringify(this.workspaceSettings, null, 2));
    await rename(`${file}.part`, file); // VS Code watches it: never half a file
  }

  async theme(name: ThemeName): Promise<void> {
    await this.setting('workbench.colorTheme', THEMES[name].id);
    await this.drawn(name);
  }

  /** Waits until the workbench is drawn in a theme, which is later than the setting. */
  private async drawn(name: ThemeName): Promise<void> {
    await this.page.locator(`.monaco-workbench[class*="themes-${THEMES[name].drawn}"]`).waitFor();
  }

  /** The inside of the one visible webview of an extension; found anew at each use, so it outlives the webview's page. */
  webview(extensionId: string): FrameLocator {
    return this.page.frameLocator(`iframe.webview.ready[src*="extensionId=${extensionId}&"]`).frameLocator('iframe#active-frame');
  }

  /** What the screen shows of an element. */
  async pixels(element: Locator): Promise<Pixels> {
    const png = (await element.screenshot({ animations: 'disabled' })).toString('base64');
    this.decoder ??= await this.page.context().newPage();
    // As text: this file is checked without the browser's types.
    const [width, height, data] = await this.decoder.evaluate(`(async () => {
      const bytes = Uint8Array.from(atob(${JSON.stringify(png)}), (c) => c.charCodeAt(0));
      const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
      canvas.drawImage(picture, 0, 0);
      const { data } = canvas.getImageData(0, 0, picture.width, picture.height);
      let text = '';
      for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192));
      return [picture.width, picture.height, btoa(text)];
    })()`) as [number, number, string];
    return { width, height, data: Buffer.from(data, 'base64') };
  }

  /** A picture of the whole window. */
  async shot(name: string): Promise<void> {
    await this.page.screenshot({ path: path.join(this.artifacts, `${name}.png`), animations: 'disabled', caret: 'hide' });
  }

  /** All that a log has so far: "remoteexthost", or the name of an extension's log channel. */
  async log(name: string): Promise<string> {
    const logs = path.join(this.server.userData, 'logs');
    const files = (await readdir(logs, { recursive: true })).filter((f) => f.endsWith(`${name}.log`)).sort();
    return (await Promise.all(files.map((f) => readFile(path.join(logs, f), 'utf8')))).join('');
  }

  /** Waits until a log matches; it is written a moment after the event. */
  logged(name: string, want: RegExp): Promise<string> {
    return waitFor(`${want} in the log ${name}`, 10_000, async () => {
      const text = await this.log(name);
      return want.test(text) && text;
    });
  }
}
