// The plots, in the order of the page. A new plot is a file beside this one and a line here.
import { finiteWidth } from './finite-width.ts';
import type { Plot } from './plot.ts';
import { spectrum } from './spectrum.ts';

export const PLOTS: readonly Plot[] = [spectrum, finiteWidth];
