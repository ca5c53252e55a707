// Random numbers and complex matrices of the example. Knows no result.
import type { ComplexMatrix } from '../../src/contract/matrix.ts';

/** Park and Miller's generator, and normal numbers from it. */
export function normals(seed: number): () => number {
  let state = seed;
  const uniform = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

export type Full = Required<ComplexMatrix>;

/** x conj(y)^T / columns. */
export function gram(x: Full): Full {
  const { rows: n, cols: d } = x;
  const out: Full = { rows: n, cols: n, re: new Float64Array(n * n), im: new Float64Array(n * n) };
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < d; k++) {
        const [a, b, c, e] = [x.re[i * d + k]!, x.im[i * d + k]!, x.re[j * d + k]!, x.im[j * d + k]!];
        out.re[i * n + j]! += (a * c + b * e) / d;
        out.im[i * n + j]! += (b * c - a * e) / d;
      }
    }
  }
  return out;
}

/** K + share |K|^2 K, entry by entry: positive semi-definite wherever K is. */
export function cubic(k: Full, share = 0.25): Full {
  const factor = k.re.map((x, i) => 1 + share * (x * x + k.im[i]! ** 2));
  return { ...k, re: k.re.map((x, i) => x * factor[i]!), im: k.im.map((x, i) => x * factor[i]!) };
}

export const norm = (...parts: Float64Array[]): number => Math.sqrt(parts.reduce((s, p) => s + p.reduce((t, x) => t + x * x, 0), 0));
export const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, i) => x - b[i]!);
