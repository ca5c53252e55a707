// A slow function of a few variables, smooth but for some places: where it is asked often, box by box, polynomials take over. Knows no dual.

/** @returns a bound on the error, relative to the largest of the values around */
export type SlowFunction = (x: Float64Array, out: Float64Array) => number;

export interface Patchwork {
  /** Values at x into out; returns the error as the slow function states it, or that of the polynomial with it. */
  at(x: Float64Array, out: Float64Array): number;
}

export interface Patching {
  /** The box of the variables, and into how many cells each is cut beforehand. An axis of no length has one point. */
  low: number[];
  high: number[];
  cells: number[];
  /** Chebyshev points a box has along an axis of some length. */
  points: number;
  /** How many values the function has. */
  values: number;
  /** What a polynomial may add to the error. */
  tolerance: number;
  slow: SlowFunction;
}

interface Box {
  low: number[];
  high: number[];
  visits: number;
  /** Points along each axis found enough on the lines through the middle; null before they were looked at. */
  surveyed: boolean;
  /** Chebyshev coefficients, the last axis fastest, then the values. */
  coefficients: Float64Array | null;
  error: number;
  halves: [Box, Box] | null;
  axis: number;
}

const SMALLEST = 2 ** -30; // of a cell: what is still not smooth there stays slow

/**
 * Each box counts its visits. One visited as often as a survey costs is surveyed along its axes and halved where a line is
 * not resolved; one visited as often as its grid has points is filled. So never more than about twice the slow calls are spent,
 * and what is asked 10^5 times costs as many evaluations of a polynomial. Which visits come first decides who answers: two
 * orders of asking differ by the tolerance.
 */
