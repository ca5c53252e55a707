// Cells of open notebooks: which notebook one belongs to, and the text that it is read in. Reads no model.
import * as vscode from 'vscode';
import { joinCells, type JoinedCells } from '../lang/cells.ts';

export const CELL_SCHEME = 'vscode-notebook-cell';

/** A cell read after those before it. */
export interface CellText {
  notebook: vscode.NotebookDocument;
  joined: JoinedCells;
  /** Its number among `joined`. */
  index: number;
  /** Of the cells before it. */
  before: string[];
}

export function notebookOf(uri: vscode.Uri): vscode.NotebookDocument | undefined {
  if (uri.scheme !== CELL_SCHEME) return undefined;
  const key = uri.toString();
  return vscode.workspace.notebookDocuments.find((notebook) => notebook.getCells().some((cell) => cell.document.uri.toString() === key));
}

/** Undefined for what is no cell of an open notebook. */
export function cellText(document: vscode.TextDocument): CellText | undefined {
  const notebook = notebookOf(document.uri);
  if (!notebook) return undefined;
  const key = document.uri.toString();
  const all = notebook.getCells().filter((cell) => cell.kind === vscode.NotebookCellKind.Code && cell.document.languageId === 'python').map((cell) => cell.document);
  const index = all.findIndex((one) => one.uri.toString() === key);
  if (index < 0) return undefined;
  const cells = all.slice(0, index + 1);
  return { notebook, joined: joinCells(cells.map((cell) => cell.getText())), index, before: cells.slice(0, -1).map((cell) => cell.uri.toString()) };
}

/** Shows a place of a cell within its notebook; false where the document is no cell. */
export async function revealInNotebook(uri: vscode.Uri, selection: vscode.Range): Promise<boolean> {
  const notebook = notebookOf(uri);
  const cell = notebook?.getCells().find((one) => one.document.uri.toString() === uri.toString());
  if (!notebook || !cell) return false;
  const range = new vscode.NotebookRange(cell.index, cell.index + 1);
  const shown = await vscode.window.showNotebookDocument(notebook, { selections: [range], viewColumn: vscode.window.visibleNotebookEditors.find((e) => e.notebook === notebook)?.viewColumn ?? vscode.ViewColumn.One });
  shown.revealRange(range, vscode.NotebookEditorRevealType.InCenterIfOutsideViewport);
  const editor = vscode.window.visibleTextEditors.find((one) => one.document.uri.toString() === uri.toString());
  if (editor) {
    editor.selection = new vscode.Selection(selection.start, selection.end);
    editor.revealRange(selection);
  }
  return true;
}
