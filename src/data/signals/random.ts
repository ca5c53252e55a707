// Repeatable random numbers: the same seed and stream give the same numbers on every machine. Knows no signal.

export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal (Box-Muller). */
  normal(): number;
  /** 0 .. n-1. */
  below(n: number): number;
}

/** xoshiro128** (Blackman & Vigna 2018), its state filled by splitmix32 from the seed and the stream's numbers. */
export function randomStream(seed: number, ...stream: number[]): Random {
  let mix = 0x9e3779b9;
  const next32 = () => {
    mix = (mix + 0x9e3779b9) | 0;
    let t = mix ^ (mix >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return (t ^ (t >>> 15)) >>> 0;
  };
  for (const word of [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, ...stream]) {
    mix = (mix ^ word) | 0;
    mix = next32();
  }
  let [a, b, c, d] = [next32() | 1, next32(), next32(), next32()];
  const rotate = (x: number, k: number) => (x << k) | (x >>> (32 - k));
  const bits = () => {
    const out = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11);
    return out;
  };
  const uniform = () => ((bits() >>> 5) * 67108864 + (bits() >>> 6)) / 9007199254740992;
  let spare: number | null = null;
  return {
    uniform,
    normal() {
      if (spare !== null) {
        const out = spare;
        spare = null;
        return out;
      }
      const r = Math.sqrt(-2 * Math.log(1 - uniform()));
      const angle = 2 * Math.PI * uniform();
      spare = r * Math.sin(angle);
      return r * Math.cos(angle);
    },
    below: (n) => Math.floor(uniform() * n),
  };
}