export function patchwork({ low, high, cells, points, values, tolerance, slow }: Patching): Patchwork {
  const dimensions = low.length;
  const counts = low.map((l, d) => (high[d]! > l ? points : 1));
  const total = counts.reduce((a, b) => a * b, 1);
  const active = counts.flatMap((c, d) => (c > 1 ? [d] : []));
  const roots = new Map<number, Box>();
  const nodes = Float64Array.from({ length: points }, (_, k) => Math.cos((Math.PI * (k + 0.5)) / points));
  const toCoefficients = Float64Array.from({ length: points * points }, (_, at) => {
    const [n, k] = [Math.floor(at / points), at % points];
    return ((n ? 2 : 1) / points) * Math.cos((Math.PI * n * (k + 0.5)) / points);
  });
  const basis = low.map(() => new Float64Array(points));
  const point = new Float64Array(dimensions);
  const value = new Float64Array(values);
  const scratch = [0, 1].map(() => new Float64Array(total * values));

  const newBox = (l: number[], h: number[]): Box => ({ low: l, high: h, visits: 0, surveyed: false, coefficients: null, error: 0, halves: null, axis: 0 });

  function root(x: Float64Array): Box {
    let key = 0;
    for (let d = 0; d < dimensions; d++) {
      const n = cells[d]!;
      const span = high[d]! - low[d]!;
      const k = span > 0 ? Math.min(n - 1, Math.max(0, Math.floor(((x[d]! - low[d]!) / span) * n))) : 0;
      key = key * n + k;
    }
    let box = roots.get(key);
    if (!box) {
      const index: number[] = [];
      for (let d = dimensions - 1, rest = key; d >= 0; d--) {
        index[d] = rest % cells[d]!;
        rest = Math.floor(rest / cells[d]!);
      }
      const edge = (d: number, k: number) => low[d]! + ((high[d]! - low[d]!) * k) / cells[d]!;
      box = newBox(index.map((k, d) => edge(d, k)), index.map((k, d) => edge(d, k + 1)));
      roots.set(key, box);
    }
    return box;
  }

  const place = (box: Box, d: number, k: number): number => (counts[d] === 1 ? box.low[d]! : (box.low[d]! + box.high[d]!) / 2 + ((box.high[d]! - box.low[d]!) / 2) * nodes[k]!);

  /** How much of the values along the middle line of an axis its polynomial leaves unresolved. */
  function unresolved(box: Box, axis: number): number {
    for (let d = 0; d < dimensions; d++) point[d] = (box.low[d]! + box.high[d]!) / 2;
    const line = new Float64Array(points * values);
    for (let k = 0; k < points; k++) {
      point[axis] = place(box, axis, k);
      slow(point, value);
      line.set(value, k * values);
    }
    let worst = 0;
    for (let v = 0; v < values; v++) {
      let scale = 0;
      let last = 0;
      for (let k = 0; k < points; k++) scale = Math.max(scale, Math.abs(line[k * values + v]!));
      for (const n of [points - 2, points - 1]) {
        let c = 0;
        for (let k = 0; k < points; k++) c += toCoefficients[n * points + k]! * line[k * values + v]!;
        last = Math.max(last, Math.abs(c) * (n === points - 1 ? 1 : 0.25)); // the last but one decays once more
      }
      if (scale > 0) worst = Math.max(worst, last / scale);
    }
    return worst;
  }

  function halve(box: Box, axis: number): void {
    const middle = (box.low[axis]! + box.high[axis]!) / 2;
    const cell = (high[axis]! - low[axis]!) / cells[axis]!;
    if (box.high[axis]! - box.low[axis]! < SMALLEST * cell) {
      box.visits = -Infinity;
      return;
    }
    box.axis = axis;
    box.halves = [newBox(box.low, box.high.with(axis, middle)), newBox(box.low.with(axis, middle), box.high)];
  }

  function survey(box: Box): void {
    box.surveyed = true;
    let worst = tolerance;
    let axis = -1;
    for (const d of active) {
      const left = unresolved(box, d);
      if (left > worst) [worst, axis] = [left, d];
    }
    if (axis >= 0) halve(box, axis);
  }

  function fill(box: Box): void {
    const [grid, other] = scratch as [Float64Array, Float64Array];
    let stated = 0;
    for (let at = 0; at < total; at++) {
      for (let d = dimensions - 1, rest = at; d >= 0; d--) {
        point[d] = place(box, d, rest % counts[d]!);
        rest = Math.floor(rest / counts[d]!);
      }
      stated = Math.max(stated, slow(point, value));
      grid.set(value, at * values);
    }
    let [from, to] = [grid, other];
    for (let d = 0, stride = (total / counts[0]!) * values; d < dimensions; d++, stride = d < dimensions ? stride / counts[d]! : 1) {
      if (counts[d] === 1) continue;
      to.fill(0);
      const block = stride * points;
      for (let start = 0; start < total * values; start += block) {
        for (let n = 0; n < points; n++) {
          for (let k = 0; k < points; k++) {
            const m = toCoefficients[n * points + k]!;
            for (let r = 0; r < stride; r++) to[start + n * stride + r]! += m * from[start + k * stride + r]!;
          }
        }
      }
      [from, to] = [to, from];
    }
    // What the highest degree along an axis still carries bounds what is left out: the coefficients decay from there.
    const scale = new Float64Array(values);
    for (let at = 0; at < total; at++) for (let v = 0; v < values; v++) scale[v] = Math.max(scale[v]!, Math.abs(from[at * values + v]!));
    let worst = 0;
    let axis = 0;
    for (const d of active) {
      const inner = counts.slice(d + 1).reduce((a, b) => a * b, 1);
      const sum = new Float64Array(values);
      for (let at = 0; at < total; at++) {
        if (Math.floor(at / inner) % points !== points - 1) continue;
        for (let v = 0; v < values; v++) sum[v]! += Math.abs(from[at * values + v]!);
      }
      let left = 0;
      for (let v = 0; v < values; v++) if (scale[v]! > 0) left = Math.max(left, sum[v]! / scale[v]!);
      if (left > worst) [worst, axis] = [left, d];
    }
    if (worst > 4 * tolerance) {
      halve(box, axis);
      return;
    }
    box.coefficients = from.slice();
    box.error = stated + 2 * worst;
  }

  function polynomial(box: Box, x: Float64Array, out: Float64Array): void {
    for (const d of active) {
      const u = (2 * x[d]! - box.low[d]! - box.high[d]!) / (box.high[d]! - box.low[d]!);
      const t = basis[d]!;
      t[0] = 1;
      t[1] = u;
      for (let n = 2; n < points; n++) t[n] = 2 * u * t[n - 1]! - t[n - 2]!;
    }
    let from = box.coefficients!;
    let size = total * values;
    let side = 0;
    for (const d of active) {
      const t = basis[d]!;
      const to = scratch[side]!;
      side = 1 - side;
      size /= points;
      for (let r = 0; r < size; r++) {
        let sum = from[r]!;
        for (let n = 1, at = r + size; n < points; n++, at += size) sum += t[n]! * from[at]!;
        to[r] = sum;
      }
      from = to;
    }
    for (let v = 0; v < values; v++) out[v] = from[v]!;
  }

  return {
    at(x, out) {
      let box = root(x);
      while (box.halves) box = box.halves[x[box.axis]! < box.halves[1].low[box.axis]! ? 0 : 1];
      if (!box.coefficients) {
        box.visits++;
        if (!box.surveyed && box.visits > 2 * active.length * points) survey(box);
        else if (box.surveyed && box.visits > total) fill(box);
      }
      if (!box.coefficients) return slow(x, out);
      polynomial(box, x, out);
      return box.error;
    },
  };
}
