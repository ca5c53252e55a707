// The panel's page: a frame for the webview bundle under a strict content security policy. Carries no data; that comes by message.

export interface PageParts {
  /** The editor's own source of webview resources. */
  cspSource: string;
  /** Fresh for each page. */
  nonce: string;
  script: string;
  style: string;
}

const attribute = (value: string) => value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

export function panelPage({ cspSource, nonce, script, style }: PageParts): string {
  // The control library writes a style element of its own and takes the nonce for it from the meta element below.
  const policy = [
    "default-src 'none'", `script-src 'nonce-${nonce}'`, `style-src ${cspSource} 'nonce-${nonce}'`,
    `img-src ${cspSource} data:`, `font-src ${cspSource}`, "base-uri 'none'", "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta property="csp-nonce" content="${attribute(nonce)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${attribute(style)}" nonce="${attribute(nonce)}">
<title>Complex NTK</title>
</head>
<body>
<div id="app"></div>
<script nonce="${attribute(nonce)}" src="${attribute(script)}"></script>
</body>
</html>
`;
}
