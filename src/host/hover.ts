// Shows the hover of the layer under the mouse, from memory alone.
import * as vscode from 'vscode';
import { hoverText } from './hoverText.ts';
import { layerAt, type Models } from './models.ts';
import type { Told } from './severities.ts';

export function provideHovers(selector: vscode.DocumentSelector, models: Models, linkTo: (code: string) => vscode.Uri | null, told: (uri: string) => Told): vscode.Disposable {
  return vscode.languages.registerHoverProvider(selector, {
    provideHover(document, position, token) {
      const entry = models.get(document.uri.toString());
      // After an edit the spans are those of the old text until it is read again.
      if (!entry || token.isCancellationRequested || entry.version !== document.version) return undefined;
      for (const model of entry.parsed.models) {
        const node = layerAt(model, position.line + 1, position.character + 1);
        if (!node) continue;
        const analysis = entry.analyses.get(model.name);
        const markdown = new vscode.MarkdownString(hoverText({
          node,
          result: analysis?.result?.value ?? null,
          fresh: models.state(entry, model) === 'fresh',
          linkTo: (code) => linkTo(code)?.toString() ?? null,
          told: told(entry.uri),
        }), true);
        markdown.isTrusted = { enabledCommands: ['complexNtk.analyze'] };
        return new vscode.Hover(markdown);
      }
      return undefined;
    },
  });
}
