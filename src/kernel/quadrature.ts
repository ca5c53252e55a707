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
export const GAUSS_24 = legendreRule(24);
