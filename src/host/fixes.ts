// The quick fixes at our problems: edits that mend them, and the setting that silences them.
import * as vscode from 'vscode';
import { problemsOf } from './located.ts';
import type { Models } from './models.ts';
import { offersFor, type Place } from './offers.ts';
import { codeOf, isOurs, rangeOf } from './problems.ts';
import { withSilenced } from './severities.ts';

/** Not in the palette: it is given a code and a place. */
const SILENCE = 'complexNtk.silenceProblem';

export function provideFixes(selector: vscode.DocumentSelector, models: Models): vscode.Disposable {
  const provider = vscode.languages.registerCodeActionsProvider(selector, {
    provideCodeActions(document, _range, { diagnostics }) {
      const entry = models.get(document.uri.toString());
      const known = entry && entry.version === document.version ? problemsOf(models, entry) : [];
      const hasWorkspace = (vscode.workspace.workspaceFolders ?? []).length > 0;
      const silenced = new Set<string>();
      return diagnostics.filter(isOurs).flatMap((diagnostic) => {
        const code = codeOf(diagnostic);
        const fix = known.find((one) => one.code === code && one.fix && rangeOf(one.span).isEqual(diagnostic.range))?.fix;
        const again = silenced.has(code);
        silenced.add(code);
        return offersFor({ code, fix }, hasWorkspace).flatMap((offer): vscode.CodeAction[] => {
          const action = new vscode.CodeAction(offer.title, vscode.CodeActionKind.QuickFix);
          action.diagnostics = [diagnostic];
          if (offer.kind === 'fix') {
            action.isPreferred = true;
            action.edit = new vscode.WorkspaceEdit();
            for (const { span, text } of offer.edits) action.edit.replace(document.uri, rangeOf(span), text);
          } else {
            // Several problems of one code: it is offered once.
            if (again) return [];
            action.command = { command: SILENCE, title: offer.title, arguments: [offer.code, offer.place] };
          }
          return [action];
        });
      });
    },
  }, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] });

  const command = vscode.commands.registerCommand(SILENCE, async (code: string, place: Place) => {
    const configuration = vscode.workspace.getConfiguration('complexNtk');
    const there = configuration.inspect('problems');
    const before = place === 'workspace' ? there?.workspaceValue : there?.globalValue;
    await configuration.update('problems', withSilenced(before, code), place === 'workspace' ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global);
  });
  return vscode.Disposable.from(provider, command);
}
