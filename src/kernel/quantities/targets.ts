// What a network is trained towards: targets made from the classes of the inputs, or random ones where there are none.
import type { TargetName } from '../../contract/result.ts';
import type { Columns } from '../algebra/diagonalise.ts';
import { normals } from '../algebra/random.ts';

/** Beyond this many classes one output a class is left out: the phases stand for all. */
export const MOST_OUTPUTS = 16;

export interface Labels {
  /** Class of each sample, 0 .. classes-1 as they occur. */
  of: Int32Array;
  classes: number;
}

/** Labels renumbered over the classes that occur; null with fewer than two. */
export function labelsOf(labels: Int32Array | null): Labels | null {
  if (!labels) return null;
  const seen = [...new Set(labels)].sort((a, b) => a - b);
  if (seen.length < 2) return null;
  const number = new Map(seen.map((c, i) => [c, i]));
  return { of: labels.map((c) => number.get(c)!), classes: seen.length };
}

/** exp(2 pi i k / K) for k = 0 .. K-1. */
export function phasesOf(classes: number): [number, number][] {
  return Array.from({ length: classes }, (_, k) => [Math.cos((2 * Math.PI * k) / classes), Math.sin((2 * Math.PI * k) / classes)]);
}

export interface Targets {
  name: TargetName;
  description: string;
  outputs: number;
  /** The targets as combinations of the base columns: (base columns) x (outputs of the combination), row-major; null: the base itself. */
  mix: Columns | null;
}

/** Base columns whose evolution gives that of every kind of targets, by linearity. */
export interface TargetSet {
  base: Columns;
  targets: Targets[];
}

/**
 * One-hot columns minus their means sum to zero, so K - 1 columns carry them: Y H with the Helmert matrix H, whose norm under any
 * linear map is that of Y. The phases are Y w = (Y H)(H^T w).
 */
export function targetSet(samples: number, labels: Labels | null, complex: boolean, whyNone: string): TargetSet {
  if (!labels) {
    const draw = normals(0);
    const normal = (on: boolean) => Float64Array.from({ length: samples }, () => (on ? draw() : 0));
    return {
      base: { columns: 1, re: normal(true), im: normal(complex) },
      targets: [{ name: 'random', description: `${complex ? 'circular complex' : 'real'} normal numbers, seed 0 (${whyNone})`, outputs: 1, mix: null }],
    };
  }
  const { of, classes } = labels;
  const count = new Float64Array(classes);
  for (const c of of) count[c]!++;
  const phases = phasesOf(classes);
  const phaseTargets = (mix: Columns | null): Targets => ({ name: 'phases', description: `${classes} classes as the phases exp(2 pi i k/${classes}), minus the mean`, outputs: 1, mix });
  if (classes - 1 > MOST_OUTPUTS) {
    const part = (p: 0 | 1) => {
      const mean = phases.reduce((s, w, k) => s + w[p] * count[k]!, 0) / samples;
      return Float64Array.from(of, (c) => phases[c]![p] - mean);
    };
    return { base: { columns: 1, re: part(0), im: part(1) }, targets: [phaseTargets(null)] };
  }
  const m = classes - 1;
  // Helmert: column j has 1/sqrt(j(j+1)) in rows 0..j-1 and -j/sqrt(j(j+1)) in row j, j = 1..K-1.
  const helmert = (row: number, column: number) => {
    const j = column + 1;
    const scale = 1 / Math.sqrt(j * (j + 1));
    return row < j ? scale : row === j ? -j * scale : 0;
  };
  const re = new Float64Array(samples * m);
  for (let c = 0; c < m; c++) {
    let mean = 0;
    for (let k = 0; k < classes; k++) mean += (helmert(k, c) * count[k]!) / samples;
    for (let i = 0; i < samples; i++) re[i * m + c] = helmert(of[i]!, c) - mean;
  }
  const mixed = (p: 0 | 1) => Float64Array.from({ length: m }, (_, c) => phases.reduce((s, w, k) => s + w[p] * helmert(k, c), 0));
  return {
    base: { columns: m, re, im: new Float64Array(samples * m) },
    targets: [
      { name: 'one-hot', description: `${classes} classes, one output each, minus the mean`, outputs: classes, mix: null },
      ...(complex ? [phaseTargets({ columns: 1, re: mixed(0), im: mixed(1) })] : []),
    ],
  };
}

/** y W for a block of samples; y itself where there is nothing to mix. */
export function mixed(y: Columns, mix: Columns | null): Columns {
  if (!mix) return y;
  const m = y.columns;
  const n = y.re.length / m;
  const out: Columns = { columns: mix.columns, re: new Float64Array(n * mix.columns), im: new Float64Array(n * mix.columns) };
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < m; c++) {
      const a = y.re[i * m + c]!;
      const b = y.im[i * m + c]!;
      for (let k = 0; k < mix.columns; k++) {
        const p = mix.re[c * mix.columns + k]!;
        const q = mix.im[c * mix.columns + k]!;
        out.re[i * mix.columns + k]! += a * p - b * q;
        out.im[i * mix.columns + k]! += a * q + b * p;
      }
    }
  }
  return out;
}
