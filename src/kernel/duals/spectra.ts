// Series coefficients at every standard deviation of a layer: they are smooth in its logarithm, so a few points serve thousands. Knows no series.

const FEW = 24; // fewer standard deviations than this are computed one by one
const POINTS = 16;
const WIDEST = 0.5;
const NARROWEST = 2 ** -9;

const nodes = Float64Array.from({ length: POINTS }, (_, k) => Math.cos((Math.PI * (k + 0.5)) / POINTS));
const barycentric = Float64Array.from({ length: POINTS }, (_, k) => (k % 2 ? -1 : 1) * Math.sin((Math.PI * (k + 0.5)) / POINTS));

/**
 * compute(std) for each of `stds`, where there are many by interpolation in log std at Chebyshev points, checked at members of
 * the list and cut in halves until the check holds: |difference| <= tolerance |row| in the Euclidean norm of each part.
 * @param parts ends of the parts of a row that are compared each by itself
 */
export function acrossStds(stds: readonly number[], parts: readonly number[], compute: (std: number) => Float64Array, tolerance = 2e-13): Float64Array[] {
  const out: Float64Array[] = new Array(stds.length);
  const order = stds.map((_, i) => i).filter((i) => stds[i]! > 0).sort((i, j) => stds[i]! - stds[j]!);
  stds.forEach((s, i) => { if (!(s > 0)) out[i] = compute(s); });
  const direct = (from: number, to: number) => { for (let k = from; k < to; k++) out[order[k]!] ??= compute(stds[order[k]!]!); };

  const fill = (from: number, to: number): void => {
    if (to - from < FEW) return direct(from, to);
    const low = Math.log(stds[order[from]!]!);
    const high = Math.log(stds[order[to - 1]!]!);
    const halves = () => {
      let middle = from;
      while (Math.log(stds[order[middle]!]!) < (low + high) / 2) middle++;
      fill(from, middle);
      fill(middle, to);
    };
    if (high - low > WIDEST) return halves();
    if (high - low < NARROWEST * WIDEST) return direct(from, to); // not smooth on so short a range: a break
    const [centre, half] = [(low + high) / 2, (high - low) / 2];
    const rows = Array.from(nodes, (x) => compute(Math.exp(centre + half * x)));
    const at = (std: number): Float64Array => {
      const x = (Math.log(std) - centre) / half;
      const row = new Float64Array(rows[0]!.length);
      let sum = 0;
      const weights = nodes.map((node, k) => {
        const w = barycentric[k]! / (x - node || 1e-300);
        sum += w;
        return w;
      });
      for (let k = 0; k < POINTS; k++) {
        const w = weights[k]! / sum;
        const from = rows[k]!;
        for (let n = 0; n < row.length; n++) row[n]! += w * from[n]!;
      }
      return row;
    };
    for (const k of [from + Math.ceil((to - from) * 0.05), from + Math.floor((to - from) * 0.52), to - 2]) {
      const exact = compute(stds[order[k]!]!);
      out[order[k]!] = exact;
      if (!agrees(at(stds[order[k]!]!), exact, parts, tolerance)) return halves();
    }
    for (let k = from; k < to; k++) out[order[k]!] ??= at(stds[order[k]!]!);
  };
  fill(0, order.length);
  return out;
}

function agrees(row: Float64Array, exact: Float64Array, parts: readonly number[], tolerance: number): boolean {
  for (let p = 0; p < parts.length; p++) {
    let difference = 0;
    let size = 0;
    for (let n = parts[p - 1] ?? 0; n < parts[p]!; n++) {
      difference += (row[n]! - exact[n]!) ** 2;
      size += exact[n]! ** 2;
    }
    if (difference > tolerance ** 2 * size) return false;
  }
  return true;
}
