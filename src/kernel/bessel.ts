// The scaled modified Bessel functions e^{-x} I_m(x), m = 0, 1, 2. Knows nothing else.

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

/** Intervals on each of which a polynomial of 20 terms is e^{-x} I_m(x) to the last digits. */
const ENDS = [0, 2, 5, 11, 25];
const TERMS = 20;

/** Chebyshev coefficients, fitted once to the power series: per interval the three orders one after another. */
const FITTED = ENDS.slice(1).map((high, k) => {
  const low = ENDS[k]!;
  const out = new Float64Array(3 * TERMS);
  for (let m = 0; m < 3; m++) {
    const values = Array.from({ length: TERMS }, (_, i) => scaledBesselI(m, (low + high) / 2 + ((high - low) / 2) * Math.cos((Math.PI * (i + 0.5)) / TERMS)));
    for (let n = 0; n < TERMS; n++) {
      let sum = 0;
      for (let i = 0; i < TERMS; i++) sum += values[i]! * Math.cos((Math.PI * n * (i + 0.5)) / TERMS);
      out[m * TERMS + n] = (sum * (n ? 2 : 1)) / TERMS;
    }
  }
  return out;
});

/** Coefficients of Hankel's series in 1/x, order after order. */
const HANKEL_TERMS = 20;
const HANKEL = [0, 1, 2].map((m) => {
  const out = new Float64Array(HANKEL_TERMS);
  out[0] = 1;
  for (let k = 1; k < HANKEL_TERMS; k++) out[k] = (-out[k - 1]! * (4 * m * m - (2 * k - 1) ** 2)) / (8 * k);
  return out;
});
const [HANKEL_0, HANKEL_1, HANKEL_2] = HANKEL as [Float64Array, Float64Array, Float64Array];

/** All three orders at once into out[0..2], to about 1e-15 of the first; x >= 0. Some ten times faster than one by one. */
export function scaledBesselTriple(x: number, out: Float64Array): void {
  if (x < 25) {
    const k = x < 2 ? 0 : x < 5 ? 1 : x < 11 ? 2 : 3;
    const c = FITTED[k]!;
    const u = (2 * (2 * x - ENDS[k]! - ENDS[k + 1]!)) / (ENDS[k + 1]! - ENDS[k]!); // twice the variable, as Clenshaw takes it
    let a0 = 0;
    let a1 = 0;
    let b0 = 0;
    let b1 = 0;
    let c0 = 0;
    let c1 = 0;
    for (let n = TERMS - 1; n > 0; n--) {
      const p = u * a0 - a1 + c[n]!;
      const q = u * b0 - b1 + c[TERMS + n]!;
      const r = u * c0 - c1 + c[2 * TERMS + n]!;
      a1 = a0;
      a0 = p;
      b1 = b0;
      b0 = q;
      c1 = c0;
      c0 = r;
    }
    out[0] = (u * a0) / 2 - a1 + c[0]!;
    out[1] = (u * b0) / 2 - b1 + c[TERMS]!;
    out[2] = (u * c0) / 2 - c1 + c[2 * TERMS]!;
    return;
  }
  const t = 1 / x;
  let a = 0;
  let b = 0;
  let c = 0;
  for (let n = x < 60 ? HANKEL_TERMS - 1 : x < 400 ? 12 : x < 20000 ? 7 : 4; n >= 0; n--) {
    a = a * t + HANKEL_0[n]!;
    b = b * t + HANKEL_1[n]!;
    c = c * t + HANKEL_2[n]!;
  }
  const root = Math.sqrt(t / (2 * Math.PI));
  out[0] = a * root;
  out[1] = b * root;
  out[2] = c * root;
}
