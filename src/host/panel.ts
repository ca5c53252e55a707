// The one panel beside the code: shows snapshots, and hands on what is asked in it. Knows nothing of what the snapshots say.
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { Fault } from '../contract/fault.ts';
import { Endpoint, type Line, type Progress, type Server } from '../contract/rpc.ts';
import type { HostMethods, PanelSnapshot, ViewMethods } from '../contract/view.ts';
import { panelPage } from './page.ts';
import { paced, type News } from './paced.ts';
import { checked } from './panelQueries.ts';
import { PANEL_TYPE } from './tables.ts';

export interface PanelOptions {
  dist: vscode.Uri;
  icon: { light: vscode.Uri; dark: vscode.Uri };
  server: Server<HostMethods>;
  snapshot(): PanelSnapshot;
  /** Of what the snapshot shows; null where nothing runs or tells of itself. */
  progress(): Progress | null;
  /** A panel that was open before the window was loaded again is back. */
  restored(): void;
  log(text: string): void;
}

export interface Panel extends vscode.Disposable {
  readonly visible: boolean;
  /** Opens it beside the code, or brings it to the front; the focus stays where it is. */
  open(): void;
  /** Sends the snapshot as it is now, or the progress alone, which may come late or not at all. */
  show(what: News): void;
  mark(layer: string | null): void;
}

export function createPanel(options: PanelOptions): Panel {
  let panel: vscode.WebviewPanel | null = null;
  let endpoint: Endpoint<ViewMethods, HostMethods> | null = null;
  const pace = paced(send);
  const gone = () => new Fault('engine-lost', 'The panel was closed.');

  function adopt(one: vscode.WebviewPanel): void {
    panel = one;
    one.iconPath = options.icon;
    one.webview.options = { enableScripts: true, localResourceRoots: [options.dist] };
    // The page is thrown away when hidden and starts anew when shown: each start says `ready` and gets a messenger of its own.
    let receive: (raw: unknown) => void = () => {};
    const line: Line = {
      post: (frame) => void one.webview.postMessage(frame),
      listen(listener) {
        receive = listener;
        return () => { if (receive === listener) receive = () => {}; };
      },
    };
    const renew = () => {
      endpoint?.lose(gone());
      endpoint = new Endpoint<ViewMethods, HostMethods>(line, checked(options.server), undefined, () => options.log('panel: a message that is no frame'));
    };
    one.webview.onDidReceiveMessage((raw: unknown) => {
      if (isReady(raw)) renew();
      receive(raw);
    });
    one.onDidChangeViewState(() => { if (one.visible) pace.tell('all'); });
    one.onDidDispose(() => {
      if (panel !== one) return;
      pace.end();
      endpoint?.lose(gone());
      panel = endpoint = null;
    });
    const resource = (name: string) => one.webview.asWebviewUri(vscode.Uri.joinPath(options.dist, name)).toString();
    one.webview.html = panelPage({
      cspSource: one.webview.cspSource, nonce: randomBytes(18).toString('base64url'), script: resource('webview.js'), style: resource('webview.css'),
    });
  }

  function send(what: News): void {
    if (!panel) return;
    if (what === 'progress') {
      const progress = options.progress();
      if (panel.visible && progress) endpoint?.call('progress', progress).catch(unlessGone);
      return;
    }
    const snapshot = options.snapshot();
    panel.title = snapshot.model === null ? 'Complex NTK' : `NTK of ${snapshot.model}`;
    if (panel.visible) endpoint?.call('show', snapshot).catch(unlessGone);
  }

  const unlessGone = (e: unknown) => {
    if (!(e instanceof Fault && e.kind === 'engine-lost')) options.log(`panel: ${e instanceof Error ? e.stack ?? e.message : String(e)}`);
  };

  const serializer = vscode.window.registerWebviewPanelSerializer(PANEL_TYPE, {
    async deserializeWebviewPanel(one) {
      if (panel) return one.dispose();
      adopt(one);
      options.restored();
    },
  });

  return {
    get visible() { return panel?.visible ?? false; },
    open() {
      if (panel) {
        if (!panel.visible) panel.reveal(undefined, true);
        return pace.tell('all');
      }
      adopt(vscode.window.createWebviewPanel(PANEL_TYPE, 'Complex NTK', { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }));
      pace.tell('all');
    },
    show: pace.tell,
    mark(layer) {
      if (panel?.visible) endpoint?.call('mark', { layer }).catch(unlessGone);
    },
    dispose() {
      serializer.dispose();
      panel?.dispose();
    },
  };
}

function isReady(raw: unknown): boolean {
  const frame = raw as { type?: unknown; method?: unknown } | null;
  return typeof frame === 'object' && frame !== null && frame.type === 'call' && frame.method === 'ready';
}
