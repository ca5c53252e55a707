// Standard normal and uniform numbers from a seed, the same on every machine. Knows nothing of what they are for.

/** splitmix32 finaliser (Steele, Lea and Flood 2014; constants of MurmurHash3). */
const mix = (x: number): number => {
  let z = x | 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
};

/** xoshiro128** (Blackman and Vigna 2021): 32 random bits a call, as a signed integer. */
function xoshiro(seed: readonly number[]): () => number {
  let state = 0x9e3779b9;
  // Each seed number's high word counts too: 2^32 is not 0.
  for (const s of seed) state = mix(mix(state ^ s) + 0x9e3779b9 + Math.imul(Math.floor(s / 2 ** 32), 0x85ebca77));
  const next = (): number => mix((state = (state + 0x9e3779b9) | 0));
  let [a, b, c, d] = [next(), next(), next(), next() | 1]; // never all zero
  return () => {
    const scrambled = Math.imul(b, 5);
    const out = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return out;
  };
}

/** A function that fills arrays with independent standard normals, by Marsaglia's polar method. */
export function normals(seed: readonly number[]): (out: Float32Array) => void {
  const bits = xoshiro(seed);
  let spare: number | null = null;
  return (out) => {
    for (let i = 0; i < out.length; i++) {
      if (spare !== null) {
        out[i] = spare;
        spare = null;
        continue;
      }
      let x: number;
      let y: number;
      let r2: number;
      do {
        x = (bits() + 0.5) / 2 ** 31;
        y = (bits() + 0.5) / 2 ** 31;
        r2 = x * x + y * y;
      } while (r2 >= 1);
      const scale = Math.sqrt((-2 * Math.log(r2)) / r2);
      out[i] = x * scale;
      spare = y * scale;
    }
  };
}

/** A function that fills arrays with independent numbers, uniform and of mean 0 and variance 1. */
export function uniforms(seed: readonly number[]): (out: Float32Array) => void {
  const bits = xoshiro(seed);
  const scale = Math.sqrt(3) / 2 ** 31;
  return (out) => {
    for (let i = 0; i < out.length; i++) out[i] = (bits() + 0.5) * scale;
  };
}
