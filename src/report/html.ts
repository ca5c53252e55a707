// A result as one page that opens without network: the panel's own bundle with the result embedded. Knows no plot.
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { AnalysisResult } from '../contract/result.ts';
import type { PanelSnapshot } from '../contract/view.ts';
import { finite, kernelArrays, KERNEL_FILE, withKernels } from './json.ts';
import { encodeSnapshot } from './snapshot.ts';
import { renderTable } from './table.ts';

/** The built webview, as text. */
export interface Bundle {
  script: string;
  style: string;
}

/** Above this many bytes of matrices a page is too heavy to open: it shows the numbers and names kernel.npz. */
export const MOST_MATRIX_BYTES = 256e6;

/** The page. Its policy allows exactly the embedded script and style, by hash, and no network. */
export function reportHtml(result: AnalysisResult, bundle: Bundle): string {
  // Hashes are of what the browser sees: it turns CRLF into LF. An end tag inside would cut the element short.
  const script = newlines(bundle.script).replace(/<(?=\/script|!--)/gi, '\\x3c');
  const style = newlines(bundle.style).replace(/<\/(?=style)/gi, '<\\/');
  const title = `${result.model.file === null ? '' : `${basename(result.model.file)} - `}${result.model.name}`;
  const snapshot: PanelSnapshot = {
    title, state: 'fresh', progress: null, fault: null, result: finite(lightened(result)) as AnalysisResult, problems: [],
    models: [result.model.name], model: result.model.name, live: false, activeLayer: null,
  };
  const policy = `default-src 'none'; script-src '${hash(script)}'; style-src '${hash(style)}' '${hash('')}'; img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body data-report="true">
<div id="app"></div>
<noscript><pre>${escaped(renderTable(result, { colour: false, width: 100 }))}</pre></noscript>
<script type="application/json" id="snapshot">${encodeSnapshot(snapshot)}</script>
<script>${script}</script>
</body>
</html>
`;
}

function lightened(result: AnalysisResult): AnalysisResult {
  const bytes = Object.values(kernelArrays(result)).reduce((s, m) => s + m.rows * m.cols * (m.im ? 16 : 8), 0);
  if (bytes <= MOST_MATRIX_BYTES) return result;
  const reason = `too large for this page (${Math.round(bytes / 1e6)} MB in all); it is in ${KERNEL_FILE}`;
  return withKernels(result, (kernel) => (kernel.matrix ? { ...kernel, matrix: null, reason } : kernel));
}

const newlines = (text: string): string => text.replace(/\r\n?/g, '\n').replace(/\0/g, '\ufffd');

const hash = (text: string): string => `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
