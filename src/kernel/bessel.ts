// The scaled modified Bessel function e^{-x} I_m(x) for small integer m. Knows nothing else.

/**
 * e^{-x} I_m(x), x >= 0, m = 0, 1, 2: the power series of positive terms below 25 (DLMF 10.25.2),
 * Hankel's asymptotic series above (10.40.1), whose smallest term is of the order e^{-2x}.
 */
export function scaledBesselI(m: number, x: number): number {
  if (x < 25) {
    const q = (x * x) / 4;
    let term = Math.exp(-x);
    for (let k = 1; k <= m; k++) term *= x / 2 / k;
    let sum = term;
    for (let k = 1; k < 120; k++) {
      term *= q / (k * (k + m));
      sum += term;
      if (term < 1e-17 * sum) break;
    }
    return sum;
  }
  const mu = 4 * m * m;
  let term = 1;
  let sum = 1;
  for (let k = 1; k < 40; k++) {
    const next = (-term * (mu - (2 * k - 1) ** 2)) / (k * 8 * x);
    if (Math.abs(next) >= Math.abs(term) && k > m + 1) break;
    term = next;
    sum += term;
    if (Math.abs(term) < 1e-17) break;
  }
  return sum / Math.sqrt(2 * Math.PI * x);
}
