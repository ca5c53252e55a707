// One square matrix as a .npy file that is filled by blocks in any order, for matrices larger than memory. Knows no kernel.
import { ftruncateSync, openSync, closeSync, writeSync } from 'node:fs';
import { npyHeader } from './npy.ts';

export interface NpyMatrix {
  path: string;
  /** n x n, row-major; complex128 or float64. */
  n: number;
  complex: boolean;
  dataOffset: number;
}

const itemBytes = (m: Pick<NpyMatrix, 'complex'>): number => (m.complex ? 16 : 8);

/** Size of the file, header included. */
export const npyMatrixBytes = (m: NpyMatrix): number => m.dataOffset + m.n * m.n * itemBytes(m);

export function describeNpyMatrix(path: string, n: number, complex: boolean): NpyMatrix {
  return { path, n, complex, dataOffset: npyHeader(complex ? '<c16' : '<f8', [n, n]).length };
}

/** Makes the file at its full size, all zeros. Throws what the file system throws. */
export function createNpyMatrix(m: NpyMatrix): void {
  const file = openSync(m.path, 'w');
  try {
    writeSync(file, npyHeader(m.complex ? '<c16' : '<f8', [m.n, m.n]));
    ftruncateSync(file, npyMatrixBytes(m));
  } finally {
    closeSync(file);
  }
}

export interface NpyMatrixWriter {
  /** A block rows x columns, row-major, and the conjugate of its mirror image. */
  write(rows: readonly [number, number], columns: readonly [number, number], re: Float64Array, im: Float64Array | null): void;
  close(): void;
}

export function openNpyMatrix(m: NpyMatrix): NpyMatrixWriter {
  const file = openSync(m.path, 'r+');
  const parts = m.complex ? 2 : 1;
  /** One stretch of a row, from column `from` on. */
  const put = (row: number, from: number, values: Float64Array): void => {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const at = m.dataOffset + (row * m.n + from) * itemBytes(m);
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, at + done);
  };
  return {
    write(rows, columns, re, im) {
      const height = rows[1] - rows[0];
      const width = columns[1] - columns[0];
      const diagonal = rows[0] === columns[0];
      const along = new Float64Array(width * parts);
      for (let i = 0; i < height; i++) {
        for (let j = 0; j < width; j++) {
          // On the diagonal the upper half counts, so that both halves are each other's conjugates to the last bit.
          const at = diagonal && j < i ? j * width + i : i * width + j;
          along[parts * j] = re[at]!;
          if (m.complex) along[2 * j + 1] = diagonal && i === j ? 0 : (im ? (diagonal && j < i ? -im[at]! : im[at]!) : 0);
        }
        put(rows[0] + i, columns[0], along);
      }
      if (diagonal) return;
      const across = new Float64Array(height * parts);
      for (let j = 0; j < width; j++) {
        for (let i = 0; i < height; i++) {
          across[parts * i] = re[i * width + j]!;
          if (m.complex) across[2 * i + 1] = im ? -im[i * width + j]! : 0;
        }
        put(columns[0] + j, rows[0], across);
      }
    },
    close: () => closeSync(file),
  };
}
