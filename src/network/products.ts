// Products of large float32 matrices on a backend, in tiles that let progress and cancel in. Knows no network.
import type { Tensor, TypedArray } from '@tensorflow/tfjs-core';
import type { Backend } from './backend.ts';
import type { Pace } from './dense.ts';

/** Row-major float32, rows x cols. */
export interface Matrix32 {
  rows: number;
  cols: number;
  data: Float32Array;
}

// About 1 ms natively, 10 ms in WebAssembly, 200 ms in JavaScript.
const TILE_OPERATIONS = 2e8;
/** Rows summed in float32 before float64 takes over. */
const SUMMED_ROWS = 512;

/** Its values, and the tensor gone. (A tidy that returned the values would look for tensors in each of them.) */
function read(t: Tensor): TypedArray {
  const values = t.dataSync();
  t.dispose();
  return values;
}

/** a b, tiled over the rows of a. */
export async function times(a: Matrix32, b: Matrix32, backend: Backend, pace: Pace): Promise<Float32Array> {
  const { tf } = backend;
  const out = new Float32Array(a.rows * b.cols);
  const step = Math.max(1, Math.floor(TILE_OPERATIONS / (2 * a.cols * b.cols)));
  backend.activate();
  const right = tf.tensor2d(b.data, [b.rows, b.cols]);
  try {
    for (let r = 0; r < a.rows; r += step) {
      const rows = Math.min(step, a.rows - r);
      backend.activate();
      out.set(read(tf.tidy(() => tf.matMul(tf.tensor2d(a.data.subarray(r * a.cols, (r + rows) * a.cols), [rows, a.cols]), right))), r * b.cols);
      await pace();
    }
  } finally {
    right.dispose();
  }
  return out;
}

/** a^T b (a.cols x b.cols), tiled over the common rows and over the columns of a; tiles add up in float64. */
export async function transposedTimes(a: Matrix32, b: Matrix32, backend: Backend, pace: Pace): Promise<Float64Array> {
  const { tf } = backend;
  const out = new Float64Array(a.cols * b.cols);
  for (let r = 0; r < a.rows; r += SUMMED_ROWS) {
    const rows = Math.min(SUMMED_ROWS, a.rows - r);
    const step = Math.max(16, Math.floor(TILE_OPERATIONS / (2 * rows * b.cols)));
    backend.activate();
    const right = tf.tensor2d(b.data.subarray(r * b.cols, (r + rows) * b.cols), [rows, b.cols]);
    try {
      for (let c = 0; c < a.cols; c += step) {
        const size = Math.min(step, a.cols - c);
        backend.activate();
        // Transposed here: WebAssembly's product is slow where it is told to transpose.
        const left = new Float32Array(size * rows);
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < size; j++) left[j * rows + i] = a.data[(r + i) * a.cols + c + j]!;
        }
        const tile = read(tf.tidy(() => tf.matMul(tf.tensor2d(left, [size, rows]), right)));
        const at = c * b.cols;
        for (let i = 0; i < tile.length; i++) out[at + i]! += tile[i]!;
        await pace();
      }
    } finally {
      right.dispose();
    }
  }
  return out;
}
