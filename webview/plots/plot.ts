// What a plot is: one file each, listed in index.ts. Knows no particular plot.
import type { AnalysisResult } from '../../src/contract/result.ts';
import type { HostMethods } from '../../src/contract/view.ts';
import type { Table } from '../sections/table.ts';
import type { Theme } from '../theme.ts';
import type { Chart } from './chart.ts';

/** The parts of an analysis that are not computed unasked. */
export type Parts = HostMethods['analyze'][0];

/** `pick` is the value chosen for the plot's group; plots of a group without a choice take none. */
export interface Plot {
  id: string;
  title: string;
  /** Null if it can be drawn, otherwise why not. */
  needs(result: AnalysisResult, pick: string): string | null;
  draw(canvas: HTMLCanvasElement, result: AnalysisResult, theme: Theme, pick: string): Chart;
  table(result: AnalysisResult, pick: string): Table;
  /** The finding in words, for those who do not see the picture. */
  describe(result: AnalysisResult, pick: string): string;
  /** The part of the analysis that a press of a button would add, where there is one. */
  offer?: { text: string } & Parts;
}

/** Plots under one heading, and the choice that decides what they show. */
export interface Group {
  id: string;
  title: string;
  plots: readonly Plot[];
  choice?: Choice;
}

export interface Choice {
  /** Where the choice is kept. */
  id: 'targets' | 'activation';
  label: string;
  /** In the order offered; the first is taken where nothing else was chosen. */
  options(result: AnalysisResult): { value: string; text: string }[];
}
