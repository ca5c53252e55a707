// Gauss-Legendre panels. Knows no activation: callers say where the panels break.

export interface Rule {
  nodes: Float64Array;
  weights: Float64Array;
}

/** Nodes and weights on [-1, 1] by Newton iteration on the Legendre polynomial. */
export function legendreRule(order: number): Rule {
  const nodes = new Float64Array(order);
  const weights = new Float64Array(order);
  for (let i = 0; i < order; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (order + 0.5));
    let slope = 0;
    for (let step = 0; step < 100; step++) {
      let p0 = 1;
      let p1 = x;
      for (let n = 2; n <= order; n++) [p0, p1] = [p1, ((2 * n - 1) * x * p1 - (n - 1) * p0) / n];
      slope = (order * (x * p1 - p0)) / (x * x - 1);
      const dx = p1 / slope;
      x -= dx;
      if (Math.abs(dx) < 1e-16) break;
    }
    nodes[i] = x;
    weights[i] = 2 / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}

/**
 * A rule that tells what it misses: it is exact to twice the degree of the highest Legendre coefficient that its nodes tell, so the
 * error on a panel is about the square of that coefficient over the largest value.
 */
export interface CheckedRule extends Rule {
  /** Weights of the two highest coefficients. */
  last: Float64Array;
  lastButOne: Float64Array;
}

export function checkedRule(order: number): CheckedRule {
  const rule = legendreRule(order);
  const coefficient = (k: number) => rule.nodes.map((x, i) => {
    let p0 = 1;
    let p1 = x;
    for (let n = 2; n <= k; n++) [p0, p1] = [p1, ((2 * n - 1) * x * p1 - (n - 1) * p0) / n];
    return (k + 0.5) * rule.weights[i]! * p1;
  });
  return { ...rule, last: coefficient(order - 1), lastButOne: coefficient(order - 2) };
}

/** Sorted, distinct breaks inside [low, high], both ends included. */
export function breaksWithin(low: number, high: number, inner: Iterable<number>): number[] {
  const smallest = 1e-13 * Math.max(1, Math.abs(low), Math.abs(high));
  const sorted = [...inner].filter((x) => x > low + smallest && x < high - smallest).sort((a, b) => a - b);
  const out = [low];
  for (const x of sorted) if (x - out[out.length - 1]! > smallest) out.push(x);
  out.push(high);
  return out;
}

/** The composite rule over the panels between consecutive breaks. */
export function panelRule(breaks: number[], rule: Rule): Rule {
  const m = rule.nodes.length;
  const count = (breaks.length - 1) * m;
  const nodes = new Float64Array(count);
  const weights = new Float64Array(count);
  for (let k = 0, at = 0; k + 1 < breaks.length; k++) {
    const half = (breaks[k + 1]! - breaks[k]!) / 2;
    const mid = (breaks[k + 1]! + breaks[k]!) / 2;
    for (let i = 0; i < m; i++, at++) {
      nodes[at] = mid + half * rule.nodes[i]!;
      weights[at] = half * rule.weights[i]!;
    }
  }
  return { nodes, weights };
}

/** Breaks at a point and at distances scale * 2^k from it, k = first..last: panels that shrink toward it. */
export function gradedBreaks(centre: number, scale: number, first: number, last: number): number[] {
  const out = [centre];
  for (let k = first; k <= last; k++) out.push(centre - scale * 2 ** k, centre + scale * 2 ** k);
  return out;
}

export const GAUSS_16 = legendreRule(16);
export const GAUSS_20 = legendreRule(20);
export const GAUSS_24 = legendreRule(24);

const SURVEY = 20;
const surveyNodes = Float64Array.from({ length: SURVEY }, (_, k) => Math.cos((Math.PI * (k + 0.5)) / SURVEY));
const MOST_PANELS = 400;

/** Whether functions are polynomials of some twenty terms on [low, top], to 1e-13 of the largest of their group there. @see resolvedBreaks */
export function isResolved(evaluate: (x: number, out: Float64Array) => void, groups: readonly number[], low: number, top: number): boolean {
  const value = new Float64Array(groups.length);
  const rows = new Float64Array(SURVEY * groups.length);
  const scale = new Float64Array(groups.length);
  for (let k = 0; k < SURVEY; k++) {
    evaluate((low + top) / 2 + ((top - low) / 2) * surveyNodes[k]!, value);
    rows.set(value, k * groups.length);
    value.forEach((v, g) => { scale[groups[g]!] = Math.max(scale[groups[g]!]!, Math.abs(v)); });
  }
  return groups.every((group, g) => {
    for (const n of [SURVEY - 2, SURVEY - 1]) {
      let c = 0;
      for (let k = 0; k < SURVEY; k++) c += Math.cos((Math.PI * n * (k + 0.5)) / SURVEY) * rows[k * groups.length + g]!;
      if (Math.abs(c) * (2 / SURVEY) > 1e-13 * scale[group]!) return false;
    }
    return true;
  });
}

/**
 * Breaks of [0, high] between which functions are polynomials of some twenty terms, to 1e-13 of the largest of their group there.
 * @param groups for each value the number of its group: values that are compared with one another
 * @param hard breaks known beforehand
 */
export function resolvedBreaks(evaluate: (x: number, out: Float64Array) => void, groups: readonly number[], high: number, hard: Iterable<number>): number[] {
  const out: number[] = [0];
  const cut = (low: number, top: number, depth: number): void => {
    if (depth < 44 && out.length < MOST_PANELS && !isResolved(evaluate, groups, low, top)) {
      const middle = low > 0 && top > 3 * low ? Math.sqrt(low * top) : (low + top) / 2;
      cut(low, middle, depth + 1);
      cut(middle, top, depth + 1);
    } else {
      out.push(top);
    }
  };
  const fixed = breaksWithin(0, high, hard);
  for (let k = 0; k + 1 < fixed.length; k++) cut(fixed[k]!, fixed[k + 1]!, 0);
  return out;
}

/**
 * All hard breaks (sorted, the ends among them) and those soft ones (any order) that are not close to another break: a panel
 * may be a little longer than asked, but not pointlessly short.
 */
export function thinnedBreaks(hard: readonly number[], soft: number[], widest = 0.6): number[] {
  soft.sort((p, q) => p - q);
  const out = [hard[0]!];
  let next = 0;
  for (let h = 1; h < hard.length; h++) {
    const end = hard[h]!;
    const start = out[out.length - 1]!;
    if (end - start < 1e-13) continue;
    const least = Math.min(0.3 * (end - start), widest);
    for (; next < soft.length && soft[next]! < end; next++) {
      const x = soft[next]!;
      const gap = Math.min(least, 0.3 * Math.abs(x));
      if (x - out[out.length - 1]! > gap && end - x > gap) out.push(x);
    }
    out.push(end);
  }
  return out;
}
