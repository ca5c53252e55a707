// What a plot is: one file each, listed in index.ts. Knows no particular plot.
import type { AnalysisResult } from '../../src/contract/result.ts';
import type { Table } from '../sections/table.ts';
import type { Theme } from '../theme.ts';
import type { Chart } from './chart.ts';

export interface Plot {
  id: string;
  title: string;
  /** Null if it can be drawn, otherwise why not. */
  needs(result: AnalysisResult): string | null;
  draw(canvas: HTMLCanvasElement, result: AnalysisResult, theme: Theme): Chart;
  table(result: AnalysisResult): Table;
  /** The finding in words, for those who do not see the picture. */
  describe(result: AnalysisResult): string;
  /** Names the part of the analysis that a press of a button would add, where there is one. */
  offer?: { text: string; finiteWidth: boolean };
}
