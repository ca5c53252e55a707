// Power series whose coefficients are products of two rows, at many arguments. Knows no orthogonal polynomial.

/** Powers below this are not worth a term, coefficients being at most 1 in norm. */
const NOTHING: f64 = 1e-18;

/**
 * plus[t] = sum_n u[left[t]][n] v[right[t]][n] x[t]^n over n < terms, a multiple of 8, and minus[t] the same at -x[t] where wanted.
 * Even terms in one lane, odd ones in the other.
 */
export function seriesProducts(
  count: i32, left: usize, right: usize, x: usize, u: usize, uRow: i32, v: usize, vRow: i32, terms: i32, plus: usize, minus: usize, both: bool,
): void {
  const bytes = <usize>terms << 3;
  const uBytes = <usize>uRow << 3, vBytes = <usize>vRow << 3;
  for (let t: usize = 0; t < <usize>count; t++) {
    const a = u + <usize>load<u32>(left + (t << 2)) * uBytes;
    const b = v + <usize>load<u32>(right + (t << 2)) * vBytes;
    const argument = load<f64>(x + (t << 3));
    const square = f64x2.splat(argument * argument);
    const fourth = f64x2.mul(square, square);
    const eighth = f64x2.mul(fourth, fourth);
    // Powers of terms 8n + (0, 1) and 8n + (4, 5); the others are these times x^2.
    let p0 = f64x2.replace_lane(f64x2.splat(argument), 0, 1);
    let p1 = f64x2.mul(p0, fourth);
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
    for (let n: usize = 0; n < bytes; n += 64) {
      s0 = f64x2.add(s0, f64x2.mul(f64x2.mul(v128.load(a + n), v128.load(b + n)), p0));
      s1 = f64x2.add(s1, f64x2.mul(f64x2.mul(v128.load(a + n, 16), v128.load(b + n, 16)), p0));
      s2 = f64x2.add(s2, f64x2.mul(f64x2.mul(v128.load(a + n, 32), v128.load(b + n, 32)), p1));
      s3 = f64x2.add(s3, f64x2.mul(f64x2.mul(v128.load(a + n, 48), v128.load(b + n, 48)), p1));
      p0 = f64x2.mul(p0, eighth);
      if (f64x2.extract_lane(p0, 0) < NOTHING) break;
      p1 = f64x2.mul(p1, eighth);
    }
    const sum = f64x2.add(f64x2.add(s0, s2), f64x2.mul(square, f64x2.add(s1, s3)));
    const even = f64x2.extract_lane(sum, 0), odd = f64x2.extract_lane(sum, 1);
    store<f64>(plus + (t << 3), even + odd);
    if (both) store<f64>(minus + (t << 3), even - odd);
  }
}
