// Puts the problems and findings of the open files into the Problems panel.
import * as vscode from 'vscode';
import type { Severity, Span } from '../contract/graph.ts';
import { problemsOf } from './located.ts';
import type { Models } from './models.ts';
import type { Told } from './severities.ts';

const SOURCE = 'Complex NTK';

const LEVELS: Record<Severity, vscode.DiagnosticSeverity> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
  hint: vscode.DiagnosticSeverity.Hint,
};

export const rangeOf = (span: Span): vscode.Range =>
  new vscode.Range(Math.max(0, span.line - 1), Math.max(0, span.column - 1), Math.max(0, span.endLine - 1), Math.max(0, span.endColumn - 1));

export interface ProblemList extends vscode.Disposable {
  show(uri: string): void;
}

export function listProblems(models: Models, isOpen: (uri: string) => boolean, linkTo: (code: string) => vscode.Uri | null, told: (uri: string) => Told): ProblemList {
  const collection = vscode.languages.createDiagnosticCollection('complex-ntk');
  return {
    show(uri) {
      const entry = models.get(uri);
      const rows = entry && isOpen(uri) ? told(uri)(problemsOf(models, entry)) : [];
      collection.set(vscode.Uri.parse(uri), rows.map(({ code, severity, message, span }) => {
        const diagnostic = new vscode.Diagnostic(rangeOf(span), message, LEVELS[severity]);
        const target = linkTo(code);
        diagnostic.source = SOURCE;
        diagnostic.code = target ? { value: code, target } : code;
        return diagnostic;
      }));
    },
    dispose: () => collection.dispose(),
  };
}

export const isOurs = ({ source }: vscode.Diagnostic): boolean => source === SOURCE;

export const codeOf = ({ code }: vscode.Diagnostic): string => String(typeof code === 'object' ? code.value : code ?? '');

/** Where each code is explained: a line of the page of problems that comes with the extension. */
export function problemPage(page: vscode.Uri, text: string): (code: string) => vscode.Uri | null {
  const lines = new Map(text.split(/\r?\n/).flatMap((line, at) => (line.startsWith('## ') ? [[line.slice(3).trim(), at + 1] as const] : [])));
  return (code) => (lines.has(code) ? page.with({ fragment: `L${lines.get(code)}` }) : null);
}
