// erf to double precision, by its two convergent expansions. Knows no kernel.

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

/** exp(-x^2) with the rounding of x^2 put back, so that the tail keeps its relative accuracy. */
function gaussian(x: number): number {
  const head = Math.fround(x);
  return Math.exp(-head * head) * Math.exp(-(x - head) * (x + head));
}

/**
 * erf(x). Below 2.5 the series of positive terms 2/sqrt(pi) e^{-x^2} sum 2^n x^{2n+1}/(2n+1)!!
 * (Abramowitz and Stegun 7.1.6), above it the continued fraction of erfc (7.1.14).
 */
export function erf(x: number): number {
  const r = Math.abs(x);
  if (r < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 80; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
      if (Math.abs(term) < 1e-17 * Math.abs(sum)) break;
    }
    return TWO_OVER_SQRT_PI * gaussian(x) * sum;
  }
  if (r > 6) return Math.sign(x);
  let fraction = r;
  for (let n = 60; n > 0; n--) fraction = r + n / 2 / fraction;
  return Math.sign(x) * (1 - gaussian(r) / (Math.sqrt(Math.PI) * fraction));
}

/** Density and distribution function of the standard normal. */
export const normalDensity = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
export const normalDistribution = (x: number): number => (1 + erf(x / Math.SQRT2)) / 2;
