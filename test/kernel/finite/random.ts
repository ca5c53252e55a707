// Standard normal numbers from a seed. Knows nothing of networks.

// Marsaglia and Tsang's ziggurat, 128 layers of equal area under exp(-x^2/2); the tail begins at TAIL.
const LAYERS = 128;
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;
const density = (x: number): number => Math.exp(-0.5 * x * x);

const edge = new Float64Array(LAYERS + 1);
const height = new Float64Array(LAYERS + 1);
edge[0] = AREA / density(TAIL);
edge[1] = TAIL;
for (let k = 2; k < LAYERS; k++) edge[k] = Math.sqrt(-2 * Math.log(AREA / edge[k - 1]! + density(edge[k - 1]!)));
for (let k = 0; k <= LAYERS; k++) height[k] = density(edge[k]!);

/** Fills arrays with independent standard normals, times a scale. The same seed gives the same numbers. */
export type FillNormal = (out: Float64Array, scale: number) => void;

/** Uniform 32-bit words from sfc32. */
export function normalsFrom(seed: number): FillNormal {
  let a = seed | 0;
  let b = 0x9e3779b9 | 0;
  let c = 0x243f6a88 | 0;
  let counter = 1;
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t;
  };
  const uniform = (): number => ((next() >>> 0) + 0.5) / 2 ** 32;
  const one = (): number => {
    for (;;) {
      const word = next();
      const layer = word & 127;
      // The layer takes the low bits; the place comes from another word, so that both are independent.
      const x = (next() / 2 ** 31) * edge[layer]!;
      if (Math.abs(x) < edge[layer + 1]!) return x;
      if (layer === 0) {
        for (;;) {
          const u = -Math.log(uniform()) / TAIL;
          const v = -Math.log(uniform());
          if (2 * v > u * u) return word < 0 ? -TAIL - u : TAIL + u;
        }
      }
      if (height[layer]! + uniform() * (height[layer + 1]! - height[layer]!) < density(x)) return x;
    }
  };
  for (let i = 0; i < 16; i++) next();
  return (out, scale) => {
    for (let k = 0; k < out.length; k++) out[k] = scale * one();
  };
}
