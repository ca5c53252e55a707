// The language status item of model files: the verdict, what runs, or what is wrong with the engine.
import * as vscode from 'vscode';
import type { Engine } from './supervise.ts';
import { shownModel, type Entry, type Models } from './models.ts';
import { AGAIN, type CommandId } from './tables.ts';

export interface Status extends vscode.Disposable {
  show(entry: Entry | undefined): void;
}

export function showStatus(selector: vscode.DocumentSelector, models: Models, engine: Engine): Status {
  const item = vscode.languages.createLanguageStatusItem('complexNtk.status', selector);
  item.name = 'Complex NTK';
  const command = (id: CommandId, title: string, ...given: string[]) => { item.command = { command: id, title, arguments: given }; };

  return {
    show(entry) {
      const model = entry ? shownModel(entry) : null;
      item.busy = false;
      item.severity = vscode.LanguageStatusSeverity.Information;
      item.detail = model?.name ?? '';
      if (engine.broken) {
        item.severity = vscode.LanguageStatusSeverity.Error;
        item.text = 'NTK engine stopped';
        item.detail = engine.broken.message;
        return command('complexNtk.restartEngine', 'Restart Engine');
      }
      if (!entry || !model) {
        item.text = 'No network found';
        return command('complexNtk.showLog', 'Show Log');
      }
      const analysis = entry.analyses.get(model.name);
      const word = analysis?.result?.value.verdict.word ?? '';
      switch (models.state(entry, model)) {
        case 'computing':
          item.busy = true;
          item.text = engine.state === 'starting' ? 'NTK: starting the engine' : `NTK: ${analysis!.running!.progress?.message ?? 'waiting'}`;
          return command('complexNtk.cancel', 'Cancel');
        case 'failed':
          item.severity = vscode.LanguageStatusSeverity.Warning;
          item.text = 'NTK: failed';
          item.detail = analysis!.fault!.value.message;
          return command('complexNtk.analyze', 'Try Again', AGAIN);
        case 'fresh':
          item.text = `NTK: ${word}`;
          return command('complexNtk.analyze', 'Show');
        case 'stale':
          item.text = `NTK: ${word}, out of date`;
          return command('complexNtk.analyze', 'Recompute');
        case 'empty':
          item.text = 'NTK: not analyzed';
          return command('complexNtk.analyze', 'Analyze NTK');
      }
    },
    dispose: () => item.dispose(),
  };
}
