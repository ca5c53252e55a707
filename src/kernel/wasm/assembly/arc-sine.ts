// The arc sine, two numbers at a time. Knows nothing else.

/**
 * Q of asin x = x + x z Q(z), z = x^2 in [0, 1/4]: the Taylor series interpolated at 12 Chebyshev points, z Q good
 * to 6e-17. In memory, because a load costs less than a constant in the code.
 */
const Q = memory.data<f64>([
  0.1666666666666665, 0.07500000000020764, 0.044642857103423646, 0.03038194736709848,
  0.02237204763174451, 0.017355259955786323, 0.013929652902326633, 0.011875494382636922,
  0.0078029494773533175, 0.01603551434914882, -0.010749050339697808, 0.028169218060881414,
]);

// @ts-ignore: decorator
@inline function coefficient(n: i32): v128 {
  return v128.load64_splat(Q + (<usize>n << 3));
}

// @ts-ignore: decorator
@inline function step(sum: v128, w: v128, n: i32): v128 {
  return f64x2.add(f64x2.mul(sum, w), coefficient(n));
}

/** asin x of 0 <= x <= 1/2, given z = x^2; good to two units in the last place. */
// @ts-ignore: decorator
@inline export function arcSine(x: v128, z: v128): v128 {
  const zz = f64x2.mul(z, z);
  let even = step(coefficient(10), zz, 8);
  let odd = step(coefficient(11), zz, 9);
  odd = step(odd, zz, 7);
  even = step(even, zz, 6);
  odd = step(odd, zz, 5);
  even = step(even, zz, 4);
  odd = step(odd, zz, 3);
  even = step(even, zz, 2);
  odd = step(odd, zz, 1);
  even = step(even, zz, 0);
  return f64x2.add(x, f64x2.mul(f64x2.mul(x, z), f64x2.add(even, f64x2.mul(odd, z))));
}

/** Lanes where the sine is above 1/2: there arccos s = 2 asin sqrt((1 - s)/2) serves. */
// @ts-ignore: decorator
@inline export function steep(sine: v128): v128 {
  return f64x2.gt(f64x2.abs(sine), f64x2.splat(0.5));
}
