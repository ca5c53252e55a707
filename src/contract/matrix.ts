// Matrices as they cross the lines between rooms: flat, row-major, float64. Knows no arithmetic.

/** A rows x cols matrix, row-major. `im` is absent for a real matrix. */
export interface ComplexMatrix {
  rows: number;
  cols: number;
  re: Float64Array;
  im?: Float64Array;
}

/** `[re, im]`. */
export type Complex = [number, number];
