// The one door to what stands behind the panel: the host of the editor, or in a report the snapshot inside the page.
import { Fault } from '../src/contract/fault.ts';
import { Endpoint, type Client, type Line, type Server } from '../src/contract/rpc.ts';
import type { HostMethods, PanelSnapshot, ViewMethods } from '../src/contract/view.ts';
import { readSnapshot } from './snapshot.ts';

interface EditorApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare const acquireVsCodeApi: (() => EditorApi) | undefined;

export interface Link {
  /** Null in a report: there is nobody to command. */
  host: Client<HostMethods> | null;
  /** What `save` kept before the page was last thrown away. */
  saved: unknown;
  save(state: object): void;
  /** The first snapshot; later ones come through `view.show`. */
  first(): Promise<PanelSnapshot>;
}

export function openLink(view: Server<ViewMethods>): Link {
  const embedded = document.getElementById('snapshot');
  if (embedded) return { host: null, saved: null, save() {}, first: async () => readSnapshot(embedded.textContent ?? '') };
  if (typeof acquireVsCodeApi !== 'function') {
    const nobody = new Fault('protocol', 'This page has neither an editor behind it nor data inside it. Open it from the editor, or make a report.');
    return { host: null, saved: null, save() {}, first: () => Promise.reject(nobody) };
  }
  const api = acquireVsCodeApi();
  const line: Line = {
    post: (frame) => api.postMessage(frame),
    listen(receive) {
      const heard = (event: MessageEvent): void => receive(event.data);
      window.addEventListener('message', heard);
      return () => window.removeEventListener('message', heard);
    },
  };
  const host = new Endpoint<HostMethods, ViewMethods>(line, view);
  return { host, saved: api.getState(), save: (state) => api.setState(state), first: () => host.call('ready', null) };
}
